/*
 * fixed - copies them at the start, and compares.
 */
#include "daemon/fixed.h"

struct fixed {
	struct arena *arena; /* in which it lies, with its texts */
	struct setting_listen listen;
	struct setting_listen metrics;
	struct str control;
	struct str user;
	struct str group;
};

static struct setting_listen
listen_copy(struct arena *arena, const struct setting_listen *from)
{
	return (struct setting_listen){
		.address = arena_xstr(arena, from->address),
		.mode = from->mode,
		.user = arena_xstr(arena, from->user),
		.group = arena_xstr(arena, from->group),
	};
}

struct fixed *
fixed_new(const struct policy *policy)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct fixed *fixed;

	if (arena == NULL)
		return NULL;
	fixed = arena_xalloc(arena, sizeof *fixed);
	*fixed = (struct fixed){
		.arena = arena,
		.listen = listen_copy(arena, &policy->listen),
		.metrics = listen_copy(arena, &policy->metrics),
		.control = arena_xstr(arena, policy->control),
		.user = arena_xstr(arena, policy->user),
		.group = arena_xstr(arena, policy->group),
	};
	return fixed;
}

void
fixed_free(struct fixed *fixed)
{
	if (fixed != NULL)
		arena_free(fixed->arena);
}

static bool
same_listen(const struct setting_listen *a, const struct setting_listen *b)
{
	return str_eq(a->address, b->address) && a->mode == b->mode &&
	       str_eq(a->user, b->user) && str_eq(a->group, b->group);
}

unsigned
fixed_waiting(
    const struct fixed *fixed, const struct policy *policy, struct buf *names_r)
{
	const struct {
		const char *name;
		bool same;
	} rows[] = {
		{ "listen", same_listen(&fixed->listen, &policy->listen) },
		{ "control", str_eq(fixed->control, policy->control) },
		{ "metrics", same_listen(&fixed->metrics, &policy->metrics) },
		{ "user", str_eq(fixed->user, policy->user) },
		{ "group", str_eq(fixed->group, policy->group) },
	};
	unsigned n = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].same)
			continue;
		if (names_r != NULL)
			buf_printf(
			    names_r, "%s%s", n == 0 ? "" : ", ", rows[i].name);
		n++;
	}
	return n;
}
