"""Sends an HTTP request for each line of JSON on standard input, and writes its answer as a line of JSON."""

import base64
import http.client
import json
import sys
from urllib.parse import urlsplit


def main():
    for line in sys.stdin:
        print(json.dumps(outcome(json.loads(line))), flush=True)


def outcome(wanted):
    try:
        return exchange(wanted)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def exchange(wanted):
    """Each request gets a connection of its own."""
    url = urlsplit(wanted["url"])
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname, url.port, timeout=20)
    try:
        send(connection, wanted, target(url))
        answer = connection.getresponse()
        body = base64.b64encode(answer.read()).decode()
        return {"status": answer.status, "headers": answer.getheaders(), "body": body}
    finally:
        connection.close()


def target(url):
    return (url.path or "/") + ("?" + url.query if url.query else "")


def send(connection, wanted, target):
    """Header by header: a mapping would lose a name that comes twice."""
    names = {name.lower() for name, _ in wanted["headers"]}
    connection.putrequest(wanted["method"], target, skip_host="host" in names, skip_accept_encoding=True)
    for name, value in wanted["headers"]:
        connection.putheader(name, value)
    body = None if wanted["body"] is None else base64.b64decode(wanted["body"])
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)


main()
