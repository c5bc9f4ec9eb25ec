/*
 * candidates - looks the facts of a session up in a program's index.
 *
 * What is found are lists of steps in the policy, which are merged as the
 * program runs: nothing is allocated, and steps that nobody waits for cost
 * nothing.  Where a fact finds more than there is room for, all steps that
 * wait for it are candidates; they are asked in vain.
 */
#include "core/candidates.h"

_Static_assert(
    (int)RUNS_MAX > 2 * (int)INDEX_KEYS_MAX, "a list for every fact, and more");

/* A look-up under way. */
struct finder {
	const struct index *index;
	struct candidates *found;
	uint32_t key;
	uint32_t before; /* lists that others found */
	uint32_t room;   /* lists that this fact may come to */
	bool over;       /* it found more */
};

static void
take_run(struct finder *f, const uint32_t *steps, size_t n)
{
	if (f->found->n == f->room)
		f->over = true;
	else
		f->found->runs[f->found->n++] =
		    (struct run_of_steps){ steps, steps + n };
}

static void
take(struct finder *f, struct index_list list)
{
	if (list.n > 0)
		take_run(f, f->index->steps + list.first, list.n);
}

static void
probe(struct finder *f, uint64_t hash)
{
	const struct index *index = f->index;

	take(f,
	    index->slots[index_slot_of(index->slots, index->mask, hash)].steps);
}

/* A name, and from each of its dots on. */
static void
probe_domain(struct finder *f, struct str name)
{
	uint64_t hash = index_hash_begin(f->key, INDEX_DOMAIN);

	/* A list of domains takes it as the name without. */
	if (str_ends(name, STR("."))) {
		f->over = true;
		return;
	}
	for (size_t i = name.n; i-- > 0;) {
		hash = index_hash_octet(hash, ascii_lower(str_at(name, i)));
		if (name.p[i] == '.')
			probe(f, index_hash_end(hash));
	}
	probe(f, index_hash_end(hash));
}

static void
probe_text(struct finder *f, enum index_part part, struct str text)
{
	probe(f, index_hash_text(f->key, part, text));
}

static void
probe_ip(struct finder *f, const struct index_key *key, struct ip ip)
{
	const uint64_t *lengths = ip.family == IP_V4 ? &key->v4 : key->v6;
	unsigned words = ip.family == IP_V4 ? 1 : 3;

	for (unsigned i = 0; i < words; i++)
		for (uint64_t left = lengths[i]; left != 0; left &= left - 1)
			probe(f, index_hash_net(f->key, ip,
				     i * 64 + (unsigned)__builtin_ctzll(left)));
}

static bool
take_found(void *ctx, const uint32_t *steps, size_t n)
{
	struct finder *f = ctx;

	for (uint32_t i = f->before; i < f->found->n; i++)
		if (f->found->runs[i].at == steps)
			return true;
	take_run(f, steps, n);
	return !f->over;
}

/* The literals of regexes. */
static void
probe_literals(struct finder *f, const struct index_key *key, struct str text)
{
	/* No regex can tell: all of them come out unknown. */
	if (text.n > REGEX_SUBJECT_MAX)
		f->over = true;
	else
		(void)scanner_scan(key->scanner, text, take_found, f);
}

static bool
looks_at(const struct index_key *key, enum index_part part)
{
	return (key->parts & 1u << part) != 0;
}

static void
probe_address(
    struct finder *f, const struct index_key *key, const struct address *a)
{
	if (looks_at(key, INDEX_WHOLE))
		probe_text(f, INDEX_WHOLE, a->norm);
	if (looks_at(key, INDEX_DOMAIN) && a->domain.p != NULL)
		probe_domain(f, a->domain);
	if (looks_at(key, INDEX_LOCAL) && a->local.p != NULL)
		probe_text(f, INDEX_LOCAL, a->local);
	if (looks_at(key, INDEX_TEXT))
		probe_literals(f, key, a->norm);
}

static void
probe_value(
    struct finder *f, const struct index_key *key, const struct value *v)
{
	if (v->state == VALUE_ABSENT)
		return;
	if (v->state != VALUE_PRESENT) {
		f->over = true;
	} else if (type_is_numeric(v->type)) {
		f->over = v->num > key->above || v->num < key->below;
	} else if (v->type == T_IP) {
		probe_ip(f, key, v->ip);
	} else if (v->type == T_ADDRESS) {
		probe_address(f, key, v->address);
	} else {
		if (looks_at(key, INDEX_DOMAIN))
			probe_domain(f, v->str);
		if (looks_at(key, INDEX_WHOLE))
			probe_text(f, INDEX_WHOLE, v->str);
		if (looks_at(key, INDEX_TEXT))
			probe_literals(f, key, v->str);
	}
}

void
candidates_find(
    struct eval *ev, const struct index *index, struct candidates *found_r)
{
	struct finder f = { .index = index, .found = found_r };

	found_r->n = 0;
	f.room = 1;
	take(&f, index->always);
	for (f.key = 0; f.key < index->n_keys; f.key++) {
		const struct index_key *key = &index->keys[f.key];
		struct value v;

		if (key->parts == 0)
			continue;
		/* One list is left for each fact behind this one. */
		f.room = RUNS_MAX - (index->n_keys - 1 - f.key);
		f.over = false;
		f.before = found_r->n;
		eval_value(ev, key->value, &v);
		probe_value(&f, key, &v);
		if (!f.over)
			continue;
		found_r->n = f.before;
		take(&f, key->all);
	}
}

/* The first in the run that is not before `from`. */
static void
run_skip(struct run_of_steps *run, uint32_t from)
{
	size_t stride = 1;

	while (run->at < run->end && *run->at < from) {
		size_t left = (size_t)(run->end - run->at);
		if (stride < left && run->at[stride] < from) {
			run->at += stride;
			stride *= 2;
		} else {
			run->at++;
			stride = 1;
		}
	}
}

uint32_t
candidates_next(struct candidates *found, uint32_t from)
{
	uint32_t next = UINT32_MAX;

	uint32_t i = 0;

	while (i < found->n) {
		struct run_of_steps *run = &found->runs[i];

		run_skip(run, from);
		if (run->at == run->end) {
			*run = found->runs[--found->n];
			continue;
		}
		if (*run->at < next)
			next = *run->at;
		i++;
	}
	return next;
}
