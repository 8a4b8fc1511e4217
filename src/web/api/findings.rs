//! `/api/v1`: findings.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::jobs::{after_id, names};
use crate::findings::entity::{finding, finding_event, finding_evidence};
use crate::findings::model::{EventKind, State as FindingState};
use crate::findings::service::{self, NewEvidence, Target};
use crate::findings::store::{self, Count, Wanted};
use crate::findings::{EvidenceKind, FindingError, Kind};
use crate::kernel::ids::{FindingId, PersonId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

impl From<FindingError> for ApiError {
    fn from(error: FindingError) -> Self {
        match error {
            FindingError::NotFound => Self::NotFound(error.to_string()),
            FindingError::Text { field, reason } => Self::invalid(field, reason),
            FindingError::NoSuchPerson(_) => Self::invalid("owner_id", error.to_string()),
            FindingError::Deadline => Self::invalid("deadline_at", error.to_string()),
            FindingError::NoPerson => Self::Forbidden(error.to_string()),
            FindingError::Refused(refusal) => Self::Conflict(refusal.to_string()),
            FindingError::Forbidden(error) => error.into(),
            FindingError::Db(error) => error.into(),
        }
    }
}

names! {
    /// Where a finding stands.
    FindingStateName of FindingState { Open, Assigned, Explained, Verified, Closed, }
    /// What was found.
    FindingKindName of Kind {
        Missing, Short, Over, Misplaced, WrongKeeper, Conflict, DisposedPresent, Unregistered, Foreign, Uncounted,
        Damaged, UrgentNotRatified, NoResponsible, FuelAnomaly,
        FirearmFired, FirearmLost, CarrierUnfit, FirearmOverdue, CarryLicenceDue,
        ArmouryDifference, RecountMissing, TransferDifference, AloneInArmoury,
        SecondDraw, IllegalDraw, CabinetOpened, CabinetDisagrees, CabinetGap, CabinetAlarm,
        CertificateOverdue, CertificateMissing, CertificateCheckMissing,
        InspectionMissing, InspectionFailed, AuditDifference,
        OdometerGap, TripQuestioned, TripsNotSubmitted, VehiclePaperDue,
    }
    /// What kind of evidence.
    EvidenceKindName of EvidenceKind {
        Statement, Approval, BookChange, Recount, PoliceReport, Appraisal, Photo, Video, NoVideo, Repair, Other,
    }
    /// A step.
    FindingStepName of EventKind {
        Opened, Assigned, Explained, Evidence, SentBack, Verified, Closed, Reopened, Overdue, Noted,
    }
}

/// Which findings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingFilter {
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
    /// In this state only.
    #[param(inline)]
    pub state: Option<FindingStateName>,
    /// Of this kind only.
    #[param(inline)]
    pub kind: Option<FindingKindName>,
    /// Of this owner only.
    pub owner_id: Option<Uuid>,
    /// Only those past their deadline and not closed, or only the others.
    pub overdue: Option<bool>,
}

impl FindingFilter {
    fn wanted(&self, before: Option<FindingId>) -> Wanted {
        Wanted {
            unit: self.unit_id.map(UnitId),
            state: self.state.map(Into::into),
            kind: self.kind.map(Into::into),
            owner: self.owner_id.map(PersonId),
            overdue: self.overdue,
            before,
        }
    }
}

/// A finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingView {
    /// Its id.
    pub id: Uuid,
    /// What kind.
    pub kind: FindingKindName,
    /// The room it came from.
    pub origin_room: String,
    /// What it came from, as that room names it.
    pub origin_id: String,
    /// Where to look at that.
    pub origin_link: String,
    /// Whose it is.
    pub unit_id: Option<Uuid>,
    /// The thing it is about.
    pub item_id: Option<Uuid>,
    /// In one line.
    pub title: String,
    /// In full.
    pub description: String,
    /// Where it stands.
    pub state: FindingStateName,
    /// When it was found: milliseconds since 1970 in UTC, as all times here.
    pub opened_at: i64,
    /// Until when it is to be closed.
    pub deadline_at: i64,
    /// Whether that has passed and it is not closed.
    pub overdue: bool,
    /// Who is to explain.
    pub owner_id: Option<Uuid>,
    /// Who explained.
    pub explained_by: Option<Uuid>,
    /// Who verified.
    pub verified_by: Option<Uuid>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// Its version, for If-Match.
    pub version: i64,
}

/// One step of a finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingStep {
    /// Which, from 1.
    pub seq: i64,
    /// When.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub kind: FindingStepName,
    /// In what words.
    pub note: String,
    /// Who was to explain after it.
    pub owner_id: Option<Uuid>,
    /// The deadline after it.
    pub deadline_at: Option<i64>,
}

/// One piece of evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// Its id.
    pub id: Uuid,
    /// What kind.
    pub kind: EvidenceKindName,
    /// What it shows, or says.
    pub note: String,
    /// A document's number, or an attachment's address.
    pub reference: Option<String>,
    /// Who handed it in.
    pub actor: String,
    /// When.
    pub at: i64,
}

/// A finding with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingDetail {
    /// The finding.
    pub finding: FindingView,
    /// Its steps, first to last.
    pub steps: Vec<FindingStep>,
    /// Its evidence, first to last.
    pub evidence: Vec<EvidenceView>,
    /// What evidence is still wanted before it may be closed.
    pub evidence_missing: Vec<String>,
    /// Whether somebody outside the unit verifies it.
    pub verified_outside: bool,
    /// Why so, with the source.
    pub rule: String,
}

/// How many findings a unit has of a kind in a state.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingCount {
    /// The unit.
    pub unit_id: Option<Uuid>,
    /// The kind.
    pub kind: FindingKindName,
    /// The state.
    pub state: FindingStateName,
    /// How many.
    pub findings: i64,
    /// Of them past their deadline and not closed.
    pub overdue: i64,
}

fn view(ctx: &Ctx, row: finding::Model) -> FindingView {
    FindingView {
        overdue: row.state != FindingState::Closed && row.deadline_at < ctx.now(),
        id: row.id.0,
        kind: row.kind.into(),
        origin_room: row.origin_room,
        origin_id: row.origin_id,
        origin_link: row.origin_link,
        unit_id: row.unit_id.map(|id| id.0),
        item_id: row.item_id.map(|id| id.0),
        title: row.title,
        description: row.description,
        state: row.state.into(),
        opened_at: row.opened_at.0,
        deadline_at: row.deadline_at.0,
        owner_id: row.owner_id.map(|id| id.0),
        explained_by: row.explained_by.map(|id| id.0),
        verified_by: row.verified_by.map(|id| id.0),
        closed_at: row.closed_at.map(|at| at.0),
        version: row.version,
    }
}

impl From<finding_event::Model> for FindingStep {
    fn from(row: finding_event::Model) -> Self {
        Self {
            seq: row.seq,
            at: row.at.0,
            actor: row.actor,
            kind: row.kind.into(),
            note: row.note,
            owner_id: row.owner_id.map(|id| id.0),
            deadline_at: row.deadline_at.map(|at| at.0),
        }
    }
}

impl From<finding_evidence::Model> for EvidenceView {
    fn from(row: finding_evidence::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind.into(),
            note: row.note,
            reference: row.reference,
            actor: row.actor,
            at: row.at.0,
        }
    }
}

impl From<Count> for FindingCount {
    fn from(count: Count) -> Self {
        Self {
            unit_id: count.unit.map(|id| id.0),
            kind: count.kind.into(),
            state: count.state.into(),
            findings: count.findings,
            overdue: count.overdue,
        }
    }
}

/// 问题, newest first.
#[utoipa::path(get, path = "/findings", operation_id = "findings_list", tag = "findings",
    params(FindingFilter, Paging), responses((status = 200, body = Page<FindingView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<FindingFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<FindingView>>, ApiError> {
    let limit = paging.rows()?;
    let rows = store::list(app.db().read(), &ctx, &filter.wanted(after_id(&paging)?), limit + 1).await?;
    let rows = rows.into_iter().map(|row| view(&ctx, row)).collect();
    Ok(Json(Page::cut(rows, limit, |row: &FindingView| row.id.to_string())))
}

/// How many findings, by unit, kind and state.
#[utoipa::path(get, path = "/findings/counts", operation_id = "findings_counts", tag = "findings",
    params(FindingFilter), responses((status = 200, body = [FindingCount]), Problems),
    security(("session" = []), ("token" = [])))]
async fn counts(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<FindingFilter>,
) -> Result<Json<Vec<FindingCount>>, ApiError> {
    let counts = store::counts(app.db().read(), &ctx, &filter.wanted(None)).await?;
    Ok(Json(counts.into_iter().map(FindingCount::from).collect()))
}

/// One finding with its steps and evidence.
#[utoipa::path(get, path = "/findings/{id}", operation_id = "findings_show", tag = "findings",
    params(("id" = Uuid, Path)), responses((status = 200, body = FindingDetail), Problems),
    security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<FindingDetail>, ApiError> {
    let db = app.db().read();
    let row = store::one(db, &ctx, FindingId(id)).await?;
    let steps = store::events(db, row.id).await?;
    let evidence = store::evidence(db, row.id).await?;
    let rule = row.kind.rule(row.opened_at);
    let present: Vec<_> = evidence.iter().map(|piece| piece.kind).collect();
    let detail = FindingDetail {
        evidence_missing: rule.missing(&present),
        verified_outside: rule.verified_outside,
        rule: rule.reason.to_owned(),
        steps: steps.into_iter().map(FindingStep::from).collect(),
        evidence: evidence.into_iter().map(EvidenceView::from).collect(),
        finding: view(&ctx, row),
    };
    Ok(Versioned(detail.finding.version, detail))
}

/// Who is to explain, and until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// Who.
    pub owner_id: Uuid,
    /// Until when, milliseconds since 1970 in UTC; not said, the deadline stays.
    pub deadline_at: Option<i64>,
}

/// An explanation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainBody {
    /// How it came about.
    #[schema(min_length = 1, max_length = 4000)]
    pub explanation: String,
}

/// A piece of evidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceBody {
    /// What kind.
    pub kind: EvidenceKindName,
    /// What it shows, or says.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
    /// A document's number, or an attachment's address.
    #[schema(max_length = 4000)]
    pub reference: Option<String>,
}

/// A reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// A remark.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemarkBody {
    /// In what words.
    #[schema(min_length = 1, max_length = 4000)]
    pub remark: String,
}

fn target(id: Uuid, seen: Option<IfMatch>) -> Target {
    Target { id: FindingId(id), version: seen.map(|IfMatch(version)| version) }
}

/// A step on what changed since it was seen is 412 where the caller said what they saw, 409 where two met.
fn settled(
    ctx: &Ctx,
    seen: Option<IfMatch>,
    done: Result<finding::Model, ApiError>,
) -> Result<Versioned<FindingView>, ApiError> {
    match done {
        Ok(row) => Ok(Versioned(row.version, view(ctx, row))),
        Err(ApiError::Stale) if seen.is_some() => Err(ApiError::VersionMismatch),
        Err(error) => Err(error),
    }
}

/// One operation that takes a step: they differ in their address, their body and the service they call.
macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident $path:literal $operation:literal $body:ty => |$ctx:ident, $db:ident, $target:ident, $said:ident| $call:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, operation_id = $operation, tag = "findings",
            params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header, description = "所见的版本")),
            request_body = $body,
            responses((status = 200, body = FindingView), Problems), security(("session" = []), ("token" = [])))]
        async fn $name(
            State(app): State<App>,
            Caller(ctx): Caller,
            Path(id): Path<Uuid>,
            seen: Option<IfMatch>,
            Body(said): Body<$body>,
        ) -> Result<Versioned<FindingView>, ApiError> {
            let ($ctx, $target) = (ctx.clone(), target(id, seen));
            let done = app.write(move |$db| async move { let $said = said; $call.await }).await;
            settled(&ctx, seen, done)
        }
    )*};
}

steps! {
    /// 交办: gives it to somebody to explain.
    assign "/findings/{id}/assign" "findings_assign" AssignBody => |ctx, db, target, said|
        service::assign(&db, &ctx, target, PersonId(said.owner_id), said.deadline_at.map(Timestamp));
    /// 说明: its owner says how it came about.
    explain "/findings/{id}/explain" "findings_explain" ExplainBody => |ctx, db, target, said|
        service::explain(&db, &ctx, target, &said.explanation);
    /// 提交证据
    add_evidence "/findings/{id}/evidence" "findings_evidence" EvidenceBody => |ctx, db, target, said|
        service::add_evidence(&db, &ctx, target, NewEvidence {
            kind: said.kind.into(), note: said.note, reference: said.reference,
        });
    /// 退回: the explanation does not do.
    send_back "/findings/{id}/send-back" "findings_send_back" ReasonBody => |ctx, db, target, said|
        service::send_back(&db, &ctx, target, &said.reason);
    /// 核实: by somebody else than who explained.
    verify "/findings/{id}/verify" "findings_verify" RemarkBody => |ctx, db, target, said|
        service::verify(&db, &ctx, target, &said.remark);
    /// 销号: with all the evidence its kind asks for.
    close "/findings/{id}/close" "findings_close" RemarkBody => |ctx, db, target, said|
        service::close(&db, &ctx, target, &said.remark);
    /// 重新打开: it was closed too early.
    reopen "/findings/{id}/reopen" "findings_reopen" ReasonBody => |ctx, db, target, said|
        service::reopen(&db, &ctx, target, &said.reason);
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(counts))
        .routes(routes!(show))
        .routes(routes!(assign))
        .routes(routes!(explain))
        .routes(routes!(add_evidence))
        .routes(routes!(send_back))
        .routes(routes!(verify))
        .routes(routes!(close))
        .routes(routes!(reopen))
}
