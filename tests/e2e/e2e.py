#!/usr/bin/python3
"""End-to-end tests on a real Postfix.

    e2e.py --portreeve FILE --work DIR [--port N] [--wrap CMD] [PART...]

Parts are the functions named part_...; without any, all of them run.  DIR is
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
import socket
import stat
import subprocess
import sys
import threading
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import (Daemon, Env, Line, Postfix, Smtp, TOP,  # noqa: E402
                     rss_kib, wait_until)
import milter  # noqa: E402

TEXT = "From: <a@b.example>\nSubject: test\n\nHello.\n"


def read(*path):
    with open(os.path.join(TOP, *path)) as file:
        return file.read()


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
        policy = re.sub(r"(?m)^(listen|log)\s.*\n", "", file.read())
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
                    glob.glob(os.path.join(TOP, "packaging/examples/*.conf")))]
    for conf, transcripts in pairs:
        if transcripts:
            live(env, conf, transcripts)
    postfix.stop()


# ---- what becomes of the mail ----------------------------------------------

FIELDS = re.compile(
    r'^[0-9A-Za-z]{8,}: reject: stage=rcpt rule=r-reject '
    r'reply="550 5\.1\.1 no reject here" '
    r'client=localhost\[127\.0\.0\.1\] helo=<mail\.example> '
    r'from=<a@b\.example> to=<reject@example\.org> '
    r'(size=\d+ )?session=\S+ us=\d+$')


def part_queue(env):
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "queue")
    postfix = Postfix(env, "postfix", env.port)

    def send(sender, rcpts, text=TEXT):
        smtp = Smtp(env.port)
        reply = smtp.send(sender, rcpts, text)
        smtp.quit()
        return reply, postfix.settled()

    def one(rows, queue, sender, rcpts, name):
        return points.same([(r[0], r[2], r[3]) for r in rows],
                           [(queue, sender, sorted(rcpts))], name)

    at = len(daemon.text())
    reply, rows = send("<a@b.example>", ["<one@example.org>",
                                         "<reject@example.org>",
                                         "<two@example.org>"])
    points.match(r"^250 2\.0\.0 Ok: queued as", reply, "accepted: the reply")
    if one(rows, "deferred", "a@b.example",
           ["one@example.org", "two@example.org"],
           "accepted: queued for the recipients that were taken"):
        points.match(r"(?m)^X-Checked: by mx\.portreeve\.example$",
                     postfix.message(rows[0][1]), "accepted: header added")
        lines = daemon.lines(at)
        refused = [x for x in lines if x.get("rule") == "r-reject"]
        points.same(len(refused), 1, "one log line for the refused recipient")
        text = refused[0].text if refused else ""
        text = text[text.find(refused[0].id + ": "):] if refused else ""
        points.match(FIELDS.pattern, text, "its fields and their order")
        passed = [x for x in lines if x.verb == "pass"]
        points.same(len(passed), 1, "one pass line for the message")
        if passed:
            points.same((passed[0].id, passed[0].get("from"),
                         passed[0].get("nrcpt")),
                        (rows[0][1], "<a@b.example>", "2"),
                        "the pass line: queue id, sender, recipients")
            points.match(r"^\d+$", passed[0].get("size") or "-",
                         "the pass line: the size")
            if refused:
                points.same(passed[0].get("session"),
                            refused[0].get("session"),
                            "both lines name the session")
    postfix.clear()

    for what, sender, rcpts, text in (
            ("mail", "<drop@b.example>", ["<one@example.org>"], TEXT),
            ("rcpt", "<a@b.example>", ["<one@example.org>",
                                       "<drop@example.org>"], TEXT),
            ("data", "<a@b.example>", ["<data-drop@example.org>"], TEXT),
            ("message", "<a@b.example>", ["<one@example.org>"],
             "X-Do: drop\n" + TEXT)):
        at = len(daemon.text())
        reply, rows = send(sender, rcpts, text)
        points.match(r"^250 ", reply, "discard at %s: the client hears 250" %
                     what)
        points.same(rows, [], "discard at %s: nothing is queued" % what)
        verbs = [x.verb for x in daemon.lines(at)]
        points.ok("discard" in verbs and "pass" not in verbs,
                  "discard at %s: so says the log" % what, verbs)

    for what, sender, rcpts, text, reason in (
            ("mail", "<hold@b.example>", ["<one@example.org>"], TEXT,
             "from hold@b.example"),
            ("rcpt", "<a@b.example>", ["<hold@example.org>"], TEXT,
             "for hold@example.org"),
            ("message", "<a@b.example>", ["<one@example.org>"],
             "X-Do: hold\n" + TEXT, "asked for")):
        at = len(daemon.text())
        reply, rows = send(sender, rcpts, text)
        points.match(r"^250 2\.0\.0", reply,
                     "quarantine at %s: the client hears 250" % what)
        points.same([r[0] for r in rows], ["hold"],
                    "quarantine at %s: the message is held" % what)
        points.ok([x for x in daemon.lines(at) if x.verb == "quarantine" and
                   reason in x.text],
                  "quarantine at %s: the log has the reason" % what,
                  daemon.text()[at:])
        postfix.clear()

    for what, text in (("reject", "X-Do: reject\n" + TEXT),
                       ("defer", "X-Do: defer\n" + TEXT),
                       ("size", TEXT + "x" * 70 + ("\n" + "x" * 70) * 300)):
        reply, rows = send("<a@b.example>", ["<one@example.org>"], text)
        points.match(r"^(554 5\.7\.1|451 4\.7\.1|552 5\.3\.4) ", reply,
                     "%s at message: the reply" % what)
        points.same(rows, [], "%s at message: nothing is queued" % what)

    smtp = Smtp(env.port)
    points.match(r"^550-5\.7\.1 first line\n550 5\.7\.1 second line$",
                 smtp.say("EHLO x.example", "MAIL FROM:<multi@b.example>"),
                 "a reply of two lines arrives as two")
    smtp.quit()

    at = len(daemon.text())
    reply, rows = send("<a@b.example>", ["<data-reject@example.org>"])
    points.match(r"^550 5\.7\.1", reply, "reject at data: the reply")
    points.same(rows, [], "reject at data: nothing is queued")
    points.ok("pass" not in [x.verb for x in daemon.lines(at)],
              "reject at data: no pass line")
    postfix.stop()
    points.same(daemon.stop(), 0, "the daemon ends with 0")


def part_bdat(env):
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "bdat")
    postfix = Postfix(env, "postfix", env.port)

    def bdat(*chunks):
        smtp = Smtp(env.port)
        smtp.say("EHLO mail.example", "MAIL FROM:<a@b.example>",
                 "RCPT TO:<one@example.org>")
        reply = ""
        for i, chunk in enumerate(chunks):
            last = " LAST" if i == len(chunks) - 1 else ""
            smtp.sock.sendall(b"BDAT %d%s\r\n" % (len(chunk), last.encode()) +
                              chunk)
            reply = smtp.reply()
            if reply[:1] != "2":
                break
        smtp.quit()
        return reply

    head = b"From: <a@b.example>\r\nSubject: b\r\n"
    points.match("^250 2", bdat(head + b"\r\nhello\r\n"), "BDAT in one chunk")
    points.match("^250 2", bdat(head, b"\r\nhel", b"lo\r\n", b""),
                 "BDAT in four chunks")
    points.same(len(postfix.settled()), 2, "both are queued")
    points.match(r"^554 5\.7\.1",
                 bdat(head + b"X-Do: rej", b"ect\r\n\r\nhello\r\n"),
                 "BDAT: a header split over chunks is refused")
    points.match(r"^552 5\.3\.4", bdat(head + b"\r\n", b"x" * 78 + b"\r\n" +
                                       b"y" * 30000 + b"\r\n"),
                 "BDAT: the size is counted")
    smtp = Smtp(env.port)
    smtp.say("EHLO mail.example", "MAIL FROM:<a@b.example>",
             "RCPT TO:<data-reject@example.org>")
    smtp.sock.sendall(b"BDAT 5 LAST\r\nhello")
    points.match(r"^550 5\.7\.1", smtp.reply(), "BDAT asks the rules of data")
    smtp.quit()
    points.same(len(postfix.settled()), 2, "no more is queued")
    postfix.stop()
    points.same(daemon.stop(), 0, "the daemon ends with 0")


def part_sendmail(env):
    points = env.points
    daemon = Daemon(env, """
on mail { sender-fault: log "fault=${sender.fault} sender=${sender} raw=${sender.raw}" }
on rcpt { rcpt-fault: log "fault=${rcpt.fault} rcpt=${rcpt}" }
on message {
    drop:  discard if header("X-Do") == "drop"
    hold:  quarantine "held" if header("X-Do") == "hold"
    add header "X-Client" "${client.name}[${client.ip}] ${helo}"
}
""", "sendmail")
    postfix = Postfix(env, "postfix", env.port)
    at = len(daemon.text())
    run = postfix.sendmail(TEXT, "-f", "ann@example.org", "-oi",
                           "bob@example.net")
    points.same((run.returncode, run.stderr), (0, ""),
                "sendmail(1) takes a message")
    rows = wait_until(10, lambda: [r for r in postfix.queue()
                                   if r[0] == "deferred"])
    points.same([(r[2], r[3]) for r in rows],
                [("ann@example.org", ["bob@example.net"])], "it is queued")
    if rows:
        points.match(r"(?m)^X-Client: localhost\[127\.0\.0\.1\] ",
                     postfix.message(rows[0][1]), "a header was added to it")
    text = "\n".join(x.text for x in daemon.lines(at))
    points.match("fault=- sender=ann@example.org", text,
                 "no fault is seen in a sender without brackets")
    points.match("fault=- rcpt=bob@example.net", text,
                 "nor in a recipient without brackets")
    postfix.clear()

    at = len(daemon.text())
    postfix.sendmail(TEXT, "-f", "<>", "bob@example.net")
    rows = wait_until(10, lambda: [r for r in postfix.queue()
                                   if r[0] == "deferred"])
    points.same(len(rows), 1, "a message with the null sender is queued")
    points.match(r"from=<>", "\n".join(x.text for x in daemon.lines(at)),
                 "the log has from=<>")
    postfix.clear()

    at = len(daemon.text())
    postfix.sendmail("X-Do: drop\n" + TEXT, "-f", "a@b.example", "c@d.example")
    points.ok(wait_until(10, lambda: [x for x in daemon.lines(at)
                                      if x.verb == "discard"]),
              "discard of a message from sendmail(1)", daemon.text()[at:])
    points.same(postfix.settled(), [], "it is gone")
    postfix.sendmail("X-Do: hold\n" + TEXT, "-f", "a@b.example", "c@d.example")
    points.ok(wait_until(10, lambda: [r for r in postfix.queue()
                                      if r[0] == "hold"]),
              "quarantine of a message from sendmail(1)", postfix.queue())
    postfix.stop()
    points.same(daemon.stop(), 0, "the daemon ends with 0")


def part_protocol2(env):
    """An MTA that offers protocol 2: no data, no unknown, no skipping."""
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "protocol2")
    postfix = Postfix(env, "postfix", env.port, "milter_protocol = 2")
    for sender, rcpt, text, want in (
            ("<a@b.example>", "<one@example.org>", TEXT, "250 2.0.0"),
            ("<reject@b.example>", "<one@example.org>", TEXT, "550 5.7.1"),
            ("<a@b.example>", "<reject@example.org>", TEXT, "550 5.1.1"),
            ("<late@b.example>", "<one@example.org>", TEXT, "550 5.1.8"),
            ("<a@b.example>", "<data-reject@example.org>", TEXT, "550 5.7.1"),
            ("<a@b.example>", "<data-hangup@example.org>", TEXT, "421 4.7.0"),
            ("<a@b.example>", "<one@example.org>", "X-Do: reject\n" + TEXT,
             "554 5.7.1"),
            ("<a@b.example>", "<one@example.org>", "X-Do: hangup\n" + TEXT,
             "421 4.7.0"),
            ("<a@b.example>", "<one@example.org>",
             TEXT + ("x" * 70 + "\n") * 400, "552 5.3.4"),
            ("<drop@b.example>", "<one@example.org>", TEXT, "250")):
        smtp = Smtp(env.port)
        reply = smtp.send(sender, [rcpt], text)
        points.ok(reply.startswith(want), "protocol 2: %s %s %s: %s" %
                  (sender, rcpt, text.split("\n")[0], want), reply)
        smtp.close()
    points.same(len(postfix.settled()), 1, "protocol 2: one is queued")
    postfix.stop()
    points.same(daemon.stop(), 0, "the daemon ends with 0")


# ---- the log ---------------------------------------------------------------

def part_forgery(env):
    """What a client sends cannot make up a log line or a field of one."""
    points = env.points
    daemon = Daemon(env, """
on rcpt { no: reject 550 5.7.1 "no ${rcpt} from ${sender} at ${helo}" }
on unknown { odd: log "command ${command}" }
""", "forgery")
    postfix = Postfix(env, "postfix", env.port)
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
        at = len(daemon.text())
        smtp = Smtp(env.port)
        smtp.say("EHLO " + helo, "MAIL FROM:" + sender)
        reply = smtp.say("RCPT TO:" + rcpt)
        smtp.say("XODD \x01\"rule=x\" \udcff")
        smtp.close()
        name = "forgery: %r" % (helo[:24],)
        points.match("^(5|4)", reply, name + ": refused")
        points.ok(all(len(x) <= 512 for x in reply.split("\n")),
                  name + ": no reply line over 512", reply)
        new = [x for x in daemon.text()[at:].split("\n") if x]
        wait_until(2, lambda: len(daemon.text()) > at)
        daemon.lines(at)
        new = [x for x in daemon.text()[at:].split("\n") if x]
        points.ok(all(32 <= ord(c) < 127 for x in new for c in x),
                  name + ": the log is printable ASCII", new)
        points.ok(all(len(x) < 2300 for x in new), name + ": lines are short",
                  [len(x) for x in new])
        lines = [Line(x) for x in new]
        rules = [x.get("rule") for x in lines if x.good]
        points.ok(all(r in ("no", "odd") for r in rules) and
                  "forged" not in rules, name + ": only rules of the policy",
                  "\n".join(new))
    postfix.stop()
    points.same(daemon.stop(), 0, "the daemon ends with 0")


def part_deaf_log(env):
    """A log that takes nothing holds up and changes nothing."""
    points = env.points
    postfix = Postfix(env, "postfix", env.port,
                      "smtpd_hard_error_limit = 10000",
                      "smtpd_junk_command_limit = 10000")
    pipe = os.path.join(env.work, "pipe")
    os.mkfifo(pipe)
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
        points.ok(time.monotonic() - begin < 30,
                  "log %s: nobody waits" % name, time.monotonic() - begin)
        points.same(daemon.stop(), 0, "log %s: it ends with 0" % name)
    os.close(reader)
    postfix.stop()


def part_syslog(env):
    points = env.points
    if shutil.which("rsyslogd") is None:
        points.ok(False, "syslog: rsyslogd is not installed")
        return
    had = os.path.lexists("/dev/log")
    if had:
        try:
            probe = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            probe.connect("/dev/log")
            probe.close()
            points.ok(False, "syslog: a syslog daemon of this machine listens "
                      "on /dev/log; run the tests where none does")
            return
        except OSError:
            pass
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
        wait_until(10, lambda: os.path.exists("/dev/log"))
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
        wait_until(5, lambda: "m-reject" in text())
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
        points.ok(wait_until(8, lambda: text().count("m-reject") > seen),
                  "syslog: back again, it has the lines", text())
        points.same(daemon.stop(), 0, "syslog: the daemon ends with 0")
        postfix.stop()
    finally:
        rsyslogd.terminate()
        rsyslogd.wait(10)
        if not had and os.path.lexists("/dev/log"):
            os.remove("/dev/log")


# ---- the daemon ------------------------------------------------------------

def run_daemon(env, conf, *args, seconds=20):
    """Runs it where it is expected to end by itself."""
    return subprocess.run(env.wrap + [env.portreeve, "run", "-c", conf] +
                          list(args), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=seconds)


def part_daemon(env):
    points = env.points
    base = os.path.join(env.work, "start")
    os.makedirs(base, exist_ok=True)

    def policy(text, name="p.conf"):
        path = os.path.join(base, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    sock = os.path.join(base, "s.sock")
    listen = 'listen "unix:%s" mode 0660 group postfix\nlog stderr\n' % sock

    bad = policy(listen + 'on rcpt {\n    a: rejekt if rcpt is null\n'
                 '    b: reject if sender.domian == "x"\n}\n')
    run = run_daemon(env, bad)
    points.same(run.returncode, 1, "a policy that does not load: status 1")
    points.match(r"(?m)^\S*p\.conf:4:\d+: error: ", run.stderr,
                 "its diagnostic names file, line, column")
    points.match(r"(?m)^\S*p\.conf:5:\d+: error: .*sender\.domain", run.stderr,
                 "the second one too, and what was meant")
    points.match(r"(?m)^ *\^", run.stderr, "there is a caret")
    points.ok(not os.path.lexists(sock), "no socket is made for it")
    run = subprocess.run([env.portreeve, "check", "-c", bad],
                         capture_output=True, text=True, timeout=20)
    points.same(run.returncode, 1, "check says the same: status 1")
    good = policy(listen)
    run = subprocess.run([env.portreeve, "check", "-c", good],
                         capture_output=True, text=True, timeout=20)
    points.same((run.returncode, run.stderr), (0, ""),
                "check of a policy without rules: status 0, silent")
    points.same(run_daemon(env, os.path.join(base, "none.conf")).returncode, 1,
                "a policy that is not there: status 1")

    # The socket.
    daemon = Daemon(env, "", "socket")
    mode = os.stat(daemon.socket)
    points.same((stat.S_IMODE(mode.st_mode), stat.S_ISSOCK(mode.st_mode)),
                (0o660, True), "the socket has mode 0660")
    import grp
    points.same(mode.st_gid, grp.getgrnam("postfix").gr_gid,
                "the socket has group postfix")
    run = run_daemon(env, daemon.conf)
    points.same(run.returncode, 1, "a second one on the same socket: status 1")
    points.ok(str(daemon.pid) in run.stderr or "portreeve" in
              run.stderr.split(":", 1)[-1], "it says who holds the socket",
              run.stderr)
    points.ok(daemon.answers(), "the first one is not disturbed")
    points.same(daemon.stop(), 0, "SIGTERM ends it with 0")
    points.ok(not os.path.lexists(daemon.socket),
              "its socket is gone with it")

    daemon = Daemon(env, "", "stale")
    daemon.stop(signal.SIGKILL)
    # The filter process ends when it sees that its parent is gone.
    points.ok(wait_until(10, lambda: not daemon.socket_answers()),
              "a killed parent takes the filter process with it")
    stale = os.path.lexists(daemon.socket)
    daemon = Daemon(env, "", "stale")
    points.ok(stale and daemon.answers(), "a stale socket is replaced")
    begin = time.monotonic()
    points.same(daemon.stop(), 0, "and it ends with 0")
    points.ok(time.monotonic() - begin < 10, "soon",
              time.monotonic() - begin)

    for text, want in (
            ('listen "unix:%s/none/s.sock"\n' % base, "%s/none" % base),
            ('listen "unix:%s/%s"\n' % (base, "s" * 120), "s" * 20),
            ('listen "unix:%s" group nobodyofthatname\n' % sock,
             "nobodyofthatname"),
            ('listen "tcp:25"\n', "tcp:25"),
            ('listen "inet:%d@127.0.0.1"\n' % env.port, str(env.port)),
            ('listen "unix:%s"\nlog file "%s/none/x.log"\n' % (sock, base),
             "%s/none/x.log" % base)):
        taken = None
        if "inet:" in text:
            taken = socket.create_server(("127.0.0.1", env.port))
        run = run_daemon(env, policy(text, "q.conf"))
        name = text.strip().replace(base, "DIR").replace("\n", "; ")
        points.ok(run.returncode == 1 and want in run.stderr,
                  "cannot start: " + name[:60],
                  "%d %s" % (run.returncode, run.stderr))
        if taken:
            taken.close()

    # inet.
    port = env.port + 7
    daemon = Daemon(env, 'listen "inet:%d@127.0.0.1"\n' % port, "inet",
                    start=False)
    process = subprocess.Popen(env.wrap + [env.portreeve, "run", "-c",
                                           daemon.conf],
                               stdin=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)

    def answers():
        try:
            socket.create_connection(("127.0.0.1", port), 2).close()
            return True
        except OSError:
            return False
    points.ok(wait_until(20, answers), "it listens on an inet socket")
    process.terminate()
    points.same(process.wait(20), 0, "and ends with 0")

    # SIGTERM in the middle of things.
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "term")
    clients = [milter.Milter(daemon.socket) for _ in range(20)]
    for i, client in enumerate(clients):
        client.connect()
        if i % 2:
            client.helo()
            client.mail("<a@b.example>")
    begin = time.monotonic()
    points.same(daemon.stop(seconds=30), 0, "SIGTERM amid 20 sessions: 0")
    points.ok(time.monotonic() - begin < 20, "it does not wait for them",
              time.monotonic() - begin)
    for client in clients:
        client.close()

    daemon = Daemon(env, "", "hup")
    daemon.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    points.ok(wait_until(5, daemon.answers), "SIGHUP does not stop it")
    points.same(daemon.stop(), 0, "and it ends with 0")


# ---- what it must withstand ------------------------------------------------

def part_protocol(env):
    """What Postfix does not do, packet by packet."""
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "protocol")
    C, Y = milter.CONTINUE, milter.REPLYCODE

    def client(**more):
        m = milter.Milter(daemon.socket, **more)
        return m

    # nothing but a connection, and one that ends after negotiation
    socket.socket(socket.AF_UNIX).connect(daemon.socket)
    client(version=0).close()
    client().close()
    m = client()
    m.connect()
    m.close()

    m = client()
    m.macro(b"C", j="mx.example")
    m.connect()
    m.helo()
    points.same(milter.text(m.mail("<coded@b.example>")),
                "553 5.1.7 no mail from coded@b.example", "a reply as such")
    points.same(m.mail("<a@b.example>")[0], C, "MAIL again without an abort")
    points.same(m.mail("<a@b.example>")[0], C, "MAIL again after a good one")
    points.same(milter.text(m.rcpt("<reject@d.example>")),
                "550 5.1.1 no reject here", "RCPT refused")
    m.abort()
    points.same(m.message()[0], C, "a message after an abort")
    points.same(m.message(rcpts=("<reject@x>", "<data-reject@x>"))[0], Y,
                "refused at data")
    points.same(m.message()[0], C, "a message after our own verdict")
    points.same(m.message("<percent@b.example>")[1].rstrip(b"\0"),
                b"550 5.7.1 100%% sure, 5%%d", "a percent sign is doubled")
    m.quit()

    m = client(actions=0x0C)
    points.same(m.actions & ~0x0C, 0, "it asks for no action not offered")
    m.connect()
    m.helo()
    code, _ = m.message(headers=(("X-Do", "hold"),))
    points.same(code, Y, "what cannot be quarantined is not let through")
    m.quit()

    for version, proto in ((2, 0x7F), (3, 0x1FF), (4, 0x3FF), (6, 0),
                           (6, 0x1FFFFF)):
        m = client(version=version, proto=proto, actions=0x1F)
        m.connect()
        m.helo()
        points.same(m.mail("<a@b.example>")[0], C,
                    "version %d, steps %x: MAIL" % (version, proto))
        points.same(milter.text(m.rcpt("<reject@d.example>")),
                    "550 5.1.1 no reject here",
                    "version %d, steps %x: RCPT refused" % (version, proto))
        m.abort()
        code, data = m.message(headers=(("X-Do", "reject"),))
        points.ok(code == Y and data.startswith(b"554 5.7.1"),
                  "version %d, steps %x: message refused" % (version, proto),
                  (code, data))
        m.quit()

    m = client()
    points.same((m.connect_unknown()[0], m.helo()[0], m.mail("a@b")[0],
                 m.rcpt("c@d")[0]), (C, C, C, C),
                "no address family, no macros, no brackets")
    points.same(m.mail("")[0], C, "the empty null sender")
    m.abort()
    points.same(m.unknown("XDEFER now")[0], Y, "unknown command refused")
    m.quit()

    m = client()
    points.same((m.mail("<a@b.example>")[0], m.rcpt("<c@d.example>")[0]),
                (C, C), "neither connect nor HELO")
    m.quit()

    m = client()
    m.connect()
    m.helo()
    code, _ = m.message(
        headers=(("Subject", "x"), ("X", ""), ("X-Do", "\udcff\udcfe hold")),
        body=(b"a\r", b"\n", b"\r\n.\r\n", b"\0" * 1000))
    points.same(code, C, "odd headers and chunks")
    code, _ = m.message(headers=(("Subject", "x" * 60000),))
    points.same(code, Y, "a header of 60,000 octets: the size rule speaks")
    code, _ = m.message(body=[b"\0" * 65535] * 3)
    points.same(code, Y, "the largest chunks: the size rule speaks")
    m.quit()

    m = client()
    points.same(m.connect(ip="IPv6:2001:db8::1")[0], C, "an IPv6 client")
    m.quit()

    # a connection used for several sessions
    m = client()
    for i in range(3):
        m.connect()
        m.helo()
        points.same(m.message()[0], C, "QUIT_NC: session %d" % (i + 1))
        m.quit_nc()
    m.quit()

    # rubbish on the wire
    for junk in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"GET / HTTP/1.0\r\n\r\n",
                 b"\0\0\0\1O", b"\0\0\0\5Cxxxx", b"\0\0\0\1R", b"\0" * 4096):
        s = socket.socket(socket.AF_UNIX)
        s.connect(daemon.socket)
        try:
            s.sendall(junk)
        except OSError:
            pass
        s.close()
    for payload in (b"", b"x", b"\0", b"x\0", b"\0\0\0"):
        for code in (b"C", b"H", b"M", b"R", b"L", b"U", b"D", b"B", b"N",
                     b"T", b"A", b"E"):
            # libmilter hands an unknown command on as a C string, whether
            # or not it ends.
            if code == b"U" and not payload.endswith(b"\0"):
                continue
            try:
                m = client(timeout=3)
                m.connect()
                m.helo()
                m.send(code, payload)
                m.sock.settimeout(0.05)
                m.read()
            except (OSError, milter.Gone):
                pass
            m.close()
    points.ok(daemon.alive(), "rubbish does not end it")
    m = client()
    m.connect()
    m.helo()
    points.same(m.message()[0], C, "nor keep it from working")
    m.quit()

    # a client that takes many recipients, many headers
    m = client()
    m.connect()
    m.helo()
    code, _ = m.message(rcpts=["<r%d@d.example>" % i for i in range(5000)],
                        headers=[("X-%d" % i, "v") for i in range(5000)])
    points.same(code, Y, "5,000 recipients and headers: the size rule speaks")
    m.quit()
    points.same(daemon.stop(), 0, "the daemon ends with 0")


def part_vanish(env):
    """Clients that go away, in every stage."""
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "vanish")
    postfix = Postfix(env, "postfix", env.port)
    talk = ["EHLO mail.example", "MAIL FROM:<a@b.example>",
            "RCPT TO:<one@example.org>", "RCPT TO:<reject@example.org>",
            "DATA"]
    for n in range(len(talk) + 1):
        for reset in (False, True):
            smtp = Smtp(env.port)
            smtp.say(*talk[:n])
            if reset:
                smtp.vanish()
            else:
                smtp.close()
    for tail in (b"Subject: x\r\n", b"Subject: x\r\n\r\nhalf a li"):
        smtp = Smtp(env.port)
        smtp.say(*talk)
        smtp.sock.sendall(tail)
        smtp.vanish()
    smtp = Smtp(env.port, greet=False)
    smtp.vanish()

    # the MTA itself vanishes
    steps = (lambda m: m.connect(), lambda m: m.helo(),
             lambda m: m.mail("<a@b.example>"),
             lambda m: m.rcpt("<c@d.example>"), lambda m: m.data(),
             lambda m: m.header("Subject", "x"), lambda m: m.eoh(),
             lambda m: m.body(b"x\r\n"), lambda m: m.send(b"E"))
    for n in range(len(steps) + 1):
        m = milter.Milter(daemon.socket)
        for step in steps[:n]:
            step(m)
        m.close()
    smtp = Smtp(env.port)
    points.match("^250 2.0.0", smtp.send("<a@b.example>",
                                         ["<one@example.org>"], TEXT),
                 "after all of them a message goes through")
    smtp.quit()
    points.ok(daemon.alive(), "the daemon is up")
    fds = "/proc/%d/fd" % daemon.pid
    points.ok(wait_until(20, lambda: len(os.listdir(fds)) < 40),
              "no descriptor is left open", len(os.listdir(fds)))
    postfix.stop()
    points.same(daemon.stop(), 0, "it ends with 0")


def part_crowd(env):
    """1,000 connections at once: on the socket, and through Postfix."""
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "crowd")
    crowd = []
    try:
        for _ in range(1000):
            m = milter.Milter(daemon.socket, timeout=60)
            m.connect()
            crowd.append(m)
    except OSError as error:
        points.ok(False, "1,000 milter connections are taken",
                  "%d: %s" % (len(crowd), error))
    points.same(len(crowd), 1000, "1,000 milter connections are open")
    for m in crowd:
        m.helo()
        m.mail("<a@b.example>")
    wrong = 0
    for i, m in enumerate(crowd):
        rcpt = "<reject@x.example>" if i % 2 else "<one@x.example>"
        wrong += (m.rcpt(rcpt)[0] == milter.CONTINUE) != (i % 2 == 0)
    points.same(wrong, 0, "each of them gets its own verdict")
    for m in crowd:
        m.quit()

    postfix = Postfix(env, "postfix", env.port)
    clients = [Smtp(env.port, greet=False) for _ in range(1000)]
    greeted = sum(c.reply().startswith("220") for c in clients)
    points.same(greeted, 1000, "1,000 SMTP clients are greeted")
    for c in clients:
        c.sock.sendall(b"EHLO x.example\r\n")
    for c in clients:
        c.reply()
    for i, c in enumerate(clients):
        name = ("a", "reject", "defer", "coded")[i % 4]
        c.sock.sendall(b"MAIL FROM:<%s@b.example>\r\n" % name.encode())
    replies = [c.reply() for c in clients]
    want = ("250", "550", "451", "553")
    wrong = [r for i, r in enumerate(replies) if r[:3] != want[i % 4]]
    points.same(wrong[:3], [], "each of them gets its own reply")
    for c in clients:
        c.close()
    points.ok(daemon.alive(), "the daemon is up")
    postfix.stop()
    points.same(daemon.stop(), 0, "it ends with 0")


def load(path, sessions, threads, messages=1):
    """Sessions with a message each, a refusal in every third."""
    wrong = []

    def work(n):
        try:
            for i in range(n):
                m = milter.Milter(path, timeout=60)
                m.connect()
                m.helo("host%d.example" % i)
                for _ in range(messages):
                    if i % 3 == 0:
                        code = m.rcpt if m.mail("<a@b.example>")[0] == \
                            milter.CONTINUE else None
                        if code("<reject@d.example>")[0] != milter.REPLYCODE:
                            wrong.append("rcpt")
                        m.abort()
                    elif m.message(headers=(("X-Do", "none"),))[0] != \
                            milter.CONTINUE:
                        wrong.append("message")
                m.quit()
        except Exception as error:  # pylint: disable=broad-except
            wrong.append(repr(error))
    crew = [threading.Thread(target=work, args=(sessions // threads,))
            for _ in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return wrong


def part_parallel(env):
    """Sessions in parallel; meant for a daemon with ThreadSanitizer."""
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "parallel")
    points.same(load(daemon.socket, 480, 16)[:3], [],
                "16 x 30 sessions at once, each with its verdict")
    points.ok(daemon.alive(), "the daemon is up", daemon.errors())
    points.same(daemon.stop(seconds=30), 0, "it ends with 0")
    points.ok("WARNING: ThreadSanitizer" not in daemon.errors(),
              "no data race was reported", daemon.errors())


def part_memory(env):
    """20,000 sessions need no more memory than 2,000."""
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "memory",
                    log='log file "/dev/null"')
    points.same(load(daemon.socket, 2000, 4)[:3], [], "2,000 sessions")
    before = rss_kib(daemon.pid)
    points.same(load(daemon.socket, 18000, 4)[:3], [], "18,000 more")
    after = rss_kib(daemon.pid)
    points.ok(after <= before + 512,
              "resident memory after 20,000: %d KiB, after 2,000: %d KiB" %
              (after, before))
    points.same(daemon.stop(), 0, "it ends with 0")


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
    return [name[5:] for name in globals() if name.startswith("part_")]


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
                globals()["part_" + name](env)
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
