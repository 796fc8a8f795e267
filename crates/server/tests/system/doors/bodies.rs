//! Doors that are not shown a body let nothing through that somebody could have put one into; and credentials end there.

use envoy_types::ext_authz::v3::pb::{HttpResponse, OkHttpResponse};

use super::ask::Asker;
use super::presented::{HOST, stage, to_row};
use super::rows::Row;
use crate::bed::{Engine, basic};
use crate::signatures::{Draft, Form, Pair};

const ITEMS: &str = "/orders/v1/items";

fn row(pair: &Pair, form: Form, method: &str, body: &str) -> Row {
    let row = to_row(&Draft::new(method, HOST, ITEMS).body(body), HOST, pair, form);
    let headers = row.headers.into_iter().filter(|(name, _)| *name != "content-length").collect();
    Row { headers, ..row }
}

fn with(mut row: Row, name: &'static str, value: &str) -> Row {
    row.headers.push((name, value.to_owned()));
    row
}

/// Envoy's HTTP mode says of every request that it has no body.
#[tokio::test]
async fn no_length_is_believed_where_the_question_has_its_own() {
    let (bed, _upstream) = stage(Engine::Sqlite);
    let asker = Asker::new(&bed).await;
    let pair = Pair::create(&bed, "300400", "orders", &[]);
    for form in Form::ALL {
        for method in ["POST", "DELETE", "PUT", "PURGE"] {
            let answer = asker.forward_auth_by_path(&row(&pair, form, method, "")).await;
            assert_ne!(answer.status(), 200, "{form:?}: {method}");
        }
        let answer = asker.forward_auth_by_path(&row(&pair, form, "GET", "")).await;
        assert_eq!(answer.status(), 200, "{form:?}");
        let removed = answer.headers()["x-envoy-auth-headers-to-remove"].to_str().expect("names are ASCII");
        for name in ["authorization", "proxy-authorization", "signature", "x-signature"] {
            assert!(removed.split(',').any(|own| own == name), "{name}: {removed}");
        }
    }
}

#[tokio::test]
async fn any_method_but_those_for_reading_may_bring_a_body() {
    let (bed, _upstream) = stage(Engine::Sqlite);
    let asker = Asker::about(&bed, &["orders", "reseller"]).await;
    let pair = Pair::create(&bed, "300400", "orders", &[]);
    for form in Form::ALL {
        let silent = row(&pair, form, "DELETE", "");
        for verdict in
            [asker.forward_auth(&silent).await, asker.ext_authz(&silent).await, asker.verify(&silent).await]
        {
            assert_ne!(verdict.reason, "allowed", "{form:?}");
        }
        let none = with(silent, "content-length", "0");
        assert_eq!(asker.ext_authz(&none).await.reason, "allowed", "{form:?}");
    }
    // A request that is not signed is let through without a media type, as at the gateway.
    let key = bed.create("300300", "reseller", &[]).key;
    let domain = Row::new(
        "DELETE",
        "/reseller/v2/domains/lantern.example",
        vec![("authorization", basic("lantern-hosting", &key))],
    );
    for verdict in
        [asker.forward_auth(&domain).await, asker.ext_authz(&domain).await, asker.verify(&domain).await]
    {
        assert_eq!(verdict.reason, "allowed");
    }
    assert_eq!(asker.forward_auth_by_path(&domain).await.status(), 200);
}

/// What Envoy sends of a body counts only if it is all of it, whatever the caller says about that.
#[tokio::test]
async fn a_part_of_a_body_is_none() {
    let (bed, _upstream) = stage(Engine::Sqlite);
    let asker = Asker::new(&bed).await;
    let pair = Pair::create(&bed, "300400", "orders", &[]);
    let partial = "x-envoy-auth-partial-body";
    for form in Form::ALL {
        let shown = || Row { shown: "{}", ..row(&pair, form, "POST", "{}") };
        for cut in [
            with(shown(), "content-length", "10"),
            with(shown(), "content-length", "0"),
            with(with(shown(), "content-length", "2"), "content-length", "10"),
            with(shown(), partial, "true"),
            with(with(shown(), partial, "false"), partial, "true"),
            with(shown(), partial, "false,true"),
        ] {
            assert_eq!(asker.ext_authz(&cut).await.reason, "bad_signature", "{cut:?}");
        }
        let whole = with(with(shown(), "content-length", "2"), partial, "false");
        assert_eq!(asker.ext_authz(&whole).await.reason, "allowed", "{form:?}");
    }
}

async fn allowed(asker: &Asker, row: &Row) -> OkHttpResponse {
    match asker.try_ext_authz(row).await.expect("Envoy may ask").http_response {
        Some(HttpResponse::OkResponse(ok)) => ok,
        other => panic!("{row:?}: {other:?}"),
    }
}

#[tokio::test]
async fn envoy_is_told_every_place_of_a_credential() {
    let (bed, _upstream) = stage(Engine::Sqlite);
    let asker = Asker::new(&bed).await;
    let key = bed.create("300100", "monitoring", &[]).key;
    for spelling in ["apiToken", "api%54oken", "%61pi%54oke%6e"] {
        let target = format!("/monitoring/v1/problems?a=1&{spelling}={key}&b=api%54oken").leak();
        let ok = allowed(&asker, &Row::new("GET", target, Vec::new())).await;
        assert_eq!(ok.query_parameters_to_remove, [spelling]);
    }
    let pair = Pair::create(&bed, "300400", "orders", &[]);
    let mut proxied = row(&pair, Form::Cavage, "GET", "");
    for (name, _) in proxied.headers.iter_mut().filter(|(name, _)| *name == "authorization") {
        *name = "proxy-authorization";
    }
    let removed = allowed(&asker, &proxied).await.headers_to_remove;
    assert!(removed.contains(&"proxy-authorization".to_owned()), "{removed:?}");
}
