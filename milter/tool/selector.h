/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_SELECTOR_H
#define WAYBILL_TOOL_SELECTOR_H

#include <stddef.h>

#include "base/err.h"
#include "config/config.h"
#include "config/keys.h"

/* How long DNS may take to tell of all the selectors of a run. */
enum { SELECTOR_PATIENCE_MS = 5000 };

/*
 * Are the selectors of these new keys free in DNS? 0: nothing is there, or the
 * key itself, or what is no key (said on standard error), or DNS doesn't say
 * (said too: a host without DNS can have its key). -1 with err (EXIT_DATA)
 * where another key is published: another mail host may sign with it.
 */
int selector_ask_dns(const struct config *c, struct key *const *keys, size_t n,
    struct err *err);

#endif
