//! What may be done with a submission now: the forms, and what they send.

use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::one::{Beside, Told, page};
use super::rule_word;
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::submissions::entity::submission;
use crate::assets::submissions::model::{Deed, Severity};
use crate::assets::submissions::{service, steps};
use crate::kernel::Ctx;
use crate::web::extract::Path;
use crate::web::pages::admin::board::{Block, Field, Form as Sheet};
use crate::web::pages::admin::shared::{Typed, refused};
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 5] = ["note", "reason", "sent_to", "receipt", "rule"];

/// Makes the forms of one page.
struct Desk<'a> {
    frame: &'a Frame,
    ctx: &'a Ctx,
    row: &'a submission::Model,
    beside: &'a Beside,
}

impl Desk<'_> {
    fn can(&self, deed: Deed) -> bool {
        self.row.state.after(deed).is_ok()
    }

    fn may(&self, action: Action) -> bool {
        permit(self.ctx, action, self.row.unit_id).is_ok()
    }

    /// Why a step is not theirs, blank when it is.
    fn why(&self, action: Action, signed: &[Option<crate::kernel::ids::PersonId>]) -> String {
        let w = &self.frame.words.submissions.one;
        if !self.may(action) {
            return w.not_yours.clone();
        }
        let me = self.ctx.person();
        if me.is_some() && signed.contains(&me) { w.signed_before.clone() } else { String::new() }
    }

    fn field(&self, deed: &str, id: &str, label: &str) -> Field {
        if self.beside.deed == deed {
            return Field::text(id, label, self.beside.typed.get(id), &self.beside.faults);
        }
        Field::text(id, label, "", &Faults::default())
    }

    fn block(
        &self,
        deed: &str,
        (label, help): (&String, &String),
        fields: Vec<Field>,
        why: String,
        danger: bool,
    ) -> Block {
        let general = if self.beside.deed == deed { self.beside.faults.general().to_owned() } else { String::new() };
        let sheet = Sheet {
            action: format!("/assets/submissions/{}/{deed}", self.row.number),
            hidden: vec![("version".to_owned(), self.row.version.to_string())],
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general,
            danger,
            why,
            ..Sheet::default()
        };
        Block { title: label.clone(), notes: vec![help.clone()], form: Some(sheet), ..Block::default() }
    }

    fn answers(&self, told: &[Told]) -> Option<Block> {
        let w = &self.frame.words.submissions.one;
        let open = |one: &&Told| one.open > 0 && one.severity == Some(Severity::Warning);
        let rules: Vec<(String, String)> = told
            .iter()
            .filter(open)
            .map(|one| (one.rule.clone(), format!("{} · {}", rule_word(self.frame, &one.rule), one.open)))
            .collect();
        if rules.is_empty() || !self.may(Action::SubmissionsPrepare) {
            return None;
        }
        let chosen = self.field("acknowledge", "rule", &w.rule);
        let rule = Field { kind: crate::web::pages::admin::board::Kind::Choice(rules), ..chosen };
        let fields = vec![rule, self.field("acknowledge", "reason", &w.reason)];
        Some(self.block("acknowledge", (&w.answer, &w.answer_help), fields, String::new(), false))
    }

    fn of_draft(&self, told: &[Told]) -> Vec<Block> {
        let w = &self.frame.words.submissions.one;
        let mine = self.why(Action::SubmissionsPrepare, &[]);
        let has_errors = told.iter().any(|one| one.severity == Some(Severity::Error));
        let has_open = told.iter().any(|one| one.severity == Some(Severity::Warning) && one.open > 0);
        let cannot = match (mine.is_empty(), has_errors, has_open) {
            (false, _, _) => mine.clone(),
            (true, true, _) => w.errors_first.clone(),
            (true, false, true) => w.answers_first.clone(),
            _ => String::new(),
        };
        let mut blocks: Vec<Block> = self.answers(told).into_iter().collect();
        blocks.push(self.block("prepare", (&w.prepare, &w.prepare_help), Vec::new(), cannot, false));
        blocks.push(self.block("compute", (&w.compute, &w.compute_help), Vec::new(), mine, false));
        blocks
    }
}

/// The forms of what may be done now; what somebody else must do is named.
pub(super) fn forms(frame: &Frame, ctx: &Ctx, row: &submission::Model, told: &[Told], beside: &Beside) -> Vec<Block> {
    let desk = Desk { frame, ctx, row, beside };
    let w = &frame.words.submissions.one;
    let mut blocks = if desk.can(Deed::Prepare) { desk.of_draft(told) } else { Vec::new() };
    if desk.can(Deed::Review) {
        let why = desk.why(Action::SubmissionsReview, &[row.prepared_by]);
        let fields = vec![desk.field("review", "note", &w.opinion)];
        blocks.push(desk.block("review", (&w.review, &w.review_help), fields, why, false));
    }
    if desk.can(Deed::Approve) {
        let why = desk.why(Action::SubmissionsApprove, &[row.prepared_by, row.reviewed_by]);
        let fields = vec![desk.field("approve", "note", &w.opinion)];
        blocks.push(desk.block("approve", (&w.approve, &w.approve_help), fields, why, false));
    }
    if desk.can(Deed::Submit) {
        let fields =
            vec![desk.field("submit", "sent_to", &w.sent_to_field), desk.field("submit", "receipt", &w.receipt_field)];
        let why = desk.why(Action::SubmissionsSubmit, &[]);
        blocks.push(desk.block("submit", (&w.submit, &w.submit_help), fields, why, false));
    }
    if desk.can(Deed::SendBack) && steps::turn(row.state).is_some_and(|action| desk.may(action)) {
        let fields = vec![desk.field("send-back", "reason", &w.why)];
        blocks.push(desk.block("send-back", (&w.send_back, &w.send_back_help), fields, String::new(), true));
    }
    if desk.can(Deed::Void) && desk.may(Action::SubmissionsPrepare) {
        let fields = vec![desk.field("void", "reason", &w.why)];
        blocks.push(desk.block("void", (&w.void, &w.void_help), fields, String::new(), true));
    }
    blocks
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::SubmissionsRead)?;
    match done(&app, &ctx, &number, &deed, &typed).await {
        Ok(said) => Ok(Redirect::to(&format!("/assets/submissions/{number}?said={said}")).into_response()),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            page(&app, &ctx, &number, frame, Beside { deed, typed, faults, ..Beside::default() }).await
        }
    }
}

async fn done(app: &App, ctx: &Ctx, number: &str, deed: &str, typed: &Typed) -> Result<&'static str, ApiError> {
    let (ctx, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    let [note, reason, sent_to, receipt, rule] = FIELDS.map(|field| typed.get(field).to_owned());
    Ok(match deed {
        "compute" => {
            app.write(move |db| async move { service::compute(&db, &ctx, &number, version).await }).await?;
            "computed"
        }
        "acknowledge" => {
            let answered = app
                .write(move |db| async move { service::acknowledge(&db, &ctx, &number, &rule, None, &reason).await });
            answered.await?;
            "answered"
        }
        "prepare" => {
            app.write(move |db| async move { service::prepare(&db, &ctx, &number, version).await }).await?;
            "prepared"
        }
        "review" => {
            app.write(move |db| async move { steps::review(&db, &ctx, &number, version, &note).await }).await?;
            "reviewed"
        }
        "approve" => {
            app.write(move |db| async move { steps::approve(&db, &ctx, &number, version, &note).await }).await?;
            "approved"
        }
        "submit" => {
            let sent = app
                .write(move |db| async move { steps::submit(&db, &ctx, &number, version, &sent_to, &receipt).await });
            sent.await?;
            "submitted"
        }
        "send-back" => {
            app.write(move |db| async move { steps::send_back(&db, &ctx, &number, version, &reason).await }).await?;
            "sent_back"
        }
        "void" => {
            app.write(move |db| async move { steps::void(&db, &ctx, &number, version, &reason).await }).await?;
            "voided"
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    })
}
