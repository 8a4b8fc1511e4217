//! The stocktake's pages.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum_test::{TestResponse, TestServer};
use calamine::Reader as _;
use futures_util::StreamExt as _;
use hufu::access::Role;
use hufu::items::entity::item;
use hufu::items::service::{self, Change};
use hufu::kernel::ids::SheetId;
use hufu::kernel::{Ctx, Quantity};
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, Answer, NewScan};
use hufu::stocktake::entity::sheet;
use hufu::stocktake::model::{CampaignState, Condition};
use hufu::stocktake::recounting;
use hufu::stocktake::scope::Scope;
use hufu::stocktake::standing::{self, Sight};
use hufu::stocktake::{look, store};
use hufu::web::{self as site, App};
use sea_orm::EntityTrait as _;
use tower::ServiceExt as _;

use super::Office;
use super::support::{DAY, badge};
use super::visitor::{Visitor, account, token_of};
use super::web::holding;

const NUMBER: &str = "2026-YE";
/// No event in this time is no event.
const PATIENCE: Duration = Duration::from_secs(60);

/// `A-0`, `A-1` of unit 0 and `A-2` of unit 1 are expected; unit 2 is in no campaign.
struct Hall {
    office: Office,
    things: Vec<item::Model>,
    app: App,
}

impl Hall {
    async fn open(blind: bool) -> Self {
        Self::open_with(blind, &[("A-0", 0), ("A-1", 0), ("A-2", 1), ("A-9", 2)]).await
    }

    async fn open_with(blind: bool, things: &[(&str, usize)]) -> Self {
        let office = Office::found().await;
        let new: Vec<_> = things.iter().map(|(number, unit)| office.new_item(number, *unit)).collect();
        let things = office.register(&new).await;
        office.clock.advance_ms(2 * DAY);
        let app = App::new(office.db.clone(), office.ctx.clone());
        let hall = Self { office, things, app };
        let today = hall.office.ctx.now().day();
        let opening = Opening {
            number: NUMBER.to_owned(),
            name: "年终<script>盘点".to_owned(),
            baseline_on: today - chrono::Days::new(1),
            from: today,
            to: today + chrono::Days::new(9),
            blind,
            scope: Scope { units: hall.office.units[..2].to_vec(), ..Scope::default() },
        };
        campaign::open(&hall.office.db, &hall.office.ctx, &opening).await.unwrap();
        hall
    }

    fn role(&self, unit: usize, person: usize, role: Role) -> Ctx {
        holding(&self.office, self.office.people[unit][person], role, Some(self.office.units[unit]))
    }
    fn member(&self, unit: usize) -> Ctx {
        self.role(unit, 3, Role::Member)
    }
    fn manager(&self, unit: usize) -> Ctx {
        self.role(unit, 1, Role::AssetManager)
    }
    fn head(&self, unit: usize) -> Ctx {
        self.role(unit, 0, Role::UnitHead)
    }
    fn centre(&self) -> Ctx {
        holding(&self.office, self.office.people[2][1], Role::CommandCentre, None)
    }

    async fn browser(&self, ctx: Ctx) -> Browser {
        let router = site::router(self.app.clone()).layer(Extension(ctx));
        let server = TestServer::builder().save_cookies().build(router);
        let csrf = token_of(&server.get("/sign-in").await);
        Browser { server, csrf }
    }

    async fn get(&self, ctx: Ctx, path: &str) -> TestResponse {
        self.browser(ctx).await.server.get(path).await
    }

    /// A thing is scanned in a room, by somebody who is told by badge.
    async fn scan(&self, code: &str, room: (usize, usize), counter: (usize, usize)) {
        let scan = NewScan {
            id: self.office.ctx.new_id(),
            code_read: code.to_owned(),
            place: Some(self.office.places[room.0][room.1]),
            keeper: None,
            quantity: Quantity::ONE,
            condition: Condition::Good,
            no_label: false,
            name: String::new(),
            serial_number: String::new(),
            note: String::new(),
            counter: badge(counter.0, counter.1),
            device: "PDA".to_owned(),
            device_at: self.office.ctx.now(),
        };
        let answers = counting::scan(&self.office.db, &self.office.ctx, NUMBER, &[scan]).await.unwrap();
        assert!(matches!(answers[0], Answer::Recorded { .. }), "{answers:?}");
    }

    async fn sheet(&self, unit: usize) -> sheet::Model {
        let rows = sheet::Entity::find().all(self.office.db.read()).await.unwrap();
        rows.into_iter().find(|sheet| sheet.unit_id == self.office.units[unit]).unwrap()
    }

    async fn sheet_at(&self, unit: usize) -> String {
        format!("/stocktake/{NUMBER}/sheets/{}", self.sheet(unit).await.id)
    }

    async fn submit(&self, unit: usize) {
        let by = Some(self.office.people[unit][1]);
        campaign::submit(&self.office.db, &self.office.ctx, NUMBER, self.office.units[unit], by).await.unwrap();
    }

    async fn state(&self) -> CampaignState {
        store::campaign(self.office.db.read(), NUMBER).await.unwrap().state
    }
}

/// A browser with a page open.
struct Browser {
    server: TestServer,
    csrf: String,
}

impl Browser {
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        let token = [("csrf", self.csrf.as_str())];
        let fields: Vec<(String, String)> =
            token.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.server.post(path).form(&fields).await
    }
}

fn title(page: &TestResponse) -> String {
    let html = page.text();
    let rest = html.split("<h1>").nth(1).unwrap_or_else(|| panic!("{} {html}", page.status_code()));
    rest.split("</h1>").next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_shown_before_it_is_opened() {
    let office = Office::found().await;
    office.register(&[office.new_item("A-0", 0), office.new_item("A-1", 1)]).await;
    office.clock.advance_ms(2 * DAY);
    let app = App::new(office.db.clone(), office.ctx.clone());
    let hall = Hall { things: Vec::new(), app, office };
    let browser = hall.browser(hall.centre()).await;
    let list = browser.server.get("/stocktake").await;
    assert_eq!(title(&list), "盘点 · 现在没有进行中的盘点");
    list.assert_text_contains("href=\"/stocktake/new\"");

    let today = hall.office.ctx.now().day();
    let (day, unit) = ((today - chrono::Days::new(1)).to_string(), hall.office.units[0].to_string());
    let (from, to) = (today.to_string(), (today + chrono::Days::new(9)).to_string());
    let mut typed = vec![
        ("number", "Y\"1"),
        ("name", "年终盘点"),
        ("baseline_on", day.as_str()),
        ("from", from.as_str()),
        ("to", to.as_str()),
        ("unit", unit.as_str()),
        ("kind", "fixed_asset"),
        ("classes", "A02"),
        ("step", "open"),
    ];
    // Asked to open what nobody has been shown: it is shown first.
    let shown = browser.post("/stocktake/new", &typed).await;
    shown.assert_status_ok();
    assert_eq!(title(&shown), "发起盘点 · 应盘 1 件，1 个单位");
    assert!(store::campaigns(hall.office.db.read()).await.unwrap().is_empty());
    let foreseen =
        shown.text().split("name=\"foreseen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let foreseen = foreseen.replace("&#34;", "\"").replace("&quot;", "\"");
    assert!(foreseen.contains("A02"), "{foreseen}");

    // Another scope than the one shown is shown anew, not opened.
    typed.push(("foreseen", foreseen.as_str()));
    let mut other = typed.clone();
    other.retain(|(name, _)| *name != "unit");
    let again = browser.post("/stocktake/new", &other).await;
    assert_eq!(title(&again), "发起盘点 · 应盘 2 件，2 个单位");

    // A refused form keeps what was typed.
    let mut wrong = typed.clone();
    wrong.retain(|(name, _)| *name != "to");
    wrong.push(("to", "2020-01-01"));
    let refused = browser.post("/stocktake/new", &wrong).await;
    refused.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    refused.assert_text_contains("id=\"to-fault\"");
    refused.assert_text_contains("年终盘点");
    refused.assert_text_contains(format!("value=\"{unit}\" checked"));

    let opened = browser.post("/stocktake/new", &typed).await;
    opened.assert_status_see_other();
    assert_eq!(opened.header("location"), "/stocktake/Y%221?said=opened");
    let board = browser.server.get("/stocktake/Y%221?said=opened").await;
    assert_eq!(title(&board), "年终盘点 · 已盘 0 / 1 · 盘亏 0");
    board.assert_text_contains("已开盘");
    assert_eq!(title(&browser.server.get("/stocktake").await), "盘点 · 年终盘点进行中，已交表 0 / 1");
    let twice = browser.post("/stocktake/new", &typed).await;
    twice.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    twice.assert_text_contains("id=\"number-fault\"");
    // Only the command centre opens.
    hall.get(hall.manager(0), "/stocktake/new").await.assert_status_forbidden();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_says_who_needs_a_call() {
    let hall = Hall::open(false).await;
    hall.scan("A-0", (0, 0), (0, 3)).await;
    hall.scan("A-1", (0, 1), (0, 3)).await;
    hall.office.clock.advance_ms(3 * 60_000);
    let page = hall.get(hall.centre(), &format!("/stocktake/{NUMBER}")).await;
    assert_eq!(title(&page), "年终&#60;script&#62;盘点 · 已盘 2 / 3 · 盘亏 0");
    let html = page.text();
    assert!(!html.contains("<script>盘点"), "a name is text");
    for part in ["3 分钟前", "未开始", "人员01", "人员00", "fill-warn", "fill-good", "sse-connect", "地点不符"]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    // The unit that has not begun stands before the one that has.
    assert!(html.find("第1大队").unwrap() < html.find("第0大队").unwrap());
    hall.submit(1).await;
    let page = hall.get(hall.centre(), &format!("/stocktake/{NUMBER}?lang=en")).await;
    assert_eq!(title(&page), "年终&#60;script&#62;盘点 · counted 2 / 3 · missing 1");
    page.assert_text_contains("href=\"/items/A-2\"");
    page.assert_text_contains("To confirm");

    // A member of one unit sees that unit and no verdicts; of another office, nothing.
    let page = hall.get(hall.member(0), &format!("/stocktake/{NUMBER}")).await;
    assert_eq!(title(&page), "年终&#60;script&#62;盘点 · 已盘 2 / 2");
    assert!(!page.text().contains("第1大队") && !page.text().contains("地点不符"));
    hall.get(hall.member(2), &format!("/stocktake/{NUMBER}")).await.assert_status_not_found();
    hall.get(hall.centre(), "/stocktake/none").await.assert_status_not_found();
    hall.get(hall.member(0), &format!("/stocktake/{NUMBER}/report")).await.assert_status_forbidden();
}

/// What a blind count must not tell a counter: how many, where, with whom, and what is missing.
#[tokio::test(flavor = "multi_thread")]
async fn a_blind_count_tells_a_counter_nothing() {
    let hall = Hall::open(true).await;
    hall.scan("A-0", (0, 1), (0, 3)).await;
    let sheet = hall.sheet_at(0).await;
    for ctx in [hall.member(0), hall.manager(0), hall.head(0)] {
        for path in [
            format!("/stocktake/{NUMBER}"),
            sheet.clone(),
            format!("{sheet}/paper"),
            format!("/stocktake/{NUMBER}/differences?verdict=all"),
            format!("/stocktake/{NUMBER}/report"),
            format!("{sheet}/sign"),
        ] {
            let page = hall.get(ctx.clone(), &path).await;
            let html = page.text();
            for told in
                ["房间00", "人员00</td>", "1 / 2", "0 / 2", "地点不符</span>", ">A-1</span></td>\n<td class=\"tight\">"]
            {
                assert!(!html.contains(told), "{path} tells {told}: {html}");
            }
        }
        let xlsx = hall.get(ctx.clone(), &format!("{sheet}/paper?as=xlsx")).await;
        let cells = cells(&xlsx);
        assert_eq!(cells.len(), 3);
        assert!(cells.iter().flatten().all(|cell| !cell.contains("房间") && !cell.contains("人员")), "{cells:?}");
        let first = first_event(&hall, ctx.clone(), &[]).await;
        assert!(!first.contains("1 / 2") && first.contains("盲盘"), "{first}");
    }
    // Whoever runs it sees all.
    assert!(title(&hall.get(hall.centre(), &format!("/stocktake/{NUMBER}")).await).ends_with("已盘 1 / 3 · 盘亏 0"));
    // Once handed in, the head sees the result; the member still does not.
    hall.submit(0).await;
    assert!(title(&hall.get(hall.head(0), &sheet).await).ends_with("已盘 1 / 2 · 盘亏 1"));
    assert_eq!(title(&hall.get(hall.member(0), &sheet).await), "第0大队 · 盲盘盘点表");
}

fn cells(file: &TestResponse) -> Vec<Vec<String>> {
    file.assert_status_ok();
    let bytes = std::io::Cursor::new(file.as_bytes().to_vec());
    let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(bytes).unwrap();
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_are_found_by_what_they_are() {
    let things: Vec<(String, usize)> = (0..70).map(|n| (format!("B-{n:03}"), n % 2)).collect();
    let things: Vec<(&str, usize)> = things.iter().map(|(number, unit)| (number.as_str(), *unit)).collect();
    let hall = Hall::open_with(false, &things).await;
    hall.scan("B-000", (0, 1), (0, 3)).await;
    hall.submit(0).await;
    hall.submit(1).await;
    let at = format!("/stocktake/{NUMBER}/differences");
    let page = hall.get(hall.centre(), &at).await;
    assert!(title(&page).ends_with("需要处理 70 项"), "{}", title(&page));
    page.assert_text_contains("class=\"mark bad gone\"");
    page.assert_text_contains("本页 50 条");
    let next =
        page.text().split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let second = hall.get(hall.centre(), &next.replace("&amp;", "&")).await;
    second.assert_text_contains("本页 20 条");
    assert!(second.text().contains("B-069") && !second.text().contains(">B-049<"));

    let found = hall.get(hall.centre(), &format!("{at}?verdict=misplaced")).await;
    assert!(title(&found).ends_with("地点不符 1 项"));
    found.assert_text_contains("房间00 → 房间01");
    let unit = hall.office.units[1];
    assert!(title(&hall.get(hall.centre(), &format!("{at}?unit={unit}&q=b-00")).await).ends_with("需要处理 5 项"));
    assert!(title(&hall.get(hall.centre(), &format!("{at}?flag=damaged")).await).ends_with(" 0 项"));
    hall.get(hall.centre(), &format!("{at}?verdict=nonsense")).await.assert_status_not_found();
    hall.get(hall.centre(), &format!("{at}?after=nonsense")).await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    // A manager of one unit sees only that unit's.
    assert!(title(&hall.get(hall.manager(1), &at).await).ends_with("需要处理 35 项"));

    let rows = cells(&hall.get(hall.centre(), &format!("{at}?as=xlsx")).await);
    assert_eq!(rows.len(), 71);
    assert_eq!(rows[1][..3], ["B-000", "台式计算机", "地点不符"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_handed_in_and_confirmed_by_the_right_people() {
    let hall = Hall::open(false).await;
    hall.scan("A-0", (0, 0), (0, 3)).await;
    let at = hall.sheet_at(0).await;
    let page = hall.get(hall.member(0), &at).await;
    page.assert_text_contains("盘点表由单位专职管理员提交");
    page.assert_text_contains("提交之后才能确认");
    let manager = hall.browser(hall.manager(0)).await;
    manager.server.get(&at).await.assert_text_contains("还有 1 件没有盘到");
    // Somebody changed it meanwhile.
    let stale = manager.post(&format!("{at}/submit"), &[("version", "7")]).await;
    stale.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    stale.assert_text_contains("刚刚被别人改过");
    manager.post(&format!("{at}/submit"), &[("version", "1")]).await.assert_status_see_other();
    assert!(title(&manager.server.get(&at).await).ends_with("已盘 1 / 2 · 盘亏 1"));
    // Twice is said, not done.
    let twice = manager.post(&format!("{at}/submit"), &[("version", "2")]).await;
    twice.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    // Of another unit, and of no rights.
    let stranger = hall.browser(hall.manager(1)).await;
    stranger.post(&format!("{at}/submit"), &[("version", "2")]).await.assert_status_not_found();
    stranger.server.get(&at).await.assert_status_not_found();

    // The head's stead needs a reason; then it is done.
    let centre = hall.browser(hall.centre()).await;
    centre.server.get(&at).await.assert_text_contains("代为确认");
    let bare = centre.post(&format!("{at}/confirm"), &[("version", "2")]).await;
    bare.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    bare.assert_text_contains("id=\"reason-fault\"");
    let head = hall.browser(hall.head(0)).await;
    head.post(&format!("{at}/confirm"), &[("version", "2")]).await.assert_status_see_other();
    head.server.get(&at).await.assert_text_contains("已确认");

    // Whoever counted may not confirm, and is told why on the page.
    hall.scan("A-2", (1, 0), (1, 0)).await;
    hall.submit(1).await;
    let at = hall.sheet_at(1).await;
    let head = hall.browser(hall.head(1)).await;
    let page = head.server.get(&at).await;
    page.assert_text_contains("参与了本表的盘点或提交");
    page.assert_text_contains("disabled title=");
    let refused = head.post(&format!("{at}/confirm"), &[("version", "2")]).await;
    refused.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    centre
        .post(&format!("{at}/confirm"), &[("version", "2"), ("reason", "负责人参与盘点")])
        .await
        .assert_status_see_other();

    // Papers: one to count by, without what was counted; one to sign.
    let paper = hall.get(hall.member(0), &format!("{}/paper", hall.sheet_at(0).await)).await;
    for part in ["A-0", "A-1", "房间00", "data-print"] {
        paper.assert_text_contains(part);
    }
    assert!(!paper.text().contains("class=\"qr\""));
    let sign = hall.get(hall.head(0), &format!("{}/sign?lang=en", hall.sheet_at(0).await)).await;
    sign.assert_text_contains("Unit head (signature)");
    sign.assert_text_contains("4,500.00");
    hall.get(hall.member(0), &format!("{}/sign", hall.sheet_at(0).await)).await.assert_status_forbidden();
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_lines_are_counted_again() {
    let hall = Hall::open(false).await;
    hall.scan("A-0", (0, 1), (0, 3)).await;
    hall.submit(0).await;
    let head = hall.browser(hall.head(0)).await;
    let id = hall.things[0].id.to_string();
    let foreign = hall.things[2].id.to_string();
    let page = head.server.get(&format!("/stocktake/{NUMBER}/recount?item={id}&item={foreign}")).await;
    assert!(title(&page).ends_with("复盘 1 件"), "what is out of reach is as if it were not there");
    let to = format!("/stocktake/{NUMBER}/recount");
    let bare = head.post(&to, &[("item", &id), ("assignee", "0001")]).await;
    bare.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    bare.assert_text_contains("请写明复盘的理由");
    bare.assert_text_contains("value=\"0001\"");
    let same = badge(0, 3);
    let counted = head.post(&to, &[("item", &id), ("assignee", &same), ("reason", "地点不符")]).await;
    counted.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    counted.assert_text_contains("复盘须换人");
    let other = badge(0, 2);
    head.post(&to, &[("item", &id), ("assignee", &other), ("reason", "地点不符")]).await.assert_status_see_other();
    assert!(title(&head.server.get(&hall.sheet_at(0).await).await).ends_with("已盘 0 / 2 · 盘亏 0"));
    let manager = hall.browser(hall.manager(0)).await;
    manager.post(&to, &[("item", &id), ("reason", "x")]).await.assert_status_forbidden();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_closed_and_its_missing_are_followed() {
    let hall = Hall::open(false).await;
    hall.scan("A-0", (0, 0), (0, 3)).await;
    hall.submit(0).await;
    let centre = hall.browser(hall.centre()).await;
    let report = centre.server.get(&format!("/stocktake/{NUMBER}/report")).await;
    assert!(title(&report).contains("已盘 1 / 3 · 盘亏 1 件 4,500.00 元"), "{}", title(&report));
    let unit = hall.office.units[0];
    report.assert_text_contains(format!("/stocktake/{NUMBER}/differences?verdict=missing&#38;unit={unit}"));
    report.assert_text_contains(format!("/api/v1/campaigns/{NUMBER}/report.pdf"));
    let close = format!("/stocktake/{NUMBER}/close");
    let refused = centre.post(&close, &[("leave_open", "")]).await;
    refused.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    refused.assert_text_contains("id=\"leave_open-fault\"");
    hall.browser(hall.head(0)).await.post(&close, &[("leave_open", "x")]).await.assert_status_forbidden();
    centre.post(&close, &[("leave_open", "年底到期")]).await.assert_status_see_other();
    assert_eq!(hall.state().await, CampaignState::Closed);
    let report = centre.server.get(&format!("/stocktake/{NUMBER}/report?said=closed")).await;
    report.assert_text_contains("盘点已结束：结果已固定");

    hall.office.clock.advance_ms(400 * DAY);
    let missing = centre.server.get(&format!("/stocktake/{NUMBER}/missing")).await;
    assert!(title(&missing).ends_with("盘亏事项 1 件未了结"));
    for part in ["A-1", "第 2 年", "本次盘亏", "href=\"/findings/", "查找中"] {
        missing.assert_text_contains(part);
    }
    let none = centre.server.get(&format!("/stocktake/{NUMBER}/missing?state=found")).await;
    none.assert_text_contains("没有盘亏事项");
    let rows = cells(&centre.server.get(&format!("/stocktake/{NUMBER}/missing?as=xlsx")).await);
    assert_eq!((rows.len(), rows[1][0].as_str()), (2, "A-1"));
    let elsewhere = hall.get(hall.manager(1), &format!("/stocktake/{NUMBER}/missing")).await;
    assert!(!elsewhere.text().contains("A-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_given_up_with_a_reason() {
    let hall = Hall::open(false).await;
    let centre = hall.browser(hall.centre()).await;
    let cancel = format!("/stocktake/{NUMBER}/cancel");
    centre.post(&cancel, &[("reason", " ")]).await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hall.state().await, CampaignState::Counting);
    centre.post(&cancel, &[("reason", "范围选错")]).await.assert_status_see_other();
    assert_eq!(hall.state().await, CampaignState::Cancelled);
    let board = centre.server.get(&format!("/stocktake/{NUMBER}?said=cancelled")).await;
    board.assert_text_contains("盘点已取消");
    assert!(!board.text().contains("sse-connect"));
    centre.post(&cancel, &[("reason", "再来")]).await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

/// Every thing that changes a verdict is seen by the next who looks; whoever looks at the same is told from memory.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_in_memory_is_what_is_true() {
    let hall = Hall::open(false).await;
    let (office, ctx) = (&hall.office, hall.centre());
    let look = async || Sight::of(&office.db, &ctx, NUMBER).await.unwrap().total();
    let worked_out = || standing::worked_out(&office.db);
    assert_eq!(look().await.pending, 3);
    assert_eq!((look().await.pending, worked_out()), (3, 1), "nothing changed");
    let together = futures_util::future::join_all((0..8).map(|_| async { look().await.expected })).await;
    assert_eq!((together, worked_out()), (vec![3; 8], 1));

    hall.scan("A-0", (0, 1), (0, 3)).await;
    let together = futures_util::future::join_all((0..8).map(|_| async { look().await.misplaced })).await;
    assert_eq!((together, worked_out()), (vec![1; 8], 2), "once a change, however many ask");

    let scan =
        store::scans(office.db.read(), store::campaign(office.db.read(), NUMBER).await.unwrap().id).await.unwrap();
    let which = counting::Which::Id(scan[0].id);
    counting::undo(&office.db, &office.ctx, NUMBER, &which).await.unwrap();
    assert_eq!(look().await.misplaced, 0, "an undone scan");

    hall.scan("A-0", (0, 1), (0, 3)).await;
    assert_eq!(look().await.misplaced, 1);
    hall.office.clock.advance_ms(60_000);
    let change = Change { excused_by: Some(Some("借用单 7".to_owned())), ..Change::default() };
    service::change(&office.db, &office.ctx, "A-1", &change, "借出").await.unwrap();
    hall.submit(0).await;
    assert_eq!((look().await.excused, look().await.missing), (1, 0), "the book and the sheet");

    let recounted = [hall.things[0].id];
    recounting::open(&office.db, &office.ctx, NUMBER, &recounted, None, "再盘").await.unwrap();
    assert_eq!((look().await.misplaced, look().await.pending), (0, 2), "a recount");

    let campaign = store::campaign(office.db.read(), NUMBER).await.unwrap();
    let fresh = hufu::stocktake::outcome::Outcome::load(office.db.read(), &campaign).await.unwrap();
    assert_eq!(fresh.tallies().1, look().await, "as worked out anew");
    let progress = look::progress(office.db.read(), campaign.id).await.unwrap();
    let seen: i64 = progress.values().map(|sheet| sheet.seen).sum();
    assert_eq!(i64::try_from(standing::seen(&look().await)).unwrap(), seen);
}

/// The stream of a board, as one sees it who is known by `ctx` or by a cookie.
async fn open_stream(hall: &Hall, ctx: Option<Ctx>, headers: &[(&str, &str)]) -> axum::response::Response {
    let router = site::router(hall.app.clone());
    let router = match ctx {
        Some(ctx) => router.layer(Extension(ctx)),
        None => router,
    };
    let mut request = Request::get(format!("/stocktake/{NUMBER}/live"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

/// What comes next on a stream; nothing when it ended.
async fn next(stream: &mut axum::body::BodyDataStream) -> Option<String> {
    let mut event = String::new();
    while !event.ends_with("\n\n") {
        let piece = tokio::time::timeout(PATIENCE, stream.next()).await.expect("no event")?;
        event.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
    }
    Some(event)
}

async fn first_event(hall: &Hall, ctx: Ctx, headers: &[(&str, &str)]) -> String {
    let answer = open_stream(hall, Some(ctx), headers).await;
    assert_eq!(answer.status(), StatusCode::OK);
    next(&mut answer.into_body().into_data_stream()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_is_told_what_changed_until_the_end() {
    let hall = Hall::open(false).await;
    let answer = open_stream(&hall, Some(hall.centre()), &[]).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut stream = answer.into_body().into_data_stream();
    let first = next(&mut stream).await.unwrap();
    assert!(first.starts_with("event: board\n") && first.contains("已盘 0 / 3"), "{first}");
    hall.scan("A-0", (0, 0), (0, 3)).await;
    let second = next(&mut stream).await.unwrap();
    assert!(second.contains("已盘 1 / 3"), "{second}");
    campaign::close(&hall.office.db, &hall.office.ctx, NUMBER, Some("到期")).await.unwrap();
    assert!(next(&mut stream).await.unwrap().contains("已结束"));
    assert!(next(&mut stream).await.unwrap().starts_with("event: over"), "so that the browser does not come back");
    assert_eq!(next(&mut stream).await, None);
    // Out of scope there is no stream.
    assert_eq!(open_stream(&hall, Some(hall.member(2)), &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_session_and_with_the_server() {
    let hall = Hall::open(false).await;
    let office = &hall.office;
    account(office, "li.si", office.people[0][3], Role::Member, Some(office.units[0])).await;
    let visitor = Visitor::sign_in(office, "li.si").await;
    let cookie = format!("hufu={}", visitor.session);
    let mut stream = open_stream(&hall, None, &[("cookie", &cookie)]).await.into_body().into_data_stream();
    assert!(next(&mut stream).await.unwrap().contains("已盘 0 / 2"));
    let out = visitor.server.post("/sign-out").form(&[("csrf", visitor.csrf.as_str())]).await;
    out.assert_status_see_other();
    assert_eq!(next(&mut stream).await, None, "nobody is signed in any more");
    let again = open_stream(&hall, None, &[("cookie", &cookie)]).await;
    assert_ne!(again.status(), StatusCode::OK);

    let mut stream = open_stream(&hall, Some(hall.centre()), &[]).await.into_body().into_data_stream();
    assert!(next(&mut stream).await.is_some());
    hall.app.stop();
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_names_nothing_is_not_found() {
    let hall = Hall::open(false).await;
    let (long, nothing) = ("9".repeat(41), SheetId(uuid::Uuid::nil()));
    for path in [
        format!("/stocktake/{long}"),
        "/stocktake/%00".to_owned(),
        format!("/stocktake/{NUMBER}/sheets/x"),
        format!("/stocktake/{NUMBER}/sheets/{nothing}"),
        format!("/stocktake/{NUMBER}/sheets/{nothing}/paper"),
        format!("/stocktake/{NUMBER}/missing?state=x"),
        format!("/stocktake/{NUMBER}/differences?unit=x"),
    ] {
        hall.get(hall.centre(), &path).await.assert_status_not_found();
    }
    let elsewhere = hall.get(hall.member(0), &hall.sheet_at(1).await).await;
    elsewhere.assert_status_not_found();
}
