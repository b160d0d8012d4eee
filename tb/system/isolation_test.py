#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a search for the devices that do not answer costs in the whole system, counted for equality.

Usage: isolation_test.py --tool build/atcbench --out DIR
One CPU, so that one search meets all k broken of N devices. Questions (probes), SYNCs, further commands and time-outs after the
first, as doc/policies.md states them; the searches of larger lists are counted in sw_policy_test.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

DEVICES = 4


def halves(n, dead):
    """Questions and failing questions of bisect about n devices that have failed as a whole; `dead`: which of them."""
    asked = failed = at = 0
    for size in (n - n // 2, n // 2):
        part = {d - at for d in dead if at <= d < at + size}
        at += size
        if size == 0:
            continue
        asked += 1
        if part:
            failed += 1
            if size > 1:
                more, more_failed = halves(size, part)
                asked += more
                failed += more_failed
    return asked, failed


def expected(policy, n, first, k):
    """probes, SYNCs, other commands, time-outs after the first, isolated devices"""
    if policy == "sync-per-device":
        return 0, k, k, k - 1, k
    if policy == "block-all":
        return 0, n, n, 0, n
    if policy == "bisect":
        asked, failed = halves(n, set(range(first, first + k)))
        # a question about several devices has a command for each: only the SYNCs have a formula
        return asked, asked + k, None, failed, k
    return n, n + k, n + k, k, k


def measure(tool, out, policy, n, first, k):
    folder = out / f"{policy}-{n}-{first}-{k}"
    args = [tool, "run", "hang", "--policy", policy, "--devices", str(n), "--cpus", "1", "--set", f"fault.device={first}",
            "--set", f"fault.count={k}", "--set", "cpu.poll_timeout=1000000", "--out", str(folder)]
    result = subprocess.run(args, capture_output=True, text=True, check=False)
    report = folder / "report.json"
    if result.returncode not in (0, 1) or not report.exists():
        return f"{' '.join(args)} ended with {result.returncode}\n{result.stdout[-500:]}{result.stderr[-500:]}"
    figures = json.loads(report.read_text())["figures"]
    if result.returncode != 0 and policy != "block-all":
        return f"{' '.join(args)} failed"
    if "isolation.syncs" not in figures:
        return f"{policy}, {k} of {n} from {first}: no search"
    if figures["isolation.syncs"]["count"] != 1:
        return f"{policy}, {k} of {n} from {first}: {figures['isolation.syncs']['count']} searches, 1 expected"
    found = tuple(figures[f"isolation.{name}"]["max"] for name in ("probes", "syncs", "commands", "timeouts", "devices"))
    wanted = expected(policy, n, first, k)
    if any(w is not None and w != f for w, f in zip(wanted, found)):
        return (f"{policy}, {k} of {n} from {first}: probes, SYNCs, commands, time-outs, devices are {found}, {wanted} expected")
    print(f"{policy:16} {k} of {n}: {found[0]} probes, {found[1]} SYNCs, {found[2]} commands, {found[3]} time-outs after the first, "
          f"isolation {figures['isolation']['max']} cycles")
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    args = parser.parse_args()
    points = [(p, n, n - k, k) for p in ("minimal", "fenced", "bitmap-core", "bisect", "sync-per-device", "block-all")
              for n in range(1, DEVICES + 1) for k in range(1, n + 1)]
    points += [("bisect", DEVICES, first, 1) for first in range(DEVICES - 1)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = [e for e in pool.map(lambda p: measure(args.tool, args.out, *p), points) if e]
    for error in errors:
        print(error)
    print(f"{len(points)} searches, {len(errors)} not as stated")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
