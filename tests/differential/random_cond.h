/*
 * random_cond.h - conditions of random policies, and what lists are made of.
 */
#ifndef DIFFERENTIAL_RANDOM_COND_H
#define DIFFERENTIAL_RANDOM_COND_H

#include "differential.h"

#include "lang/fact.h"

enum {
	DEPTH_MOST = 3, /* of a condition, and of `when` */
};

/* A policy that is being written. */
struct maker {
	struct chance *c;
	struct buf *out;
	unsigned stages; /* that what is written stands in */
	unsigned lets;   /* that are defined so far */
	unsigned labels;
	bool let; /* in the condition of a let */
};

/* Writes one entry of a list. */
typedef void put_item(struct maker *m);

put_item put_network;
put_item put_domain_item;
put_item put_address_item;
put_item put_quoted;
put_item put_regex;
/* "{ ... }" with a few entries. */
void put_set(struct maker *m, put_item *item);

/* A fact that all the stages know. */
enum fact known_fact(struct maker *m);
/* "FACT TEST" */
void test_fact(struct maker *m, enum fact fact);
/* A condition without `and`, `or` and `not`. */
void put_leaf(struct maker *m);
void put_cond(struct maker *m, unsigned depth);

#endif
