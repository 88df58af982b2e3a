#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The lab's resolver: answers from zone files, and misbehaves where it is told.

usage: nameserver.py LOG FOLDER ADDRESS...

FOLDER holds *.zone (master files, $ORIGIN at the top) and `behaviour`, lines
of NAME TYPE WHAT; NAME also stands for all names below it, TYPE may be ANY,
and WHAT is servfail, refused, silent, slow (two seconds), truncated (by UDP),
garbage, or secure (the AD bit set). Every question is a line "NAME TYPE" in
LOG. SIGHUP reads FOLDER again. When that is done, and at the start, it says
"ready". CNAMEs are followed as a resolver would; what
no zone has is NXDOMAIN, so that nothing ever asks outside.
"""

import contextlib
import glob
import os
import re
import select
import signal
import socket
import struct
import sys
import threading
import time

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zonefile

SOA = 'ns.example.net. hostmaster.example.net. 1 3600 900 604800 60'


class Records:
    def __init__(self, folder):
        self.sets, self.names, self.behaviour = {}, {dns.name.root}, []
        for path in sorted(glob.glob(folder + '/*.zone')):
            self.read_zone(open(path).read())
        try:
            lines = open(folder + '/behaviour').read().splitlines()
        except FileNotFoundError:
            lines = []
        for line in lines:
            if line.strip() and not line.startswith('#'):
                name, kind, what = line.split()
                self.behaviour.append((dns.name.from_text(name), kind, what))

    def read_zone(self, text):
        # read_rrsets() knows no $ORIGIN: the part of each by itself
        for part in re.split(r'^\$ORIGIN ', '.\n' + text, flags=re.MULTILINE):
            origin, _, lines = part.partition('\n')
            for rrset in dns.zonefile.read_rrsets(lines, rdclass=None, default_ttl=300,
                                                  origin=dns.name.from_text(origin), relativize=False):
                self.add(rrset)

    def add(self, rrset):
        self.sets.setdefault((rrset.name, rrset.rdtype), rrset).update(rrset)
        name = rrset.name
        while name not in self.names:           # empty non-terminals exist too
            self.names.add(name)
            name = name.parent()

    def behaviour_of(self, name, kind):
        for suffix, wanted, what in self.behaviour:
            if name.is_subdomain(suffix) and wanted in ('ANY', dns.rdatatype.to_text(kind)):
                return what
        return None

    def wildcard(self, name, kind):
        """What *.PARENT has, for a name that isn't there (RFC 4592)."""
        if name in self.names:
            return None
        found = self.sets.get((dns.name.Name((b'*',) + name.labels[1:]), kind))
        if found is not None:
            found = found.copy()
            found.name = name
        return found

    def answer(self, query):
        reply = dns.message.make_response(query, recursion_available=True)
        question = query.question[0]
        name, kind = question.name, question.rdtype
        reply.flags &= ~dns.flags.AD
        for _ in range(9):
            what = self.behaviour_of(name, kind)
            if what == 'servfail':
                reply.set_rcode(dns.rcode.SERVFAIL)
                reply.answer.clear()
                return reply
            found = self.sets.get((name, kind)) or self.wildcard(name, kind)
            alias = self.sets.get((name, dns.rdatatype.CNAME))
            if found is not None or alias is None:
                break
            reply.answer.append(alias)
            name = alias[0].target
        if found is not None:
            reply.answer.append(found)
        else:
            if name not in self.names:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            zone = name if name == dns.name.root else dns.name.Name(name.labels[-2:])
            reply.authority.append(dns.rrset.from_text(zone, 60, 'IN', 'SOA', SOA))
        return reply


class Server:
    def __init__(self, log, folder):
        self.folder, self.records = folder, Records(folder)
        self.log = open(log, 'a', buffering=1)

    def reload(self, *_):
        self.records = Records(self.folder)
        print('ready', flush=True)

    def reply(self, wire, udp):
        """The answer's bytes, or None for silence."""
        try:
            query = dns.message.from_wire(wire)
            name, kind = query.question[0].name, query.question[0].rdtype
        except Exception:               # dnspython raises many kinds
            return None
        self.log.write('%s %s\n' % (name.to_text(True).lower(), dns.rdatatype.to_text(kind)))
        records = self.records
        what = records.behaviour_of(name, kind)
        if what == 'silent':
            return None
        if what == 'slow':
            time.sleep(2)
        if what == 'garbage':
            return wire[:2] + b'\x84\x00' + b'\xff' * 40
        reply = records.answer(query)
        if what == 'refused':
            reply.set_rcode(dns.rcode.REFUSED)
            reply.answer.clear()
        if what == 'secure':
            reply.flags |= dns.flags.AD
        data = reply.to_wire(max_size=65535)
        if udp and (what == 'truncated' or len(data) > max(512, query.payload)):
            short = dns.message.make_response(query, recursion_available=True)
            short.flags |= dns.flags.TC
            data = short.to_wire()
        return data

    def serve_udp(self, sock, wire, peer):
        data = self.reply(wire, True)
        if data is not None:
            sock.sendto(data, peer)

    def serve_tcp(self, conn):
        with conn:
            conn.settimeout(60)
            stream = conn.makefile('rb')
            while True:
                head = stream.read(2)
                if len(head) < 2:
                    return
                data = self.reply(stream.read(struct.unpack('!H', head)[0]), False)
                if data is not None:
                    conn.sendall(struct.pack('!H', len(data)) + data)


def listen(addresses):
    udp, tcp = [], []
    for address in addresses:
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        u = socket.socket(family, socket.SOCK_DGRAM)
        u.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        u.bind((address, 53))
        udp.append(u)
        t = socket.socket(family, socket.SOCK_STREAM)
        t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        t.bind((address, 53))
        t.listen(64)
        tcp.append(t)
    return udp, tcp


def thread(target, *arguments):
    def quietly():
        try:
            target(*arguments)
        except OSError:
            pass
    threading.Thread(target=quietly, daemon=True).start()


def main():
    # A real one isn't on the same machine: this one is not held up by what is
    # busy there.
    with contextlib.suppress(OSError):
        os.nice(-20)
    server = Server(sys.argv[1], sys.argv[2])
    udp, tcp = listen(sys.argv[3:])
    signal.signal(signal.SIGHUP, server.reload)
    print('ready', flush=True)
    while True:
        for sock in select.select(udp + tcp, [], [])[0]:
            if sock in tcp:
                thread(server.serve_tcp, sock.accept()[0])
                continue
            wire, peer = sock.recvfrom(65535)
            if server.records.behaviour:
                thread(server.serve_udp, sock, wire, peer)
            else:
                server.serve_udp(sock, wire, peer)


if __name__ == '__main__':
    main()
