/* SPDX-License-Identifier: ISC */
/* The socket: what may be written, what is refused, what is replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "socket.h"

static char folder[] = "/tmp/waybill-test-XXXXXX";

static const struct {
	const char *spec;
	int code;		/* 0: it is one */
	bool is_unix;
	bool is_public;
} rows[] = {
	{ "unix:/run/waybill/milter", 0, true, false },
	{ "unix:milter", EXIT_CONFIG, false, false },
	{ "unix:", EXIT_CONFIG, false, false },
	{ "inet:8892@127.0.0.1", 0, false, false },
	{ "inet:8892@[127.0.0.1]", 0, false, false },
	{ "inet:8892@0.0.0.0", 0, false, true },
	{ "inet:8892", 0, false, true },
	{ "inet:8892@192.0.2.1", 0, false, true },
	{ "inet6:8892@[::1]", 0, false, false },
	{ "inet6:8892@::1", 0, false, false },
	{ "inet6:8892@[::]", 0, false, true },
	{ "inet6:8892@127.0.0.1", EXIT_CONFIG, false, false },
	{ "inet:0@127.0.0.1", EXIT_CONFIG, false, false },
	{ "inet:65536@127.0.0.1", EXIT_CONFIG, false, false },
	{ "inet:@127.0.0.1", EXIT_CONFIG, false, false },
	{ "inet:80x@127.0.0.1", EXIT_CONFIG, false, false },
	{ "inet:8892@no such host", EXIT_CONFIG, false, false },
	{ "fd:3", EXIT_CONFIG, false, false },
	{ "/run/waybill/milter", EXIT_CONFIG, false, false },
	{ "", EXIT_CONFIG, false, false },
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct socket_address a;
		struct err err = { 0 };
		int rc = socket_parse(rows[i].spec, &a, &err);

		if ((rc != 0) != (rows[i].code != 0) ||
		    (int)err.code != rows[i].code)
			fail_msg("%s: %d %s", rows[i].spec, rc, err.text);
		if (rc == 0 && (socket_is_unix(&a) != rows[i].is_unix ||
		    socket_is_public(&a) != rows[i].is_public))
			fail_msg("%s: kind", rows[i].spec);
	}
}

static void
test_path_length(void **state)
{
	char spec[200] = "unix:/";
	struct socket_address a;
	struct err err = { 0 };

	(void)state;
	memset(spec + 6, 'x', 106);
	assert_int_equal(socket_parse(spec, &a, &err), 0);
	spec[6 + 106] = 'x';
	assert_int_equal(socket_parse(spec, &a, &err), -1);
	assert_int_equal(err.code, EXIT_CONFIG);
}

static void
test_unix(void **state)
{
	char spec[80], path[80];
	struct socket_address a, other;
	struct socket_file file, none = { 0 };
	struct err err = { 0 };
	struct stat st;
	int fd, second;

	(void)state;
	snprintf(spec, sizeof spec, "unix:%s/s", folder);
	snprintf(path, sizeof path, "%s/s", folder);
	assert_int_equal(socket_parse(spec, &a, &err), 0);
	fd = socket_listen(&a, 0660, getuid(), (gid_t)-1, &err);
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	/* one that answers is left alone */
	assert_int_equal(socket_listen(&a, 0660, getuid(), (gid_t)-1, &err),
	    -1);
	assert_int_equal(err.code, EXIT_UNAVAILABLE);
	assert_int_equal(socket_adopt(&a, fd, &err), 0);
	assert_int_equal(socket_parse("unix:/nosuch/other", &other, &err), 0);
	assert_int_equal(socket_adopt(&other, fd, &err), -1);
	assert_int_equal(err.code, EXIT_CONFIG);
	assert_non_null(strstr(err.text, spec));
	assert_non_null(strstr(err.text, "unix:/nosuch/other"));
	/* nobody accepts: no answer, in bounded time */
	assert_int_equal(socket_answers(&a, clock_ms() + 50), 0);
	close(fd);
	/* one that is dead is replaced; only the new one is removed */
	socket_note_file(&a, &file);
	second = socket_listen(&a, 0600, getuid(), (gid_t)-1, &err);
	assert_true(second >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	if (st.st_ino != file.ino) {
		socket_remove(&a, &file);
		assert_int_equal(stat(path, &st), 0);
	}
	socket_remove(&a, &none);
	assert_int_equal(stat(path, &st), 0);
	socket_note_file(&a, &file);
	socket_remove(&a, &file);
	assert_int_equal(stat(path, &st), -1);
	close(second);
}

static void
test_in_the_way(void **state)
{
	char spec[80], path[80];
	struct socket_address a;
	struct err err = { 0 };
	FILE *f;

	(void)state;
	snprintf(spec, sizeof spec, "unix:%s/file", folder);
	snprintf(path, sizeof path, "%s/file", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(socket_parse(spec, &a, &err), 0);
	assert_int_equal(socket_listen(&a, 0660, getuid(), (gid_t)-1, &err),
	    -1);
	assert_int_equal(err.code, EXIT_CONFIG);
	assert_int_equal(access(path, F_OK), 0);
	snprintf(spec, sizeof spec, "unix:%s/nosuch/s", folder);
	assert_int_equal(socket_parse(spec, &a, &err), 0);
	assert_int_equal(socket_listen(&a, 0660, getuid(), (gid_t)-1, &err),
	    -1);
	assert_int_equal(err.code, EXIT_CONFIG);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int
teardown(void **state)
{
	char path[80];

	(void)state;
	snprintf(path, sizeof path, "%s/file", folder);
	(void)unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_path_length),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_in_the_way),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
