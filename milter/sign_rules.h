/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SIGN_RULES_H
#define WAYBILL_SIGN_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"

/* A name whose fields are covered. */
struct sign_rule {
	char *name;
	bool oversigned;
};

/* From and the names of the stamps come first in the rules. */
enum { SIGN_RULES_ALWAYS = 3 };

/*
 * What one configuration says about signing, made ready for libopendkim:
 * built whole or not at all, immutable, shared by all threads. It must live
 * until the last struct sign that was opened with it is freed; the
 * configuration itself isn't needed after sign_rules_new(). Only sign.c looks
 * inside.
 */
struct sign_rules {
	struct sign_rule *rule;	/* SIGN_RULES_ALWAYS, then by falling weight */
	size_t n;
	enum canonicalization header_canon;
	enum canonicalization body_canon;
	uint64_t expire_s;	/* 0: no x= */
	struct dkim_lib *lib;
	bool cached;		/* libopendkim asks for our parsed keys */
	bool forgets;		/* and never gives up those of Ed25519 */
};

/* NULL with a sentence that names the option at fault (EXIT_CONFIG) or what
 * the library lacks. */
struct sign_rules *sign_rules_new(const struct config *c, struct err *err);
void sign_rules_free(struct sign_rules **rules);

/* The rule for a field name of len bytes; n when there is none. */
size_t sign_rules_find(const struct sign_rules *r, const char *name,
    size_t len);

/* libopendkim with the options of the rules, without the names for which
 * left_out[i], NULL: none. dkim_close() frees. NULL with err. */
struct dkim_lib *sign_rules_lib(const struct sign_rules *r,
    const bool *left_out, struct err *err);

/* Are the keys handed to libopendkim parsed ("keys=cached"), or does it parse
 * each key anew for each message ("keys=parsed": slower, nothing else)? Found
 * out by sign_rules_new(). */
bool sign_keys_are_cached(const struct sign_rules *rules);

/* Would a field of this name be covered by the signatures when it is there? */
bool sign_covers(const struct sign_rules *rules, const char *name);

#endif
