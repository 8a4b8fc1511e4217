//! The wall of firearms of a city: 300 armouries, most of guns in their slots, some of rounds, half of them inspected today.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use hufu::access::{Door, Identity, Role, matrix};
use hufu::db::Db;
use hufu::firearms::ammunition::{self, Receipt};
use hufu::firearms::armouries::{self, NewArmoury};
use hufu::firearms::arms::{self, NewArm};
use hufu::firearms::inspections::model::Kind;
use hufu::firearms::inspections::service::{self as inspections, NewInspection};
use hufu::firearms::model::{Category, StoreKind};
use hufu::kernel::clock::SetClock;
use hufu::kernel::random::Random;
use hufu::kernel::rights::Reach;
use hufu::kernel::{Actor, Ctx, Fen, Timestamp};
use hufu::web::{self, App};
use tokio::net::TcpListener;

use super::{Office, UNITS, measure, organisation};

const STORES: usize = 300;
/// Every so many-th store is of rounds.
const OF_ROUNDS: usize = 6;
const GUNS: usize = 20;
const LOTS: usize = 4;

async fn fill(db: &Db, ctx: &Ctx, office: &Office) -> Result<usize, hufu::firearms::ArmsError> {
    let mut guns = 0;
    for n in 0..STORES {
        let number = format!("K-{n:03}");
        let kind = if n % OF_ROUNDS == 0 { StoreKind::Ammunition } else { StoreKind::Gun };
        let unit = office.units[n % UNITS];
        let new = NewArmoury { number: number.clone(), name: format!("{number}号库"), kind, unit, in_charge: None };
        armouries::enter(db, ctx, &new).await?;
        if kind == StoreKind::Ammunition {
            for lot in 0..LOTS {
                let receipt = Receipt {
                    armoury: number.clone(),
                    type_name: "9mm手枪弹".to_owned(),
                    lot: format!("L{lot}"),
                    made_on: None,
                    rounds: 1_000,
                    document: "DB-1".to_owned(),
                    note: String::new(),
                };
                ammunition::receive(db, ctx, &receipt).await?;
            }
            continue;
        }
        armouries::add_cabinet(db, ctx, &number, "1", 24).await?;
        for slot in 1..=GUNS {
            guns += 1;
            let new = NewArm {
                document: String::new(),
                number: String::new(),
                model: "92式手枪".to_owned(),
                category: Category::Pistol,
                serial: format!("A{guns:07}"),
                certificate: String::new(),
                ballistic_record: String::new(),
                dedicated_to: None,
                armoury: number.clone(),
                slot: i64::try_from(slot).ok().map(|slot| ("1".to_owned(), slot)),
                issued_on: None,
                value: Fen(300_000),
            };
            arms::enter(db, ctx, &new).await?;
        }
    }
    Ok(guns)
}

/// Makes the city, and asks for its wall.
pub(super) async fn show() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("hufu.db").display());
    let db = Db::open(&url).await.expect("a database");
    db.migrate().await.expect("a schema");
    let clock = Arc::new(SetClock::at(Timestamp(1_795_000_000_000)));
    let ctx = Ctx::new(Actor::Local("bench".to_owned()), clock, Arc::new(Random::seeded(7)));
    let office = organisation(&db, &ctx).await.expect("an organisation");
    let begun = Instant::now();
    let guns = fill(&db, &ctx, &office).await.expect("a ledger");
    let scope = matrix::scope_of(&[(Role::PublicOrder, Reach::Everywhere)]);
    let brigade = ctx.acting_as(Actor::Person(office.people[0]), scope);
    for n in (0..STORES).step_by(2) {
        let new = NewInspection { armoury: format!("K-{n:03}"), kind: Kind::Daily, occasion: String::new() };
        inspections::open(&db, &brigade, &new).await.expect("an inspection");
    }
    println!("{STORES} armouries with {guns} guns entered in {:.1} s", begun.elapsed().as_secs_f64());
    let who = Identity {
        ctx: brigade.clone(),
        account: ctx.new_id(),
        login: "bench".to_owned(),
        person: brigade.person(),
        session: None,
        door: Door::Certificate,
        csrf: "0".repeat(64),
        must: Vec::new(),
        note_seen: false,
    };
    let router = web::router(App::new(db.clone(), ctx)).layer(Extension(brigade)).layer(Extension(who));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    measure(address, "the wall", vec!["/firearms/wall".to_owned()]).await;
    measure(address, "today's inspections", vec!["/firearms/inspections".to_owned()]).await;
}
