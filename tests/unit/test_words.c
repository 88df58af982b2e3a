/* SPDX-License-Identifier: ISC */
/* The table of words is sorted, and each word has whole sentences. */
#include "tool/words.h"

#include "unit.h"

static void
words_are_sorted_sentences(void **state)
{
	(void)state;
	assert_non_null(words[0].word);
	for (const struct word *w = words; w->word != NULL; w++) {
		size_t len = strlen(w->meaning);
		if (w->meaning[len - 1] != '.' && w->meaning[len - 1] != '?')
			fail_msg("%s: no sentence", w->word);
		if (w->kind == WORD_VALUE ? w->of == NULL : w->of[0] != '\0')
			fail_msg("%s: of", w->word);
		if (w == words || w->kind != w[-1].kind)
			continue;
		if (strcmp(w[-1].word, w->word) >= 0)
			fail_msg("%s is out of order", w->word);
	}
}

/* Names and reasons that the contract of the log promises. */
static void
promised_words_are_there(void **state)
{
	static const struct {
		enum word_kind kind;
		const char *word;
	} promised[] = {
		{ WORD_EVENT, "message" }, { WORD_EVENT, "sign" },
		{ WORD_EVENT, "sender" }, { WORD_EVENT, "route" },
		{ WORD_WARNING, "no-aaaa" }, { WORD_WARNING, "spf" },
		{ WORD_WARNING, "align" }, { WORD_WARNING, "family-spf" },
		{ WORD_WARNING, "unsigned" }, { WORD_WARNING, "key" },
		{ WORD_WARNING, "forged" }, { WORD_WARNING, "bind" },
		{ WORD_WARNING, "nat" }, { WORD_WARNING, "fragile" },
		{ WORD_REASON, "no-key" }, { WORD_REASON, "several-authors" },
		{ WORD_REASON, "no-author" }, { WORD_REASON, "not-aligned" },
		{ WORD_REASON, "already-signed" }, { WORD_REASON, "forwarded" },
		{ WORD_REASON, "prefer-ipv6" }, { WORD_REASON, "prefer-ipv4" },
		{ WORD_REASON, "any" }, { WORD_REASON, "no-aaaa" },
		{ WORD_REASON, "no-a" }, { WORD_REASON, "no-ipv6-here" },
		{ WORD_REASON, "no-ipv4-here" }, { WORD_REASON, "null-mx" },
		{ WORD_REASON, "nxdomain" }, { WORD_REASON, "no-address" },
		{ WORD_REASON, "mx-is-me" }, { WORD_REASON, "filtered" },
		{ WORD_REASON, "timeout" }, { WORD_REASON, "servfail" },
		{ WORD_REASON, "relay" }, { WORD_REASON, "literal" },
		{ WORD_REASON, "transport-maps" }, { WORD_REASON, "busy" },
		{ WORD_VALUE, "authenticated" }, { WORD_VALUE, "daemon" },
		{ WORD_VALUE, "certificate" }, { WORD_VALUE, "local" },
		{ WORD_VALUE, "network" }, { WORD_VALUE, "tempfail" },
		{ WORD_VALUE, "accepted" }, { WORD_VALUE, "unchecked" },
		{ WORD_KEY, "p6" }, { WORD_KEY, "cut" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(promised); i++) {
		const struct word *w = words;
		while (w->word != NULL && (w->kind != promised[i].kind ||
		    strcmp(w->word, promised[i].word) != 0))
			w++;
		if (w->word == NULL)
			fail_msg("%s is missing", promised[i].word);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(words_are_sorted_sentences),
    cmocka_unit_test(promised_words_are_there))
