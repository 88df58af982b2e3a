/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_AUTHOR_H
#define WAYBILL_AUTHOR_H

#include "base/domain.h"

/* The author of a message according to its From fields (RFC 5322 3.6.2). */
enum author_kind {
	AUTHOR_NONE,		/* no From field with a usable address */
	AUTHOR_ONE,		/* all addresses have the same domain */
	AUTHOR_SEVERAL,		/* they do not, or there are too many to read */
};

struct author {
	enum author_kind kind;		/* zeroed: AUTHOR_NONE */
	char domain[DOMAIN_SIZE];	/* of the first address, A-label */
};

/* Adds the value of another From field. */
void author_add(struct author *a, const char *value);

#endif
