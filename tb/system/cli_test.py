#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tool from outside: configuration, its precedence and its page; reports and logs that are not; replay; compare."""
import argparse
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ["--devices", "1", "--cpus", "1", "--set", "load.iterations=3"]
TOOL = ""


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def tool(self, *args, status=0):
        result = subprocess.run([TOOL, *map(str, args)], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, status, f"{args}\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
        return result

    def refused(self, pattern, *args):
        result = self.tool(*args, status=2)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertRegex(result.stderr, pattern)

    def run_small(self, name, *args):
        self.tool("run", "healthy", *SMALL, *args, "--out", self.folder / name)
        return self.folder / name / "report.json"


class Configuration(Case):
    def config(self, *args, scenario="slow"):
        return self.tool("run", scenario, "--print-config", *args).stdout

    def test_page_is_fresh(self):
        self.assertEqual((ROOT / "doc/config.md").read_text(), self.tool("list", "--keys").stdout,
                         "doc/config.md is stale: run `make docs`")

    def test_precedence(self):
        file = self.folder / "c.toml"
        file.write_text('seed = 5\nlink.latency = 60\n[smmu]\natc_timeout = 30000\n')
        text = self.config("--config", file, "--set", "link.latency=61", "--seed", "6")
        for line in ("link.latency = 61 ", "smmu.atc_timeout = 30000 ", "seed = 6 ", "link.width = 16 ", "fault.delay = 30400 "):
            self.assertIn(line, text)

    def test_what_is_printed_can_be_read(self):
        text = self.config("--set", "time=real", "--set", "link.latency=61", scenario="hang")
        file = self.folder / "c.toml"
        file.write_text(text)
        self.assertEqual(self.config("--config", file, scenario="hang"), text)

    def test_file_errors_name_the_line(self):
        file = self.folder / "c.toml"
        for text, pattern in (("seed = 1\nlink.latncy = 3\n", r"c.toml:2: .*link.latency"), ("seed = \n", r"c.toml:1"),
                              ("\nlink.width = 4.5\n", r"c.toml:2: .*link.width"), ("system.devices = 0\n", r"c.toml:1: .*1 to 16")):
            file.write_text(text)
            self.refused(pattern, "run", "hang", "--config", file)
        self.refused("no-such.toml", "run", "hang", "--config", self.folder / "no-such.toml")


class Terminal(Case):
    def test_long_runs_show_progress(self):
        ours, theirs = os.openpty()
        child = subprocess.Popen([TOOL, "run", "healthy", "--set", "load.iterations=1000000", "--out", self.folder / "long"],
                                 stdout=subprocess.DEVNULL, stderr=theirs)
        try:
            os.close(theirs)
            self.assertTrue(select.select([ours], [], [], 60)[0], "no progress within a minute")
            self.assertRegex(os.read(ours, 1000), rb"^\r  cycle \d+ .* cycles/s, \d+ s; at most \d+ s more")
        finally:
            child.kill()
            child.wait()
            os.close(ours)

    def test_no_progress_into_files(self):
        result = self.tool("run", "healthy", *SMALL, "--out", self.folder / "a")
        self.assertEqual(result.stderr, "")
        self.assertNotIn("\033", result.stdout)


class Files(Case):
    def test_report_repeats_and_compares(self):
        first = self.run_small("a")
        report = json.loads(first.read_text())
        self.assertRegex(report["tools"]["git_revision"], r"^[0-9a-f]{12}")
        self.tool(*report["command"].split()[1:], "--out", self.folder / "b")
        second = self.folder / "b/report.json"
        self.assertEqual((self.folder / "a/events.bin").read_bytes(), (self.folder / "b/events.bin").read_bytes())
        self.assertIn("0 settings, 0 verdicts and 0 figures differ", self.tool("compare", first, second).stdout)
        self.assertIn("log: the same as", self.tool("replay", first).stdout)
        self.assertEqual((self.folder / "a/events.bin").read_bytes(), (self.folder / "a/replay/events.bin").read_bytes())

    def test_replay_checks_the_log(self):
        report = self.run_small("a")
        self.tool("replay", report, "--waves")
        self.assertGreater((self.folder / "a/replay/waves.fst").stat().st_size, 1000)
        self.refused("is the log of the run itself", "replay", report, "--events", report.parent / "events.bin")
        log = report.parent / "events.bin"
        data = bytearray(log.read_bytes())
        data[32 + 40 * 100 + 16] ^= 1
        log.write_bytes(data)
        self.assertRegex(self.tool("replay", report, status=1).stdout, r"the replayed log differs from .*events.bin, first in cycle \d+")

    def test_grep(self):
        log = self.run_small("a").parent / "events.bin"
        whole = self.tool("events", log).stdout.splitlines()
        some = self.tool("events", log, "--grep", "inv_cpl |sync_(start|complete)").stdout.splitlines()
        self.assertEqual(some, [line for line in whole if line.split()[1] in ("inv_cpl", "sync_start", "sync_complete")])
        self.assertTrue(some)
        csv = self.tool("events", log, "--csv", "--grep", "inv_cpl,").stdout.splitlines()
        self.assertEqual(len(csv), 1 + sum(line.split()[1] == "inv_cpl" for line in whole))
        self.refused("--grep", "events", log, "--grep", "(")

    def test_compare_of_matrices(self):
        one, two = self.folder / "one.json", self.folder / "two.json"
        quick = ("--quick", "--scenario", "healthy", "--policy", "minimal", "--set", "system.devices=1")
        self.tool("matrix", *quick, "--json", one)
        self.assertIn("0 verdicts and 0 figures differ", self.tool("compare", one, one).stdout)
        self.tool("matrix", *quick, "--json", two, "--seed", "2")
        self.assertRegex(self.tool("compare", one, two, status=1).stdout, r"healthy minimal .*: cycles +\d+ +\d+ .*!")
        self.tool("compare", one, two, "--threshold", "1000000")
        report = self.run_small("a")
        self.refused("is a matrix, .* is a report", "compare", one, report)
        text = one.read_text()
        one.write_text(text[:len(text) // 2])
        self.refused("cut short", "compare", one, two)

    def test_compare_exit_status(self):
        first, slow = self.run_small("a"), self.run_small("b", "--set", "link.latency=60")
        result = self.tool("compare", first, slow, status=1)
        self.assertRegex(result.stdout, r"link.latency +50 +60")
        self.assertRegex(result.stdout, r"inv.round_trip.min +\d+ +\d+ +\+\d+\.\d %  !")
        self.tool("compare", first, slow, "--threshold", "1000")
        self.refused("--threshold", "compare", first, slow, "--threshold", "-1")

    def test_damaged_files(self):
        report = self.run_small("a")
        text, log = report.read_text(), report.parent / "events.bin"
        report.write_text(text[:len(text) // 2])
        self.refused("cut short", "replay", report)
        self.refused("cut short", "compare", report, report)
        report.write_text(text.replace("atcbench-report-1", "atcbench-report-7"))
        self.refused("atcbench-report-7", "replay", report)
        report.write_text(text.replace('"link.latency"', '"link.lateness"'))
        self.refused("link.lateness.*link.latency", "replay", report)
        data = log.read_bytes()
        log.write_bytes(data[:-7])
        self.refused("another length", "events", log)
        log.write_bytes(data[:20])
        self.refused("is not an event log", "events", log)
        log.write_bytes(data[:8] + b"\x09" + data[9:])
        self.refused("version 9", "events", log)
        log.write_bytes(data[:24] + bytes([data[24] ^ 1]) + data[25:])
        self.refused("another event table", "events", log)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    known, rest = parser.parse_known_args()
    TOOL = known.tool
    unittest.main(argv=[sys.argv[0], *rest])
