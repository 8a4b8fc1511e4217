//! What the texts that were read stand for, for all scans of a transaction in two queries.

use hashbrown::HashMap;
use hufu_labels::code::LabelCode;
use sea_orm::{ConnectionTrait as _, FromQueryResult, Statement, Value};

use super::NewScan;
use crate::db::bulk::{CHUNK_ROWS, placeholders, rounded_up};
use crate::db::{DbError, Tx};
use crate::items::model::{ItemState, LabelState};
use crate::kernel::ids::{CampaignId, ItemId, SheetId};
use crate::kernel::text::key;
use crate::stocktake::model::IdentifiedBy;

/// What a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) identified_by: IdentifiedBy,
    /// The thing, and the sheet it is expected on.
    pub(super) thing: Option<(ItemId, Option<SheetId>)>,
}

impl Meaning {
    pub(super) const UNKNOWN: Self = Self { identified_by: IdentifiedBy::Unknown, thing: None };
}

/// The meaning of every text, by its key.
#[derive(Debug, Default)]
pub(super) struct Meanings(HashMap<String, Meaning>);

impl Meanings {
    pub(super) fn of(&self, text: &str) -> Meaning {
        self.0.get(key(text).as_ref()).copied().unwrap_or(Meaning::UNKNOWN)
    }

    pub(super) fn things(&self) -> impl Iterator<Item = ItemId> {
        self.0.values().filter_map(|meaning| meaning.thing).map(|(item, _)| item)
    }

    /// A label's code means what its label says, even when that is nothing; any other text may be a thing's number. What
    /// left the book by the undoing of an import is not in it.
    pub(super) async fn look_up<'a>(
        tx: &Tx,
        campaign: CampaignId,
        scans: impl Iterator<Item = &'a NewScan>,
    ) -> Result<Self, DbError> {
        let mut keys: Vec<String> = scans.map(|scan| key(&scan.code_read).into_owned()).collect();
        keys.sort_unstable();
        keys.dedup();
        // No database text holds a zero: what has one stands for nothing, and PostgreSQL would not even be asked.
        keys.retain(|key| !key.is_empty() && !key.contains('\0'));
        let mut meanings = HashMap::with_capacity(keys.len());
        let canonical: HashMap<String, String> =
            keys.iter().filter_map(|key| Some((key.clone(), key.parse::<LabelCode>().ok()?.to_string()))).collect();
        let mut codes: Vec<&String> = canonical.values().collect();
        codes.sort_unstable();
        codes.dedup();
        let mut labels: HashMap<String, Meaning> = HashMap::with_capacity(codes.len());
        for chunk in codes.chunks(CHUNK_ROWS) {
            let rows: Vec<LabelRow> = rows_of(tx, LABELS, campaign, chunk.iter().map(|code| (*code).as_str())).await?;
            labels.extend(rows.into_iter().map(|row| (row.code.clone(), row.meaning())));
        }
        keys.retain(|key| match canonical.get(key).and_then(|code| labels.get(code)) {
            Some(meaning) => {
                meanings.insert(key.clone(), *meaning);
                false
            }
            None => true,
        });
        for chunk in keys.chunks(CHUNK_ROWS) {
            let rows: Vec<NumberRow> = rows_of(tx, NUMBERS, campaign, chunk.iter().map(String::as_str)).await?;
            meanings.extend(rows.into_iter().filter(|row| row.item_state != ItemState::Withdrawn).map(|row| {
                let thing = Some((row.item_id, row.sheet_id));
                (row.number_key, Meaning { identified_by: IdentifiedBy::ItemNumber, thing })
            }));
        }
        Ok(Self(meanings))
    }
}

const LABELS: &str = "SELECT l.code, l.state AS label_state, l.item_id, i.state AS item_state, e.sheet_id \
                      FROM labels l LEFT JOIN items i ON i.id = l.item_id \
                      LEFT JOIN expected_items e ON e.item_id = l.item_id AND e.campaign_id = {campaign} \
                      WHERE l.code IN ({texts})";
const NUMBERS: &str = "SELECT i.number_key, i.id AS item_id, i.state AS item_state, e.sheet_id \
                       FROM items i LEFT JOIN expected_items e ON e.item_id = i.id AND e.campaign_id = {campaign} \
                       WHERE i.number_key IN ({texts})";

#[derive(Debug, FromQueryResult)]
struct LabelRow {
    code: String,
    label_state: LabelState,
    item_id: Option<ItemId>,
    item_state: Option<ItemState>,
    sheet_id: Option<SheetId>,
}

impl LabelRow {
    fn meaning(&self) -> Meaning {
        let identified_by = match self.label_state {
            LabelState::Current => IdentifiedBy::CurrentLabel,
            LabelState::Superseded => IdentifiedBy::SupersededLabel,
            LabelState::Blank | LabelState::Void => return Meaning::UNKNOWN,
        };
        match (self.item_id, self.item_state) {
            (Some(item), Some(state)) if state != ItemState::Withdrawn => {
                Meaning { identified_by, thing: Some((item, self.sheet_id)) }
            }
            // A place, or what is not in the book.
            _ => Meaning::UNKNOWN,
        }
    }
}

#[derive(Debug, FromQueryResult)]
struct NumberRow {
    number_key: String,
    item_id: ItemId,
    item_state: ItemState,
    sheet_id: Option<SheetId>,
}

async fn rows_of<'a, T: FromQueryResult>(
    tx: &Tx,
    sql: &str,
    campaign: CampaignId,
    texts: impl Iterator<Item = &'a str>,
) -> Result<Vec<T>, DbError> {
    let texts: Vec<Value> = rounded_up(texts.map(Value::from).collect());
    let backend = tx.get_database_backend();
    let sql = sql
        .replace("{campaign}", &placeholders(backend, 1, 1))
        .replace("{texts}", &placeholders(backend, 2, texts.len()));
    let mut values = vec![Value::from(campaign)];
    values.extend(texts);
    Ok(T::find_by_statement(Statement::from_sql_and_values(backend, sql, values)).all(tx).await?)
}
