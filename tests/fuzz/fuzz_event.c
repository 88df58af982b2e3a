/* SPDX-License-Identifier: ISC */
/* A line that is read can be written again, and then reads the same. */
#include "base/event.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct event_read a, b;
	struct event e;

	if (event_parse(&a, (const char *)data, size) != 0)
		return 0;
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
