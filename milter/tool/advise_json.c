/* SPDX-License-Identifier: ISC */
/* Advice for programs: one object for each destination that is wanted. */
#include "tool/advise_text.h"

#include <string.h>
#include <time.h>

#include "tool/print.h"

enum { TIME_SIZE = 32, LIST_SIZE = 80 };

/* The word of the record's rows for what the trouble was. */
static const char *
status_of(const struct advise_dest *d, const struct advise_cause *c)
{
	if (c != NULL)
		switch (c->t.wrong) {
		case REPORT_BOUNCED:
			return "bounced";
		case REPORT_EXPIRED:
			return "expired";
		case REPORT_DEFERRED:
			return "deferred";
		case REPORT_WRONGS:
			break;
		}
	return d->verdict == ADVISE_UNKNOWN ? NULL : "sent";
}

static void
print_time(struct print *p, int64_t second)
{
	char text[TIME_SIZE] = "";
	time_t t = (time_t)second;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	print_text(p, text);
}

static void
print_choices(struct print *p, const struct advise_dest *d)
{
	enum advise_choice choice[ADVISE_CHOICES];
	size_t n = advise_choices(d, choice);
	char list[LIST_SIZE] = "";

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list);

		(void)snprintf(list + len, sizeof list - len, "%s%s", i == 0 ?
		    "" : " ", advise_choice_name(choice[i]));
	}
	print_text(p, n == 0 ? "none" : advise_choice_name(choice[0]));
	print_text(p, list);
}

static void
print_cause(struct print *p, const struct advise_cause *c)
{
	print_text(p, c->scope);
	print_text(p, c->who);
	print_time(p, c->t.first_second);
	print_time(p, c->t.last_second);
	print_text(p, c->link[0] == '\0' ? NULL : c->link);
	print_text(p, c->t.text);
}

static void
print_dest(struct print *p, const struct advise_view *v,
    const struct advise_dest *d)
{
	const struct advise_way *w = v->way == NULL ? NULL :
	    v->way[d - v->a->dest];
	const struct advise_cause *c = advise_why(d);
	const struct advise_side *bad = &d->side[d->bad];
	int64_t other = 0;

	for (int i = 0; i < ADVISE_SIDES; i++)
		other += i == d->bad ? 0 : d->side[i].sent;
	print_text(p, d->provider[0] == '\0' ? NULL : d->provider);
	print_text(p, d->name);
	print_text(p, c == NULL || c->t.family[0] == '\0' ? NULL :
	    c->t.family);
	print_text(p, status_of(d, c));
	print_text(p, c == NULL ? NULL : c->class->name);
	print_choices(p, d);
	print_text(p, advise_verdict_name(d->verdict));
	print_text(p, w == NULL || w->value[0] == '\0' ? NULL : w->value);
	print_number(p, bad->bounced);
	print_number(p, bad->expired);
	print_number(p, bad->deferred);
	print_number(p, bad->sent);
	print_number(p, other);
	if (c != NULL)
		print_cause(p, c);
	print_row(p);
}

int
advise_json(const struct advise_view *v, FILE *out)
{
	static const struct print_column columns[] = {
		{ "provider", "", false }, { "dest", "", false },
		{ "family", "", false }, { "status", "", false },
		{ "class", "", false }, { "choice", "", false },
		{ "choices", "", false }, { "advice", "", false },
		{ "entry", "", false }, { "bounced", "", false },
		{ "expired", "", false }, { "deferred", "", false },
		{ "sent", "", false }, { "sent_otherwise", "", false },
		{ "scope", "", false }, { "who", "", false },
		{ "first", "", false }, { "last", "", false },
		{ "link", "", false }, { "text", "", false },
	};
	struct print *p = print_begin(out, PRINT_JSON, columns,
	    sizeof columns / sizeof columns[0]);

	for (size_t i = 0; p != NULL && i < v->a->n; i++)
		if (v->a->dest[i].is_wanted)
			print_dest(p, v, &v->a->dest[i]);
	return print_end(&p);
}
