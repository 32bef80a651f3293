//! Requests that carry a token, to one origin alone.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use ureq::http::{Method, Request, Response, Uri};
use ureq::{Agent, Body};

use crate::Error;

/// The most bytes of one answer.
const LARGEST: u64 = 8 << 20;
/// The most pages of one list, of a hundred each.
const PAGES: usize = 100;
/// The most redirects of one request, each within the origin.
const REDIRECTS: usize = 4;
/// Characters of what a server says that a message holds.
const SAID: usize = 300;

/// How a forge is talked to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The longest that one request may take, its answer included. Default: 30 s.
    pub timeout: Duration,
    /// Address of a proxy, like `http://proxy.example:3128`. Default: none.
    pub proxy: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            proxy: None,
        }
    }
}

/// How a forge wants to be asked.
pub(crate) struct Dialect {
    /// Headers of every request.
    pub headers: &'static [(&'static str, &'static str)],
    /// Name of the header with the token, and what stands before it.
    pub authorization: (&'static str, &'static str),
}

/// A way to one forge.
pub(crate) struct Client {
    agent: Agent,
    base: String,
    origin: String,
    token: String,
    dialect: Dialect,
}

/// One answer.
pub(crate) struct Answer {
    /// The address that answered.
    pub url: String,
    /// What it said; null where it said nothing.
    pub value: Value,
    next: Option<String>,
}

impl Client {
    /// # Errors
    /// When the address is none, the token is empty, or it would travel readable.
    pub fn new(base: &str, token: &str, dialect: Dialect, options: &Options) -> Result<Self, Error> {
        let base = base.trim_end_matches('/').to_owned();
        let origin = origin(&base).ok_or_else(|| Error::Wrong(format!("`{base}` is no address of an API")))?;
        if origin.starts_with("http://") && !is_loopback(&origin) {
            return Err(Error::Wrong(format!(
                "the token is not sent to {base}, since everybody on the way could read it: use https"
            )));
        }
        let token = token.trim().to_owned();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::Wrong(format!("the token for {base} is empty, or no token")));
        }
        let proxy = options.proxy.as_deref().map(ureq::Proxy::new).transpose();
        let proxy = proxy.map_err(|error| Error::Wrong(format!("the proxy cannot be used: {error}")))?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(options.timeout))
            .max_redirects(0)
            .proxy(proxy)
            .build();
        Ok(Self {
            agent: config.into(),
            base,
            origin,
            token,
            dialect,
        })
    }

    /// Asks for one thing. `right` says what the token must be allowed for it.
    pub fn get(&self, path: &str, right: &str) -> Result<Answer, Error> {
        self.send(&Method::GET, format!("{}{path}", self.base), None, right)
    }

    /// Asks for all pages of a list, a hundred elements each.
    pub fn pages(&self, path: &str, right: &str) -> Result<Vec<Answer>, Error> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut url = format!("{}{path}{separator}per_page=100", self.base);
        let mut pages = Vec::new();
        loop {
            let mut page = self.send(&Method::GET, url.clone(), None, right)?;
            let next = page.next.take();
            pages.push(page);
            match next {
                None => return Ok(pages),
                Some(_) if pages.len() == PAGES => {
                    return Err(Error::TooLong {
                        url,
                        most: format!("{PAGES} pages"),
                    });
                }
                Some(next) => url = self.within(&url, &next)?,
            }
        }
    }

    /// Sends JSON.
    pub fn write(&self, method: &Method, path: &str, body: &Value, right: &str) -> Result<Answer, Error> {
        self.send(method, format!("{}{path}", self.base), Some(body), right)
    }

    /// The address that `to` means when `url` answers with it, if it is of the same origin.
    fn within(&self, url: &str, to: &str) -> Result<String, Error> {
        let whole = if to.starts_with('/') && !to.starts_with("//") {
            format!("{}{to}", self.origin)
        } else {
            to.to_owned()
        };
        match origin(&whole).as_ref() == Some(&self.origin) {
            true => Ok(whole),
            false => Err(Error::LeadsElsewhere {
                url: url.to_owned(),
                to: to.chars().take(SAID).collect(),
            }),
        }
    }

    fn send(&self, method: &Method, mut url: String, body: Option<&Value>, right: &str) -> Result<Answer, Error> {
        for _ in 0..=REDIRECTS {
            let answer = self.once(method, &url, body)?;
            let status = answer.status().as_u16();
            // What is written is sent again only where the server says that it is to be.
            let follows = matches!(status, 307 | 308) || (body.is_none() && matches!(status, 301 | 302));
            let Some(to) = header(&answer, "location").filter(|_| follows) else {
                return read(method, url, answer, right);
            };
            url = self.within(&url, &to)?;
        }
        let to = "one address after the other".to_owned();
        Err(Error::LeadsElsewhere { url, to })
    }

    fn once(&self, method: &Method, url: &str, body: Option<&Value>) -> Result<Response<Body>, Error> {
        let (name, prefix) = self.dialect.authorization;
        let builder = Request::builder()
            .method(method)
            .uri(url)
            .header("User-Agent", "counterproof")
            .header(name, format!("{prefix}{}", self.token));
        let headers = self.dialect.headers.iter();
        let builder = headers.fold(builder, |builder, (name, value)| builder.header(*name, *value));
        let sent = match body {
            None => builder
                .body(())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
            Some(body) => builder
                .header("Content-Type", "application/json")
                .body(body.to_string())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
        };
        sent.map_err(|error| no_answer(method, url, &error))
    }
}

fn no_answer(method: &Method, url: &str, error: &ureq::Error) -> Error {
    Error::NoAnswer {
        method: word(method),
        url: url.to_owned(),
        reason: match error {
            ureq::Error::Timeout(_) => "no answer in time".to_owned(),
            error => error.to_string(),
        },
    }
}

fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        _ => "PATCH",
    }
}

fn read(method: &Method, url: String, mut answer: Response<Body>, right: &str) -> Result<Answer, Error> {
    let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
    let body = match body {
        Ok(body) => body,
        Err(ureq::Error::BodyExceedsLimit(_)) => {
            return Err(Error::TooLong {
                url,
                most: format!("{} MiB", LARGEST >> 20),
            });
        }
        Err(error) => return Err(no_answer(method, &url, &error)),
    };
    if !answer.status().is_success() {
        return Err(refused(method, url, &answer, &body, right));
    }
    let next = header(&answer, "link").and_then(|link| next_of(&link));
    let value = if body.is_empty() {
        Ok(Value::Null)
    } else {
        serde_json::from_slice(&body)
    };
    match value {
        Ok(value) => Ok(Answer { url, value, next }),
        Err(error) => Err(Error::Form {
            url,
            field: "it".to_owned(),
            wrong: format!("is no JSON: {error}"),
        }),
    }
}

fn refused(method: &Method, url: String, answer: &Response<Body>, body: &[u8], right: &str) -> Error {
    let number = |name: &str| header(answer, name).and_then(|value| value.trim().parse::<u64>().ok());
    let status = answer.status().as_u16();
    let after = number("retry-after");
    let is_spent = number("x-ratelimit-remaining").or_else(|| number("ratelimit-remaining")) == Some(0);
    if status == 429 || (status == 403 && (is_spent || after.is_some())) {
        let reset = number("x-ratelimit-reset").or_else(|| number("ratelimit-reset"));
        let reset = reset.and_then(|second| Timestamp::from_second(i64::try_from(second).ok()?).ok());
        // A wait that the server names is nearer to the truth than the end of the hour.
        return Error::RateLimited {
            url,
            until: reset.filter(|_| after.is_none()),
            after,
        };
    }
    let (method, said) = (word(method), said(body));
    let mend = match status {
        401 => format!("the token is not known there, or has expired: give one that may {right}"),
        403 => format!("the token may not do this: it must be allowed to {right}"),
        404 => format!("either it does not exist, or the token may not see it: it must be allowed to {right}"),
        _ => {
            return Error::Status {
                method,
                url,
                status,
                said,
            };
        }
    };
    Error::Refused {
        method,
        url,
        status,
        said,
        mend,
    }
}

/// What a server says of its refusal: the message of its JSON, in one line.
fn said(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = value.get("message").or_else(|| value.get("error"));
    let text = text.and_then(|text| text.as_str().map(str::to_owned).or_else(|| Some(text.to_string())));
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.map_or_else(String::new, |text| {
        format!(": {}", text.chars().map(plain).take(SAID).collect::<String>())
    })
}

fn header(answer: &Response<Body>, name: &str) -> Option<String> {
    let value = answer.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// The address of the next page, as RFC 8288 has it: `<https://…>; rel="next", <…>; rel="last"`.
fn next_of(link: &str) -> Option<String> {
    link.split('<').skip(1).find_map(|part| {
        let (url, rest) = part.split_once('>')?;
        let is_next = |parameter: &str| {
            let (name, value) = parameter.trim().split_once('=').unwrap_or_default();
            name.eq_ignore_ascii_case("rel") && value.trim_matches([' ', '"', ',']).split(' ').any(|one| one == "next")
        };
        rest.split(';').any(is_next).then(|| url.to_owned())
    })
}

/// `https://host:port` of an address; none where it has none, or names an account.
fn origin(url: &str) -> Option<String> {
    let parsed: Uri = url.parse().ok()?;
    let scheme = parsed
        .scheme_str()
        .filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = parsed.authority()?.as_str().to_ascii_lowercase();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(usual).unwrap_or(&authority);
    (!authority.contains('@') && !authority.is_empty()).then(|| format!("{scheme}://{authority}"))
}

fn is_loopback(origin: &str) -> bool {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let host = host
        .rsplit_once(':')
        .filter(|_| !host.ends_with(']'))
        .map_or(host, |(host, _)| host);
    host == "localhost" || host == "[::1]" || host.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
}

/// A text as one part of an address.
pub(crate) fn part(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// The first `most` characters of a text, with a word on what was left out where that is so.
pub(crate) fn cut(text: &str, most: usize) -> String {
    const CUT: &str = "\n\n… cut here: it is longer than is shown.";
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars()
        .take(most.saturating_sub(CUT.chars().count()))
        .chain(CUT.chars())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_that_says_so() {
        let link = "<https://a.example/x?page=1>; rel=\"prev\", <https://a.example/x?page=3,4>; rel=\"next\"";
        assert_eq!(next_of(link).as_deref(), Some("https://a.example/x?page=3,4"));
        assert_eq!(next_of("<https://a.example/x>; title=\"next\""), None);
        assert_eq!(next_of("nonsense"), None);
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(
            origin("https://API.example:443/x").as_deref(),
            Some("https://api.example")
        );
        assert_eq!(origin("https://api.example@evil.example/x"), None);
        assert_eq!(origin("file:///etc"), None);
        assert!(is_loopback("http://127.0.0.1:80") && is_loopback("http://[::1]:8080"));
        assert!(!is_loopback("http://127.0.0.1.evil.example"));
    }

    #[test]
    fn a_token_is_not_sent_readable() {
        let new = |base: &str, token: &str| {
            let dialect = Dialect {
                headers: &[],
                authorization: ("Authorization", "Bearer "),
            };
            Client::new(base, token, dialect, &Options::default())
                .err()
                .map(|error| error.to_string())
        };
        assert!(new("http://git.example/api/v4", "t").is_some_and(|text| text.ends_with("use https")));
        assert!(new("https://git.example", "a\nb").is_some_and(|text| text.contains("no token")));
        assert_eq!(new("https://git.example", " t\n"), None);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("short", 100), "short");
        let long = cut(&"ä".repeat(200), 100);
        assert_eq!(long.chars().count(), 100);
        assert!(long.ends_with("cut here: it is longer than is shown."));
        assert_eq!(part("group/pro ject"), "group%2Fpro%20ject");
    }
}
