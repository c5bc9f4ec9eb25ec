"""The daemon: its start, its socket, its end."""

import os
import signal
import socket
import stat
import subprocess

from harness import LONG, Daemon, read, wait_until
import milter


def run_daemon(env, conf, *args, before=()):
    """Runs it where it is expected to end by itself."""
    return subprocess.run([*before] + env.wrap + [env.portreeve, "run", "-c", conf] +
                          list(args), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=LONG)


def part_daemon(env):
    points = env.points
    base = os.path.join(env.work, "start")
    os.makedirs(base, exist_ok=True)

    def policy(text, name="p.conf"):
        path = os.path.join(base, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    sock = os.path.join(base, "s.sock")
    control = 'user root\ncontrol "unix:%s/c.sock"\n' % base
    listen = control + (
        'listen "unix:%s" mode 0660 group postfix\nlog stderr\n' % sock)

    bad = policy(listen + 'on rcpt {\n    a: rejekt if rcpt is null\n'
                 '    b: reject if sender.domian == "x"\n}\n')
    run = run_daemon(env, bad)
    points.same(run.returncode, 1, "a policy that does not load: status 1")
    points.match(r"(?m)^\S*p\.conf:6:\d+: error: ", run.stderr,
                 "its diagnostic names file, line, column")
    points.match(r"(?m)^\S*p\.conf:7:\d+: error: .*sender\.domain", run.stderr,
                 "the second one too, and what was meant")
    points.match(r"(?m)^ *\^", run.stderr, "there is a caret")
    points.ok(not os.path.lexists(sock), "no socket is made for it")
    run = subprocess.run([env.portreeve, "check", "-c", bad],
                         capture_output=True, text=True, timeout=60)
    points.same(run.returncode, 1, "check says the same: status 1")
    good = policy(listen)
    run = subprocess.run([env.portreeve, "check", "-c", good],
                         capture_output=True, text=True, timeout=60)
    points.same((run.returncode, run.stderr), (0, ""),
                "check of a policy without rules: status 0, silent")
    points.same(run_daemon(env, os.path.join(base, "none.conf")).returncode, 1,
                "a policy that is not there: status 1")

    # The socket.
    daemon = Daemon(env, "", "socket")
    mode = os.stat(daemon.socket)
    points.same((stat.S_IMODE(mode.st_mode), stat.S_ISSOCK(mode.st_mode)),
                (0o660, True), "the socket has mode 0660")
    import grp
    points.same(mode.st_gid, grp.getgrnam("postfix").gr_gid,
                "the socket has group postfix")
    run = run_daemon(env, daemon.conf)
    points.same(run.returncode, 1, "a second one on the same socket: status 1")
    points.ok(str(daemon.pid) in run.stderr or "portreeve" in
              run.stderr.split(":", 1)[-1], "it says who holds the socket",
              run.stderr)
    points.ok(daemon.answers(), "the first one is not disturbed")
    points.same(daemon.stop(), 0, "SIGTERM ends it with 0")
    points.ok(not os.path.lexists(daemon.socket),
              "its socket is gone with it")

    daemon = Daemon(env, "", "stale")
    daemon.stop(signal.SIGKILL)
    # The filter process ends when it sees that its parent is gone.
    points.ok(wait_until(lambda: not daemon.socket_answers()),
              "a killed parent takes the filter process with it")
    stale = os.path.lexists(daemon.socket)
    daemon = Daemon(env, "", "stale")
    points.ok(stale and daemon.answers(), "a stale socket is replaced")
    points.same(daemon.stop(), 0, "and it ends with 0")

    for text, want in (
            ('listen "unix:%s/none/s.sock"\n' % base, "%s/none" % base),
            ('listen "unix:%s/%s"\n' % (base, "s" * 120), "s" * 20),
            ('listen "unix:%s" group nobodyofthatname\n' % sock,
             "nobodyofthatname"),
            ('listen "tcp:25"\n', "tcp:25"),
            ('listen "inet:%d@127.0.0.1"\n' % env.port, str(env.port)),
            ('listen "unix:%s"\nlog file "%s/none/x.log"\n' % (sock, base),
             "%s/none/x.log" % base)):
        taken = None
        if "inet:" in text:
            taken = socket.create_server(("127.0.0.1", env.port))
        run = run_daemon(env, policy(control + text, "q.conf"))
        name = text.strip().replace(base, "DIR").replace("\n", "; ")
        points.ok(run.returncode == 1 and want in run.stderr,
                  "cannot start: " + name[:60],
                  "%d %s" % (run.returncode, run.stderr))
        if taken:
            taken.close()

    # inet.
    port = env.port + 7
    daemon = Daemon(env, 'listen "inet:%d@127.0.0.1"\n' % port, "inet",
                    start=False)
    process = subprocess.Popen(env.wrap + [env.portreeve, "run", "-c",
                                           daemon.conf],
                               stdin=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)

    def answers():
        try:
            socket.create_connection(("127.0.0.1", port), 2).close()
            return True
        except OSError:
            return False
    points.ok(wait_until(answers), "it listens on an inet socket")
    process.terminate()
    points.same(process.wait(LONG), 0, "and ends with 0")

    # SIGTERM in the middle of things.
    daemon = Daemon(env, read("tests/policy/verdicts.conf"), "term")
    clients = [milter.Milter(daemon.socket) for _ in range(20)]
    for i, client in enumerate(clients):
        client.connect()
        if i % 2:
            client.helo()
            client.mail("<a@b.example>")
    points.same(daemon.stop(), 0, "SIGTERM amid 20 sessions: it waits for "
                "them no longer than the policy says, and ends with 0")
    for client in clients:
        client.close()

    daemon = Daemon(env, "", "hup")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "reloaded " in daemon.text())
    points.ok(daemon.answers(), "SIGHUP does not stop it")
    points.same(daemon.stop(), 0, "and it ends with 0")
