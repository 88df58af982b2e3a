/* SPDX-License-Identifier: ISC */
/* A zone text, read and asked: see zone.h. Memory that a test needs is asserted,
 * not checked. */
#include "zone.h"

#include <arpa/inet.h>
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "find/resolver.h"

enum { CNAME = 5, CHAIN_MAX = 8, RDATA_MAX = 65535, TTL = 300 };
enum { NOERROR = 0, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

struct record {
	struct record *next;
	char *name;
	int type;		/* 0: every type */
	const struct outcome *outcome;	/* NULL: it has data */
	bool secure;
	unsigned ttl_s;
	size_t len;
	uint8_t *data;
};

struct zone {
	struct record *records;
};

/* What a line says in place of a type. */
static const struct outcome {
	const char *word;
	int rcode;
	bool bogus, is_silent;
} outcomes[] = {
	{ "NODATA", NOERROR, false, false },
	{ "NXDOMAIN", NXDOMAIN, false, false },
	{ "SERVFAIL", SERVFAIL, false, false },
	{ "REFUSED", REFUSED, false, false },
	{ "TIMEOUT", SERVFAIL, false, true },
	{ "BOGUS", SERVFAIL, true, false },
};

static const struct outcome *
outcome_of(const char *word)
{
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
		if (strcmp(word, outcomes[i].word) == 0)
			return &outcomes[i];
	}
	return NULL;
}

static int
type_of(const char *s)
{
	static const struct {
		const char *word;
		int type;
	} t[] = {
		{ "A", DNS_A }, { "AAAA", DNS_AAAA }, { "MX", DNS_MX },
		{ "TXT", DNS_TXT }, { "PTR", DNS_PTR }, { "TLSA", DNS_TLSA },
		{ "CNAME", CNAME },
	};

	for (size_t i = 0; s != NULL && i < sizeof t / sizeof *t; i++) {
		if (strcmp(s, t[i].word) == 0)
			return t[i].type;
	}
	return 0;
}

/* Appends a name as labels. */
static size_t
put_name(uint8_t *out, const char *name)
{
	size_t at = 0;

	while (*name != '\0' && strcmp(name, ".") != 0) {
		size_t n = strcspn(name, ".");

		assert(n > 0 && n < 64);
		out[at++] = (uint8_t)n;
		memcpy(out + at, name, n);
		at += n;
		name += n + (name[n] == '.');
	}
	out[at++] = 0;
	return at;
}

static size_t
put_strings(uint8_t *out, const char *s)
{
	size_t at = 0;

	while ((s = strchr(s, '"')) != NULL) {
		size_t start = at++;

		for (s++; *s != '"'; s++) {
			unsigned v = (unsigned char)*s;

			assert(*s != '\0');
			if (*s == '\\') {
				int used = 1;

				v = (unsigned char)s[1];
				if (v >= '0' && v <= '9')
					assert(sscanf(s + 1, "%3u%n", &v,
					    &used) == 1);
				s += used;
			}
			out[at++] = (uint8_t)v;
		}
		s++;
		assert(at - start - 1 < 256);
		out[start] = (uint8_t)(at - start - 1);
	}
	return at;
}

static size_t
put_hex(uint8_t *out, const char *s)
{
	size_t at = 0;
	unsigned v;

	for (; sscanf(s, "%2x", &v) == 1; s += 2)
		out[at++] = (uint8_t)v;
	return at;
}

static size_t
put_data(uint8_t *out, int type, char *value)
{
	char *host;
	unsigned long preference;

	if (strncmp(value, "\\# ", 3) == 0)
		return put_hex(out, value + 3);
	switch (type) {
	case DNS_A:
		assert(inet_pton(AF_INET, value, out) == 1);
		return 4;
	case DNS_AAAA:
		assert(inet_pton(AF_INET6, value, out) == 1);
		return 16;
	case DNS_MX:
		preference = strtoul(value, &host, 10);
		out[0] = (uint8_t)(preference >> 8);
		out[1] = (uint8_t)preference;
		return 2 + put_name(out + 2, host + strspn(host, " \t"));
	case DNS_TXT:
		return put_strings(out, value);
	default:
		return put_name(out, value);
	}
}

void
zone_name(const char *name, char *out, size_t size)
{
	size_t at = 0;

	for (; *name != '\0' && at + 1 < size; name++) {
		unsigned v = (unsigned char)*name;

		if (*name == '\\' && sscanf(name + 1, "%3u", &v) == 1)
			name += 3;
		if (*name != '.' || name[1] != '\0')
			out[at++] = (char)v;
	}
	out[at] = '\0';
}

/* The word of a line that says what the name has; a time to live and SECURE
 * before it are noted. */
static const char *
record_head(struct record *rec, char *line, char **save)
{
	char name[1024];
	const char *word;

	zone_name(strtok_r(line, " \t", save), name, sizeof name);
	rec->name = strdup(name);
	rec->ttl_s = TTL;
	word = strtok_r(NULL, " \t", save);
	assert(rec->name != NULL && word != NULL);
	if (*word >= '0' && *word <= '9') {
		rec->ttl_s = (unsigned)strtoul(word, NULL, 10);
		word = strtok_r(NULL, " \t", save);
		assert(word != NULL);
	}
	if (strcmp(word, "SECURE") == 0) {
		rec->secure = true;
		word = strtok_r(NULL, " \t", save);
		assert(word != NULL);
	}
	return word;
}

static void
record_add(struct record ***end, char *line)
{
	struct record *rec = calloc(1, sizeof *rec);
	static uint8_t data[RDATA_MAX];
	char *save = NULL;
	const char *word;

	assert(rec != NULL);
	word = record_head(rec, line, &save);
	rec->outcome = outcome_of(word);
	if (rec->outcome != NULL) {
		rec->type = type_of(strtok_r(NULL, " \t", &save));
	} else {
		rec->type = type_of(word);
		assert(rec->type != 0);
		rec->len = put_data(data, rec->type, save + strspn(save, " \t"));
		rec->data = malloc(rec->len + 1);
		assert(rec->data != NULL);
		memcpy(rec->data, data, rec->len);
	}
	**end = rec;
	*end = &rec->next;
}

struct zone *
zone_parse(const char *text)
{
	struct zone *z = calloc(1, sizeof *z);
	char *copy = strdup(text), *rest = copy, *line;
	struct record **end;

	assert(z != NULL && copy != NULL);
	end = &z->records;
	while ((line = strsep(&rest, "\n")) != NULL) {
		line += strspn(line, " \t");
		if (*line != '\0' && *line != ';')
			record_add(&end, line);
	}
	free(copy);
	return z;
}

void
zone_free(struct zone **zp)
{
	struct zone *z = *zp;

	if (z == NULL)
		return;
	*zp = NULL;
	while (z->records != NULL) {
		struct record *rec = z->records;

		z->records = rec->next;
		free(rec->name);
		free(rec->data);
		free(rec);
	}
	free(z);
}

/* Has a record of its own, or something below it? */
static bool
name_exists(const struct zone *z, const char *name)
{
	size_t len = strlen(name);

	for (struct record *rec = z->records; rec != NULL; rec = rec->next) {
		size_t n = strlen(rec->name);

		if (n >= len && text_equal_fold(rec->name + n - len, name) &&
		    (n == len || rec->name[n - len - 1] == '.'))
			return true;
	}
	return false;
}

static bool
wildcard_matches(const char *pattern, const char *name)
{
	size_t p = strlen(pattern), n = strlen(name);

	return pattern[0] == '*' && n >= p &&
	    text_equal_fold(name + n - (p - 1), pattern + 1);
}

static bool
record_matches(const struct zone *z, const struct record *rec,
    const char *name)
{
	return text_equal_fold(rec->name, name) ||
	    (wildcard_matches(rec->name, name) && !name_exists(z, name));
}

/* What a matching record adds to the answer; true if it is all of it. */
static bool
answer_add(struct zone_answer *a, const struct record *rec)
{
	if (rec->ttl_s < a->ttl_s)
		a->ttl_s = rec->ttl_s;
	a->rcode = NOERROR;
	if (rec->outcome != NULL) {
		a->rcode = rec->outcome->rcode;
		a->bogus = rec->outcome->bogus;
		a->is_silent = rec->outcome->is_silent;
		if (a->rcode != NOERROR && a->rcode != NXDOMAIN)
			a->ttl_s = 0;
		return true;
	}
	a->secure = rec->secure;
	if (a->n < ZONE_RECORDS_MAX) {
		a->data[a->n] = rec->data;
		a->len[a->n++] = rec->len;
	}
	return false;
}

/* Fills in what the zone says of name; the CNAME to follow, or NULL. */
static const struct record *
answer_name(const struct zone *z, const char *name, int type,
    struct zone_answer *a)
{
	const struct record *cname = NULL;
	bool is_told = false;

	a->rcode = name_exists(z, name) ? NOERROR : NXDOMAIN;
	for (const struct record *rec = z->records; rec != NULL;
	    rec = rec->next) {
		if (!record_matches(z, rec, name))
			continue;
		if (!is_told)
			a->rcode = NOERROR;
		if (rec->type == CNAME && rec->outcome == NULL)
			cname = rec;
		if (rec->type != 0 && rec->type != type)
			continue;
		is_told = true;
		if (answer_add(a, rec))
			break;
	}
	return is_told ? NULL : cname;
}

/* The name that record data holds. */
static void
name_of_labels(const uint8_t *data, char *out)
{
	size_t at = 0;

	for (const uint8_t *p = data; *p != 0; p += *p + 1) {
		memcpy(out + at, p + 1, *p);
		at += *p;
		out[at++] = '.';
	}
	out[at > 0 ? at - 1 : 0] = '\0';
}

void
zone_answer(const struct zone *z, const char *name, int type,
    struct zone_answer *out)
{
	const struct record *cname = NULL;
	char target[2 * DOMAIN_SIZE];

	memset(out, 0, sizeof *out);
	out->ttl_s = UINT_MAX;
	for (int i = 0; i < CHAIN_MAX; i++) {
		(void)snprintf(out->canonical, sizeof out->canonical, "%.253s",
		    name);
		cname = answer_name(z, name, type, out);
		if (cname == NULL) {
			if (out->ttl_s == UINT_MAX)
				out->ttl_s = TTL;
			return;
		}
		if (cname->ttl_s < out->ttl_s)
			out->ttl_s = cname->ttl_s;
		name_of_labels(cname->data, target);
		name = target;
	}
	out->rcode = SERVFAIL;		/* they go in a circle */
	out->ttl_s = 0;
}
