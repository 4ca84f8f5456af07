# SPDX-License-Identifier: Apache-2.0
"""imsctl's verbs on what the HSS is provisioned with: each does on the HSS what it says, as table, JSON and YAML."""
import json
import os
import signal
import subprocess

import pytest

from hss_alone import ADDRESS, BIN, another, hss, make_user, until, user  # noqa: F401
from rest import PROFILE, numbers
from test_hss_push import scscf, register, told  # noqa: F401
from hss_alone import wire

DONE, REFUSED, USAGE, NOT_REACHED = range(4)


class Result:
    def __init__(self, p):
        self.status, self.out, self.err = p.returncode, p.stdout, p.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.status}\n{self.out}{self.err}"


class Ctl:
    def __init__(self, hss, directory, token_file=None):
        self.config = directory / f"imsctl{next(numbers)}.yaml"
        self.config.write_text(f"domain: ims.test\nhss: https://{hss.address}:8443\nca: {hss.pki}.crt\n"
                               f"token_file: {token_file or hss.state / 'admin.token'}\n"
                               f"ops: [{{name: hss, address: '{hss.address}:9090'}}]\n")

    def __call__(self, *words, input=None, status=DONE, output=None):
        env = {**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "120"}
        r = Result(subprocess.run([BIN / "imsctl", "--config", self.config, *(["--output", output] if output else []), *words], input=input,
                                  env=env, capture_output=True, text=True, timeout=60))
        assert r.status == status, r
        return r

    def values(self, *words, **kw):
        return self(*words, output="json", **kw).json


@pytest.fixture(scope="module")
def ctl(hss, tmp_path_factory):
    return Ctl(hss, tmp_path_factory.mktemp("ctl"))


def rows(result):
    """The lines of a table as words."""
    return [line.split() for line in result.out.splitlines()]


def test_an_identity_is_shown_listed_and_changed(ctl, hss, user):
    assert ctl("identity", "set", user.impu, "--barred", "yes", "--display-name", "Ida").out == ""
    shown = ctl.values("identity", "show", user.impu)
    assert shown["barred"] is True and shown["display_name"] == "Ida" and shown["impis"] == [user.impi]
    assert ["display_name", "Ida"] in rows(ctl("identity", "show", user.impu))
    assert "display_name: Ida" in ctl("identity", "show", user.impu, output="yaml").out
    ctl("identity", "set", user.impu, "--display-name", "")
    assert "display_name" not in ctl.values("identity", "show", user.impu)
    table = rows(ctl("identity", "list", "--limit", "1000"))
    assert table[0][:2] == ["IDENTITY", "SUBSCRIPTION"] and any(r[:2] == [user.impu, user.impi] for r in table)
    assert len(ctl.values("identity", "list", "--limit", "2")) == 2
    r = ctl("identity", "set", user.impu, "--set", "-1", status=REFUSED)
    assert "set: a number from 0" in r.err
    assert "yes or no is expected" in ctl("identity", "set", user.impu, "--barred", "maybe", status=USAGE).err
    assert "no public identity" in ctl("identity", "show", "sip:nobody@ims.test", status=REFUSED).err


def test_lists_go_over_as_many_pages_as_are_wanted(ctl, hss):
    for i in range(5):
        hss.put(f"yy{i}@pages.test", identities=[{"impu": f"sip:yy{i}@pages.test"}])
    assert [i["impu"] for i in ctl.values("identity", "list", "--after", "sip:yy1@pages.test", "--limit", "2")] == ["sip:yy2@pages.test", "sip:yy3@pages.test"]
    assert len(ctl.values("identity", "list", "--limit", "1500")) == len(hss.rest("GET", "/v1/identities?limit=1000").json["identities"])


def test_a_dry_run_says_what_would_change(ctl, hss, user):
    r = ctl("subscriber", "set", user.impi, "--impu", "sip:dry-ctl@ims.test", "--dry-run")
    assert ["status", "200"] in rows(r) and "sip:dry-ctl@ims.test" in r.out
    assert ctl("subscriber", "remove", user.impi, "--dry-run", output="json").json["status"] == 204
    assert ctl("subscriber", "add", "dry-ctl@ims.test", "--dry-run", output="json").json["after"]["impi"] == "dry-ctl@ims.test"
    assert [i["impu"] for i in ctl.values("subscriber", "show", user.impi)["identities"]] == [user.impu, user.tel]
    ctl("subscriber", "show", "dry-ctl@ims.test", status=REFUSED)


def test_a_profile_goes_in_and_out_as_xml_and_as_json(ctl, hss, tmp_path):
    (tmp_path / "p.xml").write_text(PROFILE.format(4))
    ctl("profile", "put", "ctl", "--file", str(tmp_path / "p.xml"))
    assert "<Priority>4</Priority>" in ctl("profile", "show", "ctl", "--xml").out
    shown = ctl.values("profile", "show", "ctl")
    shown["criteria"][0]["priority"] = 6
    assert ctl("profile", "put", "ctl", "--file", "-", "--dry-run", input=json.dumps(shown), output="json").json["after"]["criteria"][0]["priority"] == 6
    ctl("profile", "put", "ctl", "--file", "-", input=json.dumps(shown))
    assert "<Priority>6</Priority>" in ctl("profile", "show", "ctl", "--xml").out
    assert ["ctl"] in rows(ctl("profile", "list"))
    assert "criteria[0].priority" in ctl("profile", "put", "ctl", "--file", "-", input='{"criteria": [{}]}', status=REFUSED).err
    ctl("profile", "remove", "ctl")
    ctl("profile", "show", "ctl", status=REFUSED)
    ctl("profile", "put", "ctl", status=USAGE)


def test_a_filter_criterion_is_added_changed_and_removed(ctl, hss, tmp_path):
    hss.rest("PUT", "/v1/profiles/ctlcrit", {})
    (tmp_path / "t.json").write_text('{"form": "dnf", "spts": [{"method": "INVITE"}, {"method": "MESSAGE", "groups": [1]}]}')
    ctl("filter-criterion", "add", "ctlcrit", "3", "--server", "sip:as.ims.test", "--trigger", str(tmp_path / "t.json"), "--default-handling", "terminate")
    assert ["ctlcrit", "3", "sip:as.ims.test", "terminate", "2"] in rows(ctl("filter-criterion", "list", "--profile", "ctlcrit"))
    ctl("filter-criterion", "set", "ctlcrit", "3", "--priority", "8", "--trigger", "", "--include-request", "yes")
    shown = ctl.values("filter-criterion", "show", "ctlcrit", "8")
    assert "trigger" not in shown and shown["include_register_request"] is True
    assert "server: a SIP URI" in ctl("filter-criterion", "set", "ctlcrit", "8", "--server", "x", status=REFUSED).err
    ctl("filter-criterion", "remove", "ctlcrit", "8")
    assert ctl.values("filter-criterion", "list", "--profile", "ctlcrit") == []
    ctl("filter-criterion", "add", "ctlcrit", "1", "--server", "sip:x", "--trigger", str(tmp_path / "none.json"), status=USAGE)


def test_charging_of_one_and_by_default(ctl, hss, user):
    ctl("charging", "set", user.impi, "--primary-ccf", "aaa://one.test", "--primary-ecf", "aaa://two.test")
    ctl("charging", "set", user.impi, "--primary-ecf", "")
    assert ctl.values("charging", "show", user.impi) == {"subscription": user.impi, "primary_ccf": "aaa://one.test"}
    assert [user.impi, "aaa://one.test"] in rows(ctl("charging", "list", "--limit", "1000"))
    ctl("charging", "set", "--secondary-ccf", "aaa://all.test")
    assert ctl.values("charging", "show") == {"secondary_ccf": "aaa://all.test"}
    ctl("charging", "remove")
    ctl("charging", "remove", user.impi)
    assert ctl.values("charging", "show", user.impi) == {"subscription": user.impi}
    ctl("charging", "show", status=REFUSED)


def test_a_cloud_profile_is_added_changed_and_removed(ctl, hss, user):
    ctl("cloud-profile", "add", user.impi, "lab", "--user", "u", "--service", "compute=3", "--service", "network=", "--second-factor", "yes")
    ctl("cloud-profile", "set", user.impi, "lab", "--role", "member", "--user", "")
    assert ctl.values("cloud-profile", "show", user.impi, "lab") == {
        "impi": user.impi, "provider": "lab", "role": "member", "registration_guard": "none", "second_factor": True,
        "services": {"compute": 3, "network": None}}
    assert any(r[:2] == [user.impi, "lab"] for r in rows(ctl("cloud-profile", "list")))
    assert "NAME=LIMIT" in ctl("cloud-profile", "add", user.impi, "lab", "--service", "compute", status=USAGE).err
    ctl("cloud-profile", "remove", user.impi, "lab")
    ctl("cloud-profile", "show", user.impi, "lab", status=REFUSED)


def test_an_application_server_gets_permissions_and_loses_them(ctl, hss):
    ctl("application-server", "set", "ctl-as.ims.test", "--may", "RepositoryData=pull,update", "--may", "MSISDN=pull", "--dry-run")
    ctl("application-server", "show", "ctl-as.ims.test", status=REFUSED)
    ctl("application-server", "set", "ctl-as.ims.test", "--may", "RepositoryData=pull,update", "--may", "MSISDN=pull")
    assert ctl.values("application-server", "show", "ctl-as.ims.test")["permissions"] == {"RepositoryData": ["pull", "update"], "MSISDN": ["pull"]}
    assert any("ctl-as.ims.test" in line and "RepositoryData pull,update" in line and "MSISDN pull" in line
               for line in ctl("application-server", "list").out.splitlines())
    for wrong, status in (("RepositoryData", USAGE), ("=pull", USAGE), ("Nonsense=pull", REFUSED), ("MSISDN=update", REFUSED), ("MSISDN=", REFUSED)):
        ctl("application-server", "set", "ctl-as.ims.test", "--may", wrong, status=status)
    ctl("application-server", "set", "ctl-as.ims.test")
    assert ctl.values("application-server", "show", "ctl-as.ims.test")["permissions"] == {}
    ctl("application-server", "remove", "ctl-as.ims.test")
    ctl("application-server", "remove", "ctl-as.ims.test", status=REFUSED)


def test_an_s_cscf_is_recorded_and_its_users_taken_off(ctl, hss, scscf, user):
    register(scscf, user)
    name = hss.rest("GET", f"/v1/identities/{user.impu}").json["registration"]["scscf"]
    ctl("scscf", "set", "sip:ctl.ims.test", "--note", "rack 2", "--capability", "1", "--capability", "7")
    assert ctl.values("scscf", "show", "sip:ctl.ims.test")["capabilities"] == [1, 7]
    table = rows(ctl("scscf", "list"))
    assert ["sip:ctl.ims.test", "0", "1,7", "rack", "2"] in table and any(r[0] == name and int(r[1]) >= 1 for r in table)
    ctl("scscf", "remove", "sip:ctl.ims.test")
    users = ctl.values("scscf", "users", name, "--limit", "100000")
    assert {"subscription": user.impi, "impis": [user.impi], "served": True} in users
    assert "would end" in ctl("scscf", "take-off", name, "--dry-run").out
    assert hss.rest("GET", f"/v1/scscf/{name}").json["assigned"] == len(users)
    done = ctl.values("scscf", "take-off", name, "--reason", "permanent-termination", "--info", "closed")
    assert done["subscriptions"] == len(users)
    assert told(scscf, wire.RTR).text(wire.USER_NAME) == user.impi
    ctl("scscf", "take-off", name, "--reason", "boredom", status=REFUSED)


def test_all_subscribers_go_out_and_come_back(ctl, hss, user, tmp_path):
    path = tmp_path / "all.ndjson"
    ctl("subscriber", "export", "--file", str(path))
    assert path.stat().st_mode & 0o077 == 0
    lines = path.read_text().splitlines()
    mine = next(text for text in lines if json.loads(text)["impi"] == user.impi)
    assert len(lines) == hss.rest("GET", "/v1/subscribers").json["total"] and "sealed" in json.loads(mine)["credentials"]
    assert mine in ctl("subscriber", "export").out
    hss.rest("DELETE", f"/v1/subscribers/{user.impi}")
    r = ctl("subscriber", "import", "-", "--dry-run", input=mine)
    assert "1 would be loaded, 0 wrong" in r.out
    ctl("subscriber", "show", user.impi, status=REFUSED)
    r = ctl("subscriber", "import", "-", "--name", "ctl", input=mine + "\n{}\n", status=REFUSED)
    assert "1 loaded, 1 wrong, 0 passed over" in r.out and "line 2: impi: is needed" in r.err
    assert hss.connect(f"ctl{next(numbers)}.ims.test").mar(user.impi, user.impu).result == "SUCCESS"  # with its password
    assert ctl("subscriber", "import", "-", input=mine, output="json").json["loaded"] == 1
    ctl("subscriber", "import", str(tmp_path / "none"), status=USAGE)


def test_tokens_are_made_listed_and_removed(another, tmp_path):
    h = another()
    admin = Ctl(h, tmp_path)
    token = admin("token", "add", "nightly", "--role", "provisioner", "--expires", "2099-12-31").out.strip()
    eye = admin("token", "add", "eye", "--role", "reader").out.strip()
    assert len(token) >= 32 and token not in (h.state / "tokens").read_text() and (h.state / "tokens").stat().st_mode & 0o077 == 0
    assert rows(admin("token", "list"))[1:] == [["nightly", "provisioner", "good", "2099-12-31T00:00:00Z"], ["eye", "reader", "good"]]
    assert "is there already" in admin("token", "add", "eye", "--role", "reader", status=REFUSED).err
    for wrong in (("x", "--role", "root"), ("x",), ("a b", "--role", "reader"), ("x", "--role", "reader", "--expires", "soon")):
        admin("token", "add", *wrong, status=USAGE)
    assert h.rest("GET", "/v1/subscribers", token=eye).status == 401
    h.process.send_signal(signal.SIGHUP)
    until(lambda: h.rest("GET", "/v1/subscribers", token=eye).status == 200)
    (tmp_path / "eye").write_text(eye)
    reader = Ctl(h, tmp_path, tmp_path / "eye")
    reader("subscriber", "list")
    assert "the token's role is reader; this needs provisioner" in reader("subscriber", "add", "x@ims.test", status=REFUSED).err
    admin("token", "remove", "eye")
    admin("token", "remove", "eye", status=REFUSED)
    h.process.send_signal(signal.SIGHUP)
    until(lambda: h.rest("GET", "/v1/subscribers", token=eye).status == 401)
    assert h.rest("GET", "/v1/subscribers", token=token).status == 200
    h.stop()
