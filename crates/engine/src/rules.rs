//! Archiving by itself: what holds for all of it, the rules, and the mails that come.

use crate::{Engine, EngineError, Role, follow_up::WAITING_DAYS};
use clientele_crm::{
    Capability, CrmError, Record, Visible,
    archive::{Asked, Choice},
    automatic::{self, Rules, Verdict},
    look_up_all,
    rule::{Rule, Skip},
};
use clientele_model::MessageId;
use clientele_store::{Row, Rule as Kept};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, sync::Arc};

/// Key of the setting that holds [`CrmSettings`].
const SETTINGS: &str = "crm.settings";
/// Mails of a preview, and those of them whose reasons are shown.
const MOST_PREVIEWED: u32 = 2000;
const MOST_SKIPPED: usize = 200;
/// Mails looked at in one go.
const AT_ONCE: u32 = 100;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterFirst {
    #[default]
    Offer,
    /// Later mails of an archived conversation are archived by themselves.
    Automatic,
    Nothing,
}

/// What holds for all archiving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CrmSettings {
    pub conversation: AfterFirst,
    pub visible: Visible,
    pub attachments: bool,
    pub excluded: Vec<String>,
    pub internal: Vec<String>,
    pub waiting_days: u32,
}

impl Default for CrmSettings {
    fn default() -> Self {
        CrmSettings {
            conversation: AfterFirst::Offer,
            visible: Visible::All,
            attachments: true,
            excluded: Vec::new(),
            internal: Vec::new(),
            waiting_days: WAITING_DAYS,
        }
    }
}

impl CrmSettings {
    pub(crate) fn choice(&self) -> Choice {
        Choice { visible: self.visible, attachments: self.attachments, ..Choice::default() }
    }

    pub(crate) fn follows(&self) -> bool {
        self.conversation == AfterFirst::Automatic
    }
}

/// A rule as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSaved {
    /// 0: a new one.
    pub id: i64,
    pub name: String,
    /// Never where its records are another CRM's.
    pub on: bool,
    pub rule: Rule,
    /// Name of the CRM whose records and selections it names, where that is not the one in use; else empty.
    pub elsewhere: String,
}

/// What a rule would have taken of the newest mails.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    pub looked_at: u32,
    pub taken: Vec<(Row, Vec<Record>)>,
    pub skipped: Vec<(Row, Skip)>,
    pub skipped_total: u32,
}

impl Engine {
    pub async fn crm_settings(&self) -> Result<CrmSettings, EngineError> {
        let text = self.store(|store| store.setting(SETTINGS)).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    pub async fn crm_settings_set(&self, settings: CrmSettings) -> Result<CrmSettings, EngineError> {
        let tidy = |list: Vec<String>| -> Vec<String> {
            let mut all: Vec<String> = list.iter().map(|one| one.trim().to_lowercase()).collect();
            all.retain(|one| !one.is_empty());
            all.sort();
            all.dedup();
            all
        };
        let settings = CrmSettings {
            excluded: tidy(settings.excluded),
            internal: tidy(settings.internal),
            waiting_days: settings.waiting_days.clamp(1, 365),
            ..settings
        };
        let text = serde_json::to_string(&settings).map_err(|error| EngineError::Invalid(error.to_string()))?;
        let days = settings.waiting_days.to_string();
        self.store(move |store| {
            store.setting_set(SETTINGS, &text)?;
            store.setting_set("crm.waiting_days", &days)
        })
        .await?;
        self.weigh_or_not().await?;
        Ok(settings)
    }

    pub async fn rules(&self) -> Result<Vec<RuleSaved>, EngineError> {
        let mut all = Vec::new();
        for kept in self.store(|store| store.rules()).await? {
            all.push(self.rule_shown(kept).await?);
        }
        Ok(all)
    }

    async fn rule_shown(&self, kept: Kept) -> Result<RuleSaved, EngineError> {
        let link = kept.link;
        let mut rule = saved(kept);
        if !named(&rule.rule).is_empty() {
            rule.elsewhere = self.archived_elsewhere(link).await?;
            rule.on &= rule.elsewhere.is_empty();
        }
        Ok(rule)
    }

    /// The link of the CRM whose ids a rule that is to be saved or looked at names. Those that it had before are of the CRM
    /// that it had them of; [`CrmError::OtherCrm`] where it is to take mails by these, or beside others.
    async fn rule_link(&self, rule: &RuleSaved) -> Result<i64, EngineError> {
        let id = rule.id;
        let kept = self.store(|store| store.rules()).await?.into_iter().find(|one| one.id == id);
        let today = self.crm_link_id();
        let (link, before) = kept.map_or((today, HashSet::new()), |kept| (kept.link, named(&saved(kept).rule)));
        let named = named(&rule.rule);
        let unchanged = named.is_subset(&before);
        if link != today && !named.is_disjoint(&before) {
            return if rule.on || !unchanged { Err(CrmError::OtherCrm.into()) } else { Ok(link) };
        }
        if !named.is_empty() && !unchanged {
            // Not of the embedded one, which stands in for it.
            self.crm_to_write()?;
        }
        Ok(today)
    }

    /// A rule that is switched on takes what comes from now on.
    pub async fn rule_save(&self, rule: RuleSaved) -> Result<RuleSaved, EngineError> {
        if rule.name.trim().is_empty() {
            return Err(EngineError::Invalid("a rule has a name".into()));
        }
        let link = self.rule_link(&rule).await?;
        let before = self.store(|store| store.rules()).await?.into_iter().find(|one| one.id == rule.id);
        let since = before.and_then(|one| one.since).unwrap_or(self.now());
        let kept = Kept {
            id: rule.id,
            name: rule.name.trim().to_owned(),
            since: rule.on.then_some(since),
            conditions: serde_json::to_string(&rule.rule).map_err(|error| EngineError::Invalid(error.to_string()))?,
            link,
        };
        let id = self
            .store(move |store| {
                let id = store.rule_save(&kept)?;
                Ok(Kept { id, ..kept })
            })
            .await?;
        self.weigh_or_not().await?;
        self.rule_shown(id).await
    }

    pub async fn rule_delete(&self, id: i64) -> Result<(), EngineError> {
        self.store(move |store| store.rule_delete(id)).await?;
        self.weigh_or_not().await
    }

    /// Without a network.
    pub async fn rule_preview(&self, rule: RuleSaved, limit: u32) -> Result<Preview, EngineError> {
        self.rule_link(&RuleSaved { on: true, ..rule.clone() }).await?;
        let (crm, _) = self.crm_to_write()?;
        let rules = Rules { rules: Vec::new(), ..self.all_rules().await? };
        let limit = limit.clamp(1, MOST_PREVIEWED);
        let all = automatic::preview(&self.0.store, crm, rule.rule, rules, limit).await?;
        let looked_at = all.len() as u32;
        self.store(move |store| {
            let mut preview = Preview { looked_at, ..Preview::default() };
            for (id, verdict) in all {
                match verdict {
                    Ok(records) => preview.taken.push((store.row(id)?, records)),
                    Err(skip) => {
                        preview.skipped_total += 1;
                        if preview.skipped.len() < MOST_SKIPPED {
                            preview.skipped.push((store.row(id)?, skip));
                        }
                    }
                }
            }
            Ok(preview)
        })
        .await
    }

    pub(crate) async fn all_rules(&self) -> Result<Rules, EngineError> {
        let settings = self.crm_settings().await?;
        let kept = self.store(|store| store.rules()).await?;
        let today = self.crm_link_id();
        let on = kept.into_iter().filter_map(|one| Some((one.link, one.since?, saved(one).rule)));
        let rules = on
            .filter(|(link, _, rule)| *link == today || named(rule).is_empty())
            .map(|(_, since, rule)| (rule, since))
            .collect();
        let follow = settings.follows();
        Ok(Rules { rules, internal: settings.internal, excluded: settings.excluded, follow })
    }

    /// Whether mails are looked at as they come.
    pub(crate) async fn weigh_or_not(&self) -> Result<(), EngineError> {
        let rules = self.all_rules().await?;
        let now = self.now();
        self.store(move |store| {
            let on = !rules.rules.is_empty() || rules.follow || store.follows_any()?;
            store.weigh(on, now)
        })
        .await?;
        self.0.archive_wake.notify_one();
        Ok(())
    }

    /// Looks at the mails that came, once each, and queues what a rule or its conversation takes. A CRM that cannot say who
    /// somebody is at the moment leaves the mail for later.
    pub async fn rules_run(&self) -> Result<u32, EngineError> {
        if self.role() != Role::Owner {
            return Ok(0);
        }
        let mut after = None;
        let mut taken = 0;
        let mut rules = None;
        loop {
            let due = self.store(move |store| store.unweighed(after, AT_ONCE)).await?;
            let Some(last) = due.last().copied() else { break };
            if rules.is_none() {
                let read = self.all_rules().await?;
                self.selections_read(&read).await;
                rules = Some(Arc::new(read));
            }
            let Some(rules) = &rules else { break };
            for id in due {
                if self.0.stop.is_cancelled() {
                    return Ok(taken);
                }
                match self.weigh_one(id, rules.clone()).await {
                    Ok(Some(took)) => taken += u32::from(took),
                    // Nor would it say who wrote the others.
                    Ok(None) => return Ok(taken),
                    Err(error) => tracing::warn!(message = %id, code = error.code(), "a rule could not look at a mail"),
                }
            }
            after = Some(last);
        }
        Ok(taken)
    }

    /// Whether it was taken; None where the CRM cannot say who somebody is at the moment.
    async fn weigh_one(&self, id: MessageId, rules: Arc<Rules>) -> Result<Option<bool>, EngineError> {
        // The embedded one, which may stand in for another, knows nothing of that one's rules and people.
        let Ok((crm, link)) = self.crm_to_write() else { return Ok(None) };
        if crm.kind() != "embedded" {
            if !self.crm_may_be_sent_to() {
                return Ok(None);
            }
            match look_up_all(&self.0.store, crm.clone(), id).await {
                Err(error) if error.again_in(0).is_some() => {
                    self.0.crm_now.put_off();
                    return Ok(None);
                }
                Err(error) => tracing::info!(message = %id, code = error.code(), "weighed by what is known"),
                Ok(()) => {}
            }
        }
        let (message_id, mut verdict) = automatic::weigh(&self.0.store, crm.clone(), rules, id).await?;
        // What came by and by: looked at before under another number.
        let known = message_id.clone();
        let before = self.store(move |store| store.weighed_reason(&known)).await?;
        if before.is_some() {
            verdict = Verdict::Nothing;
        }
        let mut reason = before;
        let mut took = false;
        match verdict {
            Verdict::Take(records) | Verdict::Follow(records) => {
                let choice = self.crm_settings().await?.choice();
                let asked = Asked { records, link, choice: Some(choice), automatic: true, ..Asked::default() };
                match self.archive_one(&crm, id, asked).await {
                    Ok(row) => {
                        tracing::info!(message = %id, archive = %row.id, "archived by itself");
                        (reason, took) = (Some(String::new()), true);
                    }
                    Err(EngineError::Crm(CrmError::Private)) => reason = Some(Skip::Private.as_str().to_owned()),
                    // A record went between the look and the queue.
                    Err(EngineError::Crm(CrmError::NotFound | CrmError::NoRecord)) => {
                        reason = Some(Skip::NoRecord.as_str().to_owned());
                    }
                    Err(error) => return Err(error),
                }
            }
            Verdict::Skip(skip) => reason = Some(skip.as_str().to_owned()),
            Verdict::Nothing => {}
        }
        self.store(move |store| store.weighed(id, &message_id, reason.as_deref())).await?;
        Ok(Some(took))
    }

    /// Who is in the selections that rules name, as far as the CRM says so now.
    async fn selections_read(&self, rules: &Rules) {
        let crm = self.crm();
        if !crm.capabilities().can(Capability::Selections) || !self.crm_may_be_asked() {
            return;
        }
        for selection in rules.rules.iter().flat_map(|(rule, _)| &rule.selections) {
            if let Err(error) = crm.selection_read(selection).await {
                tracing::info!(code = error.code(), "a selection stays as it was read");
                if error.again_in(0).is_some() {
                    return;
                }
            }
        }
    }
}

/// What of a rule means something in one CRM alone.
fn named(rule: &Rule) -> HashSet<String> {
    let records = rule.records.iter().map(|one| format!("{:?} {}", one.kind, one.id));
    records.chain(rule.selections.iter().map(|id| format!("selection {id}"))).collect()
}

fn saved(kept: Kept) -> RuleSaved {
    RuleSaved {
        id: kept.id,
        name: kept.name,
        on: kept.since.is_some(),
        rule: serde_json::from_str(&kept.conditions).unwrap_or_default(),
        elsewhere: String::new(),
    }
}
