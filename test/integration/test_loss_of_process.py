# SPDX-License-Identifier: Apache-2.0
"""kill -9 of a daemon, and what goes on. [TS 23.380 4, 5; TS 29.228 6.1.1.1; TS 24.229 5.3.1.3, 5.3.2.1]

One core for all: each test kills and starts, and has users of its own."""
import os
import shutil
import time

import pytest

from conftest import NETS
from core import SLOW, Core, until

DAEMONS = ["pcscf", "icscf", "scscf", "hss"]
WITHIN = 5 * SLOW  # seconds after the death
TIMEOUT_DEREGISTRATION = 4


@pytest.fixture(scope="module")
def mortal_core(loop, tmp_path_factory):
    core = Core(loop, tmp_path_factory.mktemp("mortal") / "run", NETS[1], users=200, options=["scscf:registration.min_s=1"])
    yield core
    core.stop()


@pytest.fixture
def core(mortal_core):
    yield mortal_core
    for name in list(mortal_core.killed):
        mortal_core.start(name)
    caller, callee = registered_soon(mortal_core), registered_soon(mortal_core)
    talk_soon(mortal_core, caller, callee)
    mortal_core.close_phones()


def registered_soon(core):
    """A phone that registered as soon as all peers know each other again."""
    phone = core.new_phone()
    until(lambda: phone.try_register(expires=600).status == 200, WITHIN, "a registration")
    return phone


def talk(caller, callee, within=5):
    """A whole call."""
    call = caller.invite(callee)
    leg = callee.ring(within).accept()
    call.established(within)
    leg.confirmed(within)
    call.hang_up(within)


def talk_soon(core, caller, callee, within=WITHIN):
    """A whole call; who is told 504 or 480 while peers still find each other tries again."""
    def attempt():
        call = caller.invite(callee)
        caller.loop.wait(lambda: callee.invites or call.transaction.got_final, 5, "neither a call nor an answer")
        if not callee.invites:
            assert call.final().status in (480, 504), call.final().text
            return None
        leg = callee.ring().accept()
        call.established()
        leg.confirmed()
        return call
    until(attempt, within, "a call").hang_up()


def registered(core, *transports):
    phones = [core.new_phone(t) for t in transports]
    for p in phones:
        p.register()
    return phones


@pytest.mark.parametrize("name", DAEMONS)
def test_new_registrations_and_calls_work_within_5_s(core, name):
    """Of the death, not of the start."""
    began = time.monotonic()
    core.kill_and_restart(name)
    talk(*registered(core, "udp", "tcp"))
    assert time.monotonic() - began < WITHIN


@pytest.mark.parametrize("name", DAEMONS)
def test_who_was_registered_calls_and_is_called_without_registering_anew(core, name):
    """State in memory is state in common/keep, too. [TS 24.229 5.2.2, 5.4.1]"""
    alice, bob = registered(core, "udp", "udp")
    before = len(alice.messages), len(bob.messages)
    began = time.monotonic()
    core.kill_and_restart(name)
    talk(alice, bob)
    talk(bob, alice)
    assert time.monotonic() - began < WITHIN
    assert not [m for p, n in zip((alice, bob), before) for m in p.messages[n:] if m.method == "REGISTER"]


@pytest.mark.parametrize("name", DAEMONS)
def test_a_call_in_progress_goes_on_and_ends_well(core, name):
    """Dialogs live in what the phones hold: sealed Record-Route entries. [TS 24.229 5.2.6.3.5, 5.4.3.2]"""
    alice, bob = registered(core, "udp", "udp")
    call = alice.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    core.kill_and_restart(name)
    assert leg.request("INFO").final().status == 200
    assert call.request("UPDATE").final().status == 200
    leg.hang_up()
    assert call.ended()


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_stream_phone_registers_again_after_the_pcscf_died(core, transport):
    """[RFC 5626 4.2.2] its connection went with the process."""
    alice, bob = registered(core, transport, "udp")
    core.kill_and_restart("pcscf")
    until(lambda: not alice.socket.alive, 5, "the end of the connection")
    alice.register()
    talk(bob, alice)
    talk(alice, bob)


def test_a_call_of_a_tcp_phone_ends_well_after_the_pcscf_died(core):
    """access.adopt_new_flow: it opens another connection from the same address and is known again [TS 33.203 N.2.1.2]."""
    alice, bob = core.new_phone("tcp", behind="10.8.8.8:5060"), core.new_phone("udp")
    alice.register()
    bob.register()
    call = alice.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    core.kill_and_restart("pcscf")
    until(lambda: not alice.socket.alive, 5, "the end of the connection")
    assert call.request("UPDATE").final().status == 200
    leg.hang_up()
    assert call.ended()


def test_a_challenge_outlives_the_scscf(core):
    """[TS 24.229 5.4.1.2.1] the vector is stored before the 401 leaves."""
    alice = core.new_phone()
    challenged = alice.register_once(authorization=alice.unauthenticated())
    core.kill_and_restart("scscf")
    assert alice.register_once(authorization=alice.answer_challenge(challenged)).status == 200


def test_a_replay_is_seen_also_after_a_death(core):
    """[RFC 7616 3.4] nonce counts are kept, too."""
    alice, = registered(core, "udp")
    core.kill_and_restart("scscf")
    replay = alice.session.authorization("REGISTER", "sip:ims.test", nc="00000001")
    assert alice.register_once(expires=0, authorization=replay).status == 401
    assert alice.register(reuse=True).status == 200


def test_an_isim_goes_on_after_the_hss_died(core):
    """[TS 33.102 C.1.1.1] no sequence number is given twice: the card would ask for resynchronisation."""
    phone = core.aka_phone()
    phone.register()
    core.kill_and_restart("hss")
    seen = len(phone.messages)
    phone.register()
    assert [m.status for m in phone.messages[seen:]] == [401, 200]


def test_the_expiry_of_a_contact_goes_on(core):
    """[TS 24.229 5.4.1.4, TS 29.228 6.1.2] the time of the death counts; the HSS hears of the end."""
    alice, bob = registered(core, "udp", "udp")
    alice.register(expires=2, reuse=True)
    began = time.monotonic()
    with core.wire() as wire:
        core.kill_and_restart("scscf")
        until(lambda: [m for m in wire.diameters("SAR", by="scscf") if m.number("Server-Assignment-Type") == TIMEOUT_DEREGISTRATION and
                       m["Public-Identity"] == alice.impu], 8, "SAR of the timeout")
    assert 1.5 < time.monotonic() - began < 5
    assert bob.invite(alice).final().status == 480


def test_what_ran_out_while_the_scscf_was_dead_is_gone(core):
    """[TS 24.229 5.4.1.4]"""
    alice, bob = registered(core, "udp", "udp")
    alice.register(expires=1, reuse=True)
    core.kill("scscf")
    over = time.monotonic() + 1.2
    until(lambda: time.monotonic() > over, 3)
    with core.wire() as wire:
        core.start("scscf")
        until(lambda: [m for m in wire.diameters("SAR", by="scscf") if m["Public-Identity"] == alice.impu], 8, "SAR of the timeout")
    assert bob.invite(alice).final().status == 480


def forget_local_state(core, name):
    """All but the keys, as after a reboot."""
    state = "%s/state/%s" % (core.run, name)
    for entry in os.listdir(state):
        path = os.path.join(state, entry)
        if not entry.endswith(".key"):
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def test_an_scscf_without_its_state_restores_callee_and_caller_from_the_hss(core):
    """[TS 23.380 4.2-4.4] SAR NO_ASSIGNMENT brings User-Data and SCSCF-Restoration-Info: contact and path."""
    alice, bob = registered(core, "udp", "tcp")
    core.kill("scscf")
    forget_local_state(core, "scscf")
    core.start("scscf")
    with core.wire() as wire:
        talk(alice, bob)
    sars, saas = wire.diameters("SAR", by="scscf"), wire.diameters("SAA", at="scscf")
    assert [m["Public-Identity"] for m in sars] == [alice.impu, bob.impu]
    assert {m.number("Server-Assignment-Type") for m in sars} == {0} and all("SCSCF-Restoration-Info" in m for m in saas)
    assert wire.sip("INVITE", at="pcscf", by="scscf")[0].uri == bob.contact_uri


def test_restored_contacts_keep_their_expiry(core):
    """[TS 23.380 4.2] they do not live longer than was granted."""
    alice, bob = registered(core, "udp", "udp")
    alice.register(expires=100, reuse=True)
    core.kill("scscf")
    forget_local_state(core, "scscf")
    core.start("scscf")
    talk(bob, alice)
    answer = alice.register(contacts=[], expires=None)
    assert [c.uri.text for c in answer.contacts] == [alice.contact_uri] and 90 <= int(answer.contacts[0].params["expires"]) <= 100


def test_a_registration_just_acknowledged_outlives_the_hss(core):
    """Nothing acknowledged is lost: the SAA came after the commit."""
    alice, bob = registered(core, "udp", "udp")
    core.kill_and_restart("hss")
    with core.wire() as wire:
        talk(alice, bob)
    assert wire.diameter("LIA")["Server-Name"] == "sip:scscf.ims.test"


def test_a_phone_that_deregisters_while_the_hss_is_dead_is_gone(core):
    """[TS 24.229 5.3.1.3] or told to try again: never a hang."""
    alice, bob = registered(core, "udp", "udp")
    core.kill("hss")
    began = time.monotonic()
    status = alice.try_register(expires=0, reuse=True).status
    assert status in (200, 480, 504) and time.monotonic() - began < WITHIN
    core.start("hss")
    if status != 200:
        assert alice.deregister().status == 200
    assert bob.invite(alice).final().status == 480


def test_a_dead_hss_gives_480_and_nothing_waits(core):
    """[TS 24.229 5.3.2.2]"""
    alice, bob = registered(core, "udp", "udp")
    core.kill("hss")
    assert alice.invite(bob).final(within=WITHIN).status == 480
    core.start("hss")
    talk_soon(core, alice, bob)


@pytest.mark.parametrize("name", ["icscf", "scscf"])
def test_a_dead_cscf_gives_an_answer_and_nothing_waits(core, name):
    """[TS 24.229 5.2.6.3.3, 5.2.2.1] 504 or 480 before a phone gives up; it works as soon as the daemon is there."""
    alice, bob = registered(core, "udp", "udp")
    core.kill(name)
    assert alice.invite(bob).final(within=WITHIN).status in (480, 504)
    assert alice.register_once(within=WITHIN).status in (480, 504)
    core.start(name)
    talk_soon(core, alice, bob)


# ---- another S-CSCF ----

@pytest.fixture
def two_servers(core):
    core.start("scscf2")
    core.subscriber("third", capabilities={"mandatory": [3]})
    third = core.phone("third", "secret")
    until(lambda: third.try_register(expires=600).status == 200, WITHIN, "a registration at scscf2")
    yield core
    third.deregister()
    core.rest("DELETE", "/v1/subscribers/third@ims.test")
    core.lab("kill", "scscf2")


def test_a_silent_server_is_replaced_by_one_with_the_capabilities(two_servers):
    """[TS 24.229 5.3.1.3, 5.3.2.1; TS 29.228 6.1.1.1, 6.1.4.1; TS 23.380 4.3, 4.4] LIR with capabilities; the new one restores the callee."""
    core = two_servers
    core.subscriber("caller3", capabilities={"mandatory": [3]})
    core.subscriber("callee1", capabilities={"mandatory": [1]})
    alice, bob = core.phone("caller3", "secret"), core.phone("callee1", "secret")
    alice.register()
    bob.register()
    assert alice.service_route != bob.service_route
    core.kill("scscf")
    call = alice.invite(bob)
    bob.ring(within=WITHIN).accept()
    call.established(within=WITHIN).hang_up()


def test_who_registers_while_the_server_is_dead_gets_another(two_servers):
    """[TS 24.229 5.3.1.3] UAR once more, REGISTRATION_AND_CAPABILITIES."""
    core = two_servers
    alice, = registered(core, "udp")
    core.kill("scscf")
    with core.wire() as wire:
        assert alice.register(within=WITHIN).status == 200
    assert 2 in [m.number("User-Authorization-Type") for m in wire.diameters("UAR") if "User-Authorization-Type" in m]
    assert "scscf2" in alice.service_route[0] or core.address("scscf2") in alice.service_route[0]
