use crate::{Bench, Held, Trouble, cases};
use clientele_crm::{Company, Crm, Directory, Embedded, Seed, SeedPerson, SeedSale};
use clientele_model::RecordRef;
use rusqlite::Connection;
use std::{path::PathBuf, sync::Arc};

struct OnThisComputer {
    _folder: tempfile::TempDir,
    path: PathBuf,
    crm: Embedded,
}

impl OnThisComputer {
    fn seed(&self, seed: Seed) {
        self.crm.import(&seed).unwrap();
    }

    fn kept(&self, column: &str, key: &str) -> Vec<Held> {
        let db = Connection::open(&self.path).unwrap();
        let mut all = db.prepare(&format!("SELECT id, eml FROM activity WHERE {column} = ?1")).unwrap();
        let rows = all.query_map([key], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(|row| {
            let (id, eml): (String, Vec<u8>) = row.unwrap();
            let mut on = db.prepare("SELECT kind || ' ' || record FROM activity_record WHERE activity = ?1").unwrap();
            let mut records: Vec<String> = on.query_map([id], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            records.sort();
            Held { bytes: Some(zstd::decode_all(eml.as_slice()).unwrap()), records }
        })
        .collect()
    }

    fn next(&self, kind: &str) -> String {
        format!("{kind}{}", self.crm.count().unwrap() + 1)
    }
}

impl Bench for OnThisComputer {
    fn name(&self) -> &'static str {
        "embedded"
    }
    fn crm(&self) -> Arc<dyn Crm> {
        Arc::new(self.crm.clone())
    }
    fn company(&self, name: &str, domain: &str) -> String {
        let id = self.next("c");
        let one = Company { id: id.clone(), name: name.into(), domains: vec![domain.into()], ..Company::default() };
        self.seed(Seed { companies: vec![one], ..Seed::default() });
        id
    }
    fn person(&self, name: &str, emails: &[&str], company: &str) -> String {
        let id = self.next("p");
        let emails = emails.iter().map(|&email| email.to_owned()).collect();
        let one =
            SeedPerson { id: id.clone(), name: name.into(), emails, company: company.into(), ..SeedPerson::default() };
        self.seed(Seed { people: vec![one], ..Seed::default() });
        id
    }
    fn sale(&self, name: &str, company: &str) -> String {
        let mut one = SeedSale::default();
        one.sale.id = self.next("s");
        one.sale.name = name.into();
        one.sale.company = company.into();
        one.sale.open = true;
        let id = one.sale.id.clone();
        self.seed(Seed { sales: vec![one], ..Seed::default() });
        id
    }
    fn rename_person(&self, id: &str, name: &str) {
        let person = self.crm.person(id).unwrap();
        let company = person.company.map(|one| one.id).unwrap_or_default();
        let one =
            SeedPerson { id: id.into(), name: name.into(), emails: person.emails, company, ..SeedPerson::default() };
        self.seed(Seed { people: vec![one], ..Seed::default() });
    }
    fn remove_person(&self, id: &str) {
        Connection::open(&self.path).unwrap().execute("DELETE FROM person WHERE id = ?1", [id]).unwrap();
    }
    fn many(&self, people: u32) {
        let one = |number| SeedPerson {
            id: format!("many{number}"),
            name: format!("Person {number}"),
            emails: vec![format!("person{number}@mange.example")],
            ..SeedPerson::default()
        };
        self.seed(Seed { people: (0..people).map(one).collect(), ..Seed::default() });
    }
    fn selection(&self, name: &str, members: &[RecordRef]) -> Option<String> {
        Some(self.crm.selection_save("", name, members).unwrap().id)
    }
    fn files(&self, key: &str) -> Option<Vec<Held>> {
        Some(self.kept("file", key))
    }
    fn held(&self, message_id: &str) -> Vec<Held> {
        self.kept("message_id", message_id)
    }
    fn colleague_archives(&self, _message_id: &str, _company: &str) -> Option<()> {
        None
    }
    fn trouble(&self, _trouble: Trouble) -> Option<()> {
        None
    }
    fn well(&self) {}
}

#[tokio::test]
async fn the_embedded_crm_does_what_every_crm_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    let crm = Embedded::open(&path).unwrap();
    cases::all(&OnThisComputer { _folder: folder, path, crm }).await;
}
