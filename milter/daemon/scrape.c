/*
 * scrape - asks `running` for a view and prints it.
 */
#include "daemon/scrape.h"

#include "daemon/accept.h"
#include "daemon/running.h"
#include "obs/metrics_http.h"

static unsigned restarts;
static const struct fixed *fixed;

void
scrape_init(unsigned times, const struct fixed *of_start)
{
	restarts = times;
	fixed = of_start;
}

void
scrape_print(void *ctx, FILE *out)
{
	struct metrics_view view;
	struct running *r = running_hold(&view);

	(void)ctx;
	if (r == NULL)
		return;
	view.gauges[METRIC_RESTARTS] = restarts;
	view.gauges[METRIC_REFUSING] = accept_is_open() ? 0 : 1;
	view.gauges[METRIC_WAITING] = fixed_waiting(fixed, r->policy, NULL);
	metrics_print(&view, out);
	running_let_go(r);
}

/* The server goes with the process. */
bool
scrape_serve(int fd, struct why *why)
{
	return metrics_http_start(fd, scrape_print, NULL, why) != NULL;
}
