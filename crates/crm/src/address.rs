//! Addresses as they are compared.

/// Lower case, without surrounding space.
pub fn key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// `maja+crm@fjordlys.no` → `maja@fjordlys.no` (RFC 5233); None without a tag. Of a key.
pub fn without_tag(key: &str) -> Option<String> {
    let (local, domain) = key.rsplit_once('@')?;
    let (user, _) = local.split_once('+').filter(|(user, _)| !user.is_empty())?;
    Some(format!("{user}@{domain}"))
}
