/* SPDX-License-Identifier: ISC */
/*
 * Findings for people: severity, sentence, key at the right margin of its
 * first line, the fix below it. Lines are broken at blanks; a word that is
 * longer than a line stands on one of its own, since it is something to copy.
 *
 * BUGS: every byte counts as one column.
 */
#include "tool/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"
#include "tool/words.h"

enum { FINDING_WIDTH = 78, FINDING_INDENT = 6, FINDING_TEXT_MAX = 16 * 1024,
	FINDINGS_TAKEN_MAX = 1000 };

static const struct print_column finding_columns[] = {
	{ "key", NULL, false }, { "severity", NULL, false },
	{ "subject", NULL, false }, { "family", NULL, false },
	{ "fact", NULL, false }, { "fix", NULL, false },
};

const char *
finding_severity_name(enum finding_severity s)
{
	static const char *const names[] = {
		[FINDING_OK] = "ok", [FINDING_NOTE] = "note",
		[FINDING_WARN] = "warn", [FINDING_FAIL] = "fail",
	};

	return names[s];
}

void
findings_add(struct findings *f, enum finding_severity severity,
    const char *key, const char *subject, enum ip_family family,
    const char *fix, const char *fmt, ...)
{
	struct finding one = { .severity = severity, .key = key,
	    .family = family };
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&one.fact, fmt, ap) < 0)
		one.fact = NULL;
	va_end(ap);
	one.subject = strdup(subject == NULL ? "" : subject);
	one.fix = strdup(fix == NULL ? "" : fix);
	struct finding *v = realloc(f->v, (f->n + 1) * sizeof *v);
	if (v != NULL)
		f->v = v;
	if (v == NULL || one.fact == NULL || one.subject == NULL ||
	    one.fix == NULL) {
		free(one.fact);
		free(one.subject);
		free(one.fix);
		f->lost = true;
		return;
	}
	v[f->n++] = one;
}

void
findings_sort(struct findings *f)
{
	/* insertion keeps the order of equals; there are dozens, not more */
	for (size_t i = 1; i < f->n; i++) {
		struct finding one = f->v[i];
		size_t k = i;
		for (; k > 0 && f->v[k - 1].severity < one.severity; k--)
			f->v[k] = f->v[k - 1];
		f->v[k] = one;
	}
}

enum finding_severity
findings_worst(const struct findings *f)
{
	enum finding_severity worst = FINDING_OK;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].severity > worst)
			worst = f->v[i].severity;
	return worst;
}

const struct finding *
findings_first(const struct findings *f, enum finding_severity at_least)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].severity >= at_least && f->v[i].fix[0] != '\0')
			return &f->v[i];
	return NULL;
}

/* Prints s from the indent on, with margin at the end of its first line where
 * it fits. */
static void
finding_wrap(const char *s, const char *margin, FILE *out)
{
	size_t room = FINDING_WIDTH - FINDING_INDENT, column = 0;
	size_t first = *margin == '\0' ? room : room - strlen(margin) - 2;

	for (bool begin = true; *s != '\0'; begin = false) {
		size_t len = strcspn(s, " ");
		size_t limit = *margin != '\0' ? first : room;
		if (!begin && column + 1 + len > limit) {
			if (*margin != '\0' && column <= first)
				(void)fprintf(out, "%*s", (int)(room - column),
				    margin);
			margin = "";
			(void)fprintf(out, "\n%*s", FINDING_INDENT, "");
			column = 0;
		} else if (!begin) {
			(void)fputc(' ', out);
			column++;
		}
		(void)fprintf(out, "%.*s", (int)len, s);
		column += len;
		s += len;
		while (*s == ' ')
			s++;
	}
	if (*margin != '\0' && column <= first)
		(void)fprintf(out, "%*s", (int)(room - column), margin);
	(void)fputc('\n', out);
}

static char *
finding_escape(const char *s)
{
	struct text t;

	text_init(&t, FINDING_TEXT_MAX);
	escape_terminal(&t, s);
	return text_take(&t);
}

static int
finding_print_one(const struct finding *f, FILE *out)
{
	static const struct {
		const char *word;
		enum print_paint paint;
	} looks[] = {
		[FINDING_OK] = { "ok", PRINT_GOOD },
		[FINDING_NOTE] = { "note", PRINT_PLAIN },
		[FINDING_WARN] = { "WARN", PRINT_ODD },
		[FINDING_FAIL] = { "FAIL", PRINT_BAD },
	};
	char *fact = finding_escape(f->fact), *fix = finding_escape(f->fix);
	int ret = fact == NULL || fix == NULL ? -1 : 0;

	if (ret == 0) {
		const char *word = looks[f->severity].word;
		print_word(out, looks[f->severity].paint, word);
		(void)fprintf(out, "%*s",
		    (int)(FINDING_INDENT - strlen(word)), "");
		finding_wrap(fact, f->key, out);
	}
	if (ret == 0 && *fix != '\0') {
		(void)fprintf(out, "%*s", FINDING_INDENT, "");
		finding_wrap(fix, "", out);
	}
	free(fact);
	free(fix);
	return ret;
}

static void
finding_print_json(const struct finding *f, struct print *p)
{
	print_text(p, f->key);
	print_text(p, finding_severity_name(f->severity));
	print_text(p, f->subject[0] == '\0' ? NULL : f->subject);
	print_text(p, f->family == IP_4 ? "ipv4" : f->family == IP_6 ? "ipv6"
	    : NULL);
	print_text(p, f->fact);
	print_text(p, f->fix[0] == '\0' ? NULL : f->fix);
	print_row(p);
}

int
findings_print(const struct findings *f, enum finding_severity at_least,
    FILE *out, enum print_form form)
{
	struct print *json = NULL;
	int ret = f->lost ? -1 : 0;

	if (form == PRINT_JSON) {
		json = print_begin(out, PRINT_JSON, finding_columns,
		    sizeof finding_columns / sizeof *finding_columns);
		if (json == NULL)
			return -1;
	}
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].severity < at_least)
			continue;
		if (json != NULL)
			finding_print_json(&f->v[i], json);
		else if (finding_print_one(&f->v[i], out) != 0)
			ret = -1;
	}
	if (json != NULL && print_end(&json) != 0)
		ret = -1;
	return ret;
}

void
findings_join(struct findings *f, struct findings *from)
{
	for (size_t i = 0; i < from->n; i++)
		findings_add(f, from->v[i].severity, from->v[i].key,
		    from->v[i].subject, from->v[i].family, from->v[i].fix,
		    "%s", from->v[i].fact);
	f->lost = f->lost || from->lost;
	findings_free(from);
}

void
findings_send(const struct findings *f, FILE *out)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->v[i];

		/* Each text with the NUL that ends it. */
		(void)fprintf(out, "%d%c%d%c%s%c%s%c%s%c%s%c",
		    (int)one->severity, 0, (int)one->family, 0, one->key, 0,
		    one->subject, 0, one->fact, 0, one->fix, 0);
	}
}

/* The next text of those that end with a NUL; NULL where none is left. */
static const char *
next_text(const char **data, size_t *len)
{
	const char *text = *data;
	const char *end = memchr(text, '\0', *len);

	if (end == NULL)
		return NULL;
	*len -= (size_t)(end + 1 - text);
	*data = end + 1;
	return text;
}

/* The constant that a key is, or NULL. */
static const char *
key_of(const char *name)
{
	for (const struct word *w = words; w->word != NULL; w++)
		if (strcmp(w->word, name) == 0)
			return w->word;
	return NULL;
}

int
findings_take(struct findings *f, const char *data, size_t len)
{
	enum { SEVERITY, FAMILY, KEY, SUBJECT, FACT, FIX, TEXTS };

	for (unsigned n = 0; len > 0 && n < FINDINGS_TAKEN_MAX; n++) {
		const char *text[TEXTS];
		const char *key;
		long long severity;
		long long family;

		for (int i = 0; i < TEXTS; i++) {
			text[i] = next_text(&data, &len);
			if (text[i] == NULL)
				return -1;
		}
		key = key_of(text[KEY]);
		if (key == NULL || text_number(text[SEVERITY], FINDING_OK,
		    FINDING_FAIL, &severity) != 0 || text_number(text[FAMILY],
		    IP_NONE, IP_6, &family) != 0 || (family != IP_NONE &&
		    family != IP_4 && family != IP_6))
			return -1;
		findings_add(f, (enum finding_severity)severity, key,
		    text[SUBJECT], (enum ip_family)family, text[FIX], "%s",
		    text[FACT]);
	}
	return len == 0 ? 0 : -1;
}

void
findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].subject);
		free(f->v[i].fact);
		free(f->v[i].fix);
	}
	free(f->v);
	*f = (struct findings){ 0 };
}
