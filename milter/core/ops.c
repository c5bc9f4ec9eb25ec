/*
 * ops - the tests themselves, on values that were evaluated already.
 *
 * An absent operand makes every test false but `is absent`; an unknown or
 * pending one makes it unknown.  Negation stands in EXPR_NOT, so `!=` is the
 * one test here that is true of an absent operand.
 */
#include "core/eval_int.h"

/* False if the operands decide the test by their state alone. */
static bool
both_present(const struct value *a, const struct value *b, enum truth *t_r)
{
	if (a->state == VALUE_ABSENT || b->state == VALUE_ABSENT) {
		*t_r = TRUTH_FALSE;
		return false;
	}
	if (a->state != VALUE_PRESENT || b->state != VALUE_PRESENT) {
		*t_r = TRUTH_UNKNOWN;
		return false;
	}
	return true;
}

static enum truth
truth_of(bool b)
{
	return b ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth
truth_not(enum truth t)
{
	/* TRUE 3, UNKNOWN 1, FALSE 0: 3 >> t swaps the ends. */
	return (enum truth)(3 >> t);
}

static bool
values_equal(const struct value *a, const struct value *b)
{
	char room_a[IP_TEXT_MAX], room_b[IP_TEXT_MAX];
	struct buf text_a = BUF_ON(room_a), text_b = BUF_ON(room_b);

	if (type_is_numeric(a->type))
		return a->num == b->num;
	if (a->type == T_BOOL)
		return a->truth == b->truth;
	if (a->type == T_IP && b->type == T_IP)
		return ip_eq(a->ip, b->ip);
	return str_eq_ci(ops_text(a, &text_a), ops_text(b, &text_b));
}

/* A string as `type` has it, where it is compared with one. */
static void
align(struct eval *ev, enum type type, struct value *v)
{
	struct arena *scratch = ev->s->scratch;
	struct str text;
	struct address *address;

	if (v->type != T_STRING || v->state != VALUE_PRESENT)
		return;
	text = v->str;
	if (type == T_DOMAIN) {
		v->type = T_DOMAIN;
		v->str = domain_normal(text, scratch);
		if (v->str.p == NULL)
			v->state = VALUE_UNKNOWN;
	} else if (type == T_ADDRESS) {
		v->type = T_ADDRESS;
		address = arena_alloc(scratch, sizeof *address);
		v->address = address;
		if (address == NULL ||
		    !address_parse(text, PATH_REVERSE, true, scratch, address))
			v->state = VALUE_UNKNOWN;
	}
}

void
ops_align(struct eval *ev, struct value *a, struct value *b)
{
	align(ev, a->type, b);
	align(ev, b->type, a);
}

static enum truth
compare_numbers(enum cmp cmp, int64_t a, int64_t b)
{
	switch (cmp) {
	case CMP_EQ:
		return truth_of(a == b);
	case CMP_NE:
		return truth_of(a != b);
	case CMP_LT:
		return truth_of(a < b);
	case CMP_LE:
		return truth_of(a <= b);
	case CMP_GT:
		return truth_of(a > b);
	case CMP_GE:
		return truth_of(a >= b);
	}
	return TRUTH_UNKNOWN;
}

/*
 * A count that still grows against a number that stands: the test is
 * decided once no larger count could change its outcome.
 */
static enum truth
compare_growing(enum cmp cmp, int64_t so_far, int64_t bound)
{
	bool past = so_far > bound;

	switch (cmp) {
	case CMP_EQ:
		return past ? TRUTH_FALSE : TRUTH_UNKNOWN;
	case CMP_NE:
		return past ? TRUTH_TRUE : TRUTH_UNKNOWN;
	case CMP_LT:
		return so_far >= bound ? TRUTH_FALSE : TRUTH_UNKNOWN;
	case CMP_LE:
		return past ? TRUTH_FALSE : TRUTH_UNKNOWN;
	case CMP_GT:
		return past ? TRUTH_TRUE : TRUTH_UNKNOWN;
	case CMP_GE:
		return so_far >= bound ? TRUTH_TRUE : TRUTH_UNKNOWN;
	}
	return TRUTH_UNKNOWN;
}

/* The same test with its operands changed over. */
static enum cmp
cmp_mirrored(enum cmp cmp)
{
	switch (cmp) {
	case CMP_LT:
		return CMP_GT;
	case CMP_LE:
		return CMP_GE;
	case CMP_GT:
		return CMP_LT;
	case CMP_GE:
		return CMP_LE;
	case CMP_EQ:
	case CMP_NE:
		break;
	}
	return cmp;
}

enum truth
ops_compare(enum cmp cmp, const struct value *a, const struct value *b)
{
	enum truth t;

	if (a->state == VALUE_PENDING && b->state == VALUE_PRESENT)
		return compare_growing(cmp, a->num, b->num);
	if (b->state == VALUE_PENDING && a->state == VALUE_PRESENT)
		return compare_growing(cmp_mirrored(cmp), b->num, a->num);
	if (!both_present(a, b, &t))
		return cmp == CMP_NE ? truth_not(t) : t;
	if (cmp == CMP_EQ || cmp == CMP_NE)
		return truth_of(values_equal(a, b) == (cmp == CMP_EQ));
	return compare_numbers(cmp, a->num, b->num);
}

struct str
ops_text(const struct value *v, struct buf *room)
{
	switch (v->type) {
	case T_STRING:
	case T_DOMAIN:
		return v->str;
	case T_ADDRESS:
		return v->address->norm;
	default:
		value_print(v, room);
		return buf_str(room);
	}
}

/* ---- membership --------------------------------------------------------- */

/* 1, 0, -1 of a look-up as a truth. */
static enum truth
truth_of_lookup(int found)
{
	if (found < 0)
		return TRUTH_UNKNOWN;
	return truth_of(found > 0);
}

/* The name that a domain list sees of a value; none if it has none. */
static struct str
domain_of(struct eval *ev, const struct value *v)
{
	if (v->type == T_ADDRESS)
		return v->address->domain;
	if (v->type == T_DOMAIN)
		return v->str;
	return domain_normal(v->str, ev->s->scratch);
}

static enum truth
in_domains(struct eval *ev, const struct list *list, const struct value *v)
{
	struct str domain = domain_of(ev, v);

	if (domain.p == NULL)
		return TRUTH_FALSE;
	return truth_of_lookup(list_match_domain(list, domain));
}

static enum truth
in_addresses(struct eval *ev, const struct list *list, const struct value *v)
{
	struct address parsed;

	if (v->type == T_ADDRESS)
		return truth_of_lookup(list_match_address(list, v->address));
	if (!address_parse(v->str, PATH_REVERSE, true, ev->s->scratch, &parsed))
		return TRUTH_UNKNOWN;
	return truth_of_lookup(list_match_address(list, &parsed));
}

static enum truth
in_texts(struct eval *ev, const struct list *list, const struct value *v)
{
	char room[IP_TEXT_MAX];
	struct buf text = BUF_ON(room);
	struct regex_room *match = NULL;

	if (list_kind(list) == LIST_PATTERNS)
		match = eval_regex_room(ev);
	return truth_of_lookup(
	    list_match_text(list, ops_text(v, &text), match));
}

enum truth
ops_in_list(struct eval *ev, const struct list *list, const struct value *v)
{
	if (v->state == VALUE_ABSENT)
		return TRUTH_FALSE;
	if (v->state != VALUE_PRESENT)
		return TRUTH_UNKNOWN;
	switch (list_kind(list)) {
	case LIST_NETWORKS:
		return truth_of_lookup(list_match_ip(list, v->ip));
	case LIST_DOMAINS:
		return in_domains(ev, list, v);
	case LIST_ADDRESSES:
		return in_addresses(ev, list, v);
	case LIST_WORDS:
	case LIST_PATTERNS:
	case LIST_KIND_COUNT:
		break;
	}
	return in_texts(ev, list, v);
}

bool
ops_map_get(const struct map *map, const struct value *v, uint32_t *index_r)
{
	char room[IP_TEXT_MAX];
	struct buf text = BUF_ON(room);

	if (v->state != VALUE_PRESENT)
		return false;
	switch (v->type) {
	case T_DOMAIN:
		return map_get_domain(map, v->str, index_r);
	case T_ADDRESS:
		return map_get_address(map, v->address, index_r);
	case T_IP:
		return map_get_ip(map, v->ip, index_r);
	default:
		return map_get_word(map, ops_text(v, &text), index_r);
	}
}

enum truth
ops_matches(struct eval *ev, const struct regex *regex, const struct value *v)
{
	char room[IP_TEXT_MAX];
	struct buf text = BUF_ON(room);

	if (v->state == VALUE_ABSENT)
		return TRUTH_FALSE;
	if (v->state != VALUE_PRESENT)
		return TRUTH_UNKNOWN;
	return truth_of_lookup(
	    regex_match(regex, ops_text(v, &text), eval_regex_room(ev)));
}

/* ---- is KIND ------------------------------------------------------------ */

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (str_at(s, i) >= 0x80)
			return false;
	return true;
}

/* Octets as they were typed, where the value keeps only their normal form. */
static struct str
as_typed(const struct eval *ev, const struct expr *e, const struct value *v)
{
	if (e->kind == EXPR_FACT && e->slot == FACT_HELO)
		return ev->s->helo_raw;
	if (v->type == T_ADDRESS)
		return v->address->raw;
	return v->str;
}

/* The host name of a value: of an address its domain. */
static struct str
host_of(const struct value *v)
{
	if (v->type == T_ADDRESS)
		return v->address->domain;
	return v->str;
}

/* A fault that could not be told is no "no": memory was out. */
static bool
is_good(struct eval *ev, enum fault fault)
{
	if (fault == FAULT_UNTOLD)
		session_broken(ev->s, SCOPE_EVENT);
	return fault == FAULT_NONE;
}

static bool
is_valid(struct eval *ev, const struct expr *e, const struct value *v)
{
	if (e->kind == EXPR_FACT && e->slot == FACT_HELO)
		return ev->s->helo_fault == FAULT_NONE;
	if (v->type == T_ADDRESS)
		return v->address->fault == FAULT_NONE;
	return is_good(ev, helo_fault(v->str, NULL));
}

static bool
is_fqdn(struct eval *ev, struct str host)
{
	return host.p != NULL && str_find(host, '.') != STR_NOWHERE &&
	       is_good(ev, domain_fault(host, false));
}

static bool
value_is(struct eval *ev, const struct expr *e, const struct value *v)
{
	struct ip ip = { .family = IP_NONE };
	struct str host;

	switch ((enum is_kind)e->op) {
	case IS_NULL:
		return v->type == T_ADDRESS && v->address->norm.n == 0;
	case IS_ASCII:
		return is_ascii(as_typed(ev, e->a, v));
	case IS_VALID:
		return is_valid(ev, e->a, v);
	case IS_IP:
		return v->type == T_IP || ip_parse(host_of(v), &ip, NULL);
	case IS_LITERAL:
		host = host_of(v);
		return host.n > 0 && literal_fault(host, NULL) == FAULT_NONE;
	case IS_FQDN:
		return is_fqdn(ev, host_of(v));
	case IS_ABSENT:
	case IS_PRESENT:
	case IS_KIND_COUNT:
		break;
	}
	return false;
}

enum truth
ops_is(struct eval *ev, const struct expr *e)
{
	struct value v;

	eval_value(ev, e->a, &v);
	if (v.state == VALUE_UNKNOWN)
		return TRUTH_UNKNOWN;
	if (e->op == IS_ABSENT)
		return truth_of(v.state == VALUE_ABSENT);
	/* What is pending will be there. */
	if (e->op == IS_PRESENT)
		return truth_of(v.state != VALUE_ABSENT);
	if (v.state != VALUE_PRESENT)
		return v.state == VALUE_ABSENT ? TRUTH_FALSE : TRUTH_UNKNOWN;
	return truth_of(value_is(ev, e, &v));
}

/* ---- arithmetic --------------------------------------------------------- */

int64_t
ops_arith(char op, int64_t a, int64_t b)
{
	int64_t result;
	bool over;
	bool up;

	if (op == '+') {
		over = __builtin_add_overflow(a, b, &result);
		up = b > 0;
	} else if (op == '-') {
		over = __builtin_sub_overflow(a, b, &result);
		up = b < 0;
	} else {
		over = __builtin_mul_overflow(a, b, &result);
		up = (a < 0) == (b < 0);
	}
	if (!over)
		return result;
	return up ? INT64_MAX : INT64_MIN;
}
