# SPDX-License-Identifier: Apache-2.0
"""Registrations that are refused, and with which word. [TS 24.229 5.2.2, 5.3.1.2, 5.3.1.3, 5.4.1.2; RFC 3261 10.3, 21]"""
import time

import pytest

from digest import challenges
from transaction import new_token

AUTHENTICATION_FAILURE = 9  # Server-Assignment-Type [TS 29.229 6.3.15]


# ---- who it is ----

def test_an_unknown_user_is_403(core):
    """[TS 24.229 5.3.1.2] the HSS knows no such user."""
    nobody = core.phone("nobody", "x")
    with core.wire() as wire:
        assert nobody.try_register().status == 403
    assert wire.diameter("UAA").result == "cx:USER_UNKNOWN"
    assert not wire.sip("REGISTER", at="scscf")


def test_a_private_identity_with_the_public_one_of_another_is_403(core, alice, bob):
    """[TS 24.229 5.3.1.2, TS 29.228 6.1.1.1 step 2]"""
    alice.impu = bob.impu
    with core.wire() as wire:
        assert alice.try_register().status == 403
    assert wire.diameter("UAA").result == "cx:IDENTITIES_DONT_MATCH"


def test_a_barred_user_is_403(core):
    """[TS 29.228 6.1.1.1 step 3, TS 24.229 5.3.1.2]"""
    core.subscriber("barred", identities=[{"impu": "sip:barred@ims.test", "barred": True}])
    with core.wire() as wire:
        assert core.phone("barred", "secret").try_register().status == 403
    assert wire.diameter("UAA").result == "AUTHORIZATION_REJECTED"


def test_a_user_who_may_not_roam_here_is_403(core):
    """[TS 29.228 6.1.1.1 step 4, TS 24.229 5.3.1.2]"""
    core.subscriber("homebird", visited_networks=["elsewhere.test"])
    with core.wire() as wire:
        assert core.phone("homebird", "secret").try_register().status == 403
    assert wire.diameter("UAA").result == "cx:ROAMING_NOT_ALLOWED"


def test_a_user_without_credentials_is_403(core):
    """[TS 29.228 6.3.1, TS 24.229 5.4.1.2.1]"""
    core.rest("POST", "/v1/subscribers", {"impi": "keyless@ims.test", "identities": [{"impu": "sip:keyless@ims.test"}]})
    with core.wire() as wire:
        assert core.phone("keyless", "secret").try_register().status == 403
    assert wire.diameter("MAA").result == "cx:AUTH_SCHEME_NOT_SUPPORTED"


def test_another_network_is_not_served(core, alice):
    """[TS 24.229 5.2.2.1]"""
    with core.wire() as wire:
        assert alice.register_once(uri="sip:other.test", to="sip:x@other.test").status == 403
    assert not wire.sip("REGISTER", at="icscf")


@pytest.mark.parametrize("to", ["isbn:2983792873", "urn:service:sos"])
def test_an_identity_that_is_neither_sip_nor_tel_is_400(alice, to):
    """[TS 24.229 5.1.1.2, RFC 3261 10.3]"""
    assert alice.register_once(to=to, edit=lambda m: m.set("From", "<sip:x@ims.test>;tag=1")).status == 400


# ---- the answer to the challenge ----

def test_a_wrong_password_is_challenged_again_then_403(core, alice):
    """[TS 24.229 5.4.1.2.3] after three wrong answers the HSS is told and the assignment freed."""
    statuses, answer = [], alice.register_once(authorization=alice.unauthenticated())
    with core.wire() as wire:
        for _ in range(3):
            answer = alice.register_once(authorization=alice.answer_challenge(answer, password="guess"))
            statuses.append(answer.status)
    assert statuses == [401, 401, 403]
    assert wire.diameter("SAR").number("Server-Assignment-Type") == AUTHENTICATION_FAILURE
    assert alice.register().status == 200


def test_a_wrong_guess_uses_the_nonce_up(alice):
    """[TS 24.229 5.4.1.2.3] the right answer to the old challenge comes too late."""
    first = alice.register_once(authorization=alice.unauthenticated())
    assert alice.register_once(authorization=alice.answer_challenge(first, password="guess")).status == 401
    late = alice.register_once(authorization=alice.answer_challenge(first))
    assert late.status == 401 and challenges(late)[0].nonce != challenges(first)[0].nonce


def test_who_is_registered_stays_so_while_somebody_guesses(core, alice, bob):
    """[TS 24.229 5.4.1.2.3]"""
    alice.register()
    bob.register()
    thief = core.phone(alice.user, "guess", impu=alice.impu)
    answer = thief.register_once(authorization=thief.unauthenticated())
    for _ in range(3):
        answer = thief.register_once(authorization=thief.answer_challenge(answer)) if answer.status == 401 else answer
    assert answer.status == 403
    call = bob.invite(alice)
    alice.ring().accept()
    call.established().hang_up()


def test_a_mismatched_digest_uri_is_400(alice):
    """[RFC 7616 3.4.6, TS 24.229 5.4.1.2]"""
    first = alice.register_once(authorization=alice.unauthenticated())
    assert alice.register_once(authorization=alice.answer_challenge(first, uri="sip:elsewhere.test")).status == 400


@pytest.mark.parametrize("wrong", [{"realm": "elsewhere.test"}, {"response": "0" * 64}, {"algorithm": "SHA-512-256"}, {"cnonce": None},
                                   {"qop": None, "nc": "00000001"}, {"response": "x"}])
def test_wrong_parameters_are_challenged_again(alice, wrong):
    """[RFC 7616 3.4, TS 24.229 5.4.1.2.3]"""
    first = alice.register_once(authorization=alice.unauthenticated())
    assert alice.register_once(authorization=alice.answer_challenge(first, **wrong)).status == 401
    assert alice.register().status == 200


def test_a_nonce_nobody_gave_is_stale(alice):
    """[RFC 7616 3.4.6] stale=true: the password may well be right."""
    first = alice.register_once(authorization=alice.unauthenticated())
    answer = alice.register_once(authorization=alice.answer_challenge(first, nonce="bm90IG9mIHRoaXMgc2VydmVy"))
    assert answer.status == 401 and all(c.stale for c in challenges(answer))
    assert alice.register_once(authorization=alice.answer_challenge(answer)).status == 200


def test_a_nonce_count_is_not_taken_twice(alice):
    """[RFC 7616 3.4] a replay is challenged, and changes nothing."""
    alice.register()
    replay = alice.register_once(expires=0, authorization=alice.session.authorization("REGISTER", "sip:ims.test", nc="00000001"))
    assert replay.status == 401 and challenges(replay)[0].stale
    assert [c.uri.text for c in alice.register(contacts=[], expires=None).contacts] == [alice.contact_uri]


def test_the_nonce_of_another_user_does_not_serve(alice, bob):
    """[TS 24.229 5.4.1.2.3] a nonce belongs to a private identity."""
    first = alice.register_once(authorization=alice.unauthenticated())
    assert bob.register_once(authorization=bob.answer_challenge(first)).status == 401


def test_a_wrong_res_of_aka_is_challenged_again(core):
    """[TS 24.229 5.4.1.2.3]"""
    phone = core.aka_phone()
    first = phone.register_once(authorization=phone.unauthenticated())
    assert phone.register_once(authorization=phone.answer_challenge(first, password=b"12345678")).status == 401
    assert phone.register().status == 200


def test_a_forged_auts_does_not_move_the_sequence(core):
    """[TS 33.102 6.3.5] MAC-S is checked by the HSS."""
    phone = core.aka_phone()
    first = phone.register_once(authorization=phone.unauthenticated())
    with core.wire() as wire:
        answer = phone.register_once(authorization=phone.answer_challenge(first, password=b"", auts="AAAAAAAAAAAAAAAAAAA="))
    assert wire.diameter("MAA").result == "UNABLE_TO_COMPLY" and answer.status in (403, 480)
    assert phone.register().status == 200


def test_who_claims_to_be_protected_is_challenged_all_the_same(core, alice):
    """[TS 24.229 5.2.2.2] integrity-protected is the P-CSCF's word only."""
    alice.register()
    forged = alice.unauthenticated() + ', integrity-protected="yes"'
    with core.wire() as wire:
        assert alice.register_once(expires=900, authorization=forged).status == 401
    assert 'protected="yes"' not in wire.sip("REGISTER", at="scscf")[0].text


# ---- what it asks for ----

def test_an_unknown_extension_in_require_is_420(alice):
    """[RFC 3261 8.2.2.3, TS 24.229 5.4.1]"""
    answer = alice.try_register(headers=[("Require", "no-such-extension")])
    assert answer.status == 420 and "no-such-extension" in answer.all("unsupported")


def test_an_unknown_extension_in_proxy_require_is_420(alice):
    """[RFC 3261 16.3 step 5]"""
    answer = alice.try_register(headers=[("Proxy-Require", "no-such-extension")])
    assert answer.status == 420 and answer.all("unsupported") == ["no-such-extension"]


@pytest.mark.parametrize("contacts, expires", [(["*"], 600), (["*", "<sip:x@127.0.0.1>"], 0), (["<sip:x@127.0.0.1>", "<sip:x@127.0.0.1>"], 600)])
def test_a_star_or_a_contact_twice_is_400(alice, contacts, expires):
    """[RFC 3261 10.3 step 6]"""
    alice.register()
    assert alice.try_register(contacts=contacts, expires=expires).status == 400
    assert len(alice.register(contacts=[], expires=None).contacts) == 1


def test_an_old_cseq_changes_nothing(alice):
    """[RFC 3261 10.3 step 7] the same Call-ID with a lower CSeq came late."""
    alice.register()
    alice.register_cseq -= 2
    answer = alice.register_once(expires=0, authorization=alice.session.authorization("REGISTER", "sip:ims.test"))
    assert answer.status == 500
    alice.register_cseq += 10
    assert alice.register(contacts=[], expires=None).contacts


def test_too_many_contacts_are_refused(alice):
    """registration.contacts_max, and what was there stays."""
    many = ["<sip:c%d@%s>" % (i, alice.ip) for i in range(11)]
    assert alice.try_register(contacts=many).status == 403
    assert len(alice.register(contacts=many[:10]).contacts) == 10


def test_what_only_the_core_may_say_is_taken_off(core, alice):
    """[TS 24.229 4.4, 5.2.2.1]"""
    lies = [("P-Charging-Vector", "icid-value=forged"), ("P-Charging-Function-Addresses", "ccf=forged"), ("P-Visited-Network-ID", "forged"),
            ("Path", "<sip:forged@%s;lr>" % alice.ip), ("P-Asserted-Identity", "<sip:forged@ims.test>"), ("P-Served-User", "<sip:forged@ims.test>")]
    with core.wire() as wire:
        alice.register(headers=lies)
    assert all("forged" not in m.text for m in wire.sip("REGISTER", at="icscf"))


# ---- not by the right door ----

@pytest.mark.parametrize("door", ["icscf", "scscf"])
def test_a_register_past_the_pcscf_is_403(core, alice, door):
    """[TS 24.229 5.3.1.1, 4.4] strangers are no P-CSCF."""
    alice.proxy = (core.address(door), 5060)
    with core.wire() as wire:
        assert alice.register_once(authorization=alice.unauthenticated()).status == 403
    assert not wire.diameters("UAR") and not wire.diameters("MAR")


# ---- the HSS ----

def test_a_silent_hss_is_504_and_a_dead_one_480(new_core):
    """[TS 24.229 5.3.1.3] never a hang; and it works again as soon as the HSS does."""
    core = new_core(options=["icscf:diameter.timeout_ms=1000"])
    alice = core.new_phone()
    with core.standing_still("hss"):
        began = time.monotonic()
        assert alice.register_once().status == 504
        assert time.monotonic() - began < 4
    core.kill("hss")
    assert alice.register_once().status == 480
    core.start("hss")
    assert alice.register().status == 200


@pytest.mark.parametrize("header, value", [("Contact", "<sip:"), ("Expires", "soon"), ("To", "<<sip:x>")])
def test_a_malformed_register_is_400(alice, header, value):
    """[RFC 3261 21.4.1]"""
    alice.register_call_id = new_token("bad-")
    assert alice.register_once(edit=lambda m: m.set(header, value)).status == 400
