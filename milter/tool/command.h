/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_COMMAND_H
#define WAYBILL_TOOL_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "config/config.h"

/*
 * What a command of waybill(1) is, and what every one of them needs: its
 * options, its help, the configuration, and one way to say what is wrong.
 */

/* One option. From these come getopt_long's, --help and the completion. */
struct command_option {
	const char *name;	/* long */
	int id;			/* what command_next() returns; a letter (then
				 * it is the short option too) or over 255 */
	const char *argument;	/* "N", "rsa|ed25519|both"; NULL: takes none */
	const char *help;	/* NULL: not shown */
};

struct command;

/* One run of a command. */
struct call {
	const struct command *command;
	const char *config_path;	/* of -c, or NULL */
	int argc;			/* what is left behind the options */
	char **argv;
	const char *value;		/* of the option that came last */
};

struct command {
	const char *name;
	int (*run)(struct call *call);	/* returns an exit code */
	const char *arguments;		/* "DOMAIN", "[DOMAIN...]", "" */
	const char *summary;		/* one line */
	const struct command_option *options;	/* ends with a name of NULL */
};

/* Every command, sorted by name; ends with NULL. */
extern const struct command *const commands[];

const struct command *command_by_name(const char *name);

/*
 * The next option's id; 0 behind the last, when argc and argv are the
 * arguments; -1 when it was answered or refused: then *code is what to return.
 * -c, -h and -V are taken here.
 */
int command_next(struct call *call, int *code);

/* "waybill: NAME: sentence" and where help is, on standard error. Returns
 * EXIT_USAGE. */
int command_usage(const struct call *call, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints an error on standard error. Returns its exit code. */
int command_fail(const struct err *err);

/* Prints all of a list. Returns the exit code of the first, 0 for none. */
int command_fail_all(const struct err_list *errors);

/* Prints warnings, marked as such. */
void command_warn_all(const struct err_list *warnings);

/* The configuration, or NULL when errors were printed: then *code is set. */
struct config *command_read_config(const struct call *call, int *code);

/* Writes out and what standard output still holds. Returns code, or
 * EXIT_UNAVAILABLE (and says so) where code is 0 and it can't be written. */
int command_finish(int code);

/* What "waybill --help", "waybill NAME --help" and the completion print. */
void command_help_all(FILE *out);
void command_help(const struct command *c, FILE *out);
void command_completion(FILE *out);

extern const struct command command_advise;
extern const struct command command_config;
extern const struct command command_digest;
extern const struct command command_explain;
extern const struct command command_find;
extern const struct command command_keygen;
extern const struct command command_metrics;
extern const struct command command_record;
extern const struct command command_dns;
extern const struct command command_report;
extern const struct command command_route;
extern const struct command command_spf;
extern const struct command command_status;

#endif
