"""What goes into the wheel; all the rest stands in pyproject.toml.

The wheel holds one folder with the tree in it, and nothing beside it that anybody could import.
"""

import os
import tempfile

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

FOLDER = "hailo_first_aid"
TREE = ("diagnosis", "inspectors", "utils")
PAGE = f"{FOLDER}.utils.renderers.html"
FLEET_PAGE = f"{FOLDER}.utils.renderers.fleet"
MAN_PAGES = "share/man/man1"


class TreeWithoutSetup(build_py):
    """Takes the modules of the top, but not this one."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """Triples of package, module and file."""
        found = super().find_package_modules(package, package_dir)
        return [module for module in found if module[1] != "setup"]


packages = find_packages(include=[name for top in TREE for name in (top, f"{top}.*")])
# Nothing is built inside the checkout, where files of an older version would come along.
work = tempfile.TemporaryDirectory()
os.mkdir(os.path.join(work.name, "info"))
setup(
    packages=[FOLDER, *(f"{FOLDER}.{name}" for name in packages)],
    package_dir={FOLDER: "."},  # of the top only main.py and __main__.py are modules
    package_data={
        PAGE: ["templates/*", "static/*", "static/vendor/*"],
        FLEET_PAGE: ["templates/*", "static/*"],
    },
    include_package_data=False,
    data_files=[(MAN_PAGES, ["docs/hailo-first-aid.1"])],
    cmdclass={"build_py": TreeWithoutSetup},
    options={
        "build": {"build_base": os.path.join(work.name, "build")},
        "egg_info": {"egg_base": os.path.join(work.name, "info")},
    },
)
