"""What the daemon gives up, and what it does not fall for."""

import os
import pwd
import re
import shutil

from harness import Daemon, family
from part_daemon import run_daemon
from part_life import log_says, reply_of, rule, session


def status_of(pid):
    """/proc/PID/status, as a dictionary."""
    with open("/proc/%d/status" % pid) as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file
                    if ":\t" in line)


def part_privileges(env):
    """Root is for the start only, and for who asks for it."""
    points = env.points
    base = os.path.join(env.work, "root")
    os.makedirs(base)
    conf = os.path.join(base, "p.conf")
    sock = os.path.join(base, "s.sock")
    for user, want in (("", "write into the policy whom to become, such as: "
                        "user portreeve"),
                       ("group mail\n", "user portreeve"),
                       ("user nobodyofthatname\n",
                        "adduser --system --group --no-create-home "
                        "nobodyofthatname")):
        with open(conf, "w") as file:
            file.write('listen "unix:%s"\ncontrol "unix:%s/c.sock"\n%s' %
                       (sock, base, user))
        run = run_daemon(env, conf)
        points.ok(run.returncode == 1 and want in run.stderr,
                  "root, and the policy says %r: status 1, what to write" %
                  user, run.stderr)
        points.same(os.listdir(base), ["p.conf"], "and nothing is left")

    run = run_daemon(env, Daemon(env, "", "stranger", start=False).conf,
                     before=("setpriv", "--reuid=postfix", "--regid=postfix",
                             "--clear-groups"))
    points.ok(run.returncode == 1 and 'only root can become user "%s": ' %
              env.user in run.stderr, "another user: status 1, who can",
              run.stderr)
    for name, want in (("none/log", "; make its directory: install -d -o %s "
                        "-m 0750 " % env.user),
                       ("root/log", "runs as %s; let it write there: chown %s "
                        % (env.user, env.user))):
        path = os.path.join(env.work, name)
        run = run_daemon(env, Daemon(env, "", "no-log", start=False,
                                     log='log file "%s"' % path).conf)
        points.ok(run.returncode == 1 and
                  want + os.path.dirname(path) in run.stderr,
                  "no log at %s: status 1, what to write" % name, run.stderr)

    daemon = Daemon(env, rule(550), "privileges")
    nobody = pwd.getpwnam("nobody")
    # The socket is there before any of that.
    log_says(daemon, "sandbox: " if env.sandbox else "started")
    points.same(len(family(daemon.pid)), 2, "there are two processes")
    for pid in family(daemon.pid):
        who = "parent" if pid == daemon.pid else "filter"
        status = status_of(pid)
        points.same(set(status["Uid"].split()), {str(nobody.pw_uid)},
                    who + ": every user id is that of the policy")
        points.same(set(status["Gid"].split()), {str(nobody.pw_gid)},
                    who + ": every group id too")
        points.same(status["Groups"].split(), [str(nobody.pw_gid)],
                    who + ": it is in no other group")
        points.same((int(status["CapPrm"], 16), int(status["CapEff"], 16),
                     status["NoNewPrivs"]), (0, 0, "1"),
                    who + ": it has no capability, and gets none")
    if env.sandbox:
        points.same(status_of(daemon.child())["Seccomp"], "2",
                    "filter: its system calls are filtered")
        points.ok(log_says(daemon, "sandbox: files: it reads system files "
                           "and .*; system calls: [0-9]+ are refused"),
                  "and the log says what it gave up", daemon.text())
    points.same(reply_of(session(daemon)), "550", "it does its work")

    # One that it is not allowed to read, and one that it is not for another
    # reason.
    secret = os.path.join(daemon.dir, "secret")
    with open(secret, "w") as file:
        file.write("mail.example\n")
    os.chmod(secret, 0o600)
    daemon.rewrite("on rcpt", 'words secret = file "%s"\non rcpt' % secret)
    run = daemon.reload()
    points.ok(run.returncode == 1 and
              re.search(r"(?s)secret: Permission denied.*runs as uid %d: "
                        r'"portreeve doctor"' % nobody.pw_uid, run.stderr),
              "a list that it may not read: status 1, who may not",
              run.stderr)
    points.same(daemon.stop(), 0, "it ends with 0")
    daemon.start()
    points.ok(log_says(daemon, "a reload will fail, for .*/secret"),
              "root has read it at the start, and the log warns",
              daemon.text())
    daemon.rewrite('words secret = file "%s"\n' % secret, "")

    # A list elsewhere: only the next start may read it.
    other = os.path.join(env.work, "elsewhere")
    os.makedirs(other)
    with open(os.path.join(other, "list"), "w") as file:
        file.write("mail.example\n")
    daemon.rewrite("on rcpt", 'words more = file "%s/list"\non rcpt' % other)
    daemon.rewrite('"rule 550"', '"rule 550" if helo in more')
    run = daemon.reload()
    if env.sandbox:
        points.ok(run.returncode == 1 and
                  re.search(r"(?s)conf:\d+:\d+: error: .*elsewhere/list.*"
                            r"takes a restart", run.stderr),
                  "a list in a new directory: status 1, what to do",
                  run.stderr)
    points.same(daemon.stop(), 0, "it ends with 0")
    daemon.start()
    points.same(reply_of(session(daemon)), "550", "after a restart it is read")
    points.same(daemon.reload().returncode, 0, "and by reloads too")
    points.same(daemon.stop(), 0, "it ends with 0")

    daemon = Daemon(env, "user root\n" + rule(550), "as-root")
    log_says(daemon, "started")
    points.same(set(status_of(daemon.child())["Uid"].split()), {"0"},
                "who wants root gets it")
    points.same(reply_of(session(daemon)), "550", "and it works")
    points.same(daemon.stop(), 0, "it ends with 0")


def part_traps(env):
    """What others laid where it works is left alone."""
    points = env.points
    sticky = os.path.join(env.work, "sticky")
    os.makedirs(sticky)
    os.chmod(sticky, 0o1777)
    public = os.path.join(env.work, "public")
    os.makedirs(public)
    os.chmod(public, 0o777)
    victim = os.path.join(env.work, "victim")
    with open(victim, "w") as file:
        file.write("precious\n")
    os.chmod(victim, 0o666)

    def refused(path, want, label):
        daemon = Daemon(env, "", "traps", start=False,
                        log='log file "%s"' % path)
        run = run_daemon(env, daemon.conf)
        points.ok(run.returncode == 1 and want in run.stderr, label,
                  run.stderr)
    # Not in the sticky one: there, some kernels see to it.
    link = os.path.join(public, "link")
    os.symlink(victim, link)
    os.chown(link, 1, 1, follow_symlinks=False)
    refused(link, "symbolic link that another user made",
            "a log that somebody made a link to another file")
    with open(os.path.join(sticky, "file"), "w"):
        pass
    os.chmod(os.path.join(sticky, "file"), 0o666)
    shutil.chown(os.path.join(sticky, "file"), 1, 1)
    refused(os.path.join(sticky, "file"), "another user's", "a log that somebody else made")
    os.link(victim, os.path.join(sticky, "hard"))
    refused(os.path.join(sticky, "hard"), "has another name", "a log that is another file's name")
    with open(victim) as file:
        points.same(file.read(), "precious\n", "the other file is as it was")

    os.symlink(os.path.join(env.work, "real.log"),
               os.path.join(sticky, "own"))
    with open(os.path.join(env.work, "real.log"), "w"):
        pass
    shutil.chown(os.path.join(env.work, "real.log"), env.user)
    daemon = Daemon(env, rule(550), "traps-own",
                    log='log file "%s/own"' % sticky)
    points.same(daemon.stop(), 0, "a link that root made is followed")

    os.remove(link)
    daemon = Daemon(env, 'listen "unix:%s/s.sock"\n' % public, "traps-socket",
                    start=False)
    run = run_daemon(env, daemon.conf)
    points.ok(run.returncode == 1 and "chmod o-w" in run.stderr,
              "a socket where everybody could replace it", run.stderr)
    points.same(os.listdir(public), [], "is not made")
