# SPDX-License-Identifier: Apache-2.0
"""A core whose CSCFs speak UDP among themselves: make up SIP=udp. [RFC 3261 18.1.1]"""
import pytest

from call import sdp
from capture import strictly_read
from conftest import NETS, malformed
from core import Core
from test_loss_of_process import talk


@pytest.fixture(scope="module")
def udp_core(loop, tmp_path_factory):
    core = Core(loop, tmp_path_factory.mktemp("udp") / "run", NETS[1], sip="udp", users=60)
    yield core
    core.stop()
    found = malformed(core.run + ".pcap") + "\n".join(strictly_read(core.run + ".pcap", [core.address(n) for n in ("pcscf", "icscf", "scscf", "hss")]))
    assert not found, found


@pytest.fixture
def core(udp_core):
    yield udp_core
    udp_core.close_phones()


@pytest.mark.parametrize("one, two", [("udp", "udp"), ("tcp", "udp"), ("tls", "tcp")])
def test_a_call_goes_over_udp_between_the_cscfs(core, one, two):
    """[TS 24.229 5.2.6]"""
    alice, bob = core.new_phone(one), core.new_phone(two)
    cscfs = [core.address(n) for n in ("pcscf", "icscf", "scscf")]
    with core.wire() as wire:
        alice.register()
        bob.register()
        call = alice.invite(bob)
        leg = bob.ring(reliable=True)
        leg.pracked()
        leg.accept()
        call.established()
        leg.confirmed()
        assert leg.request("INFO").final().status == 200
        call.hang_up()
    inside = wire.sip("INVITE") + wire.sip("REGISTER") + wire.sip("BYE")
    protocols = {m.protocol for m in inside if m.src[0] in cscfs and m.dst[0] in cscfs}
    assert protocols == {"udp"}


def test_3_kb_of_sdp_pass_by_udp_all_the_way(core):
    """[RFC 3261 18.1.1] a core that was told to speak UDP does, whatever the size."""
    alice, bob = core.new_pair()
    big = sdp(alice.ip, pad=3000)
    with core.wire() as wire:
        call = alice.invite(bob, body=big)
        leg = bob.ring().accept(body=sdp(bob.ip, pad=3000))
        call.established().hang_up()
    assert leg.invite.body == big and {m.protocol for m in wire.sip("INVITE")} == {"udp"}


def test_a_call_is_cancelled(core):
    """[RFC 3261 9.1] hop by hop, over UDP."""
    alice, bob = core.new_pair()
    call = alice.invite(bob)
    leg = bob.ring()
    call.ringing().cancel()
    assert leg.cancelled() and call.final().status == 487 and leg.confirmed()


@pytest.mark.parametrize("name", ["pcscf", "icscf", "scscf"])
def test_loss_of_a_process(core, name):
    """Nothing says that a datagram went to nobody but an ICMP error, or silence."""
    alice, bob = core.new_pair()
    core.kill_and_restart(name)
    talk(alice, bob)


def test_a_dead_peer_is_noticed(core):
    """[TS 24.229 5.2.2.1] 504, soon."""
    alice = core.new_phone()
    core.kill("icscf")
    assert alice.register_once(within=5).status == 504
    core.start("icscf")
    assert alice.register().status == 200
