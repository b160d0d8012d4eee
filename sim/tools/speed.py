#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed and size of the simulation itself: figures for bench.py, or printed.

  speed.py BUILD

Host figures are CPU time of the process (a busy neighbour changes them less than the clock's), the median of RUNS runs;
what is compared runs in turns. The cycles of a run are exact. A model of 16 endpoints is measured when the tool has one
(make MODELS="4 16"). A slow host may miss a goal: these figures are printed, not judged (`required` is empty).
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

RUNS = 5
HEALTHY = ["healthy", "--set", "load.iterations=200"]
REAL = ["hang", "--set", "time=real", "--set", "smmu.atc_timeout=60000000000", "--set", "fault.repeat=4"]


def run(tool, args, folder):
    """CPU seconds, bytes resident at most, and the report of one run."""
    with subprocess.Popen([tool, "run", *args, "--out", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as p:
        error = p.stderr.read().decode()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode:
        raise RuntimeError(f"{' '.join(args)}: status {p.returncode}: {error.strip()}")
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, report


def median(values):
    return statistics.median(values)


def figures(build):
    tool = pathlib.Path(build) / "atcbench"
    listing = subprocess.run([tool, "list"], capture_output=True, text=True, check=True).stdout
    sizes = [int(line.split()[0]) for line in listing.splitlines() if " endpoints," in line]
    host = f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, median of {RUNS} runs, CPU time of the process"
    out = []

    def add(name, value, unit, bound, conditions):
        out.append({"name": name, "value": round(value, 3), "unit": unit, "bound": bound,
                    "share": round(value / bound, 4), "required": "",
                    "conditions": f"{conditions}; {host}"})

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for size in (4, 16):
            if size not in sizes:
                print(f"speed: no model of {size} endpoints (make MODELS=\"4 16\")", file=sys.stderr)
                continue
            args = [*HEALTHY, "--devices", str(size)]
            on, off, moved = [], [], 0
            for _ in range(RUNS):
                seconds, _, report = run(tool, args, folder / "on")
                on.append(seconds)
                off.append(run(tool, [*args, "--no-events"], folder / "off")[0])
                moved = report["cycles"] - report["cycles_jumped"]
            add(f"speed_{size}_endpoints", moved / median(on), "cycles/s", {4: 272000, 16: 100000}[size],
                f"{' '.join(args)}; cycles that were not jumped over, whole process, log and oracles on")
            add(f"speed_{size}_log_on_to_off", median([b / a for a, b in zip(on, off)]), "ratio", 0.8, f"{' '.join(args)}")
        if 16 in sizes:
            args = ["healthy", "--devices", "16", "--set", "system.dram_mib=1024"]
            add("memory_16_endpoints", median([run(tool, args, folder / "m")[1] for _ in range(RUNS)]) / 2**20, "MB", 300,
                f"{' '.join(args)}; resident at most")
        seconds, count = [], 0
        for _ in range(RUNS):
            seconds.append(run(tool, REAL, folder / "real")[0])
            count = run_timeouts(tool, folder / "real")
        add("real_timeouts", median(seconds), "s", 1.0, f"{' '.join(REAL)}; {count} time-outs of 60 s at 1 GHz")
    return out


def run_timeouts(tool, folder):
    text = subprocess.run([tool, "events", str(folder / "events.bin"), "--csv"], capture_output=True, text=True, check=True).stdout
    return sum(line.split(",")[1:2] == ["inv_timeout"] for line in text.splitlines())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: speed.py BUILD", file=sys.stderr)
        sys.exit(2)
    for figure in figures(sys.argv[1]):
        print(f"{figure['name']:28} {figure['value']:>14} {figure['unit']:9} (goal {figure['bound']}) {figure['conditions']}")
