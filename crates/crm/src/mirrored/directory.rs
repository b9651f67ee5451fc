//! What is known on this computer: the mirror's own answers.

use super::Mirrored;
use crate::{
    Activity, Company, Directory, FollowUp, Line, Person, Project, Record, Remote, Result, Sale, Selection, Who,
};
use clientele_model::{RecordKind, RecordRef};

impl<R: Remote> Directory for Mirrored<R> {
    fn people_by_email(&self, email: &str) -> Result<Vec<Person>> {
        self.mirror.people_by_email(email)
    }
    fn who(&self, email: &str) -> Result<Vec<Who>> {
        self.mirror.who(email)
    }
    fn only_sale(&self, company: &str) -> Result<Option<(String, String)>> {
        self.mirror.only_sale(company)
    }
    fn companies_by_domain(&self, domain: &str) -> Result<Vec<Company>> {
        self.mirror.companies_by_domain(domain)
    }
    fn company(&self, id: &str) -> Result<Company> {
        self.mirror.company(id)
    }
    fn person(&self, id: &str) -> Result<Person> {
        self.mirror.person(id)
    }
    fn open_sales(&self, of: RecordKind, id: &str) -> Result<Vec<Sale>> {
        self.mirror.open_sales(of, id)
    }
    fn sale(&self, id: &str) -> Result<Sale> {
        self.mirror.sale(id)
    }
    fn open_projects(&self, company: &str) -> Result<Vec<Project>> {
        self.mirror.open_projects(company)
    }
    fn project(&self, id: &str) -> Result<Project> {
        self.mirror.project(id)
    }
    fn activities(&self, of: RecordKind, id: &str, limit: u32) -> Result<Vec<Activity>> {
        self.mirror.activities(of, id, limit)
    }
    fn follow_ups(&self, of: RecordKind, id: &str) -> Result<Vec<FollowUp>> {
        self.mirror.follow_ups(of, id)
    }
    fn follow_ups_open(&self, limit: u32) -> Result<Vec<FollowUp>> {
        self.mirror.follow_ups_open(limit)
    }
    fn follow_up(&self, id: &str) -> Result<FollowUp> {
        self.mirror.follow_up(id)
    }
    fn selections(&self) -> Result<Vec<Selection>> {
        self.mirror.selections()
    }
    fn selected(&self, selection: &str, record: &RecordRef) -> Result<bool> {
        self.mirror.selected(selection, record)
    }
    fn selection_members(&self, selection: &str) -> Result<Vec<RecordRef>> {
        self.mirror.selection_members(selection)
    }
    fn browse(&self, kind: RecordKind, query: &str, after: &str, limit: u32) -> Result<Vec<Line>> {
        self.mirror.browse(kind, query, after, limit)
    }
    fn people_of(&self, company: &str, limit: u32) -> Result<Vec<Person>> {
        self.mirror.people_of(company, limit)
    }
    fn unasked(&self, email: &str) -> Result<bool> {
        self.mirror.unasked(email)
    }
    fn unlooked(&self, record: &RecordRef) -> Result<bool> {
        self.mirror.unlooked(record)
    }
    fn search_companies(&self, query: &str, limit: u32) -> Result<Vec<Company>> {
        self.mirror.search_companies(query, limit)
    }
    fn search_people(&self, query: &str, limit: u32) -> Result<Vec<Person>> {
        self.mirror.search_people(query, limit)
    }
    fn search(&self, query: &str, limit: u32) -> Result<Vec<Record>> {
        self.mirror.search(query, limit)
    }
}
