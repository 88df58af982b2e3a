/* SPDX-License-Identifier: ISC */
/*
 * A worker and the process that waits for it.
 *
 * A terminal takes what is pushed into it (TIOCSTI) for its user's typing, so a
 * worker that was taken over must not reach one: it is in another session,
 * holds no descriptor of it, and can't open it as waybill-record. Keys of the
 * terminal that mean a signal (^C) reach this process alone and are handed on,
 * to the worker's whole process group. A second one kills the worker.
 *
 * The end of the worker is that of the process, not that of its output: a
 * program that it started may hold the pipes for longer.
 */
#include "tool/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/become.h"
#include "tool/command.h"

enum { STEP = 65536, PIPES = 2, FDS_MAX = 1024 };

static const int handed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
enum { HANDED_ON = sizeof handed_on / sizeof handed_on[0] };

/* Guarded by nothing: a handler writes it, one thread reads it. */
static volatile sig_atomic_t came;

/* Set before the worker begins. */
static bool errors_are_shown;

struct watch {
	pid_t child;
	int fds[PIPES];		/* its standard output and error; -1: ended */
	FILE *out;
	size_t max;
	size_t len;
	bool failed;		/* out took no more */
	bool told;		/* a signal was handed on */
	int status;		/* of waitpid(2) */
	struct sigaction before[HANDED_ON];
	struct sigaction child_before;
	sigset_t mask_before;
};

bool
worker_may_show_progress(void)
{
	return errors_are_shown;
}

int
worker_refuse_programs(struct err *err)
{
	return confine(CONFINE_NO_PROGRAMS, err);
}

static void
on_signal(int number)
{
	if (number != SIGCHLD)
		came = number;
}

/* They are blocked but while ppoll(2) waits, so none is missed. A signal that
 * is ignored (nohup) stays so. */
static void
catch_signals(struct watch *w)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t mask;

	came = 0;
	(void)sigemptyset(&act.sa_mask);
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGCHLD);
	(void)sigaction(SIGCHLD, &act, &w->child_before);
	for (size_t i = 0; i < HANDED_ON; i++) {
		(void)sigaddset(&mask, handed_on[i]);
		(void)sigaction(handed_on[i], NULL, &w->before[i]);
		if (w->before[i].sa_handler != SIG_IGN)
			(void)sigaction(handed_on[i], &act, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &mask, &w->mask_before);
}

static void
restore_signals(const struct watch *w)
{
	(void)sigaction(SIGCHLD, &w->child_before, NULL);
	for (size_t i = 0; i < HANDED_ON; i++)
		(void)sigaction(handed_on[i], &w->before[i], NULL);
	(void)sigprocmask(SIG_SETMASK, &w->mask_before, NULL);
}

/* What a shell or a script left open is none of the worker's business; what
 * this program opened closes on exec. */
static void
close_inherited(void)
{
	for (int fd = STDERR_FILENO + 1; fd < FDS_MAX; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && (flags & FD_CLOEXEC) == 0)
			(void)close(fd);
	}
}

static int
enter(const struct worker *worker, pid_t parent, struct err *err)
{
	if (setsid() < 0)
		return err_errno(err, EXIT_TEMPORARY, "setsid");
	if (become_user("waybill-record", err) != 0)
		return -1;
	/* Behind the change of user, which takes it away. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return err_errno(err, EXIT_TEMPORARY, "prctl");
	if (getppid() != parent)
		return err_set(err, EXIT_TEMPORARY, "the command has ended");
	return confine(worker->programs, err);
}

static void __attribute__((noreturn))
work(const struct worker *worker, int out, int errors, pid_t parent)
{
	struct err err = { .code = EXIT_OK };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int code;

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
		_exit(EXIT_TEMPORARY);
	close_inherited();
	code = enter(worker, parent, &err) != 0 ? command_fail(&err) :
	    worker->make(worker->arg, stdout);
	_exit(command_finish(code));
}

static void
close_pipe(int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

/* 0, or -1 with err. */
static int
start(const struct worker *worker, struct watch *w, struct err *err)
{
	int pipes[PIPES][2] = { { -1, -1 }, { -1, -1 } };
	pid_t self = getpid();

	(void)fflush(NULL);
	if (pipe2(pipes[0], O_CLOEXEC) != 0 || pipe2(pipes[1], O_CLOEXEC) != 0) {
		close_pipe(pipes[0]);
		return err_errno(err, EXIT_TEMPORARY, "pipe");
	}
	catch_signals(w);
	w->child = fork();
	if (w->child == 0) {
		restore_signals(w);
		work(worker, pipes[0][1], pipes[1][1], self);
	}
	if (w->child < 0) {
		err_errno(err, EXIT_TEMPORARY, "fork");
		restore_signals(w);
		close_pipe(pipes[0]);
		close_pipe(pipes[1]);
		return -1;
	}
	for (int i = 0; i < PIPES; i++) {
		(void)close(pipes[i][1]);
		w->fds[i] = pipes[i][0];
		(void)fcntl(w->fds[i], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

/* Before it has its own group the worker is alone. */
static void
tell_worker(const struct watch *w, int number)
{
	if (kill(-w->child, number) != 0)
		(void)kill(w->child, number);
}

static void
hand_on(struct watch *w)
{
	int number = came;

	came = 0;
	if (number == SIGTSTP) {
		tell_worker(w, SIGSTOP);
		(void)raise(SIGSTOP);
		tell_worker(w, SIGCONT);
	} else if (number != 0) {
		tell_worker(w, w->told ? SIGKILL : number);
		w->told = true;
	}
}

/* What a pipe holds now. False at its end. */
static bool
copy(struct watch *w, int which)
{
	FILE *to = which == 0 ? w->out : stderr;
	char buf[STEP];

	for (;;) {
		ssize_t n = read(w->fds[which], buf, sizeof buf);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		if (which == 0 && w->max > 0 && (size_t)n > w->max - w->len) {
			w->failed = true;
			tell_worker(w, SIGKILL);
			return false;
		}
		w->len += which == 0 ? (size_t)n : 0;
		(void)fwrite(buf, 1, (size_t)n, to);
	}
}

/* Both pipes, the output first: what was printed before an error was said
 * stands before it. */
static void
copy_all(struct watch *w)
{
	for (int i = 0; i < PIPES; i++) {
		if (w->fds[i] >= 0 && !copy(w, i)) {
			(void)close(w->fds[i]);
			w->fds[i] = -1;
		}
		if (i == 0)
			(void)fflush(w->out);
	}
}

static void
watch(struct watch *w)
{
	struct pollfd p[PIPES];
	pid_t ended = 0;

	while (ended == 0) {
		for (int i = 0; i < PIPES; i++)
			p[i] = (struct pollfd){ .fd = w->fds[i],
				.events = POLLIN };
		(void)ppoll(p, PIPES, NULL, &w->mask_before);
		hand_on(w);
		/* Looked at first: what it wrote before its end is there. */
		ended = waitpid(w->child, &w->status, WNOHANG);
		copy_all(w);
	}
	for (int i = 0; i < PIPES; i++)
		if (w->fds[i] >= 0)
			(void)close(w->fds[i]);
	restore_signals(w);
}

/* This process ends as the worker did by a signal that was handed on. */
static void
end_by(int number)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static int
run(const struct worker *worker, FILE *out, size_t max)
{
	struct watch w = { .out = out, .max = max, .fds = { -1, -1 } };
	struct err err = { .code = EXIT_OK };

	errors_are_shown = isatty(STDERR_FILENO);
	if (start(worker, &w, &err) != 0)
		return command_fail(&err);
	watch(&w);
	if (!w.failed && WIFEXITED(w.status))
		return WEXITSTATUS(w.status);
	if (!w.failed && w.told)
		end_by(WTERMSIG(w.status));
	if (w.failed)
		err_set(&err, EXIT_TEMPORARY, "the output is too large");
	else
		err_set(&err, EXIT_TEMPORARY, "the process that reads the "
		    "record ended by signal %d", WTERMSIG(w.status));
	return command_fail(&err);
}

int
worker_run(const struct worker *worker)
{
	return run(worker, stdout, 0);
}

int
worker_read(const struct worker *worker, size_t max, char **data, size_t *len)
{
	FILE *memory = open_memstream(data, len);
	struct err err = { .code = EXIT_OK };
	int code;

	if (memory == NULL) {
		*data = NULL;
		err_errno(&err, EXIT_TEMPORARY, "the worker's output");
		return command_fail(&err);
	}
	code = run(worker, memory, max);
	if (fclose(memory) == 0 && *data != NULL)
		return code;
	free(*data);
	*data = NULL;
	err_set(&err, EXIT_TEMPORARY, "out of memory");
	return command_fail(&err);
}
