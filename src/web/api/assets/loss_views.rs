//! Missing cases as programs read and write them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::assets::missing::entity::{loss_list, loss_log, procedure_step};
use crate::assets::missing::model::{Degree, FoundHow, Outcome, Part};
use crate::assets::missing::procedure::{NewStep, Procedure, Standing};
use crate::assets::missing::store::{Case, Recovered, Tally};
use crate::stocktake::model::MissingState;
use crate::web::api::jobs::names;

names! {
    /// Where a missing case stands.
    LossStateName of MissingState { Searching, Found, Confirmed, Approved, WrittenOff, }
    /// In which way a missing thing was found.
    FoundHowName of FoundHow { Search, Count, Surplus, }
    /// What a search came to.
    LossSearchResultName of Outcome { NotFound, Trace, Found, }
    /// How far somebody answers for a loss.
    DegreeName of Degree { None, Minor, Main, Full, }
    /// A part of the procedure.
    ProcedurePartName of Part { Confirming, Disposing, Minding, }
}

/// 盘亏
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LossView {
    /// Its id.
    pub id: Uuid,
    /// The thing's number.
    pub item_number: String,
    /// Its name.
    pub name: String,
    /// What it is worth, fen.
    pub value_fen: i64,
    /// Whose it is.
    pub unit_id: Uuid,
    /// Of which year's list.
    pub list_year: i64,
    /// Where it stands, with what its chain has said since.
    pub state: LossStateName,
    /// Whether its write-off waits for the chain.
    pub asked: bool,
    /// When the case was opened, in milliseconds since 1970 UTC, as all times here.
    pub opened_at: i64,
    /// The count that opened it.
    pub campaign_id: Option<Uuid>,
    /// 盘亏原因
    pub explanation: String,
    /// Who confirmed.
    pub confirmed_by: Option<Uuid>,
    /// When.
    pub confirmed_at: Option<i64>,
    /// 责任程度
    pub degree: Option<DegreeName>,
    /// 责任人
    pub responsible_id: Option<Uuid>,
    /// 认定依据
    pub basis: String,
    /// 赔偿, fen
    pub compensation_fen: Option<i64>,
    /// 收款票据号
    pub receipt: String,
    /// What was asked of the chain.
    pub approval_id: Option<Uuid>,
    /// 会议纪要
    pub decision: String,
    /// 批复文号
    pub approval_number: String,
    /// 会计凭证号
    pub voucher_number: String,
    /// 会计凭证日期
    pub voucher_on: Option<NaiveDate>,
    /// When it left the book.
    pub written_off_at: Option<i64>,
    /// When it was found.
    pub found_at: Option<i64>,
    /// The count that found it.
    pub found_in: Option<Uuid>,
    /// How it was found.
    pub found_how: Option<FoundHowName>,
    /// What was said of that.
    pub found_note: String,
    /// Its version, for If-Match; 0 while nothing was done about it.
    pub version: i64,
}

impl From<Case> for LossView {
    fn from(one: Case) -> Self {
        let Case { case, loss, thing, standing, .. } = one;
        let by_count = case.found_in.map(|_| FoundHow::Count);
        Self {
            id: case.id.into(),
            item_number: thing.item_number,
            name: thing.name,
            value_fen: thing.value_fen.0,
            unit_id: loss.unit_id.into(),
            list_year: case.list_year,
            state: standing.state.into(),
            asked: standing.asked,
            opened_at: case.opened_at.0,
            campaign_id: case.campaign_id.map(Into::into),
            explanation: loss.explanation,
            confirmed_by: loss.confirmed_by.map(Into::into),
            confirmed_at: loss.confirmed_at.map(|at| at.0),
            degree: loss.degree.map(Into::into),
            responsible_id: loss.responsible_id.map(Into::into),
            basis: loss.basis,
            compensation_fen: loss.compensation_fen.map(|paid| paid.0),
            receipt: loss.receipt,
            approval_id: loss.approval_id.map(Into::into),
            decision: loss.decision,
            approval_number: loss.approval_number,
            voucher_number: loss.voucher_number,
            voucher_on: loss.voucher_on,
            written_off_at: loss.written_off_at.map(|at| at.0),
            found_at: case.found_at.map(|at| at.0),
            found_in: case.found_in.map(Into::into),
            found_how: loss.found_how.or(by_count).map(Into::into),
            found_note: loss.found_note,
            version: loss.version,
        }
    }
}

/// Somebody looked somewhere.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LossSearchView {
    /// Its id; papers of it name `log:` and this.
    pub id: Uuid,
    /// Its place in the log, from 1.
    pub seq: i64,
    /// Who looked.
    pub searcher_id: Option<Uuid>,
    /// In which of our places.
    pub place_id: Option<Uuid>,
    /// Where, in words.
    pub place: String,
    /// When.
    pub searched_at: i64,
    /// What it came to.
    pub result: LossSearchResultName,
    /// What was seen, who was asked.
    pub note: String,
    /// Who wrote it down.
    pub logged_by: String,
}

impl From<loss_log::Model> for LossSearchView {
    fn from(row: loss_log::Model) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            searcher_id: row.searcher_id.map(Into::into),
            place_id: row.place_id.map(Into::into),
            place: row.place,
            searched_at: row.searched_at.0,
            result: row.result.into(),
            note: row.note,
            logged_by: row.logged_by,
        }
    }
}

/// A step of the procedure.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcedureStepView {
    /// Which part it belongs to.
    pub part: ProcedurePartName,
    /// 序号
    #[schema(min_length = 1, max_length = 20)]
    pub code: String,
    /// 内容
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Whether it is not ticked without its paper.
    pub needs_paper: bool,
    /// Whether nothing is written off without it.
    pub required: bool,
}

impl From<procedure_step::Model> for ProcedureStepView {
    fn from(row: procedure_step::Model) -> Self {
        Self {
            part: row.part.into(),
            code: row.code,
            title: row.title,
            needs_paper: row.needs_paper,
            required: row.required,
        }
    }
}

impl From<ProcedureStepView> for NewStep {
    fn from(step: ProcedureStepView) -> Self {
        Self {
            part: step.part.into(),
            code: step.code,
            title: step.title,
            needs_paper: step.needs_paper,
            required: step.required,
        }
    }
}

/// A step, as it stands for a case.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LossStepView {
    /// The step.
    #[serde(flatten)]
    pub step: ProcedureStepView,
    /// Whether it is done.
    pub done: bool,
    /// When that was last said.
    pub ticked_at: Option<i64>,
    /// By whom.
    pub ticked_by: Option<String>,
}

impl From<Standing> for LossStepView {
    fn from(standing: Standing) -> Self {
        Self {
            step: standing.step.into(),
            done: standing.done,
            ticked_at: standing.last.as_ref().map(|tick| tick.ticked_at.0),
            ticked_by: standing.last.map(|tick| tick.ticked_by),
        }
    }
}

/// A case with its search log, its steps, and where to look.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LossWithAll {
    /// The case.
    #[serde(flatten)]
    pub loss: LossView,
    /// Where the last count would look first; blank when it knows nothing.
    pub lead: String,
    /// The list by which it was sent down.
    pub list_number: Option<String>,
    /// The search log.
    pub searches: Vec<LossSearchView>,
    /// The steps of the procedure.
    pub steps: Vec<LossStepView>,
}

/// 下发的盘亏清单
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LossListView {
    /// Its number.
    pub number: String,
    /// Of which year.
    pub list_year: i64,
    /// To which unit.
    pub unit_id: Uuid,
    /// The day by which the unit has looked for all of it.
    pub due_on: NaiveDate,
    /// What is asked.
    pub note: String,
    /// How many things.
    pub line_count: i64,
    /// What they are worth together, fen.
    pub value_fen: i64,
    /// Who sent it.
    pub sent_by: String,
    /// When.
    pub sent_at: i64,
    /// Who acknowledged it for the unit.
    pub acknowledged_by: Option<Uuid>,
    /// When.
    pub acknowledged_at: Option<i64>,
    /// What the unit said.
    pub acknowledgement: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<loss_list::Model> for LossListView {
    fn from(row: loss_list::Model) -> Self {
        Self {
            number: row.number,
            list_year: row.list_year,
            unit_id: row.unit_id.into(),
            due_on: row.due_on,
            note: row.note,
            line_count: row.line_count,
            value_fen: row.value_fen.0,
            sent_by: row.sent_by,
            sent_at: row.sent_at.0,
            acknowledged_by: row.acknowledged_by.map(Into::into),
            acknowledged_at: row.acknowledged_at.map(|at| at.0),
            acknowledgement: row.acknowledgement,
            version: row.version,
        }
    }
}

/// A list with its cases.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LossListWithLines {
    /// The list.
    #[serde(flatten)]
    pub list: LossListView,
    /// Its cases, in order.
    pub cases: Vec<LossView>,
}

/// How many cases of a year's list a unit has, in one state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LossTallyView {
    /// Of which year.
    pub list_year: i64,
    /// Whose.
    pub unit_id: Uuid,
    /// In which state.
    pub state: LossStateName,
    /// How many.
    pub cases: i64,
    /// What they are worth together, fen.
    pub value_fen: i64,
}

/// So many things of one year's list were found in a later year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecoveredView {
    /// The year of the list.
    pub list_year: i64,
    /// The year they were found in.
    pub found_year: i64,
    /// How many.
    pub things: u64,
    /// Of these by a later count.
    pub by_count: u64,
}

/// How many cases there are, and how many things were found again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LossFigures {
    /// By year, unit and state.
    pub tallies: Vec<LossTallyView>,
    /// By list year and the year they were found in.
    pub recovered: Vec<RecoveredView>,
}

impl LossFigures {
    pub(super) fn of(tallies: Vec<Tally>, recovered: Vec<Recovered>) -> Self {
        let tally = |one: Tally| LossTallyView {
            list_year: one.list_year,
            unit_id: one.unit_id.into(),
            state: one.state.into(),
            cases: one.cases,
            value_fen: one.value_fen.0,
        };
        let again = |one: Recovered| RecoveredView {
            list_year: one.list_year,
            found_year: one.found_year,
            things: one.things,
            by_count: one.by_count,
        };
        Self {
            tallies: tallies.into_iter().map(tally).collect(),
            recovered: recovered.into_iter().map(again).collect(),
        }
    }
}

/// The procedure, from an instant on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProcedureView {
    /// From when, in milliseconds since 1970 UTC.
    pub effective_from: i64,
    /// What it rests on.
    pub source: String,
    /// Who set it.
    pub set_by: String,
    /// Its steps, in order.
    pub steps: Vec<ProcedureStepView>,
}

impl From<Procedure> for ProcedureView {
    fn from(one: Procedure) -> Self {
        Self {
            effective_from: one.head.effective_from.0,
            source: one.head.source,
            set_by: one.head.set_by,
            steps: one.steps.into_iter().map(ProcedureStepView::from).collect(),
        }
    }
}
