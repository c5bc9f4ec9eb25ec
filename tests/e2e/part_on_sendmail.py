"""What is Sendmail's own; beside it the parts that run on it as they are."""

from harness import Daemon, Smtp, TEXT, wait_until
from sendmail import Sendmail

# Also for Postfix.
SHARED = ("live", "live_rest", "live_examples", "default_live", "queue",
          "forgery", "hang_up", "vanish")


def part_differences(env):
    """Behind the parts live...: sendmail.differences says nothing superfluous."""
    env.points.same(Sendmail.differences.unused(), [],
                    "each difference from Postfix was met")


def part_client(env):
    """What the policy is told of a client, without any change to the macros
    that sendmail.mc has Sendmail send."""
    points = env.points
    daemon = Daemon(env, """
on mail {
    who: log "name=${client.name} ptr=${client.ptr} is=${client.resolve}"
    at:  log "mta=${mta.name} daemon=${daemon.name} ip=${daemon.ip}"
    as:  log "user=${auth.user} method=${auth.method}"
}
on rcpt {
    to:  log "mailer=${rcpt.mailer} host=${rcpt.host} id=${queue.id}"
}
""", "client")
    mta = env.mta.with_xclient(env, "mta", env.port)
    no_name = "NAME=[UNAVAILABLE]"
    for xclient, wanted in (
            ("NAME=mail.spam.example",
             "name=mail.spam.example ptr=mail.spam.example is=OK"),
            (no_name, "name=- ptr=- is=FAIL"),
            (no_name + " REVERSE_NAME=mail.bank.example",
             "name=- ptr=mail.bank.example is=FORGED"),
            ("NAME=mail.spam.example REVERSE_NAME=mail.bank.example",
             "name=- ptr=mail.bank.example is=FORGED"),
            (no_name, "mta=mx.portreeve.example daemon=MTA ip=127.0.0.1"),
            (no_name + " LOGIN=joe", "user=joe method=PLAIN"),
            # Sendmail writes it in xtext.
            (no_name + " LOGIN=joe+2Btag+40x.example",
             "user=joe+2Btag@x.example method=PLAIN"),
            (no_name, "user=- method=-"),
            (no_name, "mailer=esmtp host=d.example.")):
        at = daemon.mark()
        smtp = Smtp(env.port)
        smtp.say("XCLIENT ADDR=203.0.113.9 " + xclient, "EHLO x.example",
                 "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>")
        smtp.quit()
        points.ok(wait_until(lambda: 'text="%s' % wanted in
                             daemon.text()[at:]),
                  "%s: %s" % (xclient, wanted), daemon.text()[at:])
    mta.stop()
    points.same(mta.complaints(), [], "Sendmail has nothing to complain of")
    points.same(daemon.stop(), 0, "the daemon ends with 0")


def part_lost(env):
    """What Sendmail does not say of what the policy has decided."""
    points = env.points
    daemon = Daemon(env, """
on mail {
    long: reject 550 5.7.1 "x\\n${sender}" if sender.local == "long"
}
on message {
    no:   reject if header("X-Do") is present
}
on unknown {
    worse: reject 554 5.5.9 "no ${command}" if command == "XREJECT"
    later: defer 450 4.5.9 "later" if command == "XDEFER"
    bye:   disconnect if command == "XBYE"
}
""", "lost")
    mta = env.mta(env, "mta", env.port)
    smtp = Smtp(env.port)
    smtp.say("EHLO x.example")
    points.match("^554 5.5.9 no XREJECT$", smtp.say("XREJECT"),
                 "an unknown command: rejected with our reply")
    points.match("^450 4.5.9 later$", smtp.say("XDEFER"),
                 "an unknown command: deferred with our reply")
    points.match("^502 5.5.1 Command not impl", smtp.say("TURN"),
                 "a command that is not implemented is not shown")
    points.match("^500 5.5.1 Command unrecog", smtp.say("BDAT 5 LAST"),
                 "there is no BDAT")
    points.match(r"^550-5\.7\.1 <long@b\.example>\.\.\. x\n"
                 r"550 5\.7\.1 long@b\.example$",
                 smtp.say("MAIL FROM:<long@b.example>"),
                 "the address stands in the first line only")
    smtp.say("RSET")
    points.match("^554 5.7.1", smtp.send("<a@b.example>", ["<c@d.example>"],
                                         "X-Do: reject\n" + TEXT),
                 "a message is rejected")
    points.match("^500 5.5.1 Command unrecog", smtp.say("XREJECT"),
                 "behind it an unknown command is not shown")
    smtp.say("MAIL FROM:<a@b.example>")
    points.match("^554 5.5.9 no XREJECT$", smtp.say("XREJECT"),
                 "but again behind the next MAIL")
    points.match("^421 4.7.0 ", smtp.say("XBYE"),
                 "an unknown command ends the connection")
    points.same(smtp.reply(), "", "so that it is closed")
    smtp.close()

    points.same(daemon.stop(), 0, "the daemon ends with 0")
    smtp = Smtp(env.port)
    points.match("^220 ", smtp.greeting, "without the daemon: a greeting")
    points.match("^451 4.3.2 ", smtp.send("<a@b.example>", ["<c@d.example>"],
                                          TEXT), "and F=T defers at MAIL")
    smtp.quit()
    mta.stop()
