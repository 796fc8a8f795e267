use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::LazyLock;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_check::router;
use envoy_types::ext_authz::v3::pb::{Address, CheckRequest, HeaderValue as Pair};
use envoy_types::pb::envoy::config::core::v3::{Address as Place, HeaderMap, SocketAddress};
use envoy_types::pb::envoy::service::auth::v3::AttributeContext;
use envoy_types::pb::envoy::service::auth::v3::attribute_context::{HttpRequest, Peer, Request as Asked};
use envoy_types::pb::envoy::service::auth::v3::authorization_client::AuthorizationClient;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{Request, StatusCode};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::doors_world::{KEY, TOKEN, world};

static ROUTER: LazyLock<Router> = LazyLock::new(|| {
    let proxy = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
    router(world()).layer(Extension(ConnectInfo(proxy)))
});
static RUNTIME: LazyLock<Option<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_time().build().ok());

/// What is asked at the doors for infrastructure. The first line is `verify`, `verify:batch` or `ext_authz`, else a method
/// and what stands after `/v1/forward-auth`. Then come the body for verify, and headers for the others; for `ext_authz`
/// after lines with method, host, target, scheme and address, and before an empty line and the body.
///
/// # Panics
/// If something fails that is not the asker's fault, if there is a yes without the key, or if the key is in an answer.
pub fn doors(data: &[u8]) {
    let (first, rest) = cut(data);
    let (Ok(first), Some(runtime)) = (str::from_utf8(first), RUNTIME.as_ref()) else { return };
    let (yes, told) = runtime.block_on(async {
        match first {
            "verify" | "verify:batch" => verify(first, rest).await,
            "ext_authz" => ext_authz(rest).await,
            line => forward_auth(line, rest).await,
        }
    });
    assert!(!yes || shows_key(rest), "a yes without the key");
    assert!(!contains(&told, KEY.as_bytes()), "the key is in an answer");
}

fn cut(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (&data[..end], data.get(end + 1..).unwrap_or_default())
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether a part of the key is there that nobody would guess, as it is or in the base64 of Basic.
fn shows_key(asked: &[u8]) -> bool {
    let basic = STANDARD.encode(format!("1:{}", *KEY));
    let letters: Vec<u8> = asked.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    [KEY.as_str(), &basic].iter().any(|key| key.as_bytes().windows(8).any(|part| contains(&letters, part)))
}

type Answer = (bool, Vec<u8>);

async fn send(request: Request<Body>) -> (StatusCode, Bytes) {
    let answer = match ROUTER.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let status = answer.status();
    assert!(!status.is_server_error(), "a door failed: {status}");
    (status, to_bytes(answer.into_body(), usize::MAX).await.unwrap_or_default())
}

async fn verify(path: &str, body: &[u8]) -> Answer {
    let asked = Request::post(format!("/v1/{path}")).header(AUTHORIZATION, format!("Bearer {TOKEN}"));
    let Ok(asked) = asked.body(Body::from(body.to_vec())) else { return (false, Vec::new()) };
    let (status, told) = send(asked).await;
    assert!([StatusCode::OK, StatusCode::BAD_REQUEST].contains(&status), "verify answers {status}");
    (contains(&told, br#""allowed":true"#), told.into())
}

async fn forward_auth(line: &str, rest: &[u8]) -> Answer {
    let mut words = line.splitn(2, ' ');
    let method = words.next().unwrap_or_default();
    let path = format!("/v1/forward-auth{}", words.next().unwrap_or_default());
    let asked = headers(rest)
        .fold(Request::builder().method(method).uri(path), |asked, (name, value)| asked.header(name, value));
    let Ok(asked) = asked.body(Body::empty()) else { return (false, Vec::new()) };
    let path = asked.uri().path().strip_prefix("/v1/forward-auth").unwrap_or("nowhere");
    let is_question = ["", "/", "/path"].contains(&path) || path.starts_with("/path/");
    let (status, told) = send(asked).await;
    let known = [StatusCode::OK, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    assert!(!is_question || known.contains(&status), "forward-auth answers {status}");
    (status.is_success(), told.into())
}

/// The lines that are headers, up to an empty one.
fn headers(lines: &[u8]) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    lines.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty()).filter_map(|line| {
        let end = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..end]).ok()?;
        Some((name, HeaderValue::from_bytes(line.get(end + 1..)?.trim_ascii()).ok()?))
    })
}

async fn ext_authz(rest: &[u8]) -> Answer {
    let mut client = AuthorizationClient::new(ROUTER.clone());
    match client.check(check_request(rest)).await {
        Ok(answer) => {
            let answer = answer.into_inner();
            let yes = answer.status.as_ref().is_some_and(|status| status.code == 0);
            (yes, format!("{answer:?}").into_bytes())
        }
        Err(status) => panic!("ext_authz failed: {status}"),
    }
}

fn check_request(rest: &[u8]) -> CheckRequest {
    let mut rest = rest;
    let mut word = || {
        let (line, after) = cut(rest);
        rest = after;
        String::from_utf8_lossy(line).into_owned()
    };
    let [method, host, path, scheme, address] = std::array::from_fn(|_| word());
    // Not only what is a header: Envoy may say anything.
    let mut lines = rest.split(|byte| *byte == b'\n');
    let headers = lines.by_ref().take_while(|line| !line.is_empty()).map(|line| {
        let end = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (key, raw_value) = (String::from_utf8_lossy(&line[..end]), line.get(end + 1..));
        Pair { key: key.into(), raw_value: raw_value.unwrap_or_default().into(), ..Pair::default() }
    });
    let header_map = Some(HeaderMap { headers: headers.collect() });
    let raw_body = lines.collect::<Vec<_>>().join(&b'\n');
    let http = HttpRequest { method, host, path, scheme, header_map, raw_body, ..HttpRequest::default() };
    let socket = SocketAddress { address, ..SocketAddress::default() };
    let place = Place { address: Some(Address::SocketAddress(socket)) };
    let attributes = AttributeContext {
        source: Some(Peer { address: Some(place), ..Peer::default() }),
        request: Some(Asked { http: Some(http), ..Asked::default() }),
        ..AttributeContext::default()
    };
    CheckRequest { attributes: Some(attributes) }
}
