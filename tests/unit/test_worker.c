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
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tool/command.h"
#include "tool/print.h"
#include "unit.h"

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
	const struct worker w = { .make = make, .arg = arg,
		.programs = programs };
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
	for (size_t i = 0; i < COUNT(codes); i++) {
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
	if (child < 0)
		return fprintf(out, "no fork %d", errno) > 0 ? 0 : 1;
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
	assert_string_equal(s, "no fork 1");	/* EPERM */
	free(s);
	/* when it has done with them */
	s = read_worker(start_program, (void *)(uintptr_t)"", CONFINE_PROGRAMS,
	    10, 0);
	assert_string_equal(s, "no fork 1");
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

static int
print_colours(void *arg, FILE *out)
{
	(void)arg;
	print_word(out, PRINT_BAD, "bad");
	(void)fflush(out);
	print_word(stderr, PRINT_GOOD, "good");
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
	if (ioctl(tty, FIONREAD, &waits) != 0 || waits != 0)
		_exit(13);
	/* The worker's colours are those of the terminal here. */
	if (setenv("TERM", "xterm", 1) != 0 || unsetenv("NO_COLOR") != 0 ||
	    worker_run(&(struct worker){ .make = print_colours }) != 0)
		_exit(14);
	_exit(0);
}

static void
the_terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int status = 0;
	char shown[100] = "";
	pid_t child;
	ssize_t n;
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
	n = read(master, shown, sizeof shown - 1);
	assert_true(n > 0);
	assert_string_equal(shown, "\033[31mbad\033[0m\033[32mgood\033[0m");
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
	const struct worker w = { .make = wait_for_ever, .arg = arg };
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
	for (size_t i = 0; i < COUNT(numbers); i++) {
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

/* What a command prints that runs the worker; both ends of its output here. */
struct command_run {
	pid_t pid;
	int out;
	int errors;
};

static void
begin_run(struct command_run *r, const struct worker *w)
{
	int out[2];
	int errors[2];

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
	r->pid = fork();
	if (r->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(errors[1], STDERR_FILENO);
		_exit(worker_run(w));
	}
	(void)close(out[1]);
	(void)close(errors[1]);
	r->out = out[0];
	r->errors = errors[0];
}

static void
end_run(const struct command_run *r)
{
	(void)close(r->out);
	(void)close(r->errors);
}

/* All that comes until the end; the caller frees. */
static char *
read_all(int fd, size_t *len)
{
	size_t size = 4096;
	char *s = malloc(size);
	ssize_t n = 1;

	for (*len = 0; s != NULL && n > 0; *len += (size_t)(n > 0 ? n : 0)) {
		if (size - *len < 4096)
			s = realloc(s, size *= 2);
		assert_non_null(s);
		n = read(fd, s + *len, size - *len - 1);
	}
	assert_non_null(s);
	s[*len] = '\0';
	return s;
}

/* Prints as fast as it can, on both. */
static int
flood(void *arg, FILE *out)
{
	static char bytes[65536];

	(void)arg;
	(void)out;
	(void)signal(SIGTERM, SIG_IGN);
	memset(bytes, 'x', sizeof bytes);
	for (;;) {
		ssize_t n = write(STDOUT_FILENO, bytes, sizeof bytes);

		if (n <= 0)
			return 1;
	}
}

/* A worker that never ends printing and doesn't care for signals holds up
 * nobody, whether its reader goes on or doesn't. */
static void
a_flood(void **state)
{
	const struct worker w = { .make = flood };
	static char bytes[65536];

	(void)state;
	for (int reads_on = 0; reads_on < 2; reads_on++) {
		struct command_run r;
		int status = 0;

		begin_run(&r, &w);
		for (int i = 0; i < 20; i++)
			assert_true(read(r.out, bytes, sizeof bytes) > 0);
		assert_int_equal(kill(r.pid, SIGTERM), 0);
		while (reads_on && read(r.out, bytes, sizeof bytes) > 0)
			;
		assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGTERM);
		end_run(&r);
	}
}

static int
complain_for_long(void *arg, FILE *out)
{
	(void)arg;
	for (int i = 0; i < 200000; i++)
		(void)fprintf(stderr, "error %d\n", i);
	(void)fputs("result\n", out);
	return 1;
}

static void
errors_are_bounded(void **state)
{
	static const char end[] = "\nwaybill: there are more messages; they "
	    "are not shown\n";
	const struct worker w = { .make = complain_for_long };
	struct command_run r;
	int status = 0;
	size_t len;
	char *s;

	(void)state;
	begin_run(&r, &w);
	s = read_all(r.errors, &len);
	assert_int_equal(strncmp(s, "error 0\nerror 1\n", 16), 0);
	assert_int_equal(len, 65536 + strlen(end));
	assert_string_equal(s + 65536, end);
	free(s);
	s = read_all(r.out, &len);
	assert_string_equal(s, "result\n");
	free(s);
	assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
	assert_int_equal(WEXITSTATUS(status), 1);
	end_run(&r);
}

/* In pieces, and without an end. */
static int
print_hostile(void *arg, FILE *out)
{
	(void)arg;
	(void)out;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		(void)!write(fd, "a\033", 2);
		(void)!write(fd, "]0;x\007\r\xc3", 7);
		(void)!write(fd, "\xbc\xff\033[31mb", 8);
		(void)!write(fd, "\033[", 2);
	}
	return 0;
}

static void
what_a_terminal_would_obey(void **state)
{
	static const char want[] = "a\\x1B]0;x\\x07\\x0D\xc3\xbc\\xFF"
	    "\033[31mb\\x1B[\033[0m";
	struct worker w = { .make = print_hostile };
	struct command_run r;
	size_t len = 0;
	char *s;

	(void)state;
	begin_run(&r, &w);
	s = read_all(r.out, &len);
	assert_string_equal(s, want);
	free(s);
	s = read_all(r.errors, &len);
	assert_string_equal(s, want);
	free(s);
	assert_int_equal(waitpid(r.pid, NULL, 0), r.pid);
	end_run(&r);
	assert_int_equal(worker_read(&w, 1000, &s, &len), 0);
	assert_string_equal(s, want);
	free(s);
	/* what is data comes as it is */
	w.is_data = true;
	assert_int_equal(worker_read(&w, 1000, &s, &len), 0);
	assert_int_equal(len, 19);
	assert_memory_equal(s, "a\033]0;x\007\r\xc3\xbc\xff\033[31mb\033[", 19);
	free(s);
}

static int
print_both(void *arg, FILE *out)
{
	(void)arg;
	for (int i = 0; i < 30000; i++)
		(void)fprintf(out, "line %d\n", i);
	(void)fflush(out);
	(void)fputs("the error\n", stderr);
	return 0;
}

/* What was printed before an error was said stands before it. */
static void
in_order(void **state)
{
	const struct worker w = { .make = print_both };
	int fds[2];
	size_t len;
	pid_t child;
	char *s;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		(void)dup2(fds[1], STDERR_FILENO);
		_exit(worker_run(&w));
	}
	(void)close(fds[1]);
	s = read_all(fds[0], &len);
	assert_string_equal(s + len - 21, "line 29999\nthe error\n");
	free(s);
	(void)close(fds[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Where no terminal is, it has its time. */
static void
patience(void **state)
{
	const struct worker w = { .make = wait_for_ever, .patience_ms = 50 };
	struct command_run r;
	int status = 0;
	size_t len;
	char *s;

	(void)state;
	begin_run(&r, &w);
	s = read_all(r.errors, &len);
	assert_non_null(strstr(s, "took too long and was killed"));
	free(s);
	assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
	assert_int_equal(WEXITSTATUS(status), EXIT_TEMPORARY);
	end_run(&r);
}

/* Ends, and leaves a process that keeps its output open. */
static int
leave_one(void *arg, FILE *out)
{
	pid_t child;

	(void)arg;
	(void)fflush(out);
	child = fork();
	if (child == 0)
		for (;;)
			(void)pause();
	(void)fprintf(out, "%d\n", (int)child);
	return child < 0;
}

static void
what_it_started_ends_too(void **state)
{
	char *s = read_worker(leave_one, NULL, CONFINE_PROGRAMS, 100, 0);

	(void)state;
	wait_until_gone((pid_t)atoi(s));
	free(s);
}

/* What of these can be opened, and made: letters. */
struct tries {
	char folder[64];
	struct text_list logs;
};

static void
try_all(const struct tries *t, FILE *out)
{
	static const char *const paths[] = { "store/waybill.db",
		"store/waybill.db-shm", "logs/mail.log", "logs/mail.log.1",
		"public/example.org", "keys/example.org", "other" };

	for (size_t i = 0; i < COUNT(paths); i++) {
		char path[100];
		int fd;

		(void)snprintf(path, sizeof path, "%s/%s", t->folder,
		    paths[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		(void)fputc(fd >= 0 ? 'r' : '-', out);
		(void)close(fd);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		(void)fputc(fd >= 0 ? 'w' : '-', out);
		(void)close(fd);
		(void)strcat(path, ".new");
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		(void)fputs(fd >= 0 ? "m " : "- ", out);
		(void)close(fd);
		(void)unlink(path);
	}
}

static int
try_files(void *arg, FILE *out)
{
	struct tries *t = arg;
	struct err err;

	if (t->logs.n > 0) {
		try_all(t, out);
		(void)fputs("| ", out);
	}
	if (worker_limit_to_logs(&t->logs, &err) != 0)
		return 77;
	try_all(t, out);
	/* what every program needs */
	for (size_t i = 0; i < 3; i++) {
		static const char *const paths[] = { "/etc/passwd",
			"/etc/nsswitch.conf", "/proc/self/status" };
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);

		(void)fputc(fd >= 0 ? 'r' : '-', out);
		(void)close(fd);
	}
	return 0;
}

static bool
has_landlock(void)
{
#if defined(SYS_landlock_create_ruleset) && !defined(WAYBILL_SANITIZED)
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
#else
	return false;
#endif
}

static struct config *
files_config(const char *folder)
{
	struct err_list errors = { 0 };
	struct config *c;
	char text[400];

	(void)snprintf(text, sizeof text, "keys = \"%s/keys\"\n"
	    "record { store = \"%s/store/waybill.db\" }\n", folder, folder);
	c = config_read_text("test", text, strlen(text), &errors);
	assert_non_null(c);
	err_list_free(&errors);
	return c;
}

/* Each may be read and written by anybody, as far as its mode says. */
static void
make_files(struct tries *t)
{
	static const char *const folders[] = { "", "/store", "/logs",
		"/public", "/keys" };
	static const char *const files[] = { "/store/waybill.db",
		"/store/waybill.db-shm", "/logs/mail.log", "/logs/mail.log.1",
		"/public/example.org", "/keys/example.org", "/other" };
	char path[100];

	(void)strcpy(t->folder, "/tmp/waybill-worker-XXXXXX");
	assert_non_null(mkdtemp(t->folder));
	for (size_t i = 0; i < COUNT(folders); i++) {
		(void)snprintf(path, sizeof path, "%s%s", t->folder,
		    folders[i]);
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
		assert_int_equal(chmod(path, 0777), 0);
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		int fd;

		(void)snprintf(path, sizeof path, "%s%s", t->folder, files[i]);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_int_equal(fchmod(fd, 0666), 0);
		(void)close(fd);
	}
}

static void
the_files_it_can_open(void **state)
{
	static const char all[] = "rwm rwm rwm rwm rwm rwm rwm ";
	static const struct {
		unsigned reads;
		bool has_logs;
		const char *want;
	} rows[] = {
		{ 0, false, "--- --- --- --- --- --- --- rrr" },
		{ WORKER_READS_STORE, false,
		    "rwm rwm --- --- --- --- --- rrr" },
		{ WORKER_READS_STORE | WORKER_READS_PUBLIC, false,
		    "rwm rwm --- --- r-- --- --- rrr" },
		{ WORKER_READS_LOG, true,
		    "--- --- r-- r-- --- --- --- rrr" },
		{ WORKER_READS_LOG | WORKER_READS_STORE, true,
		    "rwm rwm r-- r-- --- --- --- rrr" },
	};
	struct tries t = { .logs = { .n = 0 } };
	struct config *c;
	char log[100];

	(void)state;
	make_files(&t);
	c = files_config(t.folder);
	(void)snprintf(log, sizeof log, "%s/logs/mail.log", t.folder);
	assert_int_equal(text_list_add(&t.logs, "journal"), 0);
	assert_int_equal(text_list_add(&t.logs, log), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tries some = t;
		const struct worker w = { .make = try_files, .arg = &some,
			.reads = rows[i].reads, .config = c };
		char want[200];
		char *s = NULL;
		size_t len;

		if (!rows[i].has_logs)
			some.logs.n = 0;
		assert_int_equal(worker_read(&w, 1000, &s, &len), 0);
		(void)snprintf(want, sizeof want, "%s%s%s", rows[i].has_logs ?
		    all : "", rows[i].has_logs ? "| " : "",
		    has_landlock() ? rows[i].want : all);
		if (!has_landlock())
			(void)strcat(want, "rrr");
		assert_string_equal(s, want);
		free(s);
	}
	text_list_free(&t.logs);
	config_free(&c);
	assert_int_equal(directory_remove(t.folder), 0);
}

static int
fill_device(void *arg, FILE *out)
{
	(void)arg;
	(void)fputs("does not fit\n", out);
	return 0;
}

static void
output_that_fails(void **state)
{
	const struct worker w = { .make = fill_device };
	int status = 0;
	pid_t child;

	(void)state;
	child = fork();
	if (child == 0) {
		(void)dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
		_exit(worker_run(&w));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), EXIT_UNAVAILABLE);
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

UNIT_MAIN(begin, NULL,
    cmocka_unit_test(output_and_exit_code),
    cmocka_unit_test(what_it_is),
    cmocka_unit_test(programs),
    cmocka_unit_test(the_terminal),
    cmocka_unit_test(signals),
    cmocka_unit_test(a_flood),
    cmocka_unit_test(errors_are_bounded),
    cmocka_unit_test(what_a_terminal_would_obey),
    cmocka_unit_test(in_order),
    cmocka_unit_test(patience),
    cmocka_unit_test(what_it_started_ends_too),
    cmocka_unit_test(the_files_it_can_open),
    cmocka_unit_test(output_that_fails),
    cmocka_unit_test(stopped),
    cmocka_unit_test(killed))
