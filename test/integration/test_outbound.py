# SPDX-License-Identifier: Apache-2.0
"""A device that keeps several flows. [RFC 5626 4.2, 5.3, 6, 7; TS 24.229 5.2.2.1, 5.2.6.4.3, 5.4.1.2.2F, 5.4.3.3]"""
import pytest

URN = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
OUTBOUND = [("Supported", "outbound")]


def flow(phone, reg_id, instance=URN, **kw):
    return phone.register(contacts=[phone.contact_header(instance=instance, reg_id=reg_id, **kw)], headers=OUTBOUND)


@pytest.fixture
def device(core):
    """One device with two flows over TCP, the second the newer."""
    one = core.new_phone("tcp")
    two = core.same_user(one, "tcp")
    flow(one, 1)
    flow(two, 2)
    return one, two


def ids(answer):
    return sorted((c.uri.text, c.param("reg-id")) for c in answer.contacts)


def test_each_flow_of_a_device_has_its_contact(core, device):
    """[RFC 5626 6] instance and reg-id name a binding, whatever the URI; Require: outbound says that it is understood."""
    one, two = device
    three = core.same_user(one, "tcp")
    answer = flow(three, 1)
    assert ids(answer) == sorted([(three.contact_uri, "1"), (two.contact_uri, "2")])
    assert "outbound" in answer.all("require")
    assert {c.param("+sip.instance") for c in answer.contacts} == {"<%s>" % URN}


def test_the_path_says_ob(core, alice):
    """[RFC 5626 4.1, 5.1]"""
    with core.wire() as wire:
        flow(alice, 1)
    assert ";ob" in wire.sip("REGISTER", at="scscf")[-1].get("path")


def test_a_device_rings_once(device, bob):
    """[RFC 5626 7] over the newest flow."""
    one, two = device
    bob.register()
    call = bob.invite(one)
    two.ring().accept()
    call.established().hang_up()
    assert not one.all_received("INVITE")


@pytest.mark.parametrize("broken", [0, 1])
def test_a_device_is_reached_over_the_flow_that_is_left(core, device, bob, broken):
    """[RFC 5626 5.3, 7] the P-CSCF says 430 (Flow Failed), the S-CSCF tries the next one; the caller hears nothing of it."""
    bob.register()
    device[broken].hang_up_connection()
    left = device[1 - broken]
    with core.wire() as wire:
        call = bob.invite(left)
        left.ring().accept()
        call.established().hang_up()
    assert len(wire.sip((430, "INVITE"), at="scscf")) == broken
    assert not wire.sip((430, "INVITE"), at="icscf") and not [r for r in call.transaction.responses if r.status == 430]


def test_a_device_without_flows_is_480(device, bob):
    """[TS 24.229 5.4.3.3, RFC 5626 11.5] 430 is between the P-CSCF and the S-CSCF only."""
    bob.register()
    for phone in device:
        phone.hang_up_connection()
    assert bob.invite(device[0]).final().status == 480


def test_the_word_of_another_device_goes_before_a_failed_flow(core, device, bob):
    """[RFC 3261 16.7 step 6] busy says more than gone."""
    desk = core.same_user(device[0])
    desk.register()
    bob.register()
    for phone in device:
        phone.hang_up_connection()
    call = bob.invite(desk)
    desk.called().reject(486)
    assert call.final().status == 486


def test_a_flow_that_is_left_decides(core, device, bob):
    """The first flow failed, over the second the callee is busy: 486."""
    one, two = device
    bob.register()
    two.hang_up_connection()
    call = bob.invite(one)
    one.called().reject(486)
    assert call.final().status == 486


@pytest.mark.parametrize("q", ["2", "abc", "-1", "0.1234", "1.5", ".5"])
def test_a_q_that_is_none_is_400(alice, q):
    """[RFC 3261 20.10, 25.1] a registrar that took it would say it again in its 200."""
    alice.register_call_id = "bad-q-%s@%s" % (q.strip("-."), alice.ip)
    assert alice.try_register(contacts=[alice.contact_header(q=q)]).status == 400


@pytest.mark.parametrize("q", ["0", "1", "0.", "0.5", "0.123", "1.000"])
def test_every_q_there_is_is_taken(alice, q):
    assert alice.register(contacts=[alice.contact_header(q=q)]).contacts[0].params["q"] == q
