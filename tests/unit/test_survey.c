/* SPDX-License-Identifier: ISC */
/* What is found out of one message, by a zone and one own address,
 * 203.0.113.7. */
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "fake_unbound.h"
#include "scratch_state.h"
#include "survey.h"
#include "unit.h"

static const char zone[] =
    "example.org TXT \"v=spf1 ip4:203.0.113.7 -all\"\n"
    "_dmarc.example.org TXT \"v=DMARC1; p=reject\"\n"
    "sub.example.org TXT \"v=spf1 ip4:203.0.113.8 -all\"\n"
    "stranger.example TXT \"v=spf1 ip4:203.0.113.7 -all\"\n"
    "_dmarc.stranger.example TXT \"v=DMARC1; p=none\"\n"
    "sf.example.org SERVFAIL TXT\n"
    "_dmarc.example.net TXT \"v=DMARC1; p=none; aspf=s\"\n"
    "pool.example.net TXT \"v=spf1 ip4:203.0.113.7 -all\"\n"
    "_dmarc.corp.example TXT \"v=DMARC1; p=reject\"\n"
    "other.corp.example TXT \"v=spf1 ip4:203.0.113.7 -all\"\n"
    "*.live.example A 192.0.2.1\n";

static struct state *
build_as_written(void)
{
	struct state_services services = {
		.config_path = scratch.config };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct state *s;
	struct err err = { 0 };

	s = state_new(&services, &errors, &warnings);
	assert_non_null(s);
	fake_unbound_zone(zone);
	assert_int_equal(state_ask(s, &err), 0);
	err_list_free(&errors);
	err_list_free(&warnings);
	return s;
}

static struct state *
build(const char *lines)
{
	scratch_config(&scratch, lines);
	return build_as_written();
}

static void
end(struct state *s)
{
	state_release(&s);
	state_sweep();
}

static struct survey *
begin_of(const struct state *s, const char *mailfrom, const char *party)
{
	struct address address;
	struct survey *v;

	(void)address_path(mailfrom, &address);
	v = survey_new(s, &address, "", party, NULL);
	assert_non_null(v);
	return v;
}

static struct survey *
begin(const struct state *s, const char *mailfrom)
{
	return begin_of(s, mailfrom, "alice");
}

/* Of a message with this MAIL FROM and author: "align policy spf4 dmarc4". */
static void
find(const struct state *s, const char *mailfrom, const char *author,
    bool is_signed, char *out, size_t size)
{
	int64_t until = clock_ms() + PATIENCE_MS;
	bool is_known;

	/* what depends on the author alone isn't waited for */
	do {
		const struct survey_sender *found;
		struct survey *v = begin(s, mailfrom);

		survey_add_recipient(v, "<b@a.live.example>",
		    "a.live.example", "smtp");
		survey_find(v, author, identity_find(state_identities(s),
		    author));
		survey_judge(v, is_signed);
		found = survey_sender(v);
		snprintf(out, size, "%s %s %s %s", align_name(found->align),
		    dmarc_policy_name(found->policy),
		    spf_result_name(found->ip4.spf),
		    dmarc_verdict_name(found->ip4.dmarc));
		is_known = found->policy != DMARC_POLICY_UNKNOWN &&
		    found->align != ALIGN_UNKNOWN;
		survey_free(&v);
	} while (!is_known && clock_ms() < until &&
	    identity_find(state_identities(s), author) != NULL);
}

static void
test_sender(void **state)
{
	static const struct {
		const char *name, *mailfrom, *author, *want;
	} row[] = {
		{ "the author's own", "<a@example.org>", "example.org",
		    "strict reject pass pass" },
		{ "a subdomain of ours, which doesn't pass",
		    "<a@sub.example.org>", "example.org",
		    "relaxed reject fail fail" },
		{ "no record", "<a@none.example.org>", "example.org",
		    "relaxed reject none fail" },
		{ "DNS fails", "<a@sf.example.org>", "example.org",
		    "relaxed reject temperror unknown" },
		{ "a stranger's: not looked at", "<a@stranger.example>",
		    "example.org", "none reject unchecked fail" },
		{ "an address literal", "<a@[192.0.2.1]>", "example.org",
		    "none reject unchecked fail" },
		{ "a stranger as author", "<a@example.org>",
		    "stranger.example", "none unknown pass unknown" },
		{ "a stranger both", "<a@stranger.example>",
		    "stranger.example", "strict unknown unchecked unknown" },
		{ "another identity's, unaligned", "<a@example.org>",
		    "example.net", "none none pass fail" },
		{ "a subdomain of ours, aspf=s", "<a@pool.example.net>",
		    "example.net", "relaxed none pass fail" },
		{ "not ours, but of our author's organization",
		    "<a@other.corp.example>", "ours.corp.example",
		    "relaxed reject pass pass" },
		{ "the same, and nobody of ours is the author",
		    "<a@other.corp.example>", "stranger.example",
		    "none unknown unchecked unknown" },
		{ "no author", "<a@example.org>", "",
		    "none unknown pass unknown" },
	};
	struct state *s = build("");

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char got[100];

		print_message("%s\n", row[i].name);
		find(s, row[i].mailfrom, row[i].author, false, got,
		    sizeof got);
		assert_string_equal(got, row[i].want);
	}
	assert_int_equal(fake_unbound_count("stranger.example", 0),
	    0);
	assert_int_equal(fake_unbound_count("_dmarc.stranger.example", 0), 0);
	end(s);
}

/* Every own address is judged; where any of several may be seen, the one that
 * fares worst stands for them. */
static void
test_addresses(void **state)
{
	FILE *config = fopen(scratch.config, "w");
	int64_t until = clock_ms() + PATIENCE_MS;
	struct state *s;
	const struct survey_family *f;
	char ip[IP_SIZE];
	size_t n, known;

	(void)state;
	assert_non_null(config);
	fprintf(config, "keys = \"%s\"\nsender { postfix = \"%s/none\" "
	    "ipv4 = { \"203.0.113.7\", \"203.0.113.8\", \"10.0.0.1\" } "
	    "ipv6 = { \"none\" } }\n"
	    "resolver { servers = { \"192.0.2.53\" } }\n", scratch.keys,
	    scratch.folder);
	assert_int_equal(fclose(config), 0);
	s = build_as_written();
	do {
		struct survey *v = begin(s, "<a@example.org>");

		survey_find(v, "example.org", NULL);
		survey_judge(v, false);
		f = survey_addresses(v, &n);
		assert_int_equal(n, 3);
		known = 0;
		for (size_t i = 0; i < n; i++) {
			known += f[i].spf != SPF_TEMPERROR;
			assert_string_equal(f[i].domain, "example.org");
			if (f[i].spf == SPF_TEMPERROR)
				continue;
			(void)ip_format(&f[i].ip, ip);
			assert_int_equal(f[i].spf,
			    strcmp(ip, "203.0.113.7") == 0 ? SPF_PASS :
			    strcmp(ip, "203.0.113.8") == 0 ? SPF_FAIL :
			    SPF_UNCHECKED);
		}
		if (known == 3) {
			(void)ip_format(&survey_sender(v)->ip4.ip, ip);
			assert_string_equal(ip, "203.0.113.8");
		}
		survey_free(&v);
	} while (known < 3 && clock_ms() < until);
	assert_int_equal(known, 3);
	end(s);
}

static void
add_many(struct survey *v, size_t n, const char *parent)
{
	for (size_t i = 0; i < n; i++) {
		char arg[100], host[80];

		snprintf(host, sizeof host, "d%zu.%s", i, parent);
		snprintf(arg, sizeof arg, "<b@%s>", host);
		survey_add_recipient(v, arg, host, "smtp");
	}
}

static size_t
count_why(const struct survey *v, enum why why)
{
	size_t n, found = 0;
	const struct survey_route *r = survey_routes(v, &n);

	for (size_t i = 0; i < n; i++)
		found += r[i].prediction.why == why;
	return found;
}

/* As soon as so many are asked for that the others wait for room. */
static void *
let_go(void *arg)
{
	(void)fake_unbound_comes(NULL, DNS_MX, FACTS_UNANSWERED_MAX);
	fake_unbound_hold(false);
	return arg;
}

static void
test_destinations(void **state)
{
	struct state *s = build("resolver { wait = \"200ms\" }");
	struct survey *v = begin(s, "<a@example.org>");
	pthread_t other;
	int64_t until;
	size_t n;

	(void)state;
	/* silence: so many are asked for, and no more */
	fake_unbound_hold(true);
	add_many(v, 100, "live.example");
	assert_true(survey_is_open(v));
	survey_find(v, "example.org", NULL);
	survey_judge(v, false);
	assert_int_equal(count_why(v, WHY_TIMEOUT), FACTS_UNANSWERED_MAX);
	assert_int_equal(count_why(v, WHY_BUSY), 100 - FACTS_UNANSWERED_MAX);
	survey_free(&v);
	assert_null(v);
	fake_unbound_hold(false);
	/* what was asked is known now */
	v = begin(s, "<a@example.org>");
	add_many(v, 10, "live.example");
	until = clock_ms() + PATIENCE_MS;
	while (survey_is_open(v) && clock_ms() < until)
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	assert_false(survey_is_open(v));
	survey_free(&v);
	end(s);

	/* all are answered in the end; those beyond the bound count as one */
	s = build("resolver { wait = \"20s\" }");
	v = begin(s, "<a@example.org>");
	fake_unbound_hold(true);
	assert_int_equal(pthread_create(&other, NULL, let_go, NULL), 0);
	add_many(v, SURVEY_DESTINATIONS_MAX + 20, "live.example");
	survey_find(v, "example.org", NULL);
	survey_judge(v, false);
	pthread_join(other, NULL);
	(void)survey_routes(v, &n);
	assert_int_equal(n, SURVEY_DESTINATIONS_MAX);
	assert_int_equal(survey_destinations(v), SURVEY_DESTINATIONS_MAX + 1);
	assert_int_equal(count_why(v, WHY_BUSY) + count_why(v, WHY_TIMEOUT),
	    0);
	survey_free(&v);
	end(s);
}

/* One message to dead domains, whose sender doesn't wait. */
static void
send_dead(struct state *s, const char *party, unsigned number)
{
	struct survey *v = begin_of(s, "<m@example.org>", party);
	char parent[40];

	snprintf(parent, sizeof parent, "m%u.dead.example", number);
	add_many(v, FACTS_UNANSWERED_MAX, parent);
	survey_free(&v);
}

static void
expect_answer(struct state *s, const char *party, unsigned number)
{
	struct survey *v = begin_of(s, "<a@example.org>", party);
	char parent[40];
	size_t n;

	snprintf(parent, sizeof parent, "q%u.live.example", number);
	add_many(v, 1, parent);
	survey_find(v, "example.org", NULL);
	survey_judge(v, false);
	assert_int_equal(count_why(v, WHY_BUSY), 0);
	assert_int_equal(count_why(v, WHY_TIMEOUT), 0);
	assert_int_equal(survey_routes(v, &n)[0].prediction.family,
	    FAMILY_IPV4);
	survey_free(&v);
}

/* One user's dead domains hold no other one up, whatever the number of his
 * messages; nor do those of twenty users. */
static void
test_dead_domains(void **state)
{
	struct state *s = build("resolver { wait = \"200ms\" }");
	struct survey *v;

	(void)state;
	fake_unbound_silence(".dead.example");
	for (unsigned i = 0; i < 100; i++)
		send_dead(s, "mallory", i);
	expect_answer(s, "alice", 0);
	v = begin_of(s, "<m@example.org>", "mallory");
	add_many(v, 3, "other.live.example");
	assert_true(survey_is_open(v));
	survey_find(v, "example.org", NULL);
	survey_judge(v, false);
	assert_int_equal(count_why(v, WHY_BUSY), 3);
	survey_free(&v);
	for (unsigned i = 0; i < 38; i++) {
		char party[16];

		snprintf(party, sizeof party, "m%u", i / 2);
		send_dead(s, party, 100 + i);
	}
	expect_answer(s, "alice", 1);
	end(s);
}

/* Before DNS is asked at all, and when nothing is known. */
static void
test_without_dns(void **state)
{
	struct state_services services = {
		.config_path = scratch.config };
	struct err_list errors = { 0 }, warnings = { 0 };
	const struct identity *id;
	const struct gate_key *key;
	struct survey *v;
	struct state *s;
	size_t n;

	(void)state;
	scratch_config(&scratch, "");
	s = state_new(&services, &errors, &warnings);
	assert_non_null(s);
	id = identity_find(state_identities(s), "example.org");
	v = begin(s, "<a@example.org>");
	survey_add_recipient(v, "<b@x.live.example>", NULL, NULL);
	survey_find(v, "example.org", id);
	key = survey_keys(v, &n);
	assert_int_equal(n, 1);
	assert_true(key[0].signs);
	assert_int_equal(key[0].state, PUBLISHED_UNKNOWN);
	survey_judge(v, true);
	assert_int_equal(survey_sender_align(v), ALIGN_STRICT);
	assert_int_equal(survey_sender(v)->policy, DMARC_POLICY_UNKNOWN);
	assert_int_equal(survey_sender(v)->ip4.dmarc, DMARC_UNKNOWN);
	survey_free(&v);
	end(s);
}

static int
setup(void **state)
{
	(void)state;
	scratch_make(&scratch);
	scratch_key(&scratch, "example.org", "one");
	scratch_key(&scratch, "example.net", "one");
	scratch_key(&scratch, "ours.corp.example", "one");
	return 0;
}

UNIT_MAIN(setup, scratch_end,
    cmocka_unit_test(test_sender),
    cmocka_unit_test(test_addresses),
    cmocka_unit_test(test_destinations),
    cmocka_unit_test(test_dead_domains),
    cmocka_unit_test(test_without_dns))
