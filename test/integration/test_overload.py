# SPDX-License-Identifier: Apache-2.0
"""Overload: what is new waits, what ends is served. [RFC 3261 21.5.4, RFC 6357; DESIGN: queue older than sip.overload_queue_ms]

A daemon that is stopped for a moment has a queue that is too old when it goes on: no load generator, no luck."""
import os
import signal
import time

import pytest

from core import until


@pytest.fixture
def core(new_core):
    return new_core(users=120, capture=False)


def stand_still(core, name, meanwhile, seconds=0.4):
    with core.standing_still(name):
        meanwhile()
        over = time.monotonic() + seconds
        until(lambda: time.monotonic() > over, seconds + 5)


def test_new_requests_get_503_with_retry_after_and_what_ends_is_served(core):
    """In-dialog requests and de-registrations never wait behind overload."""
    alice, bob, carol = (core.new_phone() for _ in range(3))
    for p in (alice, bob, carol):
        p.register()
    call = alice.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    crowd = [core.new_phone() for _ in range(100)]
    sent = {}

    def meanwhile():
        sent["crowd"] = [p.send(p.register_request(authorization=p.unauthenticated())) for p in crowd]
        sent["invite"] = carol.invite(bob)
        sent["info"] = call.request("INFO")
        sent["gone"] = carol.send(carol.register_request(expires=0, authorization=carol.session.authorization("REGISTER", "sip:ims.test")))
        sent["bye"] = call.request("BYE")
    stand_still(core, "pcscf", meanwhile)
    answers = [t.final() for t in sent["crowd"]]
    refused = [r for r in answers if r.status == 503]
    assert len(refused) > 50 and all(int(r.get("retry-after")) > 0 for r in refused)
    assert {r.status for r in answers} <= {401, 503}
    assert sent["info"].final().status == sent["bye"].final().status == 200 and leg.ended()
    assert sent["gone"].final().status == 200
    assert sent["invite"].final().status == 503


def test_it_serves_again_as_soon_as_the_queue_is_young(core):
    alice, bob = core.new_phone(), core.new_phone()
    alice.register()
    stand_still(core, "pcscf", lambda: [alice.request("MESSAGE", bob, body=b"x") for _ in range(50)])
    until(lambda: bob.try_register(expires=600).status == 200, 3, "a registration")
    call = alice.invite(bob)
    bob.ring().accept()
    call.established().hang_up()
    assert "answered 503" in core.log("pcscf") and "served again" in core.log("pcscf")


def test_a_draining_daemon_ends_its_calls_and_takes_no_new_ones(core):
    """SIGTERM: new initial requests get 503, in-dialog ones are served, then the process ends by itself."""
    alice, bob = core.new_pair()
    call = alice.invite(bob)
    leg = bob.ring()
    call.ringing()
    pid = core.pid("pcscf")
    os.kill(pid, signal.SIGTERM)
    core.killed.add("pcscf")
    until(lambda: "event=drain" in core.log("pcscf"), 5, "drain")
    assert alice.request("MESSAGE", bob, body=b"x").final().status == 503
    leg.accept()
    call.established()
    until(lambda: not core.is_alive("pcscf"), 10, "the end")
    assert "event=stop" in core.log("pcscf")
