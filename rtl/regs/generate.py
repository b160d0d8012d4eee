#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make everything that is generated from rtl/regs: SystemVerilog packages, C headers, the reference page, wave filters.

Usage: generate.py            writes the files that differ
       generate.py --check    writes nothing; exit status 1 and the names of stale files if any differs

Needs the packages of requirements.txt (`make regs` sets them up).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gen import cheader, doc, events, model, sv

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

FMT_MAPS = ("smmu_cmds", "smmu_tables", "smmu_events")
# Enums that belong with the formats although a register is their only user.
FMT_ENUMS = ("cerror_e",)


def enum_homes(data: model.Model):
    """Each enum goes to exactly one target: the formats if they use it, else the map that does."""

    def home(target: str) -> list[model.Enum]:
        formats = [e for e in data.enums.values()
                   if e.name in FMT_ENUMS or set(data.enum_users[e.name]) & set(FMT_MAPS)]
        if target == "fmt":
            return formats
        return [e for e in data.enums_of((target,)) if e not in formats]

    return home


def check_opcodes(data: model.Model) -> None:
    """A command's address is 16 times its opcode, and every opcode has a layout."""
    layouts = {e.name.replace("CMD_", "OP_", 1): e.offset >> 4 for e in data.maps["smmu_cmds"].entries if e.offset}
    opcodes = {m.name: m.value for m in data.enums["cmd_op_e"].members}
    if layouts != opcodes:
        raise ValueError(f"commands and opcodes differ: {sorted(layouts.items() ^ opcodes.items())}")


def outputs() -> dict[Path, str]:
    """Every generated file and its text."""
    data = model.load(HERE)
    check_opcodes(data)
    log = events.load(HERE / "log_events.toml")
    home = enum_homes(data)
    files: dict[Path, str] = {}
    for name, text in sv.packages(data, log, FMT_MAPS, home).items():
        files[ROOT / "rtl/regs" / name] = text
    for name, text in cheader.headers(data, log, FMT_MAPS, home).items():
        files[ROOT / "sw/include" / name] = text
    files[ROOT / "sim/include/atcbench/log_event_names.inc"] = cheader.event_table(log)
    files[ROOT / "doc/regs.md"] = doc.page(data, log)
    for name, text in doc.filters(data, log).items():
        files[ROOT / "waves/filters" / name] = text
    return files


def stale(files: dict[Path, str]) -> list[Path]:
    return [path for path, text in files.items() if not path.exists() or path.read_text() != text]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a file is stale")
    args = parser.parse_args()
    files = outputs()
    old = stale(files)
    for path in old:
        print(f"{'stale' if args.check else 'written'}: {path.relative_to(ROOT)}")
        if not args.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path])
    return 1 if args.check and old else 0


if __name__ == "__main__":
    sys.exit(main())
