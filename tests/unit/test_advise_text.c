/* SPDX-License-Identifier: ISC */
/* Advice as people read it: grouped, escaped, in 78 columns. */
#include "tool/advise_text.h"

#include "postconf.h"
#include "unit.h"

enum { DESTS_MAX = 8, SECOND = 1728043200 };	/* 4 October 2024, 12:00 */

/* What is to be told, and what it is told of. */
struct scene {
	struct advise a;
	struct advise_way *way[DESTS_MAX];
	struct postfix *postfix;
	struct transport_plan *plan;
	struct advise_view v;
	struct text_list only;
};

static void
begin(struct scene *s)
{
	struct err err = { 0 };

	memset(s, 0, sizeof *s);
	s->a = (struct advise){ .from = SECOND / 86400 * 86400,
		.to = SECOND / 86400 * 86400 + 86400,
		.dest = calloc(DESTS_MAX, sizeof *s->a.dest) };
	assert_non_null(s->a.dest);
	s->postfix = postconf_parse("relayhost =\n", NULL, NULL);
	s->plan = transport_plan_new(s->postfix, "/etc/postfix", &err);
	assert_non_null(s->plan);
	s->v = (struct advise_view){ .a = &s->a, .way = s->way,
		.plan = s->plan, .no_plan = "", .hostname = "mail.example.org",
		.only = &s->only };
	(void)ip_parse("203.0.113.7", &s->v.address[ADVISE_IPV4]);
	(void)ip_parse("2001:db8::7", &s->v.address[ADVISE_IPV6]);
}

/* A destination that rejected over a family twice, and took 3 over the other. */
static struct advise_dest *
add(struct scene *s, const char *name, const char *provider,
    enum advise_verdict verdict, int bad, const char *class, const char *text)
{
	struct advise_dest *d = &s->a.dest[s->a.n++];
	struct advise_cause *c;

	*d = (struct advise_dest){ .name = strdup(name),
		.provider = strdup(provider), .is_wanted = true,
		.verdict = verdict, .bad = bad };
	d->side[bad] = (struct advise_side){ .bounced = 2,
		.state = ADVISE_REJECTED, .cause = 1 };
	if (bad != ADVISE_NO_FAMILY)
		d->side[1 - bad] = (struct advise_side){ .sent = 3,
			.state = ADVISE_ACCEPTED };
	if (verdict == ADVISE_SWITCH)
		d->keep = advise_family(1 - bad);
	c = d->cause = calloc(1, sizeof *c);
	assert_non_null(c);
	d->n_causes = d->why = 1;
	c->t = (struct report_trouble){ .family = strdup("ipv6"),
		.stage = strdup("mail"), .text = strdup(text), .n = 2,
		.first_second = SECOND, .last_second = SECOND + 60 };
	c->class = reply_class_find(class);
	c->scope = c->class->scope;
	c->who = c->class->who;
	c->link = "";
	return d;
}

static void
plan(struct scene *s, const struct advise_dest *d)
{
	struct transport_answer answer = { .mailer = "smtp" };
	struct advise_way *w = calloc(1, sizeof *w);

	assert_non_null(w);
	s->way[d - s->a.dest] = w;
	(void)snprintf(answer.host, sizeof answer.host, "%s", d->name);
	w->is_planned = true;
	w->planned = transport_plan_family(s->plan, d->name, &answer, d->keep,
	    &(struct ip){ .family = IP_NONE }, w->value);
	s->v.has_news = true;
}

static char *
told(struct scene *s)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(advise_text(&s->v, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void
end(struct scene *s)
{
	for (size_t i = 0; i < DESTS_MAX; i++)
		free(s->way[i]);
	transport_plan_free(&s->plan);
	postfix_release(&s->postfix);
	advise_free(&s->a);
	text_list_free(&s->only);
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("lacks \"%s\":\n%s", part, text);
}

static void
assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("has \"%s\":\n%s", part, text);
}

static void
destinations_in_one_plight_are_told_once(void **state)
{
	struct scene s;
	char *got;

	(void)state;
	begin(&s);
	plan(&s, add(&s, "b.example", "p.example", ADVISE_SWITCH, ADVISE_IPV6,
	    "no-ptr", "550 5.7.25 no PTR"));
	plan(&s, add(&s, "a.example", "p.example", ADVISE_SWITCH, ADVISE_IPV6,
	    "no-ptr", "550 5.7.25 no PTR"));
	assert_int_equal(text_list_add(&s.only, "a.example"), 0);
	assert_int_equal(text_list_add(&s.only, "$(id)"), 0);
	got = told(&s);
	assert_string_equal(got, "4 Oct to 4 Oct 2024\n"
	    "\n"
	    "1  a.example, b.example   IPv6 rejected 4 of 4; IPv4 accepted 6 of "
	    "6\n"
	    "   Since 4 Oct 12:00, last 4 Oct 12:01, at MAIL FROM:\n"
	    "   \"550 5.7.25 no PTR\"\n"
	    "   Your IP address has no reverse DNS (PTR). Set it at your "
	    "hosting provider\n"
	    "   to the host name that the server uses in EHLO.           "
	    "   no-ptr, address\n"
	    "   a) Send there over IPv4 only. See the commands below.\n"
	    "   b) Set the reverse DNS (PTR) of 2001:db8::7 to "
	    "mail.example.org, in the\n"
	    "      panel of your hosting provider. That name must resolve "
	    "back to the\n"
	    "      address. Then IPv6 works again: undo the switch.\n"
	    "   c) Ask postmaster@a.example\n"
	    "      Paste: mail from 2001:db8::7 (mail.example.org) to "
	    "a.example, b.example\n"
	    "      has been rejected since 2024-10-04 12:00 UTC: \"550 5.7.25 "
	    "no PTR\"\n"
	    "   d) If its panel does not let you, ask your hosting provider "
	    "to set that\n"
	    "      PTR.\n"
	    "\n"
	    "Commands, as root:\n"
	    "  printf '%s\\n' >/etc/postfix/waybill-transport \\\n"
	    "    'a.example smtp-ipv4:' \\\n"
	    "    'b.example smtp-ipv4:'\n"
	    "  postconf -M 'smtp-ipv4/unix=smtp-ipv4 unix - - y - - smtp -o "
	    "inet_protocols=ipv4'\n"
	    "  postconf -e 'transport_maps=texthash:/etc/postfix/"
	    "waybill-transport'\n"
	    "  postfix reload\n"
	    "Undo:\n"
	    "  postconf -X 'transport_maps'\n"
	    "  postconf -MX 'smtp-ipv4/unix'\n"
	    "  postfix reload\n"
	    "  rm /etc/postfix/waybill-transport\n"
	    "Verify:  waybill route a.example\n"
	    "\n"
	    "Nothing was changed. As one script with its undo:  waybill advise "
	    "--script a.example\n");
	free(got);
	end(&s);
}

/* Names and texts of strangers. */
static void
foreign_text_is_harmless(void **state)
{
	struct scene s;
	char *got;

	(void)state;
	begin(&s);
	add(&s, "a$(id).example", "p.example", ADVISE_ASK, ADVISE_IPV4,
	    "ip-reputation", "550 \x1b]0;x\x07 no")->obstacle =
	    ADVISE_NOT_THERE;
	add(&s, "b.example", "p.example", ADVISE_ASK, ADVISE_IPV4,
	    "ip-reputation", "550 \xe2\x80\xae no")->obstacle =
	    ADVISE_NOT_THERE;
	plan(&s, add(&s, "c`id`.example", "q.example", ADVISE_SWITCH,
	    ADVISE_IPV6, "no-ptr", "550 no"));
	got = told(&s);
	assert_has(got, "IPv4 rejected 4 of 4; no IPv6 there");
	assert_has(got, "waybill advise --relay HOST:PORT b.example "
	    "(left out: a$(id).example)");
	assert_lacks(got, "\x1b");
	assert_lacks(got, "\xe2\x80\xae");
	assert_lacks(got, "postmaster@a$(id)");
	assert_has(got, "c`id`.example was left out");
	assert_lacks(got, "Commands, as root");
	free(got);
	end(&s);
}

static void
what_is_good_has_one_line(void **state)
{
	struct scene s;
	struct advise_dest *d;
	char *got;

	(void)state;
	begin(&s);
	d = add(&s, "a.example", "p.example", ADVISE_FINE, ADVISE_IPV6,
	    "recipient", "550 no such user");
	d->unknown_users = 2;
	add(&s, "b.example", "p.example", ADVISE_UNKNOWN, ADVISE_IPV6, "other",
	    "");
	assert_int_equal(text_list_add(&s.only, "a.example"), 0);
	got = told(&s);
	assert_string_equal(got, "4 Oct to 4 Oct 2024\n"
	    "\n"
	    "a.example\n"
	    "   nothing to advise: IPv4 accepted 3 of 3; IPv6 rejected 2 of 2. "
	    "2 of the\n"
	    "   rejections are about the recipient, not you: waybill find "
	    "--to @a.example\n"
	    "b.example\n"
	    "   no deliveries to it on record.\n");
	free(got);
	text_list_free(&s.only);
	got = told(&s);
	assert_has(got, "\n1 other destination without trouble.\n");
	free(got);
	end(&s);
}

/* Rejected nearly everywhere: the preference is simpler than a table. */
static void
a_rule_is_told_as_one(void **state)
{
	static const struct {
		size_t reject, accept;
		bool is_other_rejected, is_broken, want;
	} cases[] = {
		{ 5, 0, false, false, true }, { 4, 0, false, false, false },
		{ 5, 1, false, false, true }, { 5, 2, true, false, false },
		{ 5, 1, false, true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;
		char *got;

		begin(&s);
		for (size_t k = 0; k < cases[i].reject; k++) {
			char name[32];

			(void)snprintf(name, sizeof name, "d%zu.example", k);
			plan(&s, add(&s, name, name, ADVISE_SWITCH,
			    ADVISE_IPV6, "no-ptr", "550 no PTR"));
			if (cases[i].is_broken)
				s.a.dest[k].side[ADVISE_IPV6].state =
				    ADVISE_BROKEN;
		}
		for (size_t k = 0; k < cases[i].accept; k++)
			add(&s, "good.example", "g.example", ADVISE_FINE,
			    ADVISE_IPV4, "no-ptr", "")
			    ->side[ADVISE_IPV4].state = cases[i].
			    is_other_rejected ? ADVISE_REJECTED :
			    ADVISE_ACCEPTED;
		got = told(&s);
		if (cases[i].want != (strstr(got, cases[i].is_broken ?
		    "At 5 providers no connection over IPv6" :
		    " providers reject IPv6, and nobody rejects IPv4") != NULL))
			fail_msg("case %zu:\n%s", i, got);
		if (cases[i].want)
			assert_has(got, "-e smtp_address_preference=ipv4\n");
		free(got);
		end(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(destinations_in_one_plight_are_told_once),
		cmocka_unit_test(foreign_text_is_harmless),
		cmocka_unit_test(what_is_good_has_one_line),
		cmocka_unit_test(a_rule_is_told_as_one),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
