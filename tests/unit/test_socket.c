/* SPDX-License-Identifier: ISC */
/* The socket: what may be written, what is refused, what is replaced. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "socket.h"
#include "unit.h"

static char folder[] = "/tmp/waybill-test-XXXXXX";
static char command[60];

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
	for (size_t i = 0; i < COUNT(rows); i++) {
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
	assert_non_null(strstr(err.text, "directory does not exist"));
}

enum { USER = 999999990, OTHER = USER + 1 };

static void
make_directory(const char *path, uid_t uid, mode_t mode)
{
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, uid, uid), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
make_tree(void)
{
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chdir(folder), 0);
	make_directory("root", 0, 0755);
	make_directory("root/group", 0, 0775);
	assert_int_equal(chown("root/group", 0, OTHER), 0);
	make_directory("root/sticky", 0, 01777);
	make_directory("user", USER, 0755);
	make_directory("user/root", 0, 0755);
	make_directory("user/other", OTHER, 0777);
	make_directory("other", OTHER, 0755);
	make_directory("other/deep", USER, 0755);
	assert_int_equal(symlink("other", "to-other"), 0);
	assert_int_equal(symlink("../other", "user/link"), 0);
	assert_int_equal(lchown("user/link", USER, USER), 0);
}

/* Root makes a socket where nobody else has a hand in its path, and as the user
 * of waybilld where only he has. */
static void
test_whose_directory(void **state)
{
	static const struct {
		const char *path;
		const char *owner;	/* whom it is refused for; NULL: made */
	} places[] = {
		{ "root", NULL },
		{ "root/sticky", NULL },
		{ "root/group", "other than root" },
		{ "user", NULL },
		/* where the user himself could make none */
		{ "user/root", "Permission denied" },
		{ "other", "is owned by user 999999991" },
		{ "other/deep", "is owned by user 999999991" },
		{ "to-other", "is owned by user 999999991" },
		{ "user/link", "Permission denied" },
	};

	(void)state;
	if (geteuid() != 0)
		skip();
	make_tree();
	for (size_t i = 0; i < COUNT(places); i++) {
		struct socket_address a;
		struct socket_file file;
		struct err err = { 0 };
		struct stat st;
		char spec[100];
		int fd;

		snprintf(spec, sizeof spec, "unix:%s/%s/s", folder,
		    places[i].path);
		assert_int_equal(socket_parse(spec, &a, &err), 0);
		/* one that is left behind is replaced, if any is made */
		for (int k = 0; k < 2; k++) {
			fd = socket_listen(&a, 0660, USER, OTHER, &err);
			if ((fd < 0) != (places[i].owner != NULL))
				fail_msg("%s: %d %s", spec, fd, err.text);
			if (fd < 0)
				break;
			assert_int_equal(lstat(spec + 5, &st), 0);
			assert_int_equal(st.st_mode, S_IFSOCK | 0660);
			assert_int_equal(st.st_uid, USER);
			assert_int_equal(st.st_gid, OTHER);
			close(fd);
		}
		assert_int_equal(geteuid(), 0);
		assert_int_equal(getegid(), 0);
		if (fd < 0) {
			assert_int_equal(err.code, EXIT_CONFIG);
			assert_non_null(strstr(err.text, places[i].owner));
			assert_int_equal(access(spec + 5, F_OK), -1);
			continue;
		}
		/* root takes away only what is root's to take */
		socket_note_file(&a, &file);
		socket_remove(&a, &file);
		assert_int_equal(access(spec + 5, F_OK),
		    strcmp(places[i].path, "user") == 0 ? 0 : -1);
	}
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof command, "rm -rf %s/*", folder);
	assert_int_equal(system(command), 0);
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

UNIT_MAIN(setup, teardown,
    cmocka_unit_test(test_parse),
    cmocka_unit_test(test_path_length),
    cmocka_unit_test(test_unix),
    cmocka_unit_test(test_in_the_way),
    cmocka_unit_test(test_whose_directory))
