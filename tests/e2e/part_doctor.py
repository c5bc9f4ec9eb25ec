"""portreeve doctor on a real Postfix: each fault, and that its mend mends."""

import os
import re
import socket
import subprocess
import sys

from harness import LONG, Daemon, Postfix, wait_until

POLICY = """
include "more.inc"
words bad = file "bad.list"
on mail { spoof: reject if sender.domain == "example.org" or sender.local in bad }
"""


def write(daemon, name, text):
    """A file beside the policy, of another age than what was there."""
    path = os.path.join(daemon.dir, name)
    with open(path, "w") as file:
        file.write(text)
    os.utime(path, (1, 1))


class Doctor:
    """One look, by a command in front: findings as (level, text, mend)."""

    def __init__(self, env, daemon, conf, *front):
        run = subprocess.run(
            [*front, env.portreeve, "doctor", "-c", daemon.conf, "--postfix",
             conf], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60)
        self.status = run.returncode
        self.page = run.stdout + run.stderr
        self.findings = []
        for line in run.stdout.splitlines():
            head = re.match(r"(ok|note|WARNING|FAULT) +(.*)", line)
            mend = re.match(r" {11}mend: (.*)", line)
            if head:
                self.findings.append([head.group(1), head.group(2), ""])
            elif mend:
                self.findings[-1][2] = mend.group(1)
            elif line.strip() and self.findings and line[0] == " ":
                self.findings[-1][1] += " " + line.strip()

    def find(self, level, pattern):
        for finding in self.findings:
            if finding[0] == level and re.search(pattern, finding[1]):
                return finding
        return None


def long_ago(conf):
    """Postfix's programs wait until a file of theirs is two seconds old."""
    for name in ("main.cf", "master.cf"):
        os.utime(os.path.join(conf, name), (1, 1))


def run_mend(env, finding):
    """Runs it as it is printed."""
    command = re.sub(r"^if that is not meant: ", "", finding[2])
    path = os.path.dirname(env.portreeve) + ":" + os.environ["PATH"]
    return subprocess.run(["sh", "-c", command], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, env={**os.environ, "PATH": path})


def part_doctor(env):
    """Every fault is found, and gone once its mend was run."""
    points = env.points
    # As Debian has it: smtpd in a chroot, the socket below it.
    queue = os.path.join(env.work, "postfix", "queue")
    socket_dir = os.path.join(queue, "portreeve")
    env.work_socket = os.path.join(socket_dir, "p.sock")
    postfix = Postfix(env, "postfix", env.port,
                      "smtpd_milters = unix:portreeve/p.sock")
    conf = os.path.join(env.work, "postfix", "conf")
    service = "127.0.0.1:%d/inet" % env.port

    def postconf(*words):
        subprocess.run(["postconf", "-c", conf, *words], check=True,
                       stdin=subprocess.DEVNULL, timeout=60)
        long_ago(conf)

    postconf("-F", service + "/chroot=y")
    os.makedirs(socket_dir)
    os.chmod(socket_dir, 0o755)
    daemon = Daemon(env, 'listen "unix:%s" mode 0660 group postfix\n'
                    "user root\n" % env.work_socket + POLICY, "doctor",
                    start=False)
    daemon.socket = env.work_socket
    write(daemon, "more.inc", "# nothing yet\n")
    write(daemon, "bad.list", "one\n")

    look = Doctor(env, daemon, conf)
    points.ok(look.find("FAULT", "portreeve does not answer"),
              "doctor: no daemon", look.page)
    points.ok(look.find("FAULT", "finds nothing at"), "doctor: no socket",
              look.page)
    points.same(look.status, 1, "doctor: faults are status 1")
    daemon.start()
    look = Doctor(env, daemon, conf)
    points.ok(look.status == 0 and look.find("ok", r"\(in a chroot\) reaches"),
              "doctor: all is well", look.page)
    look = Doctor(env, daemon, conf, "setpriv", "--reuid=postfix",
                  "--regid=postfix", "--clear-groups")
    points.ok(look.find("WARNING", "this user cannot see whether portreeve") and
              not look.find("FAULT", "does not answer"),
              "doctor: who may not ask hears so", look.page)
    os.chmod(daemon.conf, 0o600)
    look = Doctor(env, daemon, conf, "setpriv", "--reuid=postfix",
                  "--regid=postfix", "--clear-groups")
    os.chmod(daemon.conf, 0o644)
    points.ok(look.find("WARNING", "this user cannot read the policy") and
              len(look.findings) == 1,
              "doctor: who may not read hears so, and no more", look.page)

    def broken(name, level, pattern, breaks, mends=None):
        """Breaks something; the finding must come, and go by its mend."""
        breaks()
        look = Doctor(env, daemon, conf)
        found = look.find(level, pattern)
        if not points.ok(found, "doctor: " + name, look.page):
            return
        points.same(look.status, 1 if level == "FAULT" else 0,
                    "doctor: %s: the status" % name)
        if mends is None:
            done = run_mend(env, found)
            points.ok(done.returncode == 0,
                      "doctor: %s: the mend runs" % name,
                      found[2] + "\n" + done.stderr)
            long_ago(conf)
        else:
            mends()
        look = Doctor(env, daemon, conf)
        points.ok(not look.find(level, pattern) and look.status == 0,
                  "doctor: %s: it is gone" % name, look.page)

    broken("a directory without search", "FAULT", "the directory .* belongs",
           lambda: os.chmod(socket_dir, 0o700))
    os.chmod(socket_dir, 0o755)
    os.chown(socket_dir, 0, 0)
    broken("a socket for root alone", "FAULT", "the socket .* mode 0600",
           lambda: os.chmod(env.work_socket, 0o600),
           lambda: os.chmod(env.work_socket, 0o660))
    other = socket.create_server(("127.0.0.1", env.port + 3))
    name = "inet:127.0.0.1:%d" % (env.port + 3)
    broken("not in smtpd_milters", "FAULT", "does not ask portreeve",
           lambda: postconf("-e", "smtpd_milters = " + name))
    points.match("^%s unix:portreeve/p\\.sock$" % re.escape(name),
                 subprocess.run(["postconf", "-c", conf, "-h",
                                 "smtpd_milters"], text=True,
                                capture_output=True, check=True,
                                timeout=60).stdout.strip(),
                 "doctor: the mend keeps another milter")
    look = Doctor(env, daemon, conf)
    points.ok(look.find("note", "another milter before portreeve: inet:127"),
              "doctor: it tells of that milter", look.page)
    other.close()
    look = Doctor(env, daemon, conf)
    points.ok(look.status == 1 and
              look.find("FAULT", "milter, %s, which does not answer .*nobody "
                        "takes calls there.* Postfix does: tempfail" % name),
              "doctor: and that it does not answer", look.page)
    broken("the path as seen from outside", "FAULT",
           "is .*/queue/.*/queue/portreeve/p.sock, and portreeve listens",
           lambda: postconf("-e", "smtpd_milters = unix:" + env.work_socket))
    broken("milter_default_action = accept", "WARNING", "comes in unchecked",
           lambda: postconf("-e", "milter_default_action = accept"))
    broken("milter_default_action = reject", "WARNING", "refused for good",
           lambda: postconf("-e", "milter_default_action = reject"))
    broken("an old protocol", "WARNING", "milter_protocol is 2",
           lambda: postconf("-e", "milter_protocol = 2"))
    broken("no time to answer", "WARNING", "milter_command_timeout is 3s",
           lambda: postconf("-e", "milter_command_timeout = 3s"))
    broken("local mail", "note", "non_smtpd_milters names portreeve",
           lambda: postconf("-e", "non_smtpd_milters = $smtpd_milters"))
    postconf("-M", "submission/inet=submission inet n - y - - smtpd")
    broken("submission", "note", "the service submission asks portreeve",
           lambda: None)
    broken("an edited policy", "WARNING",
           r"doctor\.e2e\.conf was changed after it was loaded",
           lambda: daemon.rewrite("reject if", "defer if"))
    broken("an edited include", "WARNING",
           r"more\.inc was changed after it was loaded",
           lambda: write(daemon, "more.inc", "observe all\n"))
    broken("an edited list", "WARNING",
           r"bad\.list was changed after it was loaded: the old list bad",
           lambda: os.utime(os.path.join(daemon.dir, "bad.list"), (2, 2)))
    broken("a line that waits", "WARNING", "1 setting of the policy in force",
           lambda: (daemon.rewrite("mode 0660", "mode 0666"),
                    daemon.reload()),
           lambda: (daemon.rewrite("mode 0666", "mode 0660"),
                    daemon.reload()))
    daemon.rewrite("spoof:", "spoof")
    look = Doctor(env, daemon, conf)
    points.ok(look.find("FAULT", "does not load: 1 error") and
              look.find("note", "what was loaded .* ago .* stays in force"),
              "doctor: errors, and what is in force all the same", look.page)
    daemon.rewrite("spoof", "spoof:")

    before = open(os.path.join(conf, "main.cf")).read()
    postfix.stop()
    points.same(daemon.stop(), 0, "doctor: the daemon ends with 0")
    wait_until(lambda: not os.path.exists(env.work_socket))
    look = Doctor(env, daemon, conf)
    points.ok(look.find("FAULT", "^Postfix does not run$"),
              "doctor: no Postfix", look.page)
    points.same(open(os.path.join(conf, "main.cf")).read(), before,
                "doctor: it changes nothing")


DOWN = """
listen "unix:%(sock)s/p.sock" mode 0660 group postfix
control "unix:%(sock)s/control.sock"
metrics "inet:%(port)d@127.0.0.1"
"""


def part_doctor_down(env):
    """No daemon: what would keep one from starting, each with its mend."""
    points = env.points
    port = env.port + 3
    where = {"sock": os.path.join(env.work, "run"), "port": port}
    daemon = Daemon(env, DOWN % where + POLICY, "doctor-down", start=False,
                    log='log file "%s/logs/p.log"' % env.work)
    daemon.socket = where["sock"] + "/p.sock"
    write(daemon, "more.inc", "# nothing yet\n")
    write(daemon, "bad.list", "one\n")
    # A Postfix is not what this is about; postconf without one takes its time.
    conf = os.path.join(env.work, "conf")
    os.makedirs(conf)
    for name in ("main.cf", "master.cf"):
        open(os.path.join(conf, name), "w").close()
    long_ago(conf)

    def path(name):
        return os.path.join(daemon.dir, name)

    def broken(name, level, pattern, breaks=lambda: None, mends=None):
        breaks()
        look = Doctor(env, daemon, conf)
        found = look.find(level, pattern)
        if not points.ok(found and look.status == 1,
                         "doctor, down: " + name, look.page):
            return
        if mends is None:
            done = run_mend(env, found)
            points.same((done.returncode, done.stderr), (0, ""),
                        "doctor, down: %s: the mend runs" % name)
        else:
            mends()
        look = Doctor(env, daemon, conf)
        points.ok(not look.find(level, pattern),
                  "doctor, down: %s: it is gone" % name, look.page)

    broken("no directory for the socket", "FAULT",
           "there is no directory .*/run for a socket")
    broken("no directory for the log", "FAULT",
           "cannot write the log file .*/logs/p.log: .* No such file")
    broken("a directory open to all", "FAULT", "every user can write to",
           lambda: os.chmod(where["sock"], 0o777))
    broken("the directory is another user's", "WARNING",
           "cannot make its socket in .*/run",
           lambda: os.chown(where["sock"], 0, 0))
    broken("something is at the path", "FAULT", "p.sock that is no socket",
           lambda: open(daemon.socket, "w").close())
    broken("a policy for root alone", "WARNING",
           r"nobody, which cannot read .*more\.inc, so that a reload fails",
           lambda: os.chmod(path("more.inc"), 0o600))
    broken("a list for root alone", "WARNING",
           r"nobody, which cannot read .*bad\.list, .* mode 0600",
           lambda: os.chmod(path("bad.list"), 0o600))
    broken("no such user", "FAULT", "no such account: portreeve does not start",
           lambda: daemon.rewrite("user %s" % env.user, "user no-such-one"),
           lambda: daemon.rewrite("user no-such-one", "user %s" % env.user))
    broken("no such group", "FAULT", "no such group: portreeve does not start",
           lambda: daemon.rewrite("group postfix", "group no-such-one"),
           lambda: daemon.rewrite("group no-such-one", "group postfix"))

    with socket.create_server(("127.0.0.1", port)):
        look = Doctor(env, daemon, conf)
        points.ok(look.find("FAULT", "another program listens on inet:%d" %
                            port), "doctor, down: a port is taken", look.page)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(daemon.socket)
        look = Doctor(env, daemon, conf)
        points.ok(look.find("note", r"p\.sock was left by a portreeve that"),
                  "doctor, down: a socket that nobody serves", look.page)
        other.listen(1)
        look = Doctor(env, daemon, conf)
        points.ok(look.find("FAULT", r"python.* \(process %d\) listens on "
                            r".*p\.sock" % os.getpid()),
                  "doctor, down: one that somebody serves", look.page)
    # What the first process holds: in a namespace, we are that one.
    os.remove(daemon.socket)
    run = subprocess.run(
        ["unshare", "--pid", "--fork", sys.executable, "-c",
         "import socket, subprocess, sys\n"
         "held = socket.socket(socket.AF_UNIX)\n"
         "held.bind(sys.argv[1])\n"
         "held.listen(1)\n"
         "subprocess.run(sys.argv[2:], timeout=60)\n",
         daemon.socket, env.portreeve, "doctor", "-c", daemon.conf,
         "--postfix", conf], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=LONG)
    points.ok("(portreeve.socket)" in run.stdout and
              "portreeve does not start" not in run.stdout,
              "doctor, down: one that systemd has made", run.stdout +
              run.stderr)
    # It takes the place of that socket: all has been mended.
    daemon.start()
    points.same(daemon.stop(), 0, "doctor, down: it starts, and ends with 0")
    look = Doctor(env, daemon, conf)
    points.ok(look.find("note", r"last that it logged: .*\]: stopped$"),
              "doctor, down: its last words", look.page)
