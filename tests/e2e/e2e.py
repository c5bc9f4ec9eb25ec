#!/usr/bin/python3
"""End-to-end tests on a real Postfix.

    e2e.py --portreeve FILE --work DIR [--port N] [--wrap CMD] [PART...]

Parts are the functions named part_... here and in the files of that name;
without any, all of them run.  DIR is
a directory that user postfix can enter.  TAP on standard output; the exit
status is 1 if anything failed.
"""

import argparse
import glob
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Daemon, Env, Postfix, TOP, read, wait_until  # noqa: E402
import part_daemon  # noqa: E402
import part_life  # noqa: E402
import part_log  # noqa: E402
import part_mail  # noqa: E402
import part_systemd  # noqa: E402
import part_withstand  # noqa: E402


def refusing_rules(transcript):
    """The rules of refusals; a late verdict that is kept is not logged, and
    one that the MTA repeats is logged once."""
    return set(re.findall(r"^S: *[45].*\{([^{}]+)\}\s*$", transcript, re.M))


def is_offline_only(transcript):
    return bool(re.search(r"^X:|^# offline only", transcript, re.M))


# ---- transcripts -----------------------------------------------------------

def live(env, policy_file, transcripts):
    """Plays transcripts against Postfix; the log must name the rules."""
    points = env.points
    name = os.path.basename(policy_file)[:-5]
    # Beside a copy of the policy, so that its list files are found.
    near = os.path.join(env.work, "policy")
    os.makedirs(near, exist_ok=True)
    shutil.copytree(os.path.dirname(policy_file), near, dirs_exist_ok=True)
    with open(policy_file) as file:
        # Its own listen and log lines are for another machine.
        policy = re.sub(r"(?m)^(listen|control|log)\s.*\n", "", file.read())
    daemon = Daemon(env, policy, name, near=near)
    for path in transcripts:
        with open(path, errors="surrogateescape") as file:
            transcript = file.read()
        label = "live: %s/%s" % (name, os.path.basename(path)[:-5])
        if is_offline_only(transcript):
            continue
        at = len(daemon.text())
        run = subprocess.run(
            [env.portreeve, "test", "--live", "127.0.0.1:%d" % env.port,
             "--log", daemon.log, path],
            capture_output=True, text=True, errors="replace", timeout=60)
        if not points.ok(run.returncode == 0, label, run.stdout + run.stderr):
            continue

        def missing(at=at, wanted=refusing_rules(transcript)):
            return wanted - {line.get("rule") for line in
                             daemon.lines(at, settle=False)
                             if not line.verb.startswith("would")}
        wait_until(2, lambda: not missing())
        points.ok(not missing(), label + ": the log names the rules",
                  "missing: %s\ngot:\n%s" % (missing(), daemon.text()[at:]))
    points.ok(daemon.alive(), "live: %s: the daemon is up" % name)
    points.same(daemon.stop(), 0, "live: %s: it ends with 0" % name)


def part_live(env):
    postfix = Postfix(env, "postfix", env.port)
    pairs = [(conf, sorted(glob.glob(conf[:-5] + "/*.smtp"))) for conf in
             sorted(glob.glob(os.path.join(TOP, "tests/policy/*.conf")) +
                    glob.glob(os.path.join(TOP, "packaging/default/*.conf")) +
                    glob.glob(os.path.join(TOP, "packaging/examples/*.conf")))]
    for conf, transcripts in pairs:
        if transcripts:
            live(env, conf, transcripts)
    postfix.stop()


# ---- miltertest ------------------------------------------------------------

def part_miltertest(env):
    points = env.points
    if shutil.which("miltertest") is None:
        points.ok(False, "miltertest is not installed")
        return
    daemon = Daemon(env, read("tests/milter/milter.conf"), "miltertest")
    for script in sorted(glob.glob(os.path.join(TOP, "tests/milter/*.lua"))):
        run = subprocess.run(["miltertest", "-D", "socket=unix:" +
                              daemon.socket, "-s", script],
                             capture_output=True, text=True, timeout=60)
        points.ok(run.returncode == 0, "miltertest: " +
                  os.path.basename(script), run.stdout + run.stderr)
    points.ok(daemon.alive(), "miltertest: the daemon is up", daemon.errors())
    points.same(daemon.stop(), 0, "miltertest: it ends with 0")


def parts():
    """Each part's function, by name, in the order in which they run."""
    found = {}
    for where in (globals(), vars(part_mail), vars(part_log),
                  vars(part_daemon), vars(part_life), vars(part_systemd),
                  vars(part_withstand)):
        for name, function in where.items():
            if name.startswith("part_") and callable(function):
                found[name[5:]] = function
    return found


class TooLong(Exception):
    """A part did not end in its time."""


def alarm(*_):
    raise TooLong("not done in its time")


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--portreeve", required=True)
    args.add_argument("--work", required=True)
    args.add_argument("--port", type=int, default=10725)
    args.add_argument("--wrap", default="", help="runs the daemon under this")
    args.add_argument("--seconds", type=int, default=150, help="for a part")
    args.add_argument("parts", nargs="*", metavar="PART")
    args = args.parse_args()
    env = Env(os.path.abspath(args.portreeve), os.path.abspath(args.work),
              args.port, shlex.split(args.wrap))
    signal.signal(signal.SIGALRM, alarm)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    base = env.work
    try:
        for name in args.parts or parts():
            print("# " + name)
            env.work = os.path.join(base, name)
            os.makedirs(env.work)
            os.chmod(env.work, 0o755)
            signal.alarm(args.seconds)
            try:
                parts()[name](env)
            except Exception as error:  # pylint: disable=broad-except
                env.points.ok(False, "%s: %s" % (name, error),
                              traceback.format_exc())
            signal.alarm(0)
            env.cleanup()
    finally:
        env.cleanup()
    points = env.points
    print("1..%d" % (points.passed + points.failed))
    return 1 if points.failed else 0


if __name__ == "__main__":
    sys.exit(main())
