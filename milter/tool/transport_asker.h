/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_TRANSPORT_ASKER_H
#define WAYBILL_TOOL_TRANSPORT_ASKER_H

#include "base/err.h"
#include "find/family.h"
#include "find/postfix.h"
#include "tool/transport.h"

/*
 * transport_find() by a process that stays the user that this one is when it
 * begins it: Postfix's tables are often root's alone (the passwords of their
 * databases), and who reads the record isn't root any more.
 */
struct transport_asker;

/* As transport_find(), which it stands for; what is handed over must stay until
 * this returns. NULL with err. */
struct transport_asker *transport_asker_start(const struct postfix *p,
    const char *folder, const char *without, const struct family_rules *host,
    struct err *err);
void transport_asker_stop(struct transport_asker **t);

/* For any recipient of the domain, an A-label. 0, or -1 with err. */
int transport_asker_ask(struct transport_asker *t, const char *domain,
    struct transport_answer *out, struct err *err);

#endif
