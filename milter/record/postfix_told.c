/* SPDX-License-Identifier: ISC */
/*
 * What the recorder wants to know of Postfix itself: two or three parameters,
 * asked once, before it is confined. (What waybilld knows of it is find/'s
 * business, which the recorder isn't linked with.)
 */
#include "record/postfix_told.h"

#include "base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOLD_MS = 2000 };

static pid_t
start(const char *folder, const char *parameter, int out)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	dup2(out, STDOUT_FILENO);
	out = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (out >= 0) {
		dup2(out, STDIN_FILENO);
		dup2(out, STDERR_FILENO);
	}
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin", 1);
	execlp("postconf", "postconf", "-c", folder, "-x", "-h", parameter,
	    (char *)NULL);
	_exit(127);
}

void
postfix_told(const char *folder, const char *parameter, char *value,
    size_t size)
{
	int64_t deadline = clock_ms() + TOLD_MS;
	size_t len = 0;
	int out[2];
	pid_t pid;

	value[0] = '\0';
	if (pipe2(out, O_CLOEXEC) != 0)
		return;
	pid = start(folder, parameter, out[1]);
	close(out[1]);
	while (pid > 0 && len < size - 1) {
		struct pollfd p = { .fd = out[0], .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, clock_left(deadline)) <= 0)
			break;
		n = read(out[0], value + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	value[len] = '\0';
	value[strcspn(value, "\n")] = '\0';
	close(out[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);	/* it has ended, or must */
		waitpid(pid, NULL, 0);
	}
}
