/* SPDX-License-Identifier: ISC */
/*
 * waybill report: what became of the mail of a period, by destination and
 * family, and what was rejected or deferred; or all of it as a page.
 */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tool/command.h"
#include "tool/html.h"
#include "tool/output.h"
#include "tool/reader.h"
#include "tool/report.h"
#include "tool/report_text.h"

enum { OPTION_SINCE = 256, OPTION_BY, OPTION_FORWARDED, OPTION_HTML,
	OPTION_JSON };

static const struct command_option options[] = {
	{ "since", OPTION_SINCE, "DURATION", "period to report, such as 24h or "
	    "2w (default 7d)" },
	{ "by", OPTION_BY, "destination|provider|family|class|author|day",
	    "group rows by" },
	{ "forwarded", OPTION_FORWARDED, NULL,
	    "also count bounces and mail forwarded for others" },
	{ "html", OPTION_HTML, "FILE", "write an HTML page with charts to "
	    "FILE" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object per line" },
	{ NULL, 0, NULL, NULL },
};

/* One run: what is asked, and where it goes. */
struct run {
	const struct config *config;
	struct report_options o;
	bool json;
	const char *page;	/* FILE of --html, or NULL */
};

static bool
find_by(const char *name, enum report_by *by)
{
	for (int i = 0; i < REPORT_BYS; i++)
		if (strcmp(name, report_by_name((enum report_by)i)) == 0) {
			*by = (enum report_by)i;
			return true;
		}
	return false;
}

static int
read_options(struct call *call, struct run *r)
{
	int64_t since_ms = INT64_C(7) * 86400 * 1000;
	int code = EXIT_OK;
	int id;

	while ((id = command_next(call, &code)) > 0) {
		switch (id) {
		case OPTION_SINCE:
			if (clock_parse_duration(call->value, &since_ms) != 0 ||
			    since_ms <= 0)
				return command_usage(call, "invalid duration "
				    "\"%s\" (examples: 7d, 24h, 2w)",
				    call->value);
			break;
		case OPTION_BY:
			if (!find_by(call->value, &r->o.by))
				return command_usage(call, "--by: unknown "
				    "value \"%s\"; use destination, provider, "
				    "family, class, author or day",
				    call->value);
			break;
		case OPTION_FORWARDED:
			r->o.with_forwarded = true;
			break;
		case OPTION_HTML:
			r->page = call->value;
			break;
		case OPTION_JSON:
			r->json = true;
			break;
		}
	}
	if (id < 0)
		return code == EXIT_OK ? -1 : code;
	if (call->argc > 0)
		return command_usage(call, "unexpected argument: %s",
		    call->argv[0]);
	if (r->json && r->page != NULL)
		return command_usage(call, "--html and --json cannot be "
		    "combined");
	report_period(time(NULL), since_ms, &r->o);
	return 0;
}

/* 0, or -1 with err. */
static int
write_page(struct store *s, const struct report *r, const char *host,
    struct reply_rules *rules, FILE *out, struct err *err)
{
	struct html_page page = { .report = r, .host = host,
		.now = time(NULL) };
	int rc = html_gather(s, &page, err);

	if (rc == 0 && page.lost)
		rc = err_set(err, EXIT_TEMPORARY, "out of memory: the page "
		    "would be incomplete");
	if (rc == 0)
		html_write(&page, rules, out);
	html_free(&page);
	return rc;
}

/* Where the record was read: says it. 0, or -1 with err. */
static int
tell(struct store *s, const struct run *run, const struct report *r, FILE *out,
    struct err *err)
{
	struct reply_rules *rules = NULL;
	char host[256];
	int rc = 0;

	if (run->json)
		return report_json(r, out) == 0 ? 0 : err_set(err,
		    EXIT_TEMPORARY, "out of memory");
	(void)reader_host(run->config, host, sizeof host);
	/* Without the rules a class still has its sentence. */
	rules = reader_rules(err);
	if (run->page == NULL)
		report_text(r, rules, host, out);
	else
		rc = write_page(s, r, host, rules, out, err);
	reply_rules_free(&rules);
	return rc;
}

static int
report(void *arg, FILE *out)
{
	const struct run *run = arg;
	struct report r = { 0 };
	struct err err = { 0 };
	struct store *s = reader_open(run->config, &err);
	int code = EXIT_OK;

	if (s == NULL || report_gather(s, &run->o, &r, &err) != 0 ||
	    tell(s, run, &r, out, &err) != 0)
		code = command_fail(&err);
	store_close(&s);
	if (r.lost && code == EXIT_OK) {
		err_set(&err, EXIT_TEMPORARY, "out of memory: the counts are "
		    "too low");
		code = command_fail(&err);
	}
	report_free(&r);
	return code;
}

static int
run(struct call *call)
{
	struct run r = { .o.by = REPORT_DESTINATION };
	struct config *c;
	int code = read_options(call, &r);

	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	r.config = c;
	code = output_write(r.page, &(struct worker){ .make = report,
	    .arg = &r, .config = c, .reads = WORKER_READS_STORE });
	config_free(&c);
	return code;
}

const struct command command_report = {
	"report", run, "",
	"Show what happened to your mail over a period", options,
};
