#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sim/tools/expected.py against a tool that only pretends to run: what it notices, what it rewrites."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "sim/tools/expected.py"
REPORT = {"cycles": 1000, "figures": {"hot.total": {"count": 3, "min": 5, "p50": 7, "p99": 9, "max": 9}}}
GOOD = '# why\nrun = ["hang"]\n\n[figures]\ncycles = 1000  # all of it\n"hot.total.p50" = 7\n'


class Expected(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root = pathlib.Path(self.folder.name)
        (root / "report.json").write_text(json.dumps(REPORT))
        self.tool = root / "tool"
        self.tool.write_text(f'#!/bin/sh\n[ "$2" = fails ] && exit 1\ncp {root}/report.json "$4"\n')
        self.tool.chmod(0o755)
        self.file = root / "hang.toml"

    def run_on(self, text, *options):
        self.file.write_text(text)
        return subprocess.run([sys.executable, SCRIPT, "--tool", self.tool, *options, self.file], capture_output=True, text=True,
                              check=False)

    def test_equal_passes(self):
        self.assertEqual(self.run_on(GOOD).returncode, 0)

    def test_difference_fails_and_says_what(self):
        result = self.run_on(GOOD.replace("1000", "990"))
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"cycles +990 +1000 +\+10 \(\+1\.0 %\)")
        self.assertIn("make bless", result.stdout)

    def test_better_fails_too(self):
        self.assertEqual(self.run_on(GOOD.replace("= 7", "= 8")).returncode, 1)

    def test_bless_rewrites_numbers_only(self):
        result = self.run_on(GOOD.replace("1000", "990").replace("= 7", "= 8"), "--bless")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(self.file.read_text(), GOOD)

    def test_figure_that_the_run_does_not_have(self):
        result = self.run_on(GOOD + '"hot.nothing.p50" = 0\n', "--bless")
        self.assertEqual(result.returncode, 1)
        self.assertIn("has no figure hot.nothing.p50", result.stdout)

    def test_failing_run_fails(self):
        self.assertEqual(self.run_on(GOOD.replace('"hang"', '"fails"')).returncode, 1)

    def test_bad_file_is_wrong_use(self):
        for text in ("run = 3\n", GOOD + "typo = 3\n", GOOD.replace("7", '"7"'), "not toml"):
            result = self.run_on(text)
            self.assertEqual(result.returncode, 2, text)
            self.assertEqual(len(result.stderr.splitlines()), 1, text)


if __name__ == "__main__":
    unittest.main()
