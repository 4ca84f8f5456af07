# SPDX-License-Identifier: Apache-2.0
"""What a newcomer reads is true: files that are named exist, links lead somewhere, commands are there, a short file is enough."""
import glob
import os
import re
import subprocess

import pytest

from core import BIN, ROOT

PAGES = ["README.md"] + sorted(os.path.relpath(p, ROOT) for p in glob.glob(os.path.join(ROOT, "docs", "*.md")))


def text_of(page):
    with open(os.path.join(ROOT, page)) as f:
        return f.read()


def code_of(page):
    """Indented and fenced blocks, line by line."""
    text = text_of(page)
    fenced = re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
    return "\n".join(fenced + re.findall(r"^    (.*)$", text, re.M))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(page)):
        assert os.path.exists(os.path.join(ROOT, os.path.dirname(page), target)), target


@pytest.mark.parametrize("page", ["docs/architecture.md"])
def test_each_step_names_a_file_that_is_there(page):
    """The second and further names of a cell lie beside the first."""
    rows = [line for line in text_of(page).splitlines() if line.startswith("|") and ".c`" in line]
    assert len(rows) >= 20
    for row in rows:
        folder = None
        for name in re.findall(r"`([\w/]+\.c)`", row.rsplit("|", 2)[1]):
            folder = os.path.dirname(name) or folder
            assert os.path.isfile(os.path.join(ROOT, folder, os.path.basename(name))), "%s in %s" % (name, row)
    for name in re.findall(r"`(common/[\w/]+\.[ch])`", text_of(page)):
        assert os.path.isfile(os.path.join(ROOT, name)), name


def test_every_procedure_of_a_registration_and_a_call_is_in_the_picture():
    """A procedure file of a CSCF or of Cx that the page does not know is one that a reader does not find."""
    known = text_of("docs/architecture.md")
    for name in ["pcscf/registration.c", "pcscf/originating.c", "pcscf/terminating.c", "pcscf/in_dialog.c", "icscf/registration.c", "icscf/session.c",
                 "scscf/registration.c", "scscf/originating.c", "scscf/terminating.c", "scscf/in_dialog.c", "hss/user_authorization.c",
                 "hss/multimedia_auth.c", "hss/server_assignment.c", "hss/location_info.c"]:
        assert name in known and os.path.isfile(os.path.join(ROOT, name)), name


@pytest.mark.parametrize("page", PAGES)
def test_make_knows_the_targets(page):
    with open(os.path.join(ROOT, "Makefile")) as f:
        makefile = f.read()
    targets = {t for names in re.findall(r"^([a-z][a-z -]*):", makefile, re.M) for t in names.split()}
    for line in re.findall(r"`make ([^`]*)`", text_of(page)) + re.findall(r"^(?:.*&& )?make ([^#\n]*)", code_of(page), re.M):
        words = [w for w in line.replace("\\|", "|").split() if "=" not in w]
        assert not words or words[0] in targets | {"…"}, line


@pytest.mark.parametrize("page", PAGES)
def test_imsctl_knows_the_verbs(page):
    def knows(*words):
        return subprocess.run([os.path.join(BIN, "imsctl"), *words, "--help"], capture_output=True).returncode == 0
    for noun, verb in re.findall(r"imsctl (?:--output \w+ )?([a-z-]+)(?: ([a-z-]+))?", code_of(page)):
        assert knows(noun), noun
        assert noun in ("trace", "explain", "status") or knows(noun, verb), (noun, verb)


def test_the_whole_pcscf_of_the_readme_is_one(tmp_path):
    """But for its certificate, which is made here."""
    yaml, = re.findall(r"^```yaml\n(.*?)^```", text_of("README.md"), re.M | re.S)
    for path in set(re.findall(r"/etc/minims/pki/(\w+\.pem)", yaml)):
        (tmp_path / path).write_text("")
    config = tmp_path / "pcscf.yaml"
    config.write_text(yaml.replace("/etc/minims/pki", str(tmp_path)))
    p = subprocess.run([os.path.join(BIN, "pcscf"), "-t", "-c", config], capture_output=True, text=True)
    assert p.returncode == 0, p.stderr


def test_each_test_that_the_table_of_the_hss_names_is_there():
    """"*" stands for the rest of a name; unit tests are named by their file."""
    defined = set()
    for path in glob.glob(os.path.join(ROOT, "test", "integration", "*.py")):
        with open(path) as f:
            defined |= set(re.findall(r"^def (test_\w+)", f.read(), re.M))
    defined |= {os.path.basename(p).rsplit(".", 1)[0] for p in glob.glob(os.path.join(ROOT, "test", "*", "test_*.*"))}
    named = re.findall(r"`(test_[\w*]+)(?:\.py)?`", text_of("docs/hss.md"))
    assert len(named) > 100
    missing = [n for n in named if not any(re.fullmatch(n.replace("*", r"\w*"), d) for d in defined)]
    assert not missing
