# SPDX-License-Identifier: Apache-2.0
"""Fixtures: one core that ordinary stories share, each with users of its own; cores of their own for stories that kill or wait.

CORE_NET: the first three parts of the addresses of the shared core; the next three are for the other cores. By default they are
four that no other run on this machine has taken.
At the end tshark, who knows nothing of us, reads all that the shared core and its phones said [Wireshark expert information], and what
the core leaves behind is searched for its users' secrets.
"""
import os
import socket
import subprocess

import pytest

import core_secrets
from capture import strictly_read
from core import Core
from transport import Loop

MARK = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # bound as long as this run lives


def free_net():
    """Whoever has port 9 of the first address has the nets."""
    for i in range(62):
        net = "127.33.%d" % ((os.getpid() + i) % 62 * 4 + 1)
        try:
            MARK.bind((net + ".1", 9))
            return net
        except OSError:
            continue
    raise RuntimeError("62 test runs at once?")


FIRST_NET = os.environ.get("CORE_NET") or free_net()
NETS = [FIRST_NET.rsplit(".", 1)[0] + ".%d" % (int(FIRST_NET.rsplit(".", 1)[1]) + i) for i in range(4)]
# tests that take a core down go last: the shared one is not disturbed, and its capture ends with the ordinary stories
LAST = ["test_loss_of_process", "test_udp_inside", "test_overload", "test_timers", "test_tls_everywhere", "test_torture"]


def pytest_configure(config):
    config.addinivalue_line("markers", "store(kind, ...): the databases over which HSSs alone are tried; the embedded one if nothing is said")


def pytest_generate_tests(metafunc):
    """HSS_STORE: only that one, also where nothing is said."""
    if "store" in metafunc.fixturenames:
        said, one = metafunc.definition.get_closest_marker("store"), os.environ.get("HSS_STORE")
        kinds = [k for k in said.args if one in (None, k)] if said else [one or "sqlite"]
        metafunc.parametrize("store", kinds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def store(request):
    """Which database it is; hss_alone.new_store makes one."""
    return request.param


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.module.__name__ in LAST)


@pytest.fixture(scope="session")
def loop():
    loop = Loop()
    yield loop
    loop.stop()


@pytest.fixture(scope="session")
def shared_core(loop, tmp_path_factory):
    core = Core(loop, tmp_path_factory.mktemp("core") / "run", NETS[0], users=3000, aka=100)
    yield core
    doors = core_secrets.read_doors(core)
    core.stop()
    leaked = core_secrets.found_in(core, doors, tmp_path_factory.mktemp("patterns"))
    assert not leaked, "secrets: %s" % leaked
    daemons = [core.address(n) for n in ("pcscf", "icscf", "scscf", "hss", "scscf2")]
    found = malformed(core.run + ".pcap") + "\n".join(strictly_read(core.run + ".pcap", daemons))
    assert not found, "malformed messages:\n" + found


def malformed(pcap):
    """SIP, SDP and Diameter that tshark holds against the sender, and what it does not take for SIP or Diameter at their ports;
    Call-IDs that begin with bad- are ours on purpose. It forgives much in SIP: capture.strictly_read does not."""
    wrong = '(_ws.malformed || _ws.expert.severity >= "Warning") && (sip || sdp || diameter) && !tcp.analysis.flags && !icmp'
    wrong += ' && !(_ws.expert.message == "Trailing stray characters")'  # its own, of a body with NULs
    strange = "udp.port == 5060 && !sip && udp.length > 12 && !icmp"
    p = subprocess.run(["tshark", "-r", pcap, "-d", "udp.port==9,data", "-o", "tcp.analyze_sequence_numbers:true", "-Y",
                        '((%s) || (%s)) && !(sip.Call-ID contains "bad-") && !(frame contains "bad-")' % (wrong, strange), "-T", "fields",
                        "-e", "frame.number", "-e", "_ws.expert.message", "-e", "_ws.malformed", "-e", "_ws.col.Info"],
                       capture_output=True, text=True, timeout=120)
    assert p.returncode == 0, p.stderr
    return p.stdout


@pytest.fixture
def core(shared_core):
    yield shared_core
    shared_core.close_phones()


@pytest.fixture
def new_core(loop, tmp_path):
    """A function that starts a core of the test's own: new_core(options=["scscf:registration.min_s=1"])."""
    cores = []

    def start(**kw):
        cores.append(Core(loop, tmp_path / ("run%d" % len(cores)), NETS[1], **kw))
        return cores[-1]
    yield start
    for c in cores:
        c.close_phones()
        c.stop()


@pytest.fixture
def alice(core):
    return core.new_phone()


@pytest.fixture
def bob(core):
    return core.new_phone()


@pytest.fixture
def carol(core):
    return core.new_phone()
