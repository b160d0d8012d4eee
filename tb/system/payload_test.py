#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Long packets in the whole system: what the driver has set decides how long the DMA writes on the links are.

Usage: payload_test.py --tool ATCBENCH --out FOLDER --devices N --payload BYTES [--set KEY=VALUE]...
Runs `healthy` and counts the memory writes that the root complex takes, by length (event tlp_up), and those that it throws away as
malformed (tlp_drop). Every device must have sent writes of BYTES; none may be longer, and none may be thrown away. With load.dma_bytes = 64 none
may be longer than that. With driver.plant = one-ended-mps, on packets of 256 bytes, all that are longer than 128 must be thrown away.
Exit status 0 passed, 1 failed.
"""
import argparse
import collections
import pathlib
import struct
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER, RECORD = 32, struct.Struct("<QHHIQQQ")
MALFORMED = 0        # rc_drop_e
WRITES = (0x40, 0x60)


def events(path, numbers):
    """Yields (name, device, first two header dwords, cause) of the events of these numbers."""
    data = path.read_bytes()
    for at in range(HEADER, len(data), RECORD.size):
        _, number, src, a0, a1, _, _ = RECORD.unpack_from(data, at)
        if number in numbers:
            yield numbers[number], src, a1 >> 32, a0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--devices", required=True, type=int)
    parser.add_argument("--payload", required=True, type=int)
    parser.add_argument("--set", action="append", default=[])
    args = parser.parse_args()

    names = [e["name"] for e in tomllib.loads((ROOT / "rtl/regs/log_events.toml").read_text())["events"]]
    numbers = {names.index(n) + 1: n for n in ("tlp_up", "tlp_drop")}
    command = [args.tool, "run", "healthy", "--devices", str(args.devices), "--set", f"pcie.max_payload={args.payload}", "--out", str(args.out)]
    for setting in args.set:
        command += ["--set", setting]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    planted = "driver.plant=one-ended-mps" in args.set
    if (result.returncode != 0) != planted:
        sys.exit(f"exit status {result.returncode}\n{result.stdout[-3000:]}{result.stderr[-2000:]}")

    lengths = collections.defaultdict(collections.Counter)
    dropped = collections.Counter()
    for name, device, dw0, a0 in events(args.out / "events.bin", numbers):
        if dw0 >> 24 not in WRITES or device >= args.devices:
            continue
        if name == "tlp_up":
            lengths[device][4 * (dw0 & 0x3FF)] += 1
        elif a0 == MALFORMED:
            dropped[4 * (dw0 & 0x3FF)] += 1
    for device, count in sorted(lengths.items()):
        print(f"device {device}: " + ", ".join(f"{n} writes of {size} bytes" for size, n in sorted(count.items())))
    print("malformed: " + (", ".join(f"{n} of {size} bytes" for size, n in sorted(dropped.items())) or "none"))

    wanted = 64 if "load.dma_bytes=64" in args.set else args.payload
    bad = []
    for device in range(args.devices):
        if lengths[device][wanted] == 0:
            bad.append(f"device {device} has sent no write of {wanted} bytes")
        if max(lengths[device], default=0) > wanted:
            bad.append(f"device {device} has sent a write of {max(lengths[device])} bytes")
    long = sum(n for count in lengths.values() for size, n in count.items() if size > 128)
    if sum(dropped.values()) != (long if planted else 0) or (planted and long == 0):
        bad.append(f"{sum(dropped.values())} writes were thrown away, {long} were longer than 128 bytes")
    sys.exit("\n".join(bad) if bad else 0)


if __name__ == "__main__":
    main()
