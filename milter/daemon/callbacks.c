/*
 * callbacks - libmilter's events, told to the session; its decisions, applied.
 *
 *     event ──▶ session_x ──▶ eval_stage ──▶ record ──▶ log
 *                                        └─▶ apply ──▶ status
 *
 * Nothing here blocks or decides.  A missing connection (memory was out, or
 * close without anything before it) is met in every callback.
 *
 * The message stage is evaluated whenever more of the message is known, so
 * that a refusal comes as early as the facts allow.
 */
#include "daemon/callbacks.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "base/hash.h"
#include "core/eval.h"
#include "core/record.h"
#include "daemon/apply.h"
#include "daemon/conn.h"
#include "daemon/descriptors.h"
#include "daemon/negotiate.h"

/* ---- connections -------------------------------------------------------- */

static const char *
macro_get(void *ctx, const char *name)
{
	const struct conn *conn = ctx;

	return smfi_getsymval(conn->ctx, unconst(name));
}

/* "7f3a-12": apart for each process, so that a log over a restart has no id
 * twice. */
static void
session_id_make(struct buf *out)
{
	static atomic_uint_fast64_t counter;
	static atomic_uint process; /* 0: not chosen yet */
	unsigned mine = atomic_load(&process);
	unsigned none = 0;

	if (mine == 0) {
		mine = (unsigned)(hash_key_random().k[0] & 0xffff) | 0x10000;
		if (!atomic_compare_exchange_strong(&process, &none, mine))
			mine = none;
	}
	for (int shift = 12; shift >= 0; shift -= 4)
		buf_char(out, "0123456789abcdef"[mine >> shift & 15]);
	buf_char(out, '-');
	buf_u64(out, atomic_fetch_add(&counter, 1) + 1);
}

struct conn *
conn_new(SMFICTX *ctx)
{
	struct conn *conn = malloc(sizeof *conn);
	struct env env = { &clock_system, { macro_get, conn } };
	char text[32];
	struct buf id = BUF_ON(text);

	if (conn == NULL)
		return NULL;
	*conn = (struct conn){ .ctx = ctx, .run = running_take() };
	session_id_make(&id);
	if (conn->run != NULL)
		conn->session =
		    session_new(conn->run->policy, &env, buf_str(&id));
	if (conn->session != NULL && smfi_setpriv(ctx, conn) == MI_SUCCESS) {
		metrics_count(conn->run->metrics, METRIC_SESSIONS);
		descriptors_taken();
		return conn;
	}
	session_free(conn->session);
	if (conn->run != NULL)
		running_release(conn->run);
	free(conn);
	return NULL;
}

void
conn_free(SMFICTX *ctx)
{
	struct conn *conn = smfi_getpriv(ctx);

	if (conn == NULL)
		return;
	(void)smfi_setpriv(ctx, NULL);
	session_free(conn->session);
	running_release(conn->run);
	free(conn);
	descriptors_given();
}

/* ---- deciding ----------------------------------------------------------- */

static void
emit(void *ctx, const struct record *r)
{
	log_record(ctx, r);
}

static int64_t
now_us(void)
{
	return clock_system.mono_us(clock_system.ctx);
}

/*
 * Evaluates, counts and logs; returns the microseconds it took.  Without rules
 * it takes none, and most sessions have more such stages than others: the
 * clock is left alone then.
 */
static int64_t
conn_eval(struct conn *conn, enum stage stage, struct decision *d_r)
{
	bool timed = conn->run->policy->program[stage].n > 0;
	int64_t begin = timed ? now_us() : 0;
	int64_t us;

	eval_stage(conn->session, stage, NULL, d_r);
	us = timed ? now_us() - begin : 0;
	metrics_decision(conn->run->metrics, conn->run->hits, d_r,
	    stage == STAGE_MESSAGE ? conn->us + us : us,
	    clock_system.wall(clock_system.ctx));
	record_decision(conn->session, d_r, us, emit, conn->run->log);
	return us;
}

static sfsistat
conn_answer(struct conn *conn, enum stage stage, unsigned long nr)
{
	struct decision d;

	(void)conn_eval(conn, stage, &d);
	return apply_decision(conn, &d, nr);
}

/* ---- the envelope ------------------------------------------------------- */

static struct ip
client_address(const _SOCK_ADDR *addr, unsigned *port_r)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*port_r = 0;
	if (addr != NULL && addr->sa_family == AF_INET) {
		memcpy(&v4, addr, sizeof v4);
		*port_r = ntohs(v4.sin_port);
		return ip_from_v4((const uint8_t *)&v4.sin_addr);
	}
	if (addr != NULL && addr->sa_family == AF_INET6) {
		memcpy(&v6, addr, sizeof v6);
		*port_r = ntohs(v6.sin6_port);
		return ip_from_v6(v6.sin6_addr.s6_addr);
	}
	return (struct ip){ .family = IP_NONE };
}

/*
 * Without a connection here, a QUIT_NC ended the one before.  What had been
 * negotiated is not known any more: every event is answered, and libmilter
 * keeps back the answers that the MTA does not expect.
 */
static sfsistat
on_connect(SMFICTX *ctx, char *hostname, _SOCK_ADDR *addr)
{
	struct conn *conn = smfi_getpriv(ctx);
	unsigned port;
	struct ip ip = client_address(addr, &port);

	if (conn == NULL)
		conn = conn_new(ctx);
	if (conn == NULL)
		return apply_broken(ctx, STAGE_CONNECT);
	(void)session_connect(conn->session, str_c(hostname), ip, port);
	return conn_answer(conn, STAGE_CONNECT, SMFIP_NR_CONN);
}

static sfsistat
on_helo(SMFICTX *ctx, char *argument)
{
	struct conn *conn = smfi_getpriv(ctx);

	if (conn == NULL)
		return apply_broken(ctx, STAGE_HELO);
	(void)session_helo(conn->session, str_c(argument));
	return conn_answer(conn, STAGE_HELO, SMFIP_NR_HELO);
}

/* Behind a refusal there is no message, and no abort tells so. */
static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct conn *conn = smfi_getpriv(ctx);
	sfsistat status;

	if (conn == NULL)
		return apply_broken(ctx, STAGE_MAIL);
	conn->data = false;
	conn->decided = false;
	conn->us = 0;
	(void)session_mail(conn->session, (const char *const *)argv);
	status = conn_answer(conn, STAGE_MAIL, SMFIP_NR_MAIL);
	if (status == SMFIS_REJECT || status == SMFIS_TEMPFAIL)
		session_message_end(conn->session);
	return status;
}

/* The MTA shows a recipient that it refuses itself, to be counted; it does
 * not listen to our answer then. */
static bool
mta_refused(const struct conn *conn)
{
	const char *mailer;

	if ((conn->steps & SMFIP_RCPT_REJ) == 0)
		return false;
	mailer = smfi_getsymval(conn->ctx, unconst("{rcpt_mailer}"));
	return mailer != NULL && strcmp(mailer, "error") == 0;
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	struct conn *conn = smfi_getpriv(ctx);

	if (conn == NULL)
		return apply_broken(ctx, STAGE_RCPT);
	if (mta_refused(conn)) {
		session_rcpt_refused(conn->session);
		return apply_pass(conn, SMFIP_NR_RCPT);
	}
	(void)session_rcpt(conn->session, (const char *const *)argv);
	return conn_answer(conn, STAGE_RCPT, SMFIP_NR_RCPT);
}

static sfsistat
on_data(SMFICTX *ctx)
{
	struct conn *conn = smfi_getpriv(ctx);

	if (conn == NULL)
		return apply_broken(ctx, STAGE_DATA);
	conn->data = true;
	(void)session_data(conn->session);
	return conn_answer(conn, STAGE_DATA, SMFIP_NR_DATA);
}

static sfsistat
on_unknown(SMFICTX *ctx, const char *line)
{
	struct conn *conn = smfi_getpriv(ctx);

	if (conn == NULL)
		return apply_broken(ctx, STAGE_UNKNOWN);
	(void)session_unknown(conn->session, str_c(line));
	return conn_answer(conn, STAGE_UNKNOWN, SMFIP_NR_UNKN);
}

/* ---- the message -------------------------------------------------------- */

static bool
is_refusal(enum outcome outcome)
{
	return outcome == OUTCOME_REJECT || outcome == OUTCOME_DEFER ||
	       outcome == OUTCOME_DISCONNECT || outcome == OUTCOME_DISCARD;
}

/*
 * An MTA older than protocol 4 has no event for DATA: its rules then stand
 * before those of the message.  True as for message_refused.
 */
static bool
data_refused(struct conn *conn, sfsistat *status_r)
{
	struct decision d;

	if (conn->data || conn->run->policy->program[STAGE_DATA].n == 0)
		return false;
	conn->data = true;
	(void)session_data(conn->session);
	(void)conn_eval(conn, STAGE_DATA, &d);
	if (!is_refusal(d.outcome))
		return false;
	*status_r = apply_decision(conn, &d, 0);
	session_message_end(conn->session);
	return true;
}

/*
 * Goes on with the message stage where it had to stop.  True if it refused
 * the message: *status_r is to be returned, and the message is over.
 */
static bool
message_refused(struct conn *conn, sfsistat *status_r)
{
	struct decision d;

	if (conn->decided)
		return false;
	if (data_refused(conn, status_r))
		return true;
	conn->us += conn_eval(conn, STAGE_MESSAGE, &d);
	conn->decided = d.outcome != OUTCOME_PENDING;
	if (!is_refusal(d.outcome))
		return false;
	*status_r = apply_decision(conn, &d, 0);
	session_message_end(conn->session);
	return true;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct conn *conn = smfi_getpriv(ctx);

	if (conn == NULL)
		return apply_broken(ctx, STAGE_MESSAGE);
	(void)session_header(conn->session, str_c(name), str_c(value));
	return apply_pass(conn, SMFIP_NR_HDR);
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	struct conn *conn = smfi_getpriv(ctx);
	sfsistat status;

	if (conn == NULL)
		return apply_broken(ctx, STAGE_MESSAGE);
	(void)session_eoh(conn->session);
	if ((conn->steps & SMFIP_NR_EOH) == 0 && message_refused(conn, &status))
		return status;
	return apply_pass(conn, SMFIP_NR_EOH);
}

/*
 * Once all is decided, the rest of the body need not come.  Where it is not a
 * full piece there is none, and the pass line may as well tell the whole size.
 */
static sfsistat
on_body(SMFICTX *ctx, unsigned char *octets, size_t n)
{
	struct conn *conn = smfi_getpriv(ctx);
	sfsistat status;

	if (conn == NULL)
		return apply_broken(ctx, STAGE_MESSAGE);
	(void)session_body(conn->session, octets, n);
	if (message_refused(conn, &status))
		return status;
	if (!conn->decided || (conn->steps & SMFIP_SKIP) == 0 ||
	    (n < MILTER_CHUNK_SIZE && log_wants_pass(conn->run->log)))
		return SMFIS_CONTINUE;
	session_body_cut(conn->session);
	return SMFIS_SKIP;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	struct conn *conn = smfi_getpriv(ctx);
	sfsistat status;

	if (conn == NULL)
		return apply_broken(ctx, STAGE_MESSAGE);
	(void)session_eom(conn->session);
	if (message_refused(conn, &status))
		return status;
	status = apply_message(conn);
	if (status == SMFIS_CONTINUE) {
		metrics_count(conn->run->metrics, METRIC_MESSAGES);
		if (log_wants_pass(conn->run->log))
			record_pass(
			    conn->session, conn->us, emit, conn->run->log);
	}
	session_message_end(conn->session);
	return status;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct conn *conn = smfi_getpriv(ctx);

	if (conn != NULL)
		session_message_end(conn->session);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	conn_free(ctx);
	return SMFIS_CONTINUE;
}

static char name[] = "portreeve";

const struct smfiDesc callbacks = {
	.xxfi_name = name,
	.xxfi_version = SMFI_VERSION,
	.xxfi_flags = SMFIF_ADDHDRS | SMFIF_QUARANTINE,
	.xxfi_connect = on_connect,
	.xxfi_helo = on_helo,
	.xxfi_envfrom = on_mail,
	.xxfi_envrcpt = on_rcpt,
	.xxfi_header = on_header,
	.xxfi_eoh = on_eoh,
	.xxfi_body = on_body,
	.xxfi_eom = on_eom,
	.xxfi_abort = on_abort,
	.xxfi_close = on_close,
	.xxfi_unknown = on_unknown,
	.xxfi_data = on_data,
	.xxfi_negotiate = on_negotiate,
};
