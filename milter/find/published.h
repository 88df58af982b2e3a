/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_PUBLISHED_H
#define WAYBILL_FIND_PUBLISHED_H

#include <stddef.h>

#include "base/text.h"
#include "find/resolver.h"

/*
 * Compares a signing key with the DNS record at SELECTOR._domainkey.DOMAIN
 * (RFC 6376 3.6, RFC 8463), as a verifier would read it.
 */

/* From best to worst: key= in the stamp is the worst of the keys that sign. */
enum published_state {
	PUBLISHED_YES,
	PUBLISHED_UNKNOWN,	/* DNS does not answer */
	PUBLISHED_MISSING,	/* DNS certainly has none */
	/* another key, a revoked or an unusable one */
	PUBLISHED_DIFFERS,
};

/* "published", "unknown", "missing", "differs". */
const char *published_state_name(enum published_state s);

/* Further findings, as bits of notes. */
enum published_note {
	PUBLISHED_REVOKED = 1 << 0,	/* p= is empty */
	PUBLISHED_NO_SHA256 = 1 << 1,	/* h= without sha256 */
	PUBLISHED_NO_EMAIL = 1 << 2,	/* s= without email and * */
	PUBLISHED_TESTING = 1 << 3,	/* t=y */
	PUBLISHED_NO_SUBDOMAINS = 1 << 4,	/* t=s */
	PUBLISHED_SEVERAL = 1 << 5,	/* several TXT records */
	PUBLISHED_MALFORMED = 1 << 6,	/* not a tag-list, or no key in it */
	PUBLISHED_QUOTED = 1 << 7,	/* quotes were pasted with the value */
	/* p= contains bytes that are not base64 */
	PUBLISHED_BROKEN_LINE = 1 << 8,
	/* the record is at NAME.DOMAIN.DOMAIN */
	PUBLISHED_DOUBLED = 1 << 9,
	PUBLISHED_CNAME = 1 << 10,	/* the name is a CNAME */
	PUBLISHED_OTHER_TYPE = 1 << 11,	/* k= of another algorithm */
};

enum { PUBLISHED_THERE_SIZE = 1024 };

struct published_finding {
	enum published_state state;
	unsigned notes;
	/* the record found, cut; "": none. Bytes as in DNS, except NUL */
	char there[PUBLISHED_THERE_SIZE];
	unsigned ttl_s;		/* how long the finding is valid */
};

/* The key for published_find(), which copies it. */
struct published_query {
	const char *selector;
	const char *domain;		/* A-label form */
	const char *type;		/* "rsa", "ed25519": the value of k= */
	const char *public_base64;	/* the value of p= */
};

/* Returns the sentence for one note ("t=y asks verifiers to ignore failures"),
 * a constant. */
const char *published_note_text(enum published_note n);

/* Checks the text of one record of len bytes, untrusted. Returns the state
 * (never UNKNOWN or MISSING) and notes. Pure. */
enum published_state published_judge(const struct published_query *q,
    const char *s, size_t len, unsigned *notes);

/*
 * Queries DNS and calls then(arg, finding) once, from the collector or
 * immediately from this thread; finding is valid only during the call. Never
 * blocks. Returns -1 without memory (then is not called).
 */
int published_find(struct resolver *r, const struct published_query *q,
    void (*then)(void *arg, const struct published_finding *f), void *arg);

#endif
