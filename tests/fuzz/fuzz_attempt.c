/* SPDX-License-Identifier: ISC */
/*
 * A whole log through the joiner. Each line begins with a digit: whose it is
 * (0 smtp, 1 qmgr, 2 waybilld, 3 smtpd, 4 pickup, 5 bounce).
 */
#include "record/attempt.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIGITS = 6, FUZZ_LINES_MAX = 200 };

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
	static const char *const statuses[] = { "sent", "deferred", "refused",
		NULL };
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
	if (a->waits < -1 || a->waits > 1 || strlen(a->text) > 4096)
		abort();
}

static void
forget(void *arg, const char *qid, const char *text)
{
	(void)arg;
	if (qid[0] == '\0' || strchr(text, '\n') != NULL)
		abort();
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tags[DIGITS] = { "postfix/smtp",
		"postfix/qmgr", "waybilld", "postfix/smtpd", "postfix/pickup",
		"postfix/bounce" };
	static struct reply_rules *rules;
	static const struct recipient_rules recipients;
	static struct source_line line;
	struct attempt_options o = { .recipients = &recipients,
		.fallback = "", .emit = check };
	struct attempt_joiner *j;
	struct err err;
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
		size_t len = (size_t)(end - p) - (end > p);

		memset(&line, 0, sizeof line);
		line.time_us = INT64_C(1795507150000000) + (int64_t)n * 300000;
		line.pid = 7;
		strcpy(line.tag, tags[end > p ? *p % DIGITS : 0]);
		line.len = len > SOURCE_TEXT_MAX ? SOURCE_TEXT_MAX : len;
		memcpy(line.text, p + 1, end > p ? line.len : 0);
		line.len = strlen(line.text);
		attempt_joiner_line(j, 0, &line);
		p = end + 1;
	}
	attempt_joiner_save(j, forget, NULL);
	(void)attempt_joiner_oldest(j);
	attempt_joiner_free(&j);
	return 0;
}
