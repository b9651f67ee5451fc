//! Which fields an app has: as the administrator says, else found in an item among the usual codes.

use super::{
    Elma365,
    config::{App, Config},
    entity,
};
use crate::{CrmError, Result};
use serde_json::Value;
use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

/// How long what was found is believed while there is an app without an item to look at.
const WHILE_EMPTY: Duration = Duration::from_secs(60);

/// The fields, and until when they are believed; None: to the end.
pub(super) type Found = Option<(Arc<Fields>, Option<Instant>)>;

#[derive(Debug, Clone, Default)]
pub struct CompanyFields {
    pub phone: String,
    pub email: String,
    pub website: String,
    pub city: String,
}

#[derive(Debug, Clone, Default)]
pub struct ContactFields {
    pub full_name: String,
    pub email: String,
    pub phone: String,
    pub company: String,
    pub title: String,
}

#[derive(Debug, Clone, Default)]
pub struct SaleFields {
    pub company: String,
    pub contact: String,
    pub sum: String,
    pub closes: String,
    /// Of the newest item.
    pub currency: String,
    /// The tenant has no such app, or does not show it.
    pub absent: bool,
}

/// The fields of all apps of customers.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    pub company: CompanyFields,
    pub contact: ContactFields,
    pub deal: SaleFields,
    pub lead: SaleFields,
}

/// The code that was configured; else the first of the usual ones that the sample has, and where there is no sample the
/// first of all. Empty: there is no such field.
fn pick(configured: &str, sample: Option<&Value>, usual: &[&str]) -> String {
    let has = |code: &&&str| sample.is_none_or(|sample| sample.get(**code).is_some());
    match configured.trim() {
        "" => usual.iter().find(has).map(|code| (*code).to_owned()).unwrap_or_default(),
        code => code.to_owned(),
    }
}

fn sale_fields(of: &super::config::Sales, sample: Option<&Value>) -> SaleFields {
    let sum = pick(&of.sum, sample, &["_sum", "_budget", "_amount", "sum", "budget", "amount"]);
    SaleFields {
        company: pick(&of.company, sample, &["_companies", "_company", "companies", "company"]),
        contact: pick(&of.contact, sample, &["_contacts", "_contact", "contacts", "contact"]),
        closes: pick(&of.closes, sample, &["_closeDate", "_closingDate", "close_date", "closing_date"]),
        currency: sample.map(|sample| entity::text(&entity::field(sample, &sum)["currency"])).unwrap_or_default(),
        sum,
        absent: false,
    }
}

pub(super) fn fields_of(config: &Config, company: Option<&Value>, contact: Option<&Value>) -> Fields {
    let (companies, contacts) = (&config.companies, &config.contacts);
    Fields {
        company: CompanyFields {
            phone: pick(&companies.phone, company, &["_phone", "phone", "phones"]),
            email: pick(&companies.email, company, &["_email", "email", "emails"]),
            website: pick(&companies.website, company, &["_website", "_site", "website", "site"]),
            city: pick(&companies.city, company, &["_city", "city"]),
        },
        contact: ContactFields {
            full_name: pick(&contacts.full_name, contact, &["_fullname", "fullname", "full_name"]),
            email: pick(&contacts.email, contact, &["_email", "email", "emails"]),
            phone: pick(&contacts.phone, contact, &["_phone", "phone", "phones"]),
            company: pick(&contacts.company, contact, &["_companies", "_company", "companies", "company"]),
            title: pick(&contacts.title, contact, &["_position", "position", "_title", "title"]),
        },
        deal: SaleFields::default(),
        lead: SaleFields::default(),
    }
}

impl Elma365 {
    /// Read once a start of the program; while an app is empty, once a minute.
    pub(super) async fn fields(&self) -> Result<Arc<Fields>> {
        let known = self.fields.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((known, until)) = known
            && until.is_none_or(|until| Instant::now() < until)
        {
            return Ok(known);
        }
        let company = self.sample(&self.config.companies.app).await?;
        let contact = self.sample(&self.config.contacts.app).await?;
        let mut fields = fields_of(&self.config, company.as_ref(), contact.as_ref());
        let mut whole = company.is_some() && contact.is_some();
        for (of, at) in [(&self.config.deals, &mut fields.deal), (&self.config.leads.0, &mut fields.lead)] {
            *at = match self.sample(&of.app).await {
                Ok(sample) => {
                    whole &= sample.is_some();
                    sale_fields(of, sample.as_ref())
                }
                // Not every tenant has both, or lets everyone see them.
                Err(CrmError::NotFound | CrmError::Forbidden { .. } | CrmError::Refused(_)) => {
                    SaleFields { absent: true, ..SaleFields::default() }
                }
                Err(error) => return Err(error),
            };
        }
        let fields = Arc::new(fields);
        let until = (!whole).then(|| Instant::now() + WHILE_EMPTY);
        *self.fields.lock().unwrap_or_else(PoisonError::into_inner) = Some((fields.clone(), until));
        Ok(fields)
    }

    /// The newest item of an app.
    async fn sample(&self, app: &App) -> Result<Option<Value>> {
        let said = self.list(app, &super::list::Asked { size: 1, newest: true, ..Default::default() }).await?;
        Ok(said.items.into_iter().next())
    }

    /// The statuses of an app, read once a start of the program.
    pub(super) async fn statuses(&self, app: &App) -> Result<Arc<Vec<entity::Status>>> {
        let path = app.path("app").ok_or(CrmError::Invalid("app"))?;
        let known = self.statuses.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let read = match self.caller.get(&format!("{path}/settings/status")).await {
            Ok(said) => entity::statuses(&said),
            // An app without statuses, or a server that is older than this call.
            Err(CrmError::NotFound | CrmError::Refused(_) | CrmError::Forbidden { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let read = Arc::new(read);
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner).insert(path, read.clone());
        Ok(read)
    }
}
