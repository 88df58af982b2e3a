# SPDX-License-Identifier: ISC
"""Syslog daemons in the lab, at /dev/log of a /dev of the test's own: one that
writes a file in rsyslog's form, and systemd's journal, which can hand on to it
what it gets."""

import datetime
import grp
import os
import queue
import re
import signal
import socket
import subprocess
import threading
import time

from . import space
from .patience import until

LINE = re.compile(rb'^<\d+>(?:\w{3} [ \d]\d \d\d:\d\d:\d\d )?(.*?)[\n\0]*$', re.S)
DEVICES = ('null', 'zero', 'full', 'random', 'urandom', 'tty')


def private_dev():
    """A /dev in which /dev/log can be made, and nobody else sees it."""
    dev = space.ROOM + '/dev'
    os.makedirs(dev)
    space.run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', dev)
    for name in DEVICES:
        if os.path.exists('/dev/' + name):
            open(dev + '/' + name, 'w').close()
            space.run('mount', '--bind', '/dev/' + name, dev + '/' + name)
    os.mkdir(dev + '/shm', 0o1777)
    for name, target in (('fd', '/proc/self/fd'), ('stdin', '/proc/self/fd/0'),
                         ('stdout', '/proc/self/fd/1'), ('stderr', '/proc/self/fd/2')):
        os.symlink(target, dev + '/' + name)
    space.run('mount', '--rbind', dev, '/dev')


def send(text):
    """Says it to /dev/log, as Postfix does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(b'<22>' + text.encode(), '/dev/log')


def append(path, text):
    """Says it in a log file, as postlogd(8) does."""
    with open(path, 'a') as f:
        f.write('%s mail %s\n' % (time.strftime('%b %e %H:%M:%S'), text))


class Syslog:
    def __init__(self, path, address='/dev/log'):
        self.path = path
        self.file = open(path, 'ab', buffering=0)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(address)
        os.chmod(address, 0o666)
        self.delay = 0          # seconds until a line is in the file
        self.lines = queue.SimpleQueue()
        for work in self.serve, self.write:
            threading.Thread(target=work, daemon=True).start()

    def rotate(self):
        """As logrotate and rsyslog do it together."""
        for n in (1, 0):
            old = self.path + ('.%d' % n if n else '')
            if os.path.exists(old):
                os.rename(old, '%s.%d' % (self.path, n + 1))
        self.file = open(self.path, 'ab', buffering=0)

    def serve(self):
        while True:
            text = LINE.match(self.socket.recv(65536)).group(1)
            now = datetime.datetime.now(datetime.timezone.utc)
            # rsyslog writes control bytes as #ooo
            text = re.sub(rb'[\0-\x1f\x7f]', lambda m: b'#%03o' % m.group()[0], text)
            self.lines.put((now.timestamp() + self.delay, b'%s mail %s\n' % (
                now.isoformat(timespec='microseconds').encode(), text)))

    def write(self):
        while True:
            due, line = self.lines.get()
            time.sleep(max(0, due - time.time()))
            self.file.write(line)


JOURNALD = '/lib/systemd/systemd-journald'


class Journal:
    """A journald of the test's own, in memory. The user waybill-record may read
    it, as on a real host."""

    def __init__(self):
        for folder in ('/run/systemd/journal', '/run/log/journal'):
            os.makedirs(folder)
        space.sysctl('unix/max_dgram_qlen', '512')      # as systemd does; what is handed on isn't waited for
        space.write('/etc/machine-id', '00112233445566778899aabbccddeeff\n')
        space.write('/etc/systemd/journald.conf', '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n'
                    'ReadKMsg=no\nAudit=no\nForwardToSyslog=yes\nRuntimeMaxUse=64M\n')
        group = open('/etc/group').read()
        space.write('/etc/group', re.sub('^(systemd-journal:.*?)(,?)$', lambda m: m[1] + (
            '' if m[1].endswith(':') else ',') + 'waybill-record', group, flags=re.M))
        os.symlink('/run/systemd/journal/dev-log', '/dev/log')
        # as tmpfiles.d makes it: files of the group that may read them
        os.chown('/run/log/journal', 0, grp.getgrnam('systemd-journal').gr_gid)
        os.chmod('/run/log/journal', 0o2755)
        self.process = subprocess.Popen([JOURNALD], stdin=subprocess.DEVNULL)
        until(lambda: os.path.exists('/run/systemd/journal/dev-log') or self.process.poll() is not None, 'no journald')
        if self.process.poll() is not None:
            raise RuntimeError('journald has ended with %d' % self.process.poll())

    def rotate(self):
        """Another file; the old one stays."""
        self.process.send_signal(signal.SIGUSR2)
