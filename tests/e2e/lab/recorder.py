# SPDX-License-Identifier: ISC
"""The recorder in the lab: its configuration, start and end, and its store."""

import json
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess

from . import space
from .patience import BOUND_S, until

CONFIG = '''keys = "%(keys)s"
record { source = { %(sources)s }  store = "%(store)s"  recipients = "%(recipients)s" }
log { to = "stderr" }
'''


class Recorder:
    """waybill-record on node snd, following `sources`; the store lies on a
    small file system of its own."""

    def __init__(self, build, tree, sources, size='16m', name='record', recipients='domain'):
        self.build, self.process, self.marks = build, None, 0
        self.folder = '%s/%s' % (space.ROOM, name)
        self.store = self.folder + '/waybill.db'
        self.path = '%s/%s.conf' % (space.ROOM, name)
        self.log = '%s/%s.log' % (space.ROOM, name)
        user = pwd.getpwnam('waybill-record')
        os.makedirs(self.folder)
        space.run('mount', '-t', 'tmpfs', '-o', 'mode=750,size=%s,uid=%d,gid=%d' % (
            size, user.pw_uid, user.pw_gid), 'tmpfs', self.folder)
        rules = space.ROOM + '/replies'
        shutil.copy(tree + '/conf/replies', rules)
        self.environment = {**os.environ, 'WAYBILL_REPLIES': rules}
        space.write(self.path, CONFIG % {'keys': space.ROOM + '/keys', 'store': self.store, 'recipients': recipients,
                                         'sources': ', '.join('"%s"' % s for s in sources)})

    def start(self):
        self.process = subprocess.Popen(
            space.in_node('snd', self.build + '/waybill-record', '-c', self.path), stdin=subprocess.DEVNULL,
            stdout=open(self.log, 'ab'), stderr=subprocess.STDOUT, env=self.environment)
        return self

    def read(self, files):
        """Reads files once, as --from does."""
        return space.run(*space.in_node('snd', self.build + '/waybill-record', '-c', self.path, '--from', *files),
                         env=self.environment, timeout=BOUND_S)

    def end(self, number=signal.SIGTERM):
        """Its exit status; by SIGKILL it had no say."""
        self.process.send_signal(number)
        return self.process.wait(BOUND_S)

    def fill_disk(self):
        """Until not a byte more fits in."""
        with open(self.folder + '/filler', 'wb', buffering=0) as f:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        f.write(b'x' * size)
                except OSError:
                    pass

    def free_disk(self):
        os.unlink(self.folder + '/filler')

    def said(self, text):
        with open(self.log, errors='replace') as f:
            return [l.rstrip('\n') for l in f if text in l]

    def wait_for(self, text, count=1):
        def is_said():
            status = self.process.poll()
            said = len(self.said(text)) >= count
            assert said or status is None, complaint()
            return said

        def complaint():
            return 'the recorder (status %s) did not say %r %d times:\n%s' % (
                self.process.poll(), text, count, '\n'.join(self.said('')[-20:]))
        until(is_said, complaint)

    def rows(self, sql='SELECT * FROM attempts', *arguments):
        """Rows of the store as dicts; none while there is no store yet."""
        try:
            db = sqlite3.connect('file:%s?mode=ro' % self.store, uri=True, timeout=BOUND_S)
        except sqlite3.OperationalError:
            return []
        try:
            db.row_factory = sqlite3.Row
            return [dict(r) for r in db.execute(sql, arguments)]
        except sqlite3.OperationalError as e:
            if 'no such table' in str(e):
                return []
            raise
        finally:
            db.close()

    def count(self, where='1'):
        got = self.rows('SELECT count(*) AS n FROM attempts WHERE ' + where)
        return got[0]['n'] if got else 0

    def wait_for_rows(self, n, where='1'):
        until(lambda: self.count(where) >= n, lambda: 'the store has %d of %d rows (%s)\n%s' % (
            self.count(where), n, where, '\n'.join(self.said('')[-5:])), pause=0.1)

    def catch_up(self, write):
        """write(line) appends a result of Postfix's to the log: once that is in
        the record, so is everything before it. It is no attempt, and its
        message is removed."""
        self.marks += 1
        qid = 'FFFFFFFF%02X' % self.marks
        write('postfix/smtp[4711]: %s: to=<mark@mark.example>, relay=none, delay=0, delays=0/0/0/0, dsn=5.4.6, '
              'status=bounced (a mark of the test)' % qid)
        write('postfix/qmgr[4712]: %s: removed' % qid)
        self.wait_for_rows(1, "qid = '%s'" % qid)

    def waybill(self, *arguments, check=True):
        """A command about it; its JSON lines."""
        done = space.run(*space.in_node('snd', self.build + '/waybill', '-c', self.path, *arguments, '--json'),
                         check=False, env=self.environment)
        if check and (done.returncode not in (0, 1) or done.stderr):
            raise AssertionError('waybill %s: %d %s' % (' '.join(arguments), done.returncode, done.stderr.decode()))
        return [json.loads(line) for line in done.stdout.decode().splitlines()]
