//! A statement that comes in by a form.

use axum::extract::{FromRequest as _, Multipart, Request};
use utoipa::ToSchema;

use super::told;
use crate::documents::ColumnMap;
use crate::documents::tables::FILLS;
use crate::imports::ImportError;
use crate::imports::fuel::read_statement;
use crate::kernel::{Ctx, Fen};
use crate::vehicles::cards::model::Supplier;
use crate::vehicles::fuel::ledger::entity::statement;
use crate::vehicles::fuel::ledger::statements::{self, NewStatement};
use crate::vehicles::fuel::ledger::store;
use crate::web::{ApiError, App};

/// A statement as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; its parts are read one by one")]
pub(super) struct StatementForm {
    /// CSV, XLSX, XLS, ODS, or a web page saved under the name of one.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `sinopec`, `petrochina`, `other`.
    #[schema(example = "sinopec")]
    supplier: String,
    /// `field=Header`, a line each; kept for the supplier's next file.
    map: Option<String>,
    /// What its line of totals says, yuan.
    total: Option<String>,
}

/// A form read.
#[derive(Debug, Default)]
pub(in crate::web) struct StatementParts {
    pub(in crate::web) name: String,
    pub(in crate::web) bytes: Vec<u8>,
    pub(in crate::web) supplier: String,
    pub(in crate::web) map: String,
    pub(in crate::web) total: String,
}

impl StatementParts {
    /// Reads the parts of a form.
    pub(in crate::web) async fn read(app: &App, request: Request) -> Result<Self, ApiError> {
        let mut parts = Multipart::from_request(request, app).await?;
        let mut found = Self::default();
        while let Some(part) = parts.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            match name.as_str() {
                "file" => {
                    found.name = part.file_name().unwrap_or_default().chars().take(120).collect();
                    found.bytes = part.bytes().await?.to_vec();
                }
                "supplier" => found.supplier = part.text().await?,
                "map" => found.map = part.text().await?,
                "total" => found.total = part.text().await?,
                _ => {}
            }
        }
        Ok(found)
    }

    /// Reads the file, off the threads that serve, and brings it in.
    pub(in crate::web) async fn bring(self, app: &App, ctx: Ctx) -> Result<(statement::Model, usize), ApiError> {
        if self.bytes.is_empty() {
            return Err(ApiError::invalid("file", "请选择文件"));
        }
        let supplier = Supplier::by_name(self.supplier.trim());
        let supplier = supplier.ok_or_else(|| ApiError::invalid("supplier", "请选择供应商"))?;
        let kept = store::column_map(app.db().read(), supplier).await?.map(|row| row.entries).unwrap_or_default();
        let own = !self.map.trim().is_empty();
        let entries = if own { self.map.trim().to_owned() } else { kept };
        let map = ColumnMap::parse(entries.lines().filter(|line| !line.trim().is_empty()));
        let map = map.and_then(|map| map.check(&[FILLS]).map(|()| map)).map_err(ImportError::from)?;
        let total = self.total.trim();
        let total = if total.is_empty() { Ok(None) } else { Fen::parse_yuan(total).map(Some) };
        let total = total.map_err(|error| ApiError::invalid("total", error.to_string()))?;
        let (bytes, name) = (self.bytes, self.name);
        let read = tokio::task::spawn_blocking(move || -> Result<_, ImportError> {
            let unreadable = |source| ImportError::Unreadable { path: name.clone(), source };
            let folder = tempfile::tempdir().map_err(unreadable)?;
            let path = folder.path().join("statement");
            std::fs::write(&path, &bytes).map_err(unreadable)?;
            read_statement(&path, &name, &map)
        });
        let found = read.await.map_err(|_| ApiError::Internal)??;
        let rejected = found.rejects.len();
        let new = NewStatement {
            supplier,
            file_name: found.name,
            sha256: found.sha256,
            records: found.records,
            rejected,
            stated_ml: None,
            stated_fen: total,
            keep_map: own.then_some(entries),
        };
        let brought = app.write_or(move |db| async move { statements::bring(&db, &ctx, &new).await }).await?;
        Ok((brought.map_err(told)?, rejected))
    }
}
