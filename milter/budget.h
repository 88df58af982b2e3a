/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BUDGET_H
#define WAYBILL_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes. tests/check/memory adds them up and compares the total with MemoryMax
 * of waybilld.service. */
enum {
	/* for each message, whatever others use */
	BUDGET_OWN_MAX = 256 << 10,
	/* number of messages with such a share */
	BUDGET_MESSAGES_MAX = 1024,
	/* beyond the shares, for all messages */
	BUDGET_ALL_MAX = 256 << 20,
	/* for everything else: caches, keys, threads, libraries */
	BUDGET_BASE_MAX = 256 << 20,
};

/* The memory that one message holds. Zeroed: none. Used by one thread at a
 * time. */
struct budget {
	size_t taken;
	bool has_own;
};

/* Counts len bytes that are about to be allocated. Returns -1, and counts
 * nothing, if the message's share and the common budget are used up. b may be
 * NULL, here and below: then nothing is counted. */
int budget_take(struct budget *b, size_t len);

/* As budget_take(), for when it is too late to fail; check budget_is_over()
 * later. */
void budget_charge(struct budget *b, size_t len);

/* Returns true if this message holds more than its share while the common
 * budget is exceeded. The message must then end. */
bool budget_is_over(const struct budget *b);

void budget_give(struct budget *b, size_t len);

/* Call it before starting threads: lets big blocks return to the system when
 * they are freed. */
void budget_begin(void);

/* Returns the memory of big messages that have ended since the last call to
 * the system. If there were any, this walks through the heap. */
void budget_trim(void);

#endif
