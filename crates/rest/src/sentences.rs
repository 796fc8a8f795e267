//! What the document says of an endpoint in words, made of the tables that decide.

use claviger_app::{Need, Proof, UseCase};
use claviger_model::Right;
use claviger_web::Code;

use crate::endpoint::{Access, Endpoint};

/// Who is answered, and what they have to have done before.
pub(crate) fn needs(endpoint: &Endpoint) -> String {
    let mut sentences = match endpoint.access {
        Access::Everybody => vec!["Everybody is answered.".to_owned()],
        Access::SignedIn => rights(endpoint.use_cases),
    };
    let needs_proof = |proof| endpoint.use_cases.iter().any(|use_case| use_case.proof() == proof);
    if needs_proof(Proof::Lately) {
        sentences.push(
            "Whoever signed in long ago proves first that it is still them: `POST /v1/me/prove`.".into(),
        );
    }
    sentences.join(" ")
}

/// Several use cases of one endpoint mostly need the same.
fn rights(use_cases: &[UseCase]) -> Vec<String> {
    let mut all = Vec::new();
    for use_case in use_cases {
        let sentence = right(use_case.need());
        if !all.contains(&sentence) {
            all.push(sentence);
        }
    }
    all
}

fn right(need: Need) -> String {
    let word = Right::as_str;
    match need {
        Need::Operator => "For operators.".to_owned(),
        // No endpoint is for the server itself.
        Need::Server => "For nobody.".to_owned(),
        Need::Anyone => "For whoever signed in.".to_owned(),
        Need::Right(right) => format!("Needs the right `{}`.", word(right)),
        Need::Keys => format!(
            "Needs the right `{}` for one's own keys, and `{}` for others'.",
            word(Right::ManageKeys),
            word(Right::ManageOthersKeys)
        ),
        Need::Users => {
            format!("Needs the right `{}` or `{}`.", word(Right::ReadUsers), word(Right::ManageUsers))
        }
    }
}

/// What is answered if it is done.
pub(crate) const fn done(endpoint: &Endpoint) -> &'static str {
    match (endpoint.status, endpoint.answer.is_some()) {
        (201, _) => "It was made, and is shown.",
        (_, true) => "What was asked for, or how it is now.",
        (_, false) => "It is done. There is nothing to show.",
    }
}

/// Why it was not done, for the codes that a status can have.
pub(crate) fn not_done(codes: &[Code]) -> String {
    let lines = codes.iter().map(|code| {
        let (_, code, title) = code.words();
        format!("- `{code}`: {title}")
    });
    lines.collect::<Vec<_>>().join("\n")
}
