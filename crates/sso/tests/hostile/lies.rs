//! ID tokens and claims.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use claviger_app::SsoFailure;
use serde_json::{Value, json};

use crate::fake::{Fake, Says, Signer};
use crate::{Guest, NOW, SECRET, refusal};

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test]
async fn what_is_proved_is_believed() {
    let guest = Guest::of(Fake::start().await);
    let claims = guest.redeem().await.unwrap();
    assert_eq!((claims.subject.as_str(), claims.class.as_deref()), ("ada-1", Some("2")));
    assert_eq!(
        (claims.methods, &claims.others["groups"]),
        (vec!["pwd".into(), "mfa".into()], &json!(["staff"]))
    );
    let asked = guest.fake.asked("/token").remove(0);
    assert!(asked.contains("authorization: Basic "), "{asked}");
    assert!(asked.contains("code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "{asked}");
    assert!(asked.contains("redirect_uri=https%3A%2F%2Fkeys.example.com%2Fsso"), "{asked}");
    let signer = Signer::ecdsa("curve");
    guest.fake.has_keys(&[&Signer::rsa("one"), &signer]);
    guest.fake.gives(&signer.sign(&guest.fake.claims()));
    guest.redeem_by(None, 60).await.unwrap();
}

/// RFC 7636 appendix B has the verifier and its challenge.
#[tokio::test]
async fn the_address_has_what_the_beginning_is_made_of() {
    let guest = Guest::of(Fake::start().await);
    let address = guest.address(0).await.unwrap();
    for part in [
        &format!("{}/authorize?response_type=code&client_id=claviger&", guest.fake.issuer),
        "scope=openid%20email&",
        "state=s%26t&",
        "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    ] {
        assert!(address.contains(part), "{address}");
    }
}

#[tokio::test]
async fn a_token_of_another_sign_in_client_issuer_or_time_is_refused() {
    let guest = Guest::of(Fake::start().await);
    let good = guest.fake.claims();
    let table = [
        ("nonce", json!("another"), "another sign-in"),
        ("nonce", Value::Null, "another sign-in"),
        ("aud", json!("another"), "another client"),
        ("aud", json!(["claviger", "another"]), "another client"),
        ("azp", json!("another"), "another client"),
        ("iss", json!("https://sso.example.com"), "another issuer"),
        ("exp", json!(NOW - 61), "expired"),
        ("iat", json!(NOW + 3600), "time to come"),
        ("sub", json!(""), "names nobody"),
        ("sub", Value::Null, "names nobody"),
    ];
    for (name, value, why) in table {
        guest.fake.gives(&Signer::rsa("one").sign(&with(good.clone(), name, value.clone())));
        let said = refusal(guest.redeem().await);
        assert!(said.contains(why), "{name} {value}: {said}");
    }
}

#[tokio::test]
async fn a_token_that_nobody_or_somebody_else_signed_is_refused() {
    let guest = Guest::of(Fake::start().await);
    let claims = guest.fake.claims();
    let good = Signer::rsa("one").sign(&claims);
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let none = BASE64.encode(r#"{"alg":"none","kid":"one"}"#);
    let public = Signer::rsa("one").modulus();
    let changed = BASE64.encode(with(claims.clone(), "sub", json!("eve")).to_string());
    let other = Signer::rsa("two").sign(&claims);
    // Names the provider's key and signs with another one.
    let under_the_name = Signer::rsa("two").named("one").sign(&claims);
    let table = [
        ("none", format!("{none}.{body}.")),
        ("none, with a signature", format!("{none}.{body}.{signature}")),
        ("no signature", format!("{head}.{body}.")),
        ("other claims", format!("{head}.{changed}.{signature}")),
        ("HMAC with the client's secret", Signer::hmac("one", SECRET.as_bytes()).sign(&claims)),
        ("HMAC with the public key", Signer::hmac("one", public.as_bytes()).sign(&claims)),
        ("another key", other),
        ("another key under the name", under_the_name),
        ("no token", "no token".to_owned()),
        ("nothing", String::new()),
    ];
    for (what, token) in table {
        guest.fake.gives(&token);
        let refused = guest.redeem().await;
        assert!(matches!(refused, Err(SsoFailure::Refused(_))), "{what}: {refused:?}");
    }
    guest.fake.gives(&good);
    guest.redeem().await.unwrap();
}

/// A key that two have is none, whatever the provider says.
#[tokio::test]
async fn a_shared_key_among_the_providers_is_not_used() {
    let guest = Guest::of(Fake::start().await);
    let shared = json!({ "kty": "oct", "kid": "shared", "k": BASE64.encode(SECRET) });
    let keys = json!({ "keys": [shared, { "kty": "unheard-of" }, 7, Signer::rsa("one").public] });
    guest.fake.says("/keys", Says::Json(200, keys));
    guest.fake.gives(&Signer::hmac("shared", SECRET.as_bytes()).sign(&guest.fake.claims()));
    assert!(refusal(guest.redeem().await).contains("signed in a way that proves nothing"));
    guest.fake.gives(&Signer::rsa("one").sign(&guest.fake.claims()));
    guest.redeem().await.unwrap();
}

#[tokio::test]
async fn keys_are_asked_for_again_once_a_minute() {
    let guest = Guest::of(Fake::start().await);
    guest.redeem().await.unwrap();
    let new = Signer::rsa("two");
    guest.fake.has_keys(&[&new]);
    guest.fake.gives(&new.sign(&guest.fake.claims()));
    assert!(refusal(guest.redeem_by(None, 59).await).contains("does not have"));
    assert_eq!(guest.fake.asked("/keys").len(), 1);
    guest.redeem_by(None, 60).await.unwrap();
    guest.fake.gives(&Signer::rsa("one").sign(&guest.fake.claims()));
    for _ in 0..10 {
        let _ = refusal(guest.redeem_by(None, 61).await);
    }
    assert_eq!(guest.fake.asked("/keys").len(), 2, "nobody makes us ask on and on");
}

#[tokio::test]
async fn a_token_that_names_no_key_is_of_the_only_one() {
    let guest = Guest::of(Fake::start().await);
    guest.fake.gives(&Signer::rsa("one").sign_unnamed(&guest.fake.claims()));
    guest.redeem().await.unwrap();
    guest.fake.has_keys(&[&Signer::rsa("one"), &Signer::rsa("two")]);
    let _ = refusal(guest.redeem_by(None, 3600 - 301).await);
}

#[tokio::test]
async fn further_claims_about_somebody_else_are_refused() {
    let guest = Guest::of(Fake::start().await);
    for more in [json!({ "sub": "eve" }), json!({ "groups": ["admins"] })] {
        guest.fake.says("/userinfo", Says::Json(200, more));
        assert!(refusal(guest.redeem().await).contains("somebody else"));
    }
}

#[tokio::test]
async fn a_code_that_the_provider_does_not_take_is_refused() {
    let guest = Guest::of(Fake::start().await);
    guest.fake.says("/token", Says::Json(400, json!({ "error": "invalid_grant" })));
    assert!(refusal(guest.redeem().await).contains("does not take the code"));
}

/// RFC 9207.
#[tokio::test]
async fn an_answer_of_another_provider_is_refused() {
    let guest = Guest::of(Fake::start().await);
    let own = guest.fake.issuer.clone();
    assert!(refusal(guest.redeem_by(Some("https://other.example.com"), 0).await).contains("this provider"));
    guest.redeem_by(Some(&own), 0).await.unwrap();
    let fake = Fake::start().await;
    fake.describes("authorization_response_iss_parameter_supported", json!(true));
    let guest = Guest::of(fake);
    assert!(refusal(guest.redeem().await).contains("this provider"));
    assert!(guest.fake.asked("/token").is_empty(), "the code went nowhere");
    let own = guest.fake.issuer.clone();
    guest.redeem_by(Some(&own), 0).await.unwrap();
}
