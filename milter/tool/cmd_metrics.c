/* SPDX-License-Identifier: ISC */
/*
 * waybill metrics: the record as Prometheus reads it, text format 0.0.4, for
 * the textfile collector of the node exporter.
 *
 * Providers come from the names of mail hosts and authors from messages, so
 * strangers could make labels without end: the busiest get a label of their
 * own, the rest counts as "other".
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/identity.h"
#include "record/store_read.h"
#include "tool/asker.h"
#include "tool/command.h"
#include "tool/halves.h"
#include "tool/output.h"
#include "tool/reader.h"

enum { OPTION_OUTPUT = 256 };

enum {
	PROVIDERS_MAX = 100,	/* labels; the rest is "other" */
	AUTHORS_MAX = 100,
	SERIES_MAX = 100000,	/* before those of authors are folded */
	KEYS_MAX = 50,
};

static const char other[] = "other";

static const struct command_option options[] = {
	{ "output", OPTION_OUTPUT, "FILE", "write this file, whole" },
	{ NULL, 0, NULL, NULL },
};

/* A number with up to four labels; strings owned. */
struct series {
	char *label[4];
	int64_t n;
};

struct series_list {
	struct series *v;	/* owned */
	size_t n;
};

struct totals {
	struct series_list busiest;	/* PROVIDERS_MAX, of the first label */
	struct series_list of_busiest;
	struct series_list of_others;	/* by the other labels alone */
};

struct making {
	const struct config *c;
};

static void
series_add(struct series_list *l, const char *a, const char *b, const char *c,
    const char *d, int64_t n)
{
	const char *const labels[] = { a, b, c, d };
	struct series *more;

	if (l->n == SERIES_MAX)
		return;
	more = realloc(l->v, (l->n + 1) * sizeof *more);
	if (more == NULL)
		return;
	l->v = more;
	more[l->n] = (struct series){ .n = n };
	for (size_t i = 0; i < 4; i++)
		more[l->n].label[i] = strdup(labels[i]);
	l->n++;
}

static void
series_free(struct series_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < 4; k++)
			free(l->v[i].label[k]);
	free(l->v);
	memset(l, 0, sizeof *l);
}

/* Is a more than b? Of two that are equal the name decides, so that it is the
 * same one each time. */
static bool
is_busier(int64_t n, const char *name, const struct series *b)
{
	return n != b->n ? n > b->n : strcmp(name, b->label[0]) < 0;
}

/* Each provider once, with all its attempts: keeps it if it is one of the
 * busiest so far. */
static bool
got_provider(void *arg, const struct store_total *t)
{
	struct series_list *l = &((struct totals *)arg)->busiest;
	struct series *least = l->v;

	if (t->attempts <= 0)
		return true;
	if (l->n < PROVIDERS_MAX) {
		series_add(l, t->provider, "", "", "", t->attempts);
		return true;
	}
	for (size_t i = 1; i < l->n; i++)
		if (is_busier(least->n, least->label[0], &l->v[i]))
			least = &l->v[i];
	if (is_busier(t->attempts, t->provider, least)) {
		free(least->label[0]);
		least->label[0] = strdup(t->provider);
		least->n = t->attempts;
	}
	return true;
}

static bool
is_one_of(const struct series_list *l, const char *provider)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].label[0], provider) == 0)
			return true;
	return false;
}

/* Adds to the series of these labels; there are few of "other". */
static void
add_to_other(struct series_list *l, const struct store_total *t,
    const char *family)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].label[1], family) == 0 &&
		    strcmp(l->v[i].label[2], t->status) == 0 &&
		    strcmp(l->v[i].label[3], t->class) == 0) {
			l->v[i].n += t->attempts;
			return;
		}
	series_add(l, other, family, t->status, t->class, t->attempts);
}

static bool
got_total(void *arg, const struct store_total *t)
{
	struct totals *all = arg;
	const char *family = t->family[0] == '\0' ? "none" : t->family;

	if (t->attempts <= 0)
		return true;
	if (is_one_of(&all->busiest, t->provider))
		series_add(&all->of_busiest, t->provider, family, t->status,
		    t->class, t->attempts);
	else
		add_to_other(&all->of_others, t, family);
	return true;
}

static bool
got_messages(void *arg, const char *author, const char *result, int64_t n)
{
	series_add(arg, author[0] == '\0' ? other : author, result, "", "", n);
	return true;
}

static bool
got_lines(void *arg, const char *kind, const char *nothing, int64_t n)
{
	(void)nothing;
	series_add(arg, kind, "", "", "", n);
	return true;
}

static int
compare_labels(const void *one, const void *two)
{
	const struct series *a = one;
	const struct series *b = two;
	int order = 0;

	for (size_t i = 0; i < 4 && order == 0; i++)
		order = strcmp(a->label[i], b->label[i]);
	return order;
}

static int
compare_counts(const void *one, const void *two)
{
	int64_t a = ((const struct series *)one)->n;
	int64_t b = ((const struct series *)two)->n;

	return a > b ? -1 : a < b;
}

/* Adds up equal labels; the list is sorted by them then. */
static void
add_up(struct series_list *l)
{
	size_t kept = 0;

	if (l->n == 0)
		return;
	qsort(l->v, l->n, sizeof *l->v, compare_labels);
	for (size_t i = 1; i < l->n; i++) {
		if (compare_labels(&l->v[kept], &l->v[i]) != 0) {
			l->v[++kept] = l->v[i];
			continue;
		}
		l->v[kept].n += l->v[i].n;
		for (size_t k = 0; k < 4; k++)
			free(l->v[i].label[k]);
	}
	l->n = kept + 1;
}

/* Leaves the max busiest values of the first label; others become "other". */
static void
bound(struct series_list *l, size_t max)
{
	struct series_list by_first = { 0 };

	for (size_t i = 0; i < l->n; i++)
		series_add(&by_first, l->v[i].label[0], "", "", "",
		    l->v[i].n);
	add_up(&by_first);
	if (by_first.n > max) {
		qsort(by_first.v, by_first.n, sizeof *by_first.v,
		    compare_counts);
		for (size_t i = 0; i < l->n; i++) {
			size_t k = 0;

			while (k < max && strcmp(by_first.v[k].label[0],
			    l->v[i].label[0]) != 0)
				k++;
			if (k == max) {
				free(l->v[i].label[0]);
				l->v[i].label[0] = strdup(other);
			}
		}
	}
	series_free(&by_first);
	add_up(l);
}

/* What isn't printable ASCII becomes "?" (the format wants UTF-8). Labels that
 * are the same then are added up: a series that stands there twice makes the
 * whole file worthless. */
static void
make_printable(struct series_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < 4; k++)
			for (char *s = l->v[i].label[k]; *s != '\0'; s++)
				if (*s < ' ' || *s > '~')
					*s = '?';
	add_up(l);
}

/* A label's value; \ and " are escaped. */
static void
print_value(FILE *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\\' || *s == '"')
			(void)fputc('\\', out);
		(void)fputc(*s, out);
	}
}

static void
print_series(FILE *out, const char *name, const char *type, const char *help,
    const char *const *keys, struct series_list *l)
{
	make_printable(l);
	(void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
	    type);
	for (size_t i = 0; i < l->n; i++) {
		(void)fputs(name, out);
		for (size_t k = 0; k < 4 && keys[k] != NULL; k++) {
			(void)fprintf(out, "%c%s=\"", k == 0 ? '{' : ',',
			    keys[k]);
			print_value(out, l->v[i].label[k]);
			(void)fputc('"', out);
		}
		(void)fprintf(out, "} %" PRId64 "\n", l->v[i].n);
	}
}

static int
print_attempts(struct store *s, FILE *out, struct err *err)
{
	static const char *const keys[] = { "provider", "family", "status",
		"class", NULL };
	const struct store_query q = { .from = 0,
		.to = INT64_C(100000) * 86400 };
	struct totals all = { 0 };
	struct series_list *rest = &all.of_others;
	int rc = store_totals(s, &q, STORE_PROVIDER, got_provider, &all, err);

	if (rc == 0)
		rc = store_totals(s, &q, STORE_PROVIDER | STORE_FAMILY |
		    STORE_STATUS | STORE_CLASS, got_total, &all, err);
	for (size_t i = 0; rc == 0 && i < rest->n; i++)
		series_add(&all.of_busiest, other, rest->v[i].label[1],
		    rest->v[i].label[2], rest->v[i].label[3], rest->v[i].n);
	if (rc == 0) {
		add_up(&all.of_busiest);
		print_series(out, "waybill_attempts_total", "counter",
		    "Delivery attempts, by the provider of the mail host.",
		    keys, &all.of_busiest);
	}
	series_free(&all.busiest);
	series_free(&all.of_busiest);
	series_free(rest);
	return rc;
}

static int
print_counters(struct store *s, FILE *out, struct err *err)
{
	static const char *const message_keys[] = { "author", "result", NULL };
	static const char *const line_keys[] = { "kind", NULL };
	struct series_list l = { 0 };
	int rc = store_counts(s, "messages", got_messages, &l, err);

	if (rc == 0) {
		bound(&l, AUTHORS_MAX);
		print_series(out, "waybill_messages_total", "counter",
		    "Outgoing messages, by author domain and what waybilld "
		    "did; expired: later returned to the sender, unsent.",
		    message_keys,
		    &l);
	}
	series_free(&l);
	if (rc == 0)
		rc = store_counts(s, "lines", got_lines, &l, err);
	if (rc == 0)
		print_series(out, "waybill_log_lines_total", "counter",
		    "Lines that the recorder read.", line_keys, &l);
	series_free(&l);
	return rc;
}

static bool
got_newest(void *arg, const struct attempt *a)
{
	*(int64_t *)arg = a->time_us / 1000000;
	return false;
}

/* A record of old files alone is as far behind as its newest row. */
static int
print_lag(struct store *s, FILE *out, struct err *err)
{
	char host[256];
	int64_t second;
	int64_t lag;

	const struct store_query newest = { .from = 0,
		.to = INT64_C(100000) * 86400, .newest_first = true,
		.limit = 1 };

	if (store_seen(s, host, sizeof host, &second, err) != 0 ||
	    (second == 0 && store_attempts(s, &newest, got_newest, &second,
	    err) != 0))
		return -1;
	if (second == 0)
		return 0;
	lag = (int64_t)time(NULL) - second;
	(void)fprintf(out, "# HELP waybill_record_lag_seconds How far the "
	    "recorder is behind; of several hosts the worst.\n"
	    "# TYPE waybill_record_lag_seconds gauge\n"
	    "waybill_record_lag_seconds %" PRId64 "\n", lag < 0 ? 0 : lag);
	return 0;
}

/* Whether DNS has each key that signs. Where it is silent nothing is said. */
static void
print_keys(const struct making *m, FILE *out)
{
	static const char *const keys[] = { "domain", "selector", NULL };
	struct err_list errors = { 0 };
	struct series_list l = { 0 };
	struct err err = { 0 };
	struct identity_table *t = halves_as_they_are(m->c, &errors);
	struct resolver *r = t == NULL || identity_count(t) == 0 ? NULL :
	    asker_resolver(m->c, &err);

	for (size_t i = 0; r != NULL && i < identity_count(t); i++) {
		const struct identity *id = identity_at(t, i);

		for (size_t k = 0; k < id->nkeys && l.n < KEYS_MAX; k++) {
			struct published_finding f;

			asker_published(r, &(struct published_query){
			    .selector = id->keys[k]->selector,
			    .domain = id->domain,
			    .type = key_type(id->keys[k]->algorithm),
			    .public_base64 = id->keys[k]->public_base64 }, &f);
			if (f.state != PUBLISHED_UNKNOWN)
				series_add(&l, id->domain,
				    id->keys[k]->selector, "", "",
				    f.state == PUBLISHED_YES);
		}
	}
	resolver_free(&r);
	if (l.n > 0)
		print_series(out, "waybill_key_published", "gauge",
		    "1 where DNS has the key, 0 where it surely hasn't.",
		    keys, &l);
	series_free(&l);
	identity_table_free(&t);
	err_list_free(&errors);
}

static int
make(void *arg, FILE *out)
{
	const struct making *m = arg;
	struct err err = { 0 };
	struct store *s = reader_open(m->c, &err);
	int code = EXIT_OK;

	if (s == NULL || print_attempts(s, out, &err) != 0 ||
	    print_counters(s, out, &err) != 0 || print_lag(s, out, &err) != 0)
		code = command_fail(&err);
	store_close(&s);
	if (code == EXIT_OK)
		print_keys(m, out);
	return code;
}

static int
run(struct call *call)
{
	struct err_list errors = { 0 };
	struct err_list warnings = { 0 };
	const char *path = NULL;
	int code = EXIT_OK;
	struct config *c;
	int id;

	while ((id = command_next(call, &code)) > 0)
		path = call->value;
	if (id < 0)
		return code;
	if (call->argc > 0)
		return command_usage(call, "it takes no argument: %s",
		    call->argv[0]);
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	/* Who may read the keys makes their public halves current; others take
	 * them as they are. */
	(void)halves_refresh(c, &errors, &warnings);
	code = output_write(path, &(struct worker){ .make = make,
	    .arg = &(struct making){ c }, .config = c,
	    .reads = WORKER_READS_STORE | WORKER_READS_PUBLIC |
	    WORKER_ASKS_DNS });
	err_list_free(&errors);
	err_list_free(&warnings);
	config_free(&c);
	return code;
}

const struct command command_metrics = {
	"metrics", run, "", "Print the record for Prometheus", options,
};
