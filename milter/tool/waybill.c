/* SPDX-License-Identifier: ISC */
/*
 * waybill(1), the operator's side: the table of commands and the choice of
 * one. Each command is a file, cmd_NAME.c, that says its options, its summary
 * and what it does.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "build_config.h"
#include "base/nearest.h"
#include "tool/command.h"
#include "tool/print.h"

enum { OPTION_COMPLETION = 256 };

const struct command *const commands[] = {
	&command_advise,
	&command_config,
	&command_digest,
	&command_dns,
	&command_explain,
	&command_find,
	&command_keygen,
	&command_metrics,
	&command_record,
	&command_report,
	&command_route,
	&command_spf,
	&command_status,
	NULL
};

/* What is run when no command is named. */
static const char command_without_name[] = "status";

static int
no_such_command(const char *name)
{
	struct nearest near;

	nearest_begin(&near, name);
	for (size_t i = 0; commands[i] != NULL; i++)
		nearest_try(&near, commands[i]->name);
	(void)fputs("waybill: no such command: ", stderr);
	print_word(stderr, PRINT_PLAIN, name);
	if (nearest_found(&near) != NULL)
		(void)fprintf(stderr, "; is %s meant?", nearest_found(&near));
	(void)fputs(" (waybill --help)\n", stderr);
	return EXIT_USAGE;
}

static int
refuse_option(const char *word, bool lacks_value)
{
	(void)fputs(lacks_value ? "waybill: a value is missing behind " :
	    "waybill: no such option: ", stderr);
	print_word(stderr, PRINT_PLAIN, word);
	(void)fputs(" (waybill --help)\n", stderr);
	return EXIT_USAGE;
}

static int
run(int argc, char **argv, const char *config_path)
{
	const struct command *command =
	    command_by_name(argc > 0 ? argv[0] : command_without_name);
	char name[] = "waybill";
	char *alone[] = { name, NULL };

	if (command == NULL && argc > 0)
		return no_such_command(argv[0]);
	if (command == NULL) {
		command_help_all(stderr);
		return EXIT_USAGE;
	}
	struct call call = {
		.command = command, .config_path = config_path,
		.argc = argc > 0 ? argc : 1, .argv = argc > 0 ? argv : alone,
	};
	optind = 0;	/* glibc: begin anew, forget the "+" */
	return command->run(&call);
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ "completion", no_argument, NULL, OPTION_COMPLETION },
		{ NULL, 0, NULL, 0 },
	};
	const char *config_path = NULL;
	int id;

	opterr = 0;
	while ((id = getopt_long(argc, argv, "+:c:hV", longs, NULL)) != -1) {
		switch (id) {
		case 'c':
			config_path = optarg;
			break;
		case 'h':
			command_help_all(stdout);
			return command_finish(EXIT_OK);
		case 'V':
			(void)printf("waybill %s\n", PACKAGE_VERSION);
			return command_finish(EXIT_OK);
		case OPTION_COMPLETION:
			command_completion(stdout);
			return command_finish(EXIT_OK);
		default:
			return refuse_option(argv[optind - 1], id == ':');
		}
	}
	return command_finish(run(argc - optind, argv + optind, config_path));
}
