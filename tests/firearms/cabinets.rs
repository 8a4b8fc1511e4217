//! What gun cabinets report: who is believed, what is kept, and what does not fit the book.

use axum_test::TestServer;
use hufu::access::Role;
use hufu::db::DbError;
use hufu::findings::Kind;
use hufu::findings::entity::finding;
use hufu::firearms::ArmsError;
use hufu::firearms::alarms;
use hufu::firearms::arms::{self, NewArm};
use hufu::firearms::cabinets::devices::{self, NewDevice};
use hufu::firearms::cabinets::entity::event;
use hufu::firearms::cabinets::model::EventKind;
use hufu::firearms::cabinets::reporting::{self, NewEvent};
use hufu::firearms::cabinets::store as cabinets;
use hufu::firearms::draws::acting;
use hufu::firearms::shifts::visits::{self, NewVisit};
use hufu::firearms::upkeep::service as upkeep;
use hufu::kernel::Timestamp;
use hufu::webhooks::signature::sign;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::browser::{browser, in_both_languages, post as send_form, status};
use super::post::{GUNS, Post, back, said};
use super::support::{MINUTE, badge};
use super::web::{holding, server};

const DEVICE: &str = "ZD-1";
const GUN: &str = "A0001";

/// A post whose guns stand in slots 1, 2 … of a cabinet that reports.
struct Watched {
    post: Post,
    server: TestServer,
    secret: String,
}

impl Watched {
    async fn new(guns: i64, officers: usize) -> Self {
        let post = Post::stocked(0, officers).await;
        for slot in 1..=guns {
            let new = NewArm { slot: Some(("1".to_owned(), slot)), ..post.new_arm(&format!("A{slot:04}")) };
            arms::enter(&post.office.db, &post.brigade(), &new).await.unwrap();
        }
        let secret = devices::register(&post.office.db, &post.brigade(), &device(DEVICE)).await.unwrap().1;
        let server = server(&post.office, None);
        Self { post, server, secret }
    }

    fn now(&self) -> Timestamp {
        self.post.office.ctx.now()
    }

    /// What the server answers to a report of this device, signed with this key at that time.
    async fn send(&self, number: &str, secret: &str, at: Timestamp, body: &str) -> (u16, String) {
        let answer = self
            .server
            .post("/api/v1/firearms/cabinet-events")
            .add_header("Hufu-Device", number)
            .add_header("Hufu-Signature", sign(secret, at, body))
            .content_type("application/json")
            .bytes(body.to_owned().into())
            .await;
        (status(&answer), answer.text())
    }

    async fn report(&self, events: Value) -> (u16, Value) {
        let body = json!({ "events": events }).to_string();
        let (status, text) = self.send(DEVICE, &self.secret, self.now(), &body).await;
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// Reports one event of now.
    async fn tell(&self, seq: i64, kind: &str, slot: Option<i64>) {
        let (status, said) = self.report(json!([self.event(seq, kind, slot)])).await;
        assert_eq!(status, 200, "{said}");
    }

    fn event(&self, seq: i64, kind: &str, slot: Option<i64>) -> Value {
        json!({ "seq": seq, "kind": kind, "slot": slot, "badge": badge(0, 2), "happened_at": self.now().0 })
    }

    async fn kept(&self) -> u64 {
        event::Entity::find().count(self.post.office.db.read()).await.unwrap()
    }

    /// What was found, so many minutes later.
    async fn found_after(&self, minutes: i64) -> Vec<finding::Model> {
        self.post.office.clock.advance_ms(minutes * MINUTE);
        alarms::mark(&self.post.office.db, &self.post.office.ctx).await.unwrap();
        let kinds =
            [Kind::IllegalDraw, Kind::CabinetOpened, Kind::CabinetDisagrees, Kind::CabinetGap, Kind::CabinetAlarm];
        let told = finding::Entity::find().filter(finding::Column::Kind.is_in(kinds));
        told.all(self.post.office.db.read()).await.unwrap()
    }

    async fn kinds_after(&self, minutes: i64) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = self.found_after(minutes).await.into_iter().map(|row| row.kind).collect();
        kinds.sort_unstable();
        kinds
    }
}

fn device(number: &str) -> NewDevice {
    let (armoury, cabinet, name) = (GUNS.to_owned(), "1".to_owned(), "智能枪柜".to_owned());
    NewDevice { armoury, cabinet, number: number.to_owned(), name }
}

#[tokio::test]
async fn a_report_is_believed_with_the_key_of_its_device_and_now_only() {
    let w = Watched::new(1, 1).await;
    let (db, brigade, now) = (&w.post.office.db, w.post.brigade(), w.now());
    let body = json!({ "events": [w.event(1, "door_closed", None)] }).to_string();
    let other = body.replace("door_closed", "door_opened");
    let at = |ms: i64| Timestamp(now.0 + ms);
    for (number, secret, when, why) in [
        (DEVICE, "hfgc_another", now, "another key"),
        (DEVICE, "", now, "no key"),
        ("ZD-2", w.secret.as_str(), now, "no such device"),
        ("", w.secret.as_str(), now, "no device"),
        (DEVICE, w.secret.as_str(), at(-5 * MINUTE - 1_000), "of long ago"),
        (DEVICE, w.secret.as_str(), at(5 * MINUTE + 1_000), "of the future"),
    ] {
        assert_eq!(w.send(number, secret, when, &body).await.0, 401, "{why}");
    }
    for header in ["", "t=1", "v1=00", "t=x,v1=00", &sign(&w.secret, now, &other), &format!("{},", sign("", now, ""))] {
        let answer = w.server.post("/api/v1/firearms/cabinet-events").add_header("Hufu-Device", DEVICE);
        let answer = answer.add_header("Hufu-Signature", header).bytes(body.clone().into()).await;
        assert_eq!(status(&answer), 401, "{header}");
    }
    assert_eq!(w.server.post("/api/v1/firearms/cabinet-events").bytes(body.clone().into()).await.status_code(), 401);
    assert_eq!(w.kept().await, 0);
    // Someone who signed in has no business there either.
    let armourer = server(&w.post.office, Some(w.post.armourer(0)));
    assert_eq!(armourer.post("/api/v1/firearms/cabinet-events").bytes(body.clone().into()).await.status_code(), 401);
    for when in [at(-5 * MINUTE + 1_000), at(5 * MINUTE - 1_000)] {
        assert_eq!(w.send("zd-1", &w.secret, when, &body).await.0, 200, "a clock that is a little off");
    }
    // Another key, then none: each from then on.
    let second = devices::rotate(db, &brigade, DEVICE).await.unwrap().1;
    assert_eq!(w.send(DEVICE, &w.secret, now, &body).await.0, 401, "the old key");
    assert_eq!(w.send(DEVICE, &second, now, &body).await.0, 200);
    devices::revoke(db, &brigade, DEVICE, "终端更换").await.unwrap();
    assert_eq!(w.send(DEVICE, &second, now, &body).await.0, 401, "revoked");
    assert!(said(devices::rotate(db, &brigade, DEVICE).await).contains("已吊销"));
    assert!(said(devices::register(db, &brigade, &device(DEVICE)).await).contains("已有"));
    devices::register(db, &brigade, &device("ZD-9")).await.unwrap();
    assert_eq!(w.kept().await, 1);
}

/// Between the signature that was looked at and the write, the key was changed.
#[tokio::test]
async fn a_key_that_is_changed_meanwhile_takes_the_report_with_it() {
    let w = Watched::new(1, 1).await;
    let (db, ctx) = (&w.post.office.db, &w.post.office.ctx);
    let header = sign(&w.secret, w.now(), "x");
    let of = reporting::authentic(db, ctx, DEVICE, &header, b"x").await.unwrap().unwrap();
    w.post.office.clock.advance_ms(1);
    devices::rotate(db, &w.post.brigade(), DEVICE).await.unwrap();
    assert!(said(reporting::take(db, ctx, &of, &[]).await).contains("更换密钥"));
}

#[tokio::test]
async fn what_comes_again_is_the_same_event_and_nothing_else() {
    let w = Watched::new(2, 1).await;
    let events = json!([w.event(1, "door_opened", None), w.event(2, "gun_taken", Some(1))]);
    let (status, first) = w.report(events.clone()).await;
    assert_eq!((status, &first["new"], &first["known"]), (200, &json!(2), &json!(0)));
    for _ in 0..3 {
        let (status, again) = w.report(events.clone()).await;
        assert_eq!((status, &again["new"], &again["known"]), (200, &json!(0), &json!(2)));
    }
    // With another content it is refused, and so is all that came with it.
    let (status, said) = w.report(json!([w.event(3, "door_closed", None), w.event(2, "gun_taken", Some(2))])).await;
    assert_eq!(status, 409, "{said}");
    assert_eq!(w.kept().await, 2);
    let twice = json!([w.event(3, "door_closed", None), w.event(3, "door_closed", None)]);
    assert_eq!(w.report(twice).await.1["known"], json!(1));
    // Many at once, as a line that comes back sends them: each is kept once.
    let same = json!({ "events": [w.event(4, "power_back", None)] }).to_string();
    let race = (0..8).map(|_| w.send(DEVICE, &w.secret, w.now(), &same));
    let answers = futures_util::future::join_all(race).await;
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    assert_eq!(w.kept().await, 4);
}

#[tokio::test]
async fn what_cannot_be_is_refused_whole() {
    let w = Watched::new(1, 1).await;
    let now = w.now().0;
    let with = |field: &str, value: Value| {
        let mut event = w.event(2, "gun_taken", Some(1));
        event[field] = value;
        event
    };
    for (bad, expected) in [
        (with("seq", json!(0)), 422),
        (with("seq", json!(-1)), 422),
        (with("seq", json!(i64::MAX)), 422),
        (with("seq", json!(100_001)), 422),
        (with("seq", json!(1.5)), 400),
        (with("slot", json!(0)), 422),
        (with("slot", json!(21)), 422),
        (with("slot", Value::Null), 422),
        (with("kind", json!("door_opened")), 422),
        (with("kind", json!("exploded")), 400),
        (with("badge", json!("x".repeat(41))), 422),
        (with("badge", json!("a\u{0}b")), 422),
        (with("note", json!("很".repeat(201))), 422),
        (with("happened_at", json!(now + 5 * MINUTE + 1)), 422),
        (with("happened_at", json!(i64::MAX)), 422),
        (with("happened_at", json!(i64::MIN)), 422),
        (with("happened_at", json!(now - 31 * 24 * 60 * MINUTE)), 422),
        (with("more", json!(1)), 400),
    ] {
        let (status, said) = w.report(json!([w.event(1, "door_closed", None), bad])).await;
        assert_eq!(status, expected, "{bad} {said}");
    }
    let many: Vec<Value> = (1..=501).map(|seq| w.event(seq, "door_closed", None)).collect();
    assert_eq!(w.report(json!(many)).await.0, 422);
    for (body, expected) in [("", 400), ("{", 400), ("[]", 400), ("{\"events\":{}}", 400), ("\u{feff}{}", 400)] {
        assert_eq!(w.send(DEVICE, &w.secret, w.now(), body).await.0, expected, "{body}");
    }
    for bytes in [256 * 1024 + 1, 3 * 1024 * 1024] {
        let huge = " ".repeat(bytes);
        assert_eq!(w.send(DEVICE, &w.secret, w.now(), &huge).await.0, 413, "{bytes}");
    }
    assert_eq!(w.kept().await, 0);
    assert_eq!(w.report(json!([])).await.0, 200, "it is there");
}

#[tokio::test]
async fn numbers_may_come_in_any_order_and_those_that_never_do_are_told() {
    let w = Watched::new(1, 1).await;
    w.tell(3, "door_closed", None).await;
    assert!(w.kinds_after(9).await.is_empty(), "they may still come");
    w.tell(2, "door_closed", None).await;
    w.tell(1, "door_closed", None).await;
    assert!(w.kinds_after(11).await.is_empty());
    w.tell(7, "door_closed", None).await;
    w.tell(5, "door_closed", None).await;
    let told = w.found_after(11).await;
    let titles: Vec<&str> = told.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(told.len(), 2, "{titles:?}");
    assert!(titles.iter().any(|title| title.contains("序号 4 至 4")), "{titles:?}");
    assert!(titles.iter().any(|title| title.contains("序号 6 至 6")), "{titles:?}");
    w.tell(8, "door_closed", None).await;
    w.tell(4, "door_closed", None).await;
    assert_eq!(w.kinds_after(11).await.len(), 2, "told once, and what comes late is taken");
    assert_eq!(w.kept().await, 7);
}

#[tokio::test]
async fn a_gun_that_leaves_without_an_act_is_an_illegal_draw() {
    let w = Watched::new(3, 1).await;
    let (db, keeper) = (&w.post.office.db, w.post.armourer(0));
    // With its draw: taken between the opening of the act and the hand-over, and put back in the return.
    let row = w.post.approved(0).await;
    w.post.prepared(&row.number, GUN, 15).await.unwrap();
    w.tell(1, "door_opened", None).await;
    w.tell(2, "gun_taken", Some(1)).await;
    w.post.sign_all(&row.number).await.unwrap();
    hufu::firearms::draws::handing::hand_over(db, &keeper, &row.number, None).await.unwrap();
    assert!(w.kinds_after(30).await.is_empty());
    // While it is out nothing can take it again: the cabinet saw something else go.
    w.tell(3, "gun_taken", Some(1)).await;
    assert_eq!(w.kinds_after(11).await, [Kind::IllegalDraw]);
    acting::open_return(db, &keeper, &row.number, None).await.unwrap();
    w.tell(4, "gun_put_back", Some(1)).await;
    acting::cancel(db, &keeper, &row.number, "停电").await.unwrap();
    w.post.take_in(&row.number, GUN, back(15)).await.unwrap();
    assert_eq!(w.kinds_after(30).await, [Kind::IllegalDraw], "nothing more");
    // Without one; and put back without one.
    w.tell(5, "gun_taken", Some(2)).await;
    assert_eq!(w.kinds_after(9).await, [Kind::IllegalDraw], "the paper may be a little late");
    assert_eq!(w.kinds_after(2).await, [Kind::IllegalDraw, Kind::IllegalDraw]);
    w.tell(6, "gun_put_back", Some(2)).await;
    assert_eq!(w.kinds_after(11).await, [Kind::IllegalDraw, Kind::IllegalDraw, Kind::CabinetDisagrees]);
    // A slot in which the book has no gun.
    w.tell(7, "gun_taken", Some(9)).await;
    let told = w.found_after(11).await;
    assert!(told.iter().any(|row| row.description.contains("账上此枪位没有枪")));
    assert!(told.iter().all(|row| !row.title.contains(GUN) && !row.description.contains("人员02")), "masked");
    assert!(told.iter().any(|row| row.description.contains("刷卡人：人**")));
    // For its cleaning it may go.
    let leader = holding(&w.post.office, w.post.person(0, 0), Role::DutyLeader, Some(w.post.office.units[0]));
    let number = upkeep::ask(db, &keeper, GUNS, &["A0003".to_owned()], "例行").await.unwrap().number;
    upkeep::decide(db, &leader, &number, None, true, "").await.unwrap();
    let before = w.kinds_after(0).await.len();
    upkeep::start(db, &keeper, &w.post.signer(3), &number, None).await.unwrap();
    w.tell(8, "gun_taken", Some(3)).await;
    upkeep::cleaned(db, &keeper, &number, None).await.unwrap();
    w.post.office.clock.advance_ms(30 * MINUTE);
    w.tell(9, "gun_put_back", Some(3)).await;
    upkeep::put_back(db, &keeper, &w.post.signer(3), &number, None, &[]).await.unwrap();
    assert_eq!(w.kinds_after(30).await.len(), before, "it went and came by its paper");
    w.tell(10, "gun_taken", Some(3)).await;
    assert_eq!(w.kinds_after(11).await.len(), before + 1, "which is over");
}

#[tokio::test]
async fn a_door_is_opened_by_whoever_has_business_there() {
    let w = Watched::new(1, 1).await;
    let (db, keeper) = (&w.post.office.db, w.post.armourer(0));
    w.tell(1, "door_opened", None).await;
    assert_eq!(w.kinds_after(11).await, [Kind::CabinetOpened]);
    let visit = NewVisit {
        armoury: GUNS.to_owned(),
        visitor: "检查人员".to_owned(),
        post: String::new(),
        companions: 1,
        reason: "检查".to_owned(),
    };
    w.tell(2, "door_opened", None).await;
    w.post.office.clock.advance_ms(9 * MINUTE);
    visits::enter(db, &keeper, &visit).await.unwrap();
    assert_eq!(w.kinds_after(2).await, [Kind::CabinetOpened], "written down a moment later");
    // Nobody signed out: that is no leave for ever.
    w.post.office.clock.advance_ms(3 * 60 * MINUTE);
    w.tell(3, "door_opened", None).await;
    assert_eq!(w.kinds_after(11).await, [Kind::CabinetOpened, Kind::CabinetOpened]);
    let number = hufu::firearms::shifts::service::open(db, &keeper, w.post.office.units[0]).await.unwrap().number;
    w.tell(4, "door_opened", None).await;
    assert_eq!(w.kinds_after(11).await.len(), 2, "a handover: {number}");
}

#[tokio::test]
async fn what_is_amiss_by_itself_is_told_at_once() {
    let w = Watched::new(1, 1).await;
    let kinds = ["door_held_open", "temperature", "power_lost", "lock_changed", "lock_changed", "temperature"];
    for (n, kind) in kinds.into_iter().enumerate() {
        w.tell(i64::try_from(n).unwrap() + 1, kind, None).await;
    }
    w.tell(7, "power_back", None).await;
    let told = w.found_after(0).await;
    assert_eq!(told.len(), 5, "of heat, door and power one a day; of a lock each");
    assert!(told.iter().all(|row| row.kind == Kind::CabinetAlarm));
    assert!(told.iter().any(|row| row.title.contains("断电")));
}

#[tokio::test]
async fn paper_that_its_cabinet_does_not_know_of_is_told_when_the_cabinet_reports() {
    let w = Watched::new(2, 2).await;
    let silent = w.post.out(0, GUN).await;
    assert!(w.kinds_after(60).await.is_empty(), "a cabinet that says nothing says nothing of it");
    w.tell(1, "door_closed", None).await;
    let told = w.found_after(1).await;
    assert_eq!(told.iter().map(|row| row.kind).collect::<Vec<_>>(), [Kind::CabinetDisagrees]);
    assert!(told[0].title.contains(&silent.number) && told[0].description.contains("没有枪离位"));
    // Back on paper, and not in the slot.
    w.post.take_in(&silent.number, GUN, back(15)).await.unwrap();
    w.post.office.clock.advance_ms(11 * MINUTE);
    w.tell(2, "door_closed", None).await;
    assert_eq!(w.kinds_after(1).await, [Kind::CabinetDisagrees; 2]);
    // As it should be.
    let row = w.post.approved(1).await;
    w.post.prepared(&row.number, "A0002", 15).await.unwrap();
    w.tell(3, "gun_taken", Some(2)).await;
    w.post.sign_all(&row.number).await.unwrap();
    hufu::firearms::draws::handing::hand_over(&w.post.office.db, &w.post.armourer(0), &row.number, None).await.unwrap();
    w.post.office.clock.advance_ms(20 * MINUTE);
    w.tell(4, "door_closed", None).await;
    assert_eq!(w.kinds_after(1).await.len(), 2);
}

#[tokio::test]
async fn the_brigade_registers_and_whoever_keeps_the_store_looks() {
    let w = Watched::new(1, 1).await;
    let (db, units) = (&w.post.office.db, &w.post.office.units);
    for ctx in [w.post.armourer(0), w.post.head(0)] {
        assert!(matches!(devices::register(db, &ctx, &device("ZD-5")).await, Err(ArmsError::Forbidden(_))));
        assert!(matches!(devices::rotate(db, &ctx, DEVICE).await, Err(ArmsError::Forbidden(_))));
        assert!(matches!(devices::revoke(db, &ctx, DEVICE, "x").await, Err(ArmsError::Forbidden(_))));
    }
    assert!(said(devices::register(db, &w.post.brigade(), &device("ZD-5")).await).contains("已有终端 ZD-1"));
    let nowhere = NewDevice { cabinet: "9".to_owned(), ..device("ZD-5") };
    assert!(said(devices::register(db, &w.post.brigade(), &nowhere).await).contains("没有枪柜"));
    w.tell(1, "gun_taken", Some(1)).await;
    w.found_after(11).await;
    let page = format!("/firearms/stores/{GUNS}/events");
    let keeper = browser(&w.post.office, w.post.person(0, 1), Role::Armourer, Some(units[0]));
    in_both_languages(&keeper, &page, "非法领枪", "illegal_draw").await;
    let refused = send_form(&keeper, &format!("/firearms/stores/{GUNS}/devices/rotate"), &[("number", DEVICE)]).await;
    assert_eq!(status(&refused), 403);
    let elsewhere = browser(&w.post.office, w.post.person(1, 1), Role::Armourer, Some(units[1]));
    assert_eq!(status(&elsewhere.get(&page).await), 404);
    let brigade = browser(&w.post.office, w.post.person(2, 2), Role::PublicOrder, None);
    let once = send_form(&brigade, &format!("/firearms/stores/{GUNS}/devices/rotate"), &[("number", DEVICE)]).await;
    assert!(once.text().contains("hfgc_"), "{}", once.text());
    assert!(!brigade.get(&page).await.text().contains("hfgc_"), "this once");
    let fields = [("number", DEVICE), ("reason", "")];
    let bare = send_form(&brigade, &format!("/firearms/stores/{GUNS}/devices/revoke"), &fields).await;
    assert_eq!(status(&bare), 422);
}

/// A month of a whole sub-bureau, sent by one device after the line was down.
#[tokio::test]
#[ignore = "a hundred thousand events: tests/run.sh runs it"]
async fn a_hundred_thousand_events_are_taken() {
    const MANY: i64 = 100_000;
    let w = Watched::new(20, 1).await;
    let (db, ctx) = (&w.post.office.db, &w.post.office.ctx);
    let header = sign(&w.secret, w.now(), "x");
    let of = reporting::authentic(db, ctx, DEVICE, &header, b"x").await.unwrap().unwrap();
    let begun = std::time::Instant::now();
    for first in (1..=MANY).step_by(500) {
        let told: Vec<NewEvent> = (first..first + 500)
            .map(|seq| {
                let kind = if seq % 1_000 == 0 { EventKind::DoorOpened } else { EventKind::DoorClosed };
                let happened_at = Timestamp(w.now().0 - (MANY - seq) * 1_000);
                NewEvent { seq, kind, slot: None, badge: badge(0, 2), note: String::new(), happened_at }
            })
            .collect();
        reporting::take(db, ctx, &of, &told).await.unwrap();
    }
    let took = begun.elapsed();
    assert_eq!(w.kept().await, 100_000);
    assert_eq!(w.found_after(11).await.len(), 100, "each door");
    let armoury = hufu::firearms::store::armoury_named(db.read(), GUNS).await.unwrap().unwrap();
    let begun = std::time::Instant::now();
    let page = cabinets::events(db.read(), armoury.id, None, 51).await.unwrap();
    println!("{MANY} events in {took:?}; a page of {} in {:?}", page.len(), begun.elapsed());
}

/// What was told stays as it was told, whoever tries.
#[tokio::test]
async fn what_was_told_is_not_changed() {
    let w = Watched::new(1, 1).await;
    w.tell(1, "gun_taken", Some(1)).await;
    let changed = w.post.office.db.write(async |tx| {
        event::Entity::update_many()
            .col_expr(event::Column::Badge, sea_orm::sea_query::Expr::value("x"))
            .exec(tx)
            .await
            .map_err(DbError::from)
    });
    assert!(changed.await.is_err());
}
