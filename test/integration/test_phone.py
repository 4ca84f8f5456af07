# SPDX-License-Identifier: Apache-2.0
"""The test phone against itself, without a core: what the other stories stand on."""
import contextlib
import itertools
import subprocess

import pytest

from aka import Isim, Milenage, WrongMac, aes, opc_of, xor
from call import sdp
from conftest import NETS
from digest import Challenge, Session
from phone import Phone
from sipmsg import Address, Malformed, Uri, frame, parse
from transport import Loop, tls_client, tls_server

NET = NETS[3] + ".%d"
hosts = itertools.count(10)


@pytest.fixture(scope="module")
def loop():
    loop = Loop()
    yield loop
    loop.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp("pki") / "phone.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=phone.ims.test",
                    "-addext", "subjectAltName=DNS:phone.ims.test", "-keyout", path, "-out", str(path) + ".crt"], check=True, capture_output=True)
    with open(path, "ab") as f, open(str(path) + ".crt", "rb") as crt:
        f.write(crt.read())
    return str(path)


@contextlib.contextmanager
def two(loop, transport, certificate=None):
    """Alice and Bob, each the other's proxy."""
    a, b = (NET % next(hosts), 5060), (NET % next(hosts), 5060)
    tls, server = (tls_client(certificate + ".crt"), tls_server(certificate)) if transport == "tls" else (None, True)
    phones = [Phone(loop, me[0], other, name, transport=transport, port=5060, tls=tls, tls_name="phone.ims.test", listen=server)
              for name, me, other in (("alice", a, b), ("bob", b, a))]
    yield phones
    for p in phones:
        p.close()
        p.check()


@pytest.fixture(params=["udp", "tcp", "tls"])
def pair(request, loop, certificate):
    with two(loop, request.param, certificate) as phones:
        yield phones


def test_a_call_is_made_and_ended(pair):
    alice, bob = pair
    call = alice.invite(bob)
    leg = bob.ring()
    assert call.ringing().progress(180).to.tag == leg.server.tag
    leg.accept()
    call.established()
    assert leg.confirmed().cseq == (1, "ACK")
    assert bob.received("INVITE").body == sdp(alice.ip)
    call.hang_up()
    assert leg.ended()


def test_the_callee_hangs_up(pair):
    alice, bob = pair
    call = alice.invite(bob)
    leg = bob.ring().accept()
    call.established()
    leg.confirmed()
    leg.hang_up()
    assert call.ended()


def test_reliable_ringing_is_acknowledged_and_update_works(pair):
    alice, bob = pair
    call = alice.invite(bob)
    leg = bob.called().progress(183, body=sdp(bob.ip), reliable=True)
    assert leg.pracked().request.get("rack") == "1 1 INVITE"
    assert call.early().request("UPDATE", body=sdp(alice.ip, version=2)).final().status == 200
    leg.accept()
    call.established()
    assert call.request("INVITE", body=sdp(alice.ip, version=3)).final().status == 200
    call.hang_up()


def test_a_call_is_cancelled(pair):
    alice, bob = pair
    call = alice.invite(bob)
    leg = bob.ring()
    call.ringing().cancel()
    assert leg.cancelled() and call.final().status == 487
    assert leg.confirmed()


def test_a_call_is_refused_and_a_message_answered(pair):
    alice, bob = pair
    call = alice.invite(bob)
    bob.called().reject(486)
    assert call.final().status == 486
    assert alice.request("MESSAGE", bob, body=bytes(range(256)), content_type="application/octet-stream").final().status == 200
    assert bob.received("MESSAGE").body == bytes(range(256))
    assert alice.request("FROBNICATE", bob).final().status == 501


def test_a_lost_request_is_sent_again(loop):
    with two(loop, "udp") as (alice, bob):
        bob.answers["MESSAGE"] = None
        first = alice.request("MESSAGE", bob, body=b"hello")
        server = bob.incoming("MESSAGE")
        bob.loop.wait(lambda: len(bob.all_received("MESSAGE")) >= 2, 3, "not sent again")
        server.answer(200)
        assert first.final().status == 200


@pytest.mark.parametrize("raw, why", [
    (b"OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\nabc", "Via"),
    (b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabcd", "Content-Length"),
    (b"OPTIONS sip:a SIP/2.0\nVia: x\n\n", "no end of the headers"),
    (b"OPTIONS sip:a SIP/2.0\r\nVia: x\n\r\n\r\n", "bare LF"),
])
def test_the_phone_complains_of_a_malformed_message(loop, raw, why):
    with two(loop, "udp") as (alice, bob):
        alice.send_raw(raw)
        loop.wait(lambda: bob.complaints, 3, "no complaint")
        assert why in bob.complaints.pop(0)
        bob.complaints.clear()


@pytest.mark.parametrize("header, why", [("P-Charging-Vector", "p-charging-vector towards a UE"), ("From", "2 times from")])
def test_the_phone_complains_of_what_may_not_reach_it(loop, header, why):
    with two(loop, "udp") as (alice, bob):
        alice.request("OPTIONS", bob, headers=[(header, "<sip:x>;tag=1")])
        loop.wait(lambda: bob.complaints, 3, "no complaint")
        assert why in bob.complaints.pop(0)


def test_messages_are_cut_out_of_a_stream():
    one = b"OPTIONS sip:a SIP/2.0\r\nl: 3\r\n\r\nabc"
    assert frame(b"\r\n\r\n" + one + b"OPT") == (one, b"OPT")
    assert frame(one[:-1]) == (None, one[:-1])
    with pytest.raises(Malformed):
        frame(b"OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n")


def test_addresses_are_taken_apart():
    a = Address('"B, \\"b\\"" <sip:b@h.test:5070;transport=tcp?x=y>;q=0.5;+sip.instance="<urn:uuid:1>";expires=7')
    assert (a.display, a.user, a.host, a.uri.port) == ('B, "b"', "b", "h.test", 5070)
    assert (a.param("q"), a.param("+sip.instance"), a.params["expires"]) == ("0.5", "<urn:uuid:1>", "7")
    assert Address("sip:b@h;tag=1").tag == "1" and Address("*").star and Uri("tel:+1-5;x=y").user == "+1-5"
    m = parse(b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/TCP b:1;branch=z9hG4bK2\r\nCSeq: 1 INVITE\r\n\r\n")
    assert [v.host for v in m.via] == ["a", "b"] and m.method == "INVITE"


def test_the_digest_of_rfc_7616():
    """[RFC 7616 3.9.1]"""
    s = Session(Challenge('Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
                          'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'), "Mufasa", "Circle of Life")
    s.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    assert s.response("GET", "/dir/index.html", "00000001") == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    s.challenge.algorithm = "MD5"
    assert s.response("GET", "/dir/index.html", "00000001") == "8ca523f5e9506fed4657c9700eebdbec"


def test_milenage_set_1():
    """[TS 35.208 4.3.1, FIPS 197 appendix C.1]"""
    h = bytes.fromhex
    assert aes(h("000102030405060708090a0b0c0d0e0f"), h("00112233445566778899aabbccddeeff")) == h("69c4e0d86a7b0430d8cdb78070b4c55a")
    k, rand = h("465b5ce8b199b49faa5f0a2ee238a6bc"), h("23553cbe9637a89d218ae64dae47bf35")
    opc = opc_of(k, h("cdc202d5123e20f62b6d676ac72cb318"))
    card = Milenage(k, opc)
    assert opc == h("cd63cb71954a9f4e48a5994e37a02baf")
    assert card.f1(rand, h("ff9bb4d0b607"), h("b9b9")) == (h("4a9ffac354dfafb3"), h("01cfaf9ec4e871e9"))
    assert card.f2345(rand) == (h("a54211d5e3ba50bf"), h("b40ba9a3c58b2a05bbf0d987b21bf8cb"), h("f769bcd751044604127672711c6d3441"),
                                h("aa689c648370"), h("451e8beca43b"))


def test_the_isim_checks_the_network():
    """[TS 33.102 6.3.3]"""
    k, opc, rand, sqn, amf = bytes(16), bytes(range(16)), b"r" * 16, (32).to_bytes(6, "big"), b"\x80\0"
    card = Milenage(k, opc)
    autn = xor(sqn, card.f2345(rand)[3]) + amf + card.f1(rand, sqn, amf)[0]
    isim = Isim(k, opc)
    assert isim.answer(rand, autn) == ("res", card.f2345(rand)[0])
    kind, auts = isim.answer(rand, autn)
    assert kind == "auts" and xor(auts[:6], card.f2345(rand)[4]) == sqn
    assert auts[6:] == card.f1(rand, sqn, bytes(2))[1]
    with pytest.raises(WrongMac):
        isim.answer(rand, autn[:-1] + b"\0")
