//! Archiving by itself, and what never is.

use crate::{
    args::{Private, Rule, RuleConditions},
    commands::archive::record,
    exit,
    failure::Failure,
    output::Output,
    session::Session,
};
use clientele_api::{ApiError, handle, view::*};

pub async fn run(session: &Session, output: &Output, command: Rule) -> Result<u8, Failure> {
    match command {
        Rule::List => {
            let rules = handle::rule_list(&session.api, Empty {}).await?;
            output.result(&rules, |out| {
                rules.iter().try_for_each(|rule| {
                    let elsewhere =
                        if rule.elsewhere.is_empty() { String::new() } else { format!("  ({})", rule.elsewhere) };
                    writeln!(out, "{:>4}  {:<3}  {}{elsewhere}", rule.id, if rule.on { "on" } else { "off" }, rule.name)
                })
            })?;
        }
        Rule::Add(conditions) => saved(session, output, view(conditions)?).await?,
        Rule::Preview { id, limit } => {
            let rule = one(session, &id).await?;
            let preview = handle::rule_preview(&session.api, RulePreviewRequest { rule, limit }).await?;
            output.result(&preview, |out| {
                for taken in &preview.taken {
                    let on: Vec<_> = taken.records.iter().map(|record| record.name.as_str()).collect();
                    writeln!(out, "{:>8}  {}  →  {}", taken.row.id, taken.row.subject, on.join(", "))?;
                }
                writeln!(out, "{} of {}", preview.taken.len(), preview.looked_at)
            })?;
        }
        Rule::On { id } => {
            let rule = one(session, &id).await?;
            saved(session, output, RuleView { on: true, ..rule }).await?;
        }
        Rule::Off { id } => {
            let rule = one(session, &id).await?;
            saved(session, output, RuleView { on: false, ..rule }).await?;
        }
        Rule::Delete { id } => {
            handle::rule_delete(&session.api, IdRequest { id }).await?;
            output.result(&serde_json::json!({}), |_| Ok(()))?;
        }
        Rule::Run => {
            let taken = session.engine.customers_run().await.map_err(ApiError::from)?;
            output.result(&serde_json::json!({ "taken": taken }), |out| writeln!(out, "{taken} taken"))?;
        }
    }
    Ok(exit::DONE)
}

async fn one(session: &Session, id: &str) -> Result<RuleView, Failure> {
    let rules = handle::rule_list(&session.api, Empty {}).await?;
    rules.into_iter().find(|rule| rule.id == id).ok_or_else(|| Failure::not_found("no such rule"))
}

async fn saved(session: &Session, output: &Output, rule: RuleView) -> Result<(), Failure> {
    let rule = handle::rule_save(&session.api, rule).await?;
    output.result(&rule, |out| writeln!(out, "{}", rule.id))
}

fn view(conditions: RuleConditions) -> Result<RuleView, Failure> {
    Ok(RuleView {
        id: String::new(),
        name: conditions.name,
        on: false,
        direction: match (conditions.received, conditions.sent) {
            (true, _) => Direction::Received,
            (_, true) => Direction::Sent,
            _ => Direction::Both,
        },
        records: conditions.on.iter().map(|text| record(text)).collect::<Result<_, _>>()?,
        domains: conditions.domain,
        selections: conditions.selection,
        known_only: conditions.known_only,
        replies_only: conditions.replies_only,
        elsewhere: String::new(),
    })
}

pub async fn private(session: &Session, output: &Output, private: Private) -> Result<u8, Failure> {
    let count = private.messages.len();
    let request =
        PrivateRequest { messages: private.messages, conversation: private.conversation, private: !private.off };
    handle::private_set(&session.api, request).await?;
    output.result(&serde_json::json!({ "changed": count }), |out| writeln!(out, "{count} changed"))?;
    Ok(exit::DONE)
}
