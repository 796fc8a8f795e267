//! A service in Rust with the layer, as its page has it.

#[path = "rust/guarded.rs"]
mod guarded;
#[path = "rust/signed.rs"]
mod signed;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use claviger_server::config::Config;
use claviger_testkit::Curl;
use http::header::CACHE_CONTROL;
use tokio::net::TcpListener;

use crate::requests::{Statuses, put_through};
use crate::upstream::echo;
use crate::world::World;

/// Starts the service on a free port; it ends with the process.
fn start(config: Config) -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(async {
            let layer = guarded::layer(&config).await.expect("the data can be opened");
            let router = Router::new().fallback(speak).layer(layer);
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
            let _ = tell.send(listener.local_addr().expect("a bound socket has an address"));
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            drop(axum::serve(listener, service).await);
        });
    });
    told.recv().expect("the service starts")
}

/// Says what reached it, and things that are not its to say.
async fn speak(request: Request) -> impl IntoResponse {
    let own = [("x-claviger-api-version", "v9"), ("x-request-id", "own"), (CACHE_CONTROL.as_str(), "public")];
    (own, echo(request).await)
}

#[test]
fn a_service_in_rust_checks_by_itself() {
    let mut world = World::start();
    let password = world.imported_password();
    let config = Config { data_dir: world.stopped(), ..Config::default() };
    let origin = format!("http://{}", start(config));
    put_through(&world, origin.clone(), &Statuses { method: 405, endpoint: 404 });

    let call = Curl::get(&format!("{origin}/customers/v1/customers"));
    let answer = call.header("Authorization", &world.basic("Demo: customers")).run();
    let all = |name: &str| {
        let own = answer.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        own.map(|(_, value)| value.clone()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!((all("x-claviger-api-version"), all("cache-control")), ("v1".into(), "public".into()));
    assert!(all("x-request-id").starts_with("req_"), "{}", all("x-request-id"));

    no_two_hosts(&origin);
    for _ in 0..2 {
        let call = Curl::get(&format!("{origin}/customers/v1/customers"));
        assert_eq!(call.header("Authorization", &password).run().status, 200);
    }
    signed::put_through(&world, &origin);
}

fn no_two_hosts(origin: &str) {
    let hosts = Curl::get(&format!("{origin}/customers/v1/customers")).header("Host", "a b").run();
    assert_eq!((hosts.status, hosts.header("x-claviger-reason")), (400, Some("malformed_request")));
    let other = Curl::get(&format!("{origin}/customers/v1/customers"));
    let absolute = other.arg("--request-target").arg(&format!("{origin}/customers/v1/customers"));
    let answer = absolute.header("Host", "other.example").run();
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("different hosts"), "{}", answer.text());
}

#[test]
fn the_page_shows_what_is_run() {
    let page = include_str!("../../../../docs/integrations/rust.md");
    assert!(page.contains(&format!("```rust guarded.rs\n{}```", include_str!("rust/guarded.rs"))));
}
