//! Scans from phones, and their undoing.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::campaign_number;
use crate::kernel::ids::{PersonId, PlaceId, ScanId};
use crate::kernel::{Ctx, Quantity, Timestamp};
use crate::stocktake::counting::recorder::{Batch, MOST_SCANS, Recorder};
use crate::stocktake::counting::{self, Answer, NewScan, Which, Why};
use crate::stocktake::model::Condition;
use crate::web::error::Problems;
use crate::web::extract::{Body, Path};
use crate::web::{ApiError, App, Caller};

/// Characters that a QR code of the largest size can hold.
const MOST_CODE: usize = 4_296;
const MOST_NAME: usize = 200;
const MOST_NOTE: usize = 2_000;

/// Scans, in the order made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = campaigns::ScansBody)]
pub(super) struct ScansBody {
    #[schema(min_items = 1, max_items = 500)]
    scans: Vec<ScanBody>,
}

/// A scan as a phone tells it. What is wrong with one is told of that one; ids and times are therefore read as texts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = campaigns::ScanBody)]
pub(super) struct ScanBody {
    /// A UUID version 7 that the phone made; the same scan sent again has the same.
    id: String,
    /// What was read: a label's code, a thing's number, or anything else.
    #[serde(default)]
    code: String,
    /// The id of the place whose label was scanned first.
    place: Option<String>,
    /// The id of the keeper stated on the spot.
    keeper: Option<String>,
    /// How many, 1 when not said; zero says "looked for, not here".
    quantity: Option<i64>,
    /// `good` or `damaged`; good when not said.
    condition: Option<String>,
    /// Whether it bears no label.
    #[serde(default)]
    no_label: bool,
    /// What an unknown thing is.
    #[serde(default)]
    name: String,
    #[serde(default)]
    serial_number: String,
    #[serde(default)]
    note: String,
    /// On which device.
    #[serde(default)]
    device: String,
    /// When, by the device's clock (RFC 3339), however wrong that goes.
    device_at: String,
    /// Who counted, when the token is a device's own; whoever is signed in counts, whatever stands here.
    counter: Option<String>,
}

impl ScanBody {
    fn read(self, ctx: &Ctx) -> Result<NewScan, &'static str> {
        let id = self.id.parse::<Uuid>().ok().filter(|id| id.get_version_num() == 7);
        let id = id.ok_or("扫描编号应为 UUID 第 7 版")?;
        let named = |id: Option<String>| id.map(|id| id.parse::<Uuid>()).transpose();
        let place = named(self.place).map_err(|_| "地点未登记")?.map(PlaceId);
        let keeper = named(self.keeper).map_err(|_| "使用人未登记")?.map(PersonId);
        let condition = match self.condition.as_deref() {
            None | Some("good") => Condition::Good,
            Some("damaged") => Condition::Damaged,
            Some(_) => return Err("完好情况应为 good 或 damaged"),
        };
        let device_at =
            DateTime::parse_from_rfc3339(&self.device_at).map_err(|_| "设备时间读不懂，应如 2026-12-31T09:05:07Z")?;
        if self.code.chars().count() > MOST_CODE || self.note.chars().count() > MOST_NOTE {
            return Err("码或备注过长");
        }
        let counter = self.counter.unwrap_or_default();
        let short = [&self.name, &self.serial_number, &self.device, &counter];
        if short.into_iter().any(|text| text.chars().count() > MOST_NAME) {
            return Err("名称、序列号、设备或盘点人过长");
        }
        if [&self.code, &self.name, &self.serial_number].into_iter().all(|text| text.trim().is_empty()) {
            return Err("没有编号、标签码、序列号或名称，不知是什么");
        }
        if ctx.person().is_none() && counter.trim().is_empty() {
            return Err("没有盘点人");
        }
        Ok(NewScan {
            id: ScanId(id),
            code_read: self.code,
            place,
            keeper,
            quantity: self.quantity.map_or(Quantity::ONE, Quantity),
            condition,
            no_label: self.no_label,
            name: self.name,
            serial_number: self.serial_number,
            note: self.note,
            counter,
            device: self.device,
            device_at: Timestamp(device_at.timestamp_millis()),
        })
    }
}

/// The answers, in the order of the scans.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::AnswersView)]
pub(super) struct AnswersView {
    answers: Vec<AnswerView>,
}

/// The answer to one scan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::AnswerView)]
pub(super) struct AnswerView {
    /// The scan's id as it was sent.
    id: String,
    /// `recorded`: it is on disk; `repeated`: it was before; `refused`: it is not recorded.
    answer: &'static str,
    /// Of a recorded one, how it was matched: `current_label`, `superseded_label`, `item_number`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    identified_by: Option<crate::stocktake::model::IdentifiedBy>,
    /// Of a recorded one, the thing, when the book knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Uuid>,
    /// Of a refused one: `invalid`, `conflict`, `closed`, `out_of_reach`, `counted_before`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    code: Option<Why>,
    /// Why it was refused, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// `clock_off`: it stands as it was sent, but by its device's clock it was made more than a day from now or more
    /// than a year ago. Set that clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
}

/// How far a device's clock may be ahead of ours.
const AHEAD_MS: i64 = 86_400_000;
/// How long a device may have kept what it scanned.
const BEHIND_MS: i64 = 366 * 86_400_000;

/// What is to be said of a scan made at this instant by its device's clock.
fn warning(device_at: Timestamp, now: Timestamp) -> Option<&'static str> {
    let off = device_at.0.saturating_sub(now.0);
    (!(-BEHIND_MS..=AHEAD_MS).contains(&off)).then_some("clock_off")
}

impl AnswerView {
    fn new(id: String, answer: Answer, warning: Option<&'static str>) -> Self {
        let plain = Self { id, answer: "repeated", identified_by: None, item: None, code: None, reason: None, warning };
        match answer {
            Answer::Recorded { identified_by, item } => {
                Self { answer: "recorded", identified_by: Some(identified_by), item: item.map(|id| id.0), ..plain }
            }
            Answer::Repeated => plain,
            Answer::Refused { code, reason } => {
                Self { answer: "refused", code: Some(code), reason: Some(reason), warning: None, ..plain }
            }
        }
    }
}

impl App {
    /// What records scans, started when the first come.
    fn recorder(&self) -> Result<&Recorder, ApiError> {
        if let Some(recorder) = self.0.recorder.get() {
            return Ok(recorder);
        }
        let started = Recorder::start(self.db().clone()).map_err(|error| {
            tracing::error!(error = ?error, "no thread to record scans");
            ApiError::Busy
        })?;
        // Of two that come at once one starts in vain; it ends with its queue.
        Ok(self.0.recorder.get_or_init(|| started))
    }

    /// Records the scans that wait and takes no more: for an orderly stop, when no request is under way any more.
    pub async fn drain(&self) {
        if let Some(recorder) = self.0.recorder.get() {
            recorder.drain().await;
        }
    }
}

/// Records scans: an answer each, in order, when all that is recorded is on disk. One that is refused does not stop the
/// others, and the same batch sent again changes nothing.
#[utoipa::path(
    post, path = "/campaigns/{number}/scans", operation_id = "campaigns_scan", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number")), request_body = ScansBody,
    responses((status = 200, body = AnswersView), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn record(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ScansBody>,
) -> Result<Json<AnswersView>, ApiError> {
    let number = campaign_number(number)?;
    crate::access::permit_somewhere(&ctx, crate::access::Action::CampaignsCount)?;
    if body.scans.is_empty() || body.scans.len() > MOST_SCANS {
        return Err(ApiError::invalid("scans", format!("一批 1 至 {MOST_SCANS} 次扫描")));
    }
    let now = ctx.now();
    let mut answers: Vec<(String, Option<Answer>, Option<&'static str>)> = Vec::with_capacity(body.scans.len());
    let mut scans = Vec::with_capacity(body.scans.len());
    for scan in body.scans {
        let id: String = scan.id.chars().take(64).collect();
        match scan.read(&ctx) {
            Ok(scan) => {
                answers.push((id, None, warning(scan.device_at, now)));
                scans.push(scan);
            }
            Err(reason) => {
                answers.push((id, Some(Answer::Refused { code: Why::Invalid, reason: reason.to_owned() }), None));
            }
        }
    }
    let mut recorded = app.recorder()?.record(Batch { ctx, number, scans }).await?.into_iter();
    let answers = answers
        .into_iter()
        .filter_map(|(id, answer, warning)| Some(AnswerView::new(id, answer.or_else(|| recorded.next())?, warning)))
        .collect();
    Ok(Json(AnswersView { answers }))
}

/// A scan that was undone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::UndoneView)]
pub(super) struct UndoneView {
    /// The scan.
    id: Uuid,
    /// What had been read.
    code: String,
}

/// Undoes a scan, by one that negates it: one's own, or any on a sheet that one hands in.
#[utoipa::path(
    post, path = "/campaigns/{number}/scans/{id}/undo", operation_id = "campaigns_undo_scan", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number"), ("id" = Uuid, Path, description = "The scan")),
    responses((status = 201, body = UndoneView), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn undo(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, Uuid)>,
) -> Result<(StatusCode, Json<UndoneView>), ApiError> {
    let number = campaign_number(number)?;
    let which = Which::Id(ScanId(id));
    let undone = app.write(async move |db| counting::undo(&db, &ctx, &number, &which).await).await?;
    Ok((StatusCode::CREATED, Json(UndoneView { id: undone.id.0, code: undone.code_read })))
}
