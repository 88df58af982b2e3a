# SPDX-License-Identifier: ISC
"""Independent verifiers: dkimpy, Mail::DKIM and opendkim-testmsg. Keys come
from the lab's DNS, which the last two ask themselves; dkimpy is given the
records that it was made from."""

import os
import subprocess

import dkim

from . import mail, space

MAIL_DKIM = r'''
use strict; use warnings; use Mail::DKIM::Verifier;
$| = 1;
while (my $path = <STDIN>) {
	chomp $path;
	my $v = Mail::DKIM::Verifier->new;
	open my $f, '<:raw', $path or die "$path: $!";
	while (<$f>) { s/\r?\n\z/\r\n/; $v->PRINT($_); }
	$v->CLOSE;
	print join(' ', map { ($_->result // 'none') } $v->signatures), "\n";
}
'''


class Verifiers:
    def __init__(self, records):
        self.records = records          # "selector._domainkey.domain" to value
        self.perl = None
        self.path = space.ROOM + '/verified.eml'

    def dkimpy(self, message):
        """True or what is wrong, for each signature top to bottom."""
        results = []
        for index in range(len(mail.field(message, 'DKIM-Signature'))):
            try:
                results.append(dkim.DKIM(message, minkey=512).verify(
                    index, dnsfunc=lambda name, timeout=5: self.records.get(
                        name.decode().rstrip('.').lower(), '').encode()))
            except Exception as e:      # dkimpy raises many kinds
                results.append('%s: %s' % (type(e).__name__, e))
        return results

    def mail_dkim(self, message):
        if self.perl is None:
            self.perl = subprocess.Popen(['perl', '-e', MAIL_DKIM], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, bufsize=0)
        space.write(self.path, message)
        self.perl.stdin.write(self.path.encode() + b'\n')
        return [w == 'pass' or w for w in self.perl.stdout.readline().decode().split()]

    def opendkim(self, message):
        done = subprocess.run(['opendkim-testmsg'], input=message.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n'),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
        return done.returncode == 0 or done.stdout.decode(errors='replace')

    def complaints(self, message, thorough=True):
        """What any verifier says against a message; empty if all are content
        and there is a signature."""
        if not mail.signatures(message):
            return ['no signature']
        found = []
        verdicts = [('dkimpy', self.dkimpy(message)), ('Mail::DKIM', self.mail_dkim(message))]
        if thorough:
            verdicts.append(('opendkim-testmsg', [self.opendkim(message)]))
        for name, results in verdicts:
            if not results or any(r is not True for r in results):
                found.append('%s: %r' % (name, results))
        if found and os.environ.get('WAYBILL_LAB_LOGS'):
            space.write(os.environ['WAYBILL_LAB_LOGS'] + '/refused.eml', message)
        return found
