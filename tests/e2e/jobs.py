"""Parts side by side: most of what they do is to wait.

Each runs in a process and a directory of its own, on ports of its own, and
what it prints is kept and shown in the order in which parts run one by one.
"""

import os
import re
import signal
import socket
import sys
import traceback

# These begin, as they take longest.
FIRST = ("watch", "crowd", "live_rest", "live", "descriptors",
         "live_examples", "doctor", "killed")

# Nothing runs beside these: they compare times, or need the one /dev/log.
ALONE = ("deaf_syslog", "reload_load", "slow", "syslog")

PORTS = 10  # that a part may use, from env.port on
POINT = re.compile(r"(?m)^(not )?ok \d+ - ")


def is_free(port):
    """Nobody has it, nor had it a moment ago."""
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def ports_from(first):
    """The first of so many free ports in a row, again and again."""
    # Those from 32768 on are given to clients.
    for first in range(first, 32768 - PORTS, PORTS):
        if all(is_free(port) for port in range(first, first + PORTS)):
            yield first
    raise RuntimeError("there are no free ports")


class Job:
    """One part, `run`, in a process of its own."""

    def __init__(self, env, name, port, run):
        self.name = name
        self.path = os.path.join(env.work, name + ".out")
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._child(env, port, run)

    def _child(self, env, port, run):
        status = 1
        try:
            out = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            os.dup2(out, 1)
            os.dup2(out, 2)
            os.close(out)
            env.port = port
            run(self.name)
            status = 0
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()
        finally:
            env.cleanup()
            sys.stdout.flush()
            os._exit(status)

    def show(self, points, status):
        """Prints and counts what it had to say."""
        with open(self.path, errors="replace") as file:
            text = file.read()

        def numbered(found):
            points.passed += not found.group(1)
            points.failed += bool(found.group(1))
            return "%sok %d - " % (found.group(1) or "",
                                   points.passed + points.failed)
        sys.stdout.write(POINT.sub(numbered, text))
        if status != 0:
            points.ok(False, "%s: its process ended with status %d" %
                      (self.name, status))


class Crew:
    """At most `most` jobs at once."""

    def __init__(self, env, most, run):
        self.env, self.most, self.run = env, most, run
        self.ports = ports_from(env.port)
        self.running, self.ended = {}, {}

    def start(self, name):
        job = Job(self.env, name, next(self.ports), self.run)
        self.running[job.pid] = job

    def wait_for_one(self):
        pid, status = os.wait()
        job = self.running.pop(pid)
        self.ended[job.name] = job, os.waitstatus_to_exitcode(status)

    def stop(self):
        for pid in self.running:
            os.kill(pid, signal.SIGTERM)
        while self.running:
            self.wait_for_one()

    def work(self, names):
        """All of these, shown in this order."""
        left = [name for name in FIRST if name in names]
        left += [name for name in names
                 if name not in FIRST and name not in ALONE]
        left += [name for name in names if name in ALONE]
        shown = list(names)
        while shown:
            while left and len(self.running) < self.most and \
                    not (self.running and self.is_alone(left[0])):
                self.start(left.pop(0))
            self.wait_for_one()
            while shown and shown[0] in self.ended:
                job, status = self.ended[shown.pop(0)]
                job.show(self.env.points, status)

    def is_alone(self, name):
        """Whether nothing may run beside it, or beside what runs."""
        return name in ALONE or any(job.name in ALONE
                                    for job in self.running.values())
