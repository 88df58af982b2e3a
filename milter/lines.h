/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_LINES_H
#define WAYBILL_LINES_H

#include "message.h"

/* Writes the message's own log lines, waybill-log(7): message, sign for each
 * signature, and, unless it passed untouched, sender, and route for each
 * destination. qid is as in event_begin(). repeats: how many similar failures
 * were not logged before this one; 0 adds nothing. */
void lines_write(const struct message *m, const char *qid, unsigned repeats);

#endif
