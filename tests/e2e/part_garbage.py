"""Garbage instead of the milter protocol, while others work as ever."""

import random
import re
import socket
import struct
import threading

from harness import Daemon, descriptors, read, rss_kib, slack, wait_until
import milter
from part_withstand import load


def packet(code, data=b"", length=None):
    return struct.pack("!I", len(data) + 1 if length is None else length) + \
        code + data


NEGOTIATE = packet(b"O", struct.pack("!III", 6, milter.ACTIONS_ALL,
                                     milter.PROTO_ALL))
SESSION = (
    packet(b"D", b"Cj\0mx.example\0{daemon_name}\0smtpd\0"),
    packet(b"C", b"mail.example\0" b"4\x12\x67" b"203.0.113.9\0"),
    packet(b"D", b"H"), packet(b"H", b"mail.example\0"),
    packet(b"D", b"M{mail_addr}\0a@b.example\0"),
    packet(b"M", b"<a@b.example>\0SIZE=10\0"),
    packet(b"R", b"<reject@d.example>\0"), packet(b"R", b"<c@d.example>\0"),
    packet(b"D", b"Ti\0004711\0"), packet(b"T"),
    packet(b"L", b"Subject\0x\0"), packet(b"L", b"X-Do\0hold\0"),
    packet(b"N"), packet(b"B", b"hello\r\n"), packet(b"E"), packet(b"A"),
)
WHOLE = NEGOTIATE + b"".join(SESSION) + packet(b"Q")
# Two things libmilter itself does not bear from an MTA, before they come to
# us: an unknown command (U) whose line does not end, which it takes for a C
# string; and a macro (D) without a value, behind which smfi_getsymval reads on.
# Nothing here has them.
COMMANDS = b"OCHMRTLNBEAQK"
HUGE = 60000


def noise(r):
    return r.randbytes(r.randint(1, 5000))


def noise_behind(r):
    return NEGOTIATE + b"".join(SESSION[:r.randint(0, 15)]) + noise(r)


def truncated(r):
    return WHOLE[:r.randint(1, len(WHOLE) - 1)]


def lengths(r):
    n = r.choice((0, 2, 3, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
                  0xfffffffe, 0xffffffff))
    code = bytes([r.choice(COMMANDS)])
    return NEGOTIATE + SESSION[1] + packet(code, r.randbytes(r.randint(0, 99)),
                                           n)


def disorder(r):
    return NEGOTIATE + b"".join(r.choices(SESSION, k=30))


def negotiated_twice(r):
    at = r.randint(0, len(SESSION))
    strange = packet(b"O", struct.pack("!III", r.choice((0, 1, 2, 6, 99)),
                                       r.getrandbits(32), r.getrandbits(32)))
    return NEGOTIATE + b"".join(SESSION[:at]) + r.choice(
        (NEGOTIATE, strange, strange[:9])) + b"".join(SESSION[at:])


def macros(r):
    """Of other stages; huge, empty, of no name, without an end."""
    def one():
        stage = bytes([r.choice(b"CHMRTNBEDZ\0")])
        name = r.choice((b"i", b"{mail_addr}", b"", b"{", b"{" + b"x" * 300,
                         b"j", b"\xff"))
        value = r.choice((b"", b"v" * HUGE, b"\0i\0", b"\xff\r\n\x01"))
        pair = name + b"\0" + value + b"\0"
        return packet(b"D", stage + r.choice((pair, pair * 2, pair + b"x")))
    return NEGOTIATE + b"".join(
        one() + event for event in SESSION for _ in range(r.randint(0, 2)))


def arguments(r):
    """NULs, none, thousands of them, without an end."""
    def one():
        code = bytes([r.choice(b"CHMRL")])
        return packet(code, r.choice(
            (b"", b"\0", b"\0" * 1000, b"<a@b\0c>\0", b"x" * HUGE,
             b"x\0" * 20000, b"\xff" * 99 + b"\0", b"<" * HUGE + b"\0")))
    return NEGOTIATE + b"".join(one() if r.random() < 0.4 else event
                                for event in SESSION)


def flipped(r):
    octets = bytearray(NEGOTIATE + b"".join(
        event for event in SESSION if event[4:5] != b"D"))
    for _ in range(r.randint(1, 8)):
        octets[r.randrange(len(octets))] = r.choice(
            (0, 1, 0x80, 0xff, r.choice(COMMANDS)))
    return bytes(octets)


KINDS = (noise, noise_behind, truncated, lengths, disorder, negotiated_twice,
         macros, arguments, flipped)


def throw(path, octets, r):
    """False: the filter does not close the connection, all said."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(path)
        try:
            while octets:
                n = r.choice((1, 7, 100, 100000))
                sock.sendall(octets[:n])
                octets = octets[n:]
            if r.random() < 0.3:
                return True  # gone, whatever there is to say
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass
        except socket.timeout:
            return False
    return True


def throw_all(path, seed, count):
    """So many of each kind; those that were not ended."""
    r = random.Random(seed)
    return ["%s, seed %d: not closed" % (kind.__name__, seed)
            for _ in range(count) for kind in KINDS
            if not throw(path, kind(r), r)]


def part_garbage(env):
    """Four senders of garbage, and one of mail."""
    points = env.points
    count = env.of(25, 1200)
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "garbage")
    child = daemon.child()
    bad, wrong = [], []

    def sender(seed):
        try:
            bad.extend(throw_all(daemon.socket, seed, count))
        except OSError as error:
            bad.append("seed %d: %r" % (seed, error))

    def round_of(seeds):
        crew = [threading.Thread(target=sender, args=(s,)) for s in seeds]
        for thread in crew:
            thread.start()
        while any(thread.is_alive() for thread in crew):
            wrong.extend(load(daemon.socket, 20, 1))
        for thread in crew:
            thread.join()
        return wait_until(lambda: descriptors(child) <= before)

    load(daemon.socket, 20, 4)
    before = descriptors(child) + 4
    all_closed = round_of(range(4))
    memory = rss_kib(daemon.pid)
    all_closed = round_of(range(4, 8)) and all_closed
    after = rss_kib(daemon.pid)
    points.same(bad[:3], [], "%d connections with garbage: each is ended" %
                (8 * count * len(KINDS)))
    points.same(wrong[:3], [], "meanwhile mail has its verdicts")
    points.ok(all_closed, "no descriptor is left open", descriptors(child))
    points.ok(after <= memory + slack(env, 2048), "resident memory after all "
              "of them: %d KiB, after half: %d KiB" % (after, memory))
    points.same(daemon.child(), child, "it is the same process still")
    points.same(daemon.stop(), 0, "it ends with 0")
    points.ok(not re.search("died|Sanitizer|runtime error",
                            daemon.text() + daemon.errors()),
              "and has nothing to report", daemon.errors())
