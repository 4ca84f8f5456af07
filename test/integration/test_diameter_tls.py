# SPDX-License-Identifier: Apache-2.0
"""Diameter over TLS at the HSS: who shows which certificate, and who may use which name. [RFC 6733 13.1; TS 33.210; TS 33.310]"""
import itertools
import socket
import ssl
import subprocess
import warnings

import pytest

from hss_alone import Hss, NET, wire

_hosts = itertools.count(100)


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """Certificates for Diameter identities."""
    KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]

    def __init__(self, directory, name):
        self.dir, self.ca, self.key = directory, directory / f"{name}.pem", directory / f"{name}.key"
        openssl("req", "-x509", *self.KEY, "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.ca)

    def certificate(self, *names, common=None):
        """A file with certificate and key."""
        pem = self.dir / f"{self.ca.stem}-{names[0] if names else common}.pem"
        alternative = ["-addext", "subjectAltName=" + ",".join(f"DNS:{n}" for n in names)] if names else []
        openssl("req", "-x509", *self.KEY, "-CA", self.ca, "-CAkey", self.key, "-subj", f"/CN={common or names[0]}", "-keyout", f"{pem}.key",
                "-out", pem, "-addext", "basicConstraints=critical,CA:FALSE", *alternative)
        pem.write_text(pem.read_text() + (self.dir / f"{pem}.key").read_text())
        return pem


class TlsConnection(wire.Connection):
    """As a wire.Connection, in TLS; an OSError when the HSS will not have it."""

    def __init__(self, h, identity, certificate, version=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.load_verify_locations(h.authority.ca)
        if certificate:
            self.context.load_cert_chain(certificate)
        if version:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.context.minimum_version = self.context.maximum_version = version
            self.context.set_ciphers("ALL:@SECLEVEL=0")
        super().__init__(h.address, f"{NET}.{next(_hosts)}", identity, port=5868, timeout=2)

    def close(self):
        self.sock.close()

    def open(self, address, port, timeout, source):
        raw = socket.create_connection((address, port), timeout, (source, 0))
        return self.context.wrap_socket(raw, server_hostname="hss.ims.test")


@pytest.fixture(scope="module")
def tls_hss(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    authority = Authority(directory, "ours")
    (directory / "hss.pem").write_text(authority.certificate("hss.ims.test").read_text())
    (directory / "hss.pem.crt").write_text(authority.ca.read_text())  # what Hss names as tls.ca
    h = Hss(directory, address=f"{NET}.29")
    h.authority, h.others = authority, Authority(directory, "theirs")
    yield h.start()
    h.kill()  # connections were cut


def serves(h, identity, certificate, **named):
    with TlsConnection(h, identity, certificate, **named) as c:
        return c.lir("sip:nobody@ims.test").result == "cx:USER_UNKNOWN"


def test_a_peer_with_a_certificate_of_its_name_is_served(tls_hss):
    a = tls_hss.authority
    assert serves(tls_hss, "san.ims.test", a.certificate("san.ims.test"))
    assert serves(tls_hss, "second.ims.test", a.certificate("other.ims.test", "second.ims.test"))
    assert serves(tls_hss, "common.ims.test", a.certificate(common="common.ims.test"))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_of_today_are_spoken(tls_hss, version):
    name = f"new{int(version)}.ims.test"
    assert serves(tls_hss, name, tls_hss.authority.certificate(name), version=version)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_older_version_is_refused(tls_hss, version):
    with pytest.raises((ssl.SSLError, ConnectionError)) as e:
        serves(tls_hss, "old.ims.test", tls_hss.authority.certificate("old.ims.test"), version=version)
    assert "NO_CIPHERS_AVAILABLE" not in str(e.value), "our own side refused"


def test_a_certificate_of_another_name_is_refused(tls_hss):
    """One S-CSCF, or whoever got its key, cannot be another one."""
    for i, wrong in enumerate(("icscf.ims.test", "xs1.ims.test", "s2.ims.test.evil.test")):
        with pytest.raises((OSError, wire.Malformed)):
            serves(tls_hss, f"s{i}.ims.test", tls_hss.authority.certificate(wrong))
        assert f"peer=s{i}.ims.test why=its certificate has another name" in tls_hss.log_text()


def test_without_a_certificate_or_with_one_of_strangers_nobody_gets_in(tls_hss):
    for i, certificate in enumerate((None, tls_hss.others.certificate("t1.ims.test"))):
        with pytest.raises((OSError, wire.Malformed)):
            serves(tls_hss, f"t{i}.ims.test", certificate)
        assert f"t{i}.ims.test" not in tls_hss.log_text()  # it came to no CER


def test_a_good_certificate_of_a_name_that_is_not_admitted_is_refused(tls_hss):
    with pytest.raises((OSError, wire.Malformed)):
        serves(tls_hss, "scscf.evil.test", tls_hss.authority.certificate("scscf.evil.test"))
    assert "peer=scscf.evil.test" in tls_hss.log_text()


def test_many_connections_that_come_and_go_leave_none_behind_a_lock(tls_hss):
    """Each is cut, at times while the HSS is still sending."""
    certificate = tls_hss.authority.certificate(*(f"many{i}.ims.test" for i in range(80)))
    for i in range(80):
        assert serves(tls_hss, f"many{i}.ims.test", certificate)
