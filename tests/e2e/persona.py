"""XCLIENT for a mail server that has none.

An SMTP client talks to a Persona as if to the mail server.  At XCLIENT
another connection to the mail server is opened, from the address that it
says and with the names that it says, and what the mail server greets this
client with is the reply.  A LOGIN that it says is made good behind the next
EHLO.  Works on an island only.
"""

import base64
import re
import socket
import threading

FREEBIND = 15  # IP_FREEBIND; an IPv6 address of nobody can be taken so
IPV6_FREEBIND = 78
UNKNOWN = "[UNAVAILABLE]"


def xtext(value):
    """XCLIENT's way to write odd characters: "+40" is an @."""
    return re.sub(r"\+([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), value)


class Persona:
    def __init__(self, port, server, names):
        self.server, self.names = server, names
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.relay, args=(client,),
                             daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def connect(self, said):
        """A connection to the mail server as XCLIENT has it."""
        address = said.get("ADDR", "127.0.0.1")
        if address.upper().startswith("IPV6:"):
            address = address[5:].lower()
        self.names.names.clear()
        self.names.addresses.clear()
        name = said.get("NAME", UNKNOWN)
        reverse = said.get("REVERSE_NAME", name)
        if name != UNKNOWN:
            self.names.addresses[name] = address
        if reverse != UNKNOWN:
            self.names.names[address] = reverse
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        server = socket.socket(family, socket.SOCK_STREAM)
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        else:
            server.setsockopt(socket.IPPROTO_IP, FREEBIND, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, int(said.get("PORT", 0))))
        server.connect(("::1" if ":" in address else "127.0.0.1",
                        self.server))
        return server

    def relay(self, client):
        """One client: its lines to the mail server, replies back."""
        session = Session(self, client)
        try:
            session.begin({})
            for line in client.makefile("rb"):
                session.say(line)
        except (OSError, EOFError):
            pass
        finally:
            client.close()
            session.end()


class Session:
    """One client, and the connection to the mail server that it has now."""

    def __init__(self, persona, client):
        self.persona, self.client = persona, client
        self.server = None

    def begin(self, said):
        self.server = self.persona.connect(said)
        self.answers = self.server.makefile("rb")
        self.login = said.get("LOGIN")
        self.in_message = False
        self.reply()

    def end(self):
        if self.server:
            self.server.close()
            self.answers.close()

    def say(self, line):
        words = line.decode("latin-1").split()
        verb = words[0].upper() if words and not self.in_message else ""
        if verb == "XCLIENT":
            self.end()
            self.begin({word.split("=")[0]: xtext(word.split("=", 1)[1])
                        for word in words[1:]})
            return
        self.server.sendall(line)
        if self.in_message and line != b".\r\n":
            return
        code = self.reply()
        self.in_message = code == b"354"
        if verb == "EHLO" and self.login and code == b"250":
            self.log_in()

    def log_in(self):
        secret = "\0%s\0secret" % self.login
        self.server.sendall(b"AUTH PLAIN " +
                            base64.b64encode(secret.encode()) + b"\r\n")
        code = self.reply(to_client=False)
        if code != b"235":
            raise EOFError("login as %s: %r" % (self.login, code))
        self.login = None

    def reply(self, to_client=True):
        """Hands a whole reply on; its code."""
        while True:
            line = self.answers.readline()
            if not line:
                raise EOFError
            if to_client:
                self.client.sendall(line)
            if line[3:4] != b"-":
                return line[:3]
