# SPDX-License-Identifier: ISC
"""Mail to a witness, and the accounts of it that must agree.

A scenario is a line "COUNT SIX : FOUR": so many messages, each to a domain of
its own, and what its mail host's IPv6 and IPv4 address do (witness.py), "-" for
none; behaviours that follow each other are separated by "|". REFUSED, BEEF,
CAFE and DEAD are addresses that never see a connection.
"""

import collections
import contextlib
import itertools
import os
import random
import re
import threading
import time

from . import mail, space
from .patience import until
from .witness import NET6, REFUSED6, address4, address6

SILENT = {'REFUSED': (REFUSED6, 128), 'BEEF': ('2001:db8:beef::', None), 'CAFE': ('2001:db8:cafe::', None),
          'DEAD': ('2001:db8:dead::', None)}

Message = collections.namedtuple('Message', 'sender recipients')

CONNECT = re.compile(r'postfix/smtp\[\d+\]: connect to [^ ]*\[([0-9a-f.:]+)\]:25: ')


def is_silent(address):
    return not address.startswith(NET6) if ':' in address else int(address.split('.')[2]) >= 128


class Traffic:
    """bursts: name: (six, four, count), messages to one domain, which keeps
    its connections. pairs: the same, each message to two recipients."""

    def __init__(self, lab, witness, scenarios, bursts=(), pairs=()):
        self.lab, self.witness = lab, witness
        self.numbers, self.chance = itertools.count(1), random.Random(11)
        self.owner = {}         # address: sender of the one message that goes there
        self.messages, self.qids, self.failures = [], {}, []
        self.zone = ['$ORIGIN w.example.']
        for line in scenarios.strip().splitlines():
            count, six, four = re.match(r'(\d+)\s+(.*?)\s+:\s+(.*)', line).groups()
            for _ in range(int(count)):
                self.invent('d%d' % len(self.messages), six, four, 'r')
        for name, (six, four, count) in dict(bursts).items():
            self.destination(name, six, four)
            for _ in range(count):
                self.messages.append(Message(self.sender(), ['r%d@%s.w.example' % (len(self.messages), name)]))
        for name, (six, four, count) in dict(pairs).items():
            for n in range(count):
                self.invent('%s%d' % (name, n), six, four, 'first', 'second')
        space.write(lab.zones + '/witness.zone', '\n'.join(self.zone) + '\n')
        lab.reload_dns()
        self.chance.shuffle(self.messages)

    def sender(self):
        return 'm%d@example.org' % len(self.messages)

    def invent(self, domain, six, four, *recipients):
        for address in self.destination(domain, six, four):
            self.owner[address] = self.sender()
        self.messages.append(Message(self.sender(), ['%s@%s.w.example' % (r, domain) for r in recipients]))

    def destination(self, name, six, four):
        number = next(self.numbers)
        self.zone.append('%s MX 10 mx.%s' % (name, name))
        addresses = [a for a in (self.place(six, number, True), self.place(four, number, False)) if a]
        self.zone += ['mx.%s %s %s' % (name, 'AAAA' if ':' in a else 'A', a) for a in addresses]
        return addresses

    def place(self, what, number, v6):
        """An address that behaves so, or None."""
        if what == '-':
            return None
        if what in SILENT:
            prefix, base = SILENT[what]
            return address6(number, prefix) if v6 else address4(number, base)
        address = address6(number) if v6 else address4(number)
        self.witness.behave(address, *what.split('|'))
        return address

    # -- on the way

    def inject(self, some, width=2):
        """Hands messages to Postfix, from the host's own network; returns at
        once, what is to be joined."""
        threads = [threading.Thread(target=self.inject_some, args=(some[n::width],), daemon=True)
                   for n in range(width)]
        for t in threads:
            t.start()
        return threads

    def inject_some(self, some):
        try:
            for start in range(0, len(some), 20):
                session = mail.Session(source=mail.LAN)
                for m in some[start:start + 20]:
                    self.qids[m.sender] = session.post(m.sender, m.recipients,
                                                       mail.compose(sender=m.sender, to=m.recipients[0]))
                session.quit()
        except BaseException as e:
            self.failures.append(e)

    def join(self, threads):
        for t in threads:
            t.join()
        assert not self.failures, self.failures

    def settle(self):
        """Until Postfix has nothing more to do now. (What was being delivered
        during a reload is put off: its file's time lies in the future.)"""
        def is_idle():
            if not list(self.at_work()):
                return True
            # a reload can lose what cleanup(8) told qmgr(8)
            self.lab.sender.command('postkick', 'public', 'qmgr', 'I', check=False)
            return False
        until(is_idle, lambda: 'there are %s' % list(self.at_work()), pause=0.5)

    def at_work(self):
        for queue in 'active', 'incoming':
            for entry in os.scandir(self.lab.sender.spool + '/' + queue):
                with contextlib.suppress(FileNotFoundError):
                    if queue == 'active' or entry.stat().st_mtime <= time.time():
                        yield entry.path

    def flush(self):
        """Those that wait are tried again, and each try has begun."""
        before = self.deferred()
        self.lab.sender.command('postqueue', '-f')
        until(lambda: not before.items() & self.deferred().items(), lambda: 'not tried again: %s' % (
            before.items() & self.deferred().items()), pause=0.1)

    def deferred(self):
        """What waits, and since when; another time after another try."""
        found = {}
        for folder, _, names in os.walk(self.lab.sender.spool + '/deferred'):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    found[name] = os.stat(os.path.join(folder, name)).st_ctime_ns
        return found

    # -- accounts

    def seen(self):
        """What the destinations saw, by queue id, address, status, stage."""
        assert not self.witness.unclear, '\n'.join(self.witness.unclear[:20])
        assert len(self.qids) == len(self.messages), (len(self.qids), len(self.messages))
        seen = collections.Counter()
        for s in self.witness.seen:
            # EHLO's or HELO's refusal reads "refused to talk to me", as the banner's
            stage = 'banner' if s.stage == 'ehlo' and s.status == 'bounced' else s.stage
            seen[self.qids[s.sender or self.owner[s.address]], s.address, s.status, stage] += 1
        return seen

    def differences(self, wanted, got, names):
        """Complains of what two accounts don't share."""
        text = []
        for name, other, (more, less) in ((names[1], names[0], (got, wanted)), (names[0], names[1], (wanted, got))):
            for k, n in (more - less).items():
                asked = self.witness.behaviours.get(k[1] if isinstance(k, tuple) else k, '')
                text.append('%s has %r %d times, %s %d times %s' % (name, k, more[k], other, less[k], asked))
        assert not text, '%d differences\n%s' % (len(text), '\n'.join(text[:25]))


def recorded(rows):
    """The attempts of the record, as Traffic.seen()."""
    return collections.Counter((r['qid'], r['ip'], r['status'], 'sent' if r['status'] == 'sent' else r['stage'])
                               for r in rows if r['is_attempt'])


def silent_in(lines):
    """Connections that came to nothing, by address, of Postfix's own lines."""
    return collections.Counter(m.group(1) for m in map(CONNECT.search, lines) if m)


def split(counted):
    """What a destination could see; and by address, what none could."""
    silent = collections.Counter()
    for k, n in counted.items():
        if is_silent(k[1]):
            silent[k[1]] += n
    return collections.Counter({k: n for k, n in counted.items() if not is_silent(k[1])}), silent
