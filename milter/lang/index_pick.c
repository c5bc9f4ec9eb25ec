/*
 * index_pick - the test by which a step is found.
 *
 * A test will do if it must be true where the step's condition is: a part of
 * a chain of `and`; of a chain of `or` one in every part; of a `let` one in
 * what it stands for; of a rule inside `when` also that of the `when`.  What
 * stands under `not` or `any` is not looked at.  A step that may be the first
 * to tell a let which reads tags is not found, but asked always: what a let
 * came to stays for the stage.
 *
 * All steps are gone through twice.  First every value that some test waits
 * for is counted, then the rarest is chosen: of ten thousand rules on
 * daemon.name == "mx" and rcpt == "..." each is found by its recipient.
 */
#include "lang/index_int.h"

#include "lists/entry.h"

enum {
	ENTRIES_MAX = 256, /* values of one step; others are asked always */
	/* Parts of a condition that are looked at: lets of lets could make
	 * them more than anyone can go through. */
	PARTS_MAX = 1000,
};

struct count {
	uint64_t hash; /* 0: empty */
	uint32_t n;
};

struct picker {
	struct arena *scratch;
	struct picks *picks;
	uint32_t room; /* of picks->entries */
	bool once;
	unsigned parts;       /* of this step, left to look at */
	struct count *counts; /* open addressing, half empty */
	uint32_t n_counts;
	uint32_t mask;
	uint32_t tests[INDEX_KEYS_MAX]; /* values that tests wait for, by key */
	const uint32_t *guard_of;       /* step by memo slot of its guard */
};

/* ---- counts ------------------------------------------------------------- */

static struct count *
count_of(const struct picker *p, uint64_t hash)
{
	uint32_t i = (uint32_t)(hash >> 16) & p->mask;

	while (p->counts[i].hash != 0 && p->counts[i].hash != hash)
		i = (i + 1) & p->mask;
	return &p->counts[i];
}

static void
counts_grow(struct picker *p)
{
	struct count *old = p->counts;
	uint32_t old_room = old == NULL ? 0 : p->mask + 1;
	uint32_t room = old_room == 0 ? 256 : old_room * 2;

	p->counts = arena_xalloc(p->scratch, room * sizeof(*p->counts));
	p->mask = room - 1;
	for (uint32_t i = 0; i < old_room; i++)
		if (old[i].hash != 0)
			*count_of(p, old[i].hash) = old[i];
}

static void
count_entry(struct picker *p, uint64_t hash)
{
	struct count *count;

	if (p->counts == NULL || p->n_counts > p->mask / 2)
		counts_grow(p);
	count = count_of(p, hash);
	p->n_counts += count->hash == 0;
	count->hash = hash;
	count->n++;
}

/* ---- keys --------------------------------------------------------------- */

static bool
type_is_found(enum type type)
{
	return type == T_STRING || type == T_DOMAIN || type == T_ADDRESS ||
	       type == T_IP || type_is_numeric(type);
}

/* Whether it is the same through a whole run of the program. */
static bool
is_steady(const struct picker *p, const struct expr *e)
{
	const struct fact_row *row;

	if (e->kind == EXPR_HEADER || e->kind == EXPR_HEADER_RAW ||
	    e->kind == EXPR_HEADER_COUNT)
		return true;
	if (e->kind == EXPR_MACRO)
		return p->once;
	if (e->kind != EXPR_FACT)
		return false;
	row = &fact_rows[e->slot];
	if ((row->flags & F_ELEMENT) != 0)
		return false;
	return p->once || !fact_is_fresh((enum fact)e->slot);
}

static bool
key_find(struct picker *p, const struct expr *e, uint32_t *key_r)
{
	struct picks *picks = p->picks;
	uint32_t i = 0;

	if (!type_is_found(e->type) || !is_steady(p, e))
		return false;
	while (i < picks->n_keys && (picks->keys[i]->kind != e->kind ||
					picks->keys[i]->slot != e->slot))
		i++;
	if (i == INDEX_KEYS_MAX)
		return false;
	if (i == picks->n_keys)
		picks->keys[picks->n_keys++] = e;
	*key_r = i;
	return true;
}

/* ---- entries of a test -------------------------------------------------- */

static void
add(struct picker *p, struct index_entry entry)
{
	struct picks *picks = p->picks;
	struct index_entry *old = picks->entries;

	if (picks->n_entries == p->room) {
		p->room = p->room == 0 ? 64 : p->room * 2;
		picks->entries =
		    arena_xalloc(p->scratch, p->room * sizeof(*old));
		if (old != NULL)
			memcpy(picks->entries, old,
			    picks->n_entries * sizeof(*old));
	}
	picks->entries[picks->n_entries++] = entry;
}

static void
add_text(struct picker *p, uint32_t key, enum index_part part, struct str text)
{
	add(p, (struct index_entry){ .hash = index_hash_text(key, part, text),
		   .key = key,
		   .part = (uint8_t)part });
}

static void
add_net(struct picker *p, uint32_t key, struct ip ip, uint8_t prefix)
{
	add(p, (struct index_entry){ .hash = index_hash_net(key, ip, prefix),
		   .key = key,
		   .part = INDEX_NET,
		   .v6 = ip.family == IP_V6,
		   .prefix = prefix });
}

/* Where a text test looks: a domain is looked up with its parents. */
static enum index_part
part_of(enum type type)
{
	return type == T_DOMAIN ? INDEX_DOMAIN : INDEX_WHOLE;
}

static void
add_value(struct picker *p, uint32_t key, const struct value *v)
{
	if (v->type == T_IP)
		add_net(p, key, v->ip, v->ip.family == IP_V4 ? 32 : 128);
	else if (v->type == T_ADDRESS)
		add_text(p, key, INDEX_WHOLE, v->address->norm);
	else
		add_text(p, key, part_of(v->type), v->str);
}

static void
add_item(struct picker *p, uint32_t key, enum type type,
    const struct list_entry *item)
{
	if ((item->roles & ROLE_NET) != 0)
		add_net(p, key, item->net.ip, item->net.prefix);
	if ((item->roles & ROLE_WORD) != 0)
		add_text(p, key, part_of(type), item->text);
	if ((item->roles & ROLE_ADDRESS) != 0)
		add_text(p, key, INDEX_WHOLE, item->text);
	if ((item->roles & ROLE_NAME) != 0)
		add_text(p, key, INDEX_DOMAIN, item->text);
	if ((item->roles & ROLE_LOCAL) != 0)
		add_text(p, key, INDEX_LOCAL, item->text);
}

/* A string in a list of domains or addresses is first brought to their form:
 * that is not looked up. */
static bool
list_fits(enum list_kind kind, enum type type)
{
	if (kind == LIST_DOMAINS || kind == LIST_ADDRESSES)
		return type != T_STRING;
	return kind == LIST_NETWORKS || kind == LIST_WORDS;
}

static bool
list_entries(struct picker *p, const struct expr *e)
{
	struct list_entry item;
	size_t at = 0, n = 0;
	uint32_t key;

	if (list_size(e->list) > ENTRIES_MAX ||
	    !list_fits(list_kind(e->list), e->a->type) ||
	    !key_find(p, e->a, &key))
		return false;
	for (; list_next(e->list, &at, &item); n++)
		add_item(p, key, e->a->type, &item);
	return n == list_size(e->list);
}

static bool
equal_entries(
    struct picker *p, const struct expr *fact, const struct expr *word)
{
	uint32_t key;

	if (word->kind != EXPR_CONST || word->type != fact->type ||
	    type_is_numeric(word->type) || !key_find(p, fact, &key))
		return false;
	add_value(p, key, &word->value);
	return true;
}

/* What a number must be beyond for a comparison to be true: above the bound
 * or below it, the bound itself not included. */
static bool
bounds_of(enum cmp cmp, int64_t bound, struct index_entry *e)
{
	e->above = INT64_MAX;
	e->below = INT64_MIN;
	switch (cmp) {
	case CMP_GT:
		e->above = bound;
		return true;
	case CMP_GE:
		e->above = bound - 1;
		return bound > INT64_MIN;
	case CMP_LT:
		e->below = bound;
		return true;
	case CMP_LE:
		e->below = bound + 1;
		return bound < INT64_MAX;
	case CMP_EQ:
	case CMP_NE:
		break;
	}
	return false;
}

/* fact > 10: such tests of a fact are asked together. */
static bool
order_entries(struct picker *p, const struct expr *e)
{
	struct index_entry entry = { .part = INDEX_ORDER };

	if (e->b->kind != EXPR_CONST || !type_is_numeric(e->b->type) ||
	    !type_is_numeric(e->a->type) ||
	    !bounds_of((enum cmp)e->op, e->b->value.num, &entry) ||
	    !key_find(p, e->a, &entry.key))
		return false;
	entry.hash = index_hash_text(entry.key, INDEX_ORDER, STR(""));
	add(p, entry);
	return true;
}

/* A regex waits for one of each of its sets of literals. */
static bool
regex_entries(struct picker *p, const struct expr *e, size_t set)
{
	const struct str *literals;
	size_t n = regex_literals(e->regex, set, &literals);
	uint32_t key;

	if (n == 0 || !key_find(p, e->a, &key))
		return false;
	for (size_t i = 0; i < n; i++)
		add(p, (struct index_entry){ .hash = index_hash_text(
						 key, INDEX_TEXT, literals[i]),
			   .key = key,
			   .part = INDEX_TEXT,
			   .text = literals[i] });
	return true;
}

/*
 * The values that a test waits for, of several ways to find it by number
 * `way`; false where there are no more.
 */
static bool
test_entries(struct picker *p, const struct expr *e, size_t way)
{
	if (e->kind == EXPR_MATCHES)
		return regex_entries(p, e, way);
	if (way > 0)
		return false;
	if (e->kind == EXPR_IN_LIST)
		return list_entries(p, e);
	if (e->kind != EXPR_CMP)
		return false;
	if (e->op != CMP_EQ)
		return order_entries(p, e);
	return equal_entries(p, e->a, e->b) || equal_entries(p, e->b, e->a);
}

/* ---- the first time: counting ------------------------------------------- */

static void
count_tests(struct picker *p, const struct expr *e)
{
	struct picks *picks = p->picks;

	for (; e->kind == EXPR_AND || e->kind == EXPR_OR; e = e->b)
		count_tests(p, e->a);
	if (p->parts == 0)
		return;
	p->parts--;
	if (e->kind == EXPR_MEMO && e->a != NULL)
		count_tests(p, e->a);
	for (size_t way = 0; test_entries(p, e, way); way++)
		;
	for (uint32_t i = 0; i < picks->n_entries; i++) {
		count_entry(p, picks->entries[i].hash);
		p->tests[picks->entries[i].key]++;
	}
	picks->n_entries = 0;
}

/* ---- the second time: choosing ------------------------------------------ */

static bool pick(struct picker *p, const struct expr *e, struct index_pick *r);

/* The rarer; of equals that of a fact which is looked up for many. */
static bool
is_better(const struct index_pick *a, const struct index_pick *b)
{
	return a->crowd != b->crowd ? a->crowd < b->crowd : a->peers > b->peers;
}

/* What was added behind `mark` is what was best before, and `new`: keeps the
 * better of them, at the mark. */
static void
keep_better(struct picker *p, uint32_t mark, const struct index_pick *new,
    struct index_pick *best)
{
	struct picks *picks = p->picks;

	if (new->found && (!best->found || is_better(new, best))) {
		*best = *new;
		best->first = mark;
		if (new->n > 0)
			memmove(&picks->entries[mark],
			    &picks->entries[new->first],
			    new->n * sizeof(*picks->entries));
	}
	picks->n_entries = mark + (best->found ? best->n : 0);
}

/* The best of the parts. */
static bool
pick_and(struct picker *p, const struct expr *e, struct index_pick *r)
{
	uint32_t mark = p->picks->n_entries;
	bool last = false;

	r->found = false;
	for (; !last; e = e->b) {
		struct index_pick part;

		last = e->kind != EXPR_AND;
		(void)pick(p, last ? e : e->a, &part);
		keep_better(p, mark, &part, r);
	}
	return r->found;
}

/* One of every part. */
static bool
pick_or(struct picker *p, const struct expr *e, struct index_pick *r)
{
	struct picks *picks = p->picks;
	bool last = false;

	*r = (struct index_pick){
		.found = true, .first = picks->n_entries, .peers = UINT32_MAX
	};
	for (; !last; e = e->b) {
		struct index_pick part;

		last = e->kind != EXPR_OR;
		if (!pick(p, last ? e : e->a, &part)) {
			picks->n_entries = r->first;
			r->found = false;
			return false;
		}
		if (r->test == NULL)
			r->test = part.test;
		if (r->crowd < part.crowd)
			r->crowd = part.crowd;
		if (r->peers > part.peers)
			r->peers = part.peers;
	}
	r->n = picks->n_entries - r->first;
	r->found = r->n <= ENTRIES_MAX;
	return r->found;
}

static void
weigh(const struct picker *p, struct index_pick *pick)
{
	const struct index_entry *entries = p->picks->entries;

	pick->n = p->picks->n_entries - pick->first;
	for (uint32_t i = pick->first; i < p->picks->n_entries; i++) {
		uint32_t crowd = count_of(p, entries[i].hash)->n;
		uint32_t peers = p->tests[entries[i].key];
		if (crowd > pick->crowd)
			pick->crowd = crowd;
		if (peers < pick->peers)
			pick->peers = peers;
	}
}

/* The best of its ways. */
static bool
pick_test(struct picker *p, const struct expr *e, struct index_pick *r)
{
	uint32_t mark = p->picks->n_entries;

	r->found = false;
	for (size_t way = 0;; way++) {
		struct index_pick one = { .found = true,
			.first = p->picks->n_entries,
			.peers = UINT32_MAX,
			.test = e };

		if (!test_entries(p, e, way))
			break;
		weigh(p, &one);
		keep_better(p, mark, &one, r);
	}
	p->picks->n_entries = mark + (r->found ? r->n : 0);
	return r->found;
}

/* Inside a `when`, the entries of the `when` again. */
static bool
pick_guard(struct picker *p, const struct expr *e, struct index_pick *r)
{
	struct picks *picks = p->picks;
	const struct index_pick *guard = &picks->steps[p->guard_of[e->slot]];

	*r = *guard;
	r->first = picks->n_entries;
	for (uint32_t i = 0; guard->found && i < guard->n; i++)
		add(p, picks->entries[guard->first + i]);
	return r->found;
}

static bool
pick(struct picker *p, const struct expr *e, struct index_pick *r)
{
	r->found = false;
	if (p->parts == 0)
		return false;
	p->parts--;
	switch (e->kind) {
	case EXPR_AND:
		return pick_and(p, e, r);
	case EXPR_OR:
		return pick_or(p, e, r);
	case EXPR_MEMO:
		return e->a == NULL ? pick_guard(p, e, r) : pick(p, e->a, r);
	default:
		return pick_test(p, e, r);
	}
}

/*
 * Whether it may tell a let whose first telling matters: not to ask the step
 * would put that off.
 */
static bool
tells_first(const struct picker *p, const struct expr *e)
{
	unsigned matters = MEMO_STATE | (p->once ? 0U : MEMO_EVENT);

	for (; e != NULL; e = e->b) {
		if (e->kind == EXPR_MEMO)
			return e->a != NULL && (e->op & matters) != 0;
		if (e->a != NULL && tells_first(p, e->a))
			return true;
	}
	return false;
}

/* Which step fills a slot. */
static const uint32_t *
guards(struct arena *scratch, const struct step *steps, uint32_t n)
{
	uint32_t slots = 0;
	uint32_t *guard_of;

	for (uint32_t i = 0; i < n; i++)
		if (steps[i].rule == NULL && steps[i].slot >= slots)
			slots = steps[i].slot + 1;
	guard_of = arena_xalloc(scratch, (slots + 1) * sizeof(*guard_of));
	for (uint32_t i = 0; i < n; i++)
		if (steps[i].rule == NULL)
			guard_of[steps[i].slot] = i;
	return guard_of;
}

void
index_pick(struct arena *scratch, const struct step *steps, uint32_t n,
    bool once, struct picks *picks_r)
{
	struct picker p = {
		.scratch = scratch, .picks = picks_r, .once = once
	};

	*picks_r = (struct picks){ .n_keys = 0 };
	picks_r->steps =
	    arena_xalloc(scratch, (n + 1) * sizeof(*picks_r->steps));
	p.guard_of = guards(scratch, steps, n);
	counts_grow(&p);
	for (uint32_t i = 0; i < n; i++) {
		p.parts = PARTS_MAX;
		if (steps[i].cond != NULL)
			count_tests(&p, steps[i].cond);
	}
	for (uint32_t i = 0; i < n; i++) {
		p.parts = PARTS_MAX;
		if (steps[i].cond != NULL && !tells_first(&p, steps[i].cond))
			(void)pick(&p, steps[i].cond, &picks_r->steps[i]);
	}
}
