/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_LOG_SOURCES_H
#define WAYBILL_RECORD_LOG_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/*
 * The logs that record.source names, each once: "journal" or a path. auto is
 * the journal, maillog_file of the Postfix whose configuration folder is given,
 * and /var/log/mail.log, all that exist. 0, or -1 when there is none.
 */
int log_sources_find(const struct text_list *wanted, const char *postfix,
    struct text_list *list, struct err *err);

/* Can any local user write whole lines into this source, by syslog(3)? Not into
 * the journal, which knows the writer, nor into standard input, nor into the
 * maillog_file of this Postfix, which postlogd(8) alone writes. */
bool log_source_is_open(const char *name, const char *postfix);

/*
 * When the oldest line was written that the journal has of those that are read
 * from it, in microseconds; 0: it has none, or can't be read. A file that any
 * local user can write into adds nothing from then on: what is true of it the
 * journal has.
 */
int64_t log_sources_journal_begins(void);

#endif
