#!/usr/bin/python3
"""What a session costs, beside the least that a filter on libmilter can cost.

    bench.py [--build DIR]            a table of everything, <= 10 minutes
    bench.py --manual [--build DIR]   the same, into portreeve.8.in as well
    bench.py --bars [--build DIR]     what the project promises, and whether
                                      it holds; <= 6 minutes
    bench.py --quick [--build DIR]    a few seconds, to see that it works

DIR is where `make bench-programs` was run.  A floor filter does nothing in
its callbacks: "full" takes every event, "lean" asks for as little as a policy
about the envelope can, "headers" takes the header too.  All of a group run at
the same time and are loaded one after the other, in several rounds, every
second one backwards; ratios are those of one round, and the median of all
rounds counts.
"""

import argparse
import contextlib
import io
import os
import platform
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import callgrind
import policies
from filters import Bench

MEGA = 1024 * 1024
LISTED = {"10^%d" % n: 10 ** n for n in range(3, 7)}
CHUNK = 65535  # octets of a body in one packet


class Measure:
    """Filters loaded in turn."""

    def __init__(self, bench, rounds, seconds):
        self.bench, self.rounds, self.seconds = bench, rounds, seconds

    def __call__(self, filters, **options):
        """Results by the filter's name, one for each round."""
        results = {one.name: [] for one in filters}
        options.setdefault("t", self.seconds)
        for turn in range(self.rounds):
            for one in filters[::-1] if turn % 2 else filters:
                results[one.name].append(self.bench.load(one, **options))
        return results


def median(results, name, key):
    return statistics.median(r[key] for r in results[name])


def ratio(results, name, base, key):
    """The median of the rounds' ratios."""
    return statistics.median(a[key] / b[key] for a, b in
                             zip(results[name], results[base]))


# ---- the table -------------------------------------------------------------

HEADING = ("filter", "conns", "sessions/s", "CPU us", "/ floor", "p50 us",
           "p99 us", "RSS MiB")


def row(*cells):
    print("  %-18s %5s %10s %7s %7s %7s %8s %7s" % cells, flush=True)


def pair(name, value):
    print("  %-18s %6s" % (name, value), flush=True)


def heading(title):
    print("\n%s" % title)
    row(*HEADING)


def rows(results, base, conns, labels=None):
    for name in results:
        row((labels or {}).get(name, name), conns,
            "%.0f" % median(results, name, "sessions_per_second"),
            "%.1f" % median(results, name, "cpu_us"),
            "%.2f" % ratio(results, name, base, "cpu_us"),
            "%.0f" % median(results, name, "p50_us"),
            "%.0f" % median(results, name, "p99_us"),
            "%.1f" % (median(results, name, "rss") / MEGA))


def table_rules(bench, measure, sizes):
    filters = [bench.floor("lean"), bench.floor("full")]
    filters += [bench.portreeve("rules-%d" % n, policies.envelope(n))
                for n in sizes]
    heading("Rules about the envelope; / floor: the lean one")
    rows(measure(filters), "floor-lean", 16)
    bench.stop()


def table_headers(bench, measure, sizes):
    filters = [bench.floor("headers")]
    filters += [bench.portreeve("headers-%d" % n, policies.headers(n))
                for n in sizes]
    heading("Rules, a fifth of them about the header; / floor: with headers")
    rows(measure(filters), "floor-headers", 16)
    bench.stop()


def table_regexes(bench, measure, sizes):
    filters = [bench.floor("lean")]
    filters += [bench.portreeve("regexes-%d" % n, policies.regexes(n))
                for n in sizes]
    heading("Regular expressions on one fact")
    rows(measure(filters), "floor-lean", 16)
    bench.stop()


def list_file(bench, kind, n):
    path = os.path.join(bench.work, "%s-%d" % (kind, n))
    if not os.path.exists(path):
        with open(path, "w") as out:
            out.writelines(line + "\n" for line in policies.list_lines(kind, n))
    return path


def listed(bench, kind, n):
    return bench.portreeve("%s-%d" % (kind, n),
                           policies.listed(kind, list_file(bench, kind, n)))


def table_lists(bench, measure, sizes):
    for kind in policies.LISTS:
        filters = [bench.floor("lean")]
        filters += [listed(bench, kind, n) for n in sizes]
        heading("A list of %s" % kind)
        rows(measure(filters), "floor-lean", 16)
        bench.stop()


def table_connections(bench, measure, counts, idle):
    filters = [bench.floor("lean"),
               bench.portreeve("rules-100", policies.envelope(100))]
    heading("Connections at once, 100 rules")
    for count in counts:
        rows(measure(filters, c=count), "floor-lean", count)
    if idle:
        heading("Beside %d idle connections, 100 rules" % idle)
        rows(measure(filters, i=idle), "floor-lean", 16)
    bench.stop()


def table_bodies(bench, measure, sizes):
    filters = [bench.floor("full"),
               bench.portreeve("envelope", policies.envelope(100)),
               bench.portreeve("limit-25M", policies.size_limit())]
    print("\nMessages by size, 4 connections: octets of the body sent for "
          "each, CPU us")
    for name, octets, n in sizes:
        results = measure(filters, c=4, b=octets, n=n)
        for one in filters:
            print("  %-18s %5s %10.0f %7.0f" % (
                one.name, name, median(results, one.name, "body_octets") / n,
                median(results, one.name, "cpu_us")), flush=True)
    bench.stop()


def table_memory(bench, count):
    print("\nMemory of each of %d idle connections, octets" % count)
    for name, octets in idle_memory(bench, count).items():
        pair(name, "%d" % octets)


def table_loading(bench, sizes):
    print("\nTime to load a policy and to say that it is fine, ms")
    for n in sizes:
        pair("%d rules" % n, "%.1f" % load_ms(bench, n))


def table_instructions(bench, sizes):
    print("\nInstructions to evaluate one RCPT, by rules of mixed kinds")
    if not shutil.which("valgrind"):
        print("  valgrind is not there")
        return
    for n in sizes:
        pair("%d rules" % n,
             "%d" % callgrind.mixed_instructions(bench.build, n))


def idle_memory(bench, count):
    result = {}
    for make in (lambda: bench.floor("lean"),
                 lambda: bench.portreeve("rules-100", policies.envelope(100))):
        one = make()
        bench.load(one, n=2000)
        result[one.name] = bench.idle(one, count)
        bench.stop()
    return result


def load_ms(bench, n):
    conf = bench.policy("load-%d" % n, policies.envelope(n))
    times = []
    for _ in range(15):
        begin = time.monotonic()
        subprocess.run([bench.program("portreeve"), "check", "-c", conf],
                       stdout=subprocess.DEVNULL, check=True)
        times.append((time.monotonic() - begin) * 1e3)
    return statistics.median(times)


def machine():
    with open("/proc/cpuinfo") as info:
        models = [line.split(":", 1)[1].strip() for line in info
                  if line.startswith("model name")]
    return "%s, %d cores, Linux %s" % (models[0] if models else
                                       platform.machine(), os.cpu_count(),
                                       platform.release().split("-")[0])


def table(bench):
    measure = Measure(bench, 3, 1)
    print("%s; %s" % (time.strftime("%Y-%m-%d"), machine()))
    print("A session is one message of 8 header fields and 2 KB to one "
          "recipient.\nCPU us: of the filter for each session, user and "
          "system.")
    table_rules(bench, measure, (0, 10, 100, 1000, 10000))
    table_headers(bench, measure, (10, 100, 1000))
    table_regexes(bench, measure, (10, 100, 1000))
    table_lists(bench, measure, LISTED.values())
    table_connections(bench, measure, (1, 16, 128, 1000, 4000), 5000)
    table_bodies(bench, Measure(bench, 1, 60),
                 (("2 KB", 2048, 5000), ("10 MB", 10 * MEGA, 40),
                  ("50 MB", 50 * MEGA, 20)))
    table_memory(bench, 5000)
    table_loading(bench, (100, 1000, 10000))
    table_instructions(bench, (10, 100, 1000))


def quick(bench):
    """Everything once, and small."""
    measure = Measure(bench, 1, 1)
    table_rules(bench, measure, (100,))
    table_headers(bench, measure, (100,))
    table_connections(bench, measure, (128,), 200)
    table_bodies(bench, measure, (("1 MB", MEGA, 20),))
    table_memory(bench, 200)
    table_loading(bench, (100,))
    table_instructions(bench, (10,))


# ---- the bars --------------------------------------------------------------

class Bars:
    """What was promised, and what was measured."""

    def __init__(self):
        self.missed = 0

    def at_most(self, bar, got, what, form="%.2f"):
        self._row(got <= bar, "<= " + form % bar, form % got, what)

    def at_least(self, bar, got, what, form="%.2f"):
        self._row(got >= bar, ">= " + form % bar, form % got, what)

    def _row(self, good, bar, got, what):
        self.missed += not good
        print("%-6s %8s  %9s  %s" % ("ok" if good else "MISSED", got, bar,
                                     what), flush=True)


def bars_sessions(bench, measure, bars):
    filters = [bench.floor("lean"), bench.floor("full"),
               bench.floor("headers"),
               bench.portreeve("rules-100", policies.envelope(100)),
               bench.portreeve("headers-100", policies.headers(100)),
               bench.portreeve("rules-10", policies.envelope(10)),
               bench.portreeve("rules-10000", policies.envelope(10000))]
    got = measure(filters)
    bars.at_most(1.15, ratio(got, "rules-100", "floor-lean", "cpu_us"),
                 "100 envelope rules: CPU per session / lean floor's")
    bars.at_least(2.2, ratio(got, "rules-100", "floor-full",
                             "sessions_per_second"),
                  "the same: sessions/s / full floor's")
    bars.at_most(1.15, ratio(got, "headers-100", "floor-headers", "cpu_us"),
                 "100 rules, 20 read headers: CPU / floor with headers")
    bars.at_most(1.25, ratio(got, "rules-10000", "rules-10", "cpu_us"),
                 "10,000 rules / 10 rules, CPU per session")
    # In a second the beginning of all sessions at once would be most of it;
    # and with all cores busy, single ratios go from a half to the double.
    often = Measure(bench, 2 * measure.rounds + 1, 3)
    many = often(filters[:1] + filters[3:4], c=1000)
    bars.at_most(1.2, ratio(many, "rules-100", "floor-lean", "p99_us"),
                 "p99 of a reply at 1,000 connections / lean floor's")
    bench.stop()


def bars_lookups(bench, measure, bars):
    got = measure([bench.portreeve("regexes-%d" % n, policies.regexes(n))
                   for n in (10, 1000)])
    bars.at_most(3, ratio(got, "regexes-1000", "regexes-10", "cpu_us"),
                 "1,000 regexes on one fact / 10, CPU per session")
    bench.stop()
    # One in twenty is less than single measurements differ.
    often = Measure(bench, 3 * measure.rounds, measure.seconds)
    for kind in policies.LISTS:
        few, many = 1000, 1000000
        got = often([listed(bench, kind, few), listed(bench, kind, many)])
        bars.at_most(1.05, ratio(got, "%s-%d" % (kind, many),
                                 "%s-%d" % (kind, few), "cpu_us"),
                     "list of 10^6 %s / 10^3, CPU per session" % kind)
        bench.stop()


def bars_bodies(bench, bars):
    envelope = bench.portreeve("envelope", policies.envelope(100))
    got = bench.load(envelope, n=1, c=1, b=50 * MEGA)
    bars.at_most(0, got["body_octets"], "50 MB, envelope policy: body octets "
                 "sent", "%d")
    limit = bench.portreeve("limit-25M", policies.size_limit())
    got = bench.load(limit, n=1, c=1, b=50 * MEGA)
    after = got["refused_at"] - 25 * MEGA
    bars.at_most(CHUNK - 1, after if got["refused_at"] else 50 * MEGA,
                 "50 MB, limit 25 MB: octets sent after the limit", "%d")
    bench.stop()


def bars(bench):
    result = Bars()
    print("%s; %s\n       measured        bar" % (time.strftime("%Y-%m-%d"),
                                                machine()))
    measure = Measure(bench, 5, 1)
    result.at_most(100, load_ms(bench, 10000), "10,000 rules: load, ms", "%d")
    bars_sessions(bench, measure, result)
    bars_lookups(bench, measure, result)
    bars_bodies(bench, result)
    memory = idle_memory(bench, 5000)
    result.at_most(4096, memory["rules-100"] - memory["floor-lean"],
                   "octets per idle connection beyond the floor's", "%d")
    if shutil.which("valgrind"):
        result.at_most(6000, callgrind.mixed_instructions(bench.build),
                       "instructions: one RCPT, 100 rules of mixed kinds",
                       "%d")
    else:
        print("skipped: instructions of one RCPT (valgrind is not there)")
    return result.missed


# ---- the manual ------------------------------------------------------------

MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../packaging/man/portreeve.8.in")


class Tee(io.StringIO):
    """Keeps what is printed, and prints it."""

    def write(self, text):
        sys.__stdout__.write(text)
        return super().write(text)

    def flush(self):
        sys.__stdout__.flush()


def table_into_manual(bench):
    """The display of the section PERFORMANCE is what comes out."""
    with contextlib.redirect_stdout(Tee()) as out:
        table(bench)
    with open(MANUAL) as page:
        text = page.read()
    section = text.index(".Sh PERFORMANCE")
    begin = text.index(".Bd -literal\n", section) + len(".Bd -literal\n")
    end = text.index(".Ed\n", begin)
    with open(MANUAL, "w") as page:
        page.write(text[:begin] + out.getvalue() + text[end:])


# ---- all -------------------------------------------------------------------

def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default=".", metavar="DIR")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--manual", action="store_true")
    mode.add_argument("--quick", action="store_true")
    mode.add_argument("--bars", action="store_true")
    args = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    missed = 0
    with tempfile.TemporaryDirectory(prefix="bench.") as work:
        bench = Bench(args.build, work)
        try:
            if args.quick:
                quick(bench)
            elif args.bars:
                missed = bars(bench)
            elif args.manual:
                table_into_manual(bench)
            else:
                table(bench)
        finally:
            bench.stop()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
