# SPDX-License-Identifier: ISC
"""waybilld in the lab: its configuration, its start, its log, its end."""

import os
import pwd
import re
import signal
import socket
import subprocess
import time

from . import space

SOCKET = space.ROOM + '/snd/spool/waybill/milter'

CONFIG = '''socket = "unix:%(socket)s"
keys = "%(keys)s"
log { to = "%(to)s" }
%(more)s
'''

WORD = re.compile(r'([a-z][a-z0-9_.-]*)(?:=("(?:[^"\\]|\\.)*"|[^ ]*))?(?: |$)')
HEAD = re.compile(r'^(?:.*?waybilld\[\d+\]: |<\d+>)?(?:((?=[a-z]*[0-9A-Z])[0-9A-Za-z]{6,}): )?(warning: )?')


def event(line):
    """A log line as a dict: qid, warning, event, sentence and its keys."""
    head = HEAD.match(line)
    rest = line[head.end():]
    found = {'qid': head.group(1), 'warning': bool(head.group(2)), 'line': line}
    pairs, _, found['sentence'] = rest.partition(': ')
    for number, word in enumerate(WORD.finditer(pairs)):
        key, value = word.groups()
        if number == 0 and value is None:
            found['event'] = key
        elif value is not None:
            if value.startswith('"'):
                value = re.sub(r'\\x([0-9A-Fa-f]{2})|\\(.)',
                               lambda m: chr(int(m[1], 16)) if m[1] else m[2], value[1:-1])
            found[key] = value
    return found


class Daemon:
    """One waybilld on node snd. `more` is configuration text."""

    def __init__(self, binary, more='', keys=space.ROOM + '/keys', socket_path=SOCKET,
                 name='waybilld', environment=None, prefix=(), to='stderr'):
        self.binary, self.socket, self.prefix = binary, socket_path, prefix
        self.path = '%s/%s.conf' % (space.ROOM, name)
        self.log = '%s/%s.log' % (space.ROOM, name)
        self.keys, self.more, self.to, self.process = keys, more, to, None
        self.environment = {**os.environ, **(environment or {})}
        os.makedirs(os.path.dirname(socket_path), exist_ok=True)
        os.chown(os.path.dirname(socket_path), pwd.getpwnam('waybill').pw_uid, -1)

    def configure(self, more=None):
        self.more = self.more if more is None else more
        space.write(self.path, CONFIG % {'socket': self.socket, 'keys': self.keys, 'more': self.more,
                                         'to': self.to})

    def start(self, seconds=20):
        self.configure()
        self.process = subprocess.Popen(
            space.in_node('snd', *self.prefix, self.binary, '-c', self.path), stdin=subprocess.DEVNULL,
            stdout=open(self.log, 'ab'), stderr=subprocess.STDOUT, env=self.environment)
        until = time.monotonic() + seconds
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError('waybilld did not start (status %s):\n%s' % (
                    self.process.poll(), open(self.log, errors='replace').read()[-2000:]))
            time.sleep(0.02)
        return self

    def answers(self):
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(self.socket)
            return True
        except OSError:
            return False

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self, more=None, seconds=20):
        """SIGHUP, and waits until it says how that went: its line."""
        self.configure(more)
        before = self.end()
        self.signal(signal.SIGHUP)
        return self.wait_for(lambda e: e.get('event') == 'reload', since=before, seconds=seconds)[0]

    def stop(self, seconds=30):
        """SIGTERM; its exit status."""
        self.signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def end(self):
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def events(self, since=0, **wanted):
        """The log's events, those whose keys have the wanted values."""
        with open(self.log, errors='replace') as f:
            f.seek(since)
            found = [event(l.rstrip('\n')) for l in f]
        return [e for e in found if all(e.get(k) == v for k, v in wanted.items())]

    def wait_for(self, test, since=0, seconds=20):
        until = time.monotonic() + seconds
        while True:
            found = [e for e in self.events(since) if test(e)]
            if found:
                return found
            if time.monotonic() > until or not self.alive():
                raise AssertionError('no such line in %s:\n%s' % (
                    self.log, open(self.log, errors='replace').read()[-2000:]))
            time.sleep(0.02)

    def message(self, qid):
        """The message line of a queue id."""
        return self.wait_for(lambda e: e['qid'] == qid and e.get('event') == 'message')[0]

    def usage(self):
        """Resident memory in KiB, open descriptors, threads."""
        pid = self.process.pid
        status = open('/proc/%d/status' % pid).read()
        number = lambda key: int(re.search(key + r':\s+(\d+)', status).group(1))
        return number('VmRSS'), len(os.listdir('/proc/%d/fd' % pid)), number('Threads')
