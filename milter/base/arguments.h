/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ARGUMENTS_H
#define WAYBILL_BASE_ARGUMENTS_H

/* Says on standard error which option getopt_long(3) has just refused and why;
 * reason is what it returned, ':' or '?' (opterr is 0, the short options begin
 * with ":"). program also names the one whose --help is the next step. */
void arguments_refuse(const char *program, char *const *argv, int reason);

#endif
