//! The door of the product's own behind some paths of the gateway: what people and their programs are answered
//! elsewhere, on the origin of the APIs.

use std::fmt;
use std::pin::Pin;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use claviger_gateway::{Answer, OwnDoor, OwnRequest};
use claviger_model::{Format, RequestId};
use claviger_policy::Problem;
use claviger_web::{Code, KnownClient, KnownId};
use http_body_util::{BodyExt, Full, Limited};
use tower::ServiceExt;

use crate::config::OwnPath;

/// Bytes of a body. A way in that takes less says so itself.
const LONGEST_BODY: u32 = 2 << 20;
/// Bytes of an answer: many times what the longest list has.
const LONGEST_ANSWER: usize = 32 << 20;

/// What answers at some paths of the gateway.
pub(super) struct Mount {
    pub(super) paths: Vec<OwnPath>,
    pub(super) router: Router,
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mount").field(&self.paths).finish()
    }
}

impl OwnDoor for Mount {
    fn serves(&self, _host: &str, path: &str) -> bool {
        self.paths.iter().any(|own| own.covers(path))
    }

    fn body_bytes(&self) -> u32 {
        LONGEST_BODY
    }

    fn answer(&self, asked: OwnRequest) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(answer(self.router.clone(), asked))
    }
}

async fn answer(router: Router, asked: OwnRequest) -> Answer {
    let OwnRequest { id, client, request } = asked;
    let mut request = request.map(Body::from);
    request.extensions_mut().insert(KnownClient(client));
    request.extensions_mut().insert(KnownId(id));
    let Ok(answered) = router.oneshot(request).await;
    let (head, body) = answered.into_parts();
    match Limited::new(body, LONGEST_ANSWER).collect().await {
        Ok(body) => Answer::from_parts(head, Full::new(body.to_bytes())),
        Err(error) => {
            tracing::error!(request_id = %id, error, "an answer broke off or is too long");
            failed(id)
        }
    }
}

fn failed(id: RequestId) -> Answer {
    let (status, code, title) = Code::Internal.words();
    let request_id = id.to_string();
    let details = Problem { status, code, title, detail: None, string_to_sign: None, request_id };
    claviger_door::problem(&details, Format::Json).map(|body| Full::new(Bytes::from(body)))
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;
    use axum::routing::{get, post};

    use super::*;

    async fn told(request: Request) -> String {
        let KnownClient(client) = request.extensions().get().unwrap();
        let KnownId(id) = request.extensions().get().unwrap();
        format!("{client} {id} {}", request.uri())
    }

    async fn ask(method: &str, target: &str) -> (u16, String) {
        let long = || async { vec![0; LONGEST_ANSWER + 1] };
        let router = Router::new().route("/told", post(told)).route("/long", get(long));
        let mount = Mount { paths: Vec::new(), router };
        let request = http::Request::builder().method(method).uri(target).body(Bytes::new()).unwrap();
        let asked = OwnRequest { id: RequestId::from_u128(1), client: [192, 0, 2, 7].into(), request };
        let (head, body) = mount.answer(asked).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn client_and_id_are_those_of_the_gateway() {
        let id = RequestId::from_u128(1);
        assert_eq!(ask("POST", "/told?a").await, (200, format!("192.0.2.7 {id} /told?a")));
        assert_eq!(ask("GET", "/told").await.0, 405);
        assert_eq!(ask("GET", "/other").await.0, 404);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_held() {
        let (status, body) = ask("GET", "/long").await;
        assert_eq!(status, 500);
        assert!(body.contains(r#""internal""#) && body.contains("req_"), "{body}");
    }
}
