# SPDX-License-Identifier: Apache-2.0
"""What each CSCF refuses before anything else is asked, from a stranger and from a peer of the core. [RFC 3261 8.2, 16.3; TS 24.229 5.2-5.4]"""
import pytest

from transaction import new_token

CSCFS = ["pcscf", "icscf", "scscf"]


@pytest.fixture(params=["stranger", "peer"])
def sender(core, request):
    """Who asks each CSCF directly; the peer has the address of the second S-CSCF, which does not run."""
    phone = core.new_phone() if request.param == "stranger" else core.new_phone(ip=core.address("scscf2"))
    phone.strict = request.param == "stranger"
    return phone


def ask(core, phone, name, method="OPTIONS", uri=None, edit=None, **kw):
    phone.proxy = (core.address(name), 5060)
    return phone.request(method, uri or "sip:%s.ims.test" % name, route=[], edit=edit, **kw).final()


@pytest.mark.parametrize("name", CSCFS)
def test_options_to_a_cscf_itself(core, sender, name):
    """[RFC 3261 11] the S-CSCF speaks with peers only [TS 24.229 4.4]"""
    assert ask(core, sender, name).status == (403 if name == "scscf" and sender.strict else 200)


@pytest.mark.parametrize("name", CSCFS)
@pytest.mark.parametrize("method", ["OPTIONS", "MESSAGE", "INVITE", "REGISTER"])
def test_an_unknown_extension_in_proxy_require_is_420(core, sender, name, method):
    """[RFC 3261 16.3 step 5, 20.29] and the answer names it; nobody else sees the request."""
    with core.wire() as wire:
        answer = ask(core, sender, name, method, headers=[("Proxy-Require", "foo"), ("Proxy-Require", "privacy, no-such")])
    assert answer.status == 420 and answer.all("unsupported")[0] == "foo"
    assert [m.dst[0] for m in wire.sip(method)] == [core.address(name)]


def test_require_is_the_end_points_matter_not_a_proxys(core, alice, bob):
    """[RFC 3261 16.3, 20.32] a proxy looks at Proxy-Require only: the callee refuses."""
    alice.register()
    bob.register()
    bob.answers["MESSAGE"] = None
    sent = alice.request("MESSAGE", bob, body=b"x", headers=[("Require", "no-such")])
    bob.incoming("MESSAGE").answer(420, headers=[("Unsupported", "no-such")])
    answer = sent.final()
    assert answer.status == 420 and answer.all("unsupported") == ["no-such"] and bob.received("MESSAGE").get("require") == "no-such"


@pytest.mark.parametrize("name", CSCFS)
@pytest.mark.parametrize("uri", ["http://ims.test/", "mailto:bob@ims.test", "nobody:at"])
def test_a_scheme_that_is_not_known_is_416(core, sender, name, uri):
    """[RFC 3261 8.2.2.1]"""
    assert ask(core, sender, name, "MESSAGE", uri, body=b"x").status == 416


@pytest.mark.parametrize("name", CSCFS)
def test_a_request_at_the_end_of_its_hops_is_483(core, sender, name):
    """[RFC 3261 16.3 step 3] for somebody else; OPTIONS to the CSCF itself is answered by it."""
    spent = lambda m: m.set("Max-Forwards", "0")  # noqa: E731
    assert ask(core, sender, name, "MESSAGE", "sip:somebody@ims.test", spent, body=b"x").status == 483
    assert ask(core, sender, name, edit=spent).status == (403 if name == "scscf" and sender.strict else 200)


@pytest.mark.parametrize("name", CSCFS)
def test_a_request_that_was_here_before_is_482(core, alice, bob, name):
    """[RFC 3261 16.3 step 4] sent on by a peer to the CSCF that had just forwarded it: with that CSCF's own Via still in it."""
    alice.register()
    bob.register()
    with core.wire() as wire:
        assert alice.request("MESSAGE", bob, body=b"x").final().status == 200
    came, sent_on = wire.sip("MESSAGE", at=name)[0], wire.sip("MESSAGE", by=name)[0]
    peer = core.new_phone(ip=core.address("scscf2"))
    peer.strict, peer.proxy = False, (core.address(name), 5060)
    again = peer.build("MESSAGE", came.uri, route=came.lines("route"), body=b"x", call_id=came.call_id, to=came.get("to"))
    again.set("From", came.get("from"))
    again.headers[1:1] = [("Via", v) for v in sent_on.lines("via")]
    assert peer.send(again).final().status == 482


def test_a_spiral_is_no_loop(core, alice, bob):
    """[RFC 3261 16.3 step 4, 16.6 step 8] each P-CSCF and S-CSCF sees a call twice, for the caller and for the callee."""
    alice.register()
    bob.register()
    with core.wire() as wire:
        assert alice.request("MESSAGE", bob, body=b"x").final().status == 200
    assert len(wire.sip("MESSAGE", at="pcscf")) == len(wire.sip("MESSAGE", at="scscf")) == 2


@pytest.mark.parametrize("name", CSCFS)
def test_a_cancel_for_nothing_is_481(core, sender, name):
    """[RFC 3261 9.2, 16.10]"""
    assert ask(core, sender, name, "CANCEL", call_id=new_token()).status == 481
