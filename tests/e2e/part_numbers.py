"""What the daemon tells of itself: metrics, status, top, journal, JSON."""

import fcntl
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import termios
import time
import urllib.error
import urllib.request

from harness import LONG, Daemon, Postfix, Smtp, TEXT, wait_until

POLICY = """
domains bad = { bad.example worse.example }
metrics "inet:%d@127.0.0.1"
on mail {
    spoof: reject late 550 5.7.1 "no" if sender.domain == "example.org"
    maybe: observe reject if sender is null
}
on rcpt { listed: reject if rcpt.domain in bad
          mark: tag seen if rcpt.local == "one" }
on message { told: log "seen" if tagged seen }
"""


def scrape(port, path="/metrics", data=None):
    """(status, text); the status is 0 if nobody answers."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (port, path),
                                    data, 10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def number(text, series):
    """The value of one line, such as name{label="x"}; None without one."""
    for line in text.splitlines():
        if line.startswith(series + " "):
            return float(line[len(series) + 1:])
    return None


def hits(text, rule, stage, action, observed="false"):
    return number(text, 'portreeve_rule_hits_total{rule="%s",stage="%s",'
                  'action="%s",observed="%s"}' % (rule, stage, action,
                                                  observed))


def sessions(text):
    return number(text, "portreeve_sessions_total")


def tool(env, daemon, *words):
    return subprocess.run(
        [env.portreeve, words[0], "-c", daemon.conf, *words[1:]],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def mail(port, *senders):
    for sender in senders:
        smtp = Smtp(port)
        smtp.send(sender, ["<one@b.example>"], TEXT)
        smtp.quit()


def part_metrics(env):
    """Counters over HTTP and at the control socket, over reloads, too."""
    points = env.points
    port = env.port + 3
    daemon = Daemon(env, POLICY % port, "metrics")
    postfix = Postfix(env, "postfix", env.port)
    # Looking whether Postfix is up was a connection, too.
    wait_until(lambda: sessions(scrape(port)[1]) == 1)
    code, before = scrape(port)
    begun = sessions(before)
    points.same(code, 200, "metrics: a scrape is answered")
    points.same(hits(before, "spoof", "rcpt", "reject"), 0.0,
                "a rule is there before its first hit")
    mail(env.port, "<a@example.org>", "<b@b.example>", "<>", "<c@b.example>")
    wait_until(lambda: number(scrape(port)[1],
                                 "portreeve_sessions_open") == 0)
    _, text = scrape(port)
    points.same([hits(text, "spoof", "rcpt", "reject"),
                 hits(text, "maybe", "mail", "reject", "true"),
                 hits(text, "mark", "rcpt", "tag"),
                 hits(text, "told", "message", "log")],
                [1.0, 1.0, 4.0, 3.0], "hits are those of the mail")
    points.same([sessions(text) - begun,
                 number(text, "portreeve_messages_total"),
                 number(text, 'portreeve_verdicts_total{stage="rcpt",'
                        'verdict="reject"}'),
                 number(text, 'portreeve_verdicts_total{stage="mail",'
                        'verdict="late"}')],
                [4.0, 3.0, 1.0, 1.0], "so are sessions, messages, verdicts")
    points.same(number(text, 'portreeve_evaluation_seconds_count'
                       '{stage="rcpt"}'), 4.0, "the histogram has them all")
    points.same(scrape(port, "/nothing")[0], 404, "another page: 404")
    points.same(scrape(port, "/metrics", b"x=1")[0], 405, "POST: 405")

    daemon.rewrite("spoof: reject late", "spoof: observe reject late")
    points.same(tool(env, daemon, "reload").returncode, 0, "it reloads")
    mail(env.port, "<a@example.org>")
    _, text = scrape(port)
    points.same([hits(text, "spoof", "rcpt", "reject"),
                 hits(text, "spoof", "mail", "reject", "true")], [1.0, 1.0],
                "a rule that stays goes on counting, observed ones apart")
    points.same(number(text, "portreeve_reloads_total"), 1.0,
                "the reload is counted")
    daemon.rewrite("on rcpt", "on rcptt")
    points.same(tool(env, daemon, "reload").returncode, 1, "one that fails")
    points.same(number(scrape(port)[1], "portreeve_reload_failures_total"),
                1.0, "is counted, too")
    raw = tool(env, daemon, "status", "--metrics").stdout
    points.same(sessions(raw) - begun, 5.0,
                "status --metrics is the same text")
    held = [socket.create_connection(("127.0.0.1", port), 10)
            for _ in range(40)]
    mail(env.port, "<d@b.example>")
    raw = tool(env, daemon, "status", "--metrics").stdout
    points.same(sessions(raw) - begun, 6.0,
                "clients that say nothing hold up nothing")
    for client in held:
        client.close()
    points.ok(wait_until(lambda: scrape(port)[0] == 200),
              "and when they go, it answers again")
    postfix.stop()
    points.same(daemon.stop(), 0, "the daemon ends with 0")
    points.same(scrape(port)[0], 0, "and the port is free")


def part_status(env):
    """portreeve status and top beside a running daemon."""
    points = env.points
    daemon = Daemon(env, POLICY % (env.port + 3), "status")
    postfix = Postfix(env, "postfix", env.port)
    mail(env.port, "<a@example.org>", "<b@b.example>")
    page = tool(env, daemon, "status")
    points.same(page.returncode, 0, "status: 0")
    points.match(r"(?m)^spoof +rcpt +reject +1 +0  \d+ s ago$", page.stdout,
                 "status: a rule with its hits")
    points.match(r"(?m)^messages +1 went through$", page.stdout,
                 "status: messages")
    told = json.loads(tool(env, daemon, "status", "--json").stdout)
    points.same([told["messages_total"], told["verdicts"]["rcpt"]["reject"],
                 [r["hits"] for r in told["rules"] if r["rule"] == "spoof"],
                 told["lists"][0]["entries"]], [1, 1, [1], 2],
                "status --json: the same numbers")
    piped = tool(env, daemon, "top")
    points.same(piped.returncode, 2, "top without a terminal: 2")
    points.match("portreeve status", piped.stderr, "and it says what to do")

    screen = Terminal([env.portreeve, "top", "-c", daemon.conf, "-n", "1"])
    points.ok(screen.shows(r"spoof +reject +1 +0"), "top: a rule",
              screen.text)
    mail(env.port, "<a@example.org>")
    points.ok(screen.shows(r"order \(rate\)"), "top: its last line",
              screen.text)
    screen.key("p")
    points.ok(screen.shows(r"policy"), "top: another order", screen.text)
    screen.key("q")
    points.same(screen.ends(), 0, "top: q ends it")
    for term in ("dumb", "no-such-terminal", ""):
        screen = Terminal([env.portreeve, "top", "-c", daemon.conf], term)
        points.ok(screen.shows('terminal that TERM calls "%s"; set TERM' %
                               term) and screen.ends() == 1,
                  "top: TERM=%s: 1, and what to do" % term, screen.text)
    orphan = Terminal([env.portreeve, "top", "-c", daemon.conf, "-n", "1"])
    orphan.shows("RULE")
    postfix.stop()
    points.same(daemon.stop(), 0, "the daemon ends with 0")
    points.same(orphan.ends(), 1, "top: it ends with the daemon")
    points.match("no portreeve runs", orphan.text, "and says why")
    gone = tool(env, daemon, "status")
    points.same(gone.returncode, 1, "status without a daemon: 1")
    points.match("no portreeve runs", gone.stderr, "and it says so")
    os.rename(daemon.conf, daemon.conf + ".old")
    # Some portreeve of this machine may have the usual one.
    gone = tool(env, daemon, "status")
    points.match(r"(?s)\A\Z|status\.e2e\.conf cannot be read \(No such file.*\), so "
                 "that this is the usual socket", gone.stderr,
                 "and whose socket it is, where there is no policy")


class Terminal:
    """A program on a terminal of 24 lines and 80 columns."""

    def __init__(self, words, term="vt100"):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = term
            os.execv(words[0], words)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, 80, 0, 0))

    def _more(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            octets = os.read(self.fd, 65536)
        except OSError:  # the end, on Linux
            return False
        self.text += octets.decode(errors="replace")
        return bool(octets)

    def shows(self, pattern):
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            # The cursor is moved over what is blank.
            plain = re.sub(r"\x1b[\[(][0-9;?]*[a-zA-Z]|\x1b.|\x0f", " ",
                           self.text)
            if re.search(pattern, plain):
                return True
            if not self._more(0.2):
                return False
        return False

    def key(self, key):
        os.write(self.fd, key.encode())

    def ends(self):
        end = time.monotonic() + LONG
        while time.monotonic() < end and self._more(0.2):
            pass
        os.close(self.fd)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def part_json(env):
    """log json: every line is an object, whatever the client sends."""
    points = env.points
    path = os.path.join(env.work, "daemon", "json.json")
    daemon = Daemon(env, POLICY % (env.port + 3), "json",
                    log='log json file "%s"' % path)
    postfix = Postfix(env, "postfix", env.port)
    for helo in ('x"y', "a\\u0022", "\udcff\udc80", "h" * 400, "x\x01\x7f"):
        smtp = Smtp(env.port)
        smtp.send('<"a\\"b"@example.org>', ["<c@d.example>"], TEXT, helo=helo)
        smtp.close()
    postfix.stop()
    points.same(daemon.stop(), 0, "json: the daemon ends with 0")
    with open(path, "rb") as file:
        lines = file.read().splitlines()
    events = [json.loads(line.decode()) for line in lines]
    refused = [e for e in events if e.get("verb") == "reject"]
    points.same(len(refused), 5, "json: five refusals")
    points.ok(all((e["rule"], e["stage"], e["decided"], e["code"],
                   e["xcode"]) == ("spoof", "rcpt", "mail", 550, "5.7.1")
                  for e in refused), "json: their fields", refused)
    points.ok(all(e["from"] == '"a\\"b"@example.org' for e in refused),
              "json: a sender in quotes", refused)
    points.ok(any("message" in e and "started" in e["message"]
                  for e in events), "json: the daemon's own lines", events)


def part_journal(env):
    """log journal: what journald gets, on a socket in its place."""
    points = env.points
    where = "/run/systemd/journal/socket"
    if os.path.lexists(where):
        points.ok(False, "journal: there is a %s on this machine; run the "
                  "tests where journald does not run" % where)
        return
    made = [d for d in ("/run/systemd", "/run/systemd/journal")
            if not os.path.isdir(d)]
    os.makedirs(os.path.dirname(where), exist_ok=True)
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        journal.bind(where)
        os.chmod(where, 0o666)
        journal.settimeout(LONG)
        daemon = Daemon(env, POLICY % (env.port + 3), "journal",
                        log="log journal")
        postfix = Postfix(env, "postfix", env.port)
        mail(env.port, "<a@example.org>")
        entry = {}
        while entry.get("PORTREEVE_VERB") != "reject":
            entry = dict(line.split("=", 1) for line
                         in journal.recv(65536).decode().splitlines()
                         if "=" in line)
        points.same({k: entry.get("PORTREEVE_" + k) for k in
                     ("RULE", "STAGE", "CODE", "XCODE", "FROM", "TO")},
                    {"RULE": "spoof", "STAGE": "rcpt", "CODE": "550",
                     "XCODE": "5.7.1", "FROM": "a@example.org",
                     "TO": "one@b.example"}, "journal: native fields")
        points.match('^NOQUEUE: reject: stage=rcpt decided=mail rule=spoof ',
                     entry.get("MESSAGE", ""), "journal: the line")
        points.same(entry.get("PRIORITY"), "6", "journal: the priority")
        postfix.stop()
        points.same(daemon.stop(), 0, "journal: the daemon ends with 0")
    except socket.timeout:
        points.ok(False, "journal: the refusal did not come")
    finally:
        journal.close()
        os.remove(where)
        for directory in reversed(made):
            os.rmdir(directory)
