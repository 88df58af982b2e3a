# SPDX-License-Identifier: ISC
"""Independent verifiers: dkimpy, Mail::DKIM (Debian's knows no Ed25519) and
opendkim-testmsg. Keys come from the lab's DNS, which the last two ask
themselves; dkimpy is given the records that it was made from."""

import os
import re
import subprocess

import dkim

from . import mail, space
from .patience import BOUND_S

MAIL_DKIM = r'''
use strict; use warnings; use Mail::DKIM::Verifier;
$| = 1;
while (my $path = <STDIN>) {
	chomp $path;
	my $v = Mail::DKIM::Verifier->new;
	open my $f, '<:raw', $path or die "$path: $!";
	while (<$f>) { s/\r?\n\z/\r\n/; $v->PRINT($_); }
	$v->CLOSE;
	print join(' ', map { ($_->result_detail // 'none') =~ s/ /_/gr } $v->signatures), "\n";
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
        """The same of Mail::DKIM; None for a signature that it doesn't know."""
        if self.perl is None:
            self.perl = subprocess.Popen(['perl', '-e', MAIL_DKIM], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, bufsize=0)
        space.write(self.path, message)
        self.perl.stdin.write(self.path.encode() + b'\n')
        words = self.perl.stdout.readline().decode().split()
        return [None if 'unsupported_algorithm' in w else w == 'pass' or w for w in words]

    def opendkim(self, message):
        """The same of libopendkim, which is content with one good signature
        of many: so it gets each by itself."""
        return [self.opendkim_one(only(message, i)) for i in range(len(mail.signatures(message)))]

    def opendkim_one(self, message):
        done = subprocess.run(['opendkim-testmsg'], input=message.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n'),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=BOUND_S)
        return done.returncode == 0 or done.stdout.decode(errors='replace').strip()

    def complaints(self, message, thorough=True):
        """What a verifier says against a message; empty if all are content,
        and each signature was judged by two of them at least."""
        count = len(mail.signatures(message))
        if count == 0:
            return ['no signature']
        verdicts = {'dkimpy': self.dkimpy(message), 'Mail::DKIM': self.mail_dkim(message)}
        if thorough or None in verdicts['Mail::DKIM']:
            verdicts['opendkim-testmsg'] = self.opendkim(message)
        found = ['%s: %r' % (name, results) for name, results in verdicts.items()
                 if len(results) != count or any(r not in (True, None) for r in results)]
        if found and os.environ.get('WAYBILL_LAB_LOGS'):
            space.write(os.environ['WAYBILL_LAB_LOGS'] + '/refused.eml', message)
        return found


def only(message, index):
    """The message with one of its DKIM-Signature fields alone."""
    head, end, body = message.replace(b'\r\n', b'\n').partition(b'\n\n')
    kept, seen = [], -1
    for line in re.split(rb'\n(?![ \t])', head):
        if line.lower().startswith(b'dkim-signature'):
            seen += 1
            if seen != index:
                continue
        kept.append(line)
    return (b'\n'.join(kept) + end + body).replace(b'\n', b'\r\n')
