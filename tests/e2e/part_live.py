"""Transcripts, played against a real mail server with the policy they are
for; the log must name the rules."""

import glob
import os
import re
import shutil
import subprocess

from harness import Daemon, TOP


def refusing_rules(transcript):
    """The rules of refusals; a late verdict that is kept is not logged, and
    one that the MTA repeats is logged once."""
    return set(re.findall(r"^S: *[45].*\{([^{}]+)\}\s*$", transcript, re.M))


def is_offline_only(transcript):
    return bool(re.search(r"^X:|^# offline only", transcript, re.M))


def policy_beside(env, policy_file):
    """The policy, and a directory where its list files are."""
    near = os.path.join(env.work, "policy")
    os.makedirs(near, exist_ok=True)
    shutil.copytree(os.path.dirname(policy_file), near, dirs_exist_ok=True)
    with open(policy_file) as file:
        # Its own listen and log lines are for another machine.
        return re.sub(r"(?m)^(listen|control|log|user)\s.*\n", "", file.read()), near


def in_its_words(mta, name, path):
    """The transcript as this mail server holds it, and the file it is in;
    None if it is not about this one."""
    with open(path, errors="surrogateescape") as file:
        transcript = file.read()
    if is_offline_only(transcript):
        return None, path
    if mta.translate:
        transcript = mta.translate(name, transcript)
        path = os.path.join(mta.dir, os.path.basename(path))
        with open(path, "w", errors="surrogateescape") as file:
            file.write(transcript or "")
    return transcript, path


def live(env, mta, policy_file, transcripts):
    """Plays transcripts against the mail server."""
    points = env.points
    name = os.path.basename(policy_file)[:-5]
    policy, near = policy_beside(env, policy_file)
    daemon = Daemon(env, policy, name, near=near)
    for path in transcripts:
        title = "%s/%s" % (name, os.path.basename(path)[:-5])
        label = "live: " + title
        transcript, path = in_its_words(mta, title, path)
        if not transcript:
            continue
        at = daemon.mark()
        run = subprocess.run(
            [env.portreeve, "test", "--live", "127.0.0.1:%d" % env.port,
             "--log", daemon.log, path],
            capture_output=True, text=True, errors="replace", timeout=60)
        if not points.ok(run.returncode == 0, label, run.stdout + run.stderr):
            continue
        missing = refusing_rules(transcript) - {
            line.get("rule") for line in daemon.lines(at)
            if not line.verb.startswith("would")}
        points.ok(not missing, label + ": the log names the rules",
                  "missing: %s\ngot:\n%s" % (missing, daemon.text()[at:]))
    points.ok(daemon.alive(), "live: %s: the daemon is up" % name)
    points.same(daemon.stop(), 0, "live: %s: it ends with 0" % name)


def live_all(env, policies):
    """Every transcript of these."""
    # Who looks whether the mail server is up is to find a milter, too.
    nobody = Daemon(env, "", "nobody")
    mta = env.mta.with_xclient(env, "mta", env.port)
    nobody.stop()
    for conf in sorted(glob.glob(os.path.join(TOP, policies))):
        transcripts = sorted(glob.glob(conf[:-5] + "/*.smtp"))
        if transcripts:
            live(env, mta, conf, transcripts)
    mta.stop()
    env.points.same(mta.complaints(), [],
                    "live: the mail server has nothing to complain of")


def part_live(env):
    """The tests of the language."""
    live_all(env, "tests/policy/[!s-z]*.conf")


def part_live_rest(env):
    """The other half of them."""
    live_all(env, "tests/policy/[s-z]*.conf")


def part_live_examples(env):
    """The examples."""
    live_all(env, "packaging/examples/*.conf")
