# SPDX-License-Identifier: Apache-2.0
"""What ends by itself: contacts, nonces, challenges, silent peers. [TS 24.229 5.4.1.4, 7.8; RFC 7616 3.4; RFC 3261 17]

One core with short times; a test waits for the event, not for the clock."""
import time

import pytest

from conftest import NETS
from core import Core, until
from digest import challenges

TIMEOUT_DEREGISTRATION = 4


@pytest.fixture(scope="module")
def quick_core(loop, tmp_path_factory):
    core = Core(loop, tmp_path_factory.mktemp("quick") / "run", NETS[2], users=60, options=[
        "scscf:registration.min_s=1", "scscf:registration.nonce_s=1", "scscf:registration.await_auth_s=1", "icscf:sip.peer_skip_ms=500",
        "pcscf:sip.peer_skip_ms=500"])
    yield core
    core.stop()


@pytest.fixture
def core(quick_core):
    yield quick_core
    quick_core.close_phones()


def test_a_contact_that_ran_out_is_gone_and_the_hss_knows(core):
    """[TS 24.229 5.4.1.4, TS 29.228 6.1.2] SAR TIMEOUT_DEREGISTRATION; a caller gets 480."""
    alice, bob = core.new_phone(), core.new_phone()
    bob.register()
    with core.wire() as wire:
        alice.register(expires=1)
        until(lambda: len(wire.diameters("SAR")) == 2, 6, "the second SAR")
    assert wire.diameters("SAR")[1].number("Server-Assignment-Type") == TIMEOUT_DEREGISTRATION
    assert bob.invite(alice).final().status == 480
    assert alice.invite(bob).final().status == 403


def test_one_of_two_contacts_runs_out(core):
    """[RFC 3261 10.3] the other rings."""
    alice, bob = core.new_phone(), core.new_phone()
    desk = core.same_user(bob)
    for p in (alice, bob):
        p.register()
    desk.register(expires=1)
    until(lambda: len(bob.register(contacts=[], expires=None).contacts) == 1, 6, "the end of the contact")
    call = alice.invite(bob)
    bob.ring().accept()
    call.established().hang_up()
    assert not desk.all_received("INVITE")


def test_a_nonce_that_is_too_old_is_stale(core):
    """[RFC 7616 3.4] registration.nonce_s: stale=true, and the password is not asked for again."""
    alice = core.new_phone()
    alice.register()

    def refused():
        r = alice.register_once(expires=600, authorization=alice.session.authorization("REGISTER", "sip:ims.test"))
        return r if r.status == 401 else None
    answer = until(refused, 5, "the end of the nonce")
    assert all(c.stale for c in challenges(answer))
    assert alice.register_once(expires=600, authorization=alice.answer_challenge(answer)).status == 200


def test_a_challenge_waits_only_so_long(core):
    """[TS 24.229 5.4.1.2.1 step 6, 7.8] reg-await-auth"""
    alice = core.new_phone()
    challenged = alice.register_once(authorization=alice.unauthenticated())
    answer = alice.answer_challenge(challenged)
    over = time.monotonic() + 1.3
    until(lambda: time.monotonic() > over, 3)
    late = alice.register_once(authorization=answer)
    assert late.status == 401 and challenges(late)[0].nonce != challenges(challenged)[0].nonce


@pytest.mark.parametrize("name, status", [("icscf", 504), ("scscf", 504)])
def test_a_peer_that_hangs_is_answered_for(core, name, status):
    """[TS 24.229 5.2.2.1, 5.3.1.3] sip.first_answer_ms: a process that stands still is as silent as a dead one."""
    alice = core.new_phone()
    alice.register()
    with core.standing_still(name):
        began = time.monotonic()
        assert alice.register_once(within=9).status == status
        assert time.monotonic() - began < 8
    until(lambda: alice.try_register(expires=600).status == 200, 10, "service")


def test_an_hss_that_hangs_gives_480_or_504(core):
    """[TS 24.229 5.3.1.3, 5.3.2.2] diameter.timeout_ms"""
    alice, bob = core.new_pair()
    with core.standing_still("hss"):
        call, register = alice.invite(bob), alice.send(alice.register_request(authorization=alice.unauthenticated()))
        assert call.final(within=8).status == 480 and register.final(within=8).status == 504
    until(lambda: alice.try_register(expires=600).status == 200, 10, "service")
