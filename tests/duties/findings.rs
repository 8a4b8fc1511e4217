//! What was found is explained by its owner, verified by somebody else, and closed with evidence; a stocktake opens
//! what it found once.

use hufu::access::Role;
use hufu::chores;
use hufu::db::DbError;
use hufu::findings::entity::finding;
use hufu::findings::model::{EventKind, Refusal, State};
use hufu::findings::service::{self, NewEvidence, Target};
use hufu::findings::store::{self, Wanted};
use hufu::findings::{EvidenceKind, FindingError, Kind, NewFinding, open_many};
use hufu::items::entity::item;
use hufu::jobs::Runner;
use hufu::journal::RowsDigest;
use hufu::kernel::ids::FindingId;
use hufu::kernel::{Ctx, Quantity, Timestamp};
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, NewScan};
use hufu::stocktake::entity::missing_case;
use hufu::stocktake::model::Condition;
use hufu::stocktake::scope::Scope;
use sea_orm::EntityTrait as _;

use super::support::{DAY, MINUTE, Office, badge};
use super::web::holding;

/// People with a part in a finding of unit 0.
struct Cast {
    office: Office,
    centre: Ctx,
    owner: Ctx,
    colleague_head: Ctx,
    other_head: Ctx,
}

impl Cast {
    async fn new() -> Self {
        let office = Office::found().await;
        let person = |unit: usize, n: usize| office.people[unit][n];
        Self {
            centre: holding(&office, person(2, 1), Role::CommandCentre, None),
            owner: holding(&office, person(0, 2), Role::Member, Some(office.units[0])),
            colleague_head: holding(&office, person(0, 0), Role::UnitHead, Some(office.units[0])),
            other_head: holding(&office, person(1, 0), Role::UnitHead, None),
            office,
        }
    }

    async fn open(&self, kind: Kind, origin: &str) -> FindingId {
        let new = NewFinding {
            room: "test",
            origin: origin.to_owned(),
            link: "/somewhere".to_owned(),
            kind,
            unit: Some(self.office.units[0]),
            item: None,
            title: format!("{}：{origin}", kind.zh()),
            description: String::new(),
        };
        let ctx = &self.office.ctx;
        let opened = self
            .office
            .db
            .write(async |tx| open_many(tx, ctx, vec![new.clone(), new.clone()], &mut RowsDigest::new(ctx)).await);
        let opened = opened.await.unwrap();
        opened[0].id
    }

    async fn row(&self, id: FindingId) -> finding::Model {
        finding::Entity::find_by_id(id).one(self.office.db.read()).await.unwrap().unwrap()
    }

    async fn assigned(&self, kind: Kind, origin: &str) -> FindingId {
        let id = self.open(kind, origin).await;
        let owner = self.owner.person().unwrap();
        service::assign(&self.office.db, &self.centre, id.into(), owner, None).await.unwrap();
        id
    }

    async fn steps(&self, id: FindingId) -> Vec<EventKind> {
        store::events(self.office.db.read(), id).await.unwrap().into_iter().map(|event| event.kind).collect()
    }
}

fn refusal(answer: Result<finding::Model, FindingError>) -> Refusal {
    match answer {
        Err(FindingError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn evidence(kind: EvidenceKind) -> NewEvidence {
    NewEvidence { kind, note: "见附件".to_owned(), reference: Some("粤财资〔2026〕1号".to_owned()) }
}

#[tokio::test]
async fn a_loss_goes_all_the_way_with_evidence_and_other_people() {
    let cast = Cast::new().await;
    let db = &cast.office.db;
    let id = cast.assigned(Kind::Missing, "A-1").await;
    assert_eq!(refusal(service::explain(db, &cast.colleague_head, id.into(), "我来说").await), Refusal::NotTheOwner);
    service::explain(db, &cast.owner, id.into(), "搬家时遗失").await.unwrap();
    assert_eq!(refusal(service::verify(db, &cast.colleague_head, id.into(), "属实").await), Refusal::OwnUnit);
    service::send_back(db, &cast.colleague_head, id.into(), "写明时间").await.unwrap();
    let back = cast.row(id).await;
    assert_eq!((back.state, back.explained_by, back.owner_id), (State::Assigned, None, cast.owner.person()));
    service::explain(db, &cast.owner, id.into(), "2026年3月搬家时遗失").await.unwrap();
    service::verify(db, &cast.other_head, id.into(), "属实").await.unwrap();
    let missing = refusal(service::close(db, &cast.centre, id.into(), "销号").await);
    assert_eq!(missing, Refusal::EvidenceMissing("批复、批准文件或复盘、找回记录".to_owned()));
    service::add_evidence(db, &cast.owner, id.into(), evidence(EvidenceKind::Approval)).await.unwrap();
    let closed = service::close(db, &cast.centre, id.into(), "已批复").await.unwrap();
    assert_eq!((closed.state, closed.closed_at), (State::Closed, Some(cast.office.ctx.now())));
    assert!(matches!(
        refusal(service::add_evidence(db, &cast.owner, id.into(), evidence(EvidenceKind::Photo)).await),
        Refusal::State { .. }
    ));
    service::reopen(db, &cast.centre, id.into(), "批复作废").await.unwrap();
    assert_eq!(cast.row(id).await.state, State::Assigned);
    use EventKind as E;
    let steps = [
        E::Opened,
        E::Assigned,
        E::Explained,
        E::SentBack,
        E::Explained,
        E::Verified,
        E::Evidence,
        E::Closed,
        E::Reopened,
    ];
    assert_eq!(cast.steps(id).await, steps);
    let entries = hufu::journal::entity::Entity::find().all(db.read()).await.unwrap();
    let ours = entries.iter().filter(|entry| entry.subject == id.to_string()).count();
    assert_eq!(ours, steps.len() - 1, "each but the opening, which is its room's deed");
}

#[tokio::test]
async fn the_owner_has_no_other_part_in_it_whatever_their_roles() {
    let cast = Cast::new().await;
    let db = &cast.office.db;
    let id = cast.assigned(Kind::Misplaced, "A-1").await;
    let mighty = holding(&cast.office, cast.owner.person().unwrap(), Role::CommandCentre, None);
    service::explain(db, &mighty, id.into(), "放错了").await.unwrap();
    assert_eq!(refusal(service::verify(db, &mighty, id.into(), "属实").await), Refusal::OwnExplanation);
    service::verify(db, &cast.colleague_head, id.into(), "属实").await.unwrap();
    service::add_evidence(db, &mighty, id.into(), evidence(EvidenceKind::BookChange)).await.unwrap();
    assert_eq!(refusal(service::close(db, &mighty, id.into(), "完").await), Refusal::OwnExplanation);
    service::close(db, &cast.centre, id.into(), "完").await.unwrap();
    let local = service::verify(db, &cast.office.ctx, id.into(), "x").await;
    assert!(matches!(local, Err(FindingError::NoPerson)), "whoever sits at the machine is nobody: {local:?}");
}

#[tokio::test]
async fn what_is_not_theirs_is_not_there() {
    let cast = Cast::new().await;
    let db = &cast.office.db;
    let id = cast.open(Kind::Damaged, "A-1").await;
    let elsewhere = holding(&cast.office, cast.office.people[1][2], Role::Member, Some(cast.office.units[1]));
    let head_elsewhere = holding(&cast.office, cast.office.people[1][0], Role::UnitHead, Some(cast.office.units[1]));
    assert!(matches!(store::one(db.read(), &elsewhere, id).await, Err(FindingError::NotFound)));
    assert!(store::list(db.read(), &elsewhere, &Wanted::default(), 10).await.unwrap().is_empty());
    assert!(store::counts(db.read(), &elsewhere, &Wanted::default()).await.unwrap().is_empty());
    let asked = Wanted { unit: Some(cast.office.units[0]), ..Wanted::default() };
    assert!(store::list(db.read(), &elsewhere, &asked, 10).await.unwrap().is_empty(), "asking for it does not help");
    assert!(matches!(service::verify(db, &head_elsewhere, id.into(), "x").await, Err(FindingError::NotFound)));
    assert!(matches!(
        service::assign(db, &cast.owner, id.into(), cast.office.people[0][3], None).await,
        Err(FindingError::Forbidden(_))
    ));
    service::assign(db, &cast.centre, id.into(), cast.office.people[1][2], None).await.unwrap();
    assert!(store::one(db.read(), &elsewhere, id).await.is_ok(), "but who is to explain it sees it");
    let listed = store::list(db.read(), &elsewhere, &Wanted::default(), 10).await.unwrap();
    assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), [id], "in the list as well");
    let counts = store::counts(db.read(), &elsewhere, &Wanted::default()).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.findings).sum::<i64>(), 1);
}

#[tokio::test]
async fn words_dates_and_people_that_are_none_are_refused() {
    let cast = Cast::new().await;
    let db = &cast.office.db;
    let id = cast.assigned(Kind::Damaged, "A-1").await;
    for text in ["", " \u{3000}", "a\0b", &"长".repeat(4001)] {
        let answer = service::explain(db, &cast.owner, id.into(), text).await;
        assert!(matches!(answer, Err(FindingError::Text { field: "explanation", .. })), "{text:?}");
    }
    let now = cast.office.ctx.now();
    for deadline in [now, Timestamp(0), Timestamp(i64::MAX), Timestamp(i64::MIN)] {
        let owner = cast.owner.person().unwrap();
        let answer = service::assign(db, &cast.centre, id.into(), owner, Some(deadline)).await;
        assert!(matches!(answer, Err(FindingError::Deadline)), "{deadline:?}");
    }
    let nobody = service::assign(db, &cast.centre, id.into(), cast.office.ctx.new_id(), None).await;
    assert!(matches!(nobody, Err(FindingError::NoSuchPerson(_))));
}

#[tokio::test]
async fn of_two_at_once_one_comes_too_late() {
    let cast = Cast::new().await;
    let db = &cast.office.db;
    let id = cast.assigned(Kind::Damaged, "A-1").await;
    service::explain(db, &cast.owner, id.into(), "磕碰").await.unwrap();
    let seen = Target { id, version: Some(cast.row(id).await.version) };
    let (one, two) = tokio::join!(
        service::verify(db, &cast.centre, seen, "属实"),
        service::send_back(db, &cast.other_head, seen, "不清楚"),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let late = [one, two].into_iter().find_map(Result::err).unwrap();
    assert!(matches!(late, FindingError::Db(DbError::Stale)), "{late:?}");
}

#[tokio::test]
async fn a_deadline_that_passed_is_noticed_once() {
    let cast = Cast::new().await;
    let id = cast.open(Kind::Damaged, "A-1").await;
    let done = cast.assigned(Kind::Damaged, "A-2").await;
    let ours = Runner::new(cast.office.db.clone(), chores::ctx(&cast.office.ctx), chores::handlers());
    chores::prepare(&cast.office.db, &cast.office.ctx).await.unwrap();
    let overdue = Wanted { overdue: Some(true), ..Wanted::default() };
    let list = async || store::list(cast.office.db.read(), &cast.centre, &overdue, 10).await.unwrap().len();
    for (days, late, marks) in [(0, 0, 0), (30, 0, 0), (1, 2, 1), (1, 2, 1), (-10, 0, 1), (20, 2, 1)] {
        cast.office.clock.advance_ms(days * DAY + MINUTE);
        ours.run_due().await.unwrap();
        assert_eq!(list().await, late, "after {days} days more");
        let marked = cast.steps(id).await.into_iter().filter(|step| *step == EventKind::Overdue).count();
        assert_eq!(marked, marks, "after {days} days more");
    }
    let counts = store::counts(cast.office.db.read(), &cast.centre, &Wanted::default()).await.unwrap();
    assert_eq!(counts.iter().map(|count| (count.findings, count.overdue)).collect::<Vec<_>>(), [(1, 1), (1, 1)]);
    let later = Timestamp(cast.office.ctx.now().0 + DAY);
    service::assign(&cast.office.db, &cast.centre, done.into(), cast.owner.person().unwrap(), Some(later))
        .await
        .unwrap();
    assert_eq!((list().await, cast.row(done).await.overdue_at), (1, None), "a new deadline is a new chance");
    cast.office.clock.advance_ms(2 * DAY);
    ours.run_due().await.unwrap();
    let marked = cast.steps(done).await.into_iter().filter(|step| *step == EventKind::Overdue).count();
    assert_eq!(marked, 2);
}

#[tokio::test]
async fn steps_and_evidence_stay_as_they_are_in_the_database_itself() {
    use sea_orm::ConnectionTrait as _;
    let cast = Cast::new().await;
    let id = cast.assigned(Kind::Damaged, "A-1").await;
    service::explain(&cast.office.db, &cast.owner, id.into(), "磕碰").await.unwrap();
    for sql in [
        "UPDATE finding_events SET note = 'x'",
        "DELETE FROM finding_events",
        "UPDATE finding_evidence SET note = 'x'",
        "DELETE FROM finding_evidence",
        "UPDATE findings SET verified_by = explained_by",
        "UPDATE findings SET state = 'closed'",
        "UPDATE findings SET state = 'gone'",
    ] {
        cast.office.db.read().execute_unprepared(sql).await.unwrap_err();
    }
}

/// A stocktake of unit 0 and 1 whose things are `A-0`, `A-1` (unit 0), `A-2` (unit 1).
struct Count {
    cast: Cast,
    things: Vec<item::Model>,
}

impl Count {
    async fn new() -> Self {
        let cast = Cast::new().await;
        let new = [("A-0", 0), ("A-1", 0), ("A-2", 1)].map(|(number, unit)| cast.office.new_item(number, unit));
        let things = cast.office.register(&new).await;
        Self { cast, things }
    }

    async fn open(&self, number: &str, days: i64) {
        let office = &self.cast.office;
        office.clock.advance_ms(days * DAY);
        let today = office.ctx.now().day();
        let opening = Opening {
            number: number.to_owned(),
            name: format!("盘点{number}"),
            baseline_on: today - chrono::Days::new(1),
            from: today,
            to: today,
            blind: false,
            scope: Scope { units: office.units[..2].to_vec(), ..Scope::default() },
        };
        campaign::open(&office.db, &office.ctx, &opening).await.unwrap();
    }

    async fn scan(&self, number: &str, code: &str, room: (usize, usize), condition: Condition) {
        let office = &self.cast.office;
        let scan = NewScan {
            id: office.ctx.new_id(),
            code_read: code.to_owned(),
            place: Some(office.places[room.0][room.1]),
            keeper: None,
            quantity: Quantity::ONE,
            condition,
            no_label: false,
            name: String::new(),
            serial_number: String::new(),
            note: String::new(),
            counter: badge(room.0, 1),
            device: String::new(),
            device_at: office.ctx.now(),
        };
        counting::scan(&office.db, &office.ctx, number, &[scan]).await.unwrap();
    }

    /// Submits the sheets of these units and ends the campaign.
    async fn close(&self, number: &str, units: &[usize]) {
        let office = &self.cast.office;
        for unit in units {
            campaign::submit(&office.db, &office.ctx, number, office.units[*unit], None).await.unwrap();
        }
        campaign::close(&office.db, &office.ctx, number, Some("演练")).await.unwrap();
    }

    async fn found(&self) -> Vec<finding::Model> {
        let mut rows = finding::Entity::find().all(self.cast.office.db.read()).await.unwrap();
        rows.sort_by(|a, b| (a.opened_at, a.title.as_str()).cmp(&(b.opened_at, b.title.as_str())));
        rows
    }
}

#[tokio::test]
async fn a_closed_stocktake_leaves_one_finding_a_difference() {
    let count = Count::new().await;
    count.open("T", 2).await;
    count.scan("T", "A-0", (0, 1), Condition::Good).await;
    count.scan("T", "A-2", (1, 0), Condition::Damaged).await;
    count.scan("T", "谁的", (1, 0), Condition::Good).await;
    count.close("T", &[0, 1]).await;
    let found = count.found().await;
    let told: Vec<_> = found.iter().map(|row| (row.kind, row.unit_id, row.item_id)).collect();
    let [u0, u1] = [Some(count.cast.office.units[0]), Some(count.cast.office.units[1])];
    let [a0, a1, a2] = [0, 1, 2].map(|n| Some(count.things[n].id));
    for expected in
        [(Kind::Misplaced, u0, a0), (Kind::Missing, u0, a1), (Kind::Damaged, u1, a2), (Kind::Unregistered, u1, None)]
    {
        assert_eq!(told.iter().filter(|one| **one == expected).count(), 1, "{expected:?} in {told:?}");
    }
    assert_eq!(told.len(), 4);
    let case = missing_case::Entity::find().one(count.cast.office.db.read()).await.unwrap().unwrap();
    let missing = found.iter().find(|row| row.kind == Kind::Missing).unwrap();
    assert_eq!(
        (missing.origin_room.as_str(), missing.origin_id.clone()),
        ("stocktake", format!("missing_case/{}", case.id))
    );
    assert!(missing.title.contains("A-1") && missing.origin_link == "/stocktake/T", "{missing:?}");
    let misplaced = found.iter().find(|row| row.kind == Kind::Misplaced).unwrap();
    assert!(misplaced.description.contains("房间00") && misplaced.description.contains("房间01"), "{misplaced:?}");
}

#[tokio::test]
async fn what_stays_missing_keeps_its_finding_and_what_is_found_has_only_to_be_verified() {
    let count = Count::new().await;
    let (cast, db) = (&count.cast, &count.cast.office.db);
    let rest = async |number: &str| {
        for (code, unit) in [("A-0", 0), ("A-2", 1)] {
            count.scan(number, code, (unit, 0), Condition::Good).await;
        }
    };
    count.open("2026", 2).await;
    rest("2026").await;
    count.close("2026", &[0, 1]).await;
    let found = count.found().await;
    assert_eq!(found.len(), 1);
    let id = found[0].id;
    count.open("2027", 365).await;
    rest("2027").await;
    count.close("2027", &[0, 1]).await;
    assert_eq!(count.found().await.len(), 1, "carried, not doubled");
    assert_eq!(cast.steps(id).await, [EventKind::Opened, EventKind::Noted]);
    service::assign(db, &cast.centre, id.into(), cast.owner.person().unwrap(), None).await.unwrap();
    count.open("2028", 365).await;
    rest("2028").await;
    count.scan("2028", "A-1", (0, 0), Condition::Good).await;
    count.close("2028", &[0, 1]).await;
    let settled = cast.row(id).await;
    assert_eq!((settled.state, settled.explained_by), (State::Explained, None));
    assert_eq!(count.found().await.len(), 1);
    let pieces = store::evidence(db.read(), id).await.unwrap();
    assert!(pieces.len() == 1 && pieces[0].kind == EvidenceKind::Recount && pieces[0].note.contains("2028"));
    let own = service::verify(db, &cast.owner, id.into(), "x").await;
    assert!(matches!(own, Err(FindingError::Forbidden(_))));
    service::verify(db, &cast.other_head, id.into(), "实物已见").await.unwrap();
    service::add_evidence(db, &cast.owner, id.into(), evidence(EvidenceKind::Statement)).await.unwrap();
    service::close(db, &cast.centre, id.into(), "找回").await.unwrap();
}

#[tokio::test]
async fn what_is_missing_again_although_its_finding_was_closed_is_open_again() {
    let count = Count::new().await;
    let (cast, db) = (&count.cast, &count.cast.office.db);
    let counted = async |number: &str, days: i64| {
        count.open(number, days).await;
        for (code, unit) in [("A-0", 0), ("A-2", 1)] {
            count.scan(number, code, (unit, 0), Condition::Good).await;
        }
        count.close(number, &[0, 1]).await;
    };
    counted("2026", 2).await;
    let id = count.found().await[0].id;
    service::assign(db, &cast.centre, id.into(), cast.owner.person().unwrap(), None).await.unwrap();
    service::explain(db, &cast.owner, id.into(), "借出未还").await.unwrap();
    for kind in [EvidenceKind::Statement, EvidenceKind::Recount] {
        service::add_evidence(db, &cast.owner, id.into(), evidence(kind)).await.unwrap();
    }
    service::verify(db, &cast.other_head, id.into(), "属实").await.unwrap();
    service::close(db, &cast.centre, id.into(), "已说明").await.unwrap();
    counted("2027", 365).await;
    let again = count.found().await;
    assert_eq!(again.len(), 1, "not doubled");
    let row = &again[0];
    assert_eq!((row.state, row.closed_at, row.explained_by), (State::Assigned, None, None));
    assert!(row.deadline_at > cast.office.ctx.now(), "with days to explain it in");
    assert_eq!(cast.steps(id).await.last(), Some(&EventKind::Reopened));
}

#[tokio::test]
async fn a_stocktake_ended_early_leaves_one_finding_a_unit_for_what_nobody_looked_at() {
    let count = Count::new().await;
    count.open("T", 2).await;
    count.close("T", &[1]).await;
    let found = count.found().await;
    let told: Vec<_> = found.iter().map(|row| (row.kind, row.unit_id)).collect();
    let [u0, u1] = [Some(count.cast.office.units[0]), Some(count.cast.office.units[1])];
    assert!(
        told.len() == 2 && told.contains(&(Kind::Uncounted, u0)) && told.contains(&(Kind::Missing, u1)),
        "{told:?}"
    );
    assert!(found.iter().any(|row| row.title == "未盘：第0大队 2 项"), "{found:?}");
}
