/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_STANDING_H
#define WAYBILL_TOOL_STANDING_H

#include <stdbool.h>

#include "base/address.h"
#include "config/config.h"
#include "find/align.h"
#include "find/family.h"
#include "find/resolver.h"
#include "find/sender.h"

/* How a sender of ours stands with those who get the mail: SPF and DMARC. */

/* What doesn't depend on the destination. */
struct standing {
	struct address from;	/* MAIL FROM and From: alike */
	struct dmarc_finding policy;
	bool signs_rsa;
	enum published_state key;	/* the best of the RSA keys */
	enum align dkim_align;
};

/*
 * from NULL: postmaster of the only domain that has keys here. Asks DNS. 0, or
 * -1 with err: from is no mailbox, or there isn't just one domain. Keys that
 * can't be read (an operator who isn't root) count as unknown.
 */
int standing_find(struct resolver *r, const struct config *c,
    const char *from, struct standing *out, struct err *err);

/* The words of waybill-log(7) for one destination; constants. */
struct standing_words {
	const char *spf;	/* NULL: nothing will be tried */
	const char *dmarc;
};

/*
 * Over the family that was predicted, sent by this transport: under "either"
 * the worse of the two; where the family is unknown, what both would give.
 * Behind a relay SPF is unknown, and DMARC counts our signature alone.
 */
struct standing_words standing_judge(struct resolver *r,
    const struct standing *s, const struct sender_transport *t,
    enum family family, bool is_relay);

#endif
