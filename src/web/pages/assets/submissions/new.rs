//! Beginning a submission: what, whose, for which day; no figure is asked for.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::kind_word;
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::submissions::model::Kind;
use crate::assets::submissions::service::{self, New};
use crate::kernel::Ctx;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 4] = ["kind", "unit", "as_of", "campaign"];

pub(super) async fn show(Extract(app): Extract<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    let today = ctx.now().day().to_string();
    form(&app, &ctx, frame, &Typed::of(&[("as_of", &today)]), &Faults::default()).await
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::SubmissionsPrepare)?;
    let w = &frame.words.submissions.new;
    let names = Names::of(app.db().read(), [], []).await?;
    let mut units = names.units_within(ctx, Action::SubmissionsPrepare);
    if permit(ctx, Action::SubmissionsPrepare, None).is_ok() {
        units.insert(0, (String::new(), frame.words.submissions.list.whole.clone()));
    }
    let kinds = Kind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_word(&frame, *kind))).collect();
    let fields = vec![
        Field::choice("kind", &w.kind, kinds, typed.get("kind"), faults),
        Field::choice("unit", &w.unit, units, typed.get("unit"), faults),
        Field::input("as_of", &w.as_of, "date", typed.get("as_of"), faults).help(&w.as_of_help),
        Field::text("campaign", &w.campaign, typed.get("campaign"), faults).help(&w.campaign_help),
    ];
    let sheet = Sheet {
        action: "/assets/submissions/new".to_owned(),
        fields,
        submit: w.submit.clone(),
        general: faults.general().to_owned(),
        cancel: "/assets/submissions".to_owned(),
        ..Sheet::default()
    };
    let (title, lead) = (w.title.clone(), w.lead.clone());
    let back = ("/assets/submissions".to_owned(), frame.words.submissions.list.heading.clone());
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::SubmissionsPrepare)?;
    let Some(kind) = Kind::by_name(typed.get("kind")) else {
        return Err(ApiError::invalid("kind", "没有这种报表"));
    };
    let as_of = match typed.get("as_of") {
        "" => ctx.now().day(),
        text => match text.parse() {
            Ok(day) => day,
            Err(_) => {
                let faults = Faults::at("as_of", frame.words.admin.shared.bad_day.clone());
                return form(&app, &ctx, frame, &typed, &faults).await;
            }
        },
    };
    let new = New { kind, unit: picks::unit(typed.get("unit"))?, as_of, campaign: typed.get("campaign").to_owned() };
    let asker = ctx.clone();
    match app.write(move |db| async move { service::begin(&db, &asker, &new).await }).await {
        Ok(row) => Ok(Redirect::to(&format!("/assets/submissions/{}?said=begun", row.number)).into_response()),
        Err(ApiError::Invalid { field: Some(field), reason }) if field == "unit_id" => {
            form(&app, &ctx, frame, &typed, &Faults::at("unit", reason)).await
        }
        Err(error) => {
            let faults = picks::refused(error, &FIELDS)?;
            form(&app, &ctx, frame, &typed, &faults).await
        }
    }
}
