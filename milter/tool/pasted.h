/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_PASTED_H
#define WAYBILL_TOOL_PASTED_H

#include <stddef.h>

#include "record/postfix_log.h"
#include "record/source.h"

/*
 * A reply in what people paste: a line of Postfix's log with its head or
 * without, the end of one, what a bounce says, or the reply alone. Read from the
 * left by the grammar of Postfix's lines; what a server wrote into its reply is
 * never taken for what stands around it.
 */
struct pasted {
	const char *host;	/* that replied, else the recipient's domain; "" */
	const char *stage;	/* as in struct postfix_line; "" */
	const char *dsn;	/* "5.7.1"; "" */
	const char *reply;	/* len bytes, untrusted */
	size_t len;
	struct source_line source;
	struct postfix_line line;
};

/* text: untrusted. Never fails. White space, line breaks too, counts as one
 * blank, and what is longer than a log line is cut. What p tells belongs to p,
 * which must not move. */
void pasted_read(const char *text, struct pasted *p);

#endif
