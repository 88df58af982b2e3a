/* SPDX-License-Identifier: ISC */
/*
 * The lines of a message and its warnings, word for word: they are what the
 * recorder and the operator read. log_event() is wrapped at link time, and what
 * the message is asked for, so that every value can be as long as its type.
 */

#include "base/event.h"
#include "base/log.h"
#include "lines.h"
#include "message.h"
#include "scratch_state.h"
#include "unit.h"
#include "warn_message.h"

void __wrap_log_event(struct event *e);
const struct message_facts *__real_message_facts(const struct message *m);
const struct message_facts *__wrap_message_facts(const struct message *m);
const struct survey *__real_message_survey(const struct message *m);
const struct survey *__wrap_message_survey(const struct message *m);
const struct survey_sender *__real_survey_sender(const struct survey *v);
const struct survey_sender *__wrap_survey_sender(const struct survey *v);
const struct survey_route *__real_survey_routes(const struct survey *v,
    size_t *n);
const struct survey_route *__wrap_survey_routes(const struct survey *v,
    size_t *n);
const struct survey_family *__real_survey_addresses(const struct survey *v,
    size_t *n);
const struct survey_family *__wrap_survey_addresses(const struct survey *v,
    size_t *n);
const struct gate_key *__real_survey_keys(const struct survey *v, size_t *n);
const struct gate_key *__wrap_survey_keys(const struct survey *v, size_t *n);
size_t __real_message_signatures(const struct message *m);
size_t __wrap_message_signatures(const struct message *m);
const struct key *__real_message_signature_key(const struct message *m,
    size_t i);
const struct key *__wrap_message_signature_key(const struct message *m,
    size_t i);

static struct warn *warn;
static char logged[20000];

/* What the product is told in place of what was found out; NULL: that. */
static struct {
	const struct message_facts *facts;
	const struct survey_sender *sender;
	const struct survey_route *route;
	size_t n_routes;
	const struct survey_family *address;
	const struct gate_key *key;
} told;

const struct message_facts *
__wrap_message_facts(const struct message *m)
{
	return told.facts != NULL ? told.facts : __real_message_facts(m);
}

const struct survey *
__wrap_message_survey(const struct message *m)
{
	static const char any;

	/* Whoever gets it asks the functions below. */
	return told.facts != NULL ? (const struct survey *)(const void *)&any :
	    __real_message_survey(m);
}

const struct survey_sender *
__wrap_survey_sender(const struct survey *v)
{
	return told.facts != NULL ? told.sender : __real_survey_sender(v);
}

const struct survey_route *
__wrap_survey_routes(const struct survey *v, size_t *n)
{
	if (told.facts == NULL)
		return __real_survey_routes(v, n);
	*n = told.n_routes;
	return told.route;
}

const struct survey_family *
__wrap_survey_addresses(const struct survey *v, size_t *n)
{
	if (told.facts == NULL)
		return __real_survey_addresses(v, n);
	*n = 1;
	return told.address;
}

const struct gate_key *
__wrap_survey_keys(const struct survey *v, size_t *n)
{
	if (told.facts == NULL)
		return __real_survey_keys(v, n);
	*n = 1;
	return told.key;
}

size_t
__wrap_message_signatures(const struct message *m)
{
	return told.facts != NULL ? 1 : __real_message_signatures(m);
}

const struct key *
__wrap_message_signature_key(const struct message *m, size_t i)
{
	return told.facts != NULL ? told.key->key :
	    __real_message_signature_key(m, i);
}

void
__wrap_log_event(struct event *e)
{
	strcat(logged, event_line(e));
	strcat(logged, "\n");
}

static struct state *
build(const char *lines)
{
	struct state_services services = {
		.config_path = scratch.config, .warn = warn };
	struct err_list errors = { 0 }, warnings = { 0 };
	struct state *s;

	scratch_config(&scratch, lines);
	s = state_new(&services, &errors, &warnings);
	assert_non_null(s);
	err_list_free(&errors);
	err_list_free(&warnings);
	return s;
}

static struct message *
begin(const char *lines, enum origin origin, const char *mailfrom)
{
	logged[0] = '\0';
	return message_new(build(lines), origin, mailfrom, NULL, "");
}

static void
end(struct message *m, const char *body)
{
	message_end_headers(m, "4jYZvf2g2Rz1bXy9");
	message_add_body(m, body, strlen(body));
	message_end(m);
	lines_write(m, "4jYZvf2g2Rz1bXy9", 0);
	warn_about(warn, m, "4jYZvf2g2Rz1bXy9");
	message_free(&m);
}

static void
assert_begins(const char *text, const char *want)
{
	if (strncmp(text, want, strlen(want)) != 0)
		fail_msg("\"%s\" doesn't begin with \"%s\"", text, want);
}

static void
test_signed(void **state)
{
	struct message *m = begin("", ORIGIN_AUTHENTICATED,
	    "<a@example.org>");

	(void)state;
	message_add_recipient(m, "<b@example.net>", "example.net", "smtp");
	message_add_recipient(m, "<c@example.net>", "example.net", "smtp");
	message_add_recipient(m, "<c@example.com>", "example.com", "smtp");
	message_add_header(m, "From", " a@example.org");
	message_add_header(m, "Subject", " one\n two");
	end(m, "hello\r\n");
	/* 5 + 14 + 2, 8 + 9 + 3, 2, 7 bytes */
	assert_begins(logged,
	    "4jYZvf2g2Rz1bXy9: message result=signed author=example.org "
	    "origin=authenticated rcpts=3 dests=2 size=50 "
	    "from=<a@example.org>\n"
	    "4jYZvf2g2Rz1bXy9: sign d=example.org s=one "
	    "a=ed25519-sha256\n"
	    "4jYZvf2g2Rz1bXy9: sender mailfrom=example.org align=strict "
	    "policy=unknown ip4=203.0.113.7 spf4=unchecked dmarc4=unknown "
	    "ip6=none key=unknown\n"
	    "4jYZvf2g2Rz1bXy9: route dest=example.net transport=smtp "
	    "family=unknown why=timeout spf=");
	assert_non_null(strstr(logged, "\n4jYZvf2g2Rz1bXy9: route "
	    "dest=example.com transport=smtp family=unknown why=timeout "));
}

static void
test_unsigned(void **state)
{
	struct message *m = begin("", ORIGIN_LOCAL, "");

	(void)state;
	message_add_recipient(m, "b@example.net", NULL, NULL);
	message_add_header(m, "From", " a@example.com");
	end(m, "");
	assert_begins(logged,
	    "4jYZvf2g2Rz1bXy9: message result=unsigned why=no-key "
	    "author=example.com origin=local rcpts=1 dests=1 size=23 "
	    "from=<>\n"
	    "4jYZvf2g2Rz1bXy9: sender mailfrom=<> helo=");
	assert_non_null(strstr(logged, " key=none\n"));
	assert_non_null(strstr(logged,
	    "4jYZvf2g2Rz1bXy9: warning: unsigned author=example.com: mail from "
	    "this domain leaves without a signature; create a key: waybill "
	    "keygen example.com\n"));
	/* the fact again, the warning not */
	m = begin("", ORIGIN_LOCAL, "");
	message_add_recipient(m, "b@example.net", NULL, NULL);
	message_add_header(m, "From", " a@example.com");
	end(m, "");
	assert_non_null(strstr(logged, "why=no-key"));
	assert_null(strstr(logged, "warning:"));
	/* switched off */
	m = begin("warn { unsigned = false }", ORIGIN_LOCAL, "");
	message_add_header(m, "From", " a@sub.example.com");
	end(m, "");
	assert_non_null(strstr(logged, "why=no-key"));
	assert_null(strstr(logged, "warning:"));
}

/* A list or an alias of ours sends a stranger's mail on. */
static void
send_on(const char *lines, const char *author)
{
	struct message *m = begin(lines, ORIGIN_LOCAL, "<list@example.org>");

	message_set_host(m, "mail.example.org", "Postfix 3.7.11");
	message_add_recipient(m, "b@example.net", NULL, NULL);
	message_add_header(m, "Received", " from x (unknown [203.0.113.9])\n"
	    "\tby mail.example.org (Postfix) with ESMTP id 4dXk2w1zW9z; now");
	message_add_header(m, "From", author);
	end(m, "");
}

static void
test_reinjected(void **state)
{
	(void)state;
	send_on("", " a@example.org");
	assert_non_null(strstr(logged,
	    " message result=unsigned why=reinjected author=example.org "));
	assert_non_null(strstr(logged, "\n4jYZvf2g2Rz1bXy9: warning: "
	    "reinjected author=example.org: not signed: a stranger sent this "
	    "message to this host, and a program here sent it on; if one of "
	    "your mailing lists writes example.org into From:, add it to "
	    "outgoing.lists\n"));
	/* the fact again, the warning not */
	send_on("", " a@example.org");
	assert_non_null(strstr(logged, "why=reinjected"));
	assert_null(strstr(logged, "warning:"));
	/* without a key here it wouldn't have been signed */
	send_on("", " a@other.example");
	assert_non_null(strstr(logged, "why=reinjected"));
	assert_null(strstr(logged, "warning:"));
	/* a list of ours: signed, and nothing to warn of */
	send_on("outgoing { lists = { \"example.org\" } }",
	    " a@example.org");
	assert_non_null(strstr(logged, "result=signed"));
	assert_null(strstr(logged, "reinjected"));
}

static void
test_fragile_and_forged(void **state)
{
	struct message *m = begin("", ORIGIN_NETWORK, "<a@example.org>");

	(void)state;
	message_add_header(m, "From", " a@example.org");
	message_add_header(m, "X-Waybill-Sender", " host=evil.example");
	end(m, "gr\xfc\xdf" "e\r\n");
	assert_non_null(strstr(logged,
	    " message result=signed author=example.org origin=network rcpts=0 "
	    "dests=0 size=67 forged=1 fragile=8bit from=<a@example.org>\n"));
	assert_non_null(strstr(logged,
	    ": warning: fragile fragile=8bit author=example.org: "));
	assert_non_null(strstr(logged,
	    ": warning: forged count=1 from=<a@example.org>: "));
}

/* What a sender writes can't forge a key. */
static void
test_hostile(void **state)
{
	struct message *m = begin("", ORIGIN_NETWORK,
	    "<\"x> result=signed author=evil.example: \"@example.org>");
	struct event_read r;
	const char *end_of_line;

	(void)state;
	message_add_header(m, "From", " a@example.com");
	message_end_headers(m, "x y: z");
	message_end(m);
	lines_write(m, "x y: z", 7);
	message_free(&m);
	end_of_line = strchr(logged, '\n');
	assert_int_equal(event_parse(&r, logged,
	    (size_t)(end_of_line - logged)), 0);
	assert_string_equal(r.qid, "NOQUEUE");
	assert_string_equal(event_value(&r, "author"), "example.com");
	assert_string_equal(event_value(&r, "result"), "unsigned");
	assert_string_equal(event_value(&r, "repeats"), "7");
}

/* 253 bytes of labels. */
static void
long_domain(char out[DOMAIN_SIZE], char letter)
{
	memset(out, letter, DOMAIN_SIZE - 1);
	for (size_t i = 63; i < DOMAIN_SIZE - 1; i += 64)
		out[i] = '.';
	out[DOMAIN_SIZE - 1] = '\0';
}

/* The longest queue id, and the words that have a line at most. */
static const char long_qid[] =
    "4jYZvf2g2Rz1bXy94jYZvf2g2Rz1bXy94jYZvf2g2Rz1bXy94jYZvf2g2Rz1bXy";

/* What a sender, a destination and their DNS may consist of, at its longest. */
struct hostile {
	struct message_facts facts;
	struct identity identity;
	struct key key;
	struct gate_key gate;
	struct survey_sender sender;
	struct survey_family address;
	struct spf_finding finding;
	struct sender_transport transport;
	struct route route;
	struct route_hop hop;
	struct route_host host;
	struct survey_route dest[2];
	char mailfrom[DOMAIN_SIZE], author[DOMAIN_SIZE], helo[DOMAIN_SIZE];
	char selector[DOMAIN_SIZE];
};

/* piece: what MAIL FROM and the literals consist of. */
static void
make_hostile(struct hostile *h, const char *piece)
{
	struct ip ip6;

	memset(h, 0, sizeof *h);
	long_domain(h->mailfrom, 'm');
	long_domain(h->author, 'a');
	long_domain(h->helo, 'h');
	memset(h->selector, 's', 200);
	assert_int_equal(ip_parse("2001:db8:1111:2222:3333:4444:5555:6666",
	    &ip6), 0);
	h->facts = (struct message_facts){
		.origin = ORIGIN_AUTHENTICATED,
		.rcpts = 1000000000, .dests = 1000000000,
		.size = INT64_MAX, .result = RESULT_UNSIGNED,
		.why = WHY_SEVERAL_AUTHORS, .fragile = 7, .forged = 1000000000,
	};
	while (strlen(h->facts.mailfrom.text) + strlen(piece) < ADDRESS_MAX)
		strcat(h->facts.mailfrom.text, piece);
	strcpy(h->facts.author, h->author);
	h->identity.domain = h->author;
	h->facts.identity = &h->identity;
	h->key = (struct key){ .domain = h->author, .selector = h->selector,
		.algorithm = KEY_RSA };
	h->gate = (struct gate_key){ .key = &h->key, .signs = true,
		.state = PUBLISHED_DIFFERS };
	strcpy(h->finding.why, "one why of ");
	memset(h->finding.why + 11, 'w', sizeof h->finding.why - 12);
	h->address = (struct survey_family){ .ip = ip6, .domain = h->mailfrom,
		.spf = SPF_PERMERROR, .dmarc = DMARC_UNKNOWN,
		.finding = &h->finding };
	h->sender = (struct survey_sender){
		.mailfrom = h->mailfrom, .spf_domain = h->mailfrom,
		.author = h->author, .align = ALIGN_NONE,
		.policy = DMARC_POLICY_QUARANTINE, .ip4 = h->address,
		.ip6 = h->address, .is_signed = true,
		.key = PUBLISHED_YES,
	};
	memset(h->transport.name, 't', sizeof h->transport.name - 1);
	h->transport.ip4.ip = ip6;
	h->transport.rules.can_ipv4 = true;
	h->host.aaaa_status = ANSWER_NODATA;
	h->route = (struct route){ .mxs = 4000000000, .a = 4000000000 };
	for (size_t i = 0; i < COUNT(h->dest); i++) {
		struct survey_route *r = &h->dest[i];

		r->destination.kind = DESTINATION_REMOTE;
		r->transport = &h->transport;
		memset(r->destination.transport, 't',
		    sizeof r->destination.transport - 1);
		r->route = &h->route;
		r->prediction = (struct prediction){ .family = FAMILY_EITHER,
			.why = WHY_TRANSPORT_MAPS, .p6 = 100 };
		long_domain(r->prediction.mx, 'x');
		r->outcome = (struct align_outcome){ true, SPF_PERMERROR,
			DMARC_UNKNOWN };
		r->other = (struct align_outcome){ true, SPF_PASS,
			DMARC_UNKNOWN };
	}
	long_domain(h->dest[0].destination.domain, 'd');
	strcpy(h->dest[0].destination.nexthop, h->dest[0].destination.domain);
	/* a literal of any bytes, through a relay */
	strcpy(h->dest[1].destination.domain, "[");
	while (strlen(h->dest[1].destination.domain) + strlen(piece) + 1 <
	    DOMAIN_SIZE)
		strcat(h->dest[1].destination.domain, piece);
	strcat(h->dest[1].destination.domain, "]");
	memset(h->dest[1].destination.nexthop, 'n', 150);
}

/* Is there a line of this name, and are all these keys on it? */
static void
expect_keys(const char *name, bool warning, const char *keys,
    bool has_sentence)
{
	struct event_read r;
	bool is_there = false;

	for (const char *p = logged; *p != '\0'; p = strchr(p, '\n') + 1) {
		size_t len = strcspn(p, "\n");
		char copy[300], *at = copy, *key;

		assert_int_equal(event_parse(&r, p, len), 0);
		if (r.cut)
			fail_msg("cut: %.*s", (int)len, p);
		if (strcmp(r.name, name) != 0 || r.warning != warning)
			continue;
		is_there = true;
		assert_int_equal(r.sentence[0] != '\0', has_sentence);
		if (has_sentence && strcmp(r.sentence +
		    strlen(r.sentence) - 3, "...") == 0)
			fail_msg("cut: %.*s", (int)len, p);
		strcpy(copy, keys);
		while ((key = strsep(&at, " ")) != NULL)
			if (event_value(&r, key) == NULL)
				fail_msg("no %s in %.*s", key, (int)len, p);
	}
	if (!is_there)
		fail_msg("no line %s in %s", name, logged);
}

/* No fact is ever pushed off a line, and no line is cut. */
static void
test_longest(void **state)
{
	static const char *const pieces[] = { "x", " ", "\"", "\xff", "\x01",
	    "\xc3\xbc", "\xf0\x9f\x98\x80", "x result=signed: ", ": " };
	static const struct row {
		const char *name;
		bool warning;
		const char *keys;
		bool has_sentence;
	} rows[] = {
		{ "message", false, "result why author origin rcpts dests "
		    "size forged fragile repeats from", true },
		{ "sign", false, "d s a", false },
		{ "sender", false, "mailfrom helo align policy ip4 spf4 "
		    "dmarc4 ip6 spf6 dmarc6 key", false },
		{ "route", false, "dest transport family why p6 mxs a aaaa "
		    "spf dmarc mx", false },
		{ "fragile", true, "fragile author", true },
		{ "forged", true, "count from", true },
		{ "spf", true, "ip6 spf6 mailfrom", true },
		{ "key", true, "d s key", true },
		{ "family-spf", true, "family spf mailfrom dest", true },
	};
	static const struct row unsigned_rows[] = {
		{ "unsigned", true, "author", true },
		{ "reinjected", true, "author", true },
		{ "align", true, "mailfrom author", true },
		{ "no-aaaa", true, "dest mx", true },
	};
	static struct hostile h;

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct message *m = begin("", ORIGIN_LOCAL, "");
		struct warn *w = warn_new();

		make_hostile(&h, pieces[i]);
		strcpy(h.facts.failure.text, "libopendkim can't sign");
		h.sender.helo = h.helo;
		told.facts = &h.facts;
		told.sender = &h.sender;
		told.route = h.dest;
		told.n_routes = COUNT(h.dest);
		told.address = &h.address;
		told.key = &h.gate;
		lines_write(m, long_qid, UINT32_MAX);
		warn_about(w, m, long_qid);
		for (size_t k = 0; k < COUNT(rows); k++)
			expect_keys(rows[k].name, rows[k].warning,
			    rows[k].keys, rows[k].has_sentence);
		logged[0] = '\0';
		h.facts.why = WHY_NO_KEY;
		h.sender.helo = NULL;
		h.route.n_hops = 1;
		h.hop.host = &h.host;
		h.hop.n_hosts = 1;
		h.route.hop = &h.hop;
		warn_about(w, m, long_qid);
		h.facts.why = WHY_REINJECTED;
		warn_about(w, m, long_qid);
		for (size_t k = 0; k < COUNT(unsigned_rows); k++)
			expect_keys(unsigned_rows[k].name, true,
			    unsigned_rows[k].keys, true);
		memset(&told, 0, sizeof told);
		warn_free(&w);
		message_free(&m);
	}
}

/* A message to 1,000 domains: each has its line, few have a warning; the next
 * message goes on where this one ended. */
static void
test_many(void **state)
{
	enum { N = 100 };
	static struct hostile h;
	static struct survey_route dest[N];
	struct message *m = begin("", ORIGIN_LOCAL, "");
	struct warn *w = warn_new();

	(void)state;
	make_hostile(&h, "x");
	h.hop = (struct route_hop){ .host = &h.host, .n_hosts = 1 };
	h.route.hop = &h.hop;
	h.route.n_hops = 1;
	for (size_t i = 0; i < N; i++) {
		dest[i] = h.dest[0];
		snprintf(dest[i].destination.domain, DOMAIN_SIZE,
		    "d%zu.example", i);
	}
	told.facts = &h.facts;
	told.sender = &h.sender;
	told.route = dest;
	told.n_routes = N;
	told.address = &h.address;
	told.key = &h.gate;
	for (size_t round = 0; round < 7; round++) {
		size_t n = 0;

		logged[0] = '\0';
		warn_about(w, m, "4jYZvf2g2Rz1bXy9");
		for (const char *p = logged; (p = strstr(p,
		    "warning: no-aaaa ")) != NULL; p++)
			n++;
		assert_int_equal(n, round < 5 ? 20 : 0);
	}
	memset(&told, 0, sizeof told);
	warn_free(&w);
	message_free(&m);
}

/* What a strange sender leaves is on record: who wrote, and what became of it.
 * In the order that is promised. */
static void
test_message_order(void **state)
{
	static const char *const want[] = { "result", "why", "author", "origin",
	    "rcpts", "dests", "size", "forged", "from" };
	static const size_t lengths[] = { 10, 240, 254, 300, 900, 2000 };

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		char arg[2100] = "<";
		struct message *m;
		struct event_read r;

		memset(arg + 1, 1, lengths[i]);
		strcpy(arg + 1 + lengths[i], "@example.org>");
		m = begin("", ORIGIN_AUTHENTICATED, arg);
		message_add_header(m, "From", " a@example.com");
		message_add_header(m, "X-Waybill-Sender", " host=evil");
		end(m, "");
		assert_int_equal(event_parse(&r, logged,
		    strcspn(logged, "\n")), 0);
		assert_string_equal(r.name, "message");
		assert_false(r.cut);
		assert_int_equal(r.n, COUNT(want));
		for (size_t k = 0; k < COUNT(want); k++)
			assert_string_equal(r.field[k].key, want[k]);
		assert_string_equal(event_value(&r, "author"), "example.com");
		assert_string_equal(event_value(&r, "result"), "unsigned");
		assert_non_null(event_value(&r, "from"));
		assert_true(strlen(event_value(&r, "from")) <=
		    EVENT_BOUNDED_MAX);
	}
}

static int
setup(void **state)
{
	(void)state;
	scratch_make(&scratch);
	scratch_key(&scratch, "example.org", "one");
	warn = warn_new();
	return warn == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	warn_free(&warn);
	scratch_remove(&scratch);
	return 0;
}

UNIT_MAIN(setup, teardown,
    cmocka_unit_test(test_signed),
    cmocka_unit_test(test_unsigned),
    cmocka_unit_test(test_reinjected),
    cmocka_unit_test(test_fragile_and_forged),
    cmocka_unit_test(test_hostile),
    cmocka_unit_test(test_longest),
    cmocka_unit_test(test_many),
    cmocka_unit_test(test_message_order))
