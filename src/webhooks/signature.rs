//! How a receiver knows that a message is ours and new: HMAC-SHA256 over the time and the body.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::kernel::Timestamp;
use crate::kernel::hash::hex;

/// The header that carries it.
pub const HEADER: &str = "Hufu-Signature";

/// `t=<seconds>,v1=<hex>` for a body sent at `at`.
#[must_use]
pub fn sign(secret: &str, at: Timestamp, body: impl AsRef<[u8]>) -> String {
    let seconds = at.0.div_euclid(1000);
    format!("t={seconds},v1={}", hex(&mac(secret, seconds, body.as_ref())))
}

/// Whether a header fits a body: what a receiver does, besides looking whether `t` is recent.
#[must_use]
pub fn verify(secret: &str, header: &str, body: impl AsRef<[u8]>) -> bool {
    signed_at(secret, header, body).is_some()
}

/// When a body was signed, by the signer's clock; nothing when the header does not fit it.
#[must_use]
pub fn signed_at(secret: &str, header: &str, body: impl AsRef<[u8]>) -> Option<Timestamp> {
    let part = |name: &str| header.split(',').find_map(|part| part.trim().strip_prefix(name));
    let seconds: i64 = part("t=")?.parse().ok()?;
    let expected = hex(&mac(secret, seconds, body.as_ref()));
    let fits: bool = subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), part("v1=")?.as_bytes()).into();
    fits.then(|| Timestamp(seconds.saturating_mul(1000)))
}

fn mac(secret: &str, seconds: i64, body: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return [0; 32] };
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_its_secret_its_time_and_its_body_only() {
        let header = sign("key", Timestamp(1_700_000_000_999), "{\"a\":1}");
        // Worked out with `openssl dgst -sha256 -hmac key` over `1700000000.{"a":1}`.
        insta::assert_snapshot!(header, @"t=1700000000,v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03");
        assert!(verify("key", &header, "{\"a\":1}"));
        assert!(!verify("kez", &header, "{\"a\":1}"));
        assert!(!verify("key", &header, "{\"a\":2}"));
        assert!(!verify("key", &header.replace("t=1700000000", "t=1700000001"), "{\"a\":1}"));
        for broken in ["", "t=1", "v1=00", "t=x,v1=00", "t=1700000000,v1="] {
            assert!(!verify("key", broken, "{\"a\":1}"), "{broken}");
        }
    }
}
