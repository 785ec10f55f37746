//! Who may look: one seat, bought once with the token of the printed link and kept by a cookie. Another
//! browser, another host name (DNS rebinding) and another origin are refused.

use axum::http::{HeaderMap, header};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use subtle::ConstantTimeEq;

/// Bytes of the token and of the seat: 128 bits.
const SECRET_BYTES: usize = 16;

/// The one seat of a browser view.
pub(super) struct Seat {
    hosts: Vec<String>,
    cookie_name: String,
    holder: Mutex<Holder>,
}

enum Holder {
    /// Nobody yet; whoever brings this token gets it.
    Free { token: String },
    /// Whoever brings this cookie.
    Taken { seat: String },
}

/// How an attempt to sit down ended.
pub(super) enum Bought {
    /// A new seat, with the cookie to set.
    New(String),
    /// It is the one who sits there already.
    Already,
    /// Wrong token, or taken by another browser.
    Refused,
}

impl Seat {
    /// A free seat and the token that buys it.
    pub(super) fn new(address: SocketAddr) -> std::io::Result<(Self, String)> {
        let token = secret()?;
        let mut hosts = vec![address.to_string(), format!("localhost:{}", address.port())];
        // Browsers leave HTTP's own port away.
        let bare: Vec<_> = hosts.iter().filter_map(|host| host.strip_suffix(":80")).map(str::to_owned).collect();
        hosts.extend(bare);
        let seat = Self {
            hosts,
            // Cookies know no ports: two terminals on one machine must not take each other's.
            cookie_name: format!("yimen-seat-{}", address.port()),
            holder: Mutex::new(Holder::Free { token: token.clone() }),
        };
        Ok((seat, token))
    }

    /// Whether the request names this very host.
    pub(super) fn host_is_ours(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        hosts.next().is_none() && host.is_some_and(|host| self.hosts.iter().any(|ours| ours == host))
    }

    /// Whether the request comes from a page of ours; a request that does not say is refused.
    pub(super) fn origin_is_ours(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        match (text(header::ORIGIN), text(header::HOST)) {
            (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
            _ => false,
        }
    }

    /// Whether the request carries the cookie of the seat.
    pub(super) fn sits(&self, headers: &HeaderMap) -> bool {
        match &*self.holder.lock().unwrap_or_else(PoisonError::into_inner) {
            Holder::Free { .. } => false,
            Holder::Taken { seat } => self.cookies(headers).any(|cookie| same(cookie, seat)),
        }
    }

    /// Buys the seat with a token.
    pub(super) fn buy(&self, headers: &HeaderMap, token: &str) -> std::io::Result<Bought> {
        if self.sits(headers) {
            return Ok(Bought::Already);
        }
        let seat = secret()?;
        let mut holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        match &*holder {
            Holder::Free { token: ours } if same(token.trim(), ours) => {
                let cookie = format!("{}={seat}; HttpOnly; SameSite=Strict; Path=/", self.cookie_name);
                *holder = Holder::Taken { seat };
                Ok(Bought::New(cookie))
            }
            _ => Ok(Bought::Refused),
        }
    }

    fn cookies<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie_name)
            .map(|(_, value)| value)
    }
}

fn same(given: &str, ours: &str) -> bool {
    given.as_bytes().ct_eq(ours.as_bytes()).into()
}

fn secret() -> std::io::Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seat() -> (Seat, String) {
        Seat::new("127.0.0.1:4711".parse().unwrap()).unwrap()
    }

    fn with(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn the_token_buys_one_seat_and_the_cookie_keeps_it() {
        let (seat, token) = seat();
        let Ok(Bought::New(cookie)) = seat.buy(&HeaderMap::new(), &token) else { panic!("not sold") };
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
        let mine = with(&[(header::COOKIE, &format!("other=1; {}", cookie.split(';').next().unwrap()))]);
        assert!(seat.sits(&mine));
        assert!(matches!(seat.buy(&mine, "no token any more"), Ok(Bought::Already)));
        assert!(matches!(seat.buy(&HeaderMap::new(), &token), Ok(Bought::Refused)), "sold twice");
    }

    #[test]
    fn a_wrong_token_buys_nothing() {
        let (seat, token) = seat();
        for wrong in ["", "0", &token[1..], &format!("{token}0")] {
            assert!(matches!(seat.buy(&HeaderMap::new(), wrong), Ok(Bought::Refused)));
        }
        assert!(!seat.sits(&with(&[(header::COOKIE, "yimen-seat-4711=")])));
    }

    #[test]
    fn only_our_own_host_and_origin_are_answered() {
        let (seat, _) = seat();
        for (host, ours) in
            [("127.0.0.1:4711", true), ("localhost:4711", true), ("127.0.0.1", false), ("evil.example:4711", false)]
        {
            assert_eq!(seat.host_is_ours(&with(&[(header::HOST, host)])), ours, "{host}");
        }
        assert!(!seat.host_is_ours(&HeaderMap::new()));
        let from = |origin| with(&[(header::HOST, "127.0.0.1:4711"), (header::ORIGIN, origin)]);
        assert!(seat.origin_is_ours(&from("http://127.0.0.1:4711")));
        for origin in ["http://evil.example", "null", "https://127.0.0.1:4711", "http://127.0.0.1:4712"] {
            assert!(!seat.origin_is_ours(&from(origin)), "{origin}");
        }
        assert!(!seat.origin_is_ours(&with(&[(header::HOST, "127.0.0.1:4711")])));
    }

    #[test]
    fn on_the_port_of_http_the_host_is_named_without_it() {
        for (address, host) in [("127.0.0.1:80", "127.0.0.1"), ("127.0.0.1:80", "localhost"), ("[::1]:80", "[::1]")] {
            let (seat, _) = Seat::new(address.parse().unwrap()).unwrap();
            let origin = format!("http://{host}");
            let headers = with(&[(header::HOST, host), (header::ORIGIN, &origin)]);
            assert!(seat.host_is_ours(&headers) && seat.origin_is_ours(&headers), "{address} as {host}");
            assert!(seat.host_is_ours(&with(&[(header::HOST, address)])), "{address}");
        }
        let (seat, _) = Seat::new("127.0.0.1:8080".parse().unwrap()).unwrap();
        assert!(!seat.host_is_ours(&with(&[(header::HOST, "127.0.0.1")])));
    }
}
