use super::{
    Result,
    crm::{record, record_view},
    id,
    mail::row_view,
};
use crate::{Api, ApiError, view::*};
use clientele_engine::{RuleSaved, crm::rule};

pub async fn rule_list(api: &Api, _request: Empty) -> Result<Vec<RuleView>> {
    Ok(api.engine().rules().await?.into_iter().map(view).collect())
}

pub async fn rule_save(api: &Api, request: RuleView) -> Result<RuleView> {
    Ok(view(api.engine().rule_save(saved(request)?).await?))
}

pub async fn rule_delete(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().rule_delete(id(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn rule_preview(api: &Api, request: RulePreviewRequest) -> Result<RulePreview> {
    let preview = api.engine().rule_preview(saved(request.rule)?, request.limit).await?;
    Ok(RulePreview {
        looked_at: preview.looked_at,
        taken: preview
            .taken
            .iter()
            .map(|(row, records)| RuleTaken {
                row: row_view(row, None),
                records: records.iter().map(record_view).collect(),
            })
            .collect(),
        skipped: preview
            .skipped
            .iter()
            .map(|(row, skip)| RuleSkipped { row: row_view(row, None), reason: reason(*skip) })
            .collect(),
        skipped_total: preview.skipped_total,
    })
}

fn saved(rule: RuleView) -> Result<RuleSaved> {
    if rule.records.iter().any(|one| !matches!(one.kind, RecordKindView::Company | RecordKindView::Person)) {
        return Err(ApiError::invalid("a rule names people and companies"));
    }
    let tidy = |list: Vec<String>| -> Vec<String> {
        list.iter().map(|one| one.trim().to_lowercase()).filter(|one| !one.is_empty()).collect()
    };
    Ok(RuleSaved {
        id: if rule.id.is_empty() { 0 } else { id(&rule.id)? },
        name: rule.name,
        on: rule.on,
        rule: rule::Rule {
            direction: match rule.direction {
                Direction::Both => rule::Direction::Both,
                Direction::Received => rule::Direction::Received,
                Direction::Sent => rule::Direction::Sent,
            },
            records: rule.records.into_iter().map(record).collect(),
            domains: tidy(rule.domains),
            selections: rule.selections,
            known_only: rule.known_only,
            replies_only: rule.replies_only,
        },
        elsewhere: String::new(),
    })
}

fn view(saved: RuleSaved) -> RuleView {
    RuleView {
        id: saved.id.to_string(),
        name: saved.name,
        on: saved.on,
        direction: match saved.rule.direction {
            rule::Direction::Both => Direction::Both,
            rule::Direction::Received => Direction::Received,
            rule::Direction::Sent => Direction::Sent,
        },
        records: saved.rule.records.iter().map(record_view).collect(),
        domains: saved.rule.domains,
        selections: saved.rule.selections,
        known_only: saved.rule.known_only,
        replies_only: saved.rule.replies_only,
        elsewhere: saved.elsewhere,
    }
}

pub(super) fn reason(skip: rule::Skip) -> SkipReason {
    match skip {
        rule::Skip::Private => SkipReason::Private,
        rule::Skip::Archived => SkipReason::Archived,
        rule::Skip::Folder => SkipReason::Folder,
        rule::Skip::Internal => SkipReason::Internal,
        rule::Skip::Excluded => SkipReason::Excluded,
        rule::Skip::Direction => SkipReason::Direction,
        rule::Skip::NoMatch => SkipReason::NoMatch,
        rule::Skip::NotKnown => SkipReason::NotKnown,
        rule::Skip::NotAReply => SkipReason::NotAReply,
        rule::Skip::Several => SkipReason::Several,
        rule::Skip::Automatic => SkipReason::Automatic,
        rule::Skip::NoRecord => SkipReason::NoRecord,
    }
}
