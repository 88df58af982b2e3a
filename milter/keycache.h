/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_KEYCACHE_H
#define WAYBILL_KEYCACHE_H

#include <stdbool.h>

#include "base/err.h"
#include "config/keys.h"

/*
 * Until keycache_end(), any PEM text that this thread lets OpenSSL parse is
 * assumed to be that of key, and the key parsed at start is returned, with a
 * reference of its own. Call it right before a call of libopendkim and end it
 * right after. Empties OpenSSL's error queue.
 */
void keycache_begin(const struct key *key);

/* Returns true if the parsed key was requested since keycache_begin(). If not,
 * the linker found another PEM_read_bio_PrivateKey() before ours: slower, not
 * wrong. */
bool keycache_end(void);

/* Releases a reference that was handed out and that libopendkim is known to
 * leak. */
void keycache_return(const struct key *key);

/*
 * A throwaway Ed25519 key that reports when it is freed: it finds out at start
 * what libopendkim does with the keys that it gets. It must not move.
 */
struct keycache_probe {
	struct key key;
	int index;		/* of OpenSSL's ex data, for the report */
	bool ended;		/* the last reference was released */
};

/* Returns 0, or -1 with err. Call keycache_probe_free() in either case. */
int keycache_probe_new(struct keycache_probe *p, struct err *err);

/* Releases our reference: ended is then true unless somebody holds another. */
void keycache_probe_drop(struct keycache_probe *p);

void keycache_probe_free(struct keycache_probe *p);

#endif
