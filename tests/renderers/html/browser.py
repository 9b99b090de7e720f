"""A real browser without a window, driven over its own protocol, that watches what a page does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PROGRAMS = ("chromium", "chromedriver")
DESKTOP, PHONE = 1280, 390  # pixels
HEIGHT = 900
PATIENCE = 60  # seconds until a page has drawn its charts
# Places of charts that are in sight and not drawn yet.
DRAWN_LATER = "details[open] > .chart > .plot:not([data-drawn])"


class Browser:
    """One tab."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path, width: int = DESKTOP, dark: bool = False) -> None:
        """Load a page from its file, and wait until its charts are drawn."""
        self.resize(width)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        calm = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.command("Emulation.setEmulatedMedia", features=[scheme, calm])
        self.driver.get("about:blank")
        self.console(), self.requests()
        self.driver.get(page.as_uri())
        self.wait("document.documentElement.dataset.ready === 'yes'")

    def resize(self, width: int) -> None:
        """Give the window another width."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=HEIGHT,
            deviceScaleFactor=1,
            mobile=width < DESKTOP,
        )

    def command(self, name: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, parameters)

    def js(self, expression: str, *arguments: Any) -> Any:
        """Value of an expression; arguments are called `arguments[0]` and so on."""
        return self.driver.execute_script(f"return ({expression})", *arguments)

    def wait(self, condition: str) -> None:
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: self.js(condition))

    def element(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def elements(self, selector: str) -> list[Any]:
        found: list[Any] = self.driver.find_elements("css selector", selector)
        return found

    def click(self, selector: str) -> None:
        """Click where the element is, once it is in sight."""
        found = self.element(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def unfold(self, selector: str = "details") -> None:
        """Open everything that is folded, and wait until its charts are drawn."""
        self.driver.execute_script(
            "document.querySelectorAll(arguments[0]).forEach(each => { each.open = true; })",
            selector,
        )
        self.wait(f"document.querySelector('{DRAWN_LATER}') === null")

    def console(self) -> list[str]:
        """What was logged since the last call."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses that were asked for since the last call."""
        events = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]


@contextmanager
def started(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own; skips where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: chromium chromium-driver)")
    driver = webdriver.Chrome(_options(webdriver, FLAGS, folder), _service())
    try:
        yield Browser(driver)
    finally:
        driver.quit()


def _options(webdriver: Any, flags: Sequence[str], folder: Path) -> Any:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*flags, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return options


def _service() -> Any:
    from selenium.webdriver.chrome.service import Service

    return Service(shutil.which("chromedriver"))
