//! Files that were sent and not yet brought in. Each waits in a folder of its own under the data directory, with what was
//! said of it beside; its own name opens nothing. What nobody came back for goes after a week.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{kind_of, schema};
use crate::documents::look::Glimpse;
use crate::documents::{ColumnMap, DocumentError, letters};
use crate::imports::{BatchKind, What};
use crate::kernel::{Ctx, Timestamp};
use crate::web::{ApiError, App};

/// How long a file waits, milliseconds: a week.
const PATIENCE_MS: i64 = 7 * 86_400_000;
/// How many of one account wait at once.
pub(super) const MOST: usize = 5;
/// The sheet's name in place of a column.
pub(super) const SHEET: &str = "sheet";

const ABOUT: &str = "about.json";
const UPLOAD: &str = "upload";
const REJECTS: &str = "rejects.csv";

/// What is known of a waiting file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct About {
    pub(super) actor: String,
    pub(super) kind: String,
    /// What it is called, for people.
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) created_at: i64,
    pub(super) create_missing: bool,
    pub(super) as_of: Option<NaiveDate>,
    pub(super) campaign: String,
    pub(super) counter: String,
    pub(super) glimpse: Glimpse,
    /// By field: the column's letters, `sheet`, or blank.
    pub(super) chosen: Vec<String>,
    pub(super) preview: Option<Preview>,
    /// Why the last try ended without one; blank when it did not.
    pub(super) failed: String,
    /// The batch, once it is in.
    pub(super) batch: Option<Uuid>,
}

/// What would come of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Preview {
    /// When it was worked out: what is committed must be what was seen.
    pub(super) at: i64,
    pub(super) taken: usize,
    pub(super) refused: usize,
    pub(super) duplicates: usize,
    pub(super) notes: Vec<String>,
    pub(super) created: Vec<String>,
    pub(super) created_count: usize,
    pub(super) lines: Vec<Line>,
}

/// A row and what would become of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) sheet: String,
    pub(super) row: u64,
    pub(super) state: LineState,
    pub(super) text: String,
    pub(super) column: String,
    pub(super) value: String,
    pub(super) reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum LineState {
    Good,
    Duplicate,
    Refused,
}

impl About {
    pub(super) fn kind(&self) -> Result<BatchKind, ApiError> {
        kind_of(&self.kind).ok_or(ApiError::Internal)
    }

    /// What it is brought in as.
    pub(super) fn what(&self, ctx: &Ctx) -> Result<What, ApiError> {
        Ok(match self.kind()? {
            BatchKind::Units => What::Units,
            BatchKind::People => What::People,
            BatchKind::Places => What::Places,
            BatchKind::Assets => What::Assets {
                effective_at: self.as_of.map_or_else(|| ctx.now(), Timestamp::start_of_day),
                create_missing: self.create_missing,
            },
            BatchKind::Counts => What::Counts { campaign: self.campaign.clone(), counter: self.counter.clone() },
        })
    }

    /// Which column is which field: every field is said, so that what is seen is what is done.
    pub(super) fn map(&self) -> Result<ColumnMap, DocumentError> {
        let fields = schema(self.kind().unwrap_or(BatchKind::Assets)).fields;
        ColumnMap::parse(fields.iter().zip(&self.chosen).map(|(field, chosen)| {
            let column = (0..self.glimpse.headers.len()).find(|column| letters(*column) == *chosen);
            match column {
                Some(column) => format!("{}={}", field.name, self.glimpse.word(column)),
                None if chosen == SHEET => format!("{}=#sheet", field.name),
                None => format!("{}=", field.name),
            }
        }))
    }
}

/// The folder of one waiting file.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) id: Uuid,
    folder: PathBuf,
}

fn root(app: &App) -> PathBuf {
    app.settings().data_dir.join("imports").join("waiting")
}

fn broken(error: &std::io::Error) -> ApiError {
    tracing::error!(?error, "a waiting file could not be kept or read");
    ApiError::Internal
}

impl Waiting {
    fn at(app: &App, id: Uuid) -> Self {
        Self { id, folder: root(app).join(id.to_string()) }
    }

    /// A folder for a new file.
    pub(super) fn begin(app: &App, ctx: &Ctx) -> Result<Begun, ApiError> {
        let this = Self::at(app, ctx.new_id());
        std::fs::create_dir_all(&this.folder).map_err(|error| broken(&error))?;
        Ok(Begun(Some(this)))
    }

    /// The file itself.
    pub(super) fn upload(&self) -> PathBuf {
        self.folder.join(UPLOAD)
    }

    /// The rows that were refused.
    pub(super) fn rejects(&self) -> PathBuf {
        self.folder.join(REJECTS)
    }

    /// Keeps what is known: whole or not at all.
    pub(super) fn keep(&self, about: &About) -> Result<(), ApiError> {
        let text = serde_json::to_vec(about).map_err(|_| ApiError::Internal)?;
        let new = self.folder.join("about.new");
        std::fs::write(&new, text).map_err(|error| broken(&error))?;
        std::fs::rename(&new, self.folder.join(ABOUT)).map_err(|error| broken(&error))
    }

    /// Somebody's own file; another's is not there.
    pub(super) fn open(app: &App, ctx: &Ctx, id: Uuid) -> Result<(Self, About), ApiError> {
        let this = Self::at(app, id);
        let about = this.about().filter(|about| about.actor == ctx.actor.to_string());
        about
            .map(|about| (this, about))
            .ok_or_else(|| ApiError::NotFound("没有这个待导入的文件，可能已超过一周".to_owned()))
    }

    pub(super) fn about(&self) -> Option<About> {
        serde_json::from_slice(&std::fs::read(self.folder.join(ABOUT)).ok()?).ok()
    }

    /// The file goes, with all that was said of it.
    pub(super) fn discard(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(?error, "a waiting file could not be removed");
        }
    }

    /// It is in: the file goes, and the way to its batch stays for whoever presses the button twice.
    pub(super) fn settle(&self, about: &About, done: &Path) -> Result<(), ApiError> {
        std::fs::create_dir_all(done).map_err(|error| broken(&error))?;
        if self.rejects().exists() {
            std::fs::copy(self.rejects(), done.join(REJECTS)).map_err(|error| broken(&error))?;
        }
        self.keep(about)?;
        std::fs::remove_file(self.upload()).map_err(|error| broken(&error))
    }
}

/// A folder that goes again unless it is kept: also when whoever sends the file stops halfway.
#[derive(Debug)]
pub(super) struct Begun(Option<Waiting>);

impl Begun {
    /// The folder.
    pub(super) fn folder(&self) -> Option<&Waiting> {
        self.0.as_ref()
    }

    /// It stays.
    pub(super) fn keep(mut self) -> Option<Waiting> {
        self.0.take()
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(waiting) = self.0.take() {
            waiting.discard();
        }
    }
}

/// Where what is worth keeping of a batch lies.
pub(super) fn done(app: &App, batch: Uuid) -> PathBuf {
    app.settings().data_dir.join("imports").join("done").join(batch.to_string())
}

/// The files of whoever asks that wait, newest first; what waited too long goes.
pub(super) fn mine(app: &App, ctx: &Ctx) -> Vec<(Waiting, About)> {
    let Ok(folders) = std::fs::read_dir(root(app)) else { return Vec::new() };
    let (now, me) = (ctx.now().0, ctx.actor.to_string());
    let mut found = Vec::new();
    for folder in folders.flatten() {
        let Some(id) = folder.file_name().to_str().and_then(|name| Uuid::parse_str(name).ok()) else { continue };
        let waiting = Waiting::at(app, id);
        // The id says when it was made, also where nothing was said of the file.
        let made = id.get_timestamp().map_or(0, |at| {
            let (seconds, nanos) = at.to_unix();
            i64::try_from(seconds).unwrap_or(0) * 1000 + i64::from(nanos / 1_000_000)
        });
        if made < now - PATIENCE_MS {
            waiting.discard();
        } else if let Some(about) = waiting.about().filter(|about| about.actor == me && about.batch.is_none()) {
            found.push((waiting, about));
        }
    }
    found.sort_by_key(|(one, _)| std::cmp::Reverse(one.id));
    found
}
