/*
 * policy - from a file to a policy that can be evaluated.
 *
 * The policy has an arena of its own, in which the policy itself lies; the
 * tree has another, which dies here.  Sources and diagnostics live in the
 * arena of `diags`: a message can still point into the text.
 */
#include "lang/policy.h"

#include "base/hash.h"
#include "lang/check.h"
#include "lang/compile.h"
#include "lang/default.h"
#include "lang/parse.h"

static struct policy *
policy_new(struct str file)
{
	struct arena *arena = arena_new(ARENA_UNLIMITED);
	struct policy *policy;

	if (arena == NULL)
		return NULL;
	policy = arena_xalloc(arena, sizeof(*policy));
	policy->arena = arena;
	atomic_init(&policy->refs, 1);
	policy->file = arena_xstr(arena, file);
	policy->user = STR_NONE;
	policy->group = STR_NONE;
	policy->timezone = STR_NONE;
	policy->listen.address = STR_NONE;
	policy->metrics.address = STR_NONE;
	policy->control = STR_NONE;
	policy->drain = DRAIN_USUAL;
	return policy;
}

static void
no_memory(struct diags *diags)
{
	diag_add(
	    diags, DIAG_ERROR, (struct pos){ .source = NULL }, "out of memory");
}

/* Of what was written, wherever that lies; the key is no secret, so that it is
 * the same on every machine. */
static uint64_t
fingerprint_of(const struct policy_text *texts)
{
	static const struct hash_key key = { { 0, 0 } };
	uint64_t sum = 0;

	for (; texts != NULL; texts = texts->next)
		sum = sum * 31 + hash_str(key, texts->text);
	return sum;
}

/* Parse, check, compile.  `old` may be NULL. */
static struct policy *
load(struct sources *sources, const struct source *source,
    const struct policy *old, struct diags *diags)
{
	struct arena *scratch = arena_new(ARENA_UNLIMITED);
	struct policy *policy = policy_new(source->name);
	struct check c = { .scratch = scratch,
		.sources = sources,
		.diags = diags,
		.policy = policy,
		.old = old };

	if (scratch == NULL || policy == NULL) {
		no_memory(diags);
	} else {
		c.arena = policy->arena;
		c.ast = parse_policy(sources, source, scratch, diags);
		check_policy(&c);
		if (diags->errors == 0)
			compile_policy(&c);
		policy->texts = source_texts_copy(policy->arena,
		    sources->replay != NULL ? sources->replay : sources->texts);
		policy->fingerprint = fingerprint_of(policy->texts);
	}
	arena_free(scratch);
	if (diags->errors == 0)
		return policy;
	policy_unref(policy);
	return NULL;
}

static struct policy *
load_file(struct sources *sources, struct str path, const struct policy *old,
    struct diags *diags)
{
	const struct source *source;
	struct why why;

	source = default_source(sources, path, &why);
	if (source != NULL)
		return load(sources, source, old, diags);
	diag_add(
	    diags, DIAG_ERROR, (struct pos){ .source = NULL }, "%s", why.text);
	return NULL;
}

struct policy *
policy_load(const char *path, struct diags *diags)
{
	struct sources sources;

	sources_init(&sources, diags->arena);
	return load_file(
	    &sources, path == NULL ? STR_NONE : str_c(path), NULL, diags);
}

struct policy *
policy_load_text(struct str name, struct str text, struct diags *diags)
{
	struct sources sources;

	sources_init(&sources, diags->arena);
	return load(&sources, source_text(&sources, name, text), NULL, diags);
}

struct policy *
policy_reload(const char *path, const struct policy *old, int64_t now,
    struct diags *diags)
{
	struct sources sources;

	sources_init(&sources, diags->arena);
	sources.now = now;
	return load_file(&sources, str_c(path), old, diags);
}

struct policy *
policy_renew_lists(const struct policy *old, int64_t now, struct diags *diags)
{
	struct sources sources;

	sources_init(&sources, diags->arena);
	sources.now = now;
	sources.replay = old->texts;
	return load_file(&sources, old->file, old, diags);
}

struct str
policy_read_control(const char *path, struct arena *arena)
{
	struct sources sources;
	const struct source *source;
	struct diags diags;
	const struct ast *ast;

	sources_init(&sources, arena);
	diags_init(&diags, arena);
	source = default_source(
	    &sources, path == NULL ? STR_NONE : str_c(path), NULL);
	if (source == NULL)
		return STR_NONE;
	ast = parse_policy(&sources, source, arena, &diags);
	for (const struct setting *s = ast->settings; s != NULL; s = s->next)
		if (s->kind == SETTING_CONTROL)
			return s->value.s;
	return STR_NONE;
}

struct policy *
policy_ref(struct policy *policy)
{
	atomic_fetch_add(&policy->refs, 1);
	return policy;
}

void
policy_unref(struct policy *policy)
{
	if (policy != NULL && atomic_fetch_sub(&policy->refs, 1) == 1)
		arena_free(policy->arena);
}

bool
policy_speaks_at(const struct policy *policy, enum stage stage)
{
	return (policy->speaks & 1u << stage) != 0;
}

bool
policy_tells_at(const struct policy *policy, enum stage stage)
{
	return (policy->tells & 1u << stage) != 0;
}

bool
policy_refuses_on_error(const struct policy *policy)
{
	return !policy->observe_all &&
	       policy->on_error[0].rule->action != ACTION_ACCEPT;
}
