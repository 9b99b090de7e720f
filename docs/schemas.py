"""JSON Schemas of the documents in which jobs, fleets and what came of them are written."""

from __future__ import annotations

import json

from utils.fleet.plan_schema import PLAN
from utils.fleet.rows import Fleet
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.plain_schema import schema_of
from utils.jobs.range_trial import RangeRequest, RangeTrials

DOCUMENTS = {
    "job": Job,
    "measured": Measured,
    "range-request": RangeRequest,
    "range-trials": RangeTrials,
    "fleet": Fleet,
}


def schema_files() -> dict[str, str]:
    """Text of every schema, by the name of its file."""
    schemas = {name: schema_of(kind) for name, kind in DOCUMENTS.items()}
    return {
        f"{name}.schema.json": json.dumps(schema, indent=2) + "\n"
        for name, schema in {**schemas, "fleet-plan": PLAN}.items()
    }
