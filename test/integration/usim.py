# SPDX-License-Identifier: Apache-2.0
"""A USIM: checks vectors, asks for resynchronisation. Milenage in Python over openssl's AES. [TS 35.206 4, TS 33.102 6.3]"""
import subprocess


def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def _rotate(x, bits):
    n = bits // 8
    return x[n:] + x[:n]


class Usim:
    def __init__(self, k, op=None, opc=None, sqn=0):
        self.k, self.sqn = k, sqn
        self.opc = opc or _xor(self._aes([op])[0], op)

    def _aes(self, blocks):
        """Each block enciphered under K, all in one run of openssl."""
        out = subprocess.run(["openssl", "enc", "-aes-128-ecb", "-nopad", "-K", self.k.hex()], input=b"".join(blocks),
                             capture_output=True, check=True).stdout
        return [out[i:i + 16] for i in range(0, len(out), 16)]

    def _out(self, temps, rotation, constant):
        """OUT2..OUT5 for each TEMP."""
        c = bytes(15) + bytes([constant])
        return [_xor(x, self.opc) for x in self._aes([_xor(_rotate(_xor(t, self.opc), rotation), c) for t in temps])]

    def _out1(self, temps, inputs):
        return [_xor(x, self.opc) for x in self._aes([_xor(t, _rotate(_xor(i, self.opc), 64)) for t, i in zip(temps, inputs)])]

    def check(self, items):
        """(RAND || AUTN, XRES, CK, IK) of each vector: asserts that the network knows K and gave what K gives; the SQNs."""
        temps = self._aes([_xor(rand_autn[:16], self.opc) for rand_autn, _, _, _ in items])
        out2, out3, out4 = self._out(temps, 0, 1), self._out(temps, 32, 2), self._out(temps, 64, 4)
        sqns = [_xor(item[0][16:22], o[:6]) for item, o in zip(items, out2)]
        halves = [sqn + item[0][22:24] for item, sqn in zip(items, sqns)]
        macs = [o[:8] for o in self._out1(temps, [h + h for h in halves])]
        for (rand_autn, xres, ck, ik), mac, o2, o3, o4 in zip(items, macs, out2, out3, out4):
            assert (rand_autn[24:32], xres, ck, ik) == (mac, o2[8:], o3, o4)
        return [int.from_bytes(s, "big") for s in sqns]

    def resynchronise(self, rand, sqn):
        """RAND || AUTS, the USIM's own SQN being `sqn`. [TS 33.102 6.3.3, 6.3.5]"""
        own = sqn.to_bytes(6, "big")
        temp = self._aes([_xor(rand, self.opc)])
        anonymity = self._out(temp, 96, 8)[0][:6]
        half = own + bytes(2)
        return rand + _xor(own, anonymity) + self._out1(temp, [half + half])[0][8:]
