//! Who may depend on whom. docs/architecture.md tells why each stands where it does.

use crate::shell::{command, read};
use serde_json::Value;

/// Every package of the workspace and its floor. What is not here fails: a new room needs a place in the house.
const FLOORS: &[(&str, u8)] = &[
    ("clientele-desktop", 7),
    ("clientele-cli", 7),
    ("clientele-api", 6),
    ("clientele-engine", 5),
    ("clientele-viewer", 5),
    ("clientele-account", 4),
    ("clientele-mail", 3),
    ("clientele-crm", 3),
    ("clientele-auth", 2),
    ("clientele-store", 1),
    ("clientele-message", 1),
    ("clientele-net", 1),
    ("clientele-policy", 1),
    ("clientele-model", 0),
    ("clientele-words", 0),
];
/// Outside the house: these look at all of it, and only tests may look at them.
const OUTSIDE: &[&str] = &["clientele-tests", "xtask"];

pub fn check() -> Result<(), Vec<String>> {
    let said = read(&mut command("cargo", &["metadata", "--no-deps", "--format-version", "1", "--locked"]))
        .map_err(|words| vec![words])?;
    let metadata: Value = serde_json::from_str(&said).map_err(|error| vec![format!("cargo metadata: {error}")])?;
    let broken = broken(&metadata);
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

fn floor(package: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == package).map(|(_, floor)| *floor)
}

fn broken(metadata: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut broken = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        if OUTSIDE.contains(&name) {
            continue;
        }
        let Some(from) = floor(name) else {
            broken
                .push(format!("{name} has no floor: give it one in xtask/src/lint/floors.rs and docs/architecture.md"));
            continue;
        };
        for dependency in list(&package["dependencies"]) {
            let on = dependency["name"].as_str().unwrap_or_default();
            // A test may look up: it is not part of what is built on.
            if dependency["kind"] == "dev" || !names.contains(&on) {
                continue;
            }
            match floor(on) {
                Some(to) if to < from => {}
                Some(to) => {
                    let way = if to == from { "sideways" } else { "up" };
                    broken.push(format!("{name} (floor {from}) → {on} (floor {to}): looks {way}"));
                }
                None => broken.push(format!("{name} → {on}: nothing in the house may build on it")),
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::broken;
    use serde_json::json;

    fn house(from: &str, on: &str, kind: Option<&str>) -> Vec<String> {
        broken(&json!({"packages": [
            {"name": from, "dependencies": [{"name": on, "kind": kind}]},
            {"name": on, "dependencies": [{"name": "serde", "kind": null}]},
        ]}))
    }

    #[test]
    fn an_arrow_down_stands() {
        assert!(house("clientele-mail", "clientele-store", None).is_empty());
    }

    #[test]
    fn an_arrow_up_or_sideways_is_named() {
        assert!(house("clientele-store", "clientele-mail", None)[0].ends_with("looks up"));
        assert!(house("clientele-crm", "clientele-mail", None)[0].ends_with("looks sideways"));
        assert!(house("clientele-crm", "clientele-mail", Some("build"))[0].ends_with("looks sideways"));
    }

    #[test]
    fn a_test_may_look_up() {
        assert!(house("clientele-store", "clientele-tests", Some("dev")).is_empty());
        assert_eq!(house("clientele-store", "clientele-tests", None).len(), 1);
    }

    #[test]
    fn an_unknown_room_is_named() {
        assert!(house("clientele-attic", "clientele-store", None)[0].contains("has no floor"));
    }
}
