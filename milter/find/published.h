/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_PUBLISHED_H
#define WAYBILL_FIND_PUBLISHED_H

#include <stddef.h>

#include "base/text.h"
#include "find/resolver.h"

/*
 * A signing key against what DNS has at SELECTOR._domainkey.DOMAIN (RFC 6376
 * 3.6, RFC 8463), as a verifier would read it.
 */

/* In the order of worseness that the stamp's "worst of those that sign" needs. */
enum published_state {
	PUBLISHED_YES,
	PUBLISHED_UNKNOWN,	/* DNS is silent */
	PUBLISHED_MISSING,	/* DNS surely has none */
	PUBLISHED_DIFFERS,	/* another key, a revoked one, or none to be used */
};

/* "published", "unknown", "missing", "differs". */
const char *published_state_name(enum published_state s);

/* What else is to be said, as bits of notes. */
enum published_note {
	PUBLISHED_REVOKED = 1 << 0,	/* p= is empty */
	PUBLISHED_NO_SHA256 = 1 << 1,	/* h= without sha256 */
	PUBLISHED_NO_EMAIL = 1 << 2,	/* s= without email and * */
	PUBLISHED_TESTING = 1 << 3,	/* t=y */
	PUBLISHED_NO_SUBDOMAINS = 1 << 4,	/* t=s */
	PUBLISHED_SEVERAL = 1 << 5,	/* several TXT records */
	PUBLISHED_MALFORMED = 1 << 6,	/* no tag-list, or no key in it */
	PUBLISHED_QUOTED = 1 << 7,	/* quotes were pasted with the value */
	PUBLISHED_BROKEN_LINE = 1 << 8,	/* p= holds what isn't base64 */
	PUBLISHED_DOUBLED = 1 << 9,	/* it lies at NAME.DOMAIN.DOMAIN */
	PUBLISHED_CNAME = 1 << 10,	/* the name leads elsewhere */
	PUBLISHED_OTHER_TYPE = 1 << 11,	/* k= of another algorithm */
};

enum { PUBLISHED_THERE_SIZE = 1024 };

struct published_finding {
	enum published_state state;
	unsigned notes;
	char there[PUBLISHED_THERE_SIZE];	/* the record found, cut; "" : none.
						 * Bytes as DNS has them but for NUL */
	unsigned ttl_s;		/* how long the finding holds */
};

/* A key as published_find() takes it; copied. */
struct published_query {
	const char *selector;
	const char *domain;		/* A-label form */
	const char *type;		/* "rsa", "ed25519": the value of k= */
	const char *public_base64;	/* the value of p= */
};

/* The sentence for one note ("t=y asks verifiers to ignore failures"); a
 * constant. */
const char *published_note_text(enum published_note n);

/* Judges one record's text, len bytes, untrusted: state (never UNKNOWN or
 * MISSING) and notes. Pure. */
enum published_state published_judge(const struct published_query *q,
    const char *s, size_t len, unsigned *notes);

/*
 * Asks and calls then(arg, finding) once, from the collector or at once from
 * this thread; finding lives as long as the call. Nothing blocks. -1 without
 * memory (then isn't called).
 */
int published_find(struct resolver *r, const struct published_query *q,
    void (*then)(void *arg, const struct published_finding *f), void *arg);

#endif
