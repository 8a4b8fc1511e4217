//! Missing and surplus things in the browser: the list that is sent down, a case to its write-off, a surplus to the book.

use axum_test::TestServer;
use axum_test::multipart::{MultipartForm, Part};
use calamine::Reader as _;
use hufu::access::Role;
use hufu::approvals::entity::request;
use hufu::approvals::model::State as Approval;
use hufu::assets::missing::store::{self, Wanted};
use hufu::items::model::ItemState;
use hufu::items::store as items;
use hufu::stocktake::missing::carry_over;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use super::browser::{TOKEN, browser, in_both_languages, leads, post, status};
use super::support::Office;

fn manager(office: &Office, unit: usize) -> TestServer {
    browser(office, office.people[unit][1], Role::AssetManager, Some(office.units[unit]))
}

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

/// A case of the list of 2023 for each of so many things of the first unit; where the first of them is.
async fn missing(office: &Office, many: usize) -> String {
    let things: Vec<_> = (0..many).map(|n| office.new_item(&format!("L-{n}"), 0)).collect();
    let ids: Vec<_> = office.register(&things).await.into_iter().map(|thing| thing.id).collect();
    carry_over(&office.db, &office.ctx, 2023, &ids).await.unwrap();
    let one = store::of_number(office.db.read(), &office.ctx, "L-0").await.unwrap();
    format!("/assets/missing/{}", one.case.id)
}

/// The chain says yes, as its own pages and tests tell.
async fn approve(office: &Office) {
    let waiting = request::Entity::find().filter(request::Column::State.eq(Approval::Waiting));
    for asked in waiting.all(office.db.read()).await.unwrap() {
        let finished_at = Some(office.ctx.now());
        let said = request::Model { state: Approval::Approved, open_key: None, finished_at, ..asked };
        said.into_active_model().reset_all().update(office.db.read()).await.unwrap();
    }
}

/// The version that a page's forms carry.
async fn version(server: &TestServer, path: &str) -> String {
    let page = server.get(path).await.text();
    let at = page.find("name=\"version\" value=\"").unwrap() + "name=\"version\" value=\"".len();
    page[at..].split('"').next().unwrap().to_owned()
}

async fn deed(server: &TestServer, path: &str, deed: &str, fields: &[(&str, &str)]) -> axum_test::TestResponse {
    let version = version(server, path).await;
    let all: Vec<(&str, &str)> = [("version", version.as_str())].into_iter().chain(fields.iter().copied()).collect();
    post(server, &format!("{path}/{deed}"), &all).await
}

async fn bring(server: &TestServer, path: &str, step: &str) -> axum_test::TestResponse {
    let file = Part::bytes(format!("{path} {step}").into_bytes()).file_name("材料.txt");
    let form = MultipartForm::new().add_text("csrf", TOKEN).add_text("step", step.to_owned()).add_part("file", file);
    server.post(&format!("{path}/papers")).multipart(form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_years_list_goes_down_and_is_acknowledged() {
    let office = Office::found().await;
    let centre = centre(&office);
    in_both_languages(&centre, "/assets/missing", "没有盘亏", "Nothing is missing").await;
    missing(&office, 2).await;
    in_both_languages(&centre, "/assets/missing", "查找中 2", "searching 2").await;
    let unit_manager = manager(&office, 0);
    assert!(unit_manager.get("/assets/missing").await.text().contains("由指挥中心下发"), "greyed with the reason");
    let early = [("list_year", "2023"), ("due_on", "2020-01-01"), ("note", "查找")];
    let refused = post(&centre, "/assets/missing/send", &early).await;
    assert_eq!(status(&refused), 422);
    assert!(refused.text().contains("办理期限不能早于今天"));
    let right = [("list_year", "2023"), ("due_on", "2026-11-30"), ("note", "对照查找")];
    assert!(leads(&post(&centre, "/assets/missing/send", &right).await).ends_with("said=sent"));
    let twice = post(&centre, "/assets/missing/send", &right).await;
    assert!(status(&twice) == 422 && twice.text().contains("已下发（PK-2026-0001）"));
    let list = "/assets/missing/lists/PK-2026-0001";
    assert!(unit_manager.get("/").await.text().contains("签收：2023 年 PK-2026-0001"));
    in_both_languages(&unit_manager, list, "2023 年盘亏资产清单 PK-2026-0001 · 待签收", "Missing assets of 2023").await;
    assert!(centre.get(list).await.text().contains("下发人不能代签"));
    assert_eq!(status(&manager(&office, 1).get(list).await), 404);
    let printed = unit_manager.get(&format!("{list}/list.pdf")).await;
    assert!(printed.as_bytes().starts_with(b"%PDF-"));
    let sheet = unit_manager.get(&format!("{list}?as=xlsx")).await;
    let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(sheet.into_bytes()));
    let range = book.as_mut().unwrap().worksheet_range("盘亏资产").unwrap();
    assert_eq!((range.height(), range.get((1, 0)).unwrap().to_string().as_str()), (3, "L-0"));
    assert!(
        leads(&deed(&unit_manager, list, "acknowledge", &[("acknowledgement", "收到")]).await).ends_with("said=done")
    );
    assert!(unit_manager.get(list).await.text().contains("已签收"));
    assert!(!unit_manager.get("/").await.text().contains("PK-2026-0001"));
    for (query, shown) in
        [("state=searching", true), ("state=found", false), ("year=2022", false), ("unsent=yes", false)]
    {
        let page = centre.get(&format!("/assets/missing?as=xlsx&{query}")).await;
        let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(page.into_bytes()));
        let rows = book.as_mut().unwrap().worksheet_range("盘亏资产").unwrap().height();
        assert_eq!(rows, if shown { 3 } else { 1 }, "{query}");
    }
    assert_eq!(status(&centre.get("/assets/missing?state=x").await), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_to_its_write_off() {
    let office = Office::found().await;
    let path = missing(&office, 1).await;
    let (unit_manager, centre) = (manager(&office, 0), centre(&office));
    in_both_languages(&unit_manager, &path, "L-0 台式计算机 · 查找中", "L-0").await;
    assert!(unit_manager.get(&path).await.text().contains("由单位负责人或指挥中心办理"), "greyed with the reason");
    let look = [("place", "R01"), ("whereabouts", "柜后"), ("result", "not_found"), ("note", "未见")];
    assert!(leads(&deed(&unit_manager, &path, "log", &look).await).ends_with("said=done"));
    let nowhere = deed(&unit_manager, &path, "log", &[("result", "trace"), ("note", "听说在别处")]).await;
    assert!(
        status(&nowhere) == 422 && nowhere.text().contains("请写明在哪里查找") && nowhere.text().contains("听说在别处")
    );
    assert!(centre.get(&path).await.text().contains("须先说明盘亏原因"));
    leads(&deed(&unit_manager, &path, "explain", &[("explanation", "搬迁时遗失")]).await);
    let head = browser(&office, office.people[0][0], Role::UnitHead, Some(office.units[0]));
    assert!(head.get(&path).await.text().contains("资产由您保管，须由他人确认"));
    leads(&deed(&centre, &path, "confirm", &[]).await);
    assert_eq!(items::by_number(office.db.read(), "L-0").await.unwrap().unwrap().state, ItemState::PendingDisposal);
    assert!(unit_manager.get(&path).await.text().contains("须先认定责任"));
    let nobody = deed(&centre, &path, "judge", &[("degree", "full"), ("basis", "失职")]).await;
    assert!(status(&nobody) == 422 && nobody.text().contains("请填写责任人"));
    leads(&deed(&centre, &path, "judge", &[("degree", "none"), ("basis", "无过错")]).await);
    leads(&deed(&unit_manager, &path, "ask", &[("reason", "确已丢失")]).await);
    assert!(unit_manager.get(&path).await.text().contains("正在审批"));
    approve(&office).await;
    assert!(centre.get("/").await.text().contains("核销：L-0 台式计算机"));
    assert!(centre.get(&path).await.text().contains("必办事项“1.1 "), "greyed with the step that is open");
    let bare = deed(&unit_manager, &path, "tick", &[("step", "1.1")]).await;
    assert!(status(&bare) == 422 && bare.text().contains("须附材料"));
    let unknown = bring(&unit_manager, &path, "9.9").await;
    assert!(status(&unknown) == 422 && unknown.text().contains("没有这个流程事项"));
    for (step, paper, required) in steps(&office).await {
        if required {
            if paper {
                leads(&bring(&unit_manager, &path, &step).await);
            }
            leads(&deed(&unit_manager, &path, "tick", &[("step", &step)]).await);
        }
    }
    let missing_voucher = [("decision", "纪要"), ("approval_number", "批复"), ("voucher_on", "2026-11-01")];
    let refused = deed(&centre, &path, "write-off", &missing_voucher).await;
    assert!(status(&refused) == 422 && refused.text().contains("会计凭证号"));
    let whole: Vec<(&str, &str)> = missing_voucher.into_iter().chain([("voucher_number", "记-1")]).collect();
    leads(&deed(&centre, &path, "write-off", &whole).await);
    assert_eq!(items::by_number(office.db.read(), "L-0").await.unwrap().unwrap().state, ItemState::WrittenOff);
    in_both_languages(&unit_manager, &path, "L-0 台式计算机 · 已核销", "written off").await;
    let form = unit_manager.get(&format!("{path}/form.pdf")).await;
    assert_eq!(form.header("content-type"), "application/pdf");
    assert!(form.as_bytes().starts_with(b"%PDF-"));
    assert_eq!(status(&manager(&office, 1).get(&path).await), 404);
}

async fn steps(office: &Office) -> Vec<(String, bool, bool)> {
    let one = store::list(office.db.read(), &office.ctx, &Wanted::default(), 1).await.unwrap().pop().unwrap();
    let steps = hufu::assets::missing::procedure::of_case(office.db.read(), &one.case).await.unwrap();
    steps.into_iter().map(|one| (one.step.code, one.step.needs_paper, one.step.required)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_surplus_goes_into_the_book_and_one_ends_a_case() {
    let office = Office::found().await;
    let case = missing(&office, 1).await;
    let unit_manager = manager(&office, 0);
    in_both_languages(&unit_manager, "/assets/surpluses", "没有盘盈", "No surplus").await;
    let unit = office.units[0].to_string();
    let named = |name: &'static str| vec![("name", name), ("quantity", "1"), ("place", "R00")];
    let nowhere = post(&unit_manager, "/assets/surpluses", &named("旧打印机")).await;
    assert!(
        status(&nowhere) == 422 && nowhere.text().contains("请选择发现单位") && nowhere.text().contains("旧打印机")
    );
    let with_unit = |name| [named(name), vec![("unit", unit.as_str())]].concat();
    let path = leads(&post(&unit_manager, "/assets/surpluses", &with_unit("旧打印机")).await);
    assert_eq!(path, "/assets/surpluses/PY-2026-0001");
    in_both_languages(&unit_manager, &path, "盘盈 PY-2026-0001 旧打印机 · 待认定", "Surplus PY-2026-0001").await;
    let member = browser(&office, office.people[0][2], Role::Member, Some(office.units[0]));
    assert!(member.get(&path).await.text().contains("由发现单位的专职管理员或指挥中心办理"));
    leads(&deed(&unit_manager, &path, "identify", &[("identity", "unbooked"), ("note", "无主")]).await);
    let value = [("basis", "nominal"), ("value", "2"), ("source", "无价格"), ("name", "打印机")];
    let refused = deed(&unit_manager, &path, "value", &value).await;
    assert!(status(&refused) == 422 && refused.text().contains("名义金额为 1 元"));
    let value = [("basis", "nominal"), ("value", "1"), ("source", "无价格"), ("name", "打印机")];
    leads(&deed(&unit_manager, &path, "value", &value).await);
    leads(&deed(&unit_manager, &path, "ask", &[("reason", "入账")]).await);
    approve(&office).await;
    assert!(unit_manager.get("/").await.text().contains("盘盈入账：PY-2026-0001 打印机"));
    leads(&deed(&unit_manager, &path, "enter", &[("place", "R00")]).await);
    assert!(unit_manager.get(&path).await.text().contains("盘盈入账，资产编号 ZC2026000001"));
    let path = leads(&post(&unit_manager, "/assets/surpluses", &with_unit("电脑")).await);
    let known = [("identity", "known"), ("item_number", "L-0"), ("note", "序列号相同")];
    leads(&deed(&unit_manager, &path, "identify", &known).await);
    let page = unit_manager.get(&case).await.text();
    assert!(page.contains("已找回") && page.contains("由盘盈物品认领"));
    let none = post(&unit_manager, "/assets/surpluses/gather", &[("campaign", "没有")]).await;
    assert!(status(&none) == 422 && none.text().contains("没有这次盘点"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_procedure_is_shown_and_laid_down_by_the_security_administrator() {
    let office = Office::found().await;
    let path = "/assets/missing/procedure";
    in_both_languages(&manager(&office, 0), path, "盘亏资产处置流程 · 19 个事项", "19 steps").await;
    assert!(manager(&office, 0).get(path).await.text().contains("由安全管理员修订"));
    let security = browser(&office, office.people[1][3], Role::SecurityAdministrator, None);
    let bad = post(&security, path, &[("source", "修订"), ("steps", "盘亏确认 | 1.1 | 核对")]).await;
    assert!(status(&bad) == 422 && bad.text().contains("第 1 行应写成"));
    let steps = "盘亏确认 | 1 | 核对 | 是 | 是\n注意事项 | 2 | 归档 | 否 | 否";
    assert!(leads(&post(&security, path, &[("source", "修订"), ("steps", steps)]).await).ends_with("said=done"));
    in_both_languages(&security, path, "2 个事项", "2 steps").await;
    assert_eq!(status(&post(&manager(&office, 0), path, &[("source", "x"), ("steps", steps)]).await), 403);
}
