/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_PSL_H
#define WAYBILL_BASE_PSL_H

/* The registrable domain of name (A-label form) by the public suffix list of
 * the system, or name itself where the list knows none. Points into name.
 * Loads the list at the first call; thread-safe. */
const char *psl_registrable(const char *name);

#endif
