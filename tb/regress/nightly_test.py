#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The night's driver on tools made for the purpose: what it runs, what it writes, that the trend goes on."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sim/tools"))
import nightly  # noqa: E402

TOOL = """#!/usr/bin/env python3
import json, pathlib, sys
args = sys.argv[1:]
print("#1\tDONE", file=sys.stderr)  # as a fuzz target does
if "--out" in args:
    out = pathlib.Path(args[args.index("--out") + 1])
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps({"cycles_per_second": 1000}))
if "--events" in args:
    pathlib.Path(args[args.index("--events") + 1]).write_bytes(b"log" + (b"x" if NAME in sys.argv[0] else b""))
sys.exit(args[:2] == ["run", "bad"])
"""


class Night(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in ("atcbench", "atcbench-cov", "atcbench-other", "smmu_cosim", "smmu_cosim_global", "smmu_cosim_x",
                     "pcie_switch_test", "fuzz_cmdq", "fuzz_evtq", "fuzz_priq"):
            tool = self.folder / name
            tool.write_text(TOOL.replace("NAME", '"atcbench-other"'))
            tool.chmod(0o755)

    def run_night(self, plan, status):
        (self.folder / "plan.toml").write_text(plan)
        result = subprocess.run([sys.executable, ROOT / "sim/tools/nightly.py", "--build", self.folder, "--out", self.folder / "out",
                                 "--list", self.folder / "plan.toml", "--seeds", "2"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result.stdout

    def test_a_good_night_and_a_bad_one(self):
        good = '[[run]]\nscenario = "good"\ndevices = [1]\nset = ["a=b"]\ncompare_no_skip = true\n'
        same = '[[same_log]]\nargs = "run good"\ntools = ["atcbench-cov"]\n'
        self.run_night(good + same, 0)
        bad = '[[run]]\nscenario = "bad"\ndevices = [1, 2]\n'
        out = self.run_night(good + bad + same.replace("-cov", "-other"), 1)
        self.assertRegex(out, r"failed: atcbench-other-same-log-good")
        self.assertRegex(out, r"failed: bad-n2-s1\n  replay: .*atcbench run bad --devices 2 --seed 1")
        summary = json.loads((self.folder / "out/summary.json").read_text())
        self.assertEqual(len(summary["failed"]), 5)
        cases = list(ElementTree.parse(self.folder / "out/junit.xml").getroot().iter("testcase"))
        self.assertEqual(len(cases), summary["runs"])
        trend = [json.loads(line) for line in (self.folder / "out/trend.jsonl").read_text().splitlines()]
        self.assertEqual([night["failed"] for night in trend], [0, 5])
        self.assertEqual(trend[1]["speed"], 1000)
        page = (self.folder / "out/index.html").read_text()
        self.assertIn("5 failed", page)
        self.assertEqual(page.count('<tr class="bad"><td>20'), 1)
        self.assertIn("run bad --devices 2 --seed 1", page)

    def test_settings_stay_in_the_twin(self):
        plan = {"run": [{"scenario": "s", "devices": [1], "set": ["k=v"], "compare_no_skip": True}]}
        twin = dict(nightly.commands(plan, 1, "tool", pathlib.Path("/out")))["s-n1-v-s1-same-without-jump"]
        text = " ".join(twin)
        self.assertRegex(text, r"-- run s --devices 1 --seed 1 --set k=v --- run s --devices 1 --seed 1 --set k=v --no-skip$")


def values(entry):
    if isinstance(entry, list):
        return len(entry)
    count, value = 0, entry["from"]
    while value <= entry["to"]:
        count += 1
        value = value * entry["factor"] if "factor" in entry else value + entry["step"]
    return count


class Sweeps(unittest.TestCase):
    page = (ROOT / "doc/sweeps.md").read_text()
    files = sorted((ROOT / "tb/regress/sweeps").glob("*.toml"))

    def test_page_has_each_with_its_points(self):
        self.assertEqual(len(re.findall(r"^\| `\w+\.toml`", self.page, re.MULTILINE)), len(self.files))
        for path in self.files:
            points = 1
            leaves = [tomllib.loads(path.read_text())["vary"]]
            while leaves:
                for entry in leaves.pop().values():
                    if isinstance(entry, dict) and "from" not in entry:
                        leaves.append(entry)
                    else:
                        points *= values(entry)
            self.assertRegex(self.page, rf"`{path.name}` \|.*\| {points} \|")

    def test_each_draws_what_it_measures(self):
        for path in self.files:
            self.assertTrue(tomllib.loads(path.read_text()).get("plot"), path)


class Plan(unittest.TestCase):
    def test_every_scenario_has_a_twin_without_the_jump(self):
        registry = (ROOT / "sim/scenarios/registry.cpp").read_text()
        names = set(re.findall(r'\{"([a-z-]+)",', registry))
        self.assertTrue(names)
        rows = tomllib.loads((ROOT / "tb/regress/nightly.toml").read_text())["run"]
        self.assertEqual(names - {row["scenario"] for row in rows if row.get("compare_no_skip")}, set())


if __name__ == "__main__":
    unittest.main()
