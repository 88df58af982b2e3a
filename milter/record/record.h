/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_RECORD_H
#define WAYBILL_RECORD_RECORD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"
#include "base/text.h"
#include "config/config.h"

/* What a run of the recorder is asked to do. */
struct record_options {
	const char *store;		/* URL or path */
	const char *password_file;
	const char *host;		/* the name of this mail host */
	enum recipient_mode recipients;
	const char *recipient_key;	/* path of the key of its hashes */
	const char *rules;		/* conf/replies */
	const char *site_rules;		/* may not exist */
	const char *fallback;		/* host of smtp_fallback_relay, "" */
	const struct ip *own;
	size_t n_own;
	int64_t keep_ms;		/* 0: for ever */
	struct text_list sources;	/* "journal", "-" or paths, followed */
	struct text_list open_sources;	/* those of them that any local user
					   can write into */
	struct text_list files;		/* read once instead, when there are any */
	bool shows_progress;		/* on standard error */
	const volatile sig_atomic_t *stop;	/* set by a signal */
};

/*
 * Reads until the end of the files or until *stop, and writes the store. A
 * store that fails is told of once, and tried again from where it was; it ends
 * the run only with files, and at the start when it is the configuration's
 * fault (EXIT_CONFIG). 0 or -1 with err.
 */
int record_run(const struct record_options *o, struct err *err);

#endif
