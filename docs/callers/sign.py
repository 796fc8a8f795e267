"""Signs requests with a key pair. Python 3.9 or later, standard library only.

As a command, with the pair in the environment variables CLAVIGER_KEY_ID and CLAVIGER_SECRET, and its algorithm in
CLAVIGER_ALGORITHM if that is not hmac-sha512:

    python3 sign.py --form rfc9421 POST https://api.example/orders --body @order.json

As a module, with any HTTP library:

    headers = sign.sign("GET", url, key_id=..., secret=...)
    requests.get(url, headers=headers)

Exit codes: 0, or 1 for an answer with status 400 or above, or 2 if nothing was sent or answered.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import os
import secrets
import sys
import time
from email.utils import formatdate
from urllib.parse import quote, urlsplit

ALGORITHMS = ("hmac-sha512", "hmac-sha256")
PORTS = {"http": 80, "https": 443}
VISIBLE = "".join(map(chr, range(33, 127)))


def sign(method, url, body=b"", *, key_id, secret, form="rfc9421", algorithm="hmac-sha512", now=None, nonce=None):
    """The headers that make this a signed request. They are good for this request, once, within the API's window.

    `now` (seconds since 1970) and `nonce` are for tests. `ValueError` says what cannot be signed.
    """
    if form not in FORMS:
        raise ValueError(f"the form {form} is not known; there are {', '.join(FORMS)}")
    pair = Pair(key_id, secret, algorithm)
    now = int(time.time() if now is None else now)
    return FORMS[form](pair, method.upper(), url, body, now, nonce or secrets.token_hex(16))


class Pair:
    def __init__(self, key_id, secret, algorithm):
        if algorithm not in ALGORITHMS:
            raise ValueError(f"the algorithm {algorithm} is not known")
        self.key_id, self.algorithm = key_id, algorithm
        self._secret, self._hash = secret.encode(), algorithm.removeprefix("hmac-")

    def mac(self, text):
        return hmac.new(self._secret, text.encode(), self._hash).digest()


def rfc9421(pair, method, url, body, now, nonce):
    """HTTP Message Signatures (RFC 9421), with Content-Digest (RFC 9530)."""
    origin, target = split(url)
    covered = {"@method": method, "@target-uri": origin + target}
    headers = {}
    if body:
        headers["Content-Digest"] = covered["content-digest"] = f"sha-256=:{base64_of(hashlib.sha256(body).digest())}:"
    names = " ".join(f'"{name}"' for name in covered)
    covered["@signature-params"] = f'({names});created={now};keyid="{pair.key_id}";nonce="{nonce}"'
    text = "\n".join(f'"{name}": {value}' for name, value in covered.items())
    headers["Signature-Input"] = "sig1=" + covered["@signature-params"]
    headers["Signature"] = f"sig1=:{base64_of(pair.mac(text))}:"
    return headers


def cavage(pair, method, url, body, now, nonce):
    """The form of Kong's plugin (draft-cavage-http-signatures). The signed X-Request-Nonce makes each request another."""
    headers = {"X-Date": formatdate(now, usegmt=True), "X-Request-Nonce": nonce}
    if body:
        headers["Digest"] = f"SHA-256={base64_of(hashlib.sha256(body).digest())}"
    signed = {"@request-target": f"{method.lower()} {split(url)[1]}"}
    signed.update((name.lower(), value) for name, value in headers.items())
    text = "\n".join(f"{name}: {value}" for name, value in signed.items())
    headers["Authorization"] = (
        f'hmac username="{pair.key_id}", algorithm="{pair.algorithm}", '
        f'headers="{" ".join(signed)}", signature="{base64_of(pair.mac(text))}"'
    )
    return headers


def plain(pair, method, url, body, now, nonce):
    """Four headers over five lines."""
    text = "\n".join([method, split(url)[1], str(now), nonce, hashlib.sha256(body).hexdigest()])
    signature = pair.mac(text).hex()
    return {"X-API-Key": pair.key_id, "X-Timestamp": str(now), "X-Nonce": nonce, "X-Signature": signature}


FORMS = {"rfc9421": rfc9421, "cavage": cavage, "plain": plain}


def split(url):
    """The origin, without the scheme's own port, and the target: path and query as they are sent."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError("the URL has to begin with http:// or https://")
    if not parts.hostname or "@" in parts.netloc or not parts.netloc.isascii():
        raise ValueError("the URL has no host that can be signed")
    host = parts.netloc.lower().removesuffix(f":{PORTS[parts.scheme]}")
    return f"{parts.scheme}://{host}", url_target(parts)


def url_target(parts):
    """What is not visible ASCII is percent-encoded."""
    return quote((parts.path or "/") + ("?" + parts.query if parts.query else ""), safe=VISIBLE)


def base64_of(data):
    return base64.b64encode(data).decode()


def send(method, url, headers, body):
    """Sends the URL just as it was signed. Redirects are not followed: the answer would need another signature."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=30)
    connection.request(method.upper(), url_target(parts), body or None, headers)
    return connection.getresponse()


def main():
    try:
        return run(parser().parse_intermixed_args())
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(f"sign.py: {error or type(error).__name__}", file=sys.stderr)
        return 2


def run(arguments):
    body = content(arguments.body)
    pair = {name: environment("CLAVIGER_" + name.upper()) for name in ("key_id", "secret")}
    more = dict(header(argument) for argument in arguments.header)
    algorithm = os.environ.get("CLAVIGER_ALGORITHM", "hmac-sha512")
    headers = sign(arguments.method, arguments.url, body, form=arguments.form, algorithm=algorithm, **pair)
    if arguments.print:
        print("\n".join(f"{name}: {value}" for name, value in headers.items()))
        return 0
    answer = send(arguments.method, arguments.url, {**headers, **more}, body)
    print(answer.status, answer.reason, file=sys.stderr)
    sys.stdout.buffer.write(answer.read())
    return 0 if answer.status < 400 else 1


def environment(name):
    value = os.environ.get(name)
    if not value:
        raise ValueError(f"{name} is not set")
    return value


def header(argument):
    name, colon, value = argument.partition(":")
    if not (name and colon):
        raise ValueError("-H takes 'Name: value'")
    return name, value.strip()


def parser():
    parser = argparse.ArgumentParser(description="Sends a signed request.")
    parser.add_argument("--form", choices=FORMS, default="rfc9421")
    parser.add_argument("--body", default="", help="text, or @FILE")
    parser.add_argument("-H", "--header", action="append", default=[], help="a further header, as 'Name: value'")
    parser.add_argument("--print", action="store_true", help="show the headers, and send nothing")
    parser.add_argument("method")
    parser.add_argument("url")
    return parser


def content(argument):
    if not argument.startswith("@"):
        return argument.encode()
    with open(argument[1:], "rb") as file:
        return file.read()


if __name__ == "__main__":
    sys.exit(main())
