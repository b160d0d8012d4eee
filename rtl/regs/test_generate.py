#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden facts of the register source, written by hand from the fact sheets, and freshness of what is generated.

The facts are put to the generated files themselves: as elaboration-time checks to Verilator, as static assertions
to a C and a C++ compiler. Run with the interpreter that has requirements.txt: python rtl/regs/test_generate.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
INCLUDE = ROOT / "sw/include"
sys.path.insert(0, str(HERE))

import generate  # noqa: E402
from gen import events, model, sv  # noqa: E402

# smmuv3 §1: byte offsets.
OFFSETS = {
    "IDR0": 0x00, "IDR1": 0x04, "IDR5": 0x14, "IIDR": 0x18, "AIDR": 0x1C, "CR0": 0x20, "CR0ACK": 0x24, "CR1": 0x28,
    "CR2": 0x2C, "STATUSR": 0x40, "GBPA": 0x44, "AGBPA": 0x48, "IRQ_CTRL": 0x50, "IRQ_CTRLACK": 0x54, "GERROR": 0x60,
    "GERRORN": 0x64, "GERROR_IRQ_CFG0": 0x68, "GERROR_IRQ_CFG1": 0x70, "GERROR_IRQ_CFG2": 0x74, "STRTAB_BASE": 0x80,
    "STRTAB_BASE_CFG": 0x88, "CMDQ_BASE": 0x90, "CMDQ_PROD": 0x98, "CMDQ_CONS": 0x9C, "EVENTQ_BASE": 0xA0,
    "EVENTQ_IRQ_CFG0": 0xB0, "EVENTQ_IRQ_CFG1": 0xB8, "EVENTQ_IRQ_CFG2": 0xBC, "PRIQ_BASE": 0xC0,
    "PRIQ_IRQ_CFG0": 0xD0, "PRIQ_IRQ_CFG1": 0xD8, "PRIQ_IRQ_CFG2": 0xDC, "IDR6": 0x190, "ATC_TIMEOUT": 0xE00,
    "QUAR_INTERVAL": 0xE08, "IMPDEF_CTRL": 0xE10, "QUAR_RELEASE": 0xE60, "PIDR4": 0xFD0, "PIDR0": 0xFE0, "CIDR0": 0xFF0,
    "EVENTQ_PROD": 0x100A8, "EVENTQ_CONS": 0x100AC, "PRIQ_PROD": 0x100C8, "PRIQ_CONS": 0x100CC,
}

PMCG_OFFSETS = {
    "EVCNTR": 0x000, "EVTYPER": 0x400, "SVR": 0x600, "SMR0": 0xA00, "CNTENSET0": 0xC00, "CNTENCLR0": 0xC20,
    "INTENSET0": 0xC40, "INTENCLR0": 0xC60, "OVSCLR0": 0xC80, "OVSSET0": 0xCC0, "CAPR": 0xD88, "CFGR": 0xE00,
    "CR": 0xE04, "IIDR": 0xE08, "CEID0": 0xE20, "CEID1": 0xE28, "IRQ_CTRL": 0xE50, "IRQ_CTRLACK": 0xE54,
    "IRQ_CFG0": 0xE58, "IRQ_CFG1": 0xE60, "IRQ_CFG2": 0xE64, "IRQ_STATUS": 0xE68, "AIDR": 0xE70, "PIDR0": 0xFE0,
}

# Decision D5: arrays as base, stride, count.
ARRAYS = {"INV_LIMIT": (0xE20, 4, 16), "QUAR_BUSY": (0xE70, 4, 16), "STRAY_COUNT": (0xEB0, 4, 8)}

# smmuv3 §1.2 to §1.6: register, width, field, msb, lsb.
REG_FIELDS = [
    ("CR0", 32, "SMMUEN", 0, 0), ("CR0", 32, "CMDQEN", 3, 3), ("CR0", 32, "ATSCHK", 4, 4),
    ("CR2", 32, "RECINVSID", 1, 1), ("GBPA", 32, "ABORT", 20, 20), ("GBPA", 32, "UPDATE", 31, 31),
    ("GERROR", 32, "CMDQ_ERR", 0, 0), ("GERROR", 32, "EVENTQ_ABT_ERR", 2, 2), ("GERROR", 32, "SFM_ERR", 8, 8),
    ("STRTAB_BASE", 64, "ADDR", 55, 6), ("STRTAB_BASE_CFG", 32, "FMT", 17, 16), ("CMDQ_BASE", 64, "ADDR", 55, 5),
    ("CMDQ_BASE", 64, "LOG2SIZE", 4, 0), ("CMDQ_CONS", 32, "ERR", 30, 24), ("CMDQ_CONS", 32, "RD", 19, 0),
    ("EVENTQ_PROD", 32, "OVFLG", 31, 31), ("EVENTQ_CONS", 32, "OVACKFLG", 31, 31), ("IDR0", 32, "ATS", 10, 10),
    ("IDR0", 32, "ST_LEVEL", 28, 27), ("IDR1", 32, "CMDQS", 25, 21), ("IDR5", 32, "OAS", 2, 0),
    ("PRIQ_IRQ_CFG2", 32, "LO", 31, 31), ("ATC_TIMEOUT", 64, "TIMEOUT", 47, 0),
]

# smmuv3 §2, §5, §8, §9: entry, dwords, dword, field, msb, lsb within the dword.
FMT_FIELDS = [
    ("CMD_SYNC", 2, 0, "CS", 13, 12), ("CMD_SYNC", 2, 0, "MSIDATA", 63, 32), ("CMD_SYNC", 2, 1, "MSIADDR", 55, 2),
    ("CMD_ATC_INV", 2, 0, "G", 9, 9), ("CMD_ATC_INV", 2, 0, "SSV", 11, 11), ("CMD_ATC_INV", 2, 0, "SSID", 31, 12),
    ("CMD_ATC_INV", 2, 0, "SID", 63, 32), ("CMD_ATC_INV", 2, 1, "SIZE", 5, 0), ("CMD_ATC_INV", 2, 1, "ADDR", 63, 12),
    ("CMD_TLBI_NH_VA", 2, 0, "NUM", 16, 12), ("CMD_TLBI_NH_VA", 2, 0, "SCALE", 24, 20),
    ("CMD_TLBI_NH_VA", 2, 0, "VMID", 47, 32), ("CMD_TLBI_NH_VA", 2, 0, "ASID", 63, 48),
    ("CMD_TLBI_NH_VA", 2, 1, "TG", 11, 10), ("CMD_TLBI_NH_VA", 2, 1, "TTL", 9, 8),
    ("CMD_CFGI_STE_RANGE", 2, 1, "RANGE", 4, 0), ("CMD_PRI_RESP", 2, 1, "RESP", 13, 12), ("CMD_RESUME", 2, 0, "AB", 13, 13),
    ("STE", 8, 0, "V", 0, 0), ("STE", 8, 0, "CONFIG", 3, 1), ("STE", 8, 0, "S1CDMAX", 63, 59),
    ("STE", 8, 0, "S1CONTEXTPTR", 55, 6), ("STE", 8, 1, "EATS", 29, 28), ("STE", 8, 1, "STRW", 31, 30),
    ("STE", 8, 1, "SHCFG", 45, 44), ("STE", 8, 2, "S2T0SZ", 37, 32), ("STE", 8, 2, "S2PS", 50, 48),
    ("STE", 8, 2, "S2S", 57, 57), ("STE", 8, 3, "S2TTB", 51, 4),
    ("CD", 8, 0, "T0SZ", 5, 0), ("CD", 8, 0, "TG0", 7, 6), ("CD", 8, 0, "TG1", 23, 22), ("CD", 8, 0, "V", 31, 31),
    ("CD", 8, 0, "IPS", 34, 32), ("CD", 8, 0, "ASID", 63, 48), ("CD", 8, 1, "TTB0", 51, 4), ("CD", 8, 2, "TTB1", 51, 4),
    ("CD", 8, 3, "MAIR", 63, 0), ("L1STD", 1, 0, "SPAN", 4, 0), ("L1STD", 1, 0, "L2PTR", 55, 6),
    ("L1CD", 1, 0, "L2PTR", 55, 12),
    ("EVT_FAULT", 4, 0, "NUM", 7, 0), ("EVT_FAULT", 4, 1, "STALL", 31, 31), ("EVT_FAULT", 4, 1, "RNW", 35, 35),
    ("EVT_FAULT", 4, 1, "CLASS", 41, 40), ("EVT_FAULT", 4, 3, "IPA", 51, 12), ("EVT_FETCH", 4, 3, "FETCHADDR", 51, 3),
    ("EVT_BAD_ATS_TREQ", 4, 1, "SPAN", 51, 44), ("PRI_ENT", 2, 0, "LAST", 62, 62), ("PRI_ENT", 2, 1, "PRGINDEX", 8, 0),
]

# Values of encodings.
VALUES = {
    "OP_CFGI_STE": 0x03, "OP_CFGI_STE_RANGE": 0x04, "OP_CFGI_CD": 0x05, "OP_TLBI_NH_VA": 0x12, "OP_TLBI_S12_VMALL": 0x28,
    "OP_TLBI_S2_IPA": 0x2A, "OP_TLBI_NSNH_ALL": 0x30, "OP_ATC_INV": 0x40, "OP_PRI_RESP": 0x41, "OP_RESUME": 0x44,
    "OP_SYNC": 0x46, "CERROR_ILL": 1, "CERROR_ABT": 2, "CERROR_ATC_INV_SYNC": 3, "EVT_F_BAD_ATS_TREQ": 0x05,
    "EVT_F_TRANSL_FORBIDDEN": 0x07, "EVT_F_TRANSLATION": 0x10, "EVT_F_PERMISSION": 0x13, "STE_CONFIG_NESTED": 7,
    "STE_EATS_FULL": 1, "TG0_16K": 2, "TG1_4K": 2, "TLBI_TG_4K": 1, "OAS_48": 5, "SYNC_CS_IRQ": 1,
}

# pcie-ats §8, §9: mask of a field in its configuration dword.
CFG_MASKS = {
    "ATS_CAP_CTRL_ENABLE": 1 << 31, "ATS_CAP_CTRL_STU_MASK": 0x1F << 16, "ATS_CAP_CTRL_INV_QDEP_MASK": 0x1F,
    "DEVCTL_DEVSTA_FLR": 1 << 15, "DEVCTL_DEVSTA_TRPND": 1 << 21, "DEVCAP_FLR": 1 << 28,
    "AER_UNCOR_STATUS_CTO": 1 << 14, "AER_UNCOR_STATUS_UC": 1 << 16, "AER_UNCOR_STATUS_UR": 1 << 20,
}


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Freshness(unittest.TestCase):
    def test_checked_in_files_are_fresh(self):
        result = run(sys.executable, str(HERE / "generate.py"), "--check")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_a_changed_file_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.h"
            self.assertEqual(generate.stale({path: "a"}), [path])
            path.write_text("b")
            self.assertEqual(generate.stale({path: "a"}), [path])
            path.write_text("a")
            self.assertEqual(generate.stale({path: "a"}), [])


class Source(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = model.load(HERE)

    def test_no_other_register_at_a_golden_offset(self):
        by_offset = {reg.offset: reg.name for reg in self.model.maps["smmu"].regs}
        for name, offset in OFFSETS.items():
            self.assertEqual(by_offset.get(offset), name)

    def test_pmcg_layout(self):  # SMMUv3 performance monitors extension
        regs = {reg.name: reg for reg in self.model.maps["pmcg"].regs}
        for name, offset in PMCG_OFFSETS.items():
            self.assertEqual(regs[name].offset, offset, name)
        for name, stride in (("EVCNTR", 8), ("EVTYPER", 4), ("SVR", 8)):
            self.assertEqual((regs[name].stride, regs[name].count), (stride, 8))

    def test_aer_severity_default(self):  # pcie-ats §8
        severity = next(r for r in self.model.maps["pcie_cfg"].regs if r.name == "AER_UNCOR_SEVERITY")
        self.assertEqual(severity.reset, 0x00462030)

    def test_every_field_has_a_meaning(self):
        for m in self.model.maps.values():
            for reg in (*m.regs, *(dw for entry in m.entries for dw in entry.dwords)):
                for field in reg.fields:
                    self.assertTrue(field.desc, f"{m.name}.{reg.name}.{field.name}")

    def test_write_mask_leaves_cons_err_alone(self):  # smmuv3 §12, pitfall 28
        cons = next(r for r in self.model.maps["smmu"].regs if r.name == "CMDQ_CONS")
        self.assertEqual(cons.write_mask, 0x000FFFFF)

    def test_event_list(self):
        log = events.load(HERE / "log_events.toml")
        numbers = {e.name: e.number for e in log}
        self.assertEqual([numbers[n] for n in ("unmap_enter", "prod_seen", "itag_alloc", "tlp_down")], [1, 8, 15, 25])
        self.assertEqual(numbers["page_grant"], numbers["first_good_access"] + 1)


class SystemVerilog(unittest.TestCase):
    """Elaboration-time checks: a fact that does not hold is an $error with its text."""

    def elaborate(self, lines: list[str]) -> str:
        """What Verilator says about a module that imports every generated package and holds `lines`.

        The PMCG page repeats names of the SMMU's (IIDR, IRQ_CTRL, ...), so it is imported by nobody who knows those."""
        packages = sorted(HERE.glob("*_pkg.sv"))
        imports = " ".join(f"import {p.stem}::*;" for p in packages if p.stem != "pmcg_reg_pkg")
        with tempfile.TemporaryDirectory() as folder:
            top = Path(folder) / "facts.sv"
            top.write_text("\n".join([f"module facts {imports} ();", *lines, "endmodule", ""]))
            return run("verilator", "--lint-only", "-Wall", str(ROOT / "sim/lint.vlt"), *map(str, packages), str(top),
                       "--top-module", "facts").stderr

    @staticmethod
    def check(condition: str) -> str:
        return f'  if (!({condition})) $error("{condition}");'

    def test_a_wrong_fact_is_reported(self):
        self.assertIn("CMDQ_PROD_OFFSET", self.elaborate([self.check("CMDQ_PROD_OFFSET == 20'h9C")]))
        self.assertIn("ste_t.eats", self.elaborate(self.field_facts(0, "STE", 512, "EATS", 94, 93)))

    def test_registers(self):
        facts = [f"{name}_OFFSET == 20'h{offset:X}" for name, offset in OFFSETS.items()]
        for name, (base, stride, count) in ARRAYS.items():
            facts += [f"{name}_BASE == 20'h{base:X}", f"{name}_STRIDE == {stride}", f"{name}_COUNT == {count}"]
        facts += ["ATC_TIMEOUT_RESET == 64'd20000", "INV_LIMIT_RESET == 32'd32", "ID_RESET == 32'h41544345",
                  "FAULT_CTRL_OFFSET == 12'h100", "ATS_CAP_CTRL_OFFSET == 12'h144"]
        self.assertEqual(self.elaborate([self.check(fact) for fact in facts]), "")

    def test_encodings(self):
        facts = [f"int'({name}) == {value}" for name, value in VALUES.items()] + ["EV_UNMAP_ENTER == 1"]
        self.assertEqual(self.elaborate([self.check(fact) for fact in facts]), "")

    @staticmethod
    def field_facts(number: int, name: str, width: int, field: str, msb: int, lsb: int) -> list[str]:
        """All ones in these bits of the struct are all ones in the field; all ones elsewhere are none in it."""
        kind, member = f"{name.lower()}_t", sv.ident(field)
        ones = ((1 << (msb - lsb + 1)) - 1) << lsb
        rest = ((1 << width) - 1) ^ ones
        return [
            f"  localparam {kind} In{number} = {kind}'({sv.hex_lit(width, ones)});",
            f"  localparam {kind} Out{number} = {kind}'({sv.hex_lit(width, rest)});",
            f"  if ($bits({kind}) != {width} || $bits(In{number}.{member}) != {msb - lsb + 1} ||",
            f'      !(&In{number}.{member}) || |Out{number}.{member}) $error("{kind}.{member}");',
        ]

    def test_fields(self):
        lines = []
        for number, (name, width, field, msb, lsb) in enumerate(REG_FIELDS):
            lines += self.field_facts(number, name, width, field, msb, lsb)
        for number, (name, dwords, dword, field, msb, lsb) in enumerate(FMT_FIELDS, start=len(REG_FIELDS)):
            lines += self.field_facts(number, name, 64 * dwords, field, 64 * dword + msb, 64 * dword + lsb)
        self.assertEqual(self.elaborate(lines), "")


class CHeaders(unittest.TestCase):
    """Static assertions, as C11 and as C++17, with warnings as errors."""

    HEADERS = ("bits.h", "smmu_regs.h", "smmu_fmt.h", "pmcg_regs.h", "ep_regs.h", "pcie_cfg.h", "port_cfg.h",
               "log_events.h")
    COMPILERS = (("cc", "-std=c11", "-xc"), ("c++", "-std=c++17", "-xc++"))

    def compile(self, text: str) -> str:
        out = ""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "facts.c"
            source.write_text(text)
            for compiler, *options in self.COMPILERS:
                out += run(compiler, *options, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only",
                           f"-I{INCLUDE}", str(source)).stderr
        return out

    @classmethod
    def facts(cls, facts: list[str]) -> str:
        lines = ["#include <assert.h>"] + [f'#include "{header}"' for header in cls.HEADERS]
        return "\n".join(lines + [f'static_assert({fact}, "fact");' for fact in facts]) + "\n"

    def test_each_header_stands_alone(self):
        for header in self.HEADERS:
            with self.subTest(header):
                self.assertEqual(self.compile(f'#include "{header}"\n#include "{header}"\n'), "")

    def test_a_wrong_fact_is_reported(self):
        self.assertIn("SMMU_CMDQ_PROD", self.compile(self.facts(["SMMU_CMDQ_PROD == 0x9C"])))

    def test_registers(self):
        facts = [f"SMMU_{name} == 0x{offset:X}" for name, offset in OFFSETS.items()]
        for name, (base, stride, count) in ARRAYS.items():
            facts += [f"SMMU_{name}(3) == 0x{base + 3 * stride:X}", f"SMMU_{name}_COUNT == {count}"]
        for name, _, field, msb, lsb in REG_FIELDS:
            suffix = "_MASK" if msb > lsb else ""
            facts.append(f"SMMU_{name}_{field}{suffix} == GENMASK64({msb}, {lsb})")
        facts += [f"CFG_{name} == UINT32_C(0x{mask:X})" for name, mask in CFG_MASKS.items()]
        self.assertEqual(self.compile(self.facts(facts)), "")

    def test_formats(self):
        facts = [f"{name}{dword}_{field} == GENMASK64({msb}, {lsb})" for name, _, dword, field, msb, lsb in FMT_FIELDS]
        facts += [f"{name} == {value}" for name, value in VALUES.items()]
        self.assertEqual(self.compile(self.facts(facts)), "")

    def test_bits(self):
        facts = [
            "FIELD_PREP64(STE1_EATS, 1) == UINT64_C(0x10000000)", "FIELD_GET64(STE1_EATS, UINT64_C(0x30000000)) == 3",
            "FIELD_PREP64(CMD_ATC_INV0_SID, 0x100) == UINT64_C(0x0000010000000000)",
            "FIELD_PREP64(GENMASK64(63, 0), ~UINT64_C(0)) == ~UINT64_C(0)", "FIELD_PREP64(UINT64_C(3), 7) == 3",
            "FIELD_GET32(SMMU_CMDQ_CONS_ERR_MASK, UINT32_C(0x0302bb84)) == CERROR_ATC_INV_SYNC",
            "FIELD_PREP32(BIT32(31), 1) == BIT32(31)", "GENMASK32(31, 0) == ~UINT32_C(0)",
        ]
        self.assertEqual(self.compile(self.facts(facts)), "")


if __name__ == "__main__":
    unittest.main()
