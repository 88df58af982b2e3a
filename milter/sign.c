/* SPDX-License-Identifier: ISC */
/*
 * The signatures of one message (RFC 6376, 8301, 8463), made by libopendkim
 * with one handle for each key. sign_rules.c determines once how they are
 * made.
 *
 * The library gets only the fields to cover, so that it covers every field it
 * sees; h= consists of their names in the message's order, followed by the
 * oversigned names. This avoids what it does with lists of its own (a regular
 * expression in 1 KiB; a broken signature if a name is oversigned and present,
 * but not listed) and with field names of unusual bytes. It reads at most
 * H_MAX bytes of h=, both when signing and when verifying: if the names of all
 * fields do not fit, fields of lesser weight are left out, all of a name or
 * none, and a name that is left out is not oversigned either.
 *
 * Folds are converted from LF to CRLF here, because the library's own
 * conversion truncates long fields. A handle that failed is never asked to
 * free itself, because some failure paths free twice; the arena frees its
 * memory, and what it held of OpenSSL's is lost.
 *
 * In relaxed form libopendkim treats VT, FF and a bare CR in a field as white
 * space, unlike all other verifiers. A message with such fields is signed in
 * simple form, which all read alike.
 *
 * BUGS: libopendkim's relaxed form of a body loses a bare CR, its simple form
 * a bare LF (which Postfix never has); other verifiers do not. Such messages
 * are signed anyway, and reported as fragile.
 */
#include "sign.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include <opendkim/dkim.h>

#include "arena.h"
#include "keycache.h"
#include "wire.h"

enum {
	H_MAX = DKIM_MAXHEADER - 1,	/* bytes of h= that libopendkim reads */
	/* RFC 5322 2.1.1: Postfix breaks longer */
	LINE_BYTES_MAX = 998,
	H_ONE_LINE = 400,		/* h= of a field that is one line */
};

#define FIELD_START "DKIM-Signature: "

struct field {
	const char *name;	/* borrowed until sign_end_headers() */
	const char *value;
	size_t rule;
};

/* The fields of one rule in this message. */
struct tally {
	size_t fields;
	bool tab;		/* one has a tab before its colon */
};

struct one {
	const struct key *key;
	DKIM *dkim;		/* from the end of headers until it is done */
	char *value;
};

struct sign {
	const struct sign_rules *rules;
	char *domain;
	char *id;
	struct one *one;	/* a signature for each key */
	size_t n;
	struct arena arena;

	struct field *field;
	size_t nfields;
	size_t room;		/* allocated room for fields */
	struct tally *tally;	/* one for each rule */
	bool *left_out;		/* likewise */
	enum canonicalization header_canon;
	size_t h_bytes;		/* of h=, once it is known */
	DKIM_LIB *short_lib;	/* for this message alone, or NULL */

	bool handed_out;	/* a parsed key was requested */
	unsigned fragile;
	size_t line;		/* length of the body's current line */
	struct wire_tail tail;
};

static const struct { enum sign_fragile bit; const char *word; } fragiles[] = {
	{ FRAGILE_8BIT, "8bit" },
	{ FRAGILE_LONG_LINE, "long-line" },
	{ FRAGILE_CONTROL, "control" },
};

static int
no_memory(struct err *err)
{
	return err_set(err, EXIT_TEMPORARY, "out of memory for signing");
}

static dkim_canon_t
canon(enum canonicalization c)
{
	switch (c) {
	case CANON_SIMPLE:
		return DKIM_CANON_SIMPLE;
	case CANON_RELAXED:
		return DKIM_CANON_RELAXED;
	}
	return DKIM_CANON_RELAXED;
}

void
sign_fragile_words(unsigned fragile, struct text *out)
{
	const char *comma = "";

	for (size_t i = 0; i < sizeof fragiles / sizeof *fragiles; i++)
		if ((fragile & fragiles[i].bit) != 0) {
			text_addf(out, "%s%s", comma, fragiles[i].word);
			comma = ",";
		}
}

struct sign *
sign_open(const struct sign_rules *rules, const char *domain,
    const struct key *const *keys, size_t nkeys, const char *id,
    struct err *err)
{
	struct sign *s = calloc(1, sizeof *s);

	if (s == NULL) {
		no_memory(err);
		return NULL;
	}
	arena_init(&s->arena);
	s->rules = rules;
	s->n = nkeys;
	s->one = calloc(nkeys, sizeof *s->one);
	s->tally = calloc(rules->n, sizeof *s->tally);
	s->left_out = calloc(rules->n, sizeof *s->left_out);
	s->domain = strdup(domain);
	s->id = strdup(id);
	if (s->one == NULL || s->tally == NULL || s->left_out == NULL ||
	    s->domain == NULL || s->id == NULL) {
		no_memory(err);
		sign_free(&s);
		return NULL;
	}
	for (size_t i = 0; i < nkeys; i++)
		s->one[i].key = keys[i];
	return s;
}

void
sign_count_memory(struct sign *s, struct budget *b)
{
	arena_count(&s->arena, b);
}

/* What in a covered field may break in transit. */
static unsigned
field_fragile(const char *name, const char *value)
{
	unsigned fragile = 0;
	size_t line = strlen(name) + 1;

	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\n')
			line = 0;
		else if (++line > LINE_BYTES_MAX)
			fragile |= FRAGILE_LONG_LINE;
		if ((*p & 0x80) != 0)
			fragile |= FRAGILE_8BIT;
		if (*p == '\r' || *p == '\v' || *p == '\f')
			fragile |= FRAGILE_CONTROL;
	}
	return fragile;
}

/* Size of the names of a rule in h=, in bytes. */
static size_t
rule_bytes(const struct sign *s, size_t i)
{
	const struct sign_rule *rule = &s->rules->rule[i];

	return (strlen(rule->name) + 1) *
	    (s->tally[i].fields + (rule->oversigned ? 1 : 0));
}

int
sign_header(struct sign *s, const char *name, const char *value,
    struct err *err)
{
	size_t i = sign_rules_find(s->rules, name, wire_name_length(name));

	if (i == s->rules->n)
		return 0;
	s->fragile |= field_fragile(name, value);
	s->tally[i].fields++;
	if (strchr(name, '\t') != NULL)
		s->tally[i].tab = true;
	if (rule_bytes(s, i) > H_MAX)
		return 0;	/* all of this name will be left out */
	if (s->nfields == s->room) {
		size_t room = s->room == 0 ? 32 : 2 * s->room;
		size_t more = (room - s->room) * sizeof *s->field;
		struct field *v;

		if (budget_take(s->arena.budget, more) != 0)
			return no_memory(err);
		v = realloc(s->field, room * sizeof *v);
		if (v == NULL) {
			budget_give(s->arena.budget, more);
			return no_memory(err);
		}
		s->field = v;
		s->room = room;
	}
	s->field[s->nfields++] = (struct field){ name, value, i };
	return 0;
}

/* Decides the form, and which fields are covered: see wire_field() for the
 * meaning of a tab before the colon. */
static int
choose(struct sign *s, struct err *err)
{
	bool all = true;

	s->header_canon = s->rules->header_canon;
	if ((s->fragile & FRAGILE_CONTROL) != 0 && !s->tally[0].tab)
		s->header_canon = CANON_SIMPLE;

	if (s->tally[0].fields == 0)
		return err_set(err, EXIT_DATA, "the message has no From field");
	if (s->tally[0].fields > SIGN_FROM_MAX)
		return err_set(err, EXIT_DATA, "the message has %zu From "
		    "fields; at most %d can be signed", s->tally[0].fields,
		    SIGN_FROM_MAX);
	for (size_t i = 0; i < s->rules->n; i++) {
		size_t bytes = rule_bytes(s, i);
		bool readable = !s->tally[i].tab ||
		    s->header_canon == CANON_RELAXED;

		if (readable && s->h_bytes + bytes <= H_MAX) {
			s->h_bytes += bytes;
			continue;
		}
		if (i < SIGN_RULES_ALWAYS)
			return err_set(err, EXIT_DATA, "the message's %zu "
			    "fields %s cannot be covered: too many, or a tab "
			    "before the colon", s->tally[i].fields,
			    s->rules->rule[i].name);
		s->left_out[i] = true;
		all = false;
	}
	if (all)
		return 0;
	s->short_lib = sign_rules_lib(s->rules, s->left_out, err);
	return s->short_lib == NULL ? -1 : 0;
}

static int
one_failed(const struct sign *s, const struct one *one, DKIM_STAT status,
    struct err *err)
{
	const char *why = one->dkim == NULL ? NULL : dkim_geterror(one->dkim);

	if (why == NULL || *why == '\0')
		why = dkim_getresultstr(status);
	return err_set(err, EXIT_TEMPORARY, "libopendkim cannot sign for %s "
	    "with key %s: %s", s->domain, one->key->selector,
	    why == NULL ? "no reason given" : why);
}

/*
 * libopendkim folds the field of an Ed25519 signature before "b=" only when it
 * knows the signature, not when it computes the hash; in simple form that
 * matters. So the field is one line there, and if h= is too long for that,
 * this signature uses relaxed form.
 */
static int
one_open(struct sign *s, struct one *one, struct err *err)
{
	const struct sign_rules *r = s->rules;
	DKIM_STAT status = DKIM_STAT_INTERNAL;
	bool ed25519 = one->key->algorithm == KEY_ED25519;
	bool unfolded = ed25519 && s->header_canon == CANON_SIMPLE;
	enum canonicalization header_canon = s->header_canon;

	if (unfolded && s->h_bytes > H_ONE_LINE) {
		header_canon = CANON_RELAXED;
		unfolded = false;
	}

	one->dkim = dkim_sign(s->short_lib != NULL ? s->short_lib : r->lib,
	    (const unsigned char *)s->id, &s->arena,
	    (dkim_sigkey_t)one->key->pem,
	    (const unsigned char *)one->key->selector,
	    (const unsigned char *)s->domain, canon(header_canon),
	    canon(r->body_canon),
	    ed25519 ? DKIM_SIGN_ED25519SHA256 : DKIM_SIGN_RSASHA256, -1,
	    &status);
	if (one->dkim == NULL)
		return one_failed(s, one, status, err);
	if (unfolded)
		dkim_set_margin(one->dkim, 0);
	return 0;
}

static int
field_give(struct sign *s, const struct field *f, struct err *err)
{
	size_t len;
	char *text = wire_field(f->name, f->value, &len);
	int rc = 0;

	if (text == NULL)
		return no_memory(err);
	for (size_t i = 0; i < s->n && rc == 0; i++) {
		DKIM_STAT status = dkim_header(s->one[i].dkim,
		    (unsigned char *)text, len);

		if (status != DKIM_STAT_OK)
			rc = one_failed(s, &s->one[i], status, err);
		else if (budget_is_over(s->arena.budget))
			rc = no_memory(err);
	}
	free(text);
	return rc;
}

static void
free_fields(struct sign *s)
{
	free(s->field);
	budget_give(s->arena.budget, s->room * sizeof *s->field);
	s->field = NULL;
	s->nfields = s->room = 0;
}

int
sign_end_headers(struct sign *s, struct err *err)
{
	if (choose(s, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (one_open(s, &s->one[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->nfields; i++)
		if (!s->left_out[s->field[i].rule] &&
		    field_give(s, &s->field[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->n; i++) {
		DKIM_STAT status = dkim_eoh(s->one[i].dkim);

		if (status != DKIM_STAT_OK)
			return one_failed(s, &s->one[i], status, err);
	}
	free_fields(s);
	return 0;
}

/* What in the body may break in transit; keeps state between pieces. */
static void
body_look(struct sign *s, const char *bytes, size_t len)
{
	char last = s->tail.last[1];

	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];

		if (c == '\n') {
			if (last != '\r')
				s->fragile |= FRAGILE_CONTROL;
			s->line = 0;
		} else {
			if (last == '\r') {
				s->fragile |= FRAGILE_CONTROL;
				s->line++;
			}
			if (c != '\r' && ++s->line > LINE_BYTES_MAX)
				s->fragile |= FRAGILE_LONG_LINE;
			if ((c & 0x80) != 0)
				s->fragile |= FRAGILE_8BIT;
		}
		last = c;
	}
	wire_tail_add(&s->tail, bytes, len);
}

int
sign_body(struct sign *s, const void *bytes, size_t len, struct err *err)
{
	if (len == 0)
		return 0;
	body_look(s, bytes, len);
	for (size_t i = 0; i < s->n; i++) {
		DKIM_STAT status = dkim_body(s->one[i].dkim,
		    (unsigned char *)bytes, len);

		if (status != DKIM_STAT_OK)
			return one_failed(s, &s->one[i], status, err);
	}
	return 0;
}

/* Begins with a space and has no CR, as smfi_insheader() requires. */
static char *
value_new(const unsigned char *text, size_t len)
{
	char *value = malloc(len + 2);
	char *to = value;

	if (value == NULL)
		return NULL;
	*to++ = ' ';
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\r')
			*to++ = (char)text[i];
	*to = '\0';
	return value;
}

static int
one_close(struct sign *s, struct one *one, struct err *err)
{
	unsigned char *text;
	size_t len;

	keycache_begin(one->key);

	DKIM_STAT status = dkim_eom(one->dkim, NULL);
	bool handed_out = keycache_end();

	if (status == DKIM_STAT_OK)
		status = dkim_getsighdr_d(one->dkim, strlen(FIELD_START), &text,
		    &len);
	if (status != DKIM_STAT_OK)
		return one_failed(s, one, status, err);
	one->value = value_new(text, len);
	dkim_free(one->dkim);
	one->dkim = NULL;
	s->handed_out |= handed_out;
	if (handed_out && one->key->algorithm == KEY_ED25519 &&
	    s->rules->forgets)
		keycache_return(one->key);
	return one->value == NULL ? no_memory(err) : 0;
}

int
sign_close(struct sign *s, struct err *err)
{
	if (wire_tail_is_open(&s->tail) && sign_body(s, "\r\n", 2, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (one_close(s, &s->one[i], err) < 0)
			return -1;
	arena_free(&s->arena);
	return 0;
}

size_t
sign_count(const struct sign *s)
{
	return s->n;
}

const char *
sign_value(const struct sign *s, size_t i)
{
	return s->one[i].value;
}

const struct key *
sign_key(const struct sign *s, size_t i)
{
	return s->one[i].key;
}

unsigned
sign_fragile(const struct sign *s)
{
	return s->fragile;
}

bool
sign_is_short(const struct sign *s)
{
	return s->short_lib != NULL;
}

void
sign_free(struct sign **sp)
{
	struct sign *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	arena_free(&s->arena);
	for (size_t i = 0; s->one != NULL && i < s->n; i++)
		free(s->one[i].value);
	if (s->short_lib != NULL)
		dkim_close(s->short_lib);
	free(s->one);
	free(s->tally);
	free(s->left_out);
	free_fields(s);
	free(s->domain);
	free(s->id);
	free(s);
}

static int
probe_sign(const struct sign_rules *r, const struct key *key, bool *asked,
    struct err *err)
{
	struct sign *s = sign_open(r, key->domain, &key, 1, "probe", err);
	int rc = -1;

	if (s != NULL && sign_header(s, "From", " probe@probe.invalid", err) ==
	    0 && sign_end_headers(s, err) == 0 && sign_close(s, err) == 0)
		rc = 0;
	*asked = s != NULL && s->handed_out;
	sign_free(&s);
	return rc;
}

int
sign_probe(const struct sign_rules *rules, bool *cached, bool *forgets,
    struct err *err)
{
	struct keycache_probe p;
	int rc = -1;

	if (keycache_probe_new(&p, err) == 0) {
		rc = probe_sign(rules, &p.key, cached, err);
		keycache_probe_drop(&p);
		*forgets = *cached && !p.ended;
		if (*forgets)
			keycache_return(&p.key);
	}
	keycache_probe_free(&p);
	if (rc < 0)
		err_prefix(err, "a trial signature failed");
	return rc;
}
