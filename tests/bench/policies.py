"""Policies of any size for the benchmark.  No rule in them ever matches what
milterload and eval_rcpt send, so that all of them are tried.

As a program: policies.py NAME [N] prints one.
"""

import sys

HEAD = """\
networks  office  = { 192.0.2.0/24 2001:db8:1::/48 }
domains   ours    = { ours.example .ours.example }
addresses blocked = { joe@blocked.example @worse.example }
words     roles   = { abuse security hostmaster }
patterns  dynamic = { /^(dsl|dyn|ppp)[0-9.-]/i  /\\bpool\\b/i }
"""


def rule(stage, i, condition):
    late = "late " if stage in ("connect", "helo") else ""
    return ("    %s%d: reject %s550 5.7.1 \"refused by rule %d\" if %s\n" %
            (stage[0], i, late, i, condition))


def block(stage, rules):
    return "on %s {\n%s}\n" % (stage, "".join(rules)) if rules else ""


# ---- mixed kinds -----------------------------------------------------------

# %(i)d is the number of the rule; %(a)d.%(b)d an address made of it.
MIXED = (
    'rcpt.domain == "dead%(i)d.example"',
    'sender.domain in { spam%(i)d.example .spam%(i)d.example }',
    'client.ip in { 198.18.%(a)d.%(b)d/32 2001:db8:%(i)d::/48 }',
    'rcpt.local == "gone%(i)d" and rcpt.domain in ours',
    'helo matches /^dsl%(i)d-[0-9]+\\./i',
    'sender in blocked and rcpt.local == "closed%(i)d"',
    'mail.size > %(i)dM and client.ip not in office',
    'tagged nameless and client.name in dynamic and rcpt.local in roles',
    'rcpt matches /^list-%(i)d\\+/',
    'sender is null and rcpt.domain == "nobounce%(i)d.example"',
)


def mixed_condition(i):
    return MIXED[i % len(MIXED)] % {"i": i, "a": i // 256 % 256, "b": i % 256}


def mixed(n=100):
    """n rules at rcpt, of ten kinds in turn."""
    return (HEAD + "on connect { tag nameless if client.name is absent }\n" +
            block("rcpt", [rule("rcpt", i, mixed_condition(i))
                           for i in range(n)]))


# ---- the envelope ----------------------------------------------------------

# The same fact compared with constants: runs of these are what a site with
# many rules has.
ENVELOPE = (
    ("helo", 'helo == "bad%(i)d.example"'),
    ("mail", 'sender.domain == "spam%(i)d.example"'),
    ("mail", 'sender.domain in { .spam%(i)d.example }'),
    ("mail", 'sender == "joe%(i)d@blocked.example"'),
    ("rcpt", 'rcpt.domain == "dead%(i)d.example"'),
    ("rcpt", 'rcpt.local == "gone%(i)d"'),
    ("rcpt", 'client.ip in { 198.18.%(a)d.%(b)d/32 }'),
    ("rcpt", 'rcpt == "joe%(i)d@closed.example"'),
    ("rcpt", 'client.name in { .dyn%(i)d.example }'),
    ("rcpt", 'sender.domain == "late%(i)d.example"'),
)


def envelope(n=100, more=""):
    """n rules at helo, mail and rcpt, a tenth of each kind, by kind."""
    stages = {"helo": [], "mail": [], "rcpt": []}
    for k, (stage, text) in enumerate(ENVELOPE):
        for i in range(k, n, len(ENVELOPE)):
            where = {"i": i, "a": i // 256 % 256, "b": i % 256}
            stages[stage].append(rule(stage, i, text % where))
    return "".join(block(s, r) for s, r in stages.items()) + more


HEADERS = ("Subject", "From", "To", "Received", "Date")


def headers(n=100):
    """Of n rules a fifth reads header fields."""
    fields = [rule("message", 100000 + i,
                   'header("%s") == "no such value %d"' %
                   (HEADERS[i % len(HEADERS)], i)) for i in range(n // 5)]
    return envelope(n - n // 5, block("message", fields))


def regexes(n=10):
    """n regexes on one fact."""
    return block("rcpt", [rule("rcpt", i, "rcpt matches /^no-such-%d[0-9]*@/" %
                               i) for i in range(n)])


def size_limit(limit="25M"):
    return block("message", [
        "    big: reject 552 5.3.4 \"too big\" if message.size > %s\n" % limit])


# ---- lists -----------------------------------------------------------------

LISTS = {
    "domains": ("sender.domain", "list%d.example"),
    "addresses": ("rcpt", "user%d@list%d.example"),
    "words": ("rcpt.local", "user%d"),
    "networks": ("client.ip", None),
}


def list_lines(kind, n):
    """The text of a list file of n entries."""
    form = LISTS[kind][1]
    for i in range(n):
        if form is None:
            yield "11.%d.%d.%d" % (i >> 16 & 255, i >> 8 & 255, i & 255)
        else:
            yield form % ((i,) * form.count("%d"))


def listed(kind, path):
    """One rule with a list of that kind."""
    return ('%s big = file "%s"\n' % (kind, path) +
            block("rcpt", [rule("rcpt", 0, "%s in big" % LISTS[kind][0])]))


def main():
    makers = {"mixed": mixed, "envelope": envelope, "headers": headers,
              "regexes": regexes}
    if len(sys.argv) < 2 or sys.argv[1] not in makers:
        sys.exit("usage: policies.py %s [N]" % "|".join(makers))
    sys.stdout.write(makers[sys.argv[1]](*map(int, sys.argv[2:])))


if __name__ == "__main__":
    main()
