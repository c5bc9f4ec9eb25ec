/*
 * log_queue - lines in a ring of fixed size, first in, first out; for obs/
 * only.  The caller locks.
 */
#ifndef OBS_LOG_QUEUE_H
#define OBS_LOG_QUEUE_H

#include "obs/log_sink.h"

struct log_queue {
	char *octets;
	size_t size;
	size_t from; /* of the oldest line */
	size_t used;
};

/* False when memory is out. */
bool log_queue_init(struct log_queue *q, size_t size);
void log_queue_free(struct log_queue *q);

/* False, and nothing kept, if there is no room.  Text over LOG_LINE_MAX is
 * cut. */
bool log_queue_put(struct log_queue *q, const struct log_line *line);
/*
 * Takes lines out, oldest first, as many as fit into the room: a batch, empty
 * if there are none.  The room must hold a line and its head:
 * LOG_BATCH_MIN.
 */
struct str log_queue_take(struct log_queue *q, char *room, size_t size);
/* The next line of a batch, which is taken off it; false at its end. */
bool log_batch_next(struct str *batch, struct log_line *line_r);

enum {
	LOG_BATCH_MIN = LOG_LINE_MAX + 64,
};

#endif
