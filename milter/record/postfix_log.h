/* SPDX-License-Identifier: ISC */
#ifndef WAYBILL_RECORD_POSTFIX_LOG_H
#define WAYBILL_RECORD_POSTFIX_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "record/source.h"

/*
 * One line of Postfix's log to a struct, read left to right, never searched:
 * what a remote server or a sender wrote into it can't forge a field.
 */

enum postfix_line_kind {
	POSTFIX_OTHER,		/* nothing that is recorded */
	POSTFIX_DELIVERY,	/* to=<>, relay=, ... status=WORD (text) */
	POSTFIX_CONNECT_FAILED,	/* connect to X[addr]:port: reason */
	POSTFIX_HOST_SAID,	/* host X[addr] said: reply (in reply to ..) */
	POSTFIX_REFUSED_TO_TALK, /* host X[addr] refused to talk to me: .. */
	POSTFIX_LOST,		/* lost connection with X[addr] while .. */
	POSTFIX_TIMED_OUT,	/* conversation with X[addr] timed out while .. */
	POSTFIX_TLS_MADE,	/* ... TLS connection established to X[addr] */
	POSTFIX_TLS_FAILED,	/* SSL_connect error to .., Cannot start TLS */
	POSTFIX_BIND_FAILED,	/* smtp_connect_addr: bind ADDR: reason */
	POSTFIX_SERVER_CONFIG,	/* server configuration error */
	POSTFIX_ACTIVE,		/* qmgr: from=<>, size=, nrcpt= (queue active) */
	POSTFIX_EXPIRED,	/* qmgr: from=<>, status=[force-]expired .. */
	POSTFIX_REMOVED,	/* qmgr; postsuper, by the operator */
	POSTFIX_CLIENT,		/* smtpd: client=X[addr], sasl_username= */
	POSTFIX_PICKUP,		/* pickup: uid= from=<> [orig_id=] */
	POSTFIX_MESSAGE_ID,	/* cleanup: message-id= */
	POSTFIX_MILTER_REJECT,	/* milter-reject, milter-hold, milter-discard */
	POSTFIX_REJECT,		/* smtpd, postscreen: reject: .., from= to= */
	POSTFIX_BOUNCE,		/* sender non-delivery notification: NEWID */
	POSTFIX_RENAMED,	/* postsuper: Renamed to match inode number */
	POSTFIX_FATAL,		/* the process ends: fatal:, panic: */
};

/* Bytes that are kept of any one field. */
enum { POSTFIX_FIELD_MAX = 1024, POSTFIX_QID_MAX = 63 };

struct postfix_line {
	enum postfix_line_kind kind;
	char program[64];		/* last part of the tag: "smtp", "qmgr" */
	char qid[POSTFIX_QID_MAX + 1];	/* "" without one */
	char to[POSTFIX_FIELD_MAX];	/* addresses: without < > */
	char orig_to[POSTFIX_FIELD_MAX];
	char from[POSTFIX_FIELD_MAX];
	char relay_host[256];		/* before "["; "" for none, or where it
					   holds bytes that no host name has */
	struct ip relay_ip;		/* IP_NONE without one */
	unsigned relay_port;		/* 0: not in the line */
	unsigned conn_use;		/* 1 without the field */
	long delay_ms;			/* -1 without the field */
	char delays[64];		/* "a/b/c/d" */
	char tls[64];			/* 3.11's tls=, or of a TLS line */
	char dsn[16];
	char status[24];		/* sent deferred bounced SOFTBOUNCE ..;
					   of milters: reject hold discard */
	char sasl_username[POSTFIX_FIELD_MAX];
	char other_id[POSTFIX_QID_MAX + 1];	/* orig_id=, the bounce's id */
	unsigned nrcpt;
	char stage[16];			/* connect banner ehlo tls mail rcpt data
					   eod, "" where the line doesn't tell */
	const char *reply;		/* the foreign part, in the line's text;
					   NULL without one */
	size_t reply_len;
	bool has_envelope;		/* of rejected mail: from and to are set */
	bool cut;			/* it ended before its form did */
};

/* Never fails: what isn't understood is POSTFIX_OTHER. out->reply points into
 * line, which must outlive it. */
void postfix_log_parse(const struct source_line *line,
    struct postfix_line *out);

/* What a bounce says of a recipient ("<A>: host X[addr] said: reply (in reply to
 * ..)", "<A> (expanded from <B>): ..."), the same without the address, or a
 * reply alone: never fails, out->reply is set and points into text (len bytes).
 * The kind is POSTFIX_OTHER where nothing but the reply is told. */
void postfix_log_parse_notice(const char *text, size_t len,
    struct postfix_line *out);

/* Is this a queue id, short or long form (facts of Postfix's own alphabet)? */
bool postfix_log_is_qid(const char *s, size_t len);

/* When the message came that has this id, in seconds since 1970: a long id says
 * it. 0 for a short one. */
int64_t postfix_log_qid_second(const char *qid);

/* "queued as ID" in the reply to a delivery to an own address: the id under
 * which the message goes on. false, or out (POSTFIX_QID_MAX + 1 bytes). */
bool postfix_log_queued_as(const struct postfix_line *l, char *out);

#endif
