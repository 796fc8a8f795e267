#!/usr/bin/env python3
"""CPU per request with a body of 1 KiB: signed, in two forms, beside the same with a bearer key.

`claviger serve`, the callers (sixteen connections) and the upstream (nginx) share one processor: to wake another one
costs the waker several microseconds, and how often that is needed depends on how busy the other one is. `--apart` puts
the server on cpu 0 and the others on cpu 1. The forms take turns within each round, and the medians of the differences
within rounds are given. The figure is what the scheduler counts for the server's threads (schedstat). Longer headers
are in it.

Needs nginx, two processors and nothing else running. Everything stays on loopback and in a temporary folder.
"""
import argparse
import base64
import glob
import hashlib
import hmac
import json
import os
import socket
import statistics
import subprocess
import tempfile
import threading
import time

BODY = "a" * 1024
CONNECTIONS = 16
DOCUMENT = """\
openapi: 3.1.0
info: { title: Items, version: v1 }
paths: { /items: { post: { responses: { "200": { description: Done. } } } } }
"""


def api(slug, scheme, kind, upstream):
    return f"""
  - slug: {slug}
    name: {slug}
    policy:
      prefix: {slug}
      schemes: [{scheme}]
      key_types: [{{ slug: k, name: K, kind: {kind} }}]
    versions: [{{ name: v1, document: items.yaml }}]
    environments:
      - {{ slug: main, upstream: "{upstream}", routes: [{{ path: "/{slug}/{{version}}" }}] }}"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_upstream(folder, port, cpu):
    paths = " ".join(f"{name}_temp_path {folder}/{name};" for name in ("proxy", "fastcgi", "uwsgi", "scgi"))
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="utf-8") as file:
        file.write(
            f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log; events {{}}\n"
            f"http {{ access_log off; client_body_temp_path {folder}/body; {paths} keepalive_requests 100000000;\n"
            f"server {{ listen 127.0.0.1:{port}; location / {{ return 200 ok; }} }} }}\n"
        )
    return subprocess.Popen(["taskset", "-c", str(cpu), "nginx", "-c", conf], stderr=subprocess.DEVNULL)


class Server:
    def __init__(self, program, folder, upstream):
        self.base = [program, "--data-dir", os.path.join(folder, "data")]
        with open(os.path.join(folder, "items.yaml"), "w", encoding="utf-8") as file:
            file.write(DOCUMENT)
        catalogue = os.path.join(folder, "catalogue.yaml")
        with open(catalogue, "w", encoding="utf-8") as file:
            file.write('catalogue: 1\naccounts: [{ number: "1", realm: one, name: One }]\napis:')
            file.write(api("bea", "{ scheme: bearer }", "api_key", upstream))
            file.write(api("sig", "{ scheme: signature, window: 1h }", "key_pair", upstream) + "\n")
        serve = ["taskset", "-c", "0", *self.base, "serve", "--json", "--ports", "auto"]
        self.process = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.host = json.loads(self.process.stdout.readline())["gateway"].removeprefix("http://")
        self.cli("apply", "-f", catalogue)
        create = ("key", "create", "--account", "1", "--api")
        self.key = self.cli(*create, "bea")["key"]
        pair = self.cli(*create, "sig")
        self.pair, self.secret = pair["id"], pair["secret"].encode()

    def cli(self, *args):
        return json.loads(subprocess.check_output([*self.base, "--json", *args]))

    def sign(self, text):
        return hmac.new(self.secret, text.encode(), "sha512")

    def bearer(self, _, __):
        return f"Authorization: Bearer {self.key}\r\n"

    def plain(self, number, at):
        digest = hashlib.sha256(BODY.encode()).hexdigest()
        text = f"POST\n/sig/v1/items\n{at}\nplain{number:011d}\n{digest}"
        return (
            f"X-API-Key: {self.pair}\r\nX-Timestamp: {at}\r\nX-Nonce: plain{number:011d}\r\n"
            f"X-Signature: {self.sign(text).hexdigest()}\r\n"
        )

    def rfc9421(self, number, at):
        digest = base64.b64encode(hashlib.sha256(BODY.encode()).digest()).decode()
        listed = (
            f'("@method" "@target-uri" "content-digest");created={at};keyid="{self.pair}";nonce="rfc{number:013d}"'
        )
        text = (
            f'"@method": POST\n"@target-uri": http://{self.host}/sig/v1/items\n'
            f'"content-digest": sha-256=:{digest}:\n"@signature-params": {listed}'
        )
        signature = base64.b64encode(self.sign(text).digest()).decode()
        return (
            f"Content-Digest: sha-256=:{digest}:\r\nSignature-Input: s={listed}\r\n"
            f"Signature: s=:{signature}:\r\n"
        )

    def cpu(self):
        files = glob.glob(f"/proc/{self.process.pid}/task/*/schedstat")
        return sum(int(open(file, encoding="ascii").read().split()[0]) for file in files) / 1000

    def run(self, form, first, count):
        at, path = int(time.time()), "/bea/v1/items" if form == self.bearer else "/sig/v1/items"
        requests = [
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
            f"{form(number, at)}Content-Length: {len(BODY)}\r\n\r\n{BODY}".encode()
            for number in range(first, first + count)
        ]
        good = [0] * CONNECTIONS
        threads = [
            threading.Thread(target=self.send, args=(requests[part::CONNECTIONS], good, part))
            for part in range(CONNECTIONS)
        ]
        before = self.cpu()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if sum(good) != count:
            raise SystemExit(f"{form.__name__}: {count - sum(good)} of {count} requests were refused")
        return (self.cpu() - before) / count

    def send(self, requests, good, part):
        host, port = self.host.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in requests:
                connection.sendall(request)
                answer = b""
                while not answer.endswith(b"\r\n\r\nok"):
                    more = connection.recv(4096)
                    if not more or answer.startswith(b"HTTP/1.1 4"):
                        return
                    answer += more
                good[part] += 1


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("program", help="the claviger binary")
    args.add_argument("--rounds", type=int, default=21)
    args.add_argument("--requests", type=int, default=5000)
    args.add_argument("--apart", action="store_true", help="the server on a processor of its own")
    args = args.parse_args()
    load_cpu = 1 if args.apart else 0
    os.sched_setaffinity(0, {load_cpu})
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        upstream = start_upstream(folder, port, load_cpu)
        server = Server(os.path.abspath(args.program), folder, f"http://127.0.0.1:{port}")
        try:
            measure(server, args)
        finally:
            for process in (server.process, upstream):
                process.terminate()
                process.wait()


def measure(server, args):
    server.run(server.bearer, 0, args.requests)
    forms = (server.bearer, server.plain, server.rfc9421)
    rounds = [
        [server.run(form, number * args.requests, args.requests) for form in forms] for number in range(args.rounds)
    ]
    for place, form in enumerate(forms):
        spent = statistics.median(times[place] for times in rounds)
        more = statistics.median(times[place] - times[0] for times in rounds)
        ratio = statistics.median(times[place] / times[0] for times in rounds)
        print(f"{form.__name__:8} {spent:6.2f} us, {more:+5.2f} us, {ratio:.3f} x")


if __name__ == "__main__":
    main()
