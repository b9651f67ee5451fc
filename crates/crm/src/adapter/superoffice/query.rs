//! Questions to archive providers. By OData where everything in it is of our own making or plain letters; by the archive
//! agent, which takes each value apart from the query, where it is not.

use super::{SuperOffice, entity};
use crate::{CrmError, Result};
use serde_json::{Map, Value, json};

/// One condition: a column, the provider's operator, and a value as it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Where<'a> {
    pub column: &'a str,
    pub operator: &'a str,
    pub value: &'a str,
}

/// A list of a provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'a> {
    /// `v1/Person`, and how the archive agent calls it: `Person`.
    pub path: &'a str,
    pub provider: &'a str,
    pub columns: &'a [&'a str],
    pub order: &'a str,
}

/// A row: columns by name.
pub(super) type Row = Map<String, Value>;

/// A text in a filter, in quotes. None where it holds anything but plain letters: the documents disagree on how a quote
/// is escaped, so nothing is sent that would need it.
pub(super) fn plain(value: &str) -> Option<String> {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '@' | '.' | '_' | '-' | '+' | '$');
    (!value.is_empty() && value.len() <= 400 && value.chars().all(fits)).then(|| format!("'{value}'"))
}

/// `path?$select=…&$filter=…`, percent-encoded.
pub(super) fn url(list: &List<'_>, filter: &str, top: u32) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("$select", &list.columns.join(","));
    if !filter.is_empty() {
        query.append_pair("$filter", filter);
    }
    query.append_pair("$orderBy", list.order);
    query.append_pair("$top", &top.to_string());
    format!("{}?{}", list.path, query.finish())
}

impl SuperOffice {
    /// Rows for a filter of our own making: nothing that a person or a mail has written may be in it.
    pub(super) async fn rows(&self, list: &List<'_>, filter: &str, top: u32) -> Result<Vec<Row>> {
        let said = self.caller.get(&url(list, filter, top)).await?;
        let Value::Array(rows) = said["value"].clone() else {
            return Err(CrmError::Unexpected("a list without rows"));
        };
        Ok(rows.into_iter().filter_map(|row| if let Value::Object(row) = row { Some(row) } else { None }).collect())
    }

    /// Rows where one column is, begins with or contains a text from outside.
    pub(super) async fn find(&self, list: &List<'_>, wanted: Where<'_>, top: u32) -> Result<Vec<Row>> {
        if let Some(text) = plain(wanted.value) {
            return self.rows(list, &format!("{} {} {text}", wanted.column, wanted.operator), top).await;
        }
        let asked = json!({
            "ProviderName": list.provider,
            "Columns": list.columns,
            "SortOrder": [{ "Name": list.order, "Direction": "ASC" }],
            "Restriction": [{
                "Name": wanted.column,
                "Operator": wanted.operator,
                "Values": [wanted.value],
                "IsActive": true,
            }],
            "Entities": [],
            "Page": 0,
            "PageSize": top,
        });
        let said = self.caller.ask("POST", "v1/Agents/Archive/GetArchiveListByColumns", Some(&asked)).await?;
        let Value::Array(rows) = said else { return Ok(Vec::new()) };
        Ok(rows.iter().map(agent_row).collect())
    }
}

/// The agent's row in the shape of the other kind.
fn agent_row(row: &Value) -> Row {
    let mut flat = Row::new();
    flat.insert("PrimaryKey".into(), row["PrimaryKey"].clone());
    flat.insert("EntityName".into(), row["EntityName"].clone());
    if let Value::Object(columns) = &row["ColumnData"] {
        for (name, cell) in columns {
            flat.insert(name.clone(), entity::shown(&cell["DisplayValue"]));
        }
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_would_need_escaping_is_written_into_a_filter() {
        assert_eq!(plain("maja.lindqvist+crm@fjordlys.no").as_deref(), Some("'maja.lindqvist+crm@fjordlys.no'"));
        assert_eq!(plain("Bjørn Åsheim").as_deref(), Some("'Bjørn Åsheim'"));
        for odd in ["o'brien@x.no", "a\\", "x' or personId gt 0", "a)", "a%27", "a\nb", "\u{2019}", "a\"b", ""] {
            assert_eq!(plain(odd), None, "{odd}");
        }
        let list = List {
            path: "v1/Person",
            provider: "Person",
            columns: &["personId", "email/emailAddress"],
            order: "personId",
        };
        let url = url(&list, "email/emailAddress is 'a+b@c.no'", 20);
        assert_eq!(
            url,
            "v1/Person?%24select=personId%2Cemail%2FemailAddress&%24filter=email%2FemailAddress+is+%27a%2Bb%40c.no%27\
             &%24orderBy=personId&%24top=20"
        );
    }
}
