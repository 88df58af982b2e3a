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
 * The end of the worker is that of the process, not that of its output: what it
 * started ends with it, and what its pipes hold then is the last of them.
 *
 * The worker may have been taken over. So this process never waits for it alone,
 * nor for who reads its output: signals come through at any time, and a worker
 * that ignores one is killed. Without a terminal, where nobody looks on, it has
 * an hour; the time for which its reader lets this process wait doesn't count.
 */
#include "tool/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/become.h"
#include "base/clock.h"
#include "config/public.h"
#include "record/reply.h"
#include "record/store.h"
#include "tool/command.h"
#include "tool/print.h"
#include "tool/relay.h"

enum {
	PIPES = 2,
	FDS_MAX = 1024,
	ERRORS_MAX = 64 * 1024,
	GRACE_MS = 3000,	/* behind a signal that was handed on */
	PATIENCE_MS = 3600 * 1000,
};

static const char cut_line[] =
    "\nwaybill: there are more messages; they are not shown\n";

static const int handed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
enum { HANDED_ON = sizeof handed_on / sizeof handed_on[0] };

/* Guarded by nothing: a handler writes it, one thread reads it. */
static volatile sig_atomic_t came;

/* Set before the worker begins. */
static bool errors_are_shown;

/* In the worker: what it is. */
static const struct worker *self;

enum watch_failure { WATCH_FINE, WATCH_TOO_LARGE, WATCH_UNWRITTEN,
	WATCH_TOO_LONG };

struct watch {
	pid_t child;
	bool has_ended;
	int status;		/* of waitpid(2), then */
	struct relay relay[PIPES];	/* of its standard output and error */
	enum watch_failure failure;
	int told;		/* the signal that was handed on, or 0 */
	int64_t grace_ms;	/* when it is killed, then */
	bool is_bounded;
	int64_t until_ms;	/* then */
	struct sigaction before[HANDED_ON];
	struct sigaction child_before;
	sigset_t mask_before;
	sigset_t mask_caught;
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
	w->mask_caught = mask;
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

/* All that it can open, but for logs. */
static void
add_reach(const struct worker *worker, struct reach *reach)
{
	const struct config *c = worker->config;
	char path[PATH_MAX];

	reach_begin(reach);
	reach_add_system(reach, worker->programs == CONFINE_PROGRAMS ?
	    REACH_RUN : REACH_READ);
	if ((worker->reads & WORKER_READS_STORE) != 0) {
		store_reach(c->record.store, c->record.password_file, reach);
		reach_add(reach, reply_rules_path(), REACH_READ);
		reach_add(reach, reply_site_path(), REACH_READ);
	}
	if ((worker->reads & WORKER_ASKS_DNS) != 0)
		reach_add_place(reach, c->resolver.trust_anchor, REACH_READ);
	if ((worker->reads & WORKER_READS_PUBLIC) != 0 &&
	    public_folder(c, path, sizeof path) == 0)
		reach_add(reach, path, REACH_READ);
}

int
worker_limit_to_logs(const struct text_list *logs, struct err *err)
{
	struct reach reach;

	if (self == NULL || (self->reads & WORKER_READS_LOG) == 0)
		return 0;
	add_reach(self, &reach);
	reach_add(&reach, "/run/log/journal", REACH_READ);
	reach_add(&reach, "/var/log/journal", REACH_READ);
	for (size_t i = 0; i < logs->n; i++)
		if (logs->v[i][0] == '/')
			reach_add_place(&reach, logs->v[i], REACH_READ);
	return reach_limit(&reach, err);
}

static int
enter(const struct worker *worker, pid_t parent, struct err *err)
{
	unsigned may = CONFINE_MAY_WRITE | (worker->programs ==
	    CONFINE_PROGRAMS ? CONFINE_MAY_RUN | CONFINE_MAY_FORK : 0);
	struct reach reach;

	if (setsid() < 0)
		return err_errno(err, EXIT_TEMPORARY, "setsid");
	if (become_user("waybill-record", err) != 0)
		return -1;
	/* Behind the change of user, which takes it away. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return err_errno(err, EXIT_TEMPORARY, "prctl");
	if (getppid() != parent)
		return err_set(err, EXIT_TEMPORARY, "the command has ended");
	/* Which logs there are isn't known yet; they are the first that is read
	 * of what strangers wrote. */
	if ((worker->reads & WORKER_READS_LOG) != 0)
		return confine_to(may, NULL, err);
	add_reach(worker, &reach);
	return confine_to(may, &reach, err);
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
	self = worker;
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
	pid_t parent = getpid();

	(void)fflush(NULL);
	if (pipe2(pipes[0], O_CLOEXEC) != 0 || pipe2(pipes[1], O_CLOEXEC) != 0) {
		close_pipe(pipes[0]);
		return err_errno(err, EXIT_TEMPORARY, "pipe");
	}
	catch_signals(w);
	w->child = fork();
	if (w->child == 0) {
		restore_signals(w);
		print_leads_to(w->relay[0].to >= 0 && isatty(w->relay[0].to),
		    errors_are_shown);
		work(worker, pipes[0][1], pipes[1][1], parent);
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
		w->relay[i].from = pipes[i][0];
		(void)fcntl(pipes[i][0], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

/* Before it has its own group the worker is alone. */
static void
tell_worker(const struct watch *w, int number)
{
	if (!w->has_ended && kill(-w->child, number) != 0)
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
		tell_worker(w, w->told != 0 ? SIGKILL : number);
		w->told = number;
		w->grace_ms = clock_ms() + GRACE_MS;
	}
	if (w->told != 0 && clock_left(w->grace_ms) == 0) {
		tell_worker(w, SIGKILL);
		w->grace_ms = INT64_MAX;
	}
}

static void
fail(struct watch *w, enum watch_failure failure)
{
	if (w->failure == WATCH_FINE)
		w->failure = failure;
	w->is_bounded = false;
	tell_worker(w, SIGKILL);
}

/* Takes the worker's end, and ends what it started; while nobody has taken it
 * its number is nobody else's. */
static void
look_for_end(struct watch *w)
{
	siginfo_t info = { .si_pid = 0 };

	if (w->has_ended || waitid(P_PID, (id_t)w->child, &info, WEXITED |
	    WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
		return;
	tell_worker(w, SIGKILL);
	w->has_ended = waitpid(w->child, &w->status, 0) == w->child;
	for (int i = 0; i < PIPES; i++)
		relay_set_last(&w->relay[i]);
}

/* Has it ended, and all that it printed been written, as far as anybody still
 * wants it? */
static bool
is_over(const struct watch *w)
{
	if (!w->has_ended)
		return false;
	for (int i = 0; i < PIPES && w->told == 0 &&
	    w->failure == WATCH_FINE; i++)
		if (w->relay[i].from >= 0 || relay_has_left(&w->relay[i]))
			return false;
	return true;
}

/* Milliseconds until something is due by itself; -1: nothing is. */
static int
due_ms(const struct watch *w)
{
	if (w->told != 0)
		return clock_left(w->grace_ms);
	return w->is_bounded ? clock_left(w->until_ms) : -1;
}

/* Waits until there is something to read or to write, or a signal. What was
 * printed before an error was said stands before it, so errors wait while there
 * is output. *ready is a bit for each relay that can be written to. */
static void
wait_for_news(struct watch *w, unsigned *ready)
{
	struct relay *r = w->relay;
	struct pollfd p[2 * PIPES];
	int64_t began = clock_ms();
	int ms = due_ms(w);
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	bool is_busy = false;

	for (int i = 0; i < PIPES; i++) {
		bool has_left = relay_has_left(&r[i]);

		p[i] = (struct pollfd){ .fd = is_busy || has_left ? -1 :
		    r[i].from, .events = POLLIN };
		p[PIPES + i] = (struct pollfd){ .fd = !is_busy && has_left ?
		    r[i].to : -1, .events = POLLOUT };
		is_busy = is_busy || has_left;
	}
	(void)ppoll(p, (nfds_t)2 * PIPES, ms < 0 ? NULL : &t,
	    &w->mask_before);
	*ready = 0;
	for (unsigned i = 0; i < PIPES; i++)
		if (p[PIPES + i].fd >= 0 && p[PIPES + i].revents != 0)
			*ready |= 1U << i;
	if (is_busy)
		w->until_ms += clock_ms() - began;
}

/* Signals come through while it writes: what poll(2) calls ready may be full
 * all the same, by another's writing. */
static void
write_ready(struct watch *w, unsigned ready)
{
	for (unsigned i = 0; i < PIPES; i++) {
		if ((ready & 1U << i) == 0)
			continue;
		(void)sigprocmask(SIG_SETMASK, &w->mask_before, NULL);
		relay_write(&w->relay[i]);
		(void)sigprocmask(SIG_BLOCK, &w->mask_caught, NULL);
	}
}

static void
move(struct watch *w, unsigned ready)
{
	struct relay *out = &w->relay[0];

	write_ready(w, ready);
	relay_read(out);
	if (out->to < 0 && relay_has_left(out) && !out->is_cut)
		relay_write(out);
	if (!relay_has_left(out))
		relay_read(&w->relay[1]);
	if (out->is_cut)
		fail(w, WATCH_TOO_LARGE);
	else if (out->error != 0)
		fail(w, WATCH_UNWRITTEN);
	else if (w->is_bounded && clock_left(w->until_ms) == 0)
		fail(w, WATCH_TOO_LONG);
}

static void
watch(struct watch *w)
{
	unsigned ready = 0;

	for (;;) {
		hand_on(w);
		look_for_end(w);
		if (is_over(w))
			break;
		wait_for_news(w, &ready);
		hand_on(w);
		look_for_end(w);
		move(w, ready);
	}
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
say_failure(const struct watch *w)
{
	struct err err = { .code = EXIT_OK };

	switch (w->failure) {
	case WATCH_TOO_LARGE:
		err_set(&err, EXIT_TEMPORARY, "the output is too large");
		break;
	case WATCH_UNWRITTEN:
		errno = w->relay[0].error;
		err_errno(&err, EXIT_UNAVAILABLE, "the output can't be "
		    "written");
		break;
	case WATCH_TOO_LONG:
		err_set(&err, EXIT_TEMPORARY, "the process that reads the "
		    "record took too long and was killed");
		break;
	case WATCH_FINE:
		err_set(&err, EXIT_TEMPORARY, "the process that reads the "
		    "record ended by signal %d", WTERMSIG(w->status));
		break;
	}
	return command_fail(&err);
}

static int
run(const struct worker *worker, FILE *memory, size_t max)
{
	struct watch w = { .relay = {
		{ .from = -1, .to = memory != NULL ? -1 : STDOUT_FILENO,
		    .memory = memory, .max = max, .is_data = worker->is_data },
		{ .from = -1, .to = STDERR_FILENO, .max = ERRORS_MAX,
		    .cut_line = cut_line },
	} };
	struct err err = { .code = EXIT_OK };
	int code = EXIT_OK;

	errors_are_shown = isatty(STDERR_FILENO);
	w.relay[1].printable.may_return = errors_are_shown;
	w.is_bounded = !errors_are_shown;
	w.until_ms = clock_ms() + (worker->patience_ms > 0 ?
	    worker->patience_ms : PATIENCE_MS);
	for (int i = 0; i < PIPES; i++)
		relay_begin(&w.relay[i]);
	if (start(worker, &w, &err) != 0)
		code = command_fail(&err);
	else {
		watch(&w);
		if (w.failure == WATCH_FINE && w.told != 0 &&
		    (WIFSIGNALED(w.status) || w.relay[0].from >= 0 ||
		    relay_has_left(&w.relay[0])))
			end_by(w.told);
		code = w.failure == WATCH_FINE && WIFEXITED(w.status) ?
		    WEXITSTATUS(w.status) : say_failure(&w);
	}
	for (int i = 0; i < PIPES; i++)
		relay_free(&w.relay[i]);
	return code;
}

int
worker_run(const struct worker *worker)
{
	return run(worker, NULL, 0);
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
