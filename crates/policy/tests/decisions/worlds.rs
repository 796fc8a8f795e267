//! The world that most tests are about.

use claviger_model::CredentialState::{Active, Disabled, Pending, Revoked};
use claviger_model::{AccountId, BasicUser, Change, Format, Mixing, Scheme, Span};

use crate::fixture::{ApiFixture, KeyFixture, NOW, World, api, id, key_of};

pub(crate) const MOMENT: Span = Span::from_millis(1);

/// XML or JSON, GET and POST only, JSON bodies only, 403 for strangers, warns of mixed versions.
pub(crate) fn billing() -> ApiFixture {
    api("billing")
        .version(
            "v1",
            &[
                "GET /customers customers:read",
                "POST /customers customers:create",
                "GET /customers/{id} customers:read",
                "DELETE /customers/{id} customers:delete",
                "POST /customers/{id}/merge customers:delete customers:read customers:update",
            ],
        )
        .version("v2", &["GET /customers customers:read", "GET /health"])
        .environment("production", "http://up:7070/base/{version}", &["/billing/{version}", "/newest"])
        .environment("sandbox", "http://sand:7070", &["sandbox.test/billing/{version}"])
        .policy(|policy| {
            policy.formats = vec![Format::Xml, Format::Json];
            policy.methods = vec!["GET".into(), "POST".into()];
            policy.request_media_types = vec!["application/json".into()];
            policy.refusals.unauthenticated = 403;
            policy.version_mixing.action = Mixing::Warn;
        })
}

/// Takes the key's id as the user name, any method and body, and refuses mixed versions.
pub(crate) fn cloud() -> ApiFixture {
    let endpoints = ["GET /servers servers:read", "POST /servers servers:create", "GET / root:read"];
    api("cloud")
        .version("v1", &endpoints)
        .version("v2", &endpoints)
        .environment("production", "https://cloud.internal", &["cloud.test/{version}"])
        .policy(|policy| {
            policy.schemes = vec![Scheme::Basic { user: BasicUser::KeyId }];
            policy.version_mixing.action = Mixing::Refuse;
        })
}

/// At the root of its host; knows nothing of mixing.
pub(crate) fn open() -> ApiFixture {
    api("open")
        .version("v1", &["GET /items items:read"])
        .version("v2", &["GET /items items:read"])
        .environment("production", "h2c://open.internal/{version}/x", &["open.test/{version}", "root.test/"])
}

fn billing_key(name: &str) -> KeyFixture {
    key_of(name, "100042", "billing/production")
}

pub(crate) fn standard() -> World {
    let later = Some(NOW.after(MOMENT));
    World::empty()
        .account("100042")
        .account("100077")
        .account("100099")
        .api(billing())
        .api(cloud())
        .api(open())
        .key("good", billing_key("good"))
        .key("reader", billing_key("reader").only(&["billing:customers:read"]))
        .key("pending", billing_key("pending").state(Pending))
        .key("disabled", billing_key("disabled").state(Disabled))
        .key("revoked", billing_key("revoked").state(Revoked))
        .key("expired", billing_key("expired").valid(None, Some(NOW)))
        .key("lasting", billing_key("lasting").valid(Some(NOW), later))
        .key("early", billing_key("early").valid(later, None))
        .key("sandbox", key_of("sandbox", "100042", "billing/sandbox").state(Active))
        .key("v4", billing_key("v4").from(&["198.51.100.0/24", "203.0.113.9"]))
        .key("v6", billing_key("v6").from(&["2001:db8:1::/48"]))
        .key("orphan", key_of("orphan", "100099", "billing/production"))
        .key("cloud", key_of("cloud", "100077", "cloud/production").with_key_id())
        .key("open", key_of("open", "100077", "open/production"))
        .with(Change::AccountRemoved(AccountId::from_u128(id("100099"))))
}
