/* SPDX-License-Identifier: ISC */
/* A line of a log file: its head. */
#include "record/source.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct source_line line;
	struct source_minute minute = { .len = 0 };
	int64_t time_us;

	memset(&line, 0, sizeof line);
	if (source_parse((const char *)data, size, INT64_C(1795507150000000),
	    &minute, &line) != 0)
		return 0;
	time_us = line.time_us;
	if (source_parse((const char *)data, size, INT64_C(1795507150000000),
	    &minute, &line) != 0 || line.time_us != time_us)
		abort();
	if (line.len > SOURCE_TEXT_MAX || strlen(line.text) != line.len ||
	    line.tag[0] == '\0')
		abort();
	return 0;
}
