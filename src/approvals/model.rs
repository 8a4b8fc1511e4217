//! The states of a request and the steps of a chain; no database, no clock.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use crate::access::Role;

/// Where in the tree of units a step is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Level {
    /// 本单位
    OwnUnit,
    /// 上级单位
    Parent,
    /// 分局
    SubBureau,
}

impl Level {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::OwnUnit => "本单位",
            Self::Parent => "上级单位",
            Self::SubBureau => "分局",
        }
    }
}

/// One step of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Who decides.
    pub role: Role,
    /// Where.
    pub level: Level,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// 审批中
    Waiting,
    /// 已批准
    Approved,
    /// 未批准
    Refused,
    /// 已撤回
    Withdrawn,
    /// 已先用，待补批
    Used,
    /// 已补批
    Ratified,
    /// 未予补批
    NotRatified,
}

impl State {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Waiting => "正在审批",
            Self::Approved => "已批准",
            Self::Refused => "未获批准",
            Self::Withdrawn => "已撤回",
            Self::Used => "已先行使用，待补批",
            Self::Ratified => "已补批",
            Self::NotRatified => "未予补批",
        }
    }

    /// Whether it still waits for somebody.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Used)
    }
}

/// A step that the rules do not allow, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in a state for it.
    #[error("此申请{state}，不能{what}")]
    State {
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        what: &'static str,
    },
    /// The step was decided meanwhile, or its turn has not come.
    #[error("此申请现处第 {now} 步，不是第 {asked} 步，请刷新后重试")]
    Step {
        /// The step it is at.
        now: i64,
        /// The step that was meant.
        asked: i64,
    },
    /// Nobody decides their own request.
    #[error("不能审批本人提出的申请")]
    OwnRequest,
    /// Nobody decides two steps of one request.
    #[error("您已办理过此申请的其他步骤，须由他人审批")]
    DecidedBefore,
    /// It is somebody else's to decide.
    #[error("此步骤不由您审批")]
    NotYours,
    /// What this kind is about cannot be done before it is approved.
    #[error("此类事项须先批准后办理，不能先用后批")]
    NotUrgent,
    /// Only who asked may take it back.
    #[error("只有申请人可以撤回")]
    NotTheRequester,
}

/// Where a request stands among its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: State,
    /// The step it waits for, from 1.
    pub step: i64,
    /// How many there are.
    pub steps: i64,
}

impl Standing {
    /// One step is decided.
    ///
    /// # Errors
    /// When it waits for none, or for another.
    pub const fn decide(self, step: i64, approved: bool) -> Result<Self, Refusal> {
        if !self.state.is_open() {
            return Err(self.refuse("审批"));
        }
        if step != self.step {
            return Err(Refusal::Step { now: self.step, asked: step });
        }
        let used = matches!(self.state, State::Used);
        let state = match (approved, self.step >= self.steps) {
            (true, false) => return Ok(Self { step: self.step + 1, ..self }),
            (true, true) if used => State::Ratified,
            (true, true) => State::Approved,
            (false, _) if used => State::NotRatified,
            (false, _) => State::Refused,
        };
        Ok(Self { state, ..self })
    }

    /// The requester takes it back.
    ///
    /// # Errors
    /// Once decided, or used: what was done cannot be taken back.
    pub const fn withdraw(self) -> Result<Self, Refusal> {
        match self.state {
            State::Waiting => Ok(Self { state: State::Withdrawn, ..self }),
            _ => Err(self.refuse("撤回")),
        }
    }

    /// It could not wait: done first, ratified after.
    ///
    /// # Errors
    /// When it does not wait, or its kind does not allow it.
    pub const fn use_first(self, allowed: bool) -> Result<Self, Refusal> {
        match (self.state, allowed) {
            (State::Waiting, true) => Ok(Self { state: State::Used, ..self }),
            (State::Waiting, false) => Err(Refusal::NotUrgent),
            _ => Err(self.refuse("先行使用")),
        }
    }

    const fn refuse(self, what: &'static str) -> Refusal {
        Refusal::State { state: self.state.zh(), what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use State as S;

    #[test]
    fn a_request_goes_step_by_step_and_ends_once() {
        let at = |state, step| Standing { state, step, steps: 2 };
        for (from, step, approved, to) in [
            (at(S::Waiting, 1), 1, true, Some(at(S::Waiting, 2))),
            (at(S::Waiting, 2), 2, true, Some(at(S::Approved, 2))),
            (at(S::Waiting, 1), 1, false, Some(at(S::Refused, 1))),
            (at(S::Used, 1), 1, true, Some(at(S::Used, 2))),
            (at(S::Used, 2), 2, true, Some(at(S::Ratified, 2))),
            (at(S::Used, 2), 2, false, Some(at(S::NotRatified, 2))),
            (at(S::Waiting, 1), 2, true, None),
            (at(S::Waiting, 2), 1, true, None),
            (at(S::Approved, 2), 2, true, None),
            (at(S::Refused, 1), 1, true, None),
            (at(S::Withdrawn, 1), 1, true, None),
            (at(S::Ratified, 2), 2, false, None),
            (at(S::NotRatified, 1), 1, true, None),
        ] {
            assert_eq!(from.decide(step, approved).ok(), to, "{from:?} {step} {approved}");
        }
        let all = [S::Waiting, S::Approved, S::Refused, S::Withdrawn, S::Used, S::Ratified, S::NotRatified];
        assert_eq!(all.map(|s| at(s, 1).withdraw().is_ok()), [true, false, false, false, false, false, false]);
        assert_eq!(all.map(|s| at(s, 1).use_first(true).is_ok()), [true, false, false, false, false, false, false]);
        assert_eq!(at(S::Waiting, 1).use_first(false), Err(Refusal::NotUrgent));
    }
}
