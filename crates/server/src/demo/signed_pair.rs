//! The example of contract S: requests that are signed when they are printed, each good for one sending.

use claviger_app::{App, AppError};
use claviger_model::{Entropy, Scope, Span, Time};

use super::keys::{Wanted, changed};
use super::pairs::{WantedPair, have_all};
use super::report::{Call, Example};
use super::secrets::Secrets;
use super::sign::{self, Pair, Signed};
use crate::serve::Ambient;

const ACCOUNT: &str = "300400";

const fn wanted(label: &'static str, api: &'static str) -> WantedPair {
    let wanted = Wanted {
        label,
        account: ACCOUNT,
        api,
        environment: "production",
        address: "127.0.0.1,::1",
        permissions: &[],
        life: None,
    };
    WantedPair { wanted, scope: Scope::Admin, owner: "ops@harbor-voice.example" }
}

const fn management(label: &'static str, scope: Scope, address: &'static str) -> WantedPair {
    let WantedPair { wanted, owner, .. } = wanted(label, "management");
    WantedPair { wanted: Wanted { address, ..wanted }, scope, owner }
}

/// The pairs, in the order of [`Pairs`].
const WANTED: [WantedPair; 6] = [
    wanted("Demo: management", "management"),
    wanted("Demo: call data", "call-data"),
    wanted("Demo: monitoring", "call-monitoring"),
    management("Demo: management, developer", Scope::Developer, "127.0.0.1,::1"),
    management("Demo: management, read only", Scope::ReadOnly, "127.0.0.1,::1"),
    management("Demo: management, other address", Scope::Admin, "192.0.2.1"),
];

struct Pairs<'p> {
    management: Pair<'p>,
    call_data: Pair<'p>,
    monitoring: Pair<'p>,
    developer: Pair<'p>,
    reader: Pair<'p>,
    elsewhere: Pair<'p>,
}

/// Signs calls of one gateway.
struct Caller<'c> {
    gateway: &'c str,
    now: Time,
    entropy: &'c dyn Entropy,
}

pub(super) async fn example(
    app: &App,
    gateway: &str,
    secrets: &mut Secrets,
    ambient: &Ambient,
) -> Result<Example, AppError> {
    let (views, secrets) = have_all(app, &WANTED, secrets).await?;
    let ids: Vec<_> = views.iter().map(|view| view.id.to_string()).collect();
    let pair = |place: usize| Pair { id: &ids[place], secret: &secrets[place] };
    let [management, call_data, monitoring, developer, reader, elsewhere] = [0, 1, 2, 3, 4, 5].map(pair);
    let pairs = Pairs { management, call_data, monitoring, developer, reader, elsewhere };
    let caller = Caller { gateway, now: ambient.clock.now(), entropy: &*ambient.entropy };
    Ok(Example {
        account: ACCOUNT.to_owned(),
        credentials: views.iter().map(Into::into).collect(),
        calls: [accepted(&pairs, &caller), refused(&pairs, &caller), scopes(&pairs, &caller)].concat(),
    })
}

const USERS: &str = "/signed/management/v1/users";
const USER: &str = "/signed/management/v1/users/U-2041";
const NEW_USER: &str = r#"{"name":"Ada Brandt","email":"ada@harbor-voice.example","extension":"206"}"#;

const CHANGED_USER: &str = r#"{"name":"Eve Brandt","email":"eve@harbor-voice.example","extension":"206"}"#;

type Form = fn(Pair<'_>, Signed<'_>, &dyn Entropy) -> std::collections::BTreeMap<&'static str, String>;

impl Caller<'_> {
    fn sign(&self, form: Form, pair: Pair<'_>, call: Call, target: &str, at: Time) -> Call {
        let (method, body) = (call.method, call.body.as_deref().unwrap_or_default());
        let signed = Signed { method, origin: self.gateway, target, body, at };
        let mut headers = form(pair, signed, self.entropy);
        if call.body.is_some() {
            headers.insert("Content-Type", "application/json".to_owned());
        }
        Call { headers, ..call }
    }

    fn unsigned(&self, row: &'static str, name: &'static str, target: &str, expect: u16) -> Call {
        let url = format!("{}{target}", self.gateway);
        Call { row, name, method: "GET", url, headers: [].into(), body: None, expect }
    }

    /// A GET, signed in this form.
    fn get(&self, form: Form, pair: Pair<'_>, name: &'static str, target: &str, expect: u16) -> Call {
        self.sign(form, pair, self.unsigned("S5", name, target, expect), target, self.now)
    }
}

fn accepted(pairs: &Pairs<'_>, caller: &Caller<'_>) -> Vec<Call> {
    let calls = "/signed/call-data/v1/calls?since=2025-11-01";
    vec![
        caller.get(sign::message, pairs.management, "list users, signed by RFC 9421", USERS, 200),
        caller.get(sign::plain, pairs.management, "list users, signed in the plain form", USERS, 200),
        caller.get(sign::cavage, pairs.management, "list users, signed as for Kong's plugin", USERS, 200),
        caller.get(sign::message, pairs.call_data, "list calls", calls, 200),
        caller.get(sign::plain, pairs.monitoring, "list trunks", "/signed/monitoring/v1/trunks", 200),
    ]
}

fn refused(pairs: &Pairs<'_>, caller: &Caller<'_>) -> Vec<Call> {
    let Pair { id, secret } = pairs.management;
    let wrong = changed(secret);
    let unknown = Pair { id: "key_00000000000000000000000000", secret };
    let (message, plain): (Form, Form) = (sign::message, sign::plain);
    let old = caller.now.before(Span::from_secs(600));
    let late = caller.unsigned("S5", "signed ten minutes ago", USERS, 401);
    let other = caller.unsigned("S5", "another target than the one that was signed", USER, 401);
    let body = caller.unsigned("S5", "another body than the one that was signed", USERS, 401);
    let body = Call { method: "POST", body: Some(NEW_USER.into()), ..body };
    vec![
        caller.unsigned("S5", "no signature", USERS, 401),
        caller.get(message, Pair { id, secret: &wrong }, "signed with another secret", USERS, 401),
        caller.get(plain, Pair { id, secret: &wrong }, "signed with another secret, plain form", USERS, 401),
        caller.get(message, unknown, "an unknown public id", USERS, 401),
        caller.get(message, pairs.call_data, "a pair of another API", USERS, 403),
        caller.get(message, pairs.elsewhere, "from an address that is not the pair's", USERS, 403),
        caller.sign(plain, pairs.management, late, USERS, old),
        caller.sign(plain, pairs.management, other, USERS, caller.now),
        Call {
            body: Some(CHANGED_USER.into()),
            ..caller.sign(message, pairs.management, body, USERS, caller.now)
        },
    ]
}

fn scopes(pairs: &Pairs<'_>, caller: &Caller<'_>) -> Vec<Call> {
    let call = |pair, name, method, target, body: Option<&'static str>, expect| {
        let body = body.map(Into::into);
        let call = Call { method, body, ..caller.unsigned("S8", name, target, expect) };
        caller.sign(sign::message, pair, call, target, caller.now)
    };
    let (user, none) = (Some(NEW_USER), None);
    vec![
        call(pairs.management, "Admin makes", "POST", USERS, user, 201),
        call(pairs.management, "Admin deletes", "DELETE", USER, none, 200),
        call(pairs.developer, "Developer makes", "POST", USERS, user, 201),
        call(pairs.developer, "Developer changes", "PUT", USER, user, 200),
        call(pairs.developer, "Developer deletes", "DELETE", USER, none, 403),
        call(pairs.reader, "Read-Only reads", "GET", USER, none, 200),
        call(pairs.reader, "Read-Only makes", "POST", USERS, user, 403),
        call(pairs.reader, "Read-Only deletes", "DELETE", USER, none, 403),
    ]
}
