#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wave layouts fit the model and a picture of the hang can be made without a display.

Usage: waves_test.py --tool ATCBENCH --out FOLDER [--layout FILE]...
  --layout  layouts to compare with the wave (all of waves/); the first one is drawn
Runs the hang through sim/tools/waves.sh and checks that every signal that the layouts name is in the wave, that every
filter they name is there, that the marker is on the time-out of the run, and that the picture is not blank.
Exit status 0 passed, 1 failed.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "waves"))
sys.dont_write_bytecode = True
import make_layout  # noqa: E402

MIN_SIZE = (1000, 800)   # of the picture
MIN_LIT = 0.02           # share of the pixels of the waves that are not background
MIN_COLOURS = 6          # black, grid, wave, red wave, text, marker


def pixels(path):
    """Width, height and rows of (r, g, b) bytes of a PNG of 8-bit RGB or RGBA."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
    place, packed, header = 8, b"", None
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        body = data[place + 8:place + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        place += length + 12
    width, height, depth, colour = header[:4]
    assert depth == 8 and colour in (2, 6) and header[6] == 0, f"unexpected PNG format {header}"
    step = 3 if colour == 2 else 4
    raw, rows, above = zlib.decompress(packed), [], bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + width * step])
        if kind == 2:
            line = bytearray((a + b) & 255 for a, b in zip(line, above))
        elif kind:
            for i, value in enumerate(line):
                left, up = (line[i - step], above[i]) if i >= step else (0, above[i])
                if kind == 1:
                    guess = left
                elif kind == 3:
                    guess = (left + up) // 2
                else:
                    corner = above[i - step] if i >= step else 0
                    near = left + up - corner
                    guess = min((left, up, corner), key=lambda c: abs(near - c))
                line[i] = (value + guess) & 255
        rows.append([bytes(line[i:i + 3]) for i in range(0, len(line), step)])
        above = line
    return width, height, rows


def picture_faults(path):
    width, height, rows = pixels(path)
    if width < MIN_SIZE[0] or height < MIN_SIZE[1]:
        return [f"{path}: only {width} x {height} pixels"]
    count = {}
    for row in rows[height // 20:]:          # below the tool bar
        for pixel in row[width * 2 // 5:]:   # right of the names
            count[pixel] = count.get(pixel, 0) + 1
    total = sum(count.values())
    lit = 1 - max(count.values()) / total
    common = [colour for colour, n in count.items() if n >= 20]
    print(f"picture: {width} x {height}, {len(common)} colours, {100 * lit:.1f} % lit")
    faults = []
    if lit < MIN_LIT:
        faults.append(f"{path}: blank, {100 * lit:.2f} % of the waves are lit")
    if len(common) < MIN_COLOURS:
        faults.append(f"{path}: only {len(common)} colours")
    return faults


def layout_faults(layouts, signals):
    faults = []
    for layout in layouts:
        names = make_layout.shown(layout)
        if len(names) < 20:
            faults.append(f"{layout.name}: shows only {len(names)} signals")
        faults += [f"{layout.name}: no signal {name}" for name in make_layout.missing(layout, signals)]
        for name in re.findall(r"^\^1 (.*)$", layout.read_text(encoding="utf-8"), re.MULTILINE):
            if not (ROOT / name).is_file():
                faults.append(f"{layout.name}: no filter {name}")
    return faults


def marker_faults(out):
    anchor = json.loads((out / "report.json").read_text(encoding="utf-8"))["anchor"]
    save = (out / "hang.gtkw").read_text(encoding="utf-8")
    marker = int(re.search(r"^\*\S+ (-?\d+)", save, re.MULTILINE)[1])
    start = int(re.search(r"^\[timestart\] (\d+)", save, re.MULTILINE)[1])
    if marker != anchor * make_layout.TIME_PER_CYCLE or not 0 < marker - start < 1000 * make_layout.TIME_PER_CYCLE:
        return [f"the marker is at {marker} ps and the view begins at {start} ps, the time-out is in cycle {anchor}"]
    return []


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--tool", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--layout", type=pathlib.Path, action="append", default=[])
    args = parser.parse_args()
    out = args.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    layouts = args.layout or [ROOT / "waves/hang.gtkw"] + sorted((ROOT / "waves").glob("*.gtkw"))
    layouts = list(dict.fromkeys(layout.resolve() for layout in layouts))
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "GTKWAVE")}
    # A seed other than the one that the layout was written for: the marker has to move.
    environment.update(OUT=str(out), WINDOW="1000", ATCBENCH=str(args.tool.resolve()), LAYOUT=str(layouts[0]))
    result = subprocess.run([ROOT / "sim/tools/waves.sh", "hang", "2"], env=environment, text=True, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    last = result.stdout.splitlines()[-1] if result.stdout else ""
    picture = out / "hang.png"
    if result.returncode or last != str(picture):
        print(result.stdout)
        print(f"waves_test: waves.sh ended with {result.returncode} and last printed '{last}', not {picture}")
        return 1
    signals = make_layout.read_signals(out / "hang.fst")
    faults = layout_faults(layouts, signals) + marker_faults(out) + picture_faults(picture)
    print("\n".join(faults) if faults else f"{len(layouts)} layouts fit the wave of {len(signals)} signals")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
