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
 * The signing part of one configuration, prepared for libopendkim: built whole
 * or not at all, immutable, shared by all threads. It must live until the last
 * struct sign that was opened with it is freed; the configuration itself is
 * not needed after sign_rules_new(). Only sign.c looks inside.
 */
struct sign_rules {
	/* SIGN_RULES_ALWAYS, then by decreasing weight */
	struct sign_rule *rule;
	size_t n;
	enum canonicalization header_canon;
	enum canonicalization body_canon;
	uint64_t expire_s;	/* 0: no x= */
	struct dkim_lib *lib;
	bool cached;		/* libopendkim requests our parsed keys */
	bool forgets;		/* and leaks those of Ed25519 */
};

/* Returns NULL with a message that names the faulty option (EXIT_CONFIG) or
 * what the library lacks. */
struct sign_rules *sign_rules_new(const struct config *c, struct err *err);
void sign_rules_free(struct sign_rules **rules);

/* Returns the index of the rule for a field name of len bytes; n if there is
 * none. */
size_t sign_rules_find(const struct sign_rules *r, const char *name,
    size_t len);

/* libopendkim with the options of the rules, without the names for which
 * left_out[i] is true (NULL: none). Free it with dkim_close(). Returns NULL
 * with err. */
struct dkim_lib *sign_rules_lib(const struct sign_rules *r,
    const bool *left_out, struct err *err);

/* Whether libopendkim gets parsed keys ("keys=cached"), or parses each key
 * again for each message ("keys=parsed": only slower). sign_rules_new() finds
 * it out. */
bool sign_keys_are_cached(const struct sign_rules *rules);

/* Returns true if the signatures cover fields with this name. */
bool sign_covers(const struct sign_rules *rules, const char *name);

#endif
