# SPDX-License-Identifier: Apache-2.0
"""imsctl as an operator runs it: on a core, with its exit status.

    done = imsctl(core, "subscriber", "show", "alice@ims.test")
    assert done.status == 0 and "digest" in done.out
"""
import json
import os
import subprocess

from core import BIN

DONE, REFUSED, USAGE, NOT_REACHED = range(4)


class Result:
    def __init__(self, process):
        self.status, self.out, self.err = process.returncode, process.stdout, process.stderr

    def __repr__(self):
        return "exit %d\n%s%s" % (self.status, self.out, self.err)


def imsctl(core, *arguments, input=None, config=None, **environment):
    """`core` None: without a configuration. Output is UTF-8 and 120 columns wide unless `environment` says otherwise."""
    env = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_CTYPE", "COLUMNS", "IMSCTL_CONFIG")}
    env.update({"LC_ALL": "C.UTF-8", "COLUMNS": "120", **environment})
    if core and not config:
        config = core.run + "/conf/imsctl.yaml"
    before = ["--config", str(config)] if config else []
    return Result(subprocess.run([os.path.join(BIN, "imsctl"), *before, *arguments], input=input, env=env, capture_output=True, text=True,
                                 timeout=60, cwd=core.run if core else "/"))


def values(core, *arguments, **kw):
    """What it says as JSON."""
    done = imsctl(core, "--output", "json", *arguments, **kw)
    assert done.status == DONE, done
    return json.loads(done.out)


def changed_config(core, path, **change):
    """A copy of the core's imsctl.yaml with other values; `ops`: {name: address} replaced."""
    with open(core.run + "/conf/imsctl.yaml") as f:
        lines = f.read().splitlines()
    name = None
    for i, line in enumerate(lines):
        key, _, value = line.strip().lstrip("- ").partition(": ")
        name = value if key == "name" else name
        if key == "address" and name in change.get("ops", {}):
            lines[i] = line.replace(value, change["ops"][name])
        elif key in change:
            lines[i] = "%s: %s" % (key, change[key])
    path.write_text("\n".join(lines) + "\n")
    return path
