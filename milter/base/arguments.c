/* SPDX-License-Identifier: ISC */
/* getopt_long(3) prints a rejected option unescaped, so an argument that a
 * script copied from untrusted text would reach the terminal. */
#include "base/arguments.h"

#include <getopt.h>
#include <string.h>

#include "base/err.h"

void
arguments_refuse(const char *program, char *const *argv, int reason)
{
	const char *word = argv[optind > 1 ? optind - 1 : 1];
	int name_len = (int)strcspn(word, "=");

	if (strncmp(word, "--", 2) != 0 || word[2] == '\0')
		err_print(program, reason == ':' ? "option -%c needs a value; "
		    "try: %s --help" : "unknown option -%c; try: %s --help",
		    optopt, program);
	else if (reason == ':')
		err_print(program, "option %s needs a value; try: %s --help",
		    word, program);
	else if (optopt != 0)
		err_print(program, "option %.*s takes no value; try: "
		    "%s --help", name_len, word, program);
	else
		err_print(program, "unknown option %.*s; try: %s --help",
		    name_len, word, program);
}
