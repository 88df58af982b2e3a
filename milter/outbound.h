/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_OUTBOUND_H
#define WAYBILL_OUTBOUND_H

#include <stdint.h>

#include "find/sender.h"
#include "warn.h"

/* Logs from which addresses mail leaves, a line for each transport that differs
 * from "smtp"; and warns, once per subject and every_ms, of an address that the
 * world can't see (nat) or that mail doesn't leave from (bind). */
void outbound_say(const struct sender *s, struct warn *w, int64_t every_ms);

#endif
