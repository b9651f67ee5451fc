//! Searching on the servers, for mails that are not on this computer.

use crate::{Engine, EngineError};
use clientele_model::AccountId;
use jiff::Zoned;
use std::time::Duration;
use tokio::task::JoinSet;

/// Mails that are fetched of each account.
const MOST: usize = 200;
/// For all folders of an account.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the servers had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Searched {
    /// Mails that were fetched, and are found here now.
    pub fetched: u32,
    /// There are more than were fetched.
    pub more: bool,
    /// Addresses of accounts whose server could not be asked.
    pub unasked: Vec<String>,
}

impl Engine {
    /// Asks the servers of every account, or of one, all at the same time.
    pub async fn search_servers(&self, query: String, account: Option<AccountId>) -> Result<Searched, EngineError> {
        self.must_own()?;
        let mut accounts = self.store(|store| store.accounts()).await?;
        accounts.retain(|one| account.is_none_or(|id| one.id == id));
        if accounts.is_empty() && account.is_some() {
            return Err(EngineError::NotFound);
        }
        let now = Zoned::now();
        let mut asking = JoinSet::new();
        for account in accounts {
            let (engine, query, now) = (self.clone(), query.clone(), now.clone());
            asking.spawn(async move {
                let found = async {
                    let mut client = engine.errand(account.id).await?;
                    let found = tokio::time::timeout(PATIENCE, client.search_server(&query, MOST, &now)).await;
                    client.close().await;
                    match found {
                        Ok(found) => found.map_err(EngineError::from),
                        Err(_) => Err(EngineError::Mail(clientele_mail::MailError::Timeout)),
                    }
                };
                (account.email.clone(), found.await)
            });
        }
        let mut searched = Searched::default();
        while let Some(asked) = asking.join_next().await {
            let (email, found) = asked.map_err(|_| EngineError::Internal("a search panicked"))?;
            match found {
                Ok(found) => {
                    searched.fetched += found.fetched;
                    searched.more |= found.more;
                }
                Err(error) => {
                    tracing::info!(code = error.code(), "a server was not searched");
                    searched.unasked.push(email);
                }
            }
        }
        searched.unasked.sort();
        Ok(searched)
    }
}
