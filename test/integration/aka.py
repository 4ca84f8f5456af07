# SPDX-License-Identifier: Apache-2.0
"""The ISIM of a test phone: Milenage on an AES-128 of its own, TUAK on a Keccak of its own, the check of AUTN, AUTS.
[TS 35.206, TS 35.231, TS 33.102 6.3]"""


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


# ---- TUAK [TS 35.231] ----

def _round_constants():
    """From the shift register of FIPS 202 3.2.5."""
    register, bits = 1, []
    for _ in range(168):
        bits.append(register & 1)
        register = register << 1 ^ (0x171 if register & 0x80 else 0)
    return [sum(bits[7 * r + j] << (1 << j) - 1 for j in range(7)) for r in range(24)]


RC = _round_constants()
LANE = (1 << 64) - 1


def _rotated(lane, n):
    return (lane << n | lane >> 64 - n) & LANE if n else lane


def keccak(state):
    """Keccak-f[1600] of 200 octets, A[x][y] as FIPS 202 writes it."""
    a = [[int.from_bytes(state[8 * (x + 5 * y):8 * (x + 5 * y) + 8], "little") for y in range(5)] for x in range(5)]
    for rc in RC:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        a = [[a[x][y] ^ c[x - 1] ^ _rotated(c[(x + 1) % 5], 1) for y in range(5)] for x in range(5)]
        b, x, y = [[0] * 5 for _ in range(5)], 1, 0
        b[0][0] = a[0][0]
        for t in range(24):
            x2, y2 = y, (2 * x + 3 * y) % 5
            b[x2][y2] = _rotated(a[x][y], (t + 1) * (t + 2) // 2 % 64)
            x, y = x2, y2
        a = [[b[x][y] ^ ~b[(x + 1) % 5][y] & LANE & b[(x + 2) % 5][y] for y in range(5)] for x in range(5)]
        a[0][0] ^= rc
    return b"".join(a[x][y].to_bytes(8, "little") for y in range(5) for x in range(5))


class Tuak:
    """MAC of 64 bits, CK and IK of 128 [TS 33.102 6.3.7]; RES of `res` bits."""

    def __init__(self, k, topc=None, top=None, iterations=1, res=64):
        self.k, self.iterations, self.res = k, iterations, res
        self.opc = topc or self._run(top, 0)[:32][::-1]

    def _run(self, top, instance, rand=bytes(16), amf=bytes(2), sqn=bytes(6)):
        """INSTANCE by its bits from the left; every value lies with its octets turned round."""
        state = top[::-1] + bytes([instance | (len(self.k) == 32)]) + b"TUAK1.0"[::-1] + rand[::-1] + amf[::-1] + sqn[::-1]
        state += self.k[::-1].ljust(32, b"\0") + b"\x1f"
        state = state.ljust(135, b"\0") + b"\x80" + bytes(64)
        for _ in range(self.iterations):
            state = keccak(state)
        return state

    def f1(self, rand, sqn, amf):
        return tuple(self._run(self.opc, function | 0x08, rand, amf, sqn)[:8][::-1] for function in (0x00, 0x80))

    def f2345(self, rand):
        out = self._run(self.opc, 0x40 | {32: 0, 64: 0x08, 128: 0x10}[self.res], rand)
        star = self._run(self.opc, 0xc0, rand)
        return out[:self.res // 8][::-1], out[32:48][::-1], out[64:80][::-1], out[96:102][::-1], star[96:102][::-1]


# ---- the card ----

class WrongMac(Exception):
    """The network does not know the key."""


class Isim:
    """K, OPc and the highest SQN accepted; answer() is what the card says to RAND and AUTN. `card`: of another algorithm set."""

    def __init__(self, k=None, opc=None, sqn=0, card=None):
        self.card, self.sqn = card or Milenage(k, opc), sqn

    def answer(self, rand, autn):
        """("res", RES), or ("auts", AUTS) when the SQN is not new. [TS 33.102 6.3.3, 6.3.5]"""
        res, _, _, ak, ak_star = self.card.f2345(rand)
        sqn, amf, mac = xor(autn[:6], ak), autn[6:8], autn[8:]
        if self.card.f1(rand, sqn, amf)[0] != mac:
            raise WrongMac(rand.hex())
        if not 0 < (int.from_bytes(sqn, "big") >> 5) - (self.sqn >> 5) <= 1 << 28:  # delta [TS 33.102 C.2]
            return "auts", self.auts(rand)
        self.sqn = int.from_bytes(sqn, "big")
        return "res", res

    def auts(self, rand, amf=bytes(2)):
        """SQN_MS xor AK* || MAC-S, whose AMF is a dummy of zeros. [TS 33.102 6.3.3]"""
        ours = self.sqn.to_bytes(6, "big")
        return xor(ours, self.card.f2345(rand)[4]) + self.card.f1(rand, ours, amf)[1]
