# SPDX-License-Identifier: Apache-2.0
"""What a core leaves behind, and what its doors tell, holds none of its users' secrets: passwords, HA1s, K, OPc, in any of the forms of
secrets_scan. They are some ten thousand patterns, so grep looks for all of them at once.

    doors = read_doors(core)                  while it runs
    found_in(core, doors)                     after its end: [(where, the secret's name)]
"""
import hashlib
import json
import os
import pathlib
import subprocess

from aka import opc_of
from core import DAEMONS
from secrets_scan import forms

LEAST = 8       # octets of a binary form, for grep takes no line breaks
PROCEDURES = 200  # of each daemon's trace, the newest


def secrets_of(users, aka):
    """(name, secret) of the load users and AKA users up to these numbers, as conf/demo/lab_users.py makes them."""
    for n in range(1, users + 1):
        user, password = f"user{n:06}@ims.test", f"password{n:06}"
        yield f"password of {user}", password
        for algorithm in ("md5", "sha256"):
            yield f"HA1 of {user}", hashlib.new(algorithm, f"{user}:ims.test:{password}".encode()).hexdigest()
    op = hashlib.sha256(b"OP:ims.test").digest()[:16]
    yield "OP", op.hex()
    for n in range(1, aka + 1):
        k = hashlib.sha256(f"K:aka{n:06}@ims.test".encode()).digest()[:16]
        yield f"K of aka{n:06}", k.hex()
        yield f"OPc of aka{n:06}", opc_of(k, op).hex()


def patterns(secrets):
    """{octets: name}"""
    found = {}
    for name, secret in secrets:
        for form in forms(secret):
            piece = max(form.replace(b"\0", b"\n").split(b"\n"), key=len)
            if len(piece) >= LEAST:
                found[piece] = name
    return found


def matches(wanted, data, scratch):
    """The names of those that are in the data."""
    file = pathlib.Path(scratch) / "patterns"
    file.write_bytes(b"\n".join(wanted))
    p = subprocess.run(["grep", "-aohF", "-f", file], input=data, capture_output=True, env={**os.environ, "LC_ALL": "C"})
    assert p.returncode in (0, 1), p.stderr
    file.unlink()
    return sorted({wanted[line] for line in p.stdout.splitlines() if line in wanted})


def octets_of(path):
    """A file without its holes: LMDB's are as large as they may become."""
    pieces, at = [], 0
    with open(path, "rb") as f:
        end = os.fstat(f.fileno()).st_size
        while at < end:
            try:
                start = os.lseek(f.fileno(), at, os.SEEK_DATA)
            except OSError:  # a hole to the end
                break
            at = os.lseek(f.fileno(), start, os.SEEK_HOLE)
            f.seek(start)
            pieces.append(f.read(at - start))
    return b"".join(pieces)


def read_doors(core):
    """{where: octets} of traces, metrics and the listing of processes."""
    told = {}
    for name in DAEMONS:
        procedures = core.ops(name, "/trace")
        told[f"trace of {name}"] = json.dumps([procedures] + [core.ops(name, "/trace/" + p["id"]) for p in procedures[:PROCEDURES]]).encode()
        told[f"metrics of {name}"] = core.ops(name, "/metrics").encode()
        told[f"process {name}"] = b"".join(pathlib.Path(f"/proc/{core.pid(name)}/{f}").read_bytes() for f in ("cmdline", "environ"))
    return told


def found_in(core, doors, scratch):
    wanted = patterns(secrets_of(next(core.users), next(core.aka_users)))
    files = {str(p): octets_of(p) for p in pathlib.Path(core.run).rglob("*") if p.is_file() and not p.is_symlink()}
    assert_it_looks(core, doors, files, wanted, scratch)
    all_of_it = {**doors, **files}
    if not matches(wanted, b"\n".join(all_of_it.values()), scratch):
        return []
    return [(where, name) for where, data in all_of_it.items() for name in matches(wanted, data, scratch)]


def assert_it_looks(core, doors, files, wanted, scratch):
    """It reads what it should, and finds what is there."""
    kinds = {pathlib.Path(f).name.split(".")[-1] for f in files}
    assert {"db", "log", "mdb"} <= kinds and any(b"user000001@ims.test" in data for f, data in files.items() if f.endswith(".db"))
    assert set(doors) == {f"{what} {n}" for n in DAEMONS for what in ("trace of", "metrics of", "process")}
    assert matches(wanted, b"".join(b"\xff" + secret + b"\0" for secret in wanted), scratch) == sorted(set(wanted.values()))
