//! The wire as TypeScript: every type that a command, an event or an error reaches, found by walking from the command
//! list, so that no second list is kept by hand.

use crate::{ApiError, Event, view::StartBackup};
use std::collections::BTreeMap;
use ts_rs::{Config, TS, TypeVisitor};

/// Collects declarations by name.
pub(crate) struct Types {
    config: Config,
    declared: BTreeMap<String, String>,
}

impl Types {
    pub(crate) fn new() -> Self {
        Types { config: Config::default(), declared: BTreeMap::new() }
    }

    /// The TypeScript name of `T`, with `T` and everything below it declared.
    pub(crate) fn reach<T: TS + 'static>(&mut self) -> String {
        self.visit::<T>();
        T::name(&self.config)
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only what was derived has a path of its own; numbers, text and lists have none.
        if T::output_path().is_some() {
            let name = T::ident(&self.config);
            if self.declared.contains_key(&name) {
                return;
            }
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{docs}export {}\n", T::decl(&self.config));
            self.declared.insert(name, declaration);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The whole of `ui/src/host/bindings.ts`.
pub fn bindings() -> String {
    let mut types = Types::new();
    types.reach::<ApiError>();
    types.reach::<Event>();
    types.reach::<StartBackup>();
    let commands = crate::command::typescript(&mut types);
    let mut text = String::from("// Written by `cargo xtask gen` from crates/api. Not to be edited by hand.\n\n");
    for declaration in types.declared.values() {
        text.push_str(declaration);
        text.push('\n');
    }
    text.push_str(&commands);
    text
}
