/*
 * eval_int - the evaluator's parts to each other; for core/ only.
 */
#ifndef CORE_EVAL_INT_H
#define CORE_EVAL_INT_H

#include "core/eval.h"
#include "core/session_int.h"

/* One run of a stage's program. */
struct eval {
	struct session *s;
	const struct recipient *element; /* what any and all stand at */
	const struct value *header;      /* likewise, over a header's values */
	const struct recipient *found; /* by the `any recipient` of this rule */
	bool plain;                    /* every test in its place */
	bool pending;                  /* a value was not known yet */
	struct str reason;             /* first test that could not be told */
};

/* A condition: TRUE, FALSE or UNKNOWN (see ev->pending and ev->reason). */
enum truth eval_cond(struct eval *ev, const struct expr *e);
/* A value. */
void eval_value(struct eval *ev, const struct expr *e, struct value *v_r);

/*
 * Brings a string to the form of the domain or address that it is compared
 * with; scratch.
 */
void ops_align(struct eval *ev, struct value *a, struct value *b);
/* The leaves of a condition; operands were evaluated already. */
enum truth ops_compare(
    enum cmp cmp, const struct value *a, const struct value *b);
enum truth ops_in_list(
    struct eval *ev, const struct list *list, const struct value *v);
enum truth ops_is(struct eval *ev, const struct expr *e);
enum truth ops_matches(
    struct eval *ev, const struct regex *regex, const struct value *v);
/* Looks v up by its type; false when nothing is found. */
bool ops_map_get(
    const struct map *map, const struct value *v, uint32_t *index_r);
/* a op b on numbers, saturating. */
int64_t ops_arith(char op, int64_t a, int64_t b);
/* What a text test sees: a string, a domain, an address in normal form, an
 * IP address in print (into `room`). */
struct str ops_text(const struct value *v, struct buf *room);

/* A match's working memory; NULL when memory is out. */
struct regex_room *eval_regex_room(struct eval *ev);

/*
 * A text with its values filled in and made safe (LANGUAGE section 7), each
 * line at most `line_max` octets; in scratch.  None when memory is out.
 */
struct str template_render(
    struct eval *ev, const struct template *t, size_t line_max);

/* True if a value in it is not known yet. */
bool template_waits(struct eval *ev, const struct template *t);

/*
 * What is told of an evaluation (trace.c): a step whose condition came out
 * as t, before it acts or, where it waits, does not; then what came of it, with
 * the kept verdict that spoke, if one did.  `trace` is not NULL.
 */
void trace_step(struct eval *ev, const struct trace *trace,
    const struct step *step, enum truth t, bool waits);
void trace_end(struct session *s, const struct trace *trace,
    const struct kept *spoke, const struct decision *d);

#endif
