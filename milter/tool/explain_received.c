/* SPDX-License-Identifier: ISC */
/*
 * waybill explain --message: a received message's Authentication-Results beside
 * our stamps, and what it means that they agree or not.
 */
#include "tool/explain.h"

#include <errno.h>
#include <string.h>

#include "tool/command.h"
#include "tool/paragraph.h"
#include "tool/print.h"
#include "tool/received.h"

enum { LABEL = 11 };

static const struct print_column columns[] = {
	{ "what", "WHAT", false }, { "subject", "OF", false },
	{ "family", NULL, false }, { "stamped", "STAMPED", false },
	{ "told", "RECEIVER", false }, { "by", NULL, false },
	{ "verdict", "", false }, { "meaning", NULL, false },
};

static const char *
or_none(const char *s)
{
	return s == NULL || s[0] == '\0' ? NULL : s;
}

static enum print_paint
paint_of(enum received_verdict v)
{
	switch (v) {
	case RECEIVED_AGREES:
		return PRINT_GOOD;
	case RECEIVED_DIFFERS:
		return PRINT_BAD;
	case RECEIVED_UNKNOWN:
		return PRINT_DIM;
	}
	return PRINT_PLAIN;
}

static int
print_rows(const struct received *r, bool json, FILE *out)
{
	struct print *p = print_begin(out, json ? PRINT_JSON : PRINT_TABLE,
	    columns, sizeof columns / sizeof columns[0]);

	if (p == NULL)
		return err_no_memory("waybill");
	for (size_t i = 0; i < r->n; i++) {
		const struct received_row *row = &r->v[i];

		print_text(p, row->what);
		print_text(p, or_none(row->subject));
		print_text(p, row->family == IP_4 ? "ipv4" :
		    row->family == IP_6 ? "ipv6" : NULL);
		print_text(p, or_none(row->stamped));
		print_text(p, or_none(row->told));
		print_text(p, or_none(row->by));
		print_painted(p, paint_of(row->verdict),
		    received_verdict_name(row->verdict));
		print_text(p, or_none(row->meaning));
		print_row(p);
	}
	return print_end(&p) == 0 ? EXIT_OK : EXIT_TEMPORARY;
}

/* Who says it; and the rest in sentences. */
static int
print_people(const struct received *r, FILE *out)
{
	int code;

	if (!r->has_results)
		paragraph_print(out, LABEL, "Receiver", "gives no results: "
		    "there is no Authentication-Results above our stamps. A "
		    "copy from your own Sent folder has none; save the message "
		    "where it arrived.", "");
	else
		paragraph_print(out, LABEL, "Receiver", or_none(r->by) == NULL ?
		    "gives no name" : r->by, "topmost Authentication-Results");
	(void)fputc('\n', out);
	code = print_rows(r, false, out);
	(void)fputc('\n', out);
	for (size_t i = 0; i < r->n; i++)
		if (or_none(r->v[i].meaning) != NULL && (i == 0 ||
		    r->v[i - 1].meaning == NULL ||
		    strcmp(r->v[i].meaning, r->v[i - 1].meaning) != 0))
			paragraph_print(out, LABEL, r->v[i].what,
			    r->v[i].meaning, "");
	if (r->has_results)
		paragraph_print(out, LABEL, "Trust", "Trust this field only if "
		    "the receiver itself added it. A receiver must remove such "
		    "fields from incoming mail (RFC 8601, 5).",
		    "");
	if (r->is_cut || r->lost)
		paragraph_print(out, LABEL, "Left out", "The message has more "
		    "header fields than waybill reads.", "");
	return code;
}

/* Is all as foretold, and vouched for? */
static bool
is_well(const struct received *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].verdict == RECEIVED_DIFFERS ||
		    (strcmp(r->v[i].what, "stamps") == 0 &&
		    r->v[i].verdict != RECEIVED_AGREES))
			return false;
	return r->has_results;
}

static int
read_message(const char *path, struct header *h, struct err *err)
{
	bool is_input = strcmp(path, "-") == 0;
	FILE *in = is_input ? stdin : fopen(path, "re");
	int rc;

	*h = (struct header){ .n = 0 };
	if (in == NULL)
		return err_errno(err, EXIT_DATA, "cannot open %s", path);
	rc = header_read(h, in, err);
	if (rc != 0)
		(void)err_prefix(err, "%s", is_input ? "standard input" : path);
	if (!is_input)
		(void)fclose(in);
	return rc;
}

int
explain_received(const struct config *c, const char *path, bool json, FILE *out)
{
	struct err err = { 0 };
	struct received r;
	struct header h;
	int code;

	if (read_message(path, &h, &err) != 0) {
		header_free(&h);
		return command_fail(&err);
	}
	received_judge(&h, c->headers.prefix, &r);
	code = json ? print_rows(&r, true, out) : print_people(&r, out);
	if (code == EXIT_OK && !is_well(&r))
		code = EXIT_ATTENTION;
	received_free(&r);
	header_free(&h);
	return code;
}
