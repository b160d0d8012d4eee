#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the rows of tb/regress/nightly.toml over seeds with CTest, in parallel.

Writes OUT/junit.xml, OUT/summary.json, OUT/index.html and one folder a run (report, log, page), adds a line to OUT/trend.jsonl,
prints a table and, for every failing run, the command that repeats it. Shards: CTest's own -I start,end,stride after --.
Exit status 0 all passed, 1 a run failed, 2 wrong use.
"""
import argparse
import html
import json
import pathlib
import statistics
import subprocess
import sys
import time
import tomllib
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]


def commands(plan, seeds, tool, out):
    """Yields (name, command) for every run; names are unique and sort by scenario."""
    matrix = plan.get("matrix", {"scenarios": []})
    for scenario in matrix["scenarios"]:
        for seed in range(1, min(seeds, matrix.get("seeds", seeds)) + 1):
            name = f"matrix-{scenario}-s{seed}"
            yield name, [tool, "matrix", "--scenario", scenario, "--seed", str(seed), "--json", str(out / f"{name}.json")]
    for row in plan["run"]:
        for devices in row["devices"]:
            settings = row.get("set", [])
            label = "-".join([row["scenario"], f"n{devices}"] + [s.split("=", 1)[1] for s in settings])
            for seed in range(1, seeds + 1):
                name = f"{label}-s{seed}"
                command = [tool, "run", row["scenario"], "--devices", str(devices), "--seed", str(seed),
                           "--out", str(out / name)]
                for setting in settings:
                    command += ["--set", setting]
                yield name, command
                if row.get("compare_no_skip") and seed == 1:
                    args = [word for word in command[1:] if word not in ("--out", str(out / name))]
                    yield f"{name}-same-without-jump", ["python3", str(ROOT / "sim/tools/same_log.py"), "--tool", tool,
                                                        "--", *args, "---", *args, "--no-skip"]


def other_builds(plan, build):
    """Yields (name, command): the tool built otherwise must give the same log."""
    for row in plan.get("same_log", []):
        for tool in row["tools"]:
            args = row["args"].split()
            yield f"{tool}-same-log-{args[1]}", ["python3", str(ROOT / "sim/tools/same_log.py"), "--tool", str(build / "atcbench"),
                                                 "--tool2", str(build / tool), "--", *args, "---", *args]


def sweeps(plan, tool, out):
    """Yields (name, command): the shipped sweeps, each point of which must pass."""
    for path in sorted((ROOT / "tb/regress/sweeps").glob("*.toml")) if plan.get("sweeps") else []:
        yield f"sweep-{path.stem}", [tool, "sweep", str(path), "--out", str(out / f"sweep-{path.stem}"), "--jobs", "1"]


def cosim(build, seeds):
    """Yields (name, command): the SMMU against its reference model, and its bad input."""
    for program, options in (("smmu_cosim", ["--commands", "10000", "--transactions", "10000"]),
                             ("smmu_cosim_global", ["--commands", "10000", "--transactions", "10000"]),
                             ("smmu_cosim_x", ["--fuzz", "30000"])):
        for seed in range(1, seeds + 1):
            yield f"{program}-s{seed}", [str(build / program), "--seed", str(seed), *options]


def switch(build):
    """Yields (name, command): the switch with 16 ports, 10^7 cycles over 100 seeds."""
    yield "pcie-switch-long", ["env", "ATC_SWITCH_SEEDS=100", "ATC_SWITCH_CYCLES=100000", str(build / "pcie_switch_test"),
                               "--gtest_filter=SwitchRandom.Run"]


def fuzz(build):
    """Yields (name, command): the driver's fuzz targets, from another seed than the day's."""
    for name in ("cmdq", "evtq", "priq"):
        yield f"fuzz-{name}", [sys.executable, str(ROOT / "tb/fuzz/fuzz.py"), str(build / f"fuzz_{name}"), "--runs", "300000", "--seed", "2"]


def speed(out, names):
    """Median of the simulated cycles a second of the runs with a report."""
    values = []
    for name in names:
        report = out / name / "report.json"
        if report.exists():
            values.append(json.loads(report.read_text()).get("cycles_per_second", 0))
    return round(statistics.median(values)) if values else 0


def page(path, table, failed, commands_of, trend):
    """One page: the rows, how to repeat what failed, and the nights before."""
    mark = lambda bad: ' class="bad"' if bad else ""
    rows = "".join(f"<tr{mark(v[1])}><td>{html.escape(k)}</td><td>{v[0]}</td><td>{v[1]}</td></tr>" for k, v in sorted(table.items()))
    repeat = "".join(f"<li>{html.escape(n)}<br><code>{html.escape(' '.join(commands_of[n]))}</code></li>" for n in failed)
    top = max((t["speed"] for t in trend), default=0) or 1
    nights = "".join(f'<tr{mark(t["failed"])}><td>{t["time"]}</td><td>{html.escape(t["revision"])}</td><td>{t["runs"] - t["failed"]}</td>'
                     f'<td>{t["failed"]}</td><td>{t["speed"]}</td><td><div style="width:{round(200 * t["speed"] / top)}px"></div></td></tr>'
                     for t in reversed(trend[-60:]))
    path.write_text(f"""<!doctype html><meta charset="utf-8"><title>Nightly</title>
<style>:root{{color-scheme:light dark}}body{{font:14px sans-serif;margin:2em}}td,th{{padding:1px 1em;text-align:left}}
.bad{{color:#d33}}td div{{height:.8em;background:#48c}}</style>
<h1>Nightly: {sum(v[0] for v in table.values())} passed, {len(failed)} failed</h1>
<ul>{repeat}</ul><h2>Trend</h2>
<table><tr><th>time<th>revision<th>passed<th>failed<th>cycles/s, median<th></tr>{nights}</table>
<h2>Rows</h2><table><tr><th>row<th>passed<th>failed</tr>{rows}</table>
""")


def write_tests(path, tests):
    quoted = lambda words: " ".join(f'"{w}"' for w in words)
    lines = []
    for name, command in tests:
        lines.append(f'add_test([=[{name}]=] {quoted(command)})')
        lines.append(f'set_tests_properties([=[{name}]=] PROPERTIES TIMEOUT 3000 LABELS nightly)')
    path.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out/nightly")
    parser.add_argument("--list", type=pathlib.Path, default=ROOT / "tb/regress/nightly.toml")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("ctest", nargs="*")
    args = parser.parse_args()
    if args.seeds < 1:
        parser.error("--seeds must be at least 1")
    tool = (args.build / "atcbench").resolve()
    if not tool.exists():
        print(f"nightly: {tool} is missing: run make build", file=sys.stderr)
        return 2
    out = args.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    plan = tomllib.loads(args.list.read_text())
    tests = list(commands(plan, args.seeds, str(tool), out))
    tests += other_builds(plan, args.build.resolve())
    tests += sweeps(plan, str(tool), out)
    tests += cosim(args.build.resolve(), args.seeds)
    tests += switch(args.build.resolve())
    tests += fuzz(args.build.resolve())
    write_tests(out / "CTestTestfile.cmake", tests)
    junit = out / "junit.xml"
    subprocess.run(["ctest", "--test-dir", str(out), "-j", str(args.jobs), "--output-on-failure", "--output-junit",
                    str(junit), *args.ctest], check=False)
    cases = list(ElementTree.parse(junit).getroot().iter("testcase"))
    by_name = dict(tests)
    failed = [c.get("name") for c in cases if c.get("status") != "run"]
    table = {}
    for case in cases:
        row = table.setdefault(case.get("name").rsplit("-s", 1)[0], [0, 0])
        row[case.get("name") in failed] += 1
    (out / "summary.json").write_text(json.dumps(
        {"runs": len(cases), "failed": sorted(failed), "rows": {k: {"passed": v[0], "failed": v[1]} for k, v in table.items()}},
        indent=1) + "\n")
    revision = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True,
                              text=True, check=False).stdout.strip()
    trend_file = out / "trend.jsonl"
    with trend_file.open("a") as file:
        file.write(json.dumps({"time": time.strftime("%Y-%m-%d %H:%M", time.gmtime()), "revision": revision, "runs": len(cases),
                               "failed": len(failed), "speed": speed(out, by_name)}) + "\n")
    page(out / "index.html", table, failed, by_name, [json.loads(line) for line in trend_file.read_text().splitlines()])
    print(f"\n{'row':44} passed failed")
    for name, (good, bad) in sorted(table.items()):
        print(f"{name:44} {good:6} {bad:6}")
    for name in failed:
        print(f"failed: {name}\n  replay: {' '.join(by_name[name])}")
    print(f"{len(cases) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
