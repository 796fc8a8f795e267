use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;

/// Switches to whatever protocol is asked for and echoes its raw bytes. There is no WebSocket handshake or
/// framing: this shows that a gateway passes bytes on, in both directions, until either side ends.
pub(super) async fn answer(mut request: Request) -> Response {
    let connection = (CONNECTION, HeaderValue::from_static("upgrade"));
    let Some(protocol) = request.headers().get(UPGRADE).cloned() else {
        let wanted = (UPGRADE, HeaderValue::from_static("echo"));
        return (StatusCode::UPGRADE_REQUIRED, [connection, wanted]).into_response();
    };
    tokio::spawn(echo(hyper::upgrade::on(&mut request)));
    (StatusCode::SWITCHING_PROTOCOLS, [connection, (UPGRADE, protocol)]).into_response()
}

/// Errors end the echo and need no report: the other side sees its connection close.
async fn echo(upgrade: OnUpgrade) {
    let Ok(stream) = upgrade.await else { return };
    let (mut from, mut to) = tokio::io::split(TokioIo::new(stream));
    if tokio::io::copy(&mut from, &mut to).await.is_ok() {
        to.shutdown().await.ok();
    }
}
