//! What goes wrong on the way.

use crate::{
    Bench, Case, Outcome, Trouble, done, hold,
    mails::{company, mail},
    refresh,
};
use clientele_crm::CrmError;

const ON_THIS_COMPUTER: &str = "the CRM is on this computer";

pub async fn all(bench: &dyn Bench) -> Vec<(&'static str, Case)> {
    let mut came = Vec::new();
    came.push(("the answer is lost after the mail was taken in", lost(bench, Trouble::LostAnswer).await));
    came.push(("the answer is lost after the file was taken in", lost(bench, Trouble::LostUpload).await));
    came.push(("too many requests", refused(bench, Trouble::RateLimited).await));
    came.push(("maintenance, as a page of HTML", refused(bench, Trouble::Maintenance).await));
    came.push(("a right is missing", refused(bench, Trouble::Forbidden).await));
    came.push(("nobody answers", refused(bench, Trouble::Unreachable).await));
    came.push(("the token has ended", expired(bench).await));
    // The last one: nobody is signed in after it.
    came.push(("the consent was taken back", revoked(bench).await));
    came
}

async fn lost(bench: &dyn Bench, trouble: Trouble) -> Case {
    let crm = bench.crm();
    let at = bench.company("Tapt AS", "tapt.example");
    let id = format!("lost-{trouble:?}@x.example");
    if bench.trouble(trouble).is_none() {
        return Ok(Outcome::CannotHappen(ON_THIS_COMPUTER));
    }
    let mut sent = mail(&id, vec![company(&at)], true, 1);
    let first = crm.archive(sent.clone()).await;
    hold!(matches!(first, Err(CrmError::Unavailable(_))), "the first try: {first:?}");
    hold!(first.is_err_and(|error| error.again_in(1).is_some()), "it would not be tried again");
    sent.repeated = true;
    let second = done!(crm.archive(sent.clone()).await);
    hold!(!second.already, "one's own is taken for a colleague's");
    let held = bench.held(&id);
    hold!(held.len() == 1, "{} of it there", held.len());
    hold!(held[0].bytes.as_deref() == Some(sent.eml.as_slice()), "other bytes than were sent");
    Ok(Outcome::Passed)
}

async fn refused(bench: &dyn Bench, trouble: Trouble) -> Case {
    let crm = bench.crm();
    let at = bench.company("Stopp AS", "stopp.example");
    if bench.trouble(trouble).is_none() {
        return Ok(Outcome::CannotHappen(ON_THIS_COMPUTER));
    }
    let id = format!("refused-{trouble:?}@x.example");
    let said = crm.archive(mail(&id, vec![company(&at)], false, 0)).await;
    let fits = match (&said, trouble) {
        (Err(error @ CrmError::RateLimited { seconds: 17 }), Trouble::RateLimited) => error.again_in(0) == Some(17),
        (Err(error @ CrmError::Maintenance), Trouble::Maintenance) => error.again_in(0).is_some(),
        (Err(error @ CrmError::Forbidden { right }), Trouble::Forbidden) => {
            ["insert", "write"].iter().any(|word| right.contains(word)) && error.again_in(0).is_none()
        }
        (Err(error @ CrmError::Unavailable(_)), Trouble::Unreachable) => error.again_in(0).is_some(),
        _ => false,
    };
    hold!(fits, "{said:?}");
    bench.well();
    done!(crm.archive(mail(&id, vec![company(&at)], false, 0)).await);
    hold!(bench.held(&id).len() == 1, "not once after it was well again");
    Ok(Outcome::Passed)
}

async fn expired(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if bench.trouble(Trouble::Expired).is_none() {
        return Ok(Outcome::CannotHappen("there is no sign-in"));
    }
    refresh(&*crm).await?;
    let me = done!(crm.me().await);
    hold!(!me.id.is_empty(), "nobody");
    Ok(Outcome::Passed)
}

async fn revoked(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Avmeldt AS", "avmeldt.example");
    if bench.trouble(Trouble::Revoked).is_none() {
        return Ok(Outcome::CannotHappen("there is no sign-in"));
    }
    for _ in 0..2 {
        let said = crm.archive(mail("revoked@x.example", vec![company(&at)], false, 0)).await;
        hold!(matches!(said, Err(CrmError::SignInAgain)), "{said:?}");
    }
    hold!(done!(crm.people_by_email("maja@fjordlys.example")).len() == 1, "what is here cannot be read any longer");
    Ok(Outcome::Passed)
}
