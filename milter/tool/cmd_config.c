/* SPDX-License-Identifier: ISC */
/*
 * waybill config: what is in force; --check: is the file good, and the keys
 * with it, as the daemon will find them; --defaults: every option with its
 * default. --man prints the options for waybill.conf(5).
 */
#include <stdio.h>
#include <unistd.h>

#include "config/describe.h"
#include "config/identity.h"
#include "base/become.h"
#include "base/escape.h"
#include "tool/command.h"
#include "tool/halves.h"

enum { OPTION_CHECK = 256, OPTION_DEFAULTS, OPTION_MAN };

static const struct command_option options[] = {
	{ "check", OPTION_CHECK, NULL, "judge the file and the keys, print "
	    "what is wrong" },
	{ "defaults", OPTION_DEFAULTS, NULL, "print every option with its "
	    "default" },
	{ "man", OPTION_MAN, NULL, NULL },
	{ NULL, 0, NULL, NULL },
};

static int
print_table(void (*describe)(struct text *out))
{
	struct text t;

	text_init(&t, DESCRIBE_MAX);
	describe(&t);
	(void)fputs(t.buf, stdout);
	text_free(&t);
	return EXIT_OK;
}

/* The keys, read as the daemon reads them. */
static int
check_keys(const struct config *c)
{
	struct err_list errors = { 0 }, warnings = { 0 };
	struct err err = { 0 };
	gid_t group = key_group(c->user);
	struct identity_table *t = NULL;
	size_t nkeys = 0, ndomains = 0;
	int code;

	/* As root, for those who must not read keys; their faults are said
	 * below, as waybilld will meet them. */
	if (geteuid() == 0) {
		struct err_list of_halves = { 0 }, ignored = { 0 };

		(void)halves_refresh(c, &of_halves, &ignored);
		err_list_free(&of_halves);
		err_list_free(&ignored);
	}
	if (become_user(c->user, &err) != 0) {
		err_prefix(&err, "looked at as root, not as waybilld will");
		err_list_add(&warnings, &err);
	}
	if (c->path != NULL && access(c->path, R_OK) != 0) {
		err_set(&err, EXIT_CONFIG, "%s: user %s has no permission to "
		    "read it: chmod 644 %s", c->path, c->user,
		    escape_argument(c->path));
		err_list_add(&errors, &err);
	}
	t = identity_table_new(c, group, &errors, &warnings);
	code = command_fail_all(&errors);
	command_warn_all(&warnings);
	if (t != NULL && code == EXIT_OK) {
		ndomains = identity_count(t);
		for (size_t i = 0; i < ndomains; i++)
			nkeys += identity_at(t, i)->nkeys;
		(void)printf("%s: good; domains that are signed for: %zu, "
		    "keys: %zu\n", c->path == NULL ? "no file, the defaults" :
		    c->path, ndomains, nkeys);
	}
	identity_table_free(&t);
	err_list_free(&errors);
	err_list_free(&warnings);
	return code;
}

static int
print_config(const struct config *c)
{
	struct text t;

	text_init(&t, DESCRIBE_MAX);
	describe_config(c, &t);
	(void)fputs(t.buf, stdout);
	text_free(&t);
	return EXIT_OK;
}

static int
run(struct call *call)
{
	struct config *c;
	int code = EXIT_OK, id;
	bool checks = false, wants_defaults = false;

	while ((id = command_next(call, &code)) > 0) {
		if (id == OPTION_MAN)
			return print_table(describe_man);
		wants_defaults = wants_defaults || id == OPTION_DEFAULTS;
		checks = checks || id != OPTION_DEFAULTS;
	}
	if (id < 0)
		return code;
	if (call->argc > 0)
		return command_usage(call, "no argument is expected: %s; a "
		    "file is named by -c", call->argv[0]);
	if (checks && wants_defaults)
		return command_usage(call, "--check or --defaults, not both");
	if (wants_defaults)
		return print_table(describe_defaults);
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	code = checks ? check_keys(c) : print_config(c);
	config_free(&c);
	return code;
}

const struct command command_config = {
	"config", run, "", "Print the configuration in force, or judge it",
	options,
};
