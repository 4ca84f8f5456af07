# SPDX-License-Identifier: Apache-2.0
"""An HSS with more to do than it can: it says so, refuses what matters least, forgets nothing it has taken, and stays small.
[RFC 7683, RFC 7944, RFC 6733 7.1.3]"""
import contextlib
import socket
import sqlite3
import threading
import time

import pytest

from hss_alone import ADDRESS, BIN, Hss, NET, hss, make_user, until, wire  # noqa: F401

DRMP, OC_SUPPORTED_FEATURES, OC_FEATURE_VECTOR, OC_OLR = 301, 621, 622, 623
OC_SEQUENCE_NUMBER, OC_VALIDITY_DURATION, OC_REPORT_TYPE, OC_REDUCTION_PERCENTAGE = 624, 625, 626, 627
SUPPORTED = wire.avp(OC_SUPPORTED_FEATURES, [wire.avp(OC_FEATURE_VECTOR, b"\0" * 7 + b"\1", vendor=0, flags=0)], vendor=0, flags=0)


def base(avps, code):
    """The AVP of no vendor; Cx has others of the same number."""
    found = [a for a in avps if a.code == code and not a.vendor]
    assert len(found) <= 1
    return found[0] if found else None


def priority(n):
    return wire.avp(DRMP, n, vendor=0, flags=0)


class Report:
    def __init__(self, olr):
        inner = olr.inner
        number = {code: int.from_bytes(base(inner, code).data, "big") for code in (
            OC_SEQUENCE_NUMBER, OC_VALIDITY_DURATION, OC_REPORT_TYPE, OC_REDUCTION_PERCENTAGE)}
        self.sequence, self.validity, self.kind, self.reduction = (number[c] for c in (
            OC_SEQUENCE_NUMBER, OC_VALIDITY_DURATION, OC_REPORT_TYPE, OC_REDUCTION_PERCENTAGE))


def ask_lir(cx, impu, *more):
    return cx.ask(cx.build(wire.LIR, [wire.avp(wire.PUBLIC_IDENTITY, impu), *more]))


def report_of(cx, impu):
    """What an answer says of the load; None: nothing."""
    answer = ask_lir(cx, impu, SUPPORTED)
    features = base(answer.avps, OC_SUPPORTED_FEATURES)
    assert int.from_bytes(base(features.inner, OC_FEATURE_VECTOR).data, "big") == 1 and not features.flags & 0x40
    olr = base(answer.avps, OC_OLR)
    return Report(olr) if olr else None


@contextlib.contextmanager
def slow_store(h):
    """Nothing can be written to the store meanwhile, but all be read."""
    with contextlib.closing(sqlite3.connect(h.database, isolation_level=None, timeout=10)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


@pytest.fixture
def small(tmp_path):
    """An HSS of the test's own, which has enough soon; without a trace, whose rings would fill up to their size."""
    h = Hss(tmp_path, address=f"{NET}.17", options="overload: {target_ms: 40, limit_ms: 300, validity_s: 2}\ntrace: {mode: off}\n").start()
    yield h
    h.stop()


def flood(address, source, seconds, avps, counts, reads):
    """LIRs as fast as they can be written."""
    c = wire.Connection(address, source, f"flood{source.rpartition('.')[2]}.ims.test", timeout=20)
    block = b"".join(c.build(wire.LIR, avps) for _ in range(50))
    end, stop = time.monotonic() + seconds, threading.Event()

    def drain():
        with contextlib.suppress(OSError):
            while not stop.is_set():
                got = c.sock.recv(1 << 16)
                if not got:
                    return
                counts.append(len(got))
    reader = threading.Thread(target=drain)
    if reads:
        reader.start()
    sent = 0
    with contextlib.suppress(OSError):
        while time.monotonic() < end:
            c.sock.sendall(block)
            sent += 50
    stop.set()
    with contextlib.suppress(OSError):
        c.sock.shutdown(socket.SHUT_RDWR)
    if reads:
        reader.join()
    c.sock.close()
    return sent


def test_a_flood_does_not_grow_the_hss_and_others_are_served(small):
    user = make_user(small)
    cx = small.connect("quiet.ims.test", f"{NET}.90")
    ask_lir(cx, user.impu)
    before, sent, counts = small.memory_kb(), [], []
    threads = [threading.Thread(target=lambda i=i: sent.append(flood(small.address, f"{NET}.{91 + i}", 4, [
        wire.avp(wire.PUBLIC_IDENTITY, user.impu)], counts, reads=True))) for i in range(3)]
    for t in threads:
        t.start()
    most, slowest, asked = 0, 0, 0
    while any(t.is_alive() for t in threads):
        began = time.monotonic()
        assert ask_lir(cx, user.impu, priority(0)).result != "TOO_BUSY"
        slowest, most, asked = max(slowest, time.monotonic() - began), max(most, small.memory_kb()), asked + 1
        time.sleep(0.05)
    assert "asan" in str(BIN) or most - before < 64 * 1024  # a sanitizer keeps for a while what was freed
    assert slowest < 2 and asked > 10 and sum(sent) > 10000


def test_who_reads_no_answers_holds_nobody_up(small):
    user = make_user(small)
    cx = small.connect("quiet.ims.test", f"{NET}.90")
    deaf = threading.Thread(target=flood, args=(small.address, f"{NET}.91", 6, [wire.avp(wire.PUBLIC_IDENTITY, user.impu)], [], False))
    deaf.start()
    slowest, asked = 0, 0
    while deaf.is_alive():
        began = time.monotonic()
        assert ask_lir(cx, user.impu).result == "cx:IDENTITY_NOT_REGISTERED"
        slowest, asked = max(slowest, time.monotonic() - began), asked + 1
        time.sleep(0.02)
    assert slowest < 0.5 and asked > 10


# ---- what it says of its load [RFC 7683] ----

def test_overload_is_reported_to_who_understands_it_and_taken_back(small):
    user = make_user(small)
    cx, writes = small.connect(), small.connect("scscf2.ims.test", f"{NET}.92")
    assert report_of(cx, user.impu) is None
    with slow_store(small):
        writes.send(writes.build_sar(user.impi, user.impu, 1))
        first = until(lambda: report_of(cx, user.impu), 4, "a report")
        assert (first.reduction, first.validity, first.kind) == (10, 2, 0)
        second = until(lambda: next((r for r in [report_of(cx, user.impu)] if r and r.reduction > 10), None), 4, "a stronger one")
        assert second.sequence > first.sequence and second.reduction == 20
        plain = ask_lir(cx, user.impu)
        assert base(plain.avps, OC_OLR) is base(plain.avps, OC_SUPPORTED_FEATURES) is None and plain.result == "cx:IDENTITY_NOT_REGISTERED"
        assert small.metric("minims_diameter_reduction_percent") >= 20
    assert writes.receive().result == "SUCCESS"
    last = until(lambda: next((r for r in [report_of(cx, user.impu)] if r and not r.reduction), None), 6, "the end")
    assert last.validity == 0 and last.sequence > second.sequence
    until(lambda: report_of(cx, user.impu) is None, 4, "silence")


# ---- what it refuses [RFC 7944, RFC 6733 7.1.3] ----

def test_what_matters_least_is_refused_first_and_a_deregistration_never(small):
    users = [make_user(small) for _ in range(6)]
    cx = small.connect()
    assert cx.sar(users[5].impi, users[5].impu, 1).result == "SUCCESS"
    with slow_store(small):
        cx.send(cx.build_sar(users[0].impi, users[0].impu, 1))
        began = time.monotonic()

        def sar(user, kind, *more):
            avps = [wire.avp(wire.USER_NAME, user.impi), wire.avp(wire.PUBLIC_IDENTITY, user.impu), wire.avp(wire.SERVER_NAME, "sip:scscf.ims.test"),
                    wire.avp(wire.SERVER_ASSIGNMENT_TYPE, kind), wire.avp(wire.USER_DATA_ALREADY_AVAILABLE, 0), *more]
            return cx.build(wire.SAR, avps)
        time.sleep(max(0, began + 0.2 - time.monotonic()))  # it is the age that counts: half the limit is past
        lowest = cx.ask(sar(users[1], 1, priority(15)))
        assert lowest.result == "TOO_BUSY" and lowest.flags & wire.ERROR
        time.sleep(max(0, began + 0.35 - time.monotonic()))
        assert cx.ask(sar(users[2], 1, priority(10))).result == "TOO_BUSY"
        cx.send(sar(users[3], 1))  # a registration without DRMP matters more than the default
        time.sleep(max(0, began + 0.65 - time.monotonic()))
        assert cx.ask(sar(users[4], 1)).result == "TOO_BUSY"
        cx.send(sar(users[5], 5))
        cx.send(sar(users[4], 1, priority(0)))
        assert cx.lir(users[5].impu).result == "SUCCESS"  # who only reads is answered all the while
    assert [cx.receive().result for _ in range(4)] == ["SUCCESS"] * 4
    registered = [cx.uar(u.impi, u.impu).result == "cx:SUBSEQUENT_REGISTRATION" for u in users]
    assert registered == [True, False, False, True, True, False]


def test_a_wrong_priority_is_an_invalid_value(hss):
    answer = ask_lir(hss.connect(), "sip:nobody@ims.test", priority(16))
    assert answer.result == "INVALID_AVP_VALUE" and answer.failed.code == DRMP


# ---- CSCFs that hear of it ----

def test_cscfs_ask_less_while_the_hss_is_overloaded(new_core):
    core = new_core(options=["hss:overload.target_ms=30", "hss:overload.validity_s=2"], users=80, capture=False)
    known = core.new_phone()
    known.register()
    with contextlib.closing(sqlite3.connect(core.run + "/hss.db", isolation_level=None, timeout=10)) as db:
        db.execute("BEGIN IMMEDIATE")
        phones = [core.new_phone() for _ in range(10)]
        registers = [p.send(p.register_request()) for p in phones]

        def shed():
            registers.extend(p.send(p.register_request()) for p in phones)
            time.sleep(0.05)
            return core.metric("icscf", "minims_diameter_shed_total")
        until(shed, 10, "a question not asked")
        db.execute("ROLLBACK")
    assert core.metric("icscf", "minims_diameter_overload_reports_total") > 0
    assert core.metric("icscf", 'minims_diameter_total{command="UAR",result="EBUSY"}') > 0
    assert 480 in {r.final(10).status for r in registers}
    known.deregister()  # at once: what frees resources is always asked
    late = core.new_phone()
    until(lambda: late.try_register(expires=600).status == 200, 10, "a registration afterwards")
