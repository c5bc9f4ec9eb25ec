/*
 * database_lmdb - the Lightning Memory-Mapped Database (lmdb:).
 *
 *     page 0, 1   meta: the one with the later transaction counts
 *                   │ root
 *     page n      branch: nodes { page, key }
 *                   │
 *     page m      leaf: nodes { length of the value, flags, key, value }
 *                   │ a long value stands elsewhere
 *     page k      overflow: the value, over as many pages as it needs
 *
 * Format 1, that of all releases 0.9.  Numbers are of the size and order of
 * the machine, so the structures here are laid out as LMDB's own are.
 *
 * Postmap writes in place, but never to a page that the last transaction
 * uses, and to the meta page last: a copy of the file is sound even where it
 * was made while one transaction was written.  Hence no lock is needed; that
 * there were not two of them is seen from the file's times, by who reads it.
 */
#include "lists/database_int.h"

enum {
	FORMAT = 1,
	PAGE_LEAST = 512,
	PAGE_MOST = 32768,
	DEPTH_MAX = 32, /* LMDB's own limit */
};

#define MAGIC 0xBEEFC0DEu
#define PAGE_NONE SIZE_MAX

/* What a page is; one that was just changed may have higher bits too. */
enum {
	PAGE_BRANCH = 0x01,
	PAGE_LEAF = 0x02,
	PAGE_OVERFLOW = 0x04,
	PAGE_META = 0x08,
	PAGE_KIND = 0x6f,
};

enum {
	NODE_ELSEWHERE = 0x01, /* the value is the number of a page */
	NODE_OTHER = 0x06,     /* a database of its own, or many values */
};

struct page_head {
	size_t number;
	uint16_t unused;
	uint16_t flags;
	uint16_t lower; /* of the free space; before it, places of nodes */
	uint16_t upper; /* behind it, the nodes */
};

struct tree {
	uint32_t page_size; /* in the first tree only */
	uint16_t flags;
	uint16_t depth;
	size_t branches;
	size_t leaves;
	size_t overflows;
	size_t entries;
	size_t root;
};

struct meta {
	uint32_t magic;
	uint32_t format;
	size_t address;
	size_t map_size;
	struct tree trees[2]; /* of free pages; of the entries */
	size_t last_page;
	size_t transaction;
};

struct node {
	uint32_t length; /* of a leaf's value; low half of a branch's page */
	uint16_t flags;  /* high part of that page */
	uint16_t key;
};

_Static_assert(sizeof(struct node) == 8, "as LMDB has it");
_Static_assert(sizeof(struct page_head) == sizeof(size_t) + 8, "the same");

struct walk {
	struct str octets;
	size_t page_size;
	size_t pages; /* still to be seen at most: each is met once */
	const struct database_sink *sink;
	struct why *why;
};

static bool
damaged(struct walk *w)
{
	return why_set(w->why, "a damaged LMDB database, or cut short; make "
			       "it anew with \"postmap lmdb:FILE\"");
}

/* Copies a structure; false where the octets end before it does. */
static bool
take(struct str from, size_t at, void *to, size_t n)
{
	if (at > from.n || n > from.n - at)
		return false;
	memcpy(to, from.p + at, n);
	return true;
}

/* The octets from page `number` on, which is of that kind. */
static bool
page_at(const struct walk *w, size_t number, unsigned kind, struct str *rest_r,
    struct page_head *head_r)
{
	if (number >= w->octets.n / w->page_size)
		return false;
	*rest_r = str_from(w->octets, number * w->page_size);
	return take(*rest_r, 0, head_r, sizeof(*head_r)) &&
	       head_r->number == number &&
	       (head_r->flags & PAGE_KIND & ~kind) == 0 &&
	       (head_r->flags & kind) != 0;
}

static bool
long_value(struct walk *w, struct str at, size_t length, struct str *value_r)
{
	struct page_head head;
	struct str rest;
	size_t number;

	if (!take(at, 0, &number, sizeof(number)) ||
	    !page_at(w, number, PAGE_OVERFLOW, &rest, &head))
		return false;
	*value_r = str_sub(rest, sizeof(head), length);
	return value_r->n == length;
}

static bool
leaf_node(struct walk *w, struct str rest, const struct node *node)
{
	struct str key = str_sub(rest, 0, node->key);
	struct str after = str_from(rest, node->key);
	struct str value = str_sub(after, 0, node->length);

	if ((node->flags & NODE_OTHER) != 0)
		return why_set(w->why,
		    "an LMDB database with others in it, or with several "
		    "values to a key; make one with \"postmap lmdb:FILE\"");
	if (key.n < node->key)
		return damaged(w);
	if ((node->flags & NODE_ELSEWHERE) != 0
		? !long_value(w, after, node->length, &value)
		: value.n < node->length)
		return damaged(w);
	return w->sink->entry(w->sink->ctx, key, value, w->why);
}

/* The page that a branch's node leads to. */
static size_t
node_page(const struct node *node)
{
	size_t number = node->length;

	if (sizeof(number) > sizeof(node->length))
		number |= (size_t)node->flags << 16 << 16;
	return number;
}

static bool
walk_page(struct walk *w, size_t number, unsigned depth)
{
	struct page_head head;
	struct node node;
	struct str page;
	uint16_t at;

	if (depth == DEPTH_MAX || w->pages == 0 ||
	    !page_at(w, number, PAGE_BRANCH | PAGE_LEAF, &page, &head))
		return damaged(w);
	w->pages--;
	page = str_sub(page, 0, w->page_size);
	if (head.lower > page.n)
		return damaged(w);
	for (size_t i = sizeof(head); i < head.lower; i += sizeof(at)) {
		if (!take(page, i, &at, sizeof(at)) || at < head.lower ||
		    !take(page, at, &node, sizeof(node)))
			return damaged(w);
		if ((head.flags & PAGE_LEAF) != 0
			? !leaf_node(
			      w, str_from(page, at + sizeof(node)), &node)
			: !walk_page(w, node_page(&node), depth + 1))
			return false;
	}
	return true;
}

/* The meta page at an offset. */
static bool
meta_at(struct str octets, size_t at, struct meta *meta_r)
{
	struct page_head head;

	return take(octets, at, &head, sizeof(head)) &&
	       (head.flags & PAGE_META) != 0 &&
	       take(octets, at + sizeof(head), meta_r, sizeof(*meta_r)) &&
	       meta_r->magic == MAGIC && meta_r->format == FORMAT;
}

/* The meta that counts, and the size of pages. */
static bool
meta_find(struct str octets, struct meta *meta_r, size_t *page_size_r)
{
	struct meta other;
	size_t size;

	if (!meta_at(octets, 0, meta_r))
		return false;
	size = meta_r->trees[0].page_size;
	if (size < PAGE_LEAST || size > PAGE_MOST || (size & (size - 1)) != 0 ||
	    !meta_at(octets, size, &other))
		return false;
	if (other.transaction > meta_r->transaction)
		*meta_r = other;
	*page_size_r = size;
	return true;
}

bool
database_lmdb_each(
    struct str octets, const struct database_sink *sink, struct why *why)
{
	struct walk w = { .octets = octets, .sink = sink, .why = why };
	struct meta meta;
	size_t root;

	if (!meta_find(octets, &meta, &w.page_size))
		return why_set(why,
		    "not an LMDB database, or one cut short, or made by "
		    "another "
		    "kind of machine; make it here with \"postmap lmdb:FILE\"");
	root = meta.trees[1].root;
	w.pages = octets.n / w.page_size;
	return root == PAGE_NONE || walk_page(&w, root, 0);
}
