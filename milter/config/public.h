/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_PUBLIC_H
#define WAYBILL_CONFIG_PUBLIC_H

#include <stddef.h>

#include "base/err.h"
#include "config/config.h"
#include "config/identity.h"

/*
 * The public halves of all keys, for those who compare them with DNS and must
 * not see the keys: the folder "public" beside the folder of keys, with
 * DOMAIN/SELECTOR.txt in it, which everybody may read. A file's first line is
 * the value of the TXT record, its second the path of the key.
 */

/* Its path; out has size bytes. 0, or -1 when it doesn't fit. */
int public_folder(const struct config *c, char *out, size_t size);

/* Makes the folder hold the keys of the table, and no others. What is right
 * already isn't touched. 0, or -1 with err. */
int public_write(const struct config *c, const struct identity_table *t,
    struct err *err);

/* Adds one key. 0, or -1 with err. */
int public_add(const struct config *c, const struct key *key,
    const char *key_path, struct err *err);

#endif
