# SPDX-License-Identifier: Apache-2.0
"""Finds secrets where they should not be, in whatever form they may have got there."""
import base64
import urllib.parse

LEAST = 6  # octets: shorter ones are found anywhere


def base64_inside(data):
    """What stands in the base64 of a longer text that has `data` in it, for each place that it may begin at."""
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + data)
        yield text[(shift * 8 + 5) // 6:(shift + len(data)) * 8 // 6]


def forms(secret):
    """Octets to look for. A secret in hex digits is also the octets that they stand for."""
    text = secret.encode() if isinstance(secret, str) else secret
    plain = {text}
    if isinstance(secret, str) and len(secret) >= 2 * LEAST and not len(secret) % 2 and not set(secret) - set("0123456789abcdefABCDEF"):
        plain.add(bytes.fromhex(secret))
    found = set()
    for data in plain:
        if len(data) < LEAST:
            continue
        found |= {data, data[::-1], data.hex().encode(), data.hex().upper().encode(), urllib.parse.quote(data).encode()}
        for text in base64_inside(data):
            found |= {text, text.replace(b"+", b"-").replace(b"/", b"_")}
    return {f for f in found if len(f) >= LEAST}


class Scan:
    """add() secrets, then ask found(): [(name of the secret, where)]."""

    def __init__(self):
        self.forms = {}

    def add(self, name, secret):
        for form in forms(secret):
            self.forms[form] = name

    def look(self, where, data):
        return [(name, where) for form, name in self.forms.items() if form in data]

    def look_in_files(self, directory, but=()):
        """`but`: {file name: names of the secrets that belong there}."""
        found, seen = [], 0
        for path in sorted(p for p in directory.rglob("*") if p.is_file() and not p.is_symlink()):
            try:
                data = path.read_bytes().replace(bytes(64), b"")  # databases are empty for the most part
            except FileNotFoundError:  # a database at work has files that come and go
                continue
            seen += len(data)
            found += [(name, path) for name, path in self.look(path, data) if name not in dict(but).get(path.name, ())]
        assert seen
        return found
