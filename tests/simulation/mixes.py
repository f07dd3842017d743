"""How often what happens: the suppliers' accidents, those of our own side, and what clients want."""

from __future__ import annotations

from collections.abc import Mapping

from tests.simulation import guarded
from tests.simulation.clients import WHIMS
from tests.simulation.suppliers import accidents
from tests.simulation.world import fault_names

EFFECTS = sorted(
    {
        *guarded.DYNAMODB.values(),
        *guarded.KMS.values(),
        *guarded.S3.values(),
        *guarded.STEP_FUNCTIONS.values(),
        *guarded.SQS.values(),
        "http POST",
        "http GET",
    }
)
KINDS = {"freeze": 0.006, "crash": 0.009, "throttled": 0.009, "lost": 0.012}
"""By the first word of the fault's name."""
NOT_OURS = ("throttled http", "lost answer http")
"""The simulated suppliers do these by themselves."""
NOT_READS = ("read", "query", "decrypt")
"""A lost answer to a reading is a reading again."""

HARSH_HOUSE: Mapping[str, float] = {
    **{
        fault: KINDS[fault.split()[0]]
        for fault in fault_names(EFFECTS)
        if not fault.startswith(NOT_OURS) and not (fault.startswith("lost") and fault.endswith(NOT_READS))
    },
    "freeze before http POST": 0.04,
    "crash before http POST": 0.03,
    "crash after http POST": 0.04,
    "freeze before http GET": 0.01,
    "crash before http GET": 0.01,
    "crash after http GET": 0.01,
    "clock wrong": 0.15,
    "cold start": 0.2,
    "execution lost": 0.01,
    "execution doubled": 0.05,
    "task run twice": 0.05,
    "message late": 0.04,
    "message twice": 0.05,
    "query ends early": 0.05,
    **WHIMS,
}
MIXES: Mapping[str, Mapping[str, float]] = {
    "harsh": {**accidents.HARSH, **HARSH_HOUSE},
    "gentle": {**accidents.GENTLE, **{name: rate / 10 for name, rate in HARSH_HOUSE.items()}},
    "lagging": {**accidents.HARSH, **HARSH_HOUSE, "refused after commit": 0.1, "lookup lag": 0.5},
    "late": {**accidents.HARSH, **HARSH_HOUSE, "late commit": 0.6, "refused": 0.4},
    "frozen": {**accidents.HARSH, **HARSH_HOUSE, "freeze before dynamodb write": 0.2},
    "twins": {**accidents.HARSH, **HARSH_HOUSE, "execution doubled": 0.5, "task run twice": 0.5},
    "fickle": {
        **accidents.HARSH,
        **HARSH_HOUSE,
        "order at once": 0.5,
        "order called off": 0.5,
        "order taken back": 0.5,
    },
    "calm": {},
}
