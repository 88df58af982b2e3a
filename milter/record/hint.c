/* SPDX-License-Identifier: ISC */
/*
 * A pattern is read as far as it is made of letters, groups and alternatives:
 * each alternative has a piece of text that every match of it holds, the
 * longest that is sure. "(?:poor|bad) reputation|spam" wants " reputation" or
 * "spam". Of each piece its first and its last three bytes are looked for, in a
 * set of those of the text, which is a bitmap: two looks a piece.
 *
 *	ab?c		"a" and "c" are sure, "ab" isn't
 *	ab+c		"ab" is, then a new piece begins
 *	[..] . \d \b	end a piece
 *	(?:x|y)z	the better of "x or y" and "z"
 *
 * What else PCRE2 knows (assertions, options, references, \Q, \x) makes the
 * whole pattern one of which nothing is known.
 */
#include "record/hint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
	PIECES_MAX = 40,
	PIECE_MAX = 24,		/* bytes that are kept of one */
	PIECE_MIN = 3,
	DEPTH_MAX = 8,
};

/* Every match holds one of these; n 0: nothing is known. */
struct pieces {
	unsigned n;
	char text[PIECES_MAX][PIECE_MAX + 1];
};

struct hint {
	unsigned n;
	struct {
		uint16_t first;
		uint16_t last;
	} piece[];
};

struct pattern {
	const char *p;
	unsigned depth;
	bool is_strange;	/* holds what isn't understood */
};

enum item { ITEM_BYTE, ITEM_GROUP, ITEM_OTHER };
enum times { TIMES_ONE, TIMES_MORE, TIMES_NONE };

static void read_alternatives(struct pattern *in, struct pieces *out);

static void
skip_class(struct pattern *in)
{
	in->p += in->p[0] == '^';
	in->p += in->p[0] == ']';
	while (*in->p != '\0' && *in->p != ']') {
		/* "[:alpha:]" has a bracket of its own. */
		if (in->p[0] == '[' || (in->p[0] == '\\' && in->p[1] == 'Q'))
			in->is_strange = true;
		in->p += in->p[0] == '\\' && in->p[1] != '\0' ? 2 : 1;
	}
	if (*in->p == ']')
		in->p++;
	else
		in->is_strange = true;
}

static enum item
read_escape(struct pattern *in, char *byte)
{
	char c = *in->p;

	if (c == '\0') {
		in->is_strange = true;
		return ITEM_OTHER;
	}
	in->p++;
	if (!isalnum((unsigned char)c)) {
		*byte = c;
		return ITEM_BYTE;
	}
	if (strchr("bBdDsSwW", c) == NULL)
		in->is_strange = true;
	return ITEM_OTHER;
}

static enum item
read_group(struct pattern *in, struct pieces *group)
{
	group->n = 0;
	if (in->p[0] == '?') {
		in->is_strange |= in->p[1] != ':';
		in->p += in->p[1] == ':' ? 2 : 1;
	}
	if (in->p[0] == '*' || ++in->depth > DEPTH_MAX)
		in->is_strange = true;
	else
		read_alternatives(in, group);
	in->depth--;
	if (*in->p == ')')
		in->p++;
	else
		in->is_strange = true;
	return ITEM_GROUP;
}

static enum item
read_item(struct pattern *in, char *byte, struct pieces *group)
{
	char c = *in->p++;

	switch (c) {
	case '\\':
		return read_escape(in, byte);
	case '[':
		skip_class(in);
		return ITEM_OTHER;
	case '(':
		return read_group(in, group);
	case '.':
	case '^':
	case '$':
		return ITEM_OTHER;
	case '*':
	case '+':
	case '?':
	case '{':
		in->is_strange = true;
		return ITEM_OTHER;
	}
	*byte = c;
	return ITEM_BYTE;
}

/* How often what was read must be there at least. */
static enum times
read_times(struct pattern *in)
{
	enum times times = TIMES_ONE;

	if (*in->p == '{') {
		static const char digits[] = "0123456789";
		size_t len = strspn(in->p + 1, digits);

		times = strspn(in->p + 1, "0") == len ? TIMES_NONE :
		    TIMES_MORE;
		in->p += 1 + len;
		if (*in->p == ',')
			in->p += 1 + strspn(in->p + 1, digits);
		/* Else PCRE2 takes the brace for a letter. */
		in->is_strange |= len == 0 || *in->p != '}';
	} else if (*in->p == '+')
		times = TIMES_MORE;
	else if (*in->p == '*' || *in->p == '?')
		times = TIMES_NONE;
	else
		return TIMES_ONE;
	in->p += *in->p != '\0';
	/* Lazy, or possessive. */
	in->p += *in->p == '?' || *in->p == '+';
	return times;
}

static size_t
shortest(const struct pieces *pieces)
{
	size_t best = pieces->n == 0 ? 0 : PIECE_MAX;

	for (unsigned i = 0; i < pieces->n; i++) {
		size_t len = strlen(pieces->text[i]);

		best = len < best ? len : best;
	}
	return best;
}

/* Takes what is surer of the two. */
static void
prefer(struct pieces *best, const struct pieces *other)
{
	size_t a = shortest(best);
	size_t b = shortest(other);

	if (b >= PIECE_MIN && (b > a || (b == a && other->n < best->n)))
		*best = *other;
}

static void
end_piece(struct pieces *best, char *piece, size_t *len)
{
	struct pieces one = { .n = 1 };

	memcpy(one.text[0], piece, *len);
	prefer(best, &one);
	*len = 0;
}

/* One alternative. */
static void
read_sequence(struct pattern *in, struct pieces *out)
{
	char piece[PIECE_MAX];
	size_t len = 0;
	struct pieces group;
	char byte = '\0';

	out->n = 0;
	while (*in->p != '\0' && *in->p != '|' && *in->p != ')' &&
	    !in->is_strange) {
		enum item item = read_item(in, &byte, &group);
		enum times times = read_times(in);

		if (item != ITEM_BYTE || times == TIMES_NONE ||
		    len == PIECE_MAX)
			end_piece(out, piece, &len);
		if (item == ITEM_BYTE && times != TIMES_NONE)
			piece[len++] = byte;
		if (item == ITEM_GROUP && times != TIMES_NONE)
			prefer(out, &group);
		if (times == TIMES_MORE)
			end_piece(out, piece, &len);
	}
	end_piece(out, piece, &len);
}

static void
read_alternatives(struct pattern *in, struct pieces *out)
{
	bool is_sure = true;
	struct pieces one;

	out->n = 0;
	for (;;) {
		read_sequence(in, &one);
		is_sure = is_sure && one.n > 0 &&
		    out->n + one.n <= PIECES_MAX;
		for (unsigned i = 0; is_sure && i < one.n; i++)
			memcpy(out->text[out->n++], one.text[i],
			    sizeof one.text[i]);
		if (*in->p != '|' || in->is_strange)
			break;
		in->p++;
	}
	if (!is_sure)
		out->n = 0;
}

static unsigned
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* The bit of three bytes. */
static uint16_t
bit_of(const char *p)
{
	unsigned h = lower(p[0]) * 2654435761U ^ lower(p[1]) * 40503U << 8 ^
	    lower(p[2]) * 97U << 16;

	return (uint16_t)((h ^ h >> 15) % 4096);
}

struct hint *
hint_new(const char *pattern)
{
	struct pattern in = { .p = pattern };
	struct pieces pieces;
	struct hint *h;

	read_alternatives(&in, &pieces);
	if (in.is_strange || *in.p != '\0' || pieces.n == 0)
		return NULL;
	h = malloc(sizeof *h + pieces.n * sizeof h->piece[0]);
	if (h == NULL)
		return NULL;
	h->n = pieces.n;
	for (unsigned i = 0; i < pieces.n; i++) {
		const char *text = pieces.text[i];

		h->piece[i].first = bit_of(text);
		h->piece[i].last = bit_of(text + strlen(text) - PIECE_MIN);
	}
	return h;
}

void
hint_free(struct hint **h)
{
	free(*h);
	*h = NULL;
}

void
hint_look(struct hint_view *view, const char *text, size_t len)
{
	memset(view, 0, sizeof *view);
	for (size_t i = 0; i + PIECE_MIN <= len; i++) {
		uint16_t bit = bit_of(text + i);

		view->bits[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

static bool
has(const struct hint_view *view, uint16_t bit)
{
	return (view->bits[bit / 64] >> bit % 64 & 1) != 0;
}

bool
hint_allows(const struct hint *h, const struct hint_view *view)
{
	if (h == NULL)
		return true;
	for (unsigned i = 0; i < h->n; i++)
		if (has(view, h->piece[i].first) &&
		    has(view, h->piece[i].last))
			return true;
	return false;
}
