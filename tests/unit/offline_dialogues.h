/*
 * Dialogues of test_offline.c, with the policy that stands there.
 */
#ifndef OFFLINE_DIALOGUES_H
#define OFFLINE_DIALOGUES_H

#define HI "S: 220 mx.example ESMTP {}\nC: EHLO h.example\nS: 250 mx.example\n"
#define AS(who) "S: 220\nC: XCLIENT ADDR=192.0.2.7 NAME=" who "\n"
#define RCPT                                                                   \
	"C: MAIL FROM:<a@b.example>\nS: 250 2.1.0 Ok {}\n"                     \
	"C: RCPT TO:<c@d.example>\nS: 250 2.1.5 Ok {}\n"
#define DATA RCPT "C: DATA\nS: 354 End data with <CR><LF>.<CR><LF> {}\n"
#define ASK(xclient, answer)                                                   \
	"S: 220\nC: XCLIENT " xclient "\nS: 220 {}\n"                          \
	"C: MAIL FROM:<ask@x.example>\nS: 550 5.7.1 " answer " {ask}\n"

static const char *const dialogues[] = {
	/* The features, word for word. */
	HI "S: 250-PIPELINING\nS: 250-SIZE\nS: 250-VRFY\nS: 250-ETRN\n"
	   "S: 250-XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN "
	   "DESTADDR DESTPORT\nS: 250-ENHANCEDSTATUSCODES\nS: 250-8BITMIME\n"
	   "S: 250-DSN\nS: 250 SMTPUTF8 {}\n",
	"S: 220\nC: helo h.example\nS: 250 mx.example {}\n",
	HI "C: QUIT\nS: 221 2.0.0 Bye {}\n",

	/* Refused at connect: by its class. */
	AS("hard.example") "S: 554 mx.example ESMTP not accepting connections "
			   "{hard}\n"
			   "C: EHLO x\nS: 250-mx.example\nS: 250 "
			   "ENHANCEDSTATUSCODES\n"
			   "C: HELO x\nS: 250 mx.example\nC: MAIL "
			   "FROM:<a@b.example>\n"
			   "S: 554 5.7.1 hard {hard}\nC: RCPT "
			   "TO:<a@b.example>\n"
			   "S: 503 5.5.1 Error: need MAIL command {}\nC: VRFY "
			   "a\n"
			   "S: 554 5.7.1 hard {hard}\nC: ETRN a.example\n"
			   "S: 554 5.7.1 hard {hard}\nC: STARTTLS\nS: 554 "
			   "5.7.1 hard {hard}\n"
			   "C: FROB\nS: 554 5.7.1 hard {hard}\nC: NOOP\nS: 250 "
			   "2.0.0 Ok {}\n"
			   "C: RSET\nS: 250 2.0.0 Ok {}\nC: MAIL <>\nS: 501 "
			   "5.5.4 {}\n",
	AS("soft.example") "S: 220 mx.example {soft}\nC: EHLO x\nS: 250\nS: "
			   "250 8BITMIME\n"
			   "C: MAIL FROM:<a@b.example>\nS: 450 4.7.1 soft "
			   "{soft}\n"
			   "C: STARTTLS\nS: 454 4.3.0 Try again later\n"
			   "C: XCLIENT NAME=good.example\nS: 220 {}\n"
			   "C: MAIL FROM:<a@b.example>\nS: 250 {}\n",
	AS("cut.example") "S: 421 mx.example Service unavailable - try again "
			  "later {cut}\n",
	AS("late.example") "S: 220 {kept}\nC: EHLO x\nS: 250 {}\nC: MAIL "
			   "FROM:<a@b.example>\n"
			   "S: 250 {}\nC: RCPT TO:<c@d.example>\nS: 554 5.7.1 "
			   "kept {kept}\n"
			   "C: RCPT TO:<ok@d.example>\nS: 250 {ok}\n"
			   "C: RCPT TO:<no@d.example>\nS: 550 5.1.1 no {no}\n",
	AS("free.example") "S: 220 {free}\nC: EHLO hard.example\nS: 250 {}\nS: "
			   "250 8BITMIME {}\n"
			   "C: MAIL FROM:<refuse@b.example>\nS: 250 {}\n",

	/* Refused at HELO: latched, and a better HELO does not help. */
	"S: 220\nC: EHLO hard.example\nS: 250\n"
	"S: 250 ENHANCEDSTATUSCODES {h-hard}\nC: EHLO x\nS: 250 {h-hard}\n"
	"C: MAIL FROM:<a@b.example>\nS: 550 5.7.1 h-hard {h-hard}\n",
	"S: 220\nC: EHLO soft.example\nS: 250\nS: 250 SMTPUTF8 {h-soft}\n"
	"C: MAIL FROM:<a@b.example>\nS: 450 4.7.1 h-soft {h-soft}\n",
	"S: 220\nC: HELO cut.example\nS: 421 4.7.0 h-cut {h-cut}\n",

	/* Sequences. */
	HI "C: RCPT TO:<c@d.example>\nS: 503 5.5.1 Error: need MAIL command\n"
	   "C: DATA\nS: 503 5.5.1 Error: need RCPT command\n"
	   "C: MAIL FROM:<a@b.example>\nS: 250\nC: MAIL FROM:<a@b.example>\n"
	   "S: 503 5.5.1 Error: nested MAIL command\nC: DATA\n"
	   "S: 554 5.5.1 Error: no valid recipients\nC: ETRN x.example\n"
	   "S: 503 Error: MAIL transaction in progress\n"
	   "C: XFORWARD NAME=x\nS: 503 5.5.1\nC: XCLIENT NAME=x\nS: 503 5.5.1\n"
	   "C: EHLO again\nS: 250\nC: DATA\n"
	   "S: 503 5.5.1 Error: need RCPT command\n",
	HI "C: MAIL FROM:<refuse@b.example>\nS: 550 5.7.1 refuse {refuse}\n"
	   "C: RCPT TO:<c@d.example>\nS: 503 5.5.1 {}\n" RCPT,
	HI RCPT
	"C: RCPT TO:<no@d.example>\nS: 550-5.1.1 no\nS: 550-5.1.1 never\n"
	"S: 550 5.1.1 again {no}\nC: RCPT TO:<ok@d.example>\n"
	"S: 250 2.1.5 Ok {ok}\nC: RCPT TO:<e@d.example>\nS: 250\n"
	"C: DATA\nS: 554 5.7.1 c@d.example {d-no}\nC: DATA\nS: 554 {d-no}\n"
	"C: RSET\nS: 250 2.0.0 Ok\n" DATA "C: .\nS: 250 2.0.0 {}\n",
	HI "C: MAIL FROM:<bye@b.example>\nS: 421 4.7.0 bye {bye}\n",
	HI "C: MAIL FROM:<gone@b.example>\nS: 521 5.7.1 gone {five21}\n",

	/* Queue ids: from the second recipient on, one a message. */
	HI RCPT
	"C: RCPT TO:<count@d.example>\n"
	"S: 550 5.7.1 2/2 A0000000001 count@d.example <count@d.example> "
	"{count}\nC: DATA\nS: 354\nC: .\n"
	"S: 250 2.0.0 Ok: queued as A0000000001\n"
	"C: MAIL FROM:<a@b.example>\nS: 250\nC: RCPT TO:<count@d.example>\n"
	"S: 550 5.7.1 1/1 - {count}\nC: RCPT TO:<no@d.example>\nS: 550\n"
	"C: RCPT TO:<c@d.example>\nS: 250\nC: RCPT TO:<\"count\"@D.example>\n"
	"S: 550 5.7.1 2/4 A0000000002 count@d.example "
	"<\"count\"@D.example> {count}\n",

	/* What the command line may look like. */
	HI "C: mail  from:a@words.example  size=7  BODY=8BITMIME ENVID=a+20b\n"
	   "S: 550 5.7.1 a@words.example|7|8BITMIME|a b|-|a@words.example "
	   "{words}\n"
	   "C: MAIL FROM: <\"a b>\\\"c\"@words.example>\n"
	   "S: 550 5.7.1 <\"a b>\\\"c\"@words.example>|-|-|-|- {words}\n"
	   "C: MAIL From:\"a b\"@words.example AUTH=x+40y\n"
	   "S: 550 5.7.1 \"a b\"@words.example|-|-|-|x@y {words}\n"
	   "C: MAIL FROM:<@r.example:a@words.example>\n"
	   "S: 550 5.7.1 <@r.example:a@words.example>|- {words}\n"
	   "C: MAIL FROM:\nS: 501 5.5.4 Syntax: MAIL FROM:<address> {}\n"
	   "C: MAIL FROM\nS: 501 5.5.4\nC: MAIL\nS: 501 5.5.4\n"
	   "C: MAIL TO:<a@b>\nS: 501 5.5.4\n"
	   "C: MAIL FROM:<open\nS: 250 {}\nC: RCPT\nS: 501 5.5.4\n"
	   "C: RCPT FROM:<x>\nS: 501 5.5.4 Syntax: RCPT TO:<address>\n"
	   "C: RCPT TO:\\\nS: 250\n",

	/* Commands that the policy does not see. */
	HI "C: NOOP x\nS: 250 2.0.0 Ok\nC: VRFY\n"
	   "S: 501 5.5.4 Syntax: VRFY address [SMTPUTF8]\nC: VRFY SMTPUTF8\n"
	   "S: 501 5.5.4\nC: VRFY <a@b.example>  c SMTPUTF8\n"
	   "S: 252 2.0.0 <a@b.example> c\nC: ETRN\nS: 500 Syntax: ETRN domain\n"
	   "C: ETRN a.example\nS: 459 <a.example>: service unavailable\n"
	   "C: AUTH PLAIN x\nS: 503 5.5.1 Error: authentication not enabled\n"
	   "C: STARTTLS x\nS: 501 5.5.4\nC: STARTTLS\nS: 502 5.5.1\n"
	   "C: XFORWARD NAME=x\nS: 550 5.7.0\nC: XFORWARD\nS: 501 5.5.4\n"
	   "C: DATA x\nS: 503 5.5.1\nC: RSET x\nS: 501 5.5.4\n"
	   "C: EHLO\nS: 501 Syntax: EHLO hostname\n"
	   "C: HELO\nS: 501 Syntax: HELO hostname\n"
	   "C: \nS: 500 5.5.2 Error: bad syntax\n",
	HI "C: BDAT 5 LAST\nS: 521 5.5.1\n",

	/* Unknown ones: the first word is told. */
	HI "C: WIZ me now\nS: 450 4.5.1 [WIZ] {u-no}\n"
	   "C: FROB\nS: 500 5.5.2 Error: command not recognized {}\n",
	HI "C: Subject: x\nS: 221 2.7.0 Error: I can break rules, too {}\n",
	HI "C: GET / HTTP/1.0\nS: 221 2.7.0\n",

	/* Discarded: to all appearance accepted, and no rule sees more. */
	HI "C: MAIL FROM:<trap@b.example>\nS: 250 2.1.0 Ok {trap}\n"
	   "C: RCPT TO:<no@d.example>\nS: 250 2.1.5 Ok {}\nC: WIZ\nS: 500 {}\n"
	   "C: DATA\nS: 354 {}\nC: Subject: bye\nC:\nC: .\n"
	   "S: 250 2.0.0 Ok: queued as A0000000001 {}\n"
	   "C: MAIL FROM:<a@b.example>\nS: 250 {}\n"
	   "C: RCPT TO:<no@d.example>\nS: 550 {no}\nC: WIZ\nS: 450 {u-no}\n",
	HI DATA "C: Subject: drop\nC:\nC: x\nC: .\n"
		"S: 250 2.0.0 Ok: queued as A0000000001 {m-drop}\n" DATA
		"C: Subject: ok\nC: .\nS: 250 2.0.0 {m-ok}\n",
	HI DATA "C: Subject: bye\nC: .\nS: 421 4.7.0 m-bye {m-bye}\n",

	/* XCLIENT. */
	HI "C: MAIL FROM:<ask@x.example>\n"
	   "S: 550 5.7.1 127.0.0.1|localhost|50000|localhost|OK|127.0.0.1|25|"
	   "-|-|localhost [127.0.0.1]|127.0.0.1 {ask}\n",
	ASK("ADDR=192.0.2.7 NAME=c.example PORT=77 DESTADDR=192.0.2.1 "
	    "DESTPORT=587 LOGIN=a+40b",
	    "192.0.2.7|c.example|77|c.example|OK|192.0.2.1|587|a@b|XCLIENT|"
	    "c.example [192.0.2.7]|192.0.2.7"),
	ASK("ADDR=IPv6:2001:DB8:0::7 NAME=[UNAVAILABLE] "
	    "REVERSE_NAME=p.example PORT=[UNAVAILABLE]",
	    "2001:db8::7|-|-|p.example|FAIL|127.0.0.1|25|-|-|"
	    "p.example [2001:db8::7] (may be forged)|IPv6:2001:db8::7"),
	ASK("addr=2001:db8::8 name=[TEMPUNAVAIL] reverse_name=[UNAVAILABLE]",
	    "2001:db8::8|-|50000|-|TEMP|127.0.0.1|25|-|-|"
	    "unknown [2001:db8::8]|IPv6:2001:db8::8"),
	ASK("ADDR=[UNAVAILABLE] NAME=[UNAVAILABLE] DESTADDR=[UNAVAILABLE]",
	    "-|-|50000|localhost|FAIL|-|25|-|-|"
	    "localhost [unknown] (may be forged)|unknown"),
	/* The login goes with the next XCLIENT; the rest stays. */
	"S: 220\nC: XCLIENT ADDR=192.0.2.7 LOGIN=joe\nS: 220\n"
	"C: XCLIENT NAME=c.example HELO=x PROTO=ESMTP\nS: 220\n"
	"C: MAIL FROM:<ask@x.example>\n"
	"S: 550 5.7.1 192.0.2.7|c.example|50000|c.example|OK|127.0.0.1|25|-|-|"
	"c.example [192.0.2.7]|192.0.2.7 {ask}\n",
	/* One faulty attribute, and none of them counts. */
	HI "C: XCLIENT\nS: 501 5.5.4 Syntax: XCLIENT attribute=value...\n"
	   "C: XCLIENT ADDR=192.0.2.7 WHAT=x\n"
	   "S: 501 5.5.4 Bad XCLIENT attribute name: WHAT\n"
	   "C: XCLIENT ADDR\nS: 501 5.5.4 Error: attribute=value expected\n"
	   "C: XCLIENT ADDR=\nS: 501 5.5.4 Error: attribute=value expected\n"
	   "C: XCLIENT ADDR=192.0.2\nS: 501 5.5.4 Bad ADDR syntax: 192.0.2\n"
	   "C: XCLIENT NAME=192.0.2.7\nS: 501 5.5.4 Bad NAME syntax\n"
	   "C: XCLIENT NAME=a/b\nS: 501 5.5.4 Bad NAME syntax\n"
	   "C: XCLIENT PORT=123456\nS: 501 5.5.4 Bad PORT syntax\n"
	   "C: XCLIENT PROTO=HTTP\nS: 501 5.5.4 Bad PROTO syntax\n"
	   "C: XCLIENT DESTPORT=x\nS: 501 5.5.4 Bad DESTPORT syntax\n"
	   "C: MAIL FROM:<ask@x.example>\nS: 550 5.7.1 "
	   "127.0.0.1|localhost|50000\n",

	/* The message; fields of a local client are made up. */
	HI DATA "C: Subject: say\nC: .\nS: 554 5.7.1 4|\n",
	HI DATA
	"C: Subject: say\nC: message-ID: x\nC: date: x\nC: FROM: x\nC: .\n"
	"S: 554 5.7.1 4|47|49|-|0|1|0|- {m-say}\n",
	AS("c.example") "S: 220\n" DATA "C: Subject: say\nC: X: 1\nC:  2\nC: "
			"\t3\nC: x : 4\nC: Bcc: x\n"
			"C: Return-Path: x\nC: Content-Length: 9\nC: "
			"Resent-Bcc: x\nC:\nC: .."
			"\nC: ..x\nC: Bcc: x\nC: .\n"
			"S: 554 5.7.1 3|34|51|1 2?3|2|0|0|- {m-say}\n",
	/* CR at the end of a line goes, any other becomes a space. */
	AS("c.example") "S: 220\n" DATA
			"C: Subject: say\nC: X: a\rb\r\r\nC: .\n"
			"S: 554 5.7.1 2|22|24|a b|1|0|0|- {m-say}\n",
	/* Where the body begins. */
	AS("c.example") "S: 220\n" DATA "C: .\nS: 554 5.7.1 0|2 {m-none}\n" DATA
			"C:\nC: Subject: say\nC: .\nS: 554 5.7.1 0|16 "
			"{m-none}\n" DATA "C:  Subject: say\nC: .\nS: 554 "
			"5.7.1 0|17 {m-none}\n" DATA
			"C: X: y\nC: oops\nC: Subject: say\nC: .\n"
			"S: 554 5.7.1 1|28 {m-none}\n" DATA
			"C: : x\nC: .\nS: 554 5.7.1 0|7 {m-none}\n" DATA
			"C: X: y\nC:\nC:\nC: .\nS: 554 5.7.1 1|10 "
			"{m-none}\n" DATA
			"C: From joe\nC: >From jane\nC: Subject: say\nC: .\n"
			"S: 554 5.7.1 3|68|70|-|0|0|0|From joe {m-say}\n",

	/* X: lines. */
	"X: now 2024-02-29T23:59\n" HI "C: MAIL FROM:<time@b.example>\n"
	"S: 451 4.7.1 thu 23:59 2024-02-29 {time}\nX: now 2024-03-01T00:00\n"
	"C: MAIL FROM:<time@b.example>\nS: 451 4.7.1 fri 00:00 2024-03-01\n",
	HI "C: MAIL FROM:<tls@b.example>\nS: 550 5.7.1 - - - {tls}\n"
	   "X: tls TLSv1.3 AES 256\nC: STARTTLS\n"
	   "S: 554 5.5.1 Error: TLS already active\nC: EHLO x\nS: 250\n"
	   "C: MAIL FROM:<tls@b.example>\nS: 550 5.7.1 TLSv1.3 AES 256 {tls}\n"
	   "X: macro {cipher} DES\nX: macro {tls_version}\n"
	   "C: MAIL FROM:<tls@b.example>\nS: 550 5.7.1 - DES 256 {tls}\n",
	"X: size 100\nS: 220\nC: EHLO x\nS: 250\nS: 250 SIZE 100\n"
	"C: MAIL FROM:<refuse@b.example> SIZE=101\n"
	"S: 552 5.3.4 Message size exceeds fixed limit {}\n"
	"C: MAIL FROM:<refuse@b.example> SIZE=100\nS: 550 {refuse}\n" DATA
	"C: Subject: bye\nC: 01234567890123456789012345678901234567890123456789"
	"01234567890123456789012345678901234567\nC: .\n"
	"S: 552 5.3.4 Error: message file too big {}\n" DATA
	"C: Subject: bye\nC: "
	"0123456789012345678901234567890123456789012345678901"
	"2345678901234567890123456789\nC: .\nS: 421 {m-bye}\n",
	"X: refuse <c@D.example> 550 5.1.1 who?\nX: refuse no@d.example "
	"450\n" HI
	"C: MAIL FROM:<a@b.example>\nS: 250\nC: RCPT TO:<\"C\"@d.example>\n"
	"S: 550 5.1.1 who? {}\nC: RCPT TO:<no@d.example>\nS: 450 {}\n"
	"C: DATA\nS: 554 5.5.1 {}\nC: RCPT TO:<count@d.example>\n"
	"S: 550 5.7.1 1/3 - {count}\nX: refuse c@d.example 451\n"
	"C: RCPT TO:c@d.example\nS: 451 {}\n",
	"X: macro i Q1\n" HI RCPT
	"C: RCPT TO:<count@d.example>\nS: 550 5.7.1 2/2 Q1 {count}\n"
	"C: DATA\nS: 354\nC: .\nS: 250 2.0.0 Ok: queued as Q1\n",
};

#endif
