/* SPDX-License-Identifier: ISC */
/* The store's back ends, picked by the URL. */
#include "record/store.h"
#include "record/store_ops.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct store {
	const struct store_ops *ops;
	void *self;		/* owned */
};

static const struct store_ops *const back_ends[] = {
	&store_pgsql_ops,
	&store_sqlite_ops,
};

/* The last one takes whatever is left. */
static const struct store_ops *
ops_of(const char *url)
{
	size_t i = 0;

	while (!text_begins_fold(url, back_ends[i]->scheme))
		i++;
	return back_ends[i];
}

void
store_reach(const char *url, const char *password_file, struct reach *reach)
{
	ops_of(url)->reach(url, password_file, reach);
}

struct store *
store_open(const char *url, const char *password_file, const char *host,
    enum store_mode mode, struct err *err)
{
	const struct store_ops *ops = ops_of(url);
	struct store *s;

	if (strstr(url, "://") != NULL && ops->scheme[0] == '\0') {
		err_set(err, EXIT_CONFIG, "record.store: waybill knows files "
		    "and postgresql, not \"%.*s\"",
		    (int)(strstr(url, "://") - url), url);
		return NULL;
	}
	s = malloc(sizeof *s);
	if (s == NULL) {
		err_set(err, EXIT_TEMPORARY, "out of memory");
		return NULL;
	}
	s->ops = ops;
	s->self = ops->open(url, password_file, host, mode, err);
	if (s->self == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	(*s)->ops->close((*s)->self);
	free(*s);
	*s = NULL;
}

int
store_begin(struct store *s, struct err *err)
{
	return s->ops->begin(s->self, err);
}

int
store_put_attempt(struct store *s, const struct attempt *a, struct err *err)
{
	return s->ops->put_attempt(s->self, a, err);
}

int
store_put_queued(struct store *s, const char *qid, const char *text,
    struct err *err)
{
	return s->ops->put_queued(s->self, qid, text, err);
}

int
store_put_position(struct store *s, const char *source, const char *position,
    struct err *err)
{
	return s->ops->put_position(s->self, source, position, err);
}

int
store_commit(struct store *s, struct err *err)
{
	return s->ops->commit(s->self, err);
}

void
store_rollback(struct store *s)
{
	s->ops->rollback(s->self);
}

char *
store_position(struct store *s, const char *source, struct err *err)
{
	return s->ops->position(s->self, source, err);
}

int
store_queued(struct store *s,
    void (*got)(void *arg, const char *qid, const char *text), void *arg,
    struct err *err)
{
	return s->ops->queued(s->self, got, arg, err);
}

long
store_expire(struct store *s, int64_t before_us, struct err *err)
{
	return s->ops->expire(s->self, before_us, err);
}

int
store_put_event(struct store *s, int64_t time_us, uint64_t identity,
    const char *name, const char *text, struct err *err)
{
	return s->ops->put_event(s->self, time_us, identity, name, text, err);
}

int
store_add_count(struct store *s, const char *name, const char *of,
    const char *and_of, int64_t n, struct err *err)
{
	return s->ops->add_count(s->self, name, of, and_of, n, err);
}

int
store_ask(struct store *s, const char *sql, const char *const *args, size_t n,
    bool (*got)(void *arg, const char *const *column), void *arg,
    struct err *err)
{
	return s->ops->ask(s->self, sql, args, n, got, arg, err);
}
