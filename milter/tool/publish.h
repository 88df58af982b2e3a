/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_PUBLISH_H
#define WAYBILL_TOOL_PUBLISH_H

#include <stddef.h>

#include "base/domain.h"
#include "base/ip.h"
#include "base/text.h"
#include "config/keys.h"
#include "find/published.h"
#include "find/resolver.h"

/* What DNS should hold: one record to publish, and what is there instead. */
struct publish_record {
	const char *type;		/* "TXT", "PTR", "A", "AAAA" */
	char name[DOMAIN_SIZE];		/* whole, without a final dot */
	struct text value;		/* unquoted, one line; where something
					 * right is there: that */
	enum published_state state;
	struct text there;		/* what DNS has, any bytes but NUL */
	struct text notes;		/* sentences with "; " between */
};

/* Each of these fills *out; publish_free() it. */

/* The record of a key (RFC 6376 3.6.2.1), not compared with anything. */
void publish_dkim(const struct key *key, struct publish_record *out);

/* The same, and whether DNS has it. */
void publish_compare_dkim(struct resolver *r, const struct key *key,
    struct publish_record *out);

/* SPF for the n own addresses: what is there is kept and added to. helo as
 * spf_find() takes it. */
void publish_compare_spf(struct resolver *r, const char *domain,
    const char *helo, const struct ip *ips, size_t n,
    struct publish_record *out);

/* DMARC: p=none where there is none; what is there is never loosened nor
 * tightened. */
void publish_compare_dmarc(struct resolver *r, const char *domain,
    struct publish_record *out);

/* The name of an own address, and the address of the own name. */
void publish_compare_ptr(struct resolver *r, const struct ip *ip,
    const char *hostname, struct publish_record *out);
void publish_compare_address(struct resolver *r, const char *hostname,
    const struct ip *ip, struct publish_record *out);

/* The name under which PTR records of an address lie; out has 80 bytes. */
void publish_reverse_name(const struct ip *ip, char *out);

/*
 * One SPF record out of the n texts that DNS has for it, of which one is
 * pasted with quotes, broken into lines, wrong in a term, or too many: all
 * terms that can be read, each once, one "all" at the end. Terms that can't
 * be read go to lost, with blanks between. Pure.
 */
void publish_fix_spf(const char *const *texts, size_t n, struct text *out,
    struct text *lost);

/* Appends it as a line of a zone file, in strings of at most 255 bytes. */
void publish_zone(const struct publish_record *r, struct text *out);

void publish_free(struct publish_record *r);

#endif
