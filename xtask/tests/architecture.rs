//! The shape of the workspace, held by a test: which crate may depend on which, and what a pure crate may use.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use xtask::{purity, sources};

/// The crates of the product, lowest first. Each may depend on those before it.
const ORDER: [&str; 21] = [
    "claviger-model",
    "claviger-credential",
    "claviger-spec",
    "claviger-import",
    "claviger-policy",
    "claviger-door",
    "claviger-vault",
    "claviger-catalogue",
    "claviger-store",
    "claviger-app",
    "claviger-fetch",
    "claviger-sso",
    "claviger-world",
    "claviger-listen",
    "claviger-gateway",
    "claviger-check",
    "claviger-web",
    "claviger-rest",
    "claviger-graphql",
    "claviger-server",
    "claviger-testkit",
];

/// Tools beside the product. Nothing depends on them.
const TOOLS: [&str; 3] = ["xtask", "claviger-bench", "claviger-fuzz-targets"];

/// What a way in does without: it calls use cases, and nothing beneath them.
const WAY_IN: &[&str] = &[
    "claviger-credential",
    "claviger-policy",
    "claviger-door",
    "claviger-vault",
    "claviger-catalogue",
    "claviger-store",
    "claviger-gateway",
    "claviger-check",
];

/// Crates of the workspace that a crate must do without, though they come before it.
const WITHOUT: [(&str, &[&str]); 7] = [
    ("claviger-rest", WAY_IN),
    ("claviger-graphql", WAY_IN),
    ("claviger-policy", &["claviger-spec", "claviger-import"]),
    ("claviger-import", &["claviger-credential"]),
    ("claviger-catalogue", &["claviger-credential", "claviger-policy", "claviger-door", "claviger-vault"]),
    ("claviger-gateway", &["claviger-vault", "claviger-store", "claviger-app"]),
    ("claviger-check", &["claviger-vault", "claviger-store", "claviger-app", "claviger-gateway"]),
];

/// Dependencies that are for these crates alone, tests included.
const RESERVED: [(&str, &[&str]); 3] = [
    ("sqlx", &["claviger-store"]),
    ("clap", &["claviger-server", "claviger-testkit", "xtask", "claviger-bench"]),
    ("claviger-testkit", &["claviger-server", "xtask", "claviger-bench"]),
];

/// Crates without clock, randomness, files, sockets and runtime.
const PURE: [&str; 6] = [
    "claviger-model",
    "claviger-credential",
    "claviger-spec",
    "claviger-import",
    "claviger-policy",
    "claviger-catalogue",
];

/// What a pure crate may depend on, because it does no I/O, or none unless asked.
const HARMLESS: [&str; 28] = [
    "arc-swap",
    "aws-lc-rs",
    "base64",
    "blake3",
    "bytes",
    "crc32fast",
    "data-encoding",
    "hashbrown",
    "http",
    "httpdate",
    "imbl",
    "ipnet",
    "jiff",
    "matchit",
    "memchr",
    "oas3",
    "openapiv3",
    "percent-encoding",
    "quick-xml",
    "schemars",
    "secrecy",
    "serde",
    "serde-saphyr",
    "serde_json",
    "sfv",
    "subtle",
    "thiserror",
    "zeroize",
];

const LONGEST_FILE: usize = 500;

struct Package {
    name: String,
    folder: PathBuf,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    for_tests_only: bool,
}

impl Package {
    fn shipped(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter(|found| !found.for_tests_only).map(|found| found.name.as_str())
    }

    fn depends_on(&self, name: &str) -> bool {
        self.dependencies.iter().any(|found| found.name == name)
    }
}

fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(sources::root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    list(&metadata["packages"]).iter().map(package).collect()
}

fn package(package: &Value) -> Package {
    let folder =
        Path::new(text(&package["manifest_path"])).parent().expect("a manifest lies in a folder").into();
    let dependencies = list(&package["dependencies"]).iter().map(dependency).collect();
    Package { name: text(&package["name"]).into(), folder, dependencies }
}

fn dependency(dependency: &Value) -> Dependency {
    Dependency { name: text(&dependency["name"]).into(), for_tests_only: dependency["kind"] == "dev" }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list in cargo's metadata")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text in cargo's metadata")
}

fn rank(name: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == name)
}

/// Fails with every mistake at once.
fn none(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "\n{}\n", mistakes.join("\n"));
}

#[test]
fn every_crate_has_its_place() {
    let unknown = packages().into_iter().map(|package| package.name);
    let unknown = unknown.filter(|name| rank(name).is_none() && !TOOLS.contains(&name.as_str()));
    none(&unknown.map(|name| format!("{name} has no place in the order of crates")).collect::<Vec<_>>());
}

#[test]
fn dependencies_point_one_way() {
    let mut mistakes = Vec::new();
    for package in packages() {
        let Some(own) = rank(&package.name) else { continue };
        let wrong = package.shipped().filter(|name| rank(name).is_some_and(|other| other >= own));
        mistakes.extend(wrong.map(|name| format!("{} must not depend on {name}", package.name)));
    }
    none(&mistakes);
}

#[test]
fn nothing_depends_on_a_tool() {
    let packages = packages();
    let wrong = packages.iter().filter(|package| TOOLS.iter().any(|tool| package.depends_on(tool)));
    none(&wrong.map(|package| format!("{} must not depend on a tool", package.name)).collect::<Vec<_>>());
}

#[test]
fn some_crates_do_without_others() {
    let mut mistakes = Vec::new();
    for package in packages() {
        let rules = WITHOUT.iter().filter(|(name, _)| *name == package.name);
        for other in rules.flat_map(|(_, others)| *others) {
            if package.shipped().any(|name| name == *other) {
                mistakes.push(format!("{} must do without {other}", package.name));
            }
        }
    }
    none(&mistakes);
}

#[test]
fn some_dependencies_are_reserved() {
    let mut mistakes = Vec::new();
    for package in packages() {
        for (dependency, owners) in RESERVED {
            if package.depends_on(dependency) && !owners.contains(&package.name.as_str()) {
                mistakes.push(format!(
                    "{} must not depend on {dependency}, which is for {owners:?}",
                    package.name
                ));
            }
        }
    }
    none(&mistakes);
}

#[test]
fn pure_crates_depend_on_what_does_no_io() {
    let mut mistakes = Vec::new();
    for package in packages().into_iter().filter(|package| PURE.contains(&package.name.as_str())) {
        for name in package.shipped() {
            if !HARMLESS.contains(&name) && !PURE.contains(&name) {
                mistakes.push(format!("{} is pure: {name} is not known to do no I/O", package.name));
            }
        }
    }
    none(&mistakes);
}

#[test]
fn pure_crates_use_nothing_of_the_world_outside() {
    let mut mistakes = Vec::new();
    for package in packages().into_iter().filter(|package| PURE.contains(&package.name.as_str())) {
        for path in sources::rust_files(&package.folder.join("src")).expect("the sources can be read") {
            let source = sources::text(&path).expect("a source can be read");
            let found = purity::impurities(&source).unwrap_or_else(|error| vec![error.to_string()]);
            mistakes.extend(found.iter().map(|what| format!("{}:{what}", path.display())));
        }
    }
    none(&mistakes);
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    let inherits = |package: &Package| {
        let manifest = sources::text(&package.folder.join("Cargo.toml")).expect("a manifest can be read");
        manifest.split("\n[").any(|section| section.trim_end() == "lints]\nworkspace = true")
    };
    let packages = packages();
    let without = packages.iter().filter(|package| !inherits(package));
    none(
        &without
            .map(|package| format!("{} lacks `[lints] workspace = true`", package.name))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_source_file_is_long() {
    let mut mistakes = Vec::new();
    for path in sources::rust_files(&sources::root()).expect("the sources can be read") {
        let lines = sources::text(&path).expect("a source can be read").lines().count();
        if lines >= LONGEST_FILE {
            mistakes.push(format!("{} has {lines} lines; split it", path.display()));
        }
    }
    none(&mistakes);
}
