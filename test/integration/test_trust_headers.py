# SPDX-License-Identifier: Apache-2.0
"""Header by header: what a UE claims never enters the core, in requests and in responses, inside a dialog and outside; what the core says
among itself never reaches a UE. [TS 24.229 4.4, 5.2.6.3, 5.2.6.4; RFC 3325 5, RFC 7315, RFC 5502, RFC 5002, RFC 4457, RFC 6050]"""
import pytest

from capture import Diameter

LIES = {
    "P-Asserted-Identity": "<sip:forged@ims.test>",
    "P-Charging-Vector": "icid-value=forged;orig-ioi=forged.test",
    "P-Charging-Function-Addresses": "ccf=forged.test",
    "P-Visited-Network-ID": "forged",
    "P-Served-User": "<sip:forged@ims.test>;sescase=orig;regstate=reg",
    "P-Profile-Key": "<sip:forged@ims.test>",
    "P-User-Database": "<aaa://forged.ims.test>",
    "P-Asserted-Service": "urn:urn-7:3gpp-service.forged",
    "P-Private-Network-Indication": "forged.test",
    "P-Access-Network-Info": "IEEE-802.11;forged;network-provided",
}


@pytest.fixture
def ready(alice, bob):
    alice.register()
    bob.register()
    return alice, bob


def passed_on(wire, *phones):
    """All SIP that did not come from a phone."""
    own = {p.ip for p in phones}
    return [m for m in wire.all() if not isinstance(m, Diameter) and m.src[0] not in own]


@pytest.mark.parametrize("name", LIES)
def test_a_claim_goes_no_further_than_the_pcscf(core, ready, name):
    """In INVITE, 183, 200, ACK, INFO and its 200, BYE; and in a refusal."""
    alice, bob = ready
    lie = [(name, LIES[name])]
    bob.answers["INFO"] = None
    with core.wire() as wire:
        call = alice.invite(bob, headers=lie, auto_ack=False)
        leg = bob.called().progress(183, headers=lie)
        leg.accept(headers=lie)
        answer = call.final()
        call.dialog.send_ack(answer.cseq[0], headers=lie)
        leg.confirmed()
        info = call.request("INFO", headers=lie)
        leg.incoming("INFO").answer(200, headers=lie)
        assert info.final().status == 200
        assert leg.request("BYE", headers=lie).final().status == 200
        refused = alice.invite(bob, headers=lie)
        bob.called().reject(486, headers=lie)
        assert refused.final().status == 486
    passed = passed_on(wire, alice, bob)
    assert len(passed) > 30 and not [m.text for m in passed if "forged" in m.text]


@pytest.mark.parametrize("name", LIES)
def test_a_claim_of_a_message_alone_goes_no_further(core, ready, name):
    """MESSAGE and its answer, and a REGISTER."""
    alice, bob = ready
    lie = [(name, LIES[name])]
    bob.answers["MESSAGE"] = None
    with core.wire() as wire:
        sent = alice.request("MESSAGE", bob, headers=lie, body=b"x")
        bob.incoming("MESSAGE").answer(200, headers=lie)
        assert sent.final().status == 200
        alice.register(headers=lie)
    passed = passed_on(wire, alice, bob)
    assert len(passed) > 15 and not [m.text for m in passed if "forged" in m.text]


def test_a_preferred_identity_stays_with_the_pcscf(core, ready):
    """[RFC 3325 9.2, TS 24.229 5.2.6.3.3] it is used up there, in requests and in responses."""
    alice, bob = ready
    with core.wire() as wire:
        call = alice.invite(bob, headers=[("P-Preferred-Identity", "<%s>" % alice.impu)])
        bob.called().accept(headers=[("P-Preferred-Identity", "<%s>" % bob.impu)])
        call.established().hang_up()
    passed = passed_on(wire, alice, bob)
    assert not [m.text for m in passed if "p-preferred-identity" in m]
    assert wire.sip((200, "INVITE"), at="scscf", by="pcscf")[0].asserted == [bob.impu]


def test_what_a_phone_may_say_of_its_access_reaches_the_core_and_no_other_phone(core, ready):
    """[RFC 7315 4.4, TS 24.229 4.4.7, 5.4.3.3]"""
    alice, bob = ready
    with core.wire() as wire:
        call = alice.invite(bob, headers=[("P-Access-Network-Info", "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=00101000100000001")])
        bob.ring().accept()
        call.established().hang_up()
    assert "utran-cell-id-3gpp" in wire.sip("INVITE", at="scscf")[0].get("p-access-network-info")
    assert "p-access-network-info" not in bob.received("INVITE")
