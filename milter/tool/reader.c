/* SPDX-License-Identifier: ISC */
/* The way of every command to the record. */
#include "tool/reader.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct store *
reader_open(const struct config *c, struct err *err)
{
	struct store *s = store_open(c->record.store, c->record.password_file, "",
	    STORE_READ, err);
	if (s == NULL && err->code == EXIT_UNAVAILABLE)
		err_prefix(err, strstr(c->record.store, "://") != NULL ?
		    "the record can't be read" : "the record can't be read "
		    "(waybill record fills it; root and the group "
		    "waybill-record may read it)");
	return s;
}

const char *
reader_host(const struct config *c, char *out, size_t size)
{
	out[0] = '\0';
	if (strcmp(c->sender.hostname, "auto") != 0)
		(void)snprintf(out, size, "%s", c->sender.hostname);
	else if (gethostname(out, size) != 0)
		out[0] = '\0';
	out[size - 1] = '\0';
	return out;
}

struct reply_rules *
reader_rules(struct err *err)
{
	struct err_list errors = { 0 };
	struct reply_rules *rules = reply_rules_read(reply_rules_path(),
	    reply_site_path(), &errors);

	if (rules == NULL && errors.n > 0)
		*err = errors.v[0];
	err_list_free(&errors);
	return rules;
}
