# SPDX-License-Identifier: Apache-2.0
"""UDP, TCP and TLS towards phones, mixed in one call; phones behind a NAT; large bodies. [TS 24.229 5.2.2, 5.2.6, RFC 3581, RFC 5626, RFC 3261 18]"""
import itertools
import ssl

import pytest

from call import sdp
from core import SLOW, until
from transport import tls_client

TRANSPORTS = ["udp", "tcp", "tls"]


@pytest.mark.parametrize("one, two", itertools.product(TRANSPORTS, TRANSPORTS))
def test_every_transport_calls_every_other(core, one, two):
    """[TS 24.229 5.2.6, RFC 3261 16.6] also with reliable ringing, re-INVITE and BYE from the callee."""
    alice, bob = core.new_pair(one, two)
    call = alice.invite(bob)
    leg = bob.ring(reliable=True)
    leg.pracked()
    leg.accept()
    call.established()
    leg.confirmed()
    assert leg.invite.protocol == two and call.final().protocol == one
    assert call.request("INVITE", body=sdp(alice.ip, version=2)).final().status == 200
    leg.hang_up()
    assert call.ended()


def test_3_kb_of_sdp_reach_a_udp_phone_by_udp(core):
    """[RFC 3261 18.1.1] it has no TCP; a registered flow keeps its transport."""
    alice, bob = core.new_pair("udp", "udp")
    big = sdp(alice.ip, pad=3000)
    with core.wire() as wire:
        call = alice.invite(bob, body=big)
        leg = bob.ring().accept(body=sdp(bob.ip, pad=3000))
        call.established()
        leg.confirmed()
        call.hang_up()
    assert leg.invite.body == big and call.final().body == sdp(bob.ip, pad=3000)
    assert {m.protocol for m in wire.sip("INVITE", at=bob.ip)} == {"udp"}


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_60_kb_pass_over_a_stream(core, transport):
    """[RFC 3261 18.3]"""
    alice, bob = core.new_pair(transport, transport)
    body = bytes(i * 7 % 256 for i in range(60000))
    assert alice.request("MESSAGE", bob, body=body, content_type="application/vnd.minims.test").final().status == 200
    assert bob.received("MESSAGE").body == body


def test_messages_that_come_in_pieces_and_in_one_piece(core):
    """[RFC 3261 18.3, 7.5] a stream has no borders; blank lines before a message are nothing."""
    alice, bob = core.new_pair("tcp", "udp")
    alice.strict = False  # the answers are to requests that it does not remember
    m = alice.build("MESSAGE", bob, body=b"in pieces")
    raw = m.build()
    for i in range(0, len(raw), 97):
        alice.send_raw(raw[i:i + 97])
    alice.loop.wait(lambda: [s for s in bob.all_received("MESSAGE") if s.body == b"in pieces"], 5, "the pieces")
    three = [alice.build("MESSAGE", bob, body=b"of three %d" % i) for i in range(3)]
    alice.send_raw(b"\r\n\r\n" + b"".join(x.build() for x in three))
    alice.loop.wait(lambda: len([s for s in bob.all_received("MESSAGE") if s.body.startswith(b"of three")]) == 3, 5, "the three")


def test_a_message_beyond_all_bounds_harms_its_sender_only(core):
    """sip.message_max: refused [RFC 3261 21.4.11], or the connection ends; the next request is served."""
    alice, bob = core.new_pair("tcp", "udp")
    alice.strict = False
    lost = alice.request("MESSAGE", bob, body=b"x" * 1000000, call_id="bad-big@" + alice.ip)
    alice.loop.wait(lambda: lost.got_final or not alice.socket.alive, 5, "neither an answer nor the end of the connection")
    assert not lost.got_final or lost.got_final.status in (400, 413, 513)
    assert not bob.all_received("MESSAGE")
    alice.hang_up_connection()
    alice.register()
    assert alice.request("MESSAGE", bob, body=b"y").final().status == 200


def test_a_stream_that_piled_up_is_read_on(core):
    """More than one message may be long waits in the socket of a daemon that was busy, as it does between CSCFs under load."""
    alice, bob = core.new_pair("tcp", "udp")
    alice.strict = False  # the answers are to requests that it does not remember

    def messages(n):
        return b"".join(alice.build("MESSAGE", bob, body=b"x" * 2000).build() for _ in range(n))
    for _ in range(20):  # the kernel learns to expect much
        alice.send_raw(messages(40))
        assert alice.request("MESSAGE", bob, body=b"y").final()
    with core.standing_still("pcscf"):
        pile, taken = messages(400), 0
        alice.socket.socket.settimeout(0.5)
        try:
            while taken < len(pile):
                taken += alice.socket.socket.send(pile[taken:])
        except OSError:
            pass
    assert taken > 300000, "the kernel took %d" % taken
    alice.send_raw(pile[taken:])
    until(lambda: alice.request("MESSAGE", bob, body=b"y").final().status == 200, 10 * SLOW, "an answer")


def test_a_datagram_without_content_length_is_framed_on_a_stream(core):
    """[RFC 3261 18.3, 20.14] requests and responses, provisional, final and late: what is legal over UDP breaks no stream."""
    alice, bob = core.new_pair("udp", "udp")
    daemons = {core.address(n) for n in ("pcscf", "icscf", "scscf")}

    def bare(m):
        m.without_length = True
    with core.wire() as wire:
        call = alice.invite(bob, edit=bare)
        leg = bob.called()
        leg.server.answer(180, edit=bare)
        call.ringing()
        leg.server.answer(200, body=sdp(bob.ip), edit=bare)
        call.established()
        leg.confirmed()
        leg.server.retransmitted()
        alice.loop.wait(lambda: len([m for m in alice.messages if m.status == 200 and m.method == "INVITE"]) == 2, 5, "the late 200")
        assert call.request("INFO", edit=bare).final().status == 200
        call.hang_up()
        assert alice.request("MESSAGE", bob, body=b"x", edit=bare).final().status == 200
    assert leg.invite.body == sdp(alice.ip) and call.final().body == sdp(bob.ip)
    inside = [m for m in wire.sip("INVITE") + wire.sip(180) + wire.sip((200, "INVITE")) + wire.sip("MESSAGE") if m.src[0] in daemons and m.protocol == "tcp"]
    assert len(inside) > 12 and all("content-length" in m for m in inside)


# ---- behind a NAT ----

def test_received_and_rport_say_where_a_phone_is(core):
    """[RFC 3581 4, RFC 3261 18.2.1]"""
    alice = core.new_phone("udp", behind="10.11.12.13:5099")
    via = alice.register_once(authorization=alice.unauthenticated()).via[0]
    assert via.params["received"] == alice.ip and int(via.params["rport"]) == alice.socket.local[1]


def test_a_phone_behind_a_nat_is_reached_over_its_flow(core):
    """[TS 24.229 5.2.6.4.3, RFC 5626 5.3] its Contact is an address nobody can reach."""
    nat = core.new_phone("udp", behind="10.11.12.13:5099")
    bob = core.new_phone("tcp")
    nat.register()
    bob.register()
    call = bob.invite(nat)
    leg = nat.ring(reliable=True)
    leg.pracked()
    leg.accept()
    call.established()
    assert leg.confirmed() and leg.invite.uri == nat.contact_uri
    assert call.request("INFO").final().status == 200
    leg.hang_up()
    assert call.ended()


def test_a_phone_behind_a_nat_calls(core):
    """[RFC 3581, TS 24.229 5.2.6.3]"""
    nat = core.new_phone("udp", behind="192.168.7.7:5060")
    bob = core.new_phone("udp")
    nat.register()
    bob.register()
    call = nat.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    leg.hang_up()
    assert call.ended()


def test_two_phones_behind_one_nat_with_the_same_contact(core):
    """[TS 24.229 5.2.6.3.1] told apart by their ports."""
    one, two = (core.new_phone("udp", behind="192.168.1.2:5060", ip=core.net + ".59") for _ in range(2))
    bob = core.new_phone("udp")
    for p in (one, two, bob):
        p.register()
    assert one.request("MESSAGE", bob, body=b"1").final().status == two.request("MESSAGE", bob, body=b"2").final().status == 200
    assert [m.asserted for m in bob.all_received("MESSAGE")] == [[one.impu], [two.impu]]
    assert bob.request("MESSAGE", two, body=b"3").final().status == 200
    assert two.received("MESSAGE").body == b"3" and not one.all_received("MESSAGE")


# ---- connections ----

def test_a_phone_whose_connection_broke_registers_again(core):
    """[RFC 5626 4.2.2] and is reached over the new one."""
    alice, bob = core.new_pair("tcp", "udp")
    alice.hang_up_connection()
    alice.register()
    call = bob.invite(alice)
    alice.ring().accept()
    call.established().hang_up()


def test_a_phone_without_its_connection_is_480(core):
    """[TS 24.229 5.2.6.4.3] nobody waits for a timer."""
    alice, bob = core.new_pair("tcp", "udp")
    alice.hang_up_connection()
    assert bob.invite(alice).final(within=3).status == 480


def test_a_tcp_phone_that_reconnected_is_known_by_address_and_contact(core):
    """access.adopt_new_flow [TS 33.203 N.2.1.2]; over TLS never."""
    alice, bob = core.new_pair("tcp", "udp", port=5077)
    contact = alice.contact_uri
    alice.hang_up_connection()
    alice.port = 0
    assert alice.request("MESSAGE", bob, body=b"x", edit=lambda m: m.set("Contact", "<%s>" % contact)).final().status == 200


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_call_goes_on_over_a_new_connection(core, transport):
    """[TS 24.229 5.2.2, RFC 5626 4.2.2] the phone registers again with the same Contact; its dialogs find it."""
    alice, bob = core.new_phone(transport, behind="10.9.9.9:5060"), core.new_phone("udp")
    alice.register()
    bob.register()
    call = alice.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    alice.hang_up_connection()
    alice.register()
    assert leg.request("INFO").final().status == 200
    assert call.request("UPDATE").final().status == 200
    leg.hang_up()
    assert call.ended()


def test_a_tls_phone_that_reconnected_registers_first(core):
    """[TS 33.203 O.2, TS 24.229 5.2.6.2]"""
    alice, bob = core.new_pair("tls", "udp")
    contact = alice.contact_uri
    alice.hang_up_connection()
    assert alice.request("MESSAGE", bob, body=b"x", edit=lambda m: m.set("Contact", "<%s>" % contact)).final().status == 403
    alice.register()
    assert alice.request("MESSAGE", bob, body=b"x").final().status == 200


def test_the_tls_door_shows_a_certificate_of_its_name(core):
    """[TS 33.203 annex O] checked by the phone: a CA of somebody else or another name is no P-CSCF."""
    alice = core.new_phone("tls")
    alice.tls_name = "elsewhere.ims.test"
    with pytest.raises(ssl.SSLCertVerificationError):
        alice.register()
    alice.tls_name, alice.tls = "pcscf.ims.test", tls_client(None)
    with pytest.raises(ssl.SSLCertVerificationError):
        alice.register()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(core, version):
    """[TS 33.203 annex O, TS 33.310 annex E]"""
    alice = core.new_phone("tls")
    alice.tls.minimum_version = alice.tls.maximum_version = version
    assert alice.register().status == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_older_tls_is_refused(core):
    """[TS 33.310 annex E] tls.minimum"""
    alice = core.new_phone("tls")
    alice.tls.minimum_version = alice.tls.maximum_version = ssl.TLSVersion.TLSv1_1
    alice.tls.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, OSError)):
        alice.register()
