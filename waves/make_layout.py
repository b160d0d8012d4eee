#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the GTKWave save files of layouts.toml; widths and enums come from a wave of the same model.

Usage: make_layout.py WAVE.fst [LAYOUT]...   writes waves/LAYOUT.gtkw (all layouts when none is named)
       make_layout.py --check WAVE.fst LAYOUT.gtkw   names what the layout shows and the wave does not hold
Exit status 0 done, 1 a signal is missing, 2 wrong use or no fst2vcd.
"""
from __future__ import annotations

import argparse
import math
import pathlib
import re
import subprocess
import sys
import tomllib
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
TIME_PER_CYCLE = 1000  # GTKWave counts in ps whatever the file's step is; a cycle is written as 1 ns
WIDTH, NAMES = 1600, 330  # of the window and of its column of names and values, in pixels

HEX, DEC, BIN, ENUM, FILTER = "@22", "@24", "@28", "@100000028", "@2022"
OPEN, CLOSED, END_OPEN, END_CLOSED, COMMENT = "@800200", "@c00200", "@1000200", "@1401200", "@200"


class LayoutError(Exception):
    """The layout names something that the wave does not hold."""


class Signal(NamedTuple):
    name: str  # as GTKWave names it, range included
    high: int  # -1: one bit without a range
    low: int
    enum: bool


def read_signals(wave: pathlib.Path) -> dict[str, Signal]:
    """Every signal of the wave, by its full name without the range. Reads the header only."""
    signals = {}
    scopes: list[str] = []
    enum = False
    with subprocess.Popen(["fst2vcd", "-e", "-f", wave], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            word = line.split()
            if not word:
                continue
            if word[0] == "$scope":
                scopes.append(word[2])
            elif word[0] == "$upscope":
                scopes.pop()
            elif word[0] == "$attrbegin":
                enum = word[1:3] == ["misc", "07"] and word[3] == '""'  # the definition itself has a name
            elif word[0] == "$var":
                path = ".".join(scopes + [word[4]])
                bits = re.fullmatch(r"\[(-?\d+):(-?\d+)\]", word[5])
                high, low = (int(bits[1]), int(bits[2])) if bits else (-1, -1)
                signals[path] = Signal(path + (word[5] if bits else ""), high, low, enum)
                enum = False
            elif word[0] == "$enddefinitions":
                process.kill()
                break
    if not signals:
        raise LayoutError(f"{wave}: no signals in it")
    return signals


def _row(text: str, root: str, signals: dict[str, Signal]) -> list[str]:
    """'NAME PATH [FORMAT] [red]'; PATH may end in {HIGH:LOW} or {BIT}; FORMAT hex, dec, bin or FILE.txt of filters/."""
    name, path, *form = text.split()
    red = "red" in form
    form = next((word for word in form if word != "red"), "")
    path, _, part = path.partition("{")
    full = f"{root}.{path}"
    if full not in signals:
        raise LayoutError(f"no signal {full}")
    signal = signals[full]
    out = ["[color] 1"] if red else []
    if form.endswith(".txt"):
        if not (HERE / "filters" / form).is_file():
            raise LayoutError(f"no filter waves/filters/{form}")
        out += [FILTER, f"^1 waves/filters/{form}"]
    elif signal.enum and not form:
        out.append(ENUM)
    else:
        default = BIN if signal.high < 0 or part and ":" not in part else HEX
        out.append({"hex": HEX, "dec": DEC, "bin": BIN, "": default}[form])
    if part:
        high, _, low = part.rstrip("}").partition(":")
        low = low or high
        if not signal.low <= int(low) <= int(high) <= signal.high:
            raise LayoutError(f"no bits {part[:-1]} in {signal.name}")
        places = range(signal.high - int(high), signal.high - int(low) + 1)  # GTKWave counts from the left
        out.append(f"#{{{name}}} " + " ".join(f"({place}){signal.name}" for place in places))
    else:
        out.append(f"+{{{name}}} {signal.name}")
    return out


def _group(use: str, groups: dict, root: str, signals: dict[str, Signal]) -> list[str]:
    """'GROUP [INDEX]... [closed]'"""
    name, *words = use.split()
    closed = "closed" in words
    indices = [word for word in words if word.isdigit()]
    group = groups[name]
    title = group["title"].replace("%", ", ".join(indices))
    out = [CLOSED if closed else OPEN, f"-{title}"]
    for index in indices or [""]:
        for row in group["rows"]:
            out += _row(row.replace("%", index), root, signals)
    return out + [END_CLOSED if closed else END_OPEN, f"-{title}"]


def make(name: str, table: dict, signals: dict[str, Signal]) -> str:
    """The text of a save file."""
    layout = table["layout"][name]
    marker = layout["marker"]
    before, after = layout["view"]
    # GTKWave's zoom is minus the binary logarithm of the time that 200 pixels stand for.
    zoom = -math.log2((before + after) * TIME_PER_CYCLE * 200 / (WIDTH - NAMES - 40))
    out = [
        "[*] SPDX-License-Identifier: Apache-2.0",
        f"[*] Made by waves/make_layout.py from layouts.toml: {name}. Do not edit.",
        f"[*] window {layout['window']}",
        f"[timestart] {(marker - before) * TIME_PER_CYCLE}",
        f"[size] {WIDTH} 1300",
        "[pos] -1 -1",
        f"*{zoom:.6f} {marker * TIME_PER_CYCLE}" + " -1" * 26,
        "[sst_width] 0",
        f"[signals_width] {NAMES}",
        "[sst_expanded] 0",
    ]
    for use in layout["groups"]:
        out += _group(use, table["group"], table["root"], signals)
    return "\n".join(out + ["[pattern_trace] 1", "[pattern_trace] 0"]) + "\n"


def shown(layout: pathlib.Path) -> set[str]:
    """Names of all signals that a save file shows, ranges included."""
    names = set()
    for line in layout.read_text(encoding="utf-8").splitlines():
        if line.startswith("+{"):
            names.add(line.split("} ", 1)[1])
        elif line.startswith("#{"):
            names.update(re.sub(r"^\(\d+\)", "", word) for word in line.split("} ", 1)[1].split())
        elif line and line[0] not in "[*@-^":
            names.add(line)
    return names


def missing(layout: pathlib.Path, signals: dict[str, Signal]) -> list[str]:
    """What the layout shows and the wave does not hold."""
    held = {signal.name for signal in signals.values()}
    return sorted(shown(layout) - held)


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("wave", type=pathlib.Path)
    parser.add_argument("layout", nargs="*")
    args = parser.parse_args()
    try:
        signals = read_signals(args.wave)
        if args.check:
            absent = [f"{layout}: no signal {name}" for layout in args.layout for name in missing(pathlib.Path(layout), signals)]
            print("\n".join(absent) if absent else "every signal is there")
            return 1 if absent else 0
        table = tomllib.loads((HERE / "layouts.toml").read_text(encoding="utf-8"))
        for name in args.layout or table["layout"]:
            if name not in table["layout"]:
                print(f"make_layout: no layout {name} in layouts.toml", file=sys.stderr)
                return 2
            text = make(name, table, signals)
            (HERE / f"{name}.gtkw").write_text(text, encoding="utf-8")
            print(f"written: waves/{name}.gtkw")
    except LayoutError as error:
        print(f"make_layout: {error}", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print("make_layout: no fst2vcd; it is in the Debian package gtkwave" if error.filename == "fst2vcd"
              else f"make_layout: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
