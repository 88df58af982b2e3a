/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_LOG_TRUST_H
#define WAYBILL_TOOL_LOG_TRUST_H

#include "config/config.h"
#include "tool/finding.h"

/*
 * A finding (key "log") for each log that record.source names: who can write
 * into it, and how far the record believes it. One, a warning, when there is
 * none.
 */
void log_trust_find(const struct config *c, struct findings *f);

#endif
