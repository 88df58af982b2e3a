/* SPDX-License-Identifier: ISC */
/*
 * What leaves with a message says nothing that its recipients shouldn't know:
 * no user, no client, no local part, no next hop and no host of a relay, no
 * destination whose recipients aren't named in To: or Cc:.
 *
 * The order of tags is that of waybill-headers(7); tags are only ever added.
 */
#include "stamp.h"

#include <stdlib.h>
#include <string.h>

#include "base/taglist.h"
#include "base/text.h"

enum { STAMP_MAX = 4096 };

static void
add_family(struct taglist_writer *w, const struct survey_family *f,
    const char *ip, const char *spf, const char *dmarc)
{
	char address[IP_SIZE];

	taglist_add(w, ip, ip_format(&f->ip, address));
	if (f->ip.family == IP_NONE)
		return;
	taglist_add(w, spf, spf_result_name(f->spf));
	taglist_add(w, dmarc, dmarc_verdict_name(f->dmarc));
}

static void
write_sender(struct taglist_writer *w, const struct survey_sender *s,
    const char *host)
{
	taglist_add(w, "host", host);
	taglist_add(w, "mailfrom", s->mailfrom);
	if (s->helo != NULL)
		taglist_add(w, "helo", s->helo);
	if (s->author[0] != '\0')
		taglist_add(w, "from", s->author);
	taglist_add(w, "align", align_name(s->align));
	taglist_add(w, "policy", dmarc_policy_name(s->policy));
	add_family(w, &s->ip4, "ip4", "spf4", "dmarc4");
	add_family(w, &s->ip6, "ip6", "spf6", "dmarc6");
	taglist_add(w, "key", s->is_signed ? published_state_name(s->key) :
	    "none");
}

/* The mail hosts of a relay are nobody's business, nor is its name. */
static bool
hides_host(const struct survey_route *r)
{
	return r->destination.is_relay || r->prediction.why == WHY_RELAY ||
	    r->prediction.why == WHY_LITERAL;
}

static void
write_route(struct taglist_writer *w, const struct survey_route *r)
{
	const struct prediction *p = &r->prediction;

	taglist_add(w, "dest", r->destination.domain);
	taglist_add(w, "family", family_name(p->family));
	taglist_add(w, "why", family_why_name(p->why));
	if (p->family == FAMILY_EITHER)
		taglist_add_number(w, "p6", p->p6);
	if (r->route != NULL) {
		taglist_add_number(w, "mxs", r->route->mxs);
		taglist_add_number(w, "a", r->route->a);
		taglist_add_number(w, "aaaa", r->route->aaaa);
	}
	if (p->mx[0] != '\0' && !hides_host(r))
		taglist_add(w, "mx", p->mx);
	if (p->family != FAMILY_NONE) {
		taglist_add(w, "spf", align_spf_name(&r->outcome));
		taglist_add(w, "dmarc", dmarc_verdict_name(r->outcome.dmarc));
	}
}

/* A new stamp of this name, its value to be written; -1 without memory. */
static int
begin(struct stamps *out, const char *prefix, const char *name,
    struct text *value, struct taglist_writer *w)
{
	struct stamp *s = &out->v[out->n];
	size_t len = strlen(prefix) + strlen(name);

	s->name = malloc(len + 1);
	if (s->name == NULL)
		return -1;
	out->n++;
	memcpy(s->name, prefix, strlen(prefix));
	memcpy(s->name + strlen(prefix), name, strlen(name) + 1);
	text_init(value, STAMP_MAX);
	text_add(value, " ");
	taglist_begin(w, value, len + strlen(": "));
	return 0;
}

static int
end(struct stamps *out, struct text *value)
{
	out->v[out->n - 1].value = text_take(value);
	text_free(value);
	return out->v[out->n - 1].value == NULL ? -1 : 0;
}

static int
make_sender(const struct survey *v, const char *host, const char *prefix,
    struct stamps *out)
{
	struct taglist_writer w;
	struct text value;

	if (begin(out, prefix, "Sender", &value, &w) != 0)
		return -1;
	write_sender(&w, survey_sender(v), host);
	return end(out, &value);
}

static int
make_route(const struct survey_route *r, const char *prefix,
    struct stamps *out)
{
	struct taglist_writer w;
	struct text value;

	if (begin(out, prefix, "Route", &value, &w) != 0)
		return -1;
	write_route(&w, r);
	return end(out, &value);
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
		rc = make_sender(v, host, prefix, out);
	for (size_t i = 0; i < n && left > 0 && rc == 0; i++) {
		if (!r[i].is_shown)
			continue;
		rc = make_route(&r[i], prefix, out);
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
