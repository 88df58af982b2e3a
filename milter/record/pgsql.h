/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_PGSQL_H
#define WAYBILL_RECORD_PGSQL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * One connection to a PostgreSQL server. Every call ends within a bound, also
 * when the server is there and silent; err is EXIT_UNAVAILABLE unless a
 * contract says more. A connection that is lost stays so: open another.
 */
struct pgsql;

/* As pgsql_target_new() takes them. EXIT_CONFIG also for a server that is too
 * old or whose database isn't in UTF-8. */
struct pgsql *pgsql_open(const char *url, const char *password_file,
    bool writes, struct err *err);
void pgsql_close(struct pgsql **p);

/* Is it lost, as far as can be seen without asking the server? */
bool pgsql_is_lost(struct pgsql *p);

/* "postgresql://HOST/DATABASE" */
const char *pgsql_name(const struct pgsql *p);

/* Runs SQL whose rows nobody wants; several statements when n is 0. How many
 * rows the last one changed, or -1. */
long pgsql_run(struct pgsql *p, const char *sql, const char *const *args,
    size_t n, struct err *err);

/* Runs one statement and hands over its rows, one a call, until got() returns
 * false; a null is "". Memory is that of a row. got() must not use p. */
int pgsql_ask(struct pgsql *p, const char *sql, const char *const *args,
    size_t n, bool (*got)(void *arg, const char *const *column), void *arg,
    struct err *err);

/* sql is COPY table FROM STDIN, and bytes its rows in PostgreSQL's text form. */
int pgsql_copy(struct pgsql *p, const char *sql, const char *bytes, size_t len,
    struct err *err);

#endif
