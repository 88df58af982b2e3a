/* SPDX-License-Identifier: ISC */
/*
 * Limits the memory that messages hold, so that none can make others fail.
 *
 * Each message has a share of its own, which is enough for a header of common
 * size, its destinations and what libopendkim needs. What a message takes
 * beyond its share comes from a budget common to all messages. When that is
 * used up, signing fails for big messages, and small ones are not affected.
 * There are shares for BUDGET_MESSAGES_MAX messages; further ones use the
 * common budget from their first byte. So the total is bounded by constants,
 * and the limit of the service manager can be set above it: otherwise the
 * kernel would kill waybilld before any message is refused.
 *
 * The C library keeps freed memory. With a fixed threshold each big block is a
 * mapping of its own, which disappears when it is freed (by default, glibc
 * raises the threshold to 32 MiB at the first such block); malloc_trim(3)
 * returns the many small blocks of a big message.
 */
#include "build_config.h"
#include "budget.h"

#include <malloc.h>
#include <stdatomic.h>

enum { MAPPED_MIN = 128 * 1024 };	/* glibc's initial threshold */

/* Shared by all messages. */
static _Atomic size_t common;	/* bytes beyond the shares */
static _Atomic size_t shares;
static atomic_bool was_big;	/* since the last trim */

static size_t
beyond_share(const struct budget *b, size_t taken)
{
	size_t own = b->has_own ? BUDGET_OWN_MAX : 0;

	return taken > own ? taken - own : 0;
}

static void
take_share(struct budget *b)
{
	if (b->taken > 0)
		return;
	b->has_own = atomic_fetch_add(&shares, 1) < BUDGET_MESSAGES_MAX;
	if (!b->has_own)
		atomic_fetch_sub(&shares, 1);
}

static void
give_share(struct budget *b)
{
	if (b->taken == 0 && b->has_own) {
		b->has_own = false;
		atomic_fetch_sub(&shares, 1);
	}
}

int
budget_take(struct budget *b, size_t len)
{
	if (b == NULL || len == 0)
		return 0;
	take_share(b);
	size_t more = beyond_share(b, b->taken + len) -
	    beyond_share(b, b->taken);
	if (more > 0 && atomic_fetch_add(&common, more) + more >
	    BUDGET_ALL_MAX) {
		atomic_fetch_sub(&common, more);
		give_share(b);
		return -1;
	}
	b->taken += len;
	return 0;
}

void
budget_charge(struct budget *b, size_t len)
{
	if (b == NULL || len == 0)
		return;
	take_share(b);
	atomic_fetch_add(&common, beyond_share(b, b->taken + len) -
	    beyond_share(b, b->taken));
	b->taken += len;
}

bool
budget_is_over(const struct budget *b)
{
	return b != NULL && beyond_share(b, b->taken) > 0 &&
	    common > BUDGET_ALL_MAX;
}

void
budget_give(struct budget *b, size_t len)
{
	if (b == NULL || len == 0)
		return;
	size_t less = beyond_share(b, b->taken) -
	    beyond_share(b, b->taken - len);
	if (less > 0) {
		atomic_fetch_sub(&common, less);
		was_big = true;
	}
	b->taken -= len;
	give_share(b);
}

void
budget_begin(void)
{
#ifdef HAVE_MALLOPT
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED_MIN);
#endif
}

void
budget_trim(void)
{
#ifdef HAVE_MALLOC_TRIM
	if (atomic_exchange(&was_big, false))
		(void)malloc_trim(0);
#endif
}
