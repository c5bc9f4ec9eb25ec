"""The log: lines that cannot be forged, a log that cannot be written, syslog."""

import os
import re
import shutil
import socket
import subprocess
import time

from harness import (LONG, Daemon, Line, Postfix, Smtp, TEXT, read,
                     wait_until)
import milter


def part_forgery(env):
    """What a client sends cannot make up a log line or a field of one."""
    points = env.points
    daemon = Daemon(env, """
on rcpt { no: reject 550 5.7.1 "no ${rcpt} from ${sender} at ${helo}" }
on unknown { odd: log "command ${command}" }
""", "forgery")
    mta = env.mta(env, "mta", env.port)
    evil = (
        ('x"y', '<"a b"@x.example>', '<c@d.example>'),
        ('x session=1-1', '<"a> to=<root"@x.example>', '<"q\\"r"@d.example>'),
        ("x\x01\x1b[31m\x7f", "<a\x02b@x.example>", "<c\x03@d.example>"),
        ("\udcff\udc80.example", "<\udcc3\udca9@x.example>",
         "<\udcff@d.example>"),
        ("x\rNOQUEUE: accept: stage=rcpt rule=forged", "<a@b.example>",
         "<c@d.example>"),
        ("h" * 400, "<" + "s" * 500 + "@x.example>",
         "<" + "r" * 500 + "@d.example>"),
        ("%s%n%x", "<%s%n@x.example>", "<%n%s%d@d.example>"),
    )
    for helo, sender, rcpt in evil:
        at = daemon.mark()
        smtp = Smtp(env.port)
        smtp.say("EHLO " + helo, "MAIL FROM:" + sender)
        reply = smtp.say("RCPT TO:" + rcpt)
        smtp.say("XODD \x01\"rule=x\" \udcff")
        smtp.close()
        name = "forgery: %r" % (helo[:24],)
        points.match("^(5|4)", reply, name + ": refused")
        points.ok(all(len(x) <= 512 for x in reply.split("\n")),
                  name + ": no reply line over 512", reply)
        new = [x for x in daemon.settled()[at:].split("\n") if x]
        points.ok(all(32 <= ord(c) < 127 for x in new for c in x),
                  name + ": the log is printable ASCII", new)
        points.ok(all(len(x) < 2300 for x in new), name + ": lines are short",
                  [len(x) for x in new])
        lines = [Line(x) for x in new]
        rules = [x.get("rule") for x in lines if x.good]
        points.ok(all(r in ("no", "odd") for r in rules) and
                  "forged" not in rules, name + ": only rules of the policy",
                  "\n".join(new))
    mta.stop()
    points.same(daemon.stop(), 0, "the daemon ends with 0")


def part_hang_up(env):
    """Where no rule can refuse, no line is lost of who hangs up at once."""
    points = env.points
    daemon = Daemon(env, """
on mail { seen: log "from ${sender}" }
on rcpt { watch: observe reject if rcpt.domain == "example.org" }
""", "hang-up")
    mta = env.mta(env, "mta", env.port)
    for name, last in (("seen", None), ("watch", "RCPT TO:<c@example.org>")):
        at = daemon.mark()
        for n in range(40):
            smtp = Smtp(env.port)
            smtp.say("EHLO mail.example")
            said = "MAIL FROM:<%s-%d@b.example>" % (name, n)
            if last:
                smtp.say(said)
            smtp.sock.sendall((last or said).encode() + b"\r\n")
            smtp.close()
        wait_until(lambda: len([x for x in daemon.lines(at)
                                if x.get("rule") == name]) == 40)
        points.same(len([x for x in daemon.lines(at)
                         if x.get("rule") == name]), 40,
                    "hang up: each has its line, rule " + name)
    mta.stop()
    points.same(daemon.stop(), 0, "hang up: the daemon ends with 0")


def part_deaf_log(env):
    """A log that takes nothing holds up and changes nothing."""
    points = env.points
    postfix = Postfix(env, "postfix", env.port,
                      "smtpd_hard_error_limit = 10000",
                      "smtpd_junk_command_limit = 10000")
    pipe = os.path.join(env.work, "pipe")
    os.mkfifo(pipe)
    os.chmod(pipe, 0o666)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    for name, log in (("full", 'log file "/dev/full"'),
                      ("pipe", 'log file "%s"' % pipe)):
        daemon = Daemon(env, read("tests/policy/verdicts.conf"), "deaf-" + name,
                        log=log)
        begin = time.monotonic()
        bad = []
        for _ in range(60):
            smtp = Smtp(env.port)
            reply = smtp.send("<reject@b.example>", ["<one@example.org>"],
                              TEXT)
            if not reply.startswith("550 5.7.1"):
                bad.append(reply)
            for _ in range(40):
                smtp.say("RSET", "MAIL FROM:<reject@b.example>")
            smtp.quit()
        points.same(bad, [], "log %s: the verdicts stand" % name)
        points.ok(time.monotonic() - begin < 2 * LONG,
                  "log %s: nobody waits" % name, time.monotonic() - begin)
        points.same(daemon.stop(), 0, "log %s: it ends with 0" % name)
    os.close(reader)
    postfix.stop()


def devlog_is_free(points):
    """Whether nobody listens on /dev/log."""
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        probe.connect("/dev/log")
    except OSError:
        return True
    finally:
        probe.close()
    points.ok(False, "syslog: a syslog daemon of this machine listens on "
              "/dev/log; run the tests where none does")
    return False


def lost(line):
    """How many lines this one says are missing; 0 if it is no such notice."""
    found = re.search(r"(\d+) log lines (were dropped here|could not be "
                      r"written)", line)
    return int(found.group(1)) if found else 0


class Deaf:
    """/dev/log with somebody behind it who reads only when told."""

    def __init__(self):
        self.remove()
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind("/dev/log")
        os.chmod("/dev/log", 0o666)  # as a syslog daemon has it
        self.sock.settimeout(LONG)

    def remove(self):
        if os.path.lexists("/dev/log"):
            os.remove("/dev/log")

    def read(self, many):
        """What comes, until so many refusals came or are told of as lost."""
        lines = []
        while many > 0:
            try:
                lines.append(self.sock.recv(65536).decode())
            except socket.timeout:
                break
            many -= lost(lines[-1]) or " to=<" in lines[-1]
        return lines

    def close(self):
        self.sock.close()
        self.remove()


def part_deaf_syslog(env):
    """A syslog daemon that takes nothing, or is gone, holds up nobody, and
    what it missed is counted."""
    points = env.points
    if not devlog_is_free(points):
        return
    many = 14000
    deaf = Deaf()
    try:
        daemon = Daemon(env, 'on rcpt { no: reject 550 5.7.1 "no" }\n',
                        "deaf-syslog", log="log syslog local3")
        client = milter.Milter(daemon.socket)
        client.connect()
        client.helo()
        client.mail("<a@b.example>")
        slowest = 0
        for number in range(many):
            begin = time.monotonic()
            client.rcpt("<%05d@d.example>" % number)
            slowest = max(slowest, time.monotonic() - begin)
        points.ok(slowest < LONG / 2, "no verdict waits for it", slowest)
        lines = deaf.read(many)
        numbers = [int(n) for n in re.findall(r"to=<(\d{5})@d",
                                              "\n".join(lines))]
        dropped = sum(lost(line) for line in lines)
        points.ok(0 < len(numbers) < many, "it missed some lines",
                  len(numbers))
        points.same(len(numbers) + dropped, many, "which are counted")
        points.same(numbers, sorted(numbers), "the others come in order")
        torn = [x for x in lines if not re.match(
            r"<\d+>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d portreeve\[\d+\]: "
            r"[^\n]*\Z", x)]
        points.same(torn, [], "each in a whole message")

        deaf.close()
        for number in range(5):
            client.rcpt("<%05d@d.example>" % number)
        wait_until(lambda: "cannot log to syslog" in daemon.errors())
        points.match(r"cannot log to syslog \(/dev/log\)", daemon.errors(),
                     "one that is gone is complained of")
        # The writer may not have come to all of the five yet.
        deaf = Deaf()
        client.rcpt("<77777@d.example>")
        lines = deaf.read(6)
        points.ok(lines and lost(lines[0]) + len(lines) - 2 == 5,
                  "the next is told what was lost", lines)
        points.match("to=<77777@d", lines[-1], "and has the lines")
        client.quit()
        points.same(daemon.stop(), 0, "it ends with 0")
    finally:
        deaf.close()


def part_syslog(env):
    points = env.points
    if shutil.which("rsyslogd") is None:
        points.ok(False, "syslog: rsyslogd is not installed")
        return
    had = os.path.lexists("/dev/log")
    if not devlog_is_free(points):
        return
    base = os.path.join(env.work, "rsyslog")
    os.makedirs(base)
    out = os.path.join(base, "mail.log")
    conf = os.path.join(base, "rsyslog.conf")
    with open(conf, "w") as file:
        file.write('global(workDirectory="%s" '
                   'parser.escapeControlCharactersOnReceive="off")\n'
                   'module(load="imuxsock" SysSock.Name="/dev/log" '
                   'SysSock.RateLimit.Interval="0")\n'
                   'template(name="t" type="string" string="%%syslogfacility-'
                   'text%%.%%syslogseverity-text%% %%syslogtag%%%%msg%%\\n")\n'
                   '*.* action(type="omfile" file="%s" template="t")\n' %
                   (base, out))

    def start():
        process = subprocess.Popen(
            ["rsyslogd", "-n", "-f", conf, "-i", os.path.join(base, "pid")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        wait_until(lambda: os.path.exists("/dev/log"))
        return process

    def text():
        try:
            with open(out, errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    daemons = []
    rsyslogd = start()
    try:
        postfix = Postfix(env, "postfix", env.port)
        daemon = Daemon(env, read("tests/policy/verdicts.conf"), "syslog",
                        log="log syslog local3")
        daemons.append(daemon)

        def refuse():
            smtp = Smtp(env.port)
            reply = smtp.send("<reject@b.example>", ["<one@example.org>"],
                              TEXT)
            smtp.quit()
            return reply

        points.match("^550 5.7.1", refuse(), "syslog: the verdict")
        wait_until(lambda: "m-reject" in text())
        points.match(r"(?m)^local3\.\w+ portreeve(\[\d+\])?: NOQUEUE: reject: "
                     r'stage=mail rule=m-reject reply="550 5\.7\.1 ',
                     text(), "syslog: rsyslogd has the line")
        rsyslogd.terminate()
        rsyslogd.wait(10)
        if os.path.lexists("/dev/log"):
            os.remove("/dev/log")
        points.match("^550 5.7.1", refuse(),
                     "syslog: without syslogd the verdict stands")
        rsyslogd = start()
        refuse()
        seen = text().count("m-reject")
        refuse()
        points.ok(wait_until(lambda: text().count("m-reject") > seen),
                  "syslog: back again, it has the lines", text())
        points.same(daemon.stop(), 0, "syslog: the daemon ends with 0")
        postfix.stop()
    finally:
        rsyslogd.terminate()
        rsyslogd.wait(10)
        if not had and os.path.lexists("/dev/log"):
            os.remove("/dev/log")
