# SPDX-License-Identifier: Apache-2.0
"""Hostile messages: those of RFC 4475 against each CSCF over UDP and TCP, then seeded mutations of real traffic.

N=500: how many mutations, a third for each node; more in a longer run (`make fuzz N=30000`)."""
import os
import socket
import sys

import pytest

from capture import Diameter
from conftest import NETS
from core import SLOW, Core, until
from sipmsg import Malformed, frame, parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "fuzz"))
import mutate  # noqa: E402
import torture  # noqa: E402

CSCFS = ["pcscf", "icscf", "scscf"]
MUTATIONS = int(os.environ.get("N", "500"))


@pytest.fixture(scope="module")
def hard_core(loop, tmp_path_factory):
    """With short timers, so that what is left of a bad message is soon gone; its capture is not read by tshark."""
    core = Core(loop, tmp_path_factory.mktemp("hard") / "run", NETS[2], users=600, options=["%s:sip.t1_ms=20" % n for n in CSCFS] +
                ["%s:sip.t2_ms=80" % n for n in CSCFS] + ["%s:sip.t4_ms=100" % n for n in CSCFS] + ["%s:trace.mode=off" % n for n in CSCFS])
    yield core
    core.stop()


@pytest.fixture
def core(hard_core):
    yield hard_core
    hard_core.close_phones()


class Sender:
    """Raw octets, from an address of nobody if none is given."""

    def __init__(self, core, name, protocol, here=None, port=0):
        self.to, self.protocol, self.here = (core.address(name), 5060), protocol, here or core.net + ".66"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((self.here, port))
        self.socket.settimeout(5 * SLOW)
        self.count = 0

    def send(self, raw):
        """Over UDP from the one socket; over TCP on a connection of its own. All that came back until a ping was answered, too."""
        if self.protocol == "udp":
            self.socket.sendto(raw[:65000], self.to)
            return self.ping()
        with socket.create_connection(self.to, 5, (self.here, 0)) as s:
            s.sendall(raw)
            return self.ping() + self.read(s)

    @staticmethod
    def read(s):
        """What is there."""
        s.setblocking(False)
        buffer, out = b"", []
        try:
            while True:
                piece = s.recv(65536)
                buffer += piece
                if not piece:
                    break
        except OSError:
            pass
        try:
            raw, buffer = frame(buffer)
            while raw:
                out.append(parse(raw))
                raw, buffer = frame(buffer)
        except Malformed:
            pass
        return out

    def ping(self):
        """An OPTIONS to the node itself: answered, so that it lives and has read all before it. Returns the other answers."""
        self.count += 1
        branch = "z9hG4bKping%d.%d" % (id(self), self.count)
        lines = ["OPTIONS sip:%s:%d SIP/2.0" % self.to, "Via: SIP/2.0/UDP %s:%d;branch=%s;rport" % (self.socket.getsockname() + (branch,)),
                 "Max-Forwards: 70", "From: <sip:ping@ims.test>;tag=1", "To: <sip:%s>" % self.to[0], "Call-ID: " + branch, "CSeq: 1 OPTIONS", "Content-Length: 0"]
        self.socket.sendto("\r\n".join(lines + ["", ""]).encode(), self.to)
        out = []
        while True:
            raw = self.socket.recv(65535)
            try:
                m = parse(raw)
            except (Malformed, ValueError):
                continue  # an answer that quotes what was sent
            if not m.is_request and branch in m.text:
                return out
            out.append(m)


def next_user_is_served(core):
    alice, bob = core.new_phone(), core.new_phone("tcp")
    alice.register()
    bob.register()
    call = alice.invite(bob)
    bob.ring().accept()
    call.established().hang_up()


def alive(core):
    return all(core.is_alive(n) for n in CSCFS + ["hss"])


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize("name", CSCFS)
def test_the_torture_messages(core, name, protocol):
    """[RFC 4475] what is invalid is refused or dropped, never taken; what is valid is not called malformed; nobody dies."""
    sender = Sender(core, name, protocol)
    here = "%s:%d" % sender.socket.getsockname()
    pids = [core.pid(n) for n in CSCFS]
    wrong = []
    for case, valid, raw in torture.cases("ims.test", here):
        answers = sender.send(raw)
        statuses = [m.status for m in answers if m.status and case in (m.call_id or "")]
        if valid and 400 in statuses:
            wrong.append((case, statuses))
        if not valid and any(200 <= s < 300 for s in statuses):
            wrong.append((case, statuses))
    assert not wrong, "judged wrongly: %s" % wrong
    assert alive(core) and pids == [core.pid(n) for n in CSCFS]
    next_user_is_served(core)


def corpus(core):
    """What a registration, a call and a message look like on the wire at each node. The phones of it are closed after it:
    copies of what was said to them are not their business."""
    with core.wire() as wire:
        alice, bob = core.new_phone(), core.new_phone("tcp")
        alice.register()
        bob.register()
        call = alice.invite(bob)
        leg = bob.ring(reliable=True)
        leg.pracked()
        leg.accept()
        call.established()
        assert call.request("UPDATE").final().status == alice.request("MESSAGE", bob, body=b"hello").final().status == 200
        call.hang_up()
        alice.deregister()
    core.close_phones()
    seen = {n: [m.raw for m in wire.all() if not isinstance(m, Diameter) and m.dst[0] == core.address(n)] for n in CSCFS}
    assert all(len(v) >= 4 for v in seen.values())
    return seen


def senders(core, name, protocol):
    """Nobody; a core peer, whom the daemon believes (the address of a second I-CSCF); a registered phone."""
    yield Sender(core, name, protocol)
    yield Sender(core, name, protocol, core.net + ".22")
    if name == "pcscf" and protocol == "udp":
        phone = core.new_phone()
        phone.register()
        here = phone.socket.local
        core.close_phones()
        yield Sender(core, name, protocol, *here)


def bombard(core, seed, count, messages):
    for name in CSCFS:
        for protocol, share in (("udp", 3), ("tcp", 1)):
            who = list(senders(core, name, protocol))
            for i, sender in enumerate(who):
                for raw in mutate.mutations(seed * 100 + i, count * share // 12 // len(who), messages[name]):
                    sender.send(raw)
                sender.socket.close()


def quiet(core):
    """Transactions are over: what was sent leaves nothing behind."""
    until(lambda: alive(core), 1, "life")
    next_user_is_served(core)


def test_mutations_of_real_traffic_do_no_harm(core):
    """Nobody dies, the next user is served, and memory does not grow with what was thrown away."""
    messages = corpus(core)
    bombard(core, 1, min(MUTATIONS, 3000), messages)
    quiet(core)
    before = {n: core.memory_kb(n) for n in CSCFS}
    bombard(core, 2, MUTATIONS, messages)
    quiet(core)
    after = {n: core.memory_kb(n) for n in CSCFS}
    if SLOW == 1:  # a sanitizer keeps freed memory in quarantine, and looks for leaks at the end itself
        assert all(after[n] - before[n] < 8192 for n in CSCFS), (before, after)


def lives(core, count):
    """Whole lives of phones: register, call, be called, leave."""
    for i in range(count):
        alice, bob = core.new_phone(), core.new_phone(("udp", "tcp")[i % 2])
        alice.register()
        bob.register()
        for caller, callee in ((alice, bob), (bob, alice)):
            call = caller.invite(callee)
            callee.ring().accept()
            call.established().hang_up()
        alice.deregister()
        bob.deregister()
        core.close_phones()


def test_good_traffic_leaves_nothing_behind(core):
    """Memory of a daemon is what its users and their dialogs need. Sofia-SIP holds calls of datagram phones for half a minute
    more, so that the P-CSCF is judged by the leak sanitizer alone."""
    def gauges():
        return core.metric("pcscf", "minims_bindings"), core.metric("scscf", "minims_bindings"), core.metric("scscf", "minims_dialogs")
    lives(core, 60)
    then, before = gauges(), {n: core.memory_kb(n) for n in CSCFS}
    lives(core, 120)
    until(lambda: gauges() == then, 5, lambda: "%s as before, %s" % (then, gauges()))
    after = {n: core.memory_kb(n) for n in CSCFS}
    if SLOW == 1:
        assert all(after[n] - before[n] < 2048 for n in ("icscf", "scscf")), (before, after)


@pytest.mark.parametrize("name", CSCFS)
def test_tcp_abuse_does_no_harm(core, name):
    """Half messages, endless headers, silence, a reset: the connection suffers, nobody else."""
    to = (core.address(name), 5060)
    half = b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 1.2.3.4;branch=z9hG4bKhalf\r\n"
    open_ones = []
    for raw in (b"", b"\r\n" * 1000, half, half + b"X: " + b"a" * 300000, b"\0" * 1000, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                half + b"Content-Length: 99999999999\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500):
        s = socket.create_connection(to, 5, (core.net + ".67", 0))
        try:
            s.sendall(raw)
        except OSError:
            pass
        open_ones.append(s)
    next_user_is_served(core)
    for s in open_ones:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        s.close()
    next_user_is_served(core)
    assert alive(core)
