/* SPDX-License-Identifier: ISC */
/* A line that is read can be written again, and then reads the same. */
#include "base/event.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same value where it is bounded: whole, or its beginning and the mark;
 * what follows it stands on the line in any case. */
static void
try_bounded(const char *value)
{
	static const char mark[] = "\xe2\x80\xa6";
	static struct event_read r;
	struct event e;
	size_t len, at;
	const char *got;

	event_begin(&e, "4A", false, "message");
	at = e.len;
	event_add_bounded(&e, "k", value);
	if (e.len - at > sizeof " k=" - 1 + EVENT_BOUNDED_MAX)
		abort();
	at = e.len;
	event_add_path(&e, "p", value);
	if (e.len - at > sizeof " p=" - 1 + EVENT_BOUNDED_MAX)
		abort();
	event_add(&e, "last", "1");
	if (event_parse(&r, event_line(&e), strlen(event_line(&e))) != 0 ||
	    r.cut || r.n != 3)
		abort();
	got = event_value(&r, "k");
	len = strlen(got);
	if (strcmp(got, value) != 0 && (len < sizeof mark - 1 ||
	    strcmp(got + len - (sizeof mark - 1), mark) != 0 ||
	    strncmp(got, value, len - (sizeof mark - 1)) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct event_read a, b;
	struct event e;

	if (event_parse(&a, (const char *)data, size) != 0)
		return 0;
	for (size_t i = 0; i < a.n; i++)
		try_bounded(a.field[i].value);
	event_begin(&e, a.qid, a.warning, a.name);
	for (size_t i = 0; i < a.n; i++)
		event_add(&e, a.field[i].key, a.field[i].value);
	if (a.sentence[0] != '\0')
		event_sentence(&e, "%s", a.sentence);
	const char *line = event_line(&e);
	/* nothing is longer than what was read but for the room of the mark */
	if (event_parse(&b, line, strlen(line)) != 0)
		abort();
	if (strcmp(a.qid, b.qid) != 0 || strcmp(a.name, b.name) != 0 ||
	    a.warning != b.warning || b.n > a.n || (b.n < a.n && !b.cut))
		abort();
	for (size_t i = 0; i < b.n; i++)
		if (strcmp(a.field[i].key, b.field[i].key) != 0 ||
		    strcmp(a.field[i].value, b.field[i].value) != 0)
			abort();
	if (!b.cut && strcmp(a.sentence, b.sentence) != 0)
		abort();
	return 0;
}
