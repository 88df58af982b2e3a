/* SPDX-License-Identifier: ISC */
/*
 * See signing.h. Fields are split as Postfix does: the name up to the colon,
 * the value with its white space, folds as LF.
 */
#include "signing.h"

#include "base/domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <opendkim/dkim.h>

struct identity_table {
	struct identity *v;
	size_t n;
};

struct parts {
	char *text;		/* the fields, cut up */
	char **name;
	char **value;
	size_t n;
	const char *body;
	size_t body_len;
};

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "signing.c: %s failed\n", what);
		abort();
	}
}

static char *
base64(const unsigned char *bytes, int len)
{
	char *out = malloc((size_t)len * 4 / 3 + 8);

	must(out != NULL && EVP_EncodeBlock((unsigned char *)out, bytes, len) >
	    0, "base64");
	return out;
}

static char *
public_base64(EVP_PKEY *pkey, enum key_algorithm a)
{
	unsigned char raw[32];
	size_t len = sizeof raw;
	unsigned char *der = NULL;

	if (a == KEY_ED25519) {
		must(EVP_PKEY_get_raw_public_key(pkey, raw, &len) == 1, "raw");
		return base64(raw, (int)len);
	}

	int n = i2d_PUBKEY(pkey, &der);

	must(n > 0, "i2d_PUBKEY");

	char *out = base64(der, n);

	OPENSSL_free(der);
	return out;
}

struct key *
signing_key(enum key_algorithm a, const char *domain, const char *selector)
{
	struct key *key = calloc(1, sizeof *key);
	EVP_PKEY *pkey = a == KEY_RSA ?
	    EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) :
	    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;

	must(key != NULL && pkey != NULL && bio != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL,
	    NULL) == 1, "a key");
	key->pem_len = (size_t)BIO_get_mem_data(bio, &data);
	key->pem = strndup(data, key->pem_len);
	BIO_free(bio);
	key->domain = strdup(domain);
	key->selector = strdup(selector);
	key->algorithm = a;
	key->bits = a == KEY_RSA ? 2048 : 256;
	key->public_base64 = public_base64(pkey, a);
	key->pkey = pkey;
	return key;
}

void
signing_key_free(struct key **keyp)
{
	struct key *key = *keyp;

	EVP_PKEY_free(key->pkey);
	free(key->pem);
	free(key->domain);
	free(key->selector);
	free(key->public_base64);
	free(key);
	*keyp = NULL;
}

static void
words(struct text_list *list, const char *text)
{
	char *copy = strdup(text);
	char *state = NULL;

	list->v = NULL;
	list->n = 0;
	for (char *w = strtok_r(copy, " ", &state); w != NULL;
	    w = strtok_r(NULL, " ", &state))
		must(text_list_add(list, w) == 0, "a list");
	free(copy);
}

void
signing_config_lists(struct config *c, const char *headers,
    const char *oversign)
{
	words(&c->sign.headers, headers);
	words(&c->sign.oversign, oversign);
}

void
signing_config_free(struct config *c)
{
	text_list_free(&c->sign.headers);
	text_list_free(&c->sign.oversign);
}

const struct config *
signing_config(void)
{
	static char *headers[] = {
		"From", "Reply-To", "Subject", "Date", "To", "Cc", "Message-ID",
		"In-Reply-To", "References", "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding", "Sender", "List-Id",
		"List-Unsubscribe", "List-Unsubscribe-Post",
	};
	static char *oversign[] = {
		"From", "Reply-To", "Subject", "Date", "To", "Cc", "Message-ID",
		"Sender", "List-Id",
	};
	static char prefix[] = "X-Waybill-";
	static struct config c;

	c.headers.prefix = prefix;
	c.sign.header_canon = CANON_RELAXED;
	c.sign.body_canon = CANON_RELAXED;
	c.sign.headers = (struct text_list){ headers,
	    sizeof headers / sizeof *headers };
	c.sign.oversign = (struct text_list){ oversign,
	    sizeof oversign / sizeof *oversign };
	return &c;
}

/* The end of the field at p: what follows its CRLF. */
static char *
field_end(char *p, char *end)
{
	for (p++; p < end; p++)
		if (p[0] == '\n' && p[-1] == '\r' &&
		    (p + 1 == end || (p[1] != ' ' && p[1] != '\t')))
			return p + 1;
	return end;
}

static void
parts_split(struct parts *m, const char *raw, size_t len)
{
	char *p;
	char *end;

	memset(m, 0, sizeof *m);
	m->text = malloc(len + 1);
	m->name = calloc(len / 2 + 1, sizeof *m->name);
	m->value = calloc(len / 2 + 1, sizeof *m->value);
	must(m->text != NULL && m->name != NULL && m->value != NULL, "memory");
	memcpy(m->text, raw, len);
	m->text[len] = '\0';
	p = m->text;
	end = p + len;
	while (p < end && strncmp(p, "\r\n", 2) != 0) {
		char *next = field_end(p, end);
		char *colon = memchr(p, ':', (size_t)(next - p));
		size_t n = (size_t)(next - p);

		if (colon == NULL)
			break;
		*colon = '\0';
		n = (size_t)(next - colon - 1);
		n -= n >= 2 && next[-1] == '\n' && next[-2] == '\r' ? 2 : 0;

		char *from = colon + 1;
		char *to = from;

		m->name[m->n] = p;
		m->value[m->n++] = to;
		for (size_t i = 0; i < n; i++)
			if (from[i] != '\r' || i + 1 == n || from[i + 1] != '\n')
				*to++ = from[i];
		*to = '\0';
		p = next;
	}
	if (p < end && strncmp(p, "\r\n", 2) == 0)
		p += 2;
	m->body = raw + (p - m->text);
	m->body_len = (size_t)(end - p);
}

static void
parts_free(struct parts *m)
{
	free(m->text);
	free(m->name);
	free(m->value);
}

static int
give(struct sign *s, const struct parts *m, size_t chunk, struct err *err)
{
	for (size_t i = 0; i < m->n; i++)
		if (sign_header(s, m->name[i], m->value[i], err) < 0)
			return -1;
	if (sign_end_headers(s, err) < 0)
		return -1;
	for (size_t at = 0, n; at < m->body_len; at += n) {
		n = m->body_len - at;
		if (chunk != 0 && n > chunk)
			n = chunk;
		if (sign_body(s, m->body + at, n, err) < 0)
			return -1;
	}
	return sign_close(s, err);
}

/* What Postfix sends then: the fields that it makes of the values, the message,
 * and the end of its last line. */
static char *
with_signatures(const struct sign *s, const char *raw, size_t len)
{
	size_t size = len + 3;
	char *out, *to;

	for (size_t i = 0; i < sign_count(s); i++)
		size += 2 * strlen(sign_value(s, i)) + 32;
	out = malloc(size);
	must(out != NULL, "memory");
	to = out;
	for (size_t i = 0; i < sign_count(s); i++) {
		to = stpcpy(to, "DKIM-Signature:");
		for (const char *p = sign_value(s, i); *p != '\0'; p++) {
			if (*p == '\n')
				*to++ = '\r';
			*to++ = *p;
		}
		to = stpcpy(to, "\r\n");
	}
	memcpy(to, raw, len);
	strcpy(to + len, len >= 2 && memcmp(raw + len - 2, "\r\n", 2) == 0 ?
	    "" : "\r\n");
	return out;
}

char *
signing_sign(const struct sign_rules *rules, const char *domain,
    const struct key *const *keys, size_t nkeys, const char *raw, size_t len,
    size_t chunk, unsigned *fragile, struct err *err)
{
	struct sign *s = sign_open(rules, domain, keys, nkeys, "4dXk2w1zW9z",
	    err);
	struct parts m;
	char *out = NULL;

	if (s == NULL)
		return NULL;
	parts_split(&m, raw, len);
	if (give(s, &m, chunk, err) == 0)
		out = with_signatures(s, raw, len);
	if (fragile != NULL)
		*fragile = sign_fragile(s);
	parts_free(&m);
	sign_free(&s);
	return out;
}

struct known {
	const struct key *const *keys;
	size_t n;
};

static DKIM_CBSTAT
known_key(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
	const struct known *known = dkim_get_user_context(dkim);

	for (size_t i = 0; i < known->n; i++) {
		const struct key *key = known->keys[i];

		if (strcmp(key->selector, (char *)dkim_sig_getselector(sig)) !=
		    0 || strcmp(key->domain, (char *)dkim_sig_getdomain(sig)) !=
		    0)
			continue;
		snprintf((char *)buf, size, "v=DKIM1; k=%s; p=%s",
		    key->algorithm == KEY_RSA ? "rsa" : "ed25519",
		    key->public_base64);
		return DKIM_CBSTAT_CONTINUE;
	}
	return DKIM_CBSTAT_NOTFOUND;
}

size_t
signing_strangers_verdict(const char *raw, size_t len,
    const struct key *const *keys, size_t nkeys, size_t *seen)
{
	struct known known = { keys, nkeys };
	unsigned flags = DKIM_LIBFLAGS_BADSIGHANDLES;
	DKIM_LIB *lib = dkim_init(NULL, NULL);
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(lib, (unsigned char *)"stranger", NULL,
	    &status);
	char *copy = malloc(len + 1);
	char *p = copy, *end = copy + len;
	DKIM_SIGINFO **sig;
	int n = 0;
	size_t good = 0;

	dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
	    sizeof flags);
	dkim_set_key_lookup(lib, known_key);
	dkim_set_user_context(dkim, &known);
	memcpy(copy, raw, len);
	*end = '\0';
	while (p < end && strncmp(p, "\r\n", 2) != 0) {
		char *next = field_end(p, end);
		size_t field = (size_t)(next - p);

		if (next[-1] == '\n')
			field -= 2;
		dkim_header(dkim, (unsigned char *)p, field);
		p = next;
	}
	if (p < end)
		p += 2;
	dkim_eoh(dkim);
	if (p < end)
		dkim_body(dkim, (unsigned char *)p, (size_t)(end - p));
	if (p < end && (end - p < 2 || strncmp(end - 2, "\r\n", 2) != 0))
		dkim_body(dkim, (unsigned char *)"\r\n", 2);
	dkim_eom(dkim, NULL);
	if (dkim_getsiglist(dkim, &sig, &n) != DKIM_STAT_OK)
		n = 0;
	for (int i = 0; i < n; i++)
		good += (dkim_sig_getflags(sig[i]) & DKIM_SIGFLAG_PASSED) != 0
		    && dkim_sig_getbh(sig[i]) == DKIM_SIGBH_MATCH &&
		    dkim_sig_geterror(sig[i]) == DKIM_SIGERROR_OK;
	if (seen != NULL)
		*seen = (size_t)n;
	dkim_free(dkim);
	dkim_close(lib);
	free(copy);
	return good;
}

bool
signing_is_ours(const struct verify_rules *rules,
    const struct key *const *keys, size_t nkeys, const char *raw, size_t len,
    size_t chunk)
{
	struct verify *v = verify_open(rules, keys, nkeys, "4dXk2w1zW9z",
	    NULL);
	struct parts m;
	bool holds;

	must(v != NULL, "verify_open");
	parts_split(&m, raw, len);
	for (size_t i = 0; i < m.n; i++)
		verify_header(v, m.name[i], m.value[i]);
	if (verify_end_headers(v))
		for (size_t at = 0, n; at < m.body_len; at += n) {
			n = m.body_len - at;
			if (chunk != 0 && n > chunk)
				n = chunk;
			verify_body(v, m.body + at, n);
		}
	holds = verify_close(v);
	verify_free(&v);
	parts_free(&m);
	return holds;
}

struct identity_table *
signing_table(struct identity *v, size_t n)
{
	struct identity_table *t = malloc(sizeof *t);

	must(t != NULL, "memory");
	t->v = v;
	t->n = n;
	return t;
}

void
signing_table_free(struct identity_table **t)
{
	free(*t);
	*t = NULL;
}

/* Called by verify.c; this one is linked before libconfig.a's. */
const struct identity *
identity_find(const struct identity_table *t, const char *domain)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->v[i].domain, domain) == 0 ||
		    (t->v[i].subdomains &&
		    domain_is_under(domain, t->v[i].domain)))
			return &t->v[i];
	return NULL;
}
