"""A private Sendmail that asks the daemon's socket, with the manners of
harness.Postfix."""

import glob
import os
import re
import subprocess

import dialect
from harness import TOP, wait_until
from island import Logins, Names, Syslog, island
from persona import Persona


class Sendmail:
    """On an island; `root` is where Debian's packages were unpacked."""

    SCRIPT = os.path.join(TOP, "packaging/lib/private-sendmail")
    root = syslog = names = None
    differences = dialect.Differences()

    def __init__(self, env, name, port, *lines):
        self.env, self.port, self.persona = env, port, None
        self.dir = os.path.join(env.work, name)
        self.begin = len(self.syslog.settled())
        os.makedirs(self.dir)
        milter = ("INPUT_MAIL_FILTER(`portreeve', `S=unix:%s/portreeve.sock, "
                  "F=T, T=S:1m;R:1m;E:1m')dnl" % env.work)
        subprocess.run([self.SCRIPT, "start", self.dir, str(port), self.root,
                        milter] + list(lines), check=True, timeout=60)
        env.mtas.append(self)
        # The process that answered who looked whether it is up is done.
        wait_until(lambda: "did not issue MAIL" in self.log())

    @classmethod
    def prepare(cls, work, root):
        """Before the first of them is made; the directory to work in."""
        cls.root = root
        work = island(work)
        cls.syslog = Syslog(os.path.join(work, "syslog"))
        cls.names = Names()
        Logins()
        return work

    @classmethod
    def with_xclient(cls, env, name, port, *lines):
        """One that takes XCLIENT on this port."""
        mta = cls(env, name, port + 1, *lines)
        mta.persona = Persona(port, port + 1, cls.names)
        return mta

    def translate(self, name, transcript):
        return dialect.translate(name, transcript, self.differences)

    def complaints(self):
        """What it logged that is wrong with the milter."""
        return re.findall(r"Milter \(portreeve\): .*", self.log())

    def stop(self):
        self.env.mtas.remove(self)
        if self.persona:
            self.persona.stop()
        subprocess.run([self.SCRIPT, "stop", self.dir], check=True, timeout=60)

    def queue(self):
        """What is queued: [(queue name, id, sender, [recipients])]."""
        rows = []
        for path in glob.glob(self.dir + "/queue/[qh]f*"):
            name = os.path.basename(path)
            with open(path, errors="replace") as file:
                text = file.read()
            rows.append(("hold" if name[0] == "h" else "deferred", name[2:],
                         "".join(re.findall(r"(?m)^S<(.*)>$", text)),
                         sorted(re.findall(r"(?m)^R[A-Z]*:<(.*)>$", text))))
        return rows

    def settled(self):
        return self.queue()

    def message(self, queue_id):
        """Its header, as it would be sent."""
        with open(glob.glob(self.dir + "/queue/[qh]f" + queue_id)[0],
                  errors="replace") as file:
            return re.sub(r"(?m)^H\?[^?]*\?", "", file.read())

    def clear(self):
        for path in glob.glob(self.dir + "/queue/*"):
            os.remove(path)

    def log(self):
        return self.syslog.settled()[self.begin:]
