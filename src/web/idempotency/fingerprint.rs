//! What makes two requests the same: address, the version it is meant for (If-Match), kind of body, body.
//!
//! Of a body only a keyed hash is kept, by a key that is random in each database. What a body says in confidence (an
//! ID number, a co-signer's password and code) is no part of the hash at all: few bits that who has both the table and
//! the key could guess.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit as _, Mac as _};
use memchr::memmem;
use sha2::Sha256;

use crate::kernel::hash::hex;

/// Fields of a JSON body that are said in confidence.
const CONFIDENTIAL: &[&str] = &["co_signer", "id_number", "password", "second_factor", "secret"];

/// The boundary of a form.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty()).then_some(value)
    })
}

/// The part of a body that may be hashed, and whether something said in confidence was left out of it.
fn plain(body: &[u8]) -> (Cow<'_, [u8]>, bool) {
    if body.is_empty() {
        return (Cow::Borrowed(body), false);
    }
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(serde_json::Value::Object(mut fields)) => {
            let all = fields.len();
            fields.retain(|name, _| !CONFIDENTIAL.contains(&name.as_str()));
            if fields.len() == all {
                return (Cow::Borrowed(body), false);
            }
            (Cow::Owned(serde_json::Value::Object(fields).to_string().into_bytes()), true)
        }
        Ok(_) => (Cow::Borrowed(body), false),
        // Nobody can say what a text that is no JSON holds; nothing is done for it either.
        Err(_) => (Cow::Owned(format!("{} bytes", body.len()).into_bytes()), true),
    }
}

/// What is kept of a request.
pub(super) struct Fingerprint {
    /// A keyed hash.
    pub(super) hash: String,
    /// Whether something said in confidence was left out: two requests of one hash may then differ in it.
    pub(super) confidential: bool,
}

/// The fingerprint of a request by the database's `key`. A form's boundary is left out of it: what lies between two
/// boundaries is what was sent.
pub(super) fn of(
    key: &str,
    (address, version): (&str, &[u8]),
    content_type: &str,
    boundary: Option<&str>,
    body: &[u8],
) -> Fingerprint {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return Fingerprint { hash: String::new(), confidential: true };
    };
    let mut confidential = false;
    let mut part = |bytes: &[u8]| {
        mac.update(&(bytes.len() as u64).to_be_bytes());
        mac.update(bytes);
    };
    part(b"POST");
    part(address.as_bytes());
    part(version);
    match boundary {
        None => {
            part(content_type.as_bytes());
            let (hashed, left_out) = plain(body);
            part(&hashed);
            confidential = left_out;
        }
        Some(boundary) => {
            part(b"form");
            let line = format!("--{boundary}");
            let mut from = 0;
            for at in memmem::find_iter(body, line.as_bytes()) {
                part(body.get(from..at).unwrap_or_default());
                from = at + line.len();
            }
            part(body.get(from..).unwrap_or_default());
        }
    }
    Fingerprint { hash: hex(&mac.finalize().into_bytes()), confidential }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forms_boundary_is_no_part_of_it() {
        let form = |boundary: &str, value: &str| {
            let body = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{value}\r\n--{boundary}--\r\n"
            );
            let content_type = format!("multipart/form-data; boundary={boundary}");
            of("key", ("/x", b""), &content_type, super::boundary(&content_type), body.as_bytes()).hash
        };
        assert_eq!(form("one", "1"), form("another", "1"));
        assert_ne!(form("one", "1"), form("one", "2"));
        let json = |key: &str, address: &str| of(key, (address, b""), "", None, b"1").hash;
        assert_ne!(json("key", "/x"), json("key", "/y"));
        assert_ne!(json("key", "/x"), json("another", "/x"));
        assert_eq!(boundary("application/json; charset=utf-8"), None);
        assert_eq!(boundary("Multipart/Form-Data; charset=x; Boundary=\"a b\""), Some("a b"));
    }

    #[test]
    fn what_is_said_in_confidence_is_no_part_of_it() {
        let of = |body: &str| super::of("key", ("/x", b""), "application/json", None, body.as_bytes());
        // Two bodies, whether they leave the same, and whether something was left out.
        for (one, two, same, left_out) in [
            (r#"{"id_number":"1"}"#, r#"{ "id_number": "2" }"#, true, true),
            (r#"{"a":1,"co_signer":{"password":"x"}}"#, r#"{"co_signer":{"password":"y"},"a":1}"#, true, true),
            (r#"{"a":1,"co_signer":null}"#, r#"{"a":2,"co_signer":null}"#, false, true),
            (r#"{"id_number":"1""#, r#"{"id_number":"2""#, true, true),
            (r#"{"a":1}"#, r#"{"a":2}"#, false, false),
            ("", "{}", false, false),
        ] {
            let (one, two) = (of(one), of(two));
            assert_eq!((one.hash == two.hash, one.confidential), (same, left_out));
        }
    }
}
