# SPDX-License-Identifier: Apache-2.0
"""The RDL sources as plain data: what the writers need and nothing of the compiler."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from systemrdl import RDLCompiler
from systemrdl.node import FieldNode, Node, RegfileNode, RegNode
from systemrdl.rdltypes import AccessType, OnWriteType

# In this order: later sources use enums of earlier ones.
SOURCES = ("smmu_events", "smmu_cmds", "smmu_tables", "smmu", "pmcg", "endpoint", "pcie_cfg", "port_cfg")


@dataclass(frozen=True)
class Member:
    name: str
    value: int
    desc: str


@dataclass(frozen=True)
class Enum:
    name: str  # ends in _e
    width: int  # bits, of the field that it encodes
    members: tuple[Member, ...]

    @property
    def prefix(self) -> str:
        """What all member names share up to an underscore; "" if they share nothing."""
        first = self.members[0].name.split("_")
        shared = 0
        while shared < len(first) and all(
            m.name.split("_")[: shared + 1] == first[: shared + 1] and len(m.name.split("_")) > shared + 1
            for m in self.members
        ):
            shared += 1
        return "".join(part + "_" for part in first[:shared])


@dataclass(frozen=True)
class Field:
    name: str
    msb: int
    lsb: int
    access: str  # RO, RW, WO, W1C
    reset: int
    enum: str | None
    desc: str

    @property
    def width(self) -> int:
        return self.msb - self.lsb + 1

    @property
    def mask(self) -> int:
        return ((1 << self.width) - 1) << self.lsb


@dataclass(frozen=True)
class Reg:
    name: str
    offset: int
    width: int
    count: int  # 0 = not an array
    stride: int
    fields: tuple[Field, ...]  # from bit 0 up
    desc: str

    @property
    def reset(self) -> int:
        return sum(f.reset << f.lsb for f in self.fields)

    @property
    def write_mask(self) -> int:
        return sum(f.mask for f in self.fields if f.access != "RO")


@dataclass(frozen=True)
class Entry:
    """A format in memory: dwords of 64 bits, dw0 first."""

    name: str
    offset: int
    dwords: tuple[Reg, ...]
    desc: str

    @property
    def width(self) -> int:
        return 64 * len(self.dwords)


@dataclass(frozen=True)
class Map:
    name: str
    title: str
    regs: tuple[Reg, ...]
    entries: tuple[Entry, ...]


@dataclass
class Model:
    maps: dict[str, Map] = field(default_factory=dict)
    enums: dict[str, Enum] = field(default_factory=dict)  # in order of first use
    enum_users: dict[str, list[str]] = field(default_factory=dict)  # enum -> maps

    def enums_of(self, maps: tuple[str, ...]) -> list[Enum]:
        """Enums first used by one of `maps`."""
        return [e for e in self.enums.values() if self.enum_users[e.name][0] in maps]


def load(folder: Path) -> Model:
    """Compile all sources in `folder`; errors are printed by the compiler and raise."""
    compiler = RDLCompiler()
    for source in SOURCES:
        compiler.compile_file(str(folder / f"{source}.rdl"))
    model = Model()
    for source in SOURCES:
        top = compiler.elaborate(top_def_name=source).top
        regs, entries = [], []
        for node in top.children():
            if isinstance(node, RegfileNode) and not _is_entry(node):
                regs += [_reg(model, source, reg, node) for reg in node.registers()]
            elif isinstance(node, RegfileNode):
                dwords = tuple(_reg(model, source, reg) for reg in node.registers())
                _check_dwords(node, dwords)
                entries.append(Entry(node.inst_name, node.address_offset, dwords, _text(node)))
            elif isinstance(node, RegNode):
                regs.append(_reg(model, source, node))
        model.maps[source] = Map(source, top.get_property("name"), tuple(regs), tuple(entries))
    return model


def _text(node: Node) -> str:
    return " ".join((node.get_property("desc") or "").split())


def _is_entry(node: RegfileNode) -> bool:
    """A table entry, command or event: dwords. Any other regfile is registers that several maps share, GROUP_NAME in each."""
    return next(iter(node.registers())).inst_name == "dw0"


def _reg(model: Model, source: str, node: RegNode, group: RegfileNode | None = None) -> Reg:
    base = group.address_offset if group else 0
    fields = tuple(_field(model, source, f) for f in sorted(node.fields(), key=lambda f: f.lsb))
    return Reg(
        name=f"{group.inst_name}_{node.inst_name}" if group else node.inst_name,
        offset=base + (node.raw_address_offset if node.is_array else node.address_offset),
        width=node.get_property("regwidth"),
        count=node.array_dimensions[0] if node.is_array else 0,
        stride=node.array_stride if node.is_array else 0,
        fields=fields,
        desc=_text(node),
    )


def _field(model: Model, source: str, node: FieldNode) -> Field:
    encode = node.get_property("encode")
    if encode is not None:
        _note_enum(model, source, encode, node.width)
    return Field(
        name=node.inst_name,
        msb=node.msb,
        lsb=node.lsb,
        access=_access(node),
        reset=node.get_property("reset") or 0,
        enum=encode.type_name if encode is not None else None,
        desc=_text(node),
    )


def _access(node: FieldNode) -> str:
    if node.get_property("onwrite") == OnWriteType.woclr:
        return "W1C"
    return {AccessType.r: "RO", AccessType.w: "WO"}.get(node.get_property("sw"), "RW")


def _note_enum(model: Model, source: str, encode, width: int) -> None:
    users = model.enum_users.setdefault(encode.type_name, [])
    if source not in users:
        users.append(source)
    if encode.type_name not in model.enums:
        members = tuple(Member(m.name, int(m.value), m.rdl_desc or "") for m in encode)
        model.enums[encode.type_name] = Enum(encode.type_name, width, members)
    elif model.enums[encode.type_name].width != width:
        raise ValueError(f"{encode.type_name} encodes fields of different widths")


def _check_dwords(node: RegfileNode, dwords: tuple[Reg, ...]) -> None:
    for index, dword in enumerate(dwords):
        if (dword.name, dword.offset, dword.width) != (f"dw{index}", 8 * index, 64):
            raise ValueError(f"{node.inst_name}: dwords must be dw0, dw1, ... of 64 bits, 8 bytes apart")
