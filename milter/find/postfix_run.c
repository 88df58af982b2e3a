/* SPDX-License-Identifier: ISC */
/*
 * Runs postconf(1) with a time limit (alarm(2), which survives exec) and a
 * size limit (RLIMIT_FSIZE on the memory file that it writes to), without a
 * shell and in an environment of our own.
 *
 * A confined daemon with threads neither forks nor runs programs, so a helper
 * does, which is forked before. It gets each request as one packet that names
 * the directory, and answers with a header and the parts over a stream of its
 * own. Each reading is done by a child of the helper, so that a child that
 * hangs or dies costs only that reading; an answer that arrives too late is
 * recognized by its number and skipped. The helper exits when the other side
 * of the stream closes. It is confined too, and postconf(1) with it: they need
 * programs and files to read.
 */
#include "find/postfix_run.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/confine.h"
#include "base/text.h"
#include "find/postfix_filter.h"
#include "find/postfix_received.h"

enum {
	RUN_FOLDER_MAX = 1024,
	RUN_HOSTS_MAX = 64,		/* names that are looked up */
	RUN_HOSTS_S = 8,		/* and the total time for them */
	RUN_ARGUMENTS = 4,
	/* Postfix instances that are looked at */
	RUN_INSTANCES_MAX = 16,
};

struct postfix_helper {
	pthread_mutex_t lock;
	int fd;			/* protected by lock, as is what follows */
	pid_t pid;
	uint32_t number;	/* of the last request */
};

/* Precedes the parts of an answer. */
struct run_header {
	uint32_t number;
	uint32_t found;
	uint32_t len[POSTFIX_PARTS];
};

struct run_question {
	uint32_t number;
	char folder[RUN_FOLDER_MAX];
};

/* Where postconf(1) may be; it is never searched for in PATH. */
static const char *const run_programs[] = {
	"/usr/sbin/postconf", "/usr/local/sbin/postconf",
	"/usr/pkg/sbin/postconf", "/opt/postfix/sbin/postconf",
};

static const char *
run_program(void)
{
	for (size_t i = 0; i < sizeof run_programs / sizeof *run_programs; i++)
		if (access(run_programs[i], X_OK) == 0)
			return run_programs[i];
	return NULL;
}

/* In the child: becomes postconf(1). */
static void
run_exec(const char *program, char *const *argv, int out, int errors)
{
	char *const environment[] = {(char []){"LC_ALL=C"},
	    (char []){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, NULL};
	const struct rlimit limit = {POSTFIX_OUTPUT_MAX, POSTFIX_OUTPUT_MAX};
	sigset_t none;

	(void)signal(SIGALRM, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(errors, 2) < 0 || setrlimit(RLIMIT_FSIZE, &limit) != 0)
		_exit(127);
	(void)alarm(POSTFIX_RUN_S);
	(void)execve(program, argv, environment);
	_exit(127);
}

/* The whole of a memory file, NUL-terminated; NULL without memory. */
static char *
run_content(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < 0 || size > POSTFIX_OUTPUT_MAX)
		return NULL;
	char *s = malloc((size_t)size + 1);
	if (s == NULL)
		return NULL;
	size_t n = 0;
	while (n < (size_t)size) {
		ssize_t got = pread(fd, s + n, (size_t)size - n, (off_t)n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	s[n] = '\0';
	/* a NUL byte would hide what follows */
	if (memchr(s, '\0', n) != NULL) {
		free(s);
		return NULL;
	}
	return s;
}

/* The error message of postconf: its last line that contains "fatal",
 * otherwise the exit status of the process. Malloc'd. */
static char *
run_complaint(int errors, int status)
{
	char *said = run_content(errors), *why = NULL;
	char *fatal = said == NULL ? NULL : strstr(said, "fatal: ");

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		why = strdup("postconf(1) takes too long");
	else if (fatal != NULL)
		why = strndup(fatal + 7, strcspn(fatal + 7, "\n"));
	else if (asprintf(&why, "postconf(1) exited with status %#x", status) < 0)
		why = NULL;
	free(said);
	return why;
}

/* Runs postconf(1) with an option ("-M") or none; folder NULL: Postfix's
 * default directory. Returns its output, malloc'd; NULL and *why, malloc'd, if
 * it fails. */
static char *
run_postconf(const char *program, const char *folder, const char *option,
    char **why)
{
	char *argv[RUN_ARGUMENTS + 1] = {(char *)program, (char []){"-c"},
	    (char *)folder, (char *)option, NULL};
	char *output = NULL;
	int status = 0;

	if (folder == NULL) {
		argv[1] = (char *)option;
		argv[2] = NULL;
	}
	int out = memfd_create("postconf", MFD_CLOEXEC);
	int errors = memfd_create("postconf-errors", MFD_CLOEXEC);
	pid_t pid = out < 0 || errors < 0 ? -1 : fork();
	if (pid == 0)
		run_exec(program, argv, out, errors);
	if (pid < 0) {
		*why = strdup("cannot start postconf(1)");
	} else {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			output = run_content(out);
		if (output == NULL)
			*why = run_complaint(errors, status);
	}
	if (out >= 0)
		(void)close(out);
	if (errors >= 0)
		(void)close(errors);
	return output;
}

/* Appends "name address" for each address of a host name; does nothing for an
 * address. */
static void
run_look_up(const char *name, struct text_list *done, struct text *hosts)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM}, *list = NULL;
	struct ip ip;

	if (ip_parse(name, &ip) == 0 || done->n >= RUN_HOSTS_MAX ||
	    text_list_has_fold(done, name) || strpbrk(name, " \n") != NULL)
		return;
	(void)text_list_add(done, name);
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return;
	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
		char address[IP_SIZE];
		if (ip_from_sockaddr(a->ai_addr, &ip) == 0)
			text_addf(hosts, "%s %s\n", name,
			    ip_format(&ip, address));
	}
	freeaddrinfo(list);
}

/* Looks up the names in inet_interfaces and proxy_interfaces of s. */
static void
run_look_up_list(const struct postfix *p, const struct postfix_service *s,
    const char *parameter, struct text_list *done, struct text *hosts)
{
	char *value = postfix_value(p, s, parameter), *w;
	const char *at = value == NULL ? "" : value;

	while ((w = postfix_next_word(&at)) != NULL) {
		if (strcmp(w, "all") != 0 && strcmp(w, "loopback-only") != 0)
			run_look_up(w, done, hosts);
		free(w);
	}
	free(value);
}

static char *
run_hosts(const struct postfix *p)
{
	static const char *const parameters[] = {
	    "inet_interfaces", "proxy_interfaces"};
	struct text_list done = {0};
	struct text hosts;
	size_t n;
	const struct postfix_service *s = postfix_services(p, &n);

	text_init(&hosts, POSTFIX_VALUE_MAX);
	for (size_t k = 0; k < 2; k++) {
		run_look_up_list(p, NULL, parameters[k], &done, &hosts);
		for (size_t i = 0; i < n; i++)
			if (postfix_overrides(p, &s[i], parameters[k]))
				run_look_up_list(p, &s[i], parameters[k],
				    &done, &hosts);
	}
	text_list_free(&done);
	hosts.cut = false;
	return text_take(&hosts);
}

/* The three calls for one instance. Returns 0, or -1 and *why, malloc'd. */
static int
run_parts(const char *program, const char *folder, struct postfix_text *t,
    char **why)
{
	static const char *const options[] = {
	    [POSTFIX_MAIN] = NULL, [POSTFIX_MASTER] = "-M",
	    [POSTFIX_OVERRIDES] = "-P"};

	for (int i = POSTFIX_MAIN; i <= POSTFIX_OVERRIDES; i++) {
		t->part[i] = run_postconf(program, folder, options[i], why);
		if (t->part[i] == NULL)
			return -1;
	}
	return 0;
}

/* Appends the instances that p knows of, each once. */
static void
run_note_instances(const struct postfix *p, struct text_list *instances)
{
	char *list = postfix_value(p, NULL, "multi_instance_directories"), *w;
	const char *at = list == NULL ? "" : list;

	while ((w = postfix_next_word(&at)) != NULL) {
		size_t i = 0;
		while (i < instances->n && strcmp(instances->v[i], w) != 0)
			i++;
		if (i == instances->n && i < RUN_INSTANCES_MAX)
			(void)text_list_add(instances, w);
		free(w);
	}
	free(list);
}

/* Collects the names under which another instance writes Received fields, and
 * further instances that it knows. An unreadable one is skipped. */
static void
run_instance(const char *program, const char *folder,
    struct text_list *instances, struct text *writers)
{
	struct postfix_text t = {.found = POSTFIX_FOUND};
	struct postfix *p = NULL;
	char *why = NULL;

	if (run_parts(program, folder, &t, &why) == 0)
		p = postfix_parse(&t);
	if (p != NULL && postfix_found(p) == POSTFIX_FOUND) {
		postfix_received_look(p, writers);
		run_note_instances(p, instances);
	}
	postfix_release(&p);
	postfix_text_free(&t);
	free(why);
}

/* The names of all instances. Only the default instance knows the others; they
 * can be told by a name or switch of their own. */
static char *
run_writers(const char *program, const char *folder, const struct postfix *p)
{
	char *name = postfix_value(p, NULL, "multi_instance_name");
	struct text_list instances = {0};
	struct text writers;

	text_init(&writers, POSTFIX_VALUE_MAX);
	postfix_received_look(p, &writers);
	(void)text_list_add(&instances, folder);
	run_note_instances(p, &instances);
	if ((name != NULL && *name != '\0') ||
	    postfix_is_yes(p, NULL, "multi_instance_enable"))
		run_instance(program, NULL, &instances, &writers);
	for (size_t i = 1; i < instances.n; i++)
		run_instance(program, instances.v[i], &instances, &writers);
	text_list_free(&instances);
	free(name);
	writers.cut = false;
	return text_take(&writers);
}

/* What requires the parsed configuration: addresses of names, filters, the
 * names in Received fields. It is parsed from a copy, because parsing consumes
 * the text. */
static void
run_look_further(const char *program, const char *folder,
    struct postfix_text *t)
{
	struct postfix_text copy = {.found = t->found};
	struct text filter;

	for (int i = POSTFIX_MAIN; i <= POSTFIX_OVERRIDES; i++)
		copy.part[i] = strdup(t->part[i]);
	struct postfix *p = postfix_parse(&copy);
	postfix_text_free(&copy);
	if (p == NULL)
		return;
	if (postfix_found(p) == POSTFIX_FOUND) {
		t->part[POSTFIX_HOSTS] = run_hosts(p);
		text_init(&filter, POSTFIX_VALUE_MAX);
		postfix_filter_look(p, &filter);
		t->part[POSTFIX_FILTER] = text_take(&filter);
		t->part[POSTFIX_WRITERS] = run_writers(program, folder, p);
	}
	postfix_release(&p);
}

static void
run_not_found(struct postfix_text *t, enum postfix_found found, char *why)
{
	postfix_text_free(t);
	t->found = found;
	t->part[POSTFIX_WHY] = why;
}

/*
 * Fills t with the output of all three calls, or with the reason for failure.
 */
static void
run_read(const char *folder, struct postfix_text *t)
{
	const char *program = run_program();
	char *why = NULL;

	*t = (struct postfix_text){.found = POSTFIX_FOUND};
	if (program == NULL) {
		run_not_found(t, POSTFIX_NONE,
		    strdup("no postconf(1) found: Postfix is not installed"));
		return;
	}
	if (asprintf(&why, "%s/main.cf", folder) >= 0 &&
	    access(why, F_OK) != 0 && errno == ENOENT) {
		free(why);
		if (asprintf(&why, "%s contains no main.cf", folder) < 0)
			why = NULL;
		run_not_found(t, POSTFIX_NONE, why);
		return;
	}
	free(why);
	if (run_parts(program, folder, t, &why) != 0)
		run_not_found(t, POSTFIX_UNREADABLE, why);
	else
		run_look_further(program, folder, t);
}

/* Writes all of it; false if the other side has closed. */
static bool
run_write(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
run_answer(int fd, uint32_t number, const struct postfix_text *t)
{
	struct run_header h = {.number = number, .found = t->found};

	for (size_t i = 0; i < POSTFIX_PARTS; i++)
		h.len[i] = t->part[i] == NULL ? 0
		    : (uint32_t)strlen(t->part[i]);
	if (!run_write(fd, &h, sizeof h))
		return false;
	for (size_t i = 0; i < POSTFIX_PARTS; i++)
		if (h.len[i] > 0 && !run_write(fd, t->part[i], h.len[i]))
			return false;
	return true;
}

/* Sends what the child wrote to its memory file. */
static bool
run_forward(int fd, int answer)
{
	char buf[16 * 1024];
	ssize_t n;

	if (lseek(answer, 0, SEEK_SET) != 0)
		return false;
	while ((n = read(answer, buf, sizeof buf)) > 0)
		if (!run_write(fd, buf, (size_t)n))
			return false;
	return n == 0;
}

/*
 * In the child: hides paths from it and from postconf(1). Done for each
 * reading, because new files appear. A failure is not reported: the system
 * call filter is in place, and Postfix's settings are needed.
 */
static void
run_hide(const struct text_list *hidden)
{
	struct reach reach;

	reach_begin(&reach);
	reach_add_all_but(&reach, hidden, REACH_READ | REACH_RUN);
	(void)reach_limit(&reach, NULL);
}

/* Answers one request: a child reads into a memory file, and alarm(2) ends it
 * if a name server hangs. Returns false if nobody is left to answer to. */
static bool
run_serve_one(int fd, const struct run_question *q,
    const struct text_list *hidden)
{
	struct postfix_text t = {.found = POSTFIX_UNREADABLE};
	int status = -1;

	int answer = memfd_create("answer", MFD_CLOEXEC);
	pid_t pid = answer < 0 ? -1 : fork();
	if (pid == 0) {
		(void)alarm(3 * POSTFIX_RUN_S + RUN_HOSTS_S);
		run_hide(hidden);
		run_read(q->folder, &t);
		_exit(run_answer(answer, q->number, &t) ? 0 : 1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	bool ok = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (ok) {
		ok = run_forward(fd, answer);
	} else {
		t.part[POSTFIX_WHY] = (char []){"reading it takes too long"};
		ok = run_answer(fd, q->number, &t);
	}
	if (answer >= 0)
		(void)close(answer);
	return ok;
}

/* Makes the current effective user and groups the only ones: the caller may
 * have given up root only temporarily. Nothing is called if there is nothing
 * to give up: a service manager may forbid the call. */
static bool
run_stay_who(void)
{
	uid_t uid, euid, suid;
	gid_t gid, egid, sgid;

	if (getresuid(&uid, &euid, &suid) != 0 ||
	    getresgid(&gid, &egid, &sgid) != 0)
		return false;
	if ((gid != egid || sgid != egid) && setresgid(egid, egid, egid) != 0)
		return false;
	return (uid == euid && suid == euid) ||
	    setresuid(euid, euid, euid) == 0;
}

/* Sets the name and signals, and closes everything of the parent except the
 * stream. */
static void
run_quietly(int fd)
{
	sigset_t none;

	(void)prctl(PR_SET_NAME, "waybill-postfix");
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (fd > 3)
		(void)close_range(3, (unsigned)fd - 1, 0);
	(void)close_range((unsigned)fd + 1, ~0U, 0);
}

/* The main loop of the helper. */
static void
run_serve(int fd, const struct text_list *hidden)
{
	struct run_question q;

	if (!run_stay_who())
		return;
	run_quietly(fd);
	(void)confine_to(CONFINE_MAY_RUN | CONFINE_MAY_FORK, NULL, NULL);
	for (;;) {
		ssize_t n = recv(fd, &q, sizeof q, MSG_WAITALL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof q)
			return;
		q.folder[sizeof q.folder - 1] = '\0';
		if (!run_serve_one(fd, &q, hidden))
			return;
	}
}

struct postfix_helper *
postfix_helper_start(const struct text_list *hidden, struct err *err)
{
	struct postfix_helper *h = calloc(1, sizeof *h);
	int fds[2] = {-1, -1};

	if (h == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    fds) != 0)
		goto out;
	h->pid = fork();
	if (h->pid == 0) {
		run_serve(fds[1], hidden);
		_exit(0);
	}
	if (h->pid < 0) {
		(void)close(fds[0]);
		(void)close(fds[1]);
		goto out;
	}
	(void)close(fds[1]);
	h->fd = fds[0];
	(void)pthread_mutex_init(&h->lock, NULL);
	return h;
out:
	(void)err_errno(err, EXIT_TEMPORARY,
	    "cannot start the helper that reads Postfix's configuration");
	free(h);
	return NULL;
}

void
postfix_helper_stop(struct postfix_helper **h)
{
	if (*h == NULL)
		return;
	(void)close((*h)->fd);
	(void)kill((*h)->pid, SIGTERM);
	while (waitpid((*h)->pid, NULL, 0) < 0 && errno == EINTR)
		;
	(void)pthread_mutex_destroy(&(*h)->lock);
	free(*h);
	*h = NULL;
}

/* Reads len bytes into data before the deadline, or skips them (data NULL). */
static int
run_receive(int fd, void *data, size_t len, int64_t deadline_ms,
    struct err *err)
{
	char waste[4096];
	char *p = data;

	while (len > 0) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		int ready = poll(&poll_fd, 1, clock_left(deadline_ms));
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return err_set(err, EXIT_TEMPORARY, "the helper that "
			    "reads Postfix's configuration does not answer");
		size_t want = p != NULL || len < sizeof waste ? len
		    : sizeof waste;
		ssize_t n = recv(fd, p != NULL ? p : waste, want, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, EXIT_TEMPORARY, "the helper that "
			    "reads Postfix's configuration has exited");
		p = p == NULL ? NULL : p + n;
		len -= (size_t)n;
	}
	return 0;
}

static int
run_receive_parts(int fd, const struct run_header *h, struct postfix_text *t,
    int64_t deadline_ms, struct err *err)
{
	for (size_t i = 0; i < POSTFIX_PARTS; i++) {
		if (h->len[i] > POSTFIX_OUTPUT_MAX)
			return err_set(err, EXIT_TEMPORARY, "invalid answer "
			    "from the helper that reads Postfix's "
			    "configuration");
		if (t != NULL) {
			t->part[i] = calloc(1, (size_t)h->len[i] + 1);
			if (t->part[i] == NULL)
				return err_errno(err, EXIT_TEMPORARY,
				    "Postfix's configuration");
		}
		if (run_receive(fd, t == NULL ? NULL : t->part[i], h->len[i],
		    deadline_ms, err) != 0)
			return -1;
	}
	return 0;
}

/* Asks the helper. After an incomplete answer the position in the stream is
 * lost, so the connection is then closed. */
static int
run_ask(struct postfix_helper *h, const char *folder, struct postfix_text *t,
    int64_t deadline_ms, struct err *err)
{
	struct run_question q = {.number = ++h->number};
	struct run_header header = {0};

	if (h->fd < 0)
		return err_set(err, EXIT_TEMPORARY, "the connection to the "
		    "helper that reads Postfix's configuration was closed "
		    "after an error");
	(void)snprintf(q.folder, sizeof q.folder, "%s", folder);
	if (send(h->fd, &q, sizeof q, MSG_NOSIGNAL) != sizeof q)
		return err_set(err, EXIT_TEMPORARY, "the helper that reads "
		    "Postfix's configuration has exited");
	for (;;) {
		if (run_receive(h->fd, &header, sizeof header, deadline_ms,
		    err) != 0)
			return -1;
		bool mine = header.number == q.number;
		if (run_receive_parts(h->fd, &header, mine ? t : NULL,
		    deadline_ms, err) != 0) {
			(void)close(h->fd);
			h->fd = -1;
			return -1;
		}
		if (mine)
			break;
	}
	t->found = header.found == POSTFIX_FOUND ? POSTFIX_FOUND
	    : header.found == POSTFIX_NONE ? POSTFIX_NONE : POSTFIX_UNREADABLE;
	return 0;
}

struct postfix *
postfix_read(struct postfix_helper *h, const char *folder, int64_t deadline_ms,
    struct err *err)
{
	struct postfix_text t = {.found = POSTFIX_NONE};
	int ret = 0;

	if (strlen(folder) >= RUN_FOLDER_MAX) {
		(void)err_set(err, EXIT_CONFIG,
		    "the path of Postfix's directory is longer than %d bytes",
		    RUN_FOLDER_MAX - 1);
		return NULL;
	}
	if (h == NULL) {
		run_read(folder, &t);
	} else {
		(void)pthread_mutex_lock(&h->lock);
		ret = run_ask(h, folder, &t, deadline_ms, err);
		(void)pthread_mutex_unlock(&h->lock);
	}
	struct postfix *p = ret != 0 ? NULL : postfix_parse(&t);
	if (p == NULL && ret == 0)
		(void)err_set(err, EXIT_TEMPORARY, "out of memory for "
		    "Postfix's configuration");
	postfix_text_free(&t);
	return p;
}

uint64_t
postfix_files_mark(const char *folder)
{
	static const char *const names[] = {"main.cf", "master.cf"};
	uint64_t mark = 14695981039346656037u;	/* FNV-1a */

	for (size_t i = 0; i < 2; i++) {
		char path[RUN_FOLDER_MAX + 16];
		struct stat st;
		uint64_t seen[5] = {0};

		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		if (stat(path, &st) == 0) {
			seen[0] = st.st_dev;
			seen[1] = st.st_ino;
			seen[2] = (uint64_t)st.st_size;
			seen[3] = (uint64_t)st.st_mtim.tv_sec;
			seen[4] = (uint64_t)st.st_mtim.tv_nsec;
		}
		for (size_t k = 0; k < 5; k++)
			for (int b = 0; b < 64; b += 8)
				mark = (mark ^ (seen[k] >> b & 255)) *
				    1099511628211u;
	}
	return mark;
}
