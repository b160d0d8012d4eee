#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The trace of a run is what the Trace Event Format allows: fields, nesting, asynchronous pairs, flows bound to events.

Usage: trace_test.py --tool build/atcbench --out FOLDER
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

REQUIRED = {
    "M": {"pid", "tid", "name", "args"}, "X": {"pid", "tid", "name", "ts", "dur"}, "b": {"pid", "tid", "name", "ts", "id", "cat"},
    "e": {"pid", "tid", "name", "ts", "id", "cat"}, "s": {"pid", "tid", "name", "ts", "id", "cat"},
    "t": {"pid", "tid", "name", "ts", "id", "cat"}, "f": {"pid", "tid", "name", "ts", "id", "cat", "bp"},
}


def cycle(microseconds):
    return round(microseconds * 1000)


def check(trace):
    """Yields what is wrong."""
    if trace.get("displayTimeUnit") not in ("ns", "ms"):
        yield "displayTimeUnit"
    events = trace["traceEvents"]
    threads = collections.defaultdict(list)
    named, pairs, flows = set(), {}, collections.defaultdict(list)
    for e in events:
        phase = e.get("ph")
        missing = REQUIRED.get(phase, {"a known phase"}) - set(e)
        if missing:
            yield f"{phase} event lacks {missing}: {e}"
            continue
        if not isinstance(e["pid"], int) or not isinstance(e["tid"], int):
            yield f"pid and tid must be numbers: {e}"
        if phase != "M" and (not isinstance(e["ts"], (int, float)) or e["ts"] < 0 or e.get("dur", 0) < 0):
            yield f"time: {e}"
        if phase == "M":
            if e["name"] not in ("process_name", "thread_name") or not e["args"].get("name"):
                yield f"metadata: {e}"
            named.add((e["pid"], e["tid"] if e["name"] == "thread_name" else None))
        elif phase == "X":
            threads[e["pid"], e["tid"]].append((cycle(e["ts"]), cycle(e["ts"]) + cycle(e["dur"])))
        elif phase == "b":
            if (e["cat"], e["id"]) in pairs:
                yield f"begins twice: {e}"
            pairs[e["cat"], e["id"]] = e
        elif phase == "e":
            begin = pairs.pop((e["cat"], e["id"]), None)
            if begin is None or begin["ts"] > e["ts"] or begin["name"] != e["name"]:
                yield f"ends what did not begin: {e}"
        else:
            flows[e["id"]].append(e)
    for begin in pairs.values():
        yield f"never ends: {begin}"
    for (pid, tid), spans in threads.items():
        if (pid, tid) not in named or (pid, None) not in named:
            yield f"no name for process {pid} thread {tid}"
        stack = []
        for begin, end in sorted(spans, key=lambda s: (s[0], -s[1])):
            while stack and stack[-1] <= begin:
                stack.pop()
            if stack and end > stack[-1]:
                yield f"process {pid} thread {tid}: {begin}..{end} is neither inside nor outside the one that ends at {stack[-1]}"
            stack.append(end)
    begins = {place: {b for b, _ in spans} for place, spans in threads.items()}
    for number, points in flows.items():
        phases = "".join(p["ph"] for p in points)
        if phases[0] != "s" or phases.count("s") != 1 or phases.count("f") > 1 or ("f" in phases and phases[-1] != "f"):
            yield f"flow {number} goes {phases}"
        for p in points:
            if cycle(p["ts"]) not in begins.get((p["pid"], p["tid"]), ()):
                yield f"flow {number} has a point without an event: {p}"
        if any(a["ts"] > b["ts"] for a, b in zip(points, points[1:])):
            yield f"flow {number} goes back in time"
    whole = [points for points in flows.values() if points[-1]["ph"] == "f" and {p["pid"] for p in points} == {1, 2, 3, 4}]
    if not whole:
        yield "no flow goes from a CPU over the SMMU, a link and a device to its end"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    args = parser.parse_args()
    wrong = []
    for run in (["healthy", "--set", "load.iterations=5"], ["hang"]):
        folder = args.out / run[0]
        subprocess.run([args.tool, "run", *run, "--out", folder], check=True, stdout=subprocess.DEVNULL)
        path = folder / "trace.json"
        subprocess.run([args.tool, "events", folder / "events.bin", "--perfetto", path], check=True)
        trace = json.loads(path.read_text())
        wrong += [f"{run[0]}: {w}" for w in check(trace)]
        # The checker notices: the same trace, damaged.
        events = trace["traceEvents"]
        for name, damage in {
                "no end": lambda: [e for e in events if e["ph"] != "e"],
                "no start of flows": lambda: [e for e in events if e["ph"] != "s"],
                "crossing": lambda: events + [{"ph": "X", "pid": 1, "tid": 1, "ts": first["ts"] + first["dur"] / 2, "dur": first["dur"],
                                               "name": "x"} for first in [next(e for e in events if e["ph"] == "X" and e["tid"] == 1 and e["dur"] > 0.01)]],
                "nameless": lambda: [e for e in events if e["ph"] != "M"]}.items():
            if not list(check({**trace, "traceEvents": damage()})):
                wrong.append(f"{run[0]}: the check did not notice: {name}")
    print("\n".join(wrong[:20]))
    print(f"{len(wrong)} violations")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
