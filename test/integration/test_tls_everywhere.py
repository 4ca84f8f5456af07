# SPDX-License-Identifier: Apache-2.0
"""TLS on every leg: phones, between the CSCFs (mutual), Diameter. [TS 33.203 annex O, TS 33.210, TS 29.229 5.2]"""
import socket
import ssl

import pytest

from conftest import NETS
from core import Core
from test_loss_of_process import talk
from transport import tls_client

DAEMONS = ["pcscf", "icscf", "scscf", "hss"]


@pytest.fixture(scope="module")
def tls_core(loop, tmp_path_factory):
    core = Core(loop, tmp_path_factory.mktemp("tls") / "run", NETS[3], sip="tls", cx="tls", users=60)
    yield core
    core.stop()


@pytest.fixture
def core(tls_core):
    yield tls_core
    tls_core.close_phones()


def test_phones_register_and_call_with_nothing_in_clear_between_the_daemons(core):
    """[TS 33.210] what the capture can read is nothing."""
    with core.wire() as wire:
        alice, bob = core.new_pair("tls", "tls")
        talk(alice, bob)
        talk(bob, alice)
    daemons = {core.address(n) for n in DAEMONS}
    assert not [m for m in wire.all() if m.src[0] in daemons and m.dst[0] in daemons]
    packets = core.capture.packets[wire.first:wire.last]
    assert not [p for _, p in packets if alice.impu.encode() in p]


@pytest.mark.parametrize("one, two", [("udp", "tls"), ("tls", "tcp"), ("tcp", "udp")])
def test_mixed_phones_over_a_core_of_tls(core, one, two):
    """[TS 24.229 5.2.6] with all methods of a longer call."""
    alice, bob = core.new_pair(one, two)
    call = alice.invite(bob)
    leg = bob.ring(reliable=True)
    leg.pracked()
    leg.accept()
    call.established()
    leg.confirmed()
    assert call.request("UPDATE").final().status == leg.request("INFO").final().status == 200
    assert alice.request("MESSAGE", bob, body=b"x" * 3000).final().status == 200
    leg.hang_up()
    assert call.ended()


def test_an_isim_registers_over_a_core_of_tls(core):
    """[TS 33.203 6.1]"""
    assert core.aka_phone().register().status == 200


@pytest.mark.parametrize("name", DAEMONS)
def test_loss_of_a_process_with_tls(core, name):
    """Users registered before are reachable; new ones register."""
    alice, bob = core.new_pair("udp", "udp")
    core.kill_and_restart(name)
    talk(alice, bob)
    talk(*core.new_pair("tls", "udp"))


def test_a_tls_phone_registers_again_after_the_pcscf_died(core):
    """[TS 33.203 O.2]"""
    alice, bob = core.new_pair("tls", "udp")
    core.kill_and_restart("pcscf")
    alice.register()
    talk(bob, alice)


@pytest.mark.parametrize("name, port", [("icscf", 5061), ("scscf", 5061)])
def test_a_stranger_with_tls_but_without_a_certificate_is_no_peer(core, name, port):
    """[TS 33.210, TS 24.229 4.4] connected, or refused in the handshake: never served as the core is."""
    stranger = core.new_phone("tls")
    stranger.proxy, stranger.tls_name = (core.address(name), port), name + ".ims.test"
    try:
        status = stranger.register_once(within=3, authorization=stranger.unauthenticated()).status
    except (OSError, AssertionError):
        status = None
    assert status in (None, 403)


def test_a_certificate_of_somebody_else_is_refused(core, tmp_path):
    """[TS 33.310] signed by no authority that we know."""
    import subprocess
    pem = str(tmp_path / "forged.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=pcscf.ims.test",
                    "-addext", "subjectAltName=DNS:pcscf.ims.test", "-keyout", pem, "-out", pem + ".crt"], check=True, capture_output=True)
    with open(pem, "a") as f, open(pem + ".crt") as crt:
        f.write(crt.read())
    forger = core.new_phone("tls")
    forger.proxy, forger.tls_name, forger.tls = (core.address("scscf"), 5061), "scscf.ims.test", tls_client(core.ca, pem)
    try:
        status = forger.register_once(within=3, authorization=forger.unauthenticated()).status
    except (OSError, AssertionError):
        status = None
    assert status in (None, 403)


@pytest.mark.parametrize("name, port", [("pcscf", 5061), ("icscf", 5061), ("scscf", 5061), ("hss", 5868)])
def test_each_tls_port_shows_a_certificate_of_its_name(core, name, port):
    """[RFC 5922 7.2]"""
    with socket.create_connection((core.address(name), port), 5) as raw:
        try:
            with tls_client(core.ca).wrap_socket(raw, server_hostname=name + ".ims.test") as s:
                assert ("DNS", name + ".ims.test") in s.getpeercert()["subjectAltName"] and s.version() in ("TLSv1.2", "TLSv1.3")
        except ssl.SSLError as e:
            assert "certificate required" in str(e).lower()
