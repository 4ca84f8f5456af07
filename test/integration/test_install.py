# SPDX-License-Identifier: Apache-2.0
"""What `make install` leaves: binaries, units, users, manual, configuration that works under the unit. [INTERFACES]"""
import os
import re
import shutil
import subprocess

import pytest

from core import BIN, ROOT

DAEMONS = ["pcscf", "icscf", "scscf", "hss"]


def install(destination):
    """Of what is built already: -o all."""
    p = subprocess.run(["make", "-o", "all", "install", "BUILD=" + os.path.dirname(BIN), "DESTDIR=%s" % destination, "PREFIX=/usr"], cwd=ROOT,
                       capture_output=True, text=True, timeout=120, env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})
    assert p.returncode == 0, p.stdout + p.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    destination = tmp_path_factory.mktemp("installed")
    install(destination)
    return destination


def test_everything_has_its_place(tree):
    found = {os.path.relpath(os.path.join(d, f), tree): os.stat(os.path.join(d, f)).st_mode & 0o777 for d, _, files in os.walk(tree) for f in files}
    wanted = {"usr/bin/%s" % n: 0o755 for n in DAEMONS + ["imsctl"]}
    wanted.update({"usr/lib/systemd/system/minims-%s.service" % n: 0o644 for n in DAEMONS})
    wanted.update({"usr/share/man/man8/%s.8" % n: 0o644 for n in DAEMONS})
    wanted.update({"etc/minims/%s.yaml" % n: 0o644 for n in DAEMONS + ["imsctl"]})
    wanted.update({p: 0o644 for p in ("usr/share/man/man1/imsctl.1", "usr/lib/sysusers.d/minims.conf", "usr/share/bash-completion/completions/imsctl")})
    assert found == wanted


@pytest.mark.parametrize("name", DAEMONS)
def test_the_installed_daemon_likes_its_installed_configuration(tree, name):
    """But for certificates, which nobody installs: the example has them commented out."""
    p = subprocess.run([tree / "usr/bin" / name, "-t", "-c", tree / "etc/minims" / (name + ".yaml")], capture_output=True, text=True)
    assert p.returncode == 0, p.stderr


@pytest.mark.parametrize("name", DAEMONS)
def test_what_a_daemon_writes_lies_where_its_unit_lets_it(tree, name):
    """ProtectSystem=strict: only the state directory."""
    unit = (tree / "usr/lib/systemd/system" / ("minims-%s.service" % name)).read_text()
    state = "/var/lib/" + re.search(r"^StateDirectory=(\S+)$", unit, re.M).group(1)
    text = (tree / "etc/minims" / (name + ".yaml")).read_text()
    paths = re.findall(r"/var/lib/[^\s,}]+", re.sub(r"\s#.*", "", text))
    assert state in paths and not [p for p in paths if p != state and not p.startswith(state + "/")]


@pytest.mark.parametrize("name", DAEMONS)
def test_a_unit_names_what_was_installed(tree, name):
    unit = (tree / "usr/lib/systemd/system" / ("minims-%s.service" % name)).read_text()
    program, _, file = re.search(r"^ExecStart=(\S+) (-c) (\S+)$", unit, re.M).groups()
    assert os.path.isfile("%s%s" % (tree, program)) and os.path.isfile("%s%s" % (tree, file)) and "@" not in unit.replace("@system-service", "").replace(
        "~@privileged @resources @mount @swap @reboot", "")
    user = re.search(r"^User=(\S+)$", unit, re.M).group(1)
    assert re.search(r"^u\s+%s\s" % user, (tree / "usr/lib/sysusers.d/minims.conf").read_text(), re.M)
    assert "Type=notify" in unit and "NoNewPrivileges=yes" in unit and "ProtectSystem=strict" in unit


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
def test_systemd_reads_the_units(tree):
    units = ["minims-%s.service" % n for n in DAEMONS]
    p = subprocess.run(["systemd-analyze", "verify", "--root=%s" % tree, "--man=no", *units], capture_output=True, text=True)
    assert not [line for line in p.stderr.splitlines() if re.search(r"minims-\w+\.service:\d+:", line)], p.stderr


def test_a_configuration_that_is_there_stays(tree):
    mine = tree / "etc/minims/pcscf.yaml"
    old = mine.read_text()
    mine.write_text("domain: mine.test\n")
    try:
        install(tree)
        assert mine.read_text() == "domain: mine.test\n"
    finally:
        mine.write_text(old)


@pytest.mark.parametrize("name", DAEMONS)
def test_the_manual_names_every_group_of_options_and_every_argument(name):
    with open(os.path.join(ROOT, "docs/man/%s.8" % name)) as f:
        page = f.read().replace("\\-", "-")
    usage = subprocess.run([os.path.join(BIN, name), "--help"], capture_output=True, text=True).stdout
    assert not [a for a in re.findall(r"--[a-z]+", usage) if a not in page and a != "--help"] and "--help" in page


def test_make_help_lists_every_target_people_type():
    text = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    targets = {word for names in re.findall(r"^  make ([a-z -]+?)  ", text, re.M) for word in names.split()}
    wanted = {"all", "deps", "demo", "up", "down", "status", "restart", "kill", "test", "test-asan", "fuzz", "bench", "bench-peer", "compose-demo", "install"}
    assert wanted <= targets
