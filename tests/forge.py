#   forge.py - access tokens that the product would never make: ES256 in forty lines, so that any claim can be signed
import base64
import hashlib
import json
import os
import secrets
import time

#   NIST P-256 (SEC 2, section 2.4.2).
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _multiply(number, point):
    sum_ = None
    while number:
        if number & 1:
            sum_ = _add(sum_, point)
        point, number = _add(point, point), number >> 1
    return sum_


def text(data):
    """base64url without padding (RFC 7515, appendix C)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(encoded):
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def server_key(folder):
    """The private scalar that signs, from the node's data folder."""
    with open(os.path.join(folder, "var", "local", "auth", "keys"), encoding="ascii") as file:
        return int.from_bytes(bytes_of(file.read().split()[-1]), "big")


def thumbprint(scalar):
    """RFC 7638."""
    x, y = (text(number.to_bytes(32, "big")) for number in _multiply(scalar, G))
    return text(hashlib.sha256(f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'.encode()).digest())


def token(scalar, header=None, **claims):
    """A token of user `admin` that lives ten minutes, but for what is given. A claim or header that is None is left out."""
    now = int(time.time())
    header = {"alg": "ES256", "typ": "at+jwt", "kid": thumbprint(scalar), **(header or {})}
    claims = {"iss": "zooid", "aud": "zooid", "sub": "0", "username": "admin", "scope": "*", "iat": now, "exp": now + 600,
              "jti": secrets.token_hex(8), **claims}
    parts = [{name: value for name, value in part.items() if value is not None} for part in (header, claims)]
    signed = ".".join(text(json.dumps(part).encode()) for part in parts)
    if header["alg"] == "none":
        return signed + "."
    digest = int.from_bytes(hashlib.sha256(signed.encode()).digest(), "big")
    nonce = secrets.randbelow(N - 1) + 1
    r = _multiply(nonce, G)[0] % N
    s = pow(nonce, -1, N) * (digest + r * scalar) % N
    return signed + "." + text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
