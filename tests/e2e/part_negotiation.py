"""What goes over the wire is what `check --plan` says, whatever the policy and
whatever the mail server offers."""

import re
import struct
import subprocess

from harness import Daemon
from milter import (CONTINUE, Milter, PROTO_ALL, SKIP, text)

EVENTS = {"connect": b"C", "helo": b"H", "mail": b"M", "rcpt": b"R",
          "data": b"T", "header": b"L", "end of header": b"N", "body": b"B",
          "unknown": b"U"}
MACRO_STAGES = ("connect", "helo", "mail", "rcpt", "data", "end of message",
                "end of header")
SKIP_BIT, REFUSED_BIT = 0x400, 0x800
ADD_HEADER, QUARANTINE = 0x1, 0x20
NO_BITS = sum(Milter.NO.values())
NR_BITS = sum(Milter.NR.values())

# Of each: a policy, and whether its log takes pass lines.
POLICIES = (
    ("nothing", "", False),
    ("pass lines only", "", True),
    ("connect", "on connect { reject if client.port == 1 }", False),
    ("connect, late",
     "on connect { reject late if client.name is absent }", True),
    ("helo", "on helo { observe reject if helo is not valid }", False),
    ("mail", 'on mail { no: reject 550 5.7.1 "no" if sender.local == "a" }',
     True),
    ("rcpt", "on rcpt { reject if rcpt.local == \"c\" }", False),
    ("rcpt, tried", "on rcpt { defer if recipients.tried > 9 }", True),
    ("data", "on data { disconnect if recipients.count > 2 }", True),
    ("data, observed", "on data { observe reject }", True),
    ("header", 'on message { no: reject 554 5.7.1 "no ${header("Subject")}"'
     ' if header("Subject") == "x" }', True),
    ("header, to be logged", 'on message { log "${header("Subject")}" }',
     True),
    ("header, to be added to",
     'on message { add header "X-Seen" "${headers.count}" }', False),
    ("header before size",
     'on message { reject if header("X") is present\n'
     'big: reject 552 5.3.4 "big" if message.size > 80K }', True),
    ("size before header",
     'on message { big: reject 552 5.3.4 "big" if message.size > 80K\n'
     'reject if header("X") is present }', True),
    ("size, to be logged", 'on message { log "${message.size}" }', False),
    ("quarantine", 'on message { quarantine "q" if message.size > 70K }',
     True),
    ("unknown", "on unknown { defer 421 if session.unknowns > 3 }", False),
    ("macros", 'on rcpt { reject if auth.user == "x" or tls.version == "y"\n'
     'reject if macro("z") is present or client.resolve == "FAIL" }', True),
)

# What mail servers offer: version, steps.
OFFERS = (
    ("protocol 6, without NR", 6, PROTO_ALL & ~NR_BITS),
    ("protocol 6, without SKIP", 6, PROTO_ALL & ~SKIP_BIT),
    ("protocol 6, events only", 6, NO_BITS),
    ("protocol 6, two bits", 6, 0x30),
    ("protocol 2", 2, 0x7f),
)


class Plan:
    """What `check --plan` prints, taken apart."""

    def __init__(self, output):
        self.how = {}
        self.macros = {}
        at_macros = False
        for line in output.splitlines():
            at_macros = at_macros or line.startswith("Macros it is asked for")
            found = re.match(r"  (\S.{14}) (\S.*)$", line)
            if not found:
                continue
            name, rest = found.group(1).strip(), found.group(2)
            if at_macros and name in MACRO_STAGES:
                if rest != "as the mail server is configured":
                    self.macros[name] = rest
            elif not at_macros:
                self.how[name] = rest
        self.nothing = "The mail server is asked to send nothing" in output
        self.adds_header = "may add header" in output
        self.quarantines = "may quarantine" in output

    def comes(self, event):
        return not self.nothing and self.how[event].startswith("asked for")

    def waits(self, event):
        return "without a reply" not in self.how[event]


def asked_macros(client):
    """The lists of the negotiation, by stage."""
    lists, data = {}, client.wanted
    while data:
        stage = struct.unpack("!I", data[:4])[0]
        names, data = data[4:].split(b"\0", 1)
        lists[MACRO_STAGES[stage]] = names.decode()
    return lists


def compare(points, name, plan, client):
    """Bit by bit; one point."""
    wrong = []
    for event, code in EVENTS.items():
        comes = not client.steps & Milter.NO[code]
        if comes != plan.comes(event):
            wrong.append("%s comes: %s" % (event, comes))
        elif comes and code not in b"B":
            waits = not client.steps & Milter.NR[code]
            if waits != plan.waits(event):
                wrong.append("%s is answered: %s" % (event, waits))
    if client.steps & Milter.NR[b"B"]:
        wrong.append("body has no reply")
    if bool(client.steps & REFUSED_BIT) != ("refused rcpt" in plan.how):
        wrong.append("refused recipients")
    if not plan.nothing and asked_macros(client) != plan.macros:
        wrong.append("macros: %r, not %r" % (asked_macros(client),
                                             plan.macros))
    if bool(client.actions & ADD_HEADER) != plan.adds_header:
        wrong.append("adding of headers")
    if bool(client.actions & QUARANTINE) != plan.quarantines:
        wrong.append("quarantine")
    points.ok(not wrong, "negotiation, %s: as the plan says" % name,
              "\n".join(wrong))


def session(client):
    """The verdicts of a message of 128 KiB with a header, of one without."""
    for answer in (client.connect(), client.helo(), client.unknown("FOO")):
        if answer[0] != CONTINUE:
            return [(answer[0], text(answer))]
    verdicts = []
    for headers in ((("Subject", "x"), ("From", "a@b.c")), ()):
        answer = client.message(headers=headers,
                                body=(b"x" * 65535, b"y" * 65535))
        verdicts.append((answer[0], text(answer)))
    client.quit()
    return verdicts


def part_negotiation(env):
    points = env.points
    for name, policy, passes in POLICIES:
        log = 'log file "%s/daemon/n.log"%s' % (
            env.work, "" if passes else " decisions")
        daemon = Daemon(env, policy, "n", log=log)
        plan = Plan(subprocess.run(
            [env.portreeve, "check", "--plan", "-c", daemon.conf],
            capture_output=True, text=True, check=True, timeout=60).stdout)
        client = Milter(daemon.socket)
        compare(points, name, plan, client)
        full, want = client.steps, session(client)
        for offer, version, steps in OFFERS:
            client = Milter(daemon.socket, version=version, proto=steps)
            points.same((client.steps, session(client)), (full & steps, want),
                        "negotiation, %s, %s" % (name, offer))
        points.same(daemon.stop(), 0, "negotiation, %s: it ends" % name)


def part_skip(env):
    """A body that nobody waits for is not taken to its end."""
    points = env.points
    daemon = Daemon(env, 'on message { when header("X") is present {\n'
                    'reject if message.size > 1M } }', "skip")
    for name, body, sent, size in (
            ("a large message", (b"x" * 65535, b"y" * 65535), 1, "4711"),
            ("a small one", (b"x" * 100,), 1, "114")):
        at = daemon.mark()
        client = Milter(daemon.socket)
        client.connect()
        client.helo()
        client.mail("<a@b.example>", "SIZE=4711")
        client.rcpt("<c@d.example>")
        client.header("Subject", "x")
        client.eoh()
        answers = []
        for chunk in body:
            answers.append(client.body(chunk)[0])
            if answers[-1] == SKIP:
                break
        client.eom()
        client.quit()
        points.same(len(answers), sent, "skip, %s: pieces sent" % name)
        points.same([line.get("size") for line in daemon.lines(at)], [size],
                    "skip, %s: the size in its pass line" % name)
    points.same(daemon.stop(), 0, "skip: the daemon ends with 0")
