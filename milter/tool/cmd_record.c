/* SPDX-License-Identifier: ISC */
/*
 * waybill record: starts the recorder, a program of its own, in this process's
 * place.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/command.h"

enum { OPTION_FROM = 256 };

static const struct command_option options[] = {
	{ "from", OPTION_FROM, NULL, "read these log files once, and end" },
	{ NULL, 0, NULL, NULL },
};

static int
run(struct call *call)
{
	static const char program[] = PKGLIBEXECDIR "/waybill-record";
	bool from = false;
	struct err err;
	char **argv;
	int argc = 0;
	int code;
	int id;

	while ((id = command_next(call, &code)) != 0) {
		if (id < 0)
			return code;
		from = true;
	}
	if (from && call->argc == 0)
		return command_usage(call, "--from wants FILE...");
	argv = calloc((size_t)call->argc + 5, sizeof *argv);
	if (argv == NULL)
		return err_no_memory("waybill");
	argv[argc++] = (char *)program;
	if (call->config_path != NULL) {
		argv[argc++] = (char *)"-c";
		argv[argc++] = (char *)call->config_path;
	}
	if (from)
		argv[argc++] = (char *)"--from";
	for (int i = 0; i < call->argc; i++)
		argv[argc++] = call->argv[i];
	execv(program, argv);
	err_errno(&err, EXIT_UNAVAILABLE, "%s", program);
	free(argv);
	return command_fail(&err);
}

const struct command command_record = {
	"record", run, "[FILE... | -]",
	"Read the log, and keep the record of what became of mail", options,
};
