//! What a server will not do is not asked of it.

use super::fake::{Box, Desk, NOW, Reply};
use clientele_model::Action;

#[tokio::test]
async fn a_server_without_keywords_of_ours_is_not_told_of_any() {
    let mut desk = Desk::new(Box::of(2, "UIDPLUS"), |mailbox, command| {
        let Reply::Ok(answer) = mailbox.answer(command) else { return None };
        let told = "* OK [PERMANENTFLAGS (\\Seen \\Flagged Known)] x\r\n";
        command.starts_with("SELECT").then(|| Reply::Ok(format!("{answer}{told}")))
    })
    .await;
    desk.sync(30).await.unwrap();
    let id = desk.rows()[0].id;
    desk.heard();
    for keyword in ["Offer", "known"] {
        desk.store.operate(&[id], &Action::AddKeyword { keyword: keyword.into() }, NOW).unwrap();
    }
    assert_eq!(desk.client.replay(NOW).await.unwrap(), 1);
    let stored: Vec<String> = desk.heard().into_iter().filter(|command| command.contains("STORE")).collect();
    assert!(stored.len() == 1 && stored[0].ends_with("+FLAGS.SILENT (known)"), "{stored:?}");
    let refused = desk.store.operations_refused().unwrap();
    assert_eq!((refused[0].action.as_str(), refused[0].code.as_str()), ("keyword_add", "keyword_refused"));
    desk.store.operation_discard(refused[0].id).unwrap();
    assert_eq!(desk.rows().into_iter().find(|row| row.id == id).unwrap().flags.keywords, ["known"]);
}
