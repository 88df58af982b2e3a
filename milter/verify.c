/* SPDX-License-Identifier: ISC */
/*
 * Finds out whether a valid signature of ours is on the message, with
 * libopendkim's verifier (RFC 6376, section 6), whose key queries are answered
 * from the identity table.
 *
 * The input is hostile, so the library sees little of it: DKIM-Signature
 * fields are checked here first, and only the few that could be ours are
 * passed to it, with the fields that they name, and of those only as many from
 * the bottom as they can reach. Foreign signatures are neither tried nor
 * counted. One that covers DKIM-Signature fields, has an l= or more names than
 * the library's buffer holds is not ours. The library tolerates what other
 * verifiers reject: other bytes among base64, CR, VT and FF as white space, a
 * CR or LF alone. With any of these, no signature counts as valid. The
 * library's handle is never asked to free itself: its memory is in the arena,
 * and it holds nothing else.
 *
 * BUGS: a public RSA key of over 5,000 bits does not fit the library's buffer,
 * so its signatures never count.
 */
#include "verify.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <sys/types.h>

#include <opendkim/dkim.h>

#include "arena.h"
#include "base/domain.h"
#include "base/taglist.h"
#include "base/text.h"
#include "signature.h"
#include "wire.h"

struct verify_rules {
	const struct identity_table *table;
	DKIM_LIB *lib;
};

struct field {
	const char *name;	/* borrowed until verify_end_headers() */
	const char *value;
	bool candidate;
};

/* A name in the h= of a candidate, and how many fields with it to pass on. */
struct wanted {
	const char *name;	/* points into a taglist */
	size_t len;
	size_t fields;
};

struct verify {
	const struct verify_rules *rules;
	const struct key *const *keys;	/* that count; borrowed */
	size_t nkeys;
	char *id;
	struct arena arena;
	DKIM *dkim;		/* NULL when there is nothing to verify */
	struct field *field;
	size_t nfields;
	size_t room;		/* allocated room for fields */
	struct taglist tags[VERIFY_TRIES_MAX];	/* of the candidates */
	size_t tries;
	bool failed;		/* nothing holds: no memory, or a name that
				   other verifiers stop at */
	char last;		/* last byte of the body, for line ends */
	struct wire_tail tail;
};

static bool
is_signature(const char *name)
{
	return text_begins_fold(name, "DKIM-Signature") &&
	    wire_name_length(name) == strlen("DKIM-Signature");
}

/* The key that d= and s= name; NULL: none of this host's. */
static const struct key *
key_of(const struct verify_rules *r, const char *d, const char *s)
{
	char domain[DOMAIN_SIZE];

	if (domain_to_ascii(d, domain) < 0)
		return NULL;

	const struct identity *identity = identity_find(r->table, domain);

	if (identity == NULL || strcmp(identity->domain, domain) != 0)
		return NULL;
	for (size_t i = 0; i < identity->nkeys; i++)
		if (text_equal_fold(identity->keys[i]->selector, s))
			return identity->keys[i];
	return NULL;
}

static bool
covers_signatures(const char *h)
{
	static const char self[] = "DKIM-Signature";
	const char *name;
	size_t len;

	while ((name = signature_next_name(&h, &len)) != NULL)
		if (len == strlen(self) && strncasecmp(name, self, len) == 0)
			return true;
	return false;
}

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s > '~')
			return false;
	}
	return true;
}

/* Reads value into tags, which the caller frees in either case. Returns the
 * key that the signature names, or NULL if it cannot be ours. */
static const struct key *
candidate_read(const struct verify_rules *r, const char *value,
    struct taglist *tags)
{
	if (!signature_read(value, tags) || !is_ascii(value))
		return NULL;

	const char *h = taglist_value(tags, "h");
	const char *x = taglist_value(tags, "x");
	long long expires;

	if (taglist_value(tags, "l") != NULL || strlen(h) >= DKIM_MAXHEADER ||
	    covers_signatures(h))
		return NULL;
	if (x != NULL && (text_number(x, 0, INT64_MAX, &expires) < 0 ||
	    expires <= (long long)time(NULL)))
		return NULL;

	const struct key *key = key_of(r, taglist_value(tags, "d"),
	    taglist_value(tags, "s"));

	return key != NULL && strcmp(taglist_value(tags, "a"),
	    key_signature_algorithm(key->algorithm)) == 0 ? key : NULL;
}

/* A name that ends at the colon. With others some verifiers stop, or treat
 * them as the end of the header (RFC 5322, 4.5 allows blanks there). */
static bool
is_name(const char *name)
{
	for (const char *p = name; *p != '\0'; p++) {
		if (*p < '!' || *p > '~')
			return false;
	}
	return true;
}

/* Bytes that the library's relaxed form treats as white space, and others do
 * not (RFC 5234: WSP is space and tab). Folds are LF here. */
static bool
has_odd_bytes(const char *value)
{
	return strpbrk(value, "\r\v\f") != NULL;
}

/* Returns true if the key counts for this message. */
static bool
counts(const struct verify *v, const struct key *key)
{
	for (size_t i = 0; i < v->nkeys; i++) {
		if (v->keys[i] == key)
			return true;
	}
	return false;
}

/* Answers libopendkim's query for a key. */
static DKIM_CBSTAT
answer_key(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
	const struct verify *v = dkim_get_user_context(dkim);
	const struct key *key = key_of(v->rules,
	    (const char *)dkim_sig_getdomain(sig),
	    (const char *)dkim_sig_getselector(sig));
	dkim_alg_t algorithm;

	if (key == NULL || !counts(v, key) ||
	    dkim_sig_getsignalg(sig, &algorithm) != DKIM_STAT_OK ||
	    algorithm != (key->algorithm == KEY_ED25519 ?
	    DKIM_SIGN_ED25519SHA256 : DKIM_SIGN_RSASHA256))
		return DKIM_CBSTAT_NOTFOUND;

	int n = snprintf((char *)buf, size, "k=%s; p=%s",
	    key_type(key->algorithm), key->public_base64);

	return n > 0 && (size_t)n < size ? DKIM_CBSTAT_CONTINUE :
	    DKIM_CBSTAT_NOTFOUND;
}

struct verify_rules *
verify_rules_new(const struct identity_table *table, struct err *err)
{
	/* without it, a From that the library cannot read ends everything */
	unsigned flags = DKIM_LIBFLAGS_BADSIGHANDLES;
	struct verify_rules *r = calloc(1, sizeof *r);

	if (r != NULL) {
		r->table = table;
		r->lib = dkim_init(arena_take, arena_give);
		if (r->lib != NULL &&
		    dkim_options(r->lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS,
		    &flags, sizeof flags) == DKIM_STAT_OK &&
		    dkim_set_key_lookup(r->lib, answer_key) == DKIM_STAT_OK)
			return r;
	}
	verify_rules_free(&r);
	err_set(err, EXIT_UNAVAILABLE, "cannot set up libopendkim for "
	    "verifying: it rejects an option, or there is no memory");
	return NULL;
}

void
verify_rules_free(struct verify_rules **rules)
{
	struct verify_rules *r = *rules;

	*rules = NULL;
	if (r != NULL && r->lib != NULL)
		dkim_close(r->lib);
	free(r);
}

bool
verify_is_candidate(const struct verify_rules *rules, const char *value)
{
	struct taglist tags;
	bool is = candidate_read(rules, value, &tags) != NULL;

	taglist_free(&tags);
	return is;
}

struct verify *
verify_open(const struct verify_rules *rules, const struct key *const *keys,
    size_t nkeys, const char *id, struct err *err)
{
	struct verify *v = calloc(1, sizeof *v);

	if (v != NULL) {
		arena_init(&v->arena);
		v->rules = rules;
		v->keys = keys;
		v->nkeys = nkeys;
		v->id = strdup(id);
		if (v->id != NULL)
			return v;
		free(v);
	}
	err_set(err, EXIT_TEMPORARY, "out of memory for verifying");
	return NULL;
}

void
verify_count_memory(struct verify *v, struct budget *b)
{
	arena_count(&v->arena, b);
}

static void
free_fields(struct verify *v)
{
	free(v->field);
	budget_give(v->arena.budget, v->room * sizeof *v->field);
	v->field = NULL;
	v->nfields = v->room = 0;
}

void
verify_header(struct verify *v, const char *name, const char *value)
{
	struct field f = { name, value, false };

	if (!is_name(name))
		v->failed = true;
	if (v->nfields == v->room) {
		size_t room = v->room == 0 ? 64 : 2 * v->room;
		size_t more = (room - v->room) * sizeof *v->field;
		struct field *field;

		if (budget_take(v->arena.budget, more) != 0) {
			v->failed = true;
			return;
		}
		field = realloc(v->field, room * sizeof *field);
		if (field == NULL) {
			budget_give(v->arena.budget, more);
			v->failed = true;
			return;
		}
		v->field = field;
		v->room = room;
	}
	if (is_signature(name)) {
		if (v->tries == VERIFY_TRIES_MAX)
			return;
		f.candidate = counts(v, candidate_read(v->rules, value,
		    &v->tags[v->tries]));
		if (!f.candidate) {
			taglist_free(&v->tags[v->tries]);
			return;
		}
		v->tries++;
	}
	v->field[v->nfields++] = f;
}

static int
wanted_compare(const void *one, const void *other)
{
	const struct wanted *a = one;
	const struct wanted *b = other;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return strncasecmp(a->name, b->name, a->len);
}

/* The names of all candidates, sorted, each once, with the number of fields
 * that all of them together can reach. NULL without memory. */
static struct wanted *
wanted_new(const struct verify *v, size_t *n)
{
	size_t room = (size_t)VERIFY_TRIES_MAX * (SIGNATURE_MAX / 2 + 1);
	struct wanted *w = calloc(room, sizeof *w);
	const char *name;
	size_t len;

	*n = 0;
	if (w == NULL)
		return NULL;
	for (size_t i = 0; i < v->tries; i++) {
		const char *h = taglist_value(&v->tags[i], "h");

		while (*n < room && (name = signature_next_name(&h, &len)) != NULL)
			w[(*n)++] = (struct wanted){ name, len, 1 };
	}
	qsort(w, *n, sizeof *w, wanted_compare);

	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (kept > 0 && wanted_compare(&w[kept - 1], &w[i]) == 0)
			w[kept - 1].fields++;
		else
			w[kept++] = w[i];
	*n = kept;
	return w;
}

/* Sets the name of each field that no candidate reaches to NULL. Returns -1 if
 * no signature can be valid: a covered field has odd bytes, or there is no
 * memory. */
static int
unreached_drop(struct verify *v)
{
	size_t n;
	struct wanted *w = wanted_new(v, &n);
	int rc = 0;

	if (w == NULL)
		return -1;
	for (size_t i = v->nfields; i-- > 0 && rc == 0;) {
		struct field *f = &v->field[i];
		struct wanted key = { f->name, wire_name_length(f->name), 0 };

		if (f->candidate)
			continue;

		struct wanted *found = bsearch(&key, w, n, sizeof *w,
		    wanted_compare);

		if (found == NULL || found->fields == 0) {
			f->name = NULL;
			continue;
		}
		found->fields--;
		if (has_odd_bytes(f->value))
			rc = -1;
	}
	free(w);
	return rc;
}

static int
field_give(struct verify *v, const struct field *f)
{
	size_t len;
	char *text = wire_field(f->name, f->value, &len);

	if (text == NULL)
		return -1;

	/* if the library rejects odd fields, it is right not to verify */
	DKIM_STAT status = dkim_header(v->dkim, (unsigned char *)text, len);

	free(text);
	return status == DKIM_STAT_NORESOURCE ||
	    budget_is_over(v->arena.budget) ? -1 : 0;
}

/*
 * Returns true if any signature has passed so far; at the end, with its body.
 */
static bool
any_holds(const struct verify *v, bool at_end)
{
	DKIM_SIGINFO **sig;
	int n;

	if (dkim_getsiglist(v->dkim, &sig, &n) != DKIM_STAT_OK)
		return false;
	for (int i = 0; i < n; i++) {
		if ((dkim_sig_getflags(sig[i]) & DKIM_SIGFLAG_PASSED) == 0 ||
		    dkim_sig_gettagvalue(sig[i], false,
		    (unsigned char *)"l") != NULL)
			continue;
		if (!at_end || (dkim_sig_getbh(sig[i]) == DKIM_SIGBH_MATCH &&
		    dkim_sig_geterror(sig[i]) == DKIM_SIGERROR_OK))
			return true;
	}
	return false;
}

static bool
headers_hold(struct verify *v)
{
	DKIM_STAT status;

	if (v->failed || v->tries == 0 || unreached_drop(v) < 0)
		return false;
	v->dkim = dkim_verify(v->rules->lib, (const unsigned char *)v->id,
	    &v->arena, &status);
	if (v->dkim == NULL ||
	    dkim_set_user_context(v->dkim, v) != DKIM_STAT_OK)
		return false;
	for (size_t i = 0; i < v->nfields; i++)
		if (v->field[i].name != NULL &&
		    field_give(v, &v->field[i]) < 0)
			return false;
	return dkim_eoh(v->dkim) == DKIM_STAT_OK && any_holds(v, false);
}

bool
verify_end_headers(struct verify *v)
{
	bool hold = headers_hold(v);

	if (!hold)
		v->dkim = NULL;
	for (size_t i = 0; i < v->tries; i++)
		taglist_free(&v->tags[i]);
	v->tries = 0;
	free_fields(v);
	return hold;
}

/* Returns true if there is a CR or LF that is not part of a CRLF. */
static bool
has_bare_end(struct verify *v, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((v->last == '\r') != (bytes[i] == '\n'))
			return true;
		v->last = bytes[i];
	}
	return false;
}

void
verify_body(struct verify *v, const void *bytes, size_t len)
{
	if (len == 0 || v->dkim == NULL)
		return;
	if (has_bare_end(v, bytes, len)) {
		v->dkim = NULL;
		return;
	}
	wire_tail_add(&v->tail, bytes, len);
	if (dkim_body(v->dkim, (unsigned char *)bytes, len) != DKIM_STAT_OK)
		v->dkim = NULL;
}

bool
verify_close(struct verify *v)
{
	if (wire_tail_is_open(&v->tail))
		verify_body(v, "\r\n", 2);
	return v->dkim != NULL && dkim_eom(v->dkim, NULL) == DKIM_STAT_OK &&
	    any_holds(v, true);
}

void
verify_free(struct verify **vp)
{
	struct verify *v = *vp;

	*vp = NULL;
	if (v == NULL)
		return;
	arena_free(&v->arena);
	for (size_t i = 0; i < v->tries; i++)
		taglist_free(&v->tags[i]);
	free_fields(v);
	free(v->id);
	free(v);
}
