/* SPDX-License-Identifier: ISC */
/* What a store gives back of a queued message: the disk is trusted no more
 * than the network. */
#include "record/queued.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
give_back(void *arg, const char *qid, const char *text)
{
	/* What was written is what is read, so the table stays as it is. */
	queued_restore(arg, qid, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct queued_table *t = queued_table_new();
	struct queued_table *again = queued_table_new();
	char *text = malloc(size + 1);
	struct queued *q;

	if (t == NULL || again == NULL || text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	queued_restore(t, "4F1A2B3C", text);
	q = queued_find(t, "4F1A2B3C");
	if (q != NULL) {
		unsigned n_dest = q->n_dest;
		unsigned n = q->n;

		queued_touch(q);
		queued_save(t, give_back, again);
		q = queued_find(again, "4F1A2B3C");
		/* A line that would be too long is cut between pairs. */
		if (q == NULL || q->n_dest > n_dest || q->n > n)
			abort();
	}
	queued_table_free(&t);
	queued_table_free(&again);
	free(text);
	return 0;
}
