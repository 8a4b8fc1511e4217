//! Proxies that are believed when they say who asks, and how: by their address. From anywhere else
//! `X-Forwarded-For` is what a stranger wrote, and would let them choose whose allowance they spend.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An address, or all that begin like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    /// Left-aligned in the space of its family.
    address: IpAddr,
    /// How many bits count.
    length: u8,
}

/// What cannot be read as an address or a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是地址，应如 10.1.2.3 或 10.1.2.0/24")]
pub struct NotANetwork(String);

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.to_owned());
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => length.parse().ok().filter(|length| *length <= most).ok_or_else(wrong)?,
            None => most,
        };
        Ok(Self { address, length })
    }
}

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let apart = u32::from(own) ^ u32::from(other);
                u32::from(self.length) <= apart.leading_zeros()
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let apart = u128::from(own) ^ u128::from(other);
                u32::from(self.length) <= apart.leading_zeros()
            }
            _ => false,
        }
    }
}

/// Who is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Network>);

impl Proxies {
    /// Those at these addresses or networks.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn read<T: AsRef<str>>(written: &[T]) -> Result<Self, NotANetwork> {
        written.iter().map(|text| text.as_ref().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// These, and whoever asks from this machine itself.
    #[must_use]
    pub fn and_here(mut self) -> Self {
        self.0.push(Network { address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), length: 8 });
        self.0.push(Network { address: IpAddr::V6(Ipv6Addr::LOCALHOST), length: 128 });
        self
    }

    /// Whether what comes from this address is believed.
    #[must_use]
    pub fn believe(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.iter().any(|network| network.holds(peer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_known_by_its_address() {
        let proxies = Proxies::read(&["10.1.2.0/23", "192.0.2.7", " 2001:db8::/33 "]).unwrap();
        for (peer, expected) in [
            ("10.1.2.0", true),
            ("10.1.3.255", true),
            ("10.1.4.0", false),
            ("::ffff:10.1.2.9", true),
            ("192.0.2.7", true),
            ("192.0.2.6", false),
            ("2001:db8:7fff::1", true),
            ("2001:db8:8000::1", false),
            ("127.0.0.1", false),
            ("::1", false),
        ] {
            assert_eq!(proxies.believe(peer.parse().unwrap()), expected, "{peer}");
        }
        let here = Proxies::default().and_here();
        for (peer, expected) in [("127.0.0.1", true), ("127.8.8.8", true), ("::1", true), ("10.0.0.1", false)] {
            assert_eq!(here.believe(peer.parse().unwrap()), expected, "{peer}");
        }
        assert!(Proxies::read(&["0.0.0.0/0"]).unwrap().believe("203.0.113.9".parse().unwrap()), "if one must");
        for wrong in ["", "proxy", "10.1.2.0/33", "10.1.2.0/", "::/129", "10.1.2.0/-1", "10.1.2.0/24/8", "10.1.2"] {
            assert!(Proxies::read(&[wrong]).is_err(), "{wrong}");
        }
    }
}
