/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_MOVES_H
#define WAYBILL_TOOL_MOVES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "find/family.h"

/* What another preference would move: which destinations would be tried over
 * another family, and how many messages these got. */

struct moves {
	struct moves_pair {
		int64_t destinations, messages;
		struct text names;	/* the first of them */
	} pair[FAMILY_UNKNOWN + 1][FAMILY_UNKNOWN + 1];	/* [was][is] */
	struct text failing;		/* moved to where DMARC fails */
};

void moves_init(struct moves *m);
void moves_free(struct moves *m);

/* One destination. dmarc: of the family that it would have; NULL unknown. */
void moves_add(struct moves *m, const char *dest, int64_t messages,
    enum family was, enum family is, const char *dmarc);

/* For people; preference: the word that smtp_address_preference would have. */
void moves_print(const struct moves *m, const char *preference, FILE *out);

#endif
