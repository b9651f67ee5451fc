//! How full a mailbox is (RFC 9208).

use super::{session::Session, sign_in::Step, value::Value};
use crate::{Login, MailError};
use clientele_net::Net;

/// Of the inbox's storage, in units of 1024 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub used: u64,
    pub limit: u64,
}

/// Signs in, asks and leaves. `None`: the server does not count, or has no limit. Of several limits the tightest.
pub async fn quota(net: &Net, login: &Login) -> Result<Option<Quota>, MailError> {
    let mut session = Session::open(net, login, &mut Step::Resolve).await?;
    let mut found = Vec::new();
    if session.has("QUOTA") {
        let asked = session.run("GETQUOTAROOT INBOX", |data| found.extend(storage(data))).await;
        // A server that says it counts and then refuses says nothing about the mailbox.
        if let Err(error) = asked.map(drop)
            && error.breaks()
        {
            return Err(error);
        }
    }
    session.logout().await;
    Ok(found.into_iter().max_by_key(|quota: &Quota| quota.used * 1000 / quota.limit))
}

/// `QUOTA "root" (STORAGE 10 512 MESSAGE 3 1000)`
fn storage(data: &[Value]) -> Option<Quota> {
    let [word, _root, limits] = data else { return None };
    if !word.is("QUOTA") {
        return None;
    }
    let limits = limits.list()?.chunks_exact(3).find(|three| three[0].is("STORAGE"))?;
    let (used, limit) = (limits[1].number()?, limits[2].number()?);
    (limit > 0).then_some(Quota { used, limit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn storage_is_read_and_a_mailbox_without_limit_has_none() {
        let atom = |text: &'static str| Value::Atom(Bytes::from_static(text.as_bytes()));
        let quota = |limits: &[&'static str]| {
            let limits = Value::List(limits.iter().map(|word| atom(word)).collect());
            storage(&[atom("QUOTA"), Value::Text(Bytes::new()), limits])
        };
        assert_eq!(quota(&["MESSAGE", "3", "9", "STORAGE", "10", "512"]), Some(Quota { used: 10, limit: 512 }));
        assert_eq!(quota(&["STORAGE", "10", "0"]), None);
        assert_eq!(quota(&["MESSAGE", "3", "9"]), None);
        assert_eq!(quota(&[]), None);
    }
}
