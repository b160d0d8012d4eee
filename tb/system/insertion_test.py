#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Insertion without a lock: 8 CPUs get at least 0.9 of the throughput of one on an endless stream of ATC_INVs."""
import argparse
import json
import pathlib
import subprocess
import sys

BATCHES = 32
LEAST = 0.9


def per_million(tool, out, cpus):
    command = [tool, "run", "inv-stream", "--cpus", str(cpus), "--set", f"load.iterations={BATCHES // cpus}", "--out",
               str(out / f"cpus{cpus}"), "--no-events"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:  # a wait for a lock in the stream fails the run
        sys.exit(result.stdout + result.stderr)
    return json.loads((out / f"cpus{cpus}/report.json").read_text())["figures"]["inv.per_million_cycles"]["p50"]


parser = argparse.ArgumentParser()
parser.add_argument("--tool", required=True)
parser.add_argument("--out", required=True, type=pathlib.Path)
args = parser.parse_args()
one = per_million(args.tool, args.out, 1)
for cpus in (2, 4, 8):
    many = per_million(args.tool, args.out, cpus)
    print(f"{cpus} CPUs: {many} ATC_INVs per million cycles, {many / one:.3f} of one CPU's {one}")
    if many < LEAST * one:
        sys.exit(f"less than {LEAST}")
