use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, Version};
use http_body::Frame;
use http_body_util::BodyExt;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Body, Frames, Running, Setup, converse, full, gateway, mirror, provider, upstream};

/// A certificate for `localhost`, and the roots to trust it.
struct Tls {
    server: Arc<rustls::ServerConfig>,
    roots: rustls::RootCertStore,
}

fn tls(protocols: &[&[u8]]) -> Tls {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let mut server = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    server.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Tls { server: Arc::new(server), roots }
}

async fn tls_client(
    gateway: &Running,
    roots: rustls::RootCertStore,
    protocols: &[&[u8]],
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let tcp = TcpStream::connect(gateway.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap()
}

async fn h2<S>(io: S) -> SendRequest<Body>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    sender
}

pub(crate) async fn h2c(gateway: &Running) -> SendRequest<Body> {
    h2(TcpStream::connect(gateway.address).await.unwrap()).await
}

fn get(uri: &str) -> Request<Body> {
    Request::builder().uri(uri).body(full("")).unwrap()
}

#[tokio::test]
async fn http2_with_prior_knowledge_is_served_and_goes_up_as_http1() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let mut sender = h2c(&gateway).await;
    let mut request = get("http://API.example/a?b");
    request.headers_mut().append("cookie", HeaderValue::from_static("a=1"));
    request.headers_mut().append("cookie", HeaderValue::from_static("b=2"));
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&text);
    assert!(text.starts_with("GET /a?b\n"), "{text}");
    for line in
        ["x-asked-host: api.example", "x-forwarded-host: API.example", "cookie: a=1; b=2", "host: 127.0.0.1:"]
    {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[tokio::test]
async fn http2_requests_share_a_connection_and_are_judged_each() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let mut sender = h2c(&gateway).await;
    let answers = [sender.send_request(get("http://a/refuse")), sender.send_request(get("http://a/x"))];
    let mut statuses = Vec::new();
    for answer in answers {
        statuses.push(answer.await.unwrap().status());
    }
    assert_eq!(statuses, [StatusCode::UNAUTHORIZED, StatusCode::OK]);
}

#[tokio::test]
async fn an_authority_and_another_host_are_refused() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let mut request = get("http://a/");
    request.headers_mut().insert("host", HeaderValue::from_static("b"));
    let answer = h2c(&gateway).await.send_request(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(answer.headers().get("connection").is_none());
}

#[tokio::test]
async fn http2_goes_up_to_an_upstream_of_prior_knowledge_with_trailers() {
    let gateway = gateway(&format!("h2c://{}", upstream(mirror).await)).await;
    let trailers: HeaderMap =
        [("sum".parse().unwrap(), HeaderValue::from_static("up"))].into_iter().collect();
    let frames = [Frame::data(Bytes::from_static(b"hello")), Frame::trailers(trailers)];
    let body = Frames(frames.into_iter().collect()).boxed();
    let mut request = Request::builder().method("POST").uri("http://a/x").body(body).unwrap();
    request.headers_mut().insert("te", HeaderValue::from_static("trailers"));
    let answer = h2c(&gateway).await.send_request(request).await.unwrap();
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&text);
    assert!(text.starts_with("POST http://127.0.0.1:"), "{text}");
    assert!(text.ends_with("hello\ntrailer sum: up") && text.contains("te: trailers"), "{text}");
}

#[tokio::test]
async fn tls_lets_the_caller_choose() {
    let tls = tls(&[b"h2", b"http/1.1"]);
    let setup = Setup { tls: Some(tls.server), ..Setup::default() };
    let gateway = setup.before(&format!("http://{}", upstream(mirror).await)).await;
    let io = tls_client(&gateway, tls.roots.clone(), &[b"h2"]).await;
    let answer = h2(io).await.send_request(get("https://localhost/x")).await.unwrap();
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&text).contains("x-forwarded-proto: https"));
    let io = tls_client(&gateway, tls.roots, &[b"http/1.1"]).await;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder().uri("/x").header("host", "localhost").body(full("")).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_11));
}

/// An upstream with TLS. Its URL names it by the host of its certificate.
async fn tls_upstream(server: Arc<rustls::ServerConfig>) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let acceptor = tokio_rustls::TlsAcceptor::from(server);
    tokio::spawn(async move {
        while let Ok((tcp, _)) = socket.accept().await {
            if let Ok(io) = acceptor.accept(tcp).await {
                tokio::spawn(converse(io, mirror));
            }
        }
    });
    format!("https://localhost:{port}")
}

#[tokio::test]
async fn an_upstream_with_tls_is_spoken_to_in_what_it_chooses() {
    for (protocols, line) in
        [(&[&b"h2"[..], b"http/1.1"][..], "GET https://localhost:"), (&[b"http/1.1"], "GET /a?b\n")]
    {
        let tls = tls(protocols);
        let setup = Setup { roots: tls.roots, ..Setup::default() };
        let gateway = setup.before(&tls_upstream(tls.server).await).await;
        for _ in 0..2 {
            let answer = gateway.exchange(crate::harness::GET).await;
            assert!(answer.contains(line), "{answer}");
        }
    }
}

#[tokio::test]
async fn an_upstream_that_is_not_trusted_is_502() {
    let gateway = gateway(&tls_upstream(tls(&[]).server).await).await;
    assert!(gateway.exchange(crate::harness::GET).await.starts_with("HTTP/1.1 502 "));
}

#[tokio::test]
async fn too_many_headers_are_431() {
    let limits = claviger_gateway::GatewayLimits { headers: 10, ..crate::harness::limits() };
    let gateway = Setup::limited(limits).before(&format!("http://{}", upstream(mirror).await)).await;
    let mut request = get("http://a/");
    for _ in 0..11 {
        request.headers_mut().append("x", HeaderValue::from_static("y"));
    }
    let answer = h2c(&gateway).await.send_request(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test]
async fn a_body_without_a_length_is_told_to_the_judge() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let mut sender = h2c(&gateway).await;
    let frames = |frames: &[&'static [u8]]| {
        Frames(frames.iter().map(|data| Frame::data(Bytes::from_static(data))).collect()).boxed()
    };
    for (body, told) in
        [(full(""), "x-has-body: no"), (full("a"), "x-has-body: yes"), (frames(&[b"a"]), "x-has-body: yes")]
    {
        let request = Request::builder().method("DELETE").uri("http://a/").body(body).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&text).contains(told), "{told}");
    }
}
