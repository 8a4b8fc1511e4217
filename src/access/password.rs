//! What a password must be, and how it is kept: argon2id with the cost that a dated rule names, computed away from the
//! threads that serve, a few at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use super::AccessError;
use super::keys;
use super::rules::{self, Rules};
use crate::db::Db;
use crate::kernel::text::half_width;
use crate::kernel::{Ctx, Timestamp};

/// Bytes of a password at most; what is longer is refused before it costs anything.
pub const MOST_BYTES: usize = 256;
/// Hashes computed at once: each takes tens of megabytes, so that a flood of tries queues instead of filling memory.
const AT_ONCE: usize = 4;

/// Why a password is not strong enough.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Weakness(pub String);

/// What a hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// RFC 9106's and OWASP's least with 19 MiB.
    pub const DEFAULT: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };

    /// Reads `m=19456,t=2,p=1`; `None` when it is something else or out of bounds.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(',').map(str::trim);
        let mut next = |name: &str| parts.next()?.strip_prefix(name)?.parse::<u32>().ok();
        let cost = Self { memory_kib: next("m=")?, passes: next("t=")?, lanes: next("p=")? };
        let bounded = (1..=10).contains(&cost.passes) && (1..=4).contains(&cost.lanes);
        let fits = (8 * cost.lanes..=262_144).contains(&cost.memory_kib);
        (parts.next().is_none() && bounded && fits).then_some(cost)
    }

    /// Whether an office may choose it.
    pub(crate) const fn is_enough(self) -> bool {
        self.memory_kib >= 7_168
    }

    /// The cost in force.
    pub(crate) fn in_force(rules: &Rules, at: Timestamp) -> Self {
        Self::read(rules.text(rules::ARGON2, at)).unwrap_or(Self::DEFAULT)
    }

    fn argon2(self) -> Result<Argon2<'static>, AccessError> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(|_| AccessError::Hash)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// Whether a hash was made at this cost.
    pub(crate) fn made(self, hash: &str) -> bool {
        let prefix = format!("$argon2id$v=19$m={},t={},p={}$", self.memory_kib, self.passes, self.lanes);
        hash.starts_with(&prefix)
    }
}

/// The places at which hashes are computed, and how many were.
#[derive(Debug)]
struct Hashers {
    places: Semaphore,
    computed: AtomicU64,
}

impl Default for Hashers {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_ONCE), computed: AtomicU64::new(0) }
    }
}

/// Passwords hashed by this process, right, wrong and for logins that are none: each costs what the rule says.
#[must_use]
pub fn hashes_computed(db: &Db) -> u64 {
    db.memory().of::<Hashers>().computed.load(Ordering::Relaxed)
}

async fn apart<T: Send + 'static>(
    db: &Db,
    work: impl FnOnce() -> Result<T, AccessError> + Send + 'static,
) -> Result<T, AccessError> {
    let hashers: Arc<Hashers> = db.memory().of();
    let _place = hashers.places.acquire().await.map_err(|_| AccessError::Hash)?;
    hashers.computed.fetch_add(1, Ordering::Relaxed);
    tokio::task::spawn_blocking(work).await.map_err(|_| AccessError::Hash)?
}

/// Hashes a password; a PHC string.
pub(crate) async fn hash(db: &Db, ctx: &Ctx, cost: Cost, password: &str) -> Result<String, AccessError> {
    let salt = keys::random_bytes::<16>(ctx);
    let password = password.to_owned();
    apart(db, move || {
        let hash: PasswordHash =
            cost.argon2()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| AccessError::Hash)?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether the password is the one of any of these hashes. With none it takes as long as with one, so that nobody
/// learns from the time which logins there are.
pub(crate) async fn is_one_of(db: &Db, cost: Cost, password: &str, hashes: Vec<String>) -> Result<bool, AccessError> {
    let password = password.to_owned();
    apart(db, move || {
        if hashes.is_empty() {
            let _spent: Result<PasswordHash, _> = cost.argon2()?.hash_password_with_salt(password.as_bytes(), &[0; 16]);
            return Ok(false);
        }
        let is = |hash: &String| {
            PasswordHash::new(hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        };
        Ok(hashes.iter().any(is))
    })
    .await
}

/// Whether the password is strong enough by the rules in force. That it is none of the last ones is asked elsewhere.
pub(crate) fn check(rules: &Rules, at: Timestamp, login: &str, password: &str) -> Result<(), Weakness> {
    let weak = |reason: String| Err(Weakness(reason));
    if password.len() > MOST_BYTES || password.contains('\0') {
        return weak(format!("密码最长 {MOST_BYTES} 字节，不能含有空字符"));
    }
    let least = rules.number(rules::PASSWORD_MIN_LENGTH, at, 10);
    if i64::try_from(password.chars().count()).unwrap_or(0) < least {
        return weak(format!("密码至少 {least} 位"));
    }
    let kinds = rules.number(rules::PASSWORD_MIN_KINDS, at, 3);
    if kinds_in(password) < kinds {
        return weak(format!("密码须含大写字母、小写字母、数字、其他字符中的至少 {kinds} 种"));
    }
    let lower = half_width(password).to_lowercase();
    let login = login.to_lowercase();
    if login.chars().count() >= 3 && lower.contains(&login) {
        return weak("密码不能含有用户名".to_owned());
    }
    if is_common(&lower) {
        return weak("密码过于常见，请换一个".to_owned());
    }
    Ok(())
}

fn kinds_in(password: &str) -> i64 {
    let any = |is: fn(char) -> bool| i64::from(password.chars().any(is));
    any(char::is_lowercase)
        + any(char::is_uppercase)
        + any(char::is_numeric)
        + any(|c| !c.is_lowercase() && !c.is_uppercase() && !c.is_numeric())
}

/// What people choose when they are made to choose: a word of these, dressed up with digits and marks.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passw",
    "admin",
    "administrator",
    "root",
    "guest",
    "test",
    "user",
    "login",
    "welcome",
    "qwerty",
    "qwertyuiop",
    "asdf",
    "asdfgh",
    "asdfghjkl",
    "zxcv",
    "zxcvbn",
    "zxcvbnm",
    "qazwsx",
    "qazwsxedc",
    "qweasd",
    "qweasdzxc",
    "abc",
    "abcd",
    "abcde",
    "abcdef",
    "aabbcc",
    "iloveyou",
    "letmein",
    "monkey",
    "dragon",
    "sunshine",
    "master",
    "hello",
    "secret",
    "changeme",
    "default",
    "police",
    "police110",
    "gongan",
    "jingcha",
    "paichusuo",
    "fenju",
    "minjing",
    "fujing",
    "zhongshan",
    "xiaolan",
    "guangdong",
    "hufu",
    "zichan",
    "guanli",
    "guanliyuan",
    "mima",
    "woaini",
    "nihao",
    "china",
    "zhongguo",
    "beijing",
    "",
];

/// Letters for the signs that are written in their stead.
fn undisguised(text: &str) -> String {
    let letter = |c| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Whether it is a common word in disguise, a run (`abcdef`, `987654`), or hardly more than one character.
fn is_common(lower: &str) -> bool {
    let is_trim = |c: char| !c.is_alphabetic();
    // A year or a mark behind a word is no disguise; a letter of it that is written as a sign may stand first.
    let ends = [lower.trim_matches(is_trim), lower.trim_end_matches(is_trim)];
    let stripped: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
    let seen_through = ends.map(|text| undisguised(text).trim_matches(is_trim).to_owned());
    let words = [ends[0], &stripped, &seen_through[0], &seen_through[1]];
    if words.iter().any(|word| COMMON.contains(word)) {
        return true;
    }
    let all: Vec<char> = lower.chars().collect();
    let steps = all.windows(2).filter(|pair| (pair[0] as u32).abs_diff(pair[1] as u32) <= 1).count();
    let mut kinds = all.clone();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() <= 4 || steps * 4 >= all.len() * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_told_why() {
        let (rules, at) = (Rules::default(), Timestamp(0));
        for (password, word) in [
            ("Ab1!", "至少 10 位"),
            ("abcdefghijkl", "至少 3 种"),
            ("Zhang.san-88x", "用户名"),
            ("P@ssw0rd2026!", "常见"),
            ("Admin#123456", "常见"),
            ("Qwertyuiop1!", "常见"),
            ("Aa1Aa1Aa1Aa1", "常见"),
            ("Abcdefgh12345", "常见"),
            ("110Police110!", "常见"),
            ("a\0B3xyzqwkfj", "空字符"),
        ] {
            let refused = check(&rules, at, "zhang.san", password).unwrap_err();
            assert!(refused.0.contains(word), "{password}: {refused}");
        }
        for good in ["Tigers-9-halves", "梅花鹿过河看月亮Xq7", "kW4:molten-brass"] {
            assert_eq!(check(&rules, at, "zhang.san", good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_cost_is_read_or_refused() {
        assert_eq!(Cost::read("m=19456,t=2,p=1"), Some(Cost::DEFAULT));
        for wrong in
            ["", "m=1,t=2,p=1", "t=2,m=19456,p=1", "m=19456,t=2,p=1,x=1", "m=19456,t=0,p=1", "m=999999999,t=1,p=1"]
        {
            assert_eq!(Cost::read(wrong), None, "{wrong}");
        }
    }
}
