#!/usr/bin/python3
"""Sums up a ctest run: reads its JUnit file, names what was skipped or failed, and ends with one line of counts.

usage: count.py RESULTS.xml        exit code 1 when a test failed or none ran

The counts are those of single cases, as GoogleTest and tests/lib/spec.py print them. A ctest that ends without such a
line (it crashed or ran into its time-out) counts as one failed case.
"""
import re
import sys
import xml.etree.ElementTree as xml

GTEST = {"passed": r"\[  PASSED  \] (\d+) test", "failed": r"\[  FAILED  \] (\d+) test",
         "skipped": r"\[  SKIPPED \] (\d+) test"}
SPEC = r"^(\d+) passed, (\d+) failed, (\d+) skipped$"
FUZZ = r"^Done \d+ runs in"


def count(case):
    """(passed, failed, skipped) of one ctest."""
    output = case.findtext("system-out") or ""
    if spec := re.search(SPEC, output, re.M):
        counts = tuple(map(int, spec.groups()))
    elif re.search(FUZZ, output, re.M):
        counts = (1, 0, 0)
    else:
        counts = tuple(int(found.group(1)) if (found := re.search(GTEST[key], output)) else 0
                       for key in ("passed", "failed", "skipped"))
    if case.get("status") == "fail" and not counts[1]:
        counts = (counts[0], 1, counts[2])
    if not sum(counts):
        counts = (0, 1, 0)  # it did not run, or said nothing of what it tested: neither is a success
    return counts


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    total = [0, 0, 0]
    for case in xml.parse(sys.argv[1]).getroot().iter("testcase"):
        counts = count(case)
        total = [a + b for a, b in zip(total, counts)]
        output = case.findtext("system-out") or ""
        if counts[1]:
            print(f"FAILED  {case.get('name')}")
        for line in re.findall(r"^(?:skipped .*|\[  SKIPPED \] \w+\.\w+.*)$", output, re.M):
            print(f"skipped {case.get('name')}: {line.removeprefix('skipped ').removeprefix('[  SKIPPED ] ')}")
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    sys.exit(1 if total[1] or not total[0] else 0)


if __name__ == "__main__":
    main()
