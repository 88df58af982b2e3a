/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_SUPERVISOR_H
#define WAYBILL_SUPERVISOR_H

#include <stdint.h>

#include "base/err.h"

/* The protocols of systemd and other managers that implement them. Without
 * one, or built without libsystemd, nothing happens. */

/*
 * Returns the number of sockets passed, the first of which is 3; -1 with err.
 */
int supervisor_sockets(struct err *err);

void supervisor_ready(void);
void supervisor_reloading(void);
void supervisor_stopping(void);
void supervisor_alive(void);

/* Milliseconds within which supervisor_alive() is expected; 0: not at all. */
int64_t supervisor_watchdog_ms(void);

#endif
