#!/usr/bin/env python3
"""CPU per proxied request: Claviger beside itself without the check, nginx with a key map, and a bare proxy.

Every server runs on cpu 0 with one worker, one loaded at a time; wrk and the upstream (nginx) are on cpu 1. The cases
take turns within each round, so that what changes on the machine meets all of them. The figure is the processor time,
user and system, that the server's process tree spent during a wrk run, over the requests of that run. Ratios are taken
within a round, and their median is given.

Needs nginx and wrk, two processors and nothing else running. Everything stays on loopback and in a temporary folder.
"""
import argparse
import base64
import contextlib
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

TICK = os.sysconf("SC_CLK_TCK")
SERVER_CPU, LOAD_CPU = 0, 1
ACCOUNT = "100042"
PATH = "/things/v1/items/7"
BODY = "0123456789abcdef" * 8

CATALOGUE = """\
catalogue: 1
accounts:
  - {{ number: "{account}", realm: bench, name: Bench }}
apis:
  - slug: things
    name: Things
    policy:
      prefix: thg
      schemes: [{{ scheme: basic, user: account_number }}]
      formats: [xml, json]
      key_types: [{{ slug: standard, name: Standard }}]
      allowlist: {{ min: 0, max: 1, kind: address }}
    versions:
      - {{ name: v1, document: things.yaml }}
    environments:
      - slug: production
        upstream: "{upstream}/things/{{version}}"
        routes: [{{ path: "/things/{{version}}" }}]
"""

DOCUMENT = """\
openapi: 3.1.0
info: { title: Things, version: v1 }
paths:
  /items: { get: { responses: { "200": { description: All of them. } } } }
  /items/{id}: { get: { responses: { "200": { description: One of them. } } } }
"""

NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/{name}.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 75s;
  client_body_temp_path {folder}/{name}-body;
  proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-fastcgi;
  uwsgi_temp_path {folder}/{name}-uwsgi;
  scgi_temp_path {folder}/{name}-scgi;
{inside}
}}
"""

UPSTREAM = """\
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ default_type text/plain; return 200 "{body}"; }}
  }}
"""

MAP_PROXY = """\
  map_hash_max_size 1048576;
  map_hash_bucket_size 256;
  map $http_authorization $account {{
    default "";
    include {folder}/map.inc;
  }}
  upstream behind {{ server {upstream}; keepalive 128; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      if ($account = "") {{ return 401; }}
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Account $account;
      proxy_set_header Authorization "";
      proxy_pass http://behind;
    }}
  }}
"""

# Requests are put together before the load begins, so that wrk spends as little as it can on each.
LOAD = """\
local texts, at = {}, 0
function init(args)
  for value in io.lines(args[1]) do
    texts[#texts + 1] = wrk.format("GET", nil, { ["Authorization"] = value, ["Accept"] = "*/*" })
  end
  at = math.random(#texts)
end
function request()
  at = at % #texts + 1
  return texts[at]
end
"""


class Case:
    """A server under load."""

    def __init__(self, name, process, address, checks):
        self.name, self.process, self.address, self.checks = name, process, address, checks
        self.micros, self.rates = [], []


class Servers:
    """Starts processes, each on one processor, and stops them by their ids."""

    def __init__(self, folder):
        self.folder, self.running = folder, []

    def start(self, name, command, cpu, env=None):
        log = open(os.path.join(self.folder, f"{name}.log"), "wb")
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})},
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        log.close()
        self.running.append(process)
        return process

    def nginx(self, name, inside, cpu):
        path = os.path.join(self.folder, f"{name}.conf")
        write(path, NGINX.format(folder=self.folder, name=name, inside=inside))
        errors = os.path.join(self.folder, f"{name}-error.log")
        return self.start(name, ["nginx", "-p", self.folder, "-c", path, "-e", errors], cpu)

    def stop(self):
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def address_of(process):
    """The gateway's address, from the line of JSON that says that it listens."""
    return urllib.parse.urlsplit(json.loads(process.stdout.readline())["gateway"]).netloc


def status(address, authorization):
    connection = http.client.HTTPConnection(address, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", PATH, headers={"Authorization": authorization} if authorization else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def wait_until_up(address):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])), 1).close()
        time.sleep(0.05)
    raise SystemExit(f"nobody listens on {address}")


def process_tree(pid):
    yield pid
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in file.read().split():
                    yield from process_tree(int(child))


def cpu_seconds(pid):
    """User and system time of a process and its children that live."""
    ticks = 0
    for each in process_tree(pid):
        with open(f"/proc/{each}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def load(folder, address, seconds, connections):
    """Runs wrk, and gives the number of its requests and of those in a second."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", f"{folder}/load.lua",
               f"http://{address}{PATH}", "--", f"{folder}/authorizations"]
    pinned = lambda: os.sched_setaffinity(0, {LOAD_CPU})
    output = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, preexec_fn=pinned).stdout
    for trouble in ("Non-2xx", "Socket errors"):
        if trouble in output:
            raise SystemExit(f"{address}:\n{output}")
    found = re.search(r"(\d+) requests in", output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    return int(found[1]), float(rate[1])


def run_cli(options, folder, *arguments):
    command = [options.claviger, "--data-dir", f"{folder}/data", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def make_keys(options, folder):
    """Makes keys by the command line, and gives their Authorization values."""
    values = []
    for number in range(options.keys):
        made = run_cli(options, folder, "key", "create", "--account", ACCOUNT, "--api", "things", "--json")
        pair = f"{ACCOUNT}:{json.loads(made)['key']}"
        values.append("Basic " + base64.b64encode(pair.encode()).decode())
        if number % 100 == 99:
            print(f"{number + 1} keys", file=sys.stderr)
    return values


def start_claviger(options, servers, upstream):
    folder = servers.folder
    write(f"{folder}/catalogue.yaml", CATALOGUE.format(account=ACCOUNT, upstream=f"http://{upstream}"))
    write(f"{folder}/things.yaml", DOCUMENT)
    run_cli(options, folder, "apply", "-f", f"{folder}/catalogue.yaml")
    command = [options.claviger, "--data-dir", f"{folder}/data", "serve", "--json", "--ports", "auto"]
    process = servers.start("claviger", command, SERVER_CPU, {"TOKIO_WORKER_THREADS": "1"})
    return Case("claviger", process, address_of(process), True)


def start_unchecked(options, servers, upstream, mode):
    command = [options.unchecked, f"http://{upstream}", mode]
    name = "unchecked" if mode == "plain" else f"unchecked, {mode}"
    process = servers.start(f"unchecked-{mode}", command, SERVER_CPU, {"TOKIO_WORKER_THREADS": "1"})
    return Case(name, process, address_of(process), False)


def start_nginx(servers, upstream, values):
    write(f"{servers.folder}/map.inc", "".join(f'"{value}" {ACCOUNT};\n' for value in values))
    port = free_port()
    inside = MAP_PROXY.format(folder=servers.folder, upstream=upstream, port=port)
    process = servers.nginx("map", inside, SERVER_CPU)
    return Case("nginx", process, f"127.0.0.1:{port}", True)


def start_bare(options, servers, upstream):
    address = f"127.0.0.1:{free_port()}"
    return Case("bare", servers.start("bare", [options.bare, address, upstream], SERVER_CPU), address, False)


def start_all(options, servers):
    upstream = f"127.0.0.1:{free_port()}"
    servers.nginx("upstream", UPSTREAM.format(port=upstream.rsplit(":", 1)[1], body=BODY), LOAD_CPU)
    wait_until_up(upstream)
    cases = [start_claviger(options, servers, upstream)]
    values = make_keys(options, servers.folder)
    write(f"{servers.folder}/authorizations", "".join(f"{value}\n" for value in values))
    write(f"{servers.folder}/load.lua", LOAD)
    cases.append(start_unchecked(options, servers, upstream, "plain"))
    if options.identity:
        cases.append(start_unchecked(options, servers, upstream, "identity"))
    cases.append(start_nginx(servers, upstream, values))
    if options.bare:
        cases.append(start_bare(options, servers, upstream))
    for case in cases:
        wait_until_up(case.address)
        check(case, values)
    return cases


def check(case, values):
    """What is measured has to work: good keys get the upstream's answer, and others are refused."""
    if status(case.address, values[0]) != (200, BODY) or status(case.address, values[-1]) != (200, BODY):
        raise SystemExit(f"{case.name} does not let a good key through")
    if not case.checks:
        return
    account, key = base64.b64decode(values[0].split()[1]).decode().split(":")
    changed = key[:-1] + ("A" if key[-1] != "A" else "B")
    forged = "Basic " + base64.b64encode(f"{account}:{changed}".encode()).decode()
    if status(case.address, None)[0] != 401 or status(case.address, forged)[0] != 401:
        raise SystemExit(f"{case.name} lets a request through that it should not")


def measure(options, servers, cases):
    for case in cases:
        load(servers.folder, case.address, 2, options.connections)
    for number in range(options.rounds):
        for case in cases:
            before = cpu_seconds(case.process.pid)
            requests, rate = load(servers.folder, case.address, options.seconds, options.connections)
            spent = cpu_seconds(case.process.pid) - before
            case.micros.append(spent / requests * 1e6)
            case.rates.append(rate)
        line = ", ".join(f"{case.name} {case.micros[-1]:.2f}" for case in cases)
        print(f"round {number + 1}: {line}", file=sys.stderr)


def report(cases):
    """A table in Markdown: each case, and how many times as much as it Claviger spends."""
    ours = cases[0]
    print("| case | CPU µs per request | least – most | requests/s | Claviger spends |")
    print("|---|---|---|---|---|")
    for case in cases:
        ratio = statistics.median(own / other for own, other in zip(ours.micros, case.micros))
        print(f"| {case.name} | {statistics.median(case.micros):.2f} | {min(case.micros):.2f} – {max(case.micros):.2f} "
              f"| {statistics.median(case.rates):,.0f} | {ratio:.3f} × |")


@contextlib.contextmanager
def awake(wanted):
    """Keeps the load's processor from halting, at the lowest priority: waking it would be counted to the servers."""
    child = os.fork() if wanted else None
    if child == 0:
        os.sched_setaffinity(0, {LOAD_CPU})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        parent = os.getppid()
        while os.getppid() == parent:
            for _ in range(1_000_000):
                pass
        os._exit(0)
    try:
        yield
    finally:
        if child:
            os.kill(child, 9)
            os.waitpid(child, 0)


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--claviger", default="target/release/claviger", help="the server")
    parser.add_argument("--unchecked", default="target/release/unchecked", help="the gateway without the check")
    parser.add_argument("--bare", help="a bare proxy, called with its address and the upstream's; left out if absent")
    parser.add_argument("--identity", action="store_true", help="also without the check but with its headers")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=5, help="of load for each case in each round")
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--awake", action="store_true", help="keep the load's processor from halting")
    return parser.parse_args()


def main():
    wanted = options()
    os.sched_setaffinity(0, {LOAD_CPU})
    with tempfile.TemporaryDirectory() as folder:
        # nginx's worker, which may run as another user, needs to reach its own folders.
        os.chmod(folder, 0o711)
        servers = Servers(folder)
        try:
            cases = start_all(wanted, servers)
            with awake(wanted.awake):
                measure(wanted, servers, cases)
            report(cases)
        finally:
            servers.stop()


if __name__ == "__main__":
    main()
