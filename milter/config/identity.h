/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_IDENTITY_H
#define WAYBILL_CONFIG_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "config/config.h"
#include "config/keys.h"

/* A domain that is signed for, and its keys. Immutable after
 * identity_table_new(). */
struct identity {
	char *domain;		/* A-label form */
	bool subdomains;
	struct key **keys;	/* sorted by selector */
	size_t nkeys;
};

struct identity_table;

/*
 * Builds the table from the domain sections and the folder of keys, reading
 * every key file (call it as the user who will run the daemon). group as in
 * key_read(). A key file that a section names and the folder holds too counts
 * once. Every fault goes to errors, every oddity to warnings (a section without
 * a key is one, and no identity); NULL when errors got any.
 */
struct identity_table *identity_table_new(const struct config *c, gid_t group,
    struct err_list *errors, struct err_list *warnings);

/*
 * The same out of a folder of public halves (config/public.h): keys without
 * their private parts, for who compares them with DNS. What can't be read there
 * is an error; no such folder is an empty table.
 */
struct identity_table *identity_table_public(const struct config *c,
    const char *folder, struct err_list *errors);

void identity_table_free(struct identity_table **t);

/* The identity of an author domain (A-label): its own, or the nearest parent's
 * that has subdomains = true. NULL: none. Belongs to the table. */
const struct identity *identity_find(const struct identity_table *t,
    const char *domain);

/* All of them, sorted by domain, for a walk. */
size_t identity_count(const struct identity_table *t);
const struct identity *identity_at(const struct identity_table *t, size_t i);

#endif
