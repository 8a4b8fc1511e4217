//! Missing things from the list that is sent down to the write-off, and the surplus things that come back.

use hufu::access::Role;
use hufu::approvals::entity::request;
use hufu::approvals::model::State as Approval;
use hufu::assets::AssetError;
use hufu::assets::missing::model::{Degree, FoundHow, Outcome, Part};
use hufu::assets::missing::procedure::{self, NewStep, papers_of};
use hufu::assets::missing::sending::{self, SendDown};
use hufu::assets::missing::service::{self, Finding, NewLog};
use hufu::assets::missing::steps::{self, Judgment, WriteOff};
use hufu::assets::missing::store::{self, Case, Recovered, Wanted};
use hufu::assets::movements::model::Kind;
use hufu::assets::papers;
use hufu::findings::entity::finding_evidence;
use hufu::items::attachments::NewFile;
use hufu::items::model::ItemState;
use hufu::items::store as items;
use hufu::kernel::ids::{ItemId, MissingCaseId};
use hufu::kernel::{Ctx, Fen, Quantity, Timestamp};
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, NewScan};
use hufu::stocktake::missing::carry_over;
use hufu::stocktake::model::{Condition, MissingState};
use hufu::stocktake::scope::Scope;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use super::support::{DAY, badge};
use super::web::holding;
use super::yard::{Yard, plain, said};

/// A case of a year's list for each of these things.
pub(super) async fn missing(yard: &Yard, year: i64, things: &[ItemId]) -> Vec<MissingCaseId> {
    let (db, ctx) = (&yard.office.db, &yard.office.ctx);
    carry_over(db, ctx, year, things).await.unwrap();
    let wanted = Wanted { list_year: Some(year), ..Wanted::default() };
    let cases = store::list(db.read(), ctx, &wanted, 1_000).await.unwrap();
    let of = |thing: &ItemId| cases.iter().find(|one| one.thing.id == *thing).unwrap().case.id;
    things.iter().map(of).collect()
}

impl Yard {
    pub(super) fn unit_head(&self, unit: usize) -> Ctx {
        holding(&self.office, self.office.people[unit][0], Role::UnitHead, Some(self.office.units[unit]))
    }

    pub(super) fn security(&self) -> Ctx {
        holding(&self.office, self.office.people[2][0], Role::SecurityAdministrator, None)
    }

    pub(super) async fn case(&self, id: MissingCaseId) -> Case {
        store::one(self.office.db.read(), &self.office.ctx, id).await.unwrap()
    }

    pub(super) async fn explain_loss(&self, id: MissingCaseId) -> Result<Case, AssetError> {
        service::explain(&self.office.db, &self.manager(0), id, None, "搬迁后逐间查找未见").await
    }

    /// Another than the keeper, who is the unit's head.
    pub(super) async fn confirm(&self, id: MissingCaseId) -> Result<Case, AssetError> {
        steps::confirm(&self.office.db, &self.centre(), id, None).await
    }

    pub(super) async fn judge(&self, id: MissingCaseId) -> Result<Case, AssetError> {
        let judgment = Judgment {
            degree: Degree::Minor,
            responsible: Some(self.office.people[0][0]),
            basis: "保管不善".to_owned(),
            compensation: Some(Fen(50_000)),
            receipt: "粤非税 001".to_owned(),
        };
        steps::judge(&self.office.db, &self.centre(), id, None, &judgment).await
    }

    pub(super) async fn ask_off(&self, id: MissingCaseId) -> Result<Case, AssetError> {
        steps::ask(&self.office.db, &self.manager(0), id, None, "确已丢失").await
    }

    /// The steps of its chain, the first `many` of them, say yes or the last of these says no.
    pub(super) async fn chain_says(&self, id: MissingCaseId, yes: bool) {
        let asked = self.case(id).await.loss.approval_id.unwrap();
        for ctx in self.deciders() {
            let now = request::Entity::find_by_id(asked).one(self.office.db.read()).await.unwrap().unwrap();
            if now.state.is_open() {
                self.decide(&ctx, asked, yes).await.unwrap();
            }
        }
    }

    pub(super) async fn write_off(&self, id: MissingCaseId) -> Result<Case, AssetError> {
        steps::write_off(&self.office.db, &self.centre(), id, None, &self.voucher()).await
    }

    pub(super) fn voucher(&self) -> WriteOff {
        WriteOff {
            decision: "会议纪要〔2026〕3 号".to_owned(),
            approval_number: "批复〔2026〕8 号".to_owned(),
            voucher_number: "记-118".to_owned(),
            voucher_on: Some(self.office.ctx.now().day()),
        }
    }

    pub(super) async fn paper(&self, id: MissingCaseId, step: &str) {
        let file = NewFile::look_at("材料.txt", format!("{id} {step}").into_bytes()).unwrap();
        let (ctx, subject) = (self.manager(0), papers_of(&self.case(id).await, step));
        self.office.db.write(async |tx| papers::attach_in(tx, &ctx, &subject, &file).await).await.unwrap();
    }

    pub(super) async fn tick(&self, id: MissingCaseId, code: &str, done: bool) -> Result<(), AssetError> {
        let note = if done { "" } else { "材料有误" };
        procedure::tick(&self.office.db, &self.manager(0), id, code, done, note).await.map(drop)
    }

    /// Every required step, with its paper where it needs one.
    pub(super) async fn tick_all(&self, id: MissingCaseId) {
        for one in procedure::of_case(self.office.db.read(), &self.case(id).await.case).await.unwrap() {
            if one.step.required && !one.done {
                if one.step.needs_paper {
                    self.paper(id, &one.step.code).await;
                }
                self.tick(id, &one.step.code, true).await.unwrap();
            }
        }
    }

    /// As far as approved.
    pub(super) async fn approved(&self, id: MissingCaseId) {
        self.explain_loss(id).await.unwrap();
        self.confirm(id).await.unwrap();
        self.judge(id).await.unwrap();
        self.ask_off(id).await.unwrap();
        self.chain_says(id, true).await;
    }
}

fn found(note: &str) -> Finding {
    Finding { note: note.to_owned(), ..Finding::default() }
}

#[tokio::test]
async fn a_loss_goes_from_the_search_to_the_voucher() {
    let yard = Yard::new().await;
    let things = yard.stock(1).await;
    let id = missing(&yard, 2023, &[things[0].id]).await[0];
    let db = &yard.office.db;
    assert!(said(yard.confirm(id).await).contains("须先说明盘亏原因"));
    assert!(said(yard.write_off(id).await).contains("查找中，不能核销"));
    let look = NewLog {
        searcher: Some(yard.office.people[0][2]),
        place: Some(yard.office.places[0][1]),
        whereabouts: "柜后".to_owned(),
        at: None,
        result: Outcome::NotFound,
        note: "问过前任保管人".to_owned(),
    };
    service::log(db, &yard.manager(0), id, &look).await.unwrap();
    for (log, sentence) in [
        (NewLog { place: None, whereabouts: " ".to_owned(), ..look.clone() }, "在哪里查找"),
        (NewLog { result: Outcome::Found, ..look.clone() }, "登记找回"),
        (NewLog { at: Some(Timestamp(yard.office.ctx.now().0 + DAY)), ..look.clone() }, "不能晚于现在"),
    ] {
        assert!(said(service::log(db, &yard.manager(0), id, &log).await).contains(sentence));
    }
    assert!(service::log(db, &yard.manager(1), id, &look).await.is_err(), "another unit's manager sees no such case");
    yard.explain_loss(id).await.unwrap();
    // The keeper is the head of the unit; whoever explained does not confirm either.
    assert!(said(steps::confirm(db, &yard.unit_head(0), id, None).await).contains("由您保管"));
    let confirmed = yard.confirm(id).await.unwrap();
    assert_eq!(confirmed.standing.state, MissingState::Confirmed);
    assert_eq!(yard.thing("T-0").await.state, ItemState::PendingDisposal, "it stays on the book");
    assert!(said(yard.explain_loss(id).await).contains("已确认盘亏，不能说明原因"));
    assert!(said(yard.ask_off(id).await).contains("须先认定责任"));
    let bad = |degree, responsible, paid, receipt: &str| Judgment {
        degree,
        responsible,
        basis: "依据".to_owned(),
        compensation: paid,
        receipt: receipt.to_owned(),
    };
    let someone = Some(yard.office.people[0][2]);
    for (judgment, sentence) in [
        (bad(Degree::Full, None, None, ""), "请填写责任人"),
        (bad(Degree::None, someone, None, ""), "不填责任人"),
        (bad(Degree::None, None, Some(Fen(1)), "x"), "没有赔偿"),
        (bad(Degree::Full, someone, Some(Fen(1)), " "), "收款票据"),
        (bad(Degree::Full, someone, Some(Fen(-1)), "x"), "不能为负"),
        (Judgment { basis: " ".to_owned(), ..bad(Degree::Full, someone, None, "") }, "认定依据"),
        (bad(Degree::Full, Some(yard.office.people[2][1]), None, ""), "本人的责任"),
    ] {
        assert!(said(steps::judge(db, &yard.centre(), id, None, &judgment).await).contains(sentence), "{sentence}");
    }
    yard.judge(id).await.unwrap();
    yard.ask_off(id).await.unwrap();
    assert!(said(yard.ask_off(id).await).contains("正在审批"));
    assert!(said(yard.judge(id).await).contains("正在审批"));
    assert!(said(yard.write_off(id).await).contains("不能核销"));
    yard.chain_says(id, true).await;
    assert_eq!(yard.case(id).await.standing.state, MissingState::Approved, "though nobody has written it down");
    let approved = Wanted { state: Some(MissingState::Approved), ..Wanted::default() };
    assert_eq!(store::list(db.read(), &yard.centre(), &approved, 9).await.unwrap().len(), 1);
    let confirmed = Wanted { state: Some(MissingState::Confirmed), ..Wanted::default() };
    assert_eq!(store::list(db.read(), &yard.centre(), &confirmed, 9).await.unwrap().len(), 0);
    // Every required step first, named; a step that needs its paper not without it.
    assert!(said(yard.write_off(id).await).contains("流程事项“1.1 "));
    assert!(said(yard.tick(id, "1.1", true).await).contains("须附材料"));
    assert!(said(yard.tick(id, "9.9", true).await).contains("没有这个流程事项"));
    yard.tick_all(id).await;
    assert!(said(yard.tick(id, "1.1", true).await).contains("已办理"));
    yard.tick(id, "2.7", false).await.unwrap();
    assert!(said(yard.write_off(id).await).contains("“2.7 "));
    yard.tick(id, "2.7", true).await.unwrap();
    // The paper of a ticked step is withdrawn: the step is open again.
    let paper = papers::of(db.read(), &papers_of(&yard.case(id).await, "2.3")).await.unwrap().pop().unwrap();
    papers::withdraw(db, &yard.manager(0), paper.id, "扫描不清").await.unwrap();
    assert!(said(yard.write_off(id).await).contains("“2.3 "));
    let again = NewFile::look_at("纪要.txt", b"again".to_vec()).unwrap();
    let (ctx, subject) = (yard.manager(0), papers_of(&yard.case(id).await, "2.3"));
    db.write(async |tx| papers::attach_in(tx, &ctx, &subject, &again).await).await.unwrap();
    let today = yard.office.ctx.now().day();
    for (with, sentence) in [
        (WriteOff { decision: " ".to_owned(), ..yard.voucher() }, "会议纪要"),
        (WriteOff { approval_number: String::new(), ..yard.voucher() }, "批复文号"),
        (WriteOff { voucher_number: String::new(), ..yard.voucher() }, "会计凭证号"),
        (WriteOff { voucher_on: None, ..yard.voucher() }, "凭证日期"),
        (WriteOff { voucher_on: today.succ_opt(), ..yard.voucher() }, "不能晚于今天"),
        (WriteOff { voucher_on: today.pred_opt(), ..yard.voucher() }, "早于盘亏登记"),
    ] {
        assert!(said(steps::write_off(db, &yard.centre(), id, None, &with).await).contains(sentence), "{sentence}");
    }
    assert!(steps::write_off(db, &yard.manager(0), id, None, &yard.voucher()).await.is_err(), "not the manager alone");
    let done = yard.write_off(id).await.unwrap();
    assert_eq!((done.standing.state, done.thing.state), (MissingState::WrittenOff, ItemState::WrittenOff));
    let last = items::events(db.read(), things[0].id).await.unwrap().pop().unwrap();
    assert_eq!(last.reason.as_deref(), Some("2023 年盘亏核销：批复 批复〔2026〕8 号，凭证 记-118"));
    assert!(said(yard.write_off(id).await).contains("已核销，不能核销"), "not twice");
    let late = service::find(db, &yard.manager(0), id, None, &found("仓库里")).await;
    assert!(said(late).contains("按盘盈登记"));
    assert_eq!(store::logs(db.read(), id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_missing_does_not_move_and_what_moves_is_not_confirmed() {
    let yard = Yard::new().await;
    let things = yard.stock(2).await;
    // Asked for before it was missed.
    let transfer = yard.asked(&yard.transfer(&["T-1"])).await;
    let ids = missing(&yard, 2023, &[things[0].id, things[1].id]).await;
    for kind in [Kind::Idle, Kind::Return] {
        assert!(said(yard.ask(&yard.manager(0), &plain(kind, &["T-0"])).await).contains("按盘亏查找"));
    }
    yard.explain_loss(ids[1]).await.unwrap();
    assert!(said(yard.confirm(ids[1]).await).contains(&transfer.number));
    yard.withdraw(&yard.manager(0), &transfer).await.unwrap();
    yard.confirm(ids[1]).await.unwrap();
    yard.judge(ids[1]).await.unwrap();
    assert!(said(yard.ask(&yard.manager(0), &plain(Kind::Idle, &["T-1"])).await).contains("按盘亏查找"));
    // The search goes on: the thing is as it was.
    let back = steps::resume(&yard.office.db, &yard.centre(), ids[1], None, "有新线索").await.unwrap();
    assert_eq!((back.standing.state, back.thing.state), (MissingState::Searching, ItemState::InUse));
    assert!(back.loss.degree.is_none() && back.loss.confirmed_at.is_none() && !back.loss.explanation.is_empty());
    // The chain says no: confirmed, not asked; may be asked again.
    yard.confirm(ids[1]).await.unwrap();
    yard.judge(ids[1]).await.unwrap();
    yard.ask_off(ids[1]).await.unwrap();
    let asked = yard.case(ids[1]).await.loss.approval_id.unwrap();
    yard.decide(&yard.deciders()[0], asked, false).await.unwrap();
    assert_eq!(yard.case(ids[1]).await.standing.state, MissingState::Confirmed);
    yard.ask_off(ids[1]).await.unwrap();
}

#[tokio::test]
async fn a_list_is_sent_down_once_and_acknowledged_by_the_unit() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let things = yard.stock(2).await;
    let other = yard.office.register(&[yard.office.new_item("O-1", 1)]).await;
    missing(&yard, 2023, &[things[0].id, other[0].id]).await;
    let today = yard.office.ctx.now().day();
    let new = |year| SendDown {
        list_year: year,
        units: Vec::new(),
        due_on: today + chrono::Days::new(30),
        note: "对照清单逐件查找".to_owned(),
    };
    assert!(said(sending::send_down(db, &yard.centre(), &new(2022)).await).contains("没有查找中的盘亏"));
    let early = SendDown { due_on: today.pred_opt().unwrap(), ..new(2023) };
    assert!(said(sending::send_down(db, &yard.centre(), &early).await).contains("不能早于今天"));
    assert!(sending::send_down(db, &yard.manager(0), &new(2023)).await.is_err(), "a unit sends nothing down");
    let sent = sending::send_down(db, &yard.centre(), &new(2023)).await.unwrap();
    let told: Vec<_> = sent.iter().map(|row| (row.number.as_str(), row.line_count)).collect();
    assert_eq!(told, [("PK-2026-0001", 1), ("PK-2026-0002", 1)]);
    assert!(
        said(sending::send_down(db, &yard.centre(), &new(2023)).await).contains("已下发（PK-2026-000"),
        "not twice"
    );
    // What is missed later goes with a list of its own.
    missing(&yard, 2023, &[things[1].id]).await;
    let more = sending::send_down(db, &yard.centre(), &new(2023)).await.unwrap();
    assert_eq!((more.len(), more[0].unit_id, more[0].line_count), (1, yard.office.units[0], 1));
    let mine = sent.iter().find(|row| row.unit_id == yard.office.units[0]).unwrap();
    let ack = |ctx: Ctx| async move { sending::acknowledge(db, &ctx, &mine.number, None, "收到").await };
    assert!(ack(yard.manager(1)).await.is_err(), "another unit's list is not there");
    assert!(said(ack(yard.centre()).await).contains("下发人不能代签"));
    let (one, two) = tokio::join!(ack(yard.manager(0)), ack(yard.unit_head(0)));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "one of two acknowledges");
    assert_eq!(store::lists(db.read(), &yard.manager(0), Some(2023), true, 9).await.unwrap().len(), 1);
    let lines = store::lines_of(db.read(), mine.id).await.unwrap();
    assert_eq!(lines.iter().map(|one| one.thing.item_number.as_str()).collect::<Vec<_>>(), ["T-0"]);
}

/// A later count finds what an earlier list misses, though its write-off is on its way: the case is found, the request
/// lapses, the thing is as it was, and the program counts it for its list year.
#[tokio::test]
async fn a_later_count_finds_and_the_program_counts_by_list_year() {
    let yard = Yard::new().await;
    let (db, office) = (&yard.office.db, &yard.office);
    let things = yard.stock(3).await;
    let ids = missing(&yard, 2023, &[things[0].id, things[1].id, things[2].id]).await;
    yard.explain_loss(ids[0]).await.unwrap();
    yard.confirm(ids[0]).await.unwrap();
    yard.judge(ids[0]).await.unwrap();
    let asked = yard.ask_off(ids[0]).await.unwrap().loss.approval_id.unwrap();
    let place = Some(office.places[0][1]);
    let how = Finding { place, whereabouts: "文件柜里".to_owned(), ..found("整理库房时见到") };
    let by_search = service::find(db, &yard.manager(0), ids[1], None, &how).await.unwrap();
    assert_eq!((by_search.standing.state, by_search.loss.found_how), (MissingState::Found, Some(FoundHow::Search)));
    assert_eq!(by_search.thing.place_id, place, "it stays where it was found");
    assert!(said(service::find(db, &yard.manager(0), ids[1], None, &how).await).contains("已找回，不能登记找回"));
    office.clock.advance_ms(2 * DAY);
    let today = office.ctx.now().day();
    let opening = Opening {
        number: "2026-YE".to_owned(),
        name: "年终盘点".to_owned(),
        baseline_on: today.pred_opt().unwrap(),
        from: today,
        to: today + chrono::Days::new(9),
        blind: false,
        scope: Scope { units: vec![office.units[0]], ..Scope::default() },
    };
    campaign::open(db, &office.ctx, &opening).await.unwrap();
    let scan = NewScan {
        id: office.ctx.new_id(),
        code_read: "T-0".to_owned(),
        place: Some(office.places[0][0]),
        keeper: None,
        quantity: Quantity::ONE,
        condition: Condition::Good,
        no_label: false,
        name: String::new(),
        serial_number: String::new(),
        note: String::new(),
        counter: badge(0, 1),
        device: String::new(),
        device_at: office.ctx.now(),
    };
    counting::scan(db, &office.ctx, "2026-YE", &[scan]).await.unwrap();
    campaign::close(db, &office.ctx, "2026-YE", Some("阶段性")).await.unwrap();
    let case = yard.case(ids[0]).await;
    assert_eq!((case.standing.state, case.thing.state), (MissingState::Found, ItemState::InUse));
    let lapsed = request::Entity::find_by_id(asked).one(db.read()).await.unwrap().unwrap();
    assert_eq!((lapsed.state, lapsed.open_key), (Approval::Withdrawn, None));
    let recovered = store::recovered(db.read(), &yard.centre()).await.unwrap();
    assert_eq!(recovered, [Recovered { list_year: 2023, found_year: 2026, things: 2, by_count: 1 }]);
    let tallies = store::tallies(db.read(), &yard.manager(0)).await.unwrap();
    let told: Vec<_> = tallies.iter().map(|one| (one.list_year, one.state, one.cases)).collect();
    assert_eq!(told, [(2023, MissingState::Found, 2), (2023, MissingState::Searching, 1)]);
    assert!(store::tallies(db.read(), &yard.manager(1)).await.unwrap().is_empty(), "another unit's count is its own");
    assert_eq!(store::recovered(db.read(), &yard.manager(1)).await.unwrap(), []);
}

#[tokio::test]
async fn two_at_once_do_it_once_and_an_old_page_is_told_so() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let things = yard.stock(1).await;
    let id = missing(&yard, 2023, &[things[0].id]).await[0];
    let seen = yard.case(id).await.loss.version;
    yard.explain_loss(id).await.unwrap();
    assert!(service::explain(db, &yard.manager(0), id, Some(seen), "旧页面").await.is_err(), "seen before it changed");
    let other = yard.deciding_centre();
    let (one, two) = tokio::join!(yard.confirm(id), steps::confirm(db, &other, id, None));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    yard.judge(id).await.unwrap();
    let (one, two) = tokio::join!(yard.ask_off(id), yard.ask_off(id));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    yard.chain_says(id, true).await;
    yard.tick_all(id).await;
    let (manager, how) = (yard.manager(0), found("门卫室"));
    let (one, two) = tokio::join!(yard.write_off(id), service::find(db, &manager, id, None, &how));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "written off or found, not both");
    let case = yard.case(id).await;
    let gone = case.case.state == MissingState::WrittenOff;
    assert_eq!(case.thing.state, if gone { ItemState::WrittenOff } else { ItemState::InUse });
}

impl Yard {
    /// Somebody else of the command centre.
    fn deciding_centre(&self) -> Ctx {
        holding(&self.office, self.office.people[2][3], Role::CommandCentre, None)
    }
}

#[tokio::test]
async fn the_procedure_is_laid_down_anew_for_cases_to_come() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let things = yard.stock(2).await;
    let before = missing(&yard, 2023, &[things[0].id]).await[0];
    let seeded = procedure::all(db.read()).await.unwrap();
    let parts = [Part::Confirming, Part::Disposing, Part::Minding];
    let of = |part| seeded[0].steps.iter().filter(|step| step.part == part).count();
    assert_eq!((seeded.len(), parts.map(of)), (1, [7, 8, 4]), "three parts, nineteen steps");
    yard.office.clock.advance_ms(DAY);
    let step = |code: &str, title: &str, required| NewStep {
        part: Part::Confirming,
        code: code.to_owned(),
        title: title.to_owned(),
        needs_paper: true,
        required,
    };
    let lay = async |ctx: &Ctx, steps: &[NewStep]| procedure::lay_down(db, ctx, None, "修订版流程", steps).await;
    for (steps, sentence) in [
        (vec![], "1 至 60 个"),
        (vec![step("1", "核对", true), step("1", "再核对", true)], "重复"),
        (vec![step("一", "核对", true)], "序号应为"),
        (vec![step("1", " ", true)], "没有写内容"),
        (vec![step("1", "核对", false)], "至少应有一个"),
    ] {
        assert!(said(lay(&yard.security(), &steps).await).contains(sentence), "{sentence}");
    }
    assert!(lay(&yard.centre(), &[step("1", "核对", true)]).await.is_err(), "the security administrator's");
    lay(&yard.security(), &[step("1", "核对", true)]).await.unwrap();
    yard.office.clock.advance_ms(DAY);
    let after = missing(&yard, 2024, &[things[1].id]).await[0];
    let count = async |id| procedure::of_case(db.read(), &yard.case(id).await.case).await.unwrap().len();
    assert_eq!((count(before).await, count(after).await), (19, 1), "a case keeps what held when it was opened");
    yard.approved(after).await;
    assert!(said(yard.write_off(after).await).contains("“1 核对”"));
    yard.tick_all(after).await;
    yard.write_off(after).await.unwrap();
    let evidence = finding_evidence::Entity::find().count(db.read()).await.unwrap();
    assert_eq!(evidence, 0, "cases from paper have no finding");
}
