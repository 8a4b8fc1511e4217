//! Every operation that the OpenAPI document tells of is called: nobody signed in gets 401 and learns nothing more; who
//! holds every right but the one it takes is refused; who holds that one right is let in. An operation that is not in the
//! table below fails the test: who may do it is then nobody's word.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(dead_code, reason = "each test binary uses its part of the office")]

#[path = "openapi_walk/call.rs"]
mod call;
mod support;
#[path = "openapi_walk/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::{Extension, Router};
use axum_test::TestServer;
use call::{Operation, operations};
use hufu::access::{Action, Door, Identity, matrix};
use hufu::kernel::rights::{Reach, Scope};
use hufu::kernel::{Actor, Ctx};
use hufu::web::{self, App};
use support::{DAY, Office, first_day};
use table::{TABLE, Who};

/// The server, and whoever asks it.
struct Visitors {
    office: Office,
    router: Router,
}

impl Visitors {
    /// An office with a thing, an open campaign and a scan in it.
    async fn come() -> Self {
        use hufu::stocktake::campaign::{self, Opening};
        let office = Office::found().await;
        office.register(&[office.new_item("A-1", 0)]).await;
        office.clock.advance_ms(DAY);
        let opening = Opening {
            number: "T".to_owned(),
            name: "盘点".to_owned(),
            baseline_on: first_day(),
            from: first_day(),
            to: first_day(),
            blind: false,
            scope: hufu::stocktake::scope::Scope::default(),
        };
        campaign::open(&office.db, &office.ctx, &opening).await.unwrap();
        let router = web::router(App::new(office.db.clone(), office.ctx.clone()));
        Self { office, router }
    }

    /// Who holds these rights over everything.
    fn with(&self, actions: impl IntoIterator<Item = Action>) -> Ctx {
        let rights = actions.into_iter().map(|action| (action.name(), Reach::Everywhere)).collect();
        self.office.ctx.acting_as(Actor::Person(self.office.people[0][1]), Scope::Rights(Arc::new(rights)))
    }

    /// What the operation answers to `ctx`; to nobody at all when there is none.
    async fn ask(&self, operation: &Operation, ctx: Option<Ctx>) -> (u16, String) {
        let router = match ctx {
            Some(ctx) => {
                let session = self.office.ctx.new_id();
                let me = Identity {
                    account: self.office.ctx.new_id(),
                    login: "somebody".to_owned(),
                    person: Some(self.office.people[0][1]),
                    session: Some(session),
                    door: Door::Session(session),
                    csrf: String::new(),
                    must: Vec::new(),
                    note_seen: false,
                    ctx: ctx.clone(),
                };
                self.router.clone().layer(Extension(ctx)).layer(Extension(me))
            }
            None => self.router.clone(),
        };
        operation.call(&TestServer::new(router), &self.office).await
    }
}

fn who(operation: &str) -> Option<&'static Who> {
    TABLE.iter().find(|(name, _)| *name == operation).map(|(_, who)| who)
}

#[test]
fn every_operation_has_its_case_and_every_case_its_operation() {
    let told: BTreeSet<String> = operations().into_iter().map(|operation| operation.id).collect();
    let listed: BTreeSet<&str> = TABLE.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed.len(), TABLE.len(), "one line an operation");
    let without: Vec<&String> = told.iter().filter(|id| !listed.contains(id.as_str())).collect();
    // There is no list of exceptions: none was ever needed.
    assert!(without.is_empty(), "operations whose case nobody wrote: {without:?}");
    let gone: Vec<&&str> = listed.iter().filter(|id| !told.contains(**id)).collect();
    assert!(gone.is_empty(), "cases of no operation: {gone:?}");
    for (id, who) in TABLE {
        if let Who::May(actions) | Who::Either(actions) = who {
            for action in *actions {
                assert!(!matrix::roles_for(*action).is_empty(), "{id}: no role may {}", action.name());
            }
        }
    }
}

#[tokio::test]
async fn nobody_gets_in_without_signing_in() {
    let visitors = Visitors::come().await;
    let mut wrong = Vec::new();
    for operation in operations() {
        let (status, said) = visitors.ask(&operation, None).await;
        let public = matches!(who(&operation.id), Some(Who::Anybody));
        if public == (status == 401) {
            wrong.push(format!("{} answers {status} to nobody: {said}", operation.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// All rights but the one it takes; none at all.
#[tokio::test]
async fn without_the_right_it_is_refused() {
    let visitors = Visitors::come().await;
    let mut wrong = Vec::new();
    for operation in operations() {
        // What is taken from who holds all rights: each that is needed, or all of which one is.
        let taken: Vec<&[Action]> = match who(&operation.id) {
            Some(Who::May(needed)) => needed.chunks(1).collect(),
            Some(Who::Either(any)) => vec![any],
            _ => continue,
        };
        for missing in taken {
            let others = Action::ALL.iter().copied().filter(|action| !missing.contains(action));
            for (whose, ctx) in [("all other rights", visitors.with(others)), ("no right", visitors.with([]))] {
                let (status, said) = visitors.ask(&operation, Some(ctx)).await;
                if !matches!(status, 403 | 404) {
                    wrong.push(format!("{} answers {status} to {whose}, without {missing:?}: {said}", operation.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Just the rights it takes and no other: whatever else is the matter, it is not that they may not.
#[tokio::test]
async fn with_the_right_it_is_let_in() {
    let visitors = Visitors::come().await;
    let mut wrong = Vec::new();
    for operation in operations() {
        let enough: Vec<Vec<Action>> = match who(&operation.id) {
            Some(Who::May(needed)) => vec![needed.to_vec()],
            Some(Who::Either(any)) => any.iter().map(|one| vec![*one]).collect(),
            Some(Who::SignedIn) => vec![Vec::new()],
            _ => continue,
        };
        for rights in enough {
            let (status, said) = visitors.ask(&operation, Some(visitors.with(rights.clone()))).await;
            if matches!(status, 401 | 403) || status >= 500 {
                wrong.push(format!("{} answers {status} to who has {rights:?}: {said}", operation.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
