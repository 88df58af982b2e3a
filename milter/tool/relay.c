/* SPDX-License-Identifier: ISC */
/*
 * All that commands print is text, JSON and HTML and scripts too, and none of it
 * has a byte that printable.h takes out, unless the worker was taken over. So
 * everything goes through it, wherever it leads: a pipe or a file often comes
 * to a terminal in the end.
 */
#include "tool/relay.h"

#include <errno.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	STEP = 65536,		/* bytes read at once */
	LEFT_MAX = 5 * STEP,	/* each of them escaped, and what was held */
	REWRITTEN_MAX = 200,	/* columns of a line that is written again */
};

void
relay_begin(struct relay *r)
{
	text_init(&r->left, LEFT_MAX);
	r->written = 0;
}

void
relay_free(struct relay *r)
{
	if (r->from >= 0)
		(void)close(r->from);
	r->from = -1;
	text_free(&r->left);
}

bool
relay_has_left(const struct relay *r)
{
	return r->written < r->left.len;
}

/* Cuts left where the bound is. A short line that the next one is written over,
 * as progress is, doesn't count. */
static void
bound(struct relay *r)
{
	struct text *t = &r->left;

	for (size_t i = 0; r->max > 0 && i < t->len; i++) {
		if (t->buf[i] == '\r' && r->printable.may_return &&
		    r->line <= REWRITTEN_MAX) {
			r->passed -= r->line;
			r->line = 0;
			continue;
		}
		r->line = t->buf[i] == '\n' ? 0 : r->line + 1;
		if (r->passed++ < r->max)
			continue;
		while (i > 0 && (t->buf[i] & 0xc0) == 0x80)
			i--;
		t->buf[i] = '\0';
		t->len = i;
		r->is_cut = true;
	}
}

static void
take(struct relay *r, const char *data, size_t len)
{
	if (r->is_cut || r->error != 0)
		return;
	if (r->is_data)
		text_add_bytes(&r->left, data, len);
	else
		printable_add(&r->printable, data, len, &r->left);
	bound(r);
	if (!r->is_cut || r->cut_line == NULL)
		return;
	printable_end(&r->printable, &r->left);
	text_add(&r->left, r->cut_line);
}

static void
end(struct relay *r)
{
	(void)close(r->from);
	r->from = -1;
	if (!r->is_cut)
		printable_end(&r->printable, &r->left);
}

void
relay_read(struct relay *r)
{
	char data[STEP];
	size_t most = r->is_last && r->rest < sizeof data ? r->rest :
	    sizeof data;
	ssize_t n = 0;

	if (r->from < 0 || relay_has_left(r))
		return;
	if (most > 0)
		n = read(r->from, data, most);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	text_clear(&r->left);
	r->written = 0;
	if (n <= 0) {
		end(r);
		return;
	}
	if (r->is_last)
		r->rest -= (size_t)n;
	take(r, data, (size_t)n);
}

void
relay_write(struct relay *r)
{
	const char *data = r->left.buf + r->written;
	size_t len = r->left.len - r->written;
	ssize_t n;

	n = r->to >= 0 ? write(r->to, data, len < PIPE_BUF ? len : PIPE_BUF) :
	    (ssize_t)fwrite(data, 1, len, r->memory);
	if (n > 0)
		r->written += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		r->error = n == 0 ? ENOMEM : errno;
		r->written = r->left.len;	/* nobody wants it */
	}
}

void
relay_set_last(struct relay *r)
{
	int n = 0;

	r->is_last = true;
	r->rest = r->from >= 0 && ioctl(r->from, FIONREAD, &n) == 0 && n > 0 ?
	    (size_t)n : 0;
}
