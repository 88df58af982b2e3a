/* SPDX-License-Identifier: ISC */
/*
 * Where log lines go. Each line is one system call, so lines of threads and
 * processes never mix. They go to syslog(3) with facility mail and the pid,
 * which is where Postfix logs and where the recorder looks; or to standard
 * error as "ident[pid]: line", or, if standard error is connected to the
 * journal (sd-daemon(3), $JOURNAL_STREAM), as "<priority>line", since the
 * journal adds the rest. There is no fallback to the console, which could
 * block the caller for long.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum { LOG_HEAD_SIZE = 64 };

static const struct {
	int priority;
	const char *word;	/* in front of the sentence of log_say() */
} log_levels[] = {
	[LOG_LEVEL_ERROR] = {LOG_ERR, "error: "},
	[LOG_LEVEL_WARNING] = {LOG_WARNING, "warning: notice: "},
	[LOG_LEVEL_INFO] = {LOG_INFO, "notice: "},
	[LOG_LEVEL_DEBUG] = {LOG_DEBUG, "debug: "},
};

/*
 * Written only by log_open(), before there are threads, except for the level.
 */
static struct {
	const char *ident;
	enum log_sink sink;
	_Atomic int level;	/* enum log_level */
	bool journal;		/* standard error is connected to the journal */
} log_state = {"waybill", LOG_SINK_STDERR, LOG_LEVEL_INFO, false};

static bool
log_stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 &&
	    (unsigned long long)st.st_dev == dev &&
	    (unsigned long long)st.st_ino == ino;
}

static void
log_write(enum log_level level, const char *line)
{
	char buf[EVENT_LINE_MAX + LOG_HEAD_SIZE + 2];
	int n;

	if ((int)level > log_state.level)
		return;
	if (log_state.sink == LOG_SINK_SYSLOG) {
		syslog(log_levels[level].priority, "%s", line);
		return;
	}
	if (log_state.journal)
		n = snprintf(buf, sizeof buf, "<%d>%s\n",
		    log_levels[level].priority, line);
	else
		n = snprintf(buf, sizeof buf, "%.32s[%ld]: %s\n",
		    log_state.ident, (long)getpid(), line);
	if (n < 0)
		return;
	size_t len = (size_t)n < sizeof buf ? (size_t)n : sizeof buf - 1;
	buf[len - 1] = '\n';
	/* A failure to write the log cannot be logged. */
	ssize_t written = write(STDERR_FILENO, buf, len);
	(void)written;
}

void
log_open(const char *ident, enum log_sink sink, enum log_level level)
{
	log_state.ident = ident;
	log_state.sink = sink;
	log_state.level = level;
	log_state.journal = log_stderr_is_journal();
	/* Now, not at the first line: later the socket may be out of reach. */
	if (sink == LOG_SINK_SYSLOG)
		openlog(ident, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

void
log_set_level(enum log_level level)
{
	log_state.level = level;
}

void
log_event(struct event *e)
{
	log_write(e->warning ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
	    event_line(e));
}

void
log_say(enum log_level level, const char *fmt, ...)
{
	char line[EVENT_LINE_MAX + 1];
	va_list ap;

	int n = snprintf(line, sizeof line, "%s", log_levels[level].word);
	va_start(ap, fmt);
	(void)vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
	va_end(ap);
	for (char *p = line; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	log_write(level, line);
}
