/* SPDX-License-Identifier: ISC */
/*
 * The process that reads the keys hands over sentences alone, one a line: "E"
 * or "W", the code, the text.
 */
#include "tool/halves.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "config/public.h"

enum { LINE_SIZE = 1200 };

static void
tell_all(const struct err_list *list, char kind, FILE *out)
{
	for (size_t i = 0; i < list->n; i++)
		(void)fprintf(out, "%c %d %s\n", kind, (int)list->v[i].code,
		    list->v[i].text);
}

/* In the process that reads the keys. */
static void
refresh(const struct config *c, FILE *out)
{
	struct err_list errors = { 0 }, warnings = { 0 };
	struct err err = { 0 };
	struct identity_table *t = identity_table_new(c, key_group(c->user),
	    &errors, &warnings);

	tell_all(&errors, 'E', out);
	tell_all(&warnings, 'W', out);
	/* Another user who may read the keys finds what root wrote. */
	if (t != NULL && public_write(c, t, &err) != 0 && geteuid() == 0)
		(void)fprintf(out, "E %d %s\n", (int)err.code, err.text);
	identity_table_free(&t);
	err_list_free(&errors);
	err_list_free(&warnings);
}

/* A sentence of that process; what has another form is an error too. */
static void
hear(char *line, struct err_list *errors, struct err_list *warnings)
{
	char *text = strlen(line) > 2 ? strchr(line + 2, ' ') : NULL;
	struct err err = { 0 };
	long long code;

	if (text != NULL)
		*text++ = '\0';
	if (text == NULL || (line[0] != 'E' && line[0] != 'W') ||
	    line[1] != ' ' || text_number(line + 2, EXIT_OK, EXIT_CONFIG,
	    &code) != 0) {
		err_set(&err, EXIT_TEMPORARY, "the process that reads the "
		    "keys said something else than sentences");
		err_list_add(errors, &err);
		return;
	}
	err_set(&err, (enum exit_code)code, "%s", text);
	err_list_add(line[0] == 'E' ? errors : warnings, &err);
}

static void
hear_all(FILE *in, struct err_list *errors, struct err_list *warnings)
{
	char line[LINE_SIZE];

	while (fgets(line, sizeof line, in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		hear(line, errors, warnings);
	}
}

int
halves_refresh(const struct config *c, struct err_list *errors,
    struct err_list *warnings)
{
	size_t before = errors->n;
	struct err err = { 0 };
	FILE *in = NULL;
	int status = 0;
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) != 0) {
		err_errno(&err, EXIT_TEMPORARY, "pipe");
		err_list_add(errors, &err);
		return -1;
	}
	(void)fflush(NULL);
	child = fork();
	if (child == 0) {
		FILE *out = fdopen(fds[1], "w");

		if (out != NULL)
			refresh(c, out);
		_exit(out != NULL && fclose(out) == 0 ? 0 : 1);
	}
	(void)close(fds[1]);
	in = fdopen(fds[0], "r");
	if (in != NULL) {
		hear_all(in, errors, warnings);
		(void)fclose(in);
	} else {
		(void)close(fds[0]);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child < 0 || in == NULL || status != 0) {
		err_set(&err, EXIT_TEMPORARY, "the process that reads the keys "
		    "did not come to its end");
		err_list_add(errors, &err);
	}
	return errors->n == before ? 0 : -1;
}

struct identity_table *
halves_as_they_are(const struct config *c, struct err_list *errors)
{
	char folder[PATH_MAX];
	struct err err = { 0 };

	if (public_folder(c, folder, sizeof folder) == 0)
		return identity_table_public(c, folder, errors);
	err_set(&err, EXIT_CONFIG, "keys: the path is too long");
	err_list_add(errors, &err);
	return NULL;
}

struct identity_table *
halves_read(const struct config *c, struct err_list *errors,
    struct err_list *warnings)
{
	struct err_list of_keys = { 0 };
	char folder[PATH_MAX];
	int rc = halves_refresh(c, &of_keys, warnings);

	if (rc != 0 && (geteuid() == 0 ||
	    public_folder(c, folder, sizeof folder) != 0 ||
	    access(folder, X_OK) != 0)) {
		for (size_t i = 0; i < of_keys.n; i++)
			err_list_add(errors, &of_keys.v[i]);
		err_list_free(&of_keys);
		return NULL;
	}
	err_list_free(&of_keys);
	return halves_as_they_are(c, errors);
}
