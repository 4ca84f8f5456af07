# SPDX-License-Identifier: Apache-2.0
"""All of the store into a file and back, whole or not at all, into either database, while the HSS serves."""
import hashlib
import itertools
import json
import pathlib
import threading

import pytest

from hss_alone import NET, another, make_user, new_store, postgresql, until  # noqa: F401
from rest import PROFILE, XML, assert_problem
from test_hss_cx import REGISTRATION, AkaUser
from test_hss_key import imsctl
from test_hss_store import digest_users

pytestmark = pytest.mark.store("sqlite", "postgresql")
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture
def beside(another, tmp_path):
    """Further HSSs; beside(keys=h): with the master key of h."""
    numbers = itertools.count(40)

    def make(keys=None, options="", **named):
        n = next(numbers)
        (tmp_path / str(n)).mkdir()
        options += f"master_key: {keys.state}/master.key\n" if keys else ""
        return another(tmp_path / str(n), address=f"{NET}.{n}", options=options, **named)
    return make


def take(h):
    r = h.rest("GET", "/v1/backup")
    assert r.status == 200 and r.headers["Content-Type"] == "application/x-ndjson", r
    return r.body


def put_back(h, backup, **asked):
    query = "&".join(f"{k}={v}" for k, v in asked.items())
    return h.rest("POST", "/v1/backup" + ("?" + query if query else ""), backup, headers={"Content-Type": "application/x-ndjson"})


def sealed_off(lines):
    """The text with the last line that it deserves."""
    text = "".join(line + "\n" for line in lines).encode()
    return text + b'{"lines":%d,"sha256":"%s"}\n' % (len(lines), hashlib.sha256(text).hexdigest().encode())


def tables(backup):
    """Rows by table, without what restoring changes: sequence numbers, and the count of changes."""
    found, table = {}, None
    for line in backup.decode().splitlines()[1:-1]:
        o = json.loads(line)
        if isinstance(o, dict):
            table, columns = o["table"], o["columns"]
            found[table] = []
        else:
            row = dict(zip(columns, o))
            row.pop("seq", None)
            found[table].append(row)
    found.pop("provisioning")
    return found


@pytest.fixture
def full(another):
    """An HSS with something of everything, users registered, and what was asked of them."""
    h = another()
    assert h.rest("PUT", "/v1/profiles/gold", PROFILE.format(7), headers=XML).status == 201
    for u in digest_users(30):
        h.put(**{**u, "visited_networks": ["a.test"], "charging": {"primary_ccf": "aaa://ccf.ims.test"}})
    h.aka, h.user = AkaUser(h), make_user(h, profile="gold", identities=[{"impu": "sip:gold@ims.test", "display_name": "G\u00f6ld \"x\""}])
    h.cx = h.connect()
    h.sqns = h.aka.usim.check(h.aka.ask(h.cx, 3))
    for u in (h.aka, h.aka.user):
        assert h.cx.sar(u.impi, u.impu, REGISTRATION).result == "SUCCESS"
    return h


@pytest.mark.parametrize("into", ["the same", "the other"])
def test_what_was_there_is_there_again_in_either_database(full, beside, store, into):
    backup = take(full)
    assert backup == take(full) or tables(backup) == tables(take(full))
    h = beside(keys=full, store=new_store(store if into == "the same" else OTHER[store]))
    r = put_back(h, backup)
    assert r.status == 200 and r.json["subscribers"] == 32 and not r.json["dry_run"], r
    assert tables(take(h)) == tables(backup)
    cx = h.connect()
    assert cx.lir(full.aka.impu).result == "SUCCESS"  # registered, as it was
    assert min(full.aka.usim.check(full.aka.ask(cx, 3))) > max(full.sqns)
    assert cx.mar("load000003@ims.test", "sip:load000003@ims.test").result == "SUCCESS"
    h.put("new@ims.test")  # with numbers that nobody has
    h.kill()
    h.start()
    assert h.connect().lir(full.aka.impu).result == "SUCCESS"


def test_numbers_given_out_after_the_backup_are_not_given_out_again(full, beside):
    backup = take(full)
    sqns = full.aka.usim.check([v for _ in range(300) for v in full.aka.ask(full.cx, 5)])  # past what was reserved then
    assert put_back(full, backup, replace="true").status == 200
    assert min(full.aka.usim.check(full.aka.ask(full.cx, 3))) > max(sqns)
    other = beside(keys=full)
    assert put_back(other, backup).status == 200
    assert min(full.aka.usim.check(full.aka.ask(other.connect(), 3))) > max(sqns)


def test_a_full_store_is_left_alone_unless_it_is_to_go(full):
    backup = take(full)
    full.put("later@ims.test")
    assert_problem(put_back(full, backup), 409, words="not empty")
    assert full.rest("GET", "/v1/subscribers/later@ims.test").status == 200
    r = put_back(full, backup, replace="true", dry_run="true")
    assert r.status == 200 and r.json["dry_run"] and full.rest("GET", "/v1/subscribers/later@ims.test").status == 200
    assert put_back(full, backup, replace="true").status == 200
    assert full.rest("GET", "/v1/subscribers/later@ims.test").status == 404
    assert tables(take(full)) == tables(backup)
    assert_problem(put_back(full, backup, replace="perhaps"), 400, "replace")


def test_a_backup_that_is_not_as_it_was_made_changes_nothing(full, beside):
    backup, h = take(full), beside(keys=full)
    lines = backup.decode().splitlines()[:-1]
    i = next(i for i, line in enumerate(lines) if "load000007@ims.test" in line)
    wrong = {"checksum": [backup[:-1], backup[:len(backup) // 2], backup[1:], backup.replace(b"load000007", b"load000008", 1), backup + b"\n", b"{}\n",
                          sealed_off(lines[:40])[:-8] + sealed_off(lines)[-8:]],
             "no backup": [sealed_off(['{"format":"other","version":1,"schema":1}']), sealed_off(["[]"])],
             "know": [sealed_off([json.dumps({**json.loads(lines[0]), "schema": 9999})] + lines[1:]),
                      sealed_off([json.dumps({**json.loads(lines[0]), "version": 2})] + lines[1:])],
             "line ": [sealed_off(lines[:i + 1] + [lines[i]] + lines[i + 1:]), sealed_off(lines + ["nonsense"]), sealed_off(lines + ["[1,2,3,4,5,6]"]),
                       sealed_off(lines + ['{"table":"x; DROP TABLE scscf","columns":["id"]}', "[1]"]), sealed_off(lines + ['{"table":"nobody","columns":["id"]}']),
                       sealed_off(lines + ['{"table":"scscf","columns":["name","colour"]}', '["sip:a",1]']), sealed_off(lines + ["[true]"]),
                       sealed_off(lines + ['{"table":"scscf","columns":["name","note","revision"]}', '["sip:a",{"hex":"0g"},1]'])]}
    for words, those in wrong.items():
        for body in those:
            r = put_back(h, body)
            assert r.status == 422 and words in r.json["detail"], (words, body[-200:], r)
    assert_problem(put_back(h, b""), 422)
    assert h.rest("GET", "/v1/subscribers").json["subscribers"] == [] and h.rest("GET", "/v1/profiles").json["profiles"] == []
    assert put_back(h, backup).status == 200 and tables(take(h)) == tables(backup)


def test_another_master_key_is_told_before_anything_changes(full, beside):
    h = beside()
    h.put("mine@ims.test")
    assert_problem(put_back(h, take(full), replace="true"), 409, words="another master key")
    assert h.rest("GET", "/v1/subscribers/mine@ims.test").status == 200


def test_a_rotated_key_comes_back_under_its_number(full, beside, tmp_path):
    assert imsctl(full, tmp_path, "key", "rotate").returncode == 0
    backup, h = take(full), beside(keys=full)
    assert put_back(h, backup).status == 200
    assert h.connect().mar("load000003@ims.test", "sip:load000003@ims.test").result == "SUCCESS"
    h.put("sealed@ims.test", credentials={"scheme": "digest", "password": "another-word"})
    assert h.rest("GET", "/v1/key").json["key"] == full.rest("GET", "/v1/key").json["key"]
    h.kill()
    h.start()
    assert h.connect().mar("sealed@ims.test", "sip:sealed@ims.test").result == "SUCCESS"


def test_nobody_but_the_security_role_may_and_no_secret_is_in_it_in_the_clear(full):
    backup = take(full).decode()
    assert full.aka.usim.k.hex() not in backup and full.aka.usim.opc.hex() not in backup and "password" not in backup
    assert hashlib.md5(b"load000003@ims.test:ims.test:password000003").hexdigest() not in backup
    assert full.rest("GET", "/v1/backup", token="x" * 32).status == 401
    assert full.rest("POST", "/v1/backup", b"{}", token="x" * 32).status == 401


def test_a_backup_is_of_one_moment_though_the_hss_changes_meanwhile(full):
    """Each PUT makes a subscriber with two identities in one transaction: a backup has all of it, or nothing."""
    stop, made = threading.Event(), itertools.count()

    def keep_changing():
        while not stop.is_set():
            n = next(made)
            full.put(f"busy{n}@ims.test", identities=[{"impu": f"sip:busy{n}@ims.test"}, {"impu": f"tel:+1777{n:06}"}])
    thread = threading.Thread(target=keep_changing)
    thread.start()
    try:
        seen = []
        while len(seen) < 5:
            found = tables(take(full))
            busy = {r["impi"] for r in found["private_identity"] if r["impi"].startswith("busy")}
            impus = {r["impu"] for r in found["public_identity"]}
            assert {f"sip:{u}" for u in busy} <= impus and len([i for i in impus if i.startswith("tel:+1777")]) == len(busy)
            if not seen or len(busy) > seen[-1]:
                seen.append(len(busy))
    finally:
        stop.set()
        thread.join(20)


def test_many_rows_go_through_in_pieces(full, beside):
    assert full.bulk(digest_users(1200, name="many")).json["loaded"] == 1200
    backup, h = take(full), beside(keys=full)
    r = put_back(h, backup)
    assert r.status == 200 and r.json["subscribers"] == 1232, r
    assert tables(take(h)) == tables(backup)


def test_imsctl_makes_a_file_and_restores_it(full, beside, tmp_path):
    path, h = tmp_path / "hss.backup", beside(keys=full)
    done = imsctl(full, tmp_path, "backup", str(path))
    assert done.returncode == 0 and "master key" in done.stdout, done
    assert path.stat().st_mode & 0o777 == 0o600 and not pathlib.Path(f"{path}.part").exists()
    (tmp_path / "b").mkdir()
    done = imsctl(h, tmp_path / "b", "restore", str(path), "--dry-run")
    assert done.returncode == 0 and "would restore 32" in done.stdout, done
    done = imsctl(h, tmp_path / "b", "restore", str(path))
    assert done.returncode == 0 and "restored 32" in done.stdout and tables(take(h)) == tables(path.read_bytes()), done
    done = imsctl(h, tmp_path / "b", "restore", str(path))
    assert done.returncode == 1 and "not empty" in done.stderr
    done = imsctl(h, tmp_path / "b", "--output", "json", "restore", str(path), "--replace")
    assert done.returncode == 0 and json.loads(done.stdout)["subscribers"] == 32, done
    before = take(h)
    path.write_bytes(path.read_bytes()[:-400])
    done = imsctl(h, tmp_path / "b", "restore", str(path), "--replace")
    assert done.returncode == 1 and "checksum" in done.stderr and tables(take(h)) == tables(before)
    done = imsctl(h, tmp_path / "b", "restore", str(tmp_path / "nowhere"))
    assert done.returncode == 2 and "nowhere" in done.stderr
    h.stop()
    done = imsctl(h, tmp_path / "b", "backup", str(tmp_path / "none"))
    assert done.returncode == 3 and not (tmp_path / "none").exists() and not (tmp_path / "none.part").exists(), done


def is_restoring(h):
    """Its transaction has written much, and has not committed."""
    if h.store:
        return postgresql().sql(h.store, "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'")[0][0] > 20
    wal = pathlib.Path(f"{h.database}-wal")
    return wal.exists() and wal.stat().st_size > 1_000_000


def test_an_hss_that_dies_in_the_middle_of_restoring_has_what_it_had(beside):
    source = beside(store=None)
    assert source.bulk(digest_users(8000, name="many")).json["loaded"] == 8000
    backup, h = take(source), beside(keys=source, options="cache_mb: 1\n")
    h.put("mine@ims.test")
    before = tables(take(h))
    thread = threading.Thread(target=lambda: pytest.raises(OSError, put_back, h, backup, replace="true"))
    thread.start()
    until(lambda: is_restoring(h), 10, "the restoring")
    h.kill()
    thread.join(10)
    h.start()
    assert tables(take(h)) == before
