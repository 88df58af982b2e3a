/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_OUTBOUND_H
#define WAYBILL_OUTBOUND_H

#include <stdint.h>

#include "find/sender.h"
#include "warn.h"

/* Logs the addresses that mail leaves from, with a line for each transport
 * that differs from "smtp". Warns, once per subject and every_ms, about an
 * address that other hosts cannot reach (nat) or that mail does not leave from
 * (bind). */
void outbound_say(const struct sender *s, struct warn *w, int64_t every_ms);

#endif
