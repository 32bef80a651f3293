//! A ledger in a bucket, over HTTP: objects with `ETag`s, written with `If-None-Match: *` or `If-Match`.
//!
//! Google Cloud Storage (its XML interface) and Amazon S3 understand these; whatever else answers 412 where a condition
//! does not hold will do. A request that failed half-way may have been carried out: appends look for their entries in the
//! log before they try again.

use std::io;
use std::time::Duration;

use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use crate::Error;
use crate::error::At;
use crate::storage::{Keep, Object, Storage, Version};

/// The longest that one request may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The most bytes of one object: a payload may be large, a ledger's own objects have 16 MB at most.
const LARGEST: u64 = 1 << 30;

/// A bucket, or a folder in one, by its address.
pub struct Bucket {
    address: String,
    authorization: Option<String>,
    agent: Agent,
}

/// On what a write depends.
enum Condition<'a> {
    IsAbsent,
    Is(&'a Version),
}

impl Bucket {
    /// A bucket at an address like `https://storage.example/bucket/ledger`, with the bearer token of a writer.
    pub fn new(address: &str, token: Option<&str>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .build();
        Self {
            address: address.trim_end_matches('/').to_owned(),
            authorization: token.map(|token| format!("Bearer {token}")),
            agent: config.into(),
        }
    }

    fn address_of(&self, path: &str) -> String {
        format!("{}/{path}", self.address)
    }

    fn write(&self, path: &str, content: &[u8], condition: &Condition<'_>) -> Result<bool, Error> {
        let address = self.address_of(path);
        let request = self.agent.put(&address);
        let request = match condition {
            Condition::IsAbsent => request.header("If-None-Match", "*"),
            Condition::Is(version) => request.header("If-Match", &version.0),
        };
        let request = self
            .authorization
            .iter()
            .fold(request, |request, token| request.header("Authorization", token));
        let answer = request.send(content).map_err(other).at("write", &address)?;
        match answer.status() {
            status if status.is_success() => Ok(true),
            // 409: somebody writes at this moment. 404: what was to be replaced is gone.
            StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT => Ok(false),
            StatusCode::NOT_FOUND if matches!(condition, Condition::Is(_)) => Ok(false),
            _ => Err(refused(answer)).at("write", &address),
        }
    }
}

impl Storage for Bucket {
    fn place(&self) -> String {
        self.address.clone()
    }

    fn read(&self, path: &str) -> Result<Option<Object>, Error> {
        let address = self.address_of(path);
        let request = self.agent.get(&address).header("Cache-Control", "no-cache");
        let request = self
            .authorization
            .iter()
            .fold(request, |request, token| request.header("Authorization", token));
        let mut answer = request.call().map_err(other).at("read", &address)?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(refused(answer)).at("read", &address),
        }
        let version = answer
            .headers()
            .get("ETag")
            .and_then(|version| version.to_str().ok())
            .unwrap_or_default();
        let version = Version(version.to_owned());
        let body = answer.body_mut().with_config().limit(LARGEST);
        let content = body.read_to_vec().map_err(other).at("read", &address)?;
        Ok(Some(Object { content, version }))
    }

    fn create(&self, path: &str, content: &[u8], _keep: Keep) -> Result<bool, Error> {
        self.write(path, content, &Condition::IsAbsent)
    }

    fn replace(&self, path: &str, content: &[u8], _keep: Keep, expected: &Version) -> Result<bool, Error> {
        if expected.0.is_empty() {
            // Without a version the server would write whatever is there.
            let reason = io::Error::other("the server gives no ETag, so that two writers could not be kept apart");
            return Err(reason).at("write", self.address_of(path));
        }
        self.write(path, content, &Condition::Is(expected))
    }

    fn delete(&self, path: &str) -> Result<(), Error> {
        let address = self.address_of(path);
        let request = self.agent.delete(&address);
        let request = self
            .authorization
            .iter()
            .fold(request, |request, token| request.header("Authorization", token));
        let answer = request.call().map_err(other).at("delete", &address)?;
        match answer.status() {
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            _ => Err(refused(answer)).at("delete", &address),
        }
    }
}

fn other(error: ureq::Error) -> io::Error {
    match error {
        ureq::Error::Io(error) => error,
        error => io::Error::other(error),
    }
}

fn refused(mut answer: Response<Body>) -> io::Error {
    let status = answer.status();
    let text = answer
        .body_mut()
        .with_config()
        .limit(1000)
        .read_to_string()
        .unwrap_or_default();
    let kind = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => io::ErrorKind::PermissionDenied,
        StatusCode::INSUFFICIENT_STORAGE => io::ErrorKind::StorageFull,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(
        kind,
        format!("the server answers {status} {}", text.trim())
            .trim_end()
            .to_owned(),
    )
}
