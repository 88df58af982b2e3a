/* SPDX-License-Identifier: ISC */
/*
 * An error message on its way from where something failed to the one place
 * that prints it. It is always one line, although it contains file names and
 * replies of servers: whatever could move a cursor or change a terminal
 * becomes "?", as do bytes that are not UTF-8 (a lone 0x9b also begins an
 * escape sequence). UTF-8 is kept, because paths may contain it.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/text.h"

static void
err_one_line(char *s)
{
	char *out = s;

	while (*s != '\0') {
		uint32_t c;
		size_t len = escape_decode(s, &c);

		if (len == 0 || escape_is_control(c)) {
			*out++ = '?';
			s += len == 0 ? 1 : len;
			continue;
		}
		while (len-- > 0)
			*out++ = *s++;
	}
	*out = '\0';
}

void
err_print(const char *program, const char *fmt, ...)
{
	char said[2 * sizeof ((struct err *)NULL)->text];
	struct text line;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(said, sizeof said, fmt, ap);
	va_end(ap);
	text_init(&line, 8 * sizeof said);
	text_addf(&line, "%s: ", program);
	escape_terminal(&line, said);
	text_add(&line, "\n");
	/* A failure here cannot be reported. */
	ssize_t written = write(STDERR_FILENO, line.buf, line.len);
	(void)written;
	text_free(&line);
}

int
err_set(struct err *err, enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	err_one_line(err->text);
	return -1;
}

int
err_errno(struct err *err, enum exit_code code, const char *fmt, ...)
{
	int number = errno;
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	size_t len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof err->text - len, ": %s",
	    strerror(number));
	err_one_line(err->text);
	errno = number;
	return -1;
}

int
err_prefix(struct err *err, const char *fmt, ...)
{
	char old[sizeof err->text];
	va_list ap;

	if (err == NULL)
		return -1;
	memcpy(old, err->text, sizeof old);
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	size_t len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof err->text - len, ": %s", old);
	err_one_line(err->text);
	return -1;
}

void
err_list_add(struct err_list *list, const struct err *err)
{
	if (list == NULL)
		return;
	if (list->n > ERR_LIST_MAX) {
		list->more++;
		(void)err_set(&list->v[ERR_LIST_MAX], err->code,
		    "and %zu more errors", list->more);
		return;
	}
	struct err *v = realloc(list->v, (list->n + 1) * sizeof *v);
	if (v == NULL)
		return;
	list->v = v;
	if (list->n == ERR_LIST_MAX) {
		list->more = 1;
		(void)err_set(&v[list->n], err->code, "and 1 more error");
	} else {
		v[list->n] = *err;
	}
	list->n++;
}

void
err_list_free(struct err_list *list)
{
	free(list->v);
	*list = (struct err_list){0};
}

int
err_no_memory(const char *program)
{
	err_print(program, "out of memory");
	return EXIT_TEMPORARY;
}
