/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_CONFIG_IDENTITY_H
#define WAYBILL_CONFIG_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "config/config.h"
#include "config/keys.h"

/* A domain to sign for, and its keys. Immutable after identity_table_new(). */
struct identity {
	char *domain;		/* A-label form */
	bool subdomains;
	struct key **keys;	/* sorted by selector */
	size_t nkeys;
};

struct identity_table;

/*
 * Builds the table from the domain sections and the key directory, reading
 * every key file (call it as the user who will run the daemon). group is as in
 * key_read(). A key file that is both named in a section and present in the
 * directory counts once. Errors are added to errors; oddities are added to
 * warnings (a section without a key is one, and gives no identity). Returns
 * NULL if errors got any.
 */
struct identity_table *identity_table_new(const struct config *c, gid_t group,
    struct err_list *errors, struct err_list *warnings);

/*
 * The same from a directory of public halves (config/public.h): keys without
 * their private parts, to compare them with DNS. An unreadable file is an
 * error; a missing directory gives an empty table.
 */
struct identity_table *identity_table_public(const struct config *c,
    const char *folder, struct err_list *errors);

void identity_table_free(struct identity_table **t);

/* Returns the identity for an author domain (A-label): its own, or that of the
 * nearest parent with subdomains = true. NULL: none. Owned by the table. */
const struct identity *identity_find(const struct identity_table *t,
    const char *domain);

/* Iterates over all of them, sorted by domain. */
size_t identity_count(const struct identity_table *t);
const struct identity *identity_at(const struct identity_table *t, size_t i);

#endif
