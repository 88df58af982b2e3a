/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_PSL_H
#define WAYBILL_BASE_PSL_H

/* Returns the registrable domain of name (A-label form) according to the
 * public suffix list of the system, or name itself if the list has no match.
 * Points into name. Loads the list at the first call; thread-safe. */
const char *psl_registrable(const char *name);

#endif
