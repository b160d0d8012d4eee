# SPDX-License-Identifier: Apache-2.0
"""The harness event log's list of events, from log_events.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

CATEGORIES = (
    "driver_submit", "smmu_cmd", "smmu_inv", "fabric", "endpoint",
    "smmu_err", "driver_timeout", "driver_recovery", "harness",
)
SOURCES = ("cpu", "device", "queue", "link", "none")


@dataclass(frozen=True)
class Event:
    number: int
    name: str
    category: str
    src: str
    fields: tuple[str, str, str]  # names of a0, a1, a2; "" = unused, logged as 0
    desc: str

    @property
    def symbol(self) -> str:
        return "EV_" + self.name.upper()


def load(path: Path) -> list[Event]:
    """Read and check the list; the number of an event is its place in it."""
    rows = tomllib.loads(path.read_text())["events"]
    events = [
        Event(number, row["name"], row["category"], row["src"],
              (row.get("a0", ""), row.get("a1", ""), row.get("a2", "")), row["desc"])
        for number, row in enumerate(rows, start=1)
    ]
    for event, row in zip(events, rows):
        unknown = set(row) - {"name", "category", "src", "a0", "a1", "a2", "desc"}
        if unknown or event.category not in CATEGORIES or event.src not in SOURCES:
            raise ValueError(f"{path.name}: {event.name}: bad category, src or key {sorted(unknown)}")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", event.name):
            raise ValueError(f"{path.name}: bad name {event.name!r}")
    names = [event.name for event in events]
    if len(set(names)) != len(names):
        raise ValueError(f"{path.name}: a name is used twice")
    return events
