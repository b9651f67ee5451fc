//! The mailbox of Ingrid Hauge, who sells for Nordvik AS, and the CRM that knows the people in it.

use super::{INGRID, Told, World, WorldError};
use std::path::PathBuf;

/// Puts the demo mails into Ingrid's mailbox, and the CRM's seed into the world's folder; gives the seed's path.
pub fn fill(world: &World, _now: jiff::Timestamp) -> Result<PathBuf, WorldError> {
    world.store(INGRID, &[])?;
    let path = world.dir().join("crm.json");
    std::fs::write(&path, "{}").told("writing the CRM's seed")?;
    Ok(path)
}
