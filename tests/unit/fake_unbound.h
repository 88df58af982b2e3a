/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_FAKE_UNBOUND_H
#define WAYBILL_TESTS_FAKE_UNBOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "find/resolver.h"

/*
 * A libunbound that answers from a zone text (zone.h), for the unchanged
 * resolver. Link it before the library, with FAKE_UNBOUND_LDFLAGS: they replace
 * the clock by one that a test can advance, and the probes of servers by ours.
 * There is one zone at a time, for all resolvers.
 *
 * An answer comes at once, in the thread that asks, so a test need not wait for
 * it. A name whose servers are silent (TIMEOUT) advances the clock by the time
 * that libunbound takes to give up.
 */

/* Sets the zone for all questions from now on. Counts start at 0 again, and
 * nothing is held, silent or dead. */
void fake_unbound_zone(const char *zone);

/* Sets the zone and returns a resolver that asks it. The caller frees it. */
struct resolver *fake_unbound_resolver(const char *zone);

/* How often libunbound was asked for name and type; type 0: all types, NULL:
 * all names. The resolver does not ask for what it has cached. */
unsigned fake_unbound_count(const char *name, enum dns_type type);

/* Waits until that is n or more. */
bool fake_unbound_comes(const char *name, enum dns_type type, unsigned n);

/* While it holds, no question is answered. Releasing it answers those that
 * wait, in the order in which they were asked, from this thread. */
void fake_unbound_hold(bool hold);

/* From now on answers come from the resolver's own thread, as libunbound's do. */
void fake_unbound_late(bool late);

/* Questions for name (".NAME": for NAME and all below it) are never answered.
 * NULL: none. The string must last. */
void fake_unbound_silence(const char *name);

/* All servers are silent, or no longer. Returns once r has noticed. */
void fake_unbound_kill(struct resolver *r, bool dead);

/* Servers that don't answer our probes go on answering questions. */
void fake_unbound_ignore_probes(void);

/* From now on libunbound takes no question: it returns this error of its own.
 * 0: it takes them again. */
void fake_unbound_fail(int error);

/* Was the option given to the context that was made last? Its forwarders count
 * as "forward-addr:". */
bool fake_unbound_has_option(const char *name, const char *value);

/* Waits until it was. */
bool fake_unbound_option_comes(const char *name, const char *value);

/* Advances the clock. */
void fake_unbound_pass(int64_t ms);

/* Until the next zone, only fake_unbound_pass() advances the clock. */
void fake_unbound_stop_clock(void);

#endif
