# SPDX-License-Identifier: ISC
"""A syslog daemon in the lab: /dev/log of a /dev of the test's own, and one
file in the form that rsyslog writes."""

import datetime
import os
import re
import socket
import threading

from . import space

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


class Syslog:
    def __init__(self, path):
        self.path = path
        private_dev()
        self.file = open(path, 'ab', buffering=0)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind('/dev/log')
        os.chmod('/dev/log', 0o666)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            text = LINE.match(self.socket.recv(65536)).group(1)
            stamp = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='microseconds')
            # rsyslog writes control bytes as #ooo
            text = re.sub(rb'[\0-\x1f\x7f]', lambda m: b'#%03o' % m.group()[0], text)
            self.file.write(b'%s mail %s\n' % (stamp.encode(), text))
