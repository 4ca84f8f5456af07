# SPDX-License-Identifier: Apache-2.0
"""The HSS goes silent or dies between two questions of one procedure: UAR, MAR, SAR, LIR each get their answer in bounded time, and the
next attempt works. [TS 24.229 5.3.1.3, 5.3.2.2, 5.4.1.2; TS 29.228 6.1, 6.3; DESIGN: every wait has an owner and an end]

The server that asks is stopped while the question before is answered: no luck is needed."""
import contextlib
import os
import shutil
import time

import pytest

from conftest import NETS
from core import SLOW, Core, until
from test_loss_of_process import talk_soon

LOST = ["silent", "dead"]


@pytest.fixture(scope="module")
def own_core(loop, tmp_path_factory):
    core = Core(loop, tmp_path_factory.mktemp("midway") / "run", NETS[1], users=60, options=[
        "icscf:diameter.timeout_ms=700", "scscf:diameter.timeout_ms=700", "icscf:sip.first_answer_ms=1500", "icscf:sip.peer_skip_ms=300",
        "pcscf:sip.peer_skip_ms=300"])
    yield core
    core.stop()


@pytest.fixture
def core(own_core):
    yield own_core
    if "hss" in own_core.killed:
        own_core.start("hss")
    own_core.close_phones()


@contextlib.contextmanager
def lost(core, how):
    if how == "silent":
        with core.standing_still("hss"):
            yield
    else:
        core.kill("hss")
        yield


def lost_while(core, how, asker, send, arrived):
    """`send` a request that waits at the stopped `asker`, lose the HSS, let the asker go on; the final response."""
    with contextlib.ExitStack() as stack:
        with core.standing_still(asker):
            transaction = send()
            until(arrived, 5 * SLOW, "the request")
            stack.enter_context(lost(core, how))
        began = time.monotonic()
        answer = transaction.final(within=6 * SLOW)
        assert time.monotonic() - began < 4 * SLOW
        return answer


def back(core):
    if "hss" in core.killed:
        core.start("hss")


@pytest.mark.parametrize("how", LOST)
def test_a_uar_without_an_answer(core, how):
    """[TS 24.229 5.3.1.3]"""
    alice = core.new_phone()
    with core.wire() as wire:
        answer = lost_while(core, how, "icscf", lambda: alice.send(alice.register_request(authorization=alice.unauthenticated())),
                            lambda: wire.sip("REGISTER", at="icscf"))
    assert answer.status in (480, 504) and not wire.sip("REGISTER", at="scscf")
    back(core)
    until(lambda: alice.try_register(expires=600).status == 200, 5 * SLOW, "a registration")


@pytest.mark.parametrize("how", LOST)
def test_a_mar_without_an_answer(core, how):
    """[TS 24.229 5.4.1.2.1, TS 29.228 6.3] no challenge is made up."""
    alice = core.new_phone()
    with core.wire() as wire:
        answer = lost_while(core, how, "scscf", lambda: alice.send(alice.register_request(authorization=alice.unauthenticated())),
                            lambda: wire.sip("REGISTER", at="scscf"))
    assert answer.status in (480, 504) and wire.diameters("UAA") and not wire.diameters("MAA")
    back(core)
    until(lambda: alice.try_register(expires=600).status == 200, 5 * SLOW, "a registration")


@pytest.mark.parametrize("how", LOST)
def test_a_sar_without_an_answer(core, how):
    """[TS 24.229 5.4.1.2.2F, TS 29.228 6.1.2] who was not acknowledged is not registered: nobody reaches it."""
    alice, bob = core.new_phone(), core.new_phone()
    bob.register()
    challenged = alice.register_once(authorization=alice.unauthenticated())
    with core.wire() as wire:
        answer = lost_while(core, how, "scscf", lambda: alice.send(alice.register_request(expires=600, authorization=alice.answer_challenge(challenged))),
                            lambda: wire.sip("REGISTER", at="scscf"))
    assert answer.status in (480, 504) and not wire.diameters("SAA")
    back(core)
    until(lambda: bob.invite(alice).final().status == 480, 5 * SLOW, "480")
    until(lambda: alice.try_register(expires=600).status == 200, 5 * SLOW, "a registration")
    talk_soon(core, bob, alice)


@pytest.mark.parametrize("how", LOST)
def test_a_sar_of_a_deregistration_without_an_answer(core, how):
    """[TS 24.229 5.4.1.4] the phone is told 200 or told to try again; it is never reached afterwards."""
    alice, bob = core.new_pair()
    with core.wire() as wire:
        answer = lost_while(core, how, "scscf", lambda: alice.send(alice.register_request(
            expires=0, authorization=alice.session.authorization("REGISTER", "sip:ims.test"))), lambda: wire.sip("REGISTER", at="scscf"))
    assert answer.status in (200, 480, 504)
    back(core)
    if answer.status != 200:
        # the HSS that goes on takes the SAR, if late: 403, for then nobody is registered any more [TS 24.229 5.3.1.2]
        until(lambda: alice.try_register(expires=0).status in (200, 403), 5 * SLOW, "a deregistration")
    assert bob.invite(alice).final().status == 480


@pytest.mark.parametrize("how", LOST)
def test_a_lir_without_an_answer(core, how):
    """[TS 24.229 5.3.2.2]"""
    alice, bob = core.new_pair()
    with core.wire() as wire:
        answer = lost_while(core, how, "icscf", lambda: alice.invite(bob), lambda: wire.sip("INVITE", at="icscf"))
    assert answer.status in (480, 504) and not wire.diameters("LIA") and not bob.invites
    back(core)
    talk_soon(core, alice, bob)


@pytest.mark.parametrize("how", LOST)
def test_a_restoration_without_an_answer(core, how):
    """[TS 23.380 4.4, TS 29.228 6.1.2] an S-CSCF that lost its memory asks the HSS for a callee, who does not answer."""
    alice, bob = core.new_phone(), core.new_phone()
    bob.register()
    core.kill("scscf")
    shutil.rmtree(core.run + "/state/scscf")
    os.mkdir(core.run + "/state/scscf")
    core.start("scscf")
    alice.register()
    with core.wire() as wire:
        answer = lost_while(core, how, "scscf", lambda: alice.invite(bob), lambda: wire.sip("INVITE", at="scscf"))
    assert answer.status in (480, 504) and not bob.invites and not wire.diameters("SAA")
    back(core)
    talk_soon(core, alice, bob)
