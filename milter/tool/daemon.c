/* SPDX-License-Identifier: ISC */
/*
 * The smallest milter client: connects, negotiates options as Postfix 3.7 does
 * (version 6), reads the answer, quits. That is what proves that Postfix would
 * be served; a process in the list of processes proves nothing. Nothing of
 * libmilter is needed for it.
 */
#include "tool/daemon.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

/* length, 'O', version 6, actions 0x1ff, events 0x1fffff */
static const unsigned char daemon_negotiate[] = {
	0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 1, 0xff, 0, 0x1f, 0xff, 0xff,
};
static const unsigned char daemon_quit[] = { 0, 0, 0, 1, 'Q' };

enum { DAEMON_HEAD = 9 };	/* length, 'O', version */

static int
daemon_connect_to(const struct sockaddr *sa, socklen_t len,
    int64_t deadline_ms)
{
	int error = 0;
	socklen_t size = sizeof error;

	int fd = socket(sa->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, sa, len) == 0)
		return fd;
	error = errno;
	if (error == EINPROGRESS) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		error = ETIMEDOUT;
		if (poll(&p, 1, clock_left(deadline_ms)) == 1)
			(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error,
			    &size);
	}
	if (error == 0)
		return fd;
	(void)close(fd);
	errno = error;
	return -1;
}

static int
daemon_connect_unix(const char *path, int64_t deadline_ms)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof un.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(un.sun_path, path);
	return daemon_connect_to((struct sockaddr *)&un, sizeof un,
	    deadline_ms);
}

/* "PORT@HOST" or "PORT". */
static int
daemon_connect_inet(const char *spec, int family, int64_t deadline_ms)
{
	struct addrinfo hints = { .ai_family = family,
	    .ai_socktype = SOCK_STREAM }, *list = NULL;
	char port[32], host[256];
	const char *at = strchr(spec, '@');
	int fd = -1;

	(void)snprintf(port, sizeof port, "%.*s",
	    at == NULL ? (int)strlen(spec) : (int)(at - spec), spec);
	(void)snprintf(host, sizeof host, "%s", at == NULL ? family == AF_INET6
	    ? "::1" : "127.0.0.1" : at + 1);
	size_t len = strlen(host);
	bool bracketed = len > 2 && host[0] == '[' && host[len - 1] == ']';
	if (bracketed)
		host[len - 1] = '\0';
	if (getaddrinfo(host + bracketed, port, &hints, &list) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	for (const struct addrinfo *a = list; a != NULL && fd < 0;
	    a = a->ai_next)
		fd = daemon_connect_to(a->ai_addr, a->ai_addrlen, deadline_ms);
	int error = errno;
	freeaddrinfo(list);
	errno = error;
	return fd;
}

static int
daemon_connect(const char *spec, int64_t deadline_ms)
{
	if (strncmp(spec, "unix:", 5) == 0)
		return daemon_connect_unix(spec + 5, deadline_ms);
	if (strncmp(spec, "inet6:", 6) == 0)
		return daemon_connect_inet(spec + 6, AF_INET6, deadline_ms);
	if (strncmp(spec, "inet:", 5) == 0)
		return daemon_connect_inet(spec + 5, AF_INET, deadline_ms);
	errno = EINVAL;
	return -1;
}

/* Does it say the first bytes of an answer to the negotiation? */
static bool
daemon_negotiates(int fd, int64_t deadline_ms)
{
	unsigned char head[DAEMON_HEAD];
	size_t n = 0;

	if (send(fd, daemon_negotiate, sizeof daemon_negotiate,
	    MSG_NOSIGNAL) != (ssize_t)sizeof daemon_negotiate)
		return false;
	while (n < sizeof head) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, clock_left(deadline_ms)) != 1)
			return false;
		ssize_t got = recv(fd, head + n, sizeof head - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	return head[0] == 0 && head[4] == 'O' && head[8] >= 2;
}

enum daemon_answer
daemon_ask(const char *socket, int64_t deadline_ms)
{
	int fd = daemon_connect(socket, deadline_ms);

	if (fd < 0)
		return errno == EACCES || errno == EPERM ? DAEMON_DENIED
		    : errno == EAGAIN || errno == ETIMEDOUT ? DAEMON_SILENT
		    : DAEMON_ABSENT;
	bool answers = daemon_negotiates(fd, deadline_ms);
	if (answers)
		(void)!send(fd, daemon_quit, sizeof daemon_quit, MSG_NOSIGNAL);
	(void)close(fd);
	return answers ? DAEMON_ANSWERS : DAEMON_SILENT;
}
