//! The pages of the ledger: everything in both languages, a draw tapped through at the counter, and what others see.

use axum_test::TestServer;
use hufu::access::{self, Role, SignIn, links};
use hufu::firearms::draws::model::{Clearance, State};
use hufu::firearms::model::{ArmState, StoreKind};
use totp_rs::{Builder, Secret};

use super::browser::{TOKEN, browser, in_both_languages, leads, post, status};
use super::inspections::picture;
use super::post::{GUNS, MODEL, Post, ROUNDS, SIGNERS};

fn armourer(post: &Post) -> TestServer {
    browser(&post.office, post.person(0, 1), Role::Armourer, Some(post.office.units[0]))
}

fn officer(post: &Post) -> TestServer {
    browser(&post.office, post.officers[0], Role::ArmedOfficer, Some(post.office.units[0]))
}

#[tokio::test]
async fn every_page_is_there_in_both_languages() {
    let stage = Post::stocked(2, 1).await;
    let row = stage.out(0, "A0001").await;
    let keeper = armourer(&stage);
    for (path, chinese, english) in [
        ("/firearms".to_owned(), "公务用枪 2 支 · 不在库 1", "2 duty firearms · 1 out"),
        (format!("/firearms/stores/{GUNS}"), "枪柜", "Cabinets"),
        (format!("/firearms/stores/{ROUNDS}"), "985", "985"),
        ("/firearms/guns/QZ-0001".to_owned(), "本次查看已记入日志", "This look was written in the journal"),
        ("/firearms/guns/new".to_owned(), "登记枪支", "Enter a gun"),
        ("/firearms/officers".to_owned(), "配枪人员 1 人", "1 armed officers"),
        (format!("/firearms/officers/{}", stage.officers[0]), "可领枪", "May draw"),
        ("/firearms/draws".to_owned(), "枪在外 1", "1 guns out"),
        (format!("/firearms/draws/{}", row.number), "办理还枪", "Begin taking back"),
        ("/firearms/shifts".to_owned(), "开始交接", "Begin a handover"),
        ("/firearms/registers".to_owned(), "预计领用时间", "Print (PDF)"),
        ("/firearms/registers?book=equipment".to_owned(), "枪支变更情况", "Registers"),
        ("/firearms/upkeeps".to_owned(), "申请保养", "Ask for upkeep"),
        ("/firearms/transfers".to_owned(), "开调拨单", "New transfer"),
        ("/firearms/trainings".to_owned(), "训练领弹", "Hand out for training"),
        ("/firearms/scrappings".to_owned(), "登记上交", "Hand up"),
        (
            "/firearms/wall".to_owned(),
            "枪弹库 2 个 · 枪在外 1 · 逾期 0 · 今日检查 0/2",
            "2 stores · 1 guns out · 0 overdue · inspected today 0/2",
        ),
        ("/firearms/wall".to_owned(), "未检查", "Not yet"),
        ("/firearms/inspections".to_owned(), "今日网上检查 0/2", "Remote inspections today 0/2"),
        ("/firearms/audits".to_owned(), "还没有抽查", "No audits yet"),
        ("/firearms/bulletins".to_owned(), "还没有周通报", "No bulletins yet"),
        (format!("/firearms/stores/{GUNS}/visits"), "库内 0 人", "0 inside"),
    ] {
        in_both_languages(&keeper, &path, chinese, english).await;
    }
    // A register has more columns than a screen has room for: it scrolls in itself, a list of few does not.
    for (path, scrolls) in [("/firearms/registers", true), ("/firearms/draws", false)] {
        let page = keeper.get(path).await.text();
        assert_eq!(page.contains("<div class=\"wide\""), scrolls, "{path}");
    }
    stage.office.clock.set(hufu::kernel::Timestamp(row.due_at.0 + 1));
    in_both_languages(&keeper, "/firearms/wall", "逾期 1", "1 overdue").await;
    let wall = keeper.get("/firearms/wall").await.text();
    assert!(wall.contains(&format!("href=\"/firearms/draws/{}\"", row.number)), "a tile leads to its draw: {wall}");
    stage.office.clock.advance_ms(super::support::DAY - 8 * 60 * super::support::MINUTE - 2);
    in_both_languages(&keeper, "/firearms/wall", "逾时未检查", "Missing").await;
    in_both_languages(&officer(&stage), "/firearms/draws/new", "申请领枪", "Ask for a gun").await;
}

/// Asked for with one form, handed out with twelve taps: the gun chosen, five steps of the check, scanned, counted, three
/// signatures (made by the service here: nobody of the tests has a phone), handed over.
#[tokio::test]
async fn a_draw_is_tapped_through_at_the_counter() {
    let stage = Post::stocked(2, 1).await;
    let (theirs, keeper) = (officer(&stage), armourer(&stage));
    let asked = [
        ("armoury", GUNS),
        ("model", MODEL),
        ("purpose", "patrol"),
        ("task", "武装巡逻"),
        ("rounds", "15"),
        ("magazines", "0"),
        ("due", "2026-11-01T08:00"),
    ];
    let refused =
        post(&theirs, "/firearms/draws/new", &[&asked[..4], &[("rounds", "1.5")], &asked[5..]].concat()).await;
    assert_eq!(status(&refused), 422, "half a round");
    let page = leads(&post(&theirs, "/firearms/draws/new", &asked).await);
    let page = page.split('?').next().unwrap().to_owned();
    let number = page.rsplit('/').next().unwrap().to_owned();
    stage.decide(stage.draw(&number).await.row.approval_id, true).await.unwrap();
    let tap = async |deed: &str, fields: &[(&str, &str)]| {
        let version = stage.draw(&number).await.row.version.to_string();
        let all = [&[("version", version.as_str())], fields].concat();
        post(&keeper, &format!("{page}/{deed}"), &all).await
    };
    leads(&tap("issue", &[("gun", "A0001")]).await);
    for step in Clearance::ALL {
        leads(&tap("clear", &[("step", step.as_str())]).await);
    }
    let wrong = tap("scan", &[("gun", "A0002")]).await;
    assert!(status(&wrong) == 422 && wrong.text().contains("扫到的是 QZ-0002"), "{}", wrong.text());
    leads(&tap("scan", &[("gun", "A0001")]).await);
    let short = tap("count", &[("armoury", ROUNDS), ("lot", "L1"), ("rounds", "-1")]).await;
    assert_eq!(status(&short), 422);
    leads(&tap("count", &[("armoury", ROUNDS), ("lot", "L1"), ("rounds", "15")]).await);
    let early = tap("hand", &[]).await;
    assert!(early.text().contains("尚未签字"), "{}", early.text());
    assert_eq!(status(&tap("sign", &[("part", "keeper1")]).await), 422, "nobody proved to be there");
    stage.sign_all(&number).await.unwrap();
    assert!(keeper.get(&page).await.text().contains("交枪"));
    leads(&tap("hand", &[]).await);
    assert_eq!(stage.draw(&number).await.state, State::Out);
    assert_eq!(stage.arm("A0001").await.arm.state, ArmState::Out);
    leads(&post(&theirs, &format!("{page}/loss"), &[("what", "no"), ("lost", "1"), ("reason", "掉落")]).await);
    assert!(post(&theirs, "/firearms/draws/new", &asked).await.text().contains("锁定"), "the unit is locked");
}

/// A password of their own and a code: what somebody who signs types at the counter.
async fn able_to_sign(stage: &Post, n: usize) -> (String, String, Vec<String>) {
    let (db, ctx) = (&stage.office.db, &stage.office.ctx);
    let (login, password) = (format!("signer{n}"), format!("Guitai-{n}-2026"));
    let invited = links::reset(db, ctx, stage.signer(n).account).await.unwrap();
    access::activate(db, ctx, &invited.link, &password).await.unwrap();
    let (second_factor, address, user_agent) = (None, "127.0.0.1".to_owned(), "test".to_owned());
    let attempt = SignIn { login: login.clone(), password: password.clone(), second_factor, address, user_agent };
    let token = access::sign_in(db, ctx, attempt).await.unwrap().token;
    let me = access::by_session(db, ctx, &token).await.unwrap().unwrap();
    let enrolment = access::enrol_second_factor(db, &me, &password).await.unwrap();
    let totp = Builder::new().with_secret(Secret::try_from_base32(&enrolment.secret).unwrap()).build().unwrap();
    let code = totp.generate(u64::try_from(ctx.now().0 / 1000).unwrap()).to_string();
    (login, password, access::confirm_second_factor(db, &me, &code).await.unwrap())
}

/// From the request to the gun in hand with three people who each prove to be there: one form by the officer, and twelve taps at
/// the counter, three of them with login, password and code.
#[tokio::test]
async fn three_prove_to_be_there_and_a_draw_takes_thirteen_forms() {
    let stage = Post::stocked(1, 1).await;
    let (theirs, keeper) = (officer(&stage), armourer(&stage));
    let asked = [
        ("armoury", GUNS),
        ("model", MODEL),
        ("purpose", "patrol"),
        ("task", "武装巡逻"),
        ("rounds", "15"),
        ("magazines", "0"),
        ("due", "2026-11-01T08:00"),
    ];
    let page = leads(&post(&theirs, "/firearms/draws/new", &asked).await);
    let page = page.split('?').next().unwrap().to_owned();
    let number = page.rsplit('/').next().unwrap().to_owned();
    stage.decide(stage.draw(&number).await.row.approval_id, true).await.unwrap();
    let mut taps = vec![("issue", vec![("gun", "A0001".to_owned())])];
    taps.extend(Clearance::ALL.iter().map(|step| ("clear", vec![("step", step.as_str().to_owned())])));
    taps.push(("scan", vec![("gun", "A0001".to_owned())]));
    let counted = [("armoury", ROUNDS), ("lot", "L1"), ("rounds", "15")].map(|(id, text)| (id, text.to_owned()));
    taps.push(("count", counted.to_vec()));
    for (n, part) in SIGNERS {
        let (login, password, codes) = able_to_sign(&stage, n).await;
        let proof = [("signer_login", login), ("signer_password", password), ("signer_code", codes[0].clone())];
        taps.push(("sign", [("part", part.as_str().to_owned())].into_iter().chain(proof).collect()));
    }
    taps.push(("hand", Vec::new()));
    for (deed, fields) in &taps {
        let version = stage.draw(&number).await.row.version.to_string();
        let mut all = vec![("version", version.as_str())];
        all.extend(fields.iter().map(|(id, text)| (*id, text.as_str())));
        if *deed == "sign" {
            let wrong: Vec<_> = all
                .iter()
                .map(|(id, text)| if *id == "signer_code" { (*id, "0000-0000-0000") } else { (*id, *text) })
                .collect();
            assert_ne!(status(&post(&keeper, &format!("{page}/sign"), &wrong).await), 303, "another's code");
        }
        leads(&post(&keeper, &format!("{page}/{deed}"), &all).await);
    }
    assert_eq!(stage.draw(&number).await.state, State::Out);
    assert_eq!(1 + taps.len(), 13, "the request and the taps at the counter");
}

/// The papers of upkeep and transfer through their forms; the second of two has to prove to be there.
#[tokio::test]
async fn upkeep_and_transfers_go_by_their_forms() {
    let stage = Post::stocked(2, 1).await;
    stage.store("QK-2", StoreKind::Gun, 1).await.unwrap();
    let keeper = armourer(&stage);
    let leader = browser(&stage.office, stage.person(0, 0), Role::DutyLeader, Some(stage.office.units[0]));
    let page_of = |location: String| location.split('?').next().unwrap().to_owned();
    let refused = post(&keeper, "/firearms/upkeeps", &[("store", GUNS), ("guns", "X1"), ("reason", "例行")]).await;
    assert!(status(&refused) == 422 && refused.text().contains("本库没有"), "{}", refused.text());
    let asked = [("store", GUNS), ("guns", "A0001\r\nqz-0002"), ("reason", "例行")];
    let page = page_of(leads(&post(&keeper, "/firearms/upkeeps", &asked).await));
    in_both_languages(&leader, &page, "审批", "Decide").await;
    let early = post(&keeper, &format!("{page}/decide"), &[("version", "1"), ("approved", "yes")]).await;
    assert_eq!(status(&early), 403, "the armourer does not decide");
    let stale = post(&leader, &format!("{page}/decide"), &[("version", "7"), ("approved", "yes")]).await;
    assert_eq!(status(&stale), 422);
    leads(&post(&leader, &format!("{page}/decide"), &[("version", "1"), ("approved", "yes")]).await);
    assert_eq!(stage.arm("A0002").await.arm.state, ArmState::CleaningDue);
    in_both_languages(&keeper, &page, "开始保养", "Begin the cleaning").await;
    let alone = post(&keeper, &format!("{page}/start"), &[("version", "2")]).await;
    assert_eq!(status(&alone), 422, "nobody else proved to be there");
    leads(&post(&keeper, &format!("{page}/cancel"), &[("version", "2"), ("reason", "改期")]).await);
    assert_eq!(stage.arm("A0002").await.arm.state, ArmState::InStore);
    let planned = [("from", GUNS), ("to", "QK-2"), ("guns", "A0001"), ("document", "YS-1"), ("reason", "调整")];
    let both = post(&keeper, "/firearms/transfers", &[&planned[..], &[("lots", "L1 10")]].concat()).await;
    assert!(status(&both) == 422 && both.text().contains("枪、弹须分开运输"), "{}", both.text());
    let half = post(&keeper, "/firearms/transfers", &[&planned[..], &[("lots", "L1 1.5")]].concat()).await;
    assert_eq!(status(&half), 422, "half a round");
    let page = page_of(leads(&post(&keeper, "/firearms/transfers", &planned).await));
    in_both_languages(&keeper, &page, "发运", "Send").await;
    assert_eq!(status(&post(&keeper, &format!("{page}/send"), &[("version", "1")]).await), 422, "alone");
    leads(&post(&keeper, &format!("{page}/cancel"), &[("version", "1"), ("reason", "不调了")]).await);
    for (path, fields) in [
        ("/firearms/trainings", &[("store", ROUNDS), ("lot", "L1"), ("rounds", "1.5")][..]),
        ("/firearms/scrappings", &[("gun", "A0001")]),
    ] {
        assert_eq!(status(&post(&keeper, path, fields).await), 422, "{path}");
    }
    for (book, kind) in [("draws", "application/pdf"), ("equipment", "application/pdf"), ("officers", "text/csv")] {
        let ending = if kind == "text/csv" { "csv" } else { "pdf" };
        let days = "from=2026-11-01&until=2026-11-30";
        let file = keeper.get(&format!("/firearms/registers/{book}/book.{ending}?store={GUNS}&{days}")).await;
        assert_eq!(status(&file), 200, "{book}");
        assert!(file.header("content-type").to_str().unwrap().starts_with(kind), "{book}");
    }
}

#[tokio::test]
async fn others_see_no_gun_and_the_book_no_serial_number() {
    let stage = Post::stocked(1, 2).await;
    let row = stage.out(0, "A0001").await;
    let units = &stage.office.units;
    let stranger = browser(&stage.office, stage.officers[1], Role::ArmedOfficer, Some(units[0]));
    for path in [
        "/firearms",
        "/firearms/guns/A0001",
        "/firearms/wall",
        "/firearms/shifts",
        "/firearms/officers",
        "/firearms/upkeeps",
        "/firearms/transfers",
        "/firearms/trainings",
        "/firearms/scrappings",
        "/firearms/registers",
    ] {
        assert!(matches!(status(&stranger.get(path).await), 403 | 404), "{path}");
    }
    let draw = format!("/firearms/draws/{}", row.number);
    assert_eq!(status(&stranger.get(&draw).await), 404, "another's draw");
    let own = officer(&stage).get(&draw).await;
    assert!(status(&own) == 200 && !own.text().contains("A0001"), "the paper has the last four");
    let elsewhere = browser(&stage.office, stage.person(1, 1), Role::Armourer, Some(units[1]));
    assert_eq!(status(&elsewhere.get("/firearms/guns/A0001").await), 404);
    // The book of things has the gun's number, and neither its serial number, nor its store, nor who has it.
    let member = browser(&stage.office, stage.person(0, 3), Role::AssetManager, Some(units[0]));
    for (path, never) in [("/items?kind=firearm", "A0001"), ("/items/QZ-0001", "A0001"), ("/items?q=A0001", "QZ-0001")]
    {
        let page = member.get(path).await;
        assert_eq!(status(&page), 200, "{path}");
        assert!(!page.text().contains(never), "{path}: {}", page.text());
    }
    let item = stage.arm("A0001").await.item;
    assert_eq!((item.keeper_id, item.place_id, item.serial_number.as_str()), (None, None, ""));
}

#[tokio::test]
async fn an_inspection_is_filled_in_on_its_page_with_a_photo_and_read_by_whoever_keeps_the_store() {
    let stage = Post::stocked(1, 1).await;
    let brigade = browser(&stage.office, stage.person(2, 2), Role::PublicOrder, None);
    let keeper = armourer(&stage);
    assert_eq!(status(&post(&keeper, "/firearms/inspections", &[("armoury", GUNS), ("kind", "daily")]).await), 403);
    let open = [("armoury", GUNS), ("kind", "daily"), ("occasion", "")];
    let page = leads(&post(&brigade, "/firearms/inspections", &open).await);
    let page = page.split('?').next().unwrap().to_owned();
    assert!(post(&brigade, "/firearms/inspections", &open).await.text().contains("已由 XC-2026-0001 登记"));
    let wrong = [("version", "1"), ("c_video", "fail"), ("r_video", "")];
    let refused = post(&brigade, &format!("{page}/answers"), &wrong).await;
    assert!(status(&refused) == 422 && refused.text().contains("请写明情况"), "{}", refused.text());
    let right = [("version", "1"), ("c_video", "fail"), ("r_video", "画面花屏"), ("problems", "监控花屏")];
    leads(&post(&brigade, &format!("{page}/answers"), &right).await);
    let part = axum_test::multipart::Part::bytes(picture(5)).file_name("监控.png");
    let form = axum_test::multipart::MultipartForm::new().add_text("csrf", TOKEN).add_text("step", "video");
    leads(&brigade.post(&format!("{page}/photos")).multipart(form.add_part("file", part)).await);
    assert_eq!(
        status(&post(&brigade, &format!("{page}/sign"), &[("version", "3")]).await),
        422,
        "nobody proved to be there"
    );
    in_both_languages(&keeper, &page, "画面花屏", "Results").await;
    let shown = keeper.get(&page).await.text();
    assert!(!shown.contains(&format!("action=\"{page}")), "who keeps the store fills nothing in: {shown}");
    let photo = shown.split("/firearms/inspection-photos/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let photo = keeper.get(&format!("/firearms/inspection-photos/{photo}")).await;
    assert_eq!((status(&photo), photo.as_bytes().to_vec()), (200, picture(5)));
    let paper = keeper.get(&format!("{page}/form.pdf")).await;
    assert!(status(&paper) == 200 && paper.as_bytes().starts_with(b"%PDF-"));
    let elsewhere = browser(&stage.office, stage.person(1, 1), Role::Armourer, Some(stage.office.units[1]));
    for path in [page.clone(), format!("{page}/form.pdf")] {
        assert_eq!(status(&elsewhere.get(&path).await), 404, "{path}");
    }
    leads(&post(&brigade, &format!("{page}/cancel"), &[("reason", "改期")]).await);
}

#[tokio::test]
async fn an_audit_is_tapped_through_and_visits_are_written_in_and_out() {
    let stage = Post::stocked(1, 1).await;
    let brigade = browser(&stage.office, stage.person(2, 2), Role::PublicOrder, None);
    let wrong = post(&brigade, "/firearms/audits", &[("armoury", ROUNDS), ("confidence", "95"), ("margin", "0")]).await;
    assert!(status(&wrong) == 422 && wrong.text().contains("误差"), "{}", wrong.text());
    let asked = [("armoury", ROUNDS), ("confidence", "95"), ("margin", "10")];
    let page = leads(&post(&brigade, "/firearms/audits", &asked).await);
    let page = page.split('?').next().unwrap().to_owned();
    in_both_languages(&brigade, &page, "种子摘要（sha256）", "Hash of the seed (sha256)").await;
    leads(&post(&brigade, &format!("{page}/draw"), &[("version", "1")]).await);
    assert!(!brigade.get(&page).await.text().contains("1000 发"), "blind");
    assert_eq!(status(&post(&brigade, &format!("{page}/answers"), &[("line", "1"), ("rounds", "1.5")]).await), 422);
    leads(&post(&brigade, &format!("{page}/answers"), &[("line", "1"), ("rounds", "1000")]).await);
    in_both_languages(&brigade, &page, "样本可复算", "can be drawn again").await;
    leads(&post(&brigade, &format!("{page}/close"), &[("version", "3")]).await);
    let keeper = armourer(&stage);
    let visits = format!("/firearms/stores/{GUNS}/visits");
    let one = [("visitor", "张检查"), ("post", "治安大队"), ("companions", ""), ("reason", "检查")];
    assert_eq!(status(&post(&keeper, &visits, &one).await), 422, "how many is asked");
    leads(&post(&keeper, &visits, &[("visitor", "张检查"), ("companions", "0"), ("reason", "检查")]).await);
    in_both_languages(&keeper, &visits, "单人", "Alone").await;
    let shown = keeper.get(&visits).await.text();
    let leave = shown.split("action=\"/firearms/visits/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    leads(&post(&keeper, &format!("/firearms/visits/{leave}"), &[("store", GUNS), ("findings", "完好")]).await);
    in_both_languages(&keeper, &visits, "库内 0 人", "0 inside").await;
}
