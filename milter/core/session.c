/*
 * session - what one connection has told so far.
 *
 * The arena holds what lasts, in the order of the lifetimes:
 *
 *     [ connection ][ helo ][ message ]      s->arena
 *                   ^       ^
 *                   at_helo at_message        scratch: one event
 *
 * A new HELO releases to at_helo, a new MAIL and every end of a message to
 * at_message.  The marks are set when the next part begins, so that what the
 * rules of a stage leave behind (late replies) belongs to the part before.
 * One caller at a time; threads may change between calls.
 */
#include "core/session_int.h"

#include <stdlib.h>

#include "smtp/encoded_word.h"

enum scope
stage_scope(enum stage stage)
{
	switch (stage) {
	case STAGE_CONNECT:
	case STAGE_UNKNOWN:
		return SCOPE_CONNECTION;
	case STAGE_HELO:
		return SCOPE_HELO;
	case STAGE_MAIL:
	case STAGE_RCPT:
	case STAGE_DATA:
	case STAGE_MESSAGE:
	case STAGE_COUNT:
		break;
	}
	return SCOPE_MESSAGE;
}

void
session_broken(struct session *s, enum scope scope)
{
	if (s->broken == SCOPE_NONE || scope < s->broken)
		s->broken = scope;
}

/* What must be looked for in the octets of a message. */
static unsigned
looks(const struct policy *policy)
{
	static const struct {
		enum fact fact;
		enum look look;
	} rows[] = {
		{ FACT_MESSAGE_LONGEST_LINE, LOOK_LINES },
		{ FACT_HEADERS_EIGHT_BIT, LOOK_HEADER_EIGHT_BIT },
		{ FACT_MESSAGE_EIGHT_BIT, LOOK_EIGHT_BIT },
		{ FACT_MESSAGE_BARE_CR, LOOK_BARE_CR },
		{ FACT_MESSAGE_BARE_LF, LOOK_BARE_LF },
		{ FACT_MESSAGE_NUL, LOOK_NUL },
	};
	unsigned found = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (policy->needs.fact[rows[i].fact])
			found |= rows[i].look;
	return found;
}

/* ---- begin and end ------------------------------------------------------ */

/* Memory that lasts as long as the session; false when it is out. */
static bool
session_room(struct session *s, struct str id)
{
	const struct policy *policy = s->policy;

	s->id = arena_str(s->arena, id);
	s->tags = arena_alloc(s->arena, policy->n_tags + 1);
	s->memos = arena_alloc(s->arena, policy->n_memos + 1);
	return s->id.p != NULL && s->tags != NULL && s->memos != NULL;
}

struct session *
session_new(struct policy *policy, const struct env *env, struct str id)
{
	/* glibc's calloc passes by the cache that each thread has. */
	struct session *s = malloc(sizeof *s);

	if (s == NULL)
		return NULL;
	*s = (struct session){
		.env = *env,
		.policy = policy_ref(policy),
		.looks = looks(policy),
		.arena = arena_new(SESSION_MEMORY_MAX),
		.scratch = arena_new(SESSION_MEMORY_MAX),
	};
	if (s->arena == NULL || s->scratch == NULL || !session_room(s, id)) {
		session_free(s);
		return NULL;
	}
	s->at_event = arena_mark(s->scratch);
	s->recipients_end = &s->recipients;
	s->added_end = &s->added;
	return s;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	regex_room_free(s->room);
	arena_free(s->scratch);
	arena_free(s->arena);
	policy_unref(s->policy);
	free(s);
}

/* ---- what an event ends ------------------------------------------------- */

/* Every event begins with an empty scratch arena. */
static void
event_begin(struct session *s)
{
	arena_release(s->scratch, s->at_event);
	arena_clear_failed(s->scratch);
	s->macros = NULL;
	if (s->broken == SCOPE_EVENT)
		s->broken = SCOPE_NONE;
}

/* Tags, scores, silence and failures of `scope` and all nested in it. */
static void
scope_end(struct session *s, enum scope scope)
{
	for (uint32_t i = 0; i < s->policy->n_tags; i++)
		if (s->tags[i] >= scope)
			s->tags[i] = SCOPE_NONE;
	for (int i = (int)scope; i < SCOPE_COUNT; i++)
		s->score[i] = 0;
	if (s->silent >= scope)
		s->silent = SCOPE_NONE;
	if (s->broken >= scope)
		s->broken = SCOPE_NONE;
}

void
session_message_end(struct session *s)
{
	event_begin(s);
	scope_end(s, SCOPE_MESSAGE);
	if (s->has_message_mark)
		arena_release(s->arena, s->at_message);
	s->has_message_mark = false;
	arena_clear_failed(s->arena);
	s->in_message = false;
	s->sender = (struct address){ .fault = FAULT_NONE };
	s->mail = (struct mail_param){ .has_size = false };
	s->recipients = NULL;
	s->recipients_end = &s->recipients;
	s->last_rcpt = NULL;
	s->accepted = 0;
	s->tried = 0;
	s->headers = NULL;
	s->headers_count = 0;
	s->headers_size = 0;
	s->body_size = 0;
	s->body_cut = false;
	s->octets = (struct octets){ .longest = 0 };
	s->all_in = false;
	s->message_begun = false;
	s->message_step = 0;
	s->added = NULL;
	s->added_end = &s->added;
	s->quarantine = STR_NONE;
	s->queue_id[0] = '\0';
	s->rcpt = NULL;
	s->kept[KEPT_MAIL].rule = NULL;
}

static void
helo_end(struct session *s)
{
	session_message_end(s);
	scope_end(s, SCOPE_HELO);
	if (s->has_helo_mark)
		arena_release(s->arena, s->at_helo);
	s->has_helo_mark = false;
	arena_clear_failed(s->arena);
	s->helo_raw = STR_NONE;
	s->helo = STR_NONE;
	s->helo_ip = (struct ip){ .family = IP_NONE };
	s->helo_fault = FAULT_NONE;
	s->kept[KEPT_HELO].rule = NULL;
}

/* ---- the events --------------------------------------------------------- */

/* An MTA's word for "no verified name", or an address in its place. */
static bool
is_no_name(struct str name)
{
	return name.n == 0 || str_at(name, 0) == '[' ||
	       str_eq_ci(name, STR("unknown"));
}

bool
session_connect(
    struct session *s, struct str hostname, struct ip ip, unsigned port)
{
	event_begin(s);
	s->client_ip = ip;
	s->client_port = port;
	if (!is_no_name(hostname))
		s->client_name = domain_normal(hostname, s->arena);
	if (!arena_failed(s->arena))
		return true;
	session_broken(s, SCOPE_CONNECTION);
	return false;
}

bool
session_helo(struct session *s, struct str argument)
{
	helo_end(s);
	s->at_helo = arena_mark(s->arena);
	s->has_helo_mark = true;
	s->helo_raw = arena_str(s->arena, argument);
	if (s->helo_raw.p != NULL) {
		s->helo = domain_normal(s->helo_raw, s->arena);
		s->helo_fault = helo_fault(s->helo_raw, &s->helo_ip);
	}
	if (!arena_failed(s->arena) && s->helo_fault != FAULT_UNTOLD)
		return true;
	s->helo_fault = FAULT_NONE;
	session_broken(s, SCOPE_HELO);
	return false;
}

/* A copy of argv in the arena, NULL at its end; NULL when memory is out. */
static const char *const *
argv_copy(struct arena *arena, const char *const *argv)
{
	size_t n = 0;
	const char **copy;

	while (argv[n] != NULL)
		n++;
	copy = arena_calloc(arena, n + 1, sizeof *copy);
	for (size_t i = 0; copy != NULL && i < n; i++) {
		copy[i] = arena_cstr(arena, str_c(argv[i]));
		if (copy[i] == NULL)
			return NULL;
	}
	return copy;
}

bool
session_mail(struct session *s, const char *const *argv)
{
	const char *const *copy;

	session_message_end(s);
	s->at_message = arena_mark(s->arena);
	s->has_message_mark = true;
	s->in_message = true;
	copy = argv_copy(s->arena, argv);
	if (copy != NULL && copy[0] != NULL &&
	    mail_param_parse(copy + 1, s->arena, &s->mail) &&
	    address_parse(str_c(copy[0]), PATH_REVERSE, s->mail.smtputf8,
		s->arena, &s->sender))
		return true;
	session_broken(s, SCOPE_MESSAGE);
	return false;
}

/* The macro of a fact, where the policy reads that fact. */
static struct str
fact_macro(struct session *s, enum fact fact)
{
	if (!s->policy->needs.fact[fact])
		return STR_NONE;
	return session_macro(s, fact_rows[fact].macro);
}

bool
session_rcpt(struct session *s, const char *const *argv)
{
	const char *const *copy;
	struct recipient *r;

	event_begin(s);
	s->tried++;
	copy = argv_copy(s->scratch, argv);
	r = arena_alloc(s->scratch, sizeof *r);
	if (copy != NULL && r != NULL && copy[0] != NULL &&
	    rcpt_param_parse(copy + 1, s->scratch, &r->param) &&
	    address_parse(str_c(copy[0]), PATH_FORWARD, s->mail.smtputf8,
		s->scratch, &r->address)) {
		r->mailer = fact_macro(s, FACT_RCPT_MAILER);
		r->host = fact_macro(s, FACT_RCPT_HOST);
		s->rcpt = r;
		return true;
	}
	s->rcpt = NULL;
	session_broken(s, SCOPE_EVENT);
	return false;
}

void
session_rcpt_refused(struct session *s)
{
	event_begin(s);
	s->rcpt = NULL;
	s->tried++;
}

bool
session_data(struct session *s)
{
	event_begin(s);
	return true;
}

/* Octets of a field as it goes over the wire: "\n" is CRLF there. */
static uint64_t
field_size(struct str name, struct str value)
{
	uint64_t size = (uint64_t)name.n + 2 + (uint64_t)value.n + 2;
	const char *p = value.n > 0 ? value.p : "";
	const char *end = p + value.n;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (p == value.p || p[-1] != '\r')
			size++;
		p++;
	}
	return size;
}

/* Takes each c out of the n octets; how many are left. */
static size_t
without(char *p, size_t n, char c)
{
	const char *first = memchr(p, c, n);
	size_t to;

	if (first == NULL)
		return n;
	to = (size_t)(first - p);
	for (size_t i = to; i < n; i++)
		if (p[i] != c)
			p[to++] = p[i];
	return to;
}

/*
 * The value without its folds (RFC 5322 2.2.3: the line end goes, the white
 * space stays) and without white space at either end.
 */
static struct str
field_unfold(struct str value, struct arena *arena)
{
	struct str trimmed = str_trim(value);
	char *copy = arena_cstr(arena, trimmed);

	if (copy == NULL)
		return STR_NONE;
	return str_of(
	    copy, without(copy, without(copy, trimmed.n, '\n'), '\r'));
}

/* Keeps the value if the policy reads fields of that name. */
static bool
field_keep(struct session *s, struct str name, struct str value)
{
	const struct policy *policy = s->policy;
	struct header_slot *slot;
	struct header_value *v;
	uint32_t i = 0;

	while (i < policy->n_headers && !str_eq_ci(policy->headers[i], name))
		i++;
	if (i == policy->n_headers)
		return true;
	if (s->headers == NULL)
		s->headers = arena_calloc(
		    s->arena, policy->n_headers, sizeof *s->headers);
	v = arena_alloc(s->arena, sizeof *v);
	if (s->headers == NULL || v == NULL)
		return false;
	v->raw = field_unfold(value, s->arena);
	v->value = encoded_words_decode(v->raw, s->scratch);
	if (v->value.p != v->raw.p)
		v->value = arena_str(s->arena, v->value);
	slot = &s->headers[i];
	if (slot->last == NULL)
		slot->first = v;
	else
		slot->last->next = v;
	slot->last = v;
	slot->count++;
	return v->value.p != NULL;
}

bool
session_header(struct session *s, struct str name, struct str value)
{
	event_begin(s);
	s->headers_count++;
	s->headers_size += field_size(name, value);
	octets_field(&s->octets, s->looks, name, value);
	if (field_keep(s, str_trim(name), value))
		return true;
	session_broken(s, SCOPE_MESSAGE);
	return false;
}

bool
session_eoh(struct session *s)
{
	event_begin(s);
	return true;
}

bool
session_body(struct session *s, const void *octets, size_t n)
{
	event_begin(s);
	s->body_size += n;
	octets_body(&s->octets, s->looks, octets, n);
	return true;
}

void
session_body_cut(struct session *s)
{
	s->body_cut = true;
}

bool
session_eom(struct session *s)
{
	event_begin(s);
	octets_end(&s->octets, s->looks);
	s->all_in = true;
	return true;
}

bool
session_unknown(struct session *s, struct str line)
{
	event_begin(s);
	s->unknowns++;
	s->command = arena_str(s->scratch, line);
	if (s->command.p != NULL)
		return true;
	session_broken(s, SCOPE_EVENT);
	return false;
}

/* ---- what is read ------------------------------------------------------- */

struct str
session_macro(struct session *s, const char *name)
{
	struct macro_value *m;
	const char *value;

	for (m = s->macros; m != NULL; m = m->next)
		if (m->name == name || strcmp(m->name, name) == 0)
			return m->value;
	if (s->env.macros.get == NULL)
		return STR_NONE;
	value = s->env.macros.get(s->env.macros.ctx, name);
	m = arena_alloc(s->scratch, sizeof *m);
	if (m == NULL) {
		session_broken(s, SCOPE_EVENT);
		return STR_NONE;
	}
	m->name = name;
	m->value =
	    value == NULL ? STR_NONE : arena_str(s->scratch, str_c(value));
	m->next = s->macros;
	s->macros = m;
	return m->value;
}

struct str
session_id(const struct session *s)
{
	return s->id;
}

const struct policy *
session_policy(const struct session *s)
{
	return s->policy;
}

const struct added_header *
session_added_headers(const struct session *s)
{
	return s->added;
}

struct str
session_quarantine(const struct session *s)
{
	return s->quarantine;
}

/* Looked up where somebody reads it, which for most events nobody does. */
struct str
session_queue_id(struct session *s)
{
	struct str id;

	if (s->queue_id[0] != '\0')
		return str_c(s->queue_id);
	if (!s->in_message || s->env.macros.get == NULL)
		return STR_NONE;
	id = str_c(s->env.macros.get(s->env.macros.ctx, "i"));
	if (id.n == 0)
		return STR_NONE;
	id = str_sub(id, 0, QUEUE_ID_MAX - 1);
	memcpy(s->queue_id, id.p, id.n);
	s->queue_id[id.n] = '\0';
	return str_of(s->queue_id, id.n);
}

void
session_view(struct session *s, struct session_view *view_r)
{
	struct session_view v = {
		.client_name = s->client_name,
		.client_ip = s->client_ip,
		.helo = s->helo_raw,
		.has_sender = s->in_message,
		.sender = s->sender.norm,
		.recipients = s->accepted,
		.has_size = s->mail.has_size,
		.size = s->mail.size,
		.queue_id = session_queue_id(s),
	};

	if (s->all_in && s->policy->needs.body && !s->body_cut) {
		v.has_size = true;
		v.size = s->headers_size + 2 + s->body_size;
	}
	if (s->stage == STAGE_RCPT && s->rcpt != NULL)
		v.rcpt = s->rcpt->address.norm;
	*view_r = v;
}

size_t
session_memory(const struct session *s)
{
	return arena_used(s->arena) + arena_used(s->scratch);
}

void
session_fail_after(struct session *s, size_t after)
{
	arena_fail_after(s->arena, after);
	arena_fail_after(s->scratch, after);
}
