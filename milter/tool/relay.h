/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TOOL_RELAY_H
#define WAYBILL_TOOL_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"
#include "tool/printable.h"

/*
 * One pipe of a worker, on its way to where the command prints. It is read in
 * pieces, and the next one only when the last has been written, so that a
 * worker that never ends printing holds up nobody.
 */
struct relay {
	int from;		/* the pipe, not blocking; -1: it has ended */
	int to;			/* -1: memory */
	FILE *memory;
	size_t max;		/* bytes that pass; 0: no bound */
	const char *cut_line;	/* what stands for the rest; NULL: nothing */
	bool is_data;		/* it isn't text: nothing is escaped */
	struct printable printable;
	bool is_cut;		/* there was more than max */
	int error;		/* errno of the writing; 0: none */
	struct text left;	/* read, not written yet */
	size_t written;		/* of left */
	size_t passed;
	size_t line;		/* of passed, since the line began */
	bool is_last;		/* nothing comes behind the next "rest" bytes */
	size_t rest;
};

/* Sets what isn't set by the caller, who set from to max and is_data. */
void relay_begin(struct relay *r);
void relay_free(struct relay *r);

/* Reads a piece, if left is empty and one is there. */
void relay_read(struct relay *r);

/* Writes a piece of left, no more than a pipe takes at once that poll(2) calls
 * ready. Signals that aren't blocked interrupt it. */
void relay_write(struct relay *r);

bool relay_has_left(const struct relay *r);

/* Who wrote into the pipe is gone: what it holds now is all. */
void relay_set_last(struct relay *r);

#endif
