/* SPDX-License-Identifier: ISC */
/* Files written whole or not at all, and read with a bound. */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char folder[] = "/tmp/waybill-file-XXXXXX";

static int
enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : chdir(folder);
}

/* Names in the folder but . and .. */
static int
count_names(void)
{
	int n = 0;
	DIR *d = opendir(".");

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n - 2;
}

static int
leave_folder(void **state)
{
	(void)state;
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void
written_and_read(void **state)
{
	struct err err;
	struct stat st;
	size_t len = 0;

	(void)state;
	assert_int_equal(file_write("f", "a\0bc", 4, 0640, (uid_t)-1, (gid_t)-1,
	    FILE_NEVER_OVER, &err), 0);
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(count_names(), 1);
	char *s = file_read("f", 4, &len, &err);
	assert_non_null(s);
	assert_int_equal(len, 4);
	assert_memory_equal(s, "a\0bc", 5);
	free(s);
	assert_null(file_read("f", 3, &len, &err));
	assert_string_equal(err.text, "f is larger than 3 bytes");
	assert_int_equal(unlink("f"), 0);
}

static void
never_over(void **state)
{
	struct err err;
	size_t len;

	(void)state;
	assert_int_equal(file_write("./f", "old", 3, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_NEVER_OVER, &err), 0);
	assert_int_equal(file_write("./f", "new", 3, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_NEVER_OVER, &err), -1);
	assert_int_equal(err.code, EXIT_DATA);
	assert_string_equal(err.text,
	    "./f already exists and is not overwritten");
	char *s = file_read("f", 100, &len, &err);
	assert_string_equal(s, "old");
	free(s);
	assert_int_equal(file_write("f", "newer", 5, 0600, (uid_t)-1,
	    (gid_t)-1, FILE_REPLACE, &err), 0);
	s = file_read("f", 100, &len, &err);
	assert_string_equal(s, "newer");
	free(s);
	assert_int_equal(count_names(), 1);
	assert_int_equal(unlink("f"), 0);
	/* a link that leads nowhere is a name that exists */
	assert_int_equal(symlink("nowhere", "f"), 0);
	assert_int_equal(file_write("f", "x", 1, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_NEVER_OVER, &err), -1);
	assert_int_equal(count_names(), 1);
	assert_int_equal(unlink("f"), 0);
}

static void
what_is_no_file(void **state)
{
	struct err err;
	size_t len;

	(void)state;
	assert_null(file_read("missing", 10, &len, &err));
	assert_string_equal(err.text, "missing: No such file or directory");
	assert_null(file_read(".", 10, &len, &err));
	assert_string_equal(err.text, ". is a directory, not a file");
	/* a pipe that nobody writes to holds nobody up */
	assert_int_equal(mkfifo("p", 0600), 0);
	assert_null(file_read("p", 10, &len, &err));
	assert_string_equal(err.text,
	    "p is a device, pipe or socket, not a regular file");
	assert_int_equal(unlink("p"), 0);
	assert_int_equal(file_write("no/f", "", 0, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_REPLACE, &err), -1);
	assert_int_equal(file_write("no/", "", 0, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_REPLACE, &err), -1);
	assert_int_equal(count_names(), 0);
}

static void
nothing_is_left_behind(void **state)
{
	struct err err;

	(void)state;
	/* a folder stands where the name should go */
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(file_write("d", "x", 1, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_REPLACE, &err), -1);
	assert_int_equal(count_names(), 1);
	assert_int_equal(rmdir("d"), 0);
}

static void
files_of_size_zero_have_content(void **state)
{
	size_t len = 0;

	(void)state;
	char *s = file_read("/proc/self/status", 100000, &len, NULL);
	assert_non_null(s);
	assert_true(len > 100);
	assert_int_equal(strlen(s), len);
	free(s);
}

UNIT_MAIN(enter_folder, leave_folder,
    cmocka_unit_test(written_and_read),
    cmocka_unit_test(never_over),
    cmocka_unit_test(what_is_no_file),
    cmocka_unit_test(nothing_is_left_behind),
    cmocka_unit_test(files_of_size_zero_have_content))
