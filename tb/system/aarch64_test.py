#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The unmap path instruction by instruction: how many, and that none divides, allocates or takes a lock."""
import argparse
import json
import pathlib
import subprocess
import sys
import unittest

TOOL = ""
OUT = pathlib.Path()

LOCKS = {"raw_lock_acquire", "raw_lock_release", "lock_take", "mutex_lock", "mutex_unlock"}
ALLOCATOR = {"port_zalloc", "port_free", "port_dma_alloc", "port_dma_free"}
# Medians of the path with a little room: doc/aarch64.md has the measured figures.
LIMIT_T, LIMIT_A = 900, 700


def divides(word):
    return word & 0x7FE0F800 == 0x1AC00800  # UDIV, SDIV


class Path:
    """Instructions of one CPU between two events."""
    def __init__(self):
        self.functions = {}
        self.words = []

    def forbidden(self):
        found = {f for f in self.functions if f in LOCKS | ALLOCATOR}
        if any(divides(w) for w in self.words):
            found.add("a division")
        return found


def paths(lines, first, last):
    """All of them that lie within one unmap, or before the first."""
    live, done = None, []
    for line in lines:
        field = line.split()
        if field[2] == "event":
            if field[3] == first:
                live = Path()
            elif field[3] == last and live:
                done.append(live)
                live = None
            elif field[3] == "unmap_exit":
                live = None
        elif live:
            live.words.append(int(field[3], 16))
            name = field[4].split("+")[0]
            live.functions[name] = live.functions.get(name, 0) + 1
    return done


class Unmap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        OUT.mkdir(parents=True, exist_ok=True)
        trace = OUT / "pc.txt"
        command = [TOOL, "run", "healthy", "--cpu", "aarch64", "--devices", "1", "--cpus", "1", "--set", "load.iterations=4",
                   "--set", "load.dma_interval=0", "--pc-trace", trace, "--out", OUT]
        result = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(result.stdout + result.stderr)
        cls.lines = trace.read_text().splitlines()
        cls.report = json.loads((OUT / "report.json").read_text())

    def test_count_is_that_of_the_report(self):
        for first, last, figure, limit in (("unmap_enter", "prod_write", "instr.prod_write_t", LIMIT_T),
                                           ("sync_seen", "prod_write", "instr.prod_write_a", LIMIT_A)):
            counts = sorted(len(p.words) for p in paths(self.unmaps(), first, last))
            of_report = self.report["figures"][figure]
            self.assertGreater(len(counts), 8)
            self.assertEqual((len(counts), counts[0], counts[-1]), (of_report["count"], of_report["min"], of_report["max"]))
            print(f"{figure}: {counts[0]} to {counts[-1]}, median {counts[len(counts) // 2]}", file=sys.stderr)
            self.assertLessEqual(counts[len(counts) // 2], limit)

    def unmaps(self):
        """The lines of all unmaps, each without what lies between it and the next."""
        inside, lines = False, []
        for line in self.lines:
            if line.endswith("event unmap_enter"):
                inside = True
            if inside:
                lines.append(line)
            if line.endswith("event unmap_exit"):
                inside = False
        return lines

    def test_nothing_slow(self):
        for first, last in (("unmap_enter", "prod_write"), ("sync_seen", "prod_write")):
            for path in paths(self.unmaps(), first, last):
                self.assertEqual(path.forbidden(), set(), f"{first} -> {last}")

    def test_the_check_sees_what_it_forbids(self):
        everything = Path()
        for line in self.lines:
            field = line.split()
            if field[2] != "event":
                everything.functions[field[4].split("+")[0]] = 1
        self.assertTrue({"mutex_lock", "raw_lock_acquire", "port_zalloc", "port_dma_alloc"} <= everything.forbidden())
        self.assertTrue(divides(0x9AC20820) and divides(0x1AC20C20))  # udiv x0, x1, x2; sdiv w0, w1, w2
        self.assertFalse(divides(0x9AC22020))                         # lsl x0, x1, x2


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    args, rest = parser.parse_known_args()
    TOOL, OUT = args.tool, args.out
    unittest.main(argv=[sys.argv[0], *rest])
