//! Everything that is declared: accounts and APIs, as a catalogue.

use std::collections::BTreeMap;

use axum::Json;
use claviger_app::{ApplyMode, Bundle, Command, Difference, Outcome, SourceFile, UseCase};
use claviger_web::{Caller, Code, LongInput};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::shown::{Answer, Page, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/catalogue", "exportCatalogue", export)
            .does(
                "Show accounts and APIs as a catalogue. To apply it changes nothing.",
                &[UseCase::CatalogueExport],
            )
            .gives::<Bundle>(200),
        Endpoint::post("/v1/catalogue/apply", "applyCatalogue", apply)
            .does(
                "Make what is there equal to a catalogue, or tell what would change.",
                &[UseCase::CatalogueApply],
            )
            .takes::<Apply>()
            .gives::<Page<Difference>>(200)
            .fails(&[Code::Conflict]),
    ]
}

/// A catalogue to apply.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Apply {
    /// The catalogue, in YAML.
    catalogue: String,
    /// The OpenAPI documents, by the names that the catalogue gives them.
    #[serde(default)]
    documents: BTreeMap<String, String>,
    /// The variables that the catalogue refers to.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// Whether anything is changed.
    mode: ApplyMode,
}

async fn export(caller: Caller) -> Answer<Json<Bundle>> {
    run(&caller, Command::Export, |outcome| match outcome {
        Outcome::Exported(bundle) => Some(Json(bundle)),
        _ => None,
    })
    .await
}

async fn apply(caller: Caller, LongInput(body): LongInput<Apply>) -> Answer<Json<Page<Difference>>> {
    let Apply { catalogue, documents, variables, mode } = body;
    let catalogue = SourceFile { name: "catalogue".to_owned(), text: catalogue };
    let command = Command::Apply { bundle: Bundle { catalogue, documents, variables }, mode };
    run(&caller, command, |outcome| match outcome {
        Outcome::Applied(differences) => Some(Json(Page::whole(differences))),
        _ => None,
    })
    .await
}
