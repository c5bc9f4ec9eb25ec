/*
 * metrics_http - two pages.
 *
 * libmicrohttpd runs one thread, which polls.  Whoever can connect can ask,
 * but holds no more than CONNECTIONS_MAX connections, and those no longer
 * than IDLE_S; a request has nothing that would be kept.
 */
#include "obs/metrics_http.h"

#ifdef HAVE_LIBMICROHTTPD

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 32,
	IDLE_S = 10,
	CONNECTION_MEMORY = 16 * 1024,
};

struct metrics_http {
	struct MHD_Daemon *daemon;
	void (*print)(void *ctx, FILE *out);
	void *ctx;
};

static const char home[] = "<!DOCTYPE html><title>Portreeve</title>"
			   "<p>Portreeve's numbers for Prometheus are at <a "
			   "href=\"/metrics\">/metrics</a>.\n";

/* Sends a response that was made; takes it over. */
static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned code, const char *type,
    struct MHD_Response *response)
{
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(
	    response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(
		    response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer_text(struct MHD_Connection *connection, unsigned code, const char *type,
    const char *text)
{
	/* libmicrohttpd does not write to a persistent text */
	void *p = (void *)(uintptr_t)text;

	return answer(connection, code, type,
	    MHD_create_response_from_buffer(
		strlen(text), p, MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result
answer_metrics(
    const struct metrics_http *http, struct MHD_Connection *connection)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct MHD_Response *response = NULL;

	if (out == NULL)
		return MHD_NO;
	http->print(http->ctx, out);
	if (fclose(out) == 0)
		response = MHD_create_response_from_buffer(
		    n, text, MHD_RESPMEM_MUST_FREE);
	if (response == NULL)
		free(text);
	return answer(connection, MHD_HTTP_OK,
	    "text/plain; version=0.0.4; charset=utf-8", response);
}

/* libmicrohttpd prescribes the parameters. */
static enum MHD_Result
on_request(/* NOLINT(readability-function-size) */
    void *ctx, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *octets, size_t *n,
    void **request)
{
	const struct metrics_http *http = ctx;

	(void)version;
	(void)octets;
	(void)request;
	*n = 0; /* nothing that is sent along matters */
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "text/plain", "This can only be read.\n");
	if (strcmp(url, "/metrics") == 0)
		return answer_metrics(http, connection);
	if (strcmp(url, "/") == 0)
		return answer_text(connection, MHD_HTTP_OK, "text/html", home);
	return answer_text(connection, MHD_HTTP_NOT_FOUND, "text/plain",
	    "The numbers are at /metrics.\n");
}

/* Its own words about clients that go away are nobody's concern. */
static void
on_log(void *ctx, const char *fmt, va_list ap)
{
	(void)ctx;
	(void)fmt;
	(void)ap;
}

struct metrics_http *
metrics_http_start(
    int fd, void (*print)(void *ctx, FILE *out), void *ctx, struct why *why)
{
	struct metrics_http *http = calloc(1, sizeof *http);
	int own = dup(fd); /* libmicrohttpd closes the one that it has */

	if (http != NULL && own >= 0) {
		http->print = print;
		http->ctx = ctx;
		http->daemon = MHD_start_daemon(
		    MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
			MHD_USE_ERROR_LOG,
		    0, NULL, NULL, on_request, http, MHD_OPTION_EXTERNAL_LOGGER,
		    on_log, NULL, MHD_OPTION_LISTEN_SOCKET, own,
		    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
		    MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		    (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
		if (http->daemon != NULL)
			return http;
	}
	if (own >= 0)
		(void)close(own);
	free(http);
	(void)why_set(why, "cannot start the thread that answers for metrics");
	return NULL;
}

void
metrics_http_stop(struct metrics_http *http)
{
	if (http == NULL)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}

#else

struct metrics_http *
metrics_http_start(
    int fd, void (*print)(void *ctx, FILE *out), void *ctx, struct why *why)
{
	(void)fd;
	(void)print;
	(void)ctx;
	(void)why_set(why,
	    "metrics needs libmicrohttpd, and this portreeve was built without "
	    "it");
	return NULL;
}

void
metrics_http_stop(struct metrics_http *http)
{
	(void)http;
}

#endif
