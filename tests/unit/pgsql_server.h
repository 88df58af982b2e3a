/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TEST_PGSQL_SERVER_H
#define WAYBILL_TEST_PGSQL_SERVER_H

#include <stdbool.h>

/*
 * A PostgreSQL server of the test's own: a Unix socket in a temporary folder,
 * no TCP, a user without rights (postgres refuses root), everybody trusted.
 */

/* Is the program installed? */
bool pgsql_server_is_there(void);

/* initdb, and a first start. 0 or -1, with the log on standard error. */
int pgsql_server_make(void);

int pgsql_server_start(void);

/* SIGQUIT: at once, as a crash; SIGINT: in order; 0: no signal, it is awaited.
 * Waits until it has ended. */
void pgsql_server_end(int sig);

/* SIGSTOP or SIGCONT for it and all its children. */
void pgsql_server_freeze(bool is_frozen);

/* Ends it and removes all of it. */
void pgsql_server_remove(void);

/* "postgresql://..." of the database waybill, with the user waybill. */
const char *pgsql_server_url(void);

/* Runs SQL as the owner; its first value as text, "" for none, until the next
 * call. Fails the test when that fails. */
const char *pgsql_server_ask(const char *sql);

#endif
