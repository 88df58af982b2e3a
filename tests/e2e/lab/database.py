# SPDX-License-Identifier: ISC
"""A PostgreSQL server on node rcv: TLS with the lab's CA, a role waybill that has
a database of its name and a password, no other way in by network."""

import glob
import os
import pwd
import shutil
import signal
import subprocess

from . import keys, space
from .patience import BOUND_S, until

NAME, ADDRESS = 'db.example.org', '203.0.113.26'
HBA = '''local all owner trust
hostssl all waybill all scram-sha-256
'''


def programs():
    """Where initdb and postgres are; None where they aren't installed."""
    found = sorted(glob.glob('/usr/lib/postgresql/*/bin/initdb'))
    return os.path.dirname(found[-1]) if found else None


class Database:
    def __init__(self, password, folder=space.ROOM + '/database'):
        self.folder, self.data, self.log = folder, folder + '/data', folder + '/postgres.log'
        self.user, self.process = pwd.getpwnam('lab-database'), None
        os.makedirs(folder)
        for path in keys.certificate('db', NAME):
            shutil.copy(path, folder)
        for path in [folder] + glob.glob(folder + '/*'):
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        os.chmod(folder + '/db-key.pem', 0o600)
        with open('/etc/hosts', 'a') as f:
            f.write('%s %s\n' % (ADDRESS, NAME))
        space.run(*self.command('initdb'), '-D', self.data, '-U', 'owner', '-A', 'trust', '-E', 'UTF8',
                  '--locale=C', '-N', cwd='/')
        space.write(self.data + '/pg_hba.conf', HBA)
        self.start()
        self.sql("CREATE ROLE waybill LOGIN PASSWORD '%s'" % password, 'postgres')
        self.sql('CREATE DATABASE waybill OWNER waybill', 'postgres')

    def command(self, program):
        return ['setpriv', '--reuid=%d' % self.user.pw_uid, '--regid=%d' % self.user.pw_gid, '--clear-groups',
                programs() + '/' + program]

    def start(self):
        options = {'listen_addresses': ADDRESS, 'unix_socket_directories': self.folder, 'fsync': 'off',
                   'ssl': 'on', 'ssl_cert_file': self.folder + '/db.pem',
                   'ssl_key_file': self.folder + '/db-key.pem', 'shared_buffers': '16MB'}
        command = self.command('postgres') + ['-D', self.data]
        for name, value in options.items():
            command += ['-c', '%s=%s' % (name, value)]
        self.process = subprocess.Popen(space.in_node('rcv', *command), stdin=subprocess.DEVNULL, cwd='/',
                                        stdout=open(self.log, 'ab'), stderr=subprocess.STDOUT)
        until(self.is_up, lambda: 'PostgreSQL did not start:\n' + open(self.log).read()[-2000:])

    def is_up(self):
        assert self.process.poll() is None, 'PostgreSQL has ended:\n' + open(self.log).read()[-2000:]
        return space.run('psql', '-h', self.folder, '-U', 'owner', '-c', 'SELECT 1', 'postgres',
                         check=False).returncode == 0

    def end(self, number):
        """SIGQUIT: at once, as in a crash; SIGINT: in order."""
        self.process.send_signal(number)
        self.process.wait(BOUND_S)

    def crash(self):
        self.end(signal.SIGQUIT)

    def sql(self, text, database='waybill'):
        """Rows as lists of texts."""
        done = space.run('psql', '-qAt', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-h', self.folder, '-U', 'owner', '-c',
                         text, database)
        return [line.split('\t') for line in done.stdout.decode().splitlines()]
