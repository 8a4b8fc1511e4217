//! Whose a client certificate is: the ID number (公民身份号码) that its subject carries.

use crate::access::certificates::read_id_number;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// `serialNumber` of a subject (X.520).
const SERIAL_NUMBER: &str = "2.5.4.5";
/// `commonName`, where certificates of the public-security PKI write name and number.
const COMMON_NAME: &str = "2.5.4.3";

/// The ID number in the certificate's subject: in the field `oid`, or in its serial number or name when none is
/// given. `None` when there is none, or more than one.
#[must_use]
pub fn id_number(certificate_der: &[u8], oid: Option<&str>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate_der).ok()?;
    let fields: &[&str] = match &oid {
        Some(oid) => std::slice::from_ref(oid),
        None => &[SERIAL_NUMBER, COMMON_NAME],
    };
    let mut found: Vec<String> = certificate
        .subject()
        .iter_attributes()
        .filter(|attribute| fields.contains(&attribute.attr_type().to_id_string().as_str()))
        .filter_map(|attribute| attribute.as_str().ok())
        .flat_map(id_numbers)
        .collect();
    found.sort_unstable();
    found.dedup();
    if found.len() == 1 { found.pop() } else { None }
}

/// The numbers in a text that are right in themselves.
fn id_numbers(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|run| read_id_number(run).map(std::borrow::Cow::into_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_number_with_a_right_check_character_counts() {
        // The example of GB 11643-1999.
        for (text, expected) in [
            ("11010519491231002X", &["11010519491231002X"][..]),
            ("某某 11010519491231002x", &["11010519491231002X"]),
            ("某某_440524188001010014", &["440524188001010014"]),
            ("110105194912310021", &[]),
            ("111010519491231002X", &[]),
            ("11010519491231002", &[]),
            ("X1010519491231002X", &[]),
            ("", &[]),
        ] {
            assert_eq!(id_numbers(text), expected, "{text}");
        }
    }
}
