use std::path::PathBuf;

/// Where policies are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyFiles {
    /// Only an administrator can write there. Empty for none.
    pub machine: PathBuf,
    /// Beside the program, for one that is carried on a stick: it may set less, and the machine's file comes before it.
    pub beside: Option<PathBuf>,
}

impl PolicyFiles {
    /// `/etc/clientele/policy.toml`; Windows `%ProgramData%\Clientele\policy.toml`; macOS `/Library/Application
    /// Support/Clientele/policy.toml`; and `policy.toml` beside the program.
    pub fn usual() -> PolicyFiles {
        let program = std::env::current_exe().ok();
        let beside = program.as_ref().and_then(|program| program.parent()).map(|folder| folder.join("policy.toml"));
        PolicyFiles { machine: machine(), beside }
    }
}

#[cfg(windows)]
fn machine() -> PathBuf {
    // The usual place where the variable is missing; a program started by another can have been given a different one, so an
    // absolute path is all that is taken.
    let folder = std::env::var_os("ProgramData").map(PathBuf::from).filter(|folder| folder.is_absolute());
    folder.unwrap_or_else(|| PathBuf::from(r"C:\ProgramData")).join("Clientele").join("policy.toml")
}

#[cfg(target_os = "macos")]
fn machine() -> PathBuf {
    PathBuf::from("/Library/Application Support/Clientele/policy.toml")
}

#[cfg(not(any(windows, target_os = "macos")))]
fn machine() -> PathBuf {
    PathBuf::from("/etc/clientele/policy.toml")
}
