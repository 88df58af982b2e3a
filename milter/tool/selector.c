/* SPDX-License-Identifier: ISC */
/*
 * Is the selector of a new key taken? Two hosts that send for one domain each
 * have keys of their own, and what one publishes must not push out the other's:
 * mail that is under way, and all that the other signs, would fail.
 *
 * Not every record at the name is a key. A wildcard answers for each selector,
 * mostly with an SPF record: the record of the new key then stands in its
 * place, which is worth a note and no refusal.
 */
#include "tool/selector.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "tool/asker.h"
#include "tool/print.h"

/* A key, or what somebody meant to be one? */
static bool
is_key(const struct published_finding *f)
{
	static const char *const begins[] = { "v=dkim1", "k=", "p=" };
	const char *s = f->there + strspn(f->there, " \t\"\\");

	if ((f->notes & PUBLISHED_MALFORMED) == 0 ||
	    (f->notes & PUBLISHED_SEVERAL) != 0)
		return true;
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (text_begins_fold(s, begins[i]))
			return true;
	return false;
}

static void
note(const struct key *key, const char *what)
{
	(void)fputs("waybill: ", stderr);
	print_word(stderr, PRINT_ODD, "note");
	(void)fprintf(stderr, ": %s._domainkey.%s: %s\n", key->selector,
	    key->domain, what);
}

static int
judge(const struct key *key, const struct published_finding *f,
    struct err *err)
{
	switch (f->state) {
	case PUBLISHED_YES:
		return 0;
	case PUBLISHED_UNKNOWN:
		note(key, "DNS couldn't be asked whether this selector is "
		    "taken. Where another host signs for the domain too, look "
		    "before you publish the record");
		return 0;
	case PUBLISHED_MISSING:
		if ((f->notes & PUBLISHED_CNAME) != 0)
			note(key, "a CNAME is there that leads to no key; the "
			    "new record takes its place");
		return 0;
	case PUBLISHED_DIFFERS:
		break;
	}
	if (!is_key(f)) {
		note(key, "DNS has a record there that is no DKIM key (a "
		    "wildcard?); the new record takes its place");
		return 0;
	}
	return err_set(err, EXIT_DATA, "DNS has %s key at %s._domainkey.%s "
	    "(another mail host's?), and nothing was made: choose another "
	    "selector, as in: waybill keygen --selector %s2 %s. If nobody "
	    "signs with that key any more, take its record out of DNS first",
	    (f->notes & PUBLISHED_REVOKED) != 0 ? "a revoked" : "another",
	    key->selector, key->domain, key->selector, key->domain);
}

int
selector_ask_dns(const struct config *c, struct key *const *keys, size_t n,
    struct err *err)
{
	int64_t end = clock_ms() + SELECTOR_PATIENCE_MS;
	struct err ignored = { 0 };
	struct resolver *r = asker_resolver(c, &ignored);
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct published_finding f = { .state = PUBLISHED_UNKNOWN };

		if (r != NULL)
			asker_published_until(r, &(struct published_query){
			    .selector = keys[i]->selector,
			    .domain = keys[i]->domain,
			    .type = key_type(keys[i]->algorithm),
			    .public_base64 = keys[i]->public_base64 }, end, &f);
		rc = judge(keys[i], &f, err);
	}
	resolver_free(&r);
	return rc;
}
