# SPDX-License-Identifier: Apache-2.0
"""The capture and its reading by tshark: what they must see, they see."""
import socket

import pytest

from capture import Capture, strictly_read
from conftest import NETS, malformed

NET = NETS[3]
GOOD = (b"OPTIONS sip:x@ims.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.5:5060;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:a@ims.test>;tag=1\r\n"
        b"To: <sip:x@ims.test>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s")
SDP = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"


def sip(call_id, body=SDP):
    return GOOD % (call_id, len(body), body)


def diameter(length):
    """A DWR whose only AVP says that it is `length` long."""
    avp = (264).to_bytes(4, "big") + b"\x40" + length.to_bytes(3, "big") + b"a.ims.test\0\0"
    return b"\1" + (20 + len(avp)).to_bytes(3, "big") + b"\x80" + (280).to_bytes(3, "big") + bytes(4) + b"\0\0\0\1\0\0\0\2" + avp


@pytest.fixture
def record(tmp_path):
    """A function: what went over UDP 5060, or TCP 3868, judged by tshark and by our own strict reader."""
    def run(*datagrams, stream=None):
        path = str(tmp_path / "wire.pcap")
        capture = Capture(NET, path)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, socket.create_server((NET + ".6", 3868)) as server:
            s.bind((NET + ".5", 5060))
            for d in datagrams:
                s.sendto(d, (NET + ".6", 5060))
            if stream:
                with socket.create_connection((NET + ".6", 3868), 5, (NET + ".5", 0)) as c:
                    c.sendall(stream)
                    server.accept()[0].recv(100)
            capture.mark()
        capture.stop()
        return malformed(path) + "".join(strictly_read(path, [NET + ".5"]))
    return run


def test_what_is_in_order_passes(record):
    assert record(sip(b"1"), sip(b"2"), stream=diameter(18)) == ""


@pytest.mark.parametrize("number, wrong", enumerate([sip(b"3").replace(b"CSeq: 1", b"CSeq: x"), sip(b"4").replace(b"To: <sip:x@ims.test>\r\n", b""),
                                   sip(b"5").replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE"), sip(b"6").replace(b"Max-Forwards:", b"Max-Forwards"),
                                   sip(b"7").replace(b"OPTIONS sip:", b"OPTIONS  sip:"), sip(b"8").replace(b"Content-Length: ", b"Content-Length: 9"),
                                   sip(b"9").replace(b"Via: SIP/2.0/UDP", b"Via: SIP/UDP")]))
def test_malformed_sip_is_found(record, number, wrong):
    assert record(sip(b"1"), wrong, sip(b"2")) != ""


@pytest.mark.parametrize("number, wrong", enumerate([SDP + b"m=audio\r\n", b"o=-\r\n", SDP.replace(b"t=0 0", b"t=x"), SDP.replace(b"\r\n", b"\n")]))
def test_malformed_sdp_is_found(record, number, wrong):
    assert record(sip(b"10", wrong)) != ""


def test_malformed_diameter_is_found(record):
    assert record(stream=diameter(99)) != ""


def test_what_is_malformed_on_purpose_is_left_out(record):
    assert record(sip(b"bad-1").replace(b"CSeq: 1", b"CSeq: x")) == ""
