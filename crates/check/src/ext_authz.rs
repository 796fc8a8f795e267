//! Envoy's `envoy.service.auth.v3.Authorization`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use claviger_door::{refusal, response_headers};
use claviger_model::RequestId;
use claviger_policy::{Body, Decision, Denial, Grant, Problem, Protocol, identity_headers};
use envoy_types::ext_authz::v3::pb::{
    Address, Authorization, CheckRequest, CheckResponse, DeniedHttpResponse, HeaderAppendAction,
    HeaderValue as Pair, HeaderValueOption, HttpResponse, HttpStatus, OkHttpResponse,
};
use envoy_types::pb::envoy::config::core::v3::socket_address::PortSpecifier;
use envoy_types::pb::envoy::service::auth::v3::attribute_context::{HttpRequest, Peer};
use envoy_types::pb::google::rpc;
use http::header::{ACCEPT, CONTENT_LENGTH, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue};
use tonic::{Code, Request, Response, Status};

use crate::Doors;
use crate::doors::NOT_TRUSTED;
use crate::identity::to_remove;
use crate::parts::Original;
use crate::problems::{REASON, REQUEST_ID, id_value};

/// With this header Envoy says whether the body that it sends was cut short.
const PARTIAL: HeaderName = HeaderName::from_static("x-envoy-auth-partial-body");

/// Answers Envoy.
pub(crate) struct ExtAuthz(pub(crate) Arc<Doors>);

/// What Envoy asks about.
struct Question {
    original: Original,
    headers: HeaderMap,
    client: IpAddr,
    /// What Envoy sends of the body (`with_request_body`).
    body: Vec<u8>,
    protocol: Protocol,
}

#[tonic::async_trait]
impl Authorization for ExtAuthz {
    async fn check(&self, request: Request<CheckRequest>) -> Result<Response<CheckResponse>, Status> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let trusted = peer.filter(|peer| self.0.answer_to(*peer));
        let Some(peer) = trusted else { return Err(Status::permission_denied(NOT_TRUSTED)) };
        Ok(Response::new(self.answer(peer, request.into_inner()).await))
    }
}

impl ExtAuthz {
    async fn answer(&self, peer: IpAddr, request: CheckRequest) -> CheckResponse {
        let (door, id) = (&self.0.ext_authz, self.0.request_id());
        match Question::read(request) {
            Err(why) => {
                door.refuse_unread(id, peer, why);
                unread(id, why)
            }
            Ok(question) => {
                let mut asked = question.original.asked(id, &question.headers, question.client);
                asked.parts.body = question.body(asked.parts.body);
                asked.parts.protocol = question.protocol;
                let prepared = door.prepare(&asked).await;
                door.ask_prepared(prepared, &asked, |decision, _| match decision {
                    Decision::Allow(grant) => allowed(&grant, &question, id),
                    Decision::Deny(denial) => denied(&denial, id),
                })
            }
        }
    }
}

impl Question {
    fn read(request: CheckRequest) -> Result<Self, &'static str> {
        let attributes = request.attributes.ok_or("there are no attributes")?;
        let client = attributes.source.and_then(address).ok_or("the source has no address")?;
        let http = attributes.request.and_then(|request| request.http).ok_or("there is no HTTP request")?;
        let original = Original::read(&http.method, &http.host, &http.path)?;
        let protocol = if http.scheme == "http" { Protocol::Http } else { Protocol::Https };
        let (text, bytes) = (http.body.clone(), http.raw_body.clone());
        let body = if bytes.is_empty() { text.into_bytes() } else { bytes };
        Ok(Self { original, headers: headers(http)?, client, body, protocol })
    }

    /// The body, if Envoy sent all of it. What it cut short says so in a header of its own, and a caller may
    /// send one, too.
    fn body<'b>(&'b self, by_headers: Body<'b>) -> Body<'b> {
        let mut lengths = self.headers.get_all(CONTENT_LENGTH).iter();
        let whole = self.body.len().to_string();
        let short = self.headers.get_all(PARTIAL).iter().any(|value| value != "false")
            || lengths.any(|length| length.as_bytes() != whole.as_bytes());
        match by_headers {
            _ if short => Body::Unread,
            Body::Unread | Body::Unknown if self.body.is_empty() => by_headers,
            _ => Body::Read(&self.body),
        }
    }
}

fn address(peer: Peer) -> Option<IpAddr> {
    match peer.address?.address? {
        Address::SocketAddress(socket) => {
            let port = matches!(socket.port_specifier, None | Some(PortSpecifier::PortValue(_)));
            port.then(|| socket.address.parse().ok())?
        }
        _ => None,
    }
}

/// The headers, with their repetitions where Envoy sends them (`encode_raw_headers`).
fn headers(http: HttpRequest) -> Result<HeaderMap, &'static str> {
    let raw = http.header_map.map(|map| map.headers).unwrap_or_default();
    let raw = raw.into_iter().map(|Pair { key, value, raw_value, .. }| {
        (key, if raw_value.is_empty() { value.into_bytes() } else { raw_value })
    });
    let merged = http.headers.into_iter().map(|(name, value)| (name, value.into_bytes()));
    let mut headers = HeaderMap::new();
    for (name, value) in raw.chain(merged).filter(|(name, _)| !name.starts_with(':')) {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "the name of a header is not one")?;
        let value = HeaderValue::from_bytes(&value).map_err(|_| "the value of a header is not one")?;
        headers.try_append(name, value).map_err(|_| "there are too many headers")?;
    }
    Ok(headers)
}

fn status(code: Code) -> rpc::Status {
    rpc::Status { code: code.into(), ..rpc::Status::default() }
}

/// Sets a header in place of all of that name.
fn set((name, value): (HeaderName, HeaderValue)) -> HeaderValueOption {
    option(&name, &value, HeaderAppendAction::OverwriteIfExistsOrAdd)
}

fn option(name: &HeaderName, value: &HeaderValue, action: HeaderAppendAction) -> HeaderValueOption {
    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let header = Some(Pair { key: name.as_str().to_owned(), value, ..Pair::default() });
    HeaderValueOption { header, append_action: action.into(), keep_empty_value: true, ..Default::default() }
}

fn allowed(grant: &Grant<'_>, question: &Question, id: RequestId) -> CheckResponse {
    let identity = identity_headers(grant);
    let overwritten = |name: &HeaderName| identity.iter().any(|(own, _)| own == name);
    let removed = to_remove(&question.headers, grant).into_iter().filter(|name| !overwritten(name));
    let removed = removed.map(|name| name.as_str().to_owned()).collect();
    let accept = grant.negotiated.accept.clone().map(|accept| (ACCEPT, accept));
    let told = response_headers(grant).into_iter().chain([(REQUEST_ID, id_value(id))]);
    let ok = OkHttpResponse {
        headers: identity.clone().into_iter().chain(accept).map(set).collect(),
        headers_to_remove: removed,
        response_headers_to_add: told.map(set).collect(),
        query_parameters_to_remove: question.original.query_credentials(&grant.api.api.policy.schemes),
        ..OkHttpResponse::default()
    };
    CheckResponse {
        status: Some(status(Code::Ok)),
        http_response: Some(HttpResponse::OkResponse(ok)),
        ..CheckResponse::default()
    }
}

fn denied(denial: &Denial<'_>, id: RequestId) -> CheckResponse {
    let reason = HeaderValue::from_static(denial.reason.code());
    refused(refusal(denial, id, denial.status()), reason, id)
}

fn unread(id: RequestId, why: &str) -> CheckResponse {
    let (code, title) = claviger_model::Reason::MalformedRequest.code_and_title();
    let detail = Some(format!("{why}."));
    let problem =
        Problem { status: 400, code, title, detail, string_to_sign: None, request_id: id.to_string() };
    let answer = claviger_door::problem(&problem, claviger_model::Format::Json);
    refused(answer, HeaderValue::from_static(code), id)
}

/// A refusal may hold a challenge for each scheme, so that those that are there already stay.
fn action(name: &HeaderName) -> HeaderAppendAction {
    if name == WWW_AUTHENTICATE {
        HeaderAppendAction::AppendIfExistsOrAdd
    } else {
        HeaderAppendAction::OverwriteIfExistsOrAdd
    }
}

fn refused(answer: http::Response<Vec<u8>>, reason: HeaderValue, id: RequestId) -> CheckResponse {
    let (parts, body) = answer.into_parts();
    let own = [(REASON, reason), (REQUEST_ID, id_value(id))].map(set);
    let headers = parts.headers.iter().map(|(name, value)| option(name, value, action(name)));
    let denied = DeniedHttpResponse {
        status: Some(HttpStatus { code: parts.status.as_u16().into() }),
        headers: headers.chain(own).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let code = if parts.status == 401 { Code::Unauthenticated } else { Code::PermissionDenied };
    CheckResponse {
        status: Some(status(code)),
        http_response: Some(HttpResponse::DeniedResponse(denied)),
        ..CheckResponse::default()
    }
}
