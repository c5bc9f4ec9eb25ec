"""Sizes and octets: what Postfix makes of a message before a milter sees it,
and what comes of that which Postfix never lets through."""

import glob
import os
import re

from harness import Daemon, Postfix, Smtp, TOP, read
from part_live import live
import milter

TELL = """
on message {
    log "H n=${headers.count} size=${headers.size} 8=${headers.eight-bit}"
    log "M size=${message.size} line=${message.longest-line} \\
        8=${message.eight-bit} cr=${message.bare-cr} lf=${message.bare-lf} \\
        nul=${message.nul} x=${header("X").count}"
}
"""
NONE = "8=false cr=false lf=false nul=false"

# What is sent; where the line it is in is not "X: a", what is told of it.
SEEN = [
    ("as it is", b"X: a\r\n\r\nhello\r\n", "n=1 size=6", "size=15 line=5",
     NONE),
    ("a field without the space", b"X:a\r\n\r\nhello\r\n", "n=1 size=6",
     "size=15 line=5", NONE),
    ("a field with two", b"X:  a\r\n\r\nhello\r\n", "n=1 size=7",
     "size=16 line=5", NONE),
    ("a header and nothing else", b"X: a\r\n", "n=1 size=6", "size=8 line=4",
     NONE),
    ("fields that Postfix drops", b"X: a\r\nBcc: b\r\n\r\nhello\r\n",
     "n=1 size=6", "size=15 line=5", NONE),
    ("dots", b"X: a\r\n\r\n..hello\r\n", "n=1 size=6", "size=16 line=6",
     NONE),
    ("folds", b"X: a\r\n\tb\r\n\r\nhello\r\n", "n=1 size=10",
     "size=19 line=5", NONE),
    ("CR CR LF", b"X: a\r\n\r\nhel\r\r\nlo\r\n", "n=1 size=6",
     "size=17 line=4", NONE),
    ("bare LF is a line end", b"X: a\n\nhel\nlo\r\n", "n=1 size=6",
     "size=17 line=4", NONE),
    ("NUL in the body", b"X: a\r\n\r\nhel\0lo\r\n", "n=1 size=6",
     "size=16 line=6", NONE.replace("nul=false", "nul=true")),
    ("NUL in a field ends it", b"X: a\0b\r\n\r\nhello\r\n", "n=1 size=6",
     "size=15 line=5", NONE),
    ("8-bit in the body", b"X: a\r\n\r\nh\xe4llo\r\n", "n=1 size=6",
     "size=15 line=5", NONE.replace("8=false", "8=true")),
    ("8-bit in the header", b"X: \xc3\xa4\r\n\r\nhello\r\n",
     "n=1 size=7 8=true", "size=16 line=5",
     NONE.replace("8=false", "8=true")),
    ("a line over line_length_limit", b"X: a\r\n\r\n" + b"y" * 5000 + b"\r\n",
     "n=1 size=6", "size=5010 line=5000", NONE),
    ("a line over a milter's chunk", b"X: a\r\n\r\n" + b"y" * 200000 +
     b"\r\n", "n=1 size=6", "size=200010 line=200000", NONE),
    ("a field that Postfix cuts", b"X: " + b"y" * 70000 + b"\r\n\r\nz\r\n",
     "n=1 size=60002", "size=60007 line=60000", NONE),
]


def said(daemon, at):
    """The texts of the two log rules."""
    texts = [line.get("text") or "" for line in daemon.lines(at)
             if line.verb == "log"]
    return (texts + ["", ""])[:2]


def send(port, text, bdat=False):
    smtp = Smtp(port)
    smtp.say("EHLO mail.example", "MAIL FROM:<a@b.example>",
             "RCPT TO:<one@example.org>")
    if bdat:
        smtp.sock.sendall(b"BDAT %d LAST\r\n" % len(text) + text)
    else:
        smtp.say("DATA")
        smtp.sock.sendall(re.sub(rb"(?m)^\.$", b"..", text) + b".\r\n")
    reply = smtp.reply()
    smtp.quit()
    return reply


def part_octets(env):
    points = env.points
    daemon = Daemon(env, TELL, "octets")

    def told(name, text, header, size, kinds, **how):
        at = daemon.mark()
        reply = send(env.port, text, **how)
        got = said(daemon, at)
        want = [r"H %s\b" % header, r"M %s %s x=1" % (size, kinds)]
        points.ok(reply[:1] == "2" and
                  all(re.search(w, g) for w, g in zip(want, got)),
                  "octets: " + name, "%s\n%s\n%s" % (reply, got, want))

    # Stray CR is left alone as Postfix did before 3.9.
    postfix = Postfix(env, "postfix", env.port,
                      "cleanup_replace_stray_cr_lf = no")
    for row in SEEN:
        told(*row)
    told("bare CR", b"X: a\r\n\r\nhel\rlo\r\n", "n=1 size=6",
         "size=16 line=6", NONE.replace("cr=false", "cr=true"))
    told("bare CR in the header", b"X: a\rb\r\n\r\nhello\r\n", "n=1 size=8",
         "size=17 line=6", NONE.replace("cr=false", "cr=true"))
    told("BDAT without a line end", b"X: a\r\n\r\nhello", "n=1 size=6",
         "size=15 line=5", NONE, bdat=True)
    told("NUL by BDAT", b"X: a\r\n\r\nh\0llo\r\n", "n=1 size=6",
         "size=15 line=5", NONE.replace("nul=false", "nul=true"), bdat=True)
    postfix.stop()
    points.same(daemon.stop(), 0, "octets: the daemon ends with 0")


def part_stray(env):
    """Stray CR, as Postfix has it unless told otherwise; and its own limit."""
    points = env.points
    daemon = Daemon(env, TELL, "stray")
    postfix = Postfix(env, "postfix", env.port, "message_size_limit = 100000")
    at = daemon.mark()
    send(env.port, b"X: a\rb\r\n\r\nhel\rlo\r\n")
    points.match("M size=18 line=6 " + NONE, said(daemon, at)[1],
                 "octets: stray CR has become a space")

    def sized(n):
        lines = b"X: a\r\n\r\n" + (b"y" * 68 + b"\r\n") * (n // 70 + 1)
        return send(env.port, lines[:n - 2].rstrip(b"\r\n").ljust(n - 2, b"z") +
                    b"\r\n")

    # The limit is on the queue file too, which has more in it.
    for n, reply in ((98000, "^250"), (100000, r"^552 5\.3\.4"),
                     (100001, r"^552 5\.3\.4")):
        points.match(reply, sized(n), "size: %d, message_size_limit 100000" % n)
    at = daemon.mark()
    points.match(r"^552 5\.3\.4", sized(100200), "size: smtpd refuses")
    points.same(said(daemon, at), ["", ""], "size: and tells no milter of it")
    smtp = Smtp(env.port)
    smtp.say("EHLO mail.example")
    points.match("^250", smtp.say("MAIL FROM:<a@b.example> SIZE=100000"),
                 "size: declared, as much as the limit")
    points.match(r"^552 5\.3\.4", smtp.say(
        "RSET", "MAIL FROM:<a@b.example> SIZE=100001"),
                 "size: declared, more than that")
    smtp.quit()
    postfix.stop()
    points.same(daemon.stop(), 0, "stray: the daemon ends with 0")


def part_default_live(env):
    """The transcripts of the default policy."""
    conf = os.path.join(TOP, "packaging/default/portreeve.conf")
    mta = env.mta.with_xclient(env, "mta", env.port)
    live(env, mta, conf, sorted(glob.glob(conf[:-5] + "/*.smtp")))
    mta.stop()


def part_default(env):
    """Rules of the default policy that nothing reaches through Postfix, and
    that a refusal comes as soon as it can."""
    points = env.points
    policy = re.sub(r"(?m)^(listen|log|user)\s.*\n", "",
                    read("packaging/default/portreeve.conf"))
    daemon = Daemon(env, policy, "default")
    fields = [("From", "a@b.example"), ("Date", "x"), ("Message-ID", "<x@y>")]

    def begin(*params):
        m = milter.Milter(daemon.socket)
        m.connect()
        m.helo()
        m.mail("<a@b.example>", *params)
        m.rcpt("<c@example.org>")
        m.data()
        return m

    def message(headers, body=b"x\r\n", params=()):
        """The reply, and after which of the body's pieces it came."""
        m = begin(*params)
        for header in headers:
            m.header(*header)
        answer = m.eoh()
        pieces = [body] if isinstance(body, bytes) else body
        n = 0
        while answer[0] == milter.CONTINUE and n < len(pieces):
            answer = m.body(pieces[n])
            n += 1
        if answer[0] == milter.CONTINUE:
            answer = m.eom()
            n += 1
        m.quit()
        return (milter.text(answer) if answer[0] == milter.REPLYCODE
                else answer[0].decode()), n

    def same(headers, body, reply, n, name, **more):
        points.same(message(headers, body, **more), (reply, n),
                    "default: " + name)

    same(fields, b"x\r\n", "c", 2, "nothing to object to")
    same(fields + [("Bcc", "d"), ("bcc", "e")], b"x\r\n",
         "554 5.6.0 there are two Bcc fields", 0, "two Bcc, before the body")
    same(fields + [("X", "y" * 60000)] * 5, b"x\r\n",
         "552 5.3.4 a header has no more than 262144 octets here", 0,
         "a large header, before the body")
    piece = b"y" * 65533 + b"\r\n"
    same(fields, [piece] * 900, "552 5.3.4 a message has no more than 52428800 "
         "octets here", 801, "too large, as soon as it is")
    same(fields, [b"x\r", b"\n", b"y\r", b"z\r\n"],
         "554 5.6.0 CR stands before LF only", 5, "bare CR over two pieces")
    same(fields, [b"x\r", b"\n", b"y\r", b"\n"], "c", 5,
         "CRLF over two pieces")
    same(fields, b"x\ny\r\n", "c", 2, "bare LF is observed")
    same(fields, b"x\0y\r\n", "554 5.6.0 a message has no NUL octets", 2, "NUL")
    same(fields, b"x\0y\rz", "c", 2, "BINARYMIME may have both",
         params=("BODY=BINARYMIME",))
    would = {line.get("rule") for line in daemon.lines()
             if line.verb == "would-reject"}
    points.ok("bare-lf" in would, "default: bare LF is in the log", would)
    points.same(daemon.stop(), 0, "default: the daemon ends with 0")
