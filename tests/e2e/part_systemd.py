"""What systemd hears of the daemon, and hands to it."""

import os
import shutil
import signal
import socket
import subprocess

from harness import LONG, Daemon, TOP, wait_until
import milter
from part_life import reply_of, rule, session


class Notified:
    """The socket to which systemd has its services talk."""

    def __init__(self, env):
        self.path = os.path.join(env.work, "notify.sock")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        os.chmod(self.path, 0o666)
        self.heard = []

    def listen(self):
        """All that was said since the last call, a dictionary each."""
        self.sock.settimeout(0)
        said = []
        while True:
            try:
                text = self.sock.recv(65536).decode()
            except BlockingIOError:
                self.heard += said
                return said
            said.append(dict(line.split("=", 1)
                             for line in text.split("\n") if line))

    def hears(self, seconds=LONG, **wanted):
        """The first message that says all of that."""
        def look():
            self.listen()
            for i, message in enumerate(self.heard):
                if wanted.items() <= message.items():
                    self.heard = self.heard[i + 1:]
                    return message
            return None
        return wait_until(look, seconds)


def part_notify(env):
    """READY, RELOADING, STOPPING and the watchdog."""
    points = env.points
    systemd = Notified(env)
    daemon = Daemon(env, "drain 7s\n" + rule(550), "notify",
                    before=["env", "NOTIFY_SOCKET=" + systemd.path,
                            "WATCHDOG_USEC=30000000", "sh", "-c",
                            # As systemd does, for its first process only.
                            'WATCHDOG_PID=$$ exec "$@"', "sh"])
    ready = systemd.hears(READY="1")
    points.ok(ready and "1 rule" in ready.get("STATUS", ""),
              "it says when it is up, and with what", ready)
    points.ok(systemd.hears(WATCHDOG="1") and systemd.hears(WATCHDOG="1"),
              "and that it is alive, again and again")
    child = daemon.child()
    os.kill(child, signal.SIGSTOP)
    # What it had said already may be heard now, but that ends.
    points.ok(wait_until(lambda: not systemd.hears(3, WATCHDOG="1")),
              "but not while the filter process hangs")
    os.kill(child, signal.SIGCONT)
    points.ok(systemd.hears(WATCHDOG="1"), "and again when it goes on")

    points.same(daemon.reload().returncode, 0, "reload")
    begun = systemd.hears(RELOADING="1")
    points.ok(begun and begun.get("MONOTONIC_USEC", "").isdigit(),
              "it says that it reloads", begun)
    points.ok(systemd.hears(READY="1"), "and that it has")
    daemon.rewrite("reject", "rejct")
    points.same(daemon.reload().returncode, 1, "reload, with errors")
    ready = systemd.hears(READY="1")
    points.ok(ready and "has errors" in ready["STATUS"],
              "the status says so", ready)

    os.kill(child, signal.SIGKILL)
    status = systemd.hears(STATUS="the filter process died; "
                           "another is started")
    points.ok(status, "a death is told")
    points.ok(systemd.hears(READY="1"), "and the next life")
    points.same(daemon.stop(), 0, "it ends with 0")
    stopping = systemd.hears(STOPPING="1")
    points.ok(stopping and
              7e6 < int(stopping["EXTEND_TIMEOUT_USEC"]) < 30e6,
              "it says that it ends, and how long that may take", stopping)


def part_activation(env):
    """A socket that systemd made is used, kept, and handed on."""
    points = env.points
    path = os.path.join(env.work, "portreeve.sock")
    made = socket.socket(socket.AF_UNIX)
    made.bind(path)
    made.listen(64)
    os.set_inheritable(made.fileno(), True)
    # It is number 3, and names the process that it is for.
    before = ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&%d' %
              made.fileno(), "sh"]

    def start(policy):
        daemon = Daemon(env, policy, "activation", start=False)
        daemon.process = subprocess.Popen(
            before + [env.portreeve, "run", "-c", daemon.conf],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            close_fds=False)
        daemon.pid = daemon.process.pid
        env.daemons.append(daemon)
        return daemon
    node = os.stat(path).st_ino
    waiting = socket.socket(socket.AF_UNIX)
    waiting.connect(path)
    daemon = start(rule(550))
    points.same(reply_of(session(daemon)), "550", "it serves the socket")
    points.same(daemon.stop(), 0, "it ends with 0")
    points.same(os.stat(path).st_ino, node, "the socket is still there")
    early = milter.Milter(path, version=0)
    daemon = start(rule(551))
    points.same(reply_of(session(daemon)), "551", "the next one serves it too")
    early.negotiate(6, milter.ACTIONS_ALL, milter.PROTO_ALL)
    early.connect()
    early.helo()
    points.same(reply_of(early), "551", "and who called between the two")
    points.same(daemon.stop(), 0, "and ends with 0")
    waiting.close()
    early.quit()

    daemon = start('listen "unix:%s/other.sock"\n' % env.work)
    points.same(daemon.process.wait(LONG), 1, "another socket than the policy's")
    points.match("systemd hands over a socket, but not the one",
                 daemon.process.stderr.read(), "is an error that says so")
    env.daemons.remove(daemon)
    made.close()


def part_units(env):
    """The unit is what systemd takes, and lets the daemon do little."""
    points = env.points
    if shutil.which("systemd-analyze") is None:
        points.ok(False, "systemd-analyze is not installed")
        return
    for name in ("portreeve.service.in", "portreeve.socket"):
        with open(os.path.join(TOP, "packaging/systemd", name)) as file:
            text = file.read()
        # A program that is there, for verify.
        text = text.replace("@sbindir@/portreeve", env.portreeve)
        text = text.replace("@sysconfdir@", "/etc")
        with open(os.path.join(env.work, name.replace(".in", "")),
                  "w") as file:
            file.write(text)
    units = [os.path.join(env.work, "portreeve." + kind)
             for kind in ("service", "socket")]
    run = subprocess.run(["systemd-analyze", "verify", "--man=no"] + units,
                         capture_output=True, text=True, timeout=60)
    said = [line for line in run.stderr.split("\n")
            if "portreeve" in line and "Failed to" not in line]
    points.same(said, [], "systemd has nothing to say about the units")
    run = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true",
         "--threshold=20", units[0]],
        capture_output=True, text=True, timeout=60)
    points.ok(run.returncode == 0, "its exposure is at most 2.0",
              run.stdout.strip().split("\n")[-1] + run.stderr)
    points.match("exposure level for portreeve.service: [01]\\.",
                 run.stdout, "as systemd-analyze says itself")
    run = subprocess.run(["sh", "-n", os.path.join(
        TOP, "packaging/openrc/portreeve.in")], capture_output=True, text=True)
    points.same((run.returncode, run.stderr), (0, ""),
                "the script for OpenRC is one for the shell")
