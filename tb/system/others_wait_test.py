#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Once a device is quarantined, the others must be as quick as if it had never been there.

Usage: others_wait_test.py --tool build/atcbench --out DIR [--slow FACTOR]
Compares two distributions of unmap times: in `reset-fails`, after the broken devices (the last k of N) have been given up, and in
`healthy` with N - k devices. Every tenth percentile and the 99th must agree within 5 %. --slow multiplies the first, so that a test
can see this one fail.
"""
import argparse
import csv
import pathlib
import subprocess
import sys

LIMIT = 0.05
PERCENT = [10, 20, 30, 40, 50, 60, 70, 80, 90, 99]
ROUNDS = 600
PHASE_LOAD, PHASE_DRAIN = 2, 5


def run(tool, folder, *args):
    log = folder / "events.bin"
    command = [tool, "run", *args, "--set", f"load.iterations={ROUNDS}", "--events", str(log), "--out", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {result.returncode}\n{result.stdout[-1500:]}{result.stderr[-500:]}")
    table = folder / "events.csv"
    with table.open("w") as out:
        subprocess.run([tool, "events", str(log), "--csv"], stdout=out, check=True)
    with table.open() as lines:
        return list(csv.DictReader(lines))


def unmaps(events, since):
    """Durations of the unmaps that began after `since` and ended before the load did."""
    entered, all_of_them = {}, []
    for e in events:
        cycle = int(e["cycle"])
        if e["event"] == "scenario_phase" and int(e["a0"], 0) == PHASE_DRAIN:
            break
        if e["event"] == "unmap_enter":
            entered[e["src"]] = cycle
        elif e["event"] == "unmap_exit" and entered[e["src"]] > since:
            all_of_them.append(cycle - entered[e["src"]])
    return sorted(all_of_them)


def last(events, name):
    return max((int(e["cycle"]) for e in events if e["event"] == name), default=0)


def percentile(values, percent):
    return values[max(0, -(-len(values) * percent // 100) - 1)]


def compare(args, devices, broken):
    folder = args.out / f"{devices}-{broken}"
    (folder / "fault").mkdir(parents=True, exist_ok=True)
    (folder / "free").mkdir(exist_ok=True)
    fault = run(args.tool, folder / "fault", "reset-fails", "--devices", str(devices), "--set", f"fault.device={devices - broken}",
                "--set", f"fault.count={broken}")
    free = run(args.tool, folder / "free", "healthy", "--devices", str(devices - broken))
    given_up = last(fault, "drv_error_cb")
    load = next(int(e["cycle"]) for e in free if e["event"] == "scenario_phase" and int(e["a0"], 0) == PHASE_LOAD)
    a = [int(v * args.slow) for v in unmaps(fault, given_up)]
    b = unmaps(free, load)
    wrong = len(a) < ROUNDS
    line = f"{broken} of {devices} quarantined, {len(a)} and {len(b)} unmaps:"
    for percent in PERCENT:
        x, y = percentile(a, percent), percentile(b, percent)
        wrong |= abs(x - y) > LIMIT * y
        line += f" p{percent} {x} / {y}"
    print(line + (": NOT within 5 %" if wrong else ""))
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--slow", type=float, default=1.0)
    args = parser.parse_args()
    return int(any([compare(args, 4, 1), compare(args, 4, 2), compare(args, 2, 1)]))


if __name__ == "__main__":
    sys.exit(main())
