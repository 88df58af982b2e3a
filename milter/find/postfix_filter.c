/* SPDX-License-Identifier: ISC */
/*
 * A content filter takes mail out of Postfix and returns it, mostly over
 * loopback: a stranger's mail then comes from 127.0.0.1, and whoever trusts
 * that address would sign it. This looks at Postfix's configuration, not at
 * where the filter sends mail: a filter may do anything. Tables that are not
 * files (SQL, LDAP, sockets) are not queried. For an indexed file its source
 * is read, otherwise the index itself, which contains the actions verbatim. A
 * file that cannot be read is assumed to contain a FILTER.
 */
#include "find/postfix_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { FILTER_TABLE_MAX = 32 * 1024 * 1024, FILTER_PATH_MAX = 1024 };

/* Parameters that contain actions or name tables of actions: postconf(5)
 * allows FILTER in access(5) and header_checks(5). */
static const char *const filter_lists[] = {
	"smtpd_client_restrictions", "smtpd_helo_restrictions",
	"smtpd_sender_restrictions", "smtpd_relay_restrictions",
	"smtpd_recipient_restrictions", "smtpd_data_restrictions",
	"smtpd_end_of_data_restrictions", "smtpd_etrn_restrictions",
	"header_checks", "mime_header_checks", "nested_header_checks",
	"body_checks", "milter_header_checks",
};

/* Types of tables that are files; those of the first row have an index. */
static const char *const filter_indexed[] = {
	"hash", "btree", "lmdb", "cdb", "dbm", "sdbm",
};
static const char *const filter_files[] = {
	"texthash", "regexp", "pcre", "cidr",
};
static const char *const filter_suffixes[] = {
	".db", ".lmdb", ".cdb", ".dir", ".pag",
};

static bool
filter_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

/* Returns true if "transport:destination" begins here, after blanks. */
static bool
filter_has_argument(const char *s, const char *end)
{
	const char *begin = s;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s == begin)
		return false;
	for (; s < end && *s > ' '; s++)
		if (*s == ':')
			return true;
	return false;
}

/* Returns true if the text contains FILTER as an action, with its argument.
 * in_index: the byte before it means nothing, because an index packs its items
 * without gaps. */
static bool
filter_has_action(const char *s, size_t len, bool in_index)
{
	for (size_t i = 0; i + 7 <= len; i++)
		if (text_begins_fold(s + i, "filter") &&
		    filter_has_argument(s + i + 6, s + len) &&
		    (in_index || i == 0 || !filter_is_letter(s[i - 1])))
			return true;
	return false;
}

/* The same for the source of a table: lines that begin with "#" are ignored. */
static bool
filter_source_has_action(const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		const char *stop = memchr(s, '\n', (size_t)(end - s));
		size_t n = stop == NULL ? (size_t)(end - s)
		    : (size_t)(stop - s);
		if (*s != '#' && filter_has_action(s, n, false))
			return true;
		s += n + (stop != NULL);
	}
	return false;
}

/*
 * 1: it contains one, or cannot be read; 0: it does not; -1: there is no file.
 */
static int
filter_read(const char *path, bool is_index)
{
	size_t len = 0;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return -1;
	char *s = file_read(path, FILTER_TABLE_MAX, &len, NULL);
	if (s == NULL)
		return 1;
	int has = is_index ? filter_has_action(s, len, true)
	    : filter_source_has_action(s, len);
	free(s);
	return has;
}

static bool
filter_is_one_of(const char *const *list, size_t n, const char *s, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && memcmp(list[i], s, len) == 0)
			return true;
	return false;
}

/* Returns true if word is a table file ("hash:/path", "proxy:hash:/path") with
 * a FILTER. */
static bool
filter_table_has_action(const char *word)
{
	char path[FILTER_PATH_MAX];

	if (strncmp(word, "proxy:", 6) == 0)
		word += 6;
	const char *colon = strchr(word, ':');
	if (colon == NULL || colon[1] != '/')
		return false;
	size_t type_len = (size_t)(colon - word);
	bool indexed = filter_is_one_of(filter_indexed,
	    sizeof filter_indexed / sizeof *filter_indexed, word, type_len);
	if (!indexed && !filter_is_one_of(filter_files,
	    sizeof filter_files / sizeof *filter_files, word, type_len))
		return false;
	int has = filter_read(colon + 1, false);
	for (size_t i = 0; indexed && has < 0 &&
	    i < sizeof filter_suffixes / sizeof *filter_suffixes; i++) {
		if (strlen(colon + 1) + strlen(filter_suffixes[i]) >=
		    sizeof path)
			return true;
		strcpy(path, colon + 1);
		strcat(path, filter_suffixes[i]);
		has = filter_read(path, true);
	}
	return has == 1;
}

/* Remembers tables during a look at one configuration, so that no table is
 * read twice for services that share it. */
struct filter_look {
	const struct postfix *p;
	struct text *out;
	struct text_list tables;	/* without a FILTER */
};

static bool
filter_is_known(const struct filter_look *l, const char *word)
{
	for (size_t i = 0; i < l->tables.n; i++)
		if (strcmp(l->tables.v[i], word) == 0)
			return true;
	return false;
}

static void
filter_found(struct filter_look *l, const char *what,
    const struct postfix_service *s, const char *name)
{
	text_addf(l->out, "%s in %s%s%s may bring strangers' mail over "
	    "loopback", what, name, s == NULL ? "" : " of the service ",
	    s == NULL ? "" : s->name);
}

/* A list of restrictions or tables, split at every blank, comma and brace, so
 * that nested ones are examined too. */
static bool
filter_look_list(struct filter_look *l, const struct postfix_service *s,
    const char *name)
{
	char *value = postfix_value(l->p, s, name);
	bool found = false;

	if (value == NULL)
		return false;
	/* an action in the list itself: static:, inline:, regexp:{...} */
	found = filter_has_action(value, strlen(value), false);
	if (found)
		filter_found(l, "a FILTER", s, name);
	char *save = NULL;
	for (char *w = strtok_r(value, " \t\r\n,{}", &save);
	    w != NULL && !found; w = strtok_r(NULL, " \t\r\n,{}", &save)) {
		if (filter_is_known(l, w))
			continue;
		found = filter_table_has_action(w);
		if (found)
			text_addf(l->out, "%s, named in %s, contains a FILTER "
			    "(or cannot be read), which may bring strangers' "
			    "mail over loopback", w, name);
		else
			(void)text_list_add(&l->tables, w);
	}
	free(value);
	return found;
}

static bool
filter_look_lists(struct filter_look *l, const struct postfix_service *s)
{
	for (size_t i = 0; i < sizeof filter_lists / sizeof *filter_lists; i++)
		if ((s == NULL || postfix_overrides(l->p, s, filter_lists[i]))
		    && filter_look_list(l, s, filter_lists[i]))
			return true;
	char *classes = postfix_value(l->p, s, "smtpd_restriction_classes");
	const char *at = classes == NULL ? "" : classes;
	bool found = false;
	while (!found) {
		char *w = postfix_next_word(&at);
		if (w == NULL)
			break;
		found = filter_look_list(l, s, w);
		free(w);
	}
	free(classes);
	return found;
}

static bool
filter_look_value(struct filter_look *l, const struct postfix_service *s,
    const char *name, const char *what)
{
	char *value = postfix_value(l->p, s, name);
	bool found = value != NULL && *value != '\0';

	free(value);
	if (found)
		filter_found(l, what, s, name);
	return found;
}

void
postfix_filter_look(const struct postfix *p, struct text *out)
{
	struct filter_look l = {.p = p, .out = out};
	size_t n;
	const struct postfix_service *s = postfix_services(p, &n);
	bool found = filter_look_lists(&l, NULL);

	for (size_t i = 0; i < n && !found; i++) {
		bool smtpd = strcmp(s[i].command, "smtpd") == 0;
		bool feeds = smtpd || strcmp(s[i].command, "qmqpd") == 0 ||
		    strcmp(s[i].command, "pickup") == 0;

		found = (feeds && filter_look_value(&l, &s[i],
		    "content_filter", "a content filter")) ||
		    (smtpd && filter_look_value(&l, &s[i],
		    "smtpd_proxy_filter", "a proxy filter")) ||
		    ((smtpd || strcmp(s[i].command, "cleanup") == 0) &&
		    filter_look_lists(&l, &s[i]));
	}
	text_list_free(&l.tables);
}
