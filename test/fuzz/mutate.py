# SPDX-License-Identifier: Apache-2.0
"""Seeded mutations of real SIP messages: the same seed gives the same messages.

mutations(seed, n, corpus) yields n byte strings. The corpus is a list of messages as they were on the wire; a header, a
parameter, a number or some bytes of one are dropped, doubled, swapped with another message's, made huge or made wrong.
"""
import random

NUMBERS = [b"0", b"-1", b"4294967296", b"99999999999999999999", b"00000000000", b"1e9", b"0x7f", b""]
PIECES = [b"\x00", b"\xff\xfe", b"%00", b"%", b"\"", b"<", b">", b"<<>>", b";;;;", b",,,,", b"\r\n", b"\r\n ", b"\t", b"@", b"@@", b"sip:", b"sips:",
          b"tel:", b"urn:service:sos", b"[::1", b"[::ffff:127.0.0.1]", b";lr", b";maddr=127.0.0.66", b";ttl=999", b"A" * 300, b"A" * 9000, b"(", b"\\"]


def _lines(m):
    head, _, body = m.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), body


def _join(lines, body):
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _flip(r, m, corpus):
    b = bytearray(m)
    for _ in range(r.randint(1, 8)):
        b[r.randrange(len(b))] = r.randrange(256)
    return bytes(b)


def _drop_line(r, m, corpus):
    lines, body = _lines(m)
    del lines[r.randrange(len(lines))]
    return _join(lines, body)


def _double_line(r, m, corpus):
    lines, body = _lines(m)
    i = r.randrange(len(lines))
    return _join(lines[:i] + [lines[i]] * r.choice([2, 2, 3, 50]) + lines[i:], body)


def _swap_lines(r, m, corpus):
    lines, body = _lines(m)
    i, j = r.randrange(len(lines)), r.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    return _join(lines, body)


def _graft(r, m, corpus):
    lines, body = _lines(m)
    other, _ = _lines(r.choice(corpus))
    lines[r.randrange(len(lines))] = r.choice(other)
    return _join(lines, body)


def _number(r, m, corpus):
    spans = [i for i in range(len(m)) if m[i:i + 1].isdigit() and not m[i - 1:i].isdigit()]
    i = r.choice(spans)
    j = i
    while m[j:j + 1].isdigit():
        j += 1
    return m[:i] + r.choice(NUMBERS) + m[j:]


def _insert(r, m, corpus):
    i = r.randrange(len(m))
    return m[:i] + r.choice(PIECES) + m[i:]


def _cut(r, m, corpus):
    return m[:r.randrange(1, len(m))]


def _empty_value(r, m, corpus):
    lines, body = _lines(m)
    i = r.randrange(min(1, len(lines) - 1), len(lines))
    lines[i] = lines[i].partition(b":")[0] + b":" + r.choice([b"", b" ", b" ;", b" <>", b" <sip:>", b" *", b" \x01"])
    return _join(lines, body)


def _erase(r, m, corpus):
    i = r.randrange(len(m))
    return m[:i] + m[i + r.randint(1, 40):]


MUTATORS = [_flip, _drop_line, _double_line, _swap_lines, _graft, _number, _insert, _cut, _empty_value, _erase]


def mutations(seed, n, corpus):
    r = random.Random(seed)
    for _ in range(n):
        m = r.choice(corpus)
        for _ in range(r.choice([1, 1, 1, 2, 3])):
            m = r.choice(MUTATORS)(r, m, corpus) or b"\r\n"
            if len(m) < 2 or b"\r\n" not in m or not any(48 <= x <= 57 for x in m):
                break
        yield m[:60000]
