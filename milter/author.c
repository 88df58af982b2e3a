/* SPDX-License-Identifier: ISC */
/*
 * The author domain of a message, on which everything else depends: who signs,
 * whose policy applies.
 *
 * A message may name several authors in one From field (RFC 5322 allows it)
 * and, violating the RFC, have several From fields. Receivers differ in which
 * one they display and check, so the domain counts only if all agree. An
 * address without a usable domain is skipped: no receiver can check it.
 */
#include "author.h"

#include <string.h>

#include "base/address.h"

void
author_add(struct author *a, const char *value)
{
	struct address_list list;
	struct address address;

	address_list_begin(&list, value, strlen(value));
	while (address_list_next(&list, &address)) {
		if (address.domain[0] == '\0')
			continue;
		if (a->kind == AUTHOR_NONE) {
			a->kind = AUTHOR_ONE;
			memcpy(a->domain, address.domain, sizeof a->domain);
		} else if (!domain_equal(a->domain, address.domain)) {
			a->kind = AUTHOR_SEVERAL;
		}
	}
	if (list.cut && a->kind == AUTHOR_ONE)
		a->kind = AUTHOR_SEVERAL;
}
