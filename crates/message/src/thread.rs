//! Message ids, as threads and the CRM key them.

use crate::clean;

/// A Message-ID without brackets and surrounding space, case kept; empty where nothing is left. At most 900 bytes: a
/// header line ends at 998 (RFC 5322 section 2.1.1).
pub fn normalise_id(id: &str) -> String {
    let id: String = id.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let id = id.strip_prefix('<').unwrap_or(&id);
    let id = id.strip_suffix('>').unwrap_or(id);
    clean::cut(id, 900).to_owned()
}
