#!/usr/bin/python3
"""Instructions to evaluate one RCPT, counted by callgrind.

    callgrind.py [--build DIR] [POLICY]

DIR is where `make bench-programs` was run; without POLICY (a file) the one of
100 rules of mixed kinds.  The count is that of the difference between two
runs, so nothing that happens once is in it.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

import policies

FEW, MANY = 200, 1200


def run(program, policy, n, function):
    """Instructions of all calls of `function`, and what the program said."""
    with tempfile.TemporaryDirectory(prefix="bench.") as scratch:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind",
             "--callgrind-out-file=%s/out" % scratch,
             "--toggle-collect=%s" % function, program, policy, str(n)],
            capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        sys.exit("callgrind: %s" % done.stderr)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.stdout != "passed=%d\n" % n:
        sys.exit("of %d recipients not all passed: %s" % (n, done.stdout))
    return int(found.group(1))


def instructions(build, policy, function="eval_stage"):
    """One call's instructions, on average."""
    program = os.path.join(build, "tests/bench/eval_rcpt")
    return ((run(program, policy, MANY, function) -
             run(program, policy, FEW, function)) / (MANY - FEW))


def mixed_instructions(build, n=100):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as policy:
        policy.write(policies.mixed(n))
        policy.flush()
        return instructions(build, policy.name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=".", metavar="DIR")
    parser.add_argument("policy", nargs="?", metavar="POLICY")
    args = parser.parse_args()
    if args.policy:
        count = instructions(args.build, args.policy)
    else:
        count = mixed_instructions(args.build)
    print("instructions_per_rcpt=%d" % count)


if __name__ == "__main__":
    main()
