/* SPDX-License-Identifier: ISC */
/* Postfix's configuration out of the words of postconf(1); which milters it
 * asks; what could bring strangers' mail back. */
#include "find/postfix.h"

#include <unistd.h>

#include "base/file.h"
#include "find/postfix_filter.h"
#include "find/postfix_milter.h"
#include "postconf.h"
#include "unit.h"

static void
values_of_services(void **state)
{
	static const struct {
		const char *service, *type, *name, *want;	/* NULL: none */
	} rows[] = {
		{NULL, NULL, "myhostname", "mail.example.org"},
		{NULL, NULL, "smtp_helo_name", "mail.example.org"},
		{NULL, NULL, "relayhost", "[relay.example.org]:587"},
		{NULL, NULL, "nosuch", NULL}, {NULL, NULL, "transport_maps", ""},
		{"smtp4", "unix", "inet_protocols", "ipv4"},
		{"smtp4", "unix", "smtp_helo_name", "out.example.org"},
		{"smtp", "unix", "inet_protocols", "all"},
		{"smtp", "inet", "inet_protocols", "all"},
		{"relay", "unix", "syslog_name", "postfix/relay"},
		{"smtp", "inet", "syslog_name", "postfix"},
		{"smtp", "inet", "smtpd_milters", "inet:localhost:8891, { "
		    "unix:waybill/milter, connect_timeout=10s, "
		    "default_action=accept }"},
		{"submission", "inet", "smtpd_milters",
		    "unix:/var/spool/postfix/waybill/milter, "
		    "inet:localhost:8891"},
		{"[::1]:2525", "inet", "smtpd_milters", ""},
		{"127.0.0.1:10025", "inet", "receive_override_options",
		    "no_milters,no_unknown_recipient_checks"},
		{"smtp", "inet", "smtpd_relay_restrictions", "permit_mynetworks, "
		    "permit_sasl_authenticated, defer_unauth_destination"},
	};

	(void)state;
	struct postfix *p = postconf_parse(NULL, NULL, NULL);
	assert_int_equal(postfix_found(p), POSTFIX_FOUND);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct postfix_service *s = NULL;
		if (rows[i].service != NULL) {
			s = postfix_service(p, rows[i].service, rows[i].type);
			assert_non_null(s);
		}
		char *value = postfix_value(p, s, rows[i].name);
		if (rows[i].want == NULL)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].want);
		free(value);
	}
	postfix_release(&p);
}

static void
columns(void **state)
{
	size_t n;

	(void)state;
	struct postfix *p = postconf_parse(NULL, NULL, NULL);
	(void)postfix_services(p, &n);
	assert_int_equal(n, 12);
	const struct postfix_service *s = postfix_service(p, "smtp4", "unix");
	assert_string_equal(s->column[0], "-");
	assert_string_equal(s->column[2], "y");
	assert_true(s->is_chrooted);
	assert_string_equal(s->command, "smtp");
	assert_string_equal(s->arguments, "-o inet_protocols=ipv4 -o "
	    "smtp_bind_address=192.0.2.10 -o smtp_address_preference=ipv4");
	assert_true(postfix_overrides(p, s, "inet_protocols"));
	assert_false(postfix_overrides(p, s, "myhostname"));
	assert_false(postfix_overrides(p, NULL, "myhostname"));
	assert_false(postfix_service(p, "smtps", "inet")->is_chrooted);
	assert_null(postfix_service(p, "smtps", "unix"));
	postfix_release(&p);
	/* "-" was "y" before level 1 */
	p = postconf_parse("compatibility_level = 0\n", NULL, NULL);
	assert_true(postfix_service(p, "smtps", "inet")->is_chrooted);
	assert_false(postfix_service(p, "submission", "inet")->is_chrooted);
	postfix_release(&p);
}

static void
nonsense_is_unreadable(void **state)
{
	static const char *const parts[][3] = {
		{"", "", ""}, {"no equals\n", "", ""}, {" = x\n", "", ""},
		{"a = b\n", "smtp inet n - n -\n", ""},
		{"a = b\n", "", "nosuch/unix/x = y\n"},
		{"a = b\n", "smtp inet n - n - - smtpd\n", "x = y\n"},
		{"a = b\n", "smtp inet n - n - - smtpd\n", "x/y = y\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		struct postfix_text t = {.found = POSTFIX_FOUND};
		for (size_t k = 0; k < 3; k++)
			t.part[POSTFIX_MAIN + k] = strdup(parts[i][k]);
		struct postfix *p = postfix_parse(&t);
		assert_int_equal(postfix_found(p), POSTFIX_UNREADABLE);
		assert_string_equal(postfix_why(p),
		    "cannot parse the output of postconf(1)");
		assert_null(postfix_value(p, NULL, "a"));
		assert_non_null(postfix_filter_why(p));
		postfix_release(&p);
	}
	struct postfix_text none = {.found = POSTFIX_NONE};
	struct postfix *p = postfix_parse(&none);
	assert_int_equal(postfix_found(p), POSTFIX_NONE);
	assert_string_equal(postfix_why(p), "");
	assert_non_null(postfix_filter_why(p));
	struct postfix *q = postfix_hold(p);
	postfix_release(&p);
	assert_int_equal(postfix_found(q), POSTFIX_NONE);
	postfix_release(&q);
	postfix_release(&q);
}

static void
words(void **state)
{
	static const char *const want[] = {"a", "{ b, {c d} e }", "f", "g}"};
	const char *at = " a,, { b, {c d} e }\tf ,g} ,";
	char *w;
	size_t n = 0;

	(void)state;
	while ((w = postfix_next_word(&at)) != NULL) {
		assert_true(n < COUNT(want));
		assert_string_equal(w, want[n++]);
		free(w);
	}
	assert_int_equal(n, COUNT(want));
}

static void
hosts(void **state)
{
	struct ip ip;
	char out[IP_SIZE];

	(void)state;
	struct postfix *p = postconf_parse(NULL, NULL,
	    "mail.example.org 192.0.2.1\nmail.example.org 2001:db8::1\n"
	    "x 192.0.2.9\n");
	assert_true(postfix_host(p, "MAIL.example.org", 1, &ip));
	assert_string_equal(ip_format(&ip, out), "2001:db8::1");
	assert_false(postfix_host(p, "mail.example.org", 2, &ip));
	assert_false(postfix_host(p, "mail", 0, &ip));
	postfix_release(&p);
}

static const char *
state_of(const struct postfix *p, const char *socket, const char *service)
{
	size_t n;
	const char *name = "";
	struct postfix_attachment *v = postfix_attachments(p, socket, &n);

	assert_int_equal(n, 6);
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].service->name, service) == 0)
			name = postfix_attachment_name(v[i].state);
	free(v);
	return name;
}

static void
attachments(void **state)
{
	static const struct {
		const char *socket, *service, *want;
	} rows[] = {
		/* chrooted and relative to the queue's folder */
		{"unix:/var/spool/postfix/waybill/milter", "smtp", "attached"},
		/* not chrooted, whole path, another milter behind it */
		{"unix:/var/spool/postfix/waybill/milter", "submission",
		    "not-last"},
		/* not chrooted: this path lies outside of the queue's folder */
		{"unix:/var/spool/postfix/waybill/milter", "smtps",
		    "kept-free"},
		{"unix:/waybill/milter", "smtps", "attached"},
		/* its own option names none */
		{"unix:/var/spool/postfix/waybill/milter", "[::1]:2525",
		    "kept-free"},
		/* no_milters */
		{"unix:/var/spool/postfix/waybill/milter", "127.0.0.1:10025",
		    "kept-free"},
		{"unix:/var/spool/postfix/waybill/milter", "cleanup",
		    "attached"},
		{"unix:/var/spool/postfix//./waybill/milter", "cleanup",
		    "attached"},
		{"unix:/elsewhere", "smtp", "detached"},
		{"inet:8891@127.0.0.1", "smtp", "not-last"},
		{"inet:8891@127.0.0.1", "submission", "attached"},
		{"inet6:8891@[::1]", "submission", "attached"},
		{"inet:8891", "submission", "attached"},
		{"inet:8892@127.0.0.1", "submission", "kept-free"},
		{"inet:8891@192.0.2.1", "submission", "kept-free"},
		{"nonsense", "smtp", "detached"},
	};

	(void)state;
	struct postfix *p = postconf_parse(NULL, NULL, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = state_of(p, rows[i].socket, rows[i].service);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s %s: %s", rows[i].socket, rows[i].service,
			    got);
	}
	postfix_release(&p);
	p = postconf_parse("smtpd_milters = unix:waybill/milter "
	    "unix:waybill/milter\nnon_smtpd_milters = nonsense\n", NULL, NULL);
	assert_string_equal(state_of(p, "unix:/var/spool/postfix/waybill/"
	    "milter", "smtp"), "twice");
	size_t n;
	struct postfix_attachment *v = postfix_attachments(p, "unix:/x", &n);
	assert_true(v[5].has_unknown);
	assert_int_equal(v[5].n, 1);
	free(v);
	postfix_release(&p);
}

static void
milters_of_every_form(void **state)
{
	static const struct {
		const char *list, *socket;
		bool want;
	} rows[] = {
		{"unix:/run/w", "unix:/run/w", true},	/* smtps: no chroot */
		{"local:/run/w", "unix:/run/w", true},
		{"{unix:/run/w}", "unix:/run/w", true},
		{"{ unix:/run/w, default_action=accept }", "unix:/run/w", true},
		{"unix:w", "unix:/var/spool/postfix/w", true},
		{"unix:/run/w/", "unix:/run/w", true},
		{"inet:[::1]:8892", "inet6:8892@[::1]", true},
		{"inet:[::1]:8892", "inet6:8892@::", true},
		{"inet:127.0.0.1:smtp", "inet:25@127.0.0.1", true},
		{"inet:mail.example.org:8892", "inet:8892@mail.example.org",
		    true},
		{"inet:127.0.0.1:8892", "inet:8892@0.0.0.0", true},
		{"inet:127.0.0.1:8892", "inet:8892@::1", false},
		{"inet:127.0.0.1", "inet:8892@127.0.0.1", false},
		{"/run/w", "unix:/run/w", false}, {"unix:", "unix:/", false},
		{"{", "unix:/run/w", false}, {"{}", "unix:/run/w", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char line[200];
		(void)snprintf(line, sizeof line,
		    "smtps/inet/smtpd_milters = %s\n", rows[i].list);
		struct postfix *p = postconf_parse(NULL, line, NULL);
		const char *got = state_of(p, rows[i].socket, "smtps");
		if (strcmp(got, rows[i].want ? "attached" : "kept-free") != 0)
			fail_msg("%s %s: %s", rows[i].list, rows[i].socket,
			    got);
		postfix_release(&p);
	}
}

static char folder[] = "/tmp/waybill-postfix-XXXXXX";

static const char *
path_of(const char *name)
{
	static char path[100];

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static int
make_tables(void **state)
{
	static const struct {
		const char *name, *content;
		size_t len;
	} files[] = {
		{"good", "example.org REJECT no filter here\n# x FILTER y:\n", 0},
		{"bad", "# x\nexample.org FILTER smtp:[127.0.0.1]:10025\n", 0},
		{"lower", "/^x/ filter smtp:[127.0.0.1]:10025", 0},
		{"word", "a REDIRECT prefilter x\nb X-FILTERED y\n", 0},
		{"index.db", "\0\1xFILTER smtp:\0", 15},
		{"fine.db", "\0\1xREJECT\0", 10},
	};

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	for (size_t i = 0; i < COUNT(files); i++)
		if (file_write(path_of(files[i].name), files[i].content,
		    files[i].len == 0 ? strlen(files[i].content)
		    : files[i].len, 0600, (uid_t)-1, (gid_t)-1, FILE_REPLACE,
		    NULL) != 0)
			return -1;
	return 0;
}

static int
remove_tables(void **state)
{
	static const char *const names[] = {"good", "bad", "lower", "word",
	    "index.db", "fine.db"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		(void)unlink(path_of(names[i]));
	return rmdir(folder);
}

static void
filters(void **state)
{
	static const struct {
		const char *name;
		const char *main, *override;	/* %s: the tables' folder */
		bool want;
	} rows[] = {
		{"nothing", "", "", false},
		{"content_filter", "content_filter = smtp:[127.0.0.1]:10024\n", "",
		    true},
		{"of one service", "",
		    "smtp/inet/content_filter = x:y\n", true},
		{"of a service that feeds nothing", "",
		    "smtp/unix/content_filter = x:y\n", false},
		{"proxy", "", "smtp/inet/smtpd_proxy_filter = 127.0.0.1:1\n",
		    true},
		{"proxy elsewhere", "",
		    "smtp4/unix/smtpd_proxy_filter = 127.0.0.1:1\n", false},
		{"table without", "header_checks = regexp:%s/good\n", "", false},
		{"table with", "header_checks = regexp:%s/bad\n", "", true},
		{"small letters", "body_checks = pcre:%s/lower\n", "", true},
		{"part of a word", "header_checks = regexp:%s/word\n", "",
		    false},
		{"access", "smtpd_recipient_restrictions = check_sender_access "
		    "hash:%s/bad, reject\n", "", true},
		{"nested", "smtpd_recipient_restrictions = { check_sender_access "
		    "{ texthash:%s/bad, x=y } }\n", "", true},
		{"index alone", "smtpd_client_restrictions = "
		    "check_client_access hash:%s/index\n", "", true},
		{"index without", "smtpd_client_restrictions = "
		    "check_client_access hash:%s/fine\n", "", false},
		{"proxy map", "smtpd_client_restrictions = "
		    "check_client_access proxy:hash:%s/bad\n", "", true},
		{"no file", "header_checks = regexp:%s/absent\n", "", false},
		{"a folder", "header_checks = regexp:%s\n", "", true},
		{"no table file", "header_checks = mysql:%s/bad\n", "", false},
		{"class", "smtpd_restriction_classes = mine, other\n"
		    "mine = check_sender_access hash:%s/bad\n", "", true},
		{"in the list", "smtpd_client_restrictions = check_client_access "
		    "static:{FILTER smtp:x}\n", "", true},
		{"in a service's list", "",
		    "submission/inet/smtpd_client_restrictions = "
		    "check_client_access hash:%s/bad\n", true},
		{"of cleanup", "",
		    "cleanup/unix/header_checks = regexp:%s/bad\n", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char more_main[1000], override[1000];
		const char *const in[2] = {rows[i].main, rows[i].override};
		char *const out[2] = {more_main, override};
		struct text why;

		for (int k = 0; k < 2; k++) {
			const char *at = strstr(in[k], "%s");
			size_t head = at == NULL ? strlen(in[k])
			    : (size_t)(at - in[k]);
			(void)snprintf(out[k], 1000, "%.*s%s%s", (int)head,
			    in[k], at == NULL ? "" : folder,
			    at == NULL ? "" : at + 2);
		}
		/* the captured one names a table of this host's */
		char whole[2000];
		(void)snprintf(whole, sizeof whole,
		    "smtpd_recipient_restrictions = reject\n%s", more_main);
		struct postfix *p = postconf_parse(whole, override, NULL);
		text_init(&why, 10000);
		postfix_filter_look(p, &why);
		if ((why.len > 0) != rows[i].want)
			fail_msg("%s: %s", rows[i].name, why.buf);
		text_free(&why);
		postfix_release(&p);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(values_of_services),
    cmocka_unit_test(columns),
    cmocka_unit_test(nonsense_is_unreadable),
    cmocka_unit_test(words),
    cmocka_unit_test(hosts),
    cmocka_unit_test(attachments),
    cmocka_unit_test(milters_of_every_form),
    cmocka_unit_test_setup_teardown(filters, make_tables,
	remove_tables))
