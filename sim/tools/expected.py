#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the cycle figures of named runs with those that are checked in, for equality.

Usage: expected.py --tool build/atcbench [--bless] FILE.toml...
A file of tb/regress/expected/ holds `run`, the arguments of `atcbench run`, and in [figures] one number a line:
  cycles               simulated cycles of the run
  FIGURE.STATISTIC     of the report's figures: count, min, p50, p99 or max
--bless prints the differences and rewrites the numbers in place; which figures are listed is edited by hand.
Exit status 0 equal (or blessed), 1 a figure differs or a run failed, 2 wrong use.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

STATISTICS = ("count", "min", "p50", "p99", "max")
LINE = re.compile(r'^("?)([a-z0-9_.]+)\1(\s*=\s*)\d+')


class WrongUse(Exception):
    """One line for the user."""


def load(path):
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongUse(f"{path}: {error}") from error
    figures = data.get("figures")
    if set(data) != {"run", "figures"} or not isinstance(data["run"], list) or not figures:
        raise WrongUse(f"{path}: must hold run = [arguments] and a [figures] table, nothing else")
    for name, value in figures.items():
        if not isinstance(value, int) or (name != "cycles" and name.rpartition(".")[2] not in STATISTICS):
            raise WrongUse(f"{path}: '{name}' must be cycles or FIGURE.{{{','.join(STATISTICS)}}}, quoted, with a number")
    return data["run"], figures


def measure(tool, run):
    """The report of a run, or None after printing why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run([tool, "run", *run, "--out", folder], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            print(f"`atcbench run {' '.join(run)}` ended with {result.returncode}:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
            return None
        return json.loads((pathlib.Path(folder) / "report.json").read_text())


def value_of(report, name):
    if name == "cycles":
        return report["cycles"]
    figure, _, statistic = name.rpartition(".")
    return report["figures"].get(figure, {}).get(statistic)


def show(path, run, rows, total):
    width = max(len(name) for name, _, _ in rows)
    print(f"{path.stem}: {len(rows)} of {total} figures of `atcbench run {' '.join(run)}` differ")
    print(f"  {'figure':{width}} {'expected':>10} {'measured':>10}  change")
    for name, old, new in rows:
        share = f"{100 * (new - old) / old:+.1f} %" if old else "was 0"
        print(f"  {name:{width}} {old:>10} {new:>10}  {new - old:+d} ({share})")


def rewrite(path, new):
    lines, inside = [], False
    for line in path.read_text().splitlines():
        if line.startswith("["):
            inside = line.strip() == "[figures]"
        match = LINE.match(line) if inside else None
        if match and match[2] in new:
            line = f"{match[1]}{match[2]}{match[1]}{match[3]}{new[match[2]]}{line[match.end():]}"
        lines.append(line)
    path.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", required=True)
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    status = 0
    for path in args.files:
        run, figures = load(path)
        report = measure(args.tool, run)
        if report is None:
            status = 1
            continue
        new = {name: value_of(report, name) for name in figures}
        absent = [name for name, value in new.items() if value is None]
        if absent:
            print(f"{path.stem}: `atcbench run {' '.join(run)}` has no figure {', '.join(absent)}: "
                  f"mend the run, or take the line out of {path}")
            status = 1
            continue
        rows = [(name, old, new[name]) for name, old in figures.items() if old != new[name]]
        if not rows:
            print(f"{path.stem}: all {len(figures)} figures as expected")
            continue
        show(path, run, rows, len(figures))
        if args.bless:
            rewrite(path, new)
            print(f"  rewritten: {path}")
        else:
            status = 1
            print("Is the change intended? `make bless` shows it for every run and rewrites tb/regress/expected/;\n"
                  "commit that with the change that caused it, and give the reason in the message.")
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except WrongUse as error:
        print(f"expected: {error}", file=sys.stderr)
        sys.exit(2)
