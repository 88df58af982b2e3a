/* SPDX-License-Identifier: ISC */
/*
 * Of each message that is in the queue the sender and the results so far are
 * held; when it leaves the queue it is kept if it is one of those looked for,
 * and forgotten else. Mail that was rejected at the door has no queue id;
 * Postfix's line tells of it.
 *
 * A result for somebody who isn't looked for is never held. Where a bound is
 * reached what was found first goes; where nothing was found yet, the message
 * that has been in the queue for longest is taken for what it is so far.
 */
#include "tool/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

enum {
	BUCKETS = 16384,
	BLOCK_COST = 32,	/* what malloc(3) takes beside the bytes */
};

struct search {
	struct search_wish wish;
	struct search_message *bucket[BUCKETS];
	struct search_message *newest, *oldest;
	size_t n;
	/* A ring, in the order of leaving; sorted from 0 on at the end. */
	struct search_message *found[SEARCH_FOUND_MAX];
	size_t first, n_found;
	size_t bytes;
	uint64_t order;
	size_t left_out, cut_short;
	struct postfix_line line;
};

static bool
matches(const char *wanted, const char *mailbox)
{
	const char *at = mailbox == NULL ? NULL : strrchr(mailbox, '@');

	if (wanted == NULL)
		return true;
	if (mailbox == NULL)
		return false;
	if (strcmp(wanted, "<>") == 0)
		return mailbox[0] == '\0';
	if (wanted[0] == '@')
		return at != NULL && text_equal_fold(at, wanted);
	if (strchr(wanted, '@') != NULL)
		return text_equal_fold(wanted, mailbox);
	/* A bare word is a domain, or a local part. */
	return (at != NULL && text_equal_fold(at + 1, wanted)) ||
	    (text_begins_fold(mailbox, wanted) &&
	    (mailbox[strlen(wanted)] == '@' ||
	    mailbox[strlen(wanted)] == '\0'));
}

static void
result_free(struct search_result *r)
{
	free(r->to);
	free(r->status);
	free(r->mx);
	free(r->ip);
	free(r->dsn);
	free(r->text);
}

static void
message_free(struct search *s, struct search_message *m)
{
	s->bytes -= m->bytes;
	for (size_t i = 0; i < m->n; i++)
		result_free(&m->v[i]);
	free(m->v);
	free(m->from);
	free(m->by);
	free(m);
}

static void
count_bytes(struct search *s, struct search_message *m, size_t more)
{
	m->bytes += more;
	s->bytes += more;
}

static struct search_message *
message_new(struct search *s, const char *qid, int64_t time_us)
{
	struct search_message *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	(void)snprintf(m->qid, sizeof m->qid, "%s", qid);
	m->time_us = time_us;
	m->order = s->order++;
	count_bytes(s, m, sizeof *m + BLOCK_COST);
	return m;
}

static struct search_message **
bucket_of(struct search *s, const char *qid)
{
	return &s->bucket[hash_add_text(0, qid) % BUCKETS];
}

static struct search_message *
find_message(struct search *s, const char *qid)
{
	struct search_message *m = *bucket_of(s, qid);

	while (m != NULL && strcmp(m->qid, qid) != 0)
		m = m->next;
	return m;
}

/* Out of the table; it is nobody's then. */
static void
take_out(struct search *s, struct search_message *m)
{
	struct search_message **at = bucket_of(s, m->qid);

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	*(m->newer != NULL ? &m->newer->older : &s->newest) = m->older;
	*(m->older != NULL ? &m->older->newer : &s->oldest) = m->newer;
	s->n--;
}

/* Those for others than are looked for aren't among its results. */
static bool
is_wanted(const struct search *s, const struct search_message *m)
{
	if (m->time_us < s->wish.since_us && (m->n == 0 ||
	    m->v[m->n - 1].time_us < s->wish.since_us))
		return false;
	if (!matches(s->wish.from, m->from))
		return false;
	return m->n > 0 || (s->wish.to == NULL && m->from != NULL);
}

static void
drop_first_found(struct search *s)
{
	message_free(s, s->found[s->first]);
	s->first = (s->first + 1) % SEARCH_FOUND_MAX;
	s->n_found--;
	s->left_out++;
}

static void
keep(struct search *s, struct search_message *m)
{
	if (s->n_found == SEARCH_FOUND_MAX)
		drop_first_found(s);
	s->found[(s->first + s->n_found++) % SEARCH_FOUND_MAX] = m;
}

/* Keeps it when it is one of those looked for. */
static void
settle(struct search *s, struct search_message *m)
{
	take_out(s, m);
	if (is_wanted(s, m))
		keep(s, m);
	else
		message_free(s, m);
}

static void
settle_early(struct search *s)
{
	s->cut_short++;
	settle(s, s->oldest);
}

static void
make_room(struct search *s)
{
	while (s->bytes > SEARCH_BYTES_MAX && s->n_found + s->n > 1) {
		if (s->n_found > 0)
			drop_first_found(s);
		else
			settle_early(s);
	}
}

static struct search_message *
message_of(struct search *s, const char *qid, int64_t time_us)
{
	struct search_message *m = find_message(s, qid);

	if (m != NULL)
		return m;
	if (s->n == SEARCH_LIVE_MAX)
		settle_early(s);
	m = message_new(s, qid, time_us);
	if (m == NULL)
		return NULL;
	m->next = *bucket_of(s, qid);
	*bucket_of(s, qid) = m;
	m->older = s->newest;
	*(s->newest != NULL ? &s->newest->newer : &s->oldest) = m;
	s->newest = m;
	s->n++;
	return m;
}

/* Without memory the field keeps what it has. */
static void
set(struct search *s, struct search_message *m, char **field,
    const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return;
	count_bytes(s, m, strlen(value) + BLOCK_COST);
	if (*field != NULL) {
		size_t was = strlen(*field) + BLOCK_COST;

		m->bytes -= was;
		s->bytes -= was;
	}
	free(*field);
	*field = copy;
}

/* The result of a recipient; a later one takes its place. */
static struct search_result *
result_of(struct search *s, struct search_message *m, const char *to)
{
	struct search_result *more;

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].to, to) == 0)
			return &m->v[i];
	if (m->n == SEARCH_RESULTS_MAX) {
		m->left_out++;
		return NULL;
	}
	more = realloc(m->v, (m->n + 1) * sizeof *more);
	if (more == NULL)
		return NULL;
	m->v = more;
	more[m->n] = (struct search_result){ .to = strdup(to),
		.status = strdup(""), .mx = strdup(""), .ip = strdup(""),
		.dsn = strdup(""), .text = strdup("") };
	if (more[m->n].to == NULL || more[m->n].status == NULL ||
	    more[m->n].mx == NULL || more[m->n].ip == NULL ||
	    more[m->n].dsn == NULL || more[m->n].text == NULL) {
		result_free(&more[m->n]);
		return NULL;
	}
	count_bytes(s, m, sizeof *more + strlen(to) +
	    (size_t)6 * BLOCK_COST);
	return &more[m->n++];
}

static void
set_text(struct search *s, struct search_message *m, struct search_result *r)
{
	char text[SEARCH_TEXT_MAX + 1] = "";

	if (s->line.reply != NULL)
		(void)snprintf(text, sizeof text, "%.*s", s->line.reply_len >
		    SEARCH_TEXT_MAX ? SEARCH_TEXT_MAX :
		    (int)s->line.reply_len, s->line.reply);
	set(s, m, &r->text, text);
}

static void
add_result(struct search *s, const struct source_line *line)
{
	const struct postfix_line *l = &s->line;
	struct search_message *m = message_of(s, l->qid, line->time_us);
	struct search_result *r = m == NULL || !matches(s->wish.to, l->to) ?
	    NULL : result_of(s, m, l->to);
	char ip[IP_SIZE];

	if (r == NULL)
		return;
	r->time_us = line->time_us;
	set(s, m, &r->status, l->status);
	set(s, m, &r->mx, l->relay_host[0] != '\0' ? l->relay_host :
	    l->program);
	set(s, m, &r->ip, l->relay_ip.family == IP_NONE ? "" :
	    ip_format(&l->relay_ip, ip));
	set(s, m, &r->dsn, l->dsn);
	set_text(s, m, r);
}

/* Mail that was rejected: it has no queue id of its own. */
static void
at_the_door(struct search *s, const struct source_line *line)
{
	const struct postfix_line *l = &s->line;
	struct search_message *m;
	struct search_result *r;

	if (!l->has_envelope || line->time_us < s->wish.since_us ||
	    !matches(s->wish.from, l->from) || !matches(s->wish.to, l->to))
		return;
	m = message_new(s, "", line->time_us);
	if (m == NULL)
		return;
	m->has_left = true;
	set(s, m, &m->from, l->from);
	r = result_of(s, m, l->to);
	if (r != NULL) {
		r->time_us = line->time_us;
		set(s, m, &r->status, "rejected here");
		set_text(s, m, r);
	}
	keep(s, m);
}

static void
on_line(struct search *s, const struct source_line *line)
{
	const struct postfix_line *l = &s->line;
	struct search_message *m;

	switch (l->kind) {
	case POSTFIX_ACTIVE:
	case POSTFIX_PICKUP:
		m = message_of(s, l->qid, line->time_us);
		if (m != NULL && m->from == NULL)
			set(s, m, &m->from, l->from);
		break;
	case POSTFIX_CLIENT:
		m = message_of(s, l->qid, line->time_us);
		if (m != NULL && l->sasl_username[0] != '\0')
			set(s, m, &m->by, l->sasl_username);
		break;
	case POSTFIX_DELIVERY:
		add_result(s, line);
		break;
	case POSTFIX_EXPIRED:
		m = find_message(s, l->qid);
		for (size_t i = 0; m != NULL && i < m->n; i++)
			if (strcmp(m->v[i].status, "deferred") == 0)
				set(s, m, &m->v[i].status, "expired");
		break;
	case POSTFIX_REMOVED:
		m = find_message(s, l->qid);
		if (m != NULL) {
			m->has_left = true;
			settle(s, m);
		}
		break;
	case POSTFIX_MILTER_REJECT:
		if (strcmp(l->status, "reject") == 0)
			at_the_door(s, line);
		break;
	case POSTFIX_REJECT:
		at_the_door(s, line);
		break;
	case POSTFIX_OTHER:
	case POSTFIX_CONNECT_FAILED:
	case POSTFIX_HOST_SAID:
	case POSTFIX_REFUSED_TO_TALK:
	case POSTFIX_LOST:
	case POSTFIX_TIMED_OUT:
	case POSTFIX_TLS_MADE:
	case POSTFIX_TLS_FAILED:
	case POSTFIX_BIND_FAILED:
	case POSTFIX_SERVER_CONFIG:
	case POSTFIX_MESSAGE_ID:
	case POSTFIX_BOUNCE:
	case POSTFIX_RENAMED:
	case POSTFIX_FATAL:
		break;
	}
}

void
search_line(struct search *s, const struct source_line *line)
{
	if (strchr(line->tag, '/') == NULL)
		return;
	postfix_log_parse(line, &s->line);
	if (s->line.qid[0] == '\0' && !s->line.has_envelope)
		return;
	on_line(s, line);
	make_room(s);
}

struct search *
search_new(const struct search_wish *w)
{
	struct search *s = calloc(1, sizeof *s);

	if (s != NULL)
		s->wish = *w;
	return s;
}

void
search_free(struct search **s)
{
	if (*s == NULL)
		return;
	while ((*s)->oldest != NULL)
		settle(*s, (*s)->oldest);
	while ((*s)->n_found > 0)
		drop_first_found(*s);
	free(*s);
	*s = NULL;
}

static int
compare_found(const void *one, const void *two)
{
	const struct search_message *a = *(struct search_message *const *)one;
	const struct search_message *b = *(struct search_message *const *)two;

	if (a->time_us != b->time_us)
		return a->time_us < b->time_us ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

int
search_end(struct search *s)
{
	struct search_message **copy = calloc(SEARCH_FOUND_MAX, sizeof *copy);

	if (copy == NULL)
		return -1;
	while (s->oldest != NULL)
		settle(s, s->oldest);
	for (size_t i = 0; i < s->n_found; i++)
		copy[i] = s->found[(s->first + i) % SEARCH_FOUND_MAX];
	qsort(copy, s->n_found, sizeof *copy, compare_found);
	memcpy(s->found, copy, s->n_found * sizeof *copy);
	s->first = 0;
	free(copy);
	return 0;
}

size_t
search_count(const struct search *s)
{
	return s->n_found;
}

const struct search_message *
search_at(const struct search *s, size_t i)
{
	return s->found[i];
}

size_t
search_left_out(const struct search *s)
{
	return s->left_out;
}

size_t
search_cut_short(const struct search *s)
{
	return s->cut_short;
}
