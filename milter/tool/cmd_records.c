/* SPDX-License-Identifier: ISC */
/*
 * waybill records [DOMAIN...]: the DNS records to publish, from the keys: as
 * type, name and value on one unquoted line for a web form, as lines of a zone
 * file, or as JSON.
 */
#include <stdio.h>
#include <string.h>

#include "config/identity.h"
#include "tool/command.h"
#include "tool/print.h"
#include "tool/publish.h"

enum { OPTION_JSON = 256, OPTION_ZONE };

static const struct command_option options[] = {
	{ "zone", OPTION_ZONE, NULL, "print lines for a zone file" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object a line" },
	{ NULL, 0, NULL, NULL },
};

enum form { FORM_TABLE, FORM_ZONE, FORM_JSON };

static void
print_record(struct print *p, const struct key *key)
{
	struct publish_record r;
	struct text zone;

	publish_dkim(key, &r);
	if (p == NULL) {
		text_init(&zone, 1 << 14);
		publish_zone(&r, &zone);
		(void)fputs(zone.buf, stdout);
		text_free(&zone);
	} else {
		print_text(p, r.type);
		print_text(p, r.name);
		print_text(p, r.value.buf);
		print_text(p, key->domain);
		print_text(p, key->selector);
		print_text(p, key_type(key->algorithm));
		print_number(p, key->bits);
		print_text(p, key->path);
		print_row(p);
	}
	publish_free(&r);
}

static void
print_identity(struct print *p, const struct identity *id)
{
	for (size_t i = 0; i < id->nkeys; i++)
		print_record(p, id->keys[i]);
}

/* The identity of that very domain, or NULL. */
static const struct identity *
identity_of(const struct identity_table *t, const char *domain)
{
	const struct identity *id = identity_find(t, domain);

	return id != NULL && strcmp(id->domain, domain) == 0 ? id : NULL;
}

/* Those of the domains named, or all. Returns an exit code. */
static int
print_named(struct print *p, const struct call *call,
    const struct identity_table *t)
{
	struct err err = { 0 };
	int code = EXIT_OK;

	if (call->argc == 0) {
		for (size_t i = 0; i < identity_count(t); i++)
			print_identity(p, identity_at(t, i));
		if (identity_count(t) > 0)
			return EXIT_OK;
		err_set(&err, EXIT_ATTENTION, "there is no key yet; make one: "
		    "waybill keygen DOMAIN");
		return command_fail(&err);
	}
	for (int i = 0; i < call->argc; i++) {
		char domain[DOMAIN_SIZE];
		const struct identity *id;
		if (domain_to_ascii(call->argv[i], domain) != 0) {
			err_set(&err, EXIT_DATA, "\"%s\" is no domain: %s",
			    call->argv[i], domain_fault(call->argv[i]));
			code = command_fail(&err);
		} else if ((id = identity_of(t, domain)) != NULL) {
			print_identity(p, id);
		} else {
			err_set(&err, EXIT_ATTENTION, "%s has no key; make "
			    "one: waybill keygen %s", domain, domain);
			(void)command_fail(&err);
			code = code == EXIT_OK ? EXIT_ATTENTION : code;
		}
	}
	return code;
}

static int
print_records(const struct call *call, const struct config *c, enum form form)
{
	static const struct print_column columns[] = {
		{ "type", "TYPE", false }, { "name", "NAME", false },
		{ "value", "VALUE", false }, { "domain", NULL, false },
		{ "selector", NULL, false }, { "algorithm", NULL, false },
		{ "bits", NULL, false }, { "file", NULL, false },
	};
	struct err_list errors = { 0 }, warnings = { 0 };
	struct identity_table *t = identity_table_new(c, key_group(c->user),
	    &errors, &warnings);
	struct print *p = NULL;
	int code = command_fail_all(&errors);

	command_warn_all(&warnings);
	if (t != NULL) {
		if (form != FORM_ZONE)
			p = print_begin(stdout, form == FORM_JSON ?
			    PRINT_JSON : PRINT_TABLE, columns,
			    sizeof columns / sizeof columns[0]);
		code = print_named(p, call, t);
		if (p != NULL && print_end(&p) != 0)
			code = EXIT_TEMPORARY;
	}
	identity_table_free(&t);
	err_list_free(&errors);
	err_list_free(&warnings);
	return code;
}

static int
run(struct call *call)
{
	enum form form = FORM_TABLE;
	struct config *c;
	int code = EXIT_OK, id;

	while ((id = command_next(call, &code)) > 0)
		form = id == OPTION_JSON ? FORM_JSON : FORM_ZONE;
	if (id < 0)
		return code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	code = print_records(call, c, form);
	config_free(&c);
	return code;
}

const struct command command_records = {
	"records", run, "[DOMAIN...]", "Print the DNS records to publish",
	options,
};
