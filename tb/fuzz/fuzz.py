#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a fuzz target for a fixed number of inputs, from its own seeds: the same target and options, the same inputs.

Usage: fuzz.py TARGET --runs N [--seed S] [--out DIR] [--planted]
  --out      where the input of a failure is left (default out/fuzz); TARGET FILE repeats it
  --planted  the target has a bug, and must find it
Exit status 0 as wanted, 1 not, 2 wrong use.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOUND = ("FUZZ_CHECK(", "AddressSanitizer", "runtime error", "libFuzzer: timeout")


def run(target, runs, seed, artifacts):
    with tempfile.TemporaryDirectory() as corpus:
        subprocess.run([target, f"--seeds={corpus}"], check=True)
        # Without comparisons as a guide: some are of addresses, which differ from run to run. -reload: nobody else writes here.
        command = [target, f"-runs={runs}", f"-seed={seed}", "-use_cmp=0", "-reload=0", "-max_len=512", "-len_control=20",
                   "-timeout=60", "-rss_limit_mb=4096", f"-artifact_prefix={artifacts}/", corpus]
        return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out/fuzz")
    parser.add_argument("--planted", action="store_true")
    args = parser.parse_args()
    if not args.target.exists():
        print(f"fuzz: {args.target} is missing", file=sys.stderr)
        return 2
    if args.planted:
        with tempfile.TemporaryDirectory() as artifacts:
            result = run(args.target.resolve(), args.runs, args.seed, artifacts)
        reason = [line for line in result.stderr.splitlines() if any(text in line for text in FOUND)]
        if result.returncode == 0 or not reason:
            print(f"{args.target.name}: the planted bug was not found in {args.runs} runs\n{result.stderr[-2000:]}")
            return 1
        print(f"{args.target.name}: found: {reason[0]}")
        return 0
    artifacts = args.out / args.target.name
    artifacts.mkdir(parents=True, exist_ok=True)
    result = run(args.target.resolve(), args.runs, args.seed, artifacts)
    done = [line for line in result.stderr.splitlines() if "DONE" in line]
    if result.returncode != 0 or not done:
        print(f"{result.stderr[-6000:]}\n{args.target.name} failed; repeat it with: {args.target} {artifacts}/<file named above>")
        return 1
    print(f"{args.target.name}: seed {args.seed}: {done[-1].split('exec/s')[0].strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
