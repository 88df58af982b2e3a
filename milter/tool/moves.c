/* SPDX-License-Identifier: ISC */
/* The sum of many predictions under two preferences, in a few sentences. */
#include "tool/moves.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "tool/paragraph.h"

/* Names of one kind of move that are told; the rest is a number. */
enum { NAMES_TOLD = 8, NAMES_SIZE = 4096, SENTENCE_SIZE = 8192, LABEL = 16 };

void
moves_init(struct moves *m)
{
	memset(m, 0, sizeof *m);
	for (int was = 0; was <= FAMILY_UNKNOWN; was++)
		for (int is = 0; is <= FAMILY_UNKNOWN; is++)
			text_init(&m->pair[was][is].names, NAMES_SIZE);
	text_init(&m->failing, NAMES_SIZE);
}

void
moves_free(struct moves *m)
{
	for (int was = 0; was <= FAMILY_UNKNOWN; was++)
		for (int is = 0; is <= FAMILY_UNKNOWN; is++)
			text_free(&m->pair[was][is].names);
	text_free(&m->failing);
}

void
moves_add(struct moves *m, const char *dest, int64_t messages,
    enum family was, enum family is, const char *dmarc)
{
	struct moves_pair *p = &m->pair[was][is];

	p->destinations++;
	p->messages += messages;
	if (p->destinations <= NAMES_TOLD)
		text_addf(&p->names, "%s%s (%" PRId64 ")",
		    p->names.len > 0 ? ", " : "", dest, messages);
	if (was != is && dmarc != NULL && strcmp(dmarc, "fail") == 0)
		text_addf(&m->failing, "%s%s", m->failing.len > 0 ? ", " : "",
		    dest);
}

/* All of them, or those that move. */
static struct moves_pair
sum(const struct moves *m, bool that_move)
{
	struct moves_pair all = { 0, 0, { 0 } };

	for (int was = 0; was <= FAMILY_UNKNOWN; was++) {
		for (int is = 0; is <= FAMILY_UNKNOWN; is++) {
			if (that_move && was == is)
				continue;
			all.destinations += m->pair[was][is].destinations;
			all.messages += m->pair[was][is].messages;
		}
	}
	return all;
}

static void
print_pair(const struct moves_pair *p, enum family was, enum family is,
    FILE *out)
{
	char label[2 * LABEL];
	struct text t;

	text_init(&t, SENTENCE_SIZE);
	(void)snprintf(label, sizeof label, "%s to %s", family_name(was),
	    family_name(is));
	text_add(&t, p->names.buf);
	if (p->destinations > NAMES_TOLD)
		text_addf(&t, " and %" PRId64 " more",
		    p->destinations - NAMES_TOLD);
	paragraph_print(out, LABEL, label, t.buf, "");
	text_free(&t);
}

void
moves_print(const struct moves *m, const char *preference, FILE *out)
{
	struct moves_pair all = sum(m, false);
	struct moves_pair moved = sum(m, true);
	struct text t;

	text_init(&t, SENTENCE_SIZE);
	if (moved.destinations == 0)
		text_addf(&t, "With smtp_address_preference = %s nothing would "
		    "move: each of the %" PRId64 " destinations keeps its "
		    "family.", preference, all.destinations);
	else
		text_addf(&t, "With smtp_address_preference = %s, %" PRId64
		    " of %" PRId64 " destinations would change their family, "
		    "which got %" PRId64 " of %" PRId64 " messages:",
		    preference, moved.destinations, all.destinations,
		    moved.messages, all.messages);
	paragraph_print(out, 0, "", t.buf, "");
	for (int was = 0; was <= FAMILY_UNKNOWN; was++)
		for (int is = 0; is <= FAMILY_UNKNOWN; is++)
			if (was != is && m->pair[was][is].destinations > 0)
				print_pair(&m->pair[was][is], (enum family)was,
				    (enum family)is, out);
	if (m->failing.len > 0) {
		text_clear(&t);
		text_addf(&t, "%s: fix SPF or DKIM for that family before "
		    "(waybill spf, waybill dns)", m->failing.buf);
		paragraph_print(out, LABEL, "DMARC fails at", t.buf, "");
	}
	(void)fputs("Nothing was changed.\n", out);
	text_free(&t);
}
