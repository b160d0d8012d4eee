#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what a JUnit file holds: the failed tests by name, then one line "N passed, N failed".

Exit status 1 if a test failed or none ran, 2 if the file cannot be read.
"""
import sys
import xml.etree.ElementTree as ElementTree


def main(path: str) -> int:
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        print(f"test_summary: {path}: {error}", file=sys.stderr)
        return 2
    cases = list(root.iter("testcase"))
    skipped = [case for case in cases if case.find("skipped") is not None or case.get("status") == "notrun"]
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    for case in failed:
        print(f"failed: {case.get('name')}")
    # A test that did not run has shown nothing: it counts as failed.
    for case in skipped:
        if case not in failed:
            print(f"did not run: {case.get('name')}")
            failed.append(case)
    print(f"{len(cases) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: test_summary.py JUNIT.xml", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
