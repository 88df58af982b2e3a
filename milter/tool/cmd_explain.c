/* SPDX-License-Identifier: ISC */
/*
 * waybill explain WORD: what a word of the log or of a stamp means, by the
 * table of words.
 */
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "tool/command.h"
#include "tool/print.h"
#include "tool/words.h"

enum { OPTION_JSON = 256, OPTION_MAN };

static const struct command_option options[] = {
	{ "json", OPTION_JSON, NULL, "print JSON, one object a line" },
	{ "man", OPTION_MAN, NULL, NULL },
	{ NULL, 0, NULL, NULL },
};

static int
print_man(void)
{
	struct text t;

	text_init(&t, 1 << 20);
	words_man(&t);
	(void)fputs(t.buf, stdout);
	text_free(&t);
	return EXIT_OK;
}

static bool
is_named(const struct word *w, const char *name)
{
	return text_equal_fold(w->word, name);
}

/* Prints every meaning of a word. False when it has none. */
static bool
explain(const char *name, struct print *json)
{
	bool any = false;

	for (const struct word *w = words; w->word != NULL; w++) {
		if (!is_named(w, name))
			continue;
		any = true;
		if (json != NULL) {
			print_text(json, w->word);
			print_text(json, word_kind_name(w->kind));
			print_text(json, w->of[0] == '\0' ? NULL : w->of);
			print_text(json, w->meaning);
			print_row(json);
			continue;
		}
		(void)printf("%s (%s%s%s): %s\n", w->word,
		    word_kind_name(w->kind), w->of[0] == '\0' ? "" : " of ",
		    w->of, w->meaning);
	}
	return any;
}

static int
no_such_word(const struct call *call, const char *name)
{
	struct nearest near;

	nearest_begin(&near, name);
	for (const struct word *w = words; w->word != NULL; w++)
		nearest_try(&near, w->word);
	if (nearest_found(&near) != NULL)
		return command_usage(call, "no such word: %s; is %s meant?",
		    name, nearest_found(&near));
	return command_usage(call, "no such word: %s; waybill-log(7) has all "
	    "of them", name);
}

/* A word as it stands in a line: without "key=", ":" behind it. */
static const char *
bare(char *word)
{
	word[strcspn(word, "=:")] = '\0';
	return word;
}

static int
run(struct call *call)
{
	static const struct print_column columns[] = {
		{ "word", "", false }, { "kind", "", false },
		{ "of", "", false }, { "meaning", "", false },
	};
	struct print *json = NULL;
	bool wants_json = false;
	int code = EXIT_OK, id;

	while ((id = command_next(call, &code)) > 0) {
		if (id == OPTION_MAN)
			return print_man();
		wants_json = true;
	}
	if (id < 0)
		return code;
	if (call->argc == 0)
		return command_usage(call, "a word is missing");
	if (wants_json)
		json = print_begin(stdout, PRINT_JSON, columns,
		    sizeof columns / sizeof columns[0]);
	for (int i = 0; i < call->argc; i++) {
		const char *name = bare(call->argv[i]);
		if (!explain(name, json))
			code = no_such_word(call, name);
	}
	if (json != NULL)
		(void)print_end(&json);
	return code;
}

const struct command command_explain = {
	"explain", run, "WORD...",
	"Say what a word of the log or of a stamp means", options,
};
