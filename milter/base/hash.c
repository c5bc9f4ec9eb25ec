/*
 * hash - SipHash-1-3 (Aumasson, Bernstein 2012), keyed.
 *
 * The key is made once per process by whoever builds tables; nothing is
 * kept here.
 */
#include "base/hash.h"

#include <endian.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline void
sip_round(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

/* Octets as a little-endian number: eight of them. */
static inline uint64_t
load(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return le64toh(word);
}

/* And the last n < 8 of s. */
static inline uint64_t
load_last(struct str s, size_t n)
{
	uint64_t word = 0;

	if (n > 0 && s.n >= sizeof word)
		return load(s.p + s.n - sizeof word) >> (64 - 8 * n);
	while (n-- > 0)
		word = word << 8 | str_at(s, n);
	return word;
}

/* A word with ASCII capitals folded, all eight octets at once: bit 7 of each
 * sum says whether the octet's other bits are at least 'A', or behind 'Z'. */
static inline uint64_t
fold(uint64_t word)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t low = word & 0x7f * each;
	uint64_t from_a = low + (0x80 - 'A') * each;
	uint64_t behind_z = low + (0x80 - 'Z' - 1) * each;
	uint64_t capital = from_a & ~behind_z & ~word & 0x80 * each;

	return word | capital >> 2;
}

static inline uint64_t
sip13(struct hash_key key, struct str s, bool folded)
{
	struct state st = {
		key.k[0] ^ 0x736f6d6570736575,
		key.k[1] ^ 0x646f72616e646f6d,
		key.k[0] ^ 0x6c7967656e657261,
		key.k[1] ^ 0x7465646279746573,
	};
	size_t whole = s.n & ~(size_t)7;
	uint64_t word;

	for (size_t i = 0; i <= whole; i += 8) {
		word = i < whole ? load(s.p + i) : load_last(s, s.n - whole);
		if (folded)
			word = fold(word);
		if (i == whole)
			word ^= (uint64_t)s.n << 56;
		st.v3 ^= word;
		sip_round(&st);
		st.v0 ^= word;
	}
	st.v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&st);
	return st.v0 ^ st.v1 ^ st.v2 ^ st.v3;
}

uint64_t
hash_str(struct hash_key key, struct str s)
{
	return sip13(key, s, false);
}

uint64_t
hash_str_ci(struct hash_key key, struct str s)
{
	return sip13(key, s, true);
}

struct hash_key
hash_key_random(void)
{
	struct hash_key key;
	struct timespec now = { 0, 0 };

	if (getrandom(&key, sizeof(key), GRND_NONBLOCK) == (ssize_t)sizeof(key))
		return key;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	key.k[0] = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
	key.k[1] = (uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)&key;
	return key;
}
