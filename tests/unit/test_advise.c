/* SPDX-License-Identifier: ISC */
/* Verdicts and choices, by what happened at a destination and its sisters. */
#include "tool/advise.h"

#include "unit.h"

/* What went wrong: n times, for the last time at second last. */
struct wrong {
	const char *family;
	const char *class;
	enum report_wrong wrong;
	int64_t n, last;
	const char *scope;	/* NULL: the class's */
	const char *who;
};

/* One destination; what is accepted over a family, and when last. */
struct place {
	int64_t sent4, last4, sent6, last6;
	struct wrong wrong[4];
};

#define YES ADVISE_REACH_YES
#define NO ADVISE_REACH_NO
#define UNKNOWN ADVISE_REACH_UNKNOWN

static const struct {
	const char *name;
	struct place here;
	struct place sister;	/* of the same provider */
	struct place stranger;	/* of another */
	enum advise_reach reach;
	const char *want;	/* verdict keep why choices */
} rows[] = {
	{ "nothing", { 0 }, { 0 }, { 0 }, YES, "unknown 0 - none" },
	{ "accepted", { 5, 10, 0, 0, { { 0 } } }, { 0 }, { 0 }, YES,
	    "fine 0 - none" },
	{ "IPv6 rejected, IPv4 accepted", { 3, 10, 0, 0, {
	    { "ipv6", "no-ptr", REPORT_BOUNCED, 6, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "switch 4 no-ptr ipv4 fix receiver hosting" },
	{ "IPv4 rejected, IPv6 accepted", { 0, 0, 3, 10, {
	    { "ipv4", "ip-listed", REPORT_BOUNCED, 6, 9, NULL, NULL } } },
	    { 0 }, { 0 }, YES, "switch 6 ip-listed ipv6 fix receiver hosting" },
	{ "for the network", { 3, 10, 0, 0, {
	    { "ipv6", "ip-reputation", REPORT_BOUNCED, 6, 9, "network",
	    "hosting" } } }, { 0 }, { 0 }, YES,
	    "switch 4 ip-reputation ipv4 receiver hosting" },
	{ "accepted over both since", { 3, 10, 1, 11, {
	    { "ipv6", "no-ptr", REPORT_BOUNCED, 6, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "fine 0 - none" },
	{ "rejected again since", { 3, 10, 1, 11, {
	    { "ipv6", "no-ptr", REPORT_BOUNCED, 6, 12, NULL, NULL } } },
	    { 0 }, { 0 }, YES, "switch 4 no-ptr ipv4 fix receiver hosting" },
	{ "deferred for the address counts as rejected", { 3, 10, 0, 0, {
	    { "ipv6", "ipv6-auth", REPORT_DEFERRED, 6, 9, NULL, NULL } } },
	    { 0 }, { 0 }, YES, "switch 4 ipv6-auth ipv4 fix receiver hosting" },
	{ "both rejected", { 0, 0, 0, 0, {
	    { "ipv6", "ip-listed", REPORT_BOUNCED, 6, 9, NULL, NULL },
	    { "ipv4", "ip-listed", REPORT_BOUNCED, 2, 8, NULL, NULL } } },
	    { 0 }, { 0 }, YES, "ask 0 ip-listed fix receiver hosting relay" },
	{ "IPv6 rejected, IPv4 rejected since it was accepted", { 3, 5, 0, 0, {
	    { "ipv6", "ip-reputation", REPORT_BOUNCED, 6, 9, NULL, NULL },
	    { "ipv4", "ip-reputation", REPORT_BOUNCED, 1, 8, NULL, NULL } } },
	    { 0 }, { 0 }, YES, "ask 0 ip-reputation receiver hosting relay" },
	{ "only one family there", { 0, 0, 0, 0, {
	    { "ipv4", "ip-reputation", REPORT_BOUNCED, 14, 9, "network",
	    "hosting" } } }, { 0 }, { 0 }, NO,
	    "ask 0 ip-reputation receiver hosting relay" },
	{ "IPv4 untried, DNS has it", { 0, 0, 0, 0, {
	    { "ipv6", "ipv6-refused", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    { 0 }, { 0 }, YES, "switch 4 ipv6-refused ipv4 receiver" },
	{ "IPv4 untried, DNS is silent", { 0, 0, 0, 0, {
	    { "ipv6", "ipv6-refused", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    { 0 }, { 0 }, UNKNOWN, "switch 4 ipv6-refused ipv4 receiver" },
	{ "IPv6 untried, DNS is silent", { 0, 0, 0, 0, {
	    { "ipv4", "no-ptr", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    { 0 }, { 0 }, UNKNOWN, "ask 0 no-ptr fix receiver hosting relay" },
	{ "untried, accepted by a sister", { 0, 0, 0, 0, {
	    { "ipv4", "no-ptr", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    { 0, 0, 4, 5, { { 0 } } }, { 0 }, UNKNOWN,
	    "switch 6 no-ptr ipv6 fix receiver hosting" },
	{ "not there, whatever a sister has", { 0, 0, 0, 0, {
	    { "ipv4", "no-ptr", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    { 0, 0, 4, 5, { { 0 } } }, { 0 }, NO,
	    "ask 0 no-ptr fix receiver hosting relay" },
	{ "untried, rejected by a sister", { 0, 0, 0, 0, {
	    { "ipv6", "no-ptr", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    { 0, 0, 0, 0, {
	    { "ipv4", "dynamic-ip", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    { 0 }, YES, "ask 0 no-ptr fix receiver hosting relay" },
	{ "untried, and a stranger says that it is listed", { 0, 0, 0, 0, {
	    { "ipv6", "no-ptr", REPORT_BOUNCED, 1, 9, NULL, NULL } } }, { 0 },
	    { 0, 0, 0, 0, {
	    { "ipv4", "ip-listed", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    YES, "ask 0 no-ptr fix receiver hosting relay" },
	{ "accepted, whatever a stranger says", { 1, 3, 0, 0, {
	    { "ipv6", "no-ptr", REPORT_BOUNCED, 1, 9, NULL, NULL } } }, { 0 },
	    { 0, 0, 0, 0, {
	    { "ipv4", "ip-listed", REPORT_BOUNCED, 1, 9, NULL, NULL } } },
	    YES, "switch 4 no-ptr ipv4 fix receiver hosting" },
	{ "the other one was deferred", { 0, 0, 0, 0, {
	    { "ipv6", "no-ptr", REPORT_BOUNCED, 1, 9, NULL, NULL },
	    { "ipv4", "greylist", REPORT_DEFERRED, 1, 9, NULL, NULL } } }, { 0 },
	    { 0 }, NO, "switch 4 no-ptr ipv4 fix receiver hosting" },
	{ "the other one never connected", { 0, 0, 0, 0, {
	    { "ipv4", "no-ptr", REPORT_BOUNCED, 1, 9, NULL, NULL },
	    { "ipv6", "network", REPORT_DEFERRED, 3, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "ask 0 no-ptr fix receiver hosting relay" },

	{ "IPv6 never connects", { 3, 10, 0, 0, {
	    { "ipv6", "network", REPORT_DEFERRED, 3, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "switch 4 network ipv4 fix" },
	{ "twice is no proof", { 3, 10, 0, 0, {
	    { "ipv6", "network", REPORT_DEFERRED, 2, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "fine 0 - none" },
	{ "no connection over any", { 0, 0, 0, 0, {
	    { "ipv6", "network", REPORT_DEFERRED, 9, 9, NULL, NULL },
	    { "ipv4", "network", REPORT_DEFERRED, 9, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "wait 0 network wait" },
	{ "and the message expired", { 0, 0, 0, 0, {
	    { "ipv4", "network", REPORT_DEFERRED, 9, 8, NULL, NULL },
	    { "ipv4", "network", REPORT_EXPIRED, 1, 9, NULL, NULL } } },
	    { 0 }, { 0 }, YES, "fix 0 network fix" },

	{ "SPF over one family", { 1, 10, 0, 0, {
	    { "ipv6", "spf", REPORT_BOUNCED, 1, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "switch 4 spf ipv4 fix receiver" },
	{ "SPF, the other one untried", { 0, 0, 0, 0, {
	    { "ipv6", "spf", REPORT_BOUNCED, 1, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "fix 0 spf fix" },
	{ "vague over one family", { 3, 10, 0, 0, {
	    { "ipv6", "policy", REPORT_BOUNCED, 3, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "switch 4 policy ipv4 receiver" },
	{ "vague, too few to tell", { 3, 10, 0, 0, {
	    { "ipv6", "policy", REPORT_BOUNCED, 2, 11, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "ask 0 policy receiver relay" },
	{ "vague, and some came through", { 3, 10, 1, 1, {
	    { "ipv6", "policy", REPORT_BOUNCED, 3, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "fine 0 - none" },
	{ "content is no family's fault", { 3, 8, 0, 0, {
	    { "ipv6", "content", REPORT_BOUNCED, 9, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "fix 0 content fix" },
	{ "no such recipient", { 3, 8, 0, 0, {
	    { "ipv4", "recipient", REPORT_BOUNCED, 9, 9, NULL, NULL } } },
	    { 0 }, { 0 }, YES, "fine 0 - none" },

	{ "greylisted and waiting", { 0, 0, 0, 0, {
	    { "ipv4", "greylist", REPORT_DEFERRED, 1, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "wait 0 greylist wait" },
	{ "greylisted, then accepted", { 1, 10, 0, 0, {
	    { "ipv4", "greylist", REPORT_DEFERRED, 1, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "fine 0 - none" },
	{ "too fast, and accepted", { 1, 10, 0, 0, {
	    { "ipv4", "rate", REPORT_DEFERRED, 8, 9, NULL, NULL } } }, { 0 },
	    { 0 }, YES, "wait 0 rate wait" },
	{ "rejected before anybody was reached", { 0, 0, 0, 0, {
	    { "", "other", REPORT_BOUNCED, 1, 9, NULL, NULL } } }, { 0 }, { 0 },
	    YES, "ask 0 other receiver relay" },
};

static enum advise_reach
reach(void *arg, const char *dest, enum ip_family family)
{
	assert_string_equal(dest, "a.example");
	assert_int_not_equal(family, IP_NONE);
	return *(const enum advise_reach *)arg;
}

static void
fill(struct advise_dest *d, const char *name, const char *provider,
    const struct place *from)
{
	*d = (struct advise_dest){ .name = strdup(name),
		.provider = strdup(provider), .is_wanted = true };
	d->side[ADVISE_IPV4].sent = from->sent4;
	d->side[ADVISE_IPV4].last_sent = from->last4;
	d->side[ADVISE_IPV6].sent = from->sent6;
	d->side[ADVISE_IPV6].last_sent = from->last6;
	d->cause = calloc(4, sizeof *d->cause);
	assert_non_null(d->cause);
	for (size_t i = 0; i < 4 && from->wrong[i].class != NULL; i++) {
		const struct wrong *w = &from->wrong[i];
		struct advise_cause *c = &d->cause[d->n_causes++];
		struct advise_side *s = &d->side[w->family[0] == '\0' ?
		    ADVISE_NO_FAMILY : strcmp(w->family, "ipv4") == 0 ?
		    ADVISE_IPV4 : ADVISE_IPV6];

		c->t = (struct report_trouble){ .family = strdup(w->family),
			.wrong = w->wrong, .n = w->n,
			.last_second = w->last };
		c->class = reply_class_find(w->class);
		assert_non_null(c->class);
		c->scope = w->scope != NULL ? w->scope : c->class->scope;
		c->who = w->who != NULL ? w->who : c->class->who;
		c->link = "";
		if (w->wrong == REPORT_BOUNCED)
			s->bounced += w->n;
	}
}

static void
format(const struct advise_dest *d, char *out, size_t size)
{
	enum advise_choice choice[ADVISE_CHOICES];
	size_t n = advise_choices(d, choice);
	const struct advise_cause *c = advise_why(d);
	int len = snprintf(out, size, "%s %d %s",
	    advise_verdict_name(d->verdict), (int)d->keep,
	    c == NULL ? "-" : c->class->name);

	for (size_t i = 0; i < n; i++)
		len += snprintf(out + len, size - (size_t)len, " %s",
		    advise_choice_name(choice[i]));
	if (n == 0)
		(void)snprintf(out + len, size - (size_t)len, " none");
}

static void
verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct advise_dest *d = calloc(3, sizeof *d);
		struct advise a = { .dest = d, .n = 3 };
		enum advise_reach found = rows[i].reach;
		const struct advise_world w = { .has = { true, true },
			.reach = reach, .arg = &found };
		char got[200];

		assert_non_null(d);
		fill(&d[0], "a.example", "provider.example", &rows[i].here);
		fill(&d[1], "b.example", "provider.example", &rows[i].sister);
		fill(&d[2], "c.example", "another.example", &rows[i].stranger);
		d[1].is_wanted = d[2].is_wanted = false;
		assert_int_equal(advise_judge(&a, &w), 0);
		format(&d[0], got, sizeof got);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s:\n got %s\nwant %s", rows[i].name, got,
			    rows[i].want);
		advise_free(&a);
	}
}

/* Nothing leaves over a family that this host hasn't got. */
static void
families_here(void **state)
{
	static const struct place place = { 3, 10, 0, 0, {
		{ "ipv6", "no-ptr", REPORT_BOUNCED, 6, 9, NULL, NULL } } };
	enum advise_reach found = YES;
	struct advise a = { .dest = calloc(1, sizeof *a.dest), .n = 1 };
	const struct advise_world w = { .has = { false, true },
		.reach = reach, .arg = &found };

	(void)state;
	assert_non_null(a.dest);
	fill(&a.dest[0], "a.example", "", &place);
	assert_int_equal(advise_judge(&a, &w), 0);
	assert_int_equal(a.dest[0].verdict, ADVISE_ASK);
	assert_int_equal(a.dest[0].obstacle, ADVISE_NOT_HERE);
	assert_int_equal(a.dest[0].keep, IP_NONE);
	advise_free(&a);
}

/* Destinations without a provider are nobody's sisters. */
static void
no_provider(void **state)
{
	static const struct place here = { 0, 0, 0, 0, {
		{ "ipv6", "no-ptr", REPORT_BOUNCED, 6, 9, NULL, NULL } } };
	static const struct place other = { 0, 0, 0, 0, {
		{ "ipv4", "no-ptr", REPORT_BOUNCED, 6, 9, NULL, NULL } } };
	enum advise_reach found = YES;
	struct advise a = { .dest = calloc(2, sizeof *a.dest), .n = 2 };
	const struct advise_world w = { .has = { true, true },
		.reach = reach, .arg = &found };

	(void)state;
	assert_non_null(a.dest);
	fill(&a.dest[0], "a.example", "", &here);
	fill(&a.dest[1], "b.example", "", &other);
	a.dest[1].is_wanted = false;
	assert_int_equal(advise_judge(&a, &w), 0);
	assert_int_equal(a.dest[0].verdict, ADVISE_SWITCH);
	assert_int_equal(a.dest[0].ground, ADVISE_BY_DNS);
	assert_int_equal(a.dest[1].verdict, ADVISE_UNKNOWN);
	advise_free(&a);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(verdicts),
    cmocka_unit_test(families_here),
    cmocka_unit_test(no_provider))
