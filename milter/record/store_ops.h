/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_STORE_OPS_H
#define WAYBILL_RECORD_STORE_OPS_H

#include "record/store.h"

/* A back end of the store; the contracts are those of store.h. */
struct store_ops {
	const char *scheme;	/* "postgresql://"; "" takes what is left */
	void *(*open)(const char *url, const char *password_file,
	    const char *host, enum store_mode mode, struct err *err);
	void (*reach)(const char *url, const char *password_file,
	    struct reach *reach);
	void (*close)(void *self);
	int (*begin)(void *self, struct err *err);
	int (*put_attempt)(void *self, const struct attempt *a,
	    struct err *err);
	int (*put_queued)(void *self, const char *qid, const char *text,
	    struct err *err);
	int (*put_position)(void *self, const char *source,
	    const char *position, struct err *err);
	int (*commit)(void *self, struct err *err);
	void (*rollback)(void *self);
	char *(*position)(void *self, const char *source, struct err *err);
	int (*queued)(void *self, void (*got)(void *arg, const char *qid,
	    const char *text), void *arg, struct err *err);
	long (*expire)(void *self, int64_t before_us, struct err *err);
	int (*put_event)(void *self, int64_t time_us, uint64_t identity,
	    const char *name, const char *text, struct err *err);
	int (*add_count)(void *self, const char *name, const char *of,
	    const char *and_of, int64_t n, struct err *err);
	/* Asks in SQL that both back ends speak; parameters are $1, $2 ... in
	 * the order of args. A column that is null is given as "". Rows until
	 * got() returns false. */
	int (*ask)(void *self, const char *sql, const char *const *args,
	    size_t n, bool (*got)(void *arg, const char *const *column),
	    void *arg, struct err *err);
};

/* For store_read.c alone. */
int store_ask(struct store *s, const char *sql, const char *const *args,
    size_t n, bool (*got)(void *arg, const char *const *column), void *arg,
    struct err *err);

extern const struct store_ops store_sqlite_ops;
extern const struct store_ops store_pgsql_ops;

#endif
