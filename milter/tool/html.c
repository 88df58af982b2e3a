/* SPDX-License-Identifier: ISC */
/*
 * The page of waybill report --html: a summary, the family over time, rejection
 * by provider and class, predictions against what was used, and below each
 * chart the table that it was drawn from.
 *
 * It loads nothing: its policy forbids scripts, pictures, fonts, forms and
 * frames, and allows the style that stands in it. All that comes from the
 * store is foreign and goes through escape_html(). Pages of receivers are
 * named in letters, not linked. It follows the reader's light or dark scheme
 * and is as wide as its window.
 */
#include "tool/html.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "build_config.h"
#include "record/store_read.h"
#include "tool/chart.h"
#include "tool/report_text.h"

enum {
	DAY_S = 86400,
	ROWS_MAX = 500,		/* of a table */
	COLUMNS_MAX = 60,	/* of a chart over time */
	PROVIDERS_SHOWN = 10,
	CLASSES_SHOWN = 5,	/* with a colour of their own */
	TROUBLES_SHOWN = 30,
	TEXT_SHOWN = 600,
	NAME_SIZE = 300,
	LABEL_SIZE = 80,
	SHARE_HEIGHT = 150,
	VOLUME_HEIGHT = 56,
};

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, "
    "initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n";

static const char style[] =
    "<style>\n"
    ":root { color-scheme: light dark; --page: #f6f5f2; --card: #fdfdfc;"
    " --ink: #1d1c1a; --soft: #5d5b55; --line: #dedbd3; --c1: #2a6fd0;"
    " --c2: #e0662f; --c3: #17936a; --c4: #c98a00; --c5: #b8508f;"
    " --c6: #9a978f; }\n"
    "@media (prefers-color-scheme: dark) { :root { --page: #151513;"
    " --card: #1e1e1b; --ink: #ecebe6; --soft: #aba89f; --line: #3b3a35;"
    " --c1: #4a90ea; --c2: #e2733f; --c3: #2ba97f; --c4: #d39c1c;"
    " --c5: #d272ad; --c6: #7d7a72; } }\n"
    "* { box-sizing: border-box; }\n"
    "body { margin: 0; background: var(--page); color: var(--ink);"
    " font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }\n"
    "main { max-width: 60rem; margin: 0 auto; padding: 1rem; }\n"
    "h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; }\n"
    "h2 { font-size: 1.15rem; margin: 0 0 .25rem; }\n"
    "h3 { font-size: .95rem; margin: 1rem 0 .25rem; color: var(--soft); }\n"
    "p { margin: .25rem 0 .75rem; }\n"
    ".soft, footer { color: var(--soft); font-size: .9rem; }\n"
    "section { background: var(--card); border: 1px solid var(--line);"
    " border-radius: 8px; padding: 1rem; margin: 1rem 0; }\n"
    ".sums { display: grid; gap: .75rem; padding: 0; margin: 1rem 0;"
    " grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }\n"
    ".sums div { background: var(--card); border: 1px solid var(--line);"
    " border-radius: 8px; padding: .6rem .8rem; }\n"
    ".sums dt { color: var(--soft); font-size: .9rem; }\n"
    ".sums dd { margin: 0; font-size: 1.6rem; line-height: 1.2;"
    " font-variant-numeric: tabular-nums; }\n"
    ".legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem;"
    " list-style: none; padding: 0; margin: .5rem 0; font-size: .9rem; }\n"
    ".plot { display: flex; gap: .5rem; margin: .75rem 0; }\n"
    ".axis { display: flex; flex: 0 0 3.2rem; flex-direction: column;"
    " justify-content: space-between; text-align: right; line-height: 1;"
    " color: var(--soft); font-size: 12px;"
    " font-variant-numeric: tabular-nums; }\n"
    ".plot .chart { flex: 1 1 0; min-width: 0; overflow: visible; }\n"
    ".chart { display: block; }\n"
    ".chart text { fill: var(--soft); font-size: 12px; }\n"
    ".label { display: flex; justify-content: space-between; gap: 1rem;"
    " margin-top: .6rem; font-size: .9rem; line-height: 1.4; }\n"
    ".label .soft { flex: none; font-variant-numeric: tabular-nums; }\n"
    ".chart line { stroke: var(--line); }\n"
    ".chart rect { stroke: var(--card); stroke-width: 1px; }\n"
    ".c1 { fill: var(--c1); } .c2 { fill: var(--c2); }"
    " .c3 { fill: var(--c3); } .c4 { fill: var(--c4); }"
    " .c5 { fill: var(--c5); } .c6 { fill: var(--c6); }\n"
    ".wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; width: 100%; font-size: .9rem;"
    " overflow-wrap: normal; }\n"
    "th, td { padding: .3rem .6rem; text-align: left; vertical-align: top;"
    " border-bottom: 1px solid var(--line); }\n"
    "th:first-child, td:first-child { padding-left: 0; }\n"
    "th { color: var(--soft); font-weight: 600; white-space: nowrap; }\n"
    "td.n, th.n { text-align: right; white-space: nowrap;"
    " font-variant-numeric: tabular-nums; }\n"
    "summary { cursor: pointer; color: var(--soft); padding: .4rem 0; }\n"
    "article { border-top: 1px solid var(--line); padding: .75rem 0; }\n"
    "article p { margin: .15rem 0; }\n"
    "blockquote { margin: .4rem 0; padding: .4rem .75rem;"
    " border-left: 3px solid var(--line); font: .85rem/1.45 ui-monospace,"
    " monospace; }\n"
    "code { font: .9em ui-monospace, monospace; }\n"
    "@media print { details > * { display: block; } }\n"
    "</style>\n";

static void
format_day(int64_t day, char out[LABEL_SIZE])
{
	time_t t = (time_t)(day * DAY_S);
	struct tm tm = { 0 };

	(void)gmtime_r(&t, &tm);
	if (strftime(out, LABEL_SIZE, "%Y-%m-%d", &tm) == 0)
		out[0] = '\0';
}

static size_t
at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

static const char *
name_or(const char *name, const char *otherwise)
{
	return name[0] == '\0' ? otherwise : name;
}

struct column {
	const char *title;
	bool is_number;
};

static void
begin_table(const struct column *columns, size_t n, FILE *out)
{
	(void)fputs("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>", out);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(out, "<th scope=\"col\"%s>%s</th>",
		    columns[i].is_number ? " class=\"n\"" : "",
		    columns[i].title);
	(void)fputs("</tr></thead>\n<tbody>\n", out);
}

/* The end of a table, and how much of it isn't there. */
static void
end_table(size_t n, FILE *out)
{
	(void)fputs("</tbody></table></div>\n", out);
	if (n > ROWS_MAX)
		(void)fprintf(out, "<p class=\"soft\">%zu more rows: <code>"
		    "waybill report --json</code></p>\n", n - ROWS_MAX);
}

static void
cell_text(const char *s, FILE *out)
{
	(void)fputs("<td>", out);
	chart_text(s, out);
	(void)fputs("</td>", out);
}

static void
cell_number(int64_t n, FILE *out)
{
	(void)fprintf(out, "<td class=\"n\">%" PRId64 "</td>", n);
}

static void
cell_numbers(const struct html_count *c, FILE *out)
{
	for (size_t i = 0; i < sizeof c->n / sizeof *c->n; i++)
		cell_number(c->n[i], out);
}

static void
begin_details(FILE *out)
{
	(void)fputs("<details><summary>Table</summary>\n", out);
}

static void
put_days_table(const struct html_counts *days, FILE *out)
{
	static const struct column columns[] = { { "Day (UTC)", false },
		{ "IPv6", true }, { "IPv4", true }, { "No address", true } };
	char day[LABEL_SIZE];

	begin_details(out);
	begin_table(columns, sizeof columns / sizeof *columns, out);
	for (size_t i = 0; i < days->n && i < ROWS_MAX; i++) {
		const struct html_count *c = &days->v[days->n - 1 - i];

		format_day(html_day(c), day);
		(void)fputs("<tr>", out);
		cell_text(day, out);
		cell_numbers(c, out);
		(void)fputs("</tr>\n", out);
	}
	end_table(days->n, out);
	(void)fputs("</details>\n", out);
}

/* Days, or as many together as make COLUMNS_MAX bars; empty ones have their
 * place. Returns how many bars, and in each how many days. */
static size_t
fill_days(const struct html_page *p, struct chart_bar *bars,
    char labels[][LABEL_SIZE], int64_t *step)
{
	const struct html_counts *days = &p->days;
	int64_t first = html_day(&days->v[0]);
	int64_t last = (p->report->o.to - 1) / DAY_S;
	size_t n;

	/* A period may reach back to before there was a record. */
	if (p->report->o.from / DAY_S < first &&
	    first - p->report->o.from / DAY_S < COLUMNS_MAX)
		first = p->report->o.from / DAY_S;
	if (html_day(&days->v[days->n - 1]) > last)
		last = html_day(&days->v[days->n - 1]);
	*step = (last - first) / COLUMNS_MAX + 1;
	n = (size_t)((last - first) / *step + 1);
	for (size_t i = 0; i < n; i++) {
		format_day(first + (int64_t)i * *step, labels[i]);
		bars[i] = (struct chart_bar){ .label = labels[i], .note = "" };
	}
	for (size_t i = 0; i < days->n; i++) {
		int64_t at = (html_day(&days->v[i]) - first) / *step;

		for (size_t k = 0; k < 2; k++)
			bars[at].n[k] += days->v[i].n[k];
	}
	return n;
}

static void
put_days(const struct html_page *p, FILE *out)
{
	static const char *const parts[] = { "IPv6", "IPv4" };
	struct chart_bar bars[COLUMNS_MAX];
	char labels[COLUMNS_MAX][LABEL_SIZE];
	struct chart c = { .title = "Share of IPv6 and IPv4 over time",
		.parts = parts, .n_parts = 2, .bars = bars,
		.colours = "12" };
	int64_t step;

	(void)fputs("<section>\n<h2>Family over time</h2>\n", out);
	if (p->days.n == 0) {
		(void)fputs("<p class=\"soft\">No attempts in this period."
		    "</p>\n</section>\n", out);
		return;
	}
	c.n_bars = fill_days(p, bars, labels, &step);
	if (step == 1)
		(void)fputs("<p class=\"soft\">Attempts, by day (UTC).</p>\n",
		    out);
	else
		(void)fprintf(out, "<p class=\"soft\">Attempts; a bar is "
		    "%" PRId64 " days (UTC).</p>\n", step);
	chart_legend(&c, out);
	chart_columns(&c, SHARE_HEIGHT, true, false, out);
	c.title = "Attempts over IPv6 and IPv4 over time";
	chart_columns(&c, VOLUME_HEIGHT, false, true, out);
	put_days_table(&p->days, out);
	(void)fputs("</section>\n", out);
}

/* Where a name stands among the first n; n where it doesn't. */
static size_t
place_of(const struct html_counts *c, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(c->v[i].name, name) != 0)
		i++;
	return i;
}

static void
put_bounced_table(const struct html_counts *bounced, FILE *out)
{
	static const struct column columns[] = { { "Provider", false },
		{ "Class", false }, { "Bounced", true }, { "Meaning", false } };

	begin_details(out);
	begin_table(columns, sizeof columns / sizeof *columns, out);
	for (size_t i = 0; i < bounced->n && i < ROWS_MAX; i++) {
		const struct html_count *c = &bounced->v[i];
		const struct reply_class *class = reply_class_find(c->of);

		(void)fputs("<tr>", out);
		cell_text(name_or(c->name, "(unknown)"), out);
		cell_text(name_or(c->of, "(none)"), out);
		cell_number(c->n[0], out);
		cell_text(class == NULL ? "" : class->sentence, out);
		(void)fputs("</tr>\n", out);
	}
	end_table(bounced->n, out);
	(void)fputs("</details>\n", out);
}

static void
put_bounced_chart(const struct html_page *p, FILE *out)
{
	const char *parts[CLASSES_SHOWN + 1];
	struct chart_bar bars[PROVIDERS_SHOWN];
	char notes[PROVIDERS_SHOWN][LABEL_SIZE];
	struct chart c = { .title = "Bounces by provider and class",
		.parts = parts, .bars = bars, .colours = "123456" };
	size_t classes = at_most(p->classes.n, CLASSES_SHOWN);

	for (size_t i = 0; i < classes; i++)
		parts[i] = name_or(p->classes.v[i].name, "(none)");
	/* An "other" of the classes is one of them. */
	parts[classes] = "all others";
	c.n_parts = classes + (p->classes.n > classes);
	c.n_bars = at_most(p->bouncers.n, PROVIDERS_SHOWN);
	for (size_t i = 0; i < c.n_bars; i++) {
		const struct html_count *from = &p->bouncers.v[i];

		(void)snprintf(notes[i], LABEL_SIZE, "%" PRId64, from->n[0]);
		bars[i] = (struct chart_bar){ .note = notes[i],
			.label = name_or(from->name, "(unknown)") };
	}
	for (size_t i = 0; i < p->bounced.n; i++) {
		const struct html_count *from = &p->bounced.v[i];
		size_t at = place_of(&p->bouncers, c.n_bars, from->name);

		if (at < c.n_bars)
			bars[at].n[place_of(&p->classes, classes, from->of)] +=
			    from->n[0];
	}
	chart_legend(&c, out);
	chart_bars(&c, out);
}

static void
put_trouble(const struct report_trouble *t, struct reply_rules *rules,
    FILE *out)
{
	char sentence[REPORT_SENTENCE_SIZE];
	char text[TEXT_SHOWN + 8];
	struct reply_finding f;

	report_finding(t, rules, &f);
	(void)fputs("<article><p><strong>", out);
	chart_text(name_or(t->dest, "(unknown)"), out);
	(void)fputs("</strong> ", out);
	chart_text(report_what(t, sentence), out);
	(void)fputs("</p>\n", out);
	if (t->text[0] != '\0') {
		(void)snprintf(text, sizeof text, "%.*s%s", TEXT_SHOWN,
		    t->text, strlen(t->text) > TEXT_SHOWN ? "..." : "");
		(void)fputs("<blockquote>", out);
		chart_text(text, out);
		(void)fputs("</blockquote>\n", out);
	}
	(void)fputs("<p>", out);
	chart_text(f.class->sentence, out);
	(void)fputs(" <span class=\"soft\">(", out);
	chart_text(f.class->name, out);
	(void)fputs(", ", out);
	chart_text(f.scope, out);
	(void)fputs(")</span></p>\n<p><span class=\"soft\">Next:</span> <code>",
	    out);
	chart_text(report_next(t, &f, sentence), out);
	(void)fputs("</code></p></article>\n", out);
}

static void
put_troubles(const struct report *r, struct reply_rules *rules,
    enum report_wrong wrong, FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_troubles; i++) {
		if (r->troubles[i].wrong != wrong)
			continue;
		if (n++ < TROUBLES_SHOWN)
			put_trouble(&r->troubles[i], rules, out);
	}
	if (n > TROUBLES_SHOWN)
		(void)fprintf(out, "<p class=\"soft\">%zu more.</p>\n",
		    n - TROUBLES_SHOWN);
}

static void
put_bounced(const struct html_page *p, struct reply_rules *rules, FILE *out)
{
	(void)fputs("<section>\n<h2>Bounced</h2>\n", out);
	if (p->bounced.n == 0) {
		(void)fputs("<p class=\"soft\">Nothing bounced.</p>\n"
		    "</section>\n", out);
		return;
	}
	(void)fputs("<p class=\"soft\">Recipients whose mail was rejected, by "
	    "provider and class.</p>\n", out);
	put_bounced_chart(p, out);
	put_bounced_table(&p->bounced, out);
	put_troubles(p->report, rules, REPORT_BOUNCED, out);
	(void)fputs("</section>\n", out);
}

/* A section of what did not bounce, where there is any. */
static void
put_wrong(const struct html_page *p, struct reply_rules *rules,
    enum report_wrong wrong, const char *heading, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < p->report->n_troubles; i++)
		any = any || p->report->troubles[i].wrong == wrong;
	if (!any)
		return;
	(void)fprintf(out, "<section>\n<h2>%s</h2>\n", heading);
	put_troubles(p->report, rules, wrong, out);
	(void)fputs("</section>\n", out);
}

static void
put_used_table(const struct html_counts *used, FILE *out)
{
	static const struct column columns[] = { { "Provider", false },
		{ "Used", false }, { "Right", true },
		{ "Wrong", true }, { "Not compared", true } };

	begin_details(out);
	begin_table(columns, sizeof columns / sizeof *columns, out);
	for (size_t i = 0; i < used->n && i < ROWS_MAX; i++) {
		const struct html_count *c = &used->v[i];

		(void)fputs("<tr>", out);
		cell_text(name_or(c->name, "(unknown)"), out);
		cell_text(report_family_name(c->of), out);
		cell_numbers(c, out);
		(void)fputs("</tr>\n", out);
	}
	end_table(used->n, out);
	(void)fputs("</details>\n", out);
}

static void
put_used(const struct html_page *p, FILE *out)
{
	static const char *const parts[] = { "right", "wrong",
		"not compared" };
	const struct html_counts *used = &p->used;
	struct chart_bar bars[PROVIDERS_SHOWN];
	char labels[PROVIDERS_SHOWN][NAME_SIZE];
	char notes[PROVIDERS_SHOWN][LABEL_SIZE];
	struct chart c = { .title = "Predicted and used family",
		.parts = parts, .n_parts = 3, .bars = bars,
		.colours = "126" };

	(void)fputs("<section>\n<h2>Predicted and used</h2>\n", out);
	if (used->n == 0) {
		(void)fputs("<p class=\"soft\">No messages in this period."
		    "</p>\n</section>\n", out);
		return;
	}
	(void)fputs("<p class=\"soft\">Messages by the family of their first "
	    "attempt. Not compared: no prediction, either family possible, or "
	    "an existing connection was reused.</p>\n", out);
	for (; c.n_bars < used->n && c.n_bars < PROVIDERS_SHOWN; c.n_bars++) {
		const struct html_count *from = &used->v[c.n_bars];
		char *label = labels[c.n_bars];

		(void)snprintf(label, NAME_SIZE, "%s, %s", name_or(from->name,
		    "(unknown)"), report_family_name(from->of));
		(void)snprintf(notes[c.n_bars], LABEL_SIZE, "%" PRId64 " of %"
		    PRId64 " right", from->n[0], from->n[0] + from->n[1]);
		bars[c.n_bars] = (struct chart_bar){ .label = label,
			.note = notes[c.n_bars] };
		memcpy(bars[c.n_bars].n, from->n, sizeof from->n);
	}
	chart_legend(&c, out);
	chart_bars(&c, out);
	put_used_table(used, out);
	(void)fputs("</section>\n", out);
}

static void
put_head(const struct html_page *p, FILE *out)
{
	char period[REPORT_PERIOD_SIZE];

	(void)fputs(head, out);
	(void)fputs("<title>Mail", out);
	if (p->host[0] != '\0') {
		(void)fputs(" of ", out);
		chart_text(p->host, out);
	}
	(void)fprintf(out, ", %s</title>\n", report_period_name(&p->report->o,
	    period));
	(void)fputs(style, out);
	(void)fputs("</head>\n<body>\n<main>\n<header>\n<h1>Outgoing mail",
	    out);
	if (p->host[0] != '\0') {
		(void)fputs(" of ", out);
		chart_text(p->host, out);
	}
	(void)fprintf(out, "</h1>\n<p class=\"soft\">%s</p>\n</header>\n",
	    period);
}

static void
put_sum(const char *name, int64_t n, FILE *out)
{
	(void)fprintf(out, "<div><dt>%s</dt><dd>%" PRId64 "</dd></div>\n",
	    name, n);
}

static void
put_sums(const struct report *r, FILE *out)
{
	(void)fputs("<dl class=\"sums\">\n", out);
	put_sum("Messages", r->sum.messages, out);
	put_sum("Delivered", r->sum.sent, out);
	put_sum("Queued", r->sum.queued, out);
	put_sum("Bounced", r->sum.bounced, out);
	if (r->sum.expired > 0)
		put_sum("Expired", r->sum.expired, out);
	(void)fputs("</dl>\n<p class=\"soft\">", out);
	if (r->sum.before > 0)
		(void)fprintf(out, "Previous period: %" PRId64
		    " messages. ", r->sum.before);
	(void)fprintf(out, "Forwarded for others: %" PRId64 ", bounces: %"
	    PRId64 "%s. \"Delivered\" means accepted by the receiving server; "
	    "only the recipient can see whether it went to inbox or spam."
	    "</p>\n", r->forwarded, r->bounces,
	    r->o.with_forwarded ? "" : ", not counted");
}

static void
put_group(const struct report *r, const struct report_group *g, FILE *out)
{
	bool has_family = r->o.by == REPORT_DESTINATION ||
	    r->o.by == REPORT_PROVIDER;
	char day[LABEL_SIZE];

	(void)fputs("<tr>", out);
	if (r->o.by == REPORT_DAY) {
		format_day(store_number(g->name), day);
		cell_text(day, out);
	} else if (r->o.by == REPORT_FAMILY) {
		cell_text(report_family_name(g->name), out);
	} else {
		cell_text(name_or(g->name, r->o.by == REPORT_CLASS ? "(sent)" :
		    "(unknown)"), out);
	}
	if (has_family)
		cell_text(report_family_name(g->family), out);
	cell_number(g->messages, out);
	cell_number(g->sent, out);
	cell_number(g->queued, out);
	cell_number(g->bounced, out);
	cell_number(g->expired, out);
	cell_number(g->attempts, out);
	cell_number(g->right, out);
	cell_number(g->wrong, out);
	(void)fputs("</tr>\n", out);
}

static void
put_groups(const struct report *r, FILE *out)
{
	static const char *const titles[REPORT_BYS] = { "Destination",
		"Provider", "Family", "Class", "Author", "Day (UTC)" };
	static const char *const headings[REPORT_BYS] = { "By destination",
		"By provider", "By family", "By class", "By author", "By day" };
	bool has_family = r->o.by == REPORT_DESTINATION ||
	    r->o.by == REPORT_PROVIDER;
	struct column columns[10] = { { titles[r->o.by], false } };
	size_t n = 1;

	if (has_family)
		columns[n++] = (struct column){ "Family", false };
	columns[n++] = (struct column){ "Messages", true };
	columns[n++] = (struct column){ "Sent", true };
	columns[n++] = (struct column){ "Queued", true };
	columns[n++] = (struct column){ "Bounced", true };
	columns[n++] = (struct column){ "Expired", true };
	columns[n++] = (struct column){ "Tries", true };
	columns[n++] = (struct column){ "Right", true };
	columns[n++] = (struct column){ "Wrong", true };
	(void)fprintf(out, "<section>\n<h2>%s</h2>\n<p class=\"soft\">Right "
	    "and wrong refer to the predicted family.</p>\n",
	    headings[r->o.by]);
	begin_table(columns, n, out);
	for (size_t i = 0; i < r->n_groups && i < ROWS_MAX; i++)
		put_group(r, &r->groups[i], out);
	end_table(r->n_groups, out);
	(void)fputs("</section>\n", out);
}

void
html_write(const struct html_page *p, struct reply_rules *rules, FILE *out)
{
	time_t now = (time_t)p->now;
	struct tm tm = { 0 };
	char made[LABEL_SIZE] = "";

	put_head(p, out);
	put_sums(p->report, out);
	put_days(p, out);
	put_bounced(p, rules, out);
	put_wrong(p, rules, REPORT_EXPIRED, "Expired", out);
	put_wrong(p, rules, REPORT_DEFERRED, "Deferred", out);
	put_used(p, out);
	put_groups(p->report, out);
	(void)gmtime_r(&now, &tm);
	if (strftime(made, sizeof made, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		made[0] = '\0';
	(void)fprintf(out, "<footer>%s, waybill %s. This page loads nothing "
	    "and runs no script.</footer>\n</main>\n</body>\n</html>\n", made,
	    PACKAGE_VERSION);
}
