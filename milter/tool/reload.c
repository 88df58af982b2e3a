/* SPDX-License-Identifier: ISC */
/*
 * A reload of waybilld: by systemd where it runs the host, else by the pid
 * file of the init script, whose process must be a waybilld.
 */
#include "tool/reload.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { PID_FILE_MAX = 64 };

extern char **environ;

static const char pid_file[] = "/run/waybilld.pid";

static bool
has_systemd(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

/* Runs systemctl; true when it ended with 0. */
static bool
systemctl(const char *verb)
{
	const char *args[] = {
		"systemctl", "--quiet", verb, "waybilld.service", NULL
	};
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, args[0], NULL, NULL,
	    (char *const *)(uintptr_t)args, environ) != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The process of the pid file, if it is a waybilld; else 0. */
static pid_t
running_pid(void)
{
	char path[64], *text, *name;
	long long pid = 0;
	size_t len;
	bool is_ours;

	text = file_read(pid_file, PID_FILE_MAX, &len, NULL);
	if (text == NULL)
		return 0;
	text[strcspn(text, " \n")] = '\0';
	if (text_number(text, 2, INT32_MAX, &pid) != 0)
		pid = 0;
	free(text);
	(void)snprintf(path, sizeof path, "/proc/%lld/comm", pid);
	name = pid == 0 ? NULL : file_read(path, PID_FILE_MAX, &len, NULL);
	is_ours = name != NULL && strcmp(name, "waybilld\n") == 0;
	free(name);
	return is_ours ? (pid_t)pid : 0;
}

void
reload_daemon(const struct call *call, FILE *out)
{
	bool is_own = call->config_path == NULL ||
	    strcmp(call->config_path, config_default_path()) == 0;
	bool may = is_own && geteuid() == 0;
	pid_t pid;

	(void)fflush(out);
	if (has_systemd()) {
		if (may && systemctl("is-active") && systemctl("reload"))
			(void)fputs("waybilld was reloaded.\n", out);
		else
			(void)fputs("When waybilld runs, as root: "
			    "systemctl reload waybilld\n", out);
		return;
	}
	pid = may ? running_pid() : 0;
	if (pid != 0 && kill(pid, SIGHUP) == 0)
		(void)fputs("waybilld was reloaded.\n", out);
	else
		(void)fputs("When waybilld runs, as root: "
		    "service waybilld reload, or kill -HUP its process\n", out);
}
