//! Figures that leave the house: computed from lines, held against the filling standard, signed by three, frozen.

use chrono::NaiveDate;
use hufu::access::rules::{self, NewRule};
use hufu::access::{Action, Role, permit};
use hufu::assets::AssetError;
use hufu::assets::movements::model::Kind as Move;
use hufu::assets::movements::service::Ask;
use hufu::assets::submissions::entity::{submission, submission_line};
use hufu::assets::submissions::figures::{By, Sum, key_of};
use hufu::assets::submissions::model::{Deed, Kind, Severity, State};
use hufu::assets::submissions::paper::Paper;
use hufu::assets::submissions::service::{self, New};
use hufu::assets::submissions::sheet::Sheets;
use hufu::assets::submissions::{steps, store};
use hufu::items::model::ItemState;
use hufu::items::service::NewItem;
use hufu::kernel::ids::PersonId;
use hufu::kernel::{Ctx, Fen, Quantity};
use hufu::org::Directory;
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::scope::Scope;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _};

use super::support::DAY;
use super::web::holding;
use super::yard::{Yard, plain, said};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

impl Yard {
    fn leader(&self, n: usize) -> Ctx {
        holding(&self.office, self.office.people[2][2 + n], Role::BureauLeader, None)
    }

    fn head_of(&self, unit: usize) -> Ctx {
        holding(&self.office, self.office.people[unit][0], Role::UnitHead, Some(self.office.units[unit]))
    }

    /// A thing as the standard wants it.
    fn sound(&self, number: &str, unit: usize) -> NewItem {
        NewItem { acquired_on: Some(day(2021, 3, 5)), ..self.office.new_item(number, unit) }
    }

    fn annual(&self, unit: Option<usize>) -> New {
        New {
            kind: Kind::Annual,
            unit: unit.map(|n| self.office.units[n]),
            as_of: self.office.ctx.now().day(),
            campaign: String::new(),
        }
    }

    async fn begun(&self, ctx: &Ctx, unit: Option<usize>) -> submission::Model {
        service::begin(&self.office.db, ctx, &self.annual(unit)).await.unwrap()
    }

    async fn prepared(&self) -> submission::Model {
        let row = self.begun(&self.manager(0), Some(0)).await;
        service::prepare(&self.office.db, &self.manager(0), &row.number, Some(row.version)).await.unwrap()
    }
}

fn forbidden<T: std::fmt::Debug>(outcome: Result<T, AssetError>) -> bool {
    matches!(outcome, Err(AssetError::Forbidden(_)))
}

#[tokio::test]
async fn three_people_look_at_it_before_it_leaves() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    office.register(&[yard.sound("S-1", 0), yard.sound("S-2", 0), yard.sound("O-1", 1)]).await;
    assert!(forbidden(service::begin(db, &yard.manager(0), &yard.annual(None)).await), "the whole is not the unit's");
    assert!(forbidden(service::begin(db, &yard.member(0, 2), &yard.annual(Some(0))).await));
    let row = yard.begun(&yard.manager(0), Some(0)).await;
    assert_eq!((row.number.as_str(), row.state, row.line_count), ("BS-2026-0001", State::Draft, 2));
    assert_eq!((row.value_fen, row.error_count, row.warning_count), (Fen(900_000), 0, 0));
    assert!(said(service::begin(db, &yard.centre(), &yard.annual(Some(0))).await).contains("BS-2026-0001 尚未办结"));
    assert!(said(steps::review(db, &yard.head_of(0), &row.number, None, "").await).contains("编制中，不能复核通过"));
    assert!(matches!(service::prepare(db, &yard.office.ctx, &row.number, None).await, Err(AssetError::NoPerson)));
    let row = service::prepare(db, &yard.manager(0), &row.number, Some(1)).await.unwrap();
    assert!(service::prepare(db, &yard.manager(0), &row.number, Some(1)).await.is_err(), "the page is old");
    // Out of reach is not there; not theirs is refused.
    assert!(matches!(steps::review(db, &yard.head_of(1), &row.number, None, "").await, Err(AssetError::NotFound(_))));
    assert!(forbidden(steps::review(db, &yard.manager(0), &row.number, None, "").await));
    assert!(forbidden(steps::approve(db, &yard.head_of(0), &row.number, None, "").await));
    // The preparer with another hat on.
    let hat = holding(office, office.people[0][1], Role::UnitHead, Some(office.units[0]));
    assert!(said(steps::review(db, &hat, &row.number, None, "").await).contains("须由三人分别办理"));
    let row = steps::review(db, &yard.head_of(0), &row.number, Some(row.version), "数据属实").await.unwrap();
    for (person, what) in [(office.people[0][1], "preparer"), (office.people[0][0], "reviewer")] {
        let hat = holding(office, person, Role::BureauLeader, None);
        assert!(said(steps::approve(db, &hat, &row.number, None, "").await).contains("须由三人"), "{what}");
    }
    let row = steps::approve(db, &yard.leader(0), &row.number, None, "同意报送").await.unwrap();
    assert!(forbidden(steps::submit(db, &yard.manager(0), &row.number, None, "财政局", "").await));
    assert!(said(steps::submit(db, &yard.centre(), &row.number, None, " ", "").await).contains("报送对象"));
    let row = steps::submit(db, &yard.centre(), &row.number, None, "市财政局", "中财函 18 号").await.unwrap();
    assert_eq!((row.state, row.open_of.clone()), (State::Submitted, None));
    assert!(said(steps::void(db, &yard.centre(), &row.number, None, "重报").await).contains("已报送"));
    let steps = store::steps(db.read(), &row).await.unwrap();
    let told: Vec<_> = steps.iter().map(|step| (step.deed, step.note.as_str())).collect();
    assert_eq!(
        told,
        [
            (Deed::Begin, ""),
            (Deed::Prepare, ""),
            (Deed::Review, "数据属实"),
            (Deed::Approve, "同意报送"),
            (Deed::Submit, "市财政局"),
        ]
    );
    assert_eq!(yard.begun(&yard.manager(0), Some(0)).await.number, "BS-2026-0002", "what was sent can be corrected");
}

/// Whoever writes the row past the program: the table refuses two signatures of one hand.
#[tokio::test]
async fn the_table_refuses_two_signatures_of_one_hand() {
    let yard = Yard::new().await;
    let office = &yard.office;
    office.register(&[yard.sound("S-1", 0)]).await;
    let row = yard.prepared().await;
    let [head, manager, third, _] = office.people[0];
    let signed = |reviewed: Option<PersonId>, approved: Option<PersonId>| submission::Model {
        state: if approved.is_some() { State::Approved } else { State::Reviewed },
        reviewed_by: reviewed,
        approved_by: approved,
        ..row.clone()
    };
    let write = async |row: submission::Model| row.into_active_model().reset_all().update(office.db.read()).await;
    for (reviewed, approved) in [
        (Some(manager), None),
        (None, None),
        (Some(head), Some(head)),
        (Some(head), Some(manager)),
        (None, Some(third)),
    ] {
        assert!(write(signed(reviewed, approved)).await.is_err(), "{reviewed:?} {approved:?}");
    }
    write(signed(Some(head), Some(third))).await.unwrap();
    let line = submission_line::Entity::find().one(office.db.read()).await.unwrap().unwrap();
    let forged = submission_line::Model { value_fen: Fen(1), ..line };
    assert!(forged.into_active_model().reset_all().update(office.db.read()).await.is_err(), "lines are append-only");
}

#[tokio::test]
async fn errors_stop_it_and_warnings_want_a_reason() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    let bad = NewItem { class_code: "2010104".into(), ..yard.sound("S-1", 0) };
    let serial = |number: &str| NewItem { serial_number: "SN-7".into(), ..yard.sound(number, 0) };
    let cheap = NewItem { value_fen: Fen(99_900), ..yard.sound("S-4", 0) };
    let things = office.register(&[bad, serial("S-2"), serial("S-3"), cheap]).await;
    let manager = yard.manager(0);
    let row = yard.begun(&manager, Some(0)).await;
    assert_eq!((row.error_count, row.warning_count), (1, 3));
    assert!(said(service::prepare(db, &manager, &row.number, None).await).contains("有 1 处错误"));
    let told = store::messages(db.read(), &row, None, 0, 99).await.unwrap();
    let told: Vec<_> =
        told.iter().map(|one| (one.line, one.item_number.as_str(), one.rule.as_str(), one.severity)).collect();
    assert_eq!(
        told,
        [
            (1, "S-1", "class_old", Severity::Error),
            (2, "S-2", "serial_twice", Severity::Warning),
            (3, "S-3", "serial_twice", Severity::Warning),
            (4, "S-4", "below_threshold", Severity::Warning),
        ]
    );
    let acknowledge = async |rule: &str, which: Option<&[i64]>, why: &str| {
        service::acknowledge(db, &manager, &row.number, rule, which, why).await
    };
    assert!(said(acknowledge("class_old", None, "照旧").await).contains("没有待说明"), "an error has no excuse");
    assert!(said(acknowledge("serial_twice", None, " ").await).contains("请写明理由"));
    assert_eq!(acknowledge("serial_twice", Some(&[2]), "同批设备铭牌相同").await.unwrap(), 1);
    assert_eq!(acknowledge("serial_twice", None, "同上").await.unwrap(), 1);
    assert!(said(acknowledge("serial_twice", None, "同上").await).contains("没有待说明"));
    // The security administrator sets the standard: from now on an old code is only remarked.
    let security = holding(office, office.people[1][3], Role::SecurityAdministrator, None);
    let rule = |value: &str| NewRule {
        name: "filling.class_old".into(),
        value: value.into(),
        effective_from: None,
        source: "过渡期通知".into(),
    };
    rules::set(db, &security, rule("warning")).await.unwrap();
    let row = service::compute(db, &manager, &row.number, None).await.unwrap();
    assert_eq!((row.edition, row.error_count, row.warning_count), (2, 0, 4));
    assert!(said(service::prepare(db, &manager, &row.number, None).await).contains("有 2 条提示"), "two stay answered");
    rules::set(db, &security, rule("off")).await.unwrap();
    assert!(said(service::prepare(db, &manager, &row.number, None).await).contains("填报标准"), "it changed meanwhile");
    let row = service::compute(db, &manager, &row.number, None).await.unwrap();
    service::acknowledge(db, &manager, &row.number, "below_threshold", None, "批量购置").await.unwrap();
    // The book moves before it is handed on.
    yard.asked(&Ask { to_keeper: Some(office.people[0][2]), ..plain(Move::Relocate, &["S-2"]) }).await;
    assert!(said(service::prepare(db, &manager, &row.number, None).await).contains("账面已有变更"));
    let row = service::compute(db, &manager, &row.number, None).await.unwrap();
    let row = service::prepare(db, &manager, &row.number, None).await.unwrap();
    assert_eq!((row.edition, row.state), (4, State::Prepared));
    assert!(said(service::compute(db, &manager, &row.number, None).await).contains("待复核，不能重新计算"));
    let editions = submission_line::Entity::find().count(db.read()).await.unwrap();
    assert_eq!(editions, 16, "every edition stays");
    assert_eq!(things.len(), 4);
}

#[tokio::test]
async fn each_may_send_it_back_and_all_sign_again() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    office.register(&[yard.sound("S-1", 0)]).await;
    let mut row = yard.prepared().await;
    let number = row.number.clone();
    assert!(forbidden(steps::send_back(db, &yard.manager(0), &number, None, "再看看").await));
    assert!(said(steps::send_back(db, &yard.head_of(0), &number, None, "  ").await).contains("退回的原因"));
    for far in 0..3 {
        if far > 0 {
            steps::review(db, &yard.head_of(0), &number, None, "").await.unwrap();
        }
        if far > 1 {
            steps::approve(db, &yard.leader(1), &number, None, "").await.unwrap();
        }
        let who = [yard.head_of(0), yard.leader(0), yard.centre()][far].clone();
        row = steps::send_back(db, &who, &number, None, "分类有误").await.unwrap();
        assert_eq!((row.state, row.prepared_by, row.reviewed_by, row.approved_by), (State::Draft, None, None, None));
        service::prepare(db, &yard.manager(0), &number, None).await.unwrap();
    }
    let row = steps::void(db, &yard.manager(0), &number, None, "改由分局汇总").await.unwrap();
    assert_eq!(row.state, State::Void);
    let notes = store::steps(db.read(), &row).await.unwrap();
    assert_eq!(notes.iter().filter(|step| step.deed == Deed::SendBack && step.note == "分类有误").count(), 3);
}

/// Two reviewers at once, a reviewer and a sender-back at once: one of them does it.
#[tokio::test]
async fn two_at_once_do_it_once() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    yard.office.register(&[yard.sound("S-1", 0)]).await;
    let row = yard.prepared().await;
    let (head, centre) = (yard.head_of(0), yard.centre());
    let (one, other) = tokio::join!(
        steps::review(db, &head, &row.number, Some(row.version), ""),
        steps::review(db, &centre, &row.number, Some(row.version), "")
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
    let (first, second) = (yard.leader(0), yard.leader(1));
    let (one, other) = tokio::join!(
        steps::approve(db, &first, &row.number, None, ""),
        steps::send_back(db, &second, &row.number, Some(row.version + 1), "不符")
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
}

/// Every number leads to its lines, and these add up to it; what changes later shows against what was signed.
#[tokio::test]
async fn numbers_lead_to_lines_and_later_changes_show() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    let desk = NewItem { class_code: "A05010502".into(), quantity: Quantity(3), ..yard.sound("S-2", 0) };
    let idle = NewItem { state: ItemState::Idle, keeper_id: None, ..yard.sound("O-1", 1) };
    office.register(&[yard.sound("S-1", 0), desk, idle]).await;
    let row = yard.begun(&yard.centre(), None).await;
    let figures = store::figures(&row).unwrap();
    assert_eq!(figures.total.lines, 3);
    for group in &figures.groups {
        let lines = store::lines_of(db.read(), &row, Some((group.by, &group.key)), 0, 99).await.unwrap();
        assert_eq!(Sum::of(&lines), group.sum, "{:?} {}", group.by, group.name);
        assert!(lines.iter().all(|line| key_of(group.by, line) == group.key));
    }
    assert_eq!(figures.by(By::Unit).count(), 2);
    assert!(service::differences(db.read(), &office.ctx, &row, None).await.unwrap().is_none());
    let wording = Some("联想 M650".to_owned());
    let facts = hufu::items::correcting::Facts { specification: wording, ..Default::default() };
    hufu::assets::movements::correction::correct(db, &yard.manager(0), "S-1", &facts, "铭牌为准").await.unwrap();
    office.clock.advance_ms(DAY);
    yard.asked(&plain(Move::Idle, &["S-1"])).await;
    office.register(&[yard.sound("S-9", 0)]).await;
    let own = service::differences(db.read(), &office.ctx, &row, None).await.unwrap();
    let changed: Vec<_> =
        own.changed.iter().map(|one| (one.item_number.as_str(), one.field, one.now.as_str())).collect();
    assert_eq!(changed, [("S-1", "规格型号", "联想 M650")], "on its own day only what was put right");
    let today = service::differences(db.read(), &office.ctx, &row, Some(office.ctx.now().day())).await.unwrap();
    assert_eq!(today.added.iter().map(|line| line.item_number.as_str()).collect::<Vec<_>>(), ["S-9"]);
    assert_eq!(today.changed.len(), 2);
    assert_eq!(today.now.value - today.before.value, Fen(450_000));
}

#[tokio::test]
async fn a_stocktake_report_says_what_a_closed_count_found() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    office.register(&[yard.sound("S-1", 0), yard.sound("S-2", 0)]).await;
    office.clock.advance_ms(DAY);
    let today = office.ctx.now().day();
    let opening = Opening {
        number: "2026-YE".into(),
        name: "年终盘点".into(),
        baseline_on: today - chrono::Days::new(1),
        from: today,
        to: today + chrono::Days::new(9),
        blind: false,
        scope: Scope::default(),
    };
    let number = campaign::open(db, &office.ctx, &opening).await.unwrap().number;
    let new = |campaign: &str| New { kind: Kind::Stocktake, campaign: campaign.to_owned(), ..yard.annual(None) };
    for (campaign, sentence) in [("", "已结束的盘点"), ("没有", "没有这次盘点"), (&*number, "盘点尚未结束")]
    {
        assert!(said(service::begin(db, &yard.centre(), &new(campaign)).await).contains(sentence), "{campaign}");
    }
    let typed = New { campaign: number.clone(), ..yard.annual(None) };
    assert!(said(service::begin(db, &yard.centre(), &typed).await).contains("不填盘点编号"));
    close(&yard, &number).await;
    let row = service::begin(db, &yard.centre(), &new(&number)).await.unwrap();
    assert_eq!((row.as_of, row.line_count), (opening.baseline_on, 2));
    let found: Vec<_> = store::figures(&row).unwrap().by(By::Verdict).map(|group| group.name.clone()).collect();
    assert_eq!(found, ["盘亏"]);
    let messages = store::messages(db.read(), &row, Some("missing_open"), 0, 9).await.unwrap();
    assert_eq!(messages.len(), 2, "what is searched for is remarked");
}

/// Hands every sheet in with nothing seen, and ends the count.
pub(crate) async fn close(yard: &Yard, number: &str) {
    use hufu::stocktake::entity::sheet;
    let (db, ctx) = (&yard.office.db, &yard.office.ctx);
    for sheet in sheet::Entity::find().all(db.read()).await.unwrap() {
        let unit = yard.office.units.iter().position(|unit| *unit == sheet.unit_id).unwrap();
        campaign::submit(db, ctx, number, sheet.unit_id, Some(yard.office.people[unit][1])).await.unwrap();
        campaign::confirm(db, ctx, number, sheet.unit_id, yard.office.people[unit][0], None).await.unwrap();
    }
    campaign::close(db, ctx, number, None).await.unwrap();
}

#[tokio::test]
async fn it_can_be_taken_away_as_workbook_and_paper() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    let cheap = NewItem { value_fen: Fen(50_000), ..yard.sound("S-2", 0) };
    office.register(&[yard.sound("S-1", 0), cheap]).await;
    let row = yard.begun(&yard.manager(0), Some(0)).await;
    service::acknowledge(db, &yard.manager(0), &row.number, "below_threshold", None, "批量购置").await.unwrap();
    let row = service::prepare(db, &yard.manager(0), &row.number, None).await.unwrap();
    let row = steps::review(db, &yard.head_of(0), &row.number, None, "属实").await.unwrap();
    let paper = Paper::read(db.read(), row.clone(), office.ctx.now()).await.unwrap();
    let bytes = paper.bytes().unwrap();
    assert!(bytes.starts_with(b"%PDF") && bytes == paper.bytes().unwrap(), "the same twice");
    let sheets = Sheets {
        figures: store::figures(&row).unwrap(),
        lines: store::lines(db.read(), &row).await.unwrap(),
        messages: store::messages(db.read(), &row, None, 0, 99).await.unwrap(),
        steps: store::steps(db.read(), &row).await.unwrap(),
        difference: service::differences(db.read(), &office.ctx, &row, None).await.unwrap(),
        names: Directory::load(db.read()).await.unwrap(),
        row,
    };
    use calamine::Reader as _;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(sheets.bytes().unwrap())).unwrap();
    assert_eq!(book.sheet_names(), ["汇总", "明细", "填报检查", "流程", "现差异"]);
    let page = book.worksheet_range("汇总").unwrap();
    assert_eq!(
        (page.get((1, 2)).unwrap().to_string(), page.get((1, 4)).unwrap().to_string()),
        ("2".into(), "5000".into())
    );
    let page = book.worksheet_range("填报检查").unwrap();
    assert_eq!(page.get((1, 6)).unwrap().to_string(), "批量购置");
    assert!(permit(&yard.centre(), Action::SubmissionsApprove, None).is_err());
}
