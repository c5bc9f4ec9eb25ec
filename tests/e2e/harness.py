"""What the end-to-end tests stand on: the daemon, a private Postfix, an SMTP
client that says exactly what it is told, and test points."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import milter

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


class Points:
    """TAP on standard output."""

    def __init__(self):
        self.passed = self.failed = 0

    def ok(self, truth, name, detail=""):
        if truth:
            self.passed += 1
        else:
            self.failed += 1
        print("%sok %d - %s" % ("" if truth else "not ",
                                self.passed + self.failed, name))
        if not truth and detail != "":
            for line in str(detail).rstrip().split("\n")[:40]:
                print("#   " + line)
        sys.stdout.flush()
        return bool(truth)

    def same(self, got, want, name):
        return self.ok(got == want, name,
                       "got:      %r\nexpected: %r" % (got, want))

    def match(self, pattern, got, name):
        return self.ok(re.search(pattern, got), name,
                       "got:      %s\nexpected: %s" % (got, pattern))


# Seconds that nothing takes, however busy the machine is, unless it is broken.
LONG = 60


def wait_until(test, seconds=LONG):
    """The test's first true value; its last false one when time is up."""
    end = time.monotonic() + seconds
    while True:
        value = test()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.03)


def family(pid):
    """A process and those that it has started."""
    with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
        return [pid] + [int(child) for child in children.read().split()]


def rss_kib(pid):
    """Resident memory of a daemon: the parent and the filter process."""
    total = 0
    for one in family(pid):
        with open("/proc/%d/status" % one) as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
    return total


def descriptors(pid):
    """How many a process has open."""
    return len(os.listdir("/proc/%d/fd" % pid))


def slack(env, kib):
    """What memory may grow by; sanitizers and valgrind keep what is freed."""
    return kib if env.sandbox else 65536


TEXT = "From: <a@b.example>\nSubject: test\n\nHello.\n"


def read(*path):
    with open(os.path.join(TOP, *path)) as file:
        return file.read()


MARKED = re.compile(r"(?m)^.*mark-\d+\.e2e\.example.*\n")
LINE = re.compile(r"(?:^|[\s:])(?P<id>NOQUEUE|[0-9A-Za-z-]+): "
                  r"(?P<verb>[a-z-]+): (?P<rest>(?:stage|from|client)=.*)$")


class Line:
    """One decision line of the log."""

    def __init__(self, text):
        self.text = text
        found = LINE.search(text)
        self.good = bool(found)
        self.id = found.group("id") if found else ""
        self.verb = found.group("verb") if found else ""
        self.rest = found.group("rest") if found else ""

    def get(self, key):
        found = re.search(r'(?:^| )%s=("[^"]*"|<[^>]*>|\S*)' % re.escape(key),
                          self.rest)
        return found.group(1) if found else None


class Daemon:
    """Portreeve with one policy, logging to a file."""

    def __init__(self, env, policy, name="policy", log=None, near=None,
                 start=True, before=()):
        self.env = env
        self.dir = os.path.join(env.work, "daemon")
        os.makedirs(self.dir, exist_ok=True)
        # The user that it becomes makes its log there, and removes its
        # sockets.
        for where in (env.work, self.dir):
            shutil.chown(where, env.user)
        self.socket = os.path.join(env.work, "portreeve.sock")
        self.before = list(before)  # a command that starts it
        self.control = os.path.join(env.work, "control.sock")
        self.log = os.path.join(self.dir, name + ".log")
        self.conf = os.path.join(near or self.dir, name + ".e2e.conf")
        self.stderr = os.path.join(self.dir, name + ".stderr")
        open(self.log, "w").close()
        shutil.chown(self.log, env.user)
        with open(self.conf, "w") as conf:
            if not re.search(r"^ *listen ", policy, re.M):
                conf.write('listen "unix:%s" mode 0660 group postfix\n' %
                           self.socket)
            for word, value in (("control", '"unix:%s"' % self.control),
                                ("drain", "1s"), ("user", env.user)):
                if not re.search(r"(?m)^ *%s " % word, policy):
                    conf.write("%s %s\n" % (word, value))
            conf.write((log or 'log file "%s"' % self.log) + "\n" + policy)
        self.pid = self.marks = 0
        if start:
            self.start()

    def start(self):
        with open(self.stderr, "ab") as err:
            self.process = subprocess.Popen(
                self.before + self.env.wrap +
                [self.env.portreeve, "run", "-c", self.conf] +
                ([] if self.env.sandbox else ["--no-sandbox"]),
                stdin=subprocess.DEVNULL, stdout=err, stderr=err)
        self.pid = self.process.pid
        self.env.daemons.append(self)
        if not wait_until(self.answers):
            raise RuntimeError("the daemon does not answer: " + self.errors())

    def answers(self):
        if self.process.poll() is not None:
            raise RuntimeError("the daemon ended with %d: %s" %
                               (self.process.returncode, self.errors()))
        return self.socket_answers()

    def socket_answers(self):
        try:
            probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            probe.connect(self.socket)
            probe.close()
            return True
        except OSError:
            return False

    def errors(self):
        with open(self.stderr, errors="replace") as err:
            return err.read()

    def whole_log(self):
        """The log as it is, up to its last whole line."""
        try:
            with open(self.log, errors="replace") as log:
                text = log.read()
        except FileNotFoundError:
            return ""
        return text[:text.rfind("\n") + 1]

    def text(self):
        """The log, without what settled() has added."""
        return MARKED.sub("", self.whole_log())

    def settled(self):
        """The log, with every line about what the daemon has answered by now:
        one is written a moment after the reply.  But in the order in which
        they are made, so that all are there once a message of our own has
        one.  (A mail server does not wait for the answer to an event at which
        no rule can refuse or log.)"""
        if self.alive():
            self.marks += 1
            name = "mark-%d.e2e.example" % self.marks
            self.leave_mark(name)
            if not wait_until(lambda: name in self.whole_log()):
                raise RuntimeError("the log says nothing of " + name)
        return self.text()

    def leave_mark(self, name):
        """A message of a client by this name, whatever becomes of it."""
        client = milter.Milter(self.socket)
        if client.connect(name, "192.0.2.255")[0] == milter.CONTINUE and \
                client.helo(name)[0] == milter.CONTINUE:
            client.message()
        client.quit()

    def mark(self):
        """Where the lines of what comes next begin."""
        return len(self.settled())

    def lines(self, at=0):
        """Decision lines from octet `at` on."""
        found = (Line(t) for t in self.settled()[at:].split("\n"))
        return [line for line in found if line.good]

    def alive(self):
        return self.process.poll() is None

    def rewrite(self, old, new):
        """Another text in place of one of the policy."""
        with open(self.conf) as conf:
            text = conf.read()
        if old not in text:
            raise RuntimeError("the policy does not say " + old)
        with open(self.conf, "w") as conf:
            conf.write(text.replace(old, new))

    def reload(self):
        """`portreeve reload`, as it ended."""
        return subprocess.run([self.env.portreeve, "reload", "-c", self.conf],
                              capture_output=True, text=True, timeout=60)

    def child(self):
        """The filter process, once it is there: who logs that it started, or,
        where it logs elsewhere, the last of the family."""
        started = r"portreeve\[(\d+)\]: portreeve \S+ started"
        if self.log not in read(self.conf):
            wait_until(lambda: len(family(self.pid)) > 1)
            return family(self.pid)[-1]
        wait_until(lambda: re.search(started, self.text()))
        return int(re.findall(started, self.text())[-1])

    def kill_child(self):
        """Kills the filter process; its number, once it is no more: until
        then it may take calls that it never answers."""
        child = self.child()
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: not os.path.exists("/proc/%d" % child))
        return child

    def stop(self, how=signal.SIGTERM, seconds=LONG):
        """Its exit status; None if it had to be killed."""
        if self in self.env.daemons:
            self.env.daemons.remove(self)
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


class Postfix:
    """A private Postfix that asks the daemon's socket."""

    translate = None  # it talks as transcripts have it

    def __init__(self, env, name, port, *lines):
        self.env, self.port, self.marks = env, port, 0
        self.dir = os.path.join(env.work, name)
        self.conf = os.path.join(self.dir, "conf")
        self.script = os.path.join(TOP, "packaging/lib/private-postfix")
        milters = "smtpd_milters = unix:%s/portreeve.sock" % env.work
        subprocess.run([self.script, "start", self.dir, str(port), milters,
                        "non_smtpd_milters = $smtpd_milters"] + list(lines),
                       check=True, timeout=60)
        env.mtas.append(self)
        # Who looked whether it is up had a session with the milter, too.
        wait_until(lambda: "disconnect from" in self.log_text())

    @classmethod
    def with_xclient(cls, env, name, port):
        """One that takes XCLIENT on this port."""
        return cls(env, name, port)

    def complaints(self):
        """What it logged that is wrong with the milter."""
        return re.findall(r"(?m)^.*warning: .*milter.*$", self.log())

    def stop(self):
        self.log()  # what postlogd has not written is lost with it
        self.env.mtas.remove(self)
        subprocess.run([self.script, "stop", self.dir], check=True, timeout=60)

    def tool(self, name, *args, **more):
        return subprocess.run([name, "-c", self.conf] + list(args),
                              capture_output=True, text=True, timeout=60,
                              **more)

    def queue(self):
        """What is queued: [(queue name, id, sender, [recipients])]."""
        out = self.tool("postqueue", "-j").stdout
        rows = [json.loads(line) for line in out.splitlines()]
        return [(r["queue_name"], r["queue_id"], r["sender"],
                 sorted(x["address"] for x in r["recipients"])) for r in rows]

    def settled(self):
        """The queue when nothing in it is on its way any more.  What moves
        from one directory to another while they are read one by one may be
        seen in neither, so that it takes two looks that agree."""
        looks = [None]

        def quiet():
            looks.append(self.queue())
            return looks[-1] == looks[-2] and not [
                row for row in looks[-1]
                if row[0] in ("incoming", "active", "maildrop")]
        wait_until(quiet)
        return looks[-1]

    def message(self, queue_id):
        return self.tool("postcat", "-q", "-bh", queue_id).stdout

    def clear(self):
        self.settled()
        self.tool("postsuper", "-d", "ALL")

    def log_text(self):
        with open(os.path.join(self.dir, "maillog"), errors="replace") as log:
            return log.read()

    def log(self):
        """Its log, up to now: postlogd(8) writes in the order in which it is
        told, so that all is there once a line of our own is."""
        if self in self.env.mtas:
            self.marks += 1
            mark = "e2e-mark-%d." % self.marks
            self.tool("postlog", mark)
            if not wait_until(lambda: mark in self.log_text()):
                raise RuntimeError("postlogd has not written " + mark)
        return self.log_text()

    def sendmail(self, text, *args):
        return subprocess.run(["/usr/sbin/sendmail", "-C", self.conf] +
                              list(args), input=text, capture_output=True,
                              text=True, timeout=60)


class Smtp:
    """A client; what it says goes out as it is."""

    def __init__(self, port, timeout=60, greet=True):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout)
        self.buf = b""
        self.greeting = self.reply() if greet else ""

    def reply(self):
        """The whole reply, its lines apart by newlines; "" at the end."""
        lines = []
        while True:
            while b"\r\n" not in self.buf:
                try:
                    more = self.sock.recv(65536)
                except ConnectionResetError:
                    more = b""
                if not more:
                    return "\n".join(lines)
                self.buf += more
            line, self.buf = self.buf.split(b"\r\n", 1)
            lines.append(line.decode("utf-8", "replace"))
            if lines[-1][3:4] != "-":
                return "\n".join(lines)

    def say(self, *commands):
        """Sends them one by one; the last reply."""
        reply = ""
        for command in commands:
            if isinstance(command, str):
                command = command.encode("utf-8", "surrogateescape")
            self.sock.sendall(command + b"\r\n")
            reply = self.reply()
        return reply

    def send(self, sender, rcpts, text, helo="mail.example"):
        """The last reply of a whole message."""
        reply = self.say("EHLO " + helo, "MAIL FROM:" + sender)
        if reply[:1] != "2":
            return reply
        taken = [r for r in (self.say("RCPT TO:" + rcpt) for rcpt in rcpts)]
        if not [r for r in taken if r[:1] == "2"]:
            return taken[-1]
        reply = self.say("DATA")
        if reply[:3] != "354":
            return reply
        return self.say(text.replace("\n", "\r\n") + "\r\n.")

    def quit(self):
        reply = self.say("QUIT")
        self.close()
        return reply

    def close(self):
        self.sock.close()

    def vanish(self):
        """Ends the connection with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             b"\1\0\0\0\0\0\0\0")
        self.sock.close()


class Env:
    """Where the tests run, and on which mail server."""

    mta = Postfix

    def __init__(self, portreeve, work, port, wrap=(), sandbox=True):
        self.portreeve, self.work, self.port = portreeve, work, port
        self.wrap = list(wrap)
        self.user = "nobody"  # whom daemons become
        self.sandbox = sandbox  # whether they give up more than that
        self.heavy = False
        self.daemons, self.mtas = [], []
        self.points = Points()

    def of(self, quick, heavy):
        """A number: for every day, or for a run by hand with --heavy."""
        return heavy if self.heavy else quick

    def cleanup(self):
        for daemon in list(self.daemons):
            daemon.stop()
        for mta in list(self.mtas):
            mta.stop()
