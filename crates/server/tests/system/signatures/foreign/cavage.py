"""Signs a request with the library httpsig, and prints the headers."""

import base64
import hashlib
import os
import uuid
from email.utils import formatdate

from httpsig import HeaderSigner

headers = {"date": formatdate(usegmt=True), "x-tenant": "north", "x-request": uuid.uuid4().hex}
body = os.environ["BODY"].encode()
if body:
    headers["digest"] = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
signer = HeaderSigner(
    key_id=os.environ["KEY_ID"],
    secret=os.environ["SECRET"],
    algorithm="hmac-sha512",
    headers=["(request-target)", *headers],
)
for name, value in signer.sign(headers, method="POST", path=os.environ["TARGET"]).items():
    print(f"{name}: {value}")
