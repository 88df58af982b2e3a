/* SPDX-License-Identifier: ISC */
/*
 * Which stamps a message gets, and their form. tags.c determines their
 * content; a destination without recipients in To: or Cc: gets no stamp.
 */
#include "stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/taglist.h"
#include "base/text.h"
#include "tags.h"

enum { STAMP_MAX = 4096 };

static void
add_tag(void *arg, const char *name, const char *value)
{
	taglist_add(arg, name, value);
}

/* Appends a stamp with this name: that of the sender, or of a route. Returns
 * -1 without memory. */
static int
make(struct stamps *out, const char *prefix, const char *name,
    const struct survey *v, const char *host, const struct survey_route *r)
{
	struct stamp *s = &out->v[out->n];
	size_t len = strlen(prefix) + strlen(name);
	struct taglist_writer list;
	struct tag_writer w = { .add = add_tag, .arg = &list,
	    .is_public = true };
	struct text value;

	s->name = malloc(len + 1);
	if (s->name == NULL)
		return -1;
	out->n++;
	(void)snprintf(s->name, len + 1, "%s%s", prefix, name);
	text_init(&value, STAMP_MAX);
	text_add(&value, " ");
	taglist_begin(&list, &value, len + strlen(": "));
	if (r == NULL)
		tags_of_sender(survey_sender(v), host, &w);
	else
		tags_of_route(r, &w);
	s->value = text_take(&value);
	text_free(&value);
	return s->value == NULL ? -1 : 0;
}

int
stamps_make(const struct survey *v, const char *host, const struct config *c,
    struct stamps *out)
{
	const char *prefix = c->headers.prefix;
	size_t left = c->headers.stamp_route ? (size_t)c->headers.max_routes :
	    0;
	size_t n;
	const struct survey_route *r = survey_routes(v, &n);
	int rc = 0;

	*out = (struct stamps){ 0 };
	out->v = calloc(left + 1, sizeof *out->v);
	if (out->v == NULL)
		return -1;
	if (c->headers.stamp_sender)
		rc = make(out, prefix, "Sender", v, host, NULL);
	for (size_t i = 0; i < n && left > 0 && rc == 0; i++) {
		if (!r[i].is_shown)
			continue;
		rc = make(out, prefix, "Route", v, host, &r[i]);
		left--;
	}
	if (rc != 0)
		stamps_free(out);
	return rc;
}

void
stamps_free(struct stamps *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].value);
	}
	free(s->v);
	*s = (struct stamps){ 0 };
}
