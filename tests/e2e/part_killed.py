"""The filter process is killed in every stage of a session: the mail server
tells the client to try again, and nothing is lost or let through."""

import os
import re

from harness import Daemon, Postfix, Smtp, read, wait_until
from relay import Relay

# Where it dies: before the filter reads the nth packet of this command.
STAGES = (
    ("negotiation", b"O", 1), ("connect", b"C", 1), ("helo", b"H", 1),
    ("mail", b"M", 1), ("rcpt", b"R", 1), ("the second rcpt", b"R", 2),
    ("data", b"T", 1), ("the header", b"L", 2),
    ("the end of the header", b"N", 1), ("the body", b"B", 1),
    ("the end of the message", b"E", 1), ("the next message", b"M", 2),
)

TEXT = ("From: <a@b.example>\nSubject: killed\nX-A: b\n\n" +
        ("x" * 70 + "\n") * 200)


class Killer:
    """Kills the filter process when the stage has come, once."""

    def __init__(self):
        self.daemon, self.command, self.left, self.lines = None, b"", 0, 0

    def aim(self, daemon, command, nth, lines):
        """Not before so many messages are in its log: a line that it has not
        written yet would die with it."""
        self.daemon, self.command, self.left = daemon, command, nth
        self.lines = lines

    def before(self, command):
        if command != self.command or self.left == 0:
            return
        self.left -= 1
        if self.left == 0:
            wait_until(lambda: self.daemon.text().count(" pass: ") ==
                       self.lines)
            self.daemon.kill_child()


def talk(port, messages):
    """A session with whole messages; the reply to each, the first that is no
    yes.  The rest is said all the same."""
    replies = []
    try:
        smtp = Smtp(port)
        said = [smtp.greeting, smtp.say("EHLO killed.example")]
        for i in range(messages):
            said.append(smtp.say("MAIL FROM:<m%d@b.example>" % i))
            said += [smtp.say("RCPT TO:<r%d@d.example>" % j)
                     for j in range(2)]
            said.append(smtp.say("DATA"))
            if said[-1].startswith("354"):
                said.append(smtp.say(TEXT.replace("\n", "\r\n") + "."))
            replies.append(next((r for r in said if r[:1] not in "23"),
                                said[-1]))
            said = []
        smtp.quit()
    except OSError as error:
        replies.append(str(error))
    return replies


def killed_in(env, killer, stage):
    """How many messages were taken, and the ids of those that passed."""
    points = env.points
    name, command, nth = stage
    daemon = Daemon(env, read("tests/policy/verdicts.conf"),
                    "killed-" + name.replace(" ", "-"))
    victim = daemon.child()
    whole = 1 if name == "the next message" else 0
    killer.aim(daemon, command, nth, whole)
    replies = talk(env.port, whole + 1)
    points.same(killer.left, 0, "killed at %s" % name)
    # Who has said nothing yet, may still be waiting for the next process.
    want = "(250 2.0|451 4.7)" if command == b"O" else "451 4.7.1 "
    points.ok(all(r.startswith("250 2.0.0") for r in replies[:-1]) and
              re.match(want, replies[-1]),
              "%s: the client is to try again" % name, replies)
    again = talk(env.port, 1)
    points.ok(again[0].startswith("250 2.0.0"),
              "%s: the next session is served" % name, again)
    points.same(daemon.stop(), 0, "%s: it ends with 0" % name)
    points.match("filter process %d died of signal 9" % victim, daemon.text(),
                 "%s: the log says what happened" % name)
    return (sum(r.startswith("250 2.0.0") for r in replies + again),
            [line.id for line in daemon.lines() if line.verb == "pass"])


def part_killed(env):
    """SIGKILL of the filter process before each kind of packet."""
    points = env.points
    killer = Killer()
    sock = os.path.join(env.work, "relay.sock")
    relay = Relay(sock, os.path.join(env.work, "portreeve.sock"),
                  killer.before)
    postfix = Postfix(env, "postfix", env.port,
                      "smtpd_milters = unix:" + sock)
    queued, passed = 0, []
    for stage in STAGES:
        yes, ids = killed_in(env, killer, stage)
        queued += yes
        passed += ids
    points.same(sorted(row[1] for row in postfix.settled()), sorted(passed),
                "the queue has those that passed the policy, no other")
    points.same(len(passed), queued, "and each that was taken from a client")
    points.match("warning: milter .*relay.sock: can't read", postfix.log(),
                 "Postfix's log has it, too")
    postfix.stop()
    relay.close()
