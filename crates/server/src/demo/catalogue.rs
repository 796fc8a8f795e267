//! The examples, which the binary carries.

use std::collections::BTreeMap;

use claviger_app::{Actor, App, AppError, ApplyMode, Command};
use claviger_catalogue::{Bundle, SourceFile};
use include_dir::{Dir, include_dir};

static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples");

/// Applies an example whose environments point to the sample upstream.
pub(super) async fn apply(app: &App, example: &'static str, upstream: &str) -> Result<(), AppError> {
    let bundle =
        bundle(example, upstream).ok_or(AppError::NotFound { what: "example", name: example.into() })?;
    let command = Command::Apply { bundle, mode: ApplyMode::Commit };
    app.run(&Actor::Operator { via: "demo" }, command).await.map(|_| ())
}

fn bundle(example: &str, upstream: &str) -> Option<Bundle> {
    let text =
        |name: &str| EXAMPLES.get_file(format!("{example}/{name}"))?.contents_utf8().map(str::to_owned);
    let catalogue = SourceFile { name: format!("{example}/catalogue.yaml"), text: text("catalogue.yaml")? };
    let named = claviger_catalogue::documents_named(&catalogue).ok()?;
    let documents: BTreeMap<_, _> =
        named.into_iter().filter_map(|name| Some((name.clone(), text(&name)?))).collect();
    let variables = [("SAMPLE_UPSTREAM".to_owned(), upstream.to_owned())].into();
    Some(Bundle { catalogue, documents, variables })
}
