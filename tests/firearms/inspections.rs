//! The brigade inspects every armoury every day; whoever keeps one does not; what fails and what is missing is told.

use std::io::Cursor;

use hufu::access::grants::{self, NewGrant};
use hufu::access::{CoSigner, Role, accounts};
use hufu::db::DbError;
use hufu::findings::entity::finding;
use hufu::findings::model::State as Standing;
use hufu::findings::{self, Kind as Finding};
use hufu::firearms::alarms;
use hufu::firearms::armouries;
use hufu::firearms::inspections::checklist::{CHECKLISTS, Check};
use hufu::firearms::inspections::entity::{inspection, photo, result};
use hufu::firearms::inspections::model::{Kind, Outcome, State};
use hufu::firearms::inspections::paper::Paper;
use hufu::firearms::inspections::service::{self as inspections, Answers, NewInspection};
use hufu::firearms::inspections::{photos, store};
use hufu::firearms::model::StoreKind;
use hufu::items::attachments::NewFile;
use hufu::kernel::Timestamp;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use super::post::{GUNS, Post, ROUNDS, said};
use super::support::{DAY, MINUTE};
use super::web::holding;

const HOUR: i64 = 60 * MINUTE;

/// Somebody with an account in a role: what they sign with.
pub(super) async fn with_account(post: &Post, (unit, n): (usize, usize), role: Role, over: Option<usize>) -> CoSigner {
    let (db, ctx, person) = (&post.office.db, &post.office.ctx, post.person(unit, n));
    let login = format!("{}{unit}{n}", role.name());
    let account = accounts::create(db, ctx, &login, person).await.unwrap().account.id;
    grant(post, account, role, over).await;
    let unit = over.map(|unit| post.office.units[unit]);
    CoSigner { person, account, ctx: holding(&post.office, person, role, unit) }
}

async fn grant(post: &Post, account: hufu::kernel::ids::AccountId, role: Role, over: Option<usize>) {
    let unit = over.map(|unit| post.office.units[unit]);
    let new = NewGrant { account, role, unit, from: None, until: None };
    grants::give(&post.office.db, &post.office.ctx, new).await.unwrap();
}

async fn stage() -> (Post, CoSigner) {
    let post = Post::stocked(1, 1).await;
    let inspector = with_account(&post, (2, 2), Role::PublicOrder, None).await;
    (post, inspector)
}

fn new(armoury: &str, kind: Kind) -> NewInspection {
    let occasion = if kind == Kind::Special { "公务用枪专项整治" } else { "" };
    NewInspection { armoury: armoury.to_owned(), kind, occasion: occasion.to_owned() }
}

fn asked(kind: Kind, of: StoreKind) -> Vec<&'static Check> {
    CHECKLISTS[0].asked(kind, of).collect()
}

/// Every check passed but these.
fn answers(kind: Kind, of: StoreKind, failed: &[&str]) -> Answers {
    let answer = |check: &Check| {
        let fails = failed.contains(&check.code);
        let (outcome, remark) = if fails { (Outcome::Fail, "画面花屏") } else { (Outcome::Pass, "") };
        (check.code.to_owned(), outcome, remark.to_owned())
    };
    let checks = asked(kind, of).into_iter().map(answer).collect();
    Answers { checks, problems: Some("见不合格项".to_owned()), reported_to: Some("分局".to_owned()) }
}

async fn filled(post: &Post, by: &CoSigner, armoury: &str, failed: &[&str]) -> inspection::Model {
    let (db, of) = (&post.office.db, if armoury == GUNS { StoreKind::Gun } else { StoreKind::Ammunition });
    let row = inspections::open(db, &by.ctx, &new(armoury, Kind::Daily)).await.unwrap();
    inspections::answer(db, &by.ctx, &row.number, None, &answers(Kind::Daily, of, failed)).await.unwrap()
}

async fn told(post: &Post, kind: Finding) -> Vec<finding::Model> {
    let of = finding::Entity::find().filter(finding::Column::Kind.eq(kind));
    of.all(post.office.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_day_is_inspected_once_filled_in_signed_and_what_fails_is_for_the_head() {
    let (post, inspector) = stage().await;
    let (db, ctx) = (&post.office.db, &inspector.ctx);
    let row = inspections::open(db, ctx, &new(GUNS, Kind::Daily)).await.unwrap();
    assert_eq!((row.number.as_str(), row.state, row.checklist), ("XC-2026-0001", State::Open, 1));
    assert_eq!((row.inspecting_unit_id, row.in_charge_id), (post.office.units[2], Some(post.person(0, 1))));
    assert!(said(inspections::open(db, ctx, &new(GUNS, Kind::Daily)).await).contains("已由 XC-2026-0001 登记"));
    let one = |code: &str, outcome, remark: &str| Answers {
        checks: vec![(code.to_owned(), outcome, remark.to_owned())],
        ..Answers::default()
    };
    for (wrong, expected) in [
        (one("no_such_check", Outcome::Pass, ""), "没有“no_such_check”这一项"),
        (one("barrel", Outcome::Pass, ""), "没有“barrel”这一项"),
        (one("rounds_match", Outcome::Pass, ""), "没有“rounds_match”这一项"),
        (one("video", Outcome::Fail, " "), "请写明情况"),
        (one("video", Outcome::NotApplicable, ""), "请写明情况"),
        (one("video", Outcome::Fail, &"长".repeat(501)), "500"),
    ] {
        let refused = said(inspections::answer(db, ctx, &row.number, None, &wrong).await);
        assert!(refused.contains(expected), "{refused}");
    }
    assert!(store::results(db.read(), row.id).await.unwrap().is_empty(), "all of a form, or none of it");
    let numbers = [row.number.clone()];
    assert!(said(inspections::sign(db, &inspector, &numbers).await).contains("尚未填写"));
    let all = answers(Kind::Daily, StoreKind::Gun, &["video", "clearance"]);
    let filled = inspections::answer(db, ctx, &row.number, Some(row.version), &all).await.unwrap();
    assert_eq!(filled.failed, 2);
    assert!(inspections::answer(db, ctx, &row.number, Some(row.version), &all).await.is_err(), "meanwhile it moved on");
    // What was written over counts.
    let filled = inspections::answer(db, ctx, &row.number, None, &one("clearance", Outcome::Pass, "")).await.unwrap();
    assert_eq!((filled.failed, filled.problems.as_str()), (1, "见不合格项"));
    let signed = inspections::sign(db, &inspector, &numbers).await.unwrap().remove(0);
    assert_eq!((signed.state, signed.account_id), (State::Signed, Some(inspector.account)));
    assert!(said(inspections::answer(db, ctx, &row.number, None, &all).await).contains("不能填写"));
    assert!(said(inspections::cancel(db, ctx, &row.number, "重来").await).contains("不能取消"));
    let found = told(&post, Finding::InspectionFailed).await;
    assert_eq!(found.len(), 1);
    assert!(found[0].title.contains("监控") && found[0].description.contains("画面花屏"), "{found:?}");
    assert_eq!((found[0].owner_id, found[0].state), (Some(post.person(0, 0)), Standing::Assigned));
    // The head explains it, whoever else there is does not.
    let target = findings::service::Target { id: found[0].id, version: None };
    assert!(findings::service::explain(db, &post.head(1), target, "我来").await.is_err());
    findings::service::explain(db, &post.head(0), target, "已报修").await.unwrap();
    // On site the same day, a special one too, and over the network tomorrow.
    for kind in [Kind::OnSite, Kind::Special] {
        inspections::open(db, ctx, &new(GUNS, kind)).await.unwrap();
    }
    let nameless = NewInspection { occasion: String::new(), ..new(GUNS, Kind::Special) };
    assert!(said(inspections::open(db, ctx, &nameless).await).contains("专项检查的名称"));
    post.office.clock.advance_ms(DAY);
    inspections::open(db, ctx, &new(GUNS, Kind::Daily)).await.unwrap();
}

#[tokio::test]
async fn whoever_keeps_a_store_does_not_inspect_it_and_the_database_says_so_too() {
    let (post, inspector) = stage().await;
    let db = &post.office.db;
    // In charge of it; an armourer of its unit; an armourer of everything.
    let in_charge = holding(&post.office, post.person(0, 1), Role::PublicOrder, None);
    let armourer = holding(&post.office, post.person(0, 3), Role::PublicOrder, None);
    let of_all = with_account(&post, (1, 2), Role::Armourer, None).await;
    let of_all = holding(&post.office, of_all.person, Role::PublicOrder, None);
    let elsewhere = with_account(&post, (1, 3), Role::Armourer, Some(1)).await;
    let elsewhere = holding(&post.office, elsewhere.person, Role::PublicOrder, None);
    for keeper in [&in_charge, &armourer, &of_all] {
        let refused = said(inspections::open(db, keeper, &new(GUNS, Kind::Daily)).await);
        assert!(refused.contains("不能检查"), "{refused}");
    }
    // The keeper of another unit's store is nobody's keeper here; who is no person of the sub-bureau signs nothing.
    let row = inspections::open(db, &elsewhere, &new(GUNS, Kind::Daily)).await.unwrap();
    assert!(said(inspections::open(db, &post.office.ctx, &new(ROUNDS, Kind::Daily)).await).contains("本人"));
    assert!(said(inspections::open(db, &post.armourer(0), &new(ROUNDS, Kind::Daily)).await).contains("权限"));
    assert!(said(inspections::open(db, &inspector.ctx, &new("QK-9", Kind::Daily)).await).contains("没有这个枪弹库"));
    let behind = async |change: &dyn Fn(&mut inspection::Model)| {
        let mut other = inspection::Model { id: post.office.ctx.new_id(), number: "XC-X".to_owned(), ..row.clone() };
        other.day = other.day.succ_opt().unwrap();
        change(&mut other);
        let put = db.write(async |tx| {
            other.clone().into_active_model().insert(tx).await?;
            Ok::<_, DbError>(())
        });
        match put.await {
            Ok(()) => String::new(),
            Err(DbError::Constraint { constraint, .. }) => constraint,
            Err(other) => panic!("{other:?}"),
        }
    };
    type Change<'a> = &'a dyn Fn(&mut inspection::Model);
    let cases: [(Change<'_>, &str); 7] = [
        (&|row| row.in_charge_id = Some(row.inspector_id), "ck_armoury_inspections_in_charge_id"),
        (&|row| row.inspector_id = post.person(0, 3), "ck_armoury_inspections_inspector_id"),
        (&|row| row.inspector_id = post.person(1, 2), "ck_armoury_inspections_inspector_id"),
        (&|row| row.day = row.day.pred_opt().unwrap(), "uq_armoury_inspections_day"),
        (&|row| row.kind = Kind::Special, "ck_armoury_inspections_occasion"),
        (&|row| row.signed_at = Some(Timestamp(1)), "ck_armoury_inspections_signed_at"),
        (&|row| row.number = "XC-Y".to_owned(), ""),
    ];
    for (change, rule) in cases {
        let told = behind(change).await;
        assert_eq!(told, rule);
    }
    // A check that fails says why; the same check stands once.
    let twice = async |outcome, remark: &str| {
        let one = result::Model {
            id: post.office.ctx.new_id(),
            inspection_id: row.id,
            code: "video".to_owned(),
            outcome,
            remark: remark.to_owned(),
            entered_at: post.office.ctx.now(),
            version: 1,
        };
        db.write(async |tx| {
            one.clone().into_active_model().insert(tx).await?;
            Ok::<_, DbError>(())
        })
        .await
    };
    assert!(twice(Outcome::Fail, "").await.is_err());
    twice(Outcome::Fail, "花屏").await.unwrap();
    assert!(twice(Outcome::Pass, "").await.is_err());
}

#[tokio::test]
async fn a_signature_is_the_inspectors_own_on_the_day_on_an_open_account() {
    let (post, inspector) = stage().await;
    let (db, ctx) = (&post.office.db, &inspector.ctx);
    let guns = filled(&post, &inspector, GUNS, &[]).await;
    let rounds = filled(&post, &inspector, ROUNDS, &[]).await;
    let another = with_account(&post, (2, 3), Role::PublicOrder, None).await;
    let numbers = [rounds.number.clone(), guns.number.clone()];
    assert!(said(inspections::sign(db, &another, &numbers).await).contains("检查人员本人"));
    let day = inspections::today(db.read(), ctx).await.unwrap();
    assert_eq!(day.ready(db.read(), ctx.person()).await.unwrap(), numbers);
    assert!(day.ready(db.read(), another.ctx.person()).await.unwrap().is_empty());
    // One that cannot be signed lets none be signed.
    let missing = [guns.number.clone(), "XC-2026-0099".to_owned()];
    assert!(said(inspections::sign(db, &inspector, &missing).await).contains("没有这份检查表"));
    assert!(said(inspections::sign(db, &inspector, &[]).await).contains("一次签"));
    inspections::sign(db, &inspector, &numbers).await.unwrap();
    assert_eq!(inspections::today(db.read(), ctx).await.unwrap().done(), 2);
    // The day after nobody signs for yesterday.
    post.office.clock.advance_ms(DAY);
    let late = filled(&post, &inspector, GUNS, &[]).await;
    post.office.clock.advance_ms(DAY);
    let late = [late.number];
    assert!(said(inspections::sign(db, &inspector, &late).await).contains("已过当日"));
    inspections::cancel(db, ctx, &late[0], "当日未签").await.unwrap();
    // Who has come to keep the store, or whose account was closed, signs no more.
    let today = [filled(&post, &inspector, GUNS, &[]).await.number];
    grant(&post, inspector.account, Role::Armourer, Some(0)).await;
    assert!(said(inspections::sign(db, &inspector, &today).await).contains("自己保管"));
    let other = [filled(&post, &another, ROUNDS, &[]).await.number];
    accounts::close(db, &post.office.ctx, another.account).await.unwrap();
    assert!(said(inspections::sign(db, &another, &other).await).contains("已停用"));
}

#[tokio::test]
async fn what_is_missing_by_the_hour_is_told_once_and_settled_by_the_inspection() {
    let (post, inspector) = stage().await;
    let db = &post.office.db;
    alarms::mark(db, &post.office.ctx).await.unwrap();
    post.office.clock.advance_ms(18 * HOUR - 1);
    filled(&post, &inspector, ROUNDS, &[]).await;
    alarms::mark(db, &post.office.ctx).await.unwrap();
    assert!(told(&post, Finding::InspectionMissing).await.is_empty(), "there is time until six");
    post.office.clock.advance_ms(1);
    for _ in 0..2 {
        alarms::mark(db, &post.office.ctx).await.unwrap();
        let missing = told(&post, Finding::InspectionMissing).await;
        assert_eq!(missing.len(), 2, "one a store and day; what is not signed is not made");
        assert!(missing.iter().all(|row| row.unit_id == Some(post.office.units[2])), "the brigade answers for it");
    }
    let row = filled(&post, &inspector, GUNS, &[]).await;
    inspections::sign(db, &inspector, &[row.number]).await.unwrap();
    let settled: Vec<_> = told(&post, Finding::InspectionMissing).await.into_iter().map(|row| row.state).collect();
    assert_eq!(settled.iter().filter(|state| **state == Standing::Explained).count(), 1, "{settled:?}");
    post.office.clock.advance_ms(DAY);
    alarms::mark(db, &post.office.ctx).await.unwrap();
    assert_eq!(told(&post, Finding::InspectionMissing).await.len(), 4, "a new day");
}

pub(super) fn picture(shade: u8) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    let image = image::DynamicImage::ImageLuma8(image::GrayImage::from_pixel(4, 4, image::Luma([shade])));
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

#[tokio::test]
async fn photos_stand_with_their_hash_and_are_printed_with_the_paper() {
    let (post, inspector) = stage().await;
    let (db, ctx) = (&post.office.db, &inspector.ctx);
    let row = filled(&post, &inspector, GUNS, &["locked"]).await;
    let file = NewFile::look_at("库门.png", picture(7)).unwrap();
    let kept = photos::add(db, ctx, &row.number, "locked", &file).await.unwrap();
    assert_eq!(kept.sha256, file.sha256());
    for (code, file, expected) in [
        ("locked", file.clone(), "已经在了"),
        ("barrel", NewFile::look_at("a.png", picture(8)).unwrap(), "没有“barrel”"),
        ("", NewFile::look_at("a.txt", b"text".to_vec()).unwrap(), "只收"),
    ] {
        assert!(said(photos::add(db, ctx, &row.number, code, &file).await).contains(expected), "{code}");
    }
    let another = holding(&post.office, post.person(2, 3), Role::PublicOrder, None);
    let file = NewFile::look_at("a.png", picture(9)).unwrap();
    assert!(said(photos::add(db, &another, &row.number, "", &file).await).contains("本人"));
    assert!(store::photo(db.read(), &post.armourer(1), kept.id).await.is_err(), "another unit's");
    let taken = db.write(async |tx| {
        photo::Entity::delete_by_id(kept.id).exec(tx).await?;
        Ok::<_, DbError>(())
    });
    assert!(taken.await.is_err(), "a photo is never taken back");
    let signed = inspections::sign(db, &inspector, &[row.number]).await.unwrap().remove(0);
    let paper = Paper::read(db.read(), signed, ctx.now()).await.unwrap();
    let bytes = paper.bytes().unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 10_000);
}

#[tokio::test]
async fn an_armoury_out_of_reach_is_none() {
    let (post, inspector) = stage().await;
    let db = &post.office.db;
    let row = filled(&post, &inspector, GUNS, &[]).await;
    assert!(store::one(db.read(), &post.armourer(0), &row.number).await.is_ok(), "whoever keeps it reads it");
    assert!(said(store::one(db.read(), &post.armourer(1), &row.number).await).contains("没有这份检查表"));
    assert!(store::one(db.read(), &inspector.ctx, "\0").await.is_err());
    let cabinet = armouries::add_cabinet(db, &inspector.ctx, GUNS, "2", 4).await;
    assert!(cabinet.is_ok(), "inspecting takes no other right away");
}
