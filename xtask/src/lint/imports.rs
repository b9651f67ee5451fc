//! Imports in the UI, and Tauri in the engine.

use crate::shell::root;
use std::path::{Path, PathBuf};

pub fn check() -> Result<(), Vec<String>> {
    let root = root();
    let mut broken = Vec::new();
    for file in files(&root.join("ui/src"), &["ts", "js", "svelte"]) {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let place = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        broken.extend(ui(&place, &text));
    }
    for file in files(&root.join("crates"), &["toml"]) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if text.lines().any(|line| line.trim_start().starts_with("tauri")) {
            broken.push(format!("{}: no crate below the shell knows Tauri", file.display()));
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// What one file of the UI imports and must not.
fn ui(place: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let feature = |path: &str| path.strip_prefix("ui/src/features/")?.split('/').next().map(str::to_owned);
    for (number, line) in text.lines().enumerate() {
        let at = format!("{place}:{}", number + 1);
        for imported in quoted(line) {
            if imported.starts_with("@tauri-apps") && !place.starts_with("ui/src/host/") {
                broken.push(format!("{at} imports Tauri; only ui/src/host may"));
            }
            if let (Some(own), Some(other)) = (feature(place), resolved(place, imported).as_deref().and_then(feature))
                && own != other
            {
                broken.push(format!("{at} imports the feature {other}; features do not know each other"));
            }
        }
    }
    broken
}

/// The module a line imports, if it does: `… from 'x'`, `import 'x'`, `import('x')`.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    ["from ", "import ", "import("].into_iter().filter_map(|before| {
        let rest = line.split(before).nth(1)?;
        let quote = rest.chars().next().filter(|first| *first == '\'' || *first == '"')?;
        rest[1..].split(quote).next()
    })
}

/// A relative import as a path from the root.
fn resolved(place: &str, imported: &str) -> Option<String> {
    if !imported.starts_with('.') {
        return None;
    }
    let mut steps: Vec<&str> = place.split('/').collect();
    steps.pop();
    for step in imported.split('/') {
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            name => steps.push(name),
        }
    }
    Some(steps.join("/"))
}

fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                found.extend(files(&path, endings));
            }
        } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::ui;

    #[test]
    fn tauri_belongs_to_the_host() {
        let line = "import { invoke } from '@tauri-apps/api/core';";
        assert!(ui("ui/src/host/tauri.ts", line).is_empty());
        assert_eq!(ui("ui/src/state/inbox.ts", line).len(), 1);
        assert_eq!(ui("ui/src/features/reader/Reader.svelte", &line.replace('\'', "\"")).len(), 1);
    }

    #[test]
    fn features_do_not_know_each_other() {
        let other = "import Pill from '../../features/inbox/Pill.svelte';";
        let beside = "const Pill = await import('../inbox/Pill.svelte');";
        assert_eq!(ui("ui/src/features/reader/Reader.svelte", beside).len(), 1);
        assert_eq!(ui("ui/src/features/reader/Reader.svelte", other).len(), 1);
        assert!(ui("ui/src/features/inbox/Row.svelte", other).is_empty());
        assert!(ui("ui/src/App.svelte", other).is_empty());
    }
}
