"""A milter client: the MTA's side of the wire, for what Postfix does not do.

Only what the tests need: packets, macros, negotiation, replies.
"""

import socket
import struct

PROTO_ALL = 0x1FFFFF  # every SMFIP_ bit of protocol 6
ACTIONS_ALL = 0x1FF

CONTINUE, ACCEPT, REJECT, TEMPFAIL = b"c", b"a", b"r", b"t"
DISCARD, REPLYCODE, SKIP = b"d", b"y", b"s"


class Gone(Exception):
    """The filter closed the connection."""


class Milter:
    """One connection to the filter.  Every command returns (code, data)."""

    # What each command's reply is suppressed by (SMFIP_NR_), and what keeps
    # it from being sent (SMFIP_NO).
    NR = {b"C": 0x1000, b"H": 0x2000, b"M": 0x4000, b"R": 0x8000,
          b"T": 0x10000, b"U": 0x20000, b"N": 0x40000, b"B": 0x80000,
          b"L": 0x80}
    NO = {b"C": 0x1, b"H": 0x2, b"M": 0x4, b"R": 0x8, b"B": 0x10, b"L": 0x20,
          b"N": 0x40, b"U": 0x100, b"T": 0x200}

    def __init__(self, path, version=6, actions=ACTIONS_ALL, proto=PROTO_ALL,
                 timeout=60):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        self.sock.connect(path)
        self.buf = b""
        self.steps = 0
        self.version = version
        if version:
            self.negotiate(version, actions, proto)

    def negotiate(self, version, actions, proto):
        self.send(b"O", struct.pack("!III", version, actions, proto))
        code, data = self.read()
        if code != b"O":
            raise Gone("negotiation was answered with %r" % code)
        self.version, self.actions, self.steps = struct.unpack("!III",
                                                               data[:12])
        self.wanted = data[12:]  # macro lists, per stage

    def send(self, code, data=b""):
        self.sock.sendall(struct.pack("!I", len(data) + 1) + code + data)

    def _need(self, n):
        while len(self.buf) < n:
            more = self.sock.recv(65536)
            if not more:
                raise Gone("end of file")
            self.buf += more

    def read(self):
        self._need(4)
        n = struct.unpack("!I", self.buf[:4])[0]
        self._need(4 + n)
        packet, self.buf = self.buf[4:4 + n], self.buf[4 + n:]
        return packet[:1], packet[1:]

    def command(self, code, data=b""):
        """Sends one, unless it was negotiated away; its reply, where one
        comes."""
        if self.steps & self.NO.get(code, 0):
            return CONTINUE, b""
        self.send(code, data)
        if self.steps & self.NR.get(code, 0):
            return CONTINUE, b""
        while True:
            answer = self.read()
            if answer[0] != b"p":  # progress
                return answer

    def macro(self, stage, **macros):
        data = stage
        for name, value in macros.items():
            if len(name) > 1:
                name = "{%s}" % name
            data += name.encode() + b"\0" + value.encode() + b"\0"
        self.send(b"D", data)

    def connect(self, host="mail.example", ip="198.51.100.7", port=4711):
        family = b"6" if ":" in ip else b"4"
        return self.command(b"C", host.encode() + b"\0" + family +
                            struct.pack("!H", port) + ip.encode() + b"\0")

    def connect_unknown(self):
        return self.command(b"C", b"localhost\0U")

    def helo(self, name="mail.example"):
        return self.command(b"H", name.encode() + b"\0")

    @staticmethod
    def args(path, *params):
        return b"".join(a.encode("utf-8", "surrogateescape") + b"\0"
                        for a in (path,) + params)

    def mail(self, path, *params):
        return self.command(b"M", self.args(path, *params))

    def rcpt(self, path, *params):
        return self.command(b"R", self.args(path, *params))

    def data(self):
        return self.command(b"T")

    def unknown(self, line):
        return self.command(b"U", line.encode() + b"\0")

    def header(self, name, value):
        return self.command(b"L", name.encode() + b"\0" +
                            value.encode("utf-8", "surrogateescape") + b"\0")

    def eoh(self):
        return self.command(b"N")

    def body(self, octets):
        return self.command(b"B", octets)

    def eom(self):
        """(code, data, changes): the last reply and all before it."""
        self.send(b"E")
        changes = []
        while True:
            code, data = self.read()
            if code in (CONTINUE, ACCEPT, REJECT, TEMPFAIL, DISCARD,
                        REPLYCODE):
                return code, data, changes
            changes.append((code, data))

    def abort(self):
        self.send(b"A")

    def quit(self):
        try:
            self.send(b"Q")
        except OSError:
            pass
        self.close()

    def quit_nc(self):
        self.send(b"K")

    def close(self):
        self.sock.close()

    def message(self, sender="<a@b.example>", rcpts=("<c@d.example>",),
                headers=(("Subject", "x"),), body=(b"hello\r\n",)):
        """A whole message; stops at the first verdict, which it returns."""
        answer = self.mail(sender)
        if answer[0] != CONTINUE:
            return answer
        taken = 0
        for rcpt in rcpts:
            answer = self.rcpt(rcpt)
            taken += answer[0] == CONTINUE
        if not taken:
            return answer
        steps = [self.data] if self.version >= 4 else []
        steps += [lambda h=h: self.header(*h) for h in headers]
        steps += [self.eoh]
        for step in steps:
            answer = step()
            if answer[0] != CONTINUE:
                return answer
        for chunk in body:
            answer = self.body(chunk)
            if answer[0] == SKIP:
                break
            if answer[0] != CONTINUE:
                return answer
        code, data, _ = self.eom()
        return code, data


def text(answer):
    """The reply of a REPLYCODE answer, as text."""
    return answer[1].rstrip(b"\0").decode()
