//! SuperOffice, in its double. What the double answers is held to the vendor's own client in the second test.

use crate::{Bench, Held, Trouble, cases, mails, refresh};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_auth::{OAuth, Page, Redirect, Resource, SecretStore, SecretsConfig};
use clientele_crm::{
    Crm, CrmError, Mirror, Mirrored, Remote as _, Visible,
    adapter::superoffice::{Setup, Site, SuperOffice, provider, tenant},
    archive,
};
use clientele_model::{Credential, Endpoint, RecordKind, RecordRef, Secret, Security, Token, TokenSource};
use clientele_net::{Limits, Net, NetConfig};
use clientele_store::{ArchiveState, NewAccount, Store};
use clientele_tests::world::{
    PASSWORD,
    superoffice::{CLIENT, Fault, SuperOffice as Double, TENANT},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

struct Tenant {
    folder: tempfile::TempDir,
    double: Double,
    net: Net,
    sign_in: Arc<dyn TokenSource>,
    crm: Mutex<Arc<dyn Crm>>,
}

impl Tenant {
    /// Signed in through the browser's way, as a person is.
    async fn start() -> Tenant {
        let folder = tempfile::tempdir().unwrap();
        let double = Double::start().unwrap();
        let net = Net::new(NetConfig::default()).unwrap();
        let secrets = SecretsConfig { keyring: false, memory: true, ..SecretsConfig::new(folder.path()) };
        let oauth = OAuth::new(net.clone(), SecretStore::open(secrets).await.unwrap());
        // Any port: the real ones are fixed, and two tests would want the same.
        let provider = clientele_auth::Provider {
            redirect: Redirect::Loopback127,
            ..provider(&double.identity(), CLIENT, TENANT)
        };
        let pending = oauth.begin(&provider, "kari@nord.example", Page::default()).await.unwrap();
        assert!(pending.url().contains("acr_values=tenant%3ACust12345") && pending.url().contains("S256"));
        let asked = net.web().get(pending.url(), Limits::default()).await.unwrap();
        let back = asked.redirect().unwrap();
        let web = net.web();
        let visit = tokio::spawn(async move { web.get(&back, Limits::default()).await.unwrap().status });
        let grant = pending.wait().await.unwrap();
        assert_eq!(visit.await.unwrap(), 200);
        assert_eq!(tenant(&grant).as_deref(), Some(TENANT));
        oauth.keep("crm-1", &provider, grant).await.unwrap();
        let sign_in = oauth.source("crm-1", &provider, Resource::Mail);
        let crm = mirrored(&net, &double, sign_in.clone(), &folder, "mirror.db");
        Tenant { folder, double, net, sign_in, crm: Mutex::new(crm) }
    }
}

fn setup(double: &Double, sign_in: Arc<dyn TokenSource>) -> Setup {
    Setup {
        site: Site::Online { identity: double.identity(), tenant: TENANT.into() },
        sign_in,
        user: String::new(),
        hosts: vec!["127.0.0.1".into()],
        language: "en".into(),
    }
}

fn mirrored(
    net: &Net,
    double: &Double,
    sign_in: Arc<dyn TokenSource>,
    folder: &tempfile::TempDir,
    name: &str,
) -> Arc<dyn Crm> {
    let mirror = Mirror::open(&folder.path().join(name)).unwrap();
    Arc::new(Mirrored::new(SuperOffice::new(net, setup(double, sign_in)), mirror))
}

fn fault(method: &'static str, path: &'static str, status: u16) -> Fault {
    Fault { method, path, times: 1, status, ..Fault::default() }
}

impl Bench for Tenant {
    fn name(&self) -> &'static str {
        "superoffice"
    }
    fn crm(&self) -> Arc<dyn Crm> {
        self.crm.lock().unwrap().clone()
    }
    fn company(&self, name: &str, domain: &str) -> String {
        let value =
            json!({ "Name": name, "Domains": [domain], "Urls": [{ "Value": format!("https://www.{domain}/") }] });
        self.double.put("Contact", value, 5).unwrap().to_string()
    }
    fn person(&self, name: &str, emails: &[&str], company: &str) -> String {
        let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
        let emails: Vec<Value> = emails.iter().map(|email| json!({ "Value": email })).collect();
        let contact = json!({ "ContactId": company.parse::<u64>().unwrap() });
        let value = json!({ "Firstname": first, "Lastname": last, "Emails": emails, "Contact": contact });
        self.double.put("Person", value, 5).unwrap().to_string()
    }
    fn sale(&self, name: &str, company: &str) -> String {
        let contact = json!({ "ContactId": company.parse::<u64>().unwrap() });
        self.double.put("Sale", json!({ "Heading": name, "Contact": contact }), 5).unwrap().to_string()
    }
    fn rename_person(&self, id: &str, name: &str) {
        let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
        let id: u64 = id.parse().unwrap();
        self.double.put("Person", json!({ "PersonId": id, "Firstname": first, "Lastname": last }), 6).unwrap();
    }
    fn remove_person(&self, id: &str) {
        self.double.remove("Person", id.parse().unwrap()).unwrap();
    }
    /// Into a mirror of its own: they were there before it was filled. Fewer rows a page than are asked for.
    fn many(&self, people: u32) {
        self.double.wish(json!({ "pageMost": 300 })).unwrap();
        self.double.seed(200, people, 50).unwrap();
        let one = |number: u32| {
            let value = json!({ "Lastname": "M", "Emails": [{ "Value": format!("person{number}@mange.example") }] });
            self.double.put("Person", value, 5).unwrap();
        };
        one(0);
        one(people - 1);
        *self.crm.lock().unwrap() = mirrored(&self.net, &self.double, self.sign_in.clone(), &self.folder, "other.db");
    }
    fn rename_company(&self, id: &str, name: &str) -> Option<()> {
        let id: u64 = id.parse().unwrap();
        self.double.put("Contact", json!({ "ContactId": id, "Name": name }), 6).ok().map(drop)
    }
    fn rename_sale(&self, id: &str, name: &str) -> Option<()> {
        let id: u64 = id.parse().unwrap();
        self.double.put("Sale", json!({ "SaleId": id, "Heading": name }), 6).ok().map(drop)
    }
    fn selection(&self, name: &str, members: &[RecordRef]) -> Option<String> {
        let member = |one: &RecordRef| {
            let key = if one.kind == RecordKind::Person { "PersonId" } else { "ContactId" };
            json!({ key: one.id.parse::<u64>().unwrap() })
        };
        let value = json!({ "Name": name, "Members": members.iter().map(member).collect::<Vec<_>>() });
        self.double.put("Selection", value, 6).ok().map(|id| id.to_string())
    }
    fn files(&self, key: &str) -> Option<Vec<Held>> {
        let all = self.double.documents(key).unwrap();
        assert!(all.iter().all(|one| one["Name"].as_str().unwrap().ends_with(".pdf")), "without its ending");
        Some(self.held(key))
    }
    fn held_as(&self, message_id: &str) -> Option<(String, Visible)> {
        let all = self.double.documents(message_id).unwrap();
        let one = all.first().unwrap();
        let visible = match one["VisibleFor"].as_array().and_then(|all| all.first()) {
            Some(one) if one["Visibility"] == "Associate" && one["VisibleId"] == 5 => Visible::Me,
            Some(one) if one["Visibility"] == "Group" && one["VisibleId"] == 2 => Visible::Group,
            Some(other) => panic!("visible for {other}"),
            None => Visible::All,
        };
        Some((one["DocumentTemplate"]["DocumentTemplateId"].to_string(), visible))
    }
    fn held(&self, message_id: &str) -> Vec<Held> {
        let all = self.double.documents(message_id).unwrap();
        let held = all.iter().map(|one| {
            let mut records = Vec::new();
            for (kind, name, key) in [
                ("company", "Contact", "ContactId"),
                ("person", "Person", "PersonId"),
                ("sale", "Sale", "SaleId"),
                ("project", "Project", "ProjectId"),
            ] {
                records.extend(one[name][key].as_u64().map(|id| format!("{kind} {id}")));
            }
            for link in one["Links"].as_array().into_iter().flatten() {
                let kind =
                    if link["EntityName"] == "contact" { "company" } else { link["EntityName"].as_str().unwrap() };
                records.push(format!("{kind} {}", link["Id"]));
            }
            records.sort();
            Held { bytes: one["Bytes"].as_str().map(|bytes| BASE64_STANDARD.decode(bytes).unwrap()), records }
        });
        held.collect()
    }
    fn colleague_archives(&self, message_id: &str, company: &str) -> Option<()> {
        let contact = json!({ "ContactId": company.parse::<u64>().unwrap() });
        let value = json!({ "Header": "Tilbud", "ExternalRef": message_id, "Contact": contact });
        self.double.put("Document", value, 6).unwrap();
        Some(())
    }
    fn trouble(&self, trouble: Trouble) -> Option<()> {
        let wished = match trouble {
            Trouble::LostAnswer => Fault { lost: true, ..fault("POST", "^v1/Document$", 0) },
            Trouble::LostUpload => Fault { lost: true, ..fault("PUT", "^v1/Document/\\d+/Content$", 0) },
            Trouble::RateLimited => {
                let headers = BTreeMap::from([("retry-after", "17".to_owned())]);
                Fault { headers, ..fault("POST", "^v1/Document$", 429) }
            }
            Trouble::Maintenance => Fault { body: json!("<html>Back soon</html>"), ..fault("", "", 200) },
            Trouble::Forbidden => {
                let body = json!({
                    "Error": true, "ErrorType": "SoSentryException", "ErrorMessage": "You may not insert\n documents"
                });
                Fault { body, ..fault("POST", "^v1/Document$", 403) }
            }
            Trouble::Unreachable => fault("", "", 502),
            Trouble::Expired => return self.double.expire().ok(),
            Trouble::Revoked => return self.double.revoke().ok(),
        };
        self.double.fault(&wished).ok()
    }
    fn well(&self) {
        self.double.well().unwrap();
    }
}

#[tokio::test]
async fn superoffice_does_what_every_crm_does() {
    cases::all(&Tenant::start().await).await;
}

#[tokio::test]
async fn the_vendors_own_client_reads_what_was_archived_and_finds_the_double_right() {
    let tenant = Tenant::start().await;
    let (one, two) = (tenant.company("En AS", "en.example"), tenant.company("To AS", "to.example"));
    let other = tenant.person("B", &["b@to.example"], &two);
    let on = vec![mails::company(&one), crate::record(RecordKind::Person, &other)];
    let outcome = tenant.crm().archive(mails::mail("vendor@x.example", on, false, 1)).await.unwrap();
    let said = tenant.double.vendor(&outcome.activity).unwrap();
    for (call, came) in &said {
        println!("{came:<4} {call}");
    }
    assert!(said.len() >= 14 && said.values().all(|came| came == "ok"), "{said:#?}");
}

#[tokio::test]
async fn a_tenant_that_moves_is_followed_once_and_a_token_goes_nowhere_else() {
    let tenant = Tenant::start().await;
    let crm = tenant.crm();
    crm.me().await.unwrap();
    tenant.double.move_tenant().unwrap();
    assert_eq!(crm.associates().await.unwrap().len(), 2, "421, the state, and the other server");
    let asked = tenant.double.requests().unwrap();
    assert_eq!(asked.iter().filter(|one| one.status == 421).count(), 1);

    // The state names a server that is neither the vendor's nor the administrator's.
    let mut elsewhere = setup(&tenant.double, tenant.sign_in.clone());
    elsewhere.hosts.clear();
    let before = tenant.double.requests().unwrap().len();
    let crm = SuperOffice::new(&tenant.net, elsewhere);
    assert!(matches!(crm.me().await, Err(CrmError::ServerNotAllowed)));
    assert_eq!(tenant.double.requests().unwrap().len(), before + 1, "the state was asked for, and nothing else");

    for (state, closed) in [("OfflineMaintenance", true), ("Suspended", false)] {
        tenant.double.wish(json!({ "state": state })).unwrap();
        let crm = SuperOffice::new(&tenant.net, setup(&tenant.double, tenant.sign_in.clone()));
        match crm.me().await {
            Err(CrmError::Maintenance) => assert!(closed),
            Err(CrmError::NotRunning(said)) => assert!(!closed && said == "Suspended"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn on_site_a_password_signs_in_and_a_wrong_one_is_shown_once() {
    let tenant = Tenant::start().await;
    let on_site = |password: &str| {
        let site = Site::OnSite { api: tenant.double.on_site() };
        let sign_in: Arc<dyn TokenSource> = Arc::new(Credential::password(password));
        SuperOffice::new(
            &tenant.net,
            Setup { site, sign_in, user: "ola".into(), ..setup(&tenant.double, tenant.sign_in.clone()) },
        )
    };
    assert_eq!(on_site(PASSWORD).me().await.unwrap().name, "Ola Nord");
    tenant.double.well().unwrap();
    assert!(matches!(on_site("wrong").me().await, Err(CrmError::SignInAgain)));
    assert_eq!(tenant.double.requests().unwrap().len(), 1, "a second time would lock the user out sooner");
}

#[tokio::test]
async fn the_mail_agent_is_used_where_the_tenant_grants_it() {
    let tenant = Tenant::start().await;
    let at = tenant.company("Agent AS", "agent.example");
    let id = tenant.person("Agnes", &["agnes@agent.example"], &at);
    tenant.double.wish(json!({ "emailAgent": true })).unwrap();
    let crm = SuperOffice::new(&tenant.net, setup(&tenant.double, tenant.sign_in.clone()));
    let found = crm.people_by_email("AGNES@agent.example").await.unwrap();
    assert_eq!((found.len(), found[0].id.as_str()), (1, id.as_str()));
    let lists = tenant.double.requests().unwrap();
    assert!(lists.iter().all(|one| one.path != "v1/Person"), "no list was needed");
    assert_eq!(crm.preference("Mail", "ArchiveSentMsg").await.unwrap().as_deref(), Some("1"));
    assert_eq!(crm.preference("Mail", "Nothing").await.unwrap(), None);
}

#[tokio::test]
async fn what_is_around_a_company_is_read_when_it_is_looked_at() {
    let tenant = Tenant::start().await;
    let crm = tenant.crm();
    let at = tenant.company("Rundt AS", "rundt.example");
    let project = json!({ "Name": "Utrulling", "ProjectMembers": [{ "ContactId": at.parse::<u64>().unwrap() }] });
    let project = tenant.double.put("Project", project, 5).unwrap().to_string();
    let sale = tenant.sale("Kabel", &at);
    refresh(&*crm).await.unwrap();
    assert!(crm.open_projects(&at).unwrap().is_empty(), "a list does not say whose a project is");
    crm.look_again(RecordRef { kind: RecordKind::Company, id: at.clone() }).await.unwrap();
    assert_eq!(crm.open_projects(&at).unwrap()[0].id, project);
    let open = crm.open_sales(RecordKind::Company, &at).unwrap();
    assert_eq!((open[0].id.as_str(), open[0].stage.as_str()), (sale.as_str(), "First contact"));
    assert_eq!((open[0].stage_index, open[0].stage_count, open[0].currency.as_str()), (1, 4, "NOK"));
    let page = crm.page(&RecordRef { kind: RecordKind::Company, id: at.clone() }).unwrap();
    assert!(page.ends_with(&format!("/{TENANT}/default.aspx?contact_id={at}")), "{page}");
}

/// An access token that is good until it is not.
struct Given(Secret);

impl TokenSource for Given {
    fn credential(&self) -> Token<'_> {
        Box::pin(async { Ok(Credential::Bearer(self.0.clone())) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_who_archive_one_mail_at_once_have_it_there_once() {
    let tenant = Tenant::start().await;
    let at = tenant.company("Samtidig AS", "samtidig.example");
    let of = |user: &str| {
        let sign_in = Arc::new(Given(Secret::new(tenant.double.token(user).unwrap())));
        Arc::new(SuperOffice::new(&tenant.net, setup(&tenant.double, sign_in)))
    };
    let (kari, ola) = (of("kari"), of("ola"));
    for round in 0..10 {
        let id = format!("race-{round}@x.example");
        let mail = mails::mail(&id, vec![mails::company(&at)], false, 1);
        let (one, two) = tokio::join!(kari.archive(mail.clone()), ola.archive(mail));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.activity, two.activity, "both are told of the same");
        assert!(one.already != two.already, "and who was first: {one:?} {two:?}");
        let held = tenant.held(&id);
        assert_eq!(held.len(), 1);
        assert!(held[0].bytes.is_some(), "with its bytes");
    }
}

#[tokio::test]
async fn a_mail_waits_as_long_as_the_crm_asks_for_and_is_then_there_once() {
    let tenant = Tenant::start().await;
    let crm = tenant.crm();
    let at = tenant.company("Vent AS", "vent.example");
    refresh(&*crm).await.unwrap();
    let (store, _) = Store::open(tenant.folder.path()).unwrap();
    let server = Endpoint { host: "mail.example".into(), port: 993, security: Security::Tls };
    let account = store
        .account_add(&NewAccount {
            email: "kari@nord.example".into(),
            name: "Kari".into(),
            incoming: server.clone(),
            incoming_user: String::new(),
            outgoing: server,
            outgoing_user: String::new(),
            days: 0,
            oauth: None,
        })
        .unwrap();
    let raw = mails::mail("queue@x.example", Vec::new(), false, 0).eml;
    let on = vec![mails::company(&at)];
    store.archive_queue(account, "queue@x.example", &on, "Kari", 1000).unwrap();
    let work = async |now| {
        let raw: Arc<[u8]> = raw.clone().into();
        archive::run_once(&store, crm.clone(), now, |_| async move { Some(raw) }).await.unwrap()
    };
    tenant.trouble(Trouble::RateLimited).unwrap();
    assert_eq!(work(1000).await.unwrap().state, ArchiveState::Queued);
    assert_eq!(store.archive_due().unwrap(), Some(1017), "as long as it asked for");
    assert!(work(1016).await.is_none());
    tenant.trouble(Trouble::LostAnswer).unwrap();
    assert_eq!(work(1017).await.unwrap().state, ArchiveState::Queued, "the answer was lost");
    let row = work(2000).await.unwrap();
    assert_eq!((row.state, row.already), (ArchiveState::Done, false), "it was oneself: it can be undone");
    assert_eq!(tenant.held("queue@x.example").len(), 1);
    archive::undo(&store, crm.clone(), row.id).await.unwrap();
    assert!(tenant.held("queue@x.example").is_empty());
}
