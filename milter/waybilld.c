/* SPDX-License-Identifier: ISC */
/*
 * waybilld: signs outgoing mail as a milter of Postfix.
 *
 * At start, each step provides what the next one needs: arguments; the
 * configuration and the keys, read as the user it will run as; the socket,
 * created as root; becoming that user permanently; confinement; threads;
 * ready.
 *
 * libmilter handles SIGHUP, SIGTERM and SIGINT itself, and drops sessions in
 * mid-message on each of them. So it runs in a second thread, which blocks
 * signals like all others; its wait for them never returns (sigwait() below),
 * and the main thread gets them through a handler and a pipe. Nor may
 * libmilter end the process: smfi_main() waits for up to 5 s, does not wait
 * for its workers, and exit(3) races with them. So we stop ourselves: wait for
 * the messages in progress, remove our socket, _exit(2).
 */
#include "build_config.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arguments.h"
#include "base/clock.h"
#include "base/confine.h"
#include "base/err.h"
#include "base/event.h"
#include "base/log.h"
#include "base/thread.h"
#include "budget.h"
#include "callbacks.h"
#include "config/config.h"
#include "inquiry.h"
#include "privileges.h"
#include "socket.h"
#include "state.h"
#include "supervisor.h"
#include "upkeep.h"
#include "warn.h"

#include <libmilter/mfapi.h>

enum {
	FIRST_PASSED_FD = 3,
	HOUSEKEEPING_MS = 5000,
	STIR_MS = 1000,
	STIR_AGAIN_MS = 20,	/* at first, while somebody waits for DNS */
	DRAIN_MS = 10000,	/* for messages in progress, at the end */
	DRAIN_OPEN_MS = 7000,	/* new messages are still accepted so long */
};

struct daemon {
	struct upkeep upkeep;
	struct socket_address socket;
	struct socket_file socket_file;	/* set only if we created it */
	struct privileges user;
	atomic_bool is_ready;		/* the service manager was notified */
};

/*
 * Letters for the requests of signals or the milter's thread to the main one.
 */
static int wake_pipe[2];

/* A byte for each callback that is about to wait for DNS. */
static int stir_pipe[2];

static void
on_signal(int sig)
{
	int saved = errno;
	char what = sig == SIGHUP || sig == SIGUSR1 ? 'r' : 't';

	(void)!write(wake_pipe[1], &what, 1);
	errno = saved;
}

static void
stir(void)
{
	(void)!write(stir_pipe[1], "w", 1);
}

/* Waits for that or the deadline. Returns true for the former. */
static bool
is_stirred(int64_t deadline_ms)
{
	struct pollfd p = { .fd = stir_pipe[0], .events = POLLIN };
	char bytes[512];

	(void)poll(&p, 1, clock_left(deadline_ms));
	return read(stir_pipe[0], bytes, sizeof bytes) > 0;
}

/* Errors at start also go to standard error, where whoever starts it looks. */
static void
complain(const struct err *err, bool to_terminal)
{
	log_say(LOG_LEVEL_ERROR, "%s", err->text);
	if (to_terminal)
		err_print("waybilld", "%s", err->text);
}

static enum exit_code
complain_all(const struct err_list *errors, bool to_terminal)
{
	for (size_t i = 0; i < errors->n; i++)
		complain(&errors->v[i], to_terminal);
	return errors->n > 0 ? errors->v[0].code : EXIT_TEMPORARY;
}

/* Checks the options that matter only at start. */
static int
check_start_options(const struct config *c, struct daemon *d, gid_t *gid,
    struct err *err)
{
	*gid = (gid_t)-1;
	if (socket_parse(c->socket, &d->socket, err) != 0)
		return -1;
	if (socket_is_public(&d->socket) && !c->socket_public)
		return err_set(err, EXIT_CONFIG, "socket: %s can be reached "
		    "from other hosts, and anyone who reaches it can have mail "
		    "signed; use a loopback address, or set socket_public = "
		    "true", c->socket);
	if (socket_is_unix(&d->socket) && c->socket_group[0] != '\0')
		return privileges_group(c->socket_group, gid, err);
	return 0;
}

static void
warn_of_start_options(const struct config *c, const struct daemon *d)
{
	if (!socket_is_unix(&d->socket))
		log_say(LOG_LEVEL_WARNING, "socket %s: every user of %s can "
		    "have mail signed; a unix socket prevents that",
		    c->socket, socket_is_public(&d->socket) ?
		    "the network" : "this host");
	if (strcmp(c->user, d->user.name) != 0)
		log_say(LOG_LEVEL_WARNING, "running as %s, not as set by the "
		    "option user (%s): not started as root", d->user.name,
		    c->user);
	else if (d->user.uid == 0)
		log_say(LOG_LEVEL_WARNING, "running as root, as set by the "
		    "option user; a dedicated user is safer");
}

/* Puts our socket in place of the one that a libmilter without "fd:" created:
 * a private one of the same family, whose descriptor is the lowest that was
 * free. */
static int
lay_over(const struct socket_address *a, int fd, struct err *err)
{
	char folder[] = "/tmp/waybilld-XXXXXX";
	char conn[sizeof folder + 10] = "inet:0@127.0.0.1";
	int lowest = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	int listening = 0;
	socklen_t len = sizeof listening;

	if (lowest >= 0)
		close(lowest);
	if (a->sa.ss_family == AF_INET6)
		strcpy(conn, "inet6:0@::1");
	if (socket_is_unix(a)) {
		if (mkdtemp(folder) == NULL)
			return err_errno(err, EXIT_TEMPORARY, "%s", folder);
		snprintf(conn, sizeof conn, "unix:%s/s", folder);
	}
	if (smfi_setconn(conn) != MI_SUCCESS ||
	    smfi_opensocket(false) != MI_SUCCESS ||
	    getsockopt(lowest, SOL_SOCKET, SO_ACCEPTCONN, &listening,
	    &len) != 0 || !listening || dup2(fd, lowest) != lowest)
		err_set(err, EXIT_UNAVAILABLE, "this libmilter does not accept "
		    "an existing socket");
	else
		listening = 2;
	if (socket_is_unix(a)) {
		(void)unlink(conn + strlen("unix:"));
		(void)rmdir(folder);
	}
	close(fd);
	return listening == 2 ? 0 : -1;
}

static int
hand_to_libmilter(const struct socket_address *a, int fd, struct err *err)
{
	char conn[24];

	snprintf(conn, sizeof conn, "fd:%d", fd);
	if (smfi_setconn(conn) == MI_SUCCESS &&
	    smfi_opensocket(false) == MI_SUCCESS)
		return 0;
	return lay_over(a, fd, err);
}

static int
open_socket(const struct config *c, struct daemon *d, gid_t gid,
    struct err *err)
{
	int passed = supervisor_sockets(err);
	int fd;

	if (passed < 0)
		return -1;
	if (passed > 1)
		return err_set(err, EXIT_CONFIG, "the service manager passed "
		    "%d sockets; waybilld listens on one", passed);
	if (passed == 1) {
		fd = FIRST_PASSED_FD;
		if (socket_adopt(&d->socket, fd, err) != 0)
			return -1;
	} else {
		fd = socket_listen(&d->socket, c->socket_mode, d->user.uid,
		    gid, err);
		if (fd < 0)
			return -1;
		socket_note_file(&d->socket, &d->socket_file);
	}
	if (hand_to_libmilter(&d->socket, fd, err) == 0)
		return 0;
	socket_remove(&d->socket, &d->socket_file);
	return -1;
}

/*
 * Replaces the function of the C library in this process; only libmilter's
 * signal thread calls it. Blocking the signals in that thread is not enough:
 * sigwait(3) lifts the block while it waits, and the kernel delivers a signal
 * to that thread when the main one is handling another; then a SIGHUP close to
 * a second signal would end every session.
 */
__attribute__((visibility("default"))) int
sigwait(const sigset_t *set, int *sig)
{
	(void)set;
	(void)sig;
	for (;;)
		(void)poll(NULL, 0, -1);
}

static void *
run_libmilter(void *arg)
{
	(void)arg;
	(void)smfi_main();
	(void)!write(wake_pipe[1], "x", 1);
	return NULL;
}

/*
 * Opens a session of our own now and then. It proves what Postfix needs: that
 * connections to the socket are accepted and callbacks run. A service manager
 * that asked for this sign of life gets it, once it knows that we are ready
 * (sd_notify(3)). It also wakes libmilter's pool, which starts a worker only
 * when something arrives while it counts none as idle: of two sessions that
 * arrive together, the second may be left waiting for a worker that reads a
 * slow client's packet, until something else arrives; or for one whose message
 * waits for DNS, and so each message of a burst would wait for the one before
 * it. So a callback asks for a session before it waits, and the worker started
 * by that takes the next message of the burst.
 */
static void *
run_watchdog(void *arg)
{
	const struct daemon *d = arg;
	int64_t half_ms = supervisor_watchdog_ms() / 2;
	int64_t period_ms = half_ms > 0 && half_ms < STIR_MS ? half_ms :
	    STIR_MS;
	int64_t patience_ms = period_ms;
	bool is_barred = false;

	for (;;) {
		int64_t begin_ms = clock_ms();
		int answer = socket_answers(&d->socket, begin_ms +
		    patience_ms);

		if (answer != 0 && half_ms > 0 && d->is_ready)
			supervisor_alive();
		if (answer < 0 && !is_barred)
			log_say(LOG_LEVEL_WARNING, "socket %s: its owner or "
			    "directory prevents waybilld from checking itself "
			    "for a sign of life; let user %s connect",
			    d->socket.text, d->user.name);
		is_barred = answer < 0;
		if (answer == 0 && patience_ms < period_ms) {
			/* It is queued behind them as well: try another one. */
			(void)poll(NULL, 0, clock_left(begin_ms +
			    patience_ms));
			patience_ms *= 2;
		} else {
			patience_ms = is_stirred(begin_ms + period_ms) ?
			    STIR_AGAIN_MS : period_ms;
		}
	}
	return NULL;
}

static void
set_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal,
	    .sa_flags = SA_RESTART };
	static const int signals[] = { SIGHUP, SIGUSR1, SIGTERM, SIGINT };

	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		(void)sigaction(signals[i], &act, NULL);
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
}

static int
start_thread(void *(*run)(void *arg), void *arg, struct err *err)
{
	pthread_t thread;

	errno = thread_start(&thread, run, arg);
	if (errno == 0)
		errno = pthread_detach(thread);
	return errno == 0 ? 0 : err_errno(err, EXIT_TEMPORARY, "cannot start a "
	    "thread");
}

static int
start_threads(struct daemon *d, struct err *err)
{
	if (start_thread(run_libmilter, NULL, err) != 0)
		return -1;
	return start_thread(run_watchdog, d, err);
}

static void
reload(const struct daemon *d, const struct config *at_start)
{
	supervisor_reloading();
	upkeep_reload(&d->upkeep, at_start);
	supervisor_ready();
}

/* Returns true when it is time to exit. *failed: libmilter has given up. */
static bool
serve(const struct daemon *d, const struct config *at_start, bool *failed)
{
	struct pollfd p = { .fd = wake_pipe[0], .events = POLLIN };
	char asked[64];
	ssize_t n;

	(void)poll(&p, 1, HOUSEKEEPING_MS);
	n = read(wake_pipe[0], asked, sizeof asked);
	if (n > 0) {
		*failed = memchr(asked, 'x', (size_t)n) != NULL;
		if (*failed || memchr(asked, 't', (size_t)n) != NULL)
			return true;
		if (memchr(asked, 'r', (size_t)n) != NULL)
			reload(d, at_start);
	}
	upkeep_look(&d->upkeep);
	return false;
}

/* Weak: only in instrumented builds. _exit(2) would skip them. */
extern void __lsan_do_leak_check(void) __attribute__((weak));
extern void __gcov_dump(void) __attribute__((weak));
extern int __llvm_profile_write_file(void) __attribute__((weak));

static void
end(struct daemon *d, enum exit_code code)
{
	int64_t from_ms = clock_ms();
	struct event e;

	supervisor_stopping();
	while (callbacks_messages() > 0 && clock_ms() < from_ms + DRAIN_MS) {
		if (clock_ms() >= from_ms + DRAIN_OPEN_MS)
			callbacks_refuse_new();
		(void)poll(NULL, 0, 5);
	}
	socket_remove(&d->socket, &d->socket_file);
	event_begin(&e, NULL, false, "stop");
	event_add_number(&e, "messages", callbacks_messages());
	log_event(&e);
	if (__lsan_do_leak_check != NULL)
		__lsan_do_leak_check();
	if (__gcov_dump != NULL)
		__gcov_dump();
	if (__llvm_profile_write_file != NULL)
		(void)__llvm_profile_write_file();
	_exit(code);
}

/*
 * What is opened from here on: what a reload reads, resolv.conf(5), which may
 * be replaced at any time and lead to /run, and what the C library reads.
 * Nothing is opened for writing.
 */
static void
confine_daemon(const struct config *c, const struct daemon *d)
{
	struct reach reach;
	struct err err = { 0 };

	reach_begin(&reach);
	reach_add_system(&reach, REACH_READ);
	reach_add(&reach, "/etc", REACH_READ);
	reach_add(&reach, "/run", REACH_READ);
	reach_add_place(&reach, c->path, REACH_READ);
	reach_add(&reach, c->keys, REACH_READ);
	for (size_t i = 0; i < c->ndomains; i++)
		for (size_t k = 0; k < c->domains[i].nkeys; k++)
			reach_add_place(&reach, c->domains[i].keys[k].file,
			    REACH_READ);
	reach_add_place(&reach, c->resolver.trust_anchor, REACH_READ);
	if (d->socket_file.is_set)
		reach_add_place(&reach, socket_path(&d->socket),
		    REACH_REMOVE);
	if (confine_to(d->socket_file.is_set ? CONFINE_MAY_REMOVE : 0, &reach,
	    &err) != 0)
		log_say(LOG_LEVEL_WARNING, "running with incomplete "
		    "confinement: %s", err.text);
}

/* Everything after the state was read, up to starting the last thread. */
static int
start(struct daemon *d, struct state *s, struct err *err)
{
	const struct config *c = state_config(s);
	gid_t gid;

	if (check_start_options(c, d, &gid, err) != 0)
		return -1;
	d->upkeep.socket = d->socket.text;
	d->upkeep.user = d->user.name;
	d->upkeep.files = privileges_raise_files();
	/* Once the socket exists, whoever sees it may send a signal. */
	if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0 ||
	    pipe2(stir_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return err_errno(err, EXIT_TEMPORARY, "pipe");
	set_signals();
	if (callbacks_register(stir, err) != 0 ||
	    open_socket(c, d, gid, err) != 0)
		return -1;
	warn_of_start_options(c, d);
	if (privileges_drop(&d->user, err) != 0) {
		socket_remove(&d->socket, &d->socket_file);
		return -1;
	}
	confine_daemon(c, d);
	if (state_ask(s, err) != 0 || start_threads(d, err) != 0) {
		socket_remove(&d->socket, &d->socket_file);
		return -1;
	}
	return 0;
}

/* The helper that reads Postfix's files never sees a key or the record. */
static struct postfix_helper *
start_helper(const struct config *c, struct err *err)
{
	struct text_list hidden = { 0 };
	struct postfix_helper *helper = NULL;
	char journal[PATH_MAX];		/* of a record that is a file */
	int rc = text_list_add(&hidden, c->keys);

	for (size_t i = 0; i < c->ndomains; i++)
		for (size_t k = 0; k < c->domains[i].nkeys; k++)
			rc |= text_list_add(&hidden,
			    c->domains[i].keys[k].file);
	rc |= text_list_add(&hidden, LOCALSTATEDIR "/lib/waybill");
	snprintf(journal, sizeof journal, "%s-wal", c->record.store);
	rc |= text_list_add(&hidden, c->record.store);
	rc |= text_list_add(&hidden, journal);
	rc |= text_list_add(&hidden, c->record.password_file);
	if (rc == 0)
		helper = postfix_helper_start(&hidden, err);
	else
		(void)err_set(err, EXIT_TEMPORARY, "out of memory");
	text_list_free(&hidden);
	return helper;
}

/* Builds the first state, as the user it will run as. The helper is forked
 * before that, and stays that user. */
static struct state *
read_state(struct daemon *d, const struct config *c, bool only_check,
    struct err_list *errors)
{
	struct err_list warnings = { 0 };
	struct state *s = NULL;
	struct err err = { 0 };

	if (privileges_find(c->user, &d->user, &err) == 0 &&
	    privileges_assume(&d->user, &err) == 0) {
		if (!only_check)
			d->upkeep.services.postfix = start_helper(c, &err);
		if (err.text[0] == '\0')
			s = state_new(&d->upkeep.services, errors, &warnings);
		for (size_t i = 0; i < warnings.n; i++)
			log_say(LOG_LEVEL_WARNING, "%s", warnings.v[i].text);
	}
	if (err.text[0] != '\0')
		err_list_add(errors, &err);
	err_list_free(&warnings);
	return s;
}

static enum exit_code
check(struct daemon *d, const struct state *s)
{
	struct err err = { 0 };
	gid_t gid;

	if (check_start_options(state_config(s), d, &gid, &err) == 0 &&
	    inquiry_check(state_config(s), &err) == 0)
		return EXIT_OK;
	complain(&err, false);
	return err.code;
}

/* Takes ownership of the state. */
static enum exit_code
run(struct daemon *d, struct state *s, bool to_terminal)
{
	struct state *held;
	struct err err = { 0 };
	bool failed = false;

	state_use(&s);
	held = state_hold();
	if (privileges_resume(&d->user, &err) != 0 ||
	    start(d, held, &err) != 0) {
		complain(&err, to_terminal);
		state_release(&held);
		state_use(&s);
		return err.code;
	}
	upkeep_say_state(&d->upkeep, "start", held);
	supervisor_ready();
	d->is_ready = true;
	while (!serve(d, state_config(held), &failed))
		;
	end(d, failed ? EXIT_UNAVAILABLE : EXIT_OK);
	return EXIT_OK;
}

static enum exit_code
begin(struct daemon *d, bool only_check)
{
	struct err_list errors = { 0 };
	struct config *c = config_read(d->upkeep.services.config_path,
	    &errors);
	struct state *s = NULL;
	bool to_terminal = false;
	enum exit_code code;

	if (c != NULL) {
		to_terminal = c->log.to == LOG_SINK_SYSLOG && !only_check;
		if (!only_check)
			log_open("waybilld", c->log.to, c->log.level);
		s = read_state(d, c, only_check, &errors);
	}
	config_free(&c);
	if (s == NULL)
		code = complain_all(&errors, to_terminal);
	else if (only_check)
		code = check(d, s);
	else
		code = run(d, s, to_terminal);
	if (only_check)
		state_release(&s);
	err_list_free(&errors);
	return code;
}

static void
print_help(void)
{
	printf("usage: waybilld [-c FILE] [-t]\n\n  -c, --config FILE  read "
	    "FILE instead of %s\n  -t, --test         check the configuration "
	    "and keys, then exit\n  -h, --help\n  -V, --version\n\nSigns "
	    "outgoing mail as a milter of Postfix; see waybilld(8).\n",
	    config_default_path());
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	struct daemon d = { 0 };
	bool only_check = false;
	enum exit_code code;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":c:thV", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			d.upkeep.services.config_path = optarg;
			break;
		case 't':
			only_check = true;
			break;
		case 'h':
			print_help();
			return EXIT_OK;
		case 'V':
			printf("waybilld %s\n", PACKAGE_VERSION);
			return EXIT_OK;
		default:
			arguments_refuse("waybilld", argv, opt);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		err_print("waybilld", "unexpected argument: %s; try: waybilld "
		    "--help", argv[optind]);
		return EXIT_USAGE;
	}
	umask(077);
	budget_begin();
	log_open("waybilld", LOG_SINK_STDERR, LOG_LEVEL_INFO);
	d.upkeep.services.warn = warn_new();
	d.upkeep.services.key_memory = key_memory_new();
	d.upkeep.takeover = takeover_new();
	if (d.upkeep.services.warn == NULL || d.upkeep.takeover == NULL ||
	    d.upkeep.services.key_memory == NULL)
		return err_no_memory("waybilld");
	code = begin(&d, only_check);
	postfix_helper_stop(&d.upkeep.services.postfix);
	takeover_free(&d.upkeep.takeover);
	key_memory_free(&d.upkeep.services.key_memory);
	warn_free(&d.upkeep.services.warn);
	free(d.user.name);
	return code;
}
