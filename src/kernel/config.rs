//! Settings of the machine, in order of precedence: flag, environment (`HUFU_…`), `hufu.toml`, default. The command
//! line reads the first two; this module reads the file and knows the defaults.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where the database is when nobody says.
pub const DEFAULT_DATABASE_URL: &str = "sqlite://hufu.db?mode=rwc";
/// Where the file is looked for.
pub const CONFIG_FILE: &str = "hufu.toml";

/// What `hufu.toml` may say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// As `--database-url`.
    pub database_url: Option<String>,
}

/// The settings file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is there but cannot be read.
    #[error("无法读取 {path}：{source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not TOML, or says something we do not know.
    #[error("{path} 有误：{reason}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Why, with the line.
        reason: String,
    },
}

impl ConfigFile {
    /// Reads the file; one that is not there says nothing.
    ///
    /// # Errors
    /// When it is there and cannot be read or understood.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }),
        };
        toml::from_str(&text).map_err(|error| ConfigError::Invalid { path: path.to_owned(), reason: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_may_be_absent_but_not_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CONFIG_FILE);
        assert_eq!(ConfigFile::read(&path).unwrap(), ConfigFile::default());
        std::fs::write(&path, "database_url = \"sqlite://x.db\"").unwrap();
        assert_eq!(ConfigFile::read(&path).unwrap().database_url.as_deref(), Some("sqlite://x.db"));
        std::fs::write(&path, "databse_url = 1").unwrap();
        assert!(ConfigFile::read(&path).unwrap_err().to_string().contains("databse_url"));
    }
}
