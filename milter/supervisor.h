/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SUPERVISOR_H
#define WAYBILL_SUPERVISOR_H

#include <stdint.h>

#include "base/err.h"

/* What systemd, or another manager that speaks its protocols, is told and
 * asked. Without one, or built without libsystemd, nothing happens. */

/* Sockets passed: their number, the first is 3. -1 with err. */
int supervisor_sockets(struct err *err);

void supervisor_ready(void);
void supervisor_reloading(void);
void supervisor_stopping(void);
void supervisor_alive(void);

/* Milliseconds within which supervisor_alive() is expected; 0: not at all. */
int64_t supervisor_watchdog_ms(void);

#endif
