"""JSON Schemas of the documents in which jobs and what came of them are written."""

from __future__ import annotations

import json

from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.plain_schema import schema_of
from utils.jobs.range_trial import RangeRequest, RangeTrials

DOCUMENTS = {
    "job": Job,
    "measured": Measured,
    "range-request": RangeRequest,
    "range-trials": RangeTrials,
}


def schema_files() -> dict[str, str]:
    """Text of every schema, by the name of its file."""
    return {
        f"{name}.schema.json": json.dumps(schema_of(kind), indent=2) + "\n"
        for name, kind in DOCUMENTS.items()
    }
