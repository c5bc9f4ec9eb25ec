/*
 * compile_needs - what must be had from the MTA: events, macros, and the
 * list of recipients.
 *
 * It follows from what the rules of each stage read: the size of a message
 * costs its body only where a `message` rule asks for it.
 */
#include "lang/compile.h"

static void
need_fact(struct needs *needs, enum fact fact, unsigned stages)
{
	unsigned flags = fact_rows[fact].flags;

	needs->fact[fact] = true;
	if ((flags & F_RCPTS) != 0)
		needs->recipients = true;
	/* Before the message is in, they are what was declared. */
	if ((stages & 1u << STAGE_MESSAGE) == 0)
		return;
	if ((flags & F_HEADERS) != 0)
		needs->headers = true;
	if ((flags & F_BODY) != 0)
		needs->body = true;
}

static void
need(struct check *c, const struct uses *uses, unsigned stages)
{
	struct needs *needs = &c->policy->needs;

	for (unsigned i = 0; i < FACT_COUNT; i++)
		if (uses_fact(uses, (enum fact)i))
			need_fact(needs, (enum fact)i, stages);
	for (uint32_t i = 0; i < c->n_macros; i++)
		if ((uses->macros >> i & 1) != 0)
			c->macros[i].at |= stages;
	needs->headers = needs->headers || uses->headers;
	needs->recipients = needs->recipients || uses->recipients;
}

static void
need_all(struct check *c, const struct checked_stmt *cs, unsigned stages)
{
	for (; cs != NULL; cs = cs->next) {
		need(c, &cs->uses, stages);
		need_all(c, cs->then, stages);
		need_all(c, cs->other, stages);
	}
}

/* A macro that no table knows is asked for where it is first read. */
static enum stage
first_stage(const struct macro_use *use)
{
	unsigned i = 0;

	if (use->first != STAGE_COUNT)
		return use->first;
	while (i < STAGE_COUNT - 1 && (use->at & 1u << i) == 0)
		i++;
	return (enum stage)i;
}

void
compile_needs(struct check *c)
{
	struct policy *policy = c->policy;
	struct macro_use *macros =
	    arena_xalloc(c->arena, (c->n_macros + 1) * sizeof(*macros));

	for (const struct checked_block *b = c->blocks; b != NULL; b = b->next)
		need_all(c, b->first, b->stages);
	need(c, &c->on_error_uses, (1u << STAGE_COUNT) - 1);
	for (uint32_t i = 0; i < c->n_macros; i++) {
		macros[i] = c->macros[i];
		macros[i].first = first_stage(&macros[i]);
	}
	policy->macros = macros;
	policy->n_macros = c->n_macros;
}
