/* SPDX-License-Identifier: ISC */
/* What waybill status says of the logs, without a journal and a Postfix: which
 * logs there are, when the journal begins and what maillog_file is are told by
 * the row. */
#include "tool/log_trust.h"

#include "record/log_sources.h"
#include "record/postfix_told.h"
#include "unit.h"

enum { SOURCES_MAX = 3 };

#define MAIL_LOG "/var/log/mail.log"
#define POSTFIX_LOG "/var/log/postfix.log"

struct expected {
	enum finding_severity severity;
	const char *subject;
	const char *fact;	/* a part of it that no other one has */
	bool has_fix;
};

static const struct row {
	const char *name;
	const char *sources[SOURCES_MAX];	/* none: there is no log */
	int64_t journal_us;
	const char *maillog_file;
	struct expected want[SOURCES_MAX];
} rows[] = {
	{ "a journal alone", { "journal" }, 1, "",
	  { { FINDING_OK, "journal", "as far as root, postfix and", false } } },
	{ "a journal without mail", { "journal" }, 0, "",
	  { { FINDING_OK, "journal", "no line of mail yet", false } } },
	{ "a file beside a journal", { "journal", MAIL_LOG }, 1, "",
	  { { FINDING_OK, "journal", "as far as root", false },
	    { FINDING_OK, MAIL_LOG, "up to where the journal begins",
	      false } } },
	{ "a file beside a journal without mail", { "journal", MAIL_LOG }, 0,
	  "", { { FINDING_OK, "journal", "no line of mail yet", false },
	    { FINDING_NOTE, MAIL_LOG, "the record believes them", true } } },
	{ "a file without a journal", { MAIL_LOG }, 1, "",
	  { { FINDING_NOTE, MAIL_LOG, "the record believes them", true } } },
	{ "maillog_file beside a journal", { "journal", POSTFIX_LOG }, 1,
	  POSTFIX_LOG, { { FINDING_OK, "journal", "as far as root", false },
	    { FINDING_OK, POSTFIX_LOG, "by Postfix alone", false } } },
	{ "maillog_file and an open file", { POSTFIX_LOG, MAIL_LOG }, 0,
	  POSTFIX_LOG, { { FINDING_OK, POSTFIX_LOG, "by Postfix alone", false },
	    { FINDING_NOTE, MAIL_LOG, "the record believes them", true } } },
	{ "all three", { "journal", POSTFIX_LOG, MAIL_LOG }, 1, POSTFIX_LOG,
	  { { FINDING_OK, "journal", "as far as root", false },
	    { FINDING_OK, POSTFIX_LOG, "by Postfix alone", false },
	    { FINDING_OK, MAIL_LOG, "up to where the journal", false } } },
	{ "another name of maillog_file", { "/var/log/../log/postfix.log" }, 0,
	  POSTFIX_LOG, { { FINDING_NOTE, "/var/log/../log/postfix.log",
	      "the record believes them", true } } },
	{ "standard input", { "-" }, 0, "", { { .subject = NULL } } },
	{ "no log", { NULL }, 0, "",
	  { { FINDING_WARN, "", "no log was found", false } } },
};
static const struct row *row;

int __wrap_log_sources_find(const struct text_list *, const char *,
    struct text_list *, struct err *);
int64_t __wrap_log_sources_journal_begins(void);
void __wrap_postfix_told(const char *, const char *, char *, size_t);

int
__wrap_log_sources_find(const struct text_list *wanted, const char *postfix,
    struct text_list *list, struct err *err)
{
	(void)wanted;
	(void)postfix;
	for (size_t i = 0; i < SOURCES_MAX && row->sources[i] != NULL; i++)
		assert_int_equal(text_list_add(list, row->sources[i]), 0);
	return list->n > 0 ? 0 : err_set(err, EXIT_UNAVAILABLE,
	    "no log was found");
}

int64_t
__wrap_log_sources_journal_begins(void)
{
	return row->journal_us;
}

void
__wrap_postfix_told(const char *postfix, const char *parameter, char *value,
    size_t size)
{
	assert_string_equal(postfix, "/etc/postfix");
	assert_string_equal(parameter, "maillog_file");
	snprintf(value, size, "%s", row->maillog_file);
}

static void
compare(const struct finding *got, const struct expected *want)
{
	if (got->severity != want->severity ||
	    strcmp(got->key, "log") != 0 ||
	    strcmp(got->subject, want->subject) != 0 ||
	    strstr(got->fact, want->fact) == NULL ||
	    (got->fix[0] != '\0') != want->has_fix)
		fail_msg("%s: %s %s: %s (%s)", row->name,
		    finding_severity_name(got->severity), got->subject,
		    got->fact, got->fix);
}

static void
each_log_says_who_can_write_into_it(void **state)
{
	struct config c = { .sender.postfix = (char *)"/etc/postfix" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct findings f = { 0 };
		size_t n = 0;

		row = &rows[i];
		log_trust_find(&c, &f);
		while (n < SOURCES_MAX && row->want[n].subject != NULL)
			n++;
		if (f.n != n)
			fail_msg("%s: %zu findings", row->name, f.n);
		for (size_t k = 0; k < n; k++)
			compare(&f.v[k], &row->want[k]);
		findings_free(&f);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(each_log_says_who_can_write_into_it))
