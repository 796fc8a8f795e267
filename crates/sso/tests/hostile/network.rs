//! Providers that cannot be used, and what they cost.

use claviger_app::{SsoFailure, SsoLanding};
use claviger_sso::ProviderSettings;
use serde_json::json;

use crate::fake::{Fake, Says, Signer};
use crate::{Guest, outage};

const DOCUMENT: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn a_description_of_another_issuer_is_not_believed() {
    for issuer in ["https://sso.example.com", "http://127.0.0.1"] {
        let fake = Fake::start().await;
        fake.describes("issuer", json!(issuer));
        assert!(outage(Guest::of(fake).address(0).await).contains("names another issuer"));
    }
    let fake = Fake::start().await;
    fake.describes("issuer", json!(format!("{}/", fake.issuer)));
    assert!(outage(Guest::of(fake).address(0).await).contains("names another issuer"));
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_to_another_machine() {
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"] {
        let fake = Fake::start().await;
        fake.describes(name, json!("http://sso.example.com/x"));
        assert!(outage(Guest::of(fake).address(0).await).contains("not encrypted"), "{name}");
    }
}

#[tokio::test]
async fn answers_without_end_or_sense_are_left() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
    let hop = b"HTTP/1.1 302 Found\r\nLocation: /token\r\nContent-Length: 0\r\n\r\n";
    let answers = [
        Says::Endless(head, b"4\r\n    \r\n"),
        Says::Endless(long, b" "),
        Says::Endless(b"HTTP/1.1 200 OK\r\n", b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
        Says::Bytes(hop.to_vec()),
        Says::Bytes(b"SSH-2.0-x\r\n".to_vec()),
        Says::Bytes(Vec::new()),
        Says::Json(200, json!([])),
        Says::Json(200, json!("<html>")),
        Says::Json(500, json!({})),
    ];
    for path in [DOCUMENT, "/keys", "/token", "/userinfo"] {
        for says in &answers {
            let fake = Fake::start().await;
            fake.says(path, says.clone());
            let _ = outage(Guest::of(fake).redeem().await);
        }
    }
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let fake = Fake::start().await;
    let hop = "HTTP/1.1 307 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    fake.says("/token", Says::Bytes(hop.into()));
    let guest = Guest::of(fake);
    let _ = outage(guest.redeem().await);
    assert!(guest.fake.asked("/elsewhere").is_empty());
}

#[tokio::test]
async fn a_provider_that_is_down_is_not_asked_on_and_on_and_comes_back() {
    let fake = Fake::start().await;
    fake.says(DOCUMENT, Says::Json(503, json!({})));
    let guest = Guest::of(fake);
    for _ in 0..10 {
        assert!(outage(guest.address(0).await).contains("503"));
    }
    assert_eq!(guest.fake.asked(DOCUMENT).len(), 1);
    let at = |path: &str| format!("{}{path}", guest.fake.issuer);
    let back = json!({
        "issuer": guest.fake.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
    });
    guest.fake.says(DOCUMENT, Says::Json(200, back));
    guest.address(5).await.unwrap();
}

#[tokio::test]
async fn nobody_listening_is_said_so() {
    let fake = Fake::start().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let issuer = claviger_sso::Address::issuer(&format!("http://{free}")).unwrap();
    let guest = Guest::with(fake, |settings| ProviderSettings { issuer, ..settings });
    assert!(outage(guest.address(0).await).contains(&free.to_string()));
}

#[tokio::test]
async fn what_is_wrong_with_us_is_no_refusal_of_whoever_signs_in() {
    let guest = Guest::of(Fake::start().await);
    guest.fake.says("/token", Says::Json(401, json!({ "error": "invalid_client" })));
    assert!(outage(guest.redeem().await).contains("client id or secret"));
}

#[tokio::test]
async fn what_is_known_is_asked_for_again_after_an_hour() {
    let guest = Guest::of(Fake::start().await);
    for seconds in [0, 3599] {
        guest.address(seconds).await.unwrap();
    }
    assert_eq!(guest.fake.asked(DOCUMENT).len(), 1);
    guest.fake.has_keys(&[&Signer::rsa("two")]);
    guest.address(3600).await.unwrap();
    assert_eq!((guest.fake.asked(DOCUMENT).len(), guest.fake.asked("/keys").len()), (2, 2));
}

#[tokio::test]
async fn a_secret_is_sent_as_the_provider_takes_it() {
    let table = [
        (json!(["client_secret_post"]), "client_secret=", "authorization: "),
        (json!(["client_secret_post", "client_secret_basic"]), "authorization: Basic ", "client_secret="),
    ];
    for (methods, has, lacks) in table {
        let fake = Fake::start().await;
        fake.describes("token_endpoint_auth_methods_supported", methods);
        let guest = Guest::of(fake);
        guest.redeem().await.unwrap();
        let asked = guest.fake.asked("/token").remove(0);
        assert!(asked.contains(has) && !asked.contains(lacks), "{asked}");
    }
    let fake = Fake::start().await;
    fake.describes("token_endpoint_auth_methods_supported", json!(["private_key_jwt"]));
    assert!(outage(Guest::of(fake).redeem().await).contains("takes no client secret"));
    let guest =
        Guest::with(Fake::start().await, |settings| ProviderSettings { client_secret: None, ..settings });
    guest.redeem().await.unwrap();
    let asked = guest.fake.asked("/token").remove(0);
    assert!(asked.contains("client_id=claviger") && !asked.contains("secret"), "{asked}");
}

#[tokio::test]
async fn nobody_is_sent_where_the_provider_does_not_send_people() {
    let fake = Fake::start().await;
    let guest = Guest::with(fake, |settings| ProviderSettings { redirect: None, ..settings });
    assert_eq!(guest.address(0).await, Err(SsoFailure::NoLanding(SsoLanding::Configured)));
}
