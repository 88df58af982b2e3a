/* SPDX-License-Identifier: ISC */
/*
 * Charts. Widths are percentages and heights are pixels, without a viewBox:
 * so a chart fills a telephone as it fills a screen, and its letters are never
 * scaled. Each part has a title, which browsers show under the pointer.
 *
 * BUGS: numbers beyond 2^53 lose their last digits in the drawing; they keep
 * them in the text.
 */
#include "tool/chart.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/text.h"

enum {
	TEXT_MAX = 16 * 1024,
	BAR_HEIGHT = 14,
	DATE_HEIGHT = 20,
	DATES_APART = 7,	/* from so many on the outer ones are aligned */
	COLUMN_MAX = 9,		/* percent of the width */
};

void
chart_text(const char *s, FILE *out)
{
	struct text t;

	text_init(&t, TEXT_MAX);
	escape_html(&t, s);
	(void)fputs(t.buf, out);
	text_free(&t);
}

static int64_t
total_of(const struct chart *c, const struct chart_bar *b)
{
	int64_t sum = 0;

	for (size_t i = 0; i < c->n_parts; i++)
		sum += b->n[i];
	return sum;
}

static int64_t
largest(const struct chart *c)
{
	int64_t max = 0;

	for (size_t i = 0; i < c->n_bars; i++) {
		int64_t n = total_of(c, &c->bars[i]);

		max = n > max ? n : max;
	}
	return max;
}

void
chart_legend(const struct chart *c, FILE *out)
{
	(void)fputs("<ul class=\"legend\">", out);
	for (size_t i = 0; i < c->n_parts; i++) {
		(void)fprintf(out, "<li><svg width=\"12\" height=\"12\" "
		    "aria-hidden=\"true\"><rect class=\"c%c\" width=\"12\" "
		    "height=\"12\" rx=\"2\"/></svg> ", c->colours[i]);
		chart_text(c->parts[i], out);
		(void)fputs("</li>", out);
	}
	(void)fputs("</ul>\n", out);
}

static void
begin_svg(const struct chart *c, int height, FILE *out)
{
	(void)fputs("<svg class=\"chart\" role=\"img\" aria-label=\"", out);
	chart_text(c->title, out);
	(void)fprintf(out, "\" width=\"100%%\" height=\"%d\">\n", height);
}

/* What is shown under the pointer. */
static void
put_title(const struct chart *c, const struct chart_bar *b, size_t part,
    FILE *out)
{
	(void)fputs("<title>", out);
	chart_text(b->label, out);
	(void)fputs(", ", out);
	chart_text(c->parts[part], out);
	(void)fprintf(out, ": %" PRId64 "</title>", b->n[part]);
}

static void
put_bar(const struct chart *c, const struct chart_bar *b, int64_t max,
    FILE *out)
{
	double x = 0;

	(void)fputs("<div class=\"label\"><span>", out);
	chart_text(b->label, out);
	(void)fputs("</span><span class=\"soft\">", out);
	chart_text(b->note, out);
	(void)fprintf(out, "</span></div>\n<svg class=\"chart\" "
	    "aria-hidden=\"true\" width=\"100%%\" height=\"%d\">\n",
	    BAR_HEIGHT);
	for (size_t i = 0; i < c->n_parts && max > 0; i++) {
		double width = 100.0 * (double)b->n[i] / (double)max;

		if (b->n[i] <= 0)
			continue;
		(void)fprintf(out, "<rect class=\"c%c\" x=\"%.2f%%\" "
		    "width=\"%.2f%%\" height=\"%d\">", c->colours[i], x,
		    width, BAR_HEIGHT);
		put_title(c, b, i, out);
		(void)fputs("</rect>\n", out);
		x += width;
	}
	(void)fputs("</svg>\n", out);
}

void
chart_bars(const struct chart *c, FILE *out)
{
	int64_t max = largest(c);

	(void)fputs("<div class=\"bars\" role=\"group\" aria-label=\"", out);
	chart_text(c->title, out);
	(void)fputs("\">\n", out);
	for (size_t i = 0; i < c->n_bars; i++)
		put_bar(c, &c->bars[i], max, out);
	(void)fputs("</div>\n", out);
}

/* One standing bar in slot i; of is what the whole height stands for. */
static void
put_column(const struct chart *c, size_t i, int height, int64_t of, FILE *out)
{
	const struct chart_bar *b = &c->bars[i];
	double slot = 100.0 / (double)c->n_bars;
	double width = slot * 0.86 > COLUMN_MAX ? COLUMN_MAX : slot * 0.86;
	double x = slot * (double)i + (slot - width) / 2;
	double y = height;

	for (size_t part = 0; part < c->n_parts && of > 0; part++) {
		double high = height * (double)b->n[part] / (double)of;

		if (b->n[part] <= 0)
			continue;
		y -= high;
		(void)fprintf(out, "<rect class=\"c%c\" x=\"%.2f%%\" "
		    "y=\"%.1f\" width=\"%.2f%%\" height=\"%.1f\">",
		    c->colours[part], x, y, width, high);
		put_title(c, b, part, out);
		(void)fputs("</rect>\n", out);
	}
}

static void
put_date(const struct chart *c, size_t i, int y, FILE *out)
{
	double slot = 100.0 / (double)c->n_bars;
	bool is_apart = c->n_bars >= DATES_APART;
	const char *anchor = "middle";
	double x = slot * ((double)i + 0.5);

	if (is_apart && i == 0) {
		anchor = "start";
		x = 0;
	} else if (is_apart && i + 1 == c->n_bars) {
		anchor = "end";
		x = 100;
	}
	(void)fprintf(out, "<text x=\"%.2f%%\" y=\"%d\" "
	    "text-anchor=\"%s\">", x, y, anchor);
	chart_text(c->bars[i].label, out);
	(void)fputs("</text>", out);
}

static void
put_dates(const struct chart *c, int height, FILE *out)
{
	size_t last = c->n_bars - 1;

	put_date(c, 0, height + 15, out);
	if (last >= 2)
		put_date(c, last / 2, height + 15, out);
	if (last >= 1)
		put_date(c, last, height + 15, out);
}

void
chart_columns(const struct chart *c, int height, bool is_share, bool has_dates,
    FILE *out)
{
	int64_t max = largest(c);

	if (c->n_bars == 0)
		return;
	(void)fprintf(out, "<div class=\"plot\"><div class=\"axis\" "
	    "style=\"height:%dpx\" aria-hidden=\"true\">", height);
	if (is_share)
		(void)fputs("<span>100 %</span><span>50 %</span>", out);
	else
		(void)fprintf(out, "<span>%" PRId64 "</span>", max);
	(void)fputs("<span>0</span></div>\n", out);
	begin_svg(c, height + (has_dates ? DATE_HEIGHT : 1), out);
	for (int i = 0; i <= 2; i++)
		if (is_share || i != 1)
			(void)fprintf(out, "<line x1=\"0\" x2=\"100%%\" "
			    "y1=\"%.1f\" y2=\"%.1f\"/>\n", height * i / 2.0,
			    height * i / 2.0);
	for (size_t i = 0; i < c->n_bars; i++)
		put_column(c, i, height, is_share ? total_of(c, &c->bars[i]) :
		    max, out);
	if (has_dates)
		put_dates(c, height, out);
	(void)fputs("</svg></div>\n", out);
}
