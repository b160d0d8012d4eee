#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines and branches of the driver in its unit tests: runs them, merges their counts, judges against the plan.

Usage: driver_cov.py [--build build] [--plan tb/cov/plan.toml] [--jobs N] [--html DIR] [TEST ...]
  TEST          the programs to run; all sw_*_test of the build without one
Prints one line for each file that misses its goal, and where. Exit status 0 none does, 1 one does or a test failed, 2 wrong use.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = [str(ROOT / "sw" / folder) for folder in ("iommu", "smmu", "pci")]
KINDS = ("lines", "branches")


def run(tests, work, jobs):
    """Runs the tests, each leaves WORK/NAME.raw; what failed."""
    def one(test):
        result = subprocess.run([str(test)], env=os.environ | {"LLVM_PROFILE_FILE": str(work / f"{test.name}.raw")},
                                capture_output=True, text=True, check=False)
        return None if result.returncode == 0 else f"{test.name} failed\n{result.stdout[-2000:]}"

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return [text for text in pool.map(one, tests) if text]


def summaries(export):
    """{file: {lines: [hit, all], branches: [hit, all]}} of what `llvm-cov export` says."""
    return {relative(file["filename"]): {kind: [file["summary"][kind]["covered"], file["summary"][kind]["count"]] for kind in KINDS}
            for file in export["data"][0]["files"]}


def holes(export, name):
    """Where a file was not: "line:column: never true|false" of each side of a branch without a count, and lines without one."""
    out = []
    for file in export["data"][0]["files"]:
        if relative(file["filename"]) != name:
            continue
        sides = {}
        for line, column, end, end_column, true, false, *_ in file["branches"]:
            count = sides.setdefault((line, column, end, end_column), [0, 0])
            count[0] += true
            count[1] += false
        out += [f"{place[0]}:{place[1]}: never {'true' if not count[0] else 'false'}" for place, count in sorted(sides.items()) if 0 in count]
        out += [f"{line}:{column}: never run" for line, column, count, counted, entry, *_ in file["segments"] if counted and entry and not count]
    return out


def files_of(patterns):
    """The driver's files that a plan's patterns name, without those that have no code; a pattern that names none stays as it is."""
    out = []
    for pattern in patterns:
        found = sorted(ROOT.glob(pattern))
        out += [relative(path) for path in found if re.search(r"^\{", path.read_text(), re.MULTILINE)] if found else [pattern]
    return out


def judge(patterns, driver):
    """What misses 100 %, one line each."""
    missed = []
    for file in files_of(patterns):
        if file not in driver:
            missed.append(f"{file}: no counts")
            continue
        for kind in KINDS:
            hit, whole = driver[file][kind]
            if hit < whole:
                missed.append(f"{file}: {kind} {100.0 * hit / whole:.1f} %, 100 % wanted ({whole - hit} of {whole} not seen)")
    return missed


def measure(tests, jobs, html=None):
    """(what llvm-cov exports, failures) of the tests; pages in `html`."""
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        failures = run(tests, work, jobs)
        profile = work / "merged.profdata"
        subprocess.run(["llvm-profdata", "merge", "-o", profile, *work.glob("*.raw")], check=True)
        where = ["-instr-profile", profile, str(tests[0]), *(w for t in tests[1:] for w in ("-object", str(t))), *SOURCES]
        export = subprocess.run(["llvm-cov", "export", *where], capture_output=True, text=True, check=True)
        if html:
            subprocess.run(["llvm-cov", "show", "-format=html", "-show-branches=count", "-output-dir", html, *where], check=True,
                           stdout=subprocess.DEVNULL)
    return json.loads(export.stdout), failures


def relative(name):
    path = pathlib.Path(name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else name


def programs(build):
    return sorted(p.resolve() for p in build.glob("sw_*_test") if os.access(p, os.X_OK))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--plan", type=pathlib.Path, default=ROOT / "tb/cov/plan.toml")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--html", type=pathlib.Path)
    parser.add_argument("tests", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    tests = [test.resolve() for test in args.tests] or programs(args.build)
    if not tests:
        print(f"driver_cov: no sw_*_test in {args.build}", file=sys.stderr)
        return 2
    complete = tomllib.loads(args.plan.read_text())["driver"]["complete"]
    export, failures = measure(tests, args.jobs, args.html)
    driver = summaries(export)
    missed = judge(complete, driver)
    for text in failures + missed:
        print(text)
    for file in files_of(complete):
        for hole in holes(export, file):
            print(f"  {file}:{hole}")
    whole = {kind: [sum(file[kind][i] for file in driver.values()) for i in (0, 1)] for kind in KINDS}
    print(f"{len(files_of(complete))} files must be complete; the whole driver: " +
          ", ".join(f"{hit} of {all_} {kind}" for kind, (hit, all_) in whole.items()))
    return 1 if failures or missed else 0


if __name__ == "__main__":
    sys.exit(main())
