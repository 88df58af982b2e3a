/* SPDX-License-Identifier: ISC */
/* The URL of a PostgreSQL store: what libpq is told, what is refused, and that
 * no sentence shows a password. No server is asked. */
#include "record/pgsql_target.h"

#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* sslmode is what a good URL comes to; why what the refusal of a bad one
 * says. */
static const struct {
	const char *url, *sslmode, *why;
} urls[] = {
	/* another host: its certificate and name are verified */
	{ "postgresql://db.example.org/waybill", "verify-full", NULL },
	{ "postgresql://u@db.example.org:5433/waybill", "verify-full", NULL },
	{ "postgresql://192.0.2.1/waybill", "verify-full", NULL },
	{ "postgresql://[2001:db8::1]/waybill", "verify-full", NULL },
	{ "postgresql://db.example.org/waybill?sslmode=verify-full",
	    "verify-full", NULL },
	{ "postgresql:///waybill?host=db.example.org", "verify-full", NULL },
	{ "postgresql:///waybill?hostaddr=192.0.2.1", "verify-full", NULL },
	/* what is connected to is the address */
	{ "postgresql://localhost/w?hostaddr=192.0.2.1", "verify-full", NULL },
	{ "postgresql://localhost,db.example.org/w", "verify-full", NULL },
	{ "postgresql://localhost.example.org/w", "verify-full", NULL },
	{ "postgresql://127.0.0.1.example.org/w", "verify-full", NULL },
	/* this host */
	{ "postgresql:///waybill", "prefer", NULL },
	{ "postgresql://waybill@/waybill?host=/run/postgresql", "prefer",
	    NULL },
	{ "postgresql://%2Frun%2Fpostgresql/waybill", "prefer", NULL },
	{ "postgresql://localhost/waybill", "prefer", NULL },
	{ "postgresql://127.0.0.1:5433/waybill", "prefer", NULL },
	{ "postgresql://[::1]/waybill", "prefer", NULL },
	{ "postgresql://localhost,127.0.0.2/w", "prefer", NULL },
	{ "postgresql://localhost/w?sslmode=disable", "disable", NULL },
	{ "postgresql://localhost/w?sslmode=verify-full", "verify-full",
	    NULL },
	/* TLS that would take anybody's certificate, or none */
	{ "postgresql://db.example.org/w?sslmode=disable", NULL,
	    "sslmode=disable" },
	{ "postgresql://db.example.org/w?sslmode=prefer", NULL,
	    "sslmode=prefer" },
	{ "postgresql://db.example.org/w?sslmode=require", NULL,
	    "sslmode=require" },
	{ "postgresql://db.example.org/w?sslmode=verify-ca", NULL,
	    "sslmode=verify-ca" },
	/* passwords, in each form that libpq reads */
	{ "postgresql://u:sEcReT@db.example.org/w", NULL, "password_file" },
	{ "postgresql://db.example.org/w?password=sEcReT", NULL,
	    "password_file" },
	{ "postgresql://db.example.org/w?pass%77ord=sEcReT", NULL,
	    "password_file" },
	{ "postgresql://db.example.org/w?sslpassword=sEcReT", NULL,
	    "password_file" },
	{ "postgresql:///w?service=sEcReT", NULL, "service" },
	/* no URL; libpq's sentence would repeat it */
	{ "postgresql://u:sEcReT@db.example.org:port/w?x", NULL, "libpq" },
	{ "postgresql://db.example.org/w?nosuch=sEcReT", NULL, "libpq" },
	{ "postgresql://[2001:db8::1/sEcReT", NULL, "libpq" },
};

static void
a_url_is_taken_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct err err = { 0 };
		struct pgsql_target *t = pgsql_target_new(urls[i].url, "",
		    false, &err);

		if ((t == NULL) != (urls[i].sslmode == NULL))
			fail_msg("%s: %s", urls[i].url, err.text);
		if (t == NULL) {
			assert_int_equal(err.code, EXIT_CONFIG);
			if (strstr(err.text, urls[i].why) == NULL ||
			    strstr(err.text, "sEcReT") != NULL)
				fail_msg("%s: %s", urls[i].url, err.text);
			continue;
		}
		if (strcmp(pgsql_target_value(t, "sslmode"),
		    urls[i].sslmode) != 0)
			fail_msg("%s: %s", urls[i].url,
			    pgsql_target_value(t, "sslmode"));
		pgsql_target_free(&t);
	}
}

static void
waits_have_an_end_unless_the_url_says_another(void **state)
{
	static const char *const bounded[] = { "connect_timeout",
		"keepalives_idle", "keepalives_interval", "keepalives_count",
		"tcp_user_timeout" };
	struct err err = { 0 };
	struct pgsql_target *t = pgsql_target_new("postgresql:///w", NULL,
	    true, &err);

	(void)state;
	assert_non_null(t);
	for (size_t i = 0; i < COUNT(bounded); i++)
		assert_true(strtol(pgsql_target_value(t, bounded[i]), NULL,
		    10) > 0);
	assert_string_equal(pgsql_target_value(t, "target_session_attrs"),
	    "read-write");
	assert_string_equal(pgsql_target_name(t), "postgresql:///w");
	pgsql_target_free(&t);
	t = pgsql_target_new("postgresql://localhost/w?connect_timeout=3"
	    "&application_name=mine", NULL, false, &err);
	assert_non_null(t);
	assert_string_equal(pgsql_target_value(t, "connect_timeout"), "3");
	assert_string_equal(pgsql_target_value(t, "application_name"),
	    "mine");
	assert_null(pgsql_target_value(t, "target_session_attrs"));
	pgsql_target_free(&t);
}

/* What a password file holds, its mode, the password or what is said. */
static const struct {
	const char *holds;
	mode_t mode;
	const char *password, *why;
} files[] = {
	{ "sEcReT\n", 0600, "sEcReT", NULL },
	{ "sEcReT", 0400, "sEcReT", NULL },
	{ "sEcReT\r\nmore\n", 0600, "sEcReT", NULL },
	{ " s E \xc3\xbc:@/%\n", 0600, " s E \xc3\xbc:@/%", NULL },
	{ "sEcReT\n", 0640, NULL, "chmod 600" },
	{ "sEcReT\n", 0604, NULL, "chmod 600" },
	{ "sEcReT\n", 0620, NULL, "chmod 600" },
	{ "\nsEcReT\n", 0600, NULL, "no password" },
	{ "", 0600, NULL, "no password" },
};

static void
a_password_is_read_from_a_file_of_its_owner(void **state)
{
	char path[] = "/tmp/test_pgsql_target.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < COUNT(files); i++) {
		struct err err = { 0 };
		struct pgsql_target *t;
		size_t len = strlen(files[i].holds);

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, files[i].holds, len, 0), len);
		assert_int_equal(fchmod(fd, files[i].mode), 0);
		t = pgsql_target_new("postgresql:///w", path, false, &err);
		if ((t == NULL) != (files[i].password == NULL))
			fail_msg("row %zu: %s", i, err.text);
		if (t == NULL) {
			assert_int_equal(err.code, EXIT_CONFIG);
			if (strstr(err.text, files[i].why) == NULL ||
			    strstr(err.text, "sEcReT") != NULL)
				fail_msg("row %zu: %s", i, err.text);
			continue;
		}
		assert_string_equal(pgsql_target_value(t, "password"),
		    files[i].password);
		assert_null(strstr(pgsql_target_name(t), "sEcReT"));
		pgsql_target_free(&t);
	}
	(void)close(fd);
	(void)unlink(path);
}

static void
a_password_file_that_cannot_be_read_is_named(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(pgsql_target_new("postgresql:///w", "/no/such/file",
	    false, &err));
	assert_int_equal(err.code, EXIT_CONFIG);
	assert_non_null(strstr(err.text, "/no/such/file"));
	assert_null(pgsql_target_new("postgresql:///w", "/tmp", false, &err));
	assert_int_equal(err.code, EXIT_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_taken_or_refused),
		cmocka_unit_test(
		    waits_have_an_end_unless_the_url_says_another),
		cmocka_unit_test(a_password_is_read_from_a_file_of_its_owner),
		cmocka_unit_test(a_password_file_that_cannot_be_read_is_named),
	};

	(void)unsetenv("PGHOST");
	(void)unsetenv("PGHOSTADDR");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
