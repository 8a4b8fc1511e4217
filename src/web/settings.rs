//! What the server is told when it starts.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use super::Proxies;
use crate::access::Role;

/// A JSON body, or a form: at most 2 MB.
pub const BODY_BYTES: usize = 2 * 1024 * 1024;
/// A photo, or a file to import: at most 40 MB.
pub const UPLOAD_BYTES: usize = 40 * 1024 * 1024;
/// With the rest of the form that brings it.
pub const UPLOAD_FORM_BYTES: usize = UPLOAD_BYTES + 64 * 1024;

/// How the server answers; the defaults are those of a server that is reached in plain HTTP, by tests for one.
#[derive(Debug, Clone)]
pub struct Settings {
    /// People reach it by HTTPS: cookies are `Secure`, and browsers are told to come back by HTTPS only.
    pub secure: bool,
    /// Proxies that stand before it and say in `X-Forwarded-For` and `X-Forwarded-Proto` who asks, and how.
    pub proxies: Proxies,
    /// What `/metrics` asks for; without one there is no `/metrics`.
    pub metrics_token: Option<String>,
    /// Requests a second from one address and account; `None`: as many as come.
    pub rate: Option<NonZeroU32>,
    /// Tries to sign in a minute, from one address to one account.
    pub sign_ins: NonZeroU32,
    /// The object identifier of the certificate field that holds the ID number, when it is neither of the usual two.
    pub certificate_oid: Option<String>,
    /// What `/trust` has to show, when the server made its own certificate authority.
    pub trust: Option<Trust>,
    /// Where files are kept.
    pub data_dir: PathBuf,
    /// Where attachments are kept: a folder, or `s3://bucket/prefix`; `None`: a folder in `data_dir`.
    pub attachments: Option<String>,
    /// All of it is a demonstration: said on every page, and reached from this machine only.
    pub demo: Option<Demo>,
    /// How long a request may take.
    pub patience: Patience,
}

/// A demonstration: who one can be, for whoever has the secret and sits at this machine.
#[derive(Clone)]
pub struct Demo {
    /// In the address that the demonstration prints.
    pub secret: String,
    /// Who one can be; the first is who one is to begin with.
    pub people: Vec<DemoPerson>,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").finish_non_exhaustive()
    }
}

/// Somebody of the demonstration. The password was made up a moment ago, and nobody types it.
#[derive(Clone)]
pub struct DemoPerson {
    /// What they sign in with.
    pub login: String,
    /// With what.
    pub password: String,
    /// What they may do.
    pub role: Role,
    /// What they are called.
    pub name: String,
    /// Where they work.
    pub unit: String,
}

/// The certificate authority that phones are asked to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// Its certificate.
    pub certificate_der: Vec<u8>,
    /// SHA-256 of it, in pairs of hexadecimal digits with colons between.
    pub fingerprint: String,
    /// The last day it holds, as `2036-11-23`.
    pub until: String,
    /// Where people reach the server: `https://192.168.1.20:8443`.
    pub addresses: Vec<String>,
}

/// How long things may take; a client that is slower is sent away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the head of a request to come in.
    pub head: Duration,
    /// For the next piece of a body to come in.
    pub body: Duration,
    /// For everything, up to the head of the answer.
    pub request: Duration,
    /// For the requests under way, when the server is stopped.
    pub stop: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(15),
            request: Duration::from_secs(120),
            stop: Duration::from_secs(20),
        }
    }
}

/// Tries to sign in a minute, when nobody says.
const SIGN_INS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

impl Default for Settings {
    fn default() -> Self {
        Self {
            secure: false,
            proxies: Proxies::default(),
            metrics_token: None,
            rate: None,
            sign_ins: SIGN_INS,
            certificate_oid: None,
            trust: None,
            data_dir: PathBuf::from(crate::kernel::config::DEFAULT_DATA_DIR),
            attachments: None,
            demo: None,
            patience: Patience::default(),
        }
    }
}
