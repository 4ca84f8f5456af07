# SPDX-License-Identifier: Apache-2.0
"""The commands that run a core, and what a daemon does when it is told: make up, status, kill, restart, down; -t, --health, --version;
SIGHUP, SIGTERM, the service manager's socket. [INTERFACES]"""
import os
import re
import signal
import socket
import subprocess

import pytest

from core import BIN, DAEMONS, ROOT, SLOW, runs, until
from test_loss_of_process import talk_soon

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}


def make(core, *arguments):
    p = subprocess.run(["make", "RUN=" + core.run, "BIN=" + BIN, *arguments], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout + p.stderr


def daemon(core, name, *arguments, config=None):
    return subprocess.run([os.path.join(BIN, name), "-c", str(config or "%s/conf/%s.yaml" % (core.run, name)), *arguments], capture_output=True, text=True, timeout=20)


@pytest.fixture(scope="module")
def own_core(loop, tmp_path_factory):
    from conftest import NETS
    from core import Core
    core = Core(loop, tmp_path_factory.mktemp("running") / "run", NETS[1], capture=False)
    yield core
    core.stop()


@pytest.fixture
def core(own_core):
    yield own_core
    for name in list(own_core.killed):
        own_core.start(name)
    own_core.close_phones()


# ---- make ----

def test_status_tells_who_is_ready(core):
    code, said = make(core, "status")
    assert code == 0
    for name in DAEMONS:
        assert re.search(r"^%s +%s +ready +%d$" % (name, re.escape(core.address(name)), core.pid(name)), said, re.M), said


def test_kill_leaves_it_dead_and_restart_brings_it_back(core):
    pid = core.pid("icscf")
    core.killed.add("icscf")
    assert make(core, "kill", "D=icscf")[0] == 0 and not runs(pid)
    code, said = make(core, "status")
    assert code != 0 and re.search(r"^icscf .* down", said, re.M)
    assert make(core, "kill", "D=icscf")[0] != 0
    assert make(core, "restart", "D=icscf")[0] == 0
    core.killed.discard("icscf")
    assert core.pid("icscf") != pid and daemon(core, "icscf", "--health").returncode == 0
    pid = core.pid("icscf")
    assert make(core, "restart", "D=icscf")[0] == 0 and not runs(pid) and runs(core.pid("icscf"))


def test_a_running_core_is_not_started_again(core):
    pids = [core.pid(n) for n in DAEMONS]
    code, said = make(core, "up", "NET=" + core.net)
    assert code != 0 and "runs" in said and [core.pid(n) for n in DAEMONS] == pids


def test_a_daemon_that_nobody_knows_is_named(core):
    for verb in ("kill", "restart"):
        code, said = make(core, verb, "D=mystery")
        assert code != 0 and "mystery" in said


def test_a_core_that_does_not_start_says_why_and_leaves_nothing(loop, tmp_path):
    """The log's last lines; no process stays."""
    from conftest import NETS
    run = str(tmp_path / "run")
    p = subprocess.run(["make", "up", "RUN=" + run, "BIN=" + BIN, "NET=" + NETS[2], "USERS=0", "SET=scscf:registration.min_s=soon"], cwd=ROOT, env=ENVIRONMENT,
                       capture_output=True, text=True, timeout=60)
    assert p.returncode != 0 and re.search(r"scscf\.yaml:\d+: registration\.min_s: ", p.stdout + p.stderr), p.stderr
    for name in DAEMONS + ["dns"]:
        path = "%s/%s.pid" % (run, name)
        assert not os.path.exists(path) or not runs(int(open(path).read()))


def test_down_leaves_no_process_and_keep_brings_all_back(loop, tmp_path):
    """KEEP=1: users and registrations of before; without it run/ is made anew."""
    from conftest import NETS
    from core import Core
    core = Core(loop, tmp_path / "run", NETS[2], capture=False)
    try:
        core.subscriber("carol")
        alice, bob = core.new_phone(), core.phone("carol", "secret")
        alice.register()
        bob.register()
        pids = [core.pid(n) for n in DAEMONS + ["dns"]]
        assert make(core, "down")[0] == 0 and not [p for p in pids if runs(p)]
        assert make(core, "down")[0] == 0
        assert make(core, "up", "KEEP=1", "NET=" + core.net)[0] == 0
        talk_soon(core, alice, bob)
        assert make(core, "down")[0] == 0
        assert make(core, "up", "USERS=1", "NET=" + core.net)[0] == 0
        assert bob.try_register().status == 403 and core.rest("GET", "/v1/subscribers?limit=9")["total"] == 3
    finally:
        core.close_phones()
        core.stop()


# ---- a daemon ----

@pytest.mark.parametrize("name", DAEMONS)
def test_a_mistake_is_named_with_file_line_and_key(core, name, tmp_path):
    """-t says it, and a start stops there: status 2."""
    with open("%s/conf/%s.yaml" % (core.run, name)) as f:
        lines = f.read().splitlines()
    config = tmp_path / "wrong.yaml"
    config.write_text("\n".join(lines + ["colour: red"]) + "\n")
    for arguments in (["-t"], []):
        p = daemon(core, name, *arguments, config=config)
        assert p.returncode == 2 and p.stderr.strip() == "%s:%d: colour: unknown key" % (config, len(lines) + 1)
    config.write_text("\n".join(line.replace("9090", "ninety") for line in lines))
    p = daemon(core, name, "-t", config=config)
    number = next(i for i, line in enumerate(lines, 1) if "9090" in line)
    assert p.returncode == 2 and p.stderr.startswith("%s:%d: ops.address: " % (config, number))
    assert daemon(core, name, "-t").returncode == 0
    missing = daemon(core, name, "-t", config=tmp_path / "none.yaml")
    assert missing.returncode == 2 and "none.yaml" in missing.stderr


@pytest.mark.parametrize("name", DAEMONS)
def test_version_and_health(core, name):
    with open(os.path.join(ROOT, "VERSION")) as f:
        version = f.read().strip()
    assert daemon(core, name, "--version").stdout.split() == [name, "(minims)", version] and core.ops(name, "/health")["version"] == version
    assert daemon(core, name, "--health").returncode == 0
    with core.standing_still(name):
        assert daemon(core, name, "--health").returncode == 1


@pytest.mark.parametrize("name", DAEMONS)
def test_hup_opens_the_log_anew_takes_the_level_and_disturbs_nobody(core, name):
    """Also when the file is wrong now: the old options stand."""
    log, config = "%s/%s.log" % (core.run, name), "%s/conf/%s.yaml" % (core.run, name)
    with open(config) as f:
        text = f.read()
    alice, bob = core.new_pair()
    pid = core.pid(name)

    def hup():
        os.rename(log, log + ".old")
        os.kill(pid, signal.SIGHUP)
        until(lambda: "event=reload" in core.log(name), 5 * SLOW, "a reload")
    try:
        with open(config, "w") as f:
            f.write(text.replace("log:\n", "log:\n  level: debug\n"))
        hup()
        talk_soon(core, alice, bob)
        what = {"pcscf": "INVITE", "icscf": "LIR", "scscf": "INVITE", "hss": "LIR"}[name]
        until(lambda: re.search(r' debug message trace=\S+ call_id=\S+ from=\S+ to=\S+ bytes=\d+ what="%s"' % what, core.log(name)), 5, "a line a message")
        with open(config, "w") as f:
            f.write(text + "colour: red\n")
        hup()
        assert "error daemon event=reload" in core.log(name)
    finally:
        with open(config, "w") as f:
            f.write(text)
    talk_soon(core, alice, bob)
    assert runs(pid) and core.pid(name) == pid


@pytest.mark.parametrize("name", DAEMONS)
def test_the_service_manager_hears_ready_the_watchdog_and_the_end(core, name, tmp_path):
    """[sd_notify(3)] READY=1 when it serves, WATCHDOG=1 while its loops turn, STOPPING=1 on SIGTERM, and exit status 0."""
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.settimeout(10 * SLOW)
    os.kill(core.pid(name), signal.SIGTERM)
    until(lambda: not core.is_alive(name), 10 * SLOW, "the end")
    with open("%s/%s.log" % (core.run, name), "a") as log:
        p = subprocess.Popen([os.path.join(BIN, name), "-c", "%s/conf/%s.yaml" % (core.run, name)], stdout=log, stderr=log,
                             env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000"})
    try:
        heard = []
        while heard.count("WATCHDOG=1") < 3 or "READY=1" not in heard:
            heard.append(manager.recv(100).decode())
        assert heard.count("READY=1") == 1 and core.ops(name, "/live") == {"live": True}
        p.send_signal(signal.SIGTERM)
        while heard[-1] != "STOPPING=1":
            heard.append(manager.recv(100).decode())
        assert p.wait(10 * SLOW) == 0
    finally:
        manager.close()
        if p.poll() is None:
            p.kill()
            p.wait()
        core.killed.add(name)


def test_an_idle_core_hardly_costs_anything(core):
    """Less than 1 % of a processor each, with everybody registered and nothing to do."""
    def cpu(name):
        with open("/proc/%d/stat" % core.pid(name)) as f:
            return sum(int(v) for v in f.read().rpartition(")")[2].split()[11:13]) / os.sysconf("SC_CLK_TCK")
    import time
    began, before = time.monotonic(), {n: cpu(n) for n in DAEMONS}
    until(lambda: time.monotonic() - began > 3, 5)
    used = {n: (cpu(n) - before[n]) / (time.monotonic() - began) for n in DAEMONS}
    assert max(used.values()) < 0.01 * SLOW + 0.01, used
