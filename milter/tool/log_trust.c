/* SPDX-License-Identifier: ISC */
/* Who can write into the logs what the record then believes. */
#include "tool/log_trust.h"

#include <string.h>

#include "record/log_sources.h"

void
log_trust_find(const struct config *c, struct findings *f)
{
	struct text_list names = { 0 };
	struct err err;
	bool has_journal = false;

	if (log_sources_find(&c->record.source, c->sender.postfix, &names,
	    &err) != 0)
		findings_add(f, FINDING_WARN, "log", NULL, IP_NONE, NULL, "%s",
		    err.text);
	for (size_t i = 0; i < names.n; i++)
		has_journal = has_journal || strcmp(names.v[i], "journal") == 0;
	has_journal = has_journal && log_sources_journal_begins() != 0;
	for (size_t i = 0; i < names.n; i++) {
		const char *name = names.v[i];
		bool is_open = log_source_is_open(name, c->sender.postfix);

		if (strcmp(name, "journal") == 0)
			findings_add(f, FINDING_OK, "log", name, IP_NONE, NULL,
			    has_journal ? "Journal lines are trusted if root, "
			    "postfix or waybill wrote them" : "The journal is "
			    "read, but has no mail lines yet");
		else if (name[0] == '/' && !is_open)
			findings_add(f, FINDING_OK, "log", name, IP_NONE, NULL,
			    "Only Postfix (postlogd) writes %s", name);
		else if (is_open && has_journal)
			findings_add(f, FINDING_OK, "log", name, IP_NONE, NULL,
			    "Any local user can write to %s with logger(1), so "
			    "its lines are trusted only up to where the "
			    "journal begins", name);
		else if (is_open)
			findings_add(f, FINDING_NOTE, "log", name, IP_NONE,
			    "use the journal, or let Postfix write its own "
			    "file: maillog_file in main.cf",
			    "Any local user can forge Postfix lines in %s with "
			    "logger(1), and the recorder cannot tell", name);
	}
	text_list_free(&names);
}
