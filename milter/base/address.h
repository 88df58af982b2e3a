/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ADDRESS_H
#define WAYBILL_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"

/* More mailboxes of one field than these are not looked at (and said so). */
enum { ADDRESS_LIST_MAX = 1000, ADDRESS_MAX = 1024 };

/* One mailbox: RFC 5321 4.1.2 or RFC 5322 3.4.1. */
struct address {
	char text[ADDRESS_MAX];		/* local-part@domain as written, without < >,
					 * comments and folds; what doesn't fit is
					 * cut from the local part */
	char domain[DOMAIN_SIZE];	/* A-label; "" when there is none or it is bad */
	bool is_literal;		/* domain is [x]; domain holds it with brackets */
	bool is_plain;			/* address_path() alone: every MTA reads the
					 * same domain in it */
};

/*
 * Reads the argument of MAIL or RCPT as a milter gets it: "<path>" or, from
 * sendmail(1), the path without angle brackets; source routes (RFC 5321 C) are
 * dropped, quoted local parts understood. "" and "<>" give an empty text and
 * return 0. -1 when it is no path (then text holds what can be shown of it).
 */
int address_path(const char *arg, struct address *out);

/*
 * Walks the mailboxes of a From:, To: or Cc: value (RFC 5322 with its obsolete
 * forms: comments, folds, quoted strings, groups, spaces round "@" and ".",
 * raw 8-bit and UTF-8). Each call of address_next() gives one; what is between
 * two commas and has no address is passed over (a mailbox without "@" counts
 * only in angle brackets: it is one without domain). Never fails: what can't be
 * read is skipped up to the next comma outside quotes and comments.
 */
struct address_list {
	const char *p;		/* where to go on */
	const char *end;
	unsigned seen;
	bool cut;		/* there were more than ADDRESS_LIST_MAX */
	bool in_group;
	bool open_quote;	/* a '"', a "(" was met that nothing closes */
	bool open_comment;
	const char *no_encoded;	/* before it no encoded word ends */
};

void address_list_begin(struct address_list *l, const char *value, size_t len);

/* True and *out filled, or false at the end. */
bool address_list_next(struct address_list *l, struct address *out);

#endif
