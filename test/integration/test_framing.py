# SPDX-License-Identifier: Apache-2.0
"""Where a message ends: what is cut off before its blank line goes no further, or the next message on the stream between two
daemons would be read as more of it. [RFC 3261 7.5, 18.3]"""
import pytest

from call import sdp


def cut_off(message):
    whole = message.build
    message.build = lambda: whole().partition(b"\r\n\r\n")[0] + b"\r\n"
    return message


@pytest.fixture
def ready(alice, bob):
    alice.register()
    bob.register()
    return alice, bob


def test_a_request_without_a_blank_line_is_refused(core, alice, bob):
    """A registration: the P-CSCF would send it on over its stream to the I-CSCF, where it would swallow the next one."""
    m = cut_off(alice.register_request(expires=600, authorization=alice.unauthenticated()))
    m.set("Call-ID", "bad-cut-" + m.call_id)
    with core.wire() as wire:
        asked = alice.send(m)
        bob.register()
        assert asked.final().status == 400
    assert not [r for r in wire.sip("REGISTER", at="icscf") if r.call_id == m.call_id]
    alice.register()


@pytest.mark.parametrize("method", ["MESSAGE", "INVITE"])
def test_a_response_without_a_blank_line_goes_no_further(ready, carol, method):
    """It is a bad gateway's; the stream it would have gone by carries what comes next."""
    alice, bob = ready
    if method == "INVITE":
        call = alice.invite(bob, call_id="bad-cut-%d" % id(alice))
        bob.called().server.answer(486, edit=cut_off)
    else:
        bob.answers[method] = None
        call = alice.request(method, bob, body=b"x", content_type="text/plain", call_id="bad-cut-%d" % id(alice))
        bob.incoming(method).answer(200, edit=cut_off)
    assert call.final().status == 502
    carol.register()
    second = alice.invite(bob, body=sdp(alice.ip))
    bob.ring().accept()
    second.established().hang_up()


def test_a_provisional_response_without_a_blank_line_is_none(ready):
    alice, bob = ready
    call = alice.invite(bob, call_id="bad-cut-%d" % id(bob))
    ringing = bob.called().server
    ringing.answer(180, edit=cut_off)
    ringing.answer(486)
    assert call.final().status == 486
    assert 180 not in [r.status for r in call.transaction.responses]
