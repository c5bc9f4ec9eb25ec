"""What the daemon must withstand: rubbish, clients that vanish, crowds."""

import os
import re
import socket
import threading
import time

from harness import (Daemon, Postfix, Smtp, TEXT, descriptors, read, rss_kib,
                     slack, wait_until)
import milter


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
    m.unknown("XDEFER")
    points.ok(wait_until(lambda: "stage=unknown" in daemon.text()) and
              [x.get("from") for x in daemon.lines()] ==
              ["<coded@b.example>", None],
              "behind a MAIL refused there is no message", daemon.text())
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
    mta = env.mta(env, "mta", env.port)
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
    points.ok(wait_until(lambda: len(os.listdir(fds)) < 40),
              "no descriptor is left open", len(os.listdir(fds)))
    mta.stop()
    points.same(daemon.stop(), 0, "it ends with 0")


def milter_crowd(path, count):
    """So many connections at once, each with its verdict; then they go.  What
    is wrong, and the time it took."""
    begin = time.monotonic()
    crowd = []
    for _ in range(count):
        m = milter.Milter(path, timeout=60)
        m.connect()
        crowd.append(m)
    for m in crowd:
        m.helo()
        m.mail("<a@b.example>")
    wrong = 0
    for i, m in enumerate(crowd):
        rcpt = "<reject@x.example>" if i % 2 else "<one@x.example>"
        wrong += (m.rcpt(rcpt)[0] == milter.CONTINUE) != (i % 2 == 0)
    for m in crowd:
        m.quit()
    return wrong, time.monotonic() - begin


def smtp_crowd(points, port, count):
    clients = [Smtp(port, greet=False) for _ in range(count)]
    greeted = sum(c.reply().startswith("220") for c in clients)
    points.same(greeted, count, "%d SMTP clients are greeted" % count)
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


def part_crowd(env):
    """Many connections at once: on the socket, and through Postfix."""
    points = env.points
    count = env.of(1000, 4000)
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "crowd")
    child, memory = daemon.child(), []
    before = descriptors(child)
    for name in ("first", "second", "third"):
        wrong, took = milter_crowd(daemon.socket, count)
        points.same(wrong, 0, "%d milter connections at once, the %s time: "
                    "each has its own verdict (%.1f s)" % (count, name, took))
        points.ok(wait_until(lambda: descriptors(child) <= before + 4),
                  "they leave no descriptor", descriptors(child))
        memory.append(rss_kib(daemon.pid))
    points.ok(memory[2] <= memory[0] + slack(env, 4096), "resident memory "
              "when they have gone: %d, %d and %d KiB" % tuple(memory))
    postfix = Postfix(env, "postfix", env.port)
    smtp_crowd(points, env.port, env.of(1000, 1190))  # of 1,200 smtpd
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
    points.same(daemon.stop(), 0, "it ends with 0")
    points.ok("WARNING: ThreadSanitizer" not in daemon.errors(),
              "no data race was reported", daemon.errors())


def page_faults(pid):
    """How many pages the process had to be given."""
    with open("/proc/%d/stat" % pid) as file:
        return int(file.read().rsplit(")", 1)[1].split()[7])


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
    # Workers that end leave their stacks to those that begin.
    points.same(load(daemon.socket, 1600, 16)[:3], [], "16 at once")
    before = page_faults(daemon.child())
    points.same(load(daemon.socket, 8000, 16)[:3], [], "8,000 more")
    faults = page_faults(daemon.child()) - before
    points.ok(faults < 2000, "page faults in 8,000 sessions: %d" % faults)
    points.same(daemon.stop(), 0, "it ends with 0")


def cpu_seconds(pid):
    """What the process has used."""
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def part_descriptors(env):
    """Out of descriptors it refuses, does not burn, and recovers."""
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "descriptors",
                    before=["prlimit", "--nofile=200:200"])

    def call():
        """A session, or None where it was refused."""
        try:
            m = milter.Milter(daemon.socket)
            m.connect()
            return m
        except (OSError, milter.Gone):
            return None

    def idle_cost():
        before = cpu_seconds(daemon.child())
        time.sleep(1.5)
        return cpu_seconds(daemon.child()) - before

    for round in ("first", "second"):
        calls = [call() for _ in range(300)]
        taken = [m for m in calls if m]
        points.ok(100 <= len(taken) <= 160,
                  "%s: as many as there are descriptors are taken" % round,
                  len(taken))
        points.same([m.rcpt("<reject@x.example>")[0] for m in taken
                     if m.mail("<a@b.example>")[0] == milter.CONTINUE],
                    [milter.REPLYCODE] * len(taken),
                    "%s: each of them has its verdict" % round)
        points.ok(idle_cost() < 0.3, "%s: it does not burn" % round)
        points.ok(wait_until(lambda: re.search(
            "(?s)more connections are refused.*LimitNOFILE", daemon.text())),
                  "%s: the log says what to do" % round, daemon.text()[-500:])
        points.same(daemon.reload().returncode, 0,
                    "%s: a reload finds descriptors" % round)
        for m in taken:
            m.quit()
        again = wait_until(call)
        points.ok(again, "%s: then it takes calls again" % round)
        again.quit()
    episodes = daemon.text().count("more connections are refused")
    points.ok(2 <= episodes <= 4, "it is not logged for each", episodes)
    points.match("taken again; refused meanwhile: [1-9]", daemon.text(),
                 "and how many it was")

    # Those that say nothing are no sessions, and are seen all the same.
    mute = []
    for _ in range(300):
        mute.append(socket.socket(socket.AF_UNIX))
        mute[-1].connect(daemon.socket)
    time.sleep(1.5)
    points.ok(idle_cost() < 0.3, "mute ones do not make it burn")
    points.same(daemon.reload().returncode, 0, "nor keep it from reloading")
    for sock in mute:
        sock.close()
    again = wait_until(call)
    points.ok(again, "without them it takes calls again")
    again.quit()
    points.same(daemon.stop(), 0, "it ends with 0")
