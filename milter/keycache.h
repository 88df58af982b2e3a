/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_KEYCACHE_H
#define WAYBILL_KEYCACHE_H

#include <stdbool.h>

#include "config/keys.h"

/*
 * From here to keycache_end(), the PEM text that this thread has OpenSSL parse
 * is taken to be that of key, and the key parsed at start is handed out. Set
 * right before a call of libopendkim and ended right after it.
 */
void keycache_begin(const struct key *key);

/* True if the parsed key was asked for since keycache_begin(). False means
 * that the linker found another PEM_read_bio_PrivateKey() before ours: slower,
 * not wrong. */
bool keycache_end(void);

#endif
