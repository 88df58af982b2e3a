/* SPDX-License-Identifier: ISC */
/*
 * A whole log through the joiner. Each line begins with a digit: whose it is
 * (0 smtp, 1 qmgr, 2 waybilld, 3 smtpd, 4 pickup, 5 bounce, 6 error, 7 cleanup,
 * 8 a second smtp). At the first line that begins with "9" the recorder is
 * restarted: what is known goes through the store's texts. (A joiner is large: one
 * more is most of the time that an input takes.)
 */
#include "record/attempt.h"

#include "base/event.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIGITS = 9, FUZZ_LINES_MAX = 200 };

static const int64_t FIRST_US = INT64_C(1795507150000000);
static const int64_t STEP_US = 300000;

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

/* What no line can change. */
static void
check(void *arg, const struct attempt *a)
{
	static const char *const statuses[] = { "sent", "deferred", "bounced",
		"expired", NULL };
	static const char *const kinds[] = { "own", "bounce", "forwarded",
		NULL };
	static const char *const families[] = { "ipv4", "ipv6", "", NULL };

	(void)arg;
	if (!is_one_of(a->status, statuses) || !is_one_of(a->kind, kinds) ||
	    !is_one_of(a->family, families))
		abort();
	if ((a->class[0] == '\0') != (strcmp(a->status, "sent") == 0))
		abort();
	if (strchr(a->recipient, '@') != NULL)
		abort();	/* the rules keep no address */
	if (a->queued < -1 || a->queued > 1 || strlen(a->text) > 4096)
		abort();
}

/* A time that one of the lines had, and an identity that the store can hold. */
static void
check_origin(int64_t time_us, uint64_t identity)
{
	int64_t since = time_us - FIRST_US;

	if (since < 0 || since % STEP_US != 0 ||
	    since / STEP_US >= FUZZ_LINES_MAX || identity > INT64_MAX)
		abort();
}

/* What is stored of a warning is what waybill-log(7) calls one. */
static void
check_warning(void *arg, int64_t time_us, uint64_t identity, const char *name,
    const char *text)
{
	static struct event_read e;

	(void)arg;
	check_origin(time_us, identity);
	if (name[0] == '\0' || strlen(text) > EVENT_LINE_MAX ||
	    event_parse(&e, text, strlen(text)) != 0 || !e.warning ||
	    strcmp(e.name, name) != 0)
		abort();
}

/* Only what has an identity here counts for its author. */
static void
check_message(void *arg, int64_t time_us, uint64_t identity,
    const char *author, const char *result, const char *why)
{
	(void)arg;
	check_origin(time_us, identity);
	if (strcmp(result, "unsigned") == 0 && author[0] != '\0')
		abort();
	if (strcmp(result, "expired") == 0 && why[0] != '\0')
		abort();
}

/* A text of the store; arg is the next joiner, or NULL. */
static void
carry_over(void *arg, const char *qid, const char *text)
{
	if (qid[0] == '\0' || strchr(text, '\n') != NULL)
		abort();
	if (arg != NULL)
		attempt_joiner_restore(arg, qid, text);
}

/* As after a restart of the recorder; a joiner without memory is kept. */
static void
restart(struct attempt_joiner **j, const struct attempt_options *o)
{
	struct err err;
	struct attempt_joiner *next = attempt_joiner_new(o, &err);
	struct text requests;

	if (next == NULL)
		return;
	attempt_joiner_save(*j, carry_over, next);
	attempt_joiner_requests(*j, &requests);
	attempt_joiner_resume(next, requests.buf);
	text_free(&requests);
	attempt_joiner_free(j);
	*j = next;
}

static struct reply_rules *
read_rules(void)
{
	char path[4096];
	struct err_list errors = { 0 };
	struct reply_rules *rules;

	snprintf(path, sizeof path, "%s/conf/replies",
	    getenv("srcdir") == NULL ? "." : getenv("srcdir"));
	rules = reply_rules_read(path, NULL, &errors);
	if (rules == NULL)
		abort();
	return rules;
}

static void
give_line(struct attempt_joiner *j, size_t n, const uint8_t *p, size_t len)
{
	static const char *const tags[DIGITS] = { "postfix/smtp",
		"postfix/qmgr", "waybilld", "postfix/smtpd", "postfix/pickup",
		"postfix/bounce", "postfix/error", "postfix/cleanup",
		"postfix/smtp" };
	static struct source_line line;
	unsigned digit = len == 0 ? 0 : (*p + DIGITS * 16U - '0') % DIGITS;

	memset(&line, 0, sizeof line);
	line.time_us = FIRST_US + (int64_t)n * STEP_US;
	line.pid = 7 + (digit == DIGITS - 1);
	strcpy(line.tag, tags[digit]);
	if (len > 0)
		len = len - 1 > SOURCE_TEXT_MAX ? SOURCE_TEXT_MAX : len - 1;
	memcpy(line.text, p + 1, len);
	line.len = strlen(line.text);
	attempt_joiner_line(j, 0, &line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reply_rules *rules;
	static const struct recipient_rules recipients;
	struct attempt_options o = { .recipients = &recipients,
		.fallback = "", .emit = check, .warned = check_warning,
		.message = check_message };
	struct attempt_joiner *j;
	struct err err;
	bool was_restarted = false;
	size_t n = 0;

	if (rules == NULL)
		rules = read_rules();
	o.rules = rules;
	j = attempt_joiner_new(&o, &err);
	if (j == NULL)
		return 0;
	for (const uint8_t *p = data; p < data + size && n < FUZZ_LINES_MAX;
	    n++) {
		const uint8_t *lf = memchr(p, '\n', size - (size_t)(p - data));
		const uint8_t *end = lf == NULL ? data + size : lf;

		if (*p == '9' && !was_restarted)
			restart(&j, &o);
		was_restarted = was_restarted || *p == '9';
		if (*p != '9')
			give_line(j, n, p, (size_t)(end - p));
		p = end + 1;
	}
	attempt_joiner_save(j, carry_over, NULL);
	(void)attempt_joiner_oldest(j);
	attempt_joiner_free(&j);
	return 0;
}
