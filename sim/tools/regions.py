#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where which identifying policy wins: the search beside what it costs on the hot path.

  regions.py REGIONS.json REGIONS_HOT.json [--json FILE]

The two tables are those of the sweeps tb/regress/sweeps/regions.toml and regions_hot.toml. With U fault-free unmaps of a page
between two faults a policy costs search + U * unmap cycles: a line over U, and what wins is the lowest one. For each k, T and
N one row: the search of every policy (figure `isolation.max`), and the regions of U.
Exit status 0, 2 when a table cannot be read or lacks what is needed.
"""
import argparse
import json
import sys


def points(path, figure):
    """{(policy, devices, k, T): cycles} of the points that have the figure; k and T are 0 where the sweep does not vary them."""
    with open(path, encoding="utf-8") as file:
        table = json.load(file)
    out = {}
    for point in table["points"]:
        value = point.get("figures", {}).get(figure)
        if value is None:
            continue
        s = point["settings"]
        key = (s["driver.policy"], int(s["system.devices"]), int(s.get("fault.count", 0)), int(s.get("smmu.atc_timeout", 0)))
        out[key] = int(value)
    if not out:
        raise ValueError(f"{path}: no point has the figure {figure}")
    return out


def envelope(lines):
    """[(first U, names)] of the lowest of {name: (search, hot)}, U = 0, 1, ...; equal lines win together."""
    out, u = [], 0
    while True:
        best = min((search + u * hot, hot) for search, hot in lines.values())
        winners = sorted(n for n, (search, hot) in lines.items() if (search + u * hot, hot) == best)
        out.append((u, winners))
        search, hot = lines[winners[0]]
        # the first U from which a line with a cheaper hot path is as low
        later = [-((search - s) // (hot - h)) for s, h in lines.values() if h < hot]
        if not later:
            return out
        u = max(u + 1, min(later))


def regions(search, hot):
    """[{k, T, N, search: {policy: cycles}, regions: [{from, policies}]}], sorted."""
    rows = []
    for k, t, n in sorted({(k, t, n) for _, n, k, t in search}):
        found = {p: c for (p, pn, pk, pt), c in search.items() if (pn, pk, pt) == (n, k, t)}
        lines = {p: (c, hot[p, n, 0, 0]) for p, c in found.items() if (p, n, 0, 0) in hot}
        if not lines:
            raise ValueError(f"no policy has both a search and an unmap with {n} devices")
        rows.append({"k": k, "T": t, "N": n, "search": found, "unmap": {p: h for p, (_, h) in lines.items()},
                     "regions": [{"from": u, "policies": p} for u, p in envelope(lines)]})
    return rows


def text_of(row, policies):
    parts = []
    for i, region in enumerate(row["regions"]):
        last = row["regions"][i + 1]["from"] - 1 if i + 1 < len(row["regions"]) else None
        span = f"U <= {last}" if region["from"] == 0 and last is not None else "any U" if last is None and i == 0 else \
            f"U >= {region['from']}" if last is None else f"U = {region['from']}..{last}"
        parts.append(f"{', '.join(region['policies'])} ({span})")
    cells = "".join(f" {row['search'].get(p, '-'):>16}" for p in policies)
    return f"{row['k']:>2} {row['T']:>7} {row['N']:>3}{cells}   {'; '.join(parts)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("search")
    parser.add_argument("hot")
    parser.add_argument("--json")
    args = parser.parse_args()
    try:
        rows = regions(points(args.search, "isolation.max"), points(args.hot, "unmap.p50"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"regions: {error}", file=sys.stderr)
        return 2
    policies = sorted({p for row in rows for p in row["search"]})
    print(f"{'k':>2} {'T':>7} {'N':>3}" + "".join(f" {p:>16}" for p in policies) + "   wins with U unmaps between two faults")
    for row in rows:
        print(text_of(row, policies))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
