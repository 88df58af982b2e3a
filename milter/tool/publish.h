/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_PUBLISH_H
#define WAYBILL_TOOL_PUBLISH_H

#include "base/domain.h"
#include "base/text.h"
#include "config/keys.h"

/* What DNS should hold: one record to publish. */
struct publish_record {
	const char *type;		/* "TXT" */
	char name[DOMAIN_SIZE];		/* whole, without a final dot */
	struct text value;		/* unquoted, one line */
};

/* The record of a key (RFC 6376 3.6.2.1). publish_free() it. */
void publish_dkim(const struct key *key, struct publish_record *out);

/* Appends it as a line of a zone file, in strings of at most 255 bytes. */
void publish_zone(const struct publish_record *r, struct text *out);

void publish_free(struct publish_record *r);

#endif
