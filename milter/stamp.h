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
	struct stamp *v;	/* in the order in which they must appear */
	size_t n;
};

/* Makes the stamps selected by headers.stamp, at most headers.max_routes of
 * them, from a survey after survey_judge(). host: the name of this host.
 * Returns 0, or -1 without memory (out is then empty). */
int stamps_make(const struct survey *v, const char *host,
    const struct config *c, struct stamps *out);

void stamps_free(struct stamps *s);

#endif
