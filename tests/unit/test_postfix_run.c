/* SPDX-License-Identifier: ISC */
/*
 * Running postconf(1), and the helper that does. A Postfix isn't needed: a
 * folder that holds none is asked for, or a script stands in for postconf(1)
 * (access() and execve() are wrapped at link time).
 */
#include "find/postfix_run.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "unit.h"

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __real_execve(const char *path, char *const *argv, char *const *env);
int __wrap_execve(const char *path, char *const *argv, char *const *env);

static char fake[100];		/* the script; "": none stands in */

static bool
is_postconf(const char *path)
{
	const char *name = strrchr(path, '/');

	return name != NULL && strcmp(name, "/postconf") == 0;
}

int
__wrap_access(const char *path, int mode)
{
	return __real_access(fake[0] != '\0' && is_postconf(path) ? fake :
	    path, mode);
}

int
__wrap_execve(const char *path, char *const *argv, char *const *env)
{
	return __real_execve(fake[0] != '\0' && is_postconf(path) ? fake :
	    path, argv, env);
}

static void
put(const char *path, const char *text, mode_t mode)
{
	assert_int_equal(file_write(path, text, strlen(text), mode,
	    (uid_t)-1, (gid_t)-1, FILE_REPLACE, NULL), 0);
}

/* An instance in a folder below top: what postconf(1) says, and main.cf. */
static void
put_instance(const char *top, const char *name, const char *settings)
{
	char folder[100], path[200], text[1000];

	(void)snprintf(folder, sizeof folder, "%s/%s", top, name);
	assert_int_equal(mkdir(folder, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/main.cf", folder);
	(void)snprintf(text, sizeof text, "mail_name = Postfix\n"
	    "inet_interfaces = all\nproxy_interfaces =\n%s", settings);
	put(path, text, 0600);
	(void)snprintf(path, sizeof path, "%s/-M", folder);
	put(path, "smtp inet n - y - - smtpd\n", 0600);
	(void)snprintf(path, sizeof path, "%s/-P", folder);
	put(path, "", 0600);
}

/* What this host's instances write Received fields under, told by one that is
 * not where Postfix looks by itself. */
static void
writers_are(const char *top, const char *name, const char *want)
{
	char folder[100];
	struct err err;

	(void)snprintf(folder, sizeof folder, "%s/%s", top, name);
	struct postfix *p = postfix_read(NULL, folder, 0, &err);
	assert_non_null(p);
	if (postfix_found(p) != POSTFIX_FOUND)
		fail_msg("%s", postfix_why(p));
	assert_string_equal(postfix_writers(p), want);
	postfix_release(&p);
}

/* Only the default instance knows of the others. A secondary one is told by
 * its name or by its switch, and then the default one is asked. */
static void
a_secondary_instance_knows_of_the_others(void **state)
{
	char top[] = "/tmp/waybill-run-XXXXXX", text[1000];

	(void)state;
	assert_non_null(mkdtemp(top));
	(void)snprintf(fake, sizeof fake, "%s/script", top);
	(void)snprintf(text, sizeof text, "#!/bin/sh\n"
	    "folder=%s/default\n"
	    "if [ \"$1\" = -c ]; then folder=$2; shift 2; fi\n"
	    "exec cat \"$folder/${1:-main.cf}\"\n", top);
	put(fake, text, 0700);
	(void)snprintf(text, sizeof text, "myhostname = mx.example.org\n"
	    "multi_instance_enable = yes\n"
	    "multi_instance_directories = %s/named %s/switched %s/gone\n",
	    top, top, top);
	put_instance(top, "default", text);
	put_instance(top, "named", "myhostname = in.example.org\n"
	    "multi_instance_name = postfix-in\n");
	put_instance(top, "switched", "myhostname = out.example.org\n"
	    "multi_instance_enable = yes\n");
	put_instance(top, "alone", "myhostname = alone.example.org\n");
	writers_are(top, "default", "mx.example.org Postfix\n"
	    "in.example.org Postfix\nout.example.org Postfix\n");
	writers_are(top, "named", "in.example.org Postfix\n"
	    "mx.example.org Postfix\nout.example.org Postfix\n");
	writers_are(top, "switched", "out.example.org Postfix\n"
	    "mx.example.org Postfix\nin.example.org Postfix\n");
	/* one that has nothing to do with the default one */
	writers_are(top, "alone", "alone.example.org Postfix\n");
	fake[0] = '\0';
	assert_int_equal(directory_remove(top), 0);
}

static void
no_postfix_is_a_finding(void **state)
{
	struct err err;

	(void)state;
	struct postfix *p = postfix_read(NULL, "/nonexistent", 0, &err);
	assert_int_equal(postfix_found(p), POSTFIX_NONE);
	assert_true(strlen(postfix_why(p)) > 0);
	postfix_release(&p);
}

static void
the_helper_answers(void **state)
{
	struct err err;

	(void)state;
	struct postfix_helper *h = postfix_helper_start(NULL, &err);
	assert_non_null(h);
	for (int i = 0; i < 3; i++) {
		struct postfix *p = postfix_read(h, "/nonexistent",
		    clock_ms() + PATIENCE_MS, &err);
		assert_non_null(p);
		assert_int_equal(postfix_found(p), POSTFIX_NONE);
		postfix_release(&p);
	}
	char longest[2000];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_null(postfix_read(h, longest, clock_ms() + PATIENCE_MS, &err));
	/* an answer that comes too late doesn't become the next one's: the
	 * first folder's why isn't the second's */
	struct postfix *p = postfix_read(h, "/nonexistent", 0, &err);
	postfix_release(&p);
	p = postfix_read(h, "/nowhere", clock_ms() + PATIENCE_MS, &err);
	assert_null(strstr(postfix_why(p), "/nonexistent"));
	assert_int_equal(postfix_found(p), POSTFIX_NONE);
	postfix_release(&p);
	postfix_helper_stop(&h);
	assert_null(h);
	postfix_helper_stop(&h);
}

static void
files_are_marked(void **state)
{
	char folder[] = "/tmp/waybill-run-XXXXXX", path[100];

	(void)state;
	assert_non_null(mkdtemp(folder));
	uint64_t none = postfix_files_mark(folder);
	(void)snprintf(path, sizeof path, "%s/master.cf", folder);
	assert_int_equal(file_write(path, "a", 1, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_REPLACE, NULL), 0);
	uint64_t one = postfix_files_mark(folder);
	assert_true(one != none);
	assert_true(one == postfix_files_mark(folder));
	assert_int_equal(file_write(path, "b", 1, 0600, (uid_t)-1, (gid_t)-1,
	    FILE_REPLACE, NULL), 0);
	assert_true(one != postfix_files_mark(folder));
	assert_int_equal(unlink(path), 0);
	assert_true(none == postfix_files_mark(folder));
	assert_int_equal(rmdir(folder), 0);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(no_postfix_is_a_finding),
    cmocka_unit_test(a_secondary_instance_knows_of_the_others),
    cmocka_unit_test(the_helper_answers),
    cmocka_unit_test(files_are_marked))
