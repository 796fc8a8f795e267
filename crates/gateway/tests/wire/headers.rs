use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};
use http_body::Frame;
use http_body_util::BodyExt;

use crate::harness::{Body, Frames, full, gateway, mirror, upstream};

#[tokio::test]
async fn hops_credentials_and_forged_identities_end_at_the_gateway() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let request = "GET / HTTP/1.1\r\nHost: api.example\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n\
        Authorization: Basic c2VjcmV0\r\nProxy-Authorization: Basic c2VjcmV0\r\nTE: gzip\r\nX-Forwarded-For: 6.6.6.6\r\n\
        X_Forwarded_For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Request-Id: forged\r\n\
        X-Claviger-Account: forged\r\nX_Claviger_Account: forged\r\nX.Claviger.Account: forged\r\n\
        x-claviger_user: forged\r\nAccept: a/b\r\n\r\n";
    let answer = gateway.exchange(request.as_bytes()).await;
    let (_, mirrored) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        mirrored.lines().collect::<Vec<_>>(),
        [
            "GET /",
            "accept: a/b",
            &format!("host: {}", upstream_host(mirrored)),
            "x-asked-host: api.example",
            "x-claviger-account: acc_1",
            "x-forwarded-for: 127.0.0.1",
            "x-forwarded-host: api.example",
            "x-forwarded-proto: http",
            "x-has-body: no",
            "x-request-id: req_00000000000000000000000001"
        ]
    );
}

fn upstream_host(mirrored: &str) -> &str {
    let host = mirrored.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    assert!(host.starts_with("127.0.0.1:"));
    host
}

#[tokio::test]
async fn an_upstream_cannot_speak_for_the_gateway() {
    let address = upstream(|_| async {
        let builder = Response::builder().header("x-claviger-account", "1").header("x-request-id", "theirs");
        builder.header("keep-alive", "timeout=5").header("etag", "x").body(full("")).unwrap()
    })
    .await;
    let gateway = gateway(&format!("http://{address}")).await;
    let answer = gateway.exchange(crate::harness::GET).await;
    assert!(answer.contains("etag: x\r\n"), "{answer}");
    assert!(
        !answer.contains("theirs") && !answer.contains("x-claviger") && !answer.contains("keep-alive"),
        "{answer}"
    );
}

fn with_trailers() -> Body {
    let trailers: HeaderMap = [
        ("digest".parse().unwrap(), HeaderValue::from_static("sum")),
        ("x-claviger-account".parse().unwrap(), HeaderValue::from_static("forged")),
    ]
    .into_iter()
    .collect();
    let frames = [Frame::data(Bytes::from_static(b"data")), Frame::trailers(trailers)];
    Frames(frames.into_iter().collect()).boxed()
}

#[tokio::test]
async fn trailers_go_both_ways_without_claims() {
    let address = upstream(|request| async {
        let mut answer = mirror(request).await;
        let seen = std::mem::replace(answer.body_mut(), with_trailers()).collect().await.unwrap().to_bytes();
        let seen = String::from_utf8_lossy(&seen).replace('\n', "|");
        answer.headers_mut().insert("x-seen", HeaderValue::try_from(seen).unwrap());
        answer.headers_mut().insert("trailer", HeaderValue::from_static("digest, x-claviger-account"));
        answer
    })
    .await;
    let gateway = gateway(&format!("http://{address}")).await;
    let request = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close, te\r\nTE: trailers\r\nTrailer: sum, x-claviger-user\r\n\
        Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nsum: up\r\nx-claviger-user: forged\r\n\
        x-api-key: forged\r\nX_Api_Key: forged\r\n\r\n";
    let answer = gateway.exchange(request.as_bytes()).await;
    assert!(answer.contains("|hi|trailer sum: up\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n0\r\ndigest: sum\r\n\r\n"), "{answer}");
    assert!(!answer.contains("forged"), "{answer}");
}
