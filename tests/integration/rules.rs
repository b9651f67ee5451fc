//! Archiving by itself, and mails that never are.

use crate::{archive::with_customer, kit::Person};
use serde_json::json;

fn activities(person: &Person) -> Vec<String> {
    let crm = person.database("crm.db");
    let mut select = crm.prepare("SELECT title FROM activity ORDER BY title").unwrap();
    let titles = select.query_map([], |row| row.get(0)).unwrap();
    titles.collect::<Result<_, _>>().unwrap()
}

/// Nothing is taken before it is switched on, each mail once, and what it leaves alone has its reason.
#[test]
fn a_rule_takes_what_comes_after_it_was_switched_on() {
    let person = with_customer();
    person.run(&["rule", "run"]).ok();
    let rule = person.run(&["rule", "add", "Fjord", "--domain", "fjord.example"]).ok().json();
    let id = rule["id"].as_str().unwrap().to_owned();
    assert_eq!(rule["on"], false);
    let preview = person.run(&["rule", "preview", &id]).ok().json();
    assert_eq!(preview["taken"][0]["row"]["subject"], "About the pumps", "{preview}");
    assert!(activities(&person).is_empty(), "a preview archives nothing");
    person.run(&["rule", "on", &id]).ok();
    person.receive("Anna Berg <anna@fjord.example>", "After it");
    person.receive("Evil <anna@evil-fjord.example>", "From another domain");
    person.run(&["sync"]).ok();
    assert_eq!(person.run(&["rule", "run"]).ok().json()["taken"], 1);
    assert_eq!(activities(&person), ["After it"], "and not the one that was there before");
    assert_eq!(person.run(&["rule", "run"]).ok().json()["taken"], 0);
    let taken = person.run(&["person", "show", &person.find("After it")]).ok().json();
    assert_eq!(taken["archived"]["automatic"], true, "{taken}");
    let left = person.run(&["person", "show", &person.find("From another domain")]).ok().json();
    assert_eq!(left["skipped"], "no_match", "{left}");
    // Taken back by hand, it stays out.
    person.run(&["archive", &person.find("After it"), "--undo"]).ok();
    person.run(&["rule", "run"]).ok();
    assert!(activities(&person).is_empty());
}

/// By key, by rule, with its conversation, and where it was marked after it was queued.
#[test]
fn a_private_mail_never_reaches_the_crm() {
    let person = with_customer();
    let id = person.find("About the pumps");
    person.run(&["rule", "run"]).ok();
    assert_eq!(person.list(&["--filter", "not-archived"]).len(), 1);
    person.run(&["private", &id, "--conversation"]).ok();
    assert_eq!(person.list(&[])[0]["private"], true);
    assert!(person.list(&["--filter", "not-archived"]).is_empty());
    let refused = person.run(&["archive", &id]);
    assert_eq!((refused.code, refused.error().as_str()), (1, "private"), "{refused:?}");
    let all = person.run(&["archive", &id, "--conversation", "--on", "company:fjord"]);
    assert_eq!(all.error(), "private");
    let rule = person.run(&["rule", "add", "All", "--known-only"]).ok().json();
    let preview = person.run(&["rule", "preview", rule["id"].as_str().unwrap()]).ok().json();
    assert_eq!((&preview["taken"], &preview["skipped"][0]["reason"]), (&json!([]), &json!("private")), "{preview}");

    // Queued while it was not private: the queue looks again.
    person.run(&["private", &id, "--conversation", "--off"]).ok();
    let local = person.database("local.db");
    let message: String = {
        let mail = person.database("mail.db");
        mail.query_row("SELECT message_id FROM message WHERE id = ?", [&id], |row| row.get(0)).unwrap()
    };
    local
        .execute(
            "INSERT INTO archive (account, message_id, records, state, by, date, next_try)
             VALUES (1, ?, '[{\"kind\":\"company\",\"id\":\"fjord\",\"name\":\"Fjord AS\"}]', 'queued', 'x', 1, 1)",
            [&message],
        )
        .unwrap();
    drop(local);
    person.run(&["private", &id]).ok();
    person.run(&["rule", "run"]).ok();
    assert!(activities(&person).is_empty(), "nothing left this computer");
    let shown = person.run(&["person", "show", &id]).ok().json();
    assert_eq!((&shown["archived"]["state"], &shown["archived"]["code"]), (&json!("failed"), &json!("private")));
}

/// With a title, and its later mails by themselves.
#[test]
fn a_conversation_goes_on_by_itself_where_it_was_said() {
    let person = with_customer();
    person.run(&["rule", "run"]).ok();
    let id = person.find("About the pumps");
    let first = person.run(&["archive", &id, "--follow", "--title", "Pumps, first"]).ok().json();
    assert_eq!(first[0]["state"], "done", "{first}");
    assert_eq!(activities(&person), ["Pumps, first"]);
    person.run_with(&["send", "--reply", &id, "--subject", "Re: About the pumps"], "Yes.").ok();
    person.run(&["sync"]).ok();
    person.run(&["rule", "run"]).ok();
    assert_eq!(activities(&person).len(), 2, "{:?}", activities(&person));
    let sale = person.list(&["--record", "company:fjord"]);
    assert_eq!(sale.len(), 2, "received and sent: {sale:?}");
}
