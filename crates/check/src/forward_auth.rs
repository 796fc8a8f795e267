use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use claviger_door::{Door, refusal, response_headers};
use claviger_model::{Reason, RequestId};
use claviger_policy::{Decision, Denial, Grant, identity_headers};
use http::{HeaderName, HeaderValue};

use crate::Doors;
use crate::doors::NOT_TRUSTED;
use crate::original::{Mount, Question};
use crate::problems::{self, REQUEST_ID, id_value, with_reason};

/// By this Envoy's HTTP mode is told what the upstream must not see.
const ENVOY_REMOVES: HeaderName = HeaderName::from_static("x-envoy-auth-headers-to-remove");

/// A question in headers.
pub(crate) async fn by_headers(
    State(doors): State<Arc<Doors>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    answer(&doors, peer.ip(), request, Mount::Headers).await
}

/// A question in method, host and path.
pub(crate) async fn by_path(
    State(doors): State<Arc<Doors>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    answer(&doors, peer.ip(), request, Mount::Path).await
}

async fn answer(doors: &Doors, peer: IpAddr, request: Request, mount: Mount) -> Response {
    let (door, id) = (&doors.forward_auth, doors.request_id());
    if !doors.answer_to(peer) {
        return unread(door, id, peer, NOT_TRUSTED);
    }
    let (parts, _) = request.into_parts();
    match Question::read(parts, peer, mount) {
        Err(why) => unread(door, id, peer, why),
        Ok(Question { original, headers, peer }) => {
            let mut asked = original.asked(id, &headers, peer);
            asked.parts.body = mount.body(&original.method, asked.parts.body);
            let prepared = door.prepare(&asked).await;
            door.ask_prepared(prepared, &asked, |decision, _| match decision {
                Decision::Allow(grant) => allowed(&grant, id, mount),
                Decision::Deny(denial) => denied(&denial, id),
            })
        }
    }
}

fn unread(door: &Door, id: RequestId, peer: IpAddr, why: &str) -> Response {
    door.refuse_unread(id, peer, why);
    problems::answer(403, Reason::MalformedRequest, why, id)
}

/// Exactly 200: Envoy takes no other status for a yes.
fn allowed(grant: &Grant<'_>, id: RequestId, mount: Mount) -> Response {
    let mut answer = Response::new(Body::empty());
    let headers = answer.headers_mut();
    headers.extend(identity_headers(grant));
    headers.extend(response_headers(grant));
    headers.insert(REQUEST_ID, id_value(id));
    if mount == Mount::Path {
        headers.insert(ENVOY_REMOVES, envoy_removes(grant));
    }
    answer
}

/// Envoy reads the first line of this header alone.
fn envoy_removes(grant: &Grant<'_>) -> HeaderValue {
    let own = grant.credential_headers().iter().map(HeaderName::as_str);
    let names: Vec<_> = ["authorization", "proxy-authorization"].into_iter().chain(own).collect();
    // Names of headers are good values, so the default is never taken.
    HeaderValue::from_str(&names.join(",")).unwrap_or_else(|_| HeaderValue::from_static("authorization"))
}

/// 401 or 403: nginx makes an error of its own of every other status.
fn denied(denial: &Denial<'_>, id: RequestId) -> Response {
    let status = if denial.status() == 401 { 401 } else { 403 };
    with_reason(refusal(denial, id, status).map(Body::from), denial.reason, id)
}
