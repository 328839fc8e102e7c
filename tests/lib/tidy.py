#!/usr/bin/python3
"""Runs clang-tidy over the sources below the given folders, changed ones first, within a budget of seconds.

usage: tidy.py SECONDS FOLDER...      exit code 1 when it found anything; says how many files it did not get to
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import time


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


def write_commands(build, folder):
    """The compile commands without GCC's precompiled headers, which clang cannot read."""
    with open(f"{build}/compile_commands.json") as file:
        commands = json.load(file)
    for entry in commands:
        entry["command"] = re.sub(r"-Winvalid-pch|-fpch-preprocess|-include \S*/cmake_pch\.hxx", "", entry["command"])
    with open(f"{folder}/compile_commands.json", "w") as file:
        json.dump(commands, file)


def main():
    budget, folders = float(sys.argv[1]), sys.argv[2:]
    deadline = time.monotonic() + budget
    todo = files(folders)
    with tempfile.TemporaryDirectory() as commands, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        write_commands(f"build/{os.environ.get('TROUPE_PRESET', 'release')}", commands)

        def check(file):
            if time.monotonic() > deadline:
                return None
            return subprocess.run(["clang-tidy", "-p", commands, "--quiet", "--warnings-as-errors=*", file],
                                  capture_output=True, text=True)

        results = list(pool.map(check, todo))
    done = [(file, result) for file, result in zip(todo, results) if result]
    bad = [(file, result) for file, result in done if result.returncode != 0]
    for file, result in bad:
        print(result.stdout, end="")
    print(f"clang-tidy: {len(done) - len(bad)} files clean, {len(bad)} with findings, {len(todo) - len(done)} not looked at "
          f"within {budget:g} s")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
