/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ADDRESS_H
#define WAYBILL_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"

/* Mailboxes of one field beyond this number are not looked at; struct
 * address_list then has cut set. */
enum { ADDRESS_LIST_MAX = 1000, ADDRESS_MAX = 1024 };

/* One mailbox: RFC 5321 4.1.2 or RFC 5322 3.4.1. */
struct address {
	/* local-part@domain as written, without < >, comments and folds; if it
	 * does not fit, the local part is cut */
	char text[ADDRESS_MAX];
	char domain[DOMAIN_SIZE];	/* A-label; "" if absent or invalid */
	bool is_literal;		/* domain is "[x]", with brackets */
	/* address_path() only: every MTA reads the same domain in it */
	bool is_plain;
};

/*
 * Reads the argument of MAIL or RCPT as a milter gets it: "<path>" or, from
 * sendmail(1), the path without angle brackets. Source routes (RFC 5321 C) are
 * dropped; quoted local parts are understood. "" and "<>" give an empty text
 * and return 0. Returns -1 if it is not a valid path; out->text then holds
 * what can be displayed of it.
 */
int address_path(const char *arg, struct address *out);

/*
 * Iterates over the mailboxes of a From:, To: or Cc: value (RFC 5322 with its
 * obsolete forms: comments, folds, quoted strings, groups, spaces around "@"
 * and ".", raw 8-bit and UTF-8). Each call of address_list_next() returns one.
 * Text between two commas without an address is skipped; a mailbox without "@"
 * counts only in angle brackets, and then has no domain. Never fails:
 * unreadable text is skipped up to the next comma outside quotes and comments.
 */
struct address_list {
	const char *p;		/* where to continue */
	const char *end;
	unsigned seen;
	bool cut;		/* there were more than ADDRESS_LIST_MAX */
	bool in_group;
	bool open_quote;	/* a '"' or "(" that is not closed was seen */
	bool open_comment;
	const char *no_encoded;	/* no encoded word ends before here */
};

void address_list_begin(struct address_list *l, const char *value, size_t len);

/* Returns true with *out filled, or false at the end. */
bool address_list_next(struct address_list *l, struct address *out);

#endif
