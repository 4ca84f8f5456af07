# SPDX-License-Identifier: Apache-2.0
"""The defaults of timers on the wire; test_defaults.c has all the numbers. [RFC 3261 17.1.1.2, 17.1.2.2, 17.2.1; TS 24.229 7.7]"""
import time

import pytest

from core import SLOW, until


@pytest.fixture
def silent(core, alice, bob):
    """alice, and bob, who hears everything and says nothing."""
    alice.register()
    bob.register()
    for method in ("INVITE", "MESSAGE"):
        bob.answers[method] = None
    return alice, bob


def gaps(times):
    return [b - a for a, b in zip(times, times[1:])]


def test_a_request_over_udp_is_repeated_after_t1_then_twice_as_long(core, silent):
    """T1 = 500 ms: 0.5, 1, 2 s; towards the phone by the P-CSCF, the one hop of UDP."""
    alice, bob = silent
    with core.wire() as wire:
        call = alice.invite(bob)
        alice.request("MESSAGE", bob, body=b"x")
        for method in ("INVITE", "MESSAGE"):
            until(lambda: len(wire.sip(method, at=bob.ip)) == 4, 6 * SLOW, "the third time that %s is sent again" % method)
    for method in ("INVITE", "MESSAGE"):
        seen = wire.sip(method, at=bob.ip)[:4]
        assert [round(g, 1) for g in gaps([m.time for m in seen])] == pytest.approx([0.5, 1.0, 2.0], abs=0.15 * SLOW)
        assert len({m.branch for m in seen}) == 1 and len(wire.sip(method, at="scscf")) == 2
    bob.answers["INVITE"] = 100
    call.cancel()


def test_a_core_peer_is_waited_for_2_s_and_the_hss_3_s(new_core):
    """sip.first_answer_ms, diameter.timeout_ms"""
    core = new_core(users=4, capture=False)
    alice = core.new_phone()
    alice.register()
    for name, least in (("icscf", 2), ("hss", 3)):
        with core.standing_still(name):
            began = time.monotonic()
            assert alice.register_once(within=8 * SLOW, authorization=alice.unauthenticated()).status in (480, 504)
            assert least - 0.1 <= time.monotonic() - began < least + 0.7 * SLOW
        until(lambda: alice.try_register(expires=600).status == 200, 15 * SLOW, "a registration")
