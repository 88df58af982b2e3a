# SPDX-License-Identifier: ISC
"""Sending mail into the lab, and taking messages apart."""

import re
import smtplib
import socket
import ssl

from . import space
from .patience import BOUND_S
from .postfix import PASSWORD, USER

OUTSIDE, LAN = '198.51.100.77', '192.0.2.77'    # the two addresses of node cli


class Session(smtplib.SMTP):
    """smtplib's session, from a node of the lab."""

    def __init__(self, node='cli', port=25, host='192.0.2.10', source=None, helo='client.example'):
        self.node = node
        self.source = source or (OUTSIDE if node == 'cli' else None)
        super().__init__(local_hostname=helo, timeout=BOUND_S)
        self.connect(host, port)
        self._host = 'mail.example.org'         # the name that TLS asks for

    def _get_socket(self, host, port, timeout):
        with space.node(self.node):
            return socket.create_connection((host, port), timeout,
                                            (self.source, 0) if self.source else None)

    def secure(self, certificate=None):
        """STARTTLS, with a client certificate if one is given as (file, key)."""
        context = ssl._create_unverified_context()
        if certificate:
            context.load_cert_chain(*certificate)
        self.starttls(context=context)
        return self

    def sign_in(self, user=USER, password=PASSWORD):
        self.login(user, password, initial_response_ok=True)
        return self

    def post(self, sender, recipients, message, *options):
        """One message; its queue id, or an AssertionError with the refusal."""
        self.ehlo_or_helo_if_needed()
        if 'SMTPUTF8' in options:
            self.command_encoding = 'utf-8'
        expect(250, self.mail(sender, options))
        for recipient in [recipients] if isinstance(recipients, str) else recipients:
            expect(250, self.rcpt(recipient))
        reply = expect(250, self.data(message))
        return re.search(rb'queued as (\w+)', reply).group(1).decode()


def expect(code, reply):
    if reply[0] != code:
        raise AssertionError('wanted %d, got %d %s' % (code, *reply))
    return reply[1]


def submission(**options):
    """A session on port 587 with TLS and a login."""
    return Session(port=587, **options).secure().sign_in()


def sendmail(sender, recipients, message, *options):
    """sendmail(1) on the sender's host."""
    recipients = [recipients] if isinstance(recipients, str) else recipients
    space.run(*space.in_node('snd', 'sendmail', '-i', '-f', sender, *options, *recipients),
              input=message if isinstance(message, bytes) else message.encode())


def compose(sender='alice@example.org', to='bob@example.net', body=b'Hello.\r\n', extra=(), subject='a test'):
    """A message as bytes with CRLF; extra fields come last."""
    fields = ['From: ' + sender, 'To: ' + to, 'Subject: ' + subject,
              'Date: Wed, 25 Nov 2026 10:00:00 +0000', 'Message-ID: <1@example.org>', *extra]
    return '\r\n'.join(fields).encode('utf-8', 'surrogateescape') + b'\r\n\r\n' + body


def split(message):
    """(name, value) of each field as bytes, folds kept; and the body."""
    head, _, body = message.replace(b'\r\n', b'\n').partition(b'\n\n')
    fields = re.split(rb'\n(?![ \t])', head)
    return [tuple(f.split(b':', 1)) for f in fields if b':' in f], body


def field(message, name):
    """Values of the fields of that name, top to bottom, unfolded."""
    wanted = name.lower().encode()
    return [re.sub(rb'\s+', b' ', v).strip().decode('utf-8', 'replace')
            for n, v in split(message)[0] if n.strip().lower() == wanted]


def tags(value):
    """A tag-list (RFC 6376, 3.2) as a dict."""
    pairs = [t.split('=', 1) for t in value.split(';') if '=' in t]
    return {k.strip(): re.sub(r'\s+', '', v) for k, v in pairs}


def signatures(message):
    """The tags of each DKIM-Signature, top to bottom."""
    return [tags(v) for v in field(message, 'DKIM-Signature')]
