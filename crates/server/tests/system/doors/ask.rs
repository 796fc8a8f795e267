//! The same request, put to each door.

use bytes::Bytes;
use envoy_types::ext_authz::v3::pb::{Address, CheckRequest, CheckResponse, HeaderValue, HttpResponse};
use envoy_types::pb::envoy::config::core::v3::{Address as Place, HeaderMap, SocketAddress};
use envoy_types::pb::envoy::service::auth::v3::AttributeContext;
use envoy_types::pb::envoy::service::auth::v3::attribute_context::{HttpRequest, Peer, Request as Asked};
use envoy_types::pb::envoy::service::auth::v3::authorization_client::AuthorizationClient;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tonic::Status;
use tonic::transport::Channel;

use super::rows::Row;
use crate::bed::Bed;

/// A decision as a door tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) status: u16,
    pub(crate) reason: String,
}

/// Asks at every door.
pub(crate) struct Asker {
    http: Client<HttpConnector, Full<Bytes>>,
    envoy: AuthorizationClient<Channel>,
    gateway: String,
    check: String,
    /// A service's token.
    token: String,
}

impl Asker {
    pub(crate) async fn new(bed: &Bed) -> Self {
        let text = |name: &str| bed.ready()[name].as_str().expect("the server says where it is").to_owned();
        let (gateway, check) = (text("gateway"), text("check"));
        let envoy = AuthorizationClient::connect(check.clone()).await.expect("HTTP/2 without TLS is spoken");
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { http, envoy, gateway, check, token: "svc_nobody".into() }
    }

    /// As a service that may ask about these APIs.
    pub(crate) async fn about(bed: &Bed, apis: &[&str]) -> Self {
        let made = bed.json(&["service", "create", "tests", "--api", &apis.join(",")]);
        let token = made["token"].as_str().expect("a new service has a token").to_owned();
        Self { token, ..Self::new(bed).await }
    }

    /// The same service at another server.
    pub(crate) async fn at(self, bed: &Bed) -> Self {
        Self { token: self.token, ..Self::new(bed).await }
    }

    pub(crate) async fn gateway(&self, row: &Row) -> Verdict {
        let mut request =
            Request::builder().method(row.method).uri(format!("{}{}", self.gateway, row.target));
        for (name, value) in &row.headers {
            request = request.header(*name, value);
        }
        let answer = self.send(request.header("x-forwarded-for", row.client), body(row)).await;
        if answer.headers().contains_key("x-claviger-api-version") {
            return Verdict { status: 200, reason: "allowed".into() };
        }
        Verdict { status: answer.status().as_u16(), reason: code(answer.body()) }
    }

    pub(crate) async fn forward_auth(&self, row: &Row) -> Verdict {
        let mut request = Request::builder().method("GET").uri(format!("{}/v1/forward-auth", self.check));
        for (name, value) in &row.headers {
            request = request.header(*name, value);
        }
        let request = request.header("x-forwarded-for", row.client).header("x-forwarded-host", "api.example");
        let request = request.header("x-forwarded-method", row.method).header("x-forwarded-uri", row.target);
        let answer = self.send(request, Bytes::new()).await;
        let status = answer.status().as_u16();
        if status == 200 {
            assert!(answer.body().is_empty() && answer.headers()["x-claviger-user"].is_empty());
            return Verdict { status, reason: "allowed".into() };
        }
        let reason = answer.headers()["x-claviger-reason"].to_str().expect("a reason is a word").to_owned();
        assert_eq!(reason, code(answer.body()));
        Verdict { status, reason }
    }

    /// As Envoy's HTTP mode asks: by method and path, and with a length of zero, whatever the request's.
    pub(crate) async fn forward_auth_by_path(&self, row: &Row) -> Response<Bytes> {
        let uri = format!("{}/v1/forward-auth/path{}", self.check, row.target);
        let mut request = Request::builder().method(row.method).uri(uri).header("host", "api.example");
        for (name, value) in row.headers.iter().filter(|(name, _)| *name != "content-length") {
            request = request.header(*name, value);
        }
        let request = request.header("content-length", "0").header("x-original-address", row.client);
        self.send(request, Bytes::new()).await
    }

    pub(crate) async fn verify(&self, row: &Row) -> Verdict {
        let answer = self.post("/v1/verify", &question(row)).await;
        let said: Value =
            serde_json::from_slice(answer.body()).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
        if answer.status() != 200 {
            return Verdict { status: answer.status().as_u16(), reason: code(answer.body()) };
        }
        assert_eq!(said["allowed"], said["reason"] == "allowed");
        let status = said["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        Verdict {
            status: status.unwrap_or_default(),
            reason: said["reason"].as_str().unwrap_or_default().into(),
        }
    }

    /// Sends JSON with the service's token.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response<Bytes> {
        self.post_as(&self.token, path, body).await
    }

    /// Sends JSON with some service's token.
    pub(crate) async fn post_as(&self, token: &str, path: &str, body: &Value) -> Response<Bytes> {
        let request = Request::builder().method("POST").uri(format!("{}{path}", self.check));
        self.send(request.header("authorization", format!("Bearer {token}")), body.to_string().into()).await
    }

    pub(crate) async fn ext_authz(&self, row: &Row) -> Verdict {
        let answer = self.try_ext_authz(row).await.unwrap_or_else(|status| panic!("{row:?}: {status}"));
        match answer.http_response {
            Some(HttpResponse::OkResponse(ok)) => {
                let sent = row.headers.iter().any(|(name, _)| *name == "authorization");
                assert_eq!(ok.headers_to_remove.contains(&"authorization".to_owned()), sent);
                Verdict { status: 200, reason: "allowed".into() }
            }
            Some(HttpResponse::DeniedResponse(denied)) => {
                let status = denied.status.and_then(|status| u16::try_from(status.code).ok());
                Verdict { status: status.unwrap_or_default(), reason: code(denied.body.as_bytes()) }
            }
            other => panic!("{row:?}: {other:?}"),
        }
    }

    pub(crate) async fn try_ext_authz(&self, row: &Row) -> Result<CheckResponse, Status> {
        self.envoy.clone().check(check_request(row)).await.map(tonic::Response::into_inner)
    }

    async fn send(&self, request: http::request::Builder, body: Bytes) -> Response<Bytes> {
        let request = request.body(Full::new(body)).expect("a request");
        let (parts, body) = self.http.request(request).await.expect("the door answers").into_parts();
        Response::from_parts(parts, body.collect().await.expect("the answer is whole").to_bytes())
    }
}

fn body(row: &Row) -> Bytes {
    if row.method == "POST" { Bytes::from_static(b"{}") } else { Bytes::new() }
}

/// The row as a service puts it to verify.
pub(crate) fn question(row: &Row) -> Value {
    json!({
        "method": row.method, "host": "api.example:443", "target": row.target,
        "headers": row.headers, "client": row.client,
    })
}

/// The row as Envoy puts it, with `encode_raw_headers`.
fn check_request(row: &Row) -> CheckRequest {
    let pair = |name: &str, value: &str| HeaderValue {
        key: name.into(),
        raw_value: value.as_bytes().to_vec(),
        ..HeaderValue::default()
    };
    let mut headers: Vec<_> = row.headers.iter().map(|(name, value)| pair(name, value)).collect();
    headers.push(pair(":method", row.method));
    let http = HttpRequest {
        method: row.method.into(),
        host: "api.example".into(),
        path: row.target.into(),
        header_map: Some(HeaderMap { headers }),
        raw_body: row.shown.into(),
        ..HttpRequest::default()
    };
    let socket = SocketAddress { address: row.client.into(), ..SocketAddress::default() };
    let place = Place { address: Some(Address::SocketAddress(socket)) };
    let attributes = AttributeContext {
        source: Some(Peer { address: Some(place), ..Peer::default() }),
        request: Some(Asked { http: Some(http), ..Asked::default() }),
        ..AttributeContext::default()
    };
    CheckRequest { attributes: Some(attributes) }
}

/// The code in problem details, in JSON or XML.
fn code(problem: &[u8]) -> String {
    let text = String::from_utf8_lossy(problem);
    let after =
        text.split_once("\"code\":\"").or_else(|| text.split_once("<code>")).map_or("", |(_, after)| after);
    after.split(['"', '<']).next().unwrap_or_default().to_owned()
}
