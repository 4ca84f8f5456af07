# SPDX-License-Identifier: Apache-2.0
"""The master key: where it comes from, that no other opens the store, and how another takes its place while the HSS serves."""
import concurrent.futures
import itertools
import json
import os
import subprocess

import pytest

from hss_alone import BIN, NET, Hss, another, new_store, until  # noqa: F401
from hss_streams import Loads, Provisioning, Vectors
from test_hss_aka import milenage, tuak
from test_hss_aka import User as Card
from test_hss_cx import AkaUser
from test_hss_store import digest_users

pytestmark = pytest.mark.store("sqlite", "postgresql")

_askers = itertools.count(1)
WRONG = 'the wrong key: the secrets of the store are sealed under another key'


def refused(h, env=None):
    """The log of a start that fails."""
    before = len(h.log_text())
    done = subprocess.run([BIN / "hss", "-c", h.config], capture_output=True, timeout=20, env=env)
    assert done.returncode == 1, done
    return h.log_text()[before:]


def put_key(path, text, mode=0o600):
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(mode)


def password_user(h, impi="k@ims.test"):
    return h.put(impi, credentials={"scheme": "digest", "password": "x"})


def ask(h, impi="k@ims.test"):
    """A MAR over a connection of its own."""
    with h.connect(f"asker{next(_askers)}.ims.test") as c:
        return c.mar(impi, f"sip:{impi}").result


def opens(h, impi="k@ims.test"):
    return ask(h, impi) == "SUCCESS"


# ---- where it comes from ----

@pytest.mark.parametrize("with_subscriber", [True, False])
def test_a_store_opened_with_the_wrong_key_stops_the_start(another, with_subscriber):
    h = another()
    if with_subscriber:
        password_user(h)
    h.stop()
    right = (h.state / "master.key").read_text()
    put_key(h.state / "master.key", "ab" * 32 + "\n")
    assert f'master.key error="{WRONG}"' in refused(h)
    (h.state / "master.key").unlink()
    assert "it is not there: the secrets of the store are sealed under another key" in refused(h)
    assert not (h.state / "master.key").exists()  # none is made for a store that has one
    put_key(h.state / "master.key", right)
    h.start()
    assert not with_subscriber or opens(h)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_is_not_used(another, mode):
    h = another()
    h.stop()
    (h.state / "master.key").chmod(mode)
    assert "others may read it" in refused(h)


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "xy" * 32])
def test_a_key_with_a_mistake_is_told(another, text):
    h = another()
    h.stop()
    put_key(h.state / "master.key", text)
    assert "64 hex digits are expected" in refused(h)


@pytest.mark.parametrize("value", ["env:", "env:A=B", "credential:", "credential:../key", "file:", "file:" + "x" * 600])
def test_a_source_with_a_mistake_is_a_wrong_configuration(tmp_path, value):
    config = tmp_path / "hss.yaml"
    config.write_text(f"domain: ims.test\nstate: {tmp_path}\nmaster_key: '{value}'\n")
    done = subprocess.run([BIN / "hss", "-t", "-c", config], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "master_key" in done.stderr and "env:NAME" in done.stderr, done


def test_a_file_may_be_said_to_be_one(another, tmp_path):
    h = another(options=f"master_key: 'file:{tmp_path}/elsewhere.key'")
    assert (tmp_path / "elsewhere.key").stat().st_mode & 0o777 == 0o600 and not (h.state / "master.key").exists()
    assert h.rest("GET", "/v1/key").json == {"key": 1, "source": "file", "state": "steady", "resealed": 0, "total": 0, "unopened": 0}


def test_the_key_may_be_a_credential_of_the_service_manager(another, tmp_path, monkeypatch):
    """[systemd.exec(5) LoadCredential=]"""
    directory = tmp_path / "credentials"
    directory.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(directory))
    put_key(directory / "hss.key", "12" * 32, 0o440)  # as an ACL's mask shows
    h = another(options="master_key: 'credential:hss.key'")
    password_user(h)
    assert opens(h) and h.rest("GET", "/v1/key").json["source"] == "credential"
    assert not (h.state / "master.key").exists()
    r = h.rest("POST", "/v1/key/rotate")
    assert r.status == 409 and "hss.key.next" in r.json["detail"]
    h.stop()
    (directory / "hss.key").chmod(0o444)
    assert "others may read it" in refused(h)
    put_key(directory / "hss.key", "13" * 32, 0o400)
    assert WRONG in refused(h)
    (directory / "hss.key").unlink()
    assert "it is not there" in refused(h)


def test_the_key_may_be_a_variable_which_the_process_does_not_keep(another, monkeypatch):
    key = "0f1e2d3c4b5a6978" * 4
    monkeypatch.setenv("HSS_MASTER_KEY", key)
    monkeypatch.setenv("OTHER_VARIABLE", "stays")
    h = another(options="master_key: 'env:HSS_MASTER_KEY'")
    environ = open(f"/proc/{h.process.pid}/environ", "rb").read()
    assert b"OTHER_VARIABLE=stays" in environ and key[:8].encode() not in environ
    password_user(h)
    h.stop()
    h.start()
    assert opens(h) and h.rest("GET", "/v1/key").json["source"] == "env"
    h.stop()
    for wrong, told in (("f" * 64, WRONG), ("f" * 63, "64 hex digits are expected"), ("f" * 65, "64 hex digits are expected")):
        assert told in refused(h, {**os.environ, "HSS_MASTER_KEY": wrong})
    monkeypatch.delenv("HSS_MASTER_KEY")
    assert "it is not there" in refused(h)


# ---- rotation ----

def key_state(h):
    return h.rest("GET", "/v1/key").json


def rotate(h, body=None):
    r = h.rest("POST", "/v1/key/rotate", body)
    assert r.status == 202, r
    return r.json


def await_steady(h, key):
    until(lambda: key_state(h)["state"] != "rotating", 60, "the rotation")
    assert (key_state(h)["state"], key_state(h)["key"]) == ("steady", key), key_state(h)


def blob(value):
    return bytes.fromhex(value.removeprefix("\\x")) if isinstance(value, str) else value


def keys_of_secrets(h):
    """By what the rows and what the secrets themselves say."""
    rows = h.rows("SELECT key_id, ha1 FROM digest_credential") + h.rows("SELECT key_id, k FROM aka_credential") + \
        h.rows("SELECT key_id, opc FROM aka_credential")
    assert all(blob(secret)[0] == 2 for _, secret in rows)
    return {number for number, _ in rows} | {int.from_bytes(blob(secret)[1:5], "big") for _, secret in rows}


def imsctl(h, tmp_path, *arguments, input=None):
    config = tmp_path / "imsctl.yaml"
    config.write_text(f"domain: ims.test\nhss: https://{h.address}:8443\nca: {h.pki}.crt\ntoken_file: {h.state}/admin.token\n")
    return subprocess.run([BIN / "imsctl", "--config", config, *arguments], input=input, capture_output=True, text=True, timeout=60)


def test_a_rotation_seals_every_secret_under_the_new_key_and_discards_the_old(another, tmp_path):
    h = another()
    cards, before = [Card(h, made) for made in (milenage(), tuak(), tuak(32))], (h.state / "master.key").read_text()
    password_user(h)
    done = imsctl(h, tmp_path, "--output", "json", "key", "rotate")
    assert done.returncode == 0, done
    assert json.loads(done.stdout) == {"key": 2, "source": "file", "state": "steady", "resealed": 5, "total": 5, "unopened": 0}
    after = (h.state / "master.key").read_text()
    assert after != before and len(after) == 65 and (h.state / "master.key").stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in h.state.glob("*key*")) == ["master.key"]
    assert keys_of_secrets(h) == {2} and [row[0] for row in h.rows("SELECT id FROM master_key")] == [2]
    for again in range(2):
        cx = h.connect()
        for card in cards:
            rand, autn, _ = card.ask(cx)[0]
            assert card.isim.answer(rand, autn)[0] == "res"
        assert opens(h)
        if not again:
            h.stop()
            h.start()
    h.stop()
    put_key(h.state / "master.key", before)
    assert WRONG in refused(h)
    assert before.strip() not in h.log_text() and after.strip() not in h.log_text()


def test_the_next_key_may_be_given(another, tmp_path):
    h = another()
    password_user(h)
    path, now = tmp_path / "next", h.state / "master.key"
    path.write_text("c1" * 32 + "\n")
    done = imsctl(h, tmp_path, "key", "rotate", "--key-file", str(path))
    assert done.returncode == 0 and "steady" in done.stdout and "sealed anew  2 of 2" in done.stdout, done
    assert now.read_text().strip() == "c1" * 32 and opens(h)
    put_key(h.state / "master.key.next", "c2" * 32)  # where the HSS looks for it
    done = imsctl(h, tmp_path, "key", "rotate", "--key-file", "-", input="c3" * 32 + "\n")
    assert done.returncode == 1 and "another key lies in" in done.stderr, done
    await_steady(h, 2)
    done = imsctl(h, tmp_path, "key", "rotate", "--key-file", "-", input="c2" * 32 + "\n")
    assert done.returncode == 0 and now.read_text().strip() == "c2" * 32, done
    put_key(h.state / "master.key.next", "c4" * 32)
    assert imsctl(h, tmp_path, "key", "rotate").returncode == 0 and now.read_text().strip() == "c4" * 32
    assert "number 4" in imsctl(h, tmp_path, "key", "show").stdout
    done = imsctl(h, tmp_path, "key", "rotate", "--key-file", "-", input="c4" * 32 + "\n")
    assert done.returncode == 1 and "in use" in done.stderr and not (h.state / "master.key.next").exists(), done
    h.stop()
    h.start()
    assert opens(h) and key_state(h)["key"] == 4


@pytest.mark.parametrize("body", ['{"key": 1}', '{"key": ""}', '{"key": "%s"}' % ("5a" * 31), '{"key": "%s"}' % ("5x" * 32),
                                  '{"key": "%s", "more": 1}' % ("5a" * 32), '["%s"]' % ("5a" * 32), '{"other": 1}'])
def test_what_is_no_key_is_refused_and_not_repeated(another, body):
    h = another()
    r = h.rest("POST", "/v1/key/rotate", body)
    assert r.status == 422 and b"5a5a" not in r.body and b"5x5x" not in r.body, r
    for no_json in ('"%s"', '{"key" "%s"}', '{"key": "%s" 1}', '{"key": %s'):
        r = h.rest("POST", "/v1/key/rotate", no_json % ("5a" * 32))
        assert r.status == 400 and b"5a5a" not in r.body, r
    assert h.rest("POST", "/v1/key/rotate?dry_run=true").status == 400
    assert key_state(h)["key"] == 1 and [p.name for p in h.state.glob("*key*")] == ["master.key"]


def test_secrets_are_sealed_anew_under_load_and_nobody_notices(another, store):
    h, many = another(), 4000 if store == "sqlite" else 1000
    assert h.bulk(digest_users(many)).json["loaded"] == many
    streams = [Vectors(h, "scscf1", 1, [AkaUser(h) for _ in range(4)]), Provisioning(h, "put", 2), Loads(h, "load", 3)]
    digests, seen = h.connect("scscf4.ims.test"), set()
    for s in streams:
        s.begin()
    for key in (2, 3):
        rotate(h)
        goal = {s: s.acknowledged + 30 for s in streams}
        n = 0
        while key_state(h)["state"] == "rotating" or any(s.acknowledged < goal[s] for s in streams):
            assert not any(s.refused for s in streams), [s.refused for s in streams]
            impi = f"load{n % many:06}@ims.test"
            assert digests.mar(impi, f"sip:{impi}").result == "SUCCESS"
            seen.add(key_state(h)["state"])
            n += 37
        await_steady(h, key)
    assert "rotating" in seen
    h.kill()
    for s in streams:
        s.settle()
    h.start()
    assert keys_of_secrets(h) == {3}
    assert not any(s.lost(True) for s in streams)
    assert streams[0].sequence_numbers()


@pytest.mark.parametrize("when", [0, 0.01, 0.3, 0.6, 0.95])
def test_kill_9_in_the_middle_is_recovered_from_by_the_next_start(another, store, when):
    """`when`: the part that has been sealed anew by then."""
    h, many = another(), 4000 if store == "sqlite" else 1000
    h.bulk(digest_users(many))
    rotate(h)
    for _ in range(2):  # the second one dies while it recovers
        until(lambda: (now := key_state(h))["total"] and now["resealed"] >= when * now["total"] / 2, 20)
        h.kill()
        h.start()
    await_steady(h, 2)
    assert h.log_text().count("event=rotate key=2") >= 2  # there was something left to recover
    assert keys_of_secrets(h) == {2}
    assert [p.name for p in h.state.glob("*key*")] == ["master.key"]
    cx = h.connect()
    for n in range(0, many, 101):
        assert cx.mar(f"load{n:06}@ims.test", f"sip:load{n:06}@ims.test").result == "SUCCESS"
    h.stop()
    h.start()
    assert opens(h, "load000000@ims.test")


def test_sigterm_stops_between_two_batches(another, store):
    h = another()
    h.bulk(digest_users(3000 if store == "sqlite" else 800))
    rotate(h)
    h.stop()
    h.start()
    await_steady(h, 2)
    assert keys_of_secrets(h) == {2}


@pytest.mark.parametrize("left", ["the file of a key that the store never met", "both files, one row"])
def test_what_a_death_leaves_between_file_and_store_is_no_harm(another, left):
    h = another()
    password_user(h)
    first = (h.state / "master.key").read_text()
    if left.startswith("both"):  # the store had its last word, the file not
        rotate(h)
        await_steady(h, 2)
        h.stop()
        os.rename(h.state / "master.key", h.state / "master.key.next")
        put_key(h.state / "master.key", first)
    else:
        h.stop()
        put_key(h.state / "master.key.next", "77" * 32)
    h.start()
    assert opens(h) and key_state(h)["state"] == "steady"
    if left.startswith("both"):
        assert (h.state / "master.key").read_text() != first and not (h.state / "master.key.next").exists()
    else:
        rotate(h)
        await_steady(h, 2)
        assert (h.state / "master.key").read_text() == "77" * 32


def test_a_secret_that_does_not_open_keeps_its_key_until_it_is_gone(another, tmp_path):
    h = another()
    for impi in ("good@ims.test", "moved@ims.test"):
        password_user(h, impi)
    h.change("UPDATE private_identity SET impi = 'another@ims.test' WHERE impi = 'moved@ims.test'")  # not its row any more
    done = imsctl(h, tmp_path, "--output", "json", "key", "rotate")
    assert done.returncode == 1 and json.loads(done.stdout) == {"key": 2, "source": "file", "state": "incomplete", "resealed": 2, "total": 4,
                                                               "unopened": 2}
    assert "impi=another@ims.test" in h.log_text()
    assert opens(h, "good@ims.test") and (h.state / "master.key.next").exists()
    h.stop()
    h.start()
    until(lambda: key_state(h)["state"] == "incomplete", 10)
    assert opens(h, "good@ims.test")
    assert h.rest("POST", "/v1/key/rotate", {"key": "ab" * 32}).status == 409
    assert h.rest("DELETE", "/v1/subscribers/another@ims.test").status == 204
    done = imsctl(h, tmp_path, "key", "rotate")
    assert done.returncode == 0 and not (h.state / "master.key.next").exists(), done
    assert opens(h, "good@ims.test")


def test_a_key_from_elsewhere_is_rotated_to_the_next_one_from_there(another, monkeypatch):
    monkeypatch.setenv("HSS_KEY", "21" * 32)
    h = another(options="master_key: 'env:HSS_KEY'")
    password_user(h)
    r = h.rest("POST", "/v1/key/rotate", {"key": "22" * 32})
    assert r.status == 409 and "env:HSS_KEY_NEXT" in r.json["detail"]
    h.stop()
    monkeypatch.setenv("HSS_KEY_NEXT", "22" * 32)
    h.start()
    rotate(h)
    await_steady(h, 2)
    assert opens(h)
    h.stop()
    h.start()  # the old one still stands first
    assert opens(h) and "put HSS_KEY_NEXT in its place" in h.log_text()
    assert h.rest("POST", "/v1/key/rotate").status == 409
    h.stop()
    monkeypatch.setenv("HSS_KEY", "22" * 32)
    monkeypatch.delenv("HSS_KEY_NEXT")
    h.start()
    assert opens(h) and key_state(h)["key"] == 2


@pytest.mark.store("postgresql")
def test_of_two_front_ends_that_rotate_at_the_same_time_one_does(another, store, tmp_path):
    shared, ends = new_store(store), []
    for n, side in enumerate("ab"):
        (tmp_path / side).mkdir()
        put_key(tmp_path / side / "key", "41" * 32)
        ends.append(another(tmp_path / side, address=f"{NET}.{15 + n}", store=shared, options=f"master_key: {tmp_path}/{side}/key"))
    password_user(ends[0])
    ask(ends[1])
    with concurrent.futures.ThreadPoolExecutor() as pool:
        replies = list(pool.map(lambda h: h.rest("POST", "/v1/key/rotate"), ends))  # each makes a key of its own
    assert sorted(r.status for r in replies) in ([202, 409], [202, 503]), replies
    one = ends[[r.status for r in replies].index(202)]
    await_steady(one, 2)
    assert opens(one) and keys_of_secrets(one) == {2}
    one.stop()
    one.start()
    assert opens(one)


@pytest.mark.store("postgresql")
def test_of_two_front_ends_that_first_meet_a_store_one_gives_it_its_key(another, store, tmp_path):
    shared = new_store(store)
    for side in "ab":
        (tmp_path / side).mkdir()
    h = another(tmp_path / "a", store=shared)
    h.stop()
    h.change("UPDATE master_key SET check_value = NULL")  # as a store that nobody has met
    other = Hss(tmp_path / "b", address=f"{NET}.16", store=shared)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = [pool.submit(subprocess.Popen, [BIN / "hss", "-c", x.config]) for x in (h, other)]
    processes = [r.result() for r in runs]
    try:
        until(lambda: [p.poll() for p in processes].count(1) == 1, 20)
        loser = [p.poll() for p in processes].index(1)
        assert WRONG in (h, other)[loser].log_text()
        assert processes[1 - loser].poll() is None
    finally:
        for p in processes:
            p.kill()
            p.wait()


@pytest.mark.store("postgresql")
def test_another_front_end_follows(another, store, tmp_path):
    shared, key = new_store(store), "31" * 32
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    for side in "ab":
        put_key(tmp_path / side / "key", key)
    a = another(tmp_path / "a", store=shared, options=f"master_key: {tmp_path}/a/key")
    b = another(tmp_path / "b", address=f"{NET}.16", store=shared, options=f"master_key: {tmp_path}/b/key")
    password_user(a), password_user(b, "b@ims.test")
    put_key(tmp_path / "b/key.next", "32" * 32)
    rotate(a, {"key": "32" * 32})
    await_steady(a, 2)
    assert opens(b) and opens(a, "b@ims.test")
    password_user(b, "c@ims.test")
    assert opens(a, "c@ims.test") and keys_of_secrets(a) == {2}
    rotate(a, {"key": "33" * 32})  # this one b has not
    await_steady(a, 3)
    assert ask(b) == "UNABLE_TO_COMPLY"
    r = b.rest("PUT", "/v1/subscribers/d@ims.test", {"identities": [{"impu": "sip:d@ims.test"}], "credentials": {"scheme": "digest", "password": "x"}})
    assert r.status == 503 and "master key" in r.json["detail"], r
    put_key(tmp_path / "b/key.next", "33" * 32)
    assert opens(b)
