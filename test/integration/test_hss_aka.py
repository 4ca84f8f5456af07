# SPDX-License-Identifier: Apache-2.0
"""Authentication vectors of either algorithm set, and their sequence numbers, against a card in Python (aka.py).
[TS 33.102 6.3, annex C, annex H; TS 33.203 6.1; TS 35.206; TS 35.231; TS 29.228 6.3]"""
import os

import pytest

from aka import Isim, Milenage, Tuak, opc_of, xor
from hss_alone import another, cx, hss, make_user  # noqa: F401
from hss_alone import wire

pytestmark = pytest.mark.store("sqlite", "postgresql")

DELTA = 1 << 28
AKA = "Digest-AKAv1-MD5"


def hexadecimal(**octets):
    return {key: value.hex() for key, value in octets.items()}


def milenage():
    k, op = os.urandom(16), os.urandom(16)
    return Milenage(k, opc_of(k, op)), hexadecimal(k=k, op=op)


def tuak(k=16, iterations=None, res=None, top=True):
    k, value = os.urandom(k), os.urandom(32)
    card = Tuak(k, **{"top" if top else "topc": value}, iterations=iterations or 1, res=res or 64)
    given = {"algorithm": "tuak", **hexadecimal(k=k, **{"top" if top else "topc": value})}
    return card, {**given, **({"iterations": iterations} if iterations else {}), **({"res_bits": res} if res else {})}


class User:
    def __init__(self, hss, made, **more):
        card, credentials = made
        self.isim, self.user = Isim(card=card), make_user(hss, credentials={"scheme": "aka", **credentials, **more})
        self.impi, self.impu, self.card = self.user.impi, self.user.impu, card

    def ask(self, cx, items=1, authorization=None):
        maa = cx.mar(self.impi, self.impu, AKA, items=items, authorization=authorization)
        assert maa.result == "SUCCESS", maa
        vectors = []
        for item in maa.all(wire.SIP_AUTH_DATA_ITEM):
            challenge, xres, ck, ik = (item.inner.get(c).data for c in (wire.SIP_AUTHENTICATE, wire.SIP_AUTHORIZATION,
                                                                         wire.CONFIDENTIALITY_KEY, wire.INTEGRITY_KEY))
            res, own_ck, own_ik, ak, _ = self.card.f2345(challenge[:16])
            assert (xres, ck, ik) == (res, own_ck, own_ik)
            vectors.append((challenge[:16], challenge[16:], int.from_bytes(xor(challenge[16:22], ak), "big")))
        return vectors

    def resynchronise(self, cx, sqn, items=1):
        """The card's own number is `sqn`: AUTS to a challenge that it refuses, and what the HSS gives then."""
        rand = self.ask(cx)[0][0]
        self.isim.sqn = sqn
        return self.ask(cx, items, rand + self.isim.auts(rand))


VARIANTS = {"milenage": milenage, "tuak": tuak, "tuak-topc": lambda: tuak(top=False), "tuak-256": lambda: tuak(32),
            "tuak-res-32": lambda: tuak(res=32), "tuak-res-128": lambda: tuak(32, res=128), "tuak-2-iterations": lambda: tuak(iterations=2),
            "tuak-9-iterations": lambda: tuak(iterations=9)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_card_takes_every_vector_and_answers_as_the_network_expects(hss, cx, variant):
    user = User(hss, VARIANTS[variant](), sqn=64)
    for vectors in (user.ask(cx, 5), user.ask(cx), user.ask(cx, 5)):
        for rand, autn, _ in vectors:
            assert user.isim.answer(rand, autn)[0] == "res"


def test_the_most_iterations_that_a_card_can_have(hss):
    card, credentials = tuak(iterations=255)
    user = make_user(hss, credentials={"scheme": "aka", **credentials})
    with hss.connect(identity="scscf2.ims.test") as cx:  # closed meanwhile: this card takes longer than a watchdog waits
        item = cx.mar(user.impi, user.impu, AKA).inner(wire.SIP_AUTH_DATA_ITEM)
    challenge = item.get(wire.SIP_AUTHENTICATE).data
    assert Isim(card=card).answer(challenge[:16], challenge[16:])[1] == item.get(wire.SIP_AUTHORIZATION).data


@pytest.mark.parametrize("variant", ["milenage", "tuak", "tuak-256"])
def test_auts_brings_both_sides_together(hss, cx, variant):
    user = User(hss, VARIANTS[variant]())
    ahead = (1 << 40) + (7 << 5) + 3
    (rand, autn, sqn), = user.resynchronise(cx, ahead)
    assert user.isim.answer(rand, autn)[0] == "res" and sqn >> 5 == (ahead >> 5) + 1
    for rand, autn, _ in user.ask(cx, 5):
        assert user.isim.answer(rand, autn)[0] == "res"


@pytest.mark.parametrize("variant", ["milenage", "tuak"])
def test_an_auts_that_does_not_verify_moves_nothing(hss, cx, variant):
    user = User(hss, VARIANTS[variant]())
    rand = user.ask(cx)[0][0]
    user.isim.sqn = 1 << 45
    for wrong in (user.isim.auts(rand)[:-1] + b"\0", user.isim.auts(rand, amf=b"\x80\0"), user.isim.auts(os.urandom(16))):
        assert cx.mar(user.impi, user.impu, AKA, authorization=rand + wrong).result == "UNABLE_TO_COMPLY"
    assert user.ask(cx)[0][2] >> 5 < 100


def test_a_card_too_far_below_is_followed_down_and_one_near_enough_is_not(hss, cx):
    """[TS 33.102 6.3.5 steps 4, 5; C.2.1]"""
    ours = 1 << 40
    user = User(hss, tuak(), sqn=ours << 5)
    (rand, autn, sqn), = user.resynchronise(cx, (ours - DELTA + 100) << 5)
    assert sqn >> 5 > ours and user.isim.answer(rand, autn)[0] == "res"
    below = ours - 2 * DELTA
    vectors = user.resynchronise(cx, below << 5, items=5)
    assert [sqn >> 5 for _, _, sqn in vectors] == [below + n for n in range(1, 6)]
    for rand, autn, _ in vectors:
        assert user.isim.answer(rand, autn)[0] == "res"


def test_the_index_goes_round_with_the_number(hss, cx):
    """SQN = SEQ || IND, consecutive vectors at consecutive places of the card's array. [TS 33.102 C.1.1.1, C.1.2]"""
    user = User(hss, milenage())
    sqns = [sqn for _ in range(14) for _, _, sqn in user.ask(cx, 5)]
    indexes = [sqn & 31 for sqn in sqns]
    assert all(b == (a + 1) % 32 for a, b in zip(indexes, indexes[1:])) and set(indexes) == set(range(32))
    assert all(b >> 5 == (a >> 5) + 1 for a, b in zip(sqns, sqns[1:]))


def test_at_the_end_of_its_numbers_a_subscriber_gets_no_vector_instead_of_an_old_one(hss, cx):
    """[TS 33.102 C.2.1]"""
    last = (1 << 48) - 1
    user = User(hss, milenage(), sqn=last)
    maa = cx.mar(user.impi, user.impu, AKA)
    assert maa.result == "UNABLE_TO_COMPLY" and not maa.all(wire.SIP_AUTH_DATA_ITEM)
    user = User(hss, tuak())
    rand = user.ask(cx)[0][0]
    user.isim.sqn = last
    assert cx.mar(user.impi, user.impu, AKA, authorization=rand + user.isim.auts(rand)).result == "UNABLE_TO_COMPLY"
    assert user.ask(cx)[0][2] >> 5 < 100


def test_the_separation_bit_is_never_set_where_ck_and_ik_leave(hss, cx):
    """[TS 33.102 annex H, TS 33.401 6.1.2]"""
    for amf, expected in (("8000", "0000"), ("ffff", "7fff"), ("00b9", "00b9")):
        for made in (milenage(), tuak()):
            user = User(hss, made, amf=amf)
            rand, autn, _ = user.ask(cx)[0]
            assert autn[6:8].hex() == expected and user.isim.answer(rand, autn)[0] == "res"


def test_another_key_and_another_algorithm_take_effect_at_once(hss, cx):
    user = User(hss, milenage())
    user.ask(cx)
    for made in (tuak(), tuak(32, iterations=3), milenage()):
        user.card, credentials = made
        user.isim.card = user.card
        hss.put(user.impi, credentials={"scheme": "aka", **credentials})
        user.isim.sqn = 0
        rand, autn, _ = user.ask(cx)[0]
        assert user.isim.answer(rand, autn)[0] == "res"


def test_what_is_shown_of_a_subscriber_is_how_it_authenticates_and_no_secret(hss):
    user = User(hss, tuak(32, iterations=2, res=128))
    shown = hss.rest("GET", f"/v1/subscribers/{user.impi}").json["credentials"]
    assert shown == {"scheme": "aka", "algorithm": "tuak", "iterations": 2, "res_bits": 128}
    user = User(hss, milenage())
    assert hss.rest("GET", f"/v1/subscribers/{user.impi}").json["credentials"] == {"scheme": "aka", "algorithm": "milenage"}


K, V = "5a" * 16, "a5" * 32


@pytest.mark.parametrize("credentials,field", [
    ({"algorithm": "comp128", "k": K}, "algorithm"), ({"algorithm": 1, "k": K}, "algorithm"), ({"algorithm": "tuak", "top": V}, "k"),
    ({"algorithm": "tuak", "k": K + "5a", "top": V}, "k"), ({"algorithm": "tuak", "k": K * 2 + "5a", "top": V}, "k"),
    ({"algorithm": "tuak", "k": "x" * 32, "top": V}, "k"), ({"algorithm": "tuak", "k": K}, "topc"),
    ({"algorithm": "tuak", "k": K, "top": V, "topc": V}, "topc"), ({"algorithm": "tuak", "k": K, "top": V[2:]}, "top"),
    ({"algorithm": "tuak", "k": K, "topc": V[1:]}, "topc"), ({"algorithm": "tuak", "k": K, "opc": K}, "opc"),
    ({"algorithm": "tuak", "k": K, "top": V, "iterations": 0}, "iterations"), ({"algorithm": "tuak", "k": K, "top": V, "iterations": 256}, "iterations"),
    ({"algorithm": "tuak", "k": K, "top": V, "res_bits": 96}, "res_bits"), ({"algorithm": "tuak", "k": K, "top": V, "res_bits": 256}, "res_bits"),
    ({"algorithm": "milenage", "k": K, "topc": V}, "topc"), ({"algorithm": "milenage", "k": K * 2, "opc": K}, "k"),
    ({"k": K, "opc": K, "iterations": 2}, "iterations"), ({"k": K, "opc": V}, "opc"), ({"k": K, "opc": K, "amf": "80000"}, "amf"),
    ({"k": K, "opc": K, "sqn": -1}, "sqn")])
def test_a_wrong_member_is_named_without_its_value_and_nothing_is_stored(hss, credentials, field):
    r = hss.rest("PUT", "/v1/subscribers/wrong@ims.test", {"identities": [{"impu": "sip:wrong@ims.test"}],
                                                          "credentials": {"scheme": "aka", **credentials}})
    assert r.status == 422 and r.json["field"] == f"credentials.{field}", r
    assert K[:8].encode() not in r.body and V[:8].encode() not in r.body
    assert hss.rest("GET", "/v1/subscribers/wrong@ims.test").status == 404
