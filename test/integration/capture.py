# SPDX-License-Identifier: Apache-2.0
"""What went over the wire: every packet of one core on the loopback interface, kept in memory and in a pcap file for tshark.

    with core.wire() as wire:
        alice.register()
    assert wire.diameter("UAR")["User-Name"] == alice.impi
    assert wire.sip("REGISTER", at="scscf")[0].path
"""
import ctypes
import ipaddress
import os
import socket
import struct
import sys
import threading
import time

from sipmsg import Malformed, frame, parse, sdp_complaints

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "diameter"))
import wire as diameter  # noqa: E402

SO_ATTACH_FILTER, SOL_PACKET, PACKET_IGNORE_OUTGOING, ETH_P_ALL = 26, 263, 23, 3
SIP_PORTS, DIAMETER_PORT = (5060,), 3868
COMMANDS = {"CER": 257, "DWR": 280, "DPR": 282, "UAR": 300, "SAR": 301, "LIR": 302, "MAR": 303, "RTR": 304, "PPR": 305}


def attach_filter(sock, net):
    """IPv4 from or to a /24, in the kernel. [BPF: ldh type; ld source, and, jeq; ld destination, and, jeq; ret]"""
    prefix = int(ipaddress.ip_address(net + ".0"))
    code = [(0x28, 0, 0, 12), (0x15, 0, 7, 0x0800), (0x20, 0, 0, 26), (0x54, 0, 0, 0xffffff00), (0x15, 3, 0, prefix),
            (0x20, 0, 0, 30), (0x54, 0, 0, 0xffffff00), (0x15, 0, 1, prefix), (0x06, 0, 0, 0xffffffff), (0x06, 0, 0, 0)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *c) for c in code))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(code), ctypes.addressof(program)))


class Capture:
    """Runs from its making to stop(); `path` is the pcap file."""

    def __init__(self, net, path):
        self.net, self.packets, self.lock, self.running = net, [], threading.Condition(), True
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        attach_filter(self.socket, net)
        self.socket.bind(("lo", ETH_P_ALL))
        self.file = open(path, "wb")
        self.file.write(struct.pack("=IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 1 << 18, 1))
        self.marker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.marker.bind((net + ".250", 0))
        self.marks = 0
        self.reader = Reader()
        self.thread = threading.Thread(target=self.run, name="capture", daemon=True)
        self.thread.start()

    def run(self):
        while self.running:
            packet = self.socket.recv(1 << 18)
            now = time.time_ns()
            self.file.write(struct.pack("=IIII", now // 10 ** 9, now % 10 ** 9, len(packet), len(packet)) + packet)
            with self.lock:
                self.packets.append((now / 1e9, packet))
                self.lock.notify_all()

    def mark(self):
        """How many packets there are, when all that was sent before now has been seen."""
        self.marks += 1
        text = b"mark %d of %d" % (self.marks, os.getpid())
        with self.lock:
            before = len(self.packets)
            self.marker.sendto(text, (self.net + ".250", 9))
            found = self.lock.wait_for(lambda: next((i + 1 for i in range(before, len(self.packets)) if text in self.packets[i][1]), 0), 5)
            assert found, "the capture sees nothing"
            return found

    def messages(self, first, last):
        """SIP and Diameter whose last octet came in that part."""
        with self.lock:
            new = self.packets[self.reader.position:last]
        for moment, packet in new:
            self.reader.read(moment, packet)
        return [m for at, m in self.reader.messages if first < at <= last]

    def stop(self):
        self.running = False
        self.marker.sendto(b"end", (self.net + ".250", 9))
        self.thread.join()
        self.socket.close()
        self.marker.close()
        self.file.close()


class Reader:
    """Packets to messages: IPv4, UDP, TCP put together, SIP and Diameter cut out."""

    def __init__(self):
        self.position, self.messages, self.streams = 0, [], {}
        self.wrong = []  # what a strict reader holds against SIP and SDP; on purpose where the Call-ID begins with bad-

    def read(self, moment, packet):
        self.position += 1
        ip = packet[14:]
        head, total = (ip[0] & 15) * 4, struct.unpack_from("!H", ip, 2)[0]
        src, dst = socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20])
        segment = ip[head:total]
        if len(segment) < 8:
            return
        ends = ((src, struct.unpack_from("!H", segment)[0]), (dst, struct.unpack_from("!H", segment, 2)[0]))
        if ip[9] == socket.IPPROTO_UDP and self.is_sip(ends):
            self.add(moment, ends, "udp", segment[8:])
        elif ip[9] == socket.IPPROTO_TCP and (self.is_sip(ends) or self.is_diameter(ends)):
            self.tcp(moment, ends, segment)

    @staticmethod
    def is_sip(ends):
        return ends[0][1] in SIP_PORTS or ends[1][1] in SIP_PORTS

    @staticmethod
    def is_diameter(ends):
        return DIAMETER_PORT in (ends[0][1], ends[1][1])

    def tcp(self, moment, ends, segment):
        seq, flags, data = struct.unpack_from("!I", segment, 4)[0], segment[13], segment[(segment[12] >> 4) * 4:]
        if flags & 2:  # SYN
            self.streams[ends] = [seq + 1 & 0xffffffff, b""]
            return
        stream = self.streams.get(ends)
        if not stream or not data:
            return
        old = stream[0] - seq & 0xffffffff
        if old >= 1 << 31 or old >= len(data):  # a gap, or all of it seen before
            return
        data = data[old:]
        stream[0] = stream[0] + len(data) & 0xffffffff
        stream[1] = self.cut(moment, ends, stream[1] + data)

    def cut(self, moment, ends, data):
        if self.is_sip(ends):
            try:
                raw, data = frame(data)
                while raw:
                    self.add(moment, ends, "tcp", raw)
                    raw, data = frame(data)
            except Malformed:
                return b""
            return data
        while len(data) >= 4 and len(data) >= struct.unpack("!I", data[:4])[0] & 0xffffff >= 20:
            size = struct.unpack("!I", data[:4])[0] & 0xffffff
            try:
                self.keep(moment, ends, "tcp", Diameter(data[:size]))
            except diameter.Malformed as e:
                self.wrong.append((ends[0][0], "%s -> %s: Diameter: %s" % (ends + (e,))))
            data = data[size:]
        return data

    def add(self, moment, ends, protocol, raw):
        if not raw.strip(b"\r\n\0") or raw == b"TEST":
            return  # keeps a NAT open; Sofia-SIP tries its socket at start
        try:
            m = parse(raw)
            complaints = m.complaints() + sdp_complaints(m)
            self.keep(moment, ends, protocol, m)
        except (Malformed, ValueError) as e:
            complaints = [str(e)]
        if complaints and b"bad-" not in raw:
            self.wrong.append((ends[0][0], "%s -> %s: %s in\n%s" % (ends + (", ".join(complaints), raw.decode("utf-8", "backslashreplace")))))

    def keep(self, moment, ends, protocol, m):
        m.time, m.src, m.dst, m.protocol = moment, ends[0], ends[1], protocol
        self.messages.append((self.position, m))


def strictly_read(path, senders):
    """What is wrong with the SIP of a pcap file that these addresses sent."""
    reader = Reader()
    with open(path, "rb") as f:
        f.read(24)
        while head := f.read(16):
            seconds, nanoseconds, size, _ = struct.unpack("=IIII", head)
            reader.read(seconds + nanoseconds / 1e9, f.read(size))
    return [text for sender, text in reader.wrong if sender in senders]


class Diameter(diameter.Message):
    """["Public-Identity"] is its text; .number("User-Authorization-Type"); `in` by name."""

    @property
    def name(self):
        return {v: k for k, v in COMMANDS.items()}.get(self.command, str(self.command))

    @staticmethod
    def code(name):
        return getattr(diameter, name.upper().replace("-", "_"))

    def __getitem__(self, name):
        return self.avps.text(self.code(name))

    def __contains__(self, name):
        return self.avps.get(self.code(name)) is not None

    def number(self, name):
        return self.avps.get(self.code(name)).number

    def __repr__(self):
        return "<%s%s>" % (self.name[:-1], "R" if self.is_request else "A")


class Wire:
    """One slice of the capture; complete when its block has ended."""

    def __init__(self, capture, addresses):
        self.capture, self.addresses = capture, addresses  # name → address

    def __enter__(self):
        self.first, self.last = self.capture.mark(), None
        return self

    def __exit__(self, *_):
        self.last = self.capture.mark()

    def all(self):
        return self.capture.messages(self.first, self.last or self.capture.mark())

    def _at(self, m, at, by):
        def where(name):
            return self.addresses.get(name, name)
        return (at is None or m.dst[0] == where(at)) and (by is None or m.src[0] == where(by))

    def sip(self, what, at=None, by=None):
        """Requests of a method, or responses of a status (or of (status, method)), that came to `at`, were sent by `by`."""
        status, method = what if isinstance(what, tuple) else (what, None) if isinstance(what, int) else (None, what)
        return [m for m in self.all() if not isinstance(m, Diameter) and m.status == status and method in (None, m.method) and self._at(m, at, by)]

    def diameters(self, name, at=None, by=None):
        """Requests "LIR", or answers "LIA", in order. Who is who stands in Origin-Host: a client's address says nothing."""
        command, all = COMMANDS[name[:-1] + "R"], [m for m in self.all() if isinstance(m, Diameter)]
        asked = {(m.command, m.hop): m["Origin-Host"] for m in all if m.is_request}
        out = []
        for m in all:
            to = self.host(m.dst[0]) if m.is_request else asked.get((m.command, m.hop), "").split(".")[0]
            if m.command == command and m.is_request == (name[-1] == "R") and at in (None, to) and by in (None, m["Origin-Host"].split(".")[0]):
                out.append(m)
        return out

    def host(self, address):
        return next((n for n, a in self.addresses.items() if a == address), address)

    def diameter(self, name, at=None, by=None):
        found = self.diameters(name, at, by)
        assert len(found) == 1, "%d times %s on the wire: %s" % (len(found), name, self.all())
        return found[0]
