//! Where a message may go. A webhook makes the server send a request to an address that somebody typed: it must not
//! reach the server itself, its cloud's metadata service, or its link. Private addresses are let through, because the
//! police intranet uses nothing else. The name is resolved once, every address it has is looked at, and the request
//! goes to those addresses only: a name that resolves to something else a moment later gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Url;

use crate::db::Db;

/// The longest address, characters.
pub const MOST_URL_CHARS: usize = 500;

/// Why a message may not go to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not a URL that messages can be sent to.
    #[error("推送地址应形如 https://主机/路径，不含用户名和密码，不超过 500 字")]
    NotAnAddress,
    /// Only this machine may be spoken to in the clear.
    #[error("推送地址须使用 https")]
    NotSecure,
    /// It leads to the server itself, or to what only the server can reach.
    #[error("不能推送到 {0}：该地址属于本机、链路本地或保留地址")]
    Forbidden(String),
    /// The name has no address.
    #[error("找不到主机 {0}")]
    Unresolved(String),
}

/// What the office allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guard {
    /// Whether messages may go to this machine itself.
    pub allow_loopback: bool,
}

/// An address that a message may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// As it was written.
    pub url: Url,
    /// Its host.
    pub host: String,
    /// Where the host is.
    pub at: Vec<SocketAddr>,
}

/// What this server was told when it started.
#[derive(Debug, Default)]
struct Told(AtomicBool);

/// Says whether messages may go to this machine itself, for as long as the server runs: on a machine that runs the
/// receiver too. Nobody can say it through the server.
pub fn allow_loopback(db: &Db, allowed: bool) {
    db.memory().of::<Told>().0.store(allowed, Ordering::Relaxed);
}

impl Guard {
    /// What this server was told.
    #[must_use]
    pub fn of(db: &Db) -> Self {
        Self { allow_loopback: db.memory().of::<Told>().0.load(Ordering::Relaxed) }
    }

    /// What can be said of an address without asking anybody.
    ///
    /// # Errors
    /// When it is no address, not secure, or names a forbidden one.
    pub fn check(self, written: &str) -> Result<Url, BadAddress> {
        let short = written.chars().count() <= MOST_URL_CHARS;
        let clean = !written.chars().any(char::is_control) && written.trim() == written;
        let url = Url::parse(written).ok().filter(|_| short && clean).ok_or(BadAddress::NotAnAddress)?;
        let host = host_of(&url).ok_or(BadAddress::NotAnAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadAddress::NotAnAddress);
        }
        let literal: Option<IpAddr> = host.parse().ok();
        let name = host.trim_end_matches('.');
        let is_here = name == "localhost" || name.ends_with(".localhost") || literal.is_some_and(|ip| ip.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if is_here && self.allow_loopback => {}
            "http" => return Err(if is_here { BadAddress::Forbidden(host) } else { BadAddress::NotSecure }),
            _ => return Err(BadAddress::NotAnAddress),
        }
        if (is_here && !self.allow_loopback) || literal.is_some_and(|ip| !self.permits(ip)) {
            return Err(BadAddress::Forbidden(host));
        }
        Ok(url)
    }

    /// The address with every place it leads to, all of them permitted.
    ///
    /// # Errors
    /// As [`Self::check`], and when the name has no address or a forbidden one.
    pub async fn resolve(self, written: &str) -> Result<Checked, BadAddress> {
        let url = self.check(written)?;
        let host = host_of(&url).ok_or(BadAddress::NotAnAddress)?;
        let port = url.port_or_known_default().ok_or(BadAddress::NotAnAddress)?;
        let found = tokio::net::lookup_host((host.as_str(), port)).await;
        let at: Vec<SocketAddr> = found.map_err(|_| BadAddress::Unresolved(host.clone()))?.collect();
        if at.is_empty() {
            return Err(BadAddress::Unresolved(host));
        }
        if at.iter().any(|address| !self.permits(address.ip())) {
            return Err(BadAddress::Forbidden(host));
        }
        // In the clear only to this machine, whatever its name resolves to now.
        if url.scheme() == "http" && at.iter().any(|address| !plain(address.ip()).is_loopback()) {
            return Err(BadAddress::NotSecure);
        }
        Ok(Checked { url, host, at })
    }

    /// Whether a message may go to this address.
    #[must_use]
    pub fn permits(self, ip: IpAddr) -> bool {
        match plain(ip) {
            ip if ip.is_loopback() => self.allow_loopback,
            IpAddr::V4(ip) => permits_v4(ip),
            IpAddr::V6(ip) => permits_v6(ip),
        }
    }
}

fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// The IPv4 address that an IPv6 one stands for: mapped, translated (NAT64), 6to4 — else itself.
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = ip else { return ip };
    let [a, b, c, d, e, f, g, h] = six.segments();
    let four = |high: u16, low: u16| {
        let [w, x] = high.to_be_bytes();
        let [y, z] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(w, x, y, z))
    };
    match (a, b) {
        (0, 0) if [c, d, e] == [0, 0, 0] && f == 0xffff => four(g, h),
        (0, 0) if [c, d, e, f] == [0, 0, 0, 0] && (g, h) != (0, 0) && (g, h) != (0, 1) => four(g, h),
        (0x64, 0xff9b) if [c, d, e, f] == [0, 0, 0, 0] => four(g, h),
        (0x2002, _) => four(b, c),
        _ => ip,
    }
}

/// Alibaba Cloud's metadata service, in the space shared by carriers.
const ALIBABA_METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
/// Amazon's metadata service over IPv6, in the private space.
const AMAZON_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

fn permits_v4(ip: Ipv4Addr) -> bool {
    let [first, second, third, _] = ip.octets();
    let reserved = first == 0 || first >= 240 || (first, second, third) == (192, 0, 0);
    !(reserved || ip.is_link_local() || ip.is_multicast() || ip == ALIBABA_METADATA)
}

fn permits_v6(ip: Ipv6Addr) -> bool {
    !(ip.is_unspecified() || ip.is_multicast() || ip.is_unicast_link_local() || ip == AMAZON_METADATA)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Guard = Guard { allow_loopback: false };
    const HERE: Guard = Guard { allow_loopback: true };

    #[test]
    fn where_messages_may_go() {
        for (written, strict, here) in [
            ("https://hook.example/a?b=c", true, true),
            ("https://10.1.2.3/hook", true, true),
            ("https://192.168.1.9:8443/hook", true, true),
            ("https://[fd12::1]/hook", true, true),
            ("http://hook.example/a", false, false),
            ("http://10.1.2.3/hook", false, false),
            ("http://127.0.0.1:9000/", false, true),
            ("http://localhost:9000/", false, true),
            ("http://[::1]:9000/", false, true),
            ("https://127.0.0.1/", false, true),
            ("https://127.9.9.9/", false, true),
            ("https://2130706433/", false, true),
            ("https://0x7f.1/", false, true),
            ("https://a.localhost/", false, true),
            ("https://localhost./", false, true),
            ("https://[::ffff:127.0.0.1]/", false, true),
            ("https://169.254.169.254/latest/meta-data", false, false),
            ("https://[::ffff:169.254.169.254]/", false, false),
            ("https://[64:ff9b::a9fe:a9fe]/", false, false),
            ("https://[2002:a9fe:a9fe::1]/", false, false),
            ("https://[::a9fe:a9fe]/", false, false),
            ("https://[fe80::1]/", false, false),
            ("https://[fd00:ec2::254]/", false, false),
            ("https://100.100.100.200/", false, false),
            ("https://0.0.0.0/", false, false),
            ("https://[::]/", false, false),
            ("https://255.255.255.255/", false, false),
            ("https://224.0.0.1/", false, false),
            ("https://user:pass@hook.example/", false, false),
            ("ftp://hook.example/", false, false),
            ("file:///etc/passwd", false, false),
            ("https://", false, false),
            (" https://hook.example/", false, false),
            ("https://hook.example/\n", false, false),
            ("https://hook.example/\0", false, false),
            ("不是地址", false, false),
        ] {
            assert_eq!(STRICT.check(written).is_ok(), strict, "{written}: {:?}", STRICT.check(written));
            assert_eq!(HERE.check(written).is_ok(), here, "{written}: {:?}", HERE.check(written));
        }
        assert_eq!(STRICT.check(&format!("https://a.example/{}", "x".repeat(500))), Err(BadAddress::NotAnAddress));
    }

    #[tokio::test]
    async fn a_name_is_only_as_good_as_every_address_it_has() {
        assert!(matches!(STRICT.resolve("https://localhost/").await, Err(BadAddress::Forbidden(_))));
        let here = HERE.resolve("http://127.0.0.1:9/x").await.unwrap();
        assert_eq!(here.at, ["127.0.0.1:9".parse().unwrap()]);
    }
}
