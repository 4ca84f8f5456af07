# SPDX-License-Identifier: Apache-2.0
"""A phone answers with anything: mutations of the response to a request that waits for one. [RFC 3261 8.1.3.2, 16.7]

RESPONSES=60: how many of each kind."""
import os
import sys

import pytest

from core import SLOW, until

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "fuzz"))
import mutate  # noqa: E402

CSCFS = ["pcscf", "icscf", "scscf"]
COUNT = int(os.environ.get("RESPONSES", "60"))


@pytest.fixture
def core(new_core):
    """With short timers: what nobody answers is over soon."""
    return new_core(users=20, capture=False, options=["%s:sip.%s" % (n, o) for n in CSCFS for o in ("t1_ms=20", "t2_ms=80", "t4_ms=100")])


def fresh(phone, method, seen):
    """The request that was not there before."""
    def find():
        return next((s for s in list(phone.servers.values()) if s.request.method == method and s not in seen), None)
    server = phone.loop.wait(find, 5, "a request")
    seen.append(server)
    return server


@pytest.mark.parametrize("method,status", [("MESSAGE", 200), ("OPTIONS", 404), ("INVITE", 180), ("INVITE", 200), ("INVITE", 486), ("INVITE", 302)])
def test_whatever_a_phone_answers_somebody_ends_the_request(core, method, status):
    """The caller gets a final response, be it one with strange headers; no daemon is taken for dead, and the next call stands."""
    alice, bob, seen = core.new_phone(), core.new_phone(), []
    bob.strict = False
    alice.register()
    bob.register()
    bob.answers[method] = None
    for i in range(COUNT):
        alice.complaints.clear()
        asked = alice.invite(bob, auto_ack=False) if method == "INVITE" else alice.request(method, bob)
        server = fresh(bob, method, seen)
        good = server.response(status, headers=[("Contact", bob.contact), ("Supported", "timer")])
        for raw in mutate.mutations(i * 1000 + status, 3, [good.build()]):
            with bob.loop.lock:
                server.via.send(raw, server.source)
        server.answer(486)
        client = asked.transaction if method == "INVITE" else asked
        core.loop.wait(lambda: client.got_final or alice.complaints, 5, client.story)
    alice.complaints.clear()
    alice.strict = False
    bob.answers[method] = 100 if method == "INVITE" else 501
    assert all(core.is_alive(n) for n in CSCFS)
    assert not [n for n in CSCFS if "protocol=sip state=down" in core.log(n)]
    carol, dave = core.new_pair()
    call = carol.invite(dave)
    dave.ring().accept()
    call.established().hang_up()
    until(lambda: all("\nminims_requests_in_flight 0\n" in core.ops(n, "/metrics") for n in CSCFS), 5 * SLOW, "the end of all requests")
