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
	{ WORD_EVENT, "message", "", "An outgoing message, and whether it was "
	    "signed." },
	{ WORD_EVENT, "no-log", "", "The recorder can read its log again." },
	{ WORD_EVENT, "outbound", "", "The addresses that mail leaves from, "
	    "and where waybilld found them." },
	{ WORD_EVENT, "postfix", "", "Postfix's main.cf or master.cf has "
	    "changed and was read again." },
	{ WORD_EVENT, "reload", "", "The configuration, the keys and Postfix's "
	    "files were read again and are in effect." },
	{ WORD_EVENT, "route", "", "How the message will reach one of its "
	    "destinations." },
	{ WORD_EVENT, "sender", "", "What receivers will see of the sender: "
	    "SPF, alignment and DMARC, over both families." },
	{ WORD_EVENT, "sign", "", "A signature that was added to a message." },
	{ WORD_EVENT, "start", "", "waybilld or the recorder is ready, with "
	    "what it found." },
	{ WORD_EVENT, "stop", "", "waybilld is stopping; it finishes the "
	    "messages in progress first." },
	{ WORD_EVENT, "store", "", "The recorder can write its store "
	    "again." },
	{ WORD_EVENT, "takeover", "", "The set of keys that sign for a domain "
	    "has changed: a key appeared in DNS or vanished from it, or a key "
	    "file was added or removed." },

	{ WORD_WARNING, "align", "", "The MAIL FROM domain is not aligned with "
	    "the From: domain, so SPF cannot make DMARC pass. Use an envelope "
	    "sender in the author's domain." },
	{ WORD_WARNING, "bind", "", "The configured outbound address is not "
	    "the one that the kernel would use. Fix sender.ipv4 or "
	    "sender.ipv6, or smtp_bind_address in Postfix." },
	{ WORD_WARNING, "family-spf", "", "SPF does not pass over the family "
	    "that will be used for a destination. Add the address to the SPF "
	    "record." },
	{ WORD_WARNING, "files", "", "waybilld is close to its limit of open "
	    "files. Raise LimitNOFILE." },
	{ WORD_WARNING, "forged", "", "A message arrived with waybill stamps "
	    "that this waybill did not make; they were removed." },
	{ WORD_WARNING, "fragile", "", "A host on the way may break the "
	    "signature, because of what the message contains (8bit, long-line, "
	    "control)." },
	{ WORD_WARNING, "key", "", "DNS has no key for a selector in use, or a "
	    "different one. Publish the record that waybill dns prints." },
	{ WORD_WARNING, "nat", "", "An outbound address is not reachable from "
	    "the internet (NAT). Set sender.ipv4 to the public one." },
	{ WORD_WARNING, "networks", "", "Mail from loopback does not count as "
	    "outgoing here, because a content filter could re-inject other "
	    "people's mail from there. If that cannot happen, set "
	    "outgoing.networks." },
	{ WORD_WARNING, "no-aaaa", "", "No MX host of a destination has an "
	    "IPv6 address, so mail goes over IPv4. No action is needed." },
	{ WORD_WARNING, "no-log", "", "The recorder found no log that it can "
	    "read, and keeps trying. Check that a syslog daemon is running, "
	    "that the user waybill-record can read its files (group adm), and "
	    "that record.source is right." },
	{ WORD_WARNING, "reinjected", "", "Mail from a domain that has a key "
	    "here was not signed, because a stranger had sent it to this host "
	    "(why=reinjected). If a mailing list on this host writes that "
	    "domain into From:, set outgoing.lists." },
	{ WORD_WARNING, "reload", "", "The new configuration has errors; the "
	    "previous one stays in effect." },
	{ WORD_WARNING, "spf", "", "SPF does not pass for an outbound address. "
	    "Add the term shown to the record." },
	{ WORD_WARNING, "store", "", "The recorder cannot write its store. "
	    "Nothing is lost: it continues where it stopped. Free disk space, "
	    "or fix the cause shown." },
	{ WORD_WARNING, "unsigned", "", "Outgoing mail from a domain without a "
	    "key. If the domain is yours, create a key with waybill keygen." },

	{ WORD_KEY, "a", "", "In a sign line: the signature algorithm, "
	    "rsa-sha256 or ed25519-sha256. In a route line: how many IPv4 "
	    "addresses the MX hosts have." },
	{ WORD_KEY, "aaaa", "", "How many IPv6 addresses the MX hosts of the "
	    "destination have." },
	{ WORD_KEY, "align", "", "Whether the MAIL FROM domain is aligned with "
	    "the From: domain. strict: the same domain; relaxed: the same "
	    "organizational domain; none; unknown." },
	{ WORD_KEY, "author", "", "The domain of From:." },
	{ WORD_KEY, "auto", "", "The effective value of outgoing.networks = "
	    "auto." },
	{ WORD_KEY, "before", "", "The selectors of the keys that signed "
	    "before." },
	{ WORD_KEY, "count", "", "How many there were." },
	{ WORD_KEY, "cut", "", "The line was too long; values at its end are "
	    "missing." },
	{ WORD_KEY, "d", "", "The signing domain (d= of the signature)." },
	{ WORD_KEY, "dest", "", "The destination: the recipient's domain." },
	{ WORD_KEY, "dests", "", "How many destinations the message has." },
	{ WORD_KEY, "dmarc", "", "Whether DMARC will pass at that "
	    "destination." },
	{ WORD_KEY, "dmarc4", "", "Whether DMARC will pass over IPv4." },
	{ WORD_KEY, "dmarc6", "", "Whether DMARC will pass over IPv6." },
	{ WORD_KEY, "domains", "", "How many domains have a key." },
	{ WORD_KEY, "errors", "", "How many errors were found." },
	{ WORD_KEY, "family", "", "The address family of the first attempt: "
	    "ipv6, ipv4, either (p6 is the chance of IPv6), none, unknown." },
	{ WORD_KEY, "files", "", "How many files and connections waybilld may "
	    "have open." },
	{ WORD_KEY, "forged", "", "How many stamps that this waybill did not "
	    "make were removed from the message." },
	{ WORD_KEY, "fragile", "", "What in the message may break the "
	    "signature on the way." },
	{ WORD_KEY, "from", "", "The envelope sender. In a stamp: the domain "
	    "of From:." },
	{ WORD_KEY, "helo", "", "The name that this host uses in EHLO." },
	{ WORD_KEY, "host", "", "The name of this host." },
	{ WORD_KEY, "ip4", "", "The outbound IPv4 address, or none; all of "
	    "them if there are several that the host itself does not have." },
	{ WORD_KEY, "ip6", "", "The outbound IPv6 address, or none; all of "
	    "them if there are several that the host itself does not have." },
	{ WORD_KEY, "key", "", "Whether DNS has the key that signs: published, "
	    "missing, differs, unknown; none: not signed." },
	{ WORD_KEY, "keys", "", "Whether keys are parsed once (cached) or for "
	    "each message (parsed)." },
	{ WORD_KEY, "limit", "", "The maximum number." },
	{ WORD_KEY, "mailfrom", "", "The domain of the envelope sender." },
	{ WORD_KEY, "messages", "", "How many messages are in progress." },
	{ WORD_KEY, "mx", "", "The first MX host of the destination." },
	{ WORD_KEY, "mxs", "", "How many MX hosts the destination has." },
	{ WORD_KEY, "nexthop", "", "The host that Postfix hands the mail to, "
	    "if it is not the destination itself." },
	{ WORD_KEY, "nkeys", "", "How many keys there are." },
	{ WORD_KEY, "open", "", "How many are open." },
	{ WORD_KEY, "origin", "", "Why the message counts as outgoing." },
	{ WORD_KEY, "p6", "", "The probability, in percent, that the first "
	    "attempt goes over IPv6." },
	{ WORD_KEY, "policy", "", "The DMARC policy that the author's domain "
	    "publishes: none, quarantine or reject; absent if there is no "
	    "record." },
	{ WORD_KEY, "rcpts", "", "How many recipients the message has." },
	{ WORD_KEY, "repeats", "", "How often the same happened since the last "
	    "such line." },
	{ WORD_KEY, "result", "", "What happened to the message: signed, "
	    "unsigned, accepted, tempfail, rejected." },
	{ WORD_KEY, "s", "", "The selector: the key of the domain that "
	    "signed." },
	{ WORD_KEY, "signs", "", "The selectors of the keys that sign from now "
	    "on." },
	{ WORD_KEY, "size", "", "The size of the message in bytes." },
	{ WORD_KEY, "socket", "", "Where Postfix reaches waybilld." },
	{ WORD_KEY, "source", "", "A log that the recorder reads." },
	{ WORD_KEY, "source4", "", "Where the outbound IPv4 address was found: "
	    "configured, bind, interface, proxy, kernel, none." },
	{ WORD_KEY, "source6", "", "Where the outbound IPv6 address was "
	    "found." },
	{ WORD_KEY, "spf", "", "The SPF result for the address that will be "
	    "used." },
	{ WORD_KEY, "spf4", "", "The SPF result for the outbound IPv4 "
	    "address." },
	{ WORD_KEY, "spf6", "", "The SPF result for the outbound IPv6 "
	    "address." },
	{ WORD_KEY, "store", "", "Where the recorder keeps the record." },
	{ WORD_KEY, "transport", "", "The service in Postfix's master.cf that "
	    "will deliver." },
	{ WORD_KEY, "user", "", "The user that waybilld runs as." },
	{ WORD_KEY, "version", "", "The version of waybill." },
	{ WORD_KEY, "why", "", "The reason for what the line says." },

	{ WORD_REASON, "already-signed", "", "The message has a valid "
	    "signature of this host already and passed untouched." },
	{ WORD_REASON, "any", "", "Postfix's smtp_address_preference is any: "
	    "the family is chosen at random." },
	{ WORD_REASON, "busy", "", "Too many DNS queries for this sender's "
	    "messages were still unanswered to start more." },
	{ WORD_REASON, "disabled", "", "sign.enabled is false: waybilld only "
	    "observes." },
	{ WORD_REASON, "filtered", "", "smtp_dns_reply_filter changes what "
	    "Postfix sees of DNS." },
	{ WORD_REASON, "forged", "", "The message arrived with more foreign "
	    "waybill stamps than are removed (256)." },
	{ WORD_REASON, "forwarded", "", "The author's domain has no key here, "
	    "and another host has signed the message: it is forwarded or from "
	    "a list. It passed untouched." },
	{ WORD_REASON, "literal", "", "The destination is an IP address, not a "
	    "name." },
	{ WORD_REASON, "mx-is-me", "", "This host is the preferred MX host of "
	    "the destination." },
	{ WORD_REASON, "no-a", "", "No MX host of the destination has an IPv4 "
	    "address." },
	{ WORD_REASON, "no-aaaa", "", "No MX host of the destination has an "
	    "IPv6 address." },
	{ WORD_REASON, "no-address", "", "The MX hosts of the destination have "
	    "no address at all." },
	{ WORD_REASON, "no-author", "", "The message has no From: with a "
	    "usable address." },
	{ WORD_REASON, "no-ipv4-here", "", "This host has no IPv4, or "
	    "Postfix's inet_protocols excludes it." },
	{ WORD_REASON, "no-ipv6-here", "", "This host has no IPv6, or "
	    "Postfix's inet_protocols excludes it." },
	{ WORD_REASON, "no-key", "", "No key signs for the author's domain. If "
	    "the domain is yours, create a key with waybill keygen." },
	{ WORD_REASON, "not-aligned", "", "sign.author does not let this "
	    "sender use the From: domain. What counts is the domain of MAIL "
	    "FROM or, if that is empty, of the login." },
	{ WORD_REASON, "null-mx", "", "The destination declares that it "
	    "accepts no mail (RFC 7505)." },
	{ WORD_REASON, "nxdomain", "", "The destination does not exist in "
	    "DNS." },
	{ WORD_REASON, "prefer-ipv4", "", "Both families are available, and "
	    "Postfix prefers IPv4." },
	{ WORD_REASON, "prefer-ipv6", "", "Both families are available, and "
	    "Postfix prefers IPv6." },
	{ WORD_REASON, "reinjected", "", "A stranger sent this message to "
	    "this host, and a program here (a mailing list, an alias, a "
	    "filter) sent it on. It passed untouched: waybilld(8)." },
	{ WORD_REASON, "relay", "", "A relay delivers; the destination sees "
	    "the relay's address, not ours." },
	{ WORD_REASON, "servfail", "", "The DNS servers of the destination "
	    "failed to answer (SERVFAIL)." },
	{ WORD_REASON, "several-authors", "", "From: contains addresses in "
	    "several domains; no signature can cover all of them." },
	{ WORD_REASON, "timeout", "", "DNS did not answer in time." },
	{ WORD_REASON, "transport-maps", "", "Postfix did not reveal the next "
	    "hop, and a transport map may change it. Check with waybill "
	    "route." },

	{ WORD_VALUE, "8bit", "fragile", "Text with 8-bit bytes: for a host "
	    "without 8BITMIME it is re-encoded." },
	{ WORD_VALUE, "accepted", "result", "Signing failed, and on_error let "
	    "the message pass unsigned." },
	{ WORD_VALUE, "address", "scope", "The reply is about your IP "
	    "address." },
	{ WORD_VALUE, "agrees", "verdict", "The receiver found what our stamp "
	    "predicted." },
	{ WORD_VALUE, "ask", "advice", "Ask the receiver or the hosting "
	    "provider: no setting on your side will help." },
	{ WORD_VALUE, "authenticated", "origin", "The client has logged in." },
	{ WORD_VALUE, "banner", "stage", "In the server's greeting, before "
	    "EHLO." },
	{ WORD_VALUE, "better", "change", "It rejected or deferred mail "
	    "before, and accepts it now." },
	{ WORD_VALUE, "bounced", "status", "It was permanently rejected (5xx); "
	    "the reply gives the reason." },
	{ WORD_VALUE, "burst", "change", "An author sent far more messages "
	    "than before." },
	{ WORD_VALUE, "cached", "keys", "Each key is parsed once." },
	{ WORD_VALUE, "certificate", "origin", "The client's verified "
	    "certificate is in outgoing.certificates." },
	{ WORD_VALUE, "connect", "stage", "The connection failed." },
	{ WORD_VALUE, "control", "fragile", "A signed field contains a bare "
	    "CR, VT or FF, which verifiers interpret differently." },
	{ WORD_VALUE, "daemon", "origin", "The smtpd's daemon name is in "
	    "outgoing.daemons." },
	{ WORD_VALUE, "data", "stage", "In reply to DATA, before the "
	    "message." },
	{ WORD_VALUE, "deferred", "status", "The attempt failed temporarily; "
	    "Postfix will try again." },
	{ WORD_VALUE, "differs", "key, state, verdict", "DNS has a different "
	    "key or record; or the receiver found something other than our "
	    "stamp predicted." },
	{ WORD_VALUE, "domain", "scope", "The reply is about your domain." },
	{ WORD_VALUE, "done", "advice", "What waybill would advise is already "
	    "in effect." },
	{ WORD_VALUE, "ehlo", "stage", "In reply to EHLO or HELO." },
	{ WORD_VALUE, "either", "family", "The family is chosen at random; p6 "
	    "is the probability of IPv6 in percent." },
	{ WORD_VALUE, "eod", "stage", "In reply to the end of the message." },
	{ WORD_VALUE, "expired", "status", "It was in the queue for too long "
	    "and was returned to the sender." },
	{ WORD_VALUE, "fail", "spf, dmarc, severity", "SPF: the record says "
	    "that this address may not send. DMARC: nothing aligned passes. A "
	    "finding: mail suffers." },
	{ WORD_VALUE, "fine", "advice", "The destination accepts your mail." },
	{ WORD_VALUE, "fix", "advice, choice", "Something on your side is "
	    "wrong: fix it." },
	{ WORD_VALUE, "hosting", "who, choice", "Your hosting provider can fix "
	    "it." },
	{ WORD_VALUE, "ipv4", "family", "The first attempt goes over IPv4." },
	{ WORD_VALUE, "ipv6", "family", "The first attempt goes over IPv6." },
	{ WORD_VALUE, "local", "origin", "Submitted with sendmail(1) on this "
	    "host." },
	{ WORD_VALUE, "long-line", "fragile", "A line longer than 998 bytes; "
	    "Postfix splits it on delivery." },
	{ WORD_VALUE, "mail", "stage", "In reply to MAIL FROM." },
	{ WORD_VALUE, "message", "scope", "The reply is about this message "
	    "only." },
	{ WORD_VALUE, "missing", "key, state", "DNS has no key for the "
	    "selector, or no such record." },
	{ WORD_VALUE, "network", "origin, scope", "The client's address is in "
	    "outgoing.networks; or the reply is about the network that your IP "
	    "address is in." },
	{ WORD_VALUE, "neutral", "spf", "The record says nothing about this "
	    "address." },
	{ WORD_VALUE, "none", "", "There is none: no address of that family, "
	    "no SPF or DMARC record, no alignment, no signature." },
	{ WORD_VALUE, "note", "severity", "Worth knowing; no action is "
	    "needed." },
	{ WORD_VALUE, "ok", "severity", "As it should be." },
	{ WORD_VALUE, "parsed", "keys", "Each key is parsed again for each "
	    "message: correct, but slower." },
	{ WORD_VALUE, "pass", "spf, dmarc", "It passes." },
	{ WORD_VALUE, "permerror", "spf", "The record is invalid: no receiver "
	    "can use it." },
	{ WORD_VALUE, "published", "key, state", "DNS has this key or "
	    "record." },
	{ WORD_VALUE, "quarantine", "policy", "Receivers are asked to put mail "
	    "that fails into the spam folder." },
	{ WORD_VALUE, "rcpt", "stage", "In reply to RCPT TO." },
	{ WORD_VALUE, "receiver", "who, choice", "The receiver can fix it, at "
	    "your request." },
	{ WORD_VALUE, "recipient", "scope", "The reply is about the "
	    "recipient." },
	{ WORD_VALUE, "reject", "policy", "Receivers are asked to reject mail "
	    "that fails." },
	{ WORD_VALUE, "rejected", "result", "It was permanently rejected; why "
	    "gives the reason." },
	{ WORD_VALUE, "relaxed", "align", "Both have the same organizational "
	    "domain." },
	{ WORD_VALUE, "relay", "choice", "Send through another host, whose "
	    "address is not rejected." },
	{ WORD_VALUE, "sent", "status", "It was accepted." },
	{ WORD_VALUE, "signed", "result", "At least one signature was made." },
	{ WORD_VALUE, "softfail", "spf", "The record says that this address "
	    "probably may not send." },
	{ WORD_VALUE, "strict", "align", "Both are the same domain." },
	{ WORD_VALUE, "switch", "advice", "One family is rejected and the "
	    "other is not: send over the other one." },
	{ WORD_VALUE, "temperror", "spf", "DNS failed temporarily." },
	{ WORD_VALUE, "tempfail", "result", "Signing failed, and the message "
	    "was temporarily rejected; the client will try again." },
	{ WORD_VALUE, "time", "who", "It resolves by itself." },
	{ WORD_VALUE, "tls", "stage", "In reply to STARTTLS, or during the "
	    "handshake." },
	{ WORD_VALUE, "todo", "change", "Something only you can fix." },
	{ WORD_VALUE, "unchecked", "spf", "Not checked: the address is not "
	    "reachable from the internet, or the domain is not yours." },
	{ WORD_VALUE, "unknown", "", "Not known, usually because DNS has not "
	    "answered yet." },
	{ WORD_VALUE, "unsigned", "result", "No signature was made; why gives "
	    "the reason." },
	{ WORD_VALUE, "wait", "advice, choice", "No action is needed: it "
	    "resolves by itself." },
	{ WORD_VALUE, "warn", "severity", "Something is wrong that does not "
	    "stop mail." },
	{ WORD_VALUE, "worse", "change", "It rejects or defers more than "
	    "before." },
	{ WORD_VALUE, "you", "who", "You can fix it." },

	{ WORD_FINDING, "address", "", "The address that mail leaves from over "
	    "a family, and where it was found." },
	{ WORD_FINDING, "attached", "", "Whether Postfix passes a service's "
	    "mail to waybilld. Mail that is not passed is neither signed nor "
	    "predicted." },
	{ WORD_FINDING, "bounced", "", "Who has rejected mail since yesterday. "
	    "waybill advise says what to do." },
	{ WORD_FINDING, "daemon", "", "Whether waybilld answers on its "
	    "socket." },
	{ WORD_FINDING, "log", "", "Which logs are read, and who can write to "
	    "them: the record believes what they say." },
	{ WORD_FINDING, "loopback", "", "Whether mail from this host itself "
	    "counts as outgoing." },
	{ WORD_FINDING, "postfix", "", "Whether Postfix's configuration can be "
	    "read." },
	{ WORD_FINDING, "record", "", "Whether the recorder is running, and "
	    "how far it is behind the log." },
	{ WORD_FINDING, "reinjected", "", "How many messages since yesterday "
	    "were not signed because a stranger had sent them to this host "
	    "first (why=reinjected)." },
	{ WORD_FINDING, "sign", "", "sign.enabled is false: waybilld only "
	    "observes." },
	{ WORD_FINDING, "signed", "", "The last message that was signed, and "
	    "the key used." },
	{ WORD_FINDING, "warnings", "", "What waybilld warned about in the "
	    "last 24 hours." },

	{ WORD_COLUMN, "address", "", "An address of an MX host." },
	{ WORD_COLUMN, "advice", "", "What to do about a destination: switch, "
	    "ask, fix, wait, done, fine or unknown." },
	{ WORD_COLUMN, "algorithm", "", "The key type: rsa or ed25519." },
	{ WORD_COLUMN, "attempts", "", "How many delivery attempts were "
	    "made." },
	{ WORD_COLUMN, "before", "", "How many messages there were in the "
	    "previous period." },
	{ WORD_COLUMN, "bits", "", "The length of the key in bits." },
	{ WORD_COLUMN, "bounced", "", "For how many recipients mail was "
	    "permanently rejected." },
	{ WORD_COLUMN, "by", "", "Who reports it: the name in an "
	    "Authentication-Results field, or the field." },
	{ WORD_COLUMN, "change", "", "What has changed: worse, burst (an "
	    "author who sent far more), better, todo." },
	{ WORD_COLUMN, "choice", "", "The first of choices, or none." },
	{ WORD_COLUMN, "choices", "", "What can be done, in order: ipv4, ipv6, "
	    "fix, receiver, hosting, relay, wait." },
	{ WORD_COLUMN, "class", "", "What the reply is about. Run waybill "
	    "explain CLASS for details." },
	{ WORD_COLUMN, "day", "", "The day (UTC)." },
	{ WORD_COLUMN, "deferred", "", "How many attempts got a temporary "
	    "error (4xx)." },
	{ WORD_COLUMN, "domain", "", "The domain concerned." },
	{ WORD_COLUMN, "dsn", "", "The enhanced status code of the reply (RFC "
	    "3463), as in 5.7.1." },
	{ WORD_COLUMN, "entry", "", "The entry that Postfix's transport table "
	    "already has for this destination." },
	{ WORD_COLUMN, "event", "", "What happened to the message at that "
	    "time." },
	{ WORD_COLUMN, "expired", "", "For how many recipients the message was "
	    "in the queue for too long and was returned to the sender." },
	{ WORD_COLUMN, "fact", "", "What was found." },
	{ WORD_COLUMN, "file", "", "The key file." },
	{ WORD_COLUMN, "first", "", "When it first occurred." },
	{ WORD_COLUMN, "fix", "", "What to do about it." },
	{ WORD_COLUMN, "ip", "", "The address: in waybill spf one of ours, "
	    "otherwise that of the MX host." },
	{ WORD_COLUMN, "kind", "", "What the word is: an event, a warning, a "
	    "key, a reason, a value, a finding, a column or a class." },
	{ WORD_COLUMN, "last", "", "When it last occurred." },
	{ WORD_COLUMN, "link", "", "The receiver's page about such replies, or "
	    "that of the blocklist." },
	{ WORD_COLUMN, "lookups", "", "How many terms of the SPF record caused "
	    "DNS lookups; 10 are allowed." },
	{ WORD_COLUMN, "meaning", "", "What it means, in plain words." },
	{ WORD_COLUMN, "messages", "", "How many messages of the period were "
	    "sent there." },
	{ WORD_COLUMN, "name", "", "The name of the DNS record." },
	{ WORD_COLUMN, "note", "", "What is unusual about the record in DNS." },
	{ WORD_COLUMN, "of", "", "The keys that have this value." },
	{ WORD_COLUMN, "predicted", "", "For how many messages waybilld "
	    "predicted the family." },
	{ WORD_COLUMN, "preference", "", "The preference of the MX host: the "
	    "lowest is tried first." },
	{ WORD_COLUMN, "provider", "", "Who runs the MX host: the registrable "
	    "part of its name, or the name that conf/replies gives it." },
	{ WORD_COLUMN, "qid", "", "Postfix's queue id of the message." },
	{ WORD_COLUMN, "queued", "", "How many messages are in the queue for "
	    "it now." },
	{ WORD_COLUMN, "right", "", "How often the predicted family was "
	    "right." },
	{ WORD_COLUMN, "scope", "", "What a reply is about: address, "
	    "network, domain, message or recipient." },
	{ WORD_COLUMN, "selector", "", "The name of the key in DNS." },
	{ WORD_COLUMN, "sent", "", "For how many recipients mail was accepted. "
	    "Only the recipient can see whether it went to inbox or spam." },
	{ WORD_COLUMN, "sent_otherwise", "", "How many messages the "
	    "destination accepted over the other family." },
	{ WORD_COLUMN, "severity", "", "How bad it is: ok, note, warn or "
	    "fail." },
	{ WORD_COLUMN, "stage", "", "Where in the session it happened: "
	    "connect, banner, ehlo, tls, mail, rcpt, data or eod (the end of "
	    "the message)." },
	{ WORD_COLUMN, "stamped", "", "What our stamp predicted." },
	{ WORD_COLUMN, "state", "", "The state of the record in DNS: "
	    "published, missing, differs, unknown." },
	{ WORD_COLUMN, "status", "", "How an attempt or a message ended: sent, "
	    "deferred, bounced, expired." },
	{ WORD_COLUMN, "subject", "", "What the line is about: a domain, an "
	    "address, a service." },
	{ WORD_COLUMN, "term", "", "The term of the SPF record that matched." },
	{ WORD_COLUMN, "text", "", "The text of the reply, or the sentence "
	    "itself." },
	{ WORD_COLUMN, "there", "", "What DNS has instead." },
	{ WORD_COLUMN, "time", "", "When it happened (UTC)." },
	{ WORD_COLUMN, "to", "", "The recipient." },
	{ WORD_COLUMN, "told", "", "What the receiver found." },
	{ WORD_COLUMN, "type", "", "The type of the DNS record." },
	{ WORD_COLUMN, "used", "", "The family that was actually used: ipv4, "
	    "ipv6 or both." },
	{ WORD_COLUMN, "value", "", "The value of the DNS record, as a web "
	    "form expects it." },
	{ WORD_COLUMN, "verdict", "", "Whether what the receiver found agrees "
	    "with our stamp: agrees, differs, unknown." },
	{ WORD_COLUMN, "voids", "", "How many DNS lookups of the SPF record "
	    "found nothing (void lookups); 2 are allowed." },
	{ WORD_COLUMN, "was", "", "The family under the effective "
	    "preference." },
	{ WORD_COLUMN, "what", "", "What is compared: signature, stamps, "
	    "address, family, spf, dmarc, other." },
	{ WORD_COLUMN, "who", "", "Who can fix it: you, hosting, receiver or "
	    "time." },
	{ WORD_COLUMN, "word", "", "The word that is explained." },
	{ WORD_COLUMN, "wrong", "", "How often the predicted family was "
	    "wrong." },
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
		[WORD_COLUMN] = "Columns in the output of waybill",
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
