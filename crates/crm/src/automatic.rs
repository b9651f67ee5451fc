//! Archiving by itself: by rule, and because the conversation is archived.

use crate::{
    Crm, Known as Before, Record, Result,
    blocking::blocking,
    customer,
    of_mail::{here, own_addresses, participants, records},
    rule::{self, Limits, Rule, Seen, Skip},
};
use clientele_model::{Address, FolderRole, MessageId};
use clientele_store::{ArchiveState, Archived, Parties, Store, StoreError};
use std::sync::Arc;

/// What becomes of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// By rule.
    Take(Vec<Record>),
    /// Its conversation is archived.
    Follow(Vec<Record>),
    Skip(Skip),
    /// Nothing here has to do with it.
    Nothing,
}

/// What decides.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Those that are on, each with since when.
    pub rules: Vec<(Rule, i64)>,
    pub internal: Vec<String>,
    pub excluded: Vec<String>,
    /// Later mails of an archived conversation are archived, where nobody said otherwise of it.
    pub follow: bool,
}

/// Clocks differ: a mail may be dated so much before it came.
const CLOCKS: i64 = 600;

/// What becomes of a mail that came.
pub async fn weigh(store: &Store, crm: Arc<dyn Crm>, rules: Arc<Rules>, id: MessageId) -> Result<(String, Verdict)> {
    let store = store.clone();
    blocking(move || {
        let parties = store.parties(&[id])?.into_iter().next().ok_or(StoreError::NotFound)?;
        let judge = Judge::new(&store, &*crm, &rules)?;
        let verdict = judge.verdict(&parties)?;
        Ok((parties.message_id, verdict))
    })
    .await
}

/// What a rule would take of the newest mails: each with what it would be archived on, or why not. Copies of one mail count
/// once. Without a network.
pub async fn preview(
    store: &Store,
    crm: Arc<dyn Crm>,
    rule: Rule,
    rules: Rules,
    limit: u32,
) -> Result<Vec<(MessageId, std::result::Result<Vec<Record>, Skip>)>> {
    let store = store.clone();
    blocking(move || {
        let rules = Rules { rules: vec![(rule, i64::MIN)], ..rules };
        let judge = Judge::new(&store, &*crm, &rules)?;
        let mut seen = std::collections::HashSet::new();
        let mut all = Vec::new();
        for parties in store.newest(limit)? {
            if !seen.insert(parties.message_id.clone()) {
                continue;
            }
            match judge.by_rule(&parties)? {
                Verdict::Take(records) | Verdict::Follow(records) => all.push((parties.id, Ok(records))),
                Verdict::Skip(skip) => all.push((parties.id, Err(skip))),
                Verdict::Nothing => {}
            }
        }
        Ok(all)
    })
    .await
}

/// Whether later mails of a mail's conversation are archived by themselves, as somebody said of it; None: nobody did.
pub fn followed(store: &Store, crm: &dyn Crm, id: MessageId) -> Result<Option<bool>> {
    let mut there = here(store, crm, &store.archived_many(&store.thread_message_ids(id)?)?)?;
    there.retain(|one| one.state != ArchiveState::Failed);
    Ok(said(&there))
}

fn said(there: &[Archived]) -> Option<bool> {
    there.iter().filter(|one| one.follow.is_some()).max_by_key(|one| one.id.0)?.follow
}

struct Judge<'a> {
    store: &'a Store,
    crm: &'a dyn Crm,
    rules: &'a Rules,
    limits: Limits,
    known: rule::Known<'a>,
}

impl<'a> Judge<'a> {
    fn new(store: &'a Store, crm: &'a dyn Crm, rules: &'a Rules) -> Result<Judge<'a>> {
        let limits =
            Limits { own: own_addresses(store)?, internal: rules.internal.clone(), excluded: rules.excluded.clone() };
        Ok(Judge { store, crm, rules, limits, known: rule::Known::new(crm) })
    }

    fn verdict(&self, mail: &Parties) -> Result<Verdict> {
        if let Some(skip) = self.never(mail)? {
            return Ok(if self.rules.rules.is_empty() { Verdict::Nothing } else { Verdict::Skip(skip) });
        }
        let conversation = self.store.archived_many(&self.store.thread_message_ids(mail.id)?)?;
        if let Some(on) = self.goes_on(&conversation) {
            let skip = match self.kept_out(mail)? {
                None if self.is_of_a_machine(mail)? => Some(Skip::Automatic),
                skip => skip,
            };
            return Ok(skip.map_or(Verdict::Follow(on), Verdict::Skip));
        }
        self.by_rule(mail)
    }

    /// What is never archived by itself, whoever asks.
    fn never(&self, mail: &Parties) -> Result<Option<Skip>> {
        if self.store.is_private(&mail.message_id, &[])? {
            return Ok(Some(Skip::Private));
        }
        if self.store.archived(&mail.message_id)?.is_some() {
            return Ok(Some(Skip::Archived));
        }
        // Of several copies the best: a mail in Trash may lie in the inbox too.
        for copy in self.store.by_message_id(&mail.message_id)? {
            let row = self.store.row(copy)?;
            let role = self.store.folder(row.folder)?.role;
            if !row.flags.draft && !matches!(role, FolderRole::Junk | FolderRole::Trash | FolderRole::Drafts) {
                return Ok(None);
            }
        }
        Ok(Some(Skip::Folder))
    }

    /// Whose mails are never archived by themselves, by rule or with their conversation.
    fn kept_out(&self, mail: &Parties) -> Result<Option<Skip>> {
        let everybody = || std::iter::once(&mail.from).chain(&mail.reply_to).chain(&mail.to).chain(&mail.cc);
        if self.limits.is_internal(everybody().filter(|one| !one.email.trim().is_empty())) {
            return Ok(Some(Skip::Internal));
        }
        let excluded = |one: &Address| !self.limits.own.contains(&one.key()) && self.limits.is_excluded(one);
        Ok(everybody().any(excluded).then_some(Skip::Excluded))
    }

    fn is_of_a_machine(&self, mail: &Parties) -> Result<bool> {
        let sent = self.limits.own.contains(&mail.from.key());
        Ok(!sent && self.store.readable(mail.id)?.is_some_and(|raw| rule::is_of_a_machine(&raw)))
    }

    /// The records of a conversation whose later mails are archived by themselves.
    fn goes_on(&self, conversation: &[Archived]) -> Option<Vec<Record>> {
        let mut there = here(self.store, self.crm, conversation).ok()?;
        there.retain(|one| one.state != ArchiveState::Failed);
        let on = said(&there).unwrap_or(self.rules.follow);
        let on = on.then(|| records(&there))?;
        Some(on).filter(|on| !on.is_empty())
    }

    fn by_rule(&self, mail: &Parties) -> Result<Verdict> {
        if self.rules.rules.is_empty() {
            return Ok(Verdict::Nothing);
        }
        if let Some(skip) = self.never(mail)? {
            return Ok(Verdict::Skip(skip));
        }
        if let Some(skip) = self.kept_out(mail)? {
            return Ok(Verdict::Skip(skip));
        }
        let (others, senders) = participants(mail, &self.limits.own);
        let sent = self.limits.own.contains(&mail.from.key());
        let is_answer = || Ok(if sent { self.store.is_answer(mail.id)? } else { self.store.answers_own(mail.id)? });
        let seen = Seen { others: &others, sent, is_answer: &is_answer };
        let mut closest = None;
        for (rule, since) in &self.rules.rules {
            if mail.date < since.saturating_sub(CLOCKS) {
                continue;
            }
            match rule::fits(rule, &seen, &self.known)? {
                Ok(()) => return self.take(mail, rule, others, senders),
                Err(skip) => closest = closest.max(Some(skip)),
            }
        }
        Ok(closest.map_or(Verdict::Nothing, Verdict::Skip))
    }

    fn take(&self, mail: &Parties, rule: &Rule, others: Vec<Address>, senders: usize) -> Result<Verdict> {
        if self.is_of_a_machine(mail)? {
            return Ok(Verdict::Skip(Skip::Automatic));
        }
        let author = others.first().cloned();
        let named = rule::named(rule, &others, &self.known)?;
        let conversation = self.store.archived_many(&self.store.thread_message_ids(mail.id)?)?;
        let thread = records(&here(self.store, self.crm, &conversation)?);
        let is_known = !thread.is_empty();
        let found = customer(self.crm, &Before { participants: others, senders, thread })?;
        let of_several = found.participants.first().is_some_and(|one| one.might_work_at.len() > 1);
        if let Some(author) = author
            && !is_known
            && (of_several || self.known.who(&author)?.len() > 1)
        {
            return Ok(Verdict::Skip(Skip::Several));
        }
        let mut chosen: Vec<Record> =
            found.suggestions.iter().filter(|one| one.selected).map(|one| one.record.clone()).collect();
        // What the mail was taken for is what it is filed under, whoever else is in it.
        for one in named {
            if !chosen.iter().any(|have| have.kind == one.kind && have.id == one.id) {
                chosen.push(Record::new(one.kind, &one.id, &self.crm.record_name(one.kind, &one.id)?));
            }
        }
        if !chosen.is_empty() {
            return Ok(Verdict::Take(chosen));
        }
        let several = found.participants.iter().any(|one| one.people.len() > 1 || one.might_work_at.len() > 1);
        Ok(Verdict::Skip(if several { Skip::Several } else { Skip::NoRecord }))
    }
}
