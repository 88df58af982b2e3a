/* SPDX-License-Identifier: ISC */
/*
 * One question and one answer at a time over a pair of sockets. The process
 * takes nothing but a domain, which it judges itself, and ends with this one.
 */
#include "tool/transport_asker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct transport_asker {
	int fd;
	pid_t pid;
};

struct told {
	int rc;
	struct transport_answer way;
	struct err err;
};

static ssize_t
receive(int fd, void *out, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, out, size, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

static int
tell(int fd, const void *data, size_t size)
{
	ssize_t n;

	do
		n = send(fd, data, size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size ? 0 : -1;
}

static void
answer_all(int fd, const struct postfix *p, const char *folder,
    const char *without, const struct family_rules *host)
{
	char domain[DOMAIN_SIZE];

	while (receive(fd, domain, sizeof domain) == (ssize_t)sizeof domain) {
		struct told a = { .rc = -1 };
		struct address recipient;
		char path[ADDRESS_MAX];

		domain[sizeof domain - 1] = '\0';
		(void)snprintf(path, sizeof path, "postmaster@%s", domain);
		if (address_path(path, &recipient) != 0)
			(void)err_set(&a.err, EXIT_DATA, "%s is no domain",
			    domain);
		else
			a.rc = transport_find(p, folder, without, host, NULL,
			    &recipient, &a.way, &a.err);
		if (tell(fd, &a, sizeof a) != 0)
			return;
	}
}

struct transport_asker *
transport_asker_start(const struct postfix *p, const char *folder,
    const char *without, const struct family_rules *host, struct err *err)
{
	struct transport_asker *t = calloc(1, sizeof *t);
	int fds[2];

	if (t == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    fds) != 0) {
		(void)err_errno(err, EXIT_TEMPORARY, "socketpair");
		free(t);
		return NULL;
	}
	(void)fflush(NULL);
	t->fd = fds[0];
	t->pid = fork();
	if (t->pid == 0) {
		(void)close(fds[0]);
		answer_all(fds[1], p, folder, without, host);
		_exit(0);
	}
	(void)close(fds[1]);
	if (t->pid < 0) {
		(void)err_errno(err, EXIT_TEMPORARY, "fork");
		(void)close(fds[0]);
		free(t);
		return NULL;
	}
	return t;
}

void
transport_asker_stop(struct transport_asker **t)
{
	if (*t == NULL)
		return;
	(void)close((*t)->fd);
	while (waitpid((*t)->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(*t);
	*t = NULL;
}

int
transport_asker_ask(struct transport_asker *t, const char *domain,
    struct transport_answer *out, struct err *err)
{
	char question[DOMAIN_SIZE] = "";
	struct told a;

	(void)snprintf(question, sizeof question, "%s", domain);
	if (tell(t->fd, question, sizeof question) != 0 ||
	    receive(t->fd, &a, sizeof a) != (ssize_t)sizeof a)
		return err_set(err, EXIT_UNAVAILABLE,
		    "the process that asks Postfix's tables has ended");
	if (a.rc != 0) {
		*err = a.err;
		return -1;
	}
	*out = a.way;
	return 0;
}
