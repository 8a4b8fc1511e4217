//! Settings of the machine, in order of precedence: flag, environment (`HUFU_…`), `hufu.toml`, default. The command
//! line reads the first two; this module reads the file and knows the defaults.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where the database is when nobody says.
pub const DEFAULT_DATABASE_URL: &str = "sqlite://hufu.db?mode=rwc";
/// Where the server listens when nobody says: on this machine only.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
/// Where the server keeps its keys and files when nobody says.
pub const DEFAULT_DATA_DIR: &str = "hufu-data";
/// Where the file is looked for.
pub const CONFIG_FILE: &str = "hufu.toml";

/// What `hufu.toml` may say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// As `--database-url`.
    pub database_url: Option<String>,
    /// As `--listen`.
    pub listen: Option<String>,
    /// As `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// As `--tls`: `self-signed`.
    pub tls: Option<String>,
    /// As `--tls-name`.
    #[serde(default)]
    pub tls_names: Vec<String>,
    /// As `--tls-cert`.
    pub tls_cert: Option<PathBuf>,
    /// As `--tls-key`.
    pub tls_key: Option<PathBuf>,
    /// As `--tls-client-ca`.
    pub tls_client_ca: Option<PathBuf>,
    /// As `--tls-client-id-oid`.
    pub tls_client_id_oid: Option<String>,
    /// As `--insecure`.
    pub insecure: Option<bool>,
    /// As `--trust-proxy`.
    pub trust_proxy: Option<bool>,
    /// As `--trusted-proxy`.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    /// As `--webhook-loopback`.
    pub webhook_loopback: Option<bool>,
    /// As `--metrics-token`.
    pub metrics_token: Option<String>,
    /// As `--rate-limit`.
    pub rate_limit: Option<u32>,
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
