/* SPDX-License-Identifier: ISC */
/* Stands in for store_pgsql.c where waybill was built without libpq. */
#include "record/store_ops.h"

static void *
no_pgsql_open(const char *url, const char *password_file, const char *host,
    enum store_mode mode, struct err *err)
{
	(void)url;
	(void)password_file;
	(void)host;
	(void)mode;
	err_set(err, EXIT_CONFIG, "record.store: this waybill was built "
	    "without PostgreSQL; build it with libpq (Debian: libpq-dev), or "
	    "name a file");
	return NULL;
}

static void
no_pgsql_reach(const char *url, const char *password_file,
    struct reach *reach)
{
	(void)url;
	(void)password_file;
	(void)reach;
}

/* It is never opened, so nothing else is ever called. */
const struct store_ops store_pgsql_ops = {
	.scheme = "postgresql://",
	.open = no_pgsql_open,
	.reach = no_pgsql_reach,
};
