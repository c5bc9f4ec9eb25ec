"""The daemon's life: reloads, the control socket, the drain, a death."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

from harness import LONG, Daemon, Postfix, wait_until
import milter


def rule(code):
    return 'on rcpt {\n    which: reject %s "rule %s"\n}\n' % (code, code)


def reply_of(client, sender="<a@b.example>"):
    """What a recipient of a new message is told."""
    client.mail(sender)
    reply = milter.text(client.rcpt("<c@d.example>"))
    client.abort()
    return reply[:3]


def session(daemon):
    client = milter.Milter(daemon.socket)
    client.connect()
    client.helo()
    return client


def status(daemon):
    """What `portreeve status` shows."""
    return subprocess.run(
        [daemon.env.portreeve, "status", "-c", daemon.conf],
        capture_output=True, text=True, timeout=60).stdout


def log_says(daemon, pattern):
    return wait_until(lambda: re.search(pattern, daemon.text()))


def part_reload(env):
    """A reload swaps the policy, or changes nothing; nobody is cut off."""
    points = env.points
    daemon = Daemon(env, rule(550), "reload")
    old = session(daemon)
    points.same(reply_of(old), "550", "the first policy")

    daemon.rewrite("550", "551")
    run = daemon.reload()
    points.same((run.returncode, run.stderr), (0, ""), "reload: status 0")
    points.match("reloaded .*: 1 rule\n", run.stdout, "it says what it loaded")
    new = session(daemon)
    points.same(reply_of(new), "551", "a new session has the new policy")
    points.same(reply_of(old), "550", "one that is open keeps its own")

    daemon.rewrite("reject 551", "rejct 551")
    run = daemon.reload()
    points.same((run.returncode, run.stdout), (1, ""),
                "a policy that does not load: status 1")
    points.match(r"reload\.e2e\.conf:\d+:12: error: .*rejct", run.stderr,
                 "its diagnostics come to who asked")
    points.match("not reloaded", run.stderr, "and that nothing has changed")
    points.ok(log_says(daemon, r"conf:\d+:12: error: .*rejct"),
              "and are in the log", daemon.text())
    points.same(reply_of(session(daemon)), "551", "nothing has changed")

    daemon.rewrite("rejct 551", "reject 552")
    daemon.process.send_signal(signal.SIGHUP)
    points.ok(wait_until(lambda: reply_of(session(daemon)) == "552"),
              "SIGHUP reloads too")
    points.same((reply_of(old), reply_of(new)), ("550", "551"),
                "three policies at once, each with its sessions")

    daemon.rewrite('log file "%s"' % daemon.log,
                   'log file "%s/none/x.log"' % daemon.dir)
    run = daemon.reload()
    points.ok(run.returncode == 1 and "none/x.log" in run.stderr,
              "a log that cannot be opened: status 1, it says which",
              run.stderr)
    daemon.rewrite('log file "%s/none/x.log"' % daemon.dir,
                   'log file "%s"' % daemon.log)
    daemon.rewrite("mode 0660", "mode 0600")
    run = daemon.reload()
    daemon.rewrite("user ", "user root # ")
    for times in ("is told", "is told as long as it waits"):
        run = daemon.reload()
        points.match("as at the start: listen, user; .* at the next start",
                     run.stdout, "what a reload cannot change " + times)

    # The newest policy is the one that the next filter process has.
    daemon.kill_child()
    points.ok(wait_until(lambda: reply_of(session(daemon)) == "552"),
              "after a death, the policy is the one last loaded")
    points.match(r"(?m)^TROUBLE +settings that wait for a restart: 2$",
                 status(daemon), "and what waited waits still")
    points.same(daemon.stop(), 0, "it ends with 0")
    run = daemon.reload()
    points.ok(run.returncode == 1 and "no portreeve runs" in run.stderr,
              "reload of none: status 1, it says so", run.stderr)


VERSION = """
words known = file "known"
on rcpt { version: log "version %d" if rcpt.local not in known }
on message { away: discard }
"""


def part_reload_load(env):
    """Reloads while mail comes in through Postfix: none fails, none waits."""
    points = env.points
    sessions = env.of(1500, 30000)
    reloads = env.of(15, 100)
    known = os.path.join(env.work, "daemon", "known")

    def list_write(version):
        # Another file each time, as an editor does it.
        with open(known + ".new", "w") as file:
            file.writelines("name%d-%d\n" % (version, i)
                            for i in range(5000))
        os.rename(known + ".new", known)
    os.makedirs(os.path.dirname(known))
    list_write(0)
    daemon = Daemon(env, VERSION % 0, "reload-load")
    postfix = Postfix(env, "postfix", env.port)
    source = subprocess.Popen(
        ["smtp-source", "-s", "10", "-l", "500", "-m", str(sessions),
         "-f", "a@b.example", "-t", "c@d.example",
         "127.0.0.1:%d" % env.port],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    failed = []
    during = version = 0

    def seen():
        return daemon.text().count(" rule=away ")
    while version < reloads and source.poll() is None:
        # Spread over the sessions.
        wait_until(lambda: seen() >= sessions * version // reloads or
                   source.poll() is not None)
        version += 1
        list_write(version)
        daemon.rewrite("version %d" % (version - 1), "version %d" % version)
        run = daemon.reload()
        if run.returncode != 0:
            failed.append(run.stderr)
        during += source.poll() is None
    said = source.communicate(timeout=600)[0]
    points.same((source.returncode, said), (0, ""),
                "%d sessions: Postfix refused and deferred none" % sessions)
    points.same(failed[:1], [], "%d reloads: none failed" % version)
    points.ok(during >= reloads * 2 // 3,
              "%d of them came while mail did" % during)
    wait_until(lambda: seen() >= sessions)
    points.same(seen(), sessions, "each message had its verdict, once")
    versions = re.findall(r'text="version (\d+)"', daemon.text())
    points.same(len(versions), sessions, "each session one policy")
    points.ok(len(set(versions)) > reloads // 2,
              "%d policies had sessions" % len(set(versions)))
    points.ok(not re.search("warning: .*[Mm]ilter|milter-reject",
                            postfix.log()),
              "Postfix has nothing to say about it", postfix.log()[-500:])
    postfix.stop()
    points.same(daemon.stop(), 0, "it ends with 0")


def ask(daemon, octets, seconds=10):
    """What the control socket answers to these octets."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(seconds)
        sock.connect(daemon.control)
        sock.sendall(octets)
        answer = b""
        while True:
            try:
                more = sock.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                return answer
            answer += more


def part_control(env):
    """The control socket serves who may, and nobody can hold it up."""
    points = env.points
    daemon = Daemon(env, rule(550), "control")
    points.same(os.stat(daemon.control).st_mode & 0o777, 0o600,
                "the socket is for its owner")
    points.match(b"^ok\nreloaded ".decode(), ask(daemon, b"reload\n").decode(),
                 "a command")
    points.match("^fault\n.*\"dance\"", ask(daemon, b"dance now\n").decode(),
                 "an unknown one is named")
    points.match("^fault\n.*\"\\?\\?reload\"",
                 ask(daemon, b"\x01\xffreload\n").decode(),
                 "what cannot be printed is not")
    points.match("^fault\n", ask(daemon, b"x" * 256).decode(),
                 "a line without an end")
    points.match("^fault\n", ask(daemon, b"\n").decode(), "an empty line")

    # As many as there are places, and more, that say nothing.
    idle = [socket.socket(socket.AF_UNIX) for _ in range(20)]
    for sock in idle:
        sock.connect(daemon.control)
    idle[0].sendall(b"rel")
    points.same(reply_of(session(daemon)), "550", "mail does not mind them")
    for sock in idle[8:]:
        sock.close()
    begin = time.monotonic()
    run = daemon.reload()
    points.same(run.returncode, 0, "who is idle is sent away in the end")
    points.ok(time.monotonic() - begin < LONG, "soon",
              time.monotonic() - begin)
    for sock in idle:
        sock.close()

    # Clients that hang up while they wait, and many at once.
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(daemon.control)
            sock.sendall(b"reload\n")
    statuses = []
    crew = [threading.Thread(target=lambda: statuses.append(
        daemon.reload().returncode)) for _ in range(12)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    points.same(statuses, [0] * 12, "twelve reloads at once")

    # Another user cannot, even if the file would let him.
    os.chmod(daemon.control, 0o666)
    run = subprocess.run(
        ["setpriv", "--reuid=postfix", "--regid=postfix", "--clear-groups",
         env.portreeve, "reload", "--control", daemon.control],
        capture_output=True, text=True, timeout=60)
    points.ok(run.returncode == 1 and "taken from root" in run.stderr,
              "another user is told that he may not", run.stderr)
    points.ok(daemon.alive(), "the daemon is up", daemon.errors())
    points.same(daemon.stop(), 0, "it ends with 0")
    points.ok(not os.path.lexists(daemon.control),
              "its control socket is gone with it")


def part_drain(env):
    """At the end sessions finish; no new ones begin."""
    points = env.points
    daemon = Daemon(env, "drain 60s\n" + rule(550), "drain")
    clients = [session(daemon) for _ in range(5)]
    half = session(daemon)
    half.mail("<a@b.example>")
    daemon.process.send_signal(signal.SIGTERM)
    points.ok(log_says(daemon, "stopping; sessions open: 6"),
              "SIGTERM: it waits for the six", daemon.text())
    points.ok(wait_until(lambda: not daemon.socket_answers()),
              "nobody is taken any more")
    points.match("(?m)^TROUBLE +more connections are turned away",
                 status(daemon), "status says so")
    run = daemon.reload()
    points.ok(run.returncode == 1 and
              "this portreeve is stopping" in run.stderr,
              "a reload is not for one that stops", run.stderr)
    time.sleep(2.5)  # longer than any fixed time it ever had
    points.same(half.rcpt("<c@d.example>")[0], milter.REPLYCODE,
                "a message under way is answered")
    half.quit()
    points.same([reply_of(c) for c in clients], ["550"] * 5,
                "the others can send whole messages")
    points.ok(daemon.alive(), "as long as one is open, it is up")
    for client in clients:
        client.quit()
    # A second signal would end it before the last close is read.
    wait_until(lambda: daemon.process.poll() is not None)
    points.same(daemon.stop(), 0, "when the last has gone, it ends")
    points.ok("cut off" not in daemon.text(), "nobody was cut off",
              daemon.text())

    daemon = Daemon(env, "drain 1s\n" + rule(550), "drain-short")
    clients = [session(daemon) for _ in range(3)]
    begin = time.monotonic()
    points.same(daemon.stop(), 0, "a session that does not end")
    took = time.monotonic() - begin
    points.ok(1 <= took < LONG, "is given the time of the policy", took)
    points.ok(log_says(daemon, "sessions cut off: 3"), "then it is cut off",
              daemon.text())
    for client in clients:
        client.close()

    for how in (signal.SIGTERM, signal.SIGINT):
        daemon = Daemon(env, "drain 1h\n" + rule(550), "drain-twice")
        client = session(daemon)
        daemon.process.send_signal(signal.SIGTERM)
        log_says(daemon, "stopping; sessions open: 1")
        begin = time.monotonic()
        points.same(daemon.stop(how), 0,
                    "a second %s ends it" % how.name)
        points.ok(time.monotonic() - begin < LONG, "and not in an hour",
                  time.monotonic() - begin)
        client.close()


def part_death(env):
    """A filter process that dies is replaced; who waits meanwhile is served."""
    points = env.points
    daemon = Daemon(env, rule(550), "death")
    cut = session(daemon)
    first = daemon.kill_child()
    # These call while there is nobody, or only just somebody.
    waiting = [milter.Milter(daemon.socket, version=0) for _ in range(5)]
    replies = []
    for client in waiting:
        client.negotiate(6, milter.ACTIONS_ALL, milter.PROTO_ALL)
        client.connect()
        client.helo()
        replies.append(reply_of(client))
    points.same(replies, ["550"] * 5, "who calls meanwhile is served")
    points.ok(wait_until(lambda: daemon.child() != first),
              "by another process")
    points.ok(log_says(daemon, "filter process %d died of signal 9" % first),
              "which logs the death", daemon.text())
    cut.close()
    for client in waiting:
        client.quit()
    begin = time.monotonic()
    for _ in range(2):
        dead = daemon.kill_child()
        wait_until(lambda: daemon.child() not in (dead, daemon.pid))
    points.ok(time.monotonic() - begin >= 4, "a crash loop is slowed down",
              time.monotonic() - begin)
    points.match("starts in 2 s(.|\n)*starts in 4 s", daemon.errors(),
                 "and the parent says so")
    hangs = daemon.child()
    os.kill(hangs, signal.SIGSTOP)
    run = subprocess.run([env.portreeve, "status", "-c", daemon.conf],
                         capture_output=True, text=True, timeout=LONG)
    os.kill(hangs, signal.SIGCONT)
    points.ok(run.returncode == 1 and "no answer within 10 s" in run.stderr,
              "one that hangs: status 1, soon", run.stderr)
    points.same(daemon.stop(), 0, "it ends with 0")


def part_threadless(env):
    """libmilter stops where there is no thread to be had: the sockets stay, and
    who calls waits for the next filter process."""
    points = env.points
    uid = 54321  # whose threads are all ours, so that they can be counted
    base = os.path.join(env.work, "threadless")
    os.makedirs(base)
    os.chown(base, uid, uid)
    conf = os.path.join(base, "p.conf")
    sock = os.path.join(base, "s.sock")
    log = os.path.join(base, "log")
    with open(conf, "w") as file:
        file.write('listen "unix:%s"\ncontrol "unix:%s/c.sock"\n'
                   'log file "%s"\n' % (sock, base, log) + rule(550))

    def text():
        return open(log).read() if os.path.exists(log) else ""

    def stopped(threads):
        """The daemon, if libmilter stops where there are so many."""
        process = subprocess.Popen(
            ["setpriv", "--reuid=%d" % uid, "--regid=%d" % uid,
             "--clear-groups", "prlimit", "--nproc=%d" % threads,
             env.portreeve, "run", "--no-sandbox", "-c", conf],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: "libmilter has stopped" in text() or
                   process.poll() is not None, 3)
        if "libmilter has stopped" in text() and process.poll() is None:
            return process
        process.terminate()
        process.wait(LONG)
        return None
    process = next(filter(None, map(stopped, range(3, 12))), None)
    if not points.ok(process, "threadless: libmilter stops", text()):
        return
    for name in (sock, os.path.join(base, "c.sock")):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(LONG)
            points.same(client.connect_ex(name), 0,
                        "threadless: %s is there to wait at" %
                        os.path.basename(name))
    process.terminate()
    process.wait(LONG)
    points.same(sorted(os.listdir(base)), ["log", "p.conf"],
                "threadless: at its end, the sockets are gone")
