/* SPDX-License-Identifier: ISC */
/* A configuration file read whole: values, faults with their lines, and what
 * rests on two options. */
#include "config/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static const struct {
	const char *name, *text;
	const char *want[8];	/* beginnings of all sentences, in order */
} bad[] = {
	{ "many at once", "/* a\n */\n"
	    "on_error = reject\n"
	    "\n"
	    "resolver { wait = 200s }  # c\n"
	    "sign { enabled = maybe\n"
	    "       nosuch = 1 }\n"
	    "headers { max_routes = eight }\n"
	    "log { level = loud }\n",
	    { "f:3: on_error: unknown value \"reject\"; allowed: tempfail or "
		"accept",
	      "f:5: resolver.wait: 200s is out of range; allowed: 100ms to 30s",
	      "f:6: sign.enabled: \"maybe\" is neither true nor false; "
		"allowed: true or false",
	      "f:7: sign.nosuch: unknown option",
	      "f:8: headers.max_routes: \"eight\" is not a whole number; "
		"allowed: 1 to 100",
	      "f:9: log.level: unknown value \"loud\"; allowed: error, "
		"warning, info or debug" } },
	{ "bad titles", "domain \"a..b\" { }\n"
	    "domain \"\" { }\n"
	    "domain \"ok.example\" {\n"
	    "  key \"a b\" { file = \"/x\" }\n"
	    "  key \"s\" { }\n"
	    "  key \"r\" { file = \"x\" } }\n",
	    { "f:1: domain: \"a..b\" is not a valid domain: ",
	      "f:2: domain: \"\" is not a valid domain: ",
	      "f:4: domain.key: \"a b\" is not a valid selector: ",
	      "f:5: domain.key.file: key \"s\" has no file; add one",
	      "f:6: domain.key.file: path \"x\" is not absolute" } },
	{ "one domain in two spellings", "domain \"b\xc3\xbc" "cher.example\" "
	    "{ }\ndomain \"xn--bcher-kva.example\" { }\n",
	    { "f:2: domain: \"xn--bcher-kva.example\" is given twice, first on "
		"line 1" } },
	{ "a password in the URL of the store", "\n"
	    "record { store = \"postgresql://u:sEcReT@h/d\" }\n",
	    { "f:2: record.store: the URL contains a password; put it in the "
		"file named by record.password_file" } },
	{ "a password as an option of it", "record { store = "
	    "\"postgresql://h/d?sslmode=verify-full&password=sEcReT\" }\n",
	    { "f:1: record.store: the URL contains a password; " } },
	{ "a password spelt otherwise", "record { store = "
	    "\"postgresql://h/d?a=b&pass%77ord=sEcReT\" }\n",
	    { "f:1: record.store: the URL contains a password; " } },
	{ "a store of another kind", "record { store = "
	    "\"mysql://h/d\" }\n",
	    { "f:1: record.store: unknown store \"mysql://\"" } },
	{ "open to others", "\nsocket = \"inet:8892@192.0.2.1\"\n",
	    { "f:2: socket: \"inet:8892@192.0.2.1\" can be reached from other "
		"hosts" } },
	{ "open to all, IPv6", "socket = \"inet6:8892@[::]\"\n",
	    { "f:1: socket: \"inet6:8892@[::]\" can be reached" } },
	{ "a structure that is broken hides values", "on_error = reject\n"
	    "sign {\n",
	    { "f:2: sign: section not closed" } },
	{ "bad escape", "user = \"a\\999\"\n", { "f:1: " } },
};

static void
faults_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err_list errors = { 0 };
		struct config *c = config_read_text("f", bad[i].text,
		    strlen(bad[i].text), &errors);
		assert_null(c);
		for (size_t j = 0; j < 8; j++) {
			const char *want = bad[i].want[j];
			const char *got = j < errors.n ? errors.v[j].text : NULL;
			if (want == NULL && got == NULL)
				break;
			if (want == NULL || got == NULL ||
			    strncmp(want, got, strlen(want)) != 0)
				fail_msg("%s: wanted\n%s\ngot\n%s",
				    bad[i].name, want == NULL ? "-" : want,
				    got == NULL ? "-" : got);
			assert_int_equal(errors.v[j].code, EXIT_CONFIG);
		}
		err_list_free(&errors);
	}
}

static struct config *
good(const char *text)
{
	struct err_list errors = { 0 };
	struct config *c = config_read_text("f", text, strlen(text), &errors);

	if (c == NULL)
		fail_msg("%s", errors.v[0].text);
	err_list_free(&errors);
	return c;
}

static void
defaults_hold_without_a_file(void **state)
{
	struct config *c = good("");

	(void)state;
	assert_string_equal(c->socket, "unix:/var/spool/postfix/waybill/milter");
	assert_string_equal(c->socket_group, "postfix");
	assert_int_equal(c->socket_mode, 0660);
	assert_false(c->socket_public);
	assert_string_equal(c->user, "waybill");
	assert_int_equal(c->on_error, ON_ERROR_TEMPFAIL);
	assert_true(c->outgoing.authenticated);
	assert_true(c->outgoing.local);
	assert_int_equal(c->outgoing.certificates.n, 0);
	assert_string_equal(c->outgoing.daemons.v[0], "ORIGINATING");
	assert_string_equal(c->outgoing.networks.v[0], "auto");
	assert_int_equal(c->sender.preference, PREFERENCE_AUTO);
	assert_string_equal(c->sender.postfix, "/etc/postfix");
	assert_true(c->sign.enabled);
	assert_int_equal(c->sign.author, SIGN_AUTHOR_ANY);
	assert_int_equal(c->sign.header_canon, CANON_RELAXED);
	assert_int_equal(c->sign.body_canon, CANON_RELAXED);
	assert_int_equal(c->sign.expire_ms, 0);
	assert_string_equal(c->headers.prefix, "X-Waybill-");
	assert_true(c->headers.stamp_sender);
	assert_true(c->headers.stamp_route);
	assert_int_equal(c->headers.max_routes, 8);
	assert_int_equal(c->resolver.servers.n, 0);
	assert_int_equal(c->resolver.wait_ms, 2000);
	assert_string_equal(c->resolver.trust_anchor, "");
	assert_int_equal(c->warn.every_ms, 24 * 3600 * 1000);
	assert_true(c->warn.no_aaaa && c->warn.spf && c->warn.align &&
	    c->warn.unsigned_mail);
	assert_int_equal(c->log.to, LOG_SINK_SYSLOG);
	assert_int_equal(c->log.level, LOG_LEVEL_INFO);
	assert_int_equal(c->ndomains, 0);
	config_free(&c);
	assert_null(c);
}

static void
values_are_taken(void **state)
{
	struct config *c = good("// comment\n"
	    "socket = inet6:8892@[::1]\n"
	    "user = 'w' on_error = \"accept\"\n"
	    "keys = \"/a\\\"b\"\n"
	    "outgoing { networks += 192.0.2.0/24 local = no }\n"
	    "outgoing { daemons = { } }\n"
	    "domain \"B\xc3\x9c" "CHER.example.\" { subdomains = true\n"
	    "  key 2026R { file = /k1 }\n  key \"e.x\" { file = \"/k2\" } }\n"
	    "domain other.example { }\n"
	    "sign { canonicalization = \"simple/relaxed\" expire = 30d }\n"
	    "headers { stamp = {} max_routes = 010 }\n"
	    "log { to = stderr level = debug }\n");

	(void)state;
	assert_string_equal(c->socket, "inet6:8892@[::1]");
	assert_string_equal(c->user, "w");
	assert_int_equal(c->on_error, ON_ERROR_ACCEPT);
	assert_string_equal(c->keys, "/a\"b");
	assert_int_equal(c->outgoing.networks.n, 2);
	assert_string_equal(c->outgoing.networks.v[1], "192.0.2.0/24");
	assert_false(c->outgoing.local);
	assert_int_equal(c->outgoing.daemons.n, 0);
	assert_int_equal(c->ndomains, 2);
	assert_string_equal(c->domains[0].name, "xn--bcher-kva.example");
	assert_int_equal(c->domains[0].line, 7);
	assert_true(c->domains[0].subdomains);
	assert_int_equal(c->domains[0].nkeys, 2);
	assert_string_equal(c->domains[0].keys[0].selector, "2026r");
	assert_string_equal(c->domains[0].keys[0].file, "/k1");
	assert_int_equal(c->domains[0].keys[0].line, 8);
	assert_string_equal(c->domains[0].keys[1].selector, "e.x");
	assert_int_equal(c->domains[0].keys[1].line, 9);
	assert_false(c->domains[1].subdomains);
	assert_int_equal(c->sign.header_canon, CANON_SIMPLE);
	assert_int_equal(c->sign.body_canon, CANON_RELAXED);
	assert_int_equal(c->sign.expire_ms, 30LL * 24 * 3600 * 1000);
	assert_false(c->headers.stamp_sender);
	assert_false(c->headers.stamp_route);
	assert_int_equal(c->headers.max_routes, 10);
	assert_int_equal(c->log.to, LOG_SINK_STDERR);
	assert_int_equal(c->log.level, LOG_LEVEL_DEBUG);
	config_free(&c);
}

/* libopendkim makes a broken signature of a name that is oversigned and not
 * signed; both stamps are always oversigned, From always signed. */
static void
what_is_signed_covers_what_is_oversigned(void **state)
{
	struct config *c = good("sign { headers = \"Subject\" "
	    "oversign = { \"to\", \"SUBJECT\" } }\n"
	    "headers { prefix = \"X-Way-\" }\n");

	(void)state;
	static const char *const oversigned[] = {
		"to", "SUBJECT", "X-Way-Sender", "X-Way-Route"
	};
	static const char *const names[] = {
		"Subject", "From", "to", "X-Way-Sender", "X-Way-Route"
	};
	assert_int_equal(c->sign.oversign.n, COUNT(oversigned));
	for (size_t i = 0; i < COUNT(oversigned); i++)
		assert_string_equal(c->sign.oversign.v[i], oversigned[i]);
	assert_int_equal(c->sign.headers.n, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(c->sign.headers.v[i], names[i]);
	assert_int_equal(c->sign.headers_written.n, 1);
	config_free(&c);

	c = good("");
	for (size_t i = 0; i < c->sign.oversign.n; i++)
		assert_true(text_list_has_fold(&c->sign.headers,
		    c->sign.oversign.v[i]));
	assert_true(text_list_has_fold(&c->sign.headers, "List-Unsubscribe"));
	assert_true(text_list_has_fold(&c->sign.headers,
	    "List-Unsubscribe-Post"));
	assert_true(text_list_has_fold(&c->sign.oversign, "From"));
	config_free(&c);
}

static void
names_are_bounded_together(void **state)
{
	struct err_list errors = { 0 };
	struct text t;

	(void)state;
	text_init(&t, 10000);
	text_add(&t, "sign { headers = { \"A\"");
	for (int i = 0; i < 40; i++)
		text_addf(&t, ", \"X-Quite-A-Long-Name-%d\"", i);
	text_add(&t, " } }\n");
	assert_null(config_read_text("f", t.buf, t.len, &errors));
	assert_int_equal(errors.n, 1);
	assert_non_null(strstr(errors.v[0].text, "f:1: sign.headers: "));
	assert_non_null(strstr(errors.v[0].text, "allowed: 900"));
	err_list_free(&errors);
	text_free(&t);
}

static void
public_sockets_are_allowed_on_request(void **state)
{
	struct config *c = good("socket = \"inet:8892@0.0.0.0\"\n"
	    "socket_public = true\n");

	(void)state;
	config_free(&c);
	c = good("socket = \"inet:8892@127.0.0.2\"\n");
	config_free(&c);
	c = good("socket = \"inet:8892@localhost\"\n");
	config_free(&c);
}

static void
files_that_cant_be_read_are_named(void **state)
{
	static const char *const paths[] = { "/nonexistent.conf", "/" };
	struct err_list errors = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		assert_null(config_read(paths[i], &errors));
		assert_int_equal(errors.n, 1);
		assert_int_equal(errors.v[0].code, EXIT_CONFIG);
		assert_ptr_equal(strstr(errors.v[0].text, paths[i]),
		    errors.v[0].text);
		err_list_free(&errors);
	}
	struct config *c = config_read("/dev/null", &errors);
	assert_non_null(c);
	assert_string_equal(c->path, "/dev/null");
	config_free(&c);
}

/* Ten thousand identities are read in no time, and each has its line. */
static void
thousands_of_domains_are_read(void **state)
{
	struct text t;

	(void)state;
	text_init(&t, 1 << 21);
	for (int i = 0; i < 3000; i++)
		text_addf(&t, "domain \"d%d.example\" {\nkey \"s\" "
		    "{ file = \"/k/%d\" } }\n", i, i);
	struct config *c = good(t.buf);
	assert_int_equal(c->ndomains, 3000);
	assert_string_equal(c->domains[2999].name, "d2999.example");
	assert_string_equal(c->domains[2999].keys[0].file, "/k/2999");
	assert_int_equal(c->domains[2999].line, 5999);
	assert_int_equal(c->domains[2999].keys[0].line, 6000);
	config_free(&c);
	text_free(&t);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(faults_are_named),
    cmocka_unit_test(defaults_hold_without_a_file),
    cmocka_unit_test(values_are_taken),
    cmocka_unit_test(what_is_signed_covers_what_is_oversigned),
    cmocka_unit_test(names_are_bounded_together),
    cmocka_unit_test(public_sockets_are_allowed_on_request),
    cmocka_unit_test(files_that_cant_be_read_are_named),
    cmocka_unit_test(thousands_of_domains_are_read))
