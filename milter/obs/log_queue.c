/*
 * log_queue - the ring between the mail path and a log writer.
 *
 *     octets:  ....[head|text][head|text][head|text].....
 *                  ^ from     <----- used ---->
 *
 * A line may run over the end of the ring, its head too: everything goes in
 * through ring_add and out through ring_take.  The memory is taken once, at the
 * start, so that a line costs no allocation.  A batch is lines in the same
 * form, in a row.
 */
#include "obs/log_queue.h"

#include <stdlib.h>

struct head {
	int64_t when;
	size_t n;
	int level;
};

bool
log_queue_init(struct log_queue *q, size_t size)
{
	*q = (struct log_queue){ .octets = malloc(size), .size = size };
	return q->octets != NULL;
}

void
log_queue_free(struct log_queue *q)
{
	free(q->octets);
	*q = (struct log_queue){ .octets = NULL };
}

/* Octets from `at` (counted from the oldest) to the end of the ring, at
 * most n: what one memcpy can take. */
static size_t
ring_run(const struct log_queue *q, size_t at, size_t n, char **p_r)
{
	size_t i = (q->from + at) % q->size;
	size_t run = q->size - i;

	*p_r = q->octets + i;
	return run < n ? run : n;
}

static void
ring_add(struct log_queue *q, const void *octets, size_t n)
{
	char *p;
	size_t run = ring_run(q, q->used, n, &p);

	memcpy(p, octets, run);
	if (run < n)
		memcpy(q->octets, (const char *)octets + run, n - run);
	q->used += n;
}

static void
ring_take(struct log_queue *q, void *octets, size_t n)
{
	char *p;
	size_t run = ring_run(q, 0, n, &p);

	memcpy(octets, p, run);
	if (run < n)
		memcpy((char *)octets + run, q->octets, n - run);
	q->from = (q->from + n) % q->size;
	q->used -= n;
	if (q->used == 0)
		q->from = 0; /* a log that keeps up touches few pages */
}

bool
log_queue_put(struct log_queue *q, const struct log_line *line)
{
	struct head head = {
		.when = line->when,
		.n = line->text.n < LOG_LINE_MAX ? line->text.n : LOG_LINE_MAX,
		.level = line->level,
	};

	if (sizeof head + head.n > q->size - q->used)
		return false;
	ring_add(q, &head, sizeof head);
	if (head.n > 0)
		ring_add(q, line->text.p, head.n);
	return true;
}

/* The octets of the oldest line, its head included. */
static size_t
first_size(struct log_queue *q)
{
	struct head head;
	char *p;
	size_t run = ring_run(q, 0, sizeof head, &p);

	memcpy(&head, p, run);
	if (run < sizeof head)
		memcpy((char *)&head + run, q->octets, sizeof head - run);
	return sizeof head + head.n;
}

struct str
log_queue_take(struct log_queue *q, char *room, size_t size)
{
	size_t n = 0;

	while (q->used > 0) {
		size_t line = first_size(q);

		if (line > size - n)
			break;
		ring_take(q, room + n, line);
		n += line;
	}
	return str_of(room, n);
}

bool
log_batch_next(struct str *batch, struct log_line *line_r)
{
	struct head head;

	if (batch->n == 0)
		return false;
	memcpy(&head, batch->p, sizeof head);
	*batch = str_from(*batch, sizeof head);
	*line_r = (struct log_line){
		.level = head.level,
		.when = head.when,
		.text = str_of(batch->p, head.n),
	};
	*batch = str_from(*batch, head.n);
	return true;
}
