# SPDX-License-Identifier: ISC
"""waybilld in the lab: its configuration, its start, its log, its end."""

import contextlib
import os
import pwd
import re
import signal
import socket
import subprocess
import threading

from . import space
from .patience import BOUND_S, until

SOCKET = space.ROOM + '/snd/spool/waybill/milter'

CONFIG = '''socket = "unix:%(socket)s"
keys = "%(keys)s"
log { to = "%(to)s" }
%(more)s
'''

# So long as it may be, where a test says nothing else: an answer that is late
# on a busy machine is an answer.
PATIENCE = '\nresolver { wait = "30s" }'

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


LAST = 'it has ended'


def hear(manager, told):
    while True:
        told.append(manager.recv(4096).decode())


class Daemon:
    """One waybilld on node snd. `more` is configuration text."""

    def __init__(self, binary, more='', keys=space.ROOM + '/keys', socket_path=SOCKET,
                 name='waybilld', environment=None, prefix=(), to='stderr'):
        self.binary, self.socket, self.prefix = binary, socket_path, prefix
        self.path = '%s/%s.conf' % (space.ROOM, name)
        self.log = '%s/%s.log' % (space.ROOM, name)
        self.manager, self.told = '%s/%s.notify' % (space.ROOM, name), []
        self.keys, self.more, self.to, self.process = keys, more, to, None
        self.environment = {**os.environ, **(environment or {})}
        os.makedirs(os.path.dirname(socket_path), exist_ok=True)
        os.chown(os.path.dirname(socket_path), pwd.getpwnam('waybill').pw_uid, -1)

    def configure(self, more=None):
        self.more = self.more if more is None else more
        patience = '' if 'resolver' in self.more else PATIENCE
        space.write(self.path, CONFIG % {'socket': self.socket, 'keys': self.keys, 'more': self.more + patience,
                                         'to': self.to})

    def start(self):
        """Until it says that it is ready: its socket can be connected to
        sooner, but then it may still have things to do and to say."""
        self.configure()
        self.launch()
        self.wait_told('READY=1')
        return self

    def launch(self):
        """Starts the process as a service manager does, which it tells how it
        is (sd_notify(3))."""
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.manager)
        manager.bind(self.manager)
        os.chmod(self.manager, 0o777)
        self.told = []
        threading.Thread(target=hear, args=(manager, self.told), daemon=True).start()
        self.process = subprocess.Popen(
            space.in_node('snd', *self.prefix, self.binary, '-c', self.path), stdin=subprocess.DEVNULL,
            stdout=open(self.log, 'ab'), stderr=subprocess.STDOUT,
            env={**self.environment, 'NOTIFY_SOCKET': self.manager})

    def wait_told(self, word):
        """Until the manager was told that."""
        def complaint():
            return 'no %s (status %s):\n%s' % (word, self.process.poll(), self.text()[-2000:])

        def is_told():
            if self.process.poll() is not None and LAST not in self.told:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                    s.sendto(LAST.encode(), self.manager)       # behind all that the process said
            assert word in self.told or LAST not in self.told, complaint()
            return word in self.told
        until(is_told, complaint)

    def text(self):
        return open(self.log, errors='replace').read()

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self, more=None):
        """SIGHUP, and waits until it says how that went: its line."""
        self.configure(more)
        before = self.end()
        self.signal(signal.SIGHUP)
        return self.wait_for(lambda e: e.get('event') == 'reload', since=before)[0]

    def look_around(self):
        """Waits until it has checked its surroundings once more, as it does
        every few seconds: its main thread sleeps between two checks, and at
        most three times in one."""
        def slept():
            with open('/proc/%d/task/%d/status' % (self.process.pid, self.process.pid)) as f:
                return int(re.search(r'(?m)^voluntary_ctxt_switches:\t(\d+)$', f.read()).group(1))
        before = slept()
        until(lambda: slept() >= before + 4, lambda: 'it slept %d times' % (slept() - before))

    def stop(self):
        """SIGTERM; its exit status."""
        self.signal(signal.SIGTERM)
        return self.process.wait(BOUND_S)

    def end(self):
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def events(self, since=0, **wanted):
        """The log's events, those whose keys have the wanted values."""
        with open(self.log, errors='replace') as f:
            f.seek(since)
            found = [event(l.rstrip('\n')) for l in f]
        return [e for e in found if all(e.get(k) == v for k, v in wanted.items())]

    def wait_for(self, test, since=0):
        def complaint():
            return 'no such line in %s:\n%s' % (self.log, self.text()[-2000:])

        def lines():
            alive = self.alive()
            found = [e for e in self.events(since) if test(e)]
            assert found or alive, complaint()
            return found
        return until(lines, complaint)

    def message(self, qid):
        """The message line of a queue id."""
        return self.wait_for(lambda e: e['qid'] == qid and e.get('event') == 'message')[0]

    def usage(self):
        """Resident memory in KiB, open descriptors, threads."""
        pid = self.process.pid
        status = open('/proc/%d/status' % pid).read()
        number = lambda key: int(re.search(key + r':\s+(\d+)', status).group(1))
        return number('VmRSS'), len(os.listdir('/proc/%d/fd' % pid)), number('Threads')
