/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_WORKER_H
#define WAYBILL_TOOL_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/confine.h"
#include "base/text.h"
#include "config/config.h"

/* What a worker can open. */
enum worker_reads {
	WORKER_READS_STORE = 1,		/* and the reply classes */
	WORKER_READS_LOG = 2,		/* from worker_limit_to_logs() on */
	WORKER_READS_PUBLIC = 4,	/* public halves of keys */
	WORKER_ASKS_DNS = 8,
};

/*
 * The process in which a command reads what strangers wrote: the record, the
 * server that holds it, the log. Where this one is root the worker is the user
 * waybill-record. It has a session of its own and no descriptor of the
 * terminal, leaves no core, can't be traced, gains no privilege, and starts no
 * program unless programs says so, and no process then. It can open the files
 * that reads says, and the system's (reach.h); a kernel without Landlock leaves
 * it what its user may. This process keeps the terminal: it copies the worker's
 * output and the first 64 KiB of its errors, made harmless for a terminal
 * (printable.h), hands on SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGTSTP, and ends
 * as the worker did.
 *
 * What this process holds in its memory the worker has too: read no key before.
 */
struct worker {
	/* Runs in the worker; out is its standard output. An exit code. */
	int (*make)(void *arg, FILE *out);
	void *arg;
	enum confine_programs programs;
	unsigned reads;			/* of enum worker_reads */
	const struct config *config;	/* NULL: reads is 0 */
	bool is_data;		/* worker_read(): not text, unchanged */
	int64_t patience_ms;	/* where standard error is no terminal: how
				 * long it may take; 0: an hour */
};

/*
 * Runs it and copies its standard output to this process's. Returns its exit
 * code, or another after a sentence. To be called before there are threads.
 */
int worker_run(const struct worker *w);

/*
 * The same, but what it prints, at most max bytes, is handed to the caller, who
 * frees it: *data has *len bytes and a NUL behind them, whatever the exit code;
 * NULL only with an exit code of EXIT_TEMPORARY.
 */
int worker_read(const struct worker *w, size_t max, char **data, size_t *len);

/* In the worker: no program is started from here on either. 0 or -1, err. */
int worker_refuse_programs(struct err *err);

/* In a worker of WORKER_READS_LOG, before a log is read: these (paths, and
 * "journal") are all of them. Elsewhere nothing. 0 or -1, err. */
int worker_limit_to_logs(const struct text_list *logs, struct err *err);

/* Is the standard error of the process that began the worker a terminal? */
bool worker_may_show_progress(void);

#endif
