/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_BASE_ARGUMENTS_H
#define WAYBILL_BASE_ARGUMENTS_H

/* Reports on standard error which option getopt_long(3) has just rejected and
 * why. reason is the return value of getopt_long(): ':' or '?' (opterr is 0,
 * the short options begin with ":"). program names the program in the message,
 * and in the hint to run its --help. */
void arguments_refuse(const char *program, char *const *argv, int reason);

#endif
