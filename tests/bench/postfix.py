#!/usr/bin/python3
"""What a filter costs a Postfix: messages a second by smtp-source, without a
filter, with the floors, with Portreeve.

    postfix.py [--build DIR] [--port PORT] [--messages N] [--rounds N]

DIR is where `make bench-programs` was run.  Run as root: a private Postfix is
started, which listens on 127.0.0.1 at PORT and the ports behind it and throws
all mail away.  See bench.py for the floors.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

import policies
from filters import Bench

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SCRIPT = os.path.join(TOP, "packaging/lib/private-postfix")


def postfix_start(directory, port, filters):
    """One smtpd for each filter, at ports in turn; the first has none."""
    subprocess.run([SCRIPT, "start", directory, str(port), "defer_transports ="],
                   check=True, timeout=60)
    with open(os.path.join(directory, "conf/master.cf"), "a") as master:
        for i, one in enumerate(filters, 1):
            os.chmod(one.socket, 0o666)
            master.write("127.0.0.1:%d inet n - n - 1200 smtpd\n"
                         "    -o smtpd_milters=unix:%s\n" %
                         (port + i, one.socket))
    subprocess.run(["postfix", "-c", os.path.join(directory, "conf"),
                    "reload"], check=True, timeout=30,
                   stderr=subprocess.DEVNULL)


def send(port, messages, sessions):
    """Messages a second."""
    begin = time.monotonic()
    subprocess.run(["smtp-source", "-s", str(sessions), "-m", str(messages),
                    "-l", "2048", "-f", "sender@origin.example", "-t",
                    "recipient@destination.example", "127.0.0.1:%d" % port],
                   check=True, timeout=300)
    return messages / (time.monotonic() - begin)


def run(bench, args):
    filters = [bench.floor("lean"), bench.floor("full"),
               bench.portreeve("rules-100", policies.envelope(100)),
               bench.portreeve("headers-100", policies.headers(100))]
    rates = {name: [] for name in ["no filter"] + [f.name for f in filters]}
    cpu = {f.name: f.cpu() for f in filters}
    directory = os.path.join(bench.work, "postfix")
    try:
        postfix_start(directory, args.port, filters)
        for round_ in range(args.rounds + 1):  # the first one warms up
            for i, name in enumerate(rates):
                rate = send(args.port + i, args.messages, args.sessions)
                if round_ > 0:
                    rates[name].append(rate)
    finally:
        subprocess.run([SCRIPT, "stop", directory], check=True, timeout=60)
    print("%-14s %12s %14s" % ("", "messages/s", "CPU us/message"))
    for name, values in rates.items():
        print("%-14s %12.0f" % (name, statistics.median(values)), end="")
        for one in filters:
            if one.name == name:
                print(" %14.0f" % ((one.cpu() - cpu[name]) * 1e6 /
                                   (args.messages * (args.rounds + 1))),
                      end="")
        print()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default=".", metavar="DIR")
    parser.add_argument("--port", type=int, default=11725)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sessions", type=int, default=16)
    args = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("postfix.py: run this as root, as Postfix has to be started")
    with tempfile.TemporaryDirectory(prefix="bench.", dir="/tmp") as work:
        os.chmod(work, 0o755)
        bench = Bench(args.build, work)
        try:
            run(bench, args)
        finally:
            bench.stop()


if __name__ == "__main__":
    main()
