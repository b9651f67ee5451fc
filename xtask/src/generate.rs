//! TypeScript from the wire's types.

use crate::Done;
use crate::shell::{command, read, root};

const BINDINGS: &str = "ui/src/host/bindings.ts";

/// What `bindings.ts` should say.
fn wanted() -> Result<String, String> {
    let args = ["run", "--quiet", "-p", "clientele-api", "--no-default-features", "--example", "typescript"];
    read(&mut command("cargo", &args))
}

pub fn write() -> Done {
    std::fs::write(root().join(BINDINGS), wanted()?).map_err(|error| format!("{BINDINGS}: {error}"))?;
    println!("{BINDINGS} written");
    Ok(())
}

/// Fails when the file is not what `write` would write.
pub fn fresh() -> Result<(), Vec<String>> {
    let wanted = wanted().map_err(|words| vec![words])?;
    let have = std::fs::read_to_string(root().join(BINDINGS)).unwrap_or_default();
    // A checkout on Windows may have changed the ends of lines.
    if have.replace("\r\n", "\n") == wanted {
        Ok(())
    } else {
        Err(vec![format!("{BINDINGS} is stale: cargo xtask gen")])
    }
}
