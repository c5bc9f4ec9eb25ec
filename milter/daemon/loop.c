/*
 * loop - a table of descriptors for poll().
 *
 * A turn works on a copy of the table.  What a callback removes, or closes
 * and opens again under the same number, is told apart by the serial of its
 * row.
 */
#include "daemon/loop.h"

#include <poll.h>
#include <stddef.h>

struct watch {
	int fd; /* of rows in use: not negative */
	short events;
	unsigned serial; /* 0: the row is free */
	loop_ready *ready;
	void *ctx;
};

static struct watch watches[LOOP_MOST];
static unsigned last_serial;

/* The row of fd, or a free one, or NULL. */
static struct watch *
row_for(int fd)
{
	struct watch *free_row = NULL;

	for (size_t i = 0; i < LOOP_MOST; i++) {
		if (watches[i].serial == 0)
			free_row = &watches[i];
		else if (watches[i].fd == fd)
			return &watches[i];
	}
	return free_row;
}

bool
loop_add(int fd, short events, loop_ready *ready, void *ctx)
{
	struct watch *w = row_for(fd);

	if (w == NULL)
		return false;
	if (++last_serial == 0)
		last_serial = 1;
	*w = (struct watch){ fd, events, last_serial, ready, ctx };
	return true;
}

void
loop_remove(int fd)
{
	struct watch *w = row_for(fd);

	if (w != NULL)
		*w = (struct watch){ .serial = 0 };
}

void
loop_turn(int ms)
{
	struct pollfd fds[LOOP_MOST];
	struct watch at[LOOP_MOST];
	size_t n = 0;

	for (size_t i = 0; i < LOOP_MOST; i++) {
		if (watches[i].serial == 0)
			continue;
		fds[n] = (struct pollfd){ .fd = watches[i].fd,
			.events = watches[i].events };
		at[n++] = watches[i];
	}
	if (poll(fds, (nfds_t)n, ms) <= 0)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct watch *now = row_for(at[i].fd);
		if (fds[i].revents != 0 && now != NULL &&
		    now->serial == at[i].serial)
			at[i].ready(at[i].ctx, at[i].fd, fds[i].revents);
	}
}
