/* SPDX-License-Identifier: ISC */
/* The store in PostgreSQL: the cases of every store, and what several hosts and
 * a network bring: writers and openers at once, a server that crashes, ends or
 * freezes, passwords, bytes that no database takes. */
#include "store_cases.h"
#include "pgsql_server.h"

#include "record/store_read.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { DAY_S = 86400, NOON = 1728043200, SKIPPED = 77 };

static int
setup(void **state)
{
	(void)state;
	store_cases_url = pgsql_server_url();
	(void)pgsql_server_ask("DROP SCHEMA IF EXISTS waybill CASCADE");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASES(setup, teardown),
	};
	int rc;

	if (!pgsql_server_is_there()) {
		puts("skipped: PostgreSQL's server isn't installed "
		    "(Debian: postgresql)");
		return SKIPPED;
	}
	if (pgsql_server_make() != 0) {
		pgsql_server_remove();
		return 1;
	}
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	pgsql_server_remove();
	return rc;
}
