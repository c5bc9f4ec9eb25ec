/*
 * hash - SipHash-1-3 (Aumasson, Bernstein 2012), keyed.
 *
 * The key is made once per process by whoever builds tables; nothing is
 * kept here.
 */
#include "base/hash.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void
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

/* n <= 8 octets as a little-endian number. */
static uint64_t
load(struct str s, size_t from, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)str_at(s, from + i) << (8 * i);
	return word;
}

static uint64_t
load_ci(struct str s, size_t from, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)ascii_lower(str_at(s, from + i)) << (8 * i);
	return word;
}

static uint64_t
sip13(struct hash_key key, struct str s,
    uint64_t (*get)(struct str s, size_t from, size_t n))
{
	struct state st = {
		key.k[0] ^ 0x736f6d6570736575,
		key.k[1] ^ 0x646f72616e646f6d,
		key.k[0] ^ 0x6c7967656e657261,
		key.k[1] ^ 0x7465646279746573,
	};
	size_t whole = s.n & ~(size_t)7;
	uint64_t word;

	for (size_t i = 0; i < whole; i += 8) {
		word = get(s, i, 8);
		st.v3 ^= word;
		sip_round(&st);
		st.v0 ^= word;
	}
	word = get(s, whole, s.n - whole) | (uint64_t)s.n << 56;
	st.v3 ^= word;
	sip_round(&st);
	st.v0 ^= word;
	st.v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&st);
	return st.v0 ^ st.v1 ^ st.v2 ^ st.v3;
}

uint64_t
hash_str(struct hash_key key, struct str s)
{
	return sip13(key, s, load);
}

uint64_t
hash_str_ci(struct hash_key key, struct str s)
{
	return sip13(key, s, load_ci);
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
