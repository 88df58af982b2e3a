/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_RUN_H
#define WAYBILL_FIND_POSTFIX_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "find/postfix.h"

/*
 * Reading Postfix's configuration: postconf(1) is run, by this process or by
 * a helper that was forked before threads and confinement.
 */

/* What one postconf(1) may take and say. */
enum { POSTFIX_RUN_S = 10, POSTFIX_OUTPUT_MAX = 4 * 1024 * 1024 };

struct postfix_helper;

/* Forks the helper; it stays the user that this process is now by its
 * effective ids, with no way back to another, and ends with this process. It
 * opens nothing for writing, and nothing of the hidden paths (NULL: none;
 * names that don't begin with "/" are passed over), where the kernel has
 * Landlock. NULL with err. */
struct postfix_helper *postfix_helper_start(const struct text_list *hidden,
    struct err *err);
void postfix_helper_stop(struct postfix_helper **h);

/*
 * Reads the configuration in folder ("/etc/postfix"). h NULL: this process
 * runs postconf(1) itself. That there is no Postfix, or that it refuses its
 * own files, is a finding (postfix_found()). NULL with err when the helper has
 * ended or doesn't answer before deadline_ms (clock_ms()), or without memory.
 * One thread at a time a helper; others wait.
 */
struct postfix *postfix_read(struct postfix_helper *h, const char *folder,
    int64_t deadline_ms, struct err *err);

/* How main.cf and master.cf of a folder look now: equal numbers, equal files
 * (device, inode, size, time). */
uint64_t postfix_files_mark(const char *folder);

#endif
