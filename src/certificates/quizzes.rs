//! Holders are asked what they know of the rules (抽考): the question, the answer, whether it was right. It stays.

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::quiz;
use super::{CertificateError, record, words};
use crate::access::{Action, not_their_own, permit, permit_somewhere};
use crate::db::Db;
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::org::people;

/// A question as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuiz {
    /// Of whom.
    pub person: PersonId,
    /// 提问
    pub question: String,
    /// 回答
    pub answer: String,
    /// 是否正确
    pub correct: bool,
}

/// Writes a question down.
///
/// # Errors
/// When it is not theirs to ask, it is of themselves, or a field is wrong.
pub async fn ask(db: &Db, ctx: &Ctx, new: &NewQuiz) -> Result<quiz::Model, CertificateError> {
    permit_somewhere(ctx, Action::CertificatesCheck)?;
    let question = words("question", &new.question, "提问", 500)?;
    let answer = words("answer", &new.answer, "回答", 500)?;
    not_their_own(ctx, new.person)?;
    db.write(async |tx| {
        let person = people::open(tx, new.person, "person_id").await?;
        permit(ctx, Action::CertificatesCheck, Some(person.unit_id))?;
        let row = quiz::Model {
            id: ctx.new_id(),
            unit_id: person.unit_id,
            person_id: person.id,
            question: question.clone(),
            answer: answer.clone(),
            correct: new.correct,
            asked_by: ctx.actor.to_string(),
            asked_at: ctx.now(),
        };
        row.clone().into_active_model().insert(tx).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        let payload = json!({ "correct": row.correct });
        record(tx, ctx, "certificates.quiz", (&row.id.to_string(), row.unit_id), payload, rows).await?;
        Ok(row)
    })
    .await
}
