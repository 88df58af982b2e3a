# SPDX-License-Identifier: ISC
"""Two private Postfix instances: the sender, which is /etc/postfix of the
lab's own /etc, and a receiver. Nothing of the machine's Postfix is read or
written. login() is the SASL side: Dovecot's protocol, PLAIN, one user."""

import base64
import os
import pwd
import re
import socketserver
import threading
import time

from . import space
from .patience import until

ROOM = space.ROOM
USER, PASSWORD = 'alice@example.org', 'secret'

# As conf/setup attaches waybilld: without it mail goes on unsigned. But a
# machine that is busy may take its time.
MILTER = ('{ unix:waybill/milter, default_action=accept, connect_timeout=60s,'
          ' command_timeout=60s, content_timeout=120s }')

COMMON = {
    'compatibility_level': '3.6',
    'maillog_file_prefixes': ROOM,
    'alias_maps': '', 'alias_database': '', 'local_recipient_maps': '',
    'mydestination': '', 'inet_protocols': 'all', 'biff': 'no',
    'virtual_minimum_uid': '1', 'notify_classes': '',
    'smtpd_tls_cert_file': ROOM + '/cert.pem', 'smtpd_tls_key_file': ROOM + '/key.pem',
    'smtpd_tls_security_level': 'may', 'tls_append_default_CA': 'no',
    'message_size_limit': '60000000', 'mailbox_size_limit': '0', 'virtual_mailbox_limit': '0',
    'smtpd_client_connection_count_limit': '0', 'default_process_limit': '100',
    'in_flow_delay': '0', 'smtpd_recipient_restrictions': '',
}

SENDER = {
    'myhostname': 'mail.example.org', 'mydomain': 'example.org', 'myorigin': 'example.org',
    'local_transport': 'error:no local delivery here',
    'mynetworks': '127.0.0.0/8 [::1]/128 192.0.2.0/24',
    'smtp_address_preference': 'ipv6', 'enable_long_queue_ids': 'yes',
    'smtp_tls_security_level': 'may', 'smtp_tls_CAfile': ROOM + '/ca.pem', 'smtp_tls_loglevel': '1',
    'smtpd_tls_CAfile': ROOM + '/ca.pem',
    'smtpd_relay_restrictions':
        'permit_mynetworks permit_sasl_authenticated permit_tls_all_clientcerts reject_unauth_destination',
    'smtpd_milters': MILTER, 'non_smtpd_milters': MILTER,
    'virtual_mailbox_domains': 'example.org', 'virtual_mailbox_maps': 'static:inbox/',
}

RECEIVER = {
    'myhostname': 'mx1.example.com', 'syslog_name': 'receiver',
    'virtual_mailbox_domains': 'example.com', 'virtual_mailbox_maps': 'static:inbox/',
    'smtpd_relay_restrictions': 'reject_unauth_destination',
}

SERVICES = '''
pickup     unix  n - n 60 1 pickup
cleanup    unix  n - n - 0 cleanup
qmgr       unix  n - n 300 1 qmgr
tlsmgr     unix  - - n 1000? 1 tlsmgr
rewrite    unix  - - n - - trivial-rewrite
bounce     unix  - - n - 0 bounce
defer      unix  - - n - 0 bounce
trace      unix  - - n - 0 bounce
verify     unix  - - n - 1 verify
flush      unix  n - n 1000? 0 flush
proxymap   unix  - - n - - proxymap
proxywrite unix  - - n - 1 proxymap
smtp       unix  - - n - - smtp
relay      unix  - - n - - smtp
showq      unix  n - n - - showq
error      unix  - - n - - error
retry      unix  - - n - - error
discard    unix  - - n - - discard
virtual    unix  - n n - - virtual
anvil      unix  - - n - 1 anvil
scache     unix  - - n - 1 scache
postlog    unix-dgram n - n - 1 postlogd
'''

SMTPD = 'smtp inet n - n - - smtpd\n'

SUBMISSION = '''submission inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_type=dovecot
  -o smtpd_sasl_path=private/auth
  -o mynetworks=
'''


def service(port, chroot='n', **options):
    """An smtpd of the sender on a port, with its own -o settings."""
    return '%d inet n - %s - - smtpd\n' % (port, chroot) + ''.join(
        '  -o { %s = %s }\n' % (k, v) for k, v in options.items())


def log_readers():
    """Postfix 3.9 and later make maillog_file for root alone, unless told."""
    version = space.run('postconf', '-dh', 'mail_version').stdout.decode()
    new = [int(n) for n in re.findall(r'\d+', version)[:2]] >= [3, 9]
    return {'maillog_file_permissions': '0644'} if new else {}


class Postfix:
    def __init__(self, node, config, settings, services):
        self.node, self.config, self.name = node, config, node
        self.spool, self.lib = '%s/%s/spool' % (ROOM, node), '%s/%s/lib' % (ROOM, node)
        self.log = '%s/%s-maillog' % (ROOM, node)
        self.mail = '%s/%s/mail' % (ROOM, node)
        self.settings = {**COMMON, 'queue_directory': self.spool, 'data_directory': self.lib,
                         'maillog_file': self.log, 'virtual_mailbox_base': self.mail,
                         **settings}
        self.services = services
        self.position = 0

    def configure(self, **settings):
        """Writes main.cf and master.cf; older than two seconds, or Postfix
        would read them again and again."""
        self.settings.update(settings)
        user = pwd.getpwnam('postfix')
        for folder, owner in ((self.config, 0), (self.spool, 0), (self.lib, user.pw_uid), (self.mail, user.pw_uid)):
            os.makedirs(folder, exist_ok=True)
            os.chown(folder, owner, -1)
        owners = {'virtual_uid_maps': 'static:%d' % user.pw_uid, 'virtual_gid_maps': 'static:%d' % user.pw_gid}
        settings = {**owners, **log_readers(), **self.settings}
        main = ''.join('%s = %s\n' % item for item in settings.items())
        for name, text in (('main.cf', main), ('master.cf', self.services + SERVICES)):
            space.write(self.config + '/' + name, text)
            os.utime(self.config + '/' + name, (time.time() - 60,) * 2)

    def command(self, name, *arguments, check=True, **options):
        where = [] if self.config == '/etc/postfix' else ['-c', self.config]
        return space.run(*space.in_node(self.node, name, *where, *arguments), check=check, **options)

    def start(self):
        self.command('postfix', 'start')

    def reload(self):
        self.command('postfix', 'reload')

    def lines(self, pattern='', since=0):
        try:
            with open(self.log, errors='replace') as f:
                f.seek(since)
                return [l.rstrip('\n') for l in f if re.search(pattern, l)]
        except FileNotFoundError:
            return []

    def end(self):
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def wait_for(self, pattern, count=1, since=0):
        def found():
            lines = self.lines(pattern, since)
            return lines if len(lines) >= count else None
        return until(found, lambda: '%s: %d of %d lines match %r' % (
            self.log, len(self.lines(pattern, since)), count, pattern))

    def inbox(self):
        """What its own mailbox has, newest last, without the three fields
        that virtual(8) puts on top."""
        folder = self.mail + '/inbox/new'
        names = sorted(os.listdir(folder), key=lambda n: os.stat(folder + '/' + n).st_mtime_ns) \
            if os.path.isdir(folder) else []
        return [open(folder + '/' + n, 'rb').read() for n in names]


class Login(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\n'
                         b'COOKIE\t00112233445566778899aabbccddeeff\nDONE\n')
        for line in self.rfile:
            word, *fields = line.decode().rstrip('\n').split('\t')
            if word != 'AUTH':
                continue
            response = [f[5:] for f in fields if f.startswith('resp=')]
            _, user, password = base64.b64decode(response[0]).decode().split('\0')
            good = password == PASSWORD
            self.wfile.write(('%s\t%s\tuser=%s\n' % ('OK' if good else 'FAIL', fields[0], user)).encode())


class LoginServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def login(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    server = LoginServer(path, Login)
    os.chmod(path, 0o666)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def sender(services='', **settings):
    return Postfix('snd', '/etc/postfix', {**SENDER, 'alternate_config_directories': ROOM + '/rcv/etc', **settings},
                   SMTPD + SUBMISSION + services)


def receiver():
    return Postfix('rcv', ROOM + '/rcv/etc', RECEIVER, SMTPD)
