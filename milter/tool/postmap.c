/* SPDX-License-Identifier: ISC */
/*
 * postmap -q, run without a shell, with an environment of its own, bounded in
 * time by alarm(2), which outlives exec, and in what is read of it. Both of
 * its outputs come through one pipe: it prints a value and ends with 0, or
 * ends with 1 and has printed nothing, or says what is wrong.
 */
#include "tool/postmap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where postmap(1) lies. */
static const char *const programs[] = {
	"/usr/sbin/postmap", "/usr/local/sbin/postmap",
	"/usr/pkg/sbin/postmap", "/opt/postfix/sbin/postmap",
};

static const char *
find_program(void)
{
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (access(programs[i], X_OK) == 0)
			return programs[i];
	return NULL;
}

/* In the child: becomes postmap(1). */
static void
become_postmap(char *const *argv, int out)
{
	char *const environment[] = { (char []){ "LC_ALL=C" },
		(char []){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" }, NULL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)signal(SIGALRM, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(out, 2) < 0)
		_exit(127);
	(void)alarm(POSTMAP_S);
	(void)execve(argv[0], argv, environment);
	_exit(127);
}

/* Reads until the end, and no more than fits; the final line breaks off. */
static char *
read_all(int fd)
{
	char *s = malloc(POSTMAP_VALUE_MAX + 1);
	size_t len = 0;

	while (s != NULL && len < POSTMAP_VALUE_MAX) {
		ssize_t n = read(fd, s + len, POSTMAP_VALUE_MAX - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	while (s != NULL && len > 0 && s[len - 1] == '\n')
		len--;
	if (s != NULL)
		s[len] = '\0';
	return s;
}

/* Runs it; its output, malloc'd, and how it ended. NULL: it can't be run. */
static char *
run(char *const *argv, int *status)
{
	int ends[2];
	char *said;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return NULL;
	pid = fork();
	if (pid == 0)
		become_postmap(argv, ends[1]);
	(void)close(ends[1]);
	said = pid > 0 ? read_all(ends[0]) : NULL;
	(void)close(ends[0]);
	while (pid > 0 && waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return said;
}

/* The part of what it said that is a sentence. */
static const char *
sentence_of(char *said)
{
	char *fatal = strstr(said, "fatal: ");

	if (fatal == NULL)
		return said[0] != '\0' ? said : "no reason given";
	fatal += strlen("fatal: ");
	fatal[strcspn(fatal, "\n")] = '\0';
	return fatal;
}

enum postmap
postmap_ask(const char *folder, const char *table, const char *key,
    char **value, struct err *err)
{
	const char *program = find_program();
	char *const argv[] = { (char *)program, (char []){ "-c" },
		(char *)folder, (char []){ "-q" }, (char *)key, (char *)table,
		NULL };
	enum postmap result = POSTMAP_FAILED;
	int status = -1;
	char *said = NULL;

	*value = NULL;
	if (program != NULL)
		said = run(argv, &status);
	if (said == NULL) {
		(void)err_set(err, EXIT_UNAVAILABLE,
		    "%s: postmap(1) can't be run", table);
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		*value = said;
		return POSTMAP_FOUND;
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 1 &&
	    said[0] == '\0') {
		result = POSTMAP_ABSENT;
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
		(void)err_set(err, EXIT_UNAVAILABLE,
		    "%s: postmap(1) takes over %d s", table, POSTMAP_S);
	} else {
		(void)err_set(err, EXIT_UNAVAILABLE, "%s: postmap(1): %s", table,
		    sentence_of(said));
	}
	free(said);
	return result;
}
