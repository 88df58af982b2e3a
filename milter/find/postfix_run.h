/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_FIND_POSTFIX_RUN_H
#define WAYBILL_FIND_POSTFIX_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "find/postfix.h"

/*
 * Reads Postfix's configuration: runs postconf(1), either in this process or
 * through a helper that was forked before threads and confinement.
 */

/* Limits of one postconf(1) in seconds and in bytes of output. */
enum { POSTFIX_RUN_S = 10, POSTFIX_OUTPUT_MAX = 4 * 1024 * 1024 };

struct postfix_helper;

/* Forks the helper. It keeps the current effective user, cannot become
 * another, and exits with this process. It opens nothing for writing, and none
 * of the hidden paths (NULL: none; those that do not begin with "/" are
 * skipped) if the kernel has Landlock. Returns NULL with err. */
struct postfix_helper *postfix_helper_start(const struct text_list *hidden,
    struct err *err);
void postfix_helper_stop(struct postfix_helper **h);

/*
 * Reads the configuration in folder ("/etc/postfix"). h NULL: this process
 * runs postconf(1) itself. A missing Postfix, or one that rejects its own
 * files, is a finding (postfix_found()). Returns NULL with err if the helper
 * has exited or does not answer before deadline_ms (clock_ms()), or without
 * memory. One thread at a time uses a helper; others wait.
 */
struct postfix *postfix_read(struct postfix_helper *h, const char *folder,
    int64_t deadline_ms, struct err *err);

/* The state of main.cf and master.cf in a directory: equal numbers mean equal
 * files (device, inode, size, time). */
uint64_t postfix_files_mark(const char *folder);

#endif
