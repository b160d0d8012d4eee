#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of coverage on counts made by hand: what is seen, waived, missed; and that the plan names what exists."""
import pathlib
import re
import sys
import tempfile
import tomllib
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cov  # noqa: E402
import driver_cov  # noqa: E402

FIFO = str(cov.ROOT / "rtl/common/fifo_sync.sv")
MON = str(cov.ROOT / "sim/mon/smmu_sync_sva.sv")


def entry(count, file=FIFO, line=10, page="v_line/fifo_sync", comment="if", hier="top.a"):
    fields = {"f": file, "l": line, "n": 3, "page": page, "o": comment, "h": hier}
    return "C '" + "".join(f"\x01{k}\x02{v}" for k, v in fields.items()) + f"' {count}\n"


def points(*entries):
    with tempfile.NamedTemporaryFile("w", suffix=".dat", delete=False) as file:
        file.write("# SystemC::Coverage-3\n" + "".join(entries))
    path = pathlib.Path(file.name)
    try:
        return cov.read_points(path)
    finally:
        path.unlink()


class Counts(unittest.TestCase):
    def test_instances_add_up(self):
        self.assertEqual(list(points(entry(0), entry(2, hier="top.b")).values()), [2])

    def test_shares_leave_monitors_out(self):
        found = points(entry(1), entry(0, line=11), entry(0, page="v_toggle/fifo_sync"), entry(5, file=MON, page="v_line/x"))
        self.assertEqual(cov.shares(found, []), {"fifo_sync": {"line": [1, 2, 0], "toggle": [0, 1, 0]}})

    def test_pages_are_of_the_design(self):
        lines = ["# SystemC::Coverage-3\n", entry(1), entry(1, file="rtl/common/fifo_sync.sv"), entry(1, file=MON),
                 entry(1, file="sim/mon/smmu_sync_sva.sv", hier="top/rtl/x")]
        self.assertEqual(cov.of_design(lines), lines[:3])

    def test_merged_is_the_sum(self):
        # The merging program is Debian's, the model's Verilator another one: toggles by direction, S for the lines of a block.
        point = lambda name, count: entry(count, file="rtl/common/fifo_sync.sv", page="v_toggle/fifo_sync__D2", comment=name)
        block = entry(3, file="rtl/common/fifo_sync.sv").replace("\x01h\x02", "\x01S\x0210-12,14\x01h\x02")
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder) / name for name in ("a.dat", "b.dat", "merged.dat")]
            files[0].write_text("# SystemC::Coverage-3\n" + point("q[0]:0->1", 2) + point("q[0]:1->0", 0) + block)
            files[1].write_text("# SystemC::Coverage-3\n" + point("q[0]:0->1", 5) + point("q[0]:1->0", 1) + block)
            cov.merge(files[2], files[:2])
            found = cov.read_points(files[2])
        self.assertEqual({point[4]: count for point, count in found.items()}, {"q[0]:0->1": 7, "q[0]:1->0": 1, "if": 6})

    def test_waivers(self):
        found = points(entry(0), entry(0, line=11, comment="else"))
        waiver = [{"file": "rtl/common/fifo_sync.sv", "match": "else", "reason": "x"}]
        self.assertEqual(cov.shares(found, waiver)["fifo_sync"]["line"], [0, 1, 1])

    def test_judge(self):
        plan = {"design": {"goal": {"line": 50, "toggle": 10}}, "covers": {"hit": ["a_sva.x", "a_sva.gone"], "unreached": {"a_sva.z": "why"}},
                "driver": {"complete": ["sw/a.c", "sw/b.c", "sw/c.c"]}}
        full = {"lines": [3, 3], "branches": [2, 2]}
        driver = {"sw/a.c": full, "sw/b.c": {"lines": [3, 3], "branches": [1, 2]}}
        missed = cov.judge(plan, {"one": {"line": [1, 2, 0], "toggle": [1, 9, 0]}, "two": {"line": [1, 3, 0]}},
                           {"a_sva.x": 1, "a_sva.y": 1, "a_sva.z": 0}, driver)
        self.assertEqual(len(missed), 5, missed)
        for pattern in ("two: line 33.3 %", "a_sva.gone: there is none", "a_sva.y: not in the plan", "sw/b.c: branches", "sw/c.c: no counts"):
            self.assertTrue(any(pattern in m for m in missed), pattern)
        plan["design"]["block"] = {"two": {"line": 30}}
        self.assertFalse(any("two:" in m for m in cov.judge(plan, {"two": {"line": [1, 3, 0]}}, {}, {})))


class Driver(unittest.TestCase):
    @staticmethod
    def export(branch, segment, branches=(3, 4)):
        summary = {"lines": {"covered": 7, "count": 7}, "branches": {"covered": branches[0], "count": branches[1]}}
        return {"data": [{"files": [{"filename": str(cov.ROOT / "sw/a.c"), "summary": summary, "branches": [branch], "segments": [segment]}]}]}

    def test_a_side_never_taken_is_told(self):
        export = self.export([12, 3, 12, 9, 5, 0, 0, 0, 4], [12, 3, 5, True, True, False])
        self.assertEqual(driver_cov.summaries(export), {"sw/a.c": {"lines": [7, 7], "branches": [3, 4]}})
        self.assertEqual(driver_cov.holes(export, "sw/a.c"), ["12:3: never false"])
        self.assertEqual(len(driver_cov.judge(["sw/a.c"], driver_cov.summaries(export))), 1)

    def test_a_line_never_run_is_told(self):
        export = self.export([12, 3, 12, 9, 5, 1, 0, 0, 4], [20, 3, 0, True, True, False], (4, 4))
        self.assertEqual(driver_cov.holes(export, "sw/a.c"), ["20:3: never run"])
        self.assertEqual(driver_cov.holes(export, "sw/b.c"), [])
        self.assertEqual(driver_cov.judge(["sw/a.c"], driver_cov.summaries(export)), [])

    def test_patterns(self):
        found = driver_cov.files_of(["sw/smmu/policy*.c", "sw/gone*.c"])
        self.assertIn("sw/smmu/policy_bisect.c", found)
        self.assertNotIn("sw/smmu/policy_minimal.c", found)  # a table of pointers, no code
        self.assertIn("sw/gone*.c", found)  # and is missed, since it has no counts


class Plan(unittest.TestCase):
    plan = tomllib.loads((cov.ROOT / "tb/cov/plan.toml").read_text())

    def test_covers_are_those_of_the_sources(self):
        there = {f"{path.stem}.{label}" for path in (cov.ROOT / "sim/mon").glob("*.sv")
                 for label in re.findall(r"(\w+): cover property", path.read_text())}
        planned = set(self.plan["covers"]["hit"]) | set(self.plan["covers"].get("unreached", {}))
        self.assertEqual(planned, there)

    def test_files_exist(self):
        waivers = tomllib.loads((cov.ROOT / "tb/cov/waivers.toml").read_text()).get("waive", [])
        for waiver in waivers:
            self.assertTrue(waiver["reason"])
            self.assertIn(waiver.get("match", ""), (cov.ROOT / waiver["file"]).read_text())
        for file in driver_cov.files_of(self.plan["driver"]["complete"]):
            self.assertTrue((cov.ROOT / file).exists(), file)
        for block in self.plan["design"].get("block", {}):
            self.assertTrue(list((cov.ROOT / "rtl").glob(f"*/{block}.sv")), block)


if __name__ == "__main__":
    unittest.main()
