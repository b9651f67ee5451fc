//! What the surroundings say: environment variables and arguments, read once at start.

use std::path::PathBuf;
use tauri::Theme;

/// How this run was asked for.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The data folder: `CLIENTELE_PROFILE`, else the operating system's place.
    pub profile: PathBuf,
    /// The profile was chosen: another one may run beside the usual one.
    pub own_profile: bool,
    /// A file of one more certificate authority: `CLIENTELE_CA`.
    pub ca: Option<PathBuf>,
    /// `CLIENTELE_LANG`: one of en nb sv da de nl.
    pub language: Option<String>,
    /// `CLIENTELE_THEME`: light or dark.
    pub theme: Option<Theme>,
    /// A `mailto:` link among the arguments (RFC 6068).
    pub mailto: Option<String>,
}

impl Surroundings {
    /// `None`: the operating system names no folder for a program's data (no home folder), and none was chosen.
    pub fn read() -> Option<Surroundings> {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let chosen = std::env::var_os("CLIENTELE_PROFILE").filter(|value| !value.is_empty()).map(PathBuf::from);
        Some(Surroundings {
            own_profile: chosen.is_some(),
            profile: chosen.or_else(clientele_engine::default_profile)?,
            ca: text("CLIENTELE_CA").map(PathBuf::from),
            language: text("CLIENTELE_LANG"),
            theme: match text("CLIENTELE_THEME").as_deref() {
                Some("light") => Some(Theme::Light),
                Some("dark") => Some(Theme::Dark),
                _ => None,
            },
            mailto: mailto(std::env::args()),
        })
    }

    /// The theme as the page's address carries it.
    pub fn query(&self) -> &'static str {
        match self.theme {
            Some(Theme::Light) => "?theme=light",
            Some(Theme::Dark) => "?theme=dark",
            _ => "",
        }
    }
}

/// The first `mailto:` link among arguments, in whatever case the scheme is written.
pub fn mailto(arguments: impl IntoIterator<Item = String>) -> Option<String> {
    arguments.into_iter().find(|argument| argument.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")))
}

#[cfg(test)]
mod tests {
    use super::mailto;

    #[test]
    fn a_mailto_link_is_found_among_arguments() {
        let arguments = |list: &[&str]| list.iter().map(|text| text.to_string()).collect::<Vec<_>>();
        assert_eq!(mailto(arguments(&["clientele", "MailTo:a@b.example"])).as_deref(), Some("MailTo:a@b.example"));
        assert_eq!(mailto(arguments(&["clientele", "--x", "æøå", "/home/mailto:"])), None);
    }
}
