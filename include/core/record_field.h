/*
 * record_field - a record field by field, for logs that are no lines of text.
 */
#ifndef CORE_RECORD_FIELD_H
#define CORE_RECORD_FIELD_H

#include "core/record.h"

enum record_field {
#define FIELD(id, name, help) RECORD_FIELD_##id,
#include "core/record_field.def"
#undef FIELD
	RECORD_FIELD_COUNT
};

struct record_field_row {
	const char *name; /* "client_ip" */
	const char *help;
};

extern const struct record_field_row record_field_rows[RECORD_FIELD_COUNT];

/* A field's value: text, or a number where `text` is none. */
struct record_value {
	struct str text; /* octets as they came: what is written escapes them */
	uint64_t number;
};

/* Calls emit for each field that the record has, in the order of the rows.
 * The texts are good until emit returns. */
void record_fields(const struct record *r,
    void (*emit)(void *ctx, enum record_field field, struct record_value value),
    void *ctx);

#endif
