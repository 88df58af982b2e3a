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
 * One configuration in force, with all that is made of it: built whole or not
 * at all, immutable then, reference counted. A message holds the one that it
 * began with until its end.
 */
struct state;

/* What outlives states. */
struct state_services {
	const char *config_path;	/* as in config_read() */
	struct warn *warn;
	struct postfix_helper *postfix;	/* NULL: this process reads Postfix's
					   files itself */
	struct key_memory *key_memory;	/* NULL: nothing is kept of keys */
};

/*
 * Reads the configuration, the keys and Postfix's files and builds a state,
 * with one reference for the caller; call it as the user who will run the
 * daemon. Every fault goes to errors, every oddity to warnings. NULL when
 * errors got any. A Postfix that can't be read is no fault.
 */
struct state *state_new(const struct state_services *services,
    struct err_list *errors, struct err_list *warnings);

/*
 * Begins to ask DNS for s, which isn't in force yet. It starts threads: after
 * the last fork and confinement. Without it, what DNS would say is unknown. 0,
 * or -1 with err.
 */
int state_ask(struct state *s, struct err *err);

/*
 * Have Postfix's files changed since s was built, can they be read now and
 * couldn't then, or does mail leave from other addresses? *next is a state
 * that is equal but for what follows from that, with one reference for the
 * caller, or NULL when there is nothing new. 0, or -1 with err when the files
 * should be read and can't.
 */
int state_renew(const struct state_services *services, const struct state *s,
    struct state **next, struct err *err);

/* Puts *s in force, nulls it, and gives back the one that was. NULL: none. */
void state_use(struct state **s);

/* The state in force, with a reference; NULL before the first state_use(). */
struct state *state_hold(void);
void state_release(struct state **s);

/* Frees what former states have left: ending the threads that ask DNS may take
 * seconds, for which no message is to wait. For the main thread. */
void state_sweep(void);

/* Parts; they live as long as the reference. */
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

/* What "auto" in outgoing.networks stands for: NULL, loopback; else nothing,
 * and this is why, half a sentence. */
const char *state_no_loopback_why(const struct state *s);

#endif
