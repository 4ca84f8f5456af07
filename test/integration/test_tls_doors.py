# SPDX-License-Identifier: Apache-2.0
"""Every door that speaks TLS, by version: 1.2 and 1.3 are spoken, what is older is not. [TS 33.310 annex E, RFC 8996; tls.minimum]"""
import socket
import ssl

import pytest

from transport import tls_client

DOORS = [("pcscf", 5061), ("icscf", 5061), ("scscf", 5061), ("icscf", 5868), ("scscf", 5868), ("hss", 5868), ("hss", 8443)]


def shake_hands(core, name, port, version, certificate="scscf2"):
    """The version agreed on, with a certificate of the core. With TLS 1.3 the server's word on it comes with the first octets."""
    context = tls_client(core.ca, "%s/pki/%s.pem" % (core.run, certificate))
    context.minimum_version = context.maximum_version = version
    if version < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection((core.address(name), port), 5) as raw:
        with context.wrap_socket(raw, server_hostname=name + ".ims.test") as s:
            return s.version()


@pytest.mark.parametrize("name, port", DOORS)
@pytest.mark.parametrize("version, word", [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")])
def test_tls_1_2_and_1_3_are_spoken_at_every_door(core, name, port, version, word):
    assert shake_hands(core, name, port, version) == word


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name, port", DOORS)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_older_tls_is_refused_at_every_door(core, name, port, version):
    """By the server: an alert, or the end of the connection; and the next one is served."""
    with pytest.raises((ssl.SSLError, ConnectionError)) as e:
        shake_hands(core, name, port, version)
    assert "NO_CIPHERS_AVAILABLE" not in str(e.value) and "no protocols available" not in str(e.value).lower(), "our own side refused"
    assert shake_hands(core, name, port, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"


def test_minimum_1_3_leaves_1_2_outside(new_core):
    """tls.minimum: \"1.3\" at each daemon."""
    core = new_core(options=['*:tls.minimum="1.3"'], sip="tls", cx="tls", capture=False)
    for name, port in DOORS:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            shake_hands(core, name, port, ssl.TLSVersion.TLSv1_2)
        assert shake_hands(core, name, port, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    assert core.new_phone("tls").register().status == 200
