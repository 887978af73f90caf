//! The rules of `deny.toml`, held by `cargo metadata`.
//!
//! `cargo deny check` knows more (the advisories above all), but takes longer to install than all
//! our tests to run, and needs a list from the network. What does not change while the code stays
//! the same is asked here: under which licences the crates stand, where they come from, and
//! whether a version is left open. And what is compiled before the first example runs.
#![forbid(unsafe_code)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;
use spdx::{Expression, LicenseReq, ParseMode};
use support::root;

/// The part of `deny.toml` that is held here.
#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Bans {
    wildcards: String,
    allow_wildcard_paths: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    unknown_registry: String,
    unknown_git: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    license: Option<String>,
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    path: Option<String>,
}

impl Package {
    /// Whether it is one of ours: those come from no registry.
    fn is_ours(&self) -> bool {
        self.source.is_none()
    }
}

fn rules() -> Rules {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml is there");
    toml::from_str(&text).expect("deny.toml is TOML, with the tables that are held here")
}

/// Every package that some feature or target of the workspace brings in.
fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").expect("cargo runs this");
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--locked",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {complaint}");
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    metadata.packages
}

/// Whether the licence `expression` can be met with these licences alone.
fn is_met(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    // Older manifests write `MIT/Apache-2.0`.
    let expression = Expression::parse_mode(expression, ParseMode::LAX).expect(expression);
    expression.evaluate(|need: &LicenseReq| allowed.contains(need.to_string().as_str()))
}

#[test]
fn each_crate_can_be_used_under_a_licence_that_is_allowed() {
    let Licenses { allow, exceptions } = rules().licenses;
    let allowed: BTreeSet<&str> = allow.iter().map(String::as_str).collect();
    let exceptions: BTreeMap<&str, BTreeSet<&str>> = exceptions
        .iter()
        .map(|e| {
            (
                e.name.as_str(),
                e.allow.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    // Two versions of a crate share its exception.
    let mut unused: BTreeSet<&str> = exceptions.keys().copied().collect();
    let mut complaints = Vec::new();
    let packages = packages();
    for package in packages.iter().filter(|package| !package.is_ours()) {
        let (name, license) = (package.name.as_str(), package.license.as_deref());
        let Some(license) = license else {
            complaints.push(format!("{name} says no licence"));
            continue;
        };
        if is_met(license, &allowed) {
            continue;
        }
        unused.remove(name);
        let also = exceptions.get(name).cloned().unwrap_or_default();
        if !is_met(license, &allowed.union(&also).copied().collect()) {
            complaints.push(format!("{name}: {license} is not in deny.toml"));
        }
    }
    let stale = unused
        .iter()
        .map(|name| format!("{name}: needs no exception in deny.toml"));
    complaints.extend(stale);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn each_crate_comes_from_the_one_registry() {
    let Sources {
        unknown_registry,
        unknown_git,
    } = rules().sources;
    assert_eq!([unknown_registry, unknown_git], ["deny", "deny"]);
    let strange: Vec<_> = packages()
        .iter()
        .filter(|package| !package.is_ours())
        .filter(|package| {
            !package
                .source
                .as_deref()
                .unwrap_or("")
                .starts_with("registry+")
        })
        .map(|package| format!("{} from {:?}", package.name, package.source))
        .collect();
    assert!(strange.is_empty(), "{}", strange.join("\n"));
}

#[test]
fn no_version_is_left_open() {
    let Bans {
        wildcards,
        allow_wildcard_paths,
    } = rules().bans;
    assert!(
        wildcards == "deny" && allow_wildcard_paths,
        "as this test does"
    );
    let open: Vec<_> = packages()
        .iter()
        .filter(|package| package.is_ours())
        .flat_map(|package| {
            package
                .dependencies
                .iter()
                .map(|d| (&package.name, d))
                .collect::<Vec<_>>()
        })
        .filter(|(_, needs)| needs.req == "*" && needs.path.is_none())
        .map(|(name, needs)| format!("{name} takes any version of {}", needs.name))
        .collect();
    assert!(open.is_empty(), "{}", open.join("\n"));
}

#[test]
fn a_newcomer_compiles_no_server_and_no_peer_for_the_first_examples() {
    let cargo = std::env::var_os("CARGO").expect("cargo runs this");
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--locked", "--package", "examples"]);
    tree.args(["--edges", "normal,build,dev", "--prefix", "none"]);
    let output = tree.current_dir(root()).output().expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let crates: BTreeSet<&str> = text.lines().filter_map(|it| it.split(' ').next()).collect();
    assert!(crates.contains("runtime"), "{text}");
    let heavy = ["server", "tokio", "hyper", "axum", "rustls", "criterion"];
    for name in heavy.iter().chain(&["tokio-postgres", "libsqlite3-sys"]) {
        assert!(!crates.contains(name), "{name}: {text}");
    }
}

#[test]
fn an_expression_is_met_by_one_side_of_or_and_both_sides_of_and() {
    let allowed = BTreeSet::from(["MIT", "Unicode-3.0"]);
    assert!(is_met("MIT OR GPL-3.0-only", &allowed));
    assert!(is_met("GPL-2.0/MIT", &allowed));
    assert!(is_met("(Apache-2.0 OR MIT) AND Unicode-3.0", &allowed));
    assert!(!is_met("MIT AND GPL-3.0-only", &allowed));
    assert!(!is_met(
        "Apache-2.0 WITH LLVM-exception",
        &BTreeSet::from(["Apache-2.0"])
    ));
}
