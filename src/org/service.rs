//! What may be done to units, people and places.

use hashbrown::HashSet;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use serde_json::json;

use super::entity::{person, place, setting, unit};
use crate::db::{Db, DbError, Tx, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::BatchId;

const ORGANISATION: &str = "organisation";

/// What the office calls itself on labels and reports; blank when it has not said.
///
/// # Errors
/// When the database cannot be read.
pub async fn organisation(db: &impl ConnectionTrait) -> Result<String, DbError> {
    let row = setting::Entity::find_by_id(ORGANISATION).one(db).await?;
    Ok(row.map(|row| row.value).unwrap_or_default())
}

/// Says what the office calls itself. Whoever calls asks first whether they may: only the command line does.
///
/// # Errors
/// When the database refuses.
pub async fn name_organisation(db: &Db, ctx: &Ctx, name: &str) -> Result<(), DbError> {
    db.write(async |tx| {
        let row = setting::Model { name: ORGANISATION.to_owned(), value: name.trim().to_owned() };
        let rows = RowsDigest::new(ctx).with(&row);
        let said = setting::Entity::find_by_id(ORGANISATION).one(tx).await?.is_some();
        let row = row.into_active_model().reset_all();
        if said {
            row.update(tx).await.map(drop)?
        } else {
            row.insert(tx).await.map(drop)?
        }
        let entry = Entry {
            action: "org.name_organisation",
            subject: name.trim().to_owned(),
            unit: None,
            payload: json!({}),
            rows,
        };
        journal::record(tx, ctx, entry).await
    })
    .await
}

/// `text` with LIKE's wildcards, and the escape itself, escaped.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// What closing the rows of a batch did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Closed {
    /// How many are active no more.
    pub closed: usize,
    /// Names kept because something points at them.
    pub kept: Vec<String>,
}

/// Units, people and places are written and closed alike; only their tables differ.
macro_rules! rows_of {
    ($entity:ident, $table:literal, $write:ident, $close:ident, $kept:literal) => {
        #[doc = concat!("Writes ", $table, ", each new or brought back to life, in the caller's transaction.")]
        ///
        /// # Errors
        /// When the database refuses.
        pub async fn $write(tx: &Tx, rows: Vec<$entity::Model>, digest: &mut RowsDigest) -> Result<(), DbError> {
            rows.iter().for_each(|row| digest.add(row));
            let (revived, new): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.version > 1);
            for row in revived {
                row.into_active_model().reset_all().update(tx).await?;
            }
            bulk::insert(tx, new).await?;
            Ok(())
        }

        #[doc = concat!("Closes the ", $table, " of a batch, but for those that ", $kept, ".")]
        ///
        /// # Errors
        /// When the database refuses.
        pub async fn $close(
            tx: &Tx,
            batch: BatchId,
            in_use: &HashSet<Uuid>,
            digest: &mut RowsDigest,
        ) -> Result<Closed, DbError> {
            let brought = $entity::Entity::find()
                .filter($entity::Column::BatchId.eq(batch))
                .filter($entity::Column::Active.eq(true));
            let mut outcome = Closed::default();
            for row in brought.all(tx).await? {
                if in_use.contains(&row.id.0) {
                    outcome.kept.push(row.name);
                    continue;
                }
                let after = $entity::Model { active: false, version: row.version + 1, ..row };
                digest.add(&after);
                after.into_active_model().reset_all().update(tx).await?;
                outcome.closed += 1;
            }
            Ok(outcome)
        }
    };
}

rows_of!(unit, "units", write_units, close_units, "have people, places, things or units below them");
rows_of!(person, "people", write_people, close_people, "keep or counted something");
rows_of!(place, "places", write_places, close_places, "hold something");
