//! Addresses as people type and paste them.

use url::Host;

/// Longer is none: RFC 5321 section 4.5.3.1 allows 64 and 255.
const MOST: usize = 320;

/// An address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mailbox {
    /// As typed; quotes only where they are needed.
    pub local: String,
    /// Lower case, in ASCII (RFC 5891).
    pub domain: String,
    /// The domain as people write it.
    pub shown: String,
    /// The part of the domain that somebody registered, by the Public Suffix List: of `sales.firm.co.uk`, `firm.co.uk`.
    pub base: String,
}

impl Mailbox {
    /// Reads `Ada@Firm.no`, `"ada b"@firm.no`, `ada@bücher.example`, `Ada <ada@firm.no>`, `mailto:ada@firm.no`. `None` where it is no
    /// address below a domain name.
    pub fn read(text: &str) -> Option<Mailbox> {
        let text = text.trim();
        let text = match text.strip_suffix('>') {
            Some(inner) => inner.rsplit_once('<')?.1,
            None => text,
        };
        let text = match text.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &text[7..],
            _ => text,
        };
        let text = text.trim();
        if text.len() > MOST || text.chars().any(char::is_control) {
            return None;
        }
        let (local, typed) = text.rsplit_once('@')?;
        let local = local_part(local)?;
        let domain = host_name(typed.trim().trim_end_matches('.'))?;
        let (shown, unreadable) = idna::domain_to_unicode(&domain);
        let shown = if unreadable.is_ok() { shown } else { domain.clone() };
        let base = base_of(&domain);
        Some(Mailbox { local, domain, shown, base })
    }

    pub fn email(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// What stands for the person in a sign-in name: a tag (`ada+list`) is part of the address, not of the mailbox.
    fn login_local(&self) -> &str {
        if self.local.starts_with('"') {
            return &self.local;
        }
        match self.local.split_once('+') {
            Some((name, _)) if !name.is_empty() => name,
            _ => &self.local,
        }
    }

    /// A template with the placeholders of autoconfig filled in, for a sign-in name or a host.
    pub fn fill(&self, template: &str) -> String {
        let local = self.login_local();
        template
            .replace("%EMAILADDRESS%", &format!("{local}@{}", self.domain))
            .replace("%EMAILLOCALPART%", local)
            .replace("%EMAILDOMAIN%", &self.domain)
    }

    /// Whether a host belongs to whoever registered the address's domain.
    pub fn owns(&self, host: &str) -> bool {
        within(host, &self.domain) || within(host, &self.base)
    }
}

/// A dot-atom, or a quoted string that needs its quotes (RFC 5321 section 4.1.2).
fn local_part(text: &str) -> Option<String> {
    let atom = |text: &str| {
        let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
        !text.is_empty() && text.split('.').all(|piece| !piece.is_empty() && piece.chars().all(plain))
    };
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        // Two dots in a row, or one at an end, are wrong and do exist.
        let forgiven: String = text.split('.').filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(".");
        return atom(&forgiven).then(|| text.to_owned());
    };
    if atom(inner) { Some(inner.to_owned()) } else { (!inner.is_empty()).then(|| text.to_owned()) }
}

/// The name of a host on the open Internet in ASCII and lower case. `None` for addresses in numbers, names without a dot,
/// and whatever has a character that no host name has.
pub(super) fn host_name(text: &str) -> Option<String> {
    let text = text.trim();
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    (name.len() <= 253 && name.contains('.') && name.split('.').all(label)).then_some(name)
}

/// The registered part of a name by the Public Suffix List; the name itself where there is none.
pub(super) fn base_of(domain: &str) -> String {
    psl::domain_str(domain).unwrap_or(domain).to_owned()
}

/// Equal, or below.
pub(super) fn within(host: &str, domain: &str) -> bool {
    !domain.is_empty()
        && host.len() >= domain.len()
        && host.as_bytes()[host.len() - domain.len()..].eq_ignore_ascii_case(domain.as_bytes())
        && (host.len() == domain.len() || host.as_bytes()[host.len() - domain.len() - 1] == b'.')
}
