# SPDX-License-Identifier: ISC
"""Keys and certificates of the lab, made with openssl(1), and the DNS records
that publish the keys: not with the program under test, so that a mistake in
its keygen can't hide one in its signing."""

import base64
import os
import pwd

from . import space

FOLDER = space.ROOM + '/keys'


def make(domain, selector, algorithm='rsa', bits=2048, folder=FOLDER):
    """A private key in folder/domain/selector.pem; returns its record's value."""
    path = '%s/%s/%s.pem' % (folder, domain, selector)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    options = ['-algorithm', 'ED25519'] if algorithm == 'ed25519' else \
        ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:%d' % bits]
    space.run('openssl', 'genpkey', '-out', path, *options)
    own(path)
    return record(path, algorithm)


def own(path):
    os.chown(path, 0, pwd.getpwnam('waybill').pw_gid)
    os.chmod(path, 0o640)


def record(path, algorithm='rsa'):
    public = space.run('openssl', 'pkey', '-in', path, '-pubout', '-outform', 'DER').stdout
    if algorithm == 'ed25519':          # RFC 8463: the bare key
        public = public[-32:]
    return 'v=DKIM1; k=%s; p=%s' % (algorithm, base64.b64encode(public).decode())


def zone_line(domain, selector, value):
    parts = [value[i:i + 200] for i in range(0, len(value), 200)]
    return '%s._domainkey.%s. 300 IN TXT %s\n' % (
        selector, domain, ' '.join('"%s"' % p for p in parts))


def certificate_authority():
    """ca.pem for the lab, cert.pem and key.pem for its servers."""
    room = space.ROOM
    space.run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30',
              '-subj', '/CN=Lab CA', '-keyout', room + '/ca-key.pem', '-out', room + '/ca.pem')
    certificate('cert', 'mx1.example.com', 'key')


def certificate(name, subject, key=None):
    """room/NAME.pem, signed by the lab's CA; its key is room/KEY.pem."""
    room = space.ROOM
    key = key or name + '-key'
    space.run('openssl', 'req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=' + subject,
              '-keyout', '%s/%s.pem' % (room, key), '-out', '%s/%s.csr' % (room, name))
    space.run('openssl', 'x509', '-req', '-days', '30', '-in', '%s/%s.csr' % (room, name),
              '-CA', room + '/ca.pem', '-CAkey', room + '/ca-key.pem', '-CAcreateserial',
              '-out', '%s/%s.pem' % (room, name))
    return '%s/%s.pem' % (room, name), '%s/%s.pem' % (room, key)
