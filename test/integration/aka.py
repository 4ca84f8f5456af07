# SPDX-License-Identifier: Apache-2.0
"""The ISIM of a test phone: Milenage on an AES-128 of its own, the check of AUTN, AUTS. [TS 35.206, TS 33.102 6.3]"""


def _boxes():
    box, p, q = [0x63] * 256, 1, 1
    while True:
        p = p ^ (p << 1 & 0xff) ^ (0x1b if p & 0x80 else 0)
        for shift in (1, 2, 4):
            q ^= q << shift & 0xff
        q ^= 0x09 if q & 0x80 else 0
        rotated = [(q << n | q >> 8 - n) & 0xff for n in range(5)]
        box[p] = rotated[0] ^ rotated[1] ^ rotated[2] ^ rotated[3] ^ rotated[4] ^ 0x63
        if p == 1:
            return box


SBOX = _boxes()


def _double(b):
    return (b << 1 ^ (0x1b if b & 0x80 else 0)) & 0xff


def _round_keys(key):
    words, rcon = [list(key[i:i + 4]) for i in range(0, 16, 4)], 1
    for i in range(4, 44):
        w = words[-1]
        if i % 4 == 0:
            w = [SBOX[b] for b in w[1:] + w[:1]]
            w[0] ^= rcon
            rcon = _double(rcon)
        words.append([a ^ b for a, b in zip(words[i - 4], w)])
    return [sum(words[i:i + 4], []) for i in range(0, 44, 4)]


def _mix(s):
    out = []
    for c in range(0, 16, 4):
        a = s[c:c + 4]
        out += [_double(a[i]) ^ _double(a[(i + 1) % 4]) ^ a[(i + 1) % 4] ^ a[(i + 2) % 4] ^ a[(i + 3) % 4] for i in range(4)]
    return out


def aes(key, block):
    """AES-128 of one block. [FIPS 197]"""
    keys = _round_keys(key)
    s = [a ^ b for a, b in zip(block, keys[0])]
    for n in range(1, 11):
        s = [SBOX[b] for b in s]
        s = [s[(i + 4 * (i % 4)) % 16] for i in range(16)]
        if n < 10:
            s = _mix(s)
        s = [a ^ b for a, b in zip(s, keys[n])]
    return bytes(s)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def opc_of(k, op):
    return xor(op, aes(k, op))


class Milenage:
    def __init__(self, k, opc):
        self.k, self.opc = k, opc

    def _out(self, temp, rotate, constant):
        block = xor(temp, self.opc)
        block = block[rotate:] + block[:rotate]
        return xor(aes(self.k, xor(block, bytes(15) + bytes([constant]))), self.opc)

    def f1(self, rand, sqn, amf):
        """(MAC-A, MAC-S)"""
        temp = aes(self.k, xor(rand, self.opc))
        block = xor((sqn + amf) * 2, self.opc)
        out = xor(aes(self.k, xor(temp, block[8:] + block[:8])), self.opc)
        return out[:8], out[8:]

    def f2345(self, rand):
        """(RES, CK, IK, AK, AK*)"""
        temp = aes(self.k, xor(rand, self.opc))
        two = self._out(temp, 0, 1)
        return two[8:], self._out(temp, 4, 2), self._out(temp, 8, 4), two[:6], self._out(temp, 12, 8)[:6]


class WrongMac(Exception):
    """The network does not know the key."""


class Isim:
    """K, OPc and the highest SQN accepted; answer() is what the card says to RAND and AUTN."""

    def __init__(self, k, opc, sqn=0):
        self.card, self.sqn = Milenage(k, opc), sqn

    def answer(self, rand, autn):
        """("res", RES), or ("auts", AUTS) when the SQN is not new. [TS 33.102 6.3.3, 6.3.5]"""
        res, _, _, ak, ak_star = self.card.f2345(rand)
        sqn, amf, mac = xor(autn[:6], ak), autn[6:8], autn[8:]
        if self.card.f1(rand, sqn, amf)[0] != mac:
            raise WrongMac(rand.hex())
        if int.from_bytes(sqn, "big") <= self.sqn:
            ours = self.sqn.to_bytes(6, "big")
            return "auts", xor(ours, ak_star) + self.card.f1(rand, ours, bytes(2))[1]
        self.sqn = int.from_bytes(sqn, "big")
        return "res", res
