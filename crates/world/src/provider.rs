//! Two providers that say of anybody what a test has them say: the code *is* what they say, in JSON.
//!
//! - `company` has everybody in account `1`, with roles by the claim `groups`; it makes users, knows those who are there by
//!   their address, and its method `mfa` counts as a second factor.
//! - `partner` has people in the account whose realm is in the claim `tenant`, as members, and makes nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use claviger_app::{
    AccountName, AccountOf, EmailLinks, LoginKind, Newcomers, RolesOf, Shown, Sso, SsoAnswered, SsoAsked,
    SsoBegun, SsoClaims, SsoClient, SsoFailure, SsoFinish, SsoLanding, SsoProvider, VouchedFactor, Waiting,
};
use claviger_model::{Slug, Time};
use serde_json::{Map, Value};

struct Says;

impl SsoClient for Says {
    fn address<'a>(&'a self, provider: &'a Slug, asked: SsoAsked<'a>, _: Time) -> Waiting<'a, String> {
        Box::pin(async move {
            match asked.landing {
                SsoLanding::Configured => {
                    Ok(format!("https://{provider}.example.com/?state={}", asked.state))
                }
                landing @ SsoLanding::Loopback(_) => Err(SsoFailure::NoLanding(landing)),
            }
        })
    }

    fn redeem<'a>(&'a self, _: &'a Slug, answered: SsoAnswered<'a>, _: Time) -> Waiting<'a, SsoClaims> {
        Box::pin(async move {
            match answered.code.expose() {
                "down" => Err(SsoFailure::Unavailable("it is down".to_owned())),
                code => said(code).ok_or_else(|| SsoFailure::Refused("the code is none".to_owned())),
            }
        })
    }
}

fn said(code: &str) -> Option<SsoClaims> {
    let others: Map<String, Value> = serde_json::from_str(code).ok()?;
    let subject = others.get("sub")?.as_str()?.to_owned();
    let methods = others.get("amr").and_then(Value::as_str).map(ToOwned::to_owned).into_iter().collect();
    Some(SsoClaims { subject, methods, class: None, others })
}

pub(crate) fn sso() -> Sso {
    Sso::new(vec![company(), partner()], Arc::new(Says))
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn company() -> SsoProvider {
    let values = [("admins", vec![slug("admin")]), ("staff", vec![slug("member")])];
    SsoProvider {
        slug: slug("company"),
        name: "Example Company".to_owned(),
        issuer: "https://company.example.com".to_owned(),
        account: AccountOf::One("1".parse().unwrap()),
        roles: RolesOf {
            claim: Some("groups".to_owned()),
            values: values.map(|(value, roles)| (value.to_owned(), roles)).into(),
            default: Vec::new(),
        },
        newcomers: Newcomers::Made,
        email_links: EmailLinks::Verified,
        factor: VouchedFactor { methods: vec!["mfa".to_owned()], classes: Vec::new() },
    }
}

fn partner() -> SsoProvider {
    SsoProvider {
        slug: slug("partner"),
        name: "Example Partner".to_owned(),
        issuer: "https://partner.example.com".to_owned(),
        account: AccountOf::Claim { claim: "tenant".to_owned(), by: AccountName::Realm, only: Vec::new() },
        roles: RolesOf { claim: None, values: BTreeMap::new(), default: vec![slug("member")] },
        newcomers: Newcomers::Refused,
        email_links: EmailLinks::Never,
        factor: VouchedFactor::default(),
    }
}

/// The state that a beginning came with.
#[must_use]
pub fn state_of(begun: &SsoBegun) -> String {
    begun.address.split("state=").nth(1).unwrap().to_owned()
}

/// What somebody finishes with of whom a provider says this.
#[must_use]
pub fn finish_with(begun: &SsoBegun, code: &str) -> SsoFinish {
    SsoFinish {
        handle: begun.handle.clone(),
        code: Shown::new(code),
        state: state_of(begun),
        issuer: None,
        second: None,
        kind: LoginKind::LoginToken,
    }
}
