# SPDX-License-Identifier: Apache-2.0
"""Who asks again over a datagram socket hears the same again, and nothing happens twice. [RFC 3261 17.2.1, 17.2.2]"""
import pytest


def answers_to(phone, message):
    return [m for m in list(phone.messages) if m.status and m.get("Call-ID") == message.get("Call-ID") and m.status >= 200]


def again(phone, message):
    """Sends the same octets once more; the new answers."""
    before = len(answers_to(phone, message))
    phone.send_raw(message.build())
    phone.loop.wait(lambda: len(answers_to(phone, message)) > before, 5, "no answer to the repeated request")
    return answers_to(phone, message)[before:]


def test_a_repeated_message_is_answered_alike_and_delivered_once(alice, bob):
    alice.register(), bob.register()
    m = alice.build("MESSAGE", bob, body=b"once")
    first = alice.send(m).final()
    assert first.status == 200
    assert [a.raw for a in again(alice, m)] == [first.raw]
    assert len(bob.all_received("MESSAGE")) == 1


def test_a_repeated_refusal_is_answered_alike(alice):
    alice.register()
    m = alice.build("MESSAGE", "sip:nobody@ims.test", body=b"who")
    first = alice.send(m).final()
    assert first.status == 404
    assert [a.raw for a in again(alice, m)] == [first.raw]


def test_another_branch_is_another_request(alice, bob):
    alice.register(), bob.register()
    m = alice.build("MESSAGE", bob, body=b"one")
    assert alice.send(m).final().status == 200
    m = alice.build("MESSAGE", bob, body=b"two")
    assert alice.send(m).final().status == 200
    assert [x.body for x in bob.all_received("MESSAGE")] == [b"one", b"two"]


@pytest.mark.parametrize("status", [200, 486])
def test_a_repeated_invite_rings_once(alice, bob, status):
    alice.register(), bob.register()
    call = alice.invite(bob)
    leg = bob.ring()
    call.ringing()
    alice.send_raw(call.transaction.request.build())
    if status == 200:
        leg.accept()
        call.established().hang_up()
    else:
        leg.reject(status)
        assert call.final().status == status
    assert len(bob.all_received("INVITE")) == 1
