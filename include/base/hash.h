/*
 * hash - a keyed hash, so that no client can choose colliding strings.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

struct hash_key {
	uint64_t k[2];
};

/* A key from the kernel's random source; never fails (falls back to time,
 * pid and addresses where the source is missing). */
struct hash_key hash_key_random(void);

/* SipHash-1-3 of the octets; the _ci form folds ASCII letters first. */
uint64_t hash_str(struct hash_key key, struct str s);
uint64_t hash_str_ci(struct hash_key key, struct str s);

#endif
