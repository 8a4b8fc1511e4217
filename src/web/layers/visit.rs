//! Who knocks: the address, the way they came, and what their request is called in the log.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, header};

use crate::web::App;

/// What is known of a request before anybody asks who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Where it came from.
    pub address: IpAddr,
    /// Whether it came by HTTPS, the proxy before us included.
    pub secure: bool,
    /// The host that it was sent to, with the port: `192.168.1.20:8443`.
    pub host: Option<String>,
    /// Its name in the log and in every answer.
    pub request_id: String,
    /// Whether a program asks, and is answered in JSON.
    pub is_api: bool,
    /// The page that is to be seen, with its query; `None` when something is to be done.
    pub page: Option<String>,
}

impl Visit {
    /// What is known of this request.
    #[must_use]
    pub fn of(app: &App, request: &Request) -> Self {
        let headers = request.headers();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let trusted = app.settings().proxies.believe(peer);
        let forwarded = if trusted { forwarded_for(headers) } else { None };
        let by_proxy = |name| if trusted { text(headers, name) } else { None };
        let host = by_proxy("x-forwarded-host").or_else(|| text(headers, header::HOST.as_str()));
        Self {
            address: forwarded.unwrap_or(peer).to_canonical(),
            secure: app.settings().secure || by_proxy("x-forwarded-proto").is_some_and(|proto| proto == "https"),
            // HTTP/2 names the host in the request line.
            host: host.or_else(|| request.uri().authority().map(ToString::to_string)),
            request_id: app.base().new_id::<uuid::Uuid>().to_string(),
            is_api: is_api(request.uri().path()),
            page: (*request.method() == Method::GET)
                .then(|| request.uri().path_and_query().map_or("/", |page| page.as_str()).to_owned()),
        }
    }

    /// The origin of our own pages, as a browser names it.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let scheme = if self.secure { "https" } else { "http" };
        self.host.as_ref().map(|host| format!("{scheme}://{host}"))
    }
}

/// Whether a path belongs to the API, its page excepted.
#[must_use]
pub fn is_api(path: &str) -> bool {
    path == "/api" || (path.starts_with("/api/") && !path.starts_with("/api/docs"))
}

/// The last address that `X-Forwarded-For` names: the one the proxy itself saw. What stands before it, anybody may
/// have written.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(|value| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_address_the_proxy_saw_is_believed() {
        for (sent, expected) in [
            (&["203.0.113.9"][..], Some("203.0.113.9")),
            (&["10.0.0.1, 203.0.113.9"], Some("203.0.113.9")),
            (&["10.0.0.1", "203.0.113.9"], Some("203.0.113.9")),
            (&["2001:db8::7"], Some("2001:db8::7")),
            (&["unknown"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            assert_eq!(forwarded_for(&headers), expected.map(|text| text.parse().unwrap()), "{sent:?}");
        }
    }

    #[test]
    fn the_page_of_the_api_is_a_page() {
        for (path, expected) in
            [("/api/v1/items", true), ("/api", true), ("/api/docs", false), ("/api/docs/x.js", false), ("/apis", false)]
        {
            assert_eq!(is_api(path), expected, "{path}");
        }
    }
}
