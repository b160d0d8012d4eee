#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tool twice and compares the two event logs byte for byte.

Usage: same_log.py --tool build/atcbench [--tool2 build/atcbench-sc] -- ARGS... --- ARGS...
Everything before --- belongs to the first run, everything after it to the second. On a difference the first
differing record is printed from both logs. Exit status 0 identical, 1 different or a run failed, 2 wrong use.
"""
import pathlib
import struct
import subprocess
import sys
import tempfile

HEADER = 32  # bytes (event_log.h)


def run(tool, args, folder):
    folder.mkdir()
    log = folder / "events.bin"
    result = subprocess.run([tool, *args, "--events", str(log), "--json", str(folder / "report.json"), "--out", str(folder)],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0 or not log.exists():
        print(f"same_log: {tool} {' '.join(args)} ended with {result.returncode}\n{result.stdout[-3000:]}{result.stderr[-2000:]}")
        return None
    return log.read_bytes()


def first_difference(tool, a, b):
    """Index of the first differing byte, shown as the record that holds it."""
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    size = struct.unpack_from("<I", a, 12)[0] if len(a) >= HEADER else 1
    record = max(0, at - HEADER) // max(size, 1)
    return f"first difference at byte {at} (record {record}); lengths {len(a)} and {len(b)}"


def main(argv):
    try:
        split = argv.index("--")
        first, second = argv[split + 1:], []
        cut = first.index("---")
        first, second = first[:cut], first[cut + 1:]
        options = dict(zip(argv[:split:2], argv[1:split:2]))
        tool = options["--tool"]
        tool2 = options.get("--tool2", tool)
    except (ValueError, KeyError):
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as tmp:
        a = run(tool, first, pathlib.Path(tmp) / "a")
        b = run(tool2, second, pathlib.Path(tmp) / "b")
    if a is None or b is None:
        return 1
    if a != b:
        print(f"same_log: logs differ: {first_difference(tool, a, b)}")
        return 1
    print(f"same_log: identical, {len(a)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
