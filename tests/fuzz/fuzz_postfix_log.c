/* SPDX-License-Identifier: ISC */
/* A line of Postfix's log: the first byte picks the program. */
#include "record/postfix_log.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tags[] = { "postfix/smtp", "postfix/qmgr",
		"postfix/smtpd", "postfix/pickup", "postfix/cleanup",
		"postfix/bounce", "postfix/postsuper", "postfix/local",
		"postfix/postscreen" };
	const size_t n = sizeof tags / sizeof tags[0];
	static struct source_line line;
	static struct postfix_line out;
	char id[POSTFIX_QID_MAX + 1];

	if (size == 0)
		return 0;
	memset(&line, 0, sizeof line);
	strcpy(line.tag, tags[data[0] % n]);
	line.len = size - 1 < SOURCE_TEXT_MAX ? size - 1 : SOURCE_TEXT_MAX;
	memcpy(line.text, data + 1, line.len);
	postfix_log_parse(&line, &out);
	if (out.reply != NULL && (out.reply < line.text ||
	    out.reply + out.reply_len > line.text + line.len))
		abort();
	(void)postfix_log_queued_as(&out, id);
	postfix_log_parse_notice(line.text, line.len, &out);
	if (out.reply < line.text ||
	    out.reply + out.reply_len > line.text + line.len)
		abort();
	return 0;
}
