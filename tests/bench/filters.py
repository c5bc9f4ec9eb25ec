"""The filters that are measured, and a measurement: milterload against one of
them, with what it cost the filter's processes."""

import os
import signal
import socket
import subprocess
import sys
import time

TICK = os.sysconf("SC_CLK_TCK")


def wait_until(seconds, test):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Filter:
    """A running filter; `name` is also the name of its socket."""

    def __init__(self, work, name, command, end=signal.SIGTERM):
        self.name, self.end = name, end
        self.socket = os.path.join(work, name + ".sock")
        self.errors = os.path.join(work, name + ".stderr")
        with open(self.errors, "wb") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                            stdout=err, stderr=err)
        if not wait_until(60, self.answers):
            self.fail("does not answer")

    def fail(self, what):
        with open(self.errors, errors="replace") as err:
            sys.exit("%s %s\n%s" % (self.name, what, err.read()))

    def answers(self):
        if self.process.poll() is not None:
            self.fail("ended with status %d" % self.process.returncode)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(self.socket)
            except OSError:
                return False
        return True

    def pids(self):
        pid = self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
            return [pid] + [int(c) for c in children.read().split()]

    def cpu(self):
        """Seconds of user and system time, of all its processes."""
        ticks = 0
        for pid in self.pids():
            with open("/proc/%d/stat" % pid) as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK

    def rss(self):
        """Resident octets of all its processes."""
        total = 0
        for pid in self.pids():
            with open("/proc/%d/status" % pid) as status:
                for line in status:
                    if line.startswith("VmRSS:"):
                        total += int(line.split()[1]) * 1024
        return total

    def settle(self):
        """Until it has nothing to do any more."""
        before = [-1.0]

        def quiet():
            now = self.cpu()
            same, before[0] = now == before[0], now
            time.sleep(0.2)
            return same
        wait_until(20, quiet)

    def wait(self):
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Bench:
    """Where the programs are, and the filters that run."""

    def __init__(self, build, work):
        self.build, self.work = os.path.abspath(build), work
        self.running = []

    def program(self, *path):
        return os.path.join(self.build, *path)

    def floor(self, mode):
        name = "floor-" + mode
        # It has nothing to lose, and libmilter takes 5 s to end on its own.
        return self._started(name, [
            self.program("tests/bench/floor"), mode,
            os.path.join(self.work, name + ".sock")], signal.SIGKILL)

    def policy(self, name, text):
        """The file of a policy, complete with where to listen and to log."""
        conf = os.path.join(self.work, name + ".conf")
        with open(conf, "w") as out:
            out.write('listen "unix:%s/%s.sock"\nlog file "%s/%s.log"\n%s' %
                      (self.work, name, self.work, name, text))
            out.write('control "unix:%s/%s.ctl"\n' % (self.work, name))
            if os.geteuid() == 0:
                out.write("user root\n")
        return conf

    def portreeve(self, name, text):
        return self._started(name, [self.program("portreeve"), "run", "-c",
                                    self.policy(name, text)])

    def _started(self, *what):
        self.running.append(Filter(self.work, *what))
        return self.running[-1]

    def stop(self):
        """Ends all filters."""
        for one in self.running:
            one.process.send_signal(one.end)
        while self.running:
            self.running.pop().wait()

    def load(self, target, **options):
        """milterload's figures, those of the filter's cost added."""
        command = [self.program("tests/bench/milterload")]
        for letter, value in options.items():
            command += ["-" + letter, str(value)]
        before = target.cpu()
        done = subprocess.run(command + [target.socket], capture_output=True,
                              text=True, timeout=120, check=False)
        if done.returncode != 0:
            sys.exit("milterload against %s: %s%s" %
                     (target.name, done.stdout, done.stderr))
        result = values(done.stdout)
        if result["replies_replycode"] and "b" not in options:
            sys.exit("%s: a rule matched, none should" % target.name)
        result["cpu_us"] = ((target.cpu() - before) * 1e6 /
                            max(1, result["sessions"]))
        result["rss"] = target.rss()
        return result

    def idle(self, target, count):
        """Resident octets for each of so many greeted connections."""
        target.settle()
        before = target.rss()
        with subprocess.Popen(
                [self.program("tests/bench/milterload"), "-c", "0", "-i",
                 str(count), "-t", "60", target.socket],
                stdout=subprocess.PIPE, text=True) as load:
            if load.stdout.readline() != "idle=%d\n" % count:
                sys.exit("%s: not all are greeted" % target.name)
            target.settle()
            after = target.rss()
            load.kill()
        return (after - before) / count


def values(text):
    """key=value lines as numbers, where they are some."""
    result = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        try:
            result[key] = float(value)
        except ValueError:
            result[key] = value
    return result
