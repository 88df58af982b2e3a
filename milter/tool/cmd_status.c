/* SPDX-License-Identifier: ISC */
/*
 * waybill status: does waybilld answer, which services of Postfix ask it, from
 * which addresses mail leaves, which keys sign, does the recorder keep up and
 * what did it see, and what to do next. It looks only: at Postfix by
 * postconf(1), at waybilld by an option negotiation on its socket, at the
 * kernel, at the record. DNS isn't asked: waybill dns does that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/identity.h"
#include "config/public.h"
#include "find/postfix_milter.h"
#include "find/postfix_run.h"
#include "find/sender.h"
#include "tool/command.h"
#include "tool/daemon.h"
#include "tool/finding.h"
#include "tool/lately.h"
#include "tool/log_trust.h"

enum { OPTION_JSON = 256, STATUS_ANSWER_MS = 3000 };

static const struct command_option options[] = {
	{ "json", OPTION_JSON, NULL, "print JSON, one object a line" },
	{ NULL, 0, NULL, NULL },
};

static void
find_daemon(const struct config *c, struct findings *f)
{
	const char *at = c->socket;

	switch (daemon_ask(at, clock_ms() + STATUS_ANSWER_MS)) {
	case DAEMON_ANSWERS:
		findings_add(f, FINDING_OK, "daemon", at, IP_NONE, NULL,
		    "waybilld answers at %s", at);
		break;
	case DAEMON_SILENT:
		findings_add(f, FINDING_FAIL, "daemon", at, IP_NONE,
		    "Look at its log, then restart it",
		    "What listens at %s doesn't answer as a milter does", at);
		break;
	case DAEMON_ABSENT:
		findings_add(f, FINDING_FAIL, "daemon", at, IP_NONE,
		    access("/run/systemd/system", F_OK) == 0
		    ? "Start it: sudo systemctl start waybilld"
		    : "Start it: sudo service waybilld start",
		    "waybilld doesn't run: nobody listens at %s", at);
		break;
	case DAEMON_DENIED:
		findings_add(f, FINDING_NOTE, "daemon", at, IP_NONE,
		    "Ask as root: sudo waybill status",
		    "Whether waybilld answers at %s can't be seen by you", at);
		break;
	}
}

/* Does the service name a socket that ends like ours and lies elsewhere, since
 * it is chrooted or isn't? Then its path. */
static const char *
misplaced_path(const struct postfix_attachment *a, const char *socket)
{
	const char *slash = strrchr(socket, '/');

	for (size_t i = 0; slash != NULL && i < a->n &&
	    i < POSTFIX_MILTERS_MAX; i++) {
		const char *path = a->milter[i].path;
		const char *last = strrchr(path, '/');
		if (a->milter[i].is_unix && last != NULL &&
		    strcmp(last, slash) == 0 && strstr(path, "waybill") != NULL)
			return path;
	}
	return NULL;
}

static void
find_detached(const struct postfix_attachment *a, const struct config *c,
    const char *who, struct findings *f)
{
	bool cleanup = strcmp(a->service->command, "cleanup") == 0;
	const char *elsewhere = misplaced_path(a, c->socket);
	const char *lost = cleanup ? "mail of sendmail(1) isn't signed"
	    : "mail that comes by it isn't signed";

	if (elsewhere != NULL)
		findings_add(f, FINDING_FAIL, "attached", who, IP_NONE,
		    "Name it relative to queue_directory, which is right in "
		    "and out of the chroot: unix:waybill/milter",
		    "%s asks at %s, where waybilld isn't: %s", who, elsewhere,
		    lost);
	else if (a->state == POSTFIX_DETACHED)
		findings_add(f, FINDING_FAIL, "attached", who, IP_NONE,
		    "Attach it: sudo waybill-setup",
		    "%s doesn't ask waybilld: %s", who, lost);
	else if (a->n > 0)
		findings_add(f, FINDING_WARN, "attached", who, IP_NONE,
		    cleanup ? "If it should be: add waybilld to its -o "
		    "non_smtpd_milters in master.cf" : "If it should be: add "
		    "waybilld to its -o smtpd_milters in master.cf",
		    "%s asks other milters by an option of its own, not "
		    "waybilld: %s", who, lost);
	else
		findings_add(f, FINDING_NOTE, "attached", who, IP_NONE, NULL,
		    "%s is kept free of milters by an option of its own: "
		    "right for a port that takes mail back from a filter",
		    who);
}

static void
find_attachment(const struct postfix_attachment *a, const struct config *c,
    struct findings *f)
{
	char who[200];

	(void)snprintf(who, sizeof who, "%s/%s", a->service->name,
	    a->service->type);
	switch (a->state) {
	case POSTFIX_ATTACHED:
		findings_add(f, FINDING_OK, "attached", who, IP_NONE, NULL,
		    "%s asks waybilld%s", who, a->n > 1
		    ? ", as the last of its milters" : "");
		break;
	case POSTFIX_NOT_LAST:
		findings_add(f, FINDING_WARN, "attached", who, IP_NONE,
		    "Put waybilld's entry last in its list of milters",
		    "%s asks another milter after waybilld: what that one "
		    "changes breaks the signature", who);
		break;
	case POSTFIX_TWICE:
		findings_add(f, FINDING_WARN, "attached", who, IP_NONE,
		    "Leave one entry of waybilld in its list of milters",
		    "%s asks waybilld more than once", who);
		break;
	case POSTFIX_DETACHED:
	case POSTFIX_KEPT_FREE:
		find_detached(a, c, who, f);
		break;
	}
	if (a->has_unknown)
		findings_add(f, FINDING_NOTE, "attached", who, IP_NONE, NULL,
		    "%s names a milter in a form that Postfix doesn't know",
		    who);
}

static void
find_attachments(const struct postfix *p, const struct config *c,
    struct findings *f)
{
	size_t n;
	struct postfix_attachment *v = postfix_attachments(p, c->socket, &n);

	for (size_t i = 0; i < n; i++)
		find_attachment(&v[i], c, f);
	if (n == 0)
		findings_add(f, FINDING_FAIL, "attached", NULL, IP_NONE, NULL,
		    "Postfix has neither an smtpd nor a cleanup service: it "
		    "takes no mail");
	free(v);
}

static void
find_loopback(const struct postfix *p, const struct config *c,
    struct findings *f)
{
	const char *why = postfix_filter_why(p);

	if (why != NULL && text_list_has_fold(&c->outgoing.networks, "auto"))
		findings_add(f, FINDING_NOTE, "loopback", NULL, IP_NONE,
		    "If nobody but you sends from there: outgoing { networks "
		    "= { \"127.0.0.0/8\", \"::1\" } }",
		    "Mail of clients on loopback isn't signed: %s", why);
}

/* The address of a family that mail leaves from by the transport "smtp". */
static void
find_address(const struct sender_family *s, enum ip_family family,
    struct findings *f)
{
	char ip[IP_SIZE];
	const char *option = family == IP_4 ? "sender.ipv4" : "sender.ipv6";
	char fix[200];

	(void)ip_format(&s->ip, ip);
	(void)snprintf(fix, sizeof fix, "Set %s in waybill.conf to the "
	    "address that receivers see", option);
	if (s->bind_is_absent)
		findings_add(f, FINDING_WARN, "bind", NULL, family,
		    family == IP_4 ? "Fix smtp_bind_address in main.cf"
		    : "Fix smtp_bind_address6 in main.cf",
		    "Postfix is to send from an %s address that this host "
		    "hasn't got", family == IP_4 ? "IPv4" : "IPv6");
	if (s->differs)
		findings_add(f, FINDING_WARN, "bind", ip, family, fix,
		    "%s is configured, but mail leaves from another address",
		    ip);
	if (s->ip.family == IP_NONE)
		findings_add(f, FINDING_NOTE, "address", NULL, family, NULL,
		    "No mail leaves over %s", family == IP_4 ? "IPv4"
		    : "IPv6");
	else if (!s->is_global)
		findings_add(f, FINDING_WARN, "nat", ip, family, fix,
		    "Mail leaves from %s, which isn't the address that "
		    "receivers see", ip);
	else if (!s->differs)
		findings_add(f, FINDING_OK, "address", ip, family, NULL,
		    "Mail leaves from %s (%s)", ip,
		    sender_source_name(s->source));
}

static void
find_addresses(const struct postfix *p, const struct config *c,
    struct findings *f)
{
	struct sender *s = sender_new(p, &(struct sender_options){
	    .ipv4 = &c->sender.ipv4, .ipv6 = &c->sender.ipv6,
	    .hostname = c->sender.hostname });

	if (s == NULL) {
		f->lost = true;
		return;
	}
	const struct sender_transport *t = sender_transport(s, NULL);
	find_address(&t->ip4, IP_4, f);
	find_address(&t->ip6, IP_6, f);
	sender_release(&s);
}

static void
find_key(const struct identity *id, const struct key *key, struct findings *f)
{
	findings_add(f, FINDING_OK, "key", id->domain, IP_NONE, NULL,
	    "%s%s is signed for with key %s (%s, %u bits)", id->domain,
	    id->subdomains ? " with its subdomains" : "", key->selector,
	    key_type(key->algorithm), key->bits);
}

static void
find_keys(const struct config *c, struct findings *f)
{
	struct err_list errors = { 0 }, warnings = { 0 };
	struct identity_table *t = identity_table_new(c, key_group(c->user),
	    &errors, &warnings);
	struct err err = { 0 };
	const char *fix = geteuid() == 0 ? NULL
	    : "Look as root: sudo waybill status";

	if (t != NULL && geteuid() == 0 && public_write(c, t, &err) != 0)
		findings_add(f, FINDING_WARN, "key", NULL, IP_NONE, NULL,
		    "The public halves can't be written: %s", err.text);
	for (size_t i = 0; i < errors.n; i++)
		findings_add(f, FINDING_FAIL, "key", NULL, IP_NONE, fix, "%s",
		    errors.v[i].text);
	for (size_t i = 0; i < warnings.n; i++)
		findings_add(f, FINDING_WARN, "key", NULL, IP_NONE, NULL, "%s",
		    warnings.v[i].text);
	for (size_t i = 0; t != NULL && i < identity_count(t); i++) {
		const struct identity *id = identity_at(t, i);
		for (size_t k = 0; k < id->nkeys; k++)
			find_key(id, id->keys[k], f);
	}
	if (t != NULL && identity_count(t) == 0)
		findings_add(f, FINDING_FAIL, "key", NULL, IP_NONE,
		    "Make one: sudo waybill keygen DOMAIN",
		    "There is no key: no mail is signed");
	if (!c->sign.enabled)
		findings_add(f, FINDING_NOTE, "sign", NULL, IP_NONE, NULL,
		    "Signing is off (sign.enabled): waybilld observes");
	identity_table_free(&t);
	err_list_free(&errors);
	err_list_free(&warnings);
}

/* Is this a Postfix that can be looked at? */
static bool
find_postfix(const struct postfix *p, const struct config *c,
    struct findings *f)
{
	const char *folder = c->sender.postfix;

	switch (postfix_found(p)) {
	case POSTFIX_NONE:
		findings_add(f, FINDING_FAIL, "postfix", folder, IP_NONE,
		    "Install it, or set sender.postfix to its folder",
		    "No Postfix: %s", postfix_why(p));
		return false;
	case POSTFIX_UNREADABLE:
		findings_add(f, FINDING_FAIL, "postfix", folder, IP_NONE,
		    "Fix main.cf or master.cf; postfix check says more",
		    "Postfix's configuration can't be read: %s",
		    postfix_why(p));
		return false;
	case POSTFIX_FOUND:
		break;
	}
	return true;
}

static void
print_next(const struct findings *f)
{
	const struct finding *first = findings_first(f, FINDING_FAIL);

	if (first == NULL)
		first = findings_first(f, FINDING_WARN);
	if (findings_worst(f) >= FINDING_WARN && first == NULL)
		return;
	(void)fputs("\nNext: ", stdout);
	print_word(stdout, PRINT_PLAIN, first == NULL
	    ? "publish what DNS lacks, if anything: waybill dns"
	    : first->fix);
	(void)fputc('\n', stdout);
}

static int
status(const struct config *c, enum print_form form)
{
	struct findings f = { 0 };
	struct findings of_record = { 0 };
	struct err err;

	/* Before the keys: what this process knows its workers know. */
	lately_find(c, &of_record);
	struct postfix *p = postfix_read(NULL, c->sender.postfix, 0, &err);
	int code = EXIT_OK;

	if (p == NULL)
		return command_fail(&err);
	find_daemon(c, &f);
	if (find_postfix(p, c, &f)) {
		find_attachments(p, c, &f);
		find_loopback(p, c, &f);
		find_addresses(p, c, &f);
	}
	find_keys(c, &f);
	log_trust_find(c, &f);
	findings_join(&f, &of_record);
	if (findings_print(&f, FINDING_OK, stdout, form) != 0)
		code = EXIT_TEMPORARY;
	else if (postfix_found(p) == POSTFIX_NONE)
		code = EXIT_UNAVAILABLE;
	else if (findings_worst(&f) >= FINDING_WARN)
		code = EXIT_ATTENTION;
	if (form == PRINT_TABLE)
		print_next(&f);
	findings_free(&f);
	postfix_release(&p);
	return code;
}

static int
run(struct call *call)
{
	enum print_form form = PRINT_TABLE;
	int code = EXIT_OK, id;

	while ((id = command_next(call, &code)) > 0)
		form = PRINT_JSON;
	if (id < 0)
		return code;
	if (call->argc > 0)
		return command_usage(call, "takes no argument");
	struct config *c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	code = status(c, form);
	config_free(&c);
	return code;
}

const struct command command_status = {
	"status", run, "", "Say whether waybill works here, and what to do next",
	options,
};
