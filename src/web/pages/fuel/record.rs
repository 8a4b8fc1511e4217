//! One record: what it says, what the check says of it, the letter to the station, the finding.

use axum::extract::State;
use axum::response::Response;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{rule_word, severity_mark, verdict_mark};
use crate::access::{Action, permit, permit_somewhere};
use crate::vehicles::fuel::ledger::entity::{anomaly, transaction};
use crate::vehicles::fuel::ledger::letter::Letter;
use crate::vehicles::fuel::ledger::statements::litres;
use crate::web::api::fuel::told;
use crate::web::extract::Path;
use crate::web::pages::admin::board::{Block, Board, Step, Td};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let db = app.db().read();
    let missing = || ApiError::NotFound("没有这笔加油记录".to_owned());
    let row = transaction::Entity::find_by_id(id).one(db).await.map_err(crate::db::DbError::from)?;
    let row = row.ok_or_else(missing)?;
    permit(&ctx, Action::FuelRead, row.unit_id).map_err(|_| missing())?;
    let letter = Letter::read(db, &ctx, id).await.map_err(told)?;
    let said = anomaly::Entity::find().filter(anomaly::Column::TransactionId.eq(id)).all(db).await;
    let mut said = said.map_err(crate::db::DbError::from)?;
    said.sort_by_key(|one| std::cmp::Reverse(one.score));
    let (w, s) = (&frame.words.fuel.record, &frame.words.fuel.statement);
    let mark = verdict_mark(&frame, row.verdict);
    let facts = vec![
        (s.when.clone(), row.at.to_string().into()),
        (s.plate.clone(), row.plate.clone().into()),
        (s.card.clone(), Td::mono(row.card_number.clone())),
        (s.station.clone(), row.station.clone().into()),
        (w.grade.clone(), row.grade.clone().into()),
        (s.litres.clone(), row.quantity_ml.map(litres).unwrap_or_default().into()),
        (s.amount.clone(), row.amount_fen.map(|fen| fen.to_string()).unwrap_or_default().into()),
        (w.balance.clone(), row.balance_fen.map(|fen| fen.to_string()).unwrap_or_default().into()),
        (w.odometer.clone(), row.odometer_km.map(|km| km.to_string()).unwrap_or_default().into()),
        (s.note.clone(), row.note.clone().into()),
        (s.verdict.clone(), Td::mark(mark.look, mark.text)),
    ];
    let facts = facts.into_iter().filter(|(_, td): &(String, Td)| !td.text.is_empty() || td.mark.is_some()).collect();
    let mut blocks: Vec<Block> = said
        .iter()
        .map(|one| {
            let mark = severity_mark(&frame, &one.severity);
            let facts = vec![
                (frame.words.fuel.desk.severity.clone(), Td::mark(mark.look, mark.text)),
                (w.observed.clone(), one.observed.clone().into()),
                (w.expected.clone(), one.expected.clone().into()),
            ];
            let notes = vec![one.explanation.clone()];
            Block { title: rule_word(&frame, &one.rule), notes, facts, ..Block::default() }
        })
        .collect();
    if blocks.is_empty() {
        blocks.push(Block { title: w.nothing.clone(), ..Block::default() });
    }
    blocks.push(Block { title: w.facts.clone(), facts, ..Block::default() });
    let mut steps = vec![Step {
        text: w.letter.replace("{day}", &letter.keep_by.to_string()),
        href: format!("/vehicles/fuel/records/{id}/letter.pdf"),
        file: true,
        primary: true,
        ..Step::default()
    }];
    if let Some(finding) = said.iter().find_map(|one| one.finding_id) {
        steps.push(Step { text: w.finding.clone(), href: format!("/findings/{finding}"), ..Step::default() });
    }
    let back = ("/vehicles/fuel".to_owned(), frame.words.fuel.desk.title.clone());
    let title = format!("{} {}", row.plate, row.at);
    Ok(Board { back, steps, blocks, ..Board::new(frame, title) }.answer())
}
