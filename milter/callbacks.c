/* SPDX-License-Identifier: ISC */
/*
 * libmilter's callbacks: macros in, result out, no decisions.
 *
 * Debian's libmilter is a pool of workers: the callbacks of one session are
 * called one after the other, but on different threads. So all state is kept
 * in the session and none in the thread, and no lock is held from one to the
 * next. A session may end at any point: with abort and close, with close only,
 * and before anything was negotiated; Postfix also sends abort after a
 * finished message. In every case the message is freed once.
 *
 * Only MAIL and end of message get an answer: incoming mail is accepted at
 * MAIL, so that Postfix sends nothing more of it; failures between the two are
 * kept in the message and answered at its end.
 */
#include "callbacks.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/log.h"
#include "lines.h"
#include "message.h"
#include "origin.h"
#include "state.h"
#include "warn.h"
#include "warn_message.h"

#include <libmilter/mfapi.h>

/* A failing message from sendmail(1) is retried every minute, each time under
 * another queue id. */
enum { FAILURE_EVERY_MS = 10 * 60 * 1000 };

/* Size of a packet in bytes above which libmilter drops the connection. Its
 * default is 65,535, which a header field may exceed. */
enum { PACKET_MAX = 1 << 20 };

/* The sender; a longer one is cut. */
enum { PARTY_SIZE = 512 };

/* Events that are not used, and those that need no answer. */
static const unsigned long unused_events =
    SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN;
static const unsigned long silent_events = SMFIP_NR_CONN | SMFIP_NR_RCPT |
    SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;

struct session {
	unsigned long protocol;		/* the SMFIP_ flags agreed on */
	struct ip client;
	unsigned port;
	struct message *message;	/* from MAIL to its end */
};

static _Atomic unsigned messages_under_way;
static atomic_bool is_refusing_new;
static void (*before_wait)(void);	/* constant once registered */

unsigned
callbacks_messages(void)
{
	return messages_under_way;
}

void
callbacks_refuse_new(void)
{
	is_refusing_new = true;
}

static struct session *
session_of(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL) {
		s = calloc(1, sizeof *s);
		if (s != NULL)
			smfi_setpriv(ctx, s);
	}
	return s;
}

static void
end_message(struct session *s)
{
	if (s == NULL || s->message == NULL)
		return;
	message_free(&s->message);
	messages_under_way--;
}

/* The answer to an event that needs none. */
static sfsistat
silence(const struct session *s, unsigned long flag)
{
	return s != NULL && (s->protocol & flag) != 0 ? SMFIS_NOREPLY :
	    SMFIS_CONTINUE;
}

static const char *
macro(SMFICTX *ctx, char *name)
{
	return smfi_getsymval(ctx, name);
}

static const char *
queue_id(SMFICTX *ctx)
{
	char name[] = "i";
	const char *id = macro(ctx, name);

	return id == NULL || id[0] == '\0' ? "NOQUEUE" : id;
}

static void
ask_for_macros(SMFICTX *ctx)
{
	static const struct {
		int stage;
		const char *names;
	} wanted[] = {
		{ SMFIM_CONNECT, "j v {daemon_name}" },
		{ SMFIM_ENVFROM, "i {auth_type} {auth_authen} "
		    "{cert_subject} {cert_issuer} {verify}" },
		{ SMFIM_ENVRCPT, "{rcpt_host} {rcpt_mailer}" },
		{ SMFIM_EOH, "i" },
		{ SMFIM_EOM, "i" },
	};

	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		char names[100];

		strcpy(names, wanted[i].names);
		(void)smfi_setsymlist(ctx, wanted[i].stage, names);
	}
}

/* Where there is no message yet that has a line of its own. */
static void
say_no_memory(const char *what)
{
	log_say(LOG_LEVEL_ERROR, "out of memory: %s", what);
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long protocol,
    unsigned long unused2, unsigned long unused3, unsigned long *our_actions,
    unsigned long *our_protocol, unsigned long *ours2, unsigned long *ours3)
{
	const unsigned long needed = SMFIF_ADDHDRS | SMFIF_CHGHDRS;
	struct session *s = session_of(ctx);

	(void)unused2;
	(void)unused3;
	if (s == NULL)
		say_no_memory("a session isn't taken");
	if (s == NULL || (actions & needed) != needed)
		return SMFIS_REJECT;
	if ((actions & SMFIF_SETSYMLIST) != 0)
		ask_for_macros(ctx);
	s->protocol = protocol &
	    (unused_events | silent_events | SMFIP_HDR_LEADSPC);
	*our_actions = needed | (actions & SMFIF_SETSYMLIST);
	*our_protocol = s->protocol;
	*ours2 = *ours3 = 0;
	return SMFIS_CONTINUE;
}

static unsigned
port_of(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)sa)->sin_port);
	if (sa->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)sa)->sin6_port);
	return 0;
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, struct sockaddr *sa)
{
	struct session *s = session_of(ctx);

	(void)host;
	if (s == NULL)
		return SMFIS_TEMPFAIL;
	s->client = (struct ip){ .family = IP_NONE };
	s->port = 0;
	if (sa != NULL && ip_from_sockaddr(sa, &s->client) == 0)
		s->port = port_of(sa);
	return silence(s, SMFIP_NR_CONN);
}

static sfsistat
answer_failure(SMFICTX *ctx, enum on_error on_error)
{
	char code[] = "451", status[] = "4.7.1";
	char text[] = "waybill: cannot sign now, try again";

	if (on_error == ON_ERROR_ACCEPT)
		return SMFIS_ACCEPT;
	(void)smfi_setreply(ctx, code, status, text);
	return SMFIS_TEMPFAIL;
}

static enum origin
origin_at_mail(SMFICTX *ctx, const struct session *s,
    const struct state *state, const char *arg)
{
	char auth_type[] = "{auth_type}", daemon_name[] = "{daemon_name}";
	char subject[] = "{cert_subject}", issuer[] = "{cert_issuer}";
	char verify[] = "{verify}", i[] = "i";
	struct origin_facts f = {
		.auth_type = macro(ctx, auth_type),
		.daemon_name = macro(ctx, daemon_name),
		.cert_subject = macro(ctx, subject),
		.cert_issuer = macro(ctx, issuer),
		.verify = macro(ctx, verify),
		.queue_id = macro(ctx, i),
		.mail_arg = arg,
		.client = s->client,
		.port = s->port,
	};

	return origin_of(state_origin_rules(state), &f);
}

/*
 * What the MTA said of one MAIL or RCPT counts for that one alone. libmilter
 * keeps it until something else is said at the same stage, and an MTA that has
 * nothing to say the next time may say nothing. The text is the session's own,
 * until its next macros.
 */
static void
forget_macros(SMFICTX *ctx, const char *const *names)
{
	for (; *names != NULL; names++) {
		char name[20];
		char *value;

		(void)snprintf(name, sizeof name, "%s", *names);
		value = smfi_getsymval(ctx, name);
		if (value != NULL)
			value[0] = '\0';
	}
}

/* The user who has logged in; NULL: nobody. {auth_authen} alone proves
 * nothing. */
static const char *
login_at_mail(SMFICTX *ctx)
{
	char auth_type[] = "{auth_type}", auth_authen[] = "{auth_authen}";
	const char *type = macro(ctx, auth_type);

	return type == NULL || type[0] == '\0' ? NULL :
	    macro(ctx, auth_authen);
}

/*
 * The party that sends, for fairness: the login; otherwise the client; for
 * this host, where all clients have the same address (a content filter, a
 * webmailer, sendmail(1)), the argument of MAIL. That can be anything, but a
 * user would need many of them to be greedy.
 */
static void
party_at_mail(SMFICTX *ctx, const struct session *s, const char *mail_arg,
    char out[PARTY_SIZE])
{
	const char *login = login_at_mail(ctx);
	char address[IP_SIZE];

	if (login != NULL && login[0] != '\0')
		(void)snprintf(out, PARTY_SIZE, "login %s", login);
	else if (s->client.family != IP_NONE && !ip_is_loopback(&s->client))
		(void)snprintf(out, PARTY_SIZE, "client %s",
		    ip_format(&s->client, address));
	else
		(void)snprintf(out, PARTY_SIZE, "from %s", mail_arg);
}

static sfsistat
begin_message(SMFICTX *ctx, struct session *s, const char *arg)
{
	char j[] = "j", v[] = "v", party[PARTY_SIZE];
	struct state *state = state_hold();
	enum origin origin;
	enum on_error on_error;

	if (s == NULL || state == NULL) {
		state_release(&state);
		return answer_failure(ctx, ON_ERROR_TEMPFAIL);
	}
	origin = origin_at_mail(ctx, s, state, arg);
	if (origin == ORIGIN_INCOMING) {
		state_release(&state);
		return SMFIS_ACCEPT;
	}
	on_error = state_config(state)->on_error;
	party_at_mail(ctx, s, arg, party);
	if (is_refusing_new)
		state_release(&state);
	else
		s->message = message_new(state, origin, arg,
		    login_at_mail(ctx), party);
	if (s->message == NULL && is_refusing_new)
		return answer_failure(ctx, on_error);
	if (s->message == NULL) {
		/* Not accepted, whatever on_error says: it may have stamps of
		 * others, which nobody would remove. */
		say_no_memory("a message is deferred");
		return answer_failure(ctx, ON_ERROR_TEMPFAIL);
	}
	message_set_host(s->message, macro(ctx, j), macro(ctx, v));
	messages_under_way++;
	return SMFIS_CONTINUE;
}

static sfsistat
on_mail(SMFICTX *ctx, char **args)
{
	static const char *const of_mail[] = { "{auth_type}", "{auth_authen}",
		"{cert_subject}", "{cert_issuer}", "{verify}", NULL };
	struct session *s = session_of(ctx);
	sfsistat answer;

	end_message(s);
	answer = begin_message(ctx, s, args[0] == NULL ? "" : args[0]);
	forget_macros(ctx, of_mail);
	return answer;
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **args)
{
	static const char *const of_rcpt[] = { "{rcpt_host}", "{rcpt_mailer}",
		NULL };
	struct session *s = session_of(ctx);
	char host[] = "{rcpt_host}", mailer[] = "{rcpt_mailer}";

	if (s != NULL && s->message != NULL)
		message_add_recipient(s->message,
		    args[0] == NULL ? "" : args[0], macro(ctx, host),
		    macro(ctx, mailer));
	forget_macros(ctx, of_rcpt);
	return silence(s, SMFIP_NR_RCPT);
}

/* Without HDR_LEADSPC the MTA strips the first space, and adds one to what we
 * insert. */
static void
add_spaced(struct message *m, const char *name, const char *value)
{
	size_t len = strlen(value);
	char *spaced = malloc(len + 2);

	if (spaced == NULL) {
		message_fail(m, "out of memory");
		return;
	}
	spaced[0] = ' ';
	memcpy(spaced + 1, value, len + 1);
	message_add_header(m, name, spaced);
	free(spaced);
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = session_of(ctx);

	if (s == NULL || s->message == NULL)
		return silence(s, SMFIP_NR_HDR);
	if ((s->protocol & SMFIP_HDR_LEADSPC) != 0)
		message_add_header(s->message, name, value);
	else
		add_spaced(s->message, name, value);
	return silence(s, SMFIP_NR_HDR);
}

static sfsistat
on_end_headers(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);

	if (s != NULL && s->message != NULL) {
		if (message_is_open(s->message))
			before_wait();
		message_end_headers(s->message, queue_id(ctx));
	}
	return silence(s, SMFIP_NR_EOH);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *bytes, size_t len)
{
	struct session *s = session_of(ctx);

	if (s != NULL && s->message != NULL && len > 0)
		message_add_body(s->message, bytes, len);
	return silence(s, SMFIP_NR_BODY);
}

static int
make_edit(SMFICTX *ctx, const struct session *s, const struct message_edit *e)
{
	char *name = (char *)(uintptr_t)e->name;
	char *value = (char *)(uintptr_t)e->value;

	if (e->index > 0)
		return smfi_chgheader(ctx, name, (int)e->index, NULL);
	if ((s->protocol & SMFIP_HDR_LEADSPC) == 0 && value[0] == ' ')
		value++;
	return smfi_insheader(ctx, 0, name, value);
}

static void
make_edits(SMFICTX *ctx, struct session *s)
{
	const struct message_edit *edits;
	size_t n = message_edits(s->message, &edits);

	for (size_t i = 0; i < n; i++) {
		if (make_edit(ctx, s, &edits[i]) != MI_SUCCESS) {
			message_edit_failed(s->message, &edits[i]);
			return;
		}
	}
}

/* Whether to log this message. Failures of mail that is retried by itself are
 * logged once in a while, with their number. */
static bool
is_worth_a_line(const struct message *m, unsigned *repeats)
{
	const struct message_facts *f = message_facts(m);

	*repeats = 0;
	if (f->result != RESULT_TEMPFAIL || f->origin != ORIGIN_LOCAL)
		return true;
	return warn_is_due(state_warn(message_state(m)), "tempfail",
	    f->failure.text, FAILURE_EVERY_MS, clock_ms(), repeats);
}

static sfsistat
answer(SMFICTX *ctx, const struct message *m)
{
	char code[] = "554", status[] = "5.6.0";
	char text[] = "waybill: too many header fields that only this host "
	    "may set";

	switch (message_facts(m)->result) {
	case RESULT_SIGNED:
	case RESULT_UNSIGNED:
	case RESULT_ACCEPTED:
		break;
	case RESULT_TEMPFAIL:
		return answer_failure(ctx, ON_ERROR_TEMPFAIL);
	case RESULT_REJECTED:
		(void)smfi_setreply(ctx, code, status, text);
		return SMFIS_REJECT;
	}
	return SMFIS_CONTINUE;
}

static sfsistat
on_end_message(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);
	unsigned repeats;
	sfsistat verdict;

	if (s == NULL || s->message == NULL)
		return SMFIS_CONTINUE;
	message_end(s->message);
	make_edits(ctx, s);
	if (is_worth_a_line(s->message, &repeats)) {
		lines_write(s->message, queue_id(ctx), repeats);
		warn_about(state_warn(message_state(s->message)), s->message,
		    queue_id(ctx));
	}
	verdict = answer(ctx, s->message);
	end_message(s);
	return verdict;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	end_message(smfi_getpriv(ctx));
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	end_message(s);
	free(s);
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

int
callbacks_register(void (*call_before_wait)(void), struct err *err)
{
	static char name[] = "waybill";
	struct smfiDesc description = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_headers,
		.xxfi_body = on_body,
		.xxfi_eom = on_end_message,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	before_wait = call_before_wait;
	(void)smfi_setmaxdatasize(PACKET_MAX);
	if (smfi_register(description) != MI_SUCCESS)
		return err_set(err, EXIT_TEMPORARY, "libmilter rejects the "
		    "callbacks: was it built for another version?");
	return 0;
}
