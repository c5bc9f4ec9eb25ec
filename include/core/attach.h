/*
 * attach - how mail servers name the socket that a policy listens on.
 */
#ifndef CORE_ATTACH_H
#define CORE_ATTACH_H

#include "base/buf.h"

/* The queue directory of Postfix, where a chrooted smtpd is confined. */
#define ATTACH_QUEUE "/var/spool/postfix/"

/*
 * A `listen` address ("unix:/PATH", "inet:PORT@HOST", "inet:PORT") as
 * smtpd_milters has it: "unix:PATH", relative below the queue directory,
 * "inet:HOST:PORT".  A socket on every address is called locally.
 */
void attach_postfix(struct str listen, struct buf *out);
/* The same as S= of INPUT_MAIL_FILTER has it. */
void attach_sendmail(struct str listen, struct buf *out);

/* Whether Postfix ever sends that macro; some are Sendmail's alone. */
bool attach_postfix_has(struct str macro);

#endif
