/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_STATE_H
#define WAYBILL_STATE_H

#include "base/err.h"
#include "config/config.h"
#include "config/identity.h"
#include "find/postfix.h"
#include "find/postfix_run.h"
#include "find/sender.h"
#include "inquiry.h"
#include "origin.h"
#include "sign.h"
#include "verify.h"
#include "warn.h"

/*
 * One configuration with everything built from it: built whole or not at all,
 * then immutable, reference counted. A message keeps the one that it began
 * with until its end.
 */
struct state;

/* What outlives states. */
struct state_services {
	const char *config_path;	/* as in config_read() */
	struct warn *warn;
	struct postfix_helper *postfix;	/* NULL: this process reads Postfix's
					   files itself */
	/* NULL: nothing about keys is remembered */
	struct key_memory *key_memory;
};

/*
 * Reads the configuration, the keys and Postfix's files and builds a state,
 * with one reference for the caller; call it as the user who will run the
 * daemon. Errors are added to errors, oddities to warnings. Returns NULL if
 * errors got any. An unreadable Postfix is not an error.
 */
struct state *state_new(const struct state_services *services,
    struct err_list *errors, struct err_list *warnings);

/*
 * Starts the DNS look-ups of s, before state_use(). Starts threads: call it
 * after the last fork and confinement. Without it, everything from DNS is
 * unknown. Returns 0, or -1 with err.
 */
int state_ask(struct state *s, struct err *err);

/*
 * Checks whether Postfix's files have changed since s was built, whether they
 * have become readable, and whether mail leaves from other addresses. *next is
 * a state that reflects the changes and is otherwise equal, with one reference
 * for the caller, or NULL if nothing has changed. Returns 0, or -1 with err if
 * the files must be read and cannot be.
 */
int state_renew(const struct state_services *services, const struct state *s,
    struct state **next, struct err *err);

/* Makes *s the current state, sets it to NULL, and releases the previous one.
 * NULL: none. */
void state_use(struct state **s);

/* Returns the current state, with a reference; NULL before the first
 * state_use(). */
struct state *state_hold(void);
void state_release(struct state **s);

/* Frees what is left of former states. Ending the threads for DNS may take
 * seconds, which no message should wait for. For the main thread. */
void state_sweep(void);

/* Parts; valid as long as the reference. */
const struct config *state_config(const struct state *s);
const struct identity_table *state_identities(const struct state *s);
const struct origin_rules *state_origin_rules(const struct state *s);
const struct sign_rules *state_sign_rules(const struct state *s);
const struct verify_rules *state_verify_rules(const struct state *s);
const struct postfix *state_postfix(const struct state *s);
const struct sender *state_sender(const struct state *s);
struct inquiry *state_inquiry(const struct state *s);	/* NULL before
							   state_ask() */
struct warn *state_warn(const struct state *s);

/* Of all identities together. */
size_t state_key_count(const struct state *s);

/* The meaning of "auto" in outgoing.networks: NULL, loopback; otherwise
 * nothing, and this phrase says why. */
const char *state_no_loopback_why(const struct state *s);

#endif
