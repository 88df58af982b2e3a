/* SPDX-License-Identifier: ISC */
/*
 * A first pass over a configuration file.
 *
 * Reads the same syntax as libconfuse (words, strings in double or single
 * quotes, braces, "=", "+=", commas, comments of all three kinds) and
 * continues after an error, so that one run reports them all. It is stricter
 * where libconfuse would surprise: a string must end on its line; ${NAME} is
 * rejected outside single quotes, since libconfuse would substitute an
 * environment variable, or nothing if it is unset; an option or title cannot
 * be given twice.
 *
 * It knows options and sections from the table, but does not look at values:
 * they are checked after libconfuse has read them. There is no include().
 */
#include "config/scan.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "config/options.h"

enum { PATH_SIZE = 128, OPTIONS_MAX = 128, NAME_SHOWN = 60 };

enum token_kind {
	TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_OPEN, TOKEN_CLOSE,
	TOKEN_IS, TOKEN_ADDS, TOKEN_COMMA, TOKEN_OTHER
};

struct token {
	enum token_kind kind;
	size_t at;		/* offset of its first byte */
	size_t end;		/* offset after its last */
	int line;
};

/* Where a body of options is. */
struct place {
	const char *path;	/* "" at the top */
	int domain;
	int key;
};

struct scanner {
	struct scan *s;
	const char *name;
	struct err_list *errors;
	size_t p;
	int line;
	struct token token;	/* the next one to look at */
	size_t last;		/* where the previous one ended */
	/* line of each option in the open sections; 0: not seen */
	int seen[OPTIONS_MAX];
	int ndomains;
	int nkeys;		/* in the open domain section */
	bool no_memory;
};

/* Adds "NAME:LINE: what: message"; what may be "". */
static void __attribute__((format(printf, 4, 5)))
fault(struct scanner *sc, int line, const char *what, const char *fmt, ...)
{
	char text[512];
	struct err err = { 0 };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(&err, EXIT_CONFIG, "%s:%d: %.*s%s%s", sc->name, line,
	    NAME_SHOWN, what, what[0] == '\0' ? "" : ": ", text);
	err_list_add(sc->errors, &err);
}

/* Overwrites a range with spaces, except for line breaks. */
static void
blank(struct scanner *sc, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (sc->s->text[i] != '\n')
			sc->s->text[i] = ' ';
}

static bool
is_at(const struct scanner *sc, const char *s)
{
	size_t len = strlen(s);

	return sc->s->len - sc->p >= len &&
	    memcmp(sc->s->text + sc->p, s, len) == 0;
}

static void
skip_comment(struct scanner *sc)
{
	size_t from = sc->p;
	int line = sc->line;
	const char *text = sc->s->text;

	if (is_at(sc, "/*")) {
		sc->p += 2;
		while (sc->p < sc->s->len && !is_at(sc, "*/"))
			sc->line += text[sc->p++] == '\n';
		if (sc->p < sc->s->len) {
			sc->p += 2;
		} else {
			fault(sc, line, "", "comment not closed: \"*/\" is "
			    "missing");
			sc->s->faults++;
		}
	} else {
		while (sc->p < sc->s->len && text[sc->p] != '\n')
			sc->p++;
	}
	blank(sc, from, sc->p);
}

static void
skip_space(struct scanner *sc)
{
	while (sc->p < sc->s->len) {
		char c = sc->s->text[sc->p];
		if (c == '#' || is_at(sc, "//") || is_at(sc, "/*"))
			skip_comment(sc);
		else if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			sc->line += sc->s->text[sc->p++] == '\n';
		else
			break;
	}
}

static void
read_string(struct scanner *sc, char quote)
{
	const char *text = sc->s->text;
	size_t len = sc->s->len;

	for (sc->p++; sc->p < len && text[sc->p] != '\n'; sc->p++) {
		if (text[sc->p] == quote) {
			sc->p++;
			return;
		}
		if (text[sc->p] == '\\' && sc->p + 1 < len &&
		    text[sc->p + 1] != '\n') {
			sc->p++;
		} else if (quote == '"' && is_at(sc, "${")) {
			fault(sc, sc->line, "", "\"${\" is not allowed in "
			    "double quotes, variables are not expanded: write "
			    "the value, or use single quotes");
			sc->s->faults++;
		}
	}
	fault(sc, sc->line, "", "string not closed on its line: %c is "
	    "missing", quote);
	sc->s->faults++;
}

static void
read_word(struct scanner *sc)
{
	const char *stop = " \t\r\n#\"'={}()+,*";

	while (sc->p < sc->s->len &&
	    strchr(stop, sc->s->text[sc->p]) == NULL) {
		if (is_at(sc, "${")) {
			fault(sc, sc->line, "", "\"${\" is not allowed here, "
			    "variables are not expanded: write the value");
			sc->s->faults++;
			/* The closing brace of ${NAME} does not close a
			 * section. */
			while (sc->p < sc->s->len &&
			    strchr("}\n", sc->s->text[sc->p]) == NULL)
				sc->p++;
			if (sc->p == sc->s->len || sc->s->text[sc->p] == '\n')
				return;
		}
		sc->p++;
	}
}

/* Reads the next token into sc->token. */
static void
next(struct scanner *sc)
{
	static const struct {
		const char *text;
		enum token_kind kind;
	} marks[] = {
		{ "{", TOKEN_OPEN }, { "}", TOKEN_CLOSE }, { "=", TOKEN_IS },
		{ "+=", TOKEN_ADDS }, { ",", TOKEN_COMMA }, { "(", TOKEN_OTHER },
		{ ")", TOKEN_OTHER }, { "*", TOKEN_OTHER }, { "+", TOKEN_OTHER },
	};

	sc->last = sc->token.end;
	skip_space(sc);
	sc->token = (struct token){ TOKEN_END, sc->p, sc->p, sc->line };
	if (sc->p == sc->s->len)
		return;
	char c = sc->s->text[sc->p];
	if (c == '"' || c == '\'') {
		sc->token.kind = TOKEN_STRING;
		read_string(sc, c);
	} else {
		sc->token.kind = TOKEN_WORD;
		for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
			if (is_at(sc, marks[i].text)) {
				sc->token.kind = marks[i].kind;
				sc->p += strlen(marks[i].text);
				break;
			}
		}
		if (sc->token.kind == TOKEN_WORD)
			read_word(sc);
	}
	sc->token.end = sc->p;
}

static bool
is_text(const struct scanner *sc)
{
	return sc->token.kind == TOKEN_WORD || sc->token.kind == TOKEN_STRING;
}

/*
 * A copy of the token's text without its quotes. Returns NULL without memory.
 */
static char *
token_text(struct scanner *sc, const struct token *t)
{
	const char *s = sc->s->text + t->at;
	size_t len = t->end - t->at;

	if (t->kind == TOKEN_STRING && len > 0) {
		bool closed = len > 1 && s[len - 1] == s[0];
		s++;
		len -= closed ? 2 : 1;
	}
	char *copy = strndup(s, len);
	if (copy == NULL)
		sc->no_memory = true;
	return copy;
}

static void
add_item(struct scanner *sc, const char *path, const char *title, int line,
    const struct place *at)
{
	struct scan *s = sc->s;

	if ((s->n & (s->n + 1)) == 0) {	/* full: sizes are 1, 3, 7, 15 ... */
		size_t size = 2 * (s->n + 1);
		void *more = realloc(s->items, size * sizeof *s->items);
		if (more == NULL) {
			sc->no_memory = true;
			return;
		}
		s->items = more;
	}
	struct scan_item item = {
		.path = strdup(path), .line = line,
		.title = title == NULL ? NULL : strdup(title),
		.domain = at->domain, .key = at->key,
	};
	if (item.path == NULL || (title != NULL && item.title == NULL)) {
		free(item.path);
		free(item.title);
		sc->no_memory = true;
		return;
	}
	s->items[s->n++] = item;
}

/* Continues with the next line, or with the end of the section. */
static void
skip_line(struct scanner *sc, int line)
{
	while (sc->token.kind != TOKEN_END && sc->token.kind != TOKEN_CLOSE &&
	    sc->token.line == line)
		next(sc);
}

/* The token is "{": continues after the matching "}". */
static void
skip_block(struct scanner *sc, const char *what)
{
	int line = sc->token.line;
	int depth = 0;

	do {
		depth += sc->token.kind == TOKEN_OPEN;
		depth -= sc->token.kind == TOKEN_CLOSE;
		next(sc);
	} while (depth > 0 && sc->token.kind != TOKEN_END);
	if (depth > 0) {
		fault(sc, line, what, "\"{\" not closed: a \"}\" is missing");
		sc->s->faults++;
	}
}

/* "name = value" where name is not an option of the table. */
static void
unknown(struct scanner *sc, const char *path, int line, const char *kind)
{
	struct nearest near;
	const char *last = strrchr(path, '.');
	const char *found = NULL;

	if (strcmp(path, "include") == 0) {
		fault(sc, line, path, "there is no include: all options are in "
		    "one file");
		return;
	}
	last = last == NULL ? path : last + 1;
	for (size_t i = 0; i < option_count && found == NULL; i++) {
		const char *known = strrchr(option_rows[i].path, '.');
		if (known != NULL && strcmp(known + 1, last) == 0)
			found = option_rows[i].path;
	}
	nearest_begin(&near, path);
	for (size_t i = 0; i < option_count; i++)
		nearest_try(&near, option_rows[i].path);
	if (nearest_found(&near) != NULL)
		found = nearest_found(&near);
	if (found != NULL)
		fault(sc, line, path, "unknown %s; did you mean %s?", kind, found);
	else
		fault(sc, line, path, "unknown %s; to list all options: "
		    "waybill config --defaults", kind);
}

/* The token after "=": reads one value or a list. */
static bool
read_value(struct scanner *sc, const char *path, bool *is_list)
{
	*is_list = sc->token.kind == TOKEN_OPEN;
	if (is_text(sc)) {
		next(sc);
		return true;
	}
	if (!*is_list) {
		fault(sc, sc->token.line, path, "the value is missing");
		return false;
	}
	int line = sc->token.line;
	next(sc);
	while (is_text(sc)) {
		next(sc);
		if (sc->token.kind == TOKEN_COMMA) {
			next(sc);
		} else if (is_text(sc)) {
			fault(sc, sc->token.line, path,
			    "a comma is missing in the list");
			sc->s->faults++;
		}
	}
	if (sc->token.kind == TOKEN_CLOSE) {
		next(sc);
		return true;
	}
	fault(sc, line, path, "list not closed: a \"}\" is missing");
	return false;
}

/* The token is "=" or "+=". */
static void
assignment(struct scanner *sc, const char *path, const struct token *name,
    const struct place *at)
{
	const struct option_row *row = option_find(path);
	bool adds = sc->token.kind == TOKEN_ADDS;
	bool is_list, good = true;

	next(sc);
	if (!read_value(sc, path, &is_list)) {
		sc->s->faults++;
		skip_line(sc, name->line);
		return;
	}
	if (row == NULL) {
		if (option_section(path) != OPTION_NO_SECTION)
			fault(sc, name->line, path, "this is a section: put "
			    "its options in { } after the name");
		else
			unknown(sc, path, name->line, "option");
		blank(sc, name->at, sc->last);
		return;
	}
	int *seen = &sc->seen[row - option_rows];
	if (*seen != 0) {
		fault(sc, name->line, path, "given twice, first on line %d: "
		    "keep one of them", *seen);
		good = false;
	} else if (row->kind != OPTION_LIST && (is_list || adds)) {
		fault(sc, name->line, path, "takes one value, not a list");
		good = false;
	}
	if (good) {
		*seen = name->line;
		add_item(sc, path, NULL, name->line, at);
	} else {
		blank(sc, name->at, sc->last);
	}
}

/* Finds the section with the same title in the same place. */
static const struct scan_item *
same_title(const struct scanner *sc, const char *path, const char *title,
    int domain)
{
	for (size_t i = sc->s->n; i-- > 0;) {
		const struct scan_item *item = &sc->s->items[i];
		if (domain >= 0 && item->domain != domain)
			break;
		if (item->title != NULL && strcmp(item->path, path) == 0 &&
		    text_equal_fold(item->title, title))
			return item;
	}
	return NULL;
}

/* Checks the beginning of a section. Reports what is wrong with it. */
static bool
section_is_good(struct scanner *sc, const char *path, const char *title,
    int line, const struct place *at)
{
	enum option_section kind = option_section(path);

	if (kind == OPTION_NO_SECTION) {
		if (option_find(path) != NULL)
			fault(sc, line, path, "this is an option: \"=\" is "
			    "missing after the name");
		else
			unknown(sc, path, line, "section");
		return false;
	}
	if (kind == OPTION_SECTION && title != NULL) {
		fault(sc, line, path, "this section takes no title");
		return false;
	}
	if (kind != OPTION_TITLED)
		return true;
	if (title == NULL || strchr(title, '\\') != NULL) {
		fault(sc, line, path, title == NULL ?
		    "the title is missing; example: %s \"%s\" {" :
		    "a title cannot contain \"\\\"; example: %s \"%s\" {",
		    at->domain < 0 ? "domain" : "key",
		    at->domain < 0 ? "example.org" : "2026r");
		return false;
	}
	const struct scan_item *same = same_title(sc, path, title, at->domain);
	if (same != NULL)
		fault(sc, line, path, "\"%s\" is given twice, first on line "
		    "%d: keep one of them", title, same->line);
	return same == NULL;
}

/* Forgets which options of a section were seen. */
static void
forget(struct scanner *sc, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < option_count; i++)
		if (strncmp(option_rows[i].path, path, len) == 0 &&
		    option_rows[i].path[len] == '.')
			sc->seen[i] = 0;
}

static void body(struct scanner *sc, const struct place *at, int open_line);

/* The token is a title or "{". */
static void
section(struct scanner *sc, const char *path, const struct token *name,
    const struct place *at)
{
	char *title = NULL;

	if (is_text(sc)) {
		title = token_text(sc, &sc->token);
		next(sc);
	}
	if (sc->token.kind != TOKEN_OPEN) {
		fault(sc, name->line, path, option_find(path) != NULL ?
		    "\"=\" is missing after the name" :
		    "\"=\" or \"{\" is missing after the name");
		sc->s->faults++;
		skip_line(sc, name->line);
	} else if (!section_is_good(sc, path, title, name->line, at)) {
		skip_block(sc, path);
		blank(sc, name->at, sc->last);
	} else {
		struct place inner = { path, at->domain, at->key };
		if (title != NULL) {
			if (at->domain < 0) {
				inner.domain = sc->ndomains++;
				sc->nkeys = 0;
			} else {
				inner.key = sc->nkeys++;
			}
			forget(sc, path);
		}
		add_item(sc, path, title, name->line, &inner);
		int line = sc->token.line;
		next(sc);
		body(sc, &inner, line);
	}
	free(title);
}

/* The token is the name of an option or a section. */
static void
statement(struct scanner *sc, const struct place *at)
{
	struct token name = sc->token;
	char path[PATH_SIZE];
	char *text = token_text(sc, &name);

	if (text == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s%s%s", at->path,
	    at->path[0] == '\0' ? "" : ".", text);
	free(text);
	next(sc);
	if (sc->token.kind == TOKEN_IS || sc->token.kind == TOKEN_ADDS) {
		assignment(sc, path, &name, at);
	} else if (is_text(sc) || sc->token.kind == TOKEN_OPEN) {
		section(sc, path, &name, at);
	} else {
		if (option_find(path) != NULL)
			fault(sc, name.line, path,
			    "\"=\" is missing after the name");
		else
			unknown(sc, path, name.line, "option");
		sc->s->faults++;
		skip_line(sc, name.line);
	}
}

/* Reads the options of a section, up to its "}" or the end of the file. */
static void
body(struct scanner *sc, const struct place *at, int open_line)
{
	bool top = at->path[0] == '\0';

	while (!sc->no_memory) {
		if (sc->token.kind == TOKEN_END) {
			if (top)
				return;
			fault(sc, open_line, at->path, "section not closed: a "
			    "\"}\" is missing");
			sc->s->faults++;
			return;
		}
		if (sc->token.kind == TOKEN_CLOSE && !top) {
			next(sc);
			return;
		}
		if (is_text(sc)) {
			statement(sc, at);
			continue;
		}
		fault(sc, sc->token.line, "", "unexpected \"%.*s\", expected "
		    "the name of an option",
		    (int)(sc->token.end - sc->token.at),
		    sc->s->text + sc->token.at);
		sc->s->faults++;
		next(sc);
	}
}

int
scan_text(struct scan *s, const char *name, const char *text, size_t len,
    struct err_list *errors)
{
	struct scanner sc = { .s = s, .name = name, .errors = errors, .line = 1 };
	const struct place top = { "", -1, -1 };

	*s = (struct scan){ .len = len };
	s->text = malloc(len + 1);
	if (s->text == NULL)
		return -1;
	memcpy(s->text, text, len);
	s->text[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		sc.line += text[i] == '\n';
		if (text[i] == '\0') {
			fault(&sc, sc.line, "", "contains a NUL byte: this is "
			    "not a text file");
			s->faults++;
			return 0;
		}
	}
	sc.line = 1;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		blank(&sc, 0, 3);
	next(&sc);
	body(&sc, &top, 0);
	return sc.no_memory ? -1 : 0;
}

void
scan_free(struct scan *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->items[i].path);
		free(s->items[i].title);
	}
	free(s->items);
	free(s->text);
	*s = (struct scan){ 0 };
}

int
scan_line(const struct scan *s, const char *path, int domain, int key)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct scan_item *item = &s->items[i];
		if (item->domain == domain && item->key == key &&
		    strcmp(item->path, path) == 0)
			return item->line;
	}
	return 0;
}
