"""Many sessions with verdicts of all kinds; meant for a daemon that is built
with AddressSanitizer or runs under valgrind, whose eyes miss nothing.

In the environment, SESSIONS is how many, where neither the number for every
day nor that of --heavy is wanted; under valgrind 10,000 take ten minutes.

milterload must have been built beside the daemon (make bench-programs).
"""

import collections
import os
import re
import subprocess

from harness import LONG, Daemon, rss_kib, slack

# What milterload says is always the same; how much of it differs.
POLICY = """
log file "/dev/null"
patterns odd = { /^recipient1[0-9]/ /nobody/i }
map limits = { origin.example 100K } default 1M

on connect { tag known if client.ip in 203.0.113.0/24 }
on helo { score 3 if helo is fqdn }
on mail {
    again: reject 550 5.7.1 "not yet, ${sender}"
        if session.messages == 2 and session.rejects < 4
    late:  reject late 550 5.1.8 "message ${session.messages}" if session.messages == 3
    hold:  quarantine "message ${session.messages}" if session.messages == 5
}
on rcpt {
    drop:  discard if session.messages == 4
    one:   reject 550 5.1.1 "no ${rcpt} here" if rcpt.local == "recipient1"
    two:   defer 450 4.2.1 "later\\nmuch later" if rcpt.local == "recipient2"
    odd:   observe reject "${rcpt}" if rcpt.local in odd
}
on data { busy: defer if session.messages == 6 and recipients.count > 1 }
on message {
    add header "X-Score" "${helo} ${message.size}" if score >= 3 and tagged known
    large: reject 552 5.3.4 "no more than ${limits[sender.domain]}" if message.size > limits[sender.domain]
    many:  reject "${headers.count} header fields" if headers.count > 50
    fast:  reject "no ${header("Subject")}" if header("Subject") matches /fast\\?$/ and session.messages == 7
    log "seen ${header("Message-ID")}" if any header("Received") matches /with ESMTP id/
}
"""

SHAPES = (
    "-c 16 -m 14 -r 4",
    "-c 64 -m 2 -r 1 -b 200000",
    "-c 4 -m 9 -r 2 -V 2 -P 0x7f",
    "-c 150 -m 5 -r 20 -H 60 -b 0",
    "-c 32 -m 12 -r 3 -b 70000 -P 0",
)
FIFTHS = 5


def milterload(env, daemon, sessions, shape, tally):
    """Adds up its figures; what it had to say, if something is wrong."""
    program = os.path.join(os.path.dirname(env.portreeve),
                           "tests/bench/milterload")
    run = subprocess.run([program, "-n", str(sessions)] + shape.split() +
                         [daemon.socket], stdin=subprocess.DEVNULL,
                         capture_output=True, text=True)
    for key, value in re.findall(r"(?m)^(\w+)=(\d+)$", run.stdout):
        tally[key] += int(value)
    return run.stderr if run.returncode else ""


def part_soak(env):
    """Sessions of all shapes: nothing to report, memory flat."""
    points = env.points
    sessions = int(os.environ.get("SESSIONS", env.of(2000, 100000)))
    each = max(1, sessions // (FIFTHS * len(SHAPES)))
    # What is freed and kept for a look would be taken for a leak.
    os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=4")
    daemon = Daemon(env, POLICY, "soak", log="")
    child = daemon.child()
    tally, said, memory = collections.Counter(), [], []
    for _ in range(FIFTHS):
        said += [milterload(env, daemon, each, shape, tally)
                 for shape in SHAPES]
        memory.append(rss_kib(daemon.pid))
    points.same([x for x in said if x], [], "milterload has no complaints")
    points.same((tally["sessions"], tally["errors"]),
                (each * len(SHAPES) * FIFTHS, 0),
                "%d sessions, each to its end" % tally["sessions"])
    kinds = ("continue", "replycode", "discard", "addheader", "quarantine")
    points.same([k for k in kinds if not tally["replies_" + k]], [],
                "with " + ", ".join("%d %s" % (tally["replies_" + k], k)
                                    for k in kinds))
    points.ok(memory[-1] <= memory[0] + slack(env, 4096),
              "resident memory after each fifth: %s KiB" %
              ", ".join(str(kib) for kib in memory))
    points.same(daemon.child(), child, "by one process from first to last")
    points.same(daemon.stop(seconds=2 * LONG), 0, "it ends with 0")
    points.ok(not re.search(r"(?m)^==\d+==|Sanitizer|runtime error:|died",
                            daemon.errors()),
              "there is nothing to report", daemon.errors())
