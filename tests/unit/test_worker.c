/* SPDX-License-Identifier: ISC */
/*
 * The process that reads the record: what it can reach, what comes back from
 * it, and how it and the one that waits for it end. As root it becomes an id
 * that no host gives away.
 */
#include "build_config.h"
#include "tool/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tool/command.h"

enum { USER = 999999990, HANGS_S = 300 };

/* The frame of commands is linked; no command is. */
const struct command *const commands[] = { NULL };

int __wrap_become_user(const char *user, struct err *err);

int
__wrap_become_user(const char *user, struct err *err)
{
	assert_string_equal(user, "waybill-record");
	if (geteuid() == 0 && (setgid(USER) != 0 || setuid(USER) != 0))
		return err_errno(err, EXIT_CONFIG, "setuid");
	return 0;
}

static char *
read_worker(int (*make)(void *arg, FILE *out), void *arg,
    enum confine_programs programs, size_t max, int want)
{
	const struct worker w = { make, arg, programs };
	char *data = NULL;
	size_t len = 0;

	assert_int_equal(worker_read(&w, max, &data, &len), want);
	if (data != NULL)
		assert_int_equal(strlen(data), len);
	return data;
}

static int
make_lines(void *arg, FILE *out)
{
	for (int i = 0; i < 20000; i++)
		(void)fprintf(out, "%d\n", i);
	return *(int *)arg;
}

static void
output_and_exit_code(void **state)
{
	static const int codes[] = { 0, 1, 65, 78 };

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		int code = codes[i];
		char *s = read_worker(make_lines, &code, CONFINE_NO_PROGRAMS,
		    1 << 20, code);

		assert_int_equal(strlen(s), 108890);
		assert_string_equal(s + strlen(s) - 7, "\n19999\n");
		free(s);
	}
	/* more than the caller takes */
	int code = 0;
	free(read_worker(make_lines, &code, CONFINE_NO_PROGRAMS, 108889,
	    EXIT_TEMPORARY));
	free(read_worker(make_lines, &code, CONFINE_NO_PROGRAMS, 108890, 0));
}

static int
tell_of_self(void *arg, FILE *out)
{
	const int *fds = arg;
	struct rlimit core = { 1, 1 };
	char byte;

	(void)getrlimit(RLIMIT_CORE, &core);
	(void)fprintf(out, "%d %d %d %d %d %d %d %d %d",
	    getsid(0) == getpid(), (int)getuid() != 0,
	    setresuid((uid_t)-1, 0, (uid_t)-1) != 0 || getppid() == 1,
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), (int)core.rlim_max,
	    fcntl(fds[0], F_GETFD) >= 0, fcntl(fds[1], F_GETFD) >= 0,
	    (int)read(STDIN_FILENO, &byte, 1));
	return 0;
}

static void
what_it_is(void **state)
{
	int fds[2] = { open("/", O_RDONLY), open("/", O_RDONLY | O_CLOEXEC) };
	char *s = read_worker(tell_of_self, fds, CONFINE_NO_PROGRAMS, 1000, 0);

	(void)state;
	/* what the shell left open is closed, our own descriptor isn't */
#ifdef WAYBILL_SANITIZED
	/* dumpable, for the leak check, unless it changed its user */
	assert_string_equal(s, geteuid() == 0 ? "1 1 1 0 1 0 0 1 0" :
	    "1 1 1 1 1 0 0 1 0");
#else
	assert_string_equal(s, "1 1 1 0 1 0 0 1 0");
#endif
	free(s);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static int
start_program(void *arg, FILE *out)
{
	char *argv[] = { (char *)(uintptr_t)"true", NULL };
	pid_t child;
	int status = 0;

	if (arg != NULL && worker_refuse_programs(NULL) != 0)
		return 77;
	child = fork();
	if (child == 0) {
		(void)execv("/bin/true", argv);
		_exit(errno);
	}
	(void)waitpid(child, &status, 0);
	(void)fprintf(out, "%d", WEXITSTATUS(status));
	return 0;
}

static void
programs(void **state)
{
	char *s;

	(void)state;
	s = read_worker(start_program, NULL, CONFINE_PROGRAMS, 10, 0);
	assert_string_equal(s, "0");
	free(s);
#if defined(HAVE_SECCOMP) && !defined(WAYBILL_SANITIZED)
	s = read_worker(start_program, NULL, CONFINE_NO_PROGRAMS, 10, 0);
	assert_string_equal(s, "1");	/* EPERM */
	free(s);
	/* when it has done with them */
	s = read_worker(start_program, (void *)(uintptr_t)"", CONFINE_PROGRAMS,
	    10, 0);
	assert_string_equal(s, "1");
	free(s);
#endif
}

/* Tries all ways to the terminal that it can think of. */
static int
push_keys(void *arg, FILE *out)
{
	char keys[] = "id\n";
	int pushed = 0;

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		pushed += isatty(fd);
	(void)open("/dev/tty", O_RDWR);
	(void)open(arg, O_RDWR);
	(void)open("/proc/self/fd/0", O_RDWR);
	for (int fd = 0; fd < 20; fd++) {
		(void)ioctl(fd, TIOCSCTTY, 1);
		for (char *p = keys; *p != '\0'; p++)
			pushed += ioctl(fd, TIOCSTI, p) == 0;
	}
	(void)fprintf(out, "%d", pushed);
	return 0;
}

/* A command on a terminal; its exit code says what came of it. */
static void
on_terminal(const char *name)
{
	int waits = -1;
	int tty;
	char *s;

	if (setsid() < 0)
		_exit(10);
	tty = open(name, O_RDWR);
	if (tty < 0 || ioctl(tty, TIOCSCTTY, 0) != 0 ||
	    open("/dev/tty", O_RDWR | O_CLOEXEC) < 0)
		_exit(11);
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(tty, fd);
	s = read_worker(push_keys, (void *)(uintptr_t)name,
	    CONFINE_NO_PROGRAMS, 100, 0);
	if (strcmp(s, "0") != 0)
		_exit(12);
	free(s);
	_exit(ioctl(tty, FIONREAD, &waits) == 0 && waits == 0 ? 0 : 13);
}

static void
the_terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int status = 0;
	pid_t child;
	char *name;

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	name = ptsname(master);
	assert_non_null(name);
	child = fork();
	if (child == 0)
		on_terminal(name);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	(void)close(master);
}

/* The worker's pid to who waits for it, then nothing more. */
static int
wait_for_ever(void *arg, FILE *out)
{
	if (arg != NULL)
		(void)signal(SIGTERM, SIG_IGN);
	(void)fprintf(out, "%d\n", (int)getpid());
	(void)fflush(out);
	while (pause() != 0)
		;
	return 0;
}

/* A process that runs such a worker; its pid and the worker's. */
static pid_t
begin_command(void *arg, pid_t *worker)
{
	const struct worker w = { wait_for_ever, arg, CONFINE_NO_PROGRAMS };
	char text[32] = "";
	int fds[2];
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		(void)dup2(fds[1], STDOUT_FILENO);
		_exit(worker_run(&w));
	}
	(void)close(fds[1]);
	assert_true(read(fds[0], text, sizeof text - 1) > 0);
	(void)close(fds[0]);
	*worker = (pid_t)atoi(text);
	assert_true(*worker > 1);
	return child;
}

/* Waits until the process is gone; it is nobody's child here. */
static void
wait_until_gone(pid_t pid)
{
	while (kill(pid, 0) == 0 || errno != ESRCH) {
		char path[40];
		char state = '?';
		FILE *f;

		(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
		f = fopen(path, "r");
		if (f != NULL && fscanf(f, "%*d (%*[^)]) %c", &state) == 1 &&
		    state == 'Z')
			kill(pid, 0);
		if (f != NULL)
			(void)fclose(f);
		if (state == 'Z')
			return;	/* dead; its reaper is slow */
		(void)poll(NULL, 0, 10);
	}
}

static void
signals(void **state)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGKILL };
	int status = 0;
	pid_t worker;
	pid_t child;

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		child = begin_command(NULL, &worker);
		assert_int_equal(kill(child, numbers[i]), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), numbers[i]);
		wait_until_gone(worker);
	}
	/* one that doesn't care is killed by the second */
	child = begin_command((void *)(uintptr_t)"", &worker);
	do {
		(void)kill(child, SIGTERM);
		(void)poll(NULL, 0, 10);
	} while (waitpid(child, &status, WNOHANG) == 0);
	assert_true(WIFSIGNALED(status));
	wait_until_gone(worker);
}

/* Stopped and continued together, as ^Z and fg do. */
static void
stopped(void **state)
{
	int status = 0;
	pid_t worker;
	pid_t child = begin_command(NULL, &worker);

	(void)state;
	assert_int_equal(kill(child, SIGTSTP), 0);
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(kill(child, SIGCONT), 0);
	assert_int_equal(waitpid(child, &status, WCONTINUED), child);
	assert_true(WIFCONTINUED(status));
	assert_int_equal(kill(child, SIGTERM), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	wait_until_gone(worker);
}

static int
die(void *arg, FILE *out)
{
	(void)arg;
	(void)fprintf(out, "half");
	(void)fflush(out);
	return raise(SIGKILL);
}

/* A worker that is killed is no success, and doesn't kill the command. */
static void
killed(void **state)
{
	(void)state;
	free(read_worker(die, NULL, CONFINE_NO_PROGRAMS, 100, EXIT_TEMPORARY));
}

static int
begin(void **state)
{
	(void)state;
	(void)alarm(HANGS_S);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_exit_code),
		cmocka_unit_test(what_it_is),
		cmocka_unit_test(programs),
		cmocka_unit_test(the_terminal),
		cmocka_unit_test(signals),
		cmocka_unit_test(stopped),
		cmocka_unit_test(killed),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
