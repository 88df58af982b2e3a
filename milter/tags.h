/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_TAGS_H
#define WAYBILL_TAGS_H

#include <stdbool.h>

#include "survey.h"

/*
 * The findings of a survey as names and values, for the stamps
 * (waybill-headers(7)) and the log (waybill-log(7)), where long names come
 * last. Names are only ever added.
 */
struct tag_writer {
	void (*add)(void *arg, const char *name, const char *value);
	void *arg;
	/* For text that leaves with the message: recipients learn nothing that
	 * they should not know. */
	bool is_public;
};

/* After survey_judge(). host: the name of this host. */
void tags_of_sender(const struct survey_sender *s, const char *host,
    const struct tag_writer *w);

void tags_of_route(const struct survey_route *r, const struct tag_writer *w);

#endif
