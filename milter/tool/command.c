/* SPDX-License-Identifier: ISC */
/*
 * The frame of a command: options by getopt_long(3) from its table, help,
 * configuration, sentences on standard error, and a last look at whether
 * standard output took everything.
 */
#include "tool/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "build_config.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "tool/print.h"

enum { OPTIONS_MAX = 24, SHORT_MAX = 3 * OPTIONS_MAX, HELP_COLUMN = 26 };

static const struct command_option general[] = {
	{ "config", 'c', "FILE", "read this configuration" },
	{ "help", 'h', NULL, "print this" },
	{ "version", 'V', NULL, "print the version" },
	{ NULL, 0, NULL, NULL },
};

const struct command *
command_by_name(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* Adds the rows of a table to what getopt_long() takes. */
static size_t
add_options(const struct command_option *from, struct option *longs, size_t n,
    char *shorts)
{
	size_t len = strlen(shorts);

	for (; from != NULL && from->name != NULL && n + 1 < OPTIONS_MAX;
	    from++) {
		int has = from->argument == NULL ? no_argument :
		    required_argument;
		longs[n++] = (struct option){ from->name, has, NULL, from->id };
		if (from->id > 0 && from->id < 256) {
			shorts[len++] = (char)from->id;
			if (has == required_argument)
				shorts[len++] = ':';
		}
	}
	shorts[len] = '\0';
	longs[n] = (struct option){ 0 };
	return n;
}

/* What getopt_long() refused: names the argument and a near option. */
static int
refuse_option(struct call *call, int reason, const struct option *longs)
{
	const char *word = call->argv[optind > 0 ? optind - 1 : 0];
	struct nearest near;

	if (reason == ':')
		return command_usage(call, "%s needs a value", word);
	if (word[0] == '-' && word[1] == '-') {
		char name[64];
		(void)snprintf(name, sizeof name, "%.*s",
		    (int)strcspn(word + 2, "="), word + 2);
		nearest_begin(&near, name);
		for (size_t i = 0; longs[i].name != NULL; i++)
			nearest_try(&near, longs[i].name);
		const char *best = nearest_found(&near);
		if (best != NULL && strcmp(best, name) == 0)
			return command_usage(call, "--%s takes no value", name);
		if (best != NULL)
			return command_usage(call, "no such option: %s; is "
			    "--%s meant?", word, best);
		return command_usage(call, "no such option: %s", word);
	}
	return command_usage(call, "no such option: -%c", optopt);
}

int
command_next(struct call *call, int *code)
{
	struct option longs[OPTIONS_MAX];
	char shorts[SHORT_MAX] = ":";
	size_t n = add_options(general, longs, 0, shorts);

	(void)add_options(call->command->options, longs, n, shorts);
	opterr = 0;
	for (;;) {
		int id = getopt_long(call->argc, call->argv, shorts, longs,
		    NULL);
		switch (id) {
		case -1:
			call->argc -= optind;
			call->argv += optind;
			return 0;
		case 'c':
			call->config_path = optarg;
			break;
		case 'h':
			command_help(call->command, stdout);
			*code = EXIT_OK;
			return -1;
		case 'V':
			(void)printf("waybill %s\n", PACKAGE_VERSION);
			*code = EXIT_OK;
			return -1;
		case ':':
		case '?':
			*code = refuse_option(call, id, longs);
			return -1;
		default:
			call->value = optarg;
			return id;
		}
	}
}

int
command_usage(const struct call *call, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "waybill: %s: ", call->command->name);
	print_word(stderr, PRINT_PLAIN, text);
	(void)fprintf(stderr, " (waybill %s --help)\n", call->command->name);
	return EXIT_USAGE;
}

int
command_fail(const struct err *err)
{
	(void)fflush(stdout);
	(void)fputs("waybill: ", stderr);
	print_word(stderr, PRINT_PLAIN, err->text);
	(void)fputc('\n', stderr);
	return err->code;
}

int
command_fail_all(const struct err_list *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		(void)command_fail(&errors->v[i]);
	return errors->n == 0 ? EXIT_OK : (int)errors->v[0].code;
}

void
command_warn_all(const struct err_list *warnings)
{
	(void)fflush(stdout);
	for (size_t i = 0; i < warnings->n; i++) {
		(void)fputs("waybill: ", stderr);
		print_word(stderr, PRINT_ODD, "warning");
		(void)fputs(": ", stderr);
		print_word(stderr, PRINT_PLAIN, warnings->v[i].text);
		(void)fputc('\n', stderr);
	}
}

struct config *
command_read_config(const struct call *call, int *code)
{
	struct err_list errors = { 0 };
	struct config *c = config_read(call->config_path, &errors);

	/* FILE:LINE comes first, as of a compiler: editors jump there. */
	for (size_t i = 0; i < errors.n; i++) {
		print_word(stderr, PRINT_PLAIN, errors.v[i].text);
		(void)fputc('\n', stderr);
	}
	if (c == NULL)
		*code = errors.n == 0 ? EXIT_CONFIG : (int)errors.v[0].code;
	err_list_free(&errors);
	return c;
}

int
command_finish(int code)
{
	bool failed = ferror(stdout) != 0;

	if (fflush(stdout) != 0 || failed) {
		(void)fprintf(stderr, "waybill: the output can't be written: "
		    "%s\n", strerror(errno));
		return code == EXIT_OK || code == EXIT_ATTENTION ?
		    EXIT_UNAVAILABLE : code;
	}
	return code;
}

/* "  -c, --config FILE    help"; short options take part where there are. */
static void
help_option(const struct command_option *o, FILE *out)
{
	char left[80];

	if (o->help == NULL)
		return;
	(void)snprintf(left, sizeof left, "  %s%c%s--%s%s%s",
	    o->id < 256 ? "-" : " ", o->id < 256 ? o->id : ' ',
	    o->id < 256 ? ", " : "  ", o->name,
	    o->argument == NULL ? "" : " ",
	    o->argument == NULL ? "" : o->argument);
	(void)fprintf(out, "%-*s  %s\n", HELP_COLUMN, left, o->help);
}

static void
help_options(const struct command_option *o, FILE *out)
{
	for (; o != NULL && o->name != NULL; o++)
		help_option(o, out);
}

void
command_help(const struct command *c, FILE *out)
{
	(void)fprintf(out, "Usage: waybill %s", c->name);
	for (const struct command_option *o = c->options;
	    o != NULL && o->name != NULL; o++)
		if (o->help != NULL)
			(void)fprintf(out, " [--%s%s%s]", o->name,
			    o->argument == NULL ? "" : " ",
			    o->argument == NULL ? "" : o->argument);
	(void)fprintf(out, "%s%s\n%s.\n\n", c->arguments[0] == '\0' ? "" : " ",
	    c->arguments, c->summary);
	help_options(c->options, out);
	help_options(general, out);
}

void
command_help_all(FILE *out)
{
	(void)fputs("Usage: waybill [-c FILE] COMMAND [argument ...]\n\n", out);
	for (size_t i = 0; commands[i] != NULL; i++)
		(void)fprintf(out, "  %-10s %s\n", commands[i]->name,
		    commands[i]->summary);
	(void)fputc('\n', out);
	help_options(general, out);
	(void)fputs("\nwaybill COMMAND --help tells more of a command, "
	    "waybill(1) of all of them.\n", out);
}

/* The options of a table as words. */
static void
complete_options(const struct command_option *o, FILE *out)
{
	for (; o != NULL && o->name != NULL; o++)
		if (o->help != NULL)
			(void)fprintf(out, " --%s", o->name);
}

/* A line of the case on the option before: the values of "a|b|c"; no word where
 * it is a file, so that bash completes those. */
static void
complete_values(const struct command *c, FILE *out)
{
	for (const struct command_option *o = c->options;
	    o != NULL && o->name != NULL; o++) {
		if (o->help == NULL || o->argument == NULL)
			continue;
		if (strcmp(o->argument, "FILE") == 0)
			(void)fprintf(out, "\t%s,--%s) ;;\n", c->name, o->name);
		if (strchr(o->argument, '|') == NULL)
			continue;
		(void)fprintf(out, "\t%s,--%s) words='", c->name, o->name);
		for (const char *p = o->argument; *p != '\0'; p++)
			(void)fputc(*p == '|' ? ' ' : *p, out);
		(void)fputs("' ;;\n", out);
	}
}

void
command_completion(FILE *out)
{
	(void)fputs("# SPDX-License-Identifier: ISC\n"
	    "# Completion for bash, printed by: waybill --completion\n\n"
	    "_waybill() {\n"
	    "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal command='' words='' i\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tcase ${COMP_WORDS[i]} in\n"
	    "\t\t-c|--config) i=$((i + 1)) ;;\n"
	    "\t\t-*) ;;\n"
	    "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	    "\t\tesac\n"
	    "\tdone\n"
	    "\tCOMPREPLY=()\n"
	    "\tcase $command,$before in\n"
	    "\t*,-c|*,--config)\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	    "\t\treturn ;;\n", out);
	for (size_t i = 0; commands[i] != NULL; i++)
		complete_values(commands[i], out);
	(void)fputs("\t,*) words='", out);
	for (size_t i = 0; commands[i] != NULL; i++)
		(void)fprintf(out, "%s ", commands[i]->name);
	(void)fputs("-c --help --version' ;;\n", out);
	for (size_t i = 0; commands[i] != NULL; i++) {
		(void)fprintf(out, "\t%s,*) words='", commands[i]->name);
		(void)fputs("-c --help", out);
		complete_options(commands[i]->options, out);
		(void)fputs("' ;;\n", out);
	}
	(void)fputs("\tesac\n"
	    "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
	    "}\n"
	    "complete -o default -F _waybill waybill\n", out);
}
