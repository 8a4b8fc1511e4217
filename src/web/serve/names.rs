//! What this machine is called, and where it is reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// One address in each of the networks that offices use, and one outside: the way to each begins at an address of
/// ours. Nothing is sent there.
const ELSEWHERE: [&str; 5] =
    ["10.255.255.254:9", "172.31.255.254:9", "192.168.255.254:9", "203.0.113.1:9", "[2001:db8::1]:9"];

/// Addresses of this machine in the networks it stands in; its own loop is not among them.
#[must_use]
pub fn addresses() -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = Vec::new();
    for target in ELSEWHERE {
        let from: SocketAddr =
            if target.starts_with('[') { (Ipv6Addr::UNSPECIFIED, 0).into() } else { (Ipv4Addr::UNSPECIFIED, 0).into() };
        let own = UdpSocket::bind(from).and_then(|socket| {
            socket.connect(target)?;
            socket.local_addr()
        });
        if let Ok(own) = own.map(|own| own.ip())
            && !own.is_loopback()
            && !own.is_unspecified()
            && !found.contains(&own)
        {
            found.push(own);
        }
    }
    found
}

/// What the machine calls itself.
#[must_use]
pub fn host() -> Option<String> {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .or_else(|_| std::env::var("COMPUTERNAME"));
    let name = named.ok()?.trim().to_lowercase();
    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    fits.then_some(name)
}

/// Every name and address that a certificate of this server must hold.
#[must_use]
pub fn all(listen: SocketAddr, wanted: &[String]) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let mut add = |name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    wanted.iter().for_each(|name| add(name.trim().to_lowercase()));
    if let Some(host) = host() {
        if !host.contains('.') {
            add(format!("{host}.local"));
        }
        add(host);
    }
    if listen.ip().is_unspecified() {
        addresses().into_iter().for_each(|address| add(address.to_string()));
    } else {
        add(listen.ip().to_string());
    }
    names
}

/// Where people reach the server, the likeliest first.
#[must_use]
pub fn urls(listen: SocketAddr, secure: bool, wanted: &[String]) -> Vec<String> {
    let scheme = if secure { "https" } else { "http" };
    let port = match (secure, listen.port()) {
        (true, 443) | (false, 80) => String::new(),
        (_, port) => format!(":{port}"),
    };
    let host = |address: IpAddr| match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    let mut hosts: Vec<String> = wanted.iter().map(|name| name.parse().map_or_else(|_| name.clone(), host)).collect();
    if listen.ip().is_unspecified() {
        hosts.extend(addresses().into_iter().filter(IpAddr::is_ipv4).map(host));
        if hosts.is_empty() {
            hosts.push("127.0.0.1".to_owned());
        }
    } else {
        hosts.push(host(listen.ip()));
    }
    hosts.into_iter().map(|host| format!("{scheme}://{host}{port}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_browsers_take_it() {
        for (listen, secure, wanted, expected) in [
            ("127.0.0.1:8080", false, &[][..], "http://127.0.0.1:8080"),
            ("192.168.1.20:443", true, &[], "https://192.168.1.20"),
            ("[::1]:8443", true, &[], "https://[::1]:8443"),
            ("0.0.0.0:8443", true, &["hufu.example"], "https://hufu.example:8443"),
        ] {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(urls(listen.parse().unwrap(), secure, &wanted)[0], expected);
        }
    }
}
