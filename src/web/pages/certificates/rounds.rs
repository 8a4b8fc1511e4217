//! The daily check, the morning report, questions asked.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDate;
use uuid::Uuid;

use super::at;
use crate::access::{Action, permit_somewhere, reach};
use crate::certificates::model::Verdict;
use crate::certificates::quizzes::{self as asked_of, NewQuiz};
use crate::certificates::{checks as looking, morning as told, store};
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused, said, to, unit_choices};
use crate::web::pages::duties::names::{Names, whom};
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Rows that the pages show.
const MOST: u64 = 100;

fn back(frame: &Frame) -> (String, String) {
    ("/certificates".to_owned(), frame.words.nav.certificates.clone())
}

pub(super) async fn checks(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesRead)?;
    let said = said(&frame, &asked);
    checks_page(&app, &ctx, frame, said, (&Typed::default(), &Faults::default())).await
}

async fn checks_page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w, l) = (app.db().read(), &frame.words.certificates.round, &frame.words.certificates.list);
    let rows = store::checks(db, ctx, MOST).await?;
    let names = Names::of(db, [], rows.iter().map(|row| row.checked_by.as_str())).await?;
    let numbers = [&w.nth, &w.kept, &w.out, &w.amiss].map(|name| format!("#{name}"));
    let mut table = Table::new(&[&w.at, &l.unit, &numbers[0], &w.by, &numbers[1], &numbers[2], &numbers[3]]);
    for row in &rows {
        let href = format!("/certificates/checks/{}", row.id);
        table.rows.push(vec![
            Td::link(row.checked_at.to_string(), href).because(row.note.clone()),
            names.unit(Some(row.unit_id)).into(),
            Td::num(row.nth.to_string(), ""),
            names.actor(&frame, &row.checked_by).into(),
            Td::num(row.kept.to_string(), ""),
            Td::num(row.out.to_string(), ""),
            Td::num(row.amiss.to_string(), ""),
        ]);
    }
    table.empty = ("clipboard-check", w.no_checks.clone(), w.check_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::CertificatesCheck) {
        let units = unit_choices(app, &reach(ctx, Action::CertificatesCheck)).await?;
        let fields = vec![
            Field::choice("unit", &l.unit, units, typed.get("unit"), faults),
            Field::area("seen", &w.seen, typed.get("seen"), faults).help(&w.seen_help),
            Field::text("note", &w.note, typed.get("note"), faults),
        ];
        let sheet = Sheet {
            action: "/certificates/checks".to_owned(),
            fields,
            submit: w.check.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        let notes = vec![w.check_help.clone()];
        blocks.insert(0, Block { title: w.check.clone(), notes, form: Some(sheet), ..Block::default() });
    }
    let (title, back) = (w.checks.clone(), back(&frame));
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take_check(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesCheck)?;
    let Some(unit) = typed.id("unit") else {
        let faults = Faults::at("unit", frame.words.common.none_selected.clone());
        return checks_page(&app, &ctx, frame, String::new(), (&typed, &faults)).await;
    };
    let parts = typed.get("seen").split(['\n', ' ', ',', '，', '、']).map(str::trim);
    let seen: Vec<String> = parts.filter(|one| !one.is_empty()).map(str::to_owned).collect();
    let (asker, note) = (ctx.clone(), typed.get("note").to_owned());
    match app.write(move |db| async move { looking::check(&db, &asker, unit, &seen, &note).await }).await {
        Ok(row) => Ok(to(&format!("/certificates/checks/{}", row.id), "created")),
        Err(ApiError::NotFound(text)) => {
            let faults = Faults::at("unit", text);
            checks_page(&app, &ctx, frame, String::new(), (&typed, &faults)).await
        }
        Err(error) => {
            let faults = refused(error, &["unit", "seen", "note"])?;
            checks_page(&app, &ctx, frame, String::new(), (&typed, &faults)).await
        }
    }
}

pub(super) async fn check(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesRead)?;
    let (db, w, l) = (app.db().read(), &frame.words.certificates.round, &frame.words.certificates.list);
    let (row, lines) = store::check(db, &ctx, id).await?;
    let ids: Vec<Uuid> = lines.iter().map(|line| line.certificate_id).collect();
    let certificates = store::by_ids(db, &ids).await?;
    let names = Names::of(db, lines.iter().filter_map(|line| line.with_id), [row.checked_by.as_str()]).await?;
    let mut table = Table::new(&[&l.number, &w.verdict, &w.with]);
    for line in &lines {
        let number = certificates.get(&line.certificate_id).map(|one| one.number.clone()).unwrap_or_default();
        let look = match line.verdict {
            Verdict::Kept => "good",
            Verdict::Out => "warn",
            Verdict::Missing | Verdict::Unbooked => "bad",
        };
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(number.clone(), at(&number)) },
            Td::mark(look, frame.either(line.verdict.zh(), line.verdict.as_str())),
            names.person(line.with_id).into(),
        ]);
    }
    table.away = true;
    let facts = vec![
        (l.unit.clone(), names.unit(Some(row.unit_id)).into()),
        (w.by.clone(), names.actor(&frame, &row.checked_by).into()),
        (w.at.clone(), Td::time(Some(row.checked_at)).because(row.note.clone())),
    ];
    let blocks = vec![Block { facts, table: Some(table), ..Block::default() }];
    let title = w
        .check_title
        .replace("{day}", &row.checked_on.to_string())
        .replace("{nth}", &row.nth.to_string())
        .replace("{amiss}", &row.amiss.to_string());
    let (back, said) = (("/certificates/checks".to_owned(), w.checks.clone()), said(&frame, &asked));
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn morning(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesRead)?;
    let (db, w, l) = (app.db().read(), &frame.words.certificates.round, &frame.words.certificates.list);
    let day = match asked.get("day") {
        "" => ctx.now().day(),
        text => text.parse::<NaiveDate>().unwrap_or_else(|_| ctx.now().day()),
    };
    let told = told::of(db, &ctx, day).await?;
    let names = Names::of(db, told.out.iter().map(|(loan, _)| loan.taker_id), []).await?;
    let mut out = Table::new(&[&l.number, &w.with, &l.unit, &frame.words.certificates.one.task, &l.since, &l.due]);
    for (loan, of) in &told.out {
        out.rows.push(vec![
            Td { class: "mono", ..Td::link(of.number.clone(), at(&of.number)) },
            names.person(Some(loan.taker_id)).into(),
            names.unit(Some(loan.unit_id)).into(),
            loan.task.clone().into(),
            Td::time(Some(loan.out_at)),
            Td::time(Some(loan.due_at)),
        ]);
    }
    out.away = true;
    out.empty = ("clipboard-check", w.none_out.clone(), String::new(), String::new(), String::new());
    let mut units = Table::new(&[&l.unit, &format!("#{}", w.times), &format!("#{}", w.amiss), &format!("#{}", w.out)]);
    for (unit, checked) in &told.units {
        let times = if checked.times == 0 {
            Td::mark("bad", w.unchecked.clone())
        } else {
            Td::num(checked.times.to_string(), "")
        };
        units.rows.push(vec![
            names.unit(Some(*unit)).into(),
            times,
            Td::num(checked.amiss.to_string(), ""),
            Td::num(checked.out.to_string(), ""),
        ]);
    }
    units.empty.1.clone_from(&l.none);
    let blocks = vec![
        Block { title: w.over_night.clone(), table: Some(out), ..Block::default() },
        Block { title: w.yesterday.clone(), table: Some(units), ..Block::default() },
    ];
    let unchecked = told.units.values().filter(|one| one.times == 0).count();
    let title = w
        .morning_title
        .replace("{day}", &day.to_string())
        .replace("{out}", &told.out.len().to_string())
        .replace("{unchecked}", &unchecked.to_string());
    let filters = vec![Field::filter_day(&frame, "day", &w.day)];
    let back = back(&frame);
    Ok(Board { back, filters, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn quizzes(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesRead)?;
    let said = said(&frame, &asked);
    quizzes_page(&app, &ctx, frame, said, (&Typed::default(), &Faults::default())).await
}

async fn quizzes_page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w) = (app.db().read(), &frame.words.certificates.round);
    let rows = store::quizzes(db, ctx, MOST).await?;
    let names =
        Names::of(db, rows.iter().map(|row| row.person_id), rows.iter().map(|row| row.asked_by.as_str())).await?;
    let mut table = Table::new(&[&w.at, &w.person, &w.question, &w.answer, &w.correct, &w.asked_by]);
    for row in &rows {
        let (look, text) = if row.correct { ("good", &w.right) } else { ("bad", &w.wrong) };
        table.rows.push(vec![
            Td::time(Some(row.asked_at)),
            names.person_and_unit(row.person_id).into(),
            row.question.clone().into(),
            row.answer.clone().into(),
            Td::mark(look, text.clone()),
            names.actor(&frame, &row.asked_by).into(),
        ]);
    }
    table.away = true;
    table.empty = ("clipboard-list", w.no_quizzes.clone(), String::new(), String::new(), String::new());
    let right = rows.iter().filter(|row| row.correct).count();
    let title = w.quiz_title.replace("{many}", &rows.len().to_string()).replace("{right}", &right.to_string());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::CertificatesCheck) {
        let verdicts = vec![("yes".to_owned(), w.right.clone()), ("no".to_owned(), w.wrong.clone())];
        let fields = vec![
            Field::text("person", &w.person, typed.get("person"), faults),
            Field::area("question", &w.question, typed.get("question"), faults),
            Field::area("answer", &w.answer, typed.get("answer"), faults),
            Field::choice("correct", &w.correct, verdicts, typed.get("correct"), faults),
        ];
        let sheet = Sheet {
            action: "/certificates/quizzes".to_owned(),
            fields,
            submit: w.ask.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.ask.clone(), form: Some(sheet), ..Block::default() });
    }
    let back = back(&frame);
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take_quiz(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesCheck)?;
    match ask(&app, &ctx, &typed).await {
        Ok(()) => Ok(to("/certificates/quizzes", "saved")),
        Err(error) => {
            let faults = refused(error, &["person", "question", "answer", "correct"])?;
            quizzes_page(&app, &ctx, frame, String::new(), (&typed, &faults)).await
        }
    }
}

async fn ask(app: &App, ctx: &Ctx, typed: &Typed) -> Result<(), ApiError> {
    let new = NewQuiz {
        person: whom(app.db().read(), "person", typed.get("person"), None).await?,
        question: typed.get("question").to_owned(),
        answer: typed.get("answer").to_owned(),
        correct: match typed.get("correct") {
            "yes" => true,
            "no" => false,
            _ => return Err(ApiError::invalid("correct", "请选择是否正确")),
        },
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { asked_of::ask(&db, &asker, &new).await }).await {
        Ok(_) => Ok(()),
        Err(ApiError::NotFound(reason)) => Err(ApiError::invalid("person", reason)),
        Err(error) => Err(error),
    }
}
