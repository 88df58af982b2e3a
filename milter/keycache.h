/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_KEYCACHE_H
#define WAYBILL_KEYCACHE_H

#include <stdbool.h>

#include "base/err.h"
#include "config/keys.h"

/*
 * From here to keycache_end(), the PEM text that this thread has OpenSSL parse
 * is taken to be that of key, and the key parsed at start is handed out, with
 * a reference of its own. Set right before a call of libopendkim and ended
 * right after it. OpenSSL's queue of errors is emptied.
 */
void keycache_begin(const struct key *key);

/* Was the parsed key asked for since keycache_begin()? No means that the
 * linker found another PEM_read_bio_PrivateKey() before ours: slower, not
 * wrong. */
bool keycache_end(void);

/* Gives back a reference that was handed out and that libopendkim is known to
 * forget. */
void keycache_return(const struct key *key);

/*
 * A throwaway Ed25519 key that reports its end: for finding out at start what
 * libopendkim does with the keys that it is handed. It must not move.
 */
struct keycache_probe {
	struct key key;
	int index;		/* of OpenSSL's, for the report */
	bool ended;		/* the last reference is gone */
};

/* 0, or -1 with err; keycache_probe_free() either way. */
int keycache_probe_new(struct keycache_probe *p, struct err *err);

/* Gives up our reference: ended is true now unless somebody holds another. */
void keycache_probe_drop(struct keycache_probe *p);

void keycache_probe_free(struct keycache_probe *p);

#endif
