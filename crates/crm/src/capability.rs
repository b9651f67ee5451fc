//! What a CRM cannot do. The UI leaves out what is missing, or draws it switched off with the reason.

use std::collections::BTreeMap;

/// Something that not every CRM can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// More than one address a person.
    SecondaryEmail,
    Projects,
    Selections,
    FollowUps,
    SaleCreate,
    PersonChange,
    /// One mail on several records of the same kind.
    SeveralRecords,
    /// The mail itself (`.eml`) with its attachments reaches the CRM, not only its text.
    MailFile,
    /// Who may see an archived mail can be chosen.
    Visibility,
    /// What changed can be asked for; without it, everything is read anew.
    ChangedSince,
    /// What was deleted is said with the changes; without it, it is noticed when everything is read anew.
    DeletedSince,
    /// The CRM refuses a change of a record that somebody else changed meanwhile.
    ConflictCheck,
    /// A mail is found again by its Message-ID, whoever archived it.
    FindArchived,
    /// Name, phone and city of a company.
    CompanyChange,
    /// Name, stage, amount and closing day of a sale.
    SaleChange,
    /// A single attachment as a document of its own.
    Documents,
    /// What kind of document an archived mail becomes can be chosen.
    MailTypes,
    /// The address on one's own card can be set.
    OwnAddress,
    /// Records are made, changed and removed here in every field: this program is the CRM.
    Editors,
    /// What a person does where they work.
    JobTitle,
}

impl Capability {
    pub const ALL: [Capability; 20] = [
        Capability::SecondaryEmail,
        Capability::Projects,
        Capability::Selections,
        Capability::FollowUps,
        Capability::SaleCreate,
        Capability::PersonChange,
        Capability::SeveralRecords,
        Capability::MailFile,
        Capability::Visibility,
        Capability::ChangedSince,
        Capability::DeletedSince,
        Capability::ConflictCheck,
        Capability::FindArchived,
        Capability::CompanyChange,
        Capability::SaleChange,
        Capability::Documents,
        Capability::MailTypes,
        Capability::OwnAddress,
        Capability::Editors,
        Capability::JobTitle,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Capability::SecondaryEmail => "secondary_email",
            Capability::Projects => "projects",
            Capability::Selections => "selections",
            Capability::FollowUps => "follow_ups",
            Capability::SaleCreate => "sale_create",
            Capability::PersonChange => "person_change",
            Capability::SeveralRecords => "several_records",
            Capability::MailFile => "mail_file",
            Capability::Visibility => "visibility",
            Capability::ChangedSince => "changed_since",
            Capability::DeletedSince => "deleted_since",
            Capability::ConflictCheck => "conflict_check",
            Capability::FindArchived => "find_archived",
            Capability::CompanyChange => "company_change",
            Capability::SaleChange => "sale_change",
            Capability::Documents => "documents",
            Capability::MailTypes => "mail_types",
            Capability::OwnAddress => "own_address",
            Capability::Editors => "editors",
            Capability::JobTitle => "job_title",
        }
    }
}

/// Why a capability is missing. The UI has words for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The CRM knows no such thing.
    NotInCrm,
    /// The CRM knows it, and keeps it from programs like this one.
    NotOffered,
    /// The CRM's administrator has not allowed it.
    NotGranted,
    /// The CRM has one user: there is nobody to share with or to hide from.
    OneUser,
    /// This program does not do it yet.
    NotYet,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Why::NotInCrm => "not_in_crm",
            Why::NotOffered => "not_offered",
            Why::NotGranted => "not_granted",
            Why::OneUser => "one_user",
            Why::NotYet => "not_yet",
        }
    }
}

/// What is missing, with the reason; everything else can be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities(BTreeMap<Capability, Why>);

impl Capabilities {
    pub fn without(missing: &[(Capability, Why)]) -> Self {
        Capabilities(missing.iter().copied().collect())
    }

    pub fn can(&self, what: Capability) -> bool {
        !self.0.contains_key(&what)
    }

    pub fn why_not(&self, what: Capability) -> Option<Why> {
        self.0.get(&what).copied()
    }

    pub fn missing(&self) -> impl Iterator<Item = (Capability, Why)> + '_ {
        self.0.iter().map(|(what, why)| (*what, *why))
    }

    /// `Err` with the reason where it is missing.
    pub fn need(&self, what: Capability) -> crate::Result<()> {
        match self.why_not(what) {
            Some(why) => Err(crate::CrmError::Cannot(what, why)),
            None => Ok(()),
        }
    }
}
