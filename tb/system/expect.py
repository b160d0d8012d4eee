#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command and checks how it ends.

Usage: expect.py [--status N] [--match REGEX]... [--last REGEX] [--lines N] [--absent PATH]... [--json KEY=VALUE FILE]...
                 -- COMMAND...
  --status  exit status (0)
  --match   must be found in what it prints (both streams)
  --last    must match the last line
  --lines   it prints exactly so many lines
  --absent  must not exist afterwards (removed before the run)
Exit status 0 as expected, 1 not, 2 wrong use.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--status", type=int, default=0)
    parser.add_argument("--match", action="append", default=[])
    parser.add_argument("--last")
    parser.add_argument("--lines", type=int)
    parser.add_argument("--absent", action="append", default=[], type=pathlib.Path)
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    for path in args.absent:
        remove(path)
    result = subprocess.run(args.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = result.stdout.splitlines()
    wrong = []
    if result.returncode != args.status:
        wrong.append(f"exit status {result.returncode}, expected {args.status}")
    for pattern in args.match:
        if not re.search(pattern, result.stdout, re.MULTILINE):
            wrong.append(f"nothing matches {pattern!r}")
    if args.last is not None and (not lines or not re.search(args.last, lines[-1])):
        wrong.append(f"last line does not match {args.last!r}")
    if args.lines is not None and len(lines) != args.lines:
        wrong.append(f"{len(lines)} lines, expected {args.lines}")
    for path in args.absent:
        if path.exists():
            wrong.append(f"{path} was written")
    if wrong:
        print(result.stdout)
        print("\n".join(f"expect: {w}" for w in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
