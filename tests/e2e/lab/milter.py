# SPDX-License-Identifier: ISC
"""The MTA's side of the milter protocol (version 6), as Postfix speaks it.

Client holds a session: negotiation, macros before their commands, no waiting
where the milter said that it doesn't reply. message() sends one and applies
the milter's edits as Postfix would. What Postfix would never do is done with
raw() and send(): the table MALFORMED holds conversations that a milter must
survive, each a function that returns the bytes to send.
"""

import collections
import re
import socket
import struct

from .patience import BOUND_S

ACTIONS = 0x1ff                 # all that Postfix 3.7 offers
PROTOCOL = 0x1fffff
HDR_LEADSPC = 0x100000

# command: its "don't send" flag, its "no reply" flag (libmilter's mfdef.h)
FLAGS = {
    b'C': (0x01, 0x1000), b'H': (0x02, 0x2000), b'M': (0x04, 0x4000),
    b'R': (0x08, 0x8000), b'B': (0x10, 0x80000), b'L': (0x20, 0x80),
    b'N': (0x40, 0x40000), b'T': (0x200, 0x10000),
}
FINAL = b'acrty4'
QID = '4jZ6Rp3MLYzZK'

LOCAL = ('localhost', '4', 0, '127.0.0.1')              # sendmail(1), cleanup(8)
OUTSIDE = ('client.example', '4', 40000, '198.51.100.77')
LAN = ('lan.example', '4', 40001, '192.0.2.77')
LOGIN = {'{auth_type}': 'PLAIN', '{auth_authen}': 'alice@example.org'}

Result = collections.namedtuple('Result', 'verdict text edits message')


def packet(command, data=b''):
    return struct.pack('!I', len(data) + 1) + command + data


def strings(*words):
    return b''.join((w if isinstance(w, bytes) else w.encode('utf-8', 'surrogateescape')) + b'\0' for w in words)


class Client:
    def __init__(self, path, actions=ACTIONS, protocol=PROTOCOL):
        self.sock = socket.socket(socket.AF_UNIX) if isinstance(path, str) else socket.socket(socket.AF_INET)
        self.sock.settimeout(BOUND_S)
        self.sock.connect(path)
        self.held = b''
        self.protocol, self.local = 0, False
        if actions is not None:
            self.negotiate(actions, protocol)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def raw(self, data):
        self.sock.sendall(data)

    def send(self, command, data=b''):
        self.sock.sendall(packet(command, data))

    def read(self):
        """(command, data) of the next packet."""
        while True:
            if len(self.held) >= 5:
                size = struct.unpack('!I', self.held[:4])[0]
                if len(self.held) >= size + 4:
                    found = self.held[4:5], self.held[5:4 + size]
                    self.held = self.held[4 + size:]
                    return found
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError('the milter closed the connection')
            self.held += data

    def negotiate(self, actions, protocol):
        self.send(b'O', struct.pack('!III', 6, actions, protocol))
        command, data = self.read()
        if command != b'O':
            raise ConnectionError('negotiation: %r' % command)
        self.version, self.actions, self.protocol = struct.unpack('!III', data[:12])
        self.asked_macros = data[12:]

    def command(self, command, data=b'', macros=None):
        """Sends a command unless the milter doesn't want it; its reply, or
        'c' where it gives none."""
        unwanted, silent = FLAGS.get(command, (0, 0))
        if self.protocol & unwanted:
            return b'c', b''
        if macros:
            self.send(b'D', command + strings(*[w for pair in macros.items() for w in pair]))
        self.send(command, data)
        if self.protocol & silent:
            return b'c', b''
        reply = self.read()
        while reply[0] == b'p':         # progress
            reply = self.read()
        return reply

    def open(self, client=OUTSIDE, macros=None, helo='client.example'):
        name, family, port, address = client
        self.local = client is LOCAL
        self.command(b'C', strings(name) + family.encode() + struct.pack('!H', port) + strings(address),
                     {'j': 'mail.example.org', '{daemon_name}': 'mail.example.org', **(macros or {})})
        self.command(b'H', strings(helo))
        return self

    def envelope(self, sender, recipients, macros=None, qid=QID):
        """MAIL, RCPT, DATA; the first reply that isn't "continue", or None.
        cleanup(8) knows the queue id from the start, no next hops, and no
        angle brackets."""
        form = '%s' if self.local else '<%s>'
        early = {'i': qid} if self.local else {}
        reply = self.command(b'M', strings(form % sender), {**early, '{mail_addr}': sender, **(macros or {})})
        if reply[0] != b'c':
            return reply
        for recipient in recipients:
            where = {} if self.local else {'{rcpt_host}': recipient.rpartition('@')[2], '{rcpt_mailer}': 'smtp'}
            reply = self.command(b'R', strings(form % recipient), {**early, '{rcpt_addr}': recipient, **where})
            if reply[0] != b'c':
                return reply
        reply = self.command(b'T', b'', {'i': qid})
        return None if reply[0] == b'c' else reply

    def message(self, message, sender='alice@example.org', recipients=('bob@example.net',),
                macros=None, qid=QID):
        """One message from MAIL to the verdict."""
        early = self.envelope(sender, recipients, macros, qid)
        if early:
            return Result(early[0], early[1], [], message)
        fields, body = take_apart(message)
        for name, value in fields:
            reply = self.command(b'L', strings(name, value if self.protocol & HDR_LEADSPC else value[value[:1] == b' ':]))
            if reply[0] != b'c':
                return Result(*reply, [], message)
        self.command(b'N')
        for at in range(0, len(body), 65535):
            reply = self.command(b'B', body[at:at + 65535])
            if reply[0] == b's':
                break
        return self.finish(fields, body, qid)

    def finish(self, fields, body, qid):
        self.send(b'D', b'E' + strings('i', qid))
        self.send(b'E')
        edits = []
        while True:
            reply = self.read()
            if reply[0] in FINAL:
                lead = b'' if self.protocol & HDR_LEADSPC else b' '
                return Result(*reply, edits, put_together(apply(fields, edits, lead), body))
            if reply[0] != b'p':
                edits.append(reply)

    def abort(self):
        self.send(b'A')


def take_apart(message):
    """[(name, value)] with folds as \\n, and the body with CRLF."""
    text = re.sub(rb'\r\n', b'\n', message)
    head, _, body = (b'\n' + text).partition(b'\n\n')
    fields = [f.split(b':', 1) for f in re.split(rb'\n(?![ \t])', head[1:]) if b':' in f]
    if body and not body.endswith(b'\n'):
        body += b'\n'                   # as everything that came by SMTP
    return [tuple(f) for f in fields], body.replace(b'\n', b'\r\n')


def put_together(fields, body):
    return b''.join(n + b':' + v.replace(b'\n', b'\r\n') + b'\r\n' for n, v in fields) + b'\r\n' + body


def apply(fields, edits, lead=b''):
    """The header after a milter's edits, numbered as Postfix does: its own
    Received, which the milter doesn't see, is field 0."""
    fields = list(fields)
    for command, data in edits:
        if command == b'h':
            name, value = data.split(b'\0')[:2]
            fields.append((name, lead + value))
        elif command == b'i':
            index = struct.unpack('!I', data[:4])[0]
            name, value = data[4:].split(b'\0')[:2]
            fields.insert(max(index - 1, 0), (name, lead + value))
        elif command == b'm':
            index = max(struct.unpack('!I', data[:4])[0], 1)
            name, value = data[4:].split(b'\0')[:2]
            places = [i for i, f in enumerate(fields) if f[0].strip().lower() == name.lower()]
            if index > len(places):
                if value:
                    fields.append((name, lead + value))
            elif value:
                fields[places[index - 1]] = (name, lead + value)
            else:
                del fields[places[index - 1]]
    return fields


# -- what Postfix never does --------------------------------------------------

BIG = b'x' * (2 << 20)
NEGOTIATION = packet(b'O', struct.pack('!III', 6, ACTIONS, 0))
CONNECT = packet(b'D', b'C' + strings('j', 'mail.example.org')) + \
    packet(b'C', strings('localhost') + b'4' + struct.pack('!H', 0) + strings('127.0.0.1'))
STAGES = collections.OrderedDict([
    (b'O', NEGOTIATION),
    (b'H', CONNECT + packet(b'H', strings('localhost'))),
    (b'M', packet(b'D', b'M' + strings('i', '4jZ6Rp3MLYzZK', '{auth_type}', 'PLAIN'))
     + packet(b'M', strings('<alice@example.org>'))),
    (b'R', packet(b'R', strings('<bob@example.net>'))),
    (b'T', packet(b'T')),
    (b'L', packet(b'L', strings('From', ' alice@example.org')) + packet(b'L', strings('Subject', ' x'))),
    (b'N', packet(b'N')),
    (b'B', packet(b'B', b'Hello.\r\n')),
    (b'E', packet(b'E')),
])


def upto(stage):
    """A good session up to and including a stage."""
    data = b''
    for name, part in STAGES.items():
        data += part
        if name == stage:
            return data
    raise KeyError(stage)


def then(stage, *packets):
    return upto(stage) + b''.join(packets)


MALFORMED = [
    ('a length of zero', struct.pack('!I', 0) + packet(b'O')),
    ('a length of 4 GB', struct.pack('!I', 0xffffffff) + b'O' + BIG[:100]),
    ('a length of 2 GB in the body', then(b'N', struct.pack('!I', 0x7fffffff), b'B', BIG[:65536])),
    ('a packet cut short', then(b'N', struct.pack('!I', 1 << 20), b'B0123456789')),
    ('two bytes of a length', b'\0\0'),
    ('a negotiation cut short', packet(b'O', b'\0\0\0\6')),
    ('version 1', packet(b'O', struct.pack('!III', 1, 0xf, 0x3f))),
    ('version 99', packet(b'O', struct.pack('!III', 99, 0xffffffff, 0xffffffff))),
    ('no actions offered', packet(b'O', struct.pack('!III', 6, 0, PROTOCOL))),
    ('no negotiation', packet(b'M', strings('<a@example.org>'))),
    ('a second negotiation', upto(b'O') + upto(b'E')),
    ('a negotiation in a message', then(b'R', NEGOTIATION, packet(b'T'))),
    ('end of message first', then(b'O', packet(b'E'))),
    ('body first', then(b'H', packet(b'B', b'text\r\n'), packet(b'E'))),
    ('header first', then(b'H', packet(b'L', strings('From', 'a@example.org')), packet(b'E'))),
    ('recipient first', then(b'H', packet(b'R', strings('<a@example.org>')))),
    ('end of header twice', then(b'M', packet(b'N'), packet(b'N'), packet(b'E'))),
    ('header after body', then(b'B', packet(b'L', strings('Subject', 'late')), packet(b'E'))),
    ('MAIL twice', then(b'M', packet(b'M', strings('<b@example.org>')))),
    ('MAIL in the header', then(b'L', packet(b'M', strings('<b@example.org>')), packet(b'E'))),
    ('RCPT in the body', then(b'B', packet(b'R', strings('<b@example.org>')), packet(b'E'))),
    ('end of message thrice', then(b'E', packet(b'E'), packet(b'E'))),
    ('connect again', then(b'R', packet(b'C', b'other\0U'), packet(b'H', b'x\0'))),
    ('MAIL without NUL', then(b'H', packet(b'M', b'<a@example.org>'))),
    ('MAIL without argument', then(b'H', packet(b'M'))),
    ('RCPT without argument', then(b'M', packet(b'R'))),
    ('MAIL of 2 MB', then(b'H', packet(b'M', strings(BIG)))),
    ('RCPT of 60 kB', then(b'M', packet(b'R', strings('<' + 'x' * 60000 + '>')))),
    ('20,000 recipients', then(b'M', *[packet(b'R', strings('<r%d@d%d.example>' % (i, i))) for i in range(20000)])),
    ('header without value', then(b'T', packet(b'L', b'Subject\0'))),
    ('header without NUL', then(b'T', packet(b'L', b'Subject\0 text'))),
    ('header without name', then(b'T', packet(b'L', b'\0value\0'), packet(b'L', b'\0\0'), packet(b'N'), packet(b'E'))),
    ('header of 60 kB', then(b'L', packet(b'L', strings('Subject', BIG[:60000])), packet(b'N'), packet(b'E'))),
    ('header of 2 MB', then(b'L', packet(b'L', strings('Subject', BIG)), packet(b'N'), packet(b'E'))),
    ('20,000 headers', then(b'L', packet(b'L', strings('X-Many', ' value')) * 20000, packet(b'N'), packet(b'E'))),
    ('20,000 From', then(b'L', packet(b'L', strings('From', ' a@example.org')) * 20000, packet(b'N'), packet(b'E'))),
    ('300 stamps', then(b'L', packet(b'L', strings('X-Waybill-Sender', ' x=1')) * 300, packet(b'N'), packet(b'E'))),
    ('control bytes in a header', then(b'L', packet(b'L', strings(b'Sub\1ject\377', b'a\r\nX: y\r\n\r\nb\33[2J')),
                                       packet(b'L', strings('a:b c', '\n\n')), packet(b'N'), packet(b'E'))),
    ('no From', then(b'T', packet(b'L', strings('Subject', 'x')), packet(b'N'), packet(b'B', b'b\r\n'), packet(b'E'))),
    ('From of garbage', then(b'T', packet(b'L', strings('From', '"((((<<<,,;:@@\\')), packet(b'N'), packet(b'E'))),
    ('From of 60 kB of comments', then(b'T', packet(b'L', strings('From', '(' * 60000)), packet(b'N'), packet(b'E'))),
    ('a thousand broken signatures', then(b'L', packet(b'L', strings(
        'DKIM-Signature', ' v=1; a=rsa-sha256; d=example.org; s=2026r; h=From; bh=x; b=y')) * 1000, packet(b'N'), packet(b'E'))),
    ('macros of 60 kB', then(b'H', packet(b'D', b'M' + strings('{auth_authen}', BIG[:60000], 'i', BIG[:60000])),
                             packet(b'M', strings('<a@example.org>')))),
    ('macros of 2 MB', then(b'H', packet(b'D', b'M' + strings('{auth_authen}', BIG)), packet(b'M', strings('<a@example.org>')))),
    ('an odd number of macro strings', then(b'H', packet(b'D', b'M' + strings('i', 'abc', '{auth_type}')), packet(b'M', strings('<a@example.org>')))),
    ('macro without NUL', then(b'H', packet(b'D', b'Mi\0abc'), packet(b'M', strings('<a@example.org>')))),
    ('20,000 macros', then(b'H', packet(b'D', b'M' + b'{m}\0v\0' * 5000), packet(b'D', b'M{n}\0v\0') * 15000, packet(b'M', strings('<a@example.org>')))),
    ('empty macro packet', then(b'H', packet(b'D'), packet(b'M', strings('<a@example.org>')))),
    ('macros for unknown stages', then(b'H', packet(b'D', b'\1i\0abc\0'), packet(b'D', b'zi\0abc\0'), packet(b'M', strings('<a@example.org>')))),
    ('macro names of odd bytes', then(b'H', packet(b'D', b'M{\0v\0}\0v\0{}\0\n\0{\377}\0\r\n\0\0\0'), packet(b'M', strings('<a@example.org>')))),
    ('connect: unknown family', then(b'O', packet(b'C', b'host\0X\0\0abc\0'), packet(b'H', b'x\0'))),
    ('connect: no address', then(b'O', packet(b'C', b'host\0' b'4\0\0not an address\0'), packet(b'H', b'x\0'))),
    ('connect: cut', then(b'O', packet(b'C', b'host\0' b'6\0'), packet(b'H', b'x\0'))),
    ('connect: empty', then(b'O', packet(b'C'), packet(b'H'))),
    ('unknown command', then(b'H', packet(b'z', b'junk\0'), packet(b'M', strings('<a@example.org>')))),
    ('every command byte', then(b'H', *[packet(bytes([i]), b'\0') for i in range(256) if i not in b'QK'])),
    ('reply codes from the MTA', then(b'H', *[packet(bytes([c])) for c in b'cartyd4spqhimb+-2e'])),
    ('NUL in the body', then(b'N', packet(b'B', b'a\0b\0\r\n\0'), packet(b'E'))),
    ('a line of 1 MB', then(b'N', packet(b'B', BIG[:65535]) * 16, packet(b'E'))),
    ('bare CR and LF', then(b'N', *[packet(b'B', b) for b in (b'a\rb\nc\r\r\nd\n\r', b'\n', b'\r', b' \t', b'\r')], packet(b'E'))),
    ('a chunk of 1 MB', then(b'N', packet(b'B', BIG[:1 << 20]), packet(b'E'))),
    ('end of message with data', then(b'N', packet(b'E', b'the body\r\n'))),
    ('abort, then a good message', then(b'L', packet(b'A'), *list(STAGES.values())[2:])),
    ('a thousand aborts', then(b'H', packet(b'A') * 1000)),
    ('quit in a message', then(b'B', packet(b'Q'))),
    ('quit and go on', then(b'E', packet(b'K'), *list(STAGES.values())[1:])),
    ('hang up in the body', upto(b'B')),
    ('hang up after the end', upto(b'E')),
    ('nothing', b''),
]


def converse(path, data, piece=0, patience=0.3):
    """Sends the bytes, at once or piece by piece, reads what comes while it
    does and until there is silence, and hangs up. Returns what was read."""
    got, sent = b'', 0
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.settimeout(patience)
        try:
            while sent < len(data):
                chunk = data[sent:sent + (piece or 65536)]
                s.sendall(chunk)
                sent += len(chunk)
                s.setblocking(False)
                try:
                    while True:
                        more = s.recv(65536)
                        if not more:
                            return got
                        got += more
                except BlockingIOError:
                    s.settimeout(patience)
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except (OSError, TimeoutError):
            pass
    return got
