//! Clients of management by others: a fuzzer that is driven by the OpenAPI document, and a generator of clients.

use std::path::PathBuf;

use crate::error::XtaskError;
use crate::wheels::Environment;

/// A program, and the wheel that has it.
const WHEELS: [(&str, &str); 2] =
    [("schemathesis", "schemathesis==4.32.5"), ("openapi-python-client", "openapi-python-client==0.29.1")];

/// Sees to it that the programs are there. The answer is the folder that they are in.
pub fn provide() -> Result<PathBuf, XtaskError> {
    let environment = Environment::named("clients");
    let programs = environment.programs();
    let missing = WHEELS.iter().filter(|(program, _)| !programs.join(program).is_file());
    let missing: Vec<_> = missing.map(|(_, wheel)| *wheel).collect();
    if !missing.is_empty() {
        environment.install(&missing)?;
    }
    Ok(programs)
}
