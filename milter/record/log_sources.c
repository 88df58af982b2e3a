/* SPDX-License-Identifier: ISC */
/* The logs of this host, by record.source. */
#include "record/log_sources.h"

#include "record/postfix_told.h"
#include "record/source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VALUE_MAX = 1024 };

static int
add_source(struct text_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], name) == 0)
			return 0;
	return text_list_add(list, name);
}

/* Opening a journal succeeds where there is none, and a host without one is to
 * be told so, or waits for its mail.log. */
static bool
has_journal(void)
{
	struct source *journal;

	if (access("/run/log/journal", F_OK) != 0 &&
	    access("/var/log/journal", F_OK) != 0)
		return false;
	journal = source_open_journal(NULL, NULL);
	if (journal == NULL)
		return false;
	source_close(&journal);
	return true;
}

int64_t
log_sources_journal_begins(void)
{
	struct source *journal = has_journal() ?
	    source_open_journal(NULL, NULL) : NULL;
	struct source_line *line = malloc(sizeof *line);
	int64_t first_us = 0;

	if (journal != NULL && line != NULL &&
	    source_next(journal, line, NULL) == SOURCE_LINE)
		first_us = line->time_us;
	free(line);
	source_close(&journal);
	return first_us;
}

bool
log_source_is_open(const char *name, const char *postfix)
{
	char maillog[VALUE_MAX];

	if (name[0] != '/')
		return false;
	postfix_told(postfix, "maillog_file", maillog, sizeof maillog);
	return strcmp(name, maillog) != 0;
}

/* Every source of auto that exists. */
static int
add_auto_sources(const char *postfix, struct text_list *list)
{
	char maillog[VALUE_MAX];
	int rc = 0;

	if (has_journal())
		rc = add_source(list, "journal");
	postfix_told(postfix, "maillog_file", maillog,
	    sizeof maillog);
	if (maillog[0] == '/' && strncmp(maillog, "/dev/", 5) != 0)
		rc |= add_source(list, maillog);
	if (access("/var/log/mail.log", R_OK) == 0)
		rc |= add_source(list, "/var/log/mail.log");
	return rc;
}

int
log_sources_find(const struct text_list *wanted, const char *postfix,
    struct text_list *list, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < wanted->n && rc == 0; i++)
		rc = strcmp(wanted->v[i], "auto") == 0 ?
		    add_auto_sources(postfix, list) :
		    add_source(list, wanted->v[i]);
	if (rc != 0)
		return err_set(err, EXIT_TEMPORARY, "out of memory");
	if (list->n == 0)
		return err_set(err, EXIT_UNAVAILABLE, "no log was found: "
		    "neither a journal, nor Postfix's maillog_file, nor "
		    "/var/log/mail.log; install rsyslog, or set "
		    "record.source");
	return 0;
}
