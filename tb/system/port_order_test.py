#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two CPU ports, one result (D28): the order of port calls recorded on AArch64 and enforced on the native port.

Compared is the functional log: what each CPU's driver did, in order, with all arguments but durations, and the commands
that hardware consumed, in order. Cycles differ, and so may what other devices do meanwhile. Natively several events share a cycle,
and the log sorts those by number: they are compared as a set.
"""
import argparse
import itertools
import pathlib
import subprocess
import sys
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ""
OUT = pathlib.Path()

DURATION = {"lock_wait": "a1", "lock_hold": "a1"}


class Log:
    def __init__(self, path):
        table = tomllib.loads((ROOT / "rtl/regs/log_events.toml").read_text())["events"]
        driver = {e["name"] for e in table if e["category"].startswith("driver_")}
        text = subprocess.run([TOOL, "events", "--csv", str(path)], capture_output=True, text=True, check=True).stdout
        self.cpus, self.commands = {}, []
        for line in text.splitlines()[1:]:
            cycle, name, src, *args = line.split(",")
            if name == "cmd_consumed":
                self.commands.append(args)
            if name in driver:
                if name in DURATION:
                    args[int(DURATION[name][1])] = "-"
                self.cpus.setdefault(src, []).append((int(cycle), name, *args))


class Order(unittest.TestCase):
    def run_tool(self, name, *args, status=0):
        OUT.mkdir(parents=True, exist_ok=True)
        command = [TOOL, "run", *self.scenario, "--set", "load.iterations=8", *args, "--out", str(OUT / name)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result.stdout + result.stderr, OUT / name / "events.bin"

    def compare(self, *scenario, enforced=("--cpu", "native")):
        self.scenario = scenario
        order = str(OUT / "order.txt")
        _, recorded = self.run_tool("recorded", "--cpu", "aarch64", "--record-order", order)
        _, log = self.run_tool("enforced", *enforced, "--enforce-order", order)
        a, b = Log(recorded), Log(log)
        self.assertGreater(len(a.commands), 50)
        self.assertEqual(sorted(a.cpus), sorted(b.cpus))
        for cpu, events in a.cpus.items():
            left = iter(events)
            for cycle, group in itertools.groupby(b.cpus[cpu], key=lambda e: e[0]):
                native = sorted(e[1:] for e in group)
                self.assertEqual(sorted(e[1:] for e in itertools.islice(left, len(native))), native, f"CPU {cpu}, cycle {cycle}")
            self.assertEqual(list(left), [], f"CPU {cpu}")
        self.assertEqual(a.commands, b.commands)
        return order, a

    def test_one_cpu(self):
        self.compare("healthy", "--cpus", "1", "--devices", "2")

    def test_two_cpus(self):
        self.compare("healthy", "--cpus", "2", "--devices", "1", "--seed", "3")

    def test_smmu_ahead_of_slower_cpus(self):
        self.compare("healthy", "--cpus", "2", "--devices", "2", enforced=("--cpu", "aarch64", "--set", "cpu.cpi=4"))

    def test_two_cpus_batches(self):
        order, recorded = self.compare("healthy", "--cpus", "2", "--devices", "2", "--set", "driver.batch=2")
        # The comparison sees another run. (Free-running, this one may come out with the same commands by chance.)
        _, free = self.run_tool("free", "--cpu", "native", "--seed", "2")
        self.assertNotEqual(recorded.commands, Log(free).commands)
        # Another run's order is not this one's.
        text, _ = self.run_tool("other", "--cpu", "native", "--seed", "2", "--enforce-order", order, status=1)
        self.assertIn("order of port calls", text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    args, rest = parser.parse_known_args()
    TOOL, OUT = args.tool, args.out
    unittest.main(argv=[sys.argv[0], *rest])
