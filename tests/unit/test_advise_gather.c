/* SPDX-License-Identifier: ISC */
/* What advice takes out of the record: whose mail, which counts, which text. */
#include "tool/advise.h"

#include "store_cases.h"

#include <unistd.h>

#include "unit.h"

enum { DAY_S = 86400, NOON = 1728043200 };

#define LISTED "550 5.7.1 part of their network is on our block list (S3140)"

/* Rows in the order of time, one a second. */
static const struct {
	const char *host, *kind, *dest, *provider, *family, *status, *class,
	    *text;
} rows[] = {
	{ "mail1", "own", "b.example", "one.example", "ipv6", "sent", "", "" },
	{ "mail1", "own", "a.example", "other.example", "ipv6", "sent", "",
	    "" },
	{ "mail1", "own", "a.example", "outlook.com", "ipv4", "bounced",
	    "ip-reputation", "550 5.7.1 older" },
	{ "mail1", "own", "a.example", "outlook.com", "ipv4", "bounced",
	    "ip-reputation", LISTED },
	{ "mail1", "own", "a.example", "outlook.com", "ipv4", "deferred",
	    "greylist", "450 4.2.0 Greylisted" },
	{ "mail1", "own", "a.example", "outlook.com", "ipv4", "bounced",
	    "recipient", "550 5.1.1 no such user" },
	{ "mail1", "forwarded", "a.example", "outlook.com", "ipv6", "bounced",
	    "no-ptr", "550 5.7.25 of others" },
	{ "mail1", "bounce", "c.example", "one.example", "ipv6", "bounced",
	    "no-ptr", "550 5.7.25 of nobody" },
	{ "mail2", "own", "a.example", "outlook.com", "ipv6", "bounced",
	    "no-ptr", "550 5.7.25 of another host" },
	{ "mail2", "own", "a.example", "outlook.com", "ipv4", "bounced",
	    "ip-reputation", "550 5.7.1 of another host" },
	{ "mail2", "own", "d.example", "one.example", "ipv6", "sent", "", "" },
};

static int
setup(void **state)
{
	struct store *s;
	struct err err = { 0 };

	if (store_cases_file_begin(state) != 0)
		return -1;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct attempt a = store_cases_attempt(NOON + (int64_t)i,
		    i + 1);

		a.kind = rows[i].kind;
		a.dest = rows[i].dest;
		a.provider = rows[i].provider;
		a.family = rows[i].family;
		a.status = rows[i].status;
		a.class = rows[i].class;
		a.text = rows[i].text;
		a.stage = "mail";
		s = store_cases_open(rows[i].host, STORE_WRITE);
		assert_int_equal(store_begin(s, &err), 0);
		assert_int_equal(store_put_attempt(s, &a, &err), 0);
		assert_int_equal(store_commit(s, &err), 0);
		store_close(&s);
	}
	return 0;
}

static struct reply_rules *
read_rules(void)
{
	struct err_list errors = { 0 };
	struct reply_rules *r;

	r = reply_rules_read(tree_path("conf/replies"), NULL, &errors);
	if (r == NULL)
		fail_msg("%s", errors.n > 0 ? errors.v[0].text : "no rules");
	return r;
}

static void
gather(struct advise *a, const char *host, const struct text_list *only,
    struct reply_rules *rules)
{
	struct store *s = store_cases_open("", STORE_READ);
	struct err err = { 0 };

	*a = (struct advise){ .from = NOON / DAY_S * DAY_S,
		.to = NOON / DAY_S * DAY_S + DAY_S };
	if (advise_gather(s, host, only, rules, a, &err) != 0)
		fail_msg("%s", err.text);
	store_close(&s);
}

static void
own_mail_is_counted(void **state)
{
	struct reply_rules *rules = read_rules();
	const struct text_list all = { 0 };
	const struct advise_dest *d;
	struct advise a;

	(void)state;
	gather(&a, "mail1", &all, rules);
	assert_int_equal(a.n, 2);
	d = &a.dest[0];
	assert_string_equal(d->name, "a.example");
	assert_string_equal(d->provider, "outlook.com");
	assert_int_equal(d->side[ADVISE_IPV4].bounced, 3);
	assert_int_equal(d->side[ADVISE_IPV4].deferred, 1);
	assert_int_equal(d->side[ADVISE_IPV6].sent, 1);
	assert_int_equal(d->side[ADVISE_IPV6].bounced, 0);
	assert_int_equal(d->side[ADVISE_IPV6].last_sent, NOON + 1);
	assert_int_equal(d->unknown_users, 1);
	assert_int_equal(d->n_causes, 3);
	assert_string_equal(a.dest[1].name, "b.example");
	assert_true(a.dest[0].is_wanted && a.dest[1].is_wanted);
	advise_free(&a);
	reply_rules_free(&rules);
}

static void
a_cause_has_its_last_text_and_what_the_rules_say(void **state)
{
	struct reply_rules *rules = read_rules();
	const struct text_list all = { 0 };
	const struct advise_cause *c;
	struct advise a;

	(void)state;
	gather(&a, "mail1", &all, rules);
	c = &a.dest[0].cause[0];
	while (strcmp(c->t.class, "ip-reputation") != 0)
		c++;
	assert_int_equal(c->t.n, 2);
	assert_int_equal(c->t.first_second, NOON + 2);
	assert_int_equal(c->t.last_second, NOON + 3);
	assert_string_equal(c->t.text, LISTED);
	assert_string_equal(c->t.stage, "mail");
	assert_string_equal(c->scope, "network");
	assert_string_equal(c->who, "hosting");
	assert_string_not_equal(c->link, "");
	advise_free(&a);
	reply_rules_free(&rules);
}

static void
hosts_that_share_a_store_are_told_apart(void **state)
{
	const struct text_list all = { 0 };
	struct advise a;

	(void)state;
	gather(&a, "mail2", &all, NULL);
	assert_int_equal(a.n, 2);
	assert_int_equal(a.dest[0].side[ADVISE_IPV4].bounced, 1);
	assert_int_equal(a.dest[0].side[ADVISE_IPV6].bounced, 1);
	assert_string_equal(a.dest[0].cause[0].t.text,
	    "550 5.7.25 of another host");
	advise_free(&a);
	for (int i = 0; i < 2; i++) {
		gather(&a, i == 0 ? NULL : "reports", &all, NULL);
		assert_int_equal(a.n, 3);
		assert_int_equal(a.dest[0].side[ADVISE_IPV4].bounced, 4);
		assert_int_equal(a.dest[0].side[ADVISE_IPV6].bounced, 1);
		advise_free(&a);
	}
}

static void
some_are_wanted_and_the_others_are_evidence(void **state)
{
	static const struct {
		const char *name;
		const char *want;	/* names of the wanted ones */
	} cases[] = {
		{ "a.example", "a.example " },
		{ "outlook.com", "a.example " },
		{ "one.example", "b.example d.example " },
		{ "new.example", "new.example " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[32], got[200] = "";
		char *names[] = { name };
		const struct text_list only = { .v = names, .n = 1 };
		struct advise a;

		(void)snprintf(name, sizeof name, "%s", cases[i].name);
		gather(&a, NULL, &only, NULL);
		assert_true(a.n >= 3);
		for (size_t k = 0; k < a.n; k++) {
			if (!a.dest[k].is_wanted)
				continue;
			strcat(got, a.dest[k].name);
			strcat(got, " ");
		}
		assert_string_equal(got, cases[i].want);
		advise_free(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_mail_is_counted),
		cmocka_unit_test(
		    a_cause_has_its_last_text_and_what_the_rules_say),
		cmocka_unit_test(hosts_that_share_a_store_are_told_apart),
		cmocka_unit_test(some_are_wanted_and_the_others_are_evidence),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, setup, store_cases_file_end);
}
