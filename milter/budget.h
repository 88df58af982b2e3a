/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BUDGET_H
#define WAYBILL_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes. tests/check/memory adds them up and compares with MemoryMax of
 * waybilld.service. */
enum {
	BUDGET_OWN_MAX = 256 << 10,	/* of each message, whatever others do */
	BUDGET_MESSAGES_MAX = 1024,	/* messages that have such a share */
	BUDGET_ALL_MAX = 256 << 20,	/* beyond the shares, of all messages */
	BUDGET_BASE_MAX = 256 << 20,	/* what belongs to no message: caches,
					 * keys, threads, libraries */
};

/* The memory that one message holds. Zeroed: none. Used by one thread at a
 * time. */
struct budget {
	size_t taken;
	bool has_own;
};

/* Counts len bytes that are about to be allocated. -1, and nothing is counted,
 * when the message's share and the common budget are used up. b may be NULL:
 * nothing is counted then, here and below. */
int budget_take(struct budget *b, size_t len);

/* As budget_take() where it is too late to refuse; budget_is_over() tells. */
void budget_charge(struct budget *b, size_t len);

/* Does this message hold more than its share while the common budget is over?
 * Then it must end. */
bool budget_is_over(const struct budget *b);

void budget_give(struct budget *b, size_t len);

/* Before threads: big blocks will go back to the system when they are freed. */
void budget_begin(void);

/* Gives the memory of big messages that ended since the last call back to the
 * system. Costs a walk through the heap when there were any. */
void budget_trim(void);

#endif
