/* SPDX-License-Identifier: ISC */
/*
 * waybill report: what became of the mail of a period, by destination and
 * family, and what was refused or slowed down.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tool/command.h"
#include "tool/reader.h"
#include "tool/report.h"
#include "tool/report_text.h"

enum { OPTION_SINCE = 256, OPTION_BY, OPTION_FORWARDED, OPTION_JSON };

static const struct command_option options[] = {
	{ "since", OPTION_SINCE, "DURATION", "how far back: 7d, 24h" },
	{ "by", OPTION_BY, "destination|provider|family|class|author|day",
	    "what a line is of" },
	{ "forwarded", OPTION_FORWARDED, NULL,
	    "count bounces and mail forwarded for others too" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object a line" },
	{ NULL, 0, NULL, NULL },
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
read_options(struct call *call, struct report_options *o, bool *json)
{
	int64_t since_ms = INT64_C(7) * 86400 * 1000;
	int code = EXIT_OK;
	int id;

	while ((id = command_next(call, &code)) > 0) {
		switch (id) {
		case OPTION_SINCE:
			if (clock_parse_duration(call->value, &since_ms) != 0 ||
			    since_ms <= 0)
				return command_usage(call, "no duration: %s; "
				    "as in 7d, 24h, 2w", call->value);
			break;
		case OPTION_BY:
			if (!find_by(call->value, &o->by))
				return command_usage(call, "--by %s: it is one "
				    "of destination, provider, family, class, "
				    "author, day", call->value);
			break;
		case OPTION_FORWARDED:
			o->with_forwarded = true;
			break;
		case OPTION_JSON:
			*json = true;
			break;
		}
	}
	if (id < 0)
		return code == EXIT_OK ? -1 : code;
	if (call->argc > 0)
		return command_usage(call, "it takes no argument: %s",
		    call->argv[0]);
	report_period(time(NULL), since_ms, o);
	return 0;
}

static int
report(const struct config *c, const struct report_options *o, bool json)
{
	struct refusal_rules *rules = NULL;
	struct report r = { 0 };
	struct err err = { 0 };
	char host[256] = "";
	struct store *s = reader_open(c, &err);
	int code = EXIT_OK;

	if (s == NULL || report_gather(s, o, &r, &err) != 0)
		code = command_fail(&err);
	store_close(&s);
	if (code == EXIT_OK && json) {
		if (report_json(&r, stdout) != 0)
			code = EXIT_TEMPORARY;
	} else if (code == EXIT_OK) {
		if (strcmp(c->sender.hostname, "auto") != 0)
			snprintf(host, sizeof host, "%s", c->sender.hostname);
		else if (gethostname(host, sizeof host - 1) != 0)
			host[0] = '\0';
		/* Without the rules a class still has its sentence. */
		rules = reader_rules(&err);
		report_text(&r, rules, host, stdout);
	}
	if (r.lost) {
		err_set(&err, EXIT_TEMPORARY, "out of memory: the counts are "
		    "too low");
		code = command_fail(&err);
	}
	refusal_rules_free(&rules);
	report_free(&r);
	return code;
}

static int
run(struct call *call)
{
	struct report_options o = { .by = REPORT_DESTINATION };
	bool json = false;
	struct config *c;
	int code = read_options(call, &o, &json);

	if (code != 0)
		return code < 0 ? EXIT_OK : code;
	c = command_read_config(call, &code);
	if (c == NULL)
		return code;
	code = report(c, &o, json);
	config_free(&c);
	return code;
}

const struct command command_report = {
	"report", run, "", "Say what became of the mail of a period", options,
};
