# SPDX-License-Identifier: Apache-2.0
"""Kamailio's P-, I- and S-CSCF with our HSS in the place of theirs: nothing but the address in their configuration says so.
`make test-peer` runs it, Kamailio comes from `make deps-peer`.

The S-CSCF leaves the scheme to the HSS (HSS-Selected), so digest and AKA users register at one core. The first three tests follow each
other. [TS 29.228 6.1, 6.3]
"""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/integration"))
from aka import Isim  # noqa: E402
from hss_alone import NET, Hss, until  # noqa: E402
from phone import Phone  # noqa: E402
from transport import Loop  # noqa: E402

RIG = ROOT / "test/bench"
USERS, AKA_USERS = 200, 4
K, OPC = bytes(range(16)), bytes(range(16, 32))


def name(n):
    return f"user{n:06}"


class Kamailio:
    """The three CSCFs, and the HSS they ask."""

    def __init__(self, directory):
        self.dir, self.run = directory, directory / "kamailio"
        self.hss = Hss(directory).start()
        (directory / "hss.pid").write_text(str(self.hss.process.pid))
        users = [(name(n), {"scheme": "digest", "password": f"password{n:06}"}) for n in range(1, USERS + 2)]  # the last is up.sh's own
        users += [(f"aka{n}", {"scheme": "aka", "k": K.hex(), "opc": OPC.hex()}) for n in range(AKA_USERS)]
        loaded = self.hss.bulk([{"impi": f"{u}@ims.test", "credentials": c, "capabilities": {"mandatory": [1]},
                                 "identities": [{"impu": f"sip:{u}@ims.test"}, {"impu": f"tel:+1999{i:06}"}]} for i, (u, c) in enumerate(users)])
        assert loaded.json["loaded"] == len(users), loaded
        self.groups = self.up()

    def up(self):
        addresses = {"PCSCF": f"{NET}.11", "ICSCF": f"{NET}.12", "SCSCF": f"{NET}.13", "PROBE": f"{NET}.17", "HSS": self.hss.address}
        p = subprocess.run([RIG / "peer/up.sh", self.run], capture_output=True, text=True, timeout=90,
                           env=dict(os.environ, HSS_PID=str(self.dir / "hss.pid"), USERS=str(USERS + 1), SHM_MB="256",
                                    ALGORITHM="HSS-Selected", **addresses))
        if p.returncode:
            logs = "\n".join(f.read_text(errors="replace")[-1500:] for f in self.run.glob("*.log"))
            raise AssertionError(p.stdout + p.stderr + logs)
        return p.stdout.split("groups=")[1].strip()

    def down(self):
        subprocess.run([RIG / "peer/down.sh", self.run], check=True)

    def measure(self, *options):
        """SIPp by measure.sh: {name: value}."""
        p = subprocess.run([RIG / "measure.sh", "--pcscf", f"{NET}.11:5060", "--groups", self.groups, "--users", str(USERS), "--rate", "100",
                            "--ue", "127.2.0.1", "--work", self.dir / "sipp", *options], capture_output=True, text=True, timeout=120)
        assert p.returncode == 0, p.stdout + p.stderr
        return dict(line.split("=", 1) for line in p.stdout.splitlines() if "=" in line)

    def registration(self, user):
        return self.hss.rest("GET", f"/v1/subscribers/{user}@ims.test").json["registration"]

    def states(self, users=range(1, USERS + 1)):
        return {self.registration(name(n))["state"] for n in users}


@pytest.fixture(scope="module")
def kamailio(tmp_path_factory):
    k = Kamailio(tmp_path_factory.mktemp("peer"))
    yield k
    k.down()
    k.hss.stop()


@pytest.fixture(scope="module")
def loop():
    loop = Loop()
    yield loop
    loop.stop()


def registers(phone):
    try:
        return phone.try_register(within=2).status == 200
    except AssertionError:  # no answer
        return False


@pytest.fixture
def phone(loop, kamailio):
    phones = []

    def make(user, password="", **named):
        # Kamailio's P-CSCF knows its contacts by address: one each
        phones.append(Phone(loop, f"{NET}.{60 + len(phones)}", (f"{NET}.11", 5060), user, password, port=5060, **named))
        phones[-1].strict = False  # what Kamailio lets through to a UE is its own affair
        return phones[-1]
    yield make
    for p in phones:
        p.close()


def test_sipp_registers_all_users_and_the_hss_knows_their_s_cscf(kamailio):
    figures = kamailio.measure("--phases", "register")
    assert (figures["register.count"], figures["register.failed"]) == (str(USERS), "0"), figures
    assert kamailio.states() == {"registered"}
    assert {kamailio.registration(name(n))["scscf"] for n in (1, USERS)} == {f"sip:{NET}.13:5060"}


def test_sipp_calls_between_them(kamailio):
    figures = kamailio.measure("--phases", "call", "--calls", "200", "--call-rate", "50")
    assert (figures["call.count"], figures["call.failed"]) == ("200", "0"), figures


def test_sipp_registers_them_again_and_de_registers_them(kamailio):
    assert kamailio.measure("--phases", "register")["register.failed"] == "0"
    assert kamailio.states() == {"registered"}
    assert kamailio.measure("--phases", "register", "--expires", "0")["register.failed"] == "0"
    assert kamailio.states() == {"not registered"}


def test_aka_registers_by_vectors_of_ours_and_resynchronises(kamailio, phone):
    one, two = phone("aka0", isim=Isim(K, OPC)), phone("aka1", isim=Isim(K, OPC, sqn=1 << 40))
    one.register()
    assert kamailio.registration("aka0")["state"] == "registered" and one.isim.sqn > 0
    # AUTS, then a vector above the USIM's own number [TS 33.102 6.3.5]; 5.6.3 asks for it and then answers that REGISTER by 500
    assert two.try_register().status in (200, 500)
    two.register()
    assert kamailio.registration("aka1")["state"] == "registered" and two.isim.sqn > 1 << 40
    call = one.invite(two)
    two.ring().accept()
    call.established().hang_up()
    one.deregister()
    assert kamailio.registration("aka0")["state"] == "not registered"


def test_a_wrong_password_registers_nobody(kamailio, phone):
    assert phone(name(1), "not this").try_register().status in (401, 403)
    assert kamailio.registration(name(1))["state"] == "not registered"


def test_a_callee_who_is_not_registered_is_refused_by_what_the_hss_says(kamailio, phone):
    alice = phone(name(2), f"password{2:06}")
    alice.register()
    assert alice.request("MESSAGE", f"sip:{name(3)}@ims.test", body=b"x").final().status in (404, 480)
    assert alice.request("MESSAGE", "sip:nobody@ims.test", body=b"x").final().status == 604  # LIA: DIAMETER_ERROR_USER_UNKNOWN


def test_the_implicit_set_of_user_data_comes_to_the_phone(kamailio, phone):
    """The User-Data of the SAA is understood. [TS 29.228 annex B, TS 24.229 5.4.1.2.2]"""
    alice = phone(name(4), f"password{4:06}")
    associated = str(alice.register().associated)
    assert f"sip:{name(4)}@ims.test" in associated and "tel:+1999000003" in associated


def test_a_subscriber_taken_away_is_de_registered_at_their_s_cscf(kamailio, phone):
    """RTR, which Kamailio answers. [TS 29.228 6.1.3]"""
    alice, bob = phone(name(6), f"password{6:06}"), phone(name(7), f"password{7:06}")
    alice.register()
    bob.register()
    assert kamailio.hss.rest("DELETE", f"/v1/subscribers/{name(7)}@ims.test").status == 204
    until(lambda: f"command=RTR scscf=scscf.ims.test impi={name(7)}@ims.test result=DIAMETER_SUCCESS" in kamailio.hss.log_text(), 10, "the RTA")
    assert alice.request("MESSAGE", f"sip:{name(7)}@ims.test", body=b"x").final().status in (404, 480, 604)


def test_the_hss_dies_and_comes_back_and_their_core_goes_on(kamailio, phone):
    alice, bob = phone(name(8), f"password{8:06}"), phone(name(9), f"password{9:06}")
    alice.register()
    bob.register()
    kamailio.hss.kill()
    kamailio.hss.start()
    (kamailio.dir / "hss.pid").write_text(str(kamailio.hss.process.pid))
    assert kamailio.registration(name(8))["state"] == "registered"
    late = phone(name(10), f"password{10:06}")
    until(lambda: registers(late), 40, "a registration")  # Kamailio connects again after its Tc, 5 s
    alice.register()
    call = alice.invite(bob)
    bob.ring().accept()
    call.established().hang_up()


