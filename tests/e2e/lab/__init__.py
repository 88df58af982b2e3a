# SPDX-License-Identifier: ISC
"""The end-to-end lab: see space.py for its network.

A test is a script that does:

    from lab import Lab

    lab = Lab(__doc__)
    with lab.case('what is proved'):
        ...
    lab.end()

Lab() starts the script again in namespaces of its own, and brings up DNS, two
Postfix and the destinations. A case that raises is "not ok", and the next goes
on. Nothing outlives the script, whatever happens to it.
"""

import contextlib
import os
import signal
import sys
import time
import traceback

from . import daemon, destination, keys, mail, postfix, space, syslog, verifiers
from .mail import compose, sendmail, submission

TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
BUILD = os.environ.get('WAYBILL_BIN', os.path.join(TREE, 'build', 'tests', 'gcc'))
ASAN = os.environ.get('WAYBILL_ASAN', os.path.join(TREE, 'build', 'tests', 'clang'))
TSAN = os.environ.get('WAYBILL_TSAN', os.path.join(TREE, 'build', 'tests', 'tsan'))

# domain, selector, algorithm
IDENTITIES = [
    ('example.org', '2026r', 'rsa'),
    ('example.org', '2026e', 'ed25519'),
    ('xn--bcher-kva.example', 'u', 'rsa'),
]

# the destinations that are always there; a test may add to them
DESTINATIONS = {
    '203.0.113.30': 'dsn utf8', '2001:db8:3::30': 'dsn utf8',
    '203.0.113.32': 'plain', '203.0.113.33': 'utf8',
}


class Lab:
    def __init__(self, about, identities=IDENTITIES, services='', mail=True, with_syslog=False,
                 **settings):
        space.enter()
        self.failed, self.counter, self.records = 0, 0, {}
        self.started = time.monotonic()
        print('# ' + about.strip().splitlines()[0], flush=True)
        try:
            self.start(identities, services, mail, with_syslog, settings)
        except BaseException:
            self.keep_logs()
            raise

    def start(self, identities, services, with_mail, with_syslog, settings):
        space.build()
        if with_syslog:         # for Postfix, and for waybilld where it is told
            syslog.private_dev()
            address = '/dev/log'
            if with_syslog == 'journal':
                self.journal = syslog.Journal()
                address = '/run/systemd/journal/syslog'
            self.syslog = syslog.Syslog(space.ROOM + '/mail.log', address)
            settings.setdefault('maillog_file', '')
        self.zones = space.ROOM + '/zones'
        space.run('cp', '-r', os.path.join(os.path.dirname(__file__), 'zones'), self.zones)
        keys.certificate_authority()
        for domain, selector, algorithm in identities:
            self.publish(domain, selector, keys.make(domain, selector, algorithm))
        self.dns_log = space.ROOM + '/dns.log'
        self.start_dns()
        self.verifiers = verifiers.Verifiers(self.records)
        self.destinations = destination.Destinations(space.ROOM + '/cert.pem', space.ROOM + '/key.pem')
        for address, profile in DESTINATIONS.items():
            self.destinations.listen(address, profile)
        self.sender, self.receiver = postfix.sender(services, **settings), postfix.receiver()
        if with_syslog:
            self.sender.log = self.syslog.path
        for instance in (self.sender, self.receiver) if with_mail else ():
            instance.configure()
        if with_mail:
            self.receiver.start()
            self.sender.start()
            postfix.login(self.sender.spool + '/private/auth')
        self.waybilld = None

    def start_dns(self):
        import subprocess
        program = os.path.join(os.path.dirname(__file__), 'nameserver.py')
        self.dns = subprocess.Popen(
            space.in_node('dns', '/usr/bin/python3', program, self.dns_log, self.zones,
                          '192.0.2.53', '2001:db8:1::53'),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        if self.dns.stdout.readline() != b'ready\n':
            raise RuntimeError('the lab has no DNS')

    def reload_dns(self):
        """DNS reads its zones again, and has read them."""
        self.dns.send_signal(signal.SIGHUP)
        if self.dns.stdout.readline() != b'ready\n':
            raise RuntimeError('DNS has ended')

    def publish(self, domain, selector, value):
        self.records['%s._domainkey.%s' % (selector, domain)] = value
        with open(self.zones + '/KEYS.zone', 'a') as f:
            f.write(keys.zone_line(domain, selector, value))

    def start_waybilld(self, more='', **options):
        options.setdefault('binary', BUILD + '/waybilld')
        self.waybilld = daemon.Daemon(more=more, **options).start()
        return self.waybilld

    # -- cases

    @contextlib.contextmanager
    def case(self, name):
        try:
            yield
        except Exception:
            self.failed += 1
            print('not ok ' + name)
            text = traceback.format_exc().splitlines()
            for line in text[-30:]:
                print('# ' + line[:600])
            print(flush=True)
        else:
            print('ok ' + name, flush=True)

    def skip(self, name, why):
        print('skip %s: %s' % (name, why), flush=True)

    def keep_logs(self):
        space.keep_logs([self.sender.log, self.receiver.log] if hasattr(self, 'receiver') else [])
        names = os.listdir(space.ROOM)
        space.keep_logs([os.path.join(space.ROOM, n) for n in names if n.endswith(('.log', '.conf'))])

    def end(self):
        """The test's last line: its exit status."""
        if self.waybilld is not None and not self.waybilld.alive():
            self.failed += 1
            print('not ok waybilld is alive at the end\n# status %s' % self.waybilld.process.poll())
        self.keep_logs()
        print('# %.1f s' % (time.monotonic() - self.started), flush=True)
        sys.stdout.flush()
        os._exit(1 if self.failed else 0)

    # -- mail

    def address(self, domain='example.net'):
        """A recipient that no other message of this test has."""
        self.counter += 1
        return 'r%d@%s' % (self.counter, domain)

    def delivered(self, recipient):
        """The message that a recipient of example.net got."""
        return self.destinations.wait_for(recipient)[0].data

    def submit(self, message=None, session=None, sender='alice@example.org', options=(), recipient=None, **fields):
        """Sends one message through the submission port (or the session);
        returns (queue id, message as delivered)."""
        recipient = recipient or self.address()
        close = session is None
        session = session or submission()
        qid = session.post(sender, recipient, compose(**fields) if message is None else message, *options)
        if close:
            session.quit()
        return qid, self.delivered(recipient)

    def signed(self, message, *selectors, thorough=True):
        """Asserts that just these selectors signed, and all verifiers agree."""
        got = sorted(s.get('s', '?') for s in mail.signatures(message))
        assert got == sorted(selectors), 'signed by %s, not %s' % (got or 'nobody', sorted(selectors))
        complaints = self.verifiers.complaints(message, thorough)
        assert not complaints, complaints

    def unsigned(self, message):
        got = mail.signatures(message)
        assert not got, 'is signed: %r' % got
