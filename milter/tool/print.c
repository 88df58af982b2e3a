/* SPDX-License-Identifier: ISC */
/*
 * Rows as a table or as JSON.
 *
 * Foreign text is harmless in both: on a terminal, and in what may be shown
 * on one later, controls are escaped; in JSON bytes that are no UTF-8 are
 * written as \xHH in the text, and everything beyond ASCII as \uHHHH, so that
 * the object is one line of ASCII.
 *
 * BUGS: every character counts as one column, those of East Asia too.
 */
#include "tool/print.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/escape.h"
#include "base/text.h"

enum { CELL_MAX = 1 << 16 };

enum cell_kind { CELL_NONE, CELL_TEXT, CELL_NUMBER, CELL_BOOL };

struct cell {
	enum cell_kind kind;
	enum print_paint paint;
	char *text;		/* as the table shows it; owned */
	char *raw;		/* as it was said; owned, CELL_TEXT in JSON */
	long long n;
};

struct print {
	FILE *out;
	enum print_form form;
	const struct print_column *columns;
	size_t n;
	bool has_colour;
	bool lost;
	struct cell *cells;	/* nrows * n, and the row that is begun */
	size_t nrows;
	size_t rows_size;
	size_t at;		/* column of the next cell */
};

static const char *const paints[] = {
	[PRINT_PLAIN] = "",
	[PRINT_GOOD] = "\033[32m",
	[PRINT_ODD] = "\033[33m",
	[PRINT_BAD] = "\033[31m",
	[PRINT_DIM] = "\033[2m",
};
const char print_paint_end[] = "\033[0m";

/* Standard output and error: to a terminal (1), elsewhere (0); 2: look. */
static int leads_to[] = { [STDOUT_FILENO] = 2, [STDERR_FILENO] = 2 };

static const char *
paint_code(enum print_paint paint)
{
	return paints[paint];
}

static char *
escaped(const char *s)
{
	struct text t;

	text_init(&t, CELL_MAX);
	escape_terminal(&t, s);
	if (t.cut) {
		text_clear(&t);
		text_add(&t, "(too long)");
	}
	return text_take(&t);
}

bool
print_has_colour(FILE *out)
{
	const char *term = getenv("TERM");
	const char *no = getenv("NO_COLOR");
	int fd = fileno(out);
	bool is_shown = (fd == STDOUT_FILENO || fd == STDERR_FILENO) &&
	    leads_to[fd] != 2 ? leads_to[fd] == 1 : isatty(fd) == 1;

	return is_shown && (no == NULL || *no == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

void
print_leads_to(bool out_is_terminal, bool errors_are)
{
	leads_to[STDOUT_FILENO] = out_is_terminal;
	leads_to[STDERR_FILENO] = errors_are;
}

enum print_match
print_match_paint(const char *s, size_t len, bool *is_end)
{
	enum print_match match = PRINT_NO_PAINT;

	*is_end = false;
	for (size_t i = 0; i <= sizeof paints / sizeof paints[0]; i++) {
		bool end = i == sizeof paints / sizeof paints[0];
		const char *paint = end ? print_paint_end : paints[i];

		if (strlen(paint) < len || memcmp(paint, s, len) != 0)
			continue;
		if (paint[len] != '\0')
			match = PRINT_BEGINS_PAINT;
		else if (len > 0) {
			*is_end = end;
			return PRINT_IS_PAINT;
		}
	}
	return match;
}

void
print_word(FILE *out, enum print_paint paint, const char *s)
{
	char *text = escaped(s);
	bool has_colour = paint != PRINT_PLAIN && print_has_colour(out);

	(void)fprintf(out, "%s%s%s", has_colour ? paint_code(paint) : "",
	    text == NULL ? "" : text, has_colour ? print_paint_end : "");
	free(text);
}

struct print *
print_begin(FILE *out, enum print_form form,
    const struct print_column *columns, size_t n)
{
	struct print *p = calloc(1, sizeof *p);

	if (p == NULL || n > PRINT_COLUMNS_MAX) {
		free(p);
		return NULL;
	}
	p->out = out;
	p->form = form;
	p->columns = columns;
	p->n = n;
	p->has_colour = form == PRINT_TABLE && print_has_colour(out);
	return p;
}

/* The cell to be filled next, or NULL: behind the last column, no memory. */
static struct cell *
next_cell(struct print *p)
{
	if (p->at >= p->n)
		return NULL;
	if (p->nrows >= p->rows_size) {
		size_t size = 2 * p->rows_size + 16;
		void *more = realloc(p->cells, size * p->n * sizeof *p->cells);
		if (more == NULL) {
			p->lost = true;
			return NULL;
		}
		p->cells = more;
		p->rows_size = size;
	}
	struct cell *c = &p->cells[p->nrows * p->n + p->at++];
	*c = (struct cell){ 0 };
	return c;
}

void
print_painted(struct print *p, enum print_paint paint, const char *s)
{
	struct cell *c = next_cell(p);

	if (c == NULL || s == NULL)
		return;
	c->kind = CELL_TEXT;
	c->paint = paint;
	if (p->form == PRINT_JSON)
		c->raw = strdup(s);
	else
		c->text = escaped(s);
	p->lost |= c->raw == NULL && c->text == NULL;
}

void
print_text(struct print *p, const char *s)
{
	print_painted(p, PRINT_PLAIN, s);
}

void
print_number(struct print *p, long long n)
{
	struct cell *c = next_cell(p);
	struct text t;

	if (c == NULL)
		return;
	c->kind = CELL_NUMBER;
	c->n = n;
	text_init(&t, 32);
	text_addf(&t, "%lld", n);
	c->text = text_take(&t);
	p->lost |= c->text == NULL;
}

void
print_bool(struct print *p, bool yes)
{
	struct cell *c = next_cell(p);

	if (c == NULL)
		return;
	c->kind = CELL_BOOL;
	c->n = yes;
	c->text = strdup(yes ? "yes" : "no");
	p->lost |= c->text == NULL;
}

static json_t *
json_text(const char *s)
{
	json_t *value = json_string(s);

	if (value == NULL) {	/* no UTF-8 */
		char *text = escaped(s);
		value = text == NULL ? NULL : json_string(text);
		free(text);
	}
	return value;
}

static json_t *
json_cell(const struct cell *c)
{
	switch (c->kind) {
	case CELL_NONE:
		return json_null();
	case CELL_TEXT:
		return json_text(c->raw == NULL ? "" : c->raw);
	case CELL_NUMBER:
		return json_integer(c->n);
	case CELL_BOOL:
		return json_boolean(c->n != 0);
	}
	return NULL;
}

static void
print_object(struct print *p, const struct cell *row)
{
	json_t *o = json_object();

	for (size_t i = 0; i < p->n; i++)
		if (json_object_set_new(o, p->columns[i].key,
		    json_cell(&row[i])) != 0)
			p->lost = true;
	if (json_dumpf(o, p->out, JSON_COMPACT | JSON_ENSURE_ASCII) != 0)
		p->lost = true;
	(void)fputc('\n', p->out);
	json_decref(o);
}

static const char *
shown(const struct cell *c)
{
	return c->text == NULL ? "-" : c->text;
}

/* Columns of a text on a terminal: bytes that begin a character of UTF-8. */
static size_t
width_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* One line of the table; row is NULL for the titles. */
static void
print_line(struct print *p, const struct cell *row, const size_t *width)
{
	size_t last = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->columns[i].title != NULL)
			last = i;
	for (size_t i = 0; i <= last; i++) {
		if (p->columns[i].title == NULL)
			continue;
		const char *s = row == NULL ? p->columns[i].title :
		    shown(&row[i]);
		const char *code = row == NULL ? paint_code(PRINT_DIM) :
		    paint_code(row[i].paint);
		bool is_painted = p->has_colour && *code != '\0';
		int pad = (int)(width[i] - width_of(s));
		(void)fprintf(p->out, "%*s%s%s%s%*s%s",
		    p->columns[i].is_right ? pad : 0, "",
		    is_painted ? code : "", s, is_painted ? print_paint_end : "",
		    p->columns[i].is_right || i == last ? 0 : pad, "",
		    i == last ? "\n" : "  ");
	}
}

static void
print_table(struct print *p)
{
	size_t width[PRINT_COLUMNS_MAX] = { 0 };

	if (p->nrows == 0)
		return;
	for (size_t i = 0; i < p->n; i++) {
		if (p->columns[i].title == NULL)
			continue;
		width[i] = width_of(p->columns[i].title);
		for (size_t r = 0; r < p->nrows; r++) {
			size_t len = width_of(shown(&p->cells[r * p->n + i]));
			if (len > width[i])
				width[i] = len;
		}
	}
	print_line(p, NULL, width);
	for (size_t r = 0; r < p->nrows; r++)
		print_line(p, &p->cells[r * p->n], width);
}

static void
drop_rows(struct print *p)
{
	for (size_t i = 0; i < p->nrows * p->n; i++) {
		free(p->cells[i].text);
		free(p->cells[i].raw);
	}
	p->nrows = 0;
}

void
print_row(struct print *p)
{
	while (p->at < p->n)
		if (next_cell(p) == NULL)
			break;
	if (p->at < p->n)	/* no memory: this row is lost */
		return;
	p->at = 0;
	p->nrows++;
	if (p->form == PRINT_JSON) {
		print_object(p, p->cells);
		drop_rows(p);
	} else if (p->nrows >= PRINT_HELD_MAX) {
		print_table(p);
		drop_rows(p);
	}
}

int
print_end(struct print **pp)
{
	struct print *p = *pp;
	bool lost;

	if (p == NULL)
		return -1;
	if (p->form == PRINT_TABLE)
		print_table(p);
	drop_rows(p);
	lost = p->lost;
	free(p->cells);
	free(p);
	*pp = NULL;
	return lost ? -1 : 0;
}
