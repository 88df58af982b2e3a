/* SPDX-License-Identifier: ISC */
/*
 * Postfix's configuration as parsed from the output of postconf(1): every
 * parameter of main.cf with its default, the columns of master.cf, and the
 * overrides of its services. The files themselves are not parsed: defaults,
 * continuation lines, user-defined parameters and the quoting of master.cf are
 * internal to Postfix and change with its versions.
 *
 * The parts are parsed in place, so all strings live as long as they do. If
 * one part makes no sense, the whole is treated as unreadable: half a
 * configuration would be a different one.
 */
#include "find/postfix.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "find/postfix_value.h"

/* A parameter of main.cf, or of the service with that index. */
struct postfix_parameter {
	const char *name;
	const char *value;
	size_t service;
	size_t order;		/* later ones of one name win */
};

enum { POSTFIX_NO_SERVICE = POSTFIX_SERVICES_MAX };

struct postfix {
	atomic_uint references;
	struct postfix_text text;	/* holds the strings */
	struct postfix_service *services;
	size_t n_services;
	struct postfix_parameter *parameters;	/* sorted: service, name */
	size_t n_parameters;
};

static int
postfix_compare(const void *va, const void *vb)
{
	const struct postfix_parameter *a = va, *b = vb;

	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	int c = strcmp(a->name, b->name);
	if (c != 0)
		return c;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Takes the next line from *at, in place; NULL at the end. Empty lines are
 * skipped. */
static char *
postfix_next_line(char **at)
{
	while (*at != NULL && **at != '\0') {
		char *line = *at, *end = strchr(line, '\n');
		*at = end == NULL ? NULL : end + 1;
		if (end != NULL)
			*end = '\0';
		if (*line != '\0')
			return line;
	}
	return NULL;
}

static bool
postfix_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Takes the next word from *at, in place; "" at the end. */
static char *
postfix_cut_word(char **at)
{
	char *word = *at;

	while (postfix_is_space(*word))
		word++;
	char *end = word;
	while (*end != '\0' && !postfix_is_space(*end))
		end++;
	*at = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

/* Makes room in a growing array. Returns false if there is no memory or max is
 * reached. */
static bool
postfix_grow(void **v, size_t n, size_t max, size_t size)
{
	if (n >= max)
		return false;
	if (n != 0 && (n < 64 || (n & (n - 1)) != 0))
		return true;
	void *more = realloc(*v, (n == 0 ? 64 : n * 2) * size);
	if (more == NULL)
		return false;
	*v = more;
	return true;
}

/* Splits "name = value" in place. Returns false if malformed. */
static bool
postfix_split(char *line, char **value)
{
	char *equals = strstr(line, " =");

	if (equals == NULL || equals == line)
		return false;
	*equals = '\0';
	*value = equals + 2;
	while (postfix_is_space(**value))
		(*value)++;
	char *end = *value + strlen(*value);
	while (end > *value && postfix_is_space(end[-1]))
		*--end = '\0';
	return true;
}

static bool
postfix_add(struct postfix *p, const char *name, const char *value,
    size_t service)
{
	if (!postfix_grow((void **)&p->parameters, p->n_parameters,
	    POSTFIX_PARAMETERS_MAX, sizeof *p->parameters))
		return false;
	p->parameters[p->n_parameters] = (struct postfix_parameter){
	    .name = name, .value = value, .service = service,
	    .order = p->n_parameters};
	p->n_parameters++;
	return true;
}

static bool
postfix_parse_main(struct postfix *p)
{
	char *at = p->text.part[POSTFIX_MAIN], *line, *value;

	while ((line = postfix_next_line(&at)) != NULL)
		if (!postfix_split(line, &value) ||
		    !postfix_add(p, line, value, POSTFIX_NO_SERVICE))
			return false;
	return p->n_parameters > 0;
}

/* smtp inet n - y - - smtpd -o name=value ... */
static bool
postfix_parse_master(struct postfix *p)
{
	char *at = p->text.part[POSTFIX_MASTER], *line;

	while ((line = postfix_next_line(&at)) != NULL) {
		if (!postfix_grow((void **)&p->services, p->n_services,
		    POSTFIX_SERVICES_MAX, sizeof *p->services))
			return false;
		struct postfix_service *s = &p->services[p->n_services];
		*s = (struct postfix_service){.name = postfix_cut_word(&line)};
		s->type = postfix_cut_word(&line);
		for (size_t i = 0; i < 5; i++)
			s->column[i] = postfix_cut_word(&line);
		s->command = postfix_cut_word(&line);
		if (*s->command == '\0')
			return false;
		while (postfix_is_space(*line))
			line++;
		s->arguments = line;
		p->n_services++;
	}
	return true;
}

/* smtp/inet/name = value; the name of a service may contain slashes. */
static bool
postfix_parse_overrides(struct postfix *p)
{
	char *at = p->text.part[POSTFIX_OVERRIDES], *line, *value;

	while ((line = postfix_next_line(&at)) != NULL) {
		if (!postfix_split(line, &value))
			return false;
		char *name = strrchr(line, '/');
		if (name == NULL)
			return false;
		*name++ = '\0';
		char *type = strrchr(line, '/');
		if (type == NULL)
			return false;
		*type++ = '\0';
		const struct postfix_service *s =
		    postfix_service(p, line, type);
		if (s == NULL || !postfix_add(p, name, value,
		    (size_t)(s - p->services)))
			return false;
	}
	return true;
}

static const char *
postfix_raw(const struct postfix *p, size_t service, const char *name)
{
	size_t low = 0, high = p->n_parameters;

	/* the first that is greater; the one before it is the last of equals */
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct postfix_parameter *m = &p->parameters[mid];
		bool greater = m->service != service ? m->service > service
		    : strcmp(m->name, name) > 0;
		if (greater)
			high = mid;
		else
			low = mid + 1;
	}
	if (low == 0 || p->parameters[low - 1].service != service ||
	    strcmp(p->parameters[low - 1].name, name) != 0)
		return NULL;
	return p->parameters[low - 1].value;
}

/* "-" in the chroot column was "y" before compatibility level 1. */
static void
postfix_find_chroots(struct postfix *p)
{
	char *level = postfix_value(p, NULL, "compatibility_level");
	bool old = level != NULL && (level[0] == '0' || level[0] == '\0');

	free(level);
	for (size_t i = 0; i < p->n_services; i++) {
		char c = p->services[i].column[2][0];
		p->services[i].is_chrooted = c == 'y' || (c == '-' && old);
	}
}

static void
postfix_clear(struct postfix *p)
{
	free(p->services);
	free(p->parameters);
	p->services = NULL;
	p->parameters = NULL;
	p->n_services = p->n_parameters = 0;
}

struct postfix *
postfix_parse(struct postfix_text *text)
{
	struct postfix *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	atomic_init(&p->references, 1);
	p->text = *text;
	*text = (struct postfix_text){.found = text->found};
	if (p->text.found != POSTFIX_FOUND)
		return p;
	if (!postfix_parse_main(p) || !postfix_parse_master(p) ||
	    !postfix_parse_overrides(p)) {
		postfix_clear(p);
		free(p->text.part[POSTFIX_WHY]);
		p->text.found = POSTFIX_UNREADABLE;
		p->text.part[POSTFIX_WHY] = strdup(
		    "cannot parse the output of postconf(1)");
		return p;
	}
	qsort(p->parameters, p->n_parameters, sizeof *p->parameters,
	    postfix_compare);
	postfix_find_chroots(p);
	return p;
}

void
postfix_text_free(struct postfix_text *text)
{
	for (size_t i = 0; i < POSTFIX_PARTS; i++) {
		free(text->part[i]);
		text->part[i] = NULL;
	}
}

struct postfix *
postfix_hold(struct postfix *p)
{
	atomic_fetch_add(&p->references, 1);
	return p;
}

void
postfix_release(struct postfix **p)
{
	if (*p != NULL && atomic_fetch_sub(&(*p)->references, 1) == 1) {
		postfix_clear(*p);
		postfix_text_free(&(*p)->text);
		free(*p);
	}
	*p = NULL;
}

enum postfix_found
postfix_found(const struct postfix *p)
{
	return p->text.found;
}

const char *
postfix_why(const struct postfix *p)
{
	const char *why = p->text.part[POSTFIX_WHY];

	return why == NULL ? "" : why;
}

const struct postfix_service *
postfix_services(const struct postfix *p, size_t *n)
{
	*n = p->n_services;
	return p->services;
}

const struct postfix_service *
postfix_service(const struct postfix *p, const char *name, const char *type)
{
	for (size_t i = 0; i < p->n_services; i++)
		if (strcmp(p->services[i].name, name) == 0 &&
		    strcmp(p->services[i].type, type) == 0)
			return &p->services[i];
	return NULL;
}

static size_t
postfix_index(const struct postfix *p, const struct postfix_service *s)
{
	return s == NULL ? POSTFIX_NO_SERVICE : (size_t)(s - p->services);
}

bool
postfix_overrides(const struct postfix *p, const struct postfix_service *s,
    const char *name)
{
	return s != NULL && postfix_raw(p, postfix_index(p, s), name) != NULL;
}

/* Where the expansion of a value looks up names. */
struct postfix_scope {
	const struct postfix *p;
	const struct postfix_service *s;
};

static const char *
postfix_look_up(const void *arg, const char *name)
{
	const struct postfix_scope *scope = arg;
	const char *value = NULL;

	if (scope->s != NULL) {
		value = postfix_raw(scope->p, postfix_index(scope->p, scope->s),
		    name);
		/* master(8) tells each service its own name */
		if (value == NULL && strcmp(name, "service_name") == 0)
			value = scope->s->name;
	}
	return value != NULL ? value
	    : postfix_raw(scope->p, POSTFIX_NO_SERVICE, name);
}

char *
postfix_value(const struct postfix *p, const struct postfix_service *s,
    const char *name)
{
	struct postfix_scope scope = {p, s};
	const char *raw = postfix_look_up(&scope, name);
	struct text out;

	if (raw == NULL)
		return NULL;
	text_init(&out, POSTFIX_VALUE_MAX);
	postfix_value_expand(raw, postfix_look_up, &scope, &out);
	return text_take(&out);
}

const char *
postfix_written(const struct postfix *p, const char *name)
{
	return postfix_raw(p, POSTFIX_NO_SERVICE, name);
}

bool
postfix_is_yes(const struct postfix *p, const struct postfix_service *s,
    const char *name)
{
	char *value = postfix_value(p, s, name);
	bool yes = value != NULL && text_equal_fold(value, "yes");

	free(value);
	return yes;
}

char *
postfix_next_word(const char **at)
{
	const char *p = *at;
	size_t depth = 0;

	while (postfix_is_space(*p) || *p == ',')
		p++;
	const char *begin = p;
	for (; *p != '\0'; p++) {
		if (*p == '{')
			depth++;
		else if (*p == '}' && depth > 0)
			depth--;
		else if (depth == 0 && (postfix_is_space(*p) || *p == ','))
			break;
	}
	*at = p;
	return p == begin ? NULL : strndup(begin, (size_t)(p - begin));
}

bool
postfix_host(const struct postfix *p, const char *name, size_t i,
    struct ip *out)
{
	const char *line = p->text.part[POSTFIX_HOSTS];
	size_t len = strlen(name);

	for (; line != NULL && *line != '\0'; ) {
		const char *end = strchrnul(line, '\n');
		size_t left = (size_t)(end - line);
		char address[IP_SIZE];

		if (left > len + 1 && left - len - 1 < sizeof address &&
		    strncasecmp(line, name, len) == 0 && line[len] == ' ' &&
		    i-- == 0) {
			memcpy(address, line + len + 1, left - len - 1);
			address[left - len - 1] = '\0';
			return ip_parse(address, out) == 0;
		}
		line = *end == '\0' ? end : end + 1;
	}
	return false;
}

const char *
postfix_filter_why(const struct postfix *p)
{
	const char *filter = p->text.part[POSTFIX_FILTER];

	if (p->text.found == POSTFIX_NONE)
		return "no Postfix found";
	if (p->text.found == POSTFIX_UNREADABLE)
		return "Postfix's configuration cannot be read";
	return filter == NULL || *filter == '\0' ? NULL : filter;
}

const char *
postfix_writers(const struct postfix *p)
{
	const char *writers = p->text.part[POSTFIX_WRITERS];

	return writers == NULL ? "" : writers;
}
