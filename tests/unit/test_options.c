/* SPDX-License-Identifier: ISC */
/* The table of options is sound, and a row judges its values. */
#include "config/options.h"

#include "config/config.h"
#include "unit.h"

static const char *
section_of(const char *path, char *out)
{
	const char *dot = strrchr(path, '.');
	size_t len = dot == NULL ? 0 : (size_t)(dot - path);

	memcpy(out, path, len);
	out[len] = '\0';
	return out;
}

/* Each default passes its own check, each row has its sentence, sections
 * stand together. */
static void
the_table_is_sound(void **state)
{
	struct config c = { 0 };
	struct err err = { 0 };
	char section[64], before[64] = "", done[400] = " ";

	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		assert_ptr_equal(option_find(row->path), row);
		assert_true(strlen(row->help) > 10);
		assert_non_null(strchr(".?", row->help[strlen(row->help) - 1]));
		if (option_set_initial(row, &c, &err) != 0)
			fail_msg("%s: %s", row->path, err.text);
		option_clear(row, &c);
		assert_true(row->initial != NULL || row->sample != NULL);
		if (strcmp(section_of(row->path, section), before) == 0)
			continue;
		strcpy(before, section);
		strcat(section, " ");
		if (strstr(done, section) != NULL)
			fail_msg("%s: its section is torn", row->path);
		strcat(done, section);
	}
	assert_null(option_find("sign"));
	assert_int_equal(option_section("sign"), OPTION_SECTION);
	assert_int_equal(option_section("domain"), OPTION_TITLED);
	assert_int_equal(option_section("domain.key"), OPTION_TITLED);
	assert_int_equal(option_section("user"), OPTION_NO_SECTION);
	assert_int_equal(option_section("sig"), OPTION_NO_SECTION);
}

/* One value, and how it is written down again; NULL: refused. */
static const struct {
	const char *path, *value, *want;
} rows[] = {
	{ "socket", "unix:/a", "\"unix:/a\"" },
	{ "socket", "unix:a", NULL },
	{ "socket", "unix:/a/", NULL },
	{ "socket", "unix:", NULL },
	{ "socket", "/a", NULL },
	{ "socket", "local:/a", NULL },
	{ "socket", "inet:8892@127.0.0.1", "\"inet:8892@127.0.0.1\"" },
	{ "socket", "inet:8892@localhost", "\"inet:8892@localhost\"" },
	{ "socket", "inet:8892@mail.example.org", NULL },
	{ "socket", "inet:8892", NULL },
	{ "socket", "inet:8892@", NULL },
	{ "socket", "inet:0@127.0.0.1", NULL },
	{ "socket", "inet:65536@127.0.0.1", NULL },
	{ "socket", "inet:-1@127.0.0.1", NULL },
	{ "socket", "inet:0x50@127.0.0.1", NULL },
	{ "socket", "inet:1@::1", NULL },
	{ "socket", "inet6:8892@[::1]", "\"inet6:8892@[::1]\"" },
	{ "socket", "inet6:8892@::1", "\"inet6:8892@::1\"" },
	{ "socket", "inet6:8892@[127.0.0.1]", NULL },
	{ "socket_mode", "0660", "\"0660\"" },
	{ "socket_mode", "666", "\"0666\"" },
	{ "socket_mode", "0400", NULL },
	{ "socket_mode", "4660", NULL },
	{ "socket_mode", "0999", NULL },
	{ "socket_mode", "66", NULL },
	{ "socket_mode", "-rw-", NULL },
	{ "socket_public", "yes", "true" },
	{ "socket_public", "OFF", "false" },
	{ "socket_public", "1", NULL },
	{ "socket_public", "", NULL },
	{ "user", "waybill", "\"waybill\"" },
	{ "user", "two words", NULL },
	{ "user", "", NULL },
	{ "user", "-x", NULL },
	{ "on_error", "accept", "\"accept\"" },
	{ "on_error", "Accept", "\"accept\"" },
	{ "on_error", "reject", NULL },
	{ "keys", "", "\"\"" },
	{ "keys", "relative", NULL },
	{ "outgoing.certificates", "CN=a|CN=b", "{ \"CN=a|CN=b\" }" },
	{ "outgoing.certificates", "CN=a", NULL },
	{ "outgoing.certificates", "|b", NULL },
	{ "outgoing.certificates", "a|", NULL },
	{ "outgoing.daemons", "a b", NULL },
	{ "outgoing.networks", "auto", "{ \"auto\" }" },
	{ "outgoing.networks", "192.0.2.0/24", "{ \"192.0.2.0/24\" }" },
	{ "outgoing.networks", "2001:db8::/32", "{ \"2001:db8::/32\" }" },
	{ "outgoing.networks", "192.0.2.0/33", NULL },
	{ "outgoing.networks", "example.org", NULL },
	{ "outgoing.lists", "lists.example.org",
	    "{ \"lists.example.org\" }" },
	{ "outgoing.lists", "LISTS.b\303\274cher.example",
	    "{ \"lists.xn--bcher-kva.example\" }" },
	{ "outgoing.lists", "list@example.org", NULL },
	{ "sender.ipv4", "192.0.2.1", "{ \"192.0.2.1\" }" },
	{ "sender.ipv4", "none", "{ \"none\" }" },
	{ "sender.ipv4", "2001:db8::1", NULL },
	{ "sender.ipv6", "2001:DB8::0:1", "{ \"2001:db8::1\" }" },
	{ "sender.ipv6", "192.0.2.1", NULL },
	{ "sender.hostname", "auto", "\"auto\"" },
	{ "sender.hostname", "Mail.Example.ORG", "\"mail.example.org\"" },
	{ "sender.hostname", "mail", NULL },
	{ "sender.hostname", "a..b", NULL },
	{ "sender.preference", "any", "\"any\"" },
	{ "sender.postfix", "", NULL },
	{ "sign.canonicalization", "simple/relaxed", "\"simple/relaxed\"" },
	{ "sign.canonicalization", "relaxed", NULL },
	{ "sign.expire", "0", "\"0\"" },
	{ "sign.expire", "7d", "\"1w\"" },
	{ "sign.expire", "6d", NULL },
	{ "sign.expire", "604799", NULL },
	{ "sign.expire", "604800", "\"1w\"" },
	{ "sign.expire", "-7d", NULL },
	{ "sign.headers", "X-Any_thing", "{ \"X-Any_thing\" }" },
	{ "sign.headers", "*", NULL },
	{ "sign.headers", "A:", NULL },
	{ "sign.headers", "", NULL },
	{ "sign.headers", "Bcc", NULL },
	{ "sign.headers", "received", NULL },
	{ "sign.headers", "DKIM-Signature", NULL },
	{ "sign.headers", "Sender", "{ \"Sender\" }" },
	{ "sign.oversign", "Sender", NULL },
	{ "sign.oversign", "list-unsubscribe", NULL },
	{ "headers.prefix", "X-Way-", "\"X-Way-\"" },
	{ "headers.prefix", "X-", NULL },
	{ "headers.prefix", "X--", NULL },
	{ "headers.prefix", "Y-Way-", NULL },
	{ "headers.prefix", "X-Way", NULL },
	{ "headers.prefix", "X-W y-", NULL },
	{ "headers.prefix", "X-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-",
	    NULL },
	{ "headers.stamp", "route", "{ \"route\" }" },
	{ "headers.stamp", "both", NULL },
	{ "headers.max_routes", "010", "10" },	/* decimal, not octal */
	{ "headers.max_routes", "0", NULL },
	{ "headers.max_routes", "101", NULL },
	{ "headers.max_routes", "8.0", NULL },
	{ "headers.max_routes", "99999999999999999999", NULL },
	{ "resolver.servers", "127.0.0.1@5353", "{ \"127.0.0.1@5353\" }" },
	{ "resolver.servers", "2001:db8::53", "{ \"2001:db8::53\" }" },
	{ "resolver.servers", "2001:db8::53@53", "{ \"2001:db8::53@53\" }" },
	{ "resolver.servers", "127.0.0.1@0", NULL },
	{ "resolver.servers", "127.0.0.1:53", NULL },
	{ "resolver.servers", "ns.example.org", NULL },
	{ "resolver.wait", "100ms", "\"100ms\"" },
	{ "resolver.wait", "99ms", NULL },
	{ "resolver.wait", "31s", NULL },
	{ "resolver.wait", "2 s", NULL },
	{ "resolver.wait", "soon", NULL },
	{ "warn.every", "24h", "\"24h\"" },
	{ "log.level", "debug", "\"debug\"" },
	{ "log.level", "loud", NULL },
	{ "user", "a\nb", NULL },
	{ "keys", "/a\x1b[m", NULL },
};

static void
values_are_judged(void **state)
{
	struct text t;

	(void)state;
	text_init(&t, 10000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct option_row *row = option_find(rows[i].path);
		struct config c = { 0 };
		struct err err = { 0 };
		assert_non_null(row);
		int rc = option_set(row, &c, &rows[i].value, 1, &err);
		text_clear(&t);
		if (rc == 0)
			option_format(row, &c, &t);
		option_clear(row, &c);
		if ((rc == 0) != (rows[i].want != NULL) ||
		    (rc == 0 && strcmp(t.buf, rows[i].want) != 0))
			fail_msg("%s = %s: %s", rows[i].path, rows[i].value,
			    rc == 0 ? t.buf : err.text);
		if (rc != 0)
			assert_non_null(strstr(err.text, "; allowed: "));
	}
	text_free(&t);
}

static void
paths_of_sockets_are_bounded(void **state)
{
	const struct option_row *row = option_find("socket");
	struct config c = { 0 };
	struct err err = { 0 };
	char path[200] = "unix:/";
	const char *value = path;

	(void)state;
	memset(path + 6, 'a', 106);
	assert_int_equal(option_set(row, &c, &value, 1, &err), 0);
	path[6 + 106] = 'a';
	assert_int_equal(option_set(row, &c, &value, 1, &err), -1);
	assert_string_equal(err.text, "path of 108 bytes; a socket path can "
	    "have 107: choose a shorter one; allowed: unix:PATH, "
	    "inet:PORT@ADDRESS or inet6:PORT@[ADDRESS]");
	assert_int_equal(strlen(c.socket), 5 + 107);	/* as before */
	option_clear(row, &c);
}

static void
lists_are_judged(void **state)
{
	static const struct {
		const char *path;
		const char *values[3];
		size_t n;
		const char *want;	/* NULL: good */
	} lists[] = {
		{ "sender.ipv4", { "auto", "192.0.2.1" }, 2,
		    "\"auto\" cannot be combined with other items; allowed: "
			"\"auto\", \"none\" or IPv4 addresses" },
		{ "sender.ipv4", { "192.0.2.1", "192.0.2.2" }, 2, NULL },
		{ "sender.ipv4", { NULL }, 0, "the list is empty; allowed: "
		    "\"auto\", \"none\" or IPv4 addresses" },
		{ "outgoing.networks", { "auto", "192.0.2.0/24" }, 2, NULL },
		{ "outgoing.networks", { NULL }, 0, NULL },
		{ "sign.headers", { "From", "from" }, 2,
		    "\"from\" is given twice; allowed: names of header "
			"fields" },
		{ "headers.stamp", { "sender", "route", "route" }, 3,
		    "too many items: 3; at most 2; allowed: "
			"sender, route, both or neither" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		const struct option_row *row = option_find(lists[i].path);
		struct config c = { 0 };
		struct err err = { 0 };
		int rc = option_set(row, &c, lists[i].values, lists[i].n, &err);
		if (lists[i].want == NULL)
			assert_int_equal(rc, 0);
		else
			assert_string_equal(err.text, lists[i].want);
		option_clear(row, &c);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(the_table_is_sound),
    cmocka_unit_test(values_are_judged),
    cmocka_unit_test(paths_of_sockets_are_bounded),
    cmocka_unit_test(lists_are_judged))
