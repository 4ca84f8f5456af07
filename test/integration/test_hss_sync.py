# SPDX-License-Identifier: Apache-2.0
"""An answer that acknowledges a write leaves only when the write is on the disk: strace watches the HSS's system calls.

kill -9 proves less, since the kernel keeps what a dead process wrote. For each answer the trace must show, in this order and all after the
question was sent: a write to the write-ahead log, a completed fdatasync of it, the first octet of the answer.
"""
import contextlib
import http.client
import json
import os
import re
import signal
import threading
import time

import pytest

from hss_alone import CLIENT, Hss, make_user, trusting, until
from hss_alone import wire
from test_hss_cx import AkaUser

REGISTRATION, USER_DEREGISTRATION = 1, 5
CALL = re.compile(r"^(\d+) +(\d+\.\d+) (\w+)\((?:\d+<(.*?)>(?=[,) ]))?(.*)$")
RESUMED = re.compile(r"^(\d+) +(\d+\.\d+) <\.\.\. (\w+) resumed>(.*)$")
SYNCS, SENDS = ("fdatasync", "fsync"), ("writev", "write", "sendto", "sendmsg")


class Call:
    """A system call as it began; `ended`: the line of the trace by which it had returned 0 or more."""

    def __init__(self, line, at, name, file, rest):
        self.line, self.at, self.name, self.file, self.rest, self.ended = line, at, name, file or "", rest, None
        self.end(line, rest)

    def end(self, line, rest):
        found = re.search(r"\) += (\d+)$", rest)
        if found:
            self.ended = line


def calls_of(trace):
    """In the order they began."""
    calls, open_ones = [], {}
    for i, line in enumerate(trace.splitlines()):
        if found := CALL.match(line):
            thread, at, name, file, rest = found.groups()
            calls.append(Call(i, float(at), name, file, rest))
            open_ones[thread] = calls[-1]
        elif (found := RESUMED.match(line)) and found.group(1) in open_ones:
            open_ones[found.group(1)].end(i, found.group(4))
    return calls


class Asked:
    """A question: when it was sent, and how its answer is known in the trace."""

    def __init__(self, what, port, hop=None):
        self.what, self.port, self.hop, self.at = what, port, hop, time.time()

    def is_answer(self, call):
        if call.name not in SENDS or call.at < self.at or not call.file.endswith(f":{self.port}]"):
            return False
        return self.hop is None or "".join(f"\\x{b:02x}" for b in self.hop) in call.rest


def writes_before(calls, asked):
    """(writes to the log, whether a sync of the last of them had ended) between the question and the first octet of its answer."""
    answer = next(c for c in calls if asked.is_answer(c))
    log = [c for c in calls if c.file.endswith("-wal") and c.at >= asked.at and c.line < answer.line]
    writes = [c for c in log if c.name == "pwrite64"]
    synced = [s for s in log if s.name in SYNCS and s.ended is not None and s.ended < answer.line and any(w.line < s.line for w in writes)]
    return len(writes), bool(synced)


def not_durable(calls, questions):
    return [q.what for q in questions if writes_before(calls, q)[0] == 0 or not writes_before(calls, q)[1]]


def ask(c, what, raw, questions):
    q = Asked(what, c.sock.getsockname()[1], raw[12:16])
    answer = c.ask(raw)
    assert answer.result == "SUCCESS", answer
    questions.append(q)


def kind_of_sar(n):
    return USER_DEREGISTRATION if n % 2 else REGISTRATION


def cx_one_by_one(h, writes, reads):
    user, aka, c = make_user(h), AkaUser(h), h.connect("cx.ims.test")
    for n in range(10):
        ask(c, f"SAR {n}", c.build_sar(user.impi, user.impu, kind_of_sar(n)), writes)
    item = [wire.avp(wire.SIP_AUTHENTICATION_SCHEME, "Digest-AKAv1-MD5")]

    def mar(server):
        return c.build(wire.MAR, [wire.avp(wire.USER_NAME, aka.impi), wire.avp(wire.PUBLIC_IDENTITY, aka.impu),
                                  wire.avp(wire.SIP_AUTH_DATA_ITEM, item), wire.avp(wire.SIP_NUMBER_AUTH_ITEMS, 1), wire.avp(wire.SERVER_NAME, server)])
    for n in range(3):
        ask(c, f"MAR from S-CSCF {n}", mar(f"sip:scscf{n}.ims.test"), writes)
    ask(c, "MAR from the same S-CSCF", mar("sip:scscf2.ims.test"), reads)  # a range of SQNs was reserved


def rest_one_by_one(h, writes, reads):
    c = http.client.HTTPSConnection(h.address, 8443, timeout=20, context=trusting(h.pki), source_address=(CLIENT, 0))
    c.connect()

    def request(questions, method, path, body=None):
        q = Asked(f"{method} {path}", c.sock.getsockname()[1])
        c.request(method, path, json.dumps(body) if body else None, {"Authorization": f"Bearer {h.token()}", "Content-Type": "application/json"})
        r = c.getresponse()
        text = r.read()
        assert r.status in (200, 201, 204), text
        questions.append(q)
    request(reads, "GET", "/v1/subscribers")  # and TLS's own tickets are behind us
    request(writes, "PUT", "/v1/subscribers/disk@ims.test", {"identities": [{"impu": "sip:disk@ims.test"}]})
    request(writes, "PATCH", "/v1/subscribers/disk@ims.test", {"visited_networks": ["a.test"]})
    request(reads, "GET", "/v1/subscribers/disk@ims.test")
    request(writes, "DELETE", "/v1/subscribers/disk@ims.test")
    c.close()


def cx_at_once(h, writes):
    users = [make_user(h) for _ in range(8)]

    def register(i):
        c = h.connect(f"many{i}.ims.test")
        for n in range(6):
            ask(c, f"SAR {i}.{n}", c.build_sar(users[i].impi, users[i].impu, kind_of_sar(n), server=f"sip:many{i}.ims.test"), writes)
    threads = [threading.Thread(target=register, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)


class Watched:
    def __init__(self, directory):
        self.cx, self.rest, self.reads, self.at_once = [], [], [], []
        trace = directory / "trace"
        h = Hss(directory, under=["strace", "-D", "-f", "-ttt", "-yy", "-x", "-s", "32", "-o", trace, "-e",
                                  "trace=fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg"]).start()
        pid = h.process.pid
        try:
            cx_one_by_one(h, self.cx, self.reads)
            rest_one_by_one(h, self.rest, self.reads)
            cx_at_once(h, self.at_once)
            h.stop(leaks=False)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # and its tracer ends with it
            raise
        text = until(lambda: (t := trace.read_text(errors="replace")) and t.splitlines()[-1].startswith(f"{pid} ") and "+++ exited" in t[-60:] and t,
                     10, "the end of the trace")
        self.calls = calls_of(text)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """What an HSS under strace was asked, and what it did."""
    return Watched(tmp_path_factory.mktemp("watched"))


def test_an_answer_over_cx_that_acknowledges_leaves_after_the_disk_has_it(watched):
    assert len(watched.cx) == 13 and not_durable(watched.calls, watched.cx) == []


def test_an_answer_over_rest_that_acknowledges_leaves_after_the_disk_has_it(watched):
    assert len(watched.rest) == 3 and not_durable(watched.calls, watched.rest) == []


def test_answers_to_many_at_once_leave_after_the_disk_has_them_which_syncs_for_several(watched):
    assert len(watched.at_once) == 48 and not_durable(watched.calls, watched.at_once) == []
    began = min(q.at for q in watched.at_once)
    assert len([c for c in watched.calls if c.name in SYNCS and c.file.endswith("-wal") and c.at >= began]) < 48


def test_what_changes_nothing_writes_nothing(watched):
    assert [(q.what, *writes_before(watched.calls, q)) for q in watched.reads] == [(q.what, 0, False) for q in watched.reads]


def test_a_store_that_does_not_sync_would_be_found(watched):
    for name in SYNCS:
        assert not [c for c in watched.calls if c.name == name and c.ended is None]
    without = [c for c in watched.calls if c.name not in SYNCS]
    assert len(not_durable(without, watched.cx + watched.rest)) == 16
