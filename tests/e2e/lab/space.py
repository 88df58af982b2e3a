# SPDX-License-Identifier: ISC
"""Namespaces of a test's own, and a small internet in them.

enter() starts the calling script again as the first process of its own mount,
pid, network, uts and ipc namespaces: whatever it starts dies with it, and the
machine's /etc, /run, spool and network are out of its reach. build() lays out
the nodes: one bridge with a router, each node a network namespace of its own.

    dns   192.0.2.53     the resolver that all ask (nameserver.py)
    snd   192.0.2.10,.11 the Postfix and waybilld under test
    cli   198.51.100.77  a client from outside; 192.0.2.77: one from the same LAN
    rcv   203.0.113.25   a real Postfix as destination
    dst   203.0.113.30…  destinations that behave as a test wants (destination.py)
"""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import sys

from .patience import BOUND_S

ROOM = '/run/lab'               # on a tmpfs of the namespace

NODES = {
    'dns': ('192.0.2', '2001:db8:1', ['53']),
    'snd': ('192.0.2', '2001:db8:1', ['10', '11']),
    'cli': ('198.51.100', '2001:db8:2', ['77']),
    'rcv': ('203.0.113', '2001:db8:3', ['25', '26']),
    'dst': ('203.0.113', '2001:db8:3', [str(n) for n in range(30, 80)]),
}

# Addresses behind which nothing answers, each in its own way: silence, ICMP
# "no route", ICMP "administratively prohibited".
WEATHER = [
    'route add blackhole 2001:db8:dead::/48',
    'route add unreachable 2001:db8:beef::/48',
    'route add prohibit 2001:db8:cafe::/48',
    'route add blackhole 203.0.113.200/32',
]

# What the machine under the lab may have otherwise: nothing of it is read.
USERS = {'waybill': 64310, 'waybill-record': 64311, 'lab-database': 64312, 'lab-stranger': 64313}
FILES = {
    '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
    '/etc/hostname': 'mail.example.org\n', '/etc/mailname': 'mail.example.org\n',
    '/etc/host.conf': 'multi on\n', '/etc/gai.conf': '', '/etc/aliases': '',
    '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n',
    '/etc/resolv.conf': 'nameserver 192.0.2.53\noptions timeout:10 attempts:3\n',
}

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter():
    if os.environ.get('WAYBILL_LAB') == 'inside':
        return
    os.environ['WAYBILL_LAB'] = 'inside'
    os.execvp('unshare', ['unshare', '--mount', '--net', '--pid', '--uts', '--ipc',
                          '--fork', '--kill-child', '--mount-proc',
                          sys.executable, '-B', *sys.argv])


def run(*command, check=True, **options):
    """Runs a command to its end; its output is in the exception if it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL if 'input' not in options else None,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=options.pop('timeout', BOUND_S), **options)
    if check and done.returncode != 0:
        raise RuntimeError('%s: status %d\n%s' % (
            ' '.join(command), done.returncode, (done.stdout + done.stderr).decode(errors='replace')))
    return done


def ip(lines, netns=None):
    where = ['-n', netns] if netns else []
    run('ip', *where, '-batch', '-', input='\n'.join(lines).encode())


@contextlib.contextmanager
def node(name):
    """Sockets that this thread opens inside the block belong to the node."""
    here = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
    there = os.open('/run/netns/' + name, os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns ' + name)
        yield
    finally:
        if libc.setns(here, CLONE_NEWNET) != 0:
            os._exit(70)        # this thread would go on in the wrong network
        os.close(here)
        os.close(there)


def in_node(name, *command):
    return ['ip', 'netns', 'exec', name, *command]


def write(path, text, mode=0o644):
    data = text if isinstance(text, bytes) else text.encode()
    with open(path, 'wb') as f:
        f.write(data)
    os.chmod(path, mode)


def sysctl(path, value):
    with open('/proc/sys/net/' + path, 'w') as f:
        f.write(value)


def private_places():
    """A /run and an /etc that can be written to and that nobody else sees."""
    run('mount', '--make-rprivate', '/')
    run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run')
    for d in ('/run/netns', '/run/lock', ROOM, ROOM + '/etc'):
        os.makedirs(d)
    run('cp', '-a', '/etc/.', ROOM + '/etc/', check=False)
    run('mount', '--bind', ROOM + '/etc', '/etc')
    for path, form in ('/etc/passwd', '%s:x:%d:%d::/nonexistent:/usr/sbin/nologin\n'), ('/etc/group', '%s:x:%d:\n'):
        lines = [l for l in open(path) if l.split(':')[0] not in USERS]
        lines += [form % ((name, number, number) if 'nologin' in form else (name, number))
                  for name, number in USERS.items()]
        write(path, ''.join(lines))
    shutil.rmtree('/etc/waybill', ignore_errors=True)
    for path, text in FILES.items():
        write(path, text)
    socket.sethostname('mail.example.org')


def add_node(name, net4, net6, hosts):
    """A network namespace with these addresses behind the router."""
    run('ip', 'netns', 'add', name)
    ip(['link add v-%s type veth peer name eth0 netns %s' % (name, name),
        'link set v-%s master br0 up' % name])
    with node(name):
        sysctl('ipv6/conf/all/accept_dad', '0')
        sysctl('ipv6/conf/eth0/accept_dad', '0')
    ip(['link set lo up', 'link set eth0 up']
       + ['addr add %s.%s/24 dev eth0' % (net4, h) for h in hosts]
       + ['addr add %s::%s/64 dev eth0 nodad' % (net6, h) for h in hosts]
       + ['route add default via %s.1' % net4, 'route add ::/0 via %s::1' % net6], name)


def give_network(name, network, via):
    """Every address of a network is the node's own, reached through one that
    it has."""
    ip(['route add local %s dev lo' % network], name)
    ip(['route add %s via %s' % (network, via)])


def build():
    private_places()
    ip(['link set lo up', 'link add br0 type bridge', 'link set br0 up']
       + ['addr add %s.1/24 dev br0' % n for n in ('192.0.2', '198.51.100', '203.0.113')]
       + ['addr add %s::1/64 dev br0 nodad' % n for n in ('2001:db8:1', '2001:db8:2', '2001:db8:3')]
       + WEATHER)
    for name, value in (('ipv4/ip_forward', '1'), ('ipv6/conf/all/forwarding', '1'),
                        ('ipv6/icmp/ratelimit', '0'), ('ipv4/icmp_ratelimit', '0')):
        sysctl(name, value)
    for name, (net4, net6, hosts) in NODES.items():
        add_node(name, net4, net6, hosts)
    ip(['addr add 192.0.2.77/24 dev eth0'], 'cli')


def keep_logs(paths):
    """Copies logs to the folder that tests/run shows when a test fails."""
    folder = os.environ.get('WAYBILL_LAB_LOGS')
    for path in paths if folder else []:
        if os.path.exists(path):
            shutil.copyfile(path, os.path.join(folder, os.path.basename(path)))
