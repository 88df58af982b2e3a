/* SPDX-License-Identifier: ISC */
/*
 * A file that root writes where others own directories: whose it becomes, what
 * stands there, and a user who exchanges directories and names all the while.
 * The trees are made here, the users are ids that no host gives away.
 */
#include "base/owner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/become.h"
#include "unit.h"

enum { USER = 999999990, OTHER = USER + 1, ROUNDS = 400,
	HANGS_S = 300 };

static char top[] = "/tmp/waybill-owner-XXXXXX";

/* What the process that became the user answers in its place; NULL: it is
 * itself. */
static const struct err *forged;

int __real_become_owner(uid_t uid, struct err *err);
int __wrap_become_owner(uid_t uid, struct err *err);

int
__wrap_become_owner(uid_t uid, struct err *err)
{
	if (forged == NULL)
		return __real_become_owner(uid, err);
	*err = *forged;
	return -1;
}

static int
begin(void **state)
{
	(void)state;
	/* A write that hangs is a test that fails. */
	(void)alarm(HANGS_S);
	if (mkdtemp(top) == NULL || chmod(top, 0755) != 0)
		return -1;
	return chdir(top);
}

static int
end(void **state)
{
	(void)state;
	return chdir("/") == 0 ? directory_remove(top) : -1;
}

static void
needs_root(void)
{
	if (geteuid() != 0) {
		(void)fputs("not root: skipped\n", stderr);
		skip();
	}
}

static void
make_dir(const char *path, uid_t uid, mode_t mode)
{
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, uid, uid), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
make_file(const char *path, uid_t uid, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chown(path, uid, uid), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void
make_link(const char *text, const char *path, uid_t uid)
{
	assert_int_equal(symlink(text, path), 0);
	assert_int_equal(lchown(path, uid, uid), 0);
}

static void
expect_text(const char *path, const char *text)
{
	char buf[64] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	buf[fread(buf, 1, sizeof buf - 1, f)] = '\0';
	assert_int_equal(fclose(f), 0);
	assert_string_equal(buf, text);
}

static unsigned
count_names(const char *path)
{
	unsigned n = 0;
	DIR *d = opendir(path);

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n - 2;
}

static int
write_it(const char *path, struct err *err)
{
	return owner_write(path, "new", 3, 0644, err);
}

/* What belongs to whom in this tree; every path is tried in it. */
static void
make_tree(void)
{
	make_dir("root", 0, 0755);
	make_dir("root/user", USER, 0755);
	make_dir("root/user/root", 0, 0755);
	make_dir("root/user/root/deep", 0, 0755);
	make_dir("root/user/other", OTHER, 0755);
	make_dir("root/sticky", 0, 01777);
	make_dir("root/sticky/user", USER, 0700);
	make_dir("root/group", 0, 0775);
	assert_int_equal(chown("root/group", 0, USER), 0);
	make_dir("root/group/root", 0, 0755);
	make_dir("root/group/user", USER, 0755);
	make_dir("secret", 0, 0700);
	make_dir("secret/user", USER, 0755);
	make_file("secret/canary", 0, "old");
	make_link("user", "root/to-user", 0);
	make_link("root", "root/user/to-root", USER);
	make_link("../../secret", "root/user/to-secret", USER);
	make_link("../root", "root/up", 0);
	make_link("loop", "root/loop", 0);
}

static void
whose_it_becomes(void **state)
{
	static const struct {
		const char *path;
		int uid;	/* -1: refused */
		enum exit_code code;
	} rows[] = {
		{ "f", 0, 0 },
		{ "root/f", 0, 0 },
		{ "./root/../root/./f", 0, 0 },
		{ "root//f", 0, 0 },
		{ "root/up/f", 0, 0 },
		{ "root/user/f", USER, 0 },
		{ "root/to-user/f", USER, 0 },
		{ "root//user//f", USER, 0 },
		{ "root/user/../user/f", USER, 0 },
		/* the first owner, who can exchange what lies below */
		{ "root/user/root/f", -1, EXIT_CONFIG },
		{ "root/user/root/deep/f", -1, EXIT_CONFIG },
		{ "root/user/to-root/f", -1, EXIT_CONFIG },
		{ "root/user/to-secret/canary", -1, EXIT_CONFIG },
		{ "root/user/other/f", -1, EXIT_CONFIG },
		{ "root/sticky/f", 0, 0 },
		{ "root/sticky/user/f", USER, 0 },
		/* a way that the user himself hasn't */
		{ "secret/user/f", USER, 0 },
		{ "root/group/f", 0, 0 },
		{ "root/group/user/f", USER, 0 },
		{ "root/group/root/f", -1, EXIT_CONFIG },
		{ "root/loop/f", -1, EXIT_DATA },
		{ "root/nosuch/f", -1, EXIT_DATA },
		{ "root/user/nosuch/f", -1, EXIT_DATA },
		{ "secret/canary/f", -1, EXIT_DATA },
		{ "root/", -1, EXIT_DATA },
		{ "root/.", -1, EXIT_DATA },
		{ "root/user/", -1, EXIT_DATA },
		{ "root/user", -1, EXIT_DATA },
		{ "root/user/root", -1, EXIT_DATA },
		{ "", -1, EXIT_DATA },
		{ "/dev/null", -1, EXIT_DATA },
		{ "/dev/waybill-test", -1, EXIT_DATA },
	};

	(void)state;
	needs_root();
	make_tree();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = { 0 };
		struct stat st;
		char whole[200];

		(void)snprintf(whole, sizeof whole, "%s/%s", top,
		    rows[i].path);
		/* relative, and by its whole name */
		for (int k = rows[i].path[0] == '/'; k < 2; k++) {
			const char *path = k == 0 || rows[i].path[0] == '/' ?
			    rows[i].path : whole;
			int rc = write_it(path, &err);

			if (rc != (rows[i].uid < 0 ? -1 : 0) ||
			    (rc != 0 && err.code != rows[i].code))
				fail_msg("%s: %d %d %s", path, rc, err.code,
				    err.text);
			if (rc != 0)
				continue;
			assert_int_equal(stat(path, &st), 0);
			assert_int_equal(st.st_uid, rows[i].uid);
			assert_int_equal(st.st_mode, S_IFREG | 0644);
			expect_text(path, "new");
			assert_int_equal(unlink(path), 0);
		}
	}
	expect_text("secret/canary", "old");
	assert_int_equal(count_names("secret"), 2);
	assert_int_equal(count_names("root/user/root/deep"), 0);
	assert_int_not_equal(access("/dev/waybill-test", F_OK), 0);
}

/* The group of the process that becomes the user, and its rights: a directory
 * that only root's groups may write to stays closed. */
static void
no_group_of_roots(void **state)
{
	struct err err = { 0 };

	(void)state;
	needs_root();
	make_dir("g", USER, 0755);
	make_dir("g/in", 0, 0770);
	assert_int_equal(write_it("g/in/f", &err), -1);
	assert_non_null(strstr(err.text, "Permission denied"));
	assert_int_equal(count_names("g/in"), 0);
}

/* A directory of root's whose access control list lets a user write. The mode
 * looks like one that only root's group may write to. */
static void
an_access_list(void **state)
{
	/* acl(5): u::rwx, u:USER:rwx or r-x, g::r-x, m::rwx, o::r-x */
	static const unsigned char list[] = { 2, 0, 0, 0,
		1, 0, 7, 0, 0xff, 0xff, 0xff, 0xff,
		2, 0, 7, 0, USER & 0xff, USER >> 8 & 0xff, USER >> 16 & 0xff,
		USER >> 24,
		4, 0, 5, 0, 0xff, 0xff, 0xff, 0xff,
		16, 0, 7, 0, 0xff, 0xff, 0xff, 0xff,
		32, 0, 5, 0, 0xff, 0xff, 0xff, 0xff };
	unsigned char changed[sizeof list];
	struct err err = { 0 };
	struct stat st;

	(void)state;
	needs_root();
	make_dir("acl", 0, 0755);
	make_dir("acl/root", 0, 0755);
	make_dir("acl/user", USER, 0755);
	if (setxattr("acl", "system.posix_acl_access", list, sizeof list,
	    0) != 0) {
		(void)fputs("no access lists here: skipped\n", stderr);
		skip();
	}
	assert_int_equal(stat("acl", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0775);
	assert_int_equal(st.st_gid, 0);
	assert_int_equal(write_it("acl/root/f", &err), -1);
	assert_int_equal(err.code, EXIT_CONFIG);
	assert_non_null(strstr(err.text, "can replace"));
	/* what is a user's there is written as the user, as ever */
	assert_int_equal(write_it("acl/user/f", &err), 0);
	/* one that lets the user read is none to refuse */
	memcpy(changed, list, sizeof list);
	changed[14] = 5;
	assert_int_equal(setxattr("acl", "system.posix_acl_access", changed,
	    sizeof changed, 0), 0);
	assert_int_equal(write_it("acl/root/f", &err), 0);
}

/* The process that writes has the user's rights, and says what it likes. */
static void
what_the_user_says(void **state)
{
	static const enum exit_code codes[] = { EXIT_DATA,
		(enum exit_code)12345, (enum exit_code)-1 };

	(void)state;
	needs_root();
	make_dir("said", USER, 0755);
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct err said = { .code = codes[i] };
		struct err err = { 0 };

		/* without an end, and with what a terminal would obey */
		memset(said.text, '\033', sizeof said.text);
		forged = &said;
		assert_int_equal(write_it("said/f", &err), -1);
		forged = NULL;
		assert_int_equal(err.code, i == 0 ? EXIT_DATA :
		    EXIT_TEMPORARY);
		assert_non_null(memchr(err.text, '\0', sizeof err.text));
		assert_null(strchr(err.text, '\033'));
	}
	assert_int_equal(count_names("said"), 0);
}

/* Who can exchange a path. */
static void
who_owns_it(void **state)
{
	static const struct {
		const char *path;
		int uid;	/* -1: refused */
		const char *part;
	} rows[] = {
		{ "find/s", 0, "find" },
		{ "find/user/s", USER, "user" },
		{ "find/user/root/s", USER, "user" },
		{ "find/link/s", USER, "link" },
		{ "find/to-user/s", USER, "user" },
		{ "find/group/s", -1, "group" },
		{ "find/sticky/s", 0, "sticky" },
		{ "find/nosuch/s", -1, "nosuch" },
	};

	(void)state;
	needs_root();
	make_dir("find", 0, 0755);
	make_dir("find/user", USER, 0755);
	make_dir("find/user/root", 0, 0755);
	make_link("user/root", "find/link", USER);
	make_link("user", "find/to-user", 0);
	make_dir("find/group", 0, 0775);
	assert_int_equal(chown("find/group", 0, USER), 0);
	make_dir("find/sticky", 0, 01777);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char part[OWNER_PART_SIZE];
		struct err err = { 0 };
		uid_t uid = OTHER;
		int rc = owner_find(rows[i].path, &uid, part, &err);

		if (rc != (rows[i].uid < 0 ? -1 : 0) ||
		    strcmp(part, rows[i].part) != 0 ||
		    (rc == 0 && uid != (uid_t)rows[i].uid))
			fail_msg("%s: %d %s %s", rows[i].path, rc, part,
			    err.text);
	}
}

/* Whatever stands there is replaced, and never written through. */
static void
what_stands_there(void **state)
{
	static const char *const dirs[] = { "mine", "theirs" };

	(void)state;
	needs_root();
	make_dir("mine", 0, 0755);
	make_dir("theirs", USER, 0755);
	make_file("canary", 0, "old");
	for (size_t i = 0; i < 2; i++) {
		uid_t uid = i == 0 ? 0 : USER;
		struct err err = { 0 };
		struct stat st;

		assert_int_equal(chdir(dirs[i]), 0);
		make_file("file", OTHER, "old");
		make_link("../canary", "link", uid);
		make_link("/dev/null", "to-null", uid);
		make_link("nowhere", "nowhere", uid);
		assert_int_equal(link("../canary", "hard"), 0);
		assert_int_equal(mkfifo("pipe", 0666), 0);
		const char *const names[] = { "file", "link", "to-null",
			"nowhere", "hard", "pipe" };
		for (size_t k = 0; k < COUNT(names); k++) {
			assert_int_equal(write_it(names[k], &err), 0);
			assert_int_equal(lstat(names[k], &st), 0);
			assert_true(S_ISREG(st.st_mode));
			assert_int_equal(st.st_uid, uid);
			assert_int_equal(st.st_nlink, 1);
			expect_text(names[k], "new");
		}
		assert_int_equal(count_names("."), 6);
		make_dir("dir", uid, 0755);
		assert_int_equal(write_it("dir", &err), -1);
		assert_non_null(strstr(err.text, "is a directory"));
		/* where the host lets a test make one */
		if (mknod("device", S_IFCHR | 0666, makedev(1, 3)) == 0) {
			assert_int_equal(write_it("device", &err), -1);
			assert_non_null(strstr(err.text, "is a device"));
			assert_int_equal(lstat("device", &st), 0);
			assert_true(S_ISCHR(st.st_mode));
		}
		assert_int_equal(chdir(top), 0);
	}
	expect_text("canary", "old");
}

static void
swap(const char *one, const char *two)
{
	(void)renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE);
}

/* The user's part: under every name of the path now this, now that. */
static void
exchange(void)
{
	if (setgid(USER) != 0 || setuid(USER) != 0 || chdir("race") != 0)
		_exit(1);
	for (unsigned i = 0;; i++) {
		swap("sub", "evil");
		if (i % 2 == 0)
			swap("sub/b", "sub/evil");
		if (i % 3 == 0)
			swap("sub/b/file", "sub/b/pipe");
		if (i % 5 == 0)
			swap("sub/b/file", "sub/b/link");
		if (i % 7 == 0)
			(void)mkfifo("sub/file", 0666);
	}
}

static void
a_user_who_exchanges_names(void **state)
{
	static const char *const paths[] = { "race/sub/b/file", "race/sub/file",
		"race/sub/b/pipe", "race/sub/home/file" };
	unsigned written = 0;
	pid_t user;

	(void)state;
	needs_root();
	make_dir("race", USER, 0755);
	make_dir("race/sub", USER, 0755);
	make_dir("race/sub/b", USER, 0755);
	make_link("../kept", "race/evil", USER);
	make_link("../../kept/home", "race/sub/evil", USER);
	make_link("../../../kept/file", "race/sub/b/link", USER);
	make_dir("kept", 0, 0755);
	make_dir("kept/home", 0, 0755);
	make_dir("kept/b", 0, 0755);
	make_file("kept/home/file", 0, "old");
	make_file("kept/file", 0, "old");
	make_file("kept/b/file", 0, "old");
	assert_int_equal(mkfifo("race/sub/b/pipe", 0666), 0);
	user = fork();
	if (user == 0)
		exchange();
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct err err = { 0 };

		written += write_it(paths[i % 4], &err) == 0;
		assert_int_not_equal(err.code, EXIT_TEMPORARY);
	}
	assert_int_equal(kill(user, SIGKILL), 0);
	assert_int_equal(waitpid(user, NULL, 0), user);
	(void)printf("%u of %u written while names changed\n", written,
	    (unsigned)ROUNDS);
	expect_text("kept/home/file", "old");
	expect_text("kept/file", "old");
	expect_text("kept/b/file", "old");
	assert_int_equal(count_names("kept"), 3);
	assert_int_equal(count_names("kept/home"), 1);
	assert_int_equal(count_names("kept/b"), 1);
}

/* As anybody else it is written with one's own rights, in the same way. */
static void
as_anybody(void **state)
{
	int status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(mkdir("own", 0700), 0);
	assert_int_equal(mkfifo("own/pipe", 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown("own", USER, USER), 0);
		assert_int_equal(chown("own/pipe", USER, USER), 0);
	}
	child = fork();
	if (child == 0) {
		struct err err = { 0 };

		if (geteuid() == 0 && (setgid(USER) != 0 || setuid(USER) != 0))
			_exit(1);
		_exit(write_it("own/pipe", &err) != 0 ? 2 :
		    write_it("/dev/null", &err) == 0 ? 3 :
		    strstr(err.text, "/dev/stdout") == NULL ? 4 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect_text("own/pipe", "new");
}

UNIT_MAIN(begin, end,
    cmocka_unit_test(whose_it_becomes),
    cmocka_unit_test(no_group_of_roots),
    cmocka_unit_test(an_access_list),
    cmocka_unit_test(what_the_user_says),
    cmocka_unit_test(who_owns_it),
    cmocka_unit_test(what_stands_there),
    cmocka_unit_test(a_user_who_exchanges_names),
    cmocka_unit_test(as_anybody))
