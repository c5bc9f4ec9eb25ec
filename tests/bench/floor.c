/*
 * floor - the least that a filter on libmilter can cost: callbacks that do
 * nothing.
 *
 *     floor MODE SOCKET
 *
 *     full      takes every event and answers it
 *     lean      what a policy about the envelope needs: no DATA, header, body;
 *               no reply at connect and HELO
 *     headers   the same with the header, whose fields get no reply
 */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct mode {
	const char *name;
	unsigned long steps;
} modes[] = {
	{ "full", 0 },
	{ "lean", SMFIP_NODATA | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY |
		      SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_HELO |
		      SMFIP_SKIP },
	{ "headers", SMFIP_NODATA | SMFIP_NR_HDR | SMFIP_NOBODY |
			 SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_HELO |
			 SMFIP_SKIP },
};

static unsigned long steps;

static sfsistat
answer(unsigned long nr)
{
	return (steps & nr) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long offered,
    unsigned long f2, unsigned long f3, unsigned long *actions_r,
    unsigned long *steps_r, unsigned long *f2_r, unsigned long *f3_r)
{
	(void)ctx;
	(void)actions;
	(void)f2;
	(void)f3;
	*actions_r = 0;
	*steps_r = steps & offered;
	*f2_r = 0;
	*f3_r = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *addr)
{
	(void)ctx;
	(void)name;
	(void)addr;
	return answer(SMFIP_NR_CONN);
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	(void)ctx;
	(void)name;
	return answer(SMFIP_NR_HELO);
}

static sfsistat
on_path(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_CONTINUE;
}

static sfsistat
on_event(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return answer(SMFIP_NR_HDR);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *octets, size_t n)
{
	(void)ctx;
	(void)octets;
	(void)n;
	return SMFIS_CONTINUE;
}

static sfsistat
on_unknown(SMFICTX *ctx, const char *line)
{
	(void)ctx;
	(void)line;
	return SMFIS_CONTINUE;
}

static char filter_name[] = "floor";

static struct smfiDesc filter = {
	.xxfi_name = filter_name,
	.xxfi_version = SMFI_VERSION,
	.xxfi_connect = on_connect,
	.xxfi_helo = on_helo,
	.xxfi_envfrom = on_path,
	.xxfi_envrcpt = on_path,
	.xxfi_header = on_header,
	.xxfi_eoh = on_event,
	.xxfi_body = on_body,
	.xxfi_eom = on_event,
	.xxfi_abort = on_event,
	.xxfi_close = on_event,
	.xxfi_unknown = on_unknown,
	.xxfi_data = on_event,
	.xxfi_negotiate = on_negotiate,
};

static const struct mode *
mode_find(const char *name)
{
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct mode *mode = argc == 3 ? mode_find(argv[1]) : NULL;
	struct rlimit limit;
	char address[256];

	if (mode == NULL) {
		(void)fprintf(
		    stderr, "usage: floor full|lean|headers SOCKET\n");
		return 2;
	}
	steps = mode->steps;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	(void)unlink(argv[2]);
	(void)snprintf(address, sizeof address, "unix:%s", argv[2]);
	if (smfi_register(filter) != MI_SUCCESS ||
	    smfi_setconn(address) != MI_SUCCESS ||
	    smfi_setbacklog(1024) != MI_SUCCESS ||
	    smfi_opensocket(0) != MI_SUCCESS)
		return 1;
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
