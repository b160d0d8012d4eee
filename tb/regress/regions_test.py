#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""regions.py: the lowest of several lines, tables that lack something, what is printed."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sim/tools"))
import regions  # noqa: E402


def table(figure, rows):
    return {"points": [{"settings": settings, "figures": {} if value is None else {figure: value}} for settings, value in rows]}


class Envelope(unittest.TestCase):
    def brute(self, lines, u):
        low = min((s + u * h, h) for s, h in lines.values())
        return sorted(n for n, (s, h) in lines.items() if (s + u * h, h) == low)

    def test_is_the_lowest_line_everywhere(self):
        for lines in ({"a": (100, 10), "b": (1000, 7)}, {"a": (5, 5)}, {"a": (5, 5), "b": (5, 5)}, {"a": (7, 3), "b": (0, 9), "c": (4, 5)},
                      {"a": (10, 10), "b": (10, 9)}, {"a": (0, 1), "b": (100, 2), "c": (100, 1)}, {"a": (9, 4), "b": (12, 3), "c": (14, 2)}):
            found = regions.envelope(lines)
            for u in range(300):
                names = [n for start, n in found if start <= u][-1]
                self.assertEqual(names, self.brute(lines, u), f"{lines} at U = {u}")

    def test_regions_are_as_few_as_can_be(self):
        self.assertEqual(regions.envelope({"a": (100, 10), "b": (1000, 7)}), [(0, ["a"]), (300, ["b"])])


class Tool(unittest.TestCase):
    def run_tool(self, search, hot):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for file, content in (("s.json", search), ("h.json", hot)):
                (folder / file).write_text(json.dumps(content))
            return subprocess.run([sys.executable, str(ROOT / "sim/tools/regions.py"), folder / "s.json", folder / "h.json", "--json",
                                   folder / "out.json"], capture_output=True, text=True, check=False)

    def settings(self, policy, **more):
        return {"driver.policy": policy, "system.devices": "4", **more}

    def test_prints_where_each_wins(self):
        k = {"fault.count": "1", "smmu.atc_timeout": "2500"}
        r = self.run_tool(table("isolation.max", [(self.settings("minimal", **k), 1000.0), (self.settings("sync-per-device", **k), 100.0)]),
                          table("unmap.p50", [(self.settings("minimal"), 700.0), (self.settings("sync-per-device"), 1000.0)]))
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("sync-per-device (U <= 2); minimal (U >= 3)", r.stdout)

    def test_says_what_is_missing(self):
        k = {"fault.count": "1", "smmu.atc_timeout": "2500"}
        good = table("isolation.max", [(self.settings("minimal", **k), 1.0)])
        for search, hot in ((good, table("unmap.p50", [(self.settings("minimal"), None)])), ({}, good),
                            (good, table("unmap.p50", [(self.settings("bisect"), 1.0)]))):
            r = self.run_tool(search, hot)
            self.assertEqual(r.returncode, 2)
            self.assertEqual(len(r.stderr.splitlines()), 1, r.stderr)


if __name__ == "__main__":
    unittest.main()
