//! Signing in with a provider.

use crate::{args::Browser, failure::Failure, output::Output, session::Session};
use clientele_api::{Opening, handle, view::*};

/// Waits until the person has signed in; gives what an account takes in place of a password.
pub async fn grant(
    session: &Session,
    output: &Output,
    browser: &Browser,
    provider: &str,
    email: &str,
) -> Result<String, Failure> {
    opens(session, browser.browser);
    let request = SignInStart { provider: provider.to_owned(), email: email.to_owned() };
    let started = handle::sign_in_start(&session.api, request).await?;
    waited(session, output, started).await
}

/// The same at the CRM.
pub async fn crm_grant(session: &Session, output: &Output, open: bool, setup: CrmSetup) -> Result<String, Failure> {
    opens(session, open);
    let started = handle::crm_sign_in(&session.api, setup).await?;
    waited(session, output, started).await
}

fn opens(session: &Session, open: bool) {
    if open {
        session.api.set_opener(|opening| {
            if let Opening::Link(url) = opening
                && open::that_detached(url).is_err()
            {
                eprintln!("no browser could be opened");
            }
        });
    }
}

async fn waited(session: &Session, output: &Output, started: SignInStarted) -> Result<String, Failure> {
    output.note("Sign in here:");
    // Also under --json: somebody must open it. A line of its own, on standard error.
    eprintln!("{}", started.url);
    Ok(handle::sign_in_wait(&session.api, IdRequest { id: started.id }).await?.grant)
}
