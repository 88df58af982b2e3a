/* SPDX-License-Identifier: ISC */
/*
 * waybill explain: what a word of the log, of a stamp or of the record means,
 * what became of one message, what a reply means, and what a receiver
 * says of a message.
 */
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "record/postfix_log.h"
#include "record/reply.h"
#include "tool/command.h"
#include "tool/explain.h"
#include "tool/print.h"
#include "tool/words.h"
#include "tool/worker.h"

enum { OPTION_JSON = 256, OPTION_TEXT, OPTION_MESSAGE, OPTION_MAN };

static const struct command_option options[] = {
	{ "text", OPTION_TEXT, "REPLY", "explain this SMTP reply" },
	{ "message", OPTION_MESSAGE, "FILE", "compare our stamps in a received "
	    "message with its receiver's results (-: standard input)" },
	{ "json", OPTION_JSON, NULL, "print JSON, one object per line" },
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

static void
print_meaning(struct print *json, const char *word, const char *kind,
    const char *of, const char *meaning)
{
	char label[128];

	if (json != NULL) {
		print_text(json, word);
		print_text(json, kind);
		print_text(json, of[0] == '\0' ? NULL : of);
		print_text(json, meaning);
		print_row(json);
		return;
	}
	(void)snprintf(label, sizeof label, "%s (%s%s%s): ", word, kind,
	    of[0] == '\0' ? "" : " of ", of);
	(void)printf("%s%s\n", label, meaning);
}

/* The reply class. */
static bool
explain_class(const char *name, struct print *json)
{
	const struct reply_class *class = reply_class_find(name);
	char meaning[1024];

	if (class == NULL)
		return false;
	(void)snprintf(meaning, sizeof meaning, "%s It is about the %s; who "
	    "can fix it: %s.", class->sentence, class->scope,
	    explain_who(class->who));
	print_meaning(json, class->name, "class", "", meaning);
	return true;
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
		print_meaning(json, w->word, word_kind_name(w->kind), w->of,
		    w->meaning);
	}
	return explain_class(name, json) || any;
}

static int
no_such_word(const struct call *call, const char *name)
{
	struct nearest near;

	nearest_begin(&near, name);
	for (const struct word *w = words; w->word != NULL; w++)
		nearest_try(&near, w->word);
	for (size_t i = 0; reply_class_at(i) != NULL; i++)
		nearest_try(&near, reply_class_at(i)->name);
	if (nearest_found(&near) != NULL)
		return command_usage(call, "unknown word \"%s\"; did you mean "
		    "%s?", name, nearest_found(&near));
	return command_usage(call, "unknown word \"%s\"; waybill-log(7) lists "
	    "all words", name);
}

/* A word as it stands in a line: without "key=", ":" behind it. */
static const char *
bare(char *word)
{
	word[strcspn(word, "=:")] = '\0';
	return word;
}

static int
explain_words(const struct call *call, bool wants_json)
{
	static const struct print_column columns[] = {
		{ "word", "", false }, { "kind", "", false },
		{ "of", "", false }, { "meaning", "", false },
	};
	struct print *json = NULL;
	int code = EXIT_OK;

	if (wants_json)
		json = print_begin(stdout, PRINT_JSON, columns,
		    sizeof columns / sizeof columns[0]);
	for (int i = 0; i < call->argc; i++) {
		const char *value = strchr(call->argv[i], '=');
		const char *name = bare(call->argv[i]);
		if (!explain(name, json))
			code = no_such_word(call, name);
		/* "why=no-aaaa": numbers and names have no sentence. */
		else if (value != NULL)
			(void)explain(value + 1, json);
	}
	if (json != NULL)
		(void)print_end(&json);
	return code;
}

/* A message to be explained. */
struct message {
	const struct config *config;
	const char *qid;
	bool wants_json;
};

/* In the worker. */
static int
tell_message(void *arg, FILE *out)
{
	const struct message *m = arg;

	return explain_message(m->config, m->qid, m->wants_json, out);
}

static int
explain_queue_id(struct call *call, bool wants_json)
{
	int code = EXIT_OK;
	struct config *c = command_read_config(call, &code);

	if (c == NULL)
		return code;
	/* Old logs are unpacked; the record is opened when that is done. */
	code = worker_run(&(struct worker){ .make = tell_message,
	    .arg = &(struct message){ c, call->argv[0], wants_json },
	    .programs = CONFINE_PROGRAMS, .config = c,
	    .reads = WORKER_READS_LOG | WORKER_READS_STORE });
	config_free(&c);
	return code;
}

static int
explain_file(struct call *call, const char *path, bool wants_json)
{
	int code = EXIT_OK;
	struct config *c = command_read_config(call, &code);

	if (c == NULL)
		return code;
	code = explain_received(c, path, wants_json, stdout);
	config_free(&c);
	return code;
}

static int
run(struct call *call)
{
	const char *reply = NULL, *message = NULL;
	bool wants_json = false;
	int code = EXIT_OK, id;

	while ((id = command_next(call, &code)) > 0) {
		if (id == OPTION_MAN)
			return print_man();
		if (id == OPTION_TEXT)
			reply = call->value;
		else if (id == OPTION_MESSAGE)
			message = call->value;
		else
			wants_json = true;
	}
	if (id < 0)
		return code;
	if (message != NULL)
		return call->argc == 0 && reply == NULL ?
		    explain_file(call, message, wants_json) :
		    command_usage(call, "--message takes one FILE and no other "
		    "argument");
	if (reply != NULL)
		return call->argc == 0 ?
		    explain_text(reply, wants_json, stdout) :
		    command_usage(call, "--text takes one REPLY; quote it");
	if (call->argc == 0)
		return command_usage(call, "missing argument: WORD or QID");
	if (call->argc == 1 && postfix_log_is_qid(call->argv[0],
	    strcspn(call->argv[0], "=:"))) {
		(void)bare(call->argv[0]);
		return explain_queue_id(call, wants_json);
	}
	return explain_words(call, wants_json);
}

const struct command command_explain = {
	"explain", run, "[QID | WORD...]",
	"Explain a message, a reply or a word", options,
};
