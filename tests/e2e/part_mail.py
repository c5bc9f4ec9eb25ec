"""What becomes of the mail: the queue, BDAT, sendmail(1), an older protocol."""

import re

from harness import (Daemon, Postfix, Smtp, TEXT, read, wait_until)


FIELDS = re.compile(
    r'^[0-9A-Za-z]{8,}: reject: stage=rcpt rule=r-reject '
    r'reply="550 5\.1\.1 no reject here" '
    r'client=localhost\[127\.0\.0\.1\] helo=<mail\.example> '
    r'from=<a@b\.example> to=<reject@example\.org> '
    r'(size=\d+ )?session=\S+ us=\d+$')


def part_queue(env):
    points = env.points
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "queue")
    mta = env.mta(env, "mta", env.port)

    def send(sender, rcpts, text=TEXT):
        smtp = Smtp(env.port)
        reply = smtp.send(sender, rcpts, text)
        smtp.quit()
        return reply, mta.settled()

    def one(rows, queue, sender, rcpts, name):
        return points.same([(r[0], r[2], r[3]) for r in rows],
                           [(queue, sender, sorted(rcpts))], name)

    at = daemon.mark()
    reply, rows = send("<a@b.example>", ["<one@example.org>",
                                         "<reject@example.org>",
                                         "<two@example.org>"])
    points.match(r"^250 2\.0\.0 ", reply, "accepted: the reply")
    if one(rows, "deferred", "a@b.example",
           ["one@example.org", "two@example.org"],
           "accepted: queued for the recipients that were taken"):
        points.match(r"(?m)^X-Checked: by mx\.portreeve\.example$",
                     mta.message(rows[0][1]), "accepted: header added")
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
    mta.clear()

    for what, sender, rcpts, text in (
            ("mail", "<drop@b.example>", ["<one@example.org>"], TEXT),
            ("rcpt", "<a@b.example>", ["<one@example.org>",
                                       "<drop@example.org>"], TEXT),
            ("data", "<a@b.example>", ["<data-drop@example.org>"], TEXT),
            ("message", "<a@b.example>", ["<one@example.org>"],
             "X-Do: drop\n" + TEXT)):
        at = daemon.mark()
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
        at = daemon.mark()
        reply, rows = send(sender, rcpts, text)
        points.match(r"^250 2\.0\.0", reply,
                     "quarantine at %s: the client hears 250" % what)
        points.same([r[0] for r in rows], ["hold"],
                    "quarantine at %s: the message is held" % what)
        points.ok([x for x in daemon.lines(at) if x.verb == "quarantine" and
                   reason in x.text],
                  "quarantine at %s: the log has the reason" % what,
                  daemon.text()[at:])
        mta.clear()

    for what, text in (("reject", "X-Do: reject\n" + TEXT),
                       ("defer", "X-Do: defer\n" + TEXT),
                       ("size", TEXT + "x" * 70 + ("\n" + "x" * 70) * 300)):
        reply, rows = send("<a@b.example>", ["<one@example.org>"], text)
        points.match(r"^(554 5\.7\.1|451 4\.7\.1|552 5\.3\.4) ", reply,
                     "%s at message: the reply" % what)
        points.same(rows, [], "%s at message: nothing is queued" % what)

    smtp = Smtp(env.port)
    points.match(r"^550-5\.7\.1 (<multi@b\.example>\.\.\. )?first line\n"
                 r"550 5\.7\.1 second line$",
                 smtp.say("EHLO x.example", "MAIL FROM:<multi@b.example>"),
                 "a reply of two lines arrives as two")
    smtp.quit()

    at = daemon.mark()
    reply, rows = send("<a@b.example>", ["<data-reject@example.org>"])
    points.match(r"^550 5\.7\.1", reply, "reject at data: the reply")
    points.same(rows, [], "reject at data: nothing is queued")
    points.ok("pass" not in [x.verb for x in daemon.lines(at)],
              "reject at data: no pass line")
    mta.stop()
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
    at = daemon.mark()
    run = postfix.sendmail(TEXT, "-f", "ann@example.org", "-oi",
                           "bob@example.net")
    points.same((run.returncode, run.stderr), (0, ""),
                "sendmail(1) takes a message")
    rows = wait_until(lambda: [r for r in postfix.queue()
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

    at = daemon.mark()
    postfix.sendmail(TEXT, "-f", "<>", "bob@example.net")
    rows = wait_until(lambda: [r for r in postfix.queue()
                                   if r[0] == "deferred"])
    points.same(len(rows), 1, "a message with the null sender is queued")
    points.match(r"from=<>", "\n".join(x.text for x in daemon.lines(at)),
                 "the log has from=<>")
    postfix.clear()

    at = daemon.mark()
    postfix.sendmail("X-Do: drop\n" + TEXT, "-f", "a@b.example", "c@d.example")
    points.ok(wait_until(lambda: [x for x in daemon.lines(at)
                                      if x.verb == "discard"]),
              "discard of a message from sendmail(1)", daemon.text()[at:])
    points.same(postfix.settled(), [], "it is gone")
    postfix.sendmail("X-Do: hold\n" + TEXT, "-f", "a@b.example", "c@d.example")
    points.ok(wait_until(lambda: [r for r in postfix.queue()
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
