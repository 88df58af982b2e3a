# SPDX-License-Identifier: ISC
"""Destinations that behave as a test wants them to.

Each is an address of node dst with a profile, a set of words:
    8bitmime utf8 dsn   extensions that it announces (8bitmime unless plain)
    starttls badtls     TLS; broken after the 220
    greet421 greet554   refuses in its greeting
    hang drop           says nothing; closes at once
    rcpt450 rcpt550 data451 data550     answers of that stage
    auth                takes mail after a login alone (me, secret)
    noipv6 listed       refuses the address that mail comes from, at RCPT
Messages that are taken are kept in memory with their envelope.
"""

import base64
import collections
import socket
import ssl
import threading

from . import space
from .patience import BOUND_S

Received = collections.namedtuple('Received', 'address client sender recipients tls data')

GREETINGS = {
    'greet421': '421 4.7.0 try again later',
    'greet554': '554 5.7.1 not from you',
}
STAGES = {
    'rcpt450': ('RCPT', '450 4.2.0 greylisted, come back'),
    'rcpt550': ('RCPT', '550 5.1.1 no such user'),
    'noipv6': ('RCPT', '550 5.7.1 Service refused: we do not accept mail over IPv6'),
    'listed': ('RCPT', '550 5.7.1 Service unavailable; client host is listed by zen.spamhaus.org'),
    'data451': ('DATA', '451 4.3.0 not now'),
    'data550': ('DATA', '550 5.7.1 refused after reading'),
}


class Session:
    """One SMTP session, as short as a receiver can be."""

    def __init__(self, server, sock, address, profile):
        self.server, self.sock, self.address, self.profile = server, sock, address, profile
        self.client = sock.getpeername()[0]
        self.stream, self.tls = sock.makefile('rb'), None
        self.sender, self.recipients = None, []
        self.is_known = 'auth' not in profile

    def say(self, text):
        self.sock.sendall(text.encode() + b'\r\n')

    def stage(self, name):
        for word, (stage, text) in STAGES.items():
            if word in self.profile and stage == name:
                return text
        return None

    def serve(self):
        if 'hang' in self.profile:
            self.stream.read()          # until the client has had enough
            return
        if 'drop' in self.profile:
            return
        for word, text in GREETINGS.items():
            if word in self.profile:
                self.say(text)
                return
        self.say('220 %s ESMTP' % self.address)
        while True:
            line = self.stream.readline().decode('utf-8', 'surrogateescape').strip()
            if not line or not self.command(line, line.upper()):
                return

    def command(self, line, upper):
        if upper.startswith('EHLO'):
            self.extensions()
        elif upper == 'STARTTLS':
            return self.starttls()
        elif upper.startswith('AUTH PLAIN '):
            self.is_known = base64.b64decode(line[11:]) == b'\0me\0secret'
            self.say('235 2.7.0 welcome' if self.is_known else '535 5.7.8 who are you')
        elif upper.startswith('MAIL FROM:') and not self.is_known:
            self.say('530 5.7.0 first log in')
        elif upper.startswith('MAIL FROM:'):
            self.sender, self.recipients = line[10:], []
            self.say('250 2.1.0 ok')
        elif upper.startswith('RCPT TO:'):
            text = self.stage('RCPT')
            if text is None:
                self.recipients.append(line[8:].strip().split()[0].strip('<>'))
            self.say(text or '250 2.1.5 ok')
        elif upper == 'DATA':
            return self.data()
        elif upper == 'QUIT':
            self.say('221 2.0.0 bye')
            return False
        else:
            self.say('250 2.0.0 ok')
        return True

    def extensions(self):
        names = [self.address, 'PIPELINING', 'SIZE 60000000', 'ENHANCEDSTATUSCODES']
        if 'plain' not in self.profile:
            names.append('8BITMIME')
        if 'starttls' in self.profile and self.tls is None:
            names.append('STARTTLS')
        if 'auth' in self.profile and self.tls is not None:
            names.append('AUTH PLAIN')
        if 'utf8' in self.profile:
            names.append('SMTPUTF8')
        if 'dsn' in self.profile:
            names.append('DSN')
        self.say('\r\n'.join('250%s%s' % ('-' if n is not names[-1] else ' ', n) for n in names))

    def starttls(self):
        self.say('220 2.0.0 go ahead')
        if 'badtls' in self.profile:
            self.sock.sendall(b'this is no handshake\r\n')
            return False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate, self.server.key)
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.stream, self.tls = self.sock.makefile('rb'), self.sock.version()
        return True

    def data(self):
        if not self.recipients:
            self.say('554 5.5.1 no valid recipients')
            return True
        self.say('354 go ahead')
        lines = []
        while True:
            line = self.stream.readline()
            if not line:
                return False
            if line == b'.\r\n':
                break
            lines.append(line[1:] if line.startswith(b'.') else line)
        text = self.stage('DATA')
        if text is None:
            self.server.keep(Received(self.address, self.client, self.sender,
                                      tuple(self.recipients), self.tls, b''.join(lines)))
        self.say(text or '250 2.0.0 ok: kept')
        return True


class Destinations:
    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key
        self.changed = threading.Condition()
        self.messages = collections.defaultdict(list)   # by recipient

    def keep(self, message):
        with self.changed:
            for recipient in message.recipients:
                self.messages[recipient.lower()].append(message)
            self.changed.notify_all()

    def wait_for(self, recipient, count=1):
        """The messages that the recipient got, once there are `count`."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.messages[recipient.lower()]) >= count, BOUND_S):
                raise AssertionError('%s got %d of %d messages' % (
                    recipient, len(self.messages[recipient.lower()]), count))
            return list(self.messages[recipient.lower()])

    def listen(self, address, profile='', port=25):
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        with space.node('dst'):
            listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
        threading.Thread(target=self.accept, args=(listener, address, set(profile.split())),
                         daemon=True).start()

    def accept(self, listener, address, profile):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=self.session, args=(sock, address, profile), daemon=True).start()

    def session(self, sock, address, profile):
        try:
            with sock:
                session = Session(self, sock, address, profile)
                session.serve()
                session.sock.close()
        except (OSError, ValueError):
            pass
