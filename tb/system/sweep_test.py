#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sweeps from outside: table and plots, impossible points, resuming after a kill, one writer, a disk that is full."""
import argparse
import csv
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TOOL = ""
SPEC = """
scenario = "inv-stream"
figures = ["inv.sync_per_million_cycles.p50", "bound", "cycles"]
[set]
load.iterations = {iterations}
[vary]
system.devices = [1, 2, 99]
link.latency = [10, 50]
[[plot]]
name = "rate"
x = "link.latency"
y = "inv.sync_per_million_cycles.p50"
series = "system.devices"
bound = true
"""


def small_files_only():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


class Sweep(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.out = self.root / "out"
        self.write()

    def write(self, iterations=20):
        (self.root / "s.toml").write_text(SPEC.format(iterations=iterations))

    def command(self):
        return [TOOL, "sweep", str(self.root / "s.toml"), "--out", str(self.out)]

    def sweep(self, status=1, **options):
        result = subprocess.run(self.command(), capture_output=True, text=True, check=False, **options)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def reports(self):
        return {p: p.stat().st_mtime_ns for p in self.out.glob("points/*/report.json")}

    def test_table_plots_and_impossible_points(self):
        text = self.sweep().stdout
        self.assertIn("4 passed, 0 failed, 2 impossible", text)
        self.assertRegex(text, r"impossible: system.devices=99,link.latency=10: .*1 to 16")
        rows = list(csv.DictReader((self.out / "s.csv").read_text().splitlines()))
        self.assertEqual([r["status"] for r in rows], ["pass"] * 4 + ["impossible"] * 2)
        for row in rows[:4]:
            rate, bound = float(row["inv.sync_per_million_cycles.p50"]), float(row["bound"])
            self.assertLess(rate, bound)
            self.assertGreater(rate, 0.7 * bound)
        table = json.loads((self.out / "s.json").read_text())
        self.assertEqual(table["schema"], "atcbench-sweep-1")
        self.assertEqual(table["points"][1]["figures"]["cycles"], int(rows[1]["cycles"]))
        svg = (self.out / "rate.svg").read_text()
        self.assertIn("<svg", svg)
        self.assertIn("devices = 2", svg)
        self.assertEqual((self.out / "rate.png").read_bytes()[:4], b"\x89PNG")

    def test_finished_points_are_not_repeated(self):
        self.sweep()
        before = self.reports()
        self.assertIn("0 to run, 4 done before", self.sweep().stdout)
        self.assertEqual(self.reports(), before)
        damaged = sorted(before)[0]
        damaged.write_text(damaged.read_text()[:100])
        self.assertIn("1 to run, 3 done before", self.sweep().stdout)
        self.write(iterations=4)
        self.assertIn("4 to run, 0 done before", self.sweep().stdout)

    def test_killed_sweep_goes_on(self):
        self.write(iterations=150)
        child = subprocess.Popen(self.command() + ["--jobs", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self.reports() and time.monotonic() < deadline:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
        done = self.reports()
        self.assertTrue(0 < len(done) < 4, done)
        time.sleep(0.3)  # its run dies with it
        self.assertIn("4 passed", self.sweep().stdout)
        for path, when in done.items():
            self.assertEqual(path.stat().st_mtime_ns, when)

    def test_one_writer(self):
        self.write(iterations=400)
        child = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while not (self.out / "points").exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            result = self.sweep(status=2)
            self.assertRegex(result.stderr, "another run writes to")
            self.assertEqual(len(result.stderr.splitlines()), 1)
        finally:
            child.kill()
            child.wait()

    def test_one_writer_of_a_run(self):
        run = [TOOL, "run", "inv-stream", "--set", "load.iterations=2000", "--out", str(self.out)]
        child = subprocess.Popen(run, stdout=subprocess.DEVNULL)
        try:
            time.sleep(0.2)
            self.assertIsNone(child.poll(), "the first run ended too early")
            second = subprocess.run(run, capture_output=True, text=True, check=False)
            self.assertEqual(second.returncode, 2)
            self.assertRegex(second.stderr, "another run writes to")
        finally:
            child.kill()
            child.wait()

    def test_no_room_for_reports(self):
        result = self.sweep(preexec_fn=small_files_only)
        self.assertIn("0 passed, 0 failed, 2 impossible, 4 errors", result.stdout)
        self.assertIn("File too large", result.stdout)
        self.assertEqual(self.reports(), {})
        self.assertEqual([p for p in self.out.rglob("*.tmp")], [])
        self.assertIn("4 passed", self.sweep().stdout)

    def test_plots_need_gnuplot(self):
        result = self.sweep(status=2, env={**os.environ, "PATH": str(self.root)})
        self.assertIn("plots need gnuplot", result.stderr)
        self.assertTrue((self.out / "s.csv").exists())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    known, rest = parser.parse_known_args()
    TOOL = known.tool
    unittest.main(argv=[sys.argv[0], *rest])
