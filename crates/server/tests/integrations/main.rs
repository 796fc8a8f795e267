//! Other proxies, run for real with the configurations of their pages, before an upstream that says what reached it.

mod apisix;
mod bodiless;
mod page;
mod proxy;
mod requests;
mod rust;
mod signed;
mod upstream;
mod world;

use crate::proxy::Proxy;
use crate::requests::{Statuses, put_through};
use crate::world::World;

/// Forward-auth answers 401 and 403 alone; Envoy's gRPC has every status.
const FORWARD_AUTH: Statuses = Statuses { method: 403, endpoint: 403 };

#[test]
fn nginx_asks_for_every_request() {
    let world = World::start();
    let proxy = Proxy::start(&world, "nginx", &["nginx.conf"], |folder| {
        let main = "daemon off; master_process off; pid nginx.pid; error_log stderr;";
        vec![
            "nginx".into(),
            "-p".into(),
            folder.into(),
            "-c".into(),
            "nginx.conf".into(),
            "-g".into(),
            main.into(),
        ]
    });
    put_through(&world, proxy.origin(), &FORWARD_AUTH);
}

#[test]
fn caddy_asks_for_every_request() {
    let world = World::start();
    let proxy = Proxy::start(&world, "caddy", &["Caddyfile"], |_| {
        ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"].map(Into::into).to_vec()
    });
    put_through(&world, proxy.origin(), &FORWARD_AUTH);
}

#[test]
fn traefik_asks_for_every_request() {
    let world = World::start();
    let proxy = Proxy::start(&world, "traefik", &["traefik.yml", "dynamic.yml"], |_| {
        ["traefik", "--configFile=traefik.yml"].map(Into::into).to_vec()
    });
    put_through(&world, proxy.origin(), &FORWARD_AUTH);
}

#[test]
fn haproxy_asks_for_every_request() {
    let world = World::start();
    let proxy = Proxy::start(&world, "haproxy", &["haproxy.cfg", "claviger.lua"], |_| {
        ["haproxy", "-db", "-f", "haproxy.cfg"].map(Into::into).to_vec()
    });
    put_through(&world, proxy.origin(), &FORWARD_AUTH);
}

#[test]
fn envoy_asks_over_http() {
    let world = World::start();
    let proxy = Proxy::start(&world, "envoy", &["envoy-http.yaml"], |_| envoy("envoy-http.yaml"));
    put_through(&world, proxy.origin(), &FORWARD_AUTH);
}

#[test]
fn envoy_asks_over_grpc() {
    let world = World::start();
    let proxy = Proxy::start(&world, "envoy", &["envoy-grpc.yaml"], |_| envoy("envoy-grpc.yaml"));
    put_through(&world, proxy.origin(), &Statuses { method: 405, endpoint: 404 });
    bodiless::keys_leave_the_query(&world, &proxy.origin());
}

#[test]
fn envoy_sends_signed_bodies_along() {
    let world = World::start();
    let proxy = Proxy::start(&world, "envoy", &["envoy-signed.yaml"], |_| envoy("envoy-signed.yaml"));
    put_through(&world, proxy.origin(), &Statuses { method: 405, endpoint: 404 });
    signed::put_through(&world, &proxy.origin());
}

fn envoy(file: &str) -> Vec<String> {
    let own = ["envoy", "--concurrency", "1", "--disable-hot-restart", "-l", "error", "-c", file];
    own.map(Into::into).to_vec()
}
