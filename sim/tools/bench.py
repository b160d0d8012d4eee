#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the programs of tb/bench and writes their figures to one JSON list.

  bench.py BUILD OUT [NAME ...]   only the programs whose name begins so

Each figure is one printed line; the list has name, value, unit, bound, share, required, conditions. Then the speed of the
simulation itself (speed.py, BENCH=speed). Exit status: 0 every figure is met, 1 one is missed or a bench failed, 2 a program is missing or there is nothing to run.
"""
import json
import os
import pathlib
import subprocess
import sys

from speed import figures as speed_figures


def main(build, out, names):
    sources = sorted((pathlib.Path(__file__).resolve().parents[2] / "tb" / "bench").glob("*_bench.cpp"))
    benches = [source.stem for source in sources if not names or any(source.stem.startswith(name) for name in names)]
    speed = not names or any("speed".startswith(name) for name in names)
    if not benches and not speed:
        print("bench: nothing to run", file=sys.stderr)
        return 2
    out.mkdir(parents=True, exist_ok=True)
    lines = out / "figures.jsonl"
    lines.unlink(missing_ok=True)
    failed = []
    for bench in benches:
        program = build / bench
        if not program.exists():
            print(f"bench: {program} is not built", file=sys.stderr)
            return 2
        done = subprocess.run([program, "--gtest_brief=1"], env={**os.environ, "ATC_BENCH_JSON": str(lines)}, check=False,
                              capture_output=True, text=True)
        good = done.returncode == 0
        # gtest's own lines matter only when something failed.
        print("\n".join(line for line in done.stdout.splitlines()
                        if not good or (line and not line.startswith(("[", "Running main")))), flush=True)
        if not good:
            print(done.stderr, end="", file=sys.stderr)
            failed.append(bench)
    figures = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()] if lines.exists() else []
    if speed:
        try:
            simulation = speed_figures(build)
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            print(f"bench: speed: {error}", file=sys.stderr)
            failed.append("speed")
            simulation = []
        for f in simulation:
            print(f"{f['name']:34} {f['value']:>9.6g} {f['unit']:9} goal  {f['bound']:>7}  ({f['conditions']})")
        figures += simulation
    repeated = {f["name"] for f in figures if sum(g["name"] == f["name"] for g in figures) > 1}
    if repeated:
        print(f"bench: figures of one name: {', '.join(sorted(repeated))}", file=sys.stderr)
        failed.append("names")
    (out / "bench.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    lines.unlink(missing_ok=True)
    print(f"{len(figures)} figures in {out / 'bench.json'}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed or not figures else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print("usage: bench.py BUILD OUT [NAME ...]", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]))
