//! What an administrator says of a tenant: where it is, which apps and fields hold what, and where mails go. Kept as JSON;
//! what is left out is as the vendor delivers it.

use serde::{Deserialize, Serialize};

/// A tenant, without its token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// `https://company.elma365.eu`, or a customer's own server; with or without `/pub/v1`.
    pub server: String,
    /// The address, the id or the name of the user that the token was issued for: the Web API does not say it. Empty: not
    /// known; nothing is then taken for one's own.
    pub user: String,
    /// ISO 4217, for new sales; empty: as the newest deal has it.
    pub currency: String,
    pub companies: Companies,
    pub contacts: Contacts,
    pub deals: Sales,
    pub leads: Leads,
    /// Codes of the statuses that end a deal or a lead.
    pub closed: Closed,
    /// More apps that mails can be linked to.
    pub targets: Vec<Target>,
    pub mails: Mails,
    /// Another app, for single attachments. None: they cannot be put into the CRM by themselves.
    pub documents: Option<MailApp>,
    /// An app for tasks: the Web API cannot create tasks. None: there are no follow-ups.
    pub follow_ups: Option<FollowUps>,
}

/// An app: the codes of its section and of itself, as they stand in its address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    pub ns: String,
    pub code: String,
}

impl App {
    pub fn new(ns: &str, code: &str) -> App {
        App { ns: ns.to_owned(), code: code.to_owned() }
    }

    /// `app/_clients/_contacts`; only letters of a code, so that nothing else becomes part of an address.
    pub(super) fn path(&self, root: &str) -> Option<String> {
        let fits = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        };
        (fits(&self.ns) && fits(&self.code)).then(|| format!("{root}/{}/{}", self.ns, self.code))
    }

    /// What ids of its items begin with where they are not alone of their kind.
    pub(super) fn prefix(&self) -> String {
        format!("{}.{}:", self.ns, self.code)
    }
}

/// An empty code of a field: looked for in an item among the usual ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Companies {
    pub app: App,
    pub phone: String,
    pub email: String,
    pub website: String,
    pub city: String,
}

impl Default for Companies {
    fn default() -> Self {
        let empty = String::new;
        Companies {
            app: App::new("_clients", "_companies"),
            phone: empty(),
            email: empty(),
            website: empty(),
            city: empty(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contacts {
    pub app: App,
    pub full_name: String,
    pub email: String,
    pub phone: String,
    /// Link to a company.
    pub company: String,
    pub title: String,
}

impl Default for Contacts {
    fn default() -> Self {
        let empty = String::new;
        Contacts {
            app: App::new("_clients", "_contacts"),
            full_name: empty(),
            email: empty(),
            phone: empty(),
            company: empty(),
            title: empty(),
        }
    }
}

/// Deals, or leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sales {
    pub app: App,
    pub company: String,
    pub contact: String,
    pub sum: String,
    /// A date.
    pub closes: String,
}

impl Default for Sales {
    fn default() -> Self {
        let empty = String::new;
        Sales { app: App::new("_clients", "_deals"), company: empty(), contact: empty(), sum: empty(), closes: empty() }
    }
}

/// As [`Sales`], with another app by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Leads(pub Sales);

impl Default for Leads {
    fn default() -> Self {
        Leads(Sales { app: App::new("_clients", "_leads"), ..Sales::default() })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Closed(pub Vec<String>);

impl Default for Closed {
    fn default() -> Self {
        Closed(["won", "lost", "closed", "success", "failed", "done", "canceled", "rejected"].map(str::to_owned).into())
    }
}

/// An app whose items mails can be linked to, shown as projects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    pub ns: String,
    pub code: String,
    /// What its items are called: "Contract".
    pub name: String,
    /// Its link to a company; empty: none.
    pub company: String,
    /// The field of the apps for mails and for documents that links to it; empty: they cannot be linked to it there.
    pub mails: String,
}

impl Target {
    pub(super) fn app(&self) -> App {
        App::new(&self.ns, &self.code)
    }
}

/// Where mails go: `{"into":"feed"}`, or `{"into":"app",…}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "into", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "there is one of it a tenant")]
pub enum Mails {
    /// As a message into the feed of each record: needs nothing of the administrator, and cannot be found or taken back.
    #[default]
    Feed,
    /// Into an app that the administrator has made for mails.
    App(MailApp),
}

/// An app for mails, or for documents. An empty code: the app has no such field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailApp {
    pub app: App,
    /// Text: the Message-ID, of a document with the part's number. Without it nothing could be found again: it must be there.
    pub message_id: String,
    pub body: String,
    /// Date and time.
    pub date: String,
    /// Text.
    pub from: String,
    pub to: String,
    /// A category with `in` and `out`.
    pub direction: String,
    /// Links, each to several items.
    pub company: String,
    pub contact: String,
    pub deal: String,
    pub lead: String,
    /// Files: the mail itself.
    pub file: String,
    /// Which directory files go to, by its id; empty: the app's own.
    pub directory: String,
    /// The status of a mail that was taken back; empty: it keeps its own.
    pub withdrawn: String,
}

impl Default for MailApp {
    fn default() -> Self {
        let code = str::to_owned;
        MailApp {
            app: App::new("mails", "mails"),
            message_id: code("message_id"),
            body: code("body"),
            date: code("date"),
            from: code("from"),
            to: code("to"),
            direction: String::new(),
            company: code("company"),
            contact: code("contact"),
            deal: code("deal"),
            lead: code("lead"),
            file: code("file"),
            directory: String::new(),
            withdrawn: String::new(),
        }
    }
}

/// An app for tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowUps {
    pub app: App,
    pub text: String,
    /// A category with `task`, `call` and `appointment`; empty: all are tasks.
    pub kind: String,
    pub start: String,
    pub due: String,
    /// Yes or no.
    pub done: String,
    pub company: String,
    pub contact: String,
    pub deal: String,
    /// A user.
    pub owner: String,
}

impl Default for FollowUps {
    fn default() -> Self {
        let code = str::to_owned;
        FollowUps {
            app: App::new("tasks", "tasks"),
            text: code("text"),
            kind: code("kind"),
            start: code("start"),
            due: code("due"),
            done: code("done"),
            company: code("company"),
            contact: code("contact"),
            deal: code("deal"),
            owner: code("owner"),
        }
    }
}
