"""`watch lists`: list files that change are loaded by themselves."""

import os
import re
import subprocess
import time

from harness import LONG, Daemon, Postfix, Smtp, wait_until

POLICY = """watch lists
domains bad = file "lists/bad" + { always.example }
domains worse = file "lists/worse.cdb" + file "lists/worst.lmdb"
map notes = file "lists/notes" default "nothing"
on mail { bad: reject 550 5.7.1 "bad" if sender.domain in bad or sender.domain in worse }
on rcpt { note: reject 551 5.7.1 "${notes[rcpt.domain]}" }
"""


class Lists:
    """The files, and what a client is told by them."""

    def __init__(self, env):
        self.env = env
        self.dir = os.path.join(env.work, "daemon", "lists")
        os.makedirs(self.dir)
        self.write("bad", "one.example\n")
        self.write("notes", "d.example first\n")
        self.postmap("one")
        self.daemon = Daemon(env, POLICY, "watch")

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def replace(self, name, text):
        self.write(name + ".new", text)
        os.rename(self.path(name + ".new"), self.path(name))

    def postmap(self, name):
        """Databases with a domain each, made anew by the real postmap."""
        open(self.path("main.cf"), "w").close()
        os.utime(self.path("main.cf"), (1, 1))  # a newer one is waited for
        for type, text in ("cdb", "worse"), ("lmdb", "worst"):
            self.write(text, "%s.%s.example OK\n" % (name, type))
            subprocess.run(
                ["postmap", "-c", self.dir, type + ":" + self.path(text)],
                check=True, timeout=LONG)

    def ask(self, domain):
        """The reply to a sender of that domain, or else to a recipient."""
        smtp = Smtp(self.env.port)
        reply = smtp.say("EHLO x.example", "MAIL FROM:<a@%s>" % domain)
        if reply[:1] == "2":
            reply = smtp.say("RCPT TO:<c@d.example>")
        smtp.quit()
        return reply

    def is_bad(self, domain):
        return self.ask(domain).startswith("550")

    def becomes_bad(self, domain):
        return wait_until(lambda: self.is_bad(domain))

    def log_count(self, pattern):
        return len(re.findall(pattern, self.daemon.text()))

    def settle(self):
        """Longer than any change of before takes to be seen."""
        time.sleep(2.5)


def part_watch(env):
    points = env.points
    lists = Lists(env)
    postfix = Postfix(env, "postfix", env.port)
    points.ok(lists.is_bad("one.example"), "the list as it was")
    old = Smtp(env.port)
    old.say("EHLO x.example")

    lists.replace("bad", "two.example\n")
    points.ok(lists.becomes_bad("two.example"), "a file that was replaced")
    points.ok(not lists.is_bad("one.example"), "what it had is gone")
    points.ok(lists.is_bad("always.example"), "the rest of the list is there")
    points.match("^550", old.say("MAIL FROM:<a@one.example>"),
                 "a session that was open keeps the list it had")
    old.quit()
    points.ok(wait_until(lambda: lists.log_count(
        r"(?m)reloaded lists: bad \(\d+ entries\)$")),
              "the log says which, and how much is in it",
              lists.daemon.text())

    lists.write("notes", "d.example second\n")
    points.ok(wait_until(lambda: "second" in lists.ask("x.example")),
              "a map that was written in place")

    # What postmap makes: cdb by renaming, lmdb in place.
    points.ok(lists.is_bad("one.cdb.example") and
              lists.is_bad("one.lmdb.example"), "databases")
    lists.postmap("two")
    points.ok(lists.becomes_bad("two.lmdb.example") and
              lists.becomes_bad("two.cdb.example"), "that were made anew")
    points.ok(not lists.is_bad("one.cdb.example") and
              not lists.is_bad("one.lmdb.example"), "what they had is gone")

    # The policy file is another matter.
    lists.daemon.rewrite("reject 551", "rejct 551")
    lists.replace("bad", "three.example\n")
    points.ok(lists.becomes_bad("three.example"),
              "the policy's own file is not looked at")
    lists.daemon.rewrite("rejct 551", "reject 552")
    lists.replace("bad", "four.example\n")
    points.ok(lists.becomes_bad("four.example"), "whatever it holds")
    points.match("^551 .*second", lists.ask("x.example"),
                 "its rules are those that were loaded")

    # A list with a fault.
    lists.write("bad", "five.example\nno..example\n")
    points.ok(wait_until(lambda: lists.log_count("lists/bad:2:.*label")),
              "a list with a fault is complained of", lists.daemon.text())
    points.ok(wait_until(lambda: lists.log_count("those in force stay")),
              "and the old one stays", lists.daemon.text())
    points.ok(lists.is_bad("four.example") and not lists.is_bad("five.example"),
              "all of it")
    lists.settle()
    points.same(lists.log_count("those in force stay"), 1, "it is said once")
    lists.write("bad", "five.example\n")
    points.ok(lists.becomes_bad("five.example"), "mended, it is taken")

    # A writer who is at it.
    with open(lists.path("bad"), "w") as half:
        half.write("six.example\n")
        half.flush()
        lists.settle()
        points.ok(lists.is_bad("five.example") and
                  not lists.is_bad("six.example"),
                  "half a file is not taken")
        half.write("seven.example\n")
    points.ok(lists.becomes_bad("seven.example"), "the whole of it is")

    # Gone, and back as a link to somewhere else.
    os.makedirs(lists.path("elsewhere"))
    lists.write("elsewhere/bad", "eight.example\n")
    os.unlink(lists.path("bad"))
    points.ok(wait_until(lambda: lists.log_count("bad: No such file")),
              "a file that is gone is complained of", lists.daemon.text())
    points.ok(lists.is_bad("seven.example"), "and the old one stays")
    os.symlink("elsewhere/bad", lists.path("bad"))
    points.ok(lists.becomes_bad("eight.example"), "a link in its place")
    lists.replace("elsewhere/bad", "nine.example\n")
    points.ok(lists.becomes_bad("nine.example"), "the file behind it")

    # The directory as a whole.
    os.rename(lists.dir, lists.dir + ".old")
    os.makedirs(lists.dir)
    lists.postmap("three")
    lists.write("notes", "d.example third\n")
    lists.write("bad", "ten.example\n")
    points.ok(lists.becomes_bad("ten.example"), "another directory")
    lists.write("bad", "eleven.example\n")
    points.ok(lists.becomes_bad("eleven.example"), "which is watched then")

    # Nothing new.
    at = lists.daemon.mark()
    os.utime(lists.path("bad"))
    points.ok(wait_until(lambda: "nothing new" in
                         lists.daemon.text()[at:]),
              "a file that was only touched", lists.daemon.text()[at:])

    # The next filter process has the lists too, and the policy of before.
    lists.daemon.kill_child()
    points.ok(lists.becomes_bad("eleven.example"), "after a death, the same")
    points.match("^551 .*third", lists.ask("x.example"), "map and rules, too")
    lists.write("bad", "twelve.example\n")
    points.ok(lists.becomes_bad("twelve.example"), "and it watches")

    # Until a reload takes the line away.
    lists.daemon.rewrite("watch lists\n", "")
    points.same(lists.daemon.reload().returncode, 0, "a reload without it")
    points.match("^552", lists.ask("x.example"), "has the new rules")
    lists.write("bad", "thirteen.example\n")
    lists.settle()
    points.ok(lists.is_bad("twelve.example") and
              not lists.is_bad("thirteen.example"), "nobody watches any more")
    points.same(lists.daemon.stop(), 0, "it ends with 0")
    postfix.stop()
