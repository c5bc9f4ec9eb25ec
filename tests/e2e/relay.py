"""A socket between the mail server and the daemon, which sees each packet of
the milter protocol before the daemon does."""

import os
import socket
import threading


def end(sock):
    """For both directions; who waits on it sees that."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class Relay:
    """Listens at `path`, hands all on to `target`.  `before` is called with
    the command of each packet of the mail server: b"C", b"M" ...  A thread
    for each direction of a connection; they end with it."""

    def __init__(self, path, target, before):
        self.target, self.before = target, before
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.bind(path)
        os.chmod(path, 0o666)
        self.sock.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # A thread in accept() does not see a close().
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def _accept(self):
        while True:
            try:
                mta, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(mta,),
                             daemon=True).start()

    def _serve(self, mta):
        with mta, socket.socket(socket.AF_UNIX) as filter_:
            try:
                filter_.connect(self.target)
                back = threading.Thread(target=self._back,
                                        args=(filter_, mta), daemon=True)
                back.start()
                self._forth(mta.makefile("rb"), filter_)
                back.join()
            except OSError:
                pass  # who talks to whom has ended

    def _forth(self, mta, filter_):
        try:
            while True:
                length = mta.read(4)
                if len(length) < 4:
                    return
                packet = mta.read(int.from_bytes(length, "big"))
                self.before(packet[:1])
                filter_.sendall(length + packet)
        finally:
            end(filter_)

    @staticmethod
    def _back(filter_, mta):
        try:
            while True:
                octets = filter_.recv(65536)
                if not octets:
                    return
                mta.sendall(octets)
        except OSError:
            pass
        finally:
            end(mta)
