//! A certificate authority of the office's own, and the server's certificate from it: phones trust the one once, and
//! the other may be renewed as often as it must be.

use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use chrono::{Datelike as _, Days, NaiveDate};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::TlsError;
use crate::kernel::hash::HashKind;
use crate::web::settings::Trust;

/// Days the authority holds: people install it once.
const AUTHORITY_DAYS: u64 = 3650;
/// Days the server's certificate holds: browsers refuse much longer ones.
const SERVER_DAYS: u64 = 397;
/// Days before the end at which it is renewed.
const RENEWED_DAYS: u64 = 30;

/// The authority's and the server's files.
#[derive(Debug, Clone)]
pub struct Files {
    dir: PathBuf,
}

/// What the server shows, and what phones trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The server's certificate and the authority's, in PEM.
    pub chain_pem: String,
    /// The server's key, in PEM.
    pub key_pem: String,
    /// The authority's certificate.
    pub authority_der: Vec<u8>,
    /// The last day of the authority.
    pub authority_until: NaiveDate,
}

impl Own {
    /// What `/trust` shows.
    #[must_use]
    pub fn trust(&self, addresses: Vec<String>) -> Trust {
        let hash = HashKind::Sha256.of(&[&self.authority_der]);
        let fingerprint = hash.map(|byte| format!("{byte:02X}")).join(":");
        Trust {
            certificate_der: self.authority_der.clone(),
            fingerprint,
            until: self.authority_until.to_string(),
            addresses,
        }
    }
}

impl Files {
    /// In the folder `tls` of the server's files.
    #[must_use]
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("tls") }
    }

    /// The server's certificate for these names and addresses: the one that is there as long as it will do, else a
    /// new one, from the authority that is there or a new one.
    ///
    /// # Errors
    /// When the files cannot be read or written, or hold something else.
    pub fn own(&self, names: &[String], today: NaiveDate) -> Result<Own, TlsError> {
        make_private_dir(&self.dir)?;
        let (authority_pem, authority_key) = self.authority(names, today)?;
        let authority_der = der(&authority_pem).ok_or_else(|| self.spoilt("ca.crt"))?;
        let (common_name, authority_until, authority_id) =
            about(&authority_der).ok_or_else(|| self.spoilt("ca.crt"))?;
        let kept = self.read("server.crt")?.zip(self.read("server.key")?);
        let kept = kept.filter(|(certificate, _)| will_do(certificate, names, &authority_id, today));
        let (server_pem, key_pem) = match kept {
            Some(kept) => kept,
            None => {
                let params = authority_params(&common_name, today, authority_until);
                let issuer = Issuer::from_params(&params, authority_key);
                let made = server_certificate(names, &issuer, today, authority_until)?;
                // The key first: a stop between the two leaves a certificate that does not fit, which is seen below.
                self.write("server.key", &made.1)?;
                self.write("server.crt", &made.0)?;
                made
            }
        };
        Ok(Own { chain_pem: format!("{server_pem}{authority_pem}"), key_pem, authority_der, authority_until })
    }

    /// The authority that is there as long as it holds, else a new one.
    fn authority(&self, names: &[String], today: NaiveDate) -> Result<(String, KeyPair), TlsError> {
        let kept = self.read("ca.crt")?.zip(self.read("ca.key")?);
        if let Some((certificate, key)) = kept {
            let (_, until, _) = der(&certificate).as_deref().and_then(about).ok_or_else(|| self.spoilt("ca.crt"))?;
            if until > today + Days::new(RENEWED_DAYS) {
                let key = KeyPair::from_pem(&key).map_err(|_| self.spoilt("ca.key"))?;
                return Ok((certificate, key));
            }
            tracing::warn!(%until, "the certificate authority has run out: phones must trust the new one");
        }
        let key = KeyPair::generate()?;
        let host = names.iter().find(|name| name.parse::<IpAddr>().is_err() && *name != "localhost");
        let common_name = format!("虎符 {} {today}", host.map_or("", String::as_str));
        let params = authority_params(&common_name, today, today + Days::new(AUTHORITY_DAYS));
        let certificate = params.self_signed(&key)?.pem();
        self.write("ca.key", &key.serialize_pem())?;
        self.write("ca.crt", &certificate)?;
        Ok((certificate, key))
    }

    fn read(&self, name: &str) -> Result<Option<String>, TlsError> {
        let path = self.dir.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(TlsError::File { path, source }),
        }
    }

    /// Writes a file that only we read, whole or not at all.
    fn write(&self, name: &str, text: &str) -> Result<(), TlsError> {
        let (path, half) = (self.dir.join(name), self.dir.join(format!("{name}.new")));
        let written = (|| {
            // What a stop in the middle left behind.
            if half.exists() {
                std::fs::remove_file(&half)?;
            }
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&half)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&half, &path)
        })();
        written.map_err(|source| TlsError::File { path, source })
    }

    fn spoilt(&self, name: &str) -> TlsError {
        TlsError::Spoilt(self.dir.join(name))
    }
}

/// A folder that only we enter.
fn make_private_dir(dir: &Path) -> Result<(), TlsError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|source| TlsError::File { path: dir.to_owned(), source })
}

/// The authority, as it is signed and as it signs: only it, and nothing between it and a server.
fn authority_params(common_name: &str, from: NaiveDate, until: NaiveDate) -> CertificateParams {
    let mut params = dated(from, until);
    params.distinguished_name = called(common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server_certificate(
    names: &[String],
    issuer: &Issuer<'_, KeyPair>,
    today: NaiveDate,
    authority_until: NaiveDate,
) -> Result<(String, String), TlsError> {
    let until = (today + Days::new(SERVER_DAYS)).min(authority_until);
    let alternatives = CertificateParams::new(names.to_vec())?.subject_alt_names;
    let mut params = dated(today, until);
    params.subject_alt_names = alternatives;
    params.distinguished_name = called("虎符");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    Ok((params.signed_by(&key, issuer)?.pem(), key.serialize_pem()))
}

/// From a day early, for phones whose clock is behind.
fn dated(from: NaiveDate, until: NaiveDate) -> CertificateParams {
    let at = |day: NaiveDate| {
        let (month, of_month) = (u8::try_from(day.month()).unwrap_or(1), u8::try_from(day.day()).unwrap_or(1));
        date_time_ymd(day.year(), month, of_month)
    };
    let mut params = CertificateParams::default();
    params.not_before = at(from - Days::new(1));
    params.not_after = at(until);
    params
}

fn called(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn der(pem: &str) -> Option<Vec<u8>> {
    parse_x509_pem(pem.as_bytes()).ok().map(|(_, pem)| pem.contents)
}

/// Name, last day and key identifier of a certificate.
fn about(der: &[u8]) -> Option<(String, NaiveDate, Vec<u8>)> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let name = certificate.subject().iter_common_name().next()?.as_str().ok()?.to_owned();
    let id = certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        x509_parser::extensions::ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
        _ => None,
    })?;
    Some((name, last_day(&certificate)?, id))
}

fn last_day(certificate: &X509Certificate<'_>) -> Option<NaiveDate> {
    let until = chrono::DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0)?;
    Some(until.date_naive())
}

/// Whether a certificate is from this authority, names all of these and holds a while yet.
fn will_do(pem: &str, names: &[String], authority_id: &[u8], today: NaiveDate) -> bool {
    let Some(der) = der(pem) else { return false };
    let Ok((_, certificate)) = X509Certificate::from_der(&der) else { return false };
    let from_it = certificate.iter_extensions().any(|extension| {
        matches!(extension.parsed_extension(), x509_parser::extensions::ParsedExtension::AuthorityKeyIdentifier(id)
            if id.key_identifier.as_ref().is_some_and(|id| id.0 == authority_id))
    });
    let holds = last_day(&certificate).is_some_and(|until| until > today + Days::new(RENEWED_DAYS));
    let named: Vec<String> = certificate
        .subject_alternative_name()
        .ok()
        .flatten()
        .map(|names| names.value.general_names.iter().filter_map(text_of).collect())
        .unwrap_or_default();
    from_it && holds && names.iter().all(|name| named.contains(name))
}

fn text_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(many: &[&str]) -> Vec<String> {
        many.iter().map(|name| (*name).to_owned()).collect()
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn what_is_there_is_used_again_as_long_as_it_will_do() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::in_data_dir(dir.path());
        let (here, there) = (names(&["localhost", "hufu", "127.0.0.1", "::1"]), names(&["localhost", "192.168.1.20"]));
        let first = files.own(&here, day(2026, 11, 23)).unwrap();
        for (names, today, same_server, same_authority, why) in [
            (&here, day(2026, 11, 24), true, true, "the next day"),
            (&names(&["::1"]), day(2026, 11, 24), true, true, "fewer names"),
            (&there, day(2026, 11, 25), false, true, "a new address"),
            (&there, day(2027, 12, 1), false, true, "it runs out soon"),
            (&there, day(2036, 11, 15), false, false, "the authority runs out soon"),
        ] {
            let before = std::fs::read_to_string(dir.path().join("tls/server.crt")).unwrap();
            let own = files.own(names, today).unwrap();
            assert_eq!(own.chain_pem.starts_with(&before), same_server, "{why}");
            assert_eq!(own.authority_der == first.authority_der, same_authority, "{why}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn keys_are_ours_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        Files::in_data_dir(dir.path()).own(&names(&["localhost"]), day(2026, 11, 23)).unwrap();
        for (file, expected) in [("tls", 0o700), ("tls/ca.key", 0o600), ("tls/server.key", 0o600)] {
            let mode = std::fs::metadata(dir.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, expected, "{file}");
        }
    }

    #[test]
    fn a_spoilt_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::in_data_dir(dir.path());
        files.own(&names(&["localhost"]), day(2026, 11, 23)).unwrap();
        std::fs::write(dir.path().join("tls/ca.crt"), "nonsense").unwrap();
        let error = files.own(&names(&["localhost"]), day(2026, 11, 23)).unwrap_err();
        assert!(error.to_string().contains("ca.crt"), "{error}");
    }
}
