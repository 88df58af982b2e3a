/* SPDX-License-Identifier: ISC */
/*
 * waybill spf DOMAIN: the SPF result for this host's own addresses, or for
 * those of --ip: what decided, and what it cost.
 *
 * waybill spf --stdin answers lines ADDR<TAB>HELO<TAB>MAILBOX with one word
 * each, at once, as a policy server or a test wants it. An empty mailbox or
 * "<>" means the HELO name. A line that can't be read is answered too
 * ("unchecked"), so that answers stay in step with lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/domain.h"
#include "find/spf.h"
#include "tool/asker.h"
#include "tool/command.h"
#include "tool/own.h"
#include "tool/print.h"

enum {
	OPTION_IP = 256, OPTION_HELO, OPTION_SENDER, OPTION_STDIN, OPTION_JSON,
};

enum { IPS_MAX = 2 * OWN_ADDRESSES_MAX };

static const struct command_option options[] = {
	{ "ip", OPTION_IP, "ADDR",
	    "judge this address (again and again)" },
	{ "helo", OPTION_HELO, "NAME", "say this name in EHLO" },
	{ "sender", OPTION_SENDER, "MAILBOX", "send from this mailbox" },
	{ "stdin", OPTION_STDIN, NULL,
	    "answer lines ADDR<TAB>HELO<TAB>MAILBOX" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object a line" },
	{ NULL, 0, NULL, NULL },
};

/* What the arguments ask for. */
struct wish {
	struct ip ips[IPS_MAX];
	size_t n;
	const char *helo;
	const char *sender;
	bool reads_stdin;
	bool wants_json;
	bool is_own;		/* ips are this host's, not from --ip */
};

static enum print_paint
paint_of(enum spf_result r)
{
	switch (r) {
	case SPF_PASS:
		return PRINT_GOOD;
	case SPF_FAIL:
	case SPF_PERMERROR:
		return PRINT_BAD;
	case SPF_UNCHECKED:
		return PRINT_DIM;
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_SOFTFAIL:
	case SPF_TEMPERROR:
		break;
	}
	return PRINT_ODD;
}

static void
print_finding(struct print *p, const char *domain, const struct ip *ip,
    const struct spf_finding *f)
{
	char text[IP_SIZE];

	print_text(p, domain);
	print_text(p, ip_format(ip, text));
	print_painted(p, paint_of(f->result), spf_result_name(f->result));
	print_text(p, f->term[0] != '\0' ? f->term : NULL);
	print_number(p, f->lookups);
	print_number(p, f->voids);
	print_text(p, f->why);
	print_row(p);
}

/* A mailbox out of angle brackets, in place. */
static char *
bare_mailbox(char *s)
{
	size_t len = strlen(s);

	if (len >= 2 && s[0] == '<' && s[len - 1] == '>') {
		s[len - 1] = '\0';
		return s + 1;
	}
	return s;
}

/* One line of --stdin; false when it isn't of the form. */
static bool
answer_line(struct resolver *r, char *line, struct spf_finding *f)
{
	char *helo = strchr(line, '\t'), *mailbox, *at;
	struct spf_query q = { 0 };

	*f = (struct spf_finding){ .result = SPF_UNCHECKED };
	if (helo == NULL)
		return false;
	*helo++ = '\0';
	mailbox = strchr(helo, '\t');
	if (mailbox == NULL || ip_parse(line, &q.ip) < 0)
		return false;
	*mailbox++ = '\0';
	mailbox = bare_mailbox(mailbox);
	at = strrchr(mailbox, '@');
	q.helo = helo;
	q.sender = mailbox;
	q.domain = at != NULL ? at + 1 : mailbox[0] != '\0' ? mailbox : helo;
	spf_find(r, &q, clock_ms() + ASKER_PATIENCE_MS, f);
	return true;
}

static int
answer_stdin(struct resolver *r)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	unsigned long number = 0;
	int code = EXIT_OK;

	while ((len = getline(&line, &size, stdin)) >= 0) {
		struct spf_finding f;

		number++;
		while (len > 0 && strchr("\r\n", line[len - 1]) != NULL)
			line[--len] = '\0';
		if (!answer_line(r, line, &f)) {
			struct err err;
			err_set(&err, EXIT_DATA, "line %lu isn't "
			    "ADDR<TAB>HELO<TAB>MAILBOX", number);
			code = command_fail(&err);
		}
		(void)puts(spf_result_name(f.result));
		(void)fflush(stdout);
		if (ferror(stdout))
			break;
	}
	free(line);
	return code;
}

static int
judge(struct resolver *r, struct print *p, const char *domain,
    const struct wish *w)
{
	int code = EXIT_OK;

	for (size_t i = 0; i < w->n; i++) {
		struct spf_query q = { .domain = domain, .ip = w->ips[i],
		    .helo = w->helo, .sender = w->sender };
		struct spf_finding f = { .result = SPF_UNCHECKED,
		    .why = "not a global address (behind NAT?); set "
		    "sender.ipv4 or sender.ipv6 to what others see" };

		if (!w->is_own || ip_is_global(&w->ips[i]))
			spf_find(r, &q, clock_ms() + ASKER_PATIENCE_MS, &f);
		print_finding(p, domain, &w->ips[i], &f);
		if (f.result != SPF_PASS)
			code = EXIT_ATTENTION;
	}
	return code;
}

/* This host's addresses and name, where none are given. own keeps the name. */
static int
fill_own(const struct config *c, struct wish *w, struct own *own,
    struct err *err)
{
	if (own_find(c, own, err) < 0)
		return -1;
	if (own->n == 0)
		return err_set(err, EXIT_ATTENTION, "no own address is known; "
		    "name one (--ip ADDR), or set sender.ipv4 and sender.ipv6");
	memcpy(w->ips, own->ips, own->n * sizeof *own->ips);
	w->n = own->n;
	w->is_own = true;
	if (w->helo == NULL && own->helo[0] != '\0')
		w->helo = own->helo;
	return 0;
}

static int
judge_domain(struct resolver *r, const struct config *c, const char *name,
    struct wish *w)
{
	static const struct print_column columns[] = {
		{ "domain", "DOMAIN", false }, { "ip", "ADDRESS", false },
		{ "result", "RESULT", false }, { "term", "TERM", false },
		{ "lookups", "LOOK-UPS", true }, { "voids", "VOID", true },
		{ "why", "WHY", false },
	};
	struct err err = { 0 };
	char domain[DOMAIN_SIZE];
	struct own own;
	struct print *p;
	int code;

	if (domain_to_ascii(name, domain) < 0) {
		err_set(&err, EXIT_DATA, "\"%s\" is no domain: %s", name,
		    domain_fault(name));
		return command_fail(&err);
	}
	if (w->n == 0 && fill_own(c, w, &own, &err) < 0)
		return command_fail(&err);
	p = print_begin(stdout, w->wants_json ? PRINT_JSON : PRINT_TABLE,
	    columns, sizeof columns / sizeof columns[0]);
	code = judge(r, p, domain, w);
	return print_end(&p) < 0 ? EXIT_TEMPORARY : code;
}

static int
read_options(struct call *call, struct wish *w)
{
	int code = EXIT_OK, id;

	while ((id = command_next(call, &code)) > 0) {
		switch (id) {
		case OPTION_IP:
			if (w->n == IPS_MAX)
				return command_usage(call, "over %d addresses",
				    IPS_MAX);
			if (ip_parse(call->value, &w->ips[w->n]) < 0)
				return command_usage(call, "no address: %s",
				    call->value);
			w->n++;
			break;
		case OPTION_HELO:
			w->helo = call->value;
			break;
		case OPTION_SENDER:
			w->sender = call->value;
			break;
		case OPTION_STDIN:
			w->reads_stdin = true;
			break;
		case OPTION_JSON:
			w->wants_json = true;
			break;
		}
	}
	if (id < 0)
		return code == EXIT_OK ? -1 : code;
	if (w->reads_stdin && (call->argc > 0 || w->n > 0 ||
	    w->wants_json || w->helo != NULL || w->sender != NULL))
		return command_usage(call, "--stdin stands alone");
	if (!w->reads_stdin && call->argc != 1)
		return command_usage(call, call->argc == 0 ?
		    "a domain is missing" : "one domain at a time");
	return 0;
}

static int
run(struct call *call)
{
	struct wish w = { .n = 0 };
	struct err err = { 0 };
	struct config *c;
	struct resolver *r;
	int code = read_options(call, &w);

	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	r = asker_resolver(c, &err);
	if (r == NULL)
		code = command_fail(&err);
	else if (w.reads_stdin)
		code = answer_stdin(r);
	else
		code = judge_domain(r, c, call->argv[0], &w);
	resolver_free(&r);
	config_free(&c);
	return code;
}

const struct command command_spf = {
	"spf", run, "DOMAIN | --stdin",
	"Say whether SPF lets an address send for a domain", options,
};
