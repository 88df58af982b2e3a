/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_ASKER_H
#define WAYBILL_TOOL_ASKER_H

#include "base/err.h"
#include "config/config.h"
#include "find/dmarc.h"
#include "find/published.h"
#include "find/resolver.h"
#include "find/route.h"

/* What the commands that ask DNS have in common. */

/* How long a command waits for one thing that it wants to know. */
enum { ASKER_PATIENCE_MS = 10000 };

/* A resolver as the configuration says. NULL with err. */
struct resolver *asker_resolver(const struct config *c, struct err *err);

/* Continuations waited for: the finding, or one that says "unknown". */
void asker_dmarc(struct resolver *r, const char *domain,
    struct dmarc_finding *out);
void asker_published(struct resolver *r, const struct published_query *q,
    struct published_finding *out);

/* The same for a caller with less patience: until deadline_ms (clock_ms()). */
void asker_published_until(struct resolver *r,
    const struct published_query *q, int64_t deadline_ms,
    struct published_finding *out);

/* route_find(), waited for. NULL when it didn't come in time. The caller frees
 * it. */
struct route *asker_route(struct resolver *r, const char *nexthop, bool no_mx);

#endif
