/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_HALVES_H
#define WAYBILL_TOOL_HALVES_H

#include "base/err.h"
#include "config/config.h"
#include "config/identity.h"

/*
 * Public halves of the keys for a command that compares them with DNS. A
 * process of its own reads the keys where this user may, makes the folder of
 * public halves current where this user may write there, and ends; this one
 * never holds a key.
 */

/* Makes the folder current. 0, or -1 where a key or the folder has a fault,
 * which errors and warnings then tell. */
int halves_refresh(const struct config *c, struct err_list *errors,
    struct err_list *warnings);

/* Makes it current and reads it. Where this user may not read the keys, what
 * root wrote there counts. NULL with errors. */
struct identity_table *halves_read(const struct config *c,
    struct err_list *errors, struct err_list *warnings);

/* Reads it. NULL with errors. */
struct identity_table *halves_as_they_are(const struct config *c,
    struct err_list *errors);

#endif
