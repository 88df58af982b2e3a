/* SPDX-License-Identifier: ISC */
/*
 * The words of the log and what they mean.
 *
 * A word can stand here twice, as a key and as a warning for example. Words
 * that a later part of waybill logs join this table with it; a test holds the
 * table against the words that the source writes.
 */
#include "tool/words.h"

#include "config/describe.h"

const struct word words[] = {
	{ WORD_EVENT, "message", "", "One outgoing message, and whether it was "
	    "signed." },
	{ WORD_EVENT, "no-log", "", "The recorder can read its log again." },
	{ WORD_EVENT, "outbound", "", "From which addresses mail leaves, and "
	    "where waybilld found them." },
	{ WORD_EVENT, "postfix", "", "Postfix's main.cf or master.cf has "
	    "changed and was read anew." },
	{ WORD_EVENT, "reload", "", "The configuration, the keys and Postfix's "
	    "files were read anew and are in force." },
	{ WORD_EVENT, "route", "", "How one destination of a message will be "
	    "reached." },
	{ WORD_EVENT, "sender", "", "What receivers will find out about the "
	    "sender: SPF, alignment and DMARC over both families." },
	{ WORD_EVENT, "sign", "", "One signature that a message got." },
	{ WORD_EVENT, "start", "", "waybilld or the recorder is ready; what "
	    "it found stands behind it." },
	{ WORD_EVENT, "stop", "", "waybilld ends; messages in flight are "
	    "finished first." },
	{ WORD_EVENT, "store", "", "The recorder can write its store "
	    "again." },
	{ WORD_EVENT, "takeover", "", "Other keys of a domain sign than "
	    "before, for DNS has come to have or to lack one, or a key was "
	    "laid or taken out of use." },

	{ WORD_WARNING, "align", "", "The MAIL FROM domain isn't aligned with "
	    "that of From:, so SPF can't make DMARC pass. Send with an "
	    "envelope address of the author's domain." },
	{ WORD_WARNING, "bind", "", "The own address that is configured is not "
	    "the one that the kernel would use. Fix sender.ipv4 or "
	    "sender.ipv6, or smtp_bind_address in Postfix." },
	{ WORD_WARNING, "family-spf", "", "The family that will be used for a "
	    "destination is the one over which SPF doesn't pass. Add the "
	    "address to the SPF record." },
	{ WORD_WARNING, "files", "", "Nearly all files that waybilld may open "
	    "are open. Raise LimitNOFILE." },
	{ WORD_WARNING, "forged", "", "A message came with stamps of waybill "
	    "that waybill hasn't made; they were removed." },
	{ WORD_WARNING, "fragile", "", "A signature that a host on the way may "
	    "break, by what the message holds (8bit, long-line, control)." },
	{ WORD_WARNING, "key", "", "DNS has no key, or another one, for a "
	    "selector in use. Publish what waybill dns prints." },
	{ WORD_WARNING, "nat", "", "An own address can't be seen from the "
	    "internet. Set sender.ipv4 to the public one." },
	{ WORD_WARNING, "networks", "", "Loopback doesn't count as outgoing "
	    "here, since a content filter could re-inject strangers' mail "
	    "from it. Set outgoing.networks if that can't be." },
	{ WORD_WARNING, "no-aaaa", "", "No mail host of a destination has an "
	    "IPv6 address, so mail leaves over IPv4. Nothing is to be done." },
	{ WORD_WARNING, "no-log", "", "The recorder found no log that it can "
	    "read, and looks again. Is a syslog daemon running, may the user "
	    "waybill-record read its files (group adm), or is record.source "
	    "another?" },
	{ WORD_WARNING, "reinjected", "", "Mail of a domain that has a key "
	    "here was not signed, because it came from a stranger before "
	    "(why=reinjected). If a mailing list on this host writes that "
	    "domain into From:, set outgoing.lists." },
	{ WORD_WARNING, "reload", "", "What was read anew has faults; what was "
	    "in force stays in force." },
	{ WORD_WARNING, "spf", "", "An own address doesn't pass SPF. Add the "
	    "term that is named to the record." },
	{ WORD_WARNING, "store", "", "The recorder can't write its store; "
	    "nothing is lost, it goes on where it was. Make room, or fix what "
	    "the line names." },
	{ WORD_WARNING, "unsigned", "", "Outgoing mail of a domain that has no "
	    "key. Make one with waybill keygen, if it is a domain of "
	    "yours." },

	{ WORD_KEY, "a", "", "In a sign line: the algorithm of the signature, "
	    "rsa-sha256 or ed25519-sha256. In a route line: how many IPv4 "
	    "addresses the mail hosts have." },
	{ WORD_KEY, "aaaa", "", "How many IPv6 addresses the mail hosts of the "
	    "destination have." },
	{ WORD_KEY, "align", "", "Does the MAIL FROM domain belong to the "
	    "domain of From:? strict: it is the same one; relaxed: both have "
	    "one organizational domain; none; unknown." },
	{ WORD_KEY, "author", "", "The domain of From:." },
	{ WORD_KEY, "auto", "", "What outgoing.networks = auto has become." },
	{ WORD_KEY, "before", "", "The selectors of the keys that signed until "
	    "now." },
	{ WORD_KEY, "count", "", "How many there were." },
	{ WORD_KEY, "cut", "", "The line was too long, values at its end are "
	    "missing." },
	{ WORD_KEY, "d", "", "The domain that the signature speaks for." },
	{ WORD_KEY, "dest", "", "The destination: the recipient's domain." },
	{ WORD_KEY, "dests", "", "How many destinations the message has." },
	{ WORD_KEY, "dmarc", "", "Will DMARC pass at that destination?" },
	{ WORD_KEY, "dmarc4", "", "Will DMARC pass over IPv4?" },
	{ WORD_KEY, "dmarc6", "", "Will DMARC pass over IPv6?" },
	{ WORD_KEY, "domains", "", "How many domains are signed for." },
	{ WORD_KEY, "errors", "", "How many faults were found." },
	{ WORD_KEY, "family", "", "The address family of the first attempt: "
	    "ipv6, ipv4, either (p6 is the chance of IPv6), none, unknown." },
	{ WORD_KEY, "files", "", "How many files and connections waybilld may "
	    "have open." },
	{ WORD_KEY, "forged", "", "How many stamps that waybill hasn't made "
	    "were removed from the message." },
	{ WORD_KEY, "fragile", "", "What in the message may break the "
	    "signature on the way." },
	{ WORD_KEY, "from", "", "The envelope sender. In a stamp: the domain "
	    "of From:." },
	{ WORD_KEY, "helo", "", "The name that this host says in EHLO." },
	{ WORD_KEY, "host", "", "The name of this host." },
	{ WORD_KEY, "ip4", "", "The own IPv4 address, or none; of several "
	    "which the host hasn't got, all." },
	{ WORD_KEY, "ip6", "", "The own IPv6 address, or none; of several "
	    "which the host hasn't got, all." },
	{ WORD_KEY, "key", "", "Is the key that signs published in DNS? "
	    "published, missing, differs, unknown; none: not signed." },
	{ WORD_KEY, "keys", "", "Are the keys parsed once (cached), or for "
	    "each message (parsed)?" },
	{ WORD_KEY, "limit", "", "How many there may be." },
	{ WORD_KEY, "mailfrom", "", "The domain of the envelope sender." },
	{ WORD_KEY, "messages", "", "How many messages are in flight." },
	{ WORD_KEY, "mx", "", "The first mail host of the destination." },
	{ WORD_KEY, "mxs", "", "How many mail hosts the destination has." },
	{ WORD_KEY, "nexthop", "", "The host that Postfix hands the mail to, "
	    "where it isn't the destination itself." },
	{ WORD_KEY, "nkeys", "", "How many keys there are." },
	{ WORD_KEY, "open", "", "How many are open." },
	{ WORD_KEY, "origin", "", "Why the message counts as outgoing." },
	{ WORD_KEY, "p6", "", "The chance that the first attempt goes over "
	    "IPv6, in percent." },
	{ WORD_KEY, "policy", "", "The DMARC policy that the author's domain "
	    "publishes: none, quarantine, reject; absent where there is no "
	    "record." },
	{ WORD_KEY, "rcpts", "", "How many recipients the message has." },
	{ WORD_KEY, "repeats", "", "How often the same happened since the last "
	    "such line." },
	{ WORD_KEY, "result", "", "What became of the message: signed, "
	    "unsigned, accepted, tempfail, rejected." },
	{ WORD_KEY, "s", "", "The selector: which key of the domain signed." },
	{ WORD_KEY, "signs", "", "The selectors of the keys that sign from now "
	    "on." },
	{ WORD_KEY, "size", "", "The bytes of the message." },
	{ WORD_KEY, "socket", "", "Where Postfix reaches waybilld." },
	{ WORD_KEY, "source", "", "A log that the recorder reads." },
	{ WORD_KEY, "source4", "", "Where the own IPv4 address was found: "
	    "configured, bind, interface, proxy, kernel, none." },
	{ WORD_KEY, "source6", "", "Where the own IPv6 address was found." },
	{ WORD_KEY, "spf", "", "The SPF result for the address that will be "
	    "used." },
	{ WORD_KEY, "spf4", "", "The SPF result for the own IPv4 address." },
	{ WORD_KEY, "spf6", "", "The SPF result for the own IPv6 address." },
	{ WORD_KEY, "store", "", "Where the recorder keeps the record." },
	{ WORD_KEY, "transport", "", "The service of Postfix's master.cf that "
	    "will deliver." },
	{ WORD_KEY, "user", "", "The user that waybilld runs as." },
	{ WORD_KEY, "version", "", "The version of waybill." },
	{ WORD_KEY, "why", "", "The reason for what the line says." },

	{ WORD_REASON, "already-signed", "", "The message carries a signature "
	    "of ours that verifies; it passed untouched." },
	{ WORD_REASON, "any", "", "Postfix's smtp_address_preference is any: "
	    "chance decides between the addresses." },
	{ WORD_REASON, "busy", "", "Too many destinations of this message were "
	    "unanswered to ask for more." },
	{ WORD_REASON, "disabled", "", "sign.enabled is false: waybilld only "
	    "watches." },
	{ WORD_REASON, "filtered", "", "smtp_dns_reply_filter alters what "
	    "Postfix sees of DNS." },
	{ WORD_REASON, "forged", "", "The message came with more stamps that "
	    "waybill hasn't made than are removed (256)." },
	{ WORD_REASON, "forwarded", "", "The author's domain has no key here "
	    "and another host has signed: a forward or a list; it passed "
	    "untouched." },
	{ WORD_REASON, "literal", "", "The destination is an address, not a "
	    "name." },
	{ WORD_REASON, "mx-is-me", "", "This host is the best mail host of the "
	    "destination." },
	{ WORD_REASON, "no-a", "", "No mail host of the destination has an "
	    "IPv4 address." },
	{ WORD_REASON, "no-aaaa", "", "No mail host of the destination has an "
	    "IPv6 address." },
	{ WORD_REASON, "no-address", "", "The mail hosts of the destination "
	    "have no address at all." },
	{ WORD_REASON, "no-author", "", "The message has no From: with a "
	    "usable address." },
	{ WORD_REASON, "no-ipv4-here", "", "This host, or Postfix's "
	    "inet_protocols, has no IPv4." },
	{ WORD_REASON, "no-ipv6-here", "", "This host, or Postfix's "
	    "inet_protocols, has no IPv6." },
	{ WORD_REASON, "no-key", "", "No key signs for the author's domain. "
	    "Make one with waybill keygen, if it is a domain of yours." },
	{ WORD_REASON, "not-aligned", "", "sign.author doesn't let this "
	    "sender use the domain of From:. The domain that counts is that of "
	    "MAIL FROM, or for an empty one that of the login." },
	{ WORD_REASON, "null-mx", "", "The destination says that it takes no "
	    "mail (RFC 7505)." },
	{ WORD_REASON, "nxdomain", "", "The destination doesn't exist in "
	    "DNS." },
	{ WORD_REASON, "prefer-ipv4", "", "Both families are there, and "
	    "Postfix prefers IPv4." },
	{ WORD_REASON, "prefer-ipv6", "", "Both families are there, and "
	    "Postfix prefers IPv6." },
	{ WORD_REASON, "reinjected", "", "A stranger sent this message to "
	    "this host, and a program here (a mailing list, an alias, a "
	    "filter) sent it on. It passed untouched: waybilld(8)." },
	{ WORD_REASON, "relay", "", "A relay delivers; the destination sees "
	    "the relay's address, not ours." },
	{ WORD_REASON, "servfail", "", "The DNS servers of the destination "
	    "failed to answer." },
	{ WORD_REASON, "several-authors", "", "From: names addresses of "
	    "several domains; nobody can sign for all of them." },
	{ WORD_REASON, "timeout", "", "DNS hasn't answered in time." },
	{ WORD_REASON, "transport-maps", "", "Postfix didn't say the next hop, "
	    "and a transport map may change it. Ask: waybill route." },

	{ WORD_VALUE, "8bit", "fragile", "Text with 8-bit bytes: a host "
	    "without 8BITMIME has it recoded." },
	{ WORD_VALUE, "accepted", "result", "Signing failed, and on_error let "
	    "the message go unsigned." },
	{ WORD_VALUE, "address", "scope", "The reply is about the address "
	    "that mail leaves from." },
	{ WORD_VALUE, "agrees", "verdict", "The receiver found what our stamp "
	    "foretold." },
	{ WORD_VALUE, "ask", "advice", "Ask the receiver or the hosting "
	    "provider: no "
	    "setting of yours helps." },
	{ WORD_VALUE, "authenticated", "origin", "The client has logged in." },
	{ WORD_VALUE, "banner", "stage", "The mail host rejected before it was "
	    "told anything." },
	{ WORD_VALUE, "better", "change", "It rejected or deferred before, and "
	    "takes mail now." },
	{ WORD_VALUE, "bounced", "status", "It was rejected for good (5xx); "
	    "why stands behind it." },
	{ WORD_VALUE, "burst", "change", "An author sent far more than "
	    "before." },
	{ WORD_VALUE, "cached", "keys", "Each key is parsed once." },
	{ WORD_VALUE, "certificate", "origin", "The client's verified "
	    "certificate is in outgoing.certificates." },
	{ WORD_VALUE, "connect", "stage", "No connection came about." },
	{ WORD_VALUE, "control", "fragile", "A signed field holds a bare CR, "
	    "VT or FF, which verifiers read differently." },
	{ WORD_VALUE, "daemon", "origin", "The smtpd's daemon name is in "
	    "outgoing.daemons." },
	{ WORD_VALUE, "data", "stage", "In answer to DATA, before the "
	    "message." },
	{ WORD_VALUE, "deferred", "status", "It was deferred, and is tried "
	    "again." },
	{ WORD_VALUE, "differs", "key, state, verdict", "DNS has another key "
	    "or record; or the receiver found something else than our stamp "
	    "foretold." },
	{ WORD_VALUE, "domain", "scope", "The reply is about your domain." },
	{ WORD_VALUE, "done", "advice", "What waybill would advise is in force "
	    "already." },
	{ WORD_VALUE, "ehlo", "stage", "In answer to EHLO or HELO." },
	{ WORD_VALUE, "either", "family", "Chance decides; p6 is the chance of "
	    "IPv6 in percent." },
	{ WORD_VALUE, "eod", "stage", "In answer to the end of the message." },
	{ WORD_VALUE, "expired", "status", "It was too long in the queue, and "
	    "was returned to the sender." },
	{ WORD_VALUE, "fail", "spf, dmarc, severity", "SPF: the record says "
	    "that this address may not send. DMARC: nothing aligned passes. "
	    "A finding: mail suffers." },
	{ WORD_VALUE, "fine", "advice", "The destination takes your mail." },
	{ WORD_VALUE, "fix", "advice, choice", "Something of yours is wrong: "
	    "fix it." },
	{ WORD_VALUE, "hosting", "who, choice", "Who rents you the server or "
	    "its address can fix it." },
	{ WORD_VALUE, "ipv4", "family", "The first attempt goes over IPv4." },
	{ WORD_VALUE, "ipv6", "family", "The first attempt goes over IPv6." },
	{ WORD_VALUE, "local", "origin", "sendmail(1) has submitted it on this "
	    "host." },
	{ WORD_VALUE, "long-line", "fragile", "A line of over 998 bytes, which "
	    "Postfix breaks on its way out." },
	{ WORD_VALUE, "mail", "stage", "In answer to MAIL FROM." },
	{ WORD_VALUE, "message", "scope", "The reply is about this message "
	    "alone." },
	{ WORD_VALUE, "missing", "key, state", "DNS has no key for the "
	    "selector, or no such record." },
	{ WORD_VALUE, "network", "origin, scope", "The client's address is in "
	    "outgoing.networks; or the reply is about the network that the "
	    "own address is in." },
	{ WORD_VALUE, "neutral", "spf", "The record says nothing about this "
	    "address." },
	{ WORD_VALUE, "none", "", "There is none: of a family an address, of "
	    "SPF or DMARC a record, of align any alignment, of a message a "
	    "signature." },
	{ WORD_VALUE, "note", "severity", "Worth knowing; nothing is to be "
	    "done." },
	{ WORD_VALUE, "ok", "severity", "As it should be." },
	{ WORD_VALUE, "parsed", "keys", "Each key is parsed for each message: "
	    "right, but slower." },
	{ WORD_VALUE, "pass", "spf, dmarc", "It passes." },
	{ WORD_VALUE, "permerror", "spf", "The record is broken: no receiver "
	    "can use it." },
	{ WORD_VALUE, "published", "key, state", "DNS has this key or "
	    "record." },
	{ WORD_VALUE, "quarantine", "policy", "Receivers are asked to put what "
	    "fails into the spam folder." },
	{ WORD_VALUE, "rcpt", "stage", "In answer to RCPT TO." },
	{ WORD_VALUE, "receiver", "who, choice", "Who rejects can fix it, on "
	    "your request." },
	{ WORD_VALUE, "recipient", "scope", "The reply is about the "
	    "recipient." },
	{ WORD_VALUE, "reject", "policy", "Receivers are asked to reject what "
	    "fails." },
	{ WORD_VALUE, "rejected", "result", "It was rejected for good; why "
	    "stands behind it." },
	{ WORD_VALUE, "relaxed", "align", "Both have one organizational "
	    "domain." },
	{ WORD_VALUE, "relay", "choice", "Send through another host, whose "
	    "address isn't rejected." },
	{ WORD_VALUE, "sent", "status", "It was accepted." },
	{ WORD_VALUE, "signed", "result", "At least one signature was made." },
	{ WORD_VALUE, "softfail", "spf", "The record says that this address "
	    "probably may not send." },
	{ WORD_VALUE, "strict", "align", "It is the same domain." },
	{ WORD_VALUE, "switch", "advice", "One family is rejected and the other "
	    "isn't: send over that one." },
	{ WORD_VALUE, "temperror", "spf", "DNS failed for now." },
	{ WORD_VALUE, "tempfail", "result", "Signing failed, and the message "
	    "was rejected for now; it will be tried again." },
	{ WORD_VALUE, "time", "who", "It resolves by itself." },
	{ WORD_VALUE, "tls", "stage", "In answer to STARTTLS, or in the "
	    "handshake." },
	{ WORD_VALUE, "todo", "change", "Something only you can fix." },
	{ WORD_VALUE, "unchecked", "spf", "Not looked at: the address can't be "
	    "seen from the internet, or the domain is not one of yours." },
	{ WORD_VALUE, "unknown", "", "Not known, mostly since DNS hasn't "
	    "answered yet." },
	{ WORD_VALUE, "unsigned", "result", "No signature was made; why says "
	    "the reason." },
	{ WORD_VALUE, "wait", "advice, choice", "Nothing is to be done: it "
	    "resolves by itself." },
	{ WORD_VALUE, "warn", "severity", "Something is wrong that doesn't "
	    "stop mail." },
	{ WORD_VALUE, "worse", "change", "It rejects or defers more than "
	    "before." },
	{ WORD_VALUE, "you", "who", "You can fix it." },

	{ WORD_FINDING, "address", "", "From which address mail leaves over a "
	    "family, and where that was found." },
	{ WORD_FINDING, "attached", "", "Does Postfix show a service's mail to "
	    "waybilld? What isn't shown is neither signed nor looked at." },
	{ WORD_FINDING, "bounced", "", "Who rejected mail since yesterday. "
	    "waybill advise says what to do." },
	{ WORD_FINDING, "daemon", "", "Does waybilld answer at its socket?" },
	{ WORD_FINDING, "log", "", "Which logs are read, and who can write "
	    "into them what the record then believes." },
	{ WORD_FINDING, "loopback", "", "Does mail that comes from this host "
	    "itself count as outgoing?" },
	{ WORD_FINDING, "postfix", "", "Can Postfix's configuration be read?" },
	{ WORD_FINDING, "record", "", "Does the recorder run, and how far "
	    "behind the log is it?" },
	{ WORD_FINDING, "reinjected", "", "How many messages were not signed "
	    "since yesterday because a stranger had sent them to this host "
	    "before (why=reinjected)." },
	{ WORD_FINDING, "sign", "", "sign.enabled is false: waybilld only "
	    "watches." },
	{ WORD_FINDING, "signed", "", "Which message was signed last, and by "
	    "which key." },
	{ WORD_FINDING, "warnings", "", "What waybilld warned of in the last "
	    "24 hours." },

	{ WORD_COLUMN, "address", "", "An address of a mail host." },
	{ WORD_COLUMN, "advice", "", "What to do about a destination: switch, "
	    "ask, fix, wait, done, fine or unknown." },
	{ WORD_COLUMN, "algorithm", "", "The kind of the key: rsa or "
	    "ed25519." },
	{ WORD_COLUMN, "attempts", "", "How often delivery was tried." },
	{ WORD_COLUMN, "before", "", "How many messages there were in the "
	    "period before." },
	{ WORD_COLUMN, "bits", "", "The length of the key." },
	{ WORD_COLUMN, "bounced", "", "For how many recipients mail was "
	    "rejected for good." },
	{ WORD_COLUMN, "by", "", "Who says so: the name in an "
	    "Authentication-Results field, or the field." },
	{ WORD_COLUMN, "change", "", "What changed: worse, burst (an author "
	    "who sent far more), better, todo." },
	{ WORD_COLUMN, "choice", "", "The first of choices, or none." },
	{ WORD_COLUMN, "choices", "", "What can be done, in order: ipv4, ipv6, "
	    "fix, receiver, hosting, relay, wait." },
	{ WORD_COLUMN, "class", "", "What a reply is about. waybill explain "
	    "CLASS tells more." },
	{ WORD_COLUMN, "day", "", "The day (UTC)." },
	{ WORD_COLUMN, "deferred", "", "How many attempts were answered with a "
	    "reply of 4xx." },
	{ WORD_COLUMN, "domain", "", "The domain that it is about." },
	{ WORD_COLUMN, "dsn", "", "The enhanced status code of the reply (RFC "
	    "3463), as in 5.7.1." },
	{ WORD_COLUMN, "entry", "", "What Postfix's transport table has for "
	    "this destination already." },
	{ WORD_COLUMN, "event", "", "What happened to the message at that "
	    "time." },
	{ WORD_COLUMN, "expired", "", "For how many recipients the message was "
	    "too long in the queue, and was returned to the sender." },
	{ WORD_COLUMN, "fact", "", "What was found." },
	{ WORD_COLUMN, "file", "", "The file of the key." },
	{ WORD_COLUMN, "first", "", "When it came first." },
	{ WORD_COLUMN, "fix", "", "What to do about it." },
	{ WORD_COLUMN, "ip", "", "The address: in waybill spf one of ours, "
	    "else that of the mail host." },
	{ WORD_COLUMN, "kind", "", "What the word is: an event, a warning, a "
	    "key, a reason, a value, a finding, a column or a class." },
	{ WORD_COLUMN, "last", "", "When it came last." },
	{ WORD_COLUMN, "link", "", "The receiver's page on such replies, or "
	    "that of the list." },
	{ WORD_COLUMN, "lookups", "", "How many terms of the SPF record asked "
	    "DNS; 10 are allowed." },
	{ WORD_COLUMN, "meaning", "", "What it means, in plain words." },
	{ WORD_COLUMN, "messages", "", "How many messages of the period went "
	    "there." },
	{ WORD_COLUMN, "name", "", "The name of the DNS record." },
	{ WORD_COLUMN, "note", "", "What is odd about what DNS has." },
	{ WORD_COLUMN, "of", "", "The keys that have this value." },
	{ WORD_COLUMN, "predicted", "", "For how many messages waybilld "
	    "foretold the family." },
	{ WORD_COLUMN, "preference", "", "The preference of the mail host: the "
	    "lowest comes first." },
	{ WORD_COLUMN, "provider", "", "Who runs the mail host: the "
	    "registrable part of its name, or what conf/replies calls it." },
	{ WORD_COLUMN, "qid", "", "Postfix's queue id of the message." },
	{ WORD_COLUMN, "queued", "", "How many messages are in the queue for "
	    "it now." },
	{ WORD_COLUMN, "right", "", "How often the family was the one "
	    "foretold." },
	{ WORD_COLUMN, "scope", "", "What a reply is about: address, "
	    "network, domain, message or recipient." },
	{ WORD_COLUMN, "selector", "", "The name of the key in DNS." },
	{ WORD_COLUMN, "sent", "", "For how many recipients mail was accepted. "
	    "Inbox or spam folder, only the recipient sees." },
	{ WORD_COLUMN, "sent_otherwise", "", "How many messages the "
	    "destination took over the other family." },
	{ WORD_COLUMN, "severity", "", "How bad it is: ok, note, warn or "
	    "fail." },
	{ WORD_COLUMN, "stage", "", "Where in the session it happened: "
	    "connect, banner, ehlo, tls, mail, rcpt, data or eod (the end of "
	    "the message)." },
	{ WORD_COLUMN, "stamped", "", "What our stamp foretold." },
	{ WORD_COLUMN, "state", "", "What DNS has of the record: published, "
	    "missing, differs, unknown." },
	{ WORD_COLUMN, "status", "", "How an attempt or a message ended: sent, "
	    "deferred, bounced, expired." },
	{ WORD_COLUMN, "subject", "", "What the line is about: a domain, an "
	    "address, a service." },
	{ WORD_COLUMN, "term", "", "The term of the SPF record that decided." },
	{ WORD_COLUMN, "text", "", "The text of the reply, or the sentence "
	    "itself." },
	{ WORD_COLUMN, "there", "", "What DNS has instead." },
	{ WORD_COLUMN, "time", "", "When it happened (UTC)." },
	{ WORD_COLUMN, "to", "", "The recipient." },
	{ WORD_COLUMN, "told", "", "What the receiver found." },
	{ WORD_COLUMN, "type", "", "The type of the DNS record." },
	{ WORD_COLUMN, "used", "", "Over which family mail did go there: ipv4, "
	    "ipv6 or both." },
	{ WORD_COLUMN, "value", "", "The text of the DNS record, as a web form "
	    "wants it." },
	{ WORD_COLUMN, "verdict", "", "Does what the receiver found agree with "
	    "our stamp? agrees, differs, unknown." },
	{ WORD_COLUMN, "voids", "", "How many look-ups of the SPF record found "
	    "nothing; 2 are allowed." },
	{ WORD_COLUMN, "was", "", "The family under the preference that is in "
	    "force." },
	{ WORD_COLUMN, "what", "", "What is compared: signature, stamps, "
	    "address, family, spf, dmarc, other." },
	{ WORD_COLUMN, "who", "", "Who can fix it: you, hosting, receiver or "
	    "time." },
	{ WORD_COLUMN, "word", "", "The word that is explained." },
	{ WORD_COLUMN, "wrong", "", "How often the family was not the one "
	    "foretold." },
	{ 0, NULL, NULL, NULL },
};

const char *
word_kind_name(enum word_kind kind)
{
	static const char *const names[] = {
		[WORD_EVENT] = "event", [WORD_WARNING] = "warning",
		[WORD_KEY] = "key", [WORD_REASON] = "reason",
		[WORD_VALUE] = "value", [WORD_FINDING] = "finding",
		[WORD_COLUMN] = "column",
	};

	return names[kind];
}

void
words_man(struct text *out)
{
	static const char *const titles[] = {
		[WORD_EVENT] = "Events", [WORD_WARNING] = "Warnings",
		[WORD_KEY] = "Keys", [WORD_REASON] = "Reasons (why=)",
		[WORD_VALUE] = "Other values",
		[WORD_FINDING] = "Findings of waybill status",
		[WORD_COLUMN] = "Columns of what waybill prints",
	};

	for (const struct word *w = words; w->word != NULL; w++) {
		if (w == words || w[-1].kind != w->kind)
			text_addf(out, "%s.Ss %s\n.Bl -tag -width Ds\n",
			    w == words ? "" : ".El\n", titles[w->kind]);
		text_addf(out, ".It Cm %s", w->word);
		text_addf(out, w->of[0] == '\0' ? "\n" : " Pq %s\n", w->of);
		describe_man_text(out, w->meaning);
	}
	text_add(out, ".El\n");
}
