#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whom a dead device keeps waiting, in one command queue and with a queue for each CPU (D8).

Usage: ecmdq_test.py --tool ATCBENCH --out DIR
Runs `shared-queue` with two CPUs in two domains, the broken device in that of CPU 0, on a model with two enhanced command queues: once with
them, once with CMDQ alone, and `healthy` with them. Prints the longest unmap of CPU 1 in each. In one queue it must be at least the
threshold of an invalidation; with a queue of its own less than a twentieth of that longer than without a fault
(the recovery of the device shares memory and links with it).
Exit status 0 passed, 1 failed.
"""
import argparse
import csv
import pathlib
import subprocess
import sys

THRESHOLD = 20000     # smmu.atc_timeout
OTHER = "1"


def longest(tool, folder, scenario, *sets):
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "events.bin"
    command = [tool, "run", scenario, "--devices", "2", "--cpus", "2", "--events", str(log), "--out", str(folder)]
    for key in ("smmu.ecmdqs=2", "load.domains=2", f"smmu.atc_timeout={THRESHOLD}", *sets):
        command += ["--set", key]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {result.returncode}\n{result.stdout[-1500:]}{result.stderr[-500:]}")
    text = subprocess.run([tool, "events", str(log), "--csv"], capture_output=True, text=True, check=True).stdout
    entered, times = 0, []
    for e in csv.DictReader(text.splitlines()):
        if e["src"] == OTHER and e["event"] == "unmap_enter":
            entered = int(e["cycle"])
        elif e["src"] == OTHER and e["event"] == "unmap_exit":
            times.append(int(e["cycle"]) - entered)
    return max(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    args = parser.parse_args()
    free = longest(args.tool, args.out / "free", "healthy")
    own = longest(args.tool, args.out / "own", "shared-queue")
    one = longest(args.tool, args.out / "one", "shared-queue", "driver.ecmdq=0")
    print(f"longest unmap of the other CPU, cycles: no fault {free}, queue of its own {own}, one queue {one}")
    passed = own < free + THRESHOLD // 20 and one >= THRESHOLD
    print("passed" if passed else "FAILED: a dead device of another domain is felt, or is not where it must be")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
