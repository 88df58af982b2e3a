/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_PGSQL_SCHEMA_H
#define WAYBILL_RECORD_PGSQL_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/pgsql.h"

/*
 * The tables of the store in PostgreSQL, in the schema waybill. Whoever changes
 * them holds an advisory lock: any number of recorders may begin at once.
 */

/* writes: brings the schema to this waybill's version; else only looks at it.
 * EXIT_CONFIG for one of a later waybill. */
int pgsql_schema_prepare(struct pgsql *p, bool writes, struct err *err);

/* Which month a time belongs to: a number that grows by one a month; all before
 * the first and after the last month that have a partition are one each. */
int pgsql_schema_month(int64_t second);

/* Makes the partition of a month, where there is none. */
int pgsql_schema_add_month(struct pgsql *p, int month, struct err *err);

/* Drops the oldest partition if all of it is from before a time. About how
 * many rows went with it (1 at least), 0 for none, also when somebody else
 * uses it now; -1 with err. */
long pgsql_schema_drop_month(struct pgsql *p, int64_t before_second,
    struct err *err);

/* Advisory locks have two numbers: one of ours ("wayb" in ASCII), and what it
 * is for. A host's, for its transactions, have the next one of ours and a hash
 * of its name. */
#define PGSQL_SCHEMA_LOCK "2002876770, 1"
#define PGSQL_SCHEMA_EXPIRE_LOCK "2002876770, 2"
#define PGSQL_SCHEMA_HOST_LOCKS "2002876771"

#endif
