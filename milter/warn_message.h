/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_WARN_MESSAGE_H
#define WAYBILL_WARN_MESSAGE_H

#include "message.h"
#include "warn.h"

/* The warnings for a finished message, waybill-log(7): unsigned, reinjected,
 * fragile, forged, key, spf, align, family-spf, no-aaaa. qid is as in
 * event_begin(). */
void warn_about(struct warn *w, const struct message *m, const char *qid);

#endif
