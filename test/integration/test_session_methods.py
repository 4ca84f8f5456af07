# SPDX-License-Identifier: Apache-2.0
"""Every method, inside a dialog and alone. [TS 24.229 5.2.6.3, 5.2.6.4, 5.4.3.2, 5.4.3.3; RFC 3262, 3311, 6086, 3515, 3428, 6665, 3903]"""
import pytest

from call import sdp
from transaction import new_token


@pytest.fixture
def ready(alice, bob):
    alice.register()
    bob.register()
    return alice, bob


@pytest.fixture
def talking(ready):
    """A call that stands: (call, leg)."""
    alice, bob = ready
    call = alice.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    return call, leg


# ---- before the answer ----

def test_reliable_ringing_is_acknowledged(core, ready):
    """[RFC 3262, TS 24.229 5.1.3.1] RSeq is the callee's, PRACK goes end to end along the dialog."""
    alice, bob = ready
    with core.wire() as wire:
        call = alice.invite(bob)
        leg = bob.ring(reliable=True)
        assert leg.pracked().request.get("rack") == "1 1 INVITE"
        leg.accept()
        call.established().hang_up()
    assert call.pracks[0].final().status == 200
    assert call.progress(180).get("rseq") == "1" and "100rel" in call.progress(180).all("require")
    assert [m.dst[0] for m in wire.sip("PRACK")] == [core.address(n) for n in ("pcscf", "scscf", "pcscf")] + [bob.ip]


def test_nobody_makes_a_response_reliable_for_the_callee(ready):
    """[RFC 3262 3] a proxy invents no RSeq, also when the caller requires 100rel."""
    alice, bob = ready
    call = alice.invite(bob, headers=[("Require", "100rel")])
    leg = bob.called().progress(183)
    assert "rseq" not in call.progress(183)
    leg.progress(180, reliable=True).pracked()
    leg.accept()
    call.established().hang_up()


def test_preconditions_are_met_before_it_rings(ready):
    """[TS 24.229 5.1.3, RFC 3312] 183 with SDP, PRACK, UPDATE, 180, 200."""
    alice, bob = ready
    need = b"a=curr:qos local none\r\na=curr:qos remote none\r\na=des:qos mandatory local sendrecv\r\na=des:qos optional remote sendrecv\r\n"
    call = alice.invite(bob, body=sdp(alice.ip) + need, headers=[("Require", "precondition")])
    leg = bob.called().progress(183, body=sdp(bob.ip) + need, reliable=True)
    leg.pracked()
    assert call.early().request("UPDATE", body=sdp(alice.ip, version=2) + need.replace(b"local none", b"local sendrecv")).final().status == 200
    assert b"local sendrecv" in leg.incoming("UPDATE").request.body
    leg.progress(180, reliable=True).pracked()
    leg.accept(body=b"")
    assert call.ringing().established().hang_up().status == 200


# ---- inside the call, both ways ----

@pytest.mark.parametrize("method, status", [("UPDATE", 200), ("INFO", 200), ("REFER", 202), ("MESSAGE", 200), ("OPTIONS", 200), ("NOTIFY", 200)])
def test_methods_inside_a_call_pass_both_ways(core, talking, method, status):
    """[TS 24.229 5.2.6.3.5, 5.2.6.3.7, 5.2.6.4.5, 5.2.6.4.7] never by the I-CSCF."""
    call, leg = talking
    extra = {"REFER": [("Refer-To", "<sip:carol@ims.test>")], "NOTIFY": [("Event", "refer"), ("Subscription-State", "active")]}.get(method, [])
    with core.wire() as wire:
        assert call.request(method, headers=extra, body=b"there", content_type="text/plain").final().status == status
        assert leg.request(method, headers=extra, body=b"back", content_type="text/plain").final().status == status
    assert leg.incoming(method).request.body == b"there" and call.incoming(method).request.body == b"back"
    assert not wire.sip(method, at="icscf") and wire.sip(method, at="scscf")
    call.hang_up()


def test_a_reinvite_holds_and_resumes_from_both_sides(talking):
    """[RFC 3264 8.4, TS 24.229 5.1.4A]"""
    call, leg = talking
    hold = sdp(call.phone.ip, version=2, direction="inactive")
    answer = call.request("INVITE", body=hold).final()
    assert answer.status == 200 and leg.incoming("INVITE").request.body == hold
    assert leg.incoming("INVITE").confirmed().method == "ACK"
    assert leg.request("INVITE", body=sdp(leg.phone.ip, version=3)).final().status == 200
    assert call.incoming("INVITE").confirmed()
    call.hang_up()


def test_a_reinvite_that_is_refused_leaves_the_call(talking):
    """[RFC 3261 14.1]"""
    call, leg = talking
    leg.phone.answers["INVITE"] = 488
    assert call.request("INVITE", body=sdp(call.phone.ip, version=2)).final().status == 488
    assert call.request("INFO").final().status == 200
    call.hang_up()


def test_a_reinvite_moves_the_contact(core, ready):
    """[RFC 3261 12.2.1.2, TS 24.229 5.2.6.3.5] target refresh: the caller changes its Contact, the BYE goes there."""
    alice, bob = ready
    call = alice.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    new = "<%s;moved=1>" % alice.contact_uri
    assert call.request("INVITE", body=sdp(alice.ip, version=2), edit=lambda m: m.set("Contact", new)).final().status == 200
    assert leg.dialog.target == new[1:-1]
    leg.hang_up()
    assert alice.received("BYE").uri == new[1:-1]


def test_a_method_that_nobody_knows_passes_inside_a_call(talking):
    """[RFC 3261 16] proxies do not judge methods."""
    call, leg = talking
    leg.phone.answers["FROBNICATE"] = 299
    assert call.request("FROBNICATE").final().status == 299
    call.hang_up()


def test_session_timers_are_the_phones_own(ready):
    """[RFC 4028] what they agree on passes."""
    alice, bob = ready
    call = alice.invite(bob, headers=[("Session-Expires", "1800;refresher=uac"), ("Min-SE", "90")])
    leg = bob.ring().accept(headers=[("Session-Expires", "1800;refresher=uac"), ("Require", "timer")])
    assert call.established().final().get("session-expires") == leg.invite.get("session-expires") == "1800;refresher=uac"
    call.hang_up()


def test_a_bye_for_a_dialog_that_is_over_is_481(talking):
    """[RFC 3261 15.1.2]"""
    call, leg = talking
    call.hang_up()
    leg.phone.dialogs.clear()
    assert call.request("BYE").final().status == 481


# ---- alone ----

@pytest.mark.parametrize("method, headers, status", [
    ("MESSAGE", [], 200), ("OPTIONS", [], 200), ("INFO", [], 200),
    ("SUBSCRIBE", [("Event", "presence"), ("Expires", "60")], 200), ("NOTIFY", [("Event", "presence"), ("Subscription-State", "active")], 200),
    ("PUBLISH", [("Event", "presence"), ("Expires", "60")], 200), ("REFER", [("Refer-To", "<sip:carol@ims.test>")], 202), ("FROBNICATE", [], 501)])
def test_methods_alone_reach_the_callee(core, ready, method, headers, status):
    """[TS 24.229 5.2.6.3.9, 5.4.3.2, 5.4.3.3] through both halves, the LIR included."""
    alice, bob = ready
    with core.wire() as wire:
        assert alice.request(method, bob, headers=headers, body=b"hello", content_type="text/plain").final().status == status
    m = bob.received(method)
    assert m.body == b"hello" and m.asserted == [alice.impu] and m.get("p-called-party-id") == "<%s>" % bob.impu
    assert wire.diameter("LIR")["Public-Identity"] == bob.impu


def test_a_subscription_stays_on_its_way(core, ready):
    """[RFC 6665 4.4, TS 24.229 5.2.6.3.3] SUBSCRIBE makes a dialog; the NOTIFY comes back along the Record-Route, past the I-CSCF."""
    alice, bob = ready
    got = alice.request("SUBSCRIBE", bob, headers=[("Event", "presence"), ("Expires", "60")]).final()
    from call import Dialog
    m = bob.received("SUBSCRIBE")
    bob_side = Dialog(bob, m.call_id, got.get("to"), m.get("from"), m.sender.tag, m.all("record-route"), m.contacts[0].uri.text, 1)
    alice.dialogs[m.call_id, m.sender.tag, got.to.tag] = Dialog(alice, m.call_id, m.get("from"), got.get("to"), got.to.tag, [], "", 1)
    with core.wire() as wire:
        answer = bob_side.request("NOTIFY", [("Event", "presence"), ("Subscription-State", "active;expires=60")], b"<p/>", "application/pidf+xml")
        assert answer.final().status == 200
    assert alice.received("NOTIFY").body == b"<p/>" and not wire.sip("NOTIFY", at="icscf")


def test_messages_of_any_content_pass_byte_for_byte(ready):
    """[RFC 3428 4, RFC 3261 7.4]"""
    alice, bob = ready
    body = bytes(range(256)) * 4
    assert alice.request("MESSAGE", bob, body=body, content_type="application/vnd.minims.test").final().status == 200
    assert bob.received("MESSAGE").body == body and bob.received("MESSAGE").get("content-type") == "application/vnd.minims.test"


def test_a_silent_phone_does_not_hang_the_core(new_core):
    """[RFC 4320 4.2, RFC 3261 17.1.2] a non-INVITE that nobody answers: no 408 travels, the transaction ends."""
    core = new_core()
    alice, bob = core.new_pair()
    bob.answers["MESSAGE"] = None
    lost = alice.request("MESSAGE", bob, body=b"x")
    bob.received("MESSAGE")
    bob.answers["MESSAGE"] = 200
    assert alice.request("MESSAGE", bob, body=b"y").final().status == 200
    assert not lost.got_final


def test_the_core_itself_answers_options(core, alice):
    """[TS 24.229 5.2.1, RFC 3261 11] also to who is not registered: a load balancer asks so."""
    answer = alice.request("OPTIONS", "sip:pcscf.ims.test", route=[]).final()
    assert answer.status == 200


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE", "BYE"])
def test_the_core_itself_is_nobody_to_call(core, alice, method):
    """[RFC 3261 8.2.1] 405 with Allow."""
    alice.register()
    answer = alice.request(method, "sip:%s:5060" % core.address("pcscf"), route=[], call_id=new_token(), **({"body": sdp(alice.ip)} if method == "INVITE" else {})).final()
    assert answer.status == 405 and "OPTIONS" in answer.all("allow")
