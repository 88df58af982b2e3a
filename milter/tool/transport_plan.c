/* SPDX-License-Identifier: ISC */
/*
 * A plan of transports. A service for one family is the service that sends the
 * destination now, all its columns and -o settings, with behind them
 *
 *	-o inet_protocols=ipv4
 *	-o inet_interfaces=...	its words without the other family's addresses:
 *	-o proxy_interfaces=...	smtp(8) won't start with an address of a family
 *				that it hasn't got
 *	-o smtp_bind_address=... where these hold addresses or one was bound
 *
 * and with the limits and delays that main.cf has under the old service's
 * name. An entry "domain service:" makes the domain its own next hop; where
 * another one is in force (relayhost) the entry names that.
 *
 * The table is read as it is (texthash), so no postmap(1) and no kind of
 * database is needed, and it stands before the operator's, of which nothing is
 * changed. A destination that has an entry there is left to the operator.
 */
#include "tool/transport_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

enum { LINE_MAX_BYTES = 16 * 1024, NAMES_TRIED = 9, PORT_SUBMISSIONS = 465 };

#define TABLE "waybill-transport"
#define PASSWORD "waybill-relay-password"
#define RELAY_SERVICE "waybill-relay"

/* Main.cf knows these for each transport, under its name. */
static const char *const limits[] = {
	"destination_concurrency_limit", "destination_recipient_limit",
	"destination_rate_delay", "transport_rate_delay",
	"initial_destination_concurrency",
	"destination_concurrency_failed_cohort_limit",
	"destination_concurrency_negative_feedback",
	"destination_concurrency_positive_feedback",
};

/* Only these can be part of a path or a next hop in what is printed. */
static bool
is_made_of(const char *s, const char *more)
{
	for (; *s != '\0'; s++) {
		bool is_plain = (*s >= 'a' && *s <= 'z') ||
		    (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9');

		if (!is_plain && strchr(more, *s) == NULL)
			return false;
	}
	return true;
}

static char *
joined(const char *a, const char *b, const char *c)
{
	struct text t;

	text_init(&t, LINE_MAX_BYTES);
	text_addf(&t, "%s%s%s", a, b, c);
	return text_take(&t);
}

/* The list without our own table; *has_ours says whether it was there. */
static char *
maps_without(const char *maps, const char *ours, bool *has_ours)
{
	struct text t;
	char *word;

	text_init(&t, POSTFIX_VALUE_MAX);
	while (maps != NULL && (word = postfix_next_word(&maps)) != NULL) {
		if (strcmp(word, ours) == 0)
			*has_ours = true;
		else
			text_addf(&t, "%s%s", t.len > 0 ? ", " : "", word);
		free(word);
	}
	return t.len == 0 && !t.cut ? strdup("") : text_take(&t);
}

static bool
goes_by_sender(const struct postfix *p)
{
	static const char *const names[] = { "sender_dependent_relayhost_maps",
		"sender_dependent_default_transport_maps" };
	bool goes = false;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = postfix_written(p, names[i]);

		goes |= value != NULL && *value != '\0';
	}
	return goes;
}

struct transport_plan *
transport_plan_new(const struct postfix *p, const char *folder,
    struct err *err)
{
	struct transport_plan *plan = calloc(1, sizeof *plan);

	if (!is_made_of(folder, "/._-")) {
		(void)err_set(err, EXIT_CONFIG, "%s: a folder of that name "
		    "can't be written into transport_maps", folder);
		free(plan);
		return NULL;
	}
	if (plan != NULL) {
		plan->postfix = p;
		plan->is_by_sender = goes_by_sender(p);
		plan->folder = strdup(folder);
		plan->table = joined(folder, "/", TABLE);
		plan->password = joined(folder, "/", PASSWORD);
		plan->map = joined("texthash:", folder, "/" TABLE);
	}
	if (plan != NULL && plan->map != NULL)
		plan->maps_before = maps_without(postfix_written(p,
		    "transport_maps"), plan->map, &plan->is_mapped);
	if (plan == NULL || plan->folder == NULL || plan->table == NULL ||
	    plan->password == NULL || plan->maps_before == NULL) {
		(void)err_set(err, EXIT_TEMPORARY, "out of memory");
		transport_plan_free(&plan);
	}
	return plan;
}

void
transport_plan_free(struct transport_plan **plan)
{
	struct transport_plan *p = *plan;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_services; i++) {
		free(p->service[i].line);
		text_list_free(&p->service[i].settings);
	}
	free(p->folder);
	free(p->table);
	free(p->map);
	free(p->maps_before);
	free(p->relay);
	free(p->password);
	free(p->entry);
	free(p->earlier);
	free(p);
	*plan = NULL;
}

/* "name unix ..." with the columns, command and arguments of a service. */
static void
add_columns(struct text *t, const char *name, const struct postfix_service *of)
{
	text_addf(t, "%s unix", name);
	for (size_t i = 0; i < sizeof of->column / sizeof of->column[0]; i++)
		text_addf(t, " %s", of->column[i]);
	text_addf(t, " %s%s%s", of->command, of->arguments[0] == '\0' ? "" :
	    " ", of->arguments);
}

/* Does a name of *_interfaces have an address of that family? */
static bool
host_has(const struct postfix *p, const char *name, enum ip_family family)
{
	struct ip ip;

	for (size_t i = 0; postfix_host(p, name, i, &ip); i++)
		if (ip.family == family)
			return true;
	return false;
}

/*
 * The words of a list of interfaces that hold for a family, with commas.
 * False: nothing is to be said, since it names no address.
 */
static bool
interfaces_of(const struct postfix *p, const struct postfix_service *s,
    const char *name, enum ip_family family, struct text *out)
{
	char *list = postfix_value(p, s, name);
	const char *at = list == NULL ? "" : list;
	bool names_addresses = false;
	char *word;

	while ((word = postfix_next_word(&at)) != NULL) {
		bool is_all = text_equal_fold(word, "all") ||
		    text_equal_fold(word, "loopback-only");
		struct ip ip;
		bool is_address = ip_parse(word, &ip) == 0;

		names_addresses |= !is_all;
		if (is_all || (is_address ? ip.family == family :
		    host_has(p, word, family)))
			text_addf(out, "%s%s", out->len > 0 ? "," : "", word);
		free(word);
	}
	free(list);
	return names_addresses;
}

static bool
is_set(const struct postfix *p, const struct postfix_service *s,
    const char *name)
{
	char *value = postfix_value(p, s, name);
	bool set = value != NULL && *value != '\0';

	free(value);
	return set;
}

/* What a service of one family has beyond the one that it copies. */
static void
add_family(struct text *t, const struct postfix *p,
    const struct postfix_service *of, enum ip_family family,
    const struct ip *from)
{
	const char *bind = family == IP_4 ? "smtp_bind_address" :
	    "smtp_bind_address6";
	char address[IP_SIZE] = "";
	bool binds = is_set(p, of, bind);
	struct text words;

	if (from->family == family)
		(void)ip_format(from, address);
	text_addf(t, " -o inet_protocols=%s", family == IP_4 ? "ipv4" :
	    "ipv6");
	text_init(&words, POSTFIX_VALUE_MAX);
	if (interfaces_of(p, of, "inet_interfaces", family, &words)) {
		binds = true;
		text_addf(t, " -o inet_interfaces=%s", words.len > 0 ?
		    words.buf : address[0] != '\0' ? address :
		    "loopback-only");
	}
	text_clear(&words);
	if (interfaces_of(p, of, "proxy_interfaces", family, &words))
		text_addf(t, " -o proxy_interfaces=%s", words.buf);
	text_free(&words);
	if (binds && address[0] != '\0')
		text_addf(t, " -o %s=%s", bind, address);
}

/* The limits that main.cf has for the old service, for the new one. */
static int
copy_limits(const struct postfix *p, const char *of, const char *name,
    struct text_list *out)
{
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		const char *value;
		struct text t;
		int rc;

		text_init(&t, LINE_MAX_BYTES);
		text_addf(&t, "%s_%s", of, limits[i]);
		value = postfix_written(p, t.buf);
		if (value == NULL || value[0] == '$' || value[0] == '\0') {
			text_free(&t);
			continue;
		}
		text_clear(&t);
		text_addf(&t, "%s_%s=%s", name, limits[i], value);
		rc = t.cut ? -1 : text_list_add(out, t.buf);
		text_free(&t);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* Does the service send over this family, and only over it? */
static bool
has_only(const struct postfix *p, const struct postfix_service *s,
    enum ip_family family)
{
	char *value = postfix_value(p, s, "inet_protocols");
	bool only = value != NULL && text_equal_fold(value, family == IP_4 ?
	    "ipv4" : "ipv6");

	free(value);
	return only;
}

static struct transport_plan_service *
planned_service(struct transport_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_services; i++)
		if (strcmp(plan->service[i].name, name) == 0)
			return &plan->service[i];
	return NULL;
}

/* Adds the service, whose line is taken. NULL: no room or memory. */
static struct transport_plan_service *
add_service(struct transport_plan *plan, const char *name, char *line,
    bool is_there)
{
	struct transport_plan_service *s;

	if (line == NULL || plan->n_services == TRANSPORT_PLAN_SERVICES) {
		free(line);
		return NULL;
	}
	s = &plan->service[plan->n_services++];
	*s = (struct transport_plan_service){ .line = line,
		.is_there = is_there };
	(void)snprintf(s->name, sizeof s->name, "%s", name);
	return s;
}

static char *
line_there(const struct postfix_service *s)
{
	struct text t;

	text_init(&t, LINE_MAX_BYTES);
	add_columns(&t, s->name, s);
	return text_take(&t);
}

/* A name of one of the plan's services: "smtp-ipv4", or with a number behind
 * it where that is another one's. line: as it would be. */
static struct transport_plan_service *
find_or_add(struct transport_plan *plan, const char *base,
    const struct postfix_service *of, const char *rest)
{
	char name[DESTINATION_TRANSPORT_SIZE];

	for (int i = 1; i <= NAMES_TRIED; i++) {
		const struct postfix_service *there;
		struct transport_plan_service *s;
		struct text t;
		char *line, *old;

		if (snprintf(name, sizeof name, i == 1 ? "%s" : "%s-%d", base,
		    i) >= (int)sizeof name)
			return NULL;
		text_init(&t, LINE_MAX_BYTES);
		add_columns(&t, name, of);
		text_add(&t, rest);
		line = text_take(&t);
		s = planned_service(plan, name);
		there = postfix_service(plan->postfix, name, "unix");
		if (s == NULL && there == NULL) {
			s = add_service(plan, name, line, false);
			return s != NULL && copy_limits(plan->postfix,
			    of->name, name, &s->settings) == 0 ? s : NULL;
		}
		old = s != NULL ? strdup(s->line) : line_there(there);
		if (line != NULL && old != NULL && strcmp(line, old) == 0) {
			free(old);
			if (s == NULL)
				return add_service(plan, name, line, true);
			free(line);
			return s;
		}
		free(old);
		free(line);
	}
	return NULL;
}

const struct transport_plan_entry *
transport_plan_entry(const struct transport_plan *plan, const char *domain)
{
	for (size_t i = 0; i < plan->n_entries; i++)
		if (strcmp(plan->entry[i].domain, domain) == 0)
			return &plan->entry[i];
	return NULL;
}

static int
add_entry(struct transport_plan *plan, const char *domain, const char *value)
{
	struct transport_plan_entry *more;
	size_t at = 0;

	if (transport_plan_entry(plan, domain) != NULL)
		return 0;
	if (plan->n_entries == TRANSPORT_PLAN_ENTRIES)
		return -1;
	more = realloc(plan->entry, (plan->n_entries + 1) * sizeof *more);
	if (more == NULL)
		return -1;
	plan->entry = more;
	while (at < plan->n_entries && strcmp(more[at].domain, domain) < 0)
		at++;
	memmove(&more[at + 1], &more[at], (plan->n_entries - at) *
	    sizeof *more);
	plan->n_entries++;
	(void)snprintf(more[at].domain, sizeof more->domain, "%s", domain);
	(void)snprintf(more[at].value, sizeof more->value, "%s", value);
	return 0;
}

/* May both stand in a table, and the names in a command? */
static bool
may_be_printed(const char *domain, const struct transport_answer *way)
{
	return escape_is_plain_name(domain) &&
	    escape_is_plain_name(way->mailer) &&
	    is_made_of(way->host, "._:[],-");
}

enum transport_planned
transport_plan_family(struct transport_plan *plan, const char *domain,
    const struct transport_answer *way, enum ip_family family,
    const struct ip *from, char *value)
{
	const struct postfix_service *of = postfix_service(plan->postfix,
	    way->mailer, "unix");
	struct transport_plan_service *s;
	char name[DESTINATION_TRANSPORT_SIZE];
	struct text rest;

	value[0] = '\0';
	if (of == NULL || strcmp(of->command, "smtp") != 0)
		return TRANSPORT_NOT_SMTP;
	if (!may_be_printed(domain, way) || snprintf(name, sizeof name,
	    "%s-ipv%d", of->name, (int)family) >= (int)sizeof name)
		return TRANSPORT_ODD;
	if (has_only(plan->postfix, of, family))
		return TRANSPORT_BOUND;
	text_init(&rest, LINE_MAX_BYTES);
	add_family(&rest, plan->postfix, of, family, from);
	s = rest.cut ? NULL : find_or_add(plan, name, of, rest.buf);
	text_free(&rest);
	if (s == NULL)
		return TRANSPORT_FULL;
	(void)snprintf(value, TRANSPORT_PLAN_VALUE, "%s:%s", s->name,
	    strcmp(way->host, domain) == 0 ? "" : way->host);
	if (way->is_mapped)
		return TRANSPORT_MAPPED;
	return add_entry(plan, domain, value) == 0 ? TRANSPORT_PLANNED :
	    TRANSPORT_FULL;
}

/* What the relay's service has beyond "smtp": a login, over TLS alone, to the
 * host whose name is in the certificate. */
static void
add_login(struct text *t, const struct transport_plan *plan,
    const struct postfix_service *of, int port)
{
	text_addf(t, " -o smtp_sasl_auth_enable=yes"
	    " -o smtp_sasl_password_maps=texthash:%s"
	    " -o smtp_sasl_security_options=noanonymous"
	    " -o smtp_tls_security_level=secure", plan->password);
	if (!is_set(plan->postfix, of, "smtp_tls_CAfile"))
		text_add(t, " -o smtp_tls_CAfile="
		    "/etc/ssl/certs/ca-certificates.crt");
	if (port == PORT_SUBMISSIONS)
		text_add(t, " -o smtp_tls_wrappermode=yes");
}

enum transport_planned
transport_plan_relay(struct transport_plan *plan, const char *domain,
    const struct transport_answer *way, const char *host, int port,
    char *value)
{
	const struct postfix_service *of = postfix_service(plan->postfix,
	    "smtp", "unix");
	struct transport_plan_service *s;
	char hop[DOMAIN_SIZE + 16];
	struct text rest;

	value[0] = '\0';
	if (of == NULL)
		return TRANSPORT_NOT_SMTP;
	if (!may_be_printed(domain, way) || !escape_is_plain_name(host))
		return TRANSPORT_ODD;
	(void)snprintf(hop, sizeof hop, "[%s]:%d", host, port);
	if (plan->relay == NULL)
		plan->relay = strdup(hop);
	text_init(&rest, LINE_MAX_BYTES);
	add_login(&rest, plan, of, port);
	s = rest.cut ? NULL : find_or_add(plan, RELAY_SERVICE, of, rest.buf);
	text_free(&rest);
	if (s == NULL || plan->relay == NULL)
		return TRANSPORT_FULL;
	(void)snprintf(value, TRANSPORT_PLAN_VALUE, "%s:%s", s->name, hop);
	if (way->is_mapped)
		return TRANSPORT_MAPPED;
	return add_entry(plan, domain, value) == 0 ? TRANSPORT_PLANNED :
	    TRANSPORT_FULL;
}

/* The service that an entry names. */
static const struct postfix_service *
service_of(const struct transport_plan *plan, const char *value)
{
	char name[DESTINATION_TRANSPORT_SIZE];
	size_t len = strcspn(value, ":");

	if (len >= sizeof name)
		return NULL;
	memcpy(name, value, len);
	name[len] = '\0';
	return postfix_service(plan->postfix, name, "unix");
}

/* Reads "domain service:hop". False: it is none of ours, or its service is
 * gone. */
static bool
read_line(const struct transport_plan *plan, const char *line, size_t len,
    struct transport_plan_entry *out)
{
	size_t at = strcspn(line, " \t\n");
	size_t skip = at + strspn(line + at, " \t");

	if (line[0] == '#' || skip >= len || at >= sizeof out->domain ||
	    len - skip >= sizeof out->value)
		return false;
	(void)snprintf(out->domain, sizeof out->domain, "%.*s", (int)at, line);
	(void)snprintf(out->value, sizeof out->value, "%.*s",
	    (int)(len - skip), line + skip);
	return escape_is_plain_name(out->domain) &&
	    is_made_of(out->value, "._:[],-") &&
	    strchr(out->value, ':') != NULL &&
	    service_of(plan, out->value) != NULL;
}

int
transport_plan_read(struct transport_plan *plan, const char *text)
{
	while (*text != '\0') {
		struct transport_plan_entry new, *more;
		size_t len = strcspn(text, "\n");

		if (read_line(plan, text, len, &new) &&
		    plan->n_earlier < TRANSPORT_PLAN_ENTRIES) {
			more = realloc(plan->earlier, (plan->n_earlier + 1) *
			    sizeof *more);
			if (more == NULL)
				return -1;
			plan->earlier = more;
			more[plan->n_earlier++] = new;
		}
		text += len + (text[len] == '\n');
	}
	return 0;
}

enum transport_earlier
transport_plan_earlier(const struct transport_plan *plan, const char *domain)
{
	for (size_t i = 0; i < plan->n_earlier; i++) {
		const struct transport_plan_entry *e = &plan->earlier[i];
		const struct postfix_service *s;

		if (strcmp(e->domain, domain) != 0)
			continue;
		s = service_of(plan, e->value);
		if (has_only(plan->postfix, s, IP_4))
			return TRANSPORT_EARLIER_IPV4;
		return has_only(plan->postfix, s, IP_6) ?
		    TRANSPORT_EARLIER_IPV6 : TRANSPORT_EARLIER_RELAY;
	}
	return TRANSPORT_EARLIER_NONE;
}

int
transport_plan_keep(struct transport_plan *plan, const char *domain)
{
	for (size_t i = 0; i < plan->n_earlier; i++) {
		const struct transport_plan_entry *e = &plan->earlier[i];
		const struct postfix_service *s;

		if (strcmp(e->domain, domain) != 0)
			continue;
		s = service_of(plan, e->value);
		if (planned_service(plan, s->name) == NULL &&
		    add_service(plan, s->name, line_there(s), true) == NULL)
			return -1;
		return add_entry(plan, domain, e->value);
	}
	return 0;
}

bool
transport_plan_is_empty(const struct transport_plan *plan)
{
	return plan->n_services == 0;
}

/* In single quotes for a shell. */
static void
quote(FILE *out, const char *s)
{
	(void)fputc('\'', out);
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			(void)fputs("'\\''", out);
		else
			(void)fputc(*s, out);
	}
	(void)fputc('\'', out);
}

/* "postconf" of this folder, behind the indent. */
static void
print_program(const struct transport_plan *plan, int indent,
    const char *program, FILE *out)
{
	(void)fprintf(out, "%*s%s", indent, "", program);
	if (strcmp(plan->folder, "/etc/postfix") != 0)
		(void)fprintf(out, " -c %s", plan->folder);
}

static void
print_setting(const struct transport_plan *plan, int indent,
    const char *option, const char *setting, FILE *out)
{
	print_program(plan, indent, "postconf", out);
	(void)fprintf(out, " %s ", option);
	quote(out, setting);
	(void)fputc('\n', out);
}

/* transport_maps with ours first. */
static void
print_maps(const struct transport_plan *plan, int indent, FILE *out)
{
	struct text t;

	text_init(&t, POSTFIX_VALUE_MAX);
	text_addf(&t, "transport_maps=%s%s%s", plan->map,
	    plan->maps_before[0] == '\0' ? "" : ", ", plan->maps_before);
	print_setting(plan, indent, "-e", t.buf, out);
	text_free(&t);
}

static void
print_services(const struct transport_plan *plan, int indent, FILE *out)
{
	for (size_t i = 0; i < plan->n_services; i++) {
		const struct transport_plan_service *s = &plan->service[i];
		char *edit = joined(s->name, "/unix=", s->line);

		if (!s->is_there && edit != NULL)
			print_setting(plan, indent, "-M", edit, out);
		for (size_t k = 0; k < s->settings.n; k++)
			print_setting(plan, indent, "-e", s->settings.v[k],
			    out);
		free(edit);
	}
}

/* The table of destinations, written by the shell. */
static void
print_table(const struct transport_plan *plan, int indent, FILE *out)
{
	(void)fprintf(out, "%*sprintf '%%s\\n' >%s", indent, "", plan->table);
	for (size_t i = 0; i < plan->n_entries; i++)
		(void)fprintf(out, " \\\n%*s  '%s %s'", indent, "",
		    plan->entry[i].domain, plan->entry[i].value);
	(void)fputc('\n', out);
}

void
transport_plan_commands(const struct transport_plan *plan, int indent,
    FILE *out)
{
	if (plan->relay != NULL)
		(void)fprintf(out, "%*s(umask 077; cat >%s)\n%*s  "
		    "%s USER:PASSWORD   (type this line, then Ctrl-D)\n",
		    indent, "", plan->password, indent, "", plan->relay);
	if (plan->n_entries > 0)
		print_table(plan, indent, out);
	print_services(plan, indent, out);
	if (plan->n_entries > 0 && !plan->is_mapped)
		print_maps(plan, indent, out);
	print_program(plan, indent, "postfix", out);
	(void)fputs(" reload\n", out);
}

void
transport_plan_undo(const struct transport_plan *plan, int indent, FILE *out)
{
	char *maps = joined("transport_maps=", plan->maps_before, "");

	if (plan->n_entries > 0 && maps != NULL &&
	    plan->maps_before[0] != '\0')
		print_setting(plan, indent, "-e", maps, out);
	else if (plan->n_entries > 0)
		print_setting(plan, indent, "-X", "transport_maps", out);
	free(maps);
	for (size_t i = 0; i < plan->n_services; i++) {
		const struct transport_plan_service *s = &plan->service[i];
		char *name = joined(s->name, "/unix", "");

		if (name != NULL)
			print_setting(plan, indent, "-MX", name, out);
		free(name);
		for (size_t k = 0; k < s->settings.n; k++) {
			char *set = strndup(s->settings.v[k],
			    strcspn(s->settings.v[k], "="));

			if (set != NULL)
				print_setting(plan, indent, "-X", set, out);
			free(set);
		}
	}
	print_program(plan, indent, "postfix", out);
	(void)fputs(" reload\n", out);
	if (plan->n_entries > 0)
		(void)fprintf(out, "%*srm %s\n", indent, "", plan->table);
}
