//! The example of contract A.

use std::collections::BTreeMap;

use claviger_app::{App, AppError};
use claviger_model::LifeEvent;

use super::keys::{Wanted, changed, have_all};
use super::report::{Call, Example};

const ACCOUNT: &str = "300100";

const fn wanted(label: &'static str, permissions: &'static [&'static str]) -> Wanted {
    Wanted {
        label,
        account: ACCOUNT,
        api: "monitoring",
        environment: "production",
        address: "",
        permissions,
        life: None,
    }
}

/// The tokens, in the order of [`Tokens`].
const WANTED: [Wanted; 3] = [
    wanted("Demo: monitoring", &[]),
    wanted("Demo: monitoring, read problems", &["monitoring:problems:read"]),
    Wanted { life: Some(LifeEvent::Disable), ..wanted("Demo: monitoring, deactivated", &[]) },
];

struct Tokens<'t> {
    everything: &'t str,
    problems: &'t str,
    deactivated: &'t str,
}

pub(super) async fn example(app: &App, gateway: &str) -> Result<Example, AppError> {
    let (views, secrets) = have_all(app, &WANTED).await?;
    let [everything, problems, deactivated] = secrets.each_ref().map(String::as_str);
    let tokens = Tokens { everything, problems, deactivated };
    let at = format!("{gateway}/monitoring/v1");
    Ok(Example {
        account: ACCOUNT.to_owned(),
        credentials: views.iter().map(Into::into).collect(),
        calls: [in_header(&tokens, &at), in_query(&tokens, &at), permissions(&tokens, &at)].concat(),
    })
}

fn get(row: &'static str, name: &'static str, url: String, authorization: &str, expect: u16) -> Call {
    let value = Some(authorization.to_owned()).filter(|value| !value.is_empty());
    let headers: BTreeMap<_, _> = value.map(|value| ("Authorization", value)).into_iter().collect();
    Call { row, name, method: "GET", url, headers, body: None, expect }
}

fn in_header(tokens: &Tokens<'_>, at: &str) -> Vec<Call> {
    let call = |name, value: String, expect| get("A3", name, format!("{at}/problems"), &value, expect);
    vec![
        call("list problems", format!("apiToken {}", tokens.everything), 200),
        call("the word in another case", format!("APITOKEN {}", tokens.everything), 200),
        call("no token", String::new(), 401),
        call("unknown token", format!("apiToken {}", changed(tokens.everything)), 401),
        call("another word", format!("Bearer {}", tokens.everything), 401),
        Call { row: "A6", ..call("an active token", format!("apiToken {}", tokens.everything), 200) },
        Call { row: "A6", ..call("a deactivated token", format!("apiToken {}", tokens.deactivated), 401) },
    ]
}

fn in_query(tokens: &Tokens<'_>, at: &str) -> Vec<Call> {
    let Tokens { everything, deactivated, .. } = tokens;
    let call = |name, query: String, expect| get("A4", name, format!("{at}/problems?{query}"), "", expect);
    let twice = get(
        "A4",
        "header and query at once",
        format!("{at}/problems?apiToken={everything}"),
        &format!("apiToken {everything}"),
        401,
    );
    vec![
        call("the token as a parameter", format!("status=open&apiToken={everything}"), 200),
        call("a deactivated token", format!("apiToken={deactivated}"), 401),
        call("the parameter twice", format!("apiToken={everything}&apiToken={everything}"), 401),
        twice,
    ]
}

fn permissions(tokens: &Tokens<'_>, at: &str) -> Vec<Call> {
    let problems = format!("apiToken {}", tokens.problems);
    let call = |name, path: &str, expect| get("A5", name, format!("{at}{path}"), &problems, expect);
    vec![
        call("with the permission", "/problems", 200),
        call("without the permission", "/metrics", 403),
        get(
            "A5",
            "with every permission",
            format!("{at}/metrics"),
            &format!("apiToken {}", tokens.everything),
            200,
        ),
    ]
}
