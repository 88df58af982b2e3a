/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_STAMP_H
#define WAYBILL_STAMP_H

#include <stddef.h>

#include "config/config.h"
#include "survey.h"

/*
 * The diagnostic header fields, waybill-headers(7): X-Waybill-Sender, and an
 * X-Waybill-Route for each destination that may be named. Tag-lists of RFC
 * 6376 3.2.
 */
struct stamp {
	char *name;
	char *value;	/* begins with a space, folds are LF and a space */
};

struct stamps {
	struct stamp *v;	/* in the order in which they are to stand */
	size_t n;
};

/* Makes those that headers.stamp asks for, headers.max_routes of them at most,
 * of a survey that is judged. host: the name of this host. 0; -1 without
 * memory (then out is empty). */
int stamps_make(const struct survey *v, const char *host,
    const struct config *c, struct stamps *out);

void stamps_free(struct stamps *s);

#endif
