//! Which methods are served.
//!
//! A method is a word that says what a request wants. Anyone may invent one, so a server
//! must draw a line between a method that it serves differently here than there (405, and
//! that is the handler's answer) and a word that it does not know at all (501, RFC 9110,
//! section 9.1, and that is answered here). The line is the register that IANA keeps: what
//! stands in it has a meaning that a handler can know. A service with methods of its own
//! names them in the configuration ([`Methods`]).
//!
//! How it can go wrong: case. `get` is not `GET` (RFC 9110, section 9.1), so it is unknown.

use http::{Method, StatusCode};

use super::refusal::Refusal;

/// The methods that reach the handler; all others are answered with 501.
///
/// `CONNECT` asks for a tunnel to another host. Hardly any origin server has a use for that, so it
/// reaches the handler only if a list names it ([`And`](Self::And)). A handler that answers 2xx
/// has the connection then, as after a 101 (see [`upgrade`](crate::upgrade)); its answer says
/// nothing of a length (RFC 9110, section 9.3.6).
///
/// ```
/// use http::Method;
/// use server::{Config, h1::Methods};
///
/// let purge = Method::from_bytes(b"PURGE").unwrap();
/// let config = Config { methods: Methods::And(vec![purge]), ..Config::default() };
/// # let _ = config;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Methods {
    /// Those that are registered with IANA: `GET`, `HEAD`, `POST`, `PUT`, `DELETE`,
    /// `OPTIONS`, `TRACE`, `PATCH`, `QUERY`, and those of WebDAV.
    #[default]
    Registered,
    /// The registered methods, and the methods of this list.
    And(Vec<Method>),
    /// Every word that has the form of a method, `CONNECT` excepted.
    Any,
}

/// The method with that name.
#[inline]
pub(crate) fn parse(name: &[u8], methods: &Methods) -> Result<Method, Refusal> {
    match name {
        b"GET" => Ok(Method::GET),
        b"POST" => Ok(Method::POST),
        _ => parse_other(name, methods),
    }
}

fn parse_other(name: &[u8], methods: &Methods) -> Result<Method, Refusal> {
    let Ok(method) = Method::from_bytes(name) else {
        return Err(Refusal::bad("the method is malformed"));
    };
    match methods {
        Methods::And(more) if more.contains(&method) => Ok(method),
        _ if method == Method::CONNECT => Err(NOT_A_PROXY),
        Methods::Any => Ok(method),
        _ if is_registered(&method) => Ok(method),
        _ => Err(UNKNOWN),
    }
}

const NOT_A_PROXY: Refusal =
    Refusal::new(StatusCode::NOT_IMPLEMENTED, "this server is not a proxy");
pub(crate) const UNKNOWN: Refusal = Refusal::new(
    StatusCode::NOT_IMPLEMENTED,
    "this server does not know the method",
);

fn is_registered(method: &Method) -> bool {
    REGISTERED.binary_search(&method.as_str()).is_ok()
}

/// IANA's "HTTP Method Registry", in the order of the alphabet. `CONNECT` is missing (see
/// above), and so are `PRI` and `*`: they are registered to keep them out of use.
static REGISTERED: [&str; 38] = [
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "QUERY",
    "REBIND",
    "REPORT",
    "SEARCH",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn status(name: &str, methods: &Methods) -> Option<u16> {
        let parsed = parse(name.as_bytes(), methods);
        parsed.err().map(|refusal| refusal.status().as_u16())
    }

    #[test]
    fn the_register_is_in_order_and_served() {
        assert!(REGISTERED.is_sorted());
        for name in REGISTERED {
            assert_eq!(status(name, &Methods::Registered), None, "{name}");
        }
    }

    #[test]
    fn connect_is_served_if_it_is_named() {
        let named = Methods::And(vec![Method::CONNECT]);
        assert_eq!(status("CONNECT", &named), None);
        assert_eq!(status("BREW", &named), Some(501));
    }

    #[test]
    fn what_is_unknown_depends_on_the_configuration() {
        let purge = Methods::And(vec![Method::from_bytes(b"PURGE").unwrap()]);
        for (name, registered, and, any) in [
            ("PATCH", None, None, None),
            ("PURGE", Some(501), None, None),
            ("BREW", Some(501), Some(501), None),
            ("get", Some(501), Some(501), None),
            ("PRI", Some(501), Some(501), None),
            ("CONNECT", Some(501), Some(501), Some(501)),
            ("G@T", Some(400), Some(400), Some(400)),
            ("", Some(400), Some(400), Some(400)),
        ] {
            assert_eq!(status(name, &Methods::Registered), registered, "{name}");
            assert_eq!(status(name, &purge), and, "{name}");
            assert_eq!(status(name, &Methods::Any), any, "{name}");
        }
    }
}
