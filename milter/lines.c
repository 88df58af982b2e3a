/* SPDX-License-Identifier: ISC */
/*
 * The log lines of one message, waybill-log(7). The log is the only record
 * that waybilld leaves: whoever reads it later must find every fact on the
 * message's own lines, in the same order each time. So waybill's findings come
 * first and are short; untrusted text comes last and is bounded: a sender
 * cannot push a fact off the line.
 */
#include "lines.h"

#include "base/event.h"
#include "base/log.h"
#include "tags.h"

static void
write_message(const struct message *m, const char *qid, unsigned repeats)
{
	const struct message_facts *f = message_facts(m);
	struct text fragile;
	struct event e;

	event_begin(&e, qid, false, "message");
	event_add(&e, "result", message_result_name(f->result));
	if (f->why != WHY_NOTHING)
		event_add(&e, "why", message_why_name(f->why));
	if (f->author[0] != '\0')
		event_add_bounded(&e, "author", f->author);
	event_add(&e, "origin", origin_name(f->origin));
	event_add_number(&e, "rcpts", (long long)f->rcpts);
	event_add_number(&e, "dests", (long long)f->dests);
	event_add_number(&e, "size", (long long)f->size);
	if (f->forged > 0)
		event_add_number(&e, "forged", f->forged);
	if (f->fragile != 0) {
		text_init(&fragile, 100);
		sign_fragile_words(f->fragile, &fragile);
		event_add(&e, "fragile", fragile.buf);
		text_free(&fragile);
	}
	if (repeats > 0)
		event_add_number(&e, "repeats", repeats);
	event_add_path(&e, "from", f->mailfrom.text);
	if (f->failure.text[0] != '\0')
		event_sentence(&e, "%s", f->failure.text);
	log_event(&e);
}

static void
write_signature(const struct message *m, const char *qid, const struct key *key)
{
	struct event e;

	event_begin(&e, qid, false, "sign");
	event_add(&e, "d", message_facts(m)->identity->domain);
	event_add(&e, "s", key->selector);
	event_add(&e, "a", key_signature_algorithm(key->algorithm));
	log_event(&e);
}

static void
add_tag(void *arg, const char *name, const char *value)
{
	event_add_bounded(arg, name, value);
}

static void
write_survey(const struct survey *v, const char *qid)
{
	size_t n;
	const struct survey_route *route = survey_routes(v, &n);
	struct event e;
	struct tag_writer w = { .add = add_tag, .arg = &e };

	event_begin(&e, qid, false, "sender");
	tags_of_sender(survey_sender(v), "", &w);
	log_event(&e);
	for (size_t i = 0; i < n; i++) {
		event_begin(&e, qid, false, "route");
		tags_of_route(&route[i], &w);
		log_event(&e);
	}
}

void
lines_write(const struct message *m, const char *qid, unsigned repeats)
{
	const struct survey *survey = message_survey(m);

	write_message(m, qid, repeats);
	for (size_t i = 0; i < message_signatures(m); i++)
		write_signature(m, qid, message_signature_key(m, i));
	if (survey != NULL)
		write_survey(survey, qid);
}
