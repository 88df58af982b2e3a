/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_SOURCE_OPS_H
#define WAYBILL_RECORD_SOURCE_OPS_H

#include "record/source.h"

/* What each kind of source is to source.c; the contracts are those of the
 * functions in source.h. */
struct source_ops {
	enum source_state (*next)(void *self, struct source_line *line,
	    struct err *err);
	const char *(*position)(void *self);
	const char *(*name)(const void *self);
	int (*fd)(const void *self);	/* NULL: none */
	void (*progress)(const void *self, uint64_t *done, uint64_t *total);
	void (*close)(void *self);
};

/* Takes self, which ops->close frees. NULL without memory (self is closed). */
struct source *source_new(const struct source_ops *ops, void *self);

#endif
