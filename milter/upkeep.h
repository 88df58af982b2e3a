/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_UPKEEP_H
#define WAYBILL_UPKEEP_H

#include "config/config.h"
#include "state.h"
#include "takeover.h"

/* What the daemon does while it runs. Used by the main thread. */
struct upkeep {
	struct state_services services;
	struct takeover *takeover;
	const char *socket;		/* for the lines about a state */
	const char *user;
	unsigned long files;		/* limit of open ones; 0: unknown */
};

/* Logs the lines about a state that takes effect: "start", "reload",
 * "postfix"; and what in it the operator should know. */
void upkeep_say_state(const struct upkeep *u, const char *event,
    const struct state *s);

/* Builds a new state and makes it the current one; if there is an error, logs
 * it and changes nothing. at_start: the configuration that the daemon started
 * with. */
void upkeep_reload(const struct upkeep *u, const struct config *at_start);

/* Checks what changes by itself: Postfix's files, which keys DNS has, open
 * descriptors. Call it every few seconds. */
void upkeep_look(const struct upkeep *u);

#endif
