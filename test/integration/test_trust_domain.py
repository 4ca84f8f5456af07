# SPDX-License-Identifier: Apache-2.0
"""The border of the trust domain: who a user is said to be, what stays inside, who is a stranger. [TS 24.229 4.4, 5.2.6, 5.3.2, 5.4.3; RFC 3325]

Each phone holds what reaches it against the list of what may not (phone.SECRET); here is what is said inside."""
import pytest

from call import sdp
from phone import SECRET
from sipmsg import Message
from transaction import new_branch, new_token


@pytest.fixture
def ready(alice, bob):
    alice.register()
    bob.register()
    return alice, bob


def talk(alice, bob, **kw):
    call = alice.invite(bob, **kw)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    return call, leg


# ---- who is calling ----

def test_the_pcscf_asserts_the_registered_identity(core, ready):
    """[TS 24.229 5.2.6.3.3 step 4, RFC 3325 9.1]"""
    alice, bob = ready
    with core.wire() as wire:
        call, leg = talk(alice, bob)
        call.hang_up()
    assert wire.sip("INVITE", at="scscf", by="pcscf")[0].asserted == [alice.impu]
    assert leg.invite.asserted == [alice.impu]


def test_an_identity_of_ones_own_is_preferred_and_asserted(core, bob):
    """[TS 24.229 5.2.6.3.1]"""
    core.subscriber("twonames", identities=[{"impu": "sip:twonames@ims.test", "set": 1}, {"impu": "sip:work@ims.test", "set": 1}])
    two = core.phone("twonames", "secret")
    two.register()
    bob.register()
    call, leg = talk(two, bob, headers=[("P-Preferred-Identity", '"Work" <sip:work@ims.test>')])
    assert leg.invite.asserted[0] == "sip:work@ims.test" and "p-preferred-identity" not in leg.invite
    call.hang_up()


def test_an_identity_of_somebody_else_is_not_asserted(ready):
    """[TS 24.229 5.2.6.3.1] neither preferred nor claimed."""
    alice, bob = ready
    call, leg = talk(alice, bob, headers=[("P-Preferred-Identity", "<sip:president@ims.test>"), ("P-Asserted-Identity", "<sip:president@ims.test>"),
                                          ("Remote-Party-ID", "<sip:president@ims.test>")])
    assert leg.invite.asserted == [alice.impu] and "president" not in leg.invite.text
    call.hang_up()


def test_from_is_not_believed(ready):
    """[RFC 3325 4] it passes, but the asserted identity is the registered one."""
    alice, bob = ready
    call, leg = talk(alice, bob, sender="sip:anonymous@anonymous.invalid")
    assert leg.invite.asserted == [alice.impu] and leg.invite.sender.uri.text == "sip:anonymous@anonymous.invalid"
    call.hang_up()


def test_privacy_keeps_the_identity_from_the_callee(core, ready):
    """[RFC 3325 7, TS 24.229 4.4.2, 5.2.6.4.3] asserted inside, taken off at the border."""
    alice, bob = ready
    with core.wire() as wire:
        call, leg = talk(alice, bob, headers=[("Privacy", "id")], sender="sip:anonymous@anonymous.invalid")
        call.hang_up()
    assert wire.sip("INVITE", at="scscf")[0].asserted == [alice.impu]
    assert not leg.invite.asserted and alice.impu not in str(leg.invite.headers)


def test_the_callee_is_asserted_in_responses(core, ready):
    """[TS 24.229 5.2.6.4.4] whatever it claims."""
    alice, bob = ready
    lies = [("P-Asserted-Identity", "<sip:president@ims.test>"), ("P-Charging-Vector", "icid-value=forged")]
    call = alice.invite(bob)
    leg = bob.ring(headers=lies)
    leg.accept(headers=lies)
    call.established()
    assert call.progress(180).asserted == call.final().asserted == [bob.impu]
    assert "forged" not in call.final().text
    call.hang_up()


def test_the_callee_learns_which_identity_was_called(ready):
    """[TS 24.229 5.4.3.3 step 10, RFC 7315 4.2]"""
    alice, bob = ready
    call, leg = talk(alice, bob)
    assert leg.invite.get("p-called-party-id") == "<%s>" % bob.impu and leg.invite.uri == bob.contact_uri
    call.hang_up()


# ---- what stays inside ----

def test_what_a_ue_claims_for_the_core_is_stripped(core, ready):
    """[TS 24.229 4.4, 5.2.6.3.3]"""
    alice, bob = ready
    lies = [(name, "<sip:forged@ims.test>") for name in SECRET] + [("P-Access-Network-Info", "IEEE-802.11"),
                                                                  ("P-Access-Network-Info", "3GPP-NR;forged;network-provided")]
    with core.wire() as wire:
        call, leg = talk(alice, bob, headers=lies)
        call.hang_up()
    for m in wire.sip("INVITE", by="pcscf") + wire.sip("INVITE", by="scscf"):
        assert "forged" not in m.text, m.text
    assert wire.sip("INVITE", at="scscf")[0].lines("p-access-network-info") == ["IEEE-802.11"]


def test_claims_inside_a_dialog_are_stripped_too(core, ready):
    """[TS 24.229 4.4, 5.2.6.3.5]"""
    alice, bob = ready
    call, leg = talk(alice, bob)
    lies = [("P-Asserted-Identity", "<sip:forged@ims.test>"), ("P-Charging-Vector", "icid-value=forged")]
    assert call.request("INFO", headers=lies).final().status == 200
    assert leg.request("INFO", headers=lies).final().status == 200
    assert "forged" not in leg.incoming("INFO").request.text + call.incoming("INFO").request.text
    call.hang_up()


def test_the_charging_vector_stays_one_and_inside(core, ready):
    """[RFC 7315 4.6, TS 24.229 4.5, 5.4.3.2, 5.4.3.3] one icid from end to end; ioi by the S-CSCFs; none at a phone (the phones watch)."""
    alice, bob = ready
    with core.wire() as wire:
        call, leg = talk(alice, bob)
        call.hang_up()
    inside = [m for m in wire.sip("INVITE") if m.dst[0] != bob.ip and m.src[0] != alice.ip]
    icids = {m.get("p-charging-vector").split(";")[0] for m in inside}
    assert len(icids) == 1 and icids.pop().startswith("icid-value=")
    assert "orig-ioi=ims.test" in inside[-1].get("p-charging-vector")
    answers = wire.sip((200, "INVITE"), at="scscf", by="icscf")
    assert "orig-ioi=ims.test" in answers[0].get("p-charging-vector") and "term-ioi=ims.test" in answers[0].get("p-charging-vector")


def test_a_ue_sees_no_more_than_it_needs_of_the_network(ready):
    """[TS 24.229 5.2.6.4.3] SECRET is checked for every message; here that there were some to check."""
    alice, bob = ready
    call, leg = talk(alice, bob)
    call.hang_up()
    assert not any(name in m for m in alice.messages + bob.messages for name in SECRET)
    assert len(alice.messages) + len(bob.messages) >= 8


# ---- the way a UE chooses ----

@pytest.mark.parametrize("route", [[], ["<sip:evil.example;lr>"], ["<sip:127.0.0.1:9;lr>", "<sip:127.0.0.2:9;lr>"]])
def test_a_wrong_route_is_corrected(core, ready, route):
    """[TS 24.229 5.2.6.3.3 step 2] access.wrong_route: replace."""
    alice, bob = ready
    with core.wire() as wire:
        first = alice.preloaded[0]
        assert alice.request("MESSAGE", bob, body=b"x", route=[first] + route).final().status == 200
    assert [r.text for r in wire.sip("MESSAGE", at="scscf", by="pcscf")[0].route] == alice.service_route


def test_a_wrong_route_is_refused_where_that_is_the_rule(new_core):
    """[TS 24.229 5.2.6.3.3 step 2] access.wrong_route: refuse."""
    core = new_core(options=["pcscf:access.wrong_route=refuse"])
    alice, bob = core.new_pair()
    assert alice.request("MESSAGE", bob, body=b"x", route=alice.preloaded[:1]).final().status == 400
    assert alice.request("MESSAGE", bob, body=b"x").final().status == 200


def test_a_route_past_the_server_is_refused_inside_a_dialog(core, ready):
    """[TS 24.229 5.2.6.3.5 step 2]"""
    alice, bob = ready
    call, leg = talk(alice, bob)
    routes = call.dialog.routes
    ours = [r for r in routes[:2] if core.address("pcscf") in r]
    call.dialog.routes = ours + ["<sip:%s:%d;lr>" % (bob.ip, bob.socket.local[1])]
    assert call.request("INFO").final().status == 400 and not bob.all_received("INFO")
    call.dialog.routes = routes
    call.hang_up()


# ---- strangers ----

def test_a_stranger_inside_a_dialog_is_refused(core, ready, carol):
    """[TS 24.229 5.2.6.3.5, 5.2.6.3.7] who knows all of a dialog but is not of it."""
    alice, bob = ready
    call, leg = talk(alice, bob)
    carol.register()
    stolen = call.dialog.build("BYE")
    stolen.headers = [("Via", carol.via_value(new_branch()))] + stolen.headers[1:]
    assert carol.send(stolen).final().status == 403
    assert not leg.dialog.has_ended and not bob.all_received("BYE")
    call.dialog.cseq -= 1
    call.hang_up()


def test_a_dialog_that_did_not_begin_here_is_481(ready):
    """[TS 24.229 5.2.6.3.7, RFC 3261 12.2.2]"""
    alice, bob = ready
    m = alice.build("BYE", bob, to="<%s>;tag=nobody" % bob.impu)
    assert alice.send(m).final().status in (403, 481)


def test_an_edited_route_entry_is_not_ours(core, ready):
    """The sealed part of our Record-Route cannot be changed."""
    alice, bob = ready
    call, leg = talk(alice, bob)
    first = next(r for r in call.dialog.routes if core.address("pcscf") in r and "@" in r)
    user = first.split("sip:", 1)[1].split("@")[0]
    at = len(user) // 2
    forged = first.replace(user, user[:at] + ("A" if user[at] != "A" else "B") + user[at + 1:])
    routes, call.dialog.routes = call.dialog.routes, [forged if r is first else r for r in call.dialog.routes]
    assert call.request("INFO").final().status == 481 and not bob.all_received("INFO")
    call.dialog.routes = routes
    call.hang_up()


def test_who_is_not_registered_is_403_for_every_method(core, alice, bob):
    """[TS 24.229 5.2.6.3.1]"""
    bob.register()
    for method in ("MESSAGE", "OPTIONS", "SUBSCRIBE", "PUBLISH", "REFER"):
        assert alice.request(method, bob).final().status == 403


def test_another_address_is_not_the_user(core, ready, carol):
    """[TS 24.229 5.2.6.3.1] Alice's From and Contact from Carol's socket."""
    alice, bob = ready
    forged = carol.build("MESSAGE", bob, sender=alice.impu, headers=[("Contact", alice.contact)], body=b"x", route=alice.preloaded)
    assert carol.send(forged).final().status == 403


def stranger_request(phone, core, door, method, uri, headers=()):
    phone.proxy = (core.address(door), 5060)
    return phone.request(method, uri, route=[], headers=headers, body=sdp(phone.ip) if method == "INVITE" else b"x")


def test_the_icscf_serves_a_stranger_as_another_network(core, bob, carol):
    """[TS 24.229 5.3.2.1] a request for one of our users enters; what only the core may say is taken off."""
    bob.register()
    with core.wire() as wire:
        got = stranger_request(carol, core, "icscf", "MESSAGE", bob.impu, [("P-Asserted-Identity", "<sip:forged@ims.test>"), ("P-Charging-Vector", "icid-value=forged")])
        assert got.final().status == 200
    assert "forged" not in bob.received("MESSAGE").text and "forged" not in wire.sip("MESSAGE", at="scscf")[0].text


def test_the_icscf_is_no_relay_for_strangers(core, carol):
    """[TS 24.229 5.3.2.1]"""
    carol.proxy = (core.address("icscf"), 5060)
    m = carol.build("MESSAGE", "sip:x@elsewhere.test", route=["<sip:%s;lr>" % core.address("icscf"), "<sip:elsewhere.test;lr>"], body=b"x")
    assert carol.send(m).final().status == 403


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE", "OPTIONS"])
def test_the_scscf_serves_no_strangers(core, bob, carol, method):
    """[TS 24.229 4.4, 5.4.3.1]"""
    bob.register()
    assert stranger_request(carol, core, "scscf", method, bob.impu).final().status == 403
    assert not bob.all_received(method)


def test_a_path_alone_opens_no_door(core, ready, carol):
    """[TS 24.229 5.2.6.4.3] a stranger who learned a Path may not use it."""
    alice, bob = ready
    with core.wire() as wire:
        bob.register(reuse=True)
    path = wire.sip("REGISTER", at="scscf")[0].lines("path")[0]
    m = carol.build("MESSAGE", bob.contact_uri, route=[path], body=b"x")
    assert carol.send(m).final().status == 403 and not bob.all_received("MESSAGE")


def test_a_service_route_of_another_does_not_serve(core, ready, carol):
    """[RFC 3608, TS 24.229 5.2.6.3.3] the way is taken from the registration, not from the phone."""
    alice, bob = ready
    carol.service_route = alice.service_route
    assert carol.request("MESSAGE", bob, body=b"x").final().status == 403


def test_a_200_that_comes_again_passes_without_its_claims(ready):
    """[RFC 6026 7.2, RFC 3261 13.3.1.4, TS 24.229 4.4] the transaction is over at each proxy; the caller acknowledges once more."""
    alice, bob = ready
    call, leg = talk(alice, bob)
    lies = [("P-Asserted-Identity", "<sip:forged@ims.test>"), ("P-Charging-Vector", "icid-value=forged")]
    for name, value in lies:
        leg.server.sent[-1].add(name, value)
    leg.server.retransmitted()
    again = alice.loop.wait(lambda: [m for m in alice.messages if m.status == 200 and m.method == "INVITE"][1:], 5, "the second 200")[0]
    assert "forged" not in again.text and again.to.tag == leg.server.tag
    call.hang_up()


def test_a_response_to_nothing_of_ours_goes_nowhere(core, ready, carol):
    """[RFC 6026 7.2] nobody has the core send what it likes to whom it likes."""
    alice, bob = ready
    via = ["SIP/2.0/UDP %s:5060;branch=z9hG4bK0123456789" % core.address("pcscf"), "SIP/2.0/UDP %s:%d;branch=z9hG4bKvictim" % bob.socket.local]
    forged = Message("SIP/2.0 200 OK", [("Via", v) for v in via] + [("From", "<sip:x@ims.test>;tag=1"), ("To", "<sip:y@ims.test>;tag=2"),
                                                                   ("Call-ID", new_token("bad-")), ("CSeq", "1 INVITE"), ("Contact", carol.contact)])
    carol.send_raw(forged.build())
    assert alice.request("MESSAGE", bob, body=b"after it").final().status == 200
    assert not [m for m in bob.messages if m.call_id == forged.call_id] and not bob.complaints


def test_no_key_or_password_is_in_a_log_or_trace(core, alice):
    """Secrets are blanked on entry."""
    core.subscriber("discreet", "pass-phrase-of-discreet")
    phone = core.phone("discreet", "pass-phrase-of-discreet")
    phone.register()
    response = phone.session.response("REGISTER", "sip:ims.test", "00000001")
    seen = "".join(core.log(n) for n in ("pcscf", "icscf", "scscf", "hss"))
    for name in ("pcscf", "scscf", "hss"):
        seen += str(core.ops(name, "/trace")) + "".join(str(core.ops(name, "/trace/" + t["id"])) for t in core.ops(name, "/trace")[:5])
    for secret in ("pass-phrase-of-discreet", phone.session.ha1, response):
        assert secret not in seen


def test_a_message_without_via_or_cseq_does_no_harm(core, ready):
    """Malformed on purpose; the next request is served."""
    alice, bob = ready
    alice.strict = False
    alice.send_raw(b"INVITE sip:x@ims.test SIP/2.0\r\nCall-ID: %s\r\n\r\n" % new_token("bad-").encode())
    alice.send_raw(Message("OPTIONS sip:x SIP/2.0", [("Call-ID", new_token("bad-")), ("CSeq", "1 OPTIONS")]).build())
    assert alice.request("MESSAGE", bob, body=b"x").final().status == 200
