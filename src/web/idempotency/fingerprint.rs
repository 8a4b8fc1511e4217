//! What makes two requests the same: address, kind of body, body.

use memchr::memmem;
use sha2::{Digest as _, Sha256};

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

/// A hash of the request. A form's boundary is left out of it: what lies between two boundaries is what was sent.
pub(super) fn of(address: &str, content_type: &str, boundary: Option<&str>, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(b"POST");
    part(address.as_bytes());
    match boundary {
        None => {
            part(content_type.as_bytes());
            part(body);
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
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
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
            of("/x", &content_type, super::boundary(&content_type), body.as_bytes())
        };
        assert_eq!(form("one", "1"), form("another", "1"));
        assert_ne!(form("one", "1"), form("one", "2"));
        assert_ne!(of("/x", "", None, b"1"), of("/y", "", None, b"1"));
        assert_eq!(boundary("application/json; charset=utf-8"), None);
        assert_eq!(boundary("Multipart/Form-Data; charset=x; Boundary=\"a b\""), Some("a b"));
    }
}
