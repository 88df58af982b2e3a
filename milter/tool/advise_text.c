/* SPDX-License-Identifier: ISC */
/*
 * Advice in 78 columns. Destinations of one provider with one verdict, family
 * and class are told once; a choice names what to do and where, with a text
 * to paste; the commands of the plan come once, at the end.
 *
 * What others wrote (replies, names from the record) is escaped by paragraph;
 * a name that may not stand in a command line is left out of it.
 */
#include "tool/advise_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "tool/paragraph.h"
#include "tool/report_text.h"

enum {
	GROUPS_SHOWN = 20,
	NAMES_SHOWN = 4,
	TEXT_SHOWN = 300,
	PASTE_SHOWN = 200,
	SENTENCE_MAX = 4096,
	INDENT = 6,
	HEAD_COLUMNS = 34,
	NAMES_COLUMNS = 56,
	UTC_SIZE = 40,
	MANY = 5,		/* providers that make it the rule */
};

/* Destinations that are told together: indexes from begin to end. */
struct group {
	size_t begin, end;
	enum advise_verdict verdict;
	int64_t bad;		/* rejected, expired, deferred */
};

struct telling {
	const struct advise_view *v;
	const struct advise_dest **d;	/* wanted ones, sorted */
	size_t n;
	struct group *group;
	size_t n_groups;
};

static const char *
class_of(const struct advise_dest *d)
{
	const struct advise_cause *c = advise_why(d);

	return c == NULL ? "" : c->class->name;
}

/* Are they told in one breath? */
static int
compare_plight(const struct advise_dest *a, const struct advise_dest *b)
{
	int order;

	if (a->verdict != b->verdict)
		return a->verdict > b->verdict ? -1 : 1;
	order = strcmp(a->provider, b->provider);
	if (order == 0)
		order = a->bad - b->bad;
	if (order == 0)
		order = strcmp(class_of(a), class_of(b));
	if (order == 0)
		order = (int)a->keep - (int)b->keep;
	if (order == 0)
		order = (int)a->ground - (int)b->ground;
	if (order == 0)
		order = (int)a->obstacle - (int)b->obstacle;
	return order;
}

static int
compare_dests(const void *one, const void *two)
{
	const struct advise_dest *a = *(const struct advise_dest *const *)one;
	const struct advise_dest *b = *(const struct advise_dest *const *)two;
	int order = compare_plight(a, b);

	return order != 0 ? order : strcmp(a->name, b->name);
}

static int
compare_groups(const void *one, const void *two)
{
	const struct group *a = one;
	const struct group *b = two;

	if (a->verdict != b->verdict)
		return a->verdict > b->verdict ? -1 : 1;
	if (a->bad != b->bad)
		return a->bad > b->bad ? -1 : 1;
	return a->begin < b->begin ? -1 : 1;
}

static int64_t
bad_of(const struct advise_dest *d)
{
	const struct advise_side *s = &d->side[d->bad];

	return s->bounced + s->expired + s->deferred;
}

/* 0, or -1 without memory. */
static int
telling_begin(struct telling *t, const struct advise_view *v)
{
	*t = (struct telling){ .v = v };
	t->d = calloc(v->a->n + 1, sizeof *t->d);
	t->group = calloc(v->a->n + 1, sizeof *t->group);
	if (t->d == NULL || t->group == NULL)
		return -1;
	for (size_t i = 0; i < v->a->n; i++)
		if (v->a->dest[i].is_wanted)
			t->d[t->n++] = &v->a->dest[i];
	qsort(t->d, t->n, sizeof *t->d, compare_dests);
	for (size_t i = 0; i < t->n; i++) {
		struct group *g;

		if (i == 0 || compare_plight(t->d[i - 1], t->d[i]) != 0)
			t->group[t->n_groups++] = (struct group){ .begin = i,
				.verdict = t->d[i]->verdict };
		g = &t->group[t->n_groups - 1];
		g->end = i + 1;
		g->bad += bad_of(t->d[i]);
	}
	qsort(t->group, t->n_groups, sizeof *t->group, compare_groups);
	return 0;
}

static void
telling_end(struct telling *t)
{
	free(t->d);
	free(t->group);
}

static const char *
family_word(int side)
{
	return side == ADVISE_IPV4 ? "IPv4" : side == ADVISE_IPV6 ? "IPv6" :
	    "no family";
}

static const struct advise_way *
way_of(const struct advise_view *v, const struct advise_dest *d)
{
	return v->way == NULL ? NULL : v->way[d - v->a->dest];
}

/* The sum of a family over a group. */
static struct advise_side
sum_of(const struct telling *t, const struct group *g, int side)
{
	struct advise_side sum = { 0 };

	for (size_t i = g->begin; i < g->end; i++) {
		const struct advise_side *s = &t->d[i]->side[side];

		sum.sent += s->sent;
		sum.bounced += s->bounced;
		sum.expired += s->expired;
		sum.deferred += s->deferred;
	}
	return sum;
}

/* "rejected 6 of 9, deferred 2 times" */
static void
add_counts(struct text *out, const struct advise_side *s)
{
	int64_t all = s->sent + s->bounced + s->expired;
	const char *comma = "";

	if (s->bounced > 0 || (all > 0 && s->sent == 0 && s->expired == 0)) {
		text_addf(out, " rejected %" PRId64 " of %" PRId64, s->bounced,
		    all);
		comma = ",";
	}
	if (s->expired > 0) {
		text_addf(out, "%s let %" PRId64 " of %" PRId64 " expire in "
		    "the queue", comma, s->expired, all);
		comma = ",";
	}
	if (s->deferred > 0) {
		text_addf(out, "%s deferred %" PRId64 " attempt%s", comma,
		    s->deferred, s->deferred == 1 ? "" : "s");
		comma = ",";
	}
	if (*comma == '\0' || s->sent > 0)
		text_addf(out, "%s accepted %" PRId64 " of %" PRId64, comma,
		    s->sent, all);
}

static void
add_ground(struct text *out, const struct advise_dest *d,
    const struct advise_side *other)
{
	const char *word = family_word(1 - d->bad);

	switch (d->ground) {
	case ADVISE_BY_ITSELF:
	case ADVISE_BY_PATIENCE:
		text_addf(out, "; %s", word);
		add_counts(out, other);
		break;
	case ADVISE_BY_PROVIDER:
		text_addf(out, "; %s not tried yet, but %s accepts mail over "
		    "it",
		    word, d->provider);
		break;
	case ADVISE_BY_DNS:
		text_addf(out, "; %s not tried yet, but DNS has addresses for "
		    "it",
		    word);
		break;
	case ADVISE_BY_NOTHING:
		text_addf(out, "; %s not tried yet", word);
		break;
	}
}

static void
add_obstacle(struct text *out, const struct advise_dest *d,
    const struct advise_side *other)
{
	const char *word = family_word(1 - d->bad);

	switch (d->obstacle) {
	case ADVISE_FREE:
		break;
	case ADVISE_REJECTED_TOO:
		text_addf(out, "; %s", word);
		if (other->bounced + other->deferred + other->expired > 0)
			add_counts(out, other);
		else
			text_addf(out, " is rejected by %s elsewhere",
			    d->provider);
		break;
	case ADVISE_LISTED_TOO:
		text_addf(out, "; %s was not tried: other receivers report "
		    "that our address is on a blocklist", word);
		break;
	case ADVISE_NOT_THERE:
		text_addf(out, "; no %s there", word);
		break;
	case ADVISE_NOT_HERE:
		text_addf(out, "; this host has no %s", word);
		break;
	case ADVISE_NOT_KNOWN:
		if (d->side[1 - d->bad].state == ADVISE_BROKEN)
			text_addf(out, "; no connection over %s has ever "
			    "succeeded", word);
		else
			text_addf(out, "; unknown from DNS whether it has %s",
			    word);
		break;
	}
}

/* The names of a group, "a, b and 3 more": on one line, but for the first. */
static void
add_names(struct text *out, const struct telling *t, const struct group *g)
{
	size_t n = g->end - g->begin;
	size_t shown = 0;

	while (shown < n) {
		const char *name = t->d[g->begin + shown]->name;

		if (shown > 0 && out->len + strlen(name) > NAMES_COLUMNS)
			break;
		text_addf(out, "%s%s", shown == 0 ? "" : ", ", name);
		shown++;
	}
	if (shown < n)
		text_addf(out, " and %zu more", n - shown);
}

static void
print_head(const struct telling *t, const struct group *g, size_t number,
    FILE *out)
{
	const struct advise_dest *d = t->d[g->begin];
	struct advise_side bad = sum_of(t, g, d->bad);
	struct text names, what;
	char label[16];
	size_t indent;

	text_init(&names, SENTENCE_MAX);
	text_init(&what, SENTENCE_MAX);
	add_names(&names, t, g);
	text_addf(&what, " %s", d->bad == ADVISE_NO_FAMILY ? "It" :
	    family_word(d->bad));
	add_counts(&what, &bad);
	if (d->bad != ADVISE_NO_FAMILY) {
		struct advise_side other = sum_of(t, g, 1 - d->bad);

		if (d->verdict == ADVISE_SWITCH)
			add_ground(&what, d, &other);
		else if (d->verdict == ADVISE_ASK && d->side[d->bad].state ==
		    ADVISE_REJECTED)
			add_obstacle(&what, d, &other);
	}
	(void)fputc('\n', out);
	(void)snprintf(label, sizeof label, "%zu  ", number);
	/* A short name stands beside what happened, a long one above it. */
	indent = 3 + names.len + 3;
	paragraph_print_word(out, indent > HEAD_COLUMNS ? 3 : (int)indent,
	    label, d->verdict == ADVISE_WAIT ? PRINT_ODD : PRINT_BAD,
	    names.buf, what.buf + 1, "");
	text_free(&names);
	text_free(&what);
}

/* The latest cause of a group, with its destination. */
static const struct advise_cause *
latest_cause(const struct telling *t, const struct group *g)
{
	const struct advise_cause *last = NULL;

	for (size_t i = g->begin; i < g->end; i++) {
		const struct advise_cause *c = advise_why(t->d[i]);

		if (c != NULL && (last == NULL ||
		    c->t.last_second > last->t.last_second))
			last = c;
	}
	return last;
}

static int64_t
first_second(const struct telling *t, const struct group *g)
{
	int64_t first = INT64_MAX;

	for (size_t i = g->begin; i < g->end; i++) {
		const struct advise_cause *c = advise_why(t->d[i]);

		if (c != NULL && c->t.first_second < first)
			first = c->t.first_second;
	}
	return first;
}

static void
print_evidence(const struct telling *t, const struct group *g, FILE *out)
{
	const struct advise_cause *c = latest_cause(t, g);
	const char *stage = report_stage_name(c->t.stage);
	char first[REPORT_MINUTE_SIZE], last[REPORT_MINUTE_SIZE];
	struct text text;
	char margin[100];

	text_init(&text, SENTENCE_MAX);
	(void)report_minute_name(first_second(t, g), first);
	(void)report_minute_name(c->t.last_second, last);
	if (strcmp(first, last) == 0)
		text_addf(&text, "On %s", last);
	else
		text_addf(&text, "Since %s, last %s", first, last);
	text_addf(&text, "%s%s%s",
	    stage[0] == '\0' ? "" : ", ", stage,
	    c->t.text[0] == '\0' ? "" : ":");
	paragraph_print(out, 3, "", text.buf, "");
	if (c->t.text[0] != '\0') {
		text_clear(&text);
		text_addf(&text, "\"%.*s%s\"", TEXT_SHOWN, c->t.text,
		    strlen(c->t.text) > TEXT_SHOWN ? "..." : "");
		paragraph_print(out, 3, "", text.buf, "");
	}
	(void)snprintf(margin, sizeof margin, "%s, %s", c->class->name,
	    c->scope);
	paragraph_print(out, 3, "", c->class->sentence, margin);
	text_free(&text);
}

/* What the plan makes of a destination, where there is something to say. */
static void
add_way(struct text *out, const struct advise_view *v,
    const struct advise_dest *d)
{
	const struct advise_way *w = way_of(v, d);

	if (w == NULL || !w->is_planned) {
		text_addf(out, " Cannot generate the Postfix settings: %s.",
		    w != NULL && w->why[0] != '\0' ? w->why : v->no_plan);
		return;
	}
	switch (w->planned) {
	case TRANSPORT_PLANNED:
	case TRANSPORT_BOUND:
		break;
	case TRANSPORT_MAPPED:
		text_addf(out, " %s has an entry in your transport_maps; "
		    "change it to: %s %s", d->name, d->name, w->value);
		break;
	case TRANSPORT_NOT_SMTP:
		text_addf(out, " %s is not delivered by smtp(8); change its "
		    "transport yourself.", d->name);
		break;
	case TRANSPORT_ODD:
		text_addf(out, " %s was left out: such a name is not allowed "
		    "in a lookup table.", d->name);
		break;
	case TRANSPORT_FULL:
		text_addf(out, " %s was left out: the table is full.", d->name);
		break;
	}
}

static void
add_ways(struct text *out, const struct telling *t, const struct group *g)
{
	const struct advise_way *first = way_of(t->v, t->d[g->begin]);
	size_t planned = 0;

	for (size_t i = g->begin; i < g->end; i++) {
		const struct advise_way *w = way_of(t->v, t->d[i]);

		planned += w != NULL && w->is_planned &&
		    w->planned == TRANSPORT_PLANNED;
	}
	if (planned > 0)
		text_add(out, " See the commands below.");
	/* A reason that all have is told once. */
	for (size_t i = g->begin; i < g->end; i++) {
		const struct advise_way *w = way_of(t->v, t->d[i]);

		if (i == g->begin || (w != NULL && first != NULL &&
		    (w->is_planned != first->is_planned ||
		    w->planned == TRANSPORT_MAPPED ||
		    w->planned == TRANSPORT_ODD || w->planned != first->planned)))
			add_way(out, t->v, t->d[i]);
	}
}

static void
say_family(struct text *out, const struct telling *t, const struct group *g)
{
	const struct advise_dest *d = t->d[g->begin];
	const char *keep = family_word(1 - d->bad);

	if (d->is_inferred)
		text_addf(out, "The reply does not blame the address, but "
		    "nothing was accepted over %s and everything over %s. ",
		    family_word(d->bad), keep);
	text_addf(out, "Send there over %s only%s.", keep,
	    d->side[d->bad].state == ADVISE_BROKEN ? ": attempts over the "
	    "other family only waste time" : "");
	add_ways(out, t, g);
}

/* The address of ours that the trouble is about. */
static const char *
own_address(const struct advise_view *v, int side, char out[IP_SIZE])
{
	if (side == ADVISE_NO_FAMILY)
		return "your address";
	if (!ip_is_global(&v->address[side]))
		return side == ADVISE_IPV4 ? "your IPv4 address" :
		    "your IPv6 address";
	return ip_format(&v->address[side], out);
}

static void
say_fix(struct text *out, const struct telling *t,
    const struct advise_dest *d)
{
	const char *class = class_of(d);
	const char *host = t->v->hostname[0] == '\0' ? "your host's name" :
	    t->v->hostname;
	char address[IP_SIZE];
	const char *own = own_address(t->v, d->bad, address);

	if (strcmp(class, "no-ptr") == 0 || strcmp(class, "ptr-mismatch") == 0)
		text_addf(out, "Set the reverse DNS (PTR) of %s to %s, in the "
		    "panel of your hosting provider. That name must resolve "
		    "back to the address.", own, host);
	else if (strcmp(class, "ip-listed") == 0)
		text_addf(out, "Once the cause is fixed, ask the blocklist "
		    "named in the reply to remove %s. Do not pay for removal.",
		    own);
	else if (strcmp(class, "helo") == 0)
		text_addf(out, "Set myhostname to a name that resolves to %s; "
		    "it is %s now.", own, host);
	else if (strcmp(class, "spf") == 0 || strcmp(class, "dkim") == 0 ||
	    strcmp(class, "dmarc") == 0 || strcmp(class, "auth") == 0 ||
	    strcmp(class, "ipv6-auth") == 0)
		text_addf(out, "Run waybill dns to see what DNS lacks for %s: "
		    "SPF, keys, DMARC, PTR.", own);
	else if (d->verdict == ADVISE_SWITCH && strcmp(class, "network") == 0)
		text_addf(out, "Find out where the route over %s fails: at that "
		    "server or, if other destinations are affected too, at "
		    "your hosting provider.", family_word(d->bad));
	else if (strcmp(class, "network") == 0)
		text_addf(out, "No mail server could be reached: the domain "
		    "may be mistyped or expired, or its server down. To see "
		    "what DNS has: waybill route%s%s",
		    escape_is_plain_name(d->name) ? " " : "",
		    escape_is_plain_name(d->name) ? d->name : "");
	else
		text_add(out, advise_why(d)->class->sentence);
	if (d->verdict == ADVISE_SWITCH)
		text_addf(out, " Then %s works again: undo the switch.",
		    family_word(d->bad));
}

/* As strangers elsewhere read it. */
static const char *
utc_minute(int64_t second, char out[UTC_SIZE])
{
	time_t t = (time_t)second;
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(out, UTC_SIZE, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		out[0] = '\0';
	return out;
}

/* Where one asks, and what one pastes there. */
static void
say_receiver(struct text *out, const struct telling *t, const struct group *g)
{
	const struct advise_dest *d = t->d[g->begin];
	const struct advise_cause *c = latest_cause(t, g);
	const char *link = advise_why(d)->link;
	const char *whom = d->provider[0] != '\0' ? d->provider : d->name;
	char since[UTC_SIZE], address[IP_SIZE];
	struct text names;

	text_init(&names, SENTENCE_MAX);
	add_names(&names, t, g);
	if (link[0] != '\0')
		text_addf(out, "Ask %s: %s", whom, link);
	else if (escape_is_plain_name(d->name))
		text_addf(out, "Ask postmaster@%s", d->name);
	else
		text_addf(out, "Ask %s.", whom);
	text_addf(out, "\nPaste: mail from %s%s%s%s to %s has been rejected "
	    "since %s",
	    own_address(t->v, d->bad, address),
	    t->v->hostname[0] == '\0' ? "" : " (", t->v->hostname,
	    t->v->hostname[0] == '\0' ? "" : ")", names.buf,
	    utc_minute(first_second(t, g), since));
	if (c->t.text[0] != '\0')
		text_addf(out, ": \"%.*s%s\"", PASTE_SHOWN, c->t.text,
		    strlen(c->t.text) > PASTE_SHOWN ? "..." : "");
	text_free(&names);
}

static void
say_hosting(struct text *out, const struct telling *t,
    const struct advise_dest *d)
{
	const struct advise_cause *c = advise_why(d);
	char address[IP_SIZE];
	const char *own = own_address(t->v, d->bad, address);

	if (strcmp(c->class->name, "no-ptr") == 0 ||
	    strcmp(c->class->name, "ptr-mismatch") == 0)
		text_add(out, "If its panel does not let you, ask your hosting "
		    "provider to set that PTR.");
	else if (strcmp(c->class->name, "dynamic-ip") == 0)
		text_addf(out, "Ask your hosting provider to remove %s from "
		    "the list of dynamic addresses, and to let you set its "
		    "reverse DNS (PTR).",
		    own);
	else if (strcmp(c->scope, "network") == 0 ||
	    strcmp(c->who, "hosting") == 0)
		text_addf(out, "Ask your hosting provider to get its network "
		    "(which includes %s) delisted, or to give you another "
		    "address.", own);
	else
		text_add(out, "Ask your hosting provider for another address.");
	if (t->v->has_check && strstr(out->buf, "another address") != NULL)
		text_add(out, " Before you take it: waybill check --ip "
		    "ADDRESS");
}

/* Names of a group for a command line; others are named behind it. */
static void
add_plain_names(struct text *out, const struct telling *t,
    const struct group *g)
{
	const char *left = "   (left out: ";

	for (size_t i = g->begin; i < g->end && i < g->begin + NAMES_SHOWN; i++)
		if (escape_is_plain_name(t->d[i]->name))
			text_addf(out, " %s", t->d[i]->name);
	for (size_t i = g->begin; i < g->end && i < g->begin + NAMES_SHOWN;
	    i++) {
		if (escape_is_plain_name(t->d[i]->name))
			continue;
		text_addf(out, "%s%s", left, t->d[i]->name);
		left = ", ";
	}
	if (left[0] == ',')
		text_add(out, ")");
}

static void
say_relay(struct text *out, const struct telling *t, const struct group *g)
{
	const struct advise_relay *r = &t->v->relay;

	if (r->host[0] == '\0') {
		text_add(out, "Route only these destinations through a relay "
		    "(its operator can read that mail):\nwaybill advise "
		    "--relay HOST:PORT");
		add_plain_names(out, t, g);
		return;
	}
	text_addf(out, "Route only these destinations through %s:%d, over TLS, "
	    "with a login (on Debian that needs the package libsasl2-modules). "
	    "The drawback: its operator can read that mail, and knows who "
	    "writes to whom.",
	    r->host, r->port);
	if (r->include[0] != '\0')
		text_addf(out, " Add to the SPF record of your domains: "
		    "include:%s", r->include);
	else
		text_add(out, " Add the include: that its operator documents "
		    "to the SPF record of your domains.");
	text_add(out, " Your DKIM signatures are not affected.");
	add_ways(out, t, g);
}

static void
say_wait(struct text *out, const struct telling *t, const struct group *g)
{
	const struct advise_dest *d = t->d[g->begin];
	int64_t sent = 0;

	for (int i = 0; i < ADVISE_SIDES; i++)
		sent += sum_of(t, g, i).sent;
	text_addf(out, "Nothing: it resolves by itself. %" PRId64 " delivered.",
	    sent);
	if (strcmp(class_of(d), "rate") == 0)
		text_add(out, " Send more slowly for some weeks: warm up a new "
		    "address by doubling the volume step by step.");
}

static void
say_choice(struct text *out, const struct telling *t, const struct group *g,
    enum advise_choice choice)
{
	const struct advise_dest *d = t->d[g->begin];

	switch (choice) {
	case ADVISE_DO_IPV4:
	case ADVISE_DO_IPV6:
		say_family(out, t, g);
		break;
	case ADVISE_DO_FIX:
		say_fix(out, t, d);
		break;
	case ADVISE_DO_RECEIVER:
		say_receiver(out, t, g);
		break;
	case ADVISE_DO_HOSTING:
		say_hosting(out, t, d);
		break;
	case ADVISE_DO_RELAY:
		say_relay(out, t, g);
		break;
	case ADVISE_DO_WAIT:
		say_wait(out, t, g);
		break;
	case ADVISE_CHOICES:
		break;
	}
}

/* A choice; a second line of it is a text or a command to copy. */
static void
print_choice(const struct telling *t, const struct group *g, char letter,
    enum advise_choice choice, FILE *out)
{
	char label[] = "   a)";
	struct text text;
	char *paste;
	int indent;

	text_init(&text, SENTENCE_MAX);
	say_choice(&text, t, g, choice);
	if (letter != '\0')
		label[3] = letter;
	paste = text.len == 0 ? NULL : strchr(text.buf, '\n');
	if (paste != NULL)
		*paste++ = '\0';
	indent = letter == '\0' ? INDENT + 1 : INDENT;
	paragraph_print(out, indent, letter == '\0' ? "   Do:" : label,
	    text.buf, "");
	if (paste != NULL)
		paragraph_print(out, indent, "", paste, "");
	text_free(&text);
}

static void
print_group(const struct telling *t, const struct group *g, size_t number,
    FILE *out)
{
	enum advise_choice choice[ADVISE_CHOICES];
	const struct advise_dest *d = t->d[g->begin];
	size_t n = advise_choices(d, choice);

	print_head(t, g, number, out);
	print_evidence(t, g, out);
	if (d->verdict == ADVISE_ASK)
		paragraph_print(out, 3, "", d->side[d->bad].state !=
		    ADVISE_REJECTED ? "The reply says too little to fix it. "
		    "Options:" : choice[0] == ADVISE_DO_FIX ?
		    "There is no other route. Options:" :
		    "No setting on your side will help. Options:", "");
	for (size_t i = 0; i < n; i++)
		print_choice(t, g, n > 1 ? (char)('a' + i) : '\0', choice[i],
		    out);
}

/* "accepted 12 over IPv6" of one that has no trouble. */
static void
print_fine(const struct telling *t, const struct advise_dest *d, FILE *out)
{
	struct text text;

	text_init(&text, SENTENCE_MAX);
	if (d->verdict == ADVISE_UNKNOWN) {
		text_add(&text, "no deliveries to it on record.");
	} else if (d->verdict == ADVISE_DONE) {
		const struct advise_way *w = way_of(t->v, d);

		text_addf(&text, "already routed %s%s%s%s.",
		    d->keep == IP_4 ? "over IPv4 only" : d->keep == IP_6 ?
		    "over IPv6 only" : "through a relay", w == NULL ||
		    w->value[0] == '\0' ? "" : " (", w == NULL ? "" : w->value,
		    w == NULL || w->value[0] == '\0' ? "" : ")");
	} else {
		text_add(&text, "nothing to advise:");
		for (int i = 0; i < ADVISE_NO_FAMILY; i++) {
			if (d->side[i].state == ADVISE_UNTRIED)
				continue;
			text_addf(&text, " %s", family_word(i));
			add_counts(&text, &d->side[i]);
			text_add(&text, i == 0 && d->side[1].state !=
			    ADVISE_UNTRIED ? ";" : ".");
		}
		if (d->unknown_users > 0 && escape_is_plain_name(d->name))
			text_addf(&text, " %" PRId64 " of the "
			    "rejections are about the recipient, not you: "
			    "waybill find --to @%s",
			    d->unknown_users, d->name);
	}
	paragraph_print_word(out, 3, "", PRINT_GOOD, d->name, text.buf, "");
	text_free(&text);
}

/* Those without trouble: each on its line where they were asked for by name or
 * there is something to say, else their number. */
static void
print_rest(const struct telling *t, FILE *out)
{
	size_t fine = 0;
	bool is_first = true;

	for (size_t i = 0; i < t->n; i++) {
		const struct advise_dest *d = t->d[i];

		if (d->verdict > ADVISE_DONE)
			continue;
		if (t->v->only->n == 0 && d->verdict == ADVISE_FINE) {
			fine++;
			continue;
		}
		if (is_first && t->n_groups > 1)
			(void)fputc('\n', out);
		is_first = false;
		print_fine(t, d, out);
	}
	if (fine > 0)
		(void)fprintf(out, "%s%zu %sdestination%s without trouble.\n",
		    t->n_groups > 1 ? "\n" : "", fine, fine < t->n ?
		    "other " : "", fine == 1 ? "" : "s");
	else if (t->n == 0)
		(void)fputs("Nothing was sent in this period.\n", out);
}

static void
print_plan(const struct advise_view *v, const char *name, FILE *out)
{
	if (v->plan == NULL || transport_plan_is_empty(v->plan))
		return;
	if (v->has_news && v->plan->is_by_sender) {
		(void)fputc('\n', out);
		paragraph_print(out, 0, "", "Note: these settings take "
		    "precedence over sender_dependent_relayhost_maps and "
		    "sender_dependent_default_transport_maps: senders with a "
		    "route of their own there lose it for these destinations.",
		    "");
	}
	if (v->has_news) {
		(void)fputs("\nCommands, as root:\n", out);
		transport_plan_commands(v->plan, 2, out);
	}
	(void)fputs(v->has_news ? "Undo:\n" : "\nUndo, as root:\n", out);
	transport_plan_undo(v->plan, 2, out);
	if (name != NULL)
		(void)fprintf(out, "Verify:  waybill route %s\n", name);
	(void)fputs("\nNothing was changed. As one script with its undo:  "
	    "waybill advise", out);
	if (v->relay.host[0] != '\0')
		(void)fprintf(out, " --relay %s:%d", v->relay.host,
		    v->relay.port);
	(void)fputs(" --script", out);
	for (size_t i = 0; i < v->only->n; i++)
		if (escape_is_plain_name(v->only->v[i]))
			(void)fprintf(out, " %s", v->only->v[i]);
	(void)fputc('\n', out);
}

/* Providers with a wanted destination in that plight; t->d is sorted by
 * verdict, then provider. */
static size_t
count_providers(const struct telling *t, enum ip_family keep)
{
	const char *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct advise_dest *d = t->d[i];

		if (d->verdict != ADVISE_SWITCH || d->keep != keep ||
		    (last != NULL && strcmp(last, d->provider) == 0))
			continue;
		last = d->provider;
		n++;
	}
	return n;
}

/* Does the record have destinations, of all, in that state? */
static size_t
count_states(const struct advise *a, int side, enum advise_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->dest[i].side[side].state == state;
	return n;
}

/* Where a family is rejected nearly everywhere, one setting does more than a
 * table: the preference. */
static void
print_rule(const struct telling *t, FILE *out)
{
	const struct advise_view *v = t->v;

	for (int side = 0; side < 2 && v->plan != NULL; side++) {
		const char *keep = side == ADVISE_IPV4 ? "ipv6" : "ipv4";
		const char *old = postfix_written(v->plan->postfix,
		    "smtp_address_preference");
		size_t n = count_providers(t, advise_family(1 - side));
		struct text text;

		if (n < MANY || old == NULL || strcmp(old, keep) == 0 ||
		    n <= count_states(v->a, side, ADVISE_ACCEPTED) ||
		    count_states(v->a, 1 - side, ADVISE_REJECTED) > 0)
			continue;
		text_init(&text, SENTENCE_MAX);
		if (count_states(v->a, side, ADVISE_REJECTED) == 0)
			text_addf(&text, "At %zu providers no connection over "
			    "%s succeeded: it is this host's %s that does not "
			    "work.", n, family_word(side), family_word(side));
		else
			text_addf(&text, "%zu providers reject %s, and nobody "
			    "rejects %s.", n, family_word(side),
			    family_word(1 - side));
		text_addf(&text, " Until that is fixed, it is simpler to "
		    "prefer %s everywhere:", family_word(1 - side));
		(void)fputc('\n', out);
		paragraph_print(out, 0, "", text.buf, "");
		(void)fprintf(out, "  postconf -c %s -e "
		    "smtp_address_preference=%s\nUndo:\n  postconf -c %s -e "
		    "smtp_address_preference=%s\n", v->plan->folder, keep,
		    v->plan->folder, old);
		text_free(&text);
	}
}

int
advise_text(const struct advise_view *v, FILE *out)
{
	struct telling t;
	size_t shown = 0, hidden = 0;
	char period[REPORT_PERIOD_SIZE];
	struct report_options o = { .from = v->a->from, .to = v->a->to };

	if (telling_begin(&t, v) != 0) {
		telling_end(&t);
		return -1;
	}
	(void)fprintf(out, "%s\n", report_period_name(&o, period));
	for (size_t i = 0; i < t.n_groups; i++) {
		if (t.group[i].verdict <= ADVISE_DONE)
			continue;
		if (shown == GROUPS_SHOWN) {
			hidden++;
			continue;
		}
		print_group(&t, &t.group[i], ++shown, out);
	}
	if (hidden > 0)
		(void)fprintf(out, "\n%zu more problems: name destinations to "
		    "see theirs.\n", hidden);
	print_rest(&t, out);
	print_rule(&t, out);
	print_plan(v, v->plan != NULL && v->plan->n_entries > 0 ?
	    v->plan->entry[0].domain : NULL, out);
	telling_end(&t);
	return 0;
}
