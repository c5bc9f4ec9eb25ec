/*
 * jdoc - built with jansson, which owns what is added to it.
 *
 * `open` holds the objects and arrays that have not ended, the outermost
 * first, borrowed from the root.  Once something failed, nothing more is
 * added.
 */
#include "base/jdoc.h"

#include <assert.h>
#include <stdlib.h>

#ifdef HAVE_JANSSON

#include <jansson.h>

struct jdoc {
	json_t *root;
	json_t *open[JDOC_DEPTH_MAX];
	size_t depth;
	bool failed;
};

struct jdoc *
jdoc_new(struct why *why)
{
	struct jdoc *j = calloc(1, sizeof(*j));

	if (j == NULL)
		(void)why_set(why, "no memory");
	return j;
}

void
jdoc_free(struct jdoc *j)
{
	if (j == NULL)
		return;
	json_decref(j->root);
	free(j);
}

/* Takes over the value; NULL is one that memory was not enough for. */
static void
add(struct jdoc *j, const char *key, json_t *value)
{
	json_t *to = j->depth == 0 ? NULL : j->open[j->depth - 1];

	if (to == NULL) {
		assert(j->root == NULL);
		j->root = value;
		j->failed = value == NULL;
	} else if (key != NULL) {
		j->failed = json_object_set_new(to, key, value) != 0;
	} else {
		j->failed = json_array_append_new(to, value) != 0;
	}
}

static void
begin(struct jdoc *j, const char *key, json_t *value)
{
	assert(j->depth < JDOC_DEPTH_MAX);
	add(j, key, value);
	if (!j->failed)
		j->open[j->depth++] = value;
}

void
jdoc_object(struct jdoc *j, const char *key)
{
	if (!j->failed)
		begin(j, key, json_object());
}

void
jdoc_array(struct jdoc *j, const char *key)
{
	if (!j->failed)
		begin(j, key, json_array());
}

void
jdoc_end(struct jdoc *j)
{
	if (j->failed)
		return;
	assert(j->depth > 0);
	j->depth--;
}

static json_t *
ascii_of(struct str s)
{
	char *room = malloc(s.n + 1);
	json_t *value;

	if (room == NULL)
		return NULL;
	for (size_t i = 0; i < s.n; i++)
		room[i] = str_at(s, i) > 0x7f ? '?' : s.p[i];
	value = json_stringn(room, s.n);
	free(room);
	return value;
}

void
jdoc_str(struct jdoc *j, const char *key, struct str s)
{
	if (j->failed)
		return;
	if (str_is_none(s))
		add(j, key, json_null());
	else
		add(j, key,
		    str_is_utf8(s) ? json_stringn(s.p, s.n) : ascii_of(s));
}

void
jdoc_u64(struct jdoc *j, const char *key, uint64_t v)
{
	if (!j->failed)
		add(j, key,
		    json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v));
}

void
jdoc_bool(struct jdoc *j, const char *key, bool v)
{
	if (!j->failed)
		add(j, key, json_boolean(v));
}

bool
jdoc_print(const struct jdoc *j, FILE *out)
{
	if (j->failed || j->root == NULL || j->depth != 0)
		return false;
	return json_dumpf(j->root, out, JSON_INDENT(2)) == 0 &&
	       fputc('\n', out) != EOF;
}

#else /* there never is a document, so that nothing else is called */

struct jdoc *
jdoc_new(struct why *why)
{
	(void)why_set(why,
	    "JSON is not built in; configure --with-jansson (on Debian, "
	    "apt-get install libjansson-dev first) and build again");
	return NULL;
}

void
jdoc_free(struct jdoc *j)
{
	assert(j == NULL);
}

void
jdoc_object(struct jdoc *j, const char *key)
{
	(void)key;
	assert(j != NULL);
}

void
jdoc_array(struct jdoc *j, const char *key)
{
	(void)key;
	assert(j != NULL);
}

void
jdoc_end(struct jdoc *j)
{
	assert(j != NULL);
}

void
jdoc_str(struct jdoc *j, const char *key, struct str s)
{
	(void)key;
	(void)s;
	assert(j != NULL);
}

void
jdoc_u64(struct jdoc *j, const char *key, uint64_t v)
{
	(void)key;
	(void)v;
	assert(j != NULL);
}

void
jdoc_bool(struct jdoc *j, const char *key, bool v)
{
	(void)key;
	(void)v;
	assert(j != NULL);
}

bool
jdoc_print(const struct jdoc *j, FILE *out)
{
	(void)out;
	return j != NULL;
}

#endif
