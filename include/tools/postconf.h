/*
 * postconf - the configuration of a Postfix, as postconf(1) tells it.
 */
#ifndef TOOLS_POSTCONF_H
#define TOOLS_POSTCONF_H

#include "base/arena.h"
#include "base/diag.h"

struct postconf_pair {
	struct postconf_pair *next;
	struct str name;
	struct str value; /* $names expanded */
};

/* A line of master.cf that runs smtpd. */
struct postconf_service {
	struct postconf_service *next;
	struct str name; /* "smtp", "submission", "127.0.0.1:2525" */
	struct str type; /* "inet", "pass", "unix" */
	bool chroot;
	bool privileged;
	struct postconf_pair *own; /* its -o options */
};

struct postconf {
	struct arena *arena;
	const char *directory; /* of main.cf; NULL: the usual one */
	struct postconf_pair *parameters;
	struct postconf_service *services; /* in the order of master.cf */
};

/*
 * Reads the parameters that matter to a milter, and the services.  False with
 * *why: there is no Postfix, or its configuration cannot be read.
 */
bool postconf_read(const char *directory, struct arena *arena,
    struct postconf *postconf_r, struct why *why);

/* The value of a parameter for a service (NULL: as in main.cf); "" if there
 * is none. */
struct str postconf_get(const struct postconf *p,
    const struct postconf_service *service, const char *name);

/* One milter of a list such as smtpd_milters. */
struct postconf_milter {
	struct str address; /* "unix:portreeve/portreeve.sock" */
	struct str action;  /* its default_action=; none: the common one */
};

/* The next milter of *rest; false if there is none. */
bool postconf_milter(struct str *rest, struct postconf_milter *milter_r);

#endif
