/* SPDX-License-Identifier: ISC */
/* What is asked DNS for, by whom and how often. */
#include "base/clock.h"
#include "fake_unbound.h"
#include "find/dmarc.h"
#include "find/published.h"
#include "find/route.h"
#include "find/spf.h"
#include "inquiry.h"
#include "scratch_state.h"
#include "unit.h"

static const char zone[] =
    "example.org TXT \"v=spf1 ip4:203.0.113.7 -all\"\n"
    "_dmarc.example.org TXT \"v=DMARC1; p=quarantine\"\n"
    "two._domainkey.example.org TXT \"v=DKIM1; k=ed25519; p=AAAA\"\n"
    "example.net MX 10 mx.example.net\n"
    "example.net A 192.0.2.1\n"
    "mx.example.net A 192.0.2.2\n"
    "mx.example.net AAAA 2001:db8::2\n";

static struct key_memory *memory;

static struct state *
build(void)
{
	struct state_services services = {
		.config_path = scratch.config, .key_memory = memory };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct state *s = state_new(&services, &errors, &warnings);
	struct err err = { 0 };

	assert_non_null(s);
	assert_null(state_inquiry(s));
	fake_unbound_zone(zone);
	assert_int_equal(state_ask(s, &err), 0);
	err_list_free(&errors);
	err_list_free(&warnings);
	return s;
}

static void
end(struct state *s)
{
	state_release(&s);
	state_sweep();
}

static const void *
answer(struct fact *fact)
{
	const void *found = fact_wait(fact, clock_ms() + PATIENCE_MS);

	assert_non_null(found);
	return found;
}

static const struct identity *
ours(const struct state *s)
{
	return identity_find(state_identities(s), "example.org");
}

static void
test_kinds(void **state)
{
	struct state *s = build();
	struct inquiry *q = state_inquiry(s);
	const struct route *route;
	struct ip ip;
	struct fact *f;

	(void)state;
	f = inquiry_route(q, "example.net", false, NULL);
	route = answer(f);
	assert_int_equal(route->mxs, 1);
	assert_int_equal(route->a, 1);
	assert_int_equal(route->aaaa, 1);
	fact_done(&f);
	/* the same name without its MX is another question */
	f = inquiry_route(q, "example.net", true, NULL);
	route = answer(f);
	assert_int_equal(route->a, 1);
	assert_int_equal(route->aaaa, 0);
	fact_done(&f);

	assert_int_equal(ip_parse("203.0.113.7", &ip), 0);
	f = inquiry_spf(q, "example.org", &ip, "mail.example.org", NULL);
	assert_int_equal(((const struct spf_finding *)answer(f))->result,
	    SPF_PASS);
	fact_done(&f);
	assert_int_equal(ip_parse("203.0.113.8", &ip), 0);
	f = inquiry_spf(q, "example.org", &ip, "mail.example.org", NULL);
	assert_int_equal(((const struct spf_finding *)answer(f))->result,
	    SPF_FAIL);
	fact_done(&f);

	f = inquiry_policy(q, "example.org", NULL);
	assert_int_equal(((const struct dmarc_finding *)answer(f))->policy,
	    DMARC_POLICY_QUARANTINE);
	fact_done(&f);
	end(s);
}

/* What an identity needs. */
static const char *const names[] = { "_dmarc.example.org",
    "one._domainkey.example.org", "two._domainkey.example.org" };

/* How much was asked for of it. */
static unsigned
count_asked(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < COUNT(names); i++)
		n += fake_unbound_count(names[i], DNS_TXT);
	return n;
}

/* What an identity needs is there without anybody's asking; and one question
 * is asked once. */
static void
test_kept(void **state)
{
	const struct identity *id;
	struct inquiry *q;
	struct state *s;
	struct fact *f;

	(void)state;
	memory = key_memory_new();
	s = build();
	q = state_inquiry(s);
	id = ours(s);
	assert_int_equal(id->nkeys, 2);
	for (size_t i = 0; i < COUNT(names); i++)
		assert_true(fake_unbound_comes(names[i], DNS_TXT, 1));
	assert_int_equal(count_asked(), 3);
	f = inquiry_published(q, id->keys[0]);
	assert_int_equal(((const struct published_finding *)answer(f))->state,
	    PUBLISHED_MISSING);
	fact_done(&f);
	f = inquiry_published(q, id->keys[1]);
	assert_int_equal(((const struct published_finding *)answer(f))->state,
	    PUBLISHED_DIFFERS);
	fact_done(&f);
	f = inquiry_policy(q, "example.org", NULL);
	(void)answer(f);
	fact_done(&f);
	assert_int_equal(count_asked(), 3);
	/* each answer is noted once, however often it is read */
	for (size_t i = 0; i < 2; i++) {
		struct key_past past = key_memory_read(memory, id->keys[i]);

		assert_int_equal(past.said, i == 0 ? PUBLISHED_MISSING :
		    PUBLISHED_DIFFERS);
		assert_int_equal(past.lacks, 1);
		assert_false(past.was_seen);
	}
	end(s);
	key_memory_free(&memory);
}

static void
test_known(void **state)
{
	struct state *s = build();
	struct inquiry *q = state_inquiry(s);
	struct fact *f, *known;

	(void)state;
	assert_null(inquiry_known_route(q, "example.net", false));
	assert_int_equal(fake_unbound_count("example.net", 0), 0);
	f = inquiry_route(q, "example.net", false, NULL);
	(void)answer(f);
	known = inquiry_known_route(q, "example.net", false);
	assert_ptr_equal(known, f);
	fact_done(&known);
	fact_done(&f);
	assert_null(inquiry_known_route(q, "example.net", true));

	f = inquiry_published(q, ours(s)->keys[0]);
	(void)answer(f);
	known = inquiry_known_published(q, ours(s)->keys[0]);
	assert_non_null(known);
	fact_done(&known);
	fact_done(&f);
	end(s);
}

/* Without an inquiry, and with names that are longer than any can be. */
static void
test_nothing(void **state)
{
	static char hops[3000];
	struct state *s = build();
	struct inquiry *q = state_inquiry(s);
	struct ip ip = { 0 };

	(void)state;
	assert_null(inquiry_route(NULL, "example.net", false, NULL));
	assert_null(inquiry_known_route(NULL, "example.net", false));
	assert_null(inquiry_spf(NULL, "example.org", &ip, "x", NULL));
	assert_null(inquiry_policy(NULL, "example.org", NULL));
	assert_null(inquiry_published(NULL, ours(s)->keys[0]));
	assert_null(inquiry_known_published(NULL, ours(s)->keys[0]));
	memset(hops, 'x', sizeof hops - 1);
	assert_null(inquiry_route(q, hops, false, NULL));
	assert_null(inquiry_known_route(q, hops, false));
	end(s);
}

static int
setup(void **state)
{
	(void)state;
	scratch_make(&scratch);
	scratch_key(&scratch, "example.org", "one");
	scratch_key(&scratch, "example.org", "two");
	return 0;
}

UNIT_MAIN(setup, scratch_end,
    cmocka_unit_test(test_kinds),
    cmocka_unit_test(test_kept),
    cmocka_unit_test(test_known),
    cmocka_unit_test(test_nothing))
