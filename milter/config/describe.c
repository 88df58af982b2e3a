/* SPDX-License-Identifier: ISC */
/*
 * Prints the table of options: as a file with the defaults, as a file with the
 * effective values, and as a part of waybill.conf(5).
 *
 * All three walk the rows in order, and open and close sections as the path
 * changes. Sections with a title have no default; the sample shows them in a
 * comment.
 */
#include "config/describe.h"

#include <string.h>

#include "config/options.h"

enum { COLUMNS = 78, TAB = 8, SECTION_SIZE = 64, ROW_MAX = 1 << 16 };

/* Titles used in the sample. */
static const char sample_domain[] = "example.org";
static const char sample_selector[] = "2026r";

/* What each line of a part begins with: "# " in a comment, then tabs. */
struct margin {
	const char *mark;
	unsigned depth;
};

static void
begin_line(struct text *out, const struct margin *m)
{
	text_add(out, m->mark);
	for (unsigned i = 0; i < m->depth; i++)
		text_add(out, "\t");
}

/* Appends words, wrapped so that no line is longer than COLUMNS. Each line
 * begins with the margin and then lead. */
static void
add_wrapped(struct text *out, const struct margin *m, const char *lead,
    const char *words)
{
	size_t indent = strlen(m->mark) + m->depth * TAB + strlen(lead);
	size_t column = 0;

	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		if (column > 0 && column + 1 + len > COLUMNS) {
			text_add(out, "\n");
			column = 0;
		}
		if (column == 0) {
			begin_line(out, m);
			text_add(out, lead);
			column = indent;
		} else {
			text_add(out, " ");
			column++;
		}
		text_add_bytes(out, words, len);
		column += len;
		words += len;
		words += strspn(words, " ");
	}
	text_add(out, "\n");
}

/* Length of a value, or of an item of a list including the comma after it. */
static size_t
item_len(const char *value, bool is_list)
{
	const char *end = is_list ? strstr(value, "\", \"") : NULL;

	return end == NULL ? strlen(value) : (size_t)(end - value) + 2;
}

/* "name = value"; a list is wrapped between its items. */
static void
add_setting(struct text *out, const struct margin *m, const char *name,
    const char *value)
{
	const struct margin inner = { m->mark, m->depth + 1 };
	size_t column = strlen(m->mark) + m->depth * TAB + strlen(name) + 3;
	bool is_list = value[0] == '{';

	begin_line(out, m);
	text_addf(out, "%s = ", name);
	for (;;) {
		size_t len = item_len(value, is_list);
		text_add_bytes(out, value, len);
		column += len;
		value += len;
		if (*value == '\0')
			break;
		value++;
		if (column + 1 + item_len(value, is_list) > COLUMNS) {
			text_add(out, "\n");
			begin_line(out, &inner);
			column = strlen(m->mark) + inner.depth * TAB;
		} else {
			text_add(out, " ");
			column++;
		}
	}
	text_add(out, "\n");
}

/* Splits a path into the section and the name after it. Returns the name. */
static const char *
split(const char *path, char *section)
{
	const char *dot = strrchr(path, '.');
	size_t len = dot == NULL ? 0 : (size_t)(dot - path);

	memcpy(section, path, len);
	section[len] = '\0';
	return dot == NULL ? path : dot + 1;
}

static void
open_section(struct text *out, struct margin *m, const char *name,
    const char *title)
{
	begin_line(out, m);
	if (title == NULL)
		text_addf(out, "%s {\n", name);
	else
		text_addf(out, "%s \"%s\" {\n", name, title);
	m->depth++;
}

static void
close_section(struct text *out, struct margin *m)
{
	m->depth--;
	begin_line(out, m);
	text_add(out, "}\n");
}

/* One option of the sample with its help text. */
static void
sample_row(struct text *out, const struct margin *m,
    const struct option_row *row, const char *name)
{
	struct text t;

	add_wrapped(out, m, "# ", row->help);
	text_init(&t, ROW_MAX);
	if (row->kind != OPTION_BOOL) {
		text_add(&t, "Allowed: ");
		option_allowed(row, &t);
		text_add(&t, ".");
		add_wrapped(out, m, "# ", t.buf);
		text_clear(&t);
	}
	if (row->initial == NULL)
		text_addf(&t, "\"%s\"", row->sample);
	else
		option_format_initial(row, &t);
	add_setting(out, m, name, t.buf);
	text_free(&t);
}

/* Prints the titled sections, as a comment. first is their first row. Returns
 * the first row after them. */
static size_t
sample_domains(struct text *out, size_t first)
{
	struct margin m = { "#", 0 };
	char section[SECTION_SIZE];
	size_t i = first;
	bool in_key = false;

	text_add(out, "\n# A domain to sign for. Without key sections, its "
	    "keys are those in the key\n# directory.\n");
	open_section(out, &m, "domain", sample_domain);
	for (; i < option_count; i++) {
		const char *name = split(option_rows[i].path, section);
		if (strcmp(section, "domain") != 0 &&
		    strcmp(section, "domain.key") != 0)
			break;
		if (!in_key && strcmp(section, "domain.key") == 0) {
			open_section(out, &m, "key", sample_selector);
			in_key = true;
		}
		sample_row(out, &m, &option_rows[i], name);
	}
	if (in_key)
		close_section(out, &m);
	close_section(out, &m);
	return i;
}

void
describe_defaults(struct text *out)
{
	struct margin m = { "", 0 };
	char open[SECTION_SIZE] = "", section[SECTION_SIZE];

	text_add(out, "# waybill.conf: every option with its default, as "
	    "printed by\n# \"waybill config --defaults\". An option that is "
	    "not set has its default.\n# See waybill.conf(5).\n");
	for (size_t i = 0; i < option_count;) {
		const char *name = split(option_rows[i].path, section);
		if (strcmp(section, open) != 0) {
			if (open[0] != '\0')
				close_section(out, &m);
			open[0] = '\0';
			if (option_section(section) == OPTION_TITLED) {
				i = sample_domains(out, i);
				continue;
			}
			text_add(out, "\n");
			open_section(out, &m, section, NULL);
			strcpy(open, section);
		} else if (open[0] == '\0') {
			text_add(out, "\n");
		}
		sample_row(out, &m, &option_rows[i], name);
		i++;
	}
	if (open[0] != '\0')
		close_section(out, &m);
}

static void
config_row(struct text *out, const struct margin *m,
    const struct option_row *row, const void *base)
{
	char section[SECTION_SIZE];
	struct text t;

	text_init(&t, ROW_MAX);
	option_format(row, base, &t);
	add_setting(out, m, split(row->path, section), t.buf);
	text_free(&t);
}

/* All rows directly in a section. */
static void
config_rows(struct text *out, const struct margin *m, const char *path,
    const void *base)
{
	char section[SECTION_SIZE];

	for (size_t i = 0; i < option_count; i++) {
		(void)split(option_rows[i].path, section);
		if (strcmp(section, path) == 0)
			config_row(out, m, &option_rows[i], base);
	}
}

static void
config_domains(struct text *out, const struct config *c)
{
	struct margin m = { "", 0 };

	for (size_t i = 0; i < c->ndomains; i++) {
		const struct config_domain *d = &c->domains[i];
		open_section(out, &m, "domain", d->name);
		config_rows(out, &m, "domain", d);
		for (size_t j = 0; j < d->nkeys; j++) {
			open_section(out, &m, "key", d->keys[j].selector);
			config_rows(out, &m, "domain.key", &d->keys[j]);
			close_section(out, &m);
		}
		close_section(out, &m);
	}
}

void
describe_config(const struct config *c, struct text *out)
{
	struct margin m = { "", 0 };
	char done[SECTION_SIZE] = "", section[SECTION_SIZE];
	bool domains_done = false;

	if (c->path == NULL)
		text_addf(out, "# %s does not exist: all options have their "
		    "defaults\n", config_default_path());
	else
		text_addf(out, "# %s, with the default of every option that it "
		    "does not set\n",
		    c->path);
	config_rows(out, &m, "", c);
	for (size_t i = 0; i < option_count; i++) {
		(void)split(option_rows[i].path, section);
		if (section[0] == '\0' || strcmp(section, done) == 0)
			continue;
		strcpy(done, section);
		if (option_section(section) == OPTION_TITLED) {
			if (!domains_done)
				config_domains(out, c);
			domains_done = true;
			continue;
		}
		open_section(out, &m, section, NULL);
		config_rows(out, &m, section, c);
		close_section(out, &m);
	}
}

void
describe_man_text(struct text *out, const char *s)
{
	size_t column = 0;

	while (*s != '\0') {
		size_t len = strcspn(s, " ");
		if (column > 0 && column + 1 + len > COLUMNS - 4) {
			text_add(out, "\n");
			column = 0;
		}
		if (column > 0) {
			text_add(out, " ");
			column++;
		} else if (*s == '.' || *s == '\'') {
			text_add(out, "\\&");
		}
		for (size_t i = 0; i < len; i++) {
			if (s[i] == '\\')
				text_add(out, "\\e");
			else if (s[i] == '-' && s[0] == '"')
				/* so that it can be pasted */
				text_add(out, "\\-");
			else
				text_add_bytes(out, &s[i], 1);
		}
		column += len;
		s += len;
		bool ends = s[-1] == '.' || s[-1] == '?';
		s += strspn(s, " ");
		if (ends && *s != '\0') {
			text_add(out, "\n");
			column = 0;
		}
	}
	text_add(out, "\n");
}

void
describe_man(struct text *out)
{
	struct text t;

	text_init(&t, ROW_MAX);
	text_add(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		text_addf(out, ".It Ic %s\n", row->path);
		describe_man_text(out, row->help);
		text_clear(&t);
		text_add(&t, "Allowed: ");
		option_allowed(row, &t);
		text_add(&t, ".");
		describe_man_text(out, t.buf);
		text_clear(&t);
		if (row->initial == NULL) {
			text_add(&t, "There is no default.");
		} else {
			text_add(&t, "The default is ");
			option_format_initial(row, &t);
			text_add(&t, ".");
		}
		describe_man_text(out, t.buf);
	}
	text_add(out, ".El\n");
	text_free(&t);
}
