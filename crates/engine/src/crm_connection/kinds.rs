//! The CRMs that can be connected, and what each wants to know.

use crate::EngineError;
use clientele_model::Secret;
use clientele_policy::Policy;
use std::collections::BTreeMap;

/// How one signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmSignIn {
    None,
    Browser,
    /// A token in the field `secret`.
    Token,
    /// Field `user` and a password in the field `secret`.
    Password,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmFieldKind {
    Text,
    /// Of a web page.
    Url,
    Secret,
    Json,
}

/// One thing to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmField {
    pub key: &'static str,
    pub kind: CrmFieldKind,
    pub required: bool,
    pub advanced: bool,
    /// What it begins with; never a secret.
    pub value: String,
    /// By the policy.
    pub locked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmKind {
    pub kind: &'static str,
    /// The product's own name.
    pub name: &'static str,
    pub sign_in: CrmSignIn,
    pub fields: Vec<CrmField>,
    /// Why it cannot be chosen.
    pub code: Option<&'static str>,
}

/// A form as it is before anybody prescribes or fills in anything.
pub(super) struct Form {
    pub kind: &'static str,
    pub name: &'static str,
    pub sign_in: CrmSignIn,
    /// Key, kind, required, advanced, default.
    fields: &'static [(&'static str, CrmFieldKind, bool, bool, &'static str)],
}

use CrmFieldKind::{Json, Secret as Hidden, Text, Url};

const FORMS: [Form; 6] = [
    Form { kind: "embedded", name: "Clientele", sign_in: CrmSignIn::None, fields: &[] },
    Form {
        kind: "superoffice",
        name: "SuperOffice",
        sign_in: CrmSignIn::Browser,
        fields: &[("tenant", Text, false, true, ""), ("server", Url, false, true, "https://online.superoffice.com")],
    },
    Form {
        kind: "superoffice_site",
        name: "SuperOffice",
        sign_in: CrmSignIn::Password,
        fields: &[
            ("server", Url, true, false, ""),
            ("user", Text, true, false, ""),
            ("secret", Hidden, true, false, ""),
        ],
    },
    Form {
        kind: "elma365",
        name: "ELMA365",
        sign_in: CrmSignIn::Token,
        fields: &[
            ("server", Url, true, false, ""),
            ("secret", Hidden, true, false, ""),
            ("user", Text, false, false, ""),
            ("currency", Text, false, true, ""),
            ("config", Json, false, true, ""),
        ],
    },
    Form {
        kind: "bottlecrm",
        name: "BottleCRM",
        sign_in: CrmSignIn::Token,
        fields: &[("server", Url, true, false, ""), ("secret", Hidden, true, false, ""), ("web", Url, false, true, "")],
    },
    Form {
        kind: "tryton",
        name: "Tryton",
        sign_in: CrmSignIn::Token,
        fields: &[
            ("server", Url, true, false, ""),
            ("database", Text, true, false, ""),
            ("secret", Hidden, true, false, ""),
            ("company", Text, false, true, ""),
            ("works_at", Text, false, true, ""),
            ("company_category", Text, false, true, ""),
        ],
    },
];

/// No field of a person's is longer, in bytes.
const MOST: usize = 65_536;

pub(super) fn form(kind: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.kind == kind)
}

/// All of them: what the policy prescribes, then what is connected (`now`), then the defaults.
pub(super) fn all(policy: &Policy, client: bool, now: Option<(&str, &BTreeMap<String, String>)>) -> Vec<CrmKind> {
    let kind = |form: &'static Form| CrmKind {
        kind: form.kind,
        name: form.name,
        sign_in: form.sign_in,
        fields: form.fields.iter().map(|field| shown(form, field, policy, now)).collect(),
        code: if !allowed(policy, form.kind) {
            Some("policy_forbids")
        } else if form.sign_in == CrmSignIn::Browser && !client {
            Some("no_oauth_client")
        } else {
            None
        },
    };
    FORMS.iter().map(kind).collect()
}

fn shown(
    form: &Form,
    field: &'static (&'static str, CrmFieldKind, bool, bool, &'static str),
    policy: &Policy,
    now: Option<(&str, &BTreeMap<String, String>)>,
) -> CrmField {
    let (key, kind, required, advanced, default) = *field;
    let prescribed = prescribed(policy, form.kind, key);
    let connected = now.filter(|(kind, _)| *kind == form.kind).and_then(|(_, fields)| fields.get(key));
    let value = prescribed.or(connected.map(String::as_str)).unwrap_or(default);
    CrmField { key, kind, required, advanced, value: value.to_owned(), locked: prescribed.is_some() }
}

/// Nobody can forbid to be without a CRM elsewhere.
pub(super) fn allowed(policy: &Policy, kind: &str) -> bool {
    kind == "embedded" || policy.crm.kinds.is_empty() || policy.crm.kinds.iter().any(|one| one == kind)
}

fn prescribed<'a>(policy: &'a Policy, kind: &str, key: &str) -> Option<&'a str> {
    let tenant = policy.crm_tenant.as_deref().filter(|_| kind == "superoffice" && key == "tenant");
    policy.crm.fields.get(key).map(String::as_str).or(tenant)
}

/// What was filled in, by key: trimmed, with what is prescribed in its place, and the secret by itself. `have_secret`: one
/// is kept, so that none needs to be typed.
pub(super) fn filled(
    form: &Form,
    policy: &Policy,
    given: &BTreeMap<String, String>,
    have_secret: bool,
) -> Result<(BTreeMap<String, String>, Option<Secret>), EngineError> {
    if let Some(odd) = given.keys().find(|key| form.fields.iter().all(|field| field.0 != key.as_str())) {
        return Err(EngineError::Invalid(format!("no such field: {odd}")));
    }
    let (mut fields, mut secret) = (BTreeMap::new(), None);
    for (key, kind, required, _, default) in form.fields {
        let typed = given.get(*key).map(|text| text.trim()).unwrap_or_default();
        let value = match prescribed(policy, form.kind, key) {
            Some(value) => value,
            None if typed.is_empty() => default,
            None => typed,
        };
        if value.len() > MOST {
            return Err(EngineError::Invalid(format!("too long: {key}")));
        }
        let optional = !required || (*kind == Hidden && have_secret);
        if value.is_empty() && !optional {
            return Err(EngineError::Invalid(format!("missing: {key}")));
        }
        match kind {
            Hidden if value.is_empty() => {}
            Hidden => secret = Some(Secret::new(value)),
            Url => {
                fields.insert((*key).to_owned(), address(value));
            }
            _ => {
                fields.insert((*key).to_owned(), value.to_owned());
            }
        }
    }
    Ok((fields, secret))
}

/// `crm.example.com/` is meant as `https://crm.example.com`.
fn address(typed: &str) -> String {
    let typed = typed.trim_end_matches('/');
    if typed.is_empty() || typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") }
}

/// Which customer of the CRM it is: with the kind, what names a link.
pub(super) fn place(kind: &str, fields: &BTreeMap<String, String>) -> String {
    let of = |key: &str| fields.get(key).map(String::as_str).unwrap_or_default();
    match kind {
        // Tenants are told apart by their case nowhere.
        "superoffice" => of("tenant").to_lowercase(),
        "tryton" => format!("{}/{}", of("server").to_lowercase(), of("database")),
        _ => of("server").to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_prescribed_is_what_is_taken_whatever_was_typed() {
        let mut policy = Policy { crm_tenant: Some("Cust12345".into()), ..Policy::default() };
        let form = form("superoffice").expect("a form");
        let (fields, _) = filled(form, &policy, &given(&[("tenant", "Cust6")]), false).expect("filled");
        assert_eq!(
            (fields["tenant"].as_str(), fields["server"].as_str()),
            ("Cust12345", "https://online.superoffice.com")
        );
        policy.crm.kinds = vec!["superoffice".into()];
        let kinds = all(&policy, true, None);
        let codes: Vec<_> = kinds.iter().map(|kind| kind.code).collect();
        let no = Some("policy_forbids");
        assert_eq!(codes, [None, None, no, no, no, no]);
        let tenant = kinds[1].fields.iter().find(|field| field.key == "tenant").expect("tenant");
        assert!(tenant.locked && tenant.value == "Cust12345");
        assert_eq!(all(&policy, false, None)[1].code, Some("no_oauth_client"));
    }

    #[test]
    fn a_secret_is_no_field_that_is_kept() {
        let form = form("tryton").expect("a form");
        let typed = given(&[("server", "tryton.example.com/ "), ("database", "crm"), ("secret", " key ")]);
        let (fields, secret) = filled(form, &Policy::default(), &typed, false).expect("filled");
        assert!(!fields.contains_key("secret") && secret.is_some_and(|one| one.expose() == "key"));
        assert_eq!(place("tryton", &fields), "https://tryton.example.com/crm");
        let without = given(&[("server", "tryton.example.com"), ("database", "crm")]);
        assert_eq!(filled(form, &Policy::default(), &without, false).expect_err("no key").code(), "invalid_input");
        assert!(filled(form, &Policy::default(), &without, true).is_ok_and(|(_, secret)| secret.is_none()));
        let odd = given(&[("passwort", "x")]);
        assert_eq!(filled(form, &Policy::default(), &odd, true).expect_err("odd").code(), "invalid_input");
    }
}
