# SPDX-License-Identifier: Apache-2.0
"""Calls through P, S, I, S and P. [TS 24.229 5.2.6-5.2.9, 5.3.2, 5.4.3]"""
import pytest

from call import sdp
from core import SLOW, until


@pytest.fixture
def ready(alice, bob):
    alice.register()
    bob.register()
    return alice, bob


def hosts(core, *names):
    return [core.address(n) for n in names]


# ---- the way ----

def test_a_call_reaches_the_assigned_server(core, ready):
    """[TS 24.229 5.3.2.1, 5.4.3.2, 5.4.3.3]"""
    alice, bob = ready
    with core.wire() as wire:
        call = alice.invite(bob)
        bob.ring().accept()
        call.established().hang_up()
    assert wire.diameter("LIR", at="hss", by="icscf")["Public-Identity"] == bob.impu
    assert wire.diameter("LIA", at="icscf")["Server-Name"] == "sip:scscf.ims.test"
    assert [m.dst[0] for m in wire.sip("INVITE")] == hosts(core, "pcscf", "scscf", "icscf", "scscf", "pcscf") + [bob.ip]
    assert wire.sip("INVITE", at="scscf")[-1].route[0].host == "scscf.ims.test"


def test_pcscf_and_scscf_stay_in_the_dialog_and_the_icscf_does_not(core, ready):
    """[TS 24.229 5.2.6.3.3, 5.3.2.1, 5.4.3.2, 5.4.3.3]"""
    alice, bob = ready
    with core.wire() as wire:
        call = alice.invite(bob)
        bob.ring().accept()
        call.established().hang_up()
    stay = {h for r in bob.received("INVITE").record_route for h in [r.host]}
    assert stay <= set(hosts(core, "pcscf", "scscf") + ["pcscf.ims.test", "scscf.ims.test"])
    assert not stay & {core.address("icscf"), "icscf.ims.test"}
    assert [m.dst[0] for m in wire.sip("BYE")][0] == core.address("pcscf") and wire.sip("BYE", at="scscf")
    assert not wire.sip("BYE", at="icscf") and not wire.sip("ACK", at="icscf")


def test_ringing_answer_and_end_arrive_in_order(ready):
    """[RFC 3261 13, 15]"""
    alice, bob = ready
    call = alice.invite(bob)
    leg = bob.ring()
    assert call.ringing().progress(180).to.tag == leg.server.tag
    leg.accept()
    call.established()
    assert leg.confirmed().method == "ACK"
    call.hang_up()
    assert leg.ended()
    assert [m.status for m in alice.messages if m.status and m.status > 100 and m.method == "INVITE"] == [180, 200]


def test_an_invite_that_takes_longer_gets_100_first(ready):
    """[TS 24.229 5.2.7.1, RFC 3261 17.2.1]"""
    alice, bob = ready
    bob.answers["INVITE"] = None
    call = alice.invite(bob)
    alice.loop.wait(lambda: call.transaction.responses, 2, "no 100")
    assert call.transaction.responses[0].status == 100
    bob.called().reject(486)
    assert call.final().status == 486


def test_a_phone_that_is_slow_to_answer_makes_no_peer_look_dead(core, ready):
    """[TS 24.229 5.2.7.1, RFC 3261 17.2.1] each node says 100 long before the one before it would try another."""
    alice, bob = ready
    bob.answers["INVITE"] = None
    with core.wire() as wire:
        call = alice.invite(bob)
        hops = [(core.address(a), core.address(b)) for a, b in (("scscf", "pcscf"), ("icscf", "scscf"), ("scscf", "icscf"), ("pcscf", "scscf"))]
        until(lambda: sorted(hops) == sorted((m.src[0], m.dst[0]) for m in wire.sip((100, "INVITE")) if m.dst[0] != alice.ip), 1.2 * SLOW,
              lambda: "only %s" % [(m.src, m.dst) for m in wire.sip(100)])
        bob.ring().accept()
        call.established().hang_up()


def test_the_callee_hangs_up(ready):
    """[RFC 3261 15]"""
    alice, bob = ready
    call = alice.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    leg.hang_up()
    assert call.ended()


def test_a_caller_who_deregisters_can_still_hang_up_and_be_hung_up(core, ready):
    """[RFC 3261 12] what the phone's dialogs need stands in their Record-Route."""
    alice, bob = ready
    for end in ("caller", "callee"):
        alice.register()
        call = alice.invite(bob)
        leg = bob.ring().accept()
        call.established()
        leg.confirmed()
        alice.deregister()
        (call if end == "caller" else leg).hang_up()
        (leg if end == "caller" else call).ended()


def test_offer_and_answer_pass_byte_for_byte(ready):
    """[RFC 3261 16.6 step 1, RFC 3264]"""
    alice, bob = ready
    offer, answer = sdp(alice.ip, 41000, direction="sendonly"), sdp(bob.ip, 42000, direction="recvonly")
    call = alice.invite(bob, body=offer)
    leg = bob.ring().accept(body=answer)
    assert call.established().final().body == answer and leg.invite.body == offer
    call.hang_up()


def test_an_offer_in_the_200_is_answered_in_the_ack(ready):
    """[RFC 3261 13.2.1]"""
    alice, bob = ready
    call = alice.invite(bob, body=b"", auto_ack=False)
    leg = bob.ring().accept(body=sdp(bob.ip))
    call.established()
    call.dialog.send_ack(1, body=sdp(alice.ip))
    assert leg.confirmed().body == sdp(alice.ip)
    call.hang_up()


def test_max_forwards_counts_the_hops(ready):
    """[RFC 3261 16.6 step 3] P, S, I, S, P."""
    alice, bob = ready
    assert alice.request("MESSAGE", bob, body=b"x").final().status == 200
    assert bob.received("MESSAGE").get("max-forwards") == "65"


@pytest.mark.parametrize("hops", [0, 2])
def test_max_forwards_that_is_used_up_is_483(ready, hops):
    """[RFC 3261 16.3 step 3]"""
    alice, bob = ready
    assert alice.request("MESSAGE", bob, body=b"x", edit=lambda m: m.set("Max-Forwards", str(hops))).final().status == 483
    assert not bob.all_received("MESSAGE")


# ---- by number ----

@pytest.fixture
def numbered(core):
    """Two users with a number each; deregistered at the end, for they are used by all these tests."""
    phones = []
    for i, name in enumerate(("num1", "num2")):
        try:
            core.subscriber(name, identities=[{"impu": "sip:%s@ims.test" % name, "set": 1}, {"impu": "tel:+1555200%d" % i, "set": 1}])
        except AssertionError:
            pass  # there since the test before
        phones.append(core.phone(name, "secret"))
        phones[-1].register()
    yield phones
    for p in phones:
        p.register(expires=0, contacts=["*"])


@pytest.mark.parametrize("number", ["tel:+15552001", "tel:+1-555-2001", "sip:+15552001@ims.test;user=phone"])
def test_a_callee_is_reached_by_number(core, numbered, number):
    """[TS 24.229 5.3.2.1, 5.4.3.2 step 8, RFC 3966 5.1.1]"""
    caller, callee = numbered
    with core.wire() as wire:
        call = caller.invite(number)
        callee.ring().accept()
        call.established().hang_up()
    assert wire.diameter("LIR")["Public-Identity"] == "tel:+15552001"
    assert "+15552001" in callee.received("INVITE").get("p-called-party-id").replace("-", "")


def test_a_number_that_nobody_has_is_404(numbered):
    """[TS 24.229 5.3.2.1] no ENUM is asked, and no gateway is there."""
    assert numbered[0].invite("tel:+19990000000").final().status == 404


def test_a_caller_prefers_its_number(numbered):
    """[TS 24.229 5.2.6.3.1, RFC 3325] and the other identity of the set is told, too."""
    caller, callee = numbered
    call = caller.invite(callee, headers=[("P-Preferred-Identity", "<tel:+15552000>")])
    callee.ring().accept()
    call.established().hang_up()
    assert callee.received("INVITE").asserted == ["tel:+15552000", "sip:num1@ims.test"]


# ---- the callee does not take it ----

@pytest.mark.parametrize("status", [404, 480, 486, 488, 500, 600, 603])
def test_the_callees_refusal_reaches_the_caller(ready, status):
    """[RFC 3261 16.7 step 6, TS 24.229 5.4.3.3]"""
    alice, bob = ready
    call = alice.invite(bob)
    leg = bob.ring().reject(status)
    assert call.final().status == status and leg.confirmed().method == "ACK"


def test_a_503_of_the_callee_is_500_at_the_caller(ready):
    """[RFC 3261 16.7 step 6] a proxy does not pass on that something behind it is overloaded."""
    alice, bob = ready
    call = alice.invite(bob)
    bob.ring().reject(503)
    assert call.final().status == 500


def test_an_unknown_user_is_404_and_explained(core, alice):
    """[TS 24.229 5.3.2.1]"""
    alice.register()
    with core.wire() as wire:
        assert alice.invite("sip:nobody@ims.test").final().status == 404
    assert wire.diameter("LIA").result == "cx:USER_UNKNOWN"
    assert "sip:nobody@ims.test" in core.imsctl("explain", alice.impu)


def test_a_user_who_is_not_registered_is_480(core, alice, bob):
    """[TS 24.229 5.3.2.1]"""
    alice.register()
    with core.wire() as wire:
        assert alice.invite(bob).final().status == 480
    assert wire.diameter("LIA").result == "cx:IDENTITY_NOT_REGISTERED"


def test_a_caller_who_is_not_registered_is_403(core, alice, bob):
    """[TS 24.229 5.2.6.3.1]"""
    bob.register()
    with core.wire() as wire:
        assert alice.invite(bob).final().status == 403
    assert not wire.sip("INVITE", at="scscf")


def test_a_barred_callee_is_404(core, alice):
    """[TS 24.229 5.4.3.3 step 1]"""
    core.subscriber("shy", identities=[{"impu": "sip:shy@ims.test", "set": 1}, {"impu": "sip:veiled@ims.test", "set": 1, "barred": True}])
    core.phone("shy", "secret").register()
    alice.register()
    assert alice.invite("sip:veiled@ims.test").final().status == 404


@pytest.mark.parametrize("uri", ["sip:ims.test", "sip:%00@ims.test", "sip:%22%3cx%3e@ims.test", "sip:" + "x" * 600 + "@ims.test"])
def test_a_strange_user_is_404(alice, uri):
    """[TS 24.229 5.3.2.1, RFC 3261 19.1.2]"""
    alice.register()
    assert alice.request("MESSAGE", uri, body=b"x").final().status in (400, 404, 480, 484)


def test_neither_sip_nor_tel_is_416(alice):
    """[RFC 3261 8.2.2.1]"""
    alice.register()
    assert alice.request("OPTIONS", "isbn:2983792873").final().status == 416


def test_a_foreign_domain_nobody_finds_is_an_error_not_a_hang(alice):
    """[TS 24.229 5.4.3.2, RFC 3263 4.3] no server of that domain: 404, 480, 502, 503 or 504, soon."""
    alice.register()
    assert alice.invite("sip:x@nowhere.invalid").final(within=8).status in (404, 480, 500, 502, 504)


# ---- the caller gives up ----

def test_a_call_is_cancelled_while_it_rings(core, ready):
    """[RFC 3261 9, 16.10] each proxy cancels on; the INVITE ends with 487."""
    alice, bob = ready
    with core.wire() as wire:
        call = alice.invite(bob)
        leg = bob.ring()
        call.ringing().cancel()
        assert leg.cancelled() and call.final().status == 487
        leg.confirmed()
    assert [m.dst[0] for m in wire.sip("CANCEL")] == hosts(core, "pcscf", "scscf", "icscf", "scscf", "pcscf") + [bob.ip]


def test_a_cancel_that_comes_too_late_changes_nothing(ready):
    """[RFC 3261 9.1]"""
    alice, bob = ready
    call = alice.invite(bob)
    bob.ring().accept()
    call.established()
    assert call.transaction.cancel().final().status in (200, 481)
    call.hang_up()


def test_a_cancel_for_nothing_is_481(ready):
    """[RFC 3261 16.10, 9.2]"""
    alice, bob = ready
    assert alice.request("CANCEL", bob).final().status == 481


def test_a_call_that_nobody_takes_ends_with_timer_c(new_core):
    """[RFC 3261 16.8] the callee rings for ever; 408, or the 487 of who obeyed the CANCEL."""
    core = new_core(options=["%s:sip.timer_c_ms=1500" % n for n in ("pcscf", "icscf", "scscf")])
    alice, bob = core.new_pair()
    call = alice.invite(bob)
    leg = bob.ring()
    assert call.final(within=8).status in (408, 487) and leg.cancelled()


# ---- forking ----

@pytest.fixture
def two_desks(core, alice, bob):
    """Bob has a second phone, over TCP."""
    desk = core.same_user(bob, "tcp")
    for p in (alice, bob, desk):
        p.register()
    return alice, bob, desk


def test_all_contacts_ring_and_the_first_to_answer_gets_the_call(two_desks):
    """[TS 24.229 5.4.3.3 step 11, RFC 3261 16.7 step 10] the others are cancelled."""
    alice, bob, desk = two_desks
    call = alice.invite(bob)
    one, two = bob.ring(), desk.ring()
    two.accept()
    call.established()
    assert one.cancelled() and two.confirmed()
    assert call.dialog.remote_tag == two.server.tag
    call.hang_up()
    assert two.ended()


def test_early_dialogs_of_both_contacts_reach_the_caller(two_desks):
    """[RFC 3261 12.1, 16.7 step 5]"""
    alice, bob, desk = two_desks
    call = alice.invite(bob)
    tags = {bob.ring().server.tag, desk.ring().server.tag}
    alice.loop.wait(lambda: set(call.dialogs) == tags, 5, "two early dialogs")
    call.cancel()
    assert call.final().status == 487


def test_the_best_of_the_refusals_goes_back(two_desks):
    """[RFC 3261 16.7 step 6]"""
    alice, bob, desk = two_desks
    call = alice.invite(bob)
    one, two = bob.ring(), desk.ring()
    one.reject(500)
    two.reject(486)
    assert call.final().status == 486


def test_a_6xx_ends_the_search(two_desks):
    """[RFC 3261 16.7 step 5]"""
    alice, bob, desk = two_desks
    call = alice.invite(bob)
    one, two = bob.ring(), desk.ring()
    two.reject(603)
    assert one.cancelled() and call.final().status == 603


def test_a_lower_q_is_tried_when_the_higher_does_not_take_it(core, alice, bob):
    """[RFC 3261 16.6 step 1, TS 24.229 5.4.3.3 step 11]"""
    desk = core.same_user(bob)
    alice.register()
    bob.register(contacts=[bob.contact_header(q="0.9")])
    desk.register(contacts=[desk.contact_header(q="0.3")])
    call = alice.invite(bob)
    first = bob.ring()
    call.ringing()
    assert not desk.all_received("INVITE")
    first.reject(486)
    desk.ring().accept()
    call.established().hang_up()


def test_a_callee_that_moved_is_found_where_it_is_now(core, alice, bob):
    """[TS 24.229 5.4.1.2.1] the same instance at another address."""
    urn = "urn:uuid:00000000-0000-4000-8000-000000000001"
    alice.register()
    bob.register(contacts=[bob.contact_header(instance=urn)])
    moved = core.same_user(bob, "tcp")
    moved.register(contacts=[moved.contact_header(instance=urn)])
    call = alice.invite(bob)
    moved.ring().accept()
    call.established().hang_up()
    assert not bob.all_received("INVITE")


def test_a_302_of_the_callee_is_the_callers_to_follow(ready):
    """[RFC 3261 16.7 step 4, 8.1.3.4]"""
    alice, bob = ready
    call = alice.invite(bob)
    bob.ring().reject(302, [("Contact", "<sip:elsewhere@ims.test>")])
    assert call.final().status == 302 and call.final().contacts[0].uri.text == "sip:elsewhere@ims.test"


# ---- both ends are one user, or one phone ----

def test_a_user_calls_another_phone_of_the_same_user(core, alice):
    """[TS 24.229 5.4.3] caller and callee on one S-CSCF and in one set: no loop is seen where none is."""
    desk = core.same_user(alice)
    alice.register(contacts=[alice.contact_header(q="0.1")])
    desk.register(contacts=[desk.contact_header(q="0.9")])
    call = alice.invite(alice.impu)
    desk.ring().accept()
    call.established().hang_up()


def test_ten_calls_at_once(core):
    """Calls do not disturb each other."""
    pairs = [(core.new_phone(), core.new_phone()) for _ in range(10)]
    for a, b in pairs:
        a.register()
        b.register()
    calls = [a.invite(b) for a, b in pairs]
    legs = [b.ring() for _, b in pairs]
    for leg in legs:
        leg.accept()
    for call in calls:
        call.established()
    for call in calls:
        call.hang_up()
