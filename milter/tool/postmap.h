/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_POSTMAP_H
#define WAYBILL_TOOL_POSTMAP_H

#include "base/err.h"

/* What a table of Postfix says, asked by postmap(1). */

/* What one postmap(1) may take and say. */
enum { POSTMAP_S = 10, POSTMAP_VALUE_MAX = 64 * 1024 };

enum postmap { POSTMAP_FOUND, POSTMAP_ABSENT, POSTMAP_FAILED };

/*
 * Looks key up in table ("hash:/etc/postfix/transport") as the Postfix that is
 * configured in folder would. FOUND: *value is malloc'd, the caller frees.
 * FAILED: err says why (the table, and postmap's own sentence).
 */
enum postmap postmap_ask(const char *folder, const char *table,
    const char *key, char **value, struct err *err);

#endif
