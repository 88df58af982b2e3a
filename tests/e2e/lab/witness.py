# SPDX-License-Identifier: ISC
"""Destinations that keep an account of every attempt that they see.

A witness has thousands of addresses, so that an attempt that ends before MAIL
is known by the address that it came to, and later ones by their MAIL FROM.
Each address has a list of behaviours, one a connection, the last one for ever.
A behaviour is words:

    banner:WHAT ehlo:WHAT mail:WHAT rcpt:WHAT data:WHAT eod:WHAT
                what that stage is answered by: a code, drop or hang
    first       rcpt: only of the first recipient of a transaction
    broken      answers STARTTLS, and then speaks no TLS
    starttls nopipe multi plain8
                TLS; no PIPELINING; replies of three lines; no 8BITMIME
    ok          all is well
"""

import collections
import re
import socket
import ssl
import threading

from . import space
from .patience import BOUND_S

# What became of an attempt where it arrived; sender and recipient are None
# where the session didn't come to them.
Seen = collections.namedtuple('Seen', 'address sender recipient status stage')

NET6, NET4 = '2001:db8:3:a::', '198.18.0.0/17'          # answers
REFUSED6, REFUSED4 = '2001:db8:3:b::', '198.18.128.0/17'    # has no port 25


def address6(number, prefix=NET6):
    return prefix + '%x' % number


def address4(number, base=0):
    """Of NET4, or of REFUSED4 with base 128."""
    return '198.18.%d.%d' % (base + (number >> 8), number & 255)


class Gone(Exception):
    """The session is over."""


class Session:
    def __init__(self, witness, sock, address, words, text):
        self.witness, self.sock, self.address = witness, sock, address
        self.words, self.text = words, text
        self.what = dict(w.split(':') for w in words if ':' in w)
        self.stream, self.tls = sock.makefile('rb'), False
        self.sender, self.recipients, self.told = None, [], False

    def say(self, code, text='2.0.0 ok'):
        lines = text.split('\n') if 'multi' not in self.words else [text, text + ' more', text + ' last']
        self.raw(''.join('%s%s%s\r\n' % (code, '-' if n + 1 < len(lines) else ' ', line)
                         for n, line in enumerate(lines)))

    def raw(self, text):
        self.sock.sendall(text.encode('utf-8', 'surrogateescape'))

    def note(self, status, stage, recipient=None):
        self.told = True
        self.witness.note(Seen(self.address, self.sender, recipient, status, stage))

    def passes(self, stage, recipient=None):
        """Does this stage go well? Else it is answered and noted."""
        what = self.what.get(stage)
        if what is None or ('first' in self.words and stage == 'rcpt' and self.recipients):
            return True
        if what in ('drop', 'hang'):
            self.note('deferred', stage, recipient)
            if what == 'hang':
                self.stream.read()      # until the client has had enough
            raise Gone
        # another host is tried after a bad greeting, whatever its code
        self.note('bounced' if what[0] == '5' and stage != 'banner' else 'deferred', stage, recipient)
        self.say(what, self.text or '%s.7.%d the witness says so at %s' % (what[0], len(stage), stage))
        if what == '421' or stage == 'banner':
            raise Gone
        return False

    def serve(self):
        if not self.passes('banner'):
            return
        self.raw('220 witness.example ESMTP\r\n')
        while True:
            line = self.stream.readline()       # TLS may have changed it
            if not line:
                return
            line = line.decode('utf-8', 'surrogateescape').rstrip('\r\n')
            word = line[:4].upper()
            {'EHLO': self.ehlo, 'HELO': self.ehlo, 'STAR': self.starttls, 'MAIL': self.mail,
             'RCPT': self.rcpt, 'DATA': self.data, 'QUIT': self.quit,
             'RSET': lambda line: self.say('250')}[word](line)

    def ehlo(self, line):
        if 'ehlo' in self.what and self.what['ehlo'].isdigit() and line.upper().startswith('EHLO'):
            self.say('502', '5.5.1 no EHLO here')       # HELO is what is answered
            return
        if not self.passes('ehlo'):
            return
        names = ['witness.example', 'SIZE 60000000', 'ENHANCEDSTATUSCODES']
        names += [] if 'nopipe' in self.words else ['PIPELINING']
        names += [] if 'plain8' in self.words else ['8BITMIME']
        names += ['STARTTLS'] if not self.tls and self.words & {'starttls', 'broken'} else []
        self.raw(''.join('250%s%s\r\n' % (' ' if n is names[-1] else '-', n) for n in names))

    def starttls(self, line):
        self.raw('220 2.0.0 go ahead\r\n')
        if 'broken' in self.words:
            self.note('deferred', 'tls')
            self.raw('this is no handshake\r\n')
            raise Gone
        self.sock = self.witness.context.wrap_socket(self.sock, server_side=True)
        self.stream, self.tls = self.sock.makefile('rb'), True

    def mail(self, line):
        self.sender = re.search('<(.*)>', line).group(1).lower()
        self.recipients, self.refused_mail = [], False
        if self.passes('mail'):
            self.say('250', '2.1.0 sender ok')
        else:
            self.refused_mail = True

    def rcpt(self, line):
        recipient = re.match('RCPT TO:<(.*)>', line, re.I).group(1)
        if self.refused_mail:
            self.say('503', '5.5.1 need MAIL command')
        elif self.passes('rcpt', recipient):
            self.recipients.append(recipient)
            self.say('250', '2.1.5 recipient ok')
        elif 'first' in self.words:
            self.words = self.words - {'first'}
            self.what.pop('rcpt')

    def data(self, line):
        if not self.recipients:
            self.say('554', '5.5.1 no valid recipients')
            return
        if not self.passes('data'):
            return
        self.raw('354 go ahead\r\n')
        for line in self.stream:
            if line == b'.\r\n':
                break
        else:
            raise Gone
        if not self.passes('eod'):
            return
        for recipient in self.recipients:
            self.note('sent', 'sent', recipient)
        self.say('250', self.text or '2.0.0 kept')

    def quit(self, line):
        if not self.told:
            self.note('none', 'quit')
        self.raw('221 2.0.0 bye\r\n')
        raise Gone


class Witness:
    """On a node of its own."""

    def __init__(self, certificate, key):
        space.add_node('wit', '203.0.113', '2001:db8:3', ['28'])
        space.give_network('wit', NET6 + '/64', '2001:db8:3::28')
        space.give_network('wit', NET4, '203.0.113.28')
        space.give_network('dns', REFUSED6 + '/64', '2001:db8:1::53')
        space.give_network('dns', REFUSED4, '192.0.2.53')
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.behaviours, self.texts = {}, {}    # by address
        self.lock = threading.Lock()
        self.seen = []                  # of Seen, in order
        self.unclear = []               # sessions that ended as none should
        for family, any_address in ((socket.AF_INET, '0.0.0.0'), (socket.AF_INET6, '::')):
            with space.node('wit'):
                listener = socket.socket(family, socket.SOCK_STREAM)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((any_address, 25))
            listener.listen(1024)
            threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def behave(self, address, *behaviours, text=None):
        """text stands in for the witness's own, of what it refuses and of
        what it takes; where it has line breaks it is a reply of lines."""
        self.behaviours[address] = [set(b.split()) for b in behaviours]
        self.texts[address] = text

    def note(self, seen):
        with self.lock:
            self.seen.append(seen)

    def accept(self, listener):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=self.session, args=(sock,), daemon=True).start()

    def session(self, sock):
        address = sock.getsockname()[0]
        with self.lock:
            turns, text = self.behaviours.get(address, [set()]), self.texts.get(address)
            words = turns.pop(0) if len(turns) > 1 else turns[0]
        session = Session(self, sock, address, words, text)
        try:
            sock.settimeout(BOUND_S)
            session.serve()
            if not session.told:
                raise ValueError('the client left without a word')
        except Gone:
            pass
        except Exception as e:          # whatever it is, the account has a gap
            with self.lock:
                self.unclear.append('%s (%s): %r' % (address, ' '.join(sorted(words)), e))
        finally:
            try:
                session.sock.close()
                sock.close()
            except OSError:
                pass
