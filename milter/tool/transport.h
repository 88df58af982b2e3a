/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_TRANSPORT_H
#define WAYBILL_TOOL_TRANSPORT_H

#include <stdbool.h>

#include "base/address.h"
#include "base/err.h"
#include "find/destination.h"
#include "find/family.h"
#include "find/postfix.h"

/* What {rcpt_mailer} and {rcpt_host} would be, had the message come over
 * SMTP: the transport and next hop that Postfix's tables give a recipient. */
struct transport_answer {
	char mailer[DESTINATION_TRANSPORT_SIZE];
	char host[DESTINATION_NEXTHOP_SIZE];
	bool is_mapped;		/* an entry of transport_maps says so */
};

/*
 * folder: where p was read. without: a table of transport_maps that isn't
 * asked, or NULL. host: its own addresses tell which domain literals
 * are local. sender: of MAIL FROM, NULL or "" when it isn't known or there is
 * none (then no table that goes by sender is asked). 0, or -1 with err when a
 * table can't be asked.
 */
int transport_find(const struct postfix *p, const char *folder,
    const char *without, const struct family_rules *host, const char *sender,
    const struct address *recipient, struct transport_answer *out,
    struct err *err);

#endif
