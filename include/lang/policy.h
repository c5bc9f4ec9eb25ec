/*
 * policy - a loaded policy: immutable, shared, reference counted.
 *
 *   text ─parse─▶ ast ─check─▶ ast with types ─compile─▶ struct policy
 *
 *   policy ── program[stage] ── step step step …      (core/eval runs these)
 *                 │               └ cond: expr tree     └ rule
 *                 └ index: which steps can act at all
 *
 * Everything hangs in one arena, lists by reference.  Nothing in here
 * changes after policy_load but the reference count.
 */
#ifndef LANG_POLICY_H
#define LANG_POLICY_H

#include <stdatomic.h>

#include "lang/ast.h"
#include "lang/expr.h"
#include "lang/index.h"
#include "lang/kept.h"
#include "lang/source.h"
#include "smtp/reply.h"

/* What a rule does, once for all stages it stands in. */
struct rule {
	struct str name; /* label, or FILE:LINE */
	struct str file;
	uint32_t line;
	uint32_t id; /* 0 .. policy->n_rules - 1, in order of writing */
	enum action action;
	bool observe; /* `observe` before it, or `observe all` (never
		       * for accept and effects) */
	bool late;
	const struct template *text; /* reply, log text, reason, header value */
	struct str header_name;      /* add header */
	uint32_t tag;                /* tag */
	int32_t score;               /* score */
};

/*
 * One step of a stage's program.  Steps run in order; one that the index does
 * not find is false, and a guard that was not run leaves its slot empty,
 * which is false too.
 *   rule != NULL  a rule: acts if cond is true (NULL: always); cond holds
 *                 what stands around it in `when` too
 *   rule == NULL  a guard, before the steps of a `when` branch: cond is
 *                 evaluated (whatever the slot held) and kept in memo slot
 *                 `slot`; if it is false, go on at step `skip_to`.  The rules
 *                 behind it read the slot by EXPR_MEMO.  An else branch has a
 *                 guard of its own, on EXPR_NOT of the memo, in a slot of its
 *                 own.
 */
struct step {
	const struct expr *cond;
	const struct rule *rule;
	struct reply reply; /* refusals: code and enhanced code, completed for
			     * this stage (late: for rcpt); text is not set */
	struct str text;    /* refusals: default text where the rule has none */
	uint32_t slot;
	uint32_t skip_to;
	/* The test by which the index finds it (of several the first); NULL:
	 * it is asked whenever it is reached. */
	const struct expr *found_by;
};

struct program {
	const struct step *steps;
	uint32_t n;
	const struct index *index; /* NULL: every step is asked */
};

enum {
	LISTEN_MODE = 0660,    /* of a unix socket, unless the policy says */
	LISTEN_PATH_MAX = 100, /* longest path of one, in octets */
};

struct setting_listen {
	struct str address; /* "unix:/path", "inet:25@host"; none: not given */
	struct pos pos;
	unsigned mode; /* 0: not given */
	struct str user;
	struct str group;
};

struct setting_log {
	struct setting_log *next;
	enum log_target target;
	struct str value; /* path, or facility name */
	bool decisions;
	bool json;
};

enum {
	DRAIN_USUAL = 30, /* seconds, unless the policy says */
	DRAIN_MOST = 60 * 60,
};

/* A macro that the policy reads; expr.slot indexes policy->macros. */
struct macro_use {
	struct str name;  /* as libmilter wants it: "i", "{x}" */
	unsigned at;      /* bit 1u << stage: read by rules of that stage */
	enum stage first; /* the MTA has it from this stage on */
	bool reread;      /* fetched again at every later stage */
};

/* What must be had from the MTA, beyond the stages with rules. */
struct needs {
	bool fact[FACT_COUNT];
	bool headers;    /* header events (facts, header values or the size) */
	bool body;       /* body octets (message.size counted) */
	bool recipients; /* the list of accepted recipients */
};

struct policy {
	struct arena *arena;
	atomic_uint refs;
	struct str file; /* as given to policy_load */

	struct setting_listen listen;
	struct setting_listen metrics; /* scrapes; no address: none */
	struct setting_log *logs;      /* never empty: syslog mail by default */
	struct str user;               /* none: not given */
	struct str group;
	struct str control; /* "unix:/path"; none: not given */
	uint32_t drain;     /* seconds that sessions have at the end */
	bool observe_all;
	bool watch_lists;
	struct str timezone; /* none: local time */

	struct program program[STAGE_COUNT];
	/* What a later load starts from. */
	const struct kept_def *kept;
	const struct policy_text *texts; /* NULL: not from files */
	uint64_t fingerprint; /* of these: the same text, the same number */

	struct step on_error[STAGE_COUNT]; /* its rule is named "on-error" */
	const struct rule *const *rules;
	uint32_t n_rules;

	const struct str *tags; /* names */
	uint32_t n_tags;
	const struct str *headers; /* names whose values are read */
	uint32_t n_headers;
	const struct macro_use *macros;
	uint32_t n_macros;
	uint32_t n_memos; /* memo slots of let and when */
	struct needs needs;
	unsigned speaks; /* bit 1u << stage: see policy_speaks_at */
	unsigned tells;  /* the same: see policy_tells_at */
	/* Some step at message could refuse before the body is in. */
	bool speaks_before_body;
};

/*
 * Loads a policy: open, parse, check, compile.  `path` NULL is the one where
 * none is named, see lang/default.h.  Diagnostics (errors and
 * warnings) go to *diags, whose arena must outlive them; the sources they
 * point into live there too.  NULL if there were errors.
 */
struct policy *policy_load(const char *path, struct diags *diags);
/* The same from text in memory; `name` stands for the path. */
struct policy *policy_load_text(
    struct str name, struct str text, struct diags *diags);

/*
 * What the control line of a policy says, in `arena`, whatever else is wrong
 * with it; none if there is no such line, or no policy.
 */
struct str policy_read_control(const char *path, struct arena *arena);

/*
 * As policy_load, for a policy that is to follow `old`: lists and maps of
 * which nothing has changed are shared with it, and nothing of them is read.
 * `now` in seconds since 1970 tells how far the times of files can be relied
 * on.
 */
struct policy *policy_reload(const char *path, const struct policy *old,
    int64_t now, struct diags *diags);
/*
 * The same policy, from the text that it was loaded from, with its list and
 * map files as they are now; whatever the policy's own files hold by now.
 */
struct policy *policy_renew_lists(
    const struct policy *old, int64_t now, struct diags *diags);

struct policy *policy_ref(struct policy *policy);
void policy_unref(struct policy *policy);

/*
 * True if some step of the stage could give a reply other than "go on": its
 * own refusals; at rcpt also a late one; or on error, where a condition can
 * come out unknown.  What memory running out would make it say is not
 * counted.
 */
bool policy_speaks_at(const struct policy *policy, enum stage stage);
/*
 * True if some step of the stage leaves a line in the log where it acts, other
 * than with a refusal: what is logged, observed, accepted, quarantined.
 */
bool policy_tells_at(const struct policy *policy, enum stage stage);
/*
 * True if what cannot be told is refused: neither under "on error accept" nor
 * under "observe all", which refuses nothing.
 */
bool policy_refuses_on_error(const struct policy *policy);

#endif
