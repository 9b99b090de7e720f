"""Masks, maps of classes or drawings in a set whose other samples are pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspectors.base_inspector import Context
from inspectors.calibration.misfit import samples_listed
from utils.dataset.label_maps import MAP, PICTURE
from utils.dataset.sample_digests import InputDigests
from utils.findings import Finding, Severity
from utils.wording import plural

FEWEST = 3  # of each kind; one drawing is an accident
LEAST_SHARE = 0.05  # of the samples


def inputs_with_masks(context: Context) -> dict[str, list[int]]:
    """Places of the masks among the pictures of an input, by its scoped name."""
    inputs = context.samples.inputs if context.samples else {}
    found = {name: _masks(seen) for name, seen in inputs.items()}
    return {name: places for name, places in found.items() if places}


def _masks(seen: InputDigests) -> list[int]:
    if seen.map_kinds is None:
        return []
    is_mask = seen.map_kinds == MAP
    masks, pictures = int(is_mask.sum()), int((seen.map_kinds == PICTURE).sum())
    others = int((~is_mask & ~seen.is_flat).sum())
    if min(masks, pictures) < FEWEST or masks < LEAST_SHARE * len(is_mask):
        return []
    # Scans and digits are as even as masks, some of them more so than others.
    return [int(place) for place in np.flatnonzero(is_mask)] if pictures > others / 2 else []


def masks_among_pictures(context: Context) -> Iterator[Finding]:
    """One finding for each input that takes both."""
    network, digests = context.model.network, context.samples
    for name, places in context.known(inputs_with_masks).items():
        if digests is None:
            return
        described = network.described(name)
        listed = samples_listed(digests, digests.indices[places].tolist())
        yield Finding(
            id="calibration-masks",
            severity=Severity.WARNING,
            headline="Masks or drawings lie among the pictures",
            evidence=f"{len(places):,} of {plural(digests.samples, 'sample')} ({listed}) of "
            f"{described} hold a few values in wide even areas, the others do not",
            why="Maps of classes lie beside the pictures in many data sets, and are read as "
            "pictures where a folder or a pattern takes both.",
            remedy="Leave them out unless the device will see such pictures, and quantize "
            "again if the archive was calibrated on them.",
            layers=(name,),
            measured={"samples": float(len(places)), "share": len(places) / digests.samples},
        )
