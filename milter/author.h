/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_AUTHOR_H
#define WAYBILL_AUTHOR_H

#include "base/domain.h"

/* The author of a message by its From fields (RFC 5322 3.6.2). */
enum author_kind {
	AUTHOR_NONE,		/* no From field with a usable address */
	AUTHOR_ONE,		/* all addresses are of one domain */
	AUTHOR_SEVERAL,		/* they aren't, or there are too many to read */
};

struct author {
	enum author_kind kind;		/* zeroed: AUTHOR_NONE */
	char domain[DOMAIN_SIZE];	/* of the first address, A-label */
};

/* Takes the value of one more From field. */
void author_add(struct author *a, const char *value);

#endif
