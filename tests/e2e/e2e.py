#!/usr/bin/python3
"""End-to-end tests on a real Postfix, or on a real Sendmail.

    e2e.py --portreeve FILE --work DIR [--port N] [--jobs N] [--wrap CMD]
           [--sendmail ROOT] [--heavy --seconds N] [PART...]

Parts are the functions named part_... here and in the files of that name;
without any, all of them run.  With --sendmail, those run that are not about
Postfix; ROOT is where packaging/lib/private-sendmail has unpacked it.  With
--heavy, parts about load (crowd, garbage, ledger, reload_load, slow, soak)
have large numbers and take minutes; give them --seconds.  DIR is
a directory that user postfix can enter.  TAP on standard output; the exit
status is 1 if anything failed.  The ports are free ones from N on.
"""

import argparse
import glob
import importlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Daemon, Env, TOP, read  # noqa: E402
from jobs import Crew, ports_from  # noqa: E402
from sendmail import Sendmail  # noqa: E402


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


def parts_of(*places):
    """Each part's function, by name, in the order in which they run."""
    return {name[5:]: function for where in places
            for name, function in where.items()
            if name.startswith("part_") and callable(function)}


def parts(on_sendmail):
    modules = {name: importlib.import_module(name) for name in
               sorted(file[:-3] for file in os.listdir(os.path.dirname(
                   os.path.abspath(__file__))) if file.startswith("part_"))}
    sendmails = modules.pop("part_on_sendmail")
    found = parts_of(globals(), *(vars(where) for where in modules.values()))
    if not on_sendmail:
        return found
    return {name: found[name] for name in sendmails.SHARED} | \
        parts_of(vars(sendmails))


class TooLong(Exception):
    """A part did not end in its time."""


def alarm(*_):
    raise TooLong("not done in its time")


def runner(env, known, seconds):
    """What runs a part by its name."""
    base = env.work

    def run(name):
        print("# " + name)
        begin = time.monotonic()
        env.work = os.path.join(base, name)
        os.makedirs(env.work)
        os.chmod(env.work, 0o755)
        signal.alarm(seconds)
        try:
            known[name](env)
        except Exception as error:  # pylint: disable=broad-except
            env.points.ok(False, "%s: %s" % (name, error),
                          traceback.format_exc())
        signal.alarm(0)
        env.cleanup()
        print("# %s took %.1f s" % (name, time.monotonic() - begin))
    return run


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--portreeve", required=True)
    args.add_argument("--work", required=True)
    args.add_argument("--port", type=int, default=10725)
    args.add_argument("--wrap", default="", help="runs the daemon under this")
    args.add_argument("--sendmail", metavar="ROOT", help="test on Sendmail")
    args.add_argument("--no-sandbox", action="store_true",
                      help="sanitizers look at more than a daemon needs")
    args.add_argument("--heavy", action="store_true", help="large numbers")
    args.add_argument("--seconds", type=int, default=400, help="for a part")
    args.add_argument("--jobs", type=int, default=1, metavar="N",
                      help="parts side by side; not with --sendmail")
    args.add_argument("parts", nargs="*", metavar="PART")
    args = args.parse_args()
    work = os.path.abspath(args.work)
    if args.sendmail:
        work = Sendmail.prepare(work, os.path.abspath(args.sendmail))
    env = Env(os.path.abspath(args.portreeve), work, args.port,
              shlex.split(args.wrap), not args.no_sandbox)
    env.heavy = args.heavy
    if args.sendmail:
        env.mta = Sendmail
        # It calls a socket unsafe in a directory of somebody else.
        env.user = "root"
    known = parts(args.sendmail)
    signal.signal(signal.SIGALRM, alarm)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run = runner(env, known, args.seconds)
    names = args.parts or list(known)
    crew = Crew(env, args.jobs, run)
    try:
        if args.jobs > 1 and not args.sendmail:
            crew.work(names)
        else:
            ports = ports_from(args.port)
            for name in names:
                env.port = next(ports)
                run(name)
    finally:
        crew.stop()
        env.cleanup()
    points = env.points
    print("1..%d" % (points.passed + points.failed))
    return 1 if points.failed else 0


if __name__ == "__main__":
    sys.exit(main())
