"""No verdict is lost and none invented: what clients were told, Postfix's
log and ours are three books about the same mail, and they must agree."""

import collections
import random
import re
import threading

from harness import Daemon, Postfix, Smtp, read

# What a session or message may be like, for tests/policy/verdicts.conf.  The
# domain of its addresses is one that no other message has.
CLIENTS = ["198.51.100.7"] * 12 + ["203.0.113.%d" % n for n in range(1, 7)]
HELOS = ["mail.example"] * 12 + ["reject.example", "defer.example",
                                 "hangup.example", "plain.example"]
SENDERS = ["a"] * 14 + ["reject", "coded", "multi", "percent", "defer",
                        "hangup", "late", "whole", "drop", "hold"]
RCPTS = ["one", "two"] * 8 + ["postmaster", "reject", "defer", "hangup",
                              "drop", "hold", "whole", "after",
                              "data-reject", "data-defer", "data-hangup",
                              "data-drop"]
DO = ["none"] * 6 + ["reject", "defer", "hangup", "drop", "hold", "accept",
                     "and-on"]

# By what Postfix calls them.
STAGES = {"CONNECT": "connect", "XCLIENT": "connect", "HELO": "helo",
          "EHLO": "helo", "MAIL": "mail", "RCPT": "rcpt", "DATA": "data",
          "END-OF-MESSAGE": "message", "UNKNOWN": "unknown"}

REFUSALS = ("reject", "defer", "disconnect")


def one_line(reply):
    """A reply as our log has it: lines apart by " / ", codes once."""
    first, *more = reply.split("\n")
    text = [line[4:].split(" ", 1)[-1] for line in more]
    return " / ".join([re.sub("^(\\d{3})-", r"\1 ", first)] + text)


class Clients:
    """One client after the other.  `told` has each refusal, `queued` the id
    of each sender's message, as they were told."""

    def __init__(self, port, seed, sessions):
        self.port, self.seed, self.sessions = port, seed, sessions
        self.random = random.Random(seed)
        self.told = collections.Counter()
        self.queued = {}
        self.messages = 0
        self.over = False  # the session, by a 421
        self.faults = []

    def run(self):
        try:
            for _ in range(self.sessions):
                self.session()
        except Exception as error:  # pylint: disable=broad-except
            self.faults.append(repr(error))

    def taken(self, stage, reply, sender="", rcpt=""):
        if reply == "":
            self.faults.append("no reply at %s: %s %s" % (stage, sender, rcpt))
        if reply[:1] in ("2", "3"):
            return True
        self.told[(stage, one_line(reply), sender, rcpt)] += 1
        self.over = self.over or reply[:3] in ("421", "")
        return False

    def session(self):
        pick = self.random.choice
        smtp = Smtp(self.port)
        self.over = False
        smtp.say("EHLO first.example")
        reply = smtp.say("XCLIENT NAME=[UNAVAILABLE] ADDR=" + pick(CLIENTS))
        # To a refusal of the connection Postfix has words of its own.
        if self.taken("connect", reply[:3]):
            self.taken("helo", smtp.say("EHLO " + pick(HELOS)))
        for _ in range(self.random.randint(1, 4)):
            if self.over:
                break
            self.message(smtp)
            if not self.over:
                smtp.say("RSET")
        smtp.close()

    def message(self, smtp):
        chance, pick = self.random.random, self.random.choice
        self.messages += 1
        domain = "m%d-%d.example" % (self.seed, self.messages)
        if chance() < 0.05:
            reply = smtp.say("XDEFER")
            # A 500 is Postfix's, to one whom no rule looks at.
            if not reply.startswith("500"):
                self.taken("unknown", reply)
        sender = "%s@%s" % (pick(SENDERS), domain)
        if not self.taken("mail", smtp.say("MAIL FROM:<%s>" % sender), sender):
            return
        rcpts = 0
        for i in range(self.random.randint(1, 4)):
            rcpt = "%s@r%d.%s" % (pick(RCPTS), i, domain)
            rcpts += self.taken("rcpt", smtp.say("RCPT TO:<%s>" % rcpt),
                                sender, rcpt)
            if self.over:
                return
        if rcpts == 0 or chance() < 0.05 or \
                not self.taken("data", smtp.say("DATA"), sender):
            return
        lines = 500 if chance() < 0.1 else 2
        reply = smtp.say("Subject: x\r\nX-Do: %s\r\n\r\n%s." %
                         (pick(DO), ("x" * 48 + "\r\n") * lines))
        if self.taken("message", reply, sender):
            self.queued[sender] = reply.split()[-1]


class Ours:
    """The decision log.  A refusal is (queue id, stage, reply, sender,
    recipient), a discard (stage, sender, recipient), a pass (queue id,
    sender, number of recipients); what is held are senders."""

    def __init__(self, lines):
        self.refused = collections.Counter()
        self.discarded = collections.Counter()
        self.held, self.passed = set(), []
        self.rules = {line.get("rule") for line in lines}
        for line in lines:
            stage = line.get("stage")
            sender = (line.get("from") or "").strip("<>")
            rcpt = (line.get("to") or "").strip("<>")
            if stage == "unknown":
                # Behind a DATA refused, libmilter keeps the RSET to itself.
                line.id, sender = "NOQUEUE", ""
            if line.verb in REFUSALS:
                self.refused[(line.id, stage, line.get("reply").strip('"'),
                              sender, rcpt)] += 1
            elif line.verb == "discard":
                self.discarded[(stage, sender, rcpt)] += 1
            elif line.verb == "quarantine":
                self.held.add(sender)
            elif line.verb == "pass":
                self.passed.append((line.id, sender, int(line.get("nrcpt"))))


class Theirs:
    """Postfix's log, as ours; what is held are queue ids."""

    LINE = re.compile(r": (\w+): milter-(\w+): ([A-Z-]+) from \S+: (.*); "
                      r"(?:from=<(\S*)> )?(?:to=<(\S*)> )?proto=.*$")

    def __init__(self, log):
        self.refused = collections.Counter()
        self.discarded = collections.Counter()
        self.held = set()
        self.others = []
        for text in log.split("\n"):
            found = self.LINE.search(text)
            if found:
                self.take(*found.groups())
            elif re.search("milter-|warning: (?!.*overriding).*milter", text):
                self.others.append(text)

    def take(self, queue_id, verb, stage, text, sender, rcpt):
        stage, sender = STAGES[stage], sender or ""
        rcpt = rcpt if stage == "rcpt" else ""
        if verb == "reject":
            reply = one_line(text.replace("??", "\n"))
            self.refused[(queue_id, stage, reply, sender, rcpt)] += 1
        elif verb == "discard":
            self.discarded[(stage, sender, rcpt)] += 1
        elif verb == "hold":
            self.held.add(queue_id)
        else:
            self.others.append((verb, stage, text))


def as_told(refused):
    """Refusals as clients know them: without queue id, and what they are told
    at connect are words of Postfix's own."""
    told = collections.Counter()
    for (_, stage, reply, *who), n in refused.items():
        told[(stage, reply[:3] if stage == "connect" else reply, *who)] += n
    return told


def as_logged(refused):
    """As Postfix logs them: at the end of a message without the code."""
    return collections.Counter(
        {(at, stage, reply[4:] if stage == "message" else reply, *who): n
         for (at, stage, reply, *who), n in refused.items()})


def apart(one, other):
    """What two books do not agree in, a line each."""
    return ["only here: %r" % (x,) for x in one - other] + \
        ["only there: %r" % (x,) for x in other - one]


def mail(port, crews, sessions):
    """All of them at once."""
    crew = [Clients(port, seed, sessions) for seed in range(crews)]
    threads = [threading.Thread(target=client.run) for client in crew]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return crew


def part_ledger(env):
    """Every refusal, discard, hold and pass, in all three books."""
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "ledger")
    # Behind a discard before DATA Postfix asks them too, as for local mail.
    postfix = Postfix(env, "postfix", env.port, "non_smtpd_milters =")
    crew = mail(env.port, 6, env.of(25, 500))
    queue = postfix.settled()
    postfix.stop()
    points.same(daemon.stop(), 0, "it ends with 0")

    told = sum((client.told for client in crew), collections.Counter())
    queued = {sender: at for client in crew
              for sender, at in client.queued.items()}
    ours, theirs = Ours(daemon.lines()), Theirs(postfix.log())
    points.same([x for client in crew for x in client.faults][:3], [],
                "%d messages of %d sessions: each command has its reply" %
                (sum(client.messages for client in crew),
                 sum(client.sessions for client in crew)))
    points.same(theirs.others[:3], [], "Postfix complains of nothing")
    points.same(apart(told, as_told(ours.refused)), [],
                "%d refusals: what clients were told, we have logged" %
                sum(told.values()))
    points.same(apart(as_logged(ours.refused), theirs.refused), [],
                "and so has Postfix, with the same queue id")
    points.same(apart(ours.discarded, theirs.discarded), [],
                "%d discards: ours are Postfix's" %
                sum(theirs.discarded.values()))
    gone = {sender for _, sender, _ in ours.discarded}
    points.same(sorted(ours.passed, key=str),
                sorted(((row[1], row[2], len(row[3])) for row in queue),
                       key=str),
                "%d passes: a line for each message in the queue" % len(queue))
    points.same({(at, sender) for at, sender, _ in ours.passed},
                {(at, sender) for sender, at in queued.items()
                 if sender not in gone},
                "each has the queue id that the client was told")
    points.same({at for at, sender, _ in ours.passed if sender in ours.held},
                theirs.held, "%d are held, those that a rule would hold" %
                len(theirs.held))
    points.same({row[1] for row in queue if row[0] == "hold"}, theirs.held,
                "they are in the hold queue")
    refusing = set(re.findall(r"(?m)^ +([a-z-]+): +(?:reject|defer|disconnect|"
                              r"discard|quarantine)",
                              read("tests/policy/verdicts.conf")))
    points.same(sorted(refusing - ours.rules), [], "no rule was left out")
