//! The versions of OpenAPI that are read, each by the types of its own library.

use serde::de::DeserializeOwned;

use crate::prune::pruned;
use crate::yaml::{Node, YamlError};

/// A version of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    V3_0,
    V3_1,
}

/// What an operation says about itself, apart from its security.
#[derive(Debug, Default)]
pub(crate) struct Operation {
    pub(crate) tags: Vec<String>,
    pub(crate) summary: Option<String>,
}

const READ: &str = "OpenAPI 3.0 and 3.1 are read";

impl Dialect {
    /// The version that a document says it is written in.
    pub(crate) fn of(document: &Node) -> Result<Self, YamlError> {
        if let Some(key) = document.key("swagger") {
            return Err(YamlError::new(key.place, "this is a document of Swagger").with_help(READ));
        }
        let Some(version) = document.get("openapi") else {
            let error =
                YamlError::new(document.place(), "`openapi` is missing, so that this is no OpenAPI document");
            return Err(error.with_help(READ));
        };
        let text = version.read_as::<String>()?;
        match text.split('.').collect::<Vec<_>>().as_slice() {
            ["3", "0"] | ["3", "0", _] => Ok(Self::V3_0),
            ["3", "1"] | ["3", "1", _] => Ok(Self::V3_1),
            _ => {
                let message = format!("OpenAPI `{}` is not read", crate::yaml::shown(&text));
                Err(YamlError::new(version.place(), &message).with_help(READ))
            }
        }
    }

    /// Holds an operation against the specification, its schemas and callbacks apart.
    pub(crate) fn operation(self, node: &Node) -> Result<Operation, YamlError> {
        let node = &pruned(node);
        match self {
            Self::V3_0 => {
                check_parts::<openapiv3::Parameter, openapiv3::RequestBody, openapiv3::Response>(node)?;
                let read = node.read_as::<openapiv3::Operation>()?;
                Ok(Operation { tags: read.tags, summary: read.summary })
            }
            Self::V3_1 => {
                check_parts::<oas3::spec::Parameter, oas3::spec::RequestBody, oas3::spec::Response>(node)?;
                let read = node.read_as::<oas3::spec::Operation>()?;
                Ok(Operation { tags: read.tags, summary: read.summary })
            }
        }
    }
}

/// Reads the parts of an operation that may be references each by itself: a library that tries both forms can say
/// only that neither fits.
fn check_parts<Parameter, Body, Response>(operation: &Node) -> Result<(), YamlError>
where
    Parameter: DeserializeOwned,
    Body: DeserializeOwned,
    Response: DeserializeOwned,
{
    let parameters = operation.get("parameters").map(Node::items).unwrap_or_default();
    parameters.iter().try_for_each(check_part::<Parameter>)?;
    operation.get("requestBody").map_or(Ok(()), check_part::<Body>)?;
    let responses = operation.get("responses").map(Node::entries).unwrap_or_default();
    let mut responses = responses.iter().filter(|(status, _)| !status.text.starts_with("x-"));
    responses.try_for_each(|(_, response)| check_part::<Response>(response))
}

fn check_part<T: DeserializeOwned>(part: &Node) -> Result<(), YamlError> {
    if part.get("$ref").is_some() { Ok(()) } else { part.read_as::<T>().map(drop) }
}
