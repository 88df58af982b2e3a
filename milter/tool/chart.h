/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_CHART_H
#define WAYBILL_TOOL_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Charts of a page, as SVG in HTML: no script, nothing from elsewhere. They
 * are as wide as their place, and their text keeps its size. Colours come from
 * the page's style, as the classes c1, c2 ... c6.
 */

enum { CHART_PARTS_MAX = 6 };

/* One bar, of several parts. Strings are foreign: they are escaped here. */
struct chart_bar {
	const char *label;
	const char *note;		/* at the right end; "" */
	int64_t n[CHART_PARTS_MAX];	/* none under 0 */
};

struct chart {
	const char *title;		/* for who can't see it */
	const char *const *parts;	/* their names */
	size_t n_parts;			/* CHART_PARTS_MAX at most */
	const char *colours;		/* of each part a digit: "126" */
	const struct chart_bar *bars;
	size_t n_bars;
};

/* What the colours mean. */
void chart_legend(const struct chart *c, FILE *out);

/* Lying bars, one below the other, the longest as wide as the place. */
void chart_bars(const struct chart *c, FILE *out);

/* Standing bars side by side, height pixels high at most: as shares of 100 %,
 * or as numbers. With dates the first, middle and last label stand below. */
void chart_columns(const struct chart *c, int height, bool is_share,
    bool has_dates, FILE *out);

/* Writes foreign text for HTML, a bounded length of it. */
void chart_text(const char *s, FILE *out);

#endif
