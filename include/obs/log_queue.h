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
/* Takes the oldest line; its text is put into `room`.  False: none. */
bool log_queue_get(
    struct log_queue *q, struct log_line *line_r, char room[LOG_LINE_MAX]);

#endif
