"""A world of its own for a mail server that knows no XCLIENT.

island() moves this process, and all that it starts from then on, into
namespaces of its own for network, mounts and host name: every address is
local there, so that a client can come from any, nothing leads outside, the
names of hosts are those of Names, each login is good, and what is logged to
/dev/log is kept in a file.  The machine sees nothing of it.  Needs root.
"""

import ctypes
import os
import socket
import struct
import subprocess
import threading

from harness import wait_until

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWNET = 0x40000000
HERE = "/mnt"
NAME = "mx.portreeve.example"
SASL_CONF = """mech_list: PLAIN
pwcheck_method: saslauthd
saslauthd_path: %s/saslauthd
"""
DEVICES = ("full", "null", "random", "urandom", "zero")


def island(work):
    """Once for a process, before it has threads.  Returns what the directory
    `work` is called there: a path without /tmp, which Sendmail does not
    trust."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no namespaces of our own: " +
                      os.strerror(ctypes.get_errno()))
    socket.sethostname(NAME)

    def run(*words):
        subprocess.run(words, check=True, timeout=60)

    home = os.path.join(work, "island")
    os.mkdir(home)

    def put(path, text):
        """The file has this text, here only."""
        own = os.path.join(home, os.path.basename(path))
        with open(own, "w") as file:
            file.write(text)
        run("mount", "--bind", own, path)

    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    run("ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo")
    run("ip", "-6", "route", "add", "local", "::/0", "dev", "lo")
    put("/etc/hosts", "127.0.0.1 localhost\n127.0.0.1 %s\n::1 localhost\n" %
        NAME)
    put("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    put("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"
        "services: files\nprotocols: files\n")
    sasl = os.path.join(home, "sasl2")
    os.mkdir(sasl)
    with open(os.path.join(sasl, "Sendmail.conf"), "w") as file:
        file.write(SASL_CONF % HERE)
    run("mount", "--bind", sasl, "/usr/lib/sasl2")
    # Another /dev, as there may be no /dev/log that could be covered.
    dev = os.path.join(home, "dev")
    os.mkdir(dev)
    for name in DEVICES:
        open(os.path.join(dev, name), "w").close()
        run("mount", "--bind", "/dev/" + name, os.path.join(dev, name))
    run("mount", "--bind", dev, "/dev")
    run("mount", "--bind", work, HERE)
    return HERE


class Syslog:
    """What is logged to /dev/log, in a file."""

    def __init__(self, path):
        self.path, self.marks = path, 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        threading.Thread(target=self.keep, daemon=True).start()

    def keep(self):
        with open(self.path, "ab", buffering=0) as file:
            while True:
                file.write(self.socket.recv(65536).rstrip(b"\0\n") + b"\n")

    def text(self):
        with open(self.path, errors="replace") as file:
            return file.read()

    def settled(self):
        """All that was logged by now: what comes keeps its order."""
        self.marks += 1
        mark = "e2e-mark-%d." % self.marks
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.connect("/dev/log")
            client.send(mark.encode())
        if not wait_until(lambda: mark in self.text()):
            raise RuntimeError("nobody reads /dev/log")
        return self.text()


class Logins:
    """saslauthd(8): every password is right."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(HERE + "/saslauthd")
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.socket.accept()
            client.recv(4096)
            client.sendall(b"\0\2OK")
            client.close()


class Names:
    """A name server for 127.0.0.1:53.  `names` has the name of an address,
    `addresses` the address of a name; what is in neither does not exist."""

    PTR, A, AAAA = 12, 1, 28
    NXDOMAIN = 3

    def __init__(self):
        self.names, self.addresses = {}, {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(query), client)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += 1 + query[at]
        (kind,) = struct.unpack("!H", query[at + 1:at + 3])
        known, data = self.look_up(".".join(labels).lower(), kind)
        head = query[:2] + struct.pack(
            "!HHHHH", 0x8580 | (0 if known else self.NXDOMAIN), 1,
            1 if data else 0, 0, 0)
        record = b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(data))
        return head + query[12:at + 5] + (record + data if data else b"")

    def look_up(self, name, kind):
        """(the name exists, the data of its record of this kind)"""
        for address, host in self.names.items():
            if reverse_name(address) == name:
                return True, wire_name(host) if kind == self.PTR else b""
        if name not in self.addresses:
            return False, b""
        address = self.addresses[name]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        if kind != (self.AAAA if ":" in address else self.A):
            return True, b""
        return True, socket.inet_pton(family, address)


def reverse_name(address):
    if ":" in address:
        digits = socket.inet_pton(socket.AF_INET6, address).hex()
        return ".".join(reversed(digits)) + ".ip6.arpa"
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


def wire_name(host):
    return b"".join(bytes([len(label)]) + label.encode()
                    for label in host.split(".")) + b"\0"
