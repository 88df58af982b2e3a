/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_PGSQL_TARGET_H
#define WAYBILL_RECORD_PGSQL_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/reach.h"

/*
 * A URL of PostgreSQL, and what libpq is told to connect by it: the password
 * comes from a file, TLS is verified unless the server is on this host, and no
 * wait is without end.
 */
struct pgsql_target;

/*
 * url: postgresql://[USER@]HOST[:PORT]/DATABASE[?OPTIONS], as libpq reads it.
 * password_file: NULL or "" for none. writes: of several hosts, one that takes
 * writes is wanted. NULL with err, EXIT_CONFIG, which never holds the URL or a
 * password: a password in the URL, TLS weaker than verify-full towards another
 * host, a password file that others can read.
 */
struct pgsql_target *pgsql_target_new(const char *url,
    const char *password_file, bool writes, struct err *err);
void pgsql_target_free(struct pgsql_target **t);

/* Keywords and values, each ended by NULL, for PQconnectdbParams(). */
const char *const *pgsql_target_keywords(const struct pgsql_target *t);
const char *const *pgsql_target_values(const struct pgsql_target *t);

/* The value of a keyword; NULL where libpq's default is taken. */
const char *pgsql_target_value(const struct pgsql_target *t,
    const char *keyword);

/* Adds what libpq reads to connect by a URL: files that it, the environment or
 * HOME name, and /etc (hosts, resolv.conf, certificates). */
void pgsql_target_reach(const char *url, const char *password_file,
    struct reach *reach);

/* "postgresql://HOST/DATABASE", for sentences. */
const char *pgsql_target_name(const struct pgsql_target *t);

#endif
