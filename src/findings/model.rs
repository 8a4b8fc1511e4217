//! The states of a finding and who may take which step; no database, no clock.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use crate::kernel::ids::{PersonId, UnitId};

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// 待交办
    Open,
    /// 待说明
    Assigned,
    /// 待核实
    Explained,
    /// 待销号
    Verified,
    /// 已销号
    Closed,
}

impl State {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Open => "待交办",
            Self::Assigned => "待说明",
            Self::Explained => "待核实",
            Self::Verified => "待销号",
            Self::Closed => "已销号",
        }
    }
}

/// One step in the life of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum EventKind {
    /// 发现
    Opened,
    /// 交办
    Assigned,
    /// 说明
    Explained,
    /// 提交证据
    Evidence,
    /// 退回
    SentBack,
    /// 核实
    Verified,
    /// 销号
    Closed,
    /// 重新打开
    Reopened,
    /// 逾期
    Overdue,
    /// 备注
    Noted,
}

impl EventKind {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Opened => "发现",
            Self::Assigned => "交办",
            Self::Explained => "说明",
            Self::Evidence => "提交证据",
            Self::SentBack => "退回",
            Self::Verified => "核实",
            Self::Closed => "销号",
            Self::Reopened => "重新打开",
            Self::Overdue => "逾期",
            Self::Noted => "备注",
        }
    }
}

/// A step that the rules do not allow, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in a state for it.
    #[error("此问题{state}，不能{what}")]
    State {
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        what: &'static str,
    },
    /// Somebody else is to explain.
    #[error("此问题由他人负责说明；如需换人，请重新交办")]
    NotTheOwner,
    /// Nobody verifies their own explanation (REPORT 26: layered review).
    #[error("不能核实或销号自己负责或说明的问题，请由他人办理")]
    OwnExplanation,
    /// The owner's unit answers for the loss.
    #[error("此类问题由责任单位以外的人核实")]
    OwnUnit,
    /// Evidence is missing.
    #[error("尚缺证据：{0}")]
    EvidenceMissing(String),
}

/// Who stands where in a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub state: State,
    /// Who is to explain.
    pub owner: Option<PersonId>,
    /// Who explained; nobody when the program saw it settled (a lost thing found again).
    pub explained_by: Option<PersonId>,
    /// Who verified.
    pub verified_by: Option<PersonId>,
}

/// Somebody who wants to verify.
#[derive(Debug, Clone, Copy)]
pub struct Verifier {
    /// Who.
    pub person: PersonId,
    /// Their unit.
    pub unit: Option<UnitId>,
    /// The unit that answers for the finding: the owner's, and the finding's own.
    pub answering: [Option<UnitId>; 2],
    /// Whether the kind is verified from outside that unit.
    pub from_outside: bool,
}

impl Standing {
    /// What has just been found.
    pub const NEW: Self = Self { state: State::Open, owner: None, explained_by: None, verified_by: None };

    /// Gives it to somebody, or to somebody else.
    ///
    /// # Errors
    /// Once it is explained.
    pub const fn assign(self, owner: PersonId) -> Result<Self, Refusal> {
        match self.state {
            State::Open | State::Assigned => Ok(Self { state: State::Assigned, owner: Some(owner), ..self }),
            _ => Err(self.refuse("交办")),
        }
    }

    /// Its owner explains.
    ///
    /// # Errors
    /// When it waits for no explanation, or for somebody else's.
    pub fn explain(self, by: PersonId) -> Result<Self, Refusal> {
        match (self.state, self.owner) {
            (State::Assigned, Some(owner)) if owner == by => {
                Ok(Self { state: State::Explained, explained_by: Some(by), ..self })
            }
            (State::Assigned, _) => Err(Refusal::NotTheOwner),
            _ => Err(self.refuse("说明")),
        }
    }

    /// The program saw it settled: a person has only to verify.
    ///
    /// # Errors
    /// When somebody explained it already.
    pub const fn settle(self) -> Result<Self, Refusal> {
        match self.state {
            State::Open | State::Assigned => Ok(Self { state: State::Explained, explained_by: None, ..self }),
            _ => Err(self.refuse("自动说明")),
        }
    }

    /// The explanation does not do; without an owner it is to be assigned anew.
    ///
    /// # Errors
    /// When nothing is explained.
    pub const fn send_back(self) -> Result<Self, Refusal> {
        match self.state {
            State::Explained | State::Verified => Ok(self.back()),
            _ => Err(self.refuse("退回")),
        }
    }

    /// Somebody else finds the explanation good.
    ///
    /// # Errors
    /// When nothing is explained, when it is their own or their unit's.
    pub fn verify(self, by: Verifier) -> Result<Self, Refusal> {
        if self.state != State::Explained {
            return Err(self.refuse("核实"));
        }
        self.refuse_own(by.person)?;
        if by.from_outside && by.unit.is_some() && by.answering.contains(&by.unit) {
            return Err(Refusal::OwnUnit);
        }
        Ok(Self { state: State::Verified, verified_by: Some(by.person), ..self })
    }

    /// The end, with all its evidence.
    ///
    /// # Errors
    /// When it is not verified, when evidence is missing, when it is their own.
    pub fn close(self, by: PersonId, missing_evidence: &[String]) -> Result<Self, Refusal> {
        if self.state != State::Verified {
            return Err(self.refuse("销号"));
        }
        self.refuse_own(by)?;
        if !missing_evidence.is_empty() {
            return Err(Refusal::EvidenceMissing(missing_evidence.join("；")));
        }
        Ok(Self { state: State::Closed, ..self })
    }

    /// It was closed too early.
    ///
    /// # Errors
    /// When it is not closed.
    pub const fn reopen(self) -> Result<Self, Refusal> {
        match self.state {
            State::Closed => Ok(self.back()),
            _ => Err(self.refuse("重新打开")),
        }
    }

    /// Evidence comes in until it is closed.
    ///
    /// # Errors
    /// Once closed.
    pub const fn add_evidence(self) -> Result<Self, Refusal> {
        match self.state {
            State::Closed => Err(self.refuse("补充证据")),
            _ => Ok(self),
        }
    }

    const fn back(self) -> Self {
        let state = if self.owner.is_some() { State::Assigned } else { State::Open };
        Self { state, explained_by: None, verified_by: None, ..self }
    }

    fn refuse_own(self, by: PersonId) -> Result<(), Refusal> {
        if self.explained_by == Some(by) || self.owner == Some(by) { Err(Refusal::OwnExplanation) } else { Ok(()) }
    }

    const fn refuse(self, what: &'static str) -> Refusal {
        Refusal::State { state: self.state.zh(), what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    fn person(n: u128) -> PersonId {
        PersonId(Uuid::from_u128(n))
    }

    fn unit(n: u128) -> Option<UnitId> {
        Some(UnitId(Uuid::from_u128(n)))
    }

    const STATES: [State; 5] = [State::Open, State::Assigned, State::Explained, State::Verified, State::Closed];

    fn standing(state: State) -> Standing {
        Standing { state, owner: Some(person(1)), explained_by: Some(person(1)), verified_by: Some(person(2)) }
    }

    fn verifier(n: u128) -> Verifier {
        Verifier { person: person(n), unit: unit(n), answering: [unit(1), unit(1)], from_outside: true }
    }

    #[test]
    fn every_step_from_every_state() {
        type Step = fn(Standing) -> Result<Standing, Refusal>;
        let steps: [(&str, Step, [bool; 5]); 8] = [
            ("assign", |s| s.assign(person(3)), [true, true, false, false, false]),
            ("explain", |s| s.explain(person(1)), [false, true, false, false, false]),
            ("settle", Standing::settle, [true, true, false, false, false]),
            ("send_back", Standing::send_back, [false, false, true, true, false]),
            ("verify", |s| s.verify(verifier(2)), [false, false, true, false, false]),
            ("close", |s| s.close(person(2), &[]), [false, false, false, true, false]),
            ("reopen", Standing::reopen, [false, false, false, false, true]),
            ("evidence", Standing::add_evidence, [true, true, true, true, false]),
        ];
        for (name, step, expected) in steps {
            assert_eq!(STATES.map(|state| step(standing(state)).is_ok()), expected, "{name}");
        }
    }

    #[test]
    fn nobody_has_the_last_word_on_their_own() {
        let explained = standing(State::Explained);
        assert_eq!(explained.verify(verifier(1)), Err(Refusal::OwnExplanation));
        let colleague = Verifier { unit: unit(1), ..verifier(4) };
        assert_eq!(explained.verify(colleague), Err(Refusal::OwnUnit));
        assert!(explained.verify(Verifier { from_outside: false, ..colleague }).is_ok());
        assert_eq!(standing(State::Verified).close(person(1), &[]), Err(Refusal::OwnExplanation));
        let missing = ["批复".to_owned()];
        assert_eq!(
            standing(State::Verified).close(person(2), &missing),
            Err(Refusal::EvidenceMissing("批复".to_owned()))
        );
        assert_eq!(standing(State::Assigned).explain(person(2)), Err(Refusal::NotTheOwner));
    }

    #[test]
    fn what_is_sent_back_loses_its_word_and_keeps_its_owner() {
        let back = standing(State::Verified).send_back().unwrap();
        assert_eq!((back.state, back.explained_by, back.verified_by), (State::Assigned, None, None));
        let nobodys = Standing { owner: None, ..standing(State::Explained) };
        assert_eq!(nobodys.send_back().map(|s| s.state), Ok(State::Open));
    }
}
