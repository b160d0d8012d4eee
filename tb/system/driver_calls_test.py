#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The harness calls the driver through call(): a direct call would run native code on the handles of the AArch64 image."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = ROOT / "sim/src/aarch64_functions.cpp"


def direct_calls(text, names):
    pattern = re.compile(r"(?<![\w\"])(" + "|".join(names) + r")\(")
    for number, line in enumerate(text.splitlines(), 1):
        code = line.split("//")[0]
        for hit in pattern.finditer(re.sub(r'"[^"]*"', '""', code)):
            yield number, hit.group(1)


def main():
    names = re.findall(r"FUNCTION\((\w+)\)", LIST.read_text())
    names.remove("name")
    declared = set()
    for header in ("smmu", "pci", "iommu"):
        text = (ROOT / f"sw/include/{header}.h").read_text()
        declared |= set(re.findall(r"^\w[\w \*]*?\b((?:smmu|pci|iommu)_\w+)\(", text, re.M))
    # What needs no handle, or takes a function of the caller.
    declared -= {"smmu_platform_init", "smmu_policy_name", "smmu_policy_summary", "pci_host_cfg_init", "smmu_set_event_handler",
                 "pci_set_reset_hooks", "iommu_set_fault_handler"}
    bad = [f"sim/src/aarch64_functions.cpp: {name} is missing" for name in sorted(declared - set(names))]
    assert list(direct_calls("x = iommu_map(d);", names)), "the check itself finds nothing"
    for path in sorted([*ROOT.glob("sim/scenarios/*"), *ROOT.glob("sim/src/*.cpp"), *ROOT.glob("sim/include/atcbench/*.h")]):
        if path.name == "aarch64_port.cpp":
            continue
        bad += [f"{path.relative_to(ROOT)}:{number}: {name}() must go through call()"
                for number, name in direct_calls(path.read_text(), names)]
    print("\n".join(bad) or f"{len(names)} driver functions")
    return 1 if bad else 0


sys.exit(main())
