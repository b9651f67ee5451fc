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
use std::sync::Arc;

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
    pub on: bool,
    pub rule: Rule,
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
        Ok(self.store(|store| store.rules()).await?.into_iter().map(saved).collect())
    }

    /// A rule that is switched on takes what comes from now on.
    pub async fn rule_save(&self, rule: RuleSaved) -> Result<RuleSaved, EngineError> {
        if rule.name.trim().is_empty() {
            return Err(EngineError::Invalid("a rule has a name".into()));
        }
        let before = self.store(|store| store.rules()).await?.into_iter().find(|one| one.id == rule.id);
        let since = before.and_then(|one| one.since).unwrap_or(self.now());
        let kept = Kept {
            id: rule.id,
            name: rule.name.trim().to_owned(),
            since: rule.on.then_some(since),
            conditions: serde_json::to_string(&rule.rule).map_err(|error| EngineError::Invalid(error.to_string()))?,
        };
        let id = self
            .store(move |store| {
                let id = store.rule_save(&kept)?;
                Ok(Kept { id, ..kept })
            })
            .await?;
        self.weigh_or_not().await?;
        Ok(saved(id))
    }

    pub async fn rule_delete(&self, id: i64) -> Result<(), EngineError> {
        self.store(move |store| store.rule_delete(id)).await?;
        self.weigh_or_not().await
    }

    /// Without a network.
    pub async fn rule_preview(&self, rule: Rule, limit: u32) -> Result<Preview, EngineError> {
        let rules = Rules { rules: Vec::new(), ..self.all_rules().await? };
        let limit = limit.clamp(1, MOST_PREVIEWED);
        let all = automatic::preview(&self.0.store, self.crm(), rule, rules, limit).await?;
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

    async fn all_rules(&self) -> Result<Rules, EngineError> {
        let settings = self.crm_settings().await?;
        let kept = self.store(|store| store.rules()).await?;
        let rules = kept.into_iter().filter_map(|one| one.since.map(|since| (saved(one).rule, since))).collect();
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
        let crm = self.crm();
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
        let (message_id, mut verdict) = automatic::weigh(&self.0.store, crm, rules, id).await?;
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
                let asked = Asked { records, choice: Some(choice), automatic: true, ..Asked::default() };
                match self.archive_one(id, asked).await {
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

fn saved(kept: Kept) -> RuleSaved {
    RuleSaved {
        id: kept.id,
        name: kept.name,
        on: kept.since.is_some(),
        rule: serde_json::from_str(&kept.conditions).unwrap_or_default(),
    }
}
