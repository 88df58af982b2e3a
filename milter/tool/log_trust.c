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
			    has_journal ? "The journal is believed as far as "
			    "root, postfix and waybill wrote it" : "The journal "
			    "is read, and has no line of mail yet");
		else if (name[0] == '/' && !is_open)
			findings_add(f, FINDING_OK, "log", name, IP_NONE, NULL,
			    "%s is written by Postfix alone (postlogd)", name);
		else if (is_open && has_journal)
			findings_add(f, FINDING_OK, "log", name, IP_NONE, NULL,
			    "Any local user can write into %s by logger(1): it "
			    "is believed up to where the journal begins", name);
		else if (is_open)
			findings_add(f, FINDING_NOTE, "log", name, IP_NONE,
			    "Read the journal, or let Postfix write a file of "
			    "its own: maillog_file in main.cf",
			    "Any local user can forge lines of Postfix in %s by "
			    "logger(1), and the record believes them", name);
	}
	text_list_free(&names);
}
