"""Transcripts as Sendmail would hold them.

They are written for Postfix.  What a rule answers is the same in both; what
a mail server says on its own is not:

- in front of a text that a rule chose, at MAIL and RCPT, Sendmail repeats the
  address where the code is 450, 550 or 553: "550 5.7.1 <a@b.example>... no";
  it takes the eighth bits away there, not in what a milter sees
- of what a mail server says itself only the code is compared
- what else differs stands in sendmail.differences, each with its reason
"""

import os
import re
from collections import Counter

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "sendmail.differences")
EXPECTED = re.compile(r"S: *(?P<code>\d{3})(?P<mark>[ -]?)(?P<text>.*?)"
                      r"(?P<rule> *\{[^{}]*\})?$")
COMMAND = re.compile(r"C: *(?P<line>(?:MAIL FROM|RCPT TO): *(?P<path><.*>|\S+).*"
                     r"|.*)$", re.I)
WITH_ADDRESS = ("450", "550", "553")
XCODE = re.compile(r"\d\.\d+\.\d+( |$)")
LONG_RUN = re.compile(r"(.)\1{19,}")


class Differences:
    """Rows "transcript | client's line | Sendmail's reply | reason"; see the
    file.  Where the line is said more than once, "2: LINE" is about the second
    time only.  20 or more of one character are written "l..."."""

    def __init__(self, path=FILE):
        self.rows, self.used = {}, set()
        with open(path) as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    name, client, reply, reason = (
                        field.strip() for field in line.split("|"))
                    self.rows[name, client] = (reply, reason)

    def get(self, name, client, time=1):
        """(reply, reason) or None."""
        client = LONG_RUN.sub(r"\1...", client)
        for key in ((name, "%d: %s" % (time, client)), (name, client)):
            if key in self.rows:
                self.used.add(key)
                return self.rows[key]
        return None

    def unused(self):
        return sorted(set(self.rows) - self.used)


def groups(transcript):
    """Its lines: each S: line apart, with the client's line it is about, and
    whether it is the first of its reply.  Others with None."""
    client, first, in_message = "", True, False
    for line in transcript.split("\n"):
        if line.startswith("C:"):
            if not in_message:
                client, first = COMMAND.match(line), True
            in_message = in_message and line != "C: ."
            yield line, None, False
        elif line.startswith("S:"):
            in_message = line.startswith("S: 354")
            yield line, client, first
            first = False
        else:
            yield line, None, False


def own_words(line):
    """What the mail server says itself: the code is enough."""
    return "S: %s%s" % (line["code"], line["rule"] or "")


def seven_bit(path):
    """An address as Sendmail repeats it."""
    return "".join(chr(octet & 0x7f) for octet in
                   path.encode(errors="surrogateescape"))


def in_sendmail(line, path, first):
    """One S: line."""
    if line["code"][0] in "45":
        rule = (line["rule"] or "").strip(" {}")
        if not rule and line["mark"] != "-":
            return own_words(line)
        xcode = XCODE.match(line["text"])
        text = line["text"][xcode.end():] if xcode else ""
        if path and first and text and line["code"] in WITH_ADDRESS:
            return "S: %s%s%s%s... %s%s" % (
                line["code"], line["mark"], xcode.group(), seven_bit(path),
                text, line["rule"] or "")
    elif XCODE.match(line["text"]):
        return own_words(line)
    return line.string


def translate(name, transcript, differences):
    """The transcript for Sendmail; None if it is not about Sendmail."""
    out, passed, times = [], None, Counter()
    if differences.get(name, "*"):
        return None
    for text, client, first in groups(transcript):
        if client is None:
            out.append(text)
            continue
        line = EXPECTED.match(text)
        said = client["line"].strip() if client else ""
        path = client["path"] if client else None
        if first:
            times[said] += 1
            passed = differences.get(name, said, times[said])
            if passed:
                out.append("S: " + passed[0])
        if not passed:
            out.append(in_sendmail(line, path, first))
    return "\n".join(out)
