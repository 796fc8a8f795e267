"""Signs a request with the library http-message-signatures, and prints the headers."""

import os
import uuid

from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms


class Keys(HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id):
        return os.environ["SECRET"].encode()


class Request:
    method, url = "POST", os.environ["URL"]
    headers = {"x-tenant": "north"}


body = os.environ["BODY"].encode()
signer = HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=Keys())
signer.sign(
    Request,
    key_id=os.environ["KEY_ID"],
    nonce=uuid.uuid4().hex,
    covered_component_ids=("@method", "@authority", "@target-uri", "x-tenant"),
    body=body or None,
)
for name, value in Request.headers.items():
    print(f"{name}: {value}")
