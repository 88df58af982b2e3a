/* SPDX-License-Identifier: ISC */
/*
 * Log files: one that is followed, old ones, standard input.
 *
 * A followed file is known again by a fingerprint of its first bytes, not by
 * its name or inode: so it is found after a rename, a copy with truncation, a
 * compression and a restart. Behind the position go the rest of that file,
 * the rotated files that came after it, and the file itself, each once.
 *
 * Rotated files are the siblings PATH.N, PATH-DATE and PATH.DATE, with .gz,
 * .xz or .zst behind it, in the order of their last change. Compressed ones
 * are read through gzip(1), xz(1), zstd(1), started without a shell.
 *
 * A writer that is told of a rotation may still write into the old file while
 * another one begins the new one (postlogd(8), after a reload). So a file that
 * has just changed is read to its end, and left only when it has settled.
 *
 * Where the fingerprint is found nowhere (the log was deleted) all that is
 * there is read; the store takes no line twice.
 */
#include "record/source.h"
#include "record/source_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

/* Rotated files that are looked at; bytes that know a file again; a line that
 * is longer than the buffer is passed over. */
enum { ROTATED_MAX = 400, PRINT_BYTES = 256, BUFFER_SIZE = 65536 };

/* A rotated file has settled so long after its last change; a writer that never
 * stops is waited for no longer than the second. */
enum { SETTLED_S = 5, SETTLED_S_MAX = 60 };

/* One file being read, compressed or not. */
struct reading {
	int fd;			/* -1: none */
	pid_t child;		/* that uncompresses into fd; 0: none */
	dev_t dev;
	ino_t ino;
	uint64_t offset;	/* of buf[start], in uncompressed bytes */
	uint64_t line_offset;	/* of the line given last */
	uint64_t print;		/* fingerprint of its first print_len bytes */
	size_t print_len;
	bool skipping;		/* the rest of a line that was too long */
	int64_t limit_us;
	struct source_minute minute;	/* of the line given last */
	size_t start;
	size_t end;
	char *buf;		/* BUFFER_SIZE, owned */
};

struct file_source {
	char *name;		/* "file:PATH" */
	char *path;		/* followed; NULL: only the queue is read */
	struct text_list queue;	/* files before it, oldest first */
	size_t at;		/* the next of them */
	bool follows;		/* the queue is done, path is open or awaited */
	bool is_paused;		/* its end was reached */
	bool may_grow;		/* the open file, though it was rotated */
	int64_t settling_us;	/* since when its rotation is known; 0 */
	bool is_stdin;
	uint64_t skip;		/* offset to begin at in the next file */
	uint64_t done;		/* bytes of files that are finished */
	uint64_t total;
	struct reading in;
	char position[SOURCE_POSITION_MAX];
};

static const struct {
	const char *suffix;
	const char *program;
} compressions[] = {
	{ ".gz", "gzip" },
	{ ".xz", "xz" },
	{ ".zst", "zstd" },
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static const char *
compression_of(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(compressions[i].suffix);

		if (len > n && strcmp(path + len - n,
		    compressions[i].suffix) == 0)
			return compressions[i].program;
	}
	return NULL;
}

static void
reading_end(struct reading *in)
{
	if (in->fd >= 0)
		close(in->fd);
	if (in->child > 0) {
		/* It ends by itself when nobody reads; don't wait for that. */
		kill(in->child, SIGTERM);
		waitpid(in->child, NULL, 0);
	}
	in->fd = -1;
	in->child = 0;
	in->start = in->end = 0;
	in->offset = 0;
	in->print_len = 0;
	in->skipping = false;
}

/* Starts "program -dc" with the file as its input; its output's fd, or -1. */
static int
uncompress(const char *program, int fd, pid_t *child)
{
	int out[2];

	if (pipe2(out, O_CLOEXEC) != 0)
		return -1;
	*child = fork();
	if (*child == 0) {
		dup2(fd, 0);
		dup2(out[1], 1);
		execlp(program, program, "-dc", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	if (*child < 0) {
		*child = 0;
		close(out[0]);
		return -1;
	}
	return out[0];
}

static int
reading_begin(struct reading *in, const char *path, struct err *err)
{
	const char *program = compression_of(path);
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && errno == EACCES)
		return err_set(err, EXIT_UNAVAILABLE, "%s: the user that the "
		    "recorder runs as may not read it; give it mode 640 and "
		    "group adm (for Postfix's maillog_file also: postconf -e "
		    "maillog_file_permissions=0640, and its directory group "
		    "adm and mode 2750)", path);
	if (fd < 0)
		return err_errno(err, EXIT_UNAVAILABLE, "%s", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, EXIT_DATA, "%s: not a regular file", path);
	}
	in->dev = st.st_dev;
	in->ino = st.st_ino;
	in->limit_us = (int64_t)st.st_mtime * 1000000;
	if (program != NULL) {
		int plain = uncompress(program, fd, &in->child);

		close(fd);
		if (plain < 0)
			return err_errno(err, EXIT_UNAVAILABLE,
			    "%s: can't start %s", path, program);
		fd = plain;
	}
	in->fd = fd;
	return 0;
}

/* Reads more behind what is in the buffer: bytes got, 0 at the end, -1. */
static ssize_t
reading_fill(struct reading *in)
{
	ssize_t n;

	if (in->start > 0) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	do
		n = read(in->fd, in->buf + in->end, BUFFER_SIZE - in->end);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n;
	if (in->offset + in->start == 0 && in->print_len < PRINT_BYTES) {
		size_t have = in->end + (size_t)n;

		in->print_len = have < PRINT_BYTES ? have : PRINT_BYTES;
		in->print = hash_add(0, in->buf, in->print_len);
	}
	in->end += (size_t)n;
	return n;
}

/* Does the file at path begin with len bytes of this fingerprint? */
static bool
begins_with(const char *path, uint64_t print, size_t len)
{
	char first[PRINT_BYTES];
	struct reading in = { .fd = -1 };
	size_t have = 0;

	if (reading_begin(&in, path, NULL) != 0)
		return false;
	while (have < len) {
		ssize_t n = read(in.fd, first + have, len - have);

		if (n <= 0)
			break;
		have += (size_t)n;
	}
	reading_end(&in);
	return have == len && hash_add(0, first, len) == print;
}

struct sibling {
	const char *path;
	int64_t changed_ns;
	off_t size;
};

static int
compare_siblings(const void *a, const void *b)
{
	const struct sibling *x = a;
	const struct sibling *y = b;

	if (x->changed_ns != y->changed_ns)
		return x->changed_ns < y->changed_ns ? -1 : 1;
	/* PATH.2 is older than PATH.1 when both changed in one moment. */
	return strverscmp(y->path, x->path);
}

/* The rotated files of path into list, oldest first. */
static int
list_siblings(const char *path, struct text_list *list, uint64_t *total)
{
	struct sibling siblings[ROTATED_MAX];
	size_t n = 0;
	char pattern[4096];
	glob_t g = { 0 };
	int rc = 0;

	for (size_t f = 0; f < 2; f++) {
		snprintf(pattern, sizeof pattern, "%s%c[0-9]*", path,
		    f == 0 ? '.' : '-');
		(void)glob(pattern, f == 0 ? 0 : GLOB_APPEND, NULL, &g);
	}
	for (size_t i = 0; i < g.gl_pathc && n < ROTATED_MAX; i++) {
		struct stat st;

		if (stat(g.gl_pathv[i], &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		siblings[n].path = g.gl_pathv[i];
		siblings[n].changed_ns = (int64_t)st.st_mtim.tv_sec *
		    1000000000 + st.st_mtim.tv_nsec;
		siblings[n++].size = st.st_size;
	}
	qsort(siblings, n, sizeof siblings[0], compare_siblings);
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = text_list_add(list, siblings[i].path);
		*total += (uint64_t)siblings[i].size;
	}
	globfree(&g);
	return rc;
}

/* Sets the queue so that reading goes on at the position, or from the oldest
 * file where it is found nowhere. */
static void
locate(struct file_source *s, const char *position)
{
	uint64_t print;
	uint64_t offset;
	size_t len;

	s->at = 0;
	s->skip = 0;
	if (position == NULL || sscanf(position, "print=%" SCNx64
	    " len=%zu offset=%" SCNu64, &print, &len, &offset) != 3 ||
	    len > PRINT_BYTES)
		return;
	if (s->path != NULL && begins_with(s->path, print, len)) {
		s->at = s->queue.n;
		s->skip = offset;
		return;
	}
	for (size_t i = s->queue.n; i-- > 0; )
		if (begins_with(s->queue.v[i], print, len)) {
			s->at = i;
			s->skip = offset;
			return;
		}
}

static void
file_close(void *self)
{
	struct file_source *s = self;

	reading_end(&s->in);
	free(s->in.buf);
	text_list_free(&s->queue);
	free(s->path);
	free(s->name);
	free(s);
}

static struct file_source *
file_new(const char *name, struct err *err)
{
	struct file_source *s = calloc(1, sizeof *s);

	if (s != NULL) {
		s->in.fd = -1;
		s->in.buf = malloc(BUFFER_SIZE);
		s->name = strdup(name);
	}
	if (s != NULL && s->in.buf != NULL && s->name != NULL)
		return s;
	if (s != NULL)
		file_close(s);
	err_set(err, EXIT_TEMPORARY, "%s: out of memory", name);
	return NULL;
}

/* Opens what comes next: a file of the queue, then the followed one. */
static enum source_state
open_next(struct file_source *s, struct err *err)
{
	while (s->at < s->queue.n) {
		const char *path = s->queue.v[s->at++];

		if (reading_begin(&s->in, path, err) == 0)
			return SOURCE_LINE;
		if (s->path == NULL)
			return SOURCE_FAILED;	/* a named file must be there */
		s->skip = 0;		/* deleted meanwhile */
	}
	if (s->path == NULL)
		return SOURCE_END;
	s->follows = true;
	if (access(s->path, F_OK) != 0 && errno == ENOENT)
		return SOURCE_IDLE;	/* between rename and create */
	return reading_begin(&s->in, s->path, err) == 0 ? SOURCE_LINE :
	    SOURCE_FAILED;
}

/* Was the open file, which was rotated, changed just now? */
static bool
is_settling(struct file_source *s)
{
	int64_t now = now_us();
	struct stat st;
	int64_t age_s;

	if (fstat(s->in.fd, &st) != 0)
		return false;
	if (s->settling_us == 0)
		s->settling_us = now;
	age_s = now / 1000000 - (int64_t)st.st_mtime;
	return age_s > -SETTLED_S && age_s < SETTLED_S &&
	    now - s->settling_us < SETTLED_S_MAX * INT64_C(1000000);
}

/* Takes bytes until the position is reached in a file just opened. */
static bool
skip_bytes(struct file_source *s)
{
	struct reading *in = &s->in;

	while (s->skip > 0) {
		size_t have = in->end - in->start;

		if (have == 0) {
			if (reading_fill(in) <= 0)
				return false;
			continue;
		}
		if (have > s->skip)
			have = (size_t)s->skip;
		in->start += have;
		in->offset += have;
		s->skip -= have;
	}
	return true;
}

/* Is it still the file that was begun, or was it truncated and written anew,
 * past the bytes that were read of it? */
static bool
is_another(const struct reading *in)
{
	char first[PRINT_BYTES];
	ssize_t n = in->print_len == 0 ? 0 : pread(in->fd, first,
	    in->print_len, 0);

	return n != (ssize_t)in->print_len ||
	    (n > 0 && hash_add(0, first, (size_t)n) != in->print);
}

/* Was the followed file truncated? Then what is left is found by its
 * fingerprint. */
static bool
was_truncated(struct file_source *s)
{
	struct stat st;

	return fstat(s->in.fd, &st) == 0 &&
	    ((uint64_t)st.st_size < s->in.offset || is_another(&s->in));
}

/* Was the followed file renamed, and is there another? One without a byte is
 * one that the writer doesn't use yet. */
static bool
was_replaced(struct file_source *s)
{
	struct stat st;

	return stat(s->path, &st) == 0 && st.st_size > 0 &&
	    (st.st_ino != s->in.ino || st.st_dev != s->in.dev);
}

static void
write_position(struct file_source *s, uint64_t offset)
{
	if (s->in.fd >= 0 && s->in.print_len > 0)
		snprintf(s->position, sizeof s->position, "print=%" PRIx64
		    " len=%zu offset=%" PRIu64, s->in.print, s->in.print_len,
		    offset);
}

static void
relocate(struct file_source *s)
{
	char position[SOURCE_POSITION_MAX];

	write_position(s, s->in.offset);
	memcpy(position, s->position, sizeof position);
	s->done += s->in.offset;
	reading_end(&s->in);
	text_list_free(&s->queue);
	s->queue = (struct text_list){ 0 };
	s->follows = s->is_paused = false;
	(void)list_siblings(s->path, &s->queue, &s->total);
	locate(s, position);
}

/* A whole line in the buffer? Its length without the line break, or -1. At the
 * end of a file that isn't followed what is left is a line too. */
static ssize_t
line_in_buffer(struct file_source *s, bool at_end, size_t *taken)
{
	struct reading *in = &s->in;
	size_t have = in->end - in->start;
	char *lf = memchr(in->buf + in->start, '\n', have);

	if (lf != NULL) {
		*taken = (size_t)(lf - (in->buf + in->start)) + 1;
		return (ssize_t)*taken - 1;
	}
	if ((at_end && have > 0) || have == BUFFER_SIZE) {
		*taken = have;
		return (ssize_t)have;
	}
	return -1;
}

static bool
is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

enum { TAKE_LATER = 2 };

/* Takes the next line of the open file. 1 a line, 0 it is at its end, -1 an
 * error, TAKE_LATER when the pipe is empty. */
static int
take_line(struct file_source *s, struct source_line *line)
{
	struct reading *in = &s->in;
	bool at_end = false;

	for (;;) {
		size_t taken;
		ssize_t len = line_in_buffer(s, at_end && !s->follows &&
		    !s->may_grow, &taken);
		const char *p = in->buf + in->start;
		bool whole;
		bool is_rest = in->skipping;

		if (len < 0) {
			ssize_t n;

			if (at_end || (s->is_stdin && !is_readable(in->fd)))
				return at_end ? 0 : TAKE_LATER;
			n = reading_fill(in);
			if (n < 0)
				return -1;
			at_end = n == 0;
			continue;
		}
		whole = taken > (size_t)len || taken < BUFFER_SIZE;
		in->skipping = !whole;
		in->line_offset = in->offset;
		in->start += taken;
		in->offset += taken;
		if (!is_rest && source_parse(p, (size_t)len,
		    s->follows ? now_us() : in->limit_us, &in->minute,
		    line) == 0)
			return 1;
	}
}

/* The open file is at its end. SOURCE_LINE: reading goes on. */
static enum source_state
end_of_file(struct file_source *s)
{
	bool is_rotated = s->follows ? was_replaced(s) : s->may_grow;

	if (s->follows && (was_truncated(s) ||
	    (is_rotated && !is_settling(s)))) {
		relocate(s);
	} else if (s->follows || (is_rotated && is_settling(s))) {
		s->is_paused = true;
		return is_rotated ? SOURCE_SETTLING : SOURCE_IDLE;
	} else if (is_rotated) {
		s->may_grow = false;	/* reads what came until now */
	} else {
		s->done += s->in.offset;
		reading_end(&s->in);
		if (s->is_stdin)
			return SOURCE_END;
	}
	return SOURCE_LINE;
}

static enum source_state
file_next(void *self, struct source_line *line, struct err *err)
{
	struct file_source *s = self;

	for (;;) {
		enum source_state state;
		int got;

		if (s->in.fd < 0) {
			state = open_next(s, err);
			if (state != SOURCE_LINE)
				return state;
			if (!skip_bytes(s))
				s->skip = 0;	/* shorter than it was */
			s->may_grow = s->path != NULL && s->in.child == 0;
			s->settling_us = 0;
		}
		/* What comes after a pause is used only when the file is still
		 * the same: a line read twice would count twice. */
		if (s->is_paused) {
			s->is_paused = false;
			if (reading_fill(&s->in) > 0 && is_another(&s->in)) {
				relocate(s);
				continue;
			}
		}
		got = take_line(s, line);
		if (got == TAKE_LATER)
			return SOURCE_IDLE;
		if (got > 0)
			return SOURCE_LINE;
		if (got < 0) {
			err_errno(err, EXIT_UNAVAILABLE, "%s", s->name);
			return SOURCE_FAILED;
		}
		state = end_of_file(s);
		if (state != SOURCE_LINE)
			return state;
	}
}

static const char *
file_position(void *self)
{
	struct file_source *s = self;

	write_position(s, s->in.line_offset);
	return s->position;
}

static const char *
file_name(const void *self)
{
	return ((const struct file_source *)self)->name;
}

static void
file_progress(const void *self, uint64_t *done, uint64_t *total)
{
	const struct file_source *s = self;

	*done = s->done + s->in.offset;
	*total = s->total;
}

static int
file_fd(const void *self)
{
	const struct file_source *s = self;

	return s->is_stdin ? s->in.fd : -1;
}

static const struct source_ops file_ops = {
	.next = file_next,
	.position = file_position,
	.name = file_name,
	.fd = file_fd,
	.progress = file_progress,
	.close = file_close,
};

struct source *
source_open_file(const char *path, const char *position, struct err *err)
{
	char name[4096];
	struct file_source *s;
	struct stat st;

	snprintf(name, sizeof name, "file:%s", path);
	s = file_new(name, err);
	if (s == NULL)
		return NULL;
	s->path = strdup(path);
	if (s->path == NULL ||
	    list_siblings(path, &s->queue, &s->total) != 0) {
		err_set(err, EXIT_TEMPORARY, "%s: out of memory", path);
		file_close(s);
		return NULL;
	}
	if (stat(path, &st) == 0)
		s->total += (uint64_t)st.st_size;
	locate(s, position);
	return source_new(&file_ops, s);
}

struct source *
source_open_files(const struct text_list *paths, struct err *err)
{
	struct file_source *s = file_new("files", err);

	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < paths->n; i++) {
		struct stat st;

		if (text_list_add(&s->queue, paths->v[i]) != 0) {
			err_set(err, EXIT_TEMPORARY, "out of memory");
			file_close(s);
			return NULL;
		}
		if (stat(paths->v[i], &st) == 0)
			s->total += (uint64_t)st.st_size;
	}
	return source_new(&file_ops, s);
}

struct source *
source_open_stdin(void)
{
	struct file_source *s = file_new("stdin", NULL);

	if (s == NULL)
		return NULL;
	s->is_stdin = true;
	s->in.fd = STDIN_FILENO;
	s->in.limit_us = now_us();
	return source_new(&file_ops, s);
}
