"""Clients that send an octet a second, beside others: nobody waits for them."""

import socket
import statistics
import threading
import time

from harness import LONG, Daemon, Postfix, Smtp, read
import milter
from part_garbage import WHOLE

DIALOGUE = (b"EHLO slow.example\r\nMAIL FROM:<a@b.example>\r\n"
            b"RCPT TO:<c@d.example>\r\nDATA\r\nSubject: " + b"x" * 60)


class Drip:
    """Sends each socket as much of the text as none other has at once, and
    then an octet a second, until it is ended.  One thread for all of them, a
    hundredth of them at a time."""

    SLICES = 100

    def __init__(self, socks, text, seconds):
        self.socks = socks
        self.rest = []
        for i, sock in enumerate(socks):
            at = i * 7 % (len(text) - seconds)
            sock.sendall(text[:at])
            self.rest.append(iter(text[at:]))
        self.sent, self.failed = 0, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            for part in range(self.SLICES):
                if self.over.wait(1 / self.SLICES):
                    return
                for i in range(part, len(self.socks), self.SLICES):
                    self._send(self.socks[i], next(self.rest[i]))

    def _send(self, sock, octet):
        try:
            sock.sendall(bytes([octet]))
            self.sent += 1
        except OSError:
            self.failed += 1

    def end(self):
        self.over.set()
        self.thread.join()
        for sock in self.socks:
            sock.close()


def milter_session(path):
    m = milter.Milter(path)
    m.connect()
    m.helo()
    good = m.mail("<a@b.example>")[0] == milter.CONTINUE
    good = m.rcpt("<reject@d.example>")[0] == milter.REPLYCODE and good
    m.quit()
    return good


def smtp_session(port):
    smtp = Smtp(port)
    smtp.say("EHLO mail.example", "MAIL FROM:<a@b.example>")
    good = smtp.say("RCPT TO:<reject@d.example>").startswith("550 5.1.1")
    smtp.quit()
    return good


def latencies(session, seconds):
    """The milliseconds that sessions take, one after the other."""
    took, bad, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        bad += not session()
        took.append((time.monotonic() - begin) * 1000)
        time.sleep(0.005)
    return took, bad


def beside(points, name, session, socks, text, seconds):
    """Sessions alone and beside the slow ones; the machine may do anything
    else meanwhile, so the middle counts, and what nobody would wait for."""
    alone, bad = latencies(session, seconds)
    drip = Drip(socks(), text, seconds + 10)
    busy, more = latencies(session, seconds)
    drip.end()
    points.same(bad + more, 0, "%s: %d and %d sessions: each its verdict" %
                (name, len(alone), len(busy)))
    points.same(drip.failed, 0, "%s: %d octets, and no slow client of %d is "
                "cut off" % (name, drip.sent, len(drip.socks)))
    was, is_ = statistics.median(alone), statistics.median(busy)
    points.ok(is_ <= 3 * was + 200 and max(busy) < 1000 * LONG,
              "%s: the median is %.1f ms, alone %.1f; the longest %.0f, alone "
              "%.0f" % (name, is_, was, max(busy), max(alone)))


def milter_socket(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(20)
    sock.connect(path)
    return sock


def part_slow(env):
    """Milter packets that drip, and SMTP clients that do."""
    points = env.points
    seconds = env.of(2, 30)
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "slow")
    postfix = Postfix(env, "postfix", env.port)
    beside(points, "milter", lambda: milter_session(daemon.socket),
           lambda: [milter_socket(daemon.socket)
                    for _ in range(env.of(200, 2000))], WHOLE, seconds)
    beside(points, "SMTP", lambda: smtp_session(env.port),
           lambda: [Smtp(env.port).sock for _ in range(env.of(100, 1000))],
           DIALOGUE, seconds)
    points.ok(smtp_session(env.port), "afterwards mail goes on")
    postfix.stop()
    points.same(daemon.stop(), 0, "it ends with 0")
