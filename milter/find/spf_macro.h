/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_SPF_MACRO_H
#define WAYBILL_FIND_SPF_MACRO_H

#include <stdbool.h>

#include "base/domain.h"
#include "base/ip.h"
#include "find/spf_record.h"

/* The values of the macros of RFC 7208 7.2. Strings of any bytes. */
struct spf_macro_values {
	const char *sender;	/* s: local-part@domain */
	struct spf_span local;	/* l */
	const char *origin;	/* o: the sender's domain */
	const char *domain;	/* d: the domain being evaluated */
	const char *helo;	/* h */
	const char *validated;	/* p; NULL: "unknown" */
	const struct ip *ip;	/* i, v */
};

/* Returns true if the name can be queried: two labels or more, each of 1 to 63
 * bytes, 253 in all, no final dot. */
bool spf_macro_is_name(const char *s, size_t len);

/* Returns true if the domain-spec contains %{p}, which costs look-ups. */
bool spf_macro_wants_validated(struct spf_span spec);

/*
 * Expands a domain-spec that spf_record_parse() has accepted into out, of
 * DOMAIN_SIZE bytes: truncated from the left to 253 bytes, label by label
 * (7.3), without a final dot. The bytes are chosen by senders and zones:
 * returns -1 if it is not a name that can be queried (an empty label, one over
 * 63 bytes, a single label); out is then "".
 */
int spf_macro_expand(struct spf_span spec, const struct spf_macro_values *v,
    char *out);

#endif
