#!/usr/bin/python3
"""Runs clang-tidy over the sources below the given folders, changed ones first, within a budget of seconds.

usage: tidy.py SECONDS FOLDER...      exit code 1 when it found anything; says how many files it did not get to

clang-tidy looks at every header again with each file, which takes it ten times as long as the file itself. So a dozen
sources are looked at as one; those whose private names clash are looked at in smaller groups.
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import time

GROUP = 12
FLAGS = ["-std=c++20", "-I.", "-isystem/usr/include/hiredis", "-DFMT_SHARED", "-DSPDLOG_COMPILED_LIB",
         "-DSPDLOG_FMT_EXTERNAL", "-DSPDLOG_SHARED_LIB", "-w"]


def files(folders):
    """Sources, the most recently committed first: what has just changed is looked at whatever the budget."""
    listed = subprocess.run(["git", "ls-files", *(f"{folder}/*.cpp" for folder in folders)], check=True,
                            capture_output=True, text=True).stdout.split()
    newest = subprocess.run(["git", "log", "-n", "50", "--name-only", "--format="], check=True, capture_output=True,
                            text=True).stdout.split()
    rank = {}
    for name in newest:
        rank.setdefault(name, len(rank))
    return sorted(listed, key=lambda name: rank.get(name, len(rank)))


class Analysis:
    """Of groups of files; findings are printed as they come."""

    def __init__(self, deadline, scratch):
        self.deadline, self.scratch = deadline, scratch
        self.clean = self.bad = self.left = 0

    def check(self, group):
        if time.monotonic() > self.deadline:
            self.left += len(group)
            return
        found = self.tidy(group)
        if "[clang-diagnostic-error" in found and len(group) > 1:
            middle = len(group) // 2
            self.check(group[:middle])
            self.check(group[middle:])
        elif found:
            self.bad += len(group)
            print(found, flush=True)
        else:
            self.clean += len(group)

    def tidy(self, group):
        """What is found; empty: nothing."""
        with tempfile.NamedTemporaryFile("w", suffix=".cpp", dir=self.scratch, delete=False) as together:
            together.writelines(f'#include "{file}"\n' for file in group)
        done = subprocess.run(
            ["clang-tidy", "--quiet", "--config-file=.clang-tidy", "--checks=-bugprone-suspicious-include",
             "--warnings-as-errors=*", together.name, "--", *FLAGS], capture_output=True, text=True)
        return done.stdout if done.returncode != 0 else ""


def main():
    budget, folders = float(sys.argv[1]), sys.argv[2:]
    todo = files(folders)
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        analysis = Analysis(time.monotonic() + budget, scratch)
        list(pool.map(analysis.check, (todo[i:i + GROUP] for i in range(0, len(todo), GROUP))))
    print(f"clang-tidy: {analysis.clean} files clean, {analysis.bad} in groups with findings, {analysis.left} not looked at "
          f"within {budget:g} s")
    sys.exit(1 if analysis.bad else 0)


if __name__ == "__main__":
    main()
