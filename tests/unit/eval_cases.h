/*
 * Cases of test_eval.c: policy, events, what comes of them.
 */
#ifndef EVAL_CASES_H
#define EVAL_CASES_H

/* clang-format off */
static const struct play cases[] = {
	{ "an empty policy passes all",
	  "",
	  "connect a.example 203.0.113.9\nhelo x\nmail <a@b>\nrcpt <c@d>\ndata\neoh\neom\nunknown FOO",
	  "connect pass\nhelo pass\nmail pass\nrcpt pass\ndata pass\n"
	  "message pass\nmessage pass\nunknown pass\n" },

	{ "defaults of reject at every stage",
	  "on connect { c: reject if client.port == 4711 }\n",
	  "connect a 203.0.113.9",
	  "connect reject c 554 5.7.1 refused by local policy\n" },

	{ "codes and texts",
	  "on mail { m: reject 553 5.1.7 \"from ${sender} is ${sender.fault}\" if sender.fault is present }\n"
	  "on rcpt { r: defer \"later\" if rcpt.local == \"slow\"  n: reject 550 \"no\" if rcpt.local == \"no\" }\n",
	  "connect a 203.0.113.9\nmail <a@b..c>\nmail <a@b>\nrcpt <slow@x>\nrcpt <NO@x>\nrcpt <yes@x>",
	  "connect pass\n"
	  "mail reject m 553 5.1.7 from a@b..c is bad-domain\n"
	  "mail pass\n"
	  "rcpt defer r 451 4.7.1 later\n"
	  "rcpt reject n 550 5.7.1 no\n"
	  "rcpt pass\n" },

	{ "late from connect, helo and mail: the earliest speaks",
	  "on connect { c: reject late 550 5.7.1 \"c\" if client.ip == 203.0.113.9 }\n"
	  "on helo { h: defer late \"h\" if helo == \"bad\" }\n"
	  "on mail { m: reject late \"m\" if sender == \"m@x\" }\n"
	  "on rcpt { pm: accept if rcpt.local == \"postmaster\" }",
	  "connect a 203.0.113.9\nhelo bad\nmail <m@x>\nrcpt <a@b>\nrcpt <postmaster@b>\nrcpt <b@b>",
	  "connect kept c 550 5.7.1 c\nhelo kept h 451 4.7.1 h\nmail kept m 550 5.7.1 m\n"
	  "rcpt reject c @connect 550 5.7.1 c\n"
	  "rcpt accept pm\n"
	  "rcpt reject c @connect 550 5.7.1 c\n" },

	{ "late from helo lasts until the next HELO, from mail for the message",
	  "on helo { h: reject late \"h\" if helo == \"bad\" }\n"
	  "on mail { m: reject late \"m\" if sender == \"m@x\" }\n",
	  "connect a 203.0.113.9\nhelo bad\nmail <a@x>\nrcpt <a@b>\nend\nmail <a@x>\nrcpt <a@b>\n"
	  "helo good\nmail <a@x>\nrcpt <a@b>\nmail <m@x>\nrcpt <a@b>\nmail <a@x>\nrcpt <a@b>",
	  "connect pass\nhelo kept h 550 5.7.1 h\nmail pass\nrcpt reject h @helo 550 5.7.1 h\n"
	  "mail pass\nrcpt reject h @helo 550 5.7.1 h\n"
	  "helo pass\nmail pass\nrcpt pass\n"
	  "mail kept m 550 5.7.1 m\nrcpt reject m @mail 550 5.7.1 m\n"
	  "mail pass\nrcpt pass\n" },

	{ "accept at helo and mail does not silence a late verdict, accept message does for one message",
	  "on connect { c: reject late \"c\" if client.ip == 203.0.113.9 }\n"
	  "on mail { all: accept message if sender == \"vip@x\"  one: accept if sender == \"a@x\" }",
	  "connect a 203.0.113.9\nmail <a@x>\nrcpt <a@b>\nend\nmail <vip@x>\nrcpt <a@b>\nrcpt <b@b>\nend\n"
	  "mail <c@x>\nrcpt <a@b>",
	  "connect kept c 550 5.7.1 c\nmail accept one\nrcpt reject c @connect 550 5.7.1 c\n"
	  "mail accept all\nrcpt silent\nrcpt silent\n"
	  "mail pass\nrcpt reject c @connect 550 5.7.1 c\n" },

	{ "accept connection ends all rules",
	  "on connect { c: accept connection if client.ip in { 203.0.113.0/24 } }\n"
	  "on rcpt { no: reject }\n",
	  "connect a 203.0.113.9\nmail <a@x>\nrcpt <a@b>\nend\nhelo y\nmail <a@x>\nrcpt <a@b>",
	  "connect accept c\nmail silent\nrcpt silent\nhelo silent\nmail silent\nrcpt silent\n" },

	{ "the first verdict ends the stage",
	  "on rcpt { a: accept if rcpt.domain == \"d\"  no: reject }\n",
	  "connect a 203.0.113.9\nmail <a@x>\nrcpt <a@d>\nrcpt <a@b>",
	  "connect pass\nmail pass\nrcpt accept a\nrcpt reject no 550 5.7.1 refused by local policy\n" },

	{ "observed refusals are noted and go on; accept acts",
	  "on rcpt { o: observe reject 550 5.7.1 \"o\" if rcpt.local == \"o\"\n"
	  "  d: observe discard if rcpt.local == \"o\"  r: defer \"r\" if rcpt.local == \"o\" }",
	  "connect a 203.0.113.9\nmail <a@x>\nrcpt <o@b>\nrcpt <a@b>",
	  "connect pass\nmail pass\n  would o 550 5.7.1 o\n  would d\nrcpt defer r 451 4.7.1 r\nrcpt pass\n" },

	{ "observe all",
	  "observe all\non connect { l: reject late \"l\" }\n"
	  "on rcpt { a: accept if rcpt.local == \"a\"  r: reject \"r\" }",
	  "connect a 203.0.113.9\nmail <a@x>\nrcpt <o@b>\nrcpt <a@b>",
	  "  would l 550 5.7.1 l\nconnect pass\nmail pass\n  would r 550 5.7.1 r\nrcpt pass\nrcpt accept a\n" },

	{ "tags last as late verdicts do",
	  "on connect { tag c if client.ip == 203.0.113.9 }\n"
	  "on helo { tag h if helo == \"bad\" }\n"
	  "on mail { tag m if sender == \"m@x\" }\n"
	  "on rcpt { a: reject \"chm\" if tagged c and tagged h and tagged m\n"
	  "          b: reject \"ch\" if tagged c and tagged h  d: reject \"c\" if tagged c }",
	  "connect a 203.0.113.9\nhelo bad\nmail <m@x>\nrcpt <a@b>\nend\nmail <n@x>\nrcpt <a@b>\nhelo good\nmail <n@x>\nrcpt <a@b>",
	  "connect pass\nhelo pass\nmail pass\nrcpt reject a 550 5.7.1 chm\n"
	  "mail pass\nrcpt reject b 550 5.7.1 ch\nhelo pass\nmail pass\nrcpt reject d 550 5.7.1 c\n" },

	{ "scores add up and end with their scope",
	  "on helo { score 3 if helo == \"bad\" }\n"
	  "on mail { score 2  score -1 if sender is null }\n"
	  "on rcpt { r: reject \"${score}\" if score >= 5  log \"${score}\" }",
	  "connect a 203.0.113.9\nhelo bad\nmail <m@x>\nrcpt <a@b>\nmail <>\nrcpt <a@b>\nhelo good\nmail <a@b>\nrcpt <a@b>",
	  "connect pass\nhelo pass\nmail pass\nrcpt reject r 550 5.7.1 5\n"
	  "mail pass\n  log test.conf:3 4\nrcpt pass\nhelo pass\nmail pass\n  log test.conf:3 2\nrcpt pass\n" },

	{ "when, else when, else",
	  "on rcpt { when rcpt.local == \"a\" { a: reject \"a\" if rcpt.domain == \"x\" }\n"
	  "  else when rcpt.local == \"b\" { b: reject \"b\" }\n"
	  "  else { when rcpt.domain == \"y\" { c: defer \"c\" } else { d: defer \"d\" } } }",
	  "connect a 203.0.113.9\nmail <m@x>\nrcpt <a@x>\nrcpt <a@y>\nrcpt <b@x>\nrcpt <c@y>\nrcpt <c@x>",
	  "connect pass\nmail pass\nrcpt reject a 550 5.7.1 a\nrcpt pass\nrcpt reject b 550 5.7.1 b\n"
	  "rcpt defer c 451 4.7.1 c\nrcpt defer d 451 4.7.1 d\n" },

	{ "a when condition is evaluated once, on entry",
	  "on rcpt { when not tagged t { tag t  r: reject \"r\" if rcpt.local == \"a\" } }",
	  "connect a 203.0.113.9\nmail <m@x>\nrcpt <a@x>\nrcpt <a@x>",
	  "connect pass\nmail pass\nrcpt reject r 550 5.7.1 r\nrcpt pass\n" },

	{ "let, unless, not, and, or",
	  "let ours = rcpt.domain in { example.org .example.org }\n"
	  "let mine = sender.domain == \"example.org\" or sender is null and ours\n"
	  "on rcpt { r: reject unless ours or mine  s: defer if not (mine) }",
	  "connect a 203.0.113.9\nmail <>\nrcpt <a@example.org>\nrcpt <a@x.Example.ORG>\nrcpt <a@x>\n"
	  "mail <a@x>\nrcpt <a@example.org>",
	  "connect pass\nmail pass\nrcpt pass\nrcpt pass\nrcpt reject r 550 5.7.1 refused by local policy\n"
	  "mail pass\nrcpt defer s 451 4.7.1 refused for now by local policy, try again later\n" },

	{ "an absent fact makes every positive test false, and negated ones true",
	  "on mail { a: log \"in\" if sender.domain in { x }\n"
	  "  b: log \"not in\" if sender.domain not in { x }\n"
	  "  c: log \"eq\" if sender.domain == \"x\"\n"
	  "  d: log \"ne\" if sender.domain != \"x\"\n"
	  "  e: log \"lt\" if mail.size < 5\n"
	  "  f: log \"ge\" if mail.size >= 5\n"
	  "  g: log \"absent\" if mail.size is absent\n"
	  "  h: log \"${sender.domain} ${mail.size} <${sender}>\" }",
	  "connect a 203.0.113.9\nmail <>",
	  "connect pass\n  log b not in\n  log d ne\n  log g absent\n  log h - - <>\nmail pass\n" },

	{ "is KIND",
	  "on helo { log \"valid\" if helo is valid  log \"ip\" if helo is ip  log \"literal\" if helo is literal\n"
	  "  log \"fqdn\" if helo is fqdn  log \"ascii\" if helo is ascii  log \"${helo.ip}\" if helo.ip is present }",
	  "connect a 203.0.113.9\nhelo mx.example\nhelo localhost\nhelo 192.0.2.1\nhelo [192.0.2.1]\nhelo [IPv6:2001:db8::1]\nhelo a_b",
	  "connect pass\n"
	  "  log test.conf:1 valid\n  log test.conf:2 fqdn\n  log test.conf:2 ascii\nhelo pass\n"
	  "  log test.conf:1 valid\n  log test.conf:2 ascii\nhelo pass\n"
	  "  log test.conf:1 ip\n  log test.conf:2 ascii\n  log test.conf:2 192.0.2.1\nhelo pass\n"
	  "  log test.conf:1 valid\n  log test.conf:1 literal\n  log test.conf:2 ascii\n  log test.conf:2 192.0.2.1\nhelo pass\n"
	  "  log test.conf:1 valid\n  log test.conf:1 literal\n  log test.conf:2 ascii\n  log test.conf:2 2001:db8::1\nhelo pass\n"
	  "  log test.conf:2 ascii\nhelo pass\n" },

	{ "recipients: counts, tried, any and all",
	  "on rcpt { many: reject \"${recipients.count}/${recipients.tried}\" if recipients.count > 2 }\n"
	  "on data { any: log \"found ${recipient}\" if any recipient.domain == \"y\"\n"
	  "  all: log \"all x\" if all recipient.domain == \"x\"\n"
	  "  cond: log \"cond\" if any recipient (recipient.local == \"b\" and recipient.domain == \"y\") }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\nrefused\nrcpt <b@y>\nrcpt <c@z>\nrcpt <d@z>\ndata\n"
	  "mail <a@b>\ndata\nrcpt <a@x>\ndata",
	  "connect pass\nmail pass\nrcpt pass\nrcpt pass\nrcpt reject many 550 5.7.1 3/4\nrcpt reject many 550 5.7.1 3/5\n"
	  "  log any found b@y\n  log cond cond\ndata pass\n"
	  "mail pass\ndata pass\nrcpt pass\n  log all all x\ndata pass\n" },

	{ "a header rule is decided at the end of headers",
	  "on message { n: reject 554 5.6.0 \"no Date\" if header(\"Date\") is absent }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\ndata\nheader From: x\neoh\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\nheader date: x\neoh\nbody 10\neom",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\nmessage reject n 554 5.6.0 no Date\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pass\nmessage pass\nmessage pass\n" },

	{ "header values: first, count, folds, any",
	  "on message { log \"${header(\"Subject\")}\"  log \"n=${header(\"Received\").count}\"\n"
	  "  loop: reject \"loop\" if any header(\"Received\") matches /by loop/ }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\ndata\nheader Subject:  a|\tb \nheader RECEIVED: x\nheader Received: by loop\neoh",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\n  log test.conf:1 a?b\n  log test.conf:1 n=2\nmessage reject loop 554 5.7.1 loop\n" },

	{ "header values are decoded, header-raw is not",
	  "on message { a: log \"dec\" if header(\"Subject\") matches /^Gr\\xc3\\xbc/\n"
	  "  b: log \"raw\" if header-raw(\"Subject\") matches /^=.utf-8/  c: log \"any\" if any header(\"Subject\") matches /zwei$/ }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\ndata\nheader Subject: =?utf-8?Q?Gr=C3=BC?=|\t=?utf-8?Q?n?=\nheader Subject: =?us-ascii?B?endlaQ==?=\neoh",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\n  log a dec\n  log b raw\n  log c any\nmessage pass\n" },

	{ "message.size: declared at mail and rcpt, counted at message, as soon as the bound is passed",
	  "on mail, message { big: reject 552 5.3.4 \"big ${message.size}\" if message.size > 100 }",
	  "connect a 203.0.113.9\nmail <a@b> SIZE=101\nmail <a@b> SIZE=100\nrcpt <a@x>\ndata\nheader A: b\neoh\n"
	  "body 50\nbody 100\nmail <a@b>\nrcpt <a@x>\ndata\nheader A: b\neoh\nbody 92\neom\nmail <a@b>\nrcpt <a@x>\ndata\nheader A: b\neoh\nbody 91\neom",
	  "connect pass\nmail reject big 552 5.3.4 big 101\nmail pass\nrcpt pass\ndata pass\nmessage pending\n"
	  "message pending\nmessage reject big 552 5.3.4 big 158\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pass\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pass\n" },

	{ "a client that declares less than it sends is seen, as soon as it does",
	  "on message { less: reject \"${mail.size} < ${message.size}\" if mail.size < message.size }",
	  "connect a 203.0.113.9\nmail <a@b> SIZE=100\nrcpt <a@x>\ndata\nheader A: b\neoh\nbody 92\nbody 1\n"
	  "mail <a@b> SIZE=100\nrcpt <a@x>\ndata\nheader A: b\neoh\nbody 92\neom\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\nheader A: b\neoh\nbody 1000\neom",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\n"
	  "message reject less 554 5.7.1 100 < 101\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pass\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pass\nmessage pass\nmessage pass\n" },

	{ "the longest line: as soon as it is, over pieces and over header and body",
	  "on message { long: reject \"${message.longest-line}\" if message.longest-line > 10 }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\ndata\nheader A: 12345678\neoh\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\nheader A: b|\t1234567890\neoh\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\nheader A: b\neoh\npiece 12345\npiece 67890^M\npiece ^J12345\npiece 678901\neom\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\nheader A: b\neoh\npiece 1234567890^M^J1\neom",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\nmessage reject long 554 5.7.1 11\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage reject long 554 5.7.1 11\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pending\nmessage pending\nmessage reject long 554 5.7.1 11\nmessage pass\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pass\n" },

	{ "octets that break mail: as soon as they are seen, or at the end",
	  "on message { nul: reject \"nul\" if message.nul  cr: reject \"cr\" if message.bare-cr  lf: reject \"lf\" if message.bare-lf\n"
	  "  clean: log \"clean\" if not message.nul and not message.bare-cr and not message.bare-lf }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\ndata\neoh\npiece a^@b\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\neoh\npiece a^M\npiece b\neom\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\neoh\npiece a^Jb\neom\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\neoh\npiece a^M\npiece ^Jb^M\neom\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\neoh\npiece a^M\npiece ^Jb^M^J\neom",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\nmessage pending\nmessage reject nul 554 5.7.1 nul\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pending\nmessage reject cr 554 5.7.1 cr\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage reject lf 554 5.7.1 lf\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pending\nmessage reject cr 554 5.7.1 cr\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pending\n  log clean clean\nmessage pass\n" },

	{ "8-bit without 8BITMIME, in the header and in the body",
	  "on message { head: reject \"header\" if headers.eight-bit and not mail.smtputf8\n"
	  "  body: reject \"body ${message.eight-bit}\" if message.eight-bit and mail.body != \"8BITMIME\" }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\ndata\nheader A: \xc3\xa4\neoh\n"
	  "mail <a@b> SMTPUTF8 BODY=8BITMIME\nrcpt <a@x>\ndata\nheader A: \xc3\xa4\neoh\npiece ^8\neom\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\nheader A: b\neoh\npiece 12345678\npiece ^8\n"
	  "mail <a@b> BODY=8BITMIME\nrcpt <a@x>\ndata\nheader A: b\neoh\npiece ^8\neom\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\nheader A: b\neoh\npiece x\neom",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\nmessage reject head 554 5.7.1 header\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pass\nmessage pass\nmessage pass\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage reject body 554 5.7.1 body true\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pass\nmessage pass\nmessage pass\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pass\n" },

	{ "a rule behind a pending one waits, effects happen once",
	  "on message { log \"one\"  big: reject \"big\" if message.size > 100\n"
	  "  small: observe reject \"small\" if message.size < 50  x: reject \"x\" if header(\"X\") == \"y\" }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\ndata\nheader X: y\neoh\nbody 10\neom\nmail <a@b>\nrcpt <a@x>\ndata\nheader X: n\neoh\nbody 60\neom",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\n  log test.conf:1 one\nmessage pending\nmessage pending\n"
	  "  would small 554 5.7.1 small\nmessage reject x 554 5.7.1 x\n"
	  "mail pass\nrcpt pass\ndata pass\n  log test.conf:1 one\nmessage pending\nmessage pending\nmessage pass\n" },

	{ "a text with the size waits for the size, unless the size so far is the reason",
	  "on message { log \"at ${message.size}\"  big: reject \"${message.size}\" if message.size > 100 }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@x>\ndata\nheader X: y\neoh\nbody 10\nbody 20\neom\n"
	  "mail <a@b>\nrcpt <a@x>\ndata\nheader X: y\neoh\nbody 200\neom",
	  "connect pass\nmail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\nmessage pending\n"
	  "  log test.conf:1 at 38\nmessage pass\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage pending\nmessage pending\n"
	  "  log test.conf:1 at 208\nmessage reject big 554 5.7.1 208\n" },

	{ "discard and quarantine",
	  "on rcpt { d: discard if rcpt.local == \"trap\" }\n"
	  "on message { q: quarantine \"because ${sender}\" if header(\"X\") is present  r: reject \"r\" if header(\"Y\") is present }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <trap@x>\nrcpt <b@x>\nend\nmail <a@b>\nrcpt <b@x>\ndata\nheader X: 1\neoh\neom",
	  "connect pass\nmail pass\nrcpt discard d\nrcpt silent\n"
	  "mail pass\nrcpt pass\ndata pass\n  quarantine q because a@b\nmessage pass\nmessage pass\n" },

	{ "disconnect",
	  "on unknown { u: disconnect \"enough\" if session.unknowns > 2 }",
	  "connect a 203.0.113.9\nunknown A\nunknown B\nunknown C",
	  "connect pass\nunknown pass\nunknown pass\nunknown disconnect u 421 4.7.0 enough\n" },

	{ "session counters",
	  "on mail { m: defer \"${session.messages} ${session.rejects}\" if session.messages > 2 or session.rejects > 1 }\n"
	  "on rcpt { r: reject if rcpt.local == \"no\" }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <no@b>\nmail <a@b>\nmail <a@b>\nmail <a@b>",
	  "connect pass\nmail pass\nrcpt reject r 550 5.7.1 refused by local policy\nmail pass\n"
	  "mail defer m 451 4.7.1 3 1\nmail defer m 451 4.7.1 3 2\n" },

	{ "macros: asked when read, absent when not sent",
	  "on connect { p: log \"${client.ptr} ${daemon.ip} ${daemon.port}\"  x: log \"x\" if macro(\"custom\") == \"Yes\"  y: log \"none\" if macro(\"{other}\") is absent }\n"
	  "on mail { a: log \"${auth.user}\" if auth.user is present }",
	  "macro {client_ptr} Host.Example.\nmacro {daemon_addr} IPv6:2001:db8::25\nmacro {daemon_port} 25\nmacro {custom} yes\n"
	  "connect a 203.0.113.9\nmacro {auth_authen} joe\nmail <a@b>",
	  "  log p host.example 2001:db8::25 25\n  log x x\n  log y none\nconnect pass\n  log a joe\nmail pass\n" },

	{ "addresses compare in normal form",
	  "addresses bad = { joe@example.org @evil.example user@ @.sub.example }\n"
	  "on rcpt { r: reject \"${rcpt} ${rcpt.raw}\" if rcpt in bad  e: defer if rcpt == \"JANE@Example.Org\" }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <\"j\\oe\"@EXAMPLE.org>\nrcpt <@a,@b:x@evil.example>\nrcpt <user@anywhere>\n"
	  "rcpt <x@a.sub.example>\nrcpt <x@sub.example>\nrcpt jane@example.org.\nrcpt <Postmaster>",
	  "connect pass\nmail pass\nrcpt reject r 550 5.7.1 joe@example.org <\"j\\oe\"@EXAMPLE.org>\n"
	  "rcpt reject r 550 5.7.1 x@evil.example <@a,@b:x@evil.example>\n"
	  "rcpt reject r 550 5.7.1 user@anywhere <user@anywhere>\n"
	  "rcpt reject r 550 5.7.1 x@a.sub.example <x@a.sub.example>\nrcpt pass\n"
	  "rcpt defer e 451 4.7.1 refused for now by local policy, try again later\nrcpt pass\n" },

	{ "maps: domain and address look-up orders, default",
	  "map quota = { example.org 10M .example.org 5M } default 1M\n"
	  "map size = { a@x 1 x 2 .org 3 a@ 4 }\n"
	  "on mail { q: log \"${quota[sender.domain]} ${size[sender]}\" }",
	  "connect a 203.0.113.9\nmail <a@example.org>\nmail <b@sub.example.org>\nmail <a@x>\nmail <b@x>\nmail <a@y.net>\nmail <>",
	  "connect pass\n  log q 10485760 3\nmail pass\n  log q 5242880 3\nmail pass\n  log q 1048576 1\nmail pass\n"
	  "  log q 1048576 2\nmail pass\n  log q 1048576 4\nmail pass\n  log q 1048576 -\nmail pass\n" },

	{ "map of lists",
	  "map may of addresses = { joe \"joe@example.org, @x.example\" }\n"
	  "on mail { r: reject \"r\" if sender not in may[auth.user] and auth.user is present }",
	  "connect a 203.0.113.9\nmacro {auth_authen} JOE\nmail <joe@example.org>\nmail <a@x.example>\nmail <a@b>",
	  "connect pass\nmail pass\nmail pass\nmail reject r 550 5.7.1 r\n" },

	{ "map of lists with a default",
	  "map may of domains = { joe example.org } default \".example.net\"\n"
	  "on mail { r: reject \"r\" if sender.domain not in may[auth.user] }",
	  "connect a 203.0.113.9\nmacro {auth_authen} joe\nmail <joe@example.org>\nmail <a@x.example.net>\n"
	  "macro {auth_authen} jim\nmail <joe@example.org>\nmail <a@x.example.net>",
	  "connect pass\nmail pass\nmail reject r 550 5.7.1 r\nmail reject r 550 5.7.1 r\nmail pass\n" },

	{ "arithmetic saturates",
	  "on mail { a: log \"${mail.size + 10} ${mail.size * 2 - 1}\"  b: reject if mail.size * 9000000000000000000 < 0 }",
	  "connect a 203.0.113.9\nmail <a@b> SIZE=5\nmail <a@b>",
	  "connect pass\n  log a 15 9\nmail pass\n  log a - -\nmail pass\n" },

	{ "an unknown test takes the on-error verdict; effects and observed rules are left out",
	  "on error defer 451 4.3.0 \"busy\"\n"
	  "on mail { log \"x\" if sender.local matches /^(a+)+$/  o: observe reject if sender.local matches /^(a+)+$/\n"
	  "  ok: log \"or\" if sender.local matches /^(a+)+$/ or sender.domain == \"b\"\n"
	  "  r: accept if sender.local matches /^(a+)+$/ }",
	  "connect a 203.0.113.9\nmail <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@b>",
	  "connect pass\n"
	  "  skipped test.conf:2 could not be told: sender.local matches /^(a+)+$/\n"
	  "  skipped o could not be told: sender.local matches /^(a+)+$/\n"
	  "  log ok or\n"
	  "mail defer r 451 4.3.0 busy (could not be told: sender.local matches /^(a+)+$/)\n" },

	{ "on error accept fails open",
	  "on error accept\non mail { r: reject if sender.local matches /^(a+)+$/  s: defer }",
	  "connect a 203.0.113.9\nmail <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@b>",
	  "connect pass\nmail accept r (could not be told: sender.local matches /^(a+)+$/)\n" },

	{ "now",
	  "on connect { log \"${now.time} ${now.weekday} ${now.date}\"\n"
	  "  a: reject \"a\" if now.time >= 22:00 or now.time < 06:00  b: reject \"b\" if now.weekday in { \"sat\" \"sun\" } and now.date == 2026-11-22 }",
	  "connect a 203.0.113.9",
	  "  log test.conf:1 10:00 sun 2026-11-22\nconnect reject b 554 5.7.1 b\n" },

	{ "texts are made safe and cut",
	  "on unknown { u: reject \"got ${command}\" }",
	  "connect a 203.0.113.9\nunknown a\tb\x81" "c",
	  "connect pass\nunknown reject u 500 5.5.2 got a?b?c\n" },

	{ "a client without name and address",
	  "on connect { log \"${client.ip} ${client.name}\"  r: reject if client.ip in { 0.0.0.0/0 ::/0 } }",
	  "connect unknown local\nconnect [192.0.2.1] 192.0.2.1",
	  "  log test.conf:1 - -\nconnect pass\n  log test.conf:1 192.0.2.1 -\nconnect reject r 554 5.7.1 refused by local policy\n" },

	{ "facts of the last accepted recipient at data",
	  "on rcpt { no: reject if rcpt.local == \"no\" }\non data { log \"${rcpt}\" }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <yes@x>\nrcpt <no@x>\ndata",
	  "connect pass\nmail pass\nrcpt pass\nrcpt reject no 550 5.7.1 refused by local policy\n  log test.conf:2 yes@x\ndata pass\n" },

	{ "SMTPUTF8 and U-labels",
	  "domains bad = { b\xc3\xbc" "cher.example }\non mail { r: reject \"${sender}\" if sender.domain in bad }",
	  "connect a 203.0.113.9\nmail <a@b\xc3\x9c" "cher.example> SMTPUTF8\nmail <a@xn--bcher-kva.example>",
	  "connect pass\nmail reject r 550 5.7.1 a@xn--bcher-kva.example\nmail reject r 550 5.7.1 a@xn--bcher-kva.example\n" },

	{ "on error accept under observe all still acts",
	  "observe all\non error accept\non mail { a: accept if sender.local matches /^(a+)+$/  r: reject \"r\" }",
	  "connect a 203.0.113.9\nmail <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@b>",
	  "connect pass\nmail accept a (could not be told: sender.local matches /^(a+)+$/)\n" },

	{ "observe all refuses nothing, an exemption that cannot be told included",
	  "observe all\non mail { a: accept if sender.local matches /^(a+)+$/  r: reject \"r\" }",
	  "connect a 203.0.113.9\nmail <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@b>",
	  "connect pass\n  skipped a could not be told: sender.local matches /^(a+)+$/\n  would r 550 5.7.1 r\nmail pass\n" },

	{ "unknown in not, and, or, let, when, any and all",
	  "let slow = sender.local matches /^(a+)+$/\n"
	  "on mail { a: log \"not\" if not slow  b: log \"and\" if slow and sender is null\n"
	  "  c: log \"or\" if slow or sender is not null  d: log \"xor\" if slow and sender is not null\n"
	  "  when slow { w: log \"w\"  when sender is null { n: log \"n\" } } else { e: log \"e\" } }\n"
	  "on data { any: log \"any\" if any recipient.local matches /^(a+)+$/\n"
	  "  all: log \"all\" if all recipient.local matches /^(a+)+$/  x: reject if any recipient.local matches /^(a+)+$/ }",
	  "connect a 203.0.113.9\nmail <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@b>\nrcpt <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@b>\nrcpt <b@x>\ndata\nrcpt <a@x>\ndata",
	  "connect pass\n  skipped a could not be told: slow\n  log c or\n  skipped d could not be told: slow\n"
	  "  skipped w could not be told: slow\n  skipped e could not be told: not (slow)\nmail pass\nrcpt pass\nrcpt pass\n"
	  "  skipped any could not be told: recipient.local matches /^(a+)+$/\n"
	  "data defer x 451 4.3.0 refused for now by local policy, try again later (could not be told: recipient.local matches /^(a+)+$/)\n"
	  "rcpt pass\n  log any any\ndata reject x 550 5.7.1 refused by local policy\n" },

	{ "on error reject, and of a late rule it stays late",
	  "on error reject 554 5.3.0 \"no\"\non mail { l: reject late \"l\" if sender.local matches /^(a+)+$/ }\n"
	  "on rcpt { pm: accept if rcpt.local == \"postmaster\" }",
	  "connect a 203.0.113.9\nmail <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@b>\nrcpt <b@x>\nrcpt <postmaster>",
	  "connect pass\nmail kept l 554 5.3.0 no (could not be told: sender.local matches /^(a+)+$/)\n"
	  "rcpt reject l @mail 554 5.3.0 no (could not be told: sender.local matches /^(a+)+$/)\nrcpt accept pm\n" },

	{ "accept message from rcpt, data and message on; it silences what is late",
	  "on helo { l: reject late \"l\" if helo == \"bad\" }\n"
	  "on rcpt { a: accept message if rcpt.local == \"a\"  p: accept if rcpt.local == \"p\" }\n"
	  "on data { b: accept message if any recipient.local == \"p\" }\n"
	  "on message { c: accept message if header(\"C\") is present  r: reject \"r\" }",
	  "connect a 203.0.113.9\nhelo bad\nmail <x@y>\nrcpt <b@x>\nrcpt <a@x>\nrcpt <b@x>\ndata\neom\nend\n"
	  "mail <x@y>\nrcpt <b@x>\nrcpt <p@x>\nrcpt <b@x>\ndata\neom\nend\n"
	  "helo good\nmail <x@y>\nrcpt <b@x>\ndata\nheader C: 1\neoh\neom\nend\nmail <x@y>\nrcpt <b@x>\ndata\nheader D: 1\neoh",
	  "connect pass\nhelo kept l 550 5.7.1 l\nmail pass\nrcpt reject l @helo 550 5.7.1 l\nrcpt accept a\nrcpt silent\n"
	  "data silent\nmessage silent\n"
	  "mail pass\nrcpt reject l @helo 550 5.7.1 l\nrcpt accept p\nrcpt reject l @helo 550 5.7.1 l\ndata accept b\nmessage silent\n"
	  "helo pass\nmail pass\nrcpt pass\ndata pass\nmessage accept c\nmessage silent\n"
	  "mail pass\nrcpt pass\ndata pass\nmessage reject r 554 5.7.1 r\n" },

	{ "accept connection later than connect: for good, and so for what is late",
	  "on connect { l: reject late \"l\" }\non rcpt { a: accept connection if rcpt.local == \"a\" }\non unknown { u: reject \"u\" }",
	  "connect a 203.0.113.9\nunknown X\nmail <x@y>\nrcpt <b@x>\nrcpt <a@x>\nrcpt <b@x>\nend\nhelo z\nmail <x@y>\nrcpt <b@x>\nunknown X",
	  "connect kept l 550 5.7.1 l\nunknown reject u 500 5.5.2 u\nmail pass\nrcpt reject l @connect 550 5.7.1 l\nrcpt accept a\nrcpt silent\n"
	  "helo silent\nmail silent\nrcpt silent\nunknown silent\n" },

	{ "an observed verdict or a quarantine at rcpt exempts nobody from what is late",
	  "on mail { l: defer late \"l\" }\non rcpt { o: observe reject \"o\" if rcpt.local == \"o\"  q: quarantine \"q\" if rcpt.local == \"q\" }",
	  "connect a 203.0.113.9\nmail <x@y>\nrcpt <o@x>\nrcpt <q@x>",
	  "connect pass\nmail kept l 451 4.7.1 l\n  would o 550 5.7.1 o\nrcpt defer l @mail 451 4.7.1 l\n"
	  "  quarantine q q\nrcpt defer l @mail 451 4.7.1 l\n" },

	{ "a recipient refused late is tried, not counted, and a refusal of the session",
	  "on connect { l: reject late \"${client.ip}\" }\n"
	  "on rcpt { a: accept if rcpt.local == \"a\"  log \"${recipients.count}/${recipients.tried} ${session.rejects}\" }",
	  "connect a 203.0.113.9\nmail <x@y>\nrcpt <b@x>\nrcpt <a@x>\nrcpt <b@x>",
	  "connect kept l 550 5.7.1 203.0.113.9\nmail pass\n  log test.conf:2 1/1 0\nrcpt reject l @connect 550 5.7.1 203.0.113.9\n"
	  "rcpt accept a\n  log test.conf:2 2/3 1\nrcpt reject l @connect 550 5.7.1 203.0.113.9\n" },

	{ "observe before each refusal, and the reply that it would have been",
	  "on mail { a: observe reject late \"a\"  b: observe defer late \"b\"  c: observe disconnect \"c\"  d: observe discard  e: observe quarantine \"e ${sender}\" }\n"
	  "on rcpt { log \"on\" }",
	  "connect a 203.0.113.9\nmail <x@y>\nrcpt <b@x>",
	  "connect pass\n  would a 550 5.7.1 a\n  would b 451 4.7.1 b\n  would c 421 4.7.0 c\n  would d\n  would e e x@y\nmail pass\n"
	  "  log test.conf:2 on\nrcpt pass\n" },

	{ "defaults at every stage; a code alone gets its usual enhanced code",
	  "on connect { a: defer if client.port == 1  c: reject late if client.port == 2  x: log \"x\" }\n"
	  "on helo { h: reject if helo == \"r\"  i: defer if helo == \"d\"  j: reject 501 \"j\" if helo == \"c\" }\n"
	  "on mail { m: reject if sender.local == \"r\"  n: defer if sender.local == \"d\"  o: reject 552 \"o\" if sender.local == \"c\" }\n"
	  "on data { d: reject if nobody  }\n"
	  "let nobody = recipients.count == 0\n"
	  "on unknown { u: defer if command == \"D\"  v: reject }",
	  "connect a 203.0.113.9\nhelo r\nhelo d\nhelo c\nmail <r@x>\nmail <d@x>\nmail <c@x>\ndata\nunknown D\nunknown R",
	  "  log x x\nconnect pass\nhelo reject h 550 5.7.1 refused by local policy\n"
	  "helo defer i 451 4.7.1 refused for now by local policy, try again later\nhelo reject j 501 5.5.2 j\n"
	  "mail reject m 550 5.7.1 refused by local policy\nmail defer n 451 4.7.1 refused for now by local policy, try again later\n"
	  "mail reject o 552 5.3.4 o\ndata reject d 550 5.7.1 refused by local policy\n"
	  "unknown defer u 451 4.7.1 refused for now by local policy, try again later\nunknown reject v 500 5.5.2 command not recognized\n" },

	{ "tags and scores of unknown commands last for the connection",
	  "on unknown { tag odd  score 2 }\non rcpt { r: reject \"${score}\" if tagged odd and score >= 4 }",
	  "connect a 203.0.113.9\nunknown X\nhelo x\nmail <x@y>\nrcpt <b@x>\nend\nunknown Y\nmail <x@y>\nrcpt <b@x>",
	  "connect pass\nunknown pass\nhelo pass\nmail pass\nrcpt pass\nunknown pass\nmail pass\nrcpt reject r 550 5.7.1 4\n" },

	{ "TLS facts are read again after STARTTLS",
	  "on helo, mail { log \"${tls.version} ${tls.bits}\" }",
	  "connect a 203.0.113.9\nhelo x\nmacro {tls_version} TLSv1.3\nmacro {cipher_bits} 256\nhelo x\nmail <x@y>",
	  "connect pass\n  log test.conf:1 - -\nhelo pass\n  log test.conf:1 TLSv1.3 256\nhelo pass\n  log test.conf:1 TLSv1.3 256\nmail pass\n" },

	{ "a string is compared in the form of the domain or address beside it",
	  "on connect { log \"${client.name}\" if client.name == macro(\"n\") }\n"
	  "on mail { s: log \"s\" if sender == auth.user  t: log \"t\" if auth.user == sender  n: log \"n\" if sender != auth.user\n"
	  "  d: log \"d\" if macro(\"n\") == sender.domain  a: log \"a\" if macro(\"none\") == sender.domain }",
	  "macro n B\xc3\x9c" "cher.example.\nmacro {auth_authen} \"j\\oe\"@xn--bcher-kva.Example\n"
	  "connect b\xc3\xbc" "cher.example 203.0.113.9\nmail <Joe@b\xc3\xbc" "cher.example> SMTPUTF8\nmail <jo@b\xc3\xbc" "cher.example> SMTPUTF8",
	  "  log test.conf:1 xn--bcher-kva.example\nconnect pass\n  log s s\n  log t t\n  log d d\nmail pass\n  log n n\n  log d d\nmail pass\n" },

	{ "the MTA's transport at data is that of the last accepted recipient, not of one refused behind it",
	  "on rcpt { r: reject \"${rcpt.host}\" if rcpt.mailer == \"b\" }\non data { log \"${rcpt.mailer} ${rcpt.host}\" }",
	  "connect a 203.0.113.9\nmacro {rcpt_mailer} a\nmacro {rcpt_host} h1\nmail <x@y>\nrcpt <a@x>\n"
	  "macro {rcpt_mailer} b\nmacro {rcpt_host} h2\nrcpt <b@x>\ndata",
	  "connect pass\nmail pass\nrcpt pass\nrcpt reject r 550 5.7.1 h2\n  log test.conf:2 a h1\ndata pass\n" },

	{ "values are cut at 128 octets, the line at 512 with its code",
	  "on unknown { u: reject \"${command}|${command}|${command}|${command}|${command}\" }",
	  "connect a 203.0.113.9\nunknown xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	  "connect pass\nunknown reject u 500 5.5.2 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" },

	{ "a let that reads a tag is told by the first rule that asks it, whether that is found by its fact or not",
	  "let marked = tagged t\n"
	  "on rcpt {\n"
	  "  a: reject \"a\" if marked and sender == \"a@x\"\n"
	  "  b: reject \"b\" if sender == \"b@x\"\n"
	  "  t: tag t\n"
	  "  c: reject \"c\" if marked\n"
	  "}\n",
	  "connect a 203.0.113.9\nmail <z@x>\nrcpt <a@b>\nrcpt <a@b>",
	  "connect pass\nmail pass\nrcpt pass\nrcpt reject c 550 5.7.1 c\n" },

	{ "what could not be told is named alike, whoever asks first, and only where it matters",
	  "let slow = sender.local matches /^(a+)+$/\n"
	  "on mail {\n"
	  "  x: log \"x\" if slow and client.port == 1\n"
	  "  y: log \"y\" if slow\n"
	  "  z: log \"z\" if (sender.local matches /^(a+)+$/ or client.port == 4711) and sender.local matches /^(b?a+)+$/\n"
	  "  w: log \"w\" if sender.local matches /^(a+)+$/ and sender.local not matches /^(b?a+)+$/\n"
	  "}\n",
	  "connect a 203.0.113.9\nmail <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@b>",
	  "connect pass\n  skipped y could not be told: slow\n"
	  "  skipped z could not be told: sender.local matches /^(b?a+)+$/\n"
	  "  skipped w could not be told: sender.local matches /^(a+)+$/\nmail pass\n" },

	{ "a test that stands twice makes both rules act on the size so far",
	  "on message { a: log \"a ${message.size}\" if message.size >= 15  b: log \"b ${message.size}\" if message.size >= 15 }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@b>\neoh\nbody 600\nbody 100\neom",
	  "connect pass\nmail pass\nrcpt pass\nmessage pending\n"
	  "  log a a 602\n  log b b 602\nmessage pass\nmessage pass\nmessage pass\n" },

	{ "a test inside any header is another one outside",
	  "on message { a: log \"a\" if header(\"X\") == \"2\"  b: log \"b\" if any header(\"X\") == \"2\"  c: log \"c\" if header(\"X\") == \"2\" }",
	  "connect a 203.0.113.9\nmail <a@b>\nrcpt <a@b>\nheader X: 1\nheader X: 2\neoh\neom",
	  "connect pass\nmail pass\nrcpt pass\n  log b b\nmessage pass\nmessage pass\n" },
};

/* One client who tells all, one who tells as little as can be, and one who
 * tells nonsense; the facts of each where they are first known. */
enum { CLIENT_FULL, CLIENT_BARE, CLIENT_ODD, CLIENTS };

static const char *const clients[CLIENTS] = {
	[CLIENT_FULL] =
	  "macro {client_ptr} Ptr.Example.\nmacro {client_resolve} FORGED\nmacro {daemon_name} smtpd\n"
	  "macro {daemon_addr} IPv6:2001:db8::25\nmacro {daemon_port} 25\nmacro j MX.example\n"
	  "macro {tls_version} TLSv1.3\nmacro {cipher} AES\nmacro {cipher_bits} 256\nmacro {verify} OK\n"
	  "macro {cert_subject} /CN=a\nmacro {cert_issuer} /CN=b\nmacro {auth_authen} Joe\nmacro {auth_type} PLAIN\n"
	  "macro {auth_author} <joe@x>\nmacro {rcpt_mailer} smtp\nmacro {rcpt_host} relay.example\nmacro i 4ZbX1k\n"
	  "connect B\xc3\x9c" "cher.Example. ::ffff:192.0.2.7\nhelo [IPv6:2001:DB8::1]\n"
	  "mail <@r.example:\"Jo\\e\"@B\xc3\x9c" "cher.Example> SIZE=1000 BODY=8bitmime SMTPUTF8 RET=hdrs ENVID=a+3Db AUTH=a+2Bb@x BY=-60;N HOLDUNTIL=2026-11-23T00:00:00Z MT-PRIORITY=-3 REQUIRETLS\n"
	  "rcpt <\"a,b\"@X.example> NOTIFY=DELAY,SUCCESS ORCPT=rfc822;a+2Bb@y\nrefused\n"
	  "rcpt <C@z> NOTIFY=never ORCPT=rfc822;c@y\ndata\nheader Subject: x\neoh\nbody 10\neom\nunknown XFOO a",
	[CLIENT_BARE] =
	  "connect unknown local\nhelo x\nmail <>\nrcpt <Postmaster>\nrcpt <Postmaster>\ndata\neoh\neom\nunknown X",
	[CLIENT_ODD] =
	  "macro {client_ptr} unknown\nmacro {daemon_addr} nowhere\nmacro {daemon_port} smtp\nmacro j [192.0.2.1]\n"
	  "macro {cipher_bits} many\n"
	  "connect [203.0.113.9] 203.0.113.9\nhelo 2001:db8::1\n"
	  "mail a..b@x RET=none SIZE=1 SIZE=2 BODY=9bit ENVID=+ AUTH=+ BY=60;R HOLDUNTIL=2026-11-21T00:00:00Z MT-PRIORITY=10 REQUIRETLS=1\n"
	  "rcpt <> NOTIFY=NEVER,DELAY\nrcpt <@> ORCPT=x NOTIFY=\ndata\nheader A: \nheader B: |\tb\xff\neoh\npiece ^@a^Mb^J^8\neom\nunknown a\x7f\xff",
};

static const char *const told[FACT_COUNT][CLIENTS] = {
	[FACT_CLIENT_IP] = { "192.0.2.7", "-", "203.0.113.9" },
	[FACT_CLIENT_NAME] = { "xn--bcher-kva.example", "-", "-" },
	[FACT_CLIENT_PORT] = { "4711", "-", "4711" },
	[FACT_CLIENT_PTR] = { "ptr.example", "-", "-" },
	[FACT_CLIENT_RESOLVE] = { "FORGED", "-", "-" },
	[FACT_DAEMON_NAME] = { "smtpd", "-", "-" },
	[FACT_DAEMON_IP] = { "2001:db8::25", "-", "-" },
	[FACT_DAEMON_PORT] = { "25", "-", "-" },
	[FACT_MTA_NAME] = { "mx.example", "-", "-" },
	[FACT_HELO] = { "[ipv6:2001:db8::1]", "x", "2001:db8::1" },
	[FACT_HELO_IP] = { "2001:db8::1", "-", "2001:db8::1" },
	[FACT_HELO_FAULT] = { "-", "-", "bare-ip" },
	[FACT_TLS_VERSION] = { "TLSv1.3", "-", "-" },
	[FACT_TLS_CIPHER] = { "AES", "-", "-" },
	[FACT_TLS_BITS] = { "256", "-", "-" },
	[FACT_TLS_VERIFY] = { "OK", "-", "-" },
	[FACT_TLS_SUBJECT] = { "/CN=a", "-", "-" },
	[FACT_TLS_ISSUER] = { "/CN=b", "-", "-" },
	[FACT_SENDER] = { "Joe@xn--bcher-kva.example", "", "\"a..b\"@x" },
	[FACT_SENDER_LOCAL] = { "Joe", "-", "\"a..b\"" },
	[FACT_SENDER_DOMAIN] = { "xn--bcher-kva.example", "-", "x" },
	[FACT_SENDER_FAULT] = { "-", "-", "bad-local" },
	[FACT_SENDER_RAW] = { "<@r.example:\"Jo\\e\"@B??cher.Example>", "<>", "a..b@x" },
	[FACT_AUTH_USER] = { "Joe", "-", "-" },
	[FACT_AUTH_METHOD] = { "PLAIN", "-", "-" },
	[FACT_AUTH_AUTHOR] = { "<joe@x>", "-", "-" },
	[FACT_MAIL_SIZE] = { "1000", "-", "-" },
	[FACT_MAIL_BODY] = { "8BITMIME", "-", "-" },
	[FACT_MAIL_SMTPUTF8] = { "true", "false", "false" },
	[FACT_MAIL_RET] = { "HDRS", "-", "-" },
	[FACT_MAIL_ENVID] = { "a=b", "-", "-" },
	[FACT_MAIL_AUTH] = { "a+b@x", "-", "-" },
	[FACT_MAIL_BY] = { "-60", "-", "60" },
	[FACT_MAIL_BY_MODE] = { "N", "-", "R" },
	[FACT_MAIL_HOLD_FOR] = { "86400", "-", "0" },
	[FACT_MAIL_PRIORITY] = { "-3", "-", "-" },
	[FACT_MAIL_REQUIRETLS] = { "true", "false", "false" },
	[FACT_MAIL_PARAMETER_FAULT] = { "-", "-", "bad-ret" },
	[FACT_RCPT] = { "C@z", "Postmaster", "@" },
	[FACT_RCPT_LOCAL] = { "C", "Postmaster", "" },
	[FACT_RCPT_DOMAIN] = { "z", "-", "" },
	[FACT_RCPT_FAULT] = { "-", "-", "no-local" },
	[FACT_RCPT_RAW] = { "<C@z>", "<Postmaster>", "<@>" },
	[FACT_RCPT_NOTIFY] = { "NEVER", "-", "-" },
	[FACT_RCPT_ORCPT] = { "rfc822;c@y", "-", "-" },
	[FACT_RCPT_PARAMETER_FAULT] = { "-", "-", "bad-orcpt" },
	[FACT_RCPT_MAILER] = { "smtp", "-", "-" },
	[FACT_RCPT_HOST] = { "relay.example", "-", "-" },
	[FACT_RECIPIENTS_COUNT] = { "2", "2", "2" },
	[FACT_RECIPIENTS_TRIED] = { "3", "2", "2" },
	[FACT_RECIPIENT] = { "\"a,b\"@x.example", "Postmaster", "" },
	[FACT_RECIPIENT_LOCAL] = { "\"a,b\"", "Postmaster", "-" },
	[FACT_RECIPIENT_DOMAIN] = { "x.example", "-", "-" },
	[FACT_RECIPIENT_NOTIFY] = { "SUCCESS,DELAY", "-", "-" },
	[FACT_RECIPIENT_ORCPT] = { "rfc822;a+b@y", "-", "-" },
	[FACT_QUEUE_ID] = { "4ZbX1k", "-", "-" },
	[FACT_MESSAGE_SIZE] = { "1000", "-", "-" },
	[FACT_MESSAGE_LONGEST_LINE] = { "10", "0", "4" },
	[FACT_MESSAGE_EIGHT_BIT] = { "false", "false", "true" },
	[FACT_MESSAGE_BARE_CR] = { "false", "false", "true" },
	[FACT_MESSAGE_BARE_LF] = { "false", "false", "true" },
	[FACT_MESSAGE_NUL] = { "false", "false", "true" },
	[FACT_HEADERS_EIGHT_BIT] = { "false", "false", "true" },
	[FACT_HEADERS_COUNT] = { "1", "0", "2" },
	[FACT_HEADERS_SIZE] = { "12", "0", "15" },
	[FACT_COMMAND] = { "XFOO a", "X", "a??" },
	[FACT_SESSION_MESSAGES] = { "0", "0", "0" },
	[FACT_SESSION_REJECTS] = { "0", "0", "0" },
	[FACT_SESSION_UNKNOWNS] = { "0", "0", "0" },
	[FACT_NOW_TIME] = { "10:00", "10:00", "10:00" },
	[FACT_NOW_WEEKDAY] = { "sun", "sun", "sun" },
	[FACT_NOW_DATE] = { "2026-11-22", "2026-11-22", "2026-11-22" },
};

/* Tests that hold for the full client, and not for the others; and what
 * says the contrary. */
static const char operator_definitions[] =
	"networks n = { 192.0.2.0/24 2001:db8::/32 }\ndomains d = { xn--bcher-kva.example z }\n"
	"words w = { joe xn--bcher-kva.example }\npatterns p = { /bcher/ /^joe$/i }\naddresses a = { joe@ }\n"
	"map q = { joe 5 }\nmap may of words = { HDRS joe }\nlet l = client.ip in n and mail.size > 0\n";

static const struct {
	const char *holds;
	const char *contrary;
} operators[] = {
	{ "client.ip == 192.0.2.7",
	  "client.ip != 192.0.2.7" },
	{ "client.ip in 192.0.2.0/24",
	  "client.ip not in 192.0.2.0/24" },
	{ "client.ip in { 2001:db8::/32 192.0.2.7 }",
	  "client.ip not in { 2001:db8::/32 192.0.2.7 }" },
	{ "client.ip in n",
	  "client.ip not in n" },
	{ "daemon.ip in n",
	  "daemon.ip not in n" },
	{ "client.name == \"XN--bcher-KVA.Example.\"",
	  "client.name != \"XN--bcher-KVA.Example.\"" },
	{ "client.name in { .example }",
	  "client.name not in { .example }" },
	{ "client.name in d",
	  "client.name not in d" },
	{ "client.name in w",
	  "client.name not in w" },
	{ "client.name in p",
	  "client.name not in p" },
	{ "client.name matches /^xn--/",
	  "client.name not matches /^xn--/" },
	{ "client.name is present",
	  "client.name is not present" },
	{ "client.name is fqdn",
	  "client.name is not fqdn" },
	{ "client.name is valid",
	  "client.name is not valid" },
	{ "client.name is ascii",
	  "client.name is not ascii" },
	{ "helo is literal",
	  "helo is not literal" },
	{ "auth.user == \"JOE\"",
	  "auth.user != \"JOE\"" },
	{ "auth.user in { joe }",
	  "auth.user not in { joe }" },
	{ "auth.user in w",
	  "auth.user not in w" },
	{ "auth.user in p",
	  "auth.user not in p" },
	{ "auth.user in a",
	  "auth.user not in a" },
	{ "auth.user matches /^Joe$/",
	  "auth.user not matches /^Joe$/" },
	{ "client.resolve == \"forged\"",
	  "client.resolve != \"forged\"" },
	{ "sender == \"JOE@xn--bcher-kva.example\"",
	  "sender != \"JOE@xn--bcher-kva.example\"" },
	{ "sender in { joe@xn--bcher-kva.example }",
	  "sender not in { joe@xn--bcher-kva.example }" },
	{ "sender in a",
	  "sender not in a" },
	{ "sender in d",
	  "sender not in d" },
	{ "sender in p",
	  "sender not in p" },
	{ "sender matches /^Joe@xn/",
	  "sender not matches /^Joe@xn/" },
	{ "sender is fqdn",
	  "sender is not fqdn" },
	{ "sender.domain == client.name",
	  "sender.domain != client.name" },
	{ "sender.domain in d",
	  "sender.domain not in d" },
	{ "sender.local in w",
	  "sender.local not in w" },
	{ "mail.size == 1000",
	  "mail.size != 1000" },
	{ "mail.size in { 1K 1000 }",
	  "mail.size not in { 1K 1000 }" },
	{ "mail.size + 24 == 1K",
	  "mail.size + 24 != 1K" },
	{ "mail.size * 2 - 1000 == 1000",
	  "mail.size * 2 - 1000 != 1000" },
	{ "tls.bits in { 128 256 }",
	  "tls.bits not in { 128 256 }" },
	{ "q[auth.user] == 5",
	  "q[auth.user] != 5" },
	{ "auth.user in may[mail.ret]",
	  "auth.user not in may[mail.ret]" },
	{ "macro(\"j\") == mta.name",
	  "macro(\"j\") != mta.name" },
	{ "macro(\"{cipher}\") matches /AES/",
	  "macro(\"{cipher}\") not matches /AES/" },
	{ "macro(\"cipher\") in { aes }",
	  "macro(\"cipher\") not in { aes }" },
	{ "mail.size < 2K",
	  "not mail.size < 2K" },
	{ "mail.size <= 1000",
	  "not mail.size <= 1000" },
	{ "mail.size > 999",
	  "not mail.size > 999" },
	{ "mail.size >= 1000",
	  "not mail.size >= 1000" },
	{ "message.size > 500",
	  "not message.size > 500" },
	{ "tls.bits >= 128",
	  "not tls.bits >= 128" },
	{ "mail.smtputf8",
	  "not mail.smtputf8" },
	{ "l",
	  "not l" },
	{ "any recipient.notify == \"NEVER\"",
	  "not any recipient.notify == \"NEVER\"" },
	{ "any recipient in { c@z }",
	  "not any recipient in { c@z }" },
	{ "any recipient.domain in d",
	  "not any recipient.domain in d" },
	{ "any recipient (recipient.local == \"c\" and recipient.orcpt is present)",
	  "not any recipient (recipient.local == \"c\" and recipient.orcpt is present)" },
	{ "all recipient.orcpt is present",
	  "not all recipient.orcpt is present" },
	{ "all recipient (recipient.notify is present and mail.size == 1000)",
	  "not all recipient (recipient.notify is present and mail.size == 1000)" },
};
/* clang-format on */

/* The line of the last event, which is in that stage. */
static const struct {
	const char *events;
	enum stage stage;
	const char *line;
} line_cases[] = {
	{ "connect mx.example 203.0.113.9\nhelo mx.example\n"
	  "mail <a@b.example> SIZE=1000\n"
	  "rcpt <no@example.org>",
	    STAGE_RCPT,
	    "NOQUEUE: reject: stage=rcpt rule=no reply=\"550 5.7.1 not "
	    "no@example.org\""
	    " client=mx.example[203.0.113.9] helo=<mx.example> "
	    "from=<a@b.example>"
	    " to=<no@example.org> size=1000 session=t-1 us=7" },
	{ "connect [203.0.113.9] 203.0.113.9\nhelo x\"> to=<y\nmacro i 4ZbX1k\n"
	  "mail <>\nrcpt <no@x>",
	    STAGE_RCPT,
	    "4ZbX1k: reject: stage=rcpt rule=no reply=\"550 5.7.1 not no@x\""
	    " client=unknown[203.0.113.9] helo=<x\\x22\\x3e to=\\x3cy> from=<>"
	    " to=<no@x> session=t-1 us=7" },
	{ "connect localhost local\nmail root\nrcpt no@x", STAGE_RCPT,
	    "NOQUEUE: reject: stage=rcpt rule=no reply=\"550 5.7.1 not no@x\""
	    " client=localhost[] from=<root> to=<no@x> session=t-1 us=7" },
	{ "connect a.example 203.0.113.9\nhelo bad_helo\nmail <a@b>\nrcpt "
	  "<c@d>",
	    STAGE_RCPT,
	    "NOQUEUE: defer: stage=rcpt decided=helo rule=late reply=\"450 "
	    "4.7.1 one / two\""
	    " client=a.example[203.0.113.9] helo=<bad_helo> from=<a@b> to=<c@d>"
	    " session=t-1 us=7" },
	{ "connect a.example 203.0.113.9\nmail <a@b>", STAGE_MAIL,
	    "NOQUEUE: accept-message: stage=mail rule=test.conf:3"
	    " client=a.example[203.0.113.9] from=<a@b> session=t-1 us=7" },
	/* The MTA's macros outlive the message. */
	{ "connect a.example 203.0.113.9\nmail <a@c>\nmacro i 4Zb\nrcpt <c@d>\n"
	  "end\nunknown FOO",
	    STAGE_UNKNOWN,
	    "NOQUEUE: log: stage=unknown rule=odd text=\"FOO\""
	    " client=a.example[203.0.113.9] session=t-1 us=7" },
	{ "connect a.example 203.0.113.9\nmail <a@c>\nmacro i 4Zb\nrcpt <c@d>\n"
	  "unknown FOO",
	    STAGE_UNKNOWN,
	    "4Zb: log: stage=unknown rule=odd text=\"FOO\""
	    " client=a.example[203.0.113.9] from=<a@c> session=t-1 us=7" },
};

#endif
