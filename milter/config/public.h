/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_PUBLIC_H
#define WAYBILL_CONFIG_PUBLIC_H

#include <stddef.h>

#include "base/err.h"
#include "config/config.h"
#include "config/identity.h"

/*
 * The public halves of all keys, for programs that compare them with DNS and
 * must not see the keys: the directory "public" next to the key directory,
 * with DOMAIN/SELECTOR.txt in it, readable by everybody. The first line of a
 * file is the value of the TXT record, the second the path of the key.
 */

/* Writes the path of the directory to out, which has size bytes. Returns 0, or
 * -1 if it does not fit. */
int public_folder(const struct config *c, char *out, size_t size);

/* Makes the directory contain exactly the keys of the table. Files that are
 * already right are not touched. Returns 0, or -1 with err. */
int public_write(const struct config *c, const struct identity_table *t,
    struct err *err);

/* Adds one key. Returns 0, or -1 with err. */
int public_add(const struct config *c, const struct key *key,
    const char *key_path, struct err *err);

#endif
