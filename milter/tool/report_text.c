/* SPDX-License-Identifier: ISC */
/* The report in 78 columns: plain words first, the next command at the end. */
#include "tool/report_text.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "record/store_read.h"
#include "tool/paragraph.h"

enum {
	DAY_S = 86400,
	ROWS_SHOWN = 20,
	TROUBLES_SHOWN = 6,
	NAME_COLUMNS = 34,
	TEXT_SHOWN = 300,
};

enum time_form { DAY, DAY_YEAR, DAY_ISO, MINUTE, MINUTE_YEAR };
enum { TIME_SIZE = REPORT_MINUTE_SIZE };

/* A day of the totals is one of UTC; a minute is told in local time. */
static void
format_time(int64_t second, enum time_form form, char out[TIME_SIZE])
{
	time_t t = (time_t)second;
	bool is_day = form == DAY || form == DAY_YEAR || form == DAY_ISO;
	struct tm tm = { 0 };

	out[0] = '\0';
	if ((is_day ? gmtime_r(&t, &tm) : localtime_r(&t, &tm)) == NULL)
		return;
	switch (form) {
	case DAY:
		(void)strftime(out, TIME_SIZE, "%e %b", &tm);
		break;
	case DAY_YEAR:
		(void)strftime(out, TIME_SIZE, "%e %b %Y", &tm);
		break;
	case DAY_ISO:
		(void)strftime(out, TIME_SIZE, "%Y-%m-%d", &tm);
		break;
	case MINUTE:
		(void)strftime(out, TIME_SIZE, "%e %b %H:%M", &tm);
		break;
	case MINUTE_YEAR:
		(void)strftime(out, TIME_SIZE, "%e %b %Y %H:%M", &tm);
		break;
	}
	if (out[0] == ' ')
		memmove(out, out + 1, strlen(out));
}

/* Then the year is said once. */
static bool
is_of_one_year(const struct report_options *o)
{
	bool is_of_days = o->from % DAY_S == 0 && o->to % DAY_S == 0;
	time_t from = (time_t)o->from;
	time_t to = (time_t)o->to - is_of_days;
	struct tm a = { 0 };
	struct tm b = { 0 };

	if (is_of_days)
		return gmtime_r(&from, &a) != NULL &&
		    gmtime_r(&to, &b) != NULL && a.tm_year == b.tm_year;
	return localtime_r(&from, &a) != NULL && localtime_r(&to, &b) !=
	    NULL && a.tm_year == b.tm_year;
}

const char *
report_period_name(const struct report_options *o, char *out)
{
	bool is_of_days = o->from % DAY_S == 0 && o->to % DAY_S == 0;
	char from[TIME_SIZE];
	char to[TIME_SIZE];

	if (is_of_days) {
		format_time(o->from, is_of_one_year(o) ? DAY : DAY_YEAR, from);
		format_time(o->to - 1, DAY_YEAR, to);
	} else {
		format_time(o->from, is_of_one_year(o) ? MINUTE : MINUTE_YEAR,
		    from);
		format_time(o->to, MINUTE_YEAR, to);
	}
	(void)snprintf(out, REPORT_PERIOD_SIZE, "%s to %s", from, to);
	return out;
}

const char *
report_minute_name(int64_t second, char *out)
{
	format_time(second, MINUTE, out);
	return out;
}

const char *
report_family_name(const char *family)
{
	if (strcmp(family, "ipv4") == 0)
		return "IPv4";
	if (strcmp(family, "ipv6") == 0)
		return "IPv6";
	return "none";
}

const char *
report_stage_name(const char *stage)
{
	static const struct {
		const char *stage;
		const char *name;
	} names[] = {
		{ "connect", "on connecting" },
		{ "banner", "in the greeting" }, { "ehlo", "at EHLO" },
		{ "tls", "at STARTTLS" }, { "mail", "at MAIL FROM" },
		{ "rcpt", "at RCPT TO" }, { "data", "at DATA" },
		{ "eod", "after the message" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(stage, names[i].stage) == 0)
			return names[i].name;
	return "";
}

void
report_finding(const struct report_trouble *t, struct reply_rules *rules,
    struct reply_finding *out)
{
	const struct reply_class *class = reply_class_find(t->class);

	if (class == NULL)
		class = reply_class_find("other");
	if (rules != NULL && t->text[0] != '\0') {
		reply_classify(rules, t->provider, t->stage, "", t->text,
		    strlen(t->text), out);
		/* Without the code the text may say less than it did. */
		if (out->class == class)
			return;
	}
	*out = (struct reply_finding){ .class = class,
		.provider = t->provider, .scope = class->scope,
		.who = class->who, .link = "" };
}

static void
print_sum(const struct report *r, const char *host, FILE *out)
{
	char period[REPORT_PERIOD_SIZE];
	char text[600];
	char before[80] = "";
	char expired[80] = "";
	size_t n;

	if (r->sum.expired > 0)
		(void)snprintf(expired, sizeof expired, ", %" PRId64
		    " expired", r->sum.expired);
	if (r->sum.before > 0)
		(void)snprintf(before, sizeof before, " (previous period: %"
		    PRId64 ")", r->sum.before);
	n = (size_t)snprintf(text, sizeof text, "%s%s%s: %" PRId64
	    " message%s%s%s: %" PRId64 " sent, %" PRId64
	    " queued, %" PRId64 " bounced%s.", report_period_name(&r->o,
	    period), host[0] == '\0' ? "" : ", ", host, r->sum.messages,
	    r->sum.messages == 1 ? "" : "s", r->o.with_forwarded ? "" :
	    " from your users", before, r->sum.sent,
	    r->sum.queued, r->sum.bounced, expired);
	if (r->forwarded + r->bounces > 0 && n < sizeof text)
		(void)snprintf(text + n, sizeof text - n, " %scounted: %"
		    PRId64 " forwarded, %" PRId64 " bounce message%s%s",
		    r->o.with_forwarded ? "Also " : "Not ", r->forwarded,
		    r->bounces, r->bounces == 1 ? "" : "s",
		    r->o.with_forwarded ? "." : " (--forwarded).");
	paragraph_print(out, 0, "", text, "");
}

/* A name in its column; an overlong one keeps its end, which tells domains
 * apart. */
static void
print_name(struct print *p, const struct report *r,
    const struct report_group *g)
{
	char shown[64];
	size_t len = strlen(g->name);

	if (r->o.by == REPORT_DAY) {
		format_time(store_number(g->name) * DAY_S, DAY_YEAR,
		    shown);
		print_text(p, shown);
	} else if (r->o.by == REPORT_FAMILY) {
		print_text(p, report_family_name(g->name));
	} else if (len > NAME_COLUMNS) {
		(void)snprintf(shown, sizeof shown, "...%s",
		    g->name + len - (NAME_COLUMNS - 3));
		print_text(p, shown);
	} else {
		print_text(p, g->name[0] != '\0' ? g->name :
		    r->o.by == REPORT_CLASS ? "(sent)" : "(unknown)");
	}
}

static void
print_count(struct print *p, int64_t n)
{
	if (n == 0)
		print_text(p, NULL);
	else
		print_number(p, n);
}

static void
print_predicted(struct print *p, const struct report_group *g)
{
	char text[80];

	if (g->right + g->wrong == 0) {
		print_text(p, NULL);
		return;
	}
	(void)snprintf(text, sizeof text, "%" PRId64 " right", g->right);
	if (g->wrong > 0)
		(void)snprintf(text, sizeof text, "%" PRId64 " right, %" PRId64
		    " wrong", g->right, g->wrong);
	print_text(p, text);
}

static void
print_counts(struct print *p, const struct report_group *g)
{
	print_count(p, g->messages);
	print_count(p, g->sent);
	print_count(p, g->queued);
	print_count(p, g->bounced);
	print_count(p, g->expired);
	print_count(p, g->attempts);
	print_predicted(p, g);
	print_row(p);
}

static bool
has_family(const struct report *r)
{
	return r->o.by == REPORT_DESTINATION || r->o.by == REPORT_PROVIDER;
}

static void
print_others(struct print *p, const struct report *r, size_t from)
{
	struct report_group sum = { 0 };
	char name[40];

	for (size_t i = from; i < r->n_groups; i++) {
		const struct report_group *g = &r->groups[i];

		sum.messages += g->messages;
		sum.sent += g->sent;
		sum.queued += g->queued;
		sum.bounced += g->bounced;
		sum.expired += g->expired;
		sum.attempts += g->attempts;
		sum.right += g->right;
		sum.wrong += g->wrong;
	}
	(void)snprintf(name, sizeof name, "%zu others", r->n_groups - from);
	print_text(p, name);
	print_text(p, has_family(r) ? "both" : NULL);
	print_counts(p, &sum);
}

static void
print_groups(const struct report *r, FILE *out)
{
	static const char *const titles[REPORT_BYS] = { "TO", "PROVIDER",
		"FAMILY", "CLASS", "AUTHOR", "DAY" };
	const struct print_column columns[] = {
		{ "name", titles[r->o.by], false },
		{ "family", has_family(r) ? "FAMILY" : NULL, false },
		{ "messages", "MSGS", true }, { "sent", "SENT", true },
		{ "queued", "QUEUED", true }, { "bounced", "BOUNCED", true },
		{ "expired", r->sum.expired > 0 ? "EXPIRED" : NULL, true },
		{ "attempts", "TRIES", true },
		{ "predicted", "PREDICTED", false },
	};
	struct print *p = print_begin(out, PRINT_TABLE, columns,
	    sizeof columns / sizeof columns[0]);
	size_t shown = r->n_groups;

	if (p == NULL)
		return;
	if (r->o.by != REPORT_DAY && shown > ROWS_SHOWN + 1)
		shown = ROWS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		print_name(p, r, &r->groups[i]);
		print_text(p, has_family(r) ?
		    report_family_name(r->groups[i].family) : NULL);
		print_counts(p, &r->groups[i]);
	}
	if (shown < r->n_groups)
		print_others(p, r, shown);
	(void)print_end(&p);
}

/* How long somebody waited, for people. */
static void
format_wait(int64_t ms, char *out, size_t size)
{
	int64_t minutes = (ms + 59999) / 60000;

	if (minutes < 120)
		(void)snprintf(out, size, "%" PRId64 " min", minutes);
	else
		(void)snprintf(out, size, "%" PRId64 " h", (minutes + 30) /
		    60);
}

const char *
report_what(const struct report_trouble *t, char *out)
{
	const char *stage = report_stage_name(t->stage);
	char since[TIME_SIZE];
	char wait[24];

	format_time(t->first_second, MINUTE, since);
	if (t->wrong == REPORT_EXPIRED) {
		(void)snprintf(out, REPORT_SENTENCE_SIZE, "%" PRId64
		    " expired in the queue since %s%s%s", t->n,
		    since, t->family[0] == '\0' ? "" : ", over ",
		    t->family[0] == '\0' ? "" : report_family_name(t->family));
	} else if (t->wrong == REPORT_BOUNCED) {
		(void)snprintf(out, REPORT_SENTENCE_SIZE, "%" PRId64 " of %"
		    PRId64 " since %s%s%s%s%s", t->n, t->of, since,
		    stage[0] == '\0' ? "" : ", ", stage,
		    t->family[0] == '\0' ? "" : ", over ",
		    t->family[0] == '\0' ? "" : report_family_name(t->family));
	} else {
		format_wait(t->delay_ms, wait, sizeof wait);
		(void)snprintf(out, REPORT_SENTENCE_SIZE, "%" PRId64
		    " attempt%s deferred%s%s%s%s; %" PRId64 " delivered%s%s",
		    t->n, t->n == 1 ? "" : "s",
		    stage[0] == '\0' ? "" : " ", stage,
		    t->family[0] == '\0' ? "" : " over ",
		    t->family[0] == '\0' ? "" : report_family_name(t->family),
		    t->sent, t->sent > 0 ? ", delayed by up to " : "",
		    t->sent > 0 ? wait : "");
	}
	return out;
}

const char *
report_next(const struct report_trouble *t, const struct reply_finding *f,
    char *out)
{
	if (strcmp(f->who, "time") == 0 && t->wrong == REPORT_DEFERRED)
		(void)snprintf(out, REPORT_SENTENCE_SIZE,
		    "nothing yet; it resolves by itself");
	else if (strcmp(f->scope, "recipient") == 0)
		(void)snprintf(out, REPORT_SENTENCE_SIZE,
		    "waybill find --to @%s",
		    escape_is_plain_name(t->dest) ? t->dest : "DOMAIN");
	else
		(void)snprintf(out, REPORT_SENTENCE_SIZE, "waybill advise%s%s",
		    escape_is_plain_name(t->dest) ? " " : "",
		    escape_is_plain_name(t->dest) ? t->dest : "");
	return out;
}

static void
print_trouble(const struct report_trouble *t, struct reply_rules *rules,
    FILE *out)
{
	struct reply_finding f;
	char text[TEXT_SHOWN + 16];
	char margin[100];
	char sentence[REPORT_SENTENCE_SIZE];

	report_finding(t, rules, &f);
	paragraph_print_word(out, 16, "  ", t->wrong == REPORT_DEFERRED ?
	    PRINT_ODD : PRINT_BAD, t->dest[0] == '\0' ? "(unknown)" : t->dest,
	    report_what(t, sentence), "");
	if (t->text[0] != '\0') {
		(void)snprintf(text, sizeof text, "\"%.*s%s\"", TEXT_SHOWN,
		    t->text, strlen(t->text) > TEXT_SHOWN ? "..." : "");
		paragraph_print(out, 5, "", text, "");
	}
	(void)snprintf(margin, sizeof margin, "%s, %s", f.class->name,
	    f.scope);
	paragraph_print(out, 12, "     Means:", f.class->sentence, margin);
	paragraph_print(out, 12, "     Next:", report_next(t, &f, sentence), "");
}

static void
print_troubles(const struct report *r, struct reply_rules *rules,
    enum report_wrong wrong, FILE *out)
{
	static const char *const headings[REPORT_WRONGS] = { "Bounced",
		"Expired", "Deferred" };
	size_t n = 0;

	for (size_t i = 0; i < r->n_troubles; i++) {
		if (r->troubles[i].wrong != wrong)
			continue;
		if (n == 0)
			(void)fprintf(out, "\n%s\n", headings[wrong]);
		if (n++ < TROUBLES_SHOWN)
			print_trouble(&r->troubles[i], rules, out);
	}
	if (n > TROUBLES_SHOWN)
		(void)fprintf(out, "  %zu more: waybill report --by class\n",
		    n - TROUBLES_SHOWN);
}

void
report_text(const struct report *r, struct reply_rules *rules,
    const char *host, FILE *out)
{
	print_sum(r, host, out);
	if (r->n_groups > 0)
		(void)fputc('\n', out);
	print_groups(r, out);
	for (int wrong = 0; wrong < REPORT_WRONGS; wrong++)
		print_troubles(r, rules, (enum report_wrong)wrong, out);
	if (r->sum.sent > 0)
		(void)fputs("\n\"Sent\" means accepted by the receiving "
		    "server. Only the recipient can see\nwhether it went to "
		    "inbox or spam.\n", out);
}

int
report_json(const struct report *r, FILE *out)
{
	static const char *const keys[REPORT_BYS] = { "dest", "provider",
		"family", "class", "author", "day" };
	struct print_column columns[] = {
		{ keys[r->o.by], "", false }, { "family", "", false },
		{ "messages", "", false },
		{ "attempts", "", false }, { "sent", "", false },
		{ "queued", "", false }, { "deferred", "", false },
		{ "bounced", "", false }, { "expired", "", false },
		{ "predicted", "", false },
		{ "right", "", false }, { "wrong", "", false },
		{ "before", "", false },
	};
	size_t n = sizeof columns / sizeof columns[0];
	struct print *p;
	char day[TIME_SIZE];

	if (!has_family(r))
		memmove(&columns[1], &columns[2],
		    --n * sizeof columns[0] - sizeof columns[0]);
	p = print_begin(out, PRINT_JSON, columns, n);

	for (size_t i = 0; p != NULL && i < r->n_groups; i++) {
		const struct report_group *g = &r->groups[i];

		/* Another name may be a number too, of any length. */
		day[0] = '\0';
		if (r->o.by == REPORT_DAY)
			format_time(store_number(g->name) * DAY_S, DAY_ISO,
			    day);
		print_text(p, r->o.by == REPORT_DAY ? day :
		    r->o.by == REPORT_FAMILY && g->name[0] == '\0' ? "none" :
		    g->name);
		if (has_family(r))
			print_text(p, g->family[0] == '\0' ? "none" :
			    g->family);
		print_number(p, g->messages);
		print_number(p, g->attempts);
		print_number(p, g->sent);
		print_number(p, g->queued);
		print_number(p, g->deferred);
		print_number(p, g->bounced);
		print_number(p, g->expired);
		print_number(p, g->right + g->wrong);
		print_number(p, g->right);
		print_number(p, g->wrong);
		print_number(p, g->before);
		print_row(p);
	}
	return print_end(&p);
}
