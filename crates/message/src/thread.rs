//! Message ids, as threads and the CRM key them.

/// A Message-ID without brackets and surrounding space, case kept; empty where nothing is left.
pub fn normalise_id(id: &str) -> String {
    id.trim().trim_start_matches('<').trim_end_matches('>').trim().to_owned()
}
