//! What the reporting of assets waits for: a submission whose step is theirs, a check whose differences are theirs to
//! explain.

use super::{Duty, LINES};
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::submissions::model::State;
use crate::assets::submissions::{steps, store as submissions};
use crate::assets::three_way::model::State as Standing;
use crate::assets::three_way::store as checks;
use crate::kernel::Ctx;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App};

pub(super) async fn duties(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    of_submissions(app, ctx, frame, duties).await?;
    of_checks(app, ctx, frame, duties).await
}

/// Submissions whose next step is theirs, and that they have not signed before. A draft waits for whoever began it.
async fn of_submissions(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    if !frame.may(Action::SubmissionsRead) {
        return Ok(());
    }
    let w = &frame.words.submissions.list;
    let me = ctx.person();
    for state in [State::Draft, State::Prepared, State::Reviewed, State::Approved] {
        let Some(action) = steps::turn(state).filter(|action| frame.may(*action)) else { continue };
        let wanted = submissions::Wanted { state: Some(state), ..submissions::Wanted::default() };
        for row in submissions::list(app.db().read(), ctx, &wanted, LINES).await? {
            let signed = state != State::Approved && [row.prepared_by, row.reviewed_by].contains(&me) && me.is_some();
            let begun = state != State::Draft || row.begun_by == ctx.actor.to_string();
            if signed || !begun || permit(ctx, action, row.unit_id).is_err() {
                continue;
            }
            let (text, button) = match state {
                State::Draft => (&w.today_prepare, &w.go_prepare),
                State::Prepared => (&w.today_review, &w.go_review),
                State::Reviewed => (&w.today_approve, &w.go_approve),
                _ => (&w.today_submit, &w.go_submit),
            };
            duties.push(Duty {
                text: text.replace("{what}", &row.title),
                more: row.number.clone(),
                mark: Mark::new("plain", w.waiting.clone()),
                href: format!("/assets/submissions/{}", row.number),
                button: button.clone(),
                due: row.computed_at.0,
            });
        }
    }
    Ok(())
}

/// Open checks with differences of theirs that nobody has explained.
async fn of_checks(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    if permit_somewhere(ctx, Action::ThreeWayExplain).is_err() {
        return Ok(());
    }
    let w = &frame.words.three_way.list;
    let rows = checks::checks(app.db().read(), ctx, None, LINES).await?;
    for row in rows.into_iter().filter(|row| row.state == Standing::Open && row.open_count > 0) {
        let open = checks::open(app.db().read(), ctx, &row).await?;
        if open == 0 {
            continue;
        }
        let text = w.today_explain.replace("{number}", &row.number).replace("{count}", &open.to_string());
        duties.push(Duty {
            text,
            more: String::new(),
            mark: Mark::new("plain", row.as_of.to_string()),
            href: format!("/assets/three-way/{}?open=yes", row.number),
            button: w.go_explain.clone(),
            due: row.made_at.0,
        });
    }
    Ok(())
}
