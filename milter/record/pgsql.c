/* SPDX-License-Identifier: ISC */
/*
 * One connection to a PostgreSQL server, every wait with an end.
 *
 * The server bounds what it works on (statement_timeout) and what it waits for
 * (lock_timeout), the kernel a peer that is gone (keepalives). A server that is
 * stopped but not gone answers neither, so replies are waited for here as well,
 * a little longer than the server's own bound; past it the connection is given
 * up.
 */
#include "record/pgsql.h"

#include "base/clock.h"
#include "record/pgsql_target.h"

#include <libpq-fe.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SERVER_VERSION_MIN = 120000,
	STATEMENT_MS = 60000,
	READ_STATEMENT_MS = 300000,
	REPLY_MORE_MS = 10000,
	COPY_BYTES = 65536,
	COLUMNS_MAX = 40,
};

/* Rows are few and statements short: compiling them costs more than it gives.
 * A client that is gone must not hold its locks. */
static const char settings[] = "SET search_path TO waybill; SET jit TO off;"
    " SET lock_timeout TO '15s';"
    " SET idle_in_transaction_session_timeout TO '120s';";

struct pgsql {
	PGconn *conn;			/* NULL: lost */
	struct pgsql_target *target;
	int reply_ms;
};

/* What is done with rows: got() may be NULL. */
struct taker {
	bool (*got)(void *arg, const char *const *column);
	void *arg;
	long changed;
	bool wants_more;
};

/* libpq's sentences have several lines. */
static int
failed(struct pgsql *p, const char *why, struct err *err)
{
	char line[700];
	size_t n = 0;

	for (const char *c = why; *c != '\0' && n < sizeof line - 1; c++) {
		if (*c != '\n' && *c != '\t')
			line[n++] = *c;
		else if (n > 0 && line[n - 1] != ' ' && c[1] != '\0')
			line[n++] = ' ';
	}
	line[n] = '\0';
	return err_set(err, EXIT_UNAVAILABLE, "%s: %s",
	    pgsql_target_name(p->target), line);
}

static void
lose(struct pgsql *p)
{
	PQfinish(p->conn);
	p->conn = NULL;
}

static int
lost(struct pgsql *p, struct err *err)
{
	failed(p, p->conn == NULL ? "the connection is lost" :
	    PQerrorMessage(p->conn), err);
	lose(p);
	return -1;
}

/* One wait for the socket, until a deadline. */
static int
wait_for_socket(struct pgsql *p, short events, int64_t deadline,
    struct err *err)
{
	struct pollfd fd = { .fd = PQsocket(p->conn), .events = events };
	int64_t left = deadline - clock_ms();
	int rc = left <= 0 ? 0 : poll(&fd, 1, (int)left);

	if (rc > 0 || (rc < 0 && errno == EINTR))
		return 0;
	failed(p, "the server doesn't answer", err);
	lose(p);
	return -1;
}

/* Sends what waits to be sent; what comes meanwhile is taken in, lest both
 * sides wait for the other to read. */
static int
send_all(struct pgsql *p, int64_t deadline, struct err *err)
{
	int rc;

	while ((rc = PQflush(p->conn)) == 1) {
		if (wait_for_socket(p, POLLIN | POLLOUT, deadline, err) != 0)
			return -1;
		if (PQconsumeInput(p->conn) == 0)
			return lost(p, err);
	}
	return rc == 0 ? 0 : lost(p, err);
}

/* The next result of what was sent; *result NULL after the last. */
static int
next_result(struct pgsql *p, PGresult **result, struct err *err)
{
	int64_t deadline = clock_ms() + p->reply_ms;

	*result = NULL;
	if (p->conn == NULL)
		return lost(p, err);
	if (send_all(p, deadline, err) != 0)
		return -1;
	while (PQisBusy(p->conn) != 0) {
		if (wait_for_socket(p, POLLIN, deadline, err) != 0)
			return -1;
		if (PQconsumeInput(p->conn) == 0)
			return lost(p, err);
	}
	*result = PQgetResult(p->conn);
	return 0;
}

static void
take_row(const PGresult *r, int row, struct taker *taker)
{
	const char *column[COLUMNS_MAX];
	int n = PQnfields(r);

	/* A null is "", and so is a column that the server leaves out. */
	for (int i = 0; i < COLUMNS_MAX; i++)
		column[i] = i < n ? PQgetvalue(r, row, i) : "";
	if (taker->got != NULL && taker->wants_more)
		taker->wants_more = taker->got(taker->arg, column);
}

/* Takes one result; -1 with err when it is an error. */
static int
take_result(struct pgsql *p, const PGresult *r, struct taker *taker,
    struct err *err)
{
	ExecStatusType status = PQresultStatus(r);

	if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
		for (int i = 0; i < PQntuples(r); i++)
			take_row(r, i, taker);
		return 0;
	}
	if (status == PGRES_COMMAND_OK) {
		taker->changed = strtol(PQcmdTuples((PGresult *)r), NULL, 10);
		return 0;
	}
	return failed(p, PQresultErrorMessage(r), err);
}

/* Takes all results; the first error is the one that is told. */
static int
take_results(struct pgsql *p, struct taker *taker, struct err *err)
{
	PGresult *r;
	int rc = 0;

	for (;;) {
		if (next_result(p, &r, rc == 0 ? err : NULL) != 0)
			return -1;
		if (r == NULL)
			break;
		if (take_result(p, r, taker, rc == 0 ? err : NULL) != 0)
			rc = -1;
		PQclear(r);
	}
	if (PQstatus(p->conn) != CONNECTION_OK)
		lose(p);
	return rc;
}

static int
send_question(struct pgsql *p, const char *sql, const char *const *args,
    size_t n, struct err *err)
{
	int rc;

	if (p->conn == NULL)
		return lost(p, err);
	rc = n == 0 ? PQsendQuery(p->conn, sql) : PQsendQueryParams(p->conn,
	    sql, (int)n, NULL, args, NULL, NULL, 0);
	return rc == 1 ? 0 : lost(p, err);
}

static void
be_quiet(void *arg, const char *notice)
{
	(void)arg;
	(void)notice;
}

/* What must be so before anything is written or read. */
static int
check_server(struct pgsql *p, struct err *err)
{
	const char *encoding = PQparameterStatus(p->conn, "server_encoding");

	if (PQserverVersion(p->conn) < SERVER_VERSION_MIN)
		return err_set(err, EXIT_CONFIG, "%s: PostgreSQL %d is too "
		    "old, %d is needed", pgsql_target_name(p->target),
		    PQserverVersion(p->conn) / 10000,
		    SERVER_VERSION_MIN / 10000);
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
		return err_set(err, EXIT_CONFIG, "%s: its encoding is %s, and "
		    "can't hold every text; make it with CREATE DATABASE ... "
		    "ENCODING 'UTF8' TEMPLATE template0",
		    pgsql_target_name(p->target), encoding == NULL ?
		    "unknown" : encoding);
	return 0;
}

static int
set_session(struct pgsql *p, bool writes, struct err *err)
{
	char text[sizeof settings + 120];
	int ms = writes ? STATEMENT_MS : READ_STATEMENT_MS;

	p->reply_ms = ms + REPLY_MORE_MS;
	snprintf(text, sizeof text, "%s SET statement_timeout TO %d;"
	    " SET default_transaction_read_only TO %s", settings, ms,
	    writes ? "off" : "on");
	return pgsql_run(p, text, NULL, 0, err) < 0 ? -1 : 0;
}

struct pgsql *
pgsql_open(const char *url, const char *password_file, bool writes,
    struct err *err)
{
	struct pgsql *p = calloc(1, sizeof *p);

	if (p == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	p->target = pgsql_target_new(url, password_file, writes, err);
	if (p->target == NULL) {
		free(p);
		return NULL;
	}
	p->conn = PQconnectdbParams(pgsql_target_keywords(p->target),
	    pgsql_target_values(p->target), 0);
	if (p->conn == NULL)
		err_set(err, EXIT_TEMPORARY, "out of memory");
	else if (PQstatus(p->conn) != CONNECTION_OK)
		lost(p, err);
	if (p->conn != NULL)
		(void)PQsetNoticeProcessor(p->conn, be_quiet, NULL);
	/* Without what of a row's foreign text was at fault. */
	if (p->conn != NULL)
		(void)PQsetErrorVerbosity(p->conn, PQERRORS_TERSE);
	if (p->conn == NULL || PQsetnonblocking(p->conn, 1) != 0 ||
	    check_server(p, err) != 0 || set_session(p, writes, err) != 0)
		pgsql_close(&p);
	return p;
}

void
pgsql_close(struct pgsql **p)
{
	if (*p == NULL)
		return;
	PQfinish((*p)->conn);
	pgsql_target_free(&(*p)->target);
	free(*p);
	*p = NULL;
}

/* A server that ends says so, and then closes: two things to read. */
bool
pgsql_is_lost(struct pgsql *p)
{
	for (int i = 0; i < 2 && p->conn != NULL; i++)
		if (PQconsumeInput(p->conn) == 0 ||
		    PQstatus(p->conn) != CONNECTION_OK)
			lose(p);
	return p->conn == NULL;
}

const char *
pgsql_name(const struct pgsql *p)
{
	return pgsql_target_name(p->target);
}

long
pgsql_run(struct pgsql *p, const char *sql, const char *const *args, size_t n,
    struct err *err)
{
	struct taker taker = { .wants_more = false };

	if (send_question(p, sql, args, n, err) != 0 ||
	    take_results(p, &taker, err) != 0)
		return -1;
	return taker.changed;
}

int
pgsql_ask(struct pgsql *p, const char *sql, const char *const *args, size_t n,
    bool (*got)(void *arg, const char *const *column), void *arg,
    struct err *err)
{
	struct taker taker = { .got = got, .arg = arg, .wants_more = true };

	if (send_question(p, sql, args, n, err) != 0)
		return -1;
	(void)PQsetSingleRowMode(p->conn);
	return take_results(p, &taker, err);
}

/* Rows behind an error are the server's to throw away. */
static int
send_rows(struct pgsql *p, const char *bytes, size_t len, struct err *err)
{
	int64_t deadline = clock_ms() + p->reply_ms;

	while (len > 0) {
		size_t n = len < COPY_BYTES ? len : COPY_BYTES;
		int rc = PQputCopyData(p->conn, bytes, (int)n);

		if (rc < 0)
			return lost(p, err);
		if (rc == 1) {
			bytes += n;
			len -= n;
		}
		if (send_all(p, deadline, err) != 0)
			return -1;
	}
	while (PQputCopyEnd(p->conn, NULL) == 0)
		if (send_all(p, deadline, err) != 0)
			return -1;
	return send_all(p, deadline, err);
}

int
pgsql_copy(struct pgsql *p, const char *sql, const char *bytes, size_t len,
    struct err *err)
{
	struct taker taker = { .wants_more = false };
	PGresult *r;
	bool is_ready;

	if (send_question(p, sql, NULL, 0, err) != 0 ||
	    next_result(p, &r, err) != 0)
		return -1;
	is_ready = PQresultStatus(r) == PGRES_COPY_IN;
	if (!is_ready)
		failed(p, PQresultErrorMessage(r), err);
	PQclear(r);
	if (is_ready)
		return send_rows(p, bytes, len, err) != 0 ? -1 :
		    take_results(p, &taker, err);
	(void)take_results(p, &taker, NULL);
	return -1;
}
