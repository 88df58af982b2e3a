/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TESTS_SCRATCH_STATE_H
#define WAYBILL_TESTS_SCRATCH_STATE_H

#include "state.h"

/* A folder of its own with a configuration and keys, for tests that need a
 * state. Aborts when the folder can't be made. Whoever links it has a kernel
 * whose only address is 198.51.100.10. */
struct scratch {
	char folder[64];
	char config[80];
	char keys[80];
};

/* The one of a test that needs one only, and its making and end for cmocka. */
extern struct scratch scratch;
int scratch_begin(void **state);
int scratch_end(void **state);

void scratch_make(struct scratch *s);
void scratch_remove(struct scratch *s);

/* Writes the configuration: keys = the folder of keys, sender.postfix = a
 * folder that isn't there until a test makes it, a DNS server that isn't there
 * either, and these lines. */
void scratch_config(const struct scratch *s, const char *lines);

/* A new Ed25519 key of the domain. */
void scratch_key(const struct scratch *s, const char *domain,
    const char *selector);

/* Likewise, RSA. */
void scratch_rsa_key(const struct scratch *s, const char *domain,
    const char *selector);

void scratch_remove_key(const struct scratch *s, const char *domain,
    const char *selector);

#endif
