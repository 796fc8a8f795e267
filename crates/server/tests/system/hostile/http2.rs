//! The same rows over HTTP/2 with prior knowledge.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::{LIST, Row, World};
use crate::bed::Engine;
use crate::gate;
use crate::raw::code_of;

/// Sends each row that HTTP/2 can carry, all on one connection, and says of all what went otherwise.
pub(super) fn check(world: &World, rows: impl IntoIterator<Item = Row>) {
    let rows: Vec<_> = rows.into_iter().filter(|row| row.http2).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let wrong = runtime.expect("a runtime can be made").block_on(run(world, &rows));
    assert!(wrong.is_empty(), "over HTTP/2:\n{}", wrong.join("\n"));
}

async fn run(world: &World, rows: &[Row]) -> Vec<String> {
    let tcp = TcpStream::connect(gate::address(&world.bed)).await.expect("the gateway listens");
    let (mut sender, connection) =
        handshake(TokioExecutor::new(), TokioIo::new(tcp)).await.expect("the gateway speaks HTTP/2");
    tokio::spawn(connection);
    let mut wrong = Vec::new();
    for row in rows {
        let before = world.upstream.seen().len();
        let outcome = match send(&mut sender, world, row).await {
            Ok(got) => row.compare(world, before, &got),
            Err(error) => Err(format!("{}: {error}", row.name)),
        };
        wrong.extend(outcome.err());
    }
    wrong
}

async fn send(
    sender: &mut SendRequest<Full<Bytes>>,
    world: &World,
    row: &Row,
) -> Result<(u16, String), Box<dyn std::error::Error>> {
    let uri: Uri = format!("http://{}{}", gate::address(&world.bed), row.target).parse()?;
    let method = Method::from_bytes(row.method.as_bytes())?;
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in &row.headers {
        request = request.header(name, HeaderValue::from_bytes(value)?);
    }
    let answer = sender.send_request(request.body(Full::from(row.body.unwrap_or_default()))?).await?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes();
    let content_type = head.headers.get("content-type").and_then(|value| value.to_str().ok());
    Ok((head.status.as_u16(), code_of(content_type.unwrap_or_default(), &body)))
}

#[test]
fn hosts_and_headers_are_counted_over_http2_too() {
    let world = World::start(Engine::Sqlite, "");
    let known = |name, line| Row::new(name, line).with("Authorization", world.keys.good.basic());
    let many = (0..101).fold(known("many headers", LIST), |row, _| row.with("x", "y"));
    let rows = [
        known("two hosts", LIST).with("Host", "other.example").refused(400, "malformed_request"),
        known("no host", LIST).with("Host", "a, b").refused(400, "malformed_request"),
        many.refused(431, "headers_too_large"),
        known("outside every API", "GET /nothing").refused(404, "unknown_endpoint"),
        Row::new("nothing", LIST).refused(403, "missing_credential"),
        world.good(),
    ];
    check(&world, rows);
}
