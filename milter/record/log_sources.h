/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_LOG_SOURCES_H
#define WAYBILL_RECORD_LOG_SOURCES_H

#include "base/err.h"
#include "base/text.h"

/*
 * The logs that record.source names, each once: "journal" or a path. auto is
 * the journal, maillog_file of the Postfix whose configuration folder is given,
 * and /var/log/mail.log, all that exist. 0, or -1 when there is none.
 */
int log_sources_find(const struct text_list *wanted, const char *postfix,
    struct text_list *list, struct err *err);

#endif
