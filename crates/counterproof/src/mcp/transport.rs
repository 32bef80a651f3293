//! Lines of JSON on standard input and output, by plain threads. What is no message is answered, never passed over in silence.

use std::future::Future;
use std::io::{BufRead, Read, Write};
use std::sync::mpsc as waiting;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, JsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

/// Bytes of one message: as much as the guard reads of an event.
const LONGEST: usize = guard::agents::LONGEST_EVENT;
/// Messages that wait on either side before whoever makes them waits, too.
const WAITING: usize = 64;
/// How long a client has to read the last answers.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// Of the specification of JSON-RPC 2.0, section 5.1.
const PARSE_ERROR: i32 = -32_700;
const INVALID_REQUEST: i32 = -32_600;

/// Standard input and output.
pub struct Stdio {
    heard: mpsc::Receiver<ClientJsonRpcMessage>,
    said: Option<mpsc::Sender<Vec<u8>>>,
    /// Whether the client has asked for anything: what it tells before that is about nothing.
    begun: bool,
}

/// What is left of both when the server ends.
pub struct Ends {
    /// Turns true where the client went away.
    pub gone: watch::Receiver<bool>,
    written: waiting::Receiver<()>,
}

impl Ends {
    /// Waits until the last answers are written, and not for ever.
    pub fn flush(&self) {
        // That it ended, or that nobody reads: there is nothing else to be done.
        let _ = self.written.recv_timeout(LAST_ANSWERS);
    }
}

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
#[error("the client reads no more")]
pub struct Gone;

/// Begins to read and to write.
///
/// # Errors
/// When the system gives no threads.
pub fn open() -> std::io::Result<(Stdio, Ends)> {
    let (message, heard) = mpsc::channel(WAITING);
    let (line, mut lines) = mpsc::channel::<Vec<u8>>(WAITING);
    let (ended, gone) = watch::channel(false);
    let (done, written) = waiting::channel();
    let (answers, no_reader) = (line.clone(), ended.clone());
    std::thread::Builder::new().name("mcp-write".into()).spawn(move || {
        let mut out = std::io::stdout().lock();
        while let Some(line) = lines.blocking_recv() {
            if out.write_all(&line).and_then(|()| out.flush()).is_err() {
                let _ = no_reader.send(true);
                break;
            }
        }
        let _ = done.send(());
    })?;
    std::thread::Builder::new().name("mcp-read".into()).spawn(move || {
        let input = std::io::BufReader::new(std::io::stdin().lock());
        listen(input, &message, &answers);
        // First: whoever works for the client stops, and its last messages are read after that.
        let _ = ended.send(true);
    })?;
    let stdio = Stdio {
        heard,
        said: Some(line),
        begun: false,
    };
    Ok((stdio, Ends { gone, written }))
}

/// Hands on each message until the input ends, and answers what is none.
fn listen(mut input: impl BufRead, message: &mpsc::Sender<ClientJsonRpcMessage>, answers: &mpsc::Sender<Vec<u8>>) {
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let read = if line.len() > LONGEST {
            let rest = input.skip_until(b'\n');
            let why = format!("the message is longer than {LONGEST} bytes and was not read");
            let answer = Err(error(&Value::Null, INVALID_REQUEST, &why));
            if rest.is_err() {
                return;
            }
            answer
        } else {
            read(&line)
        };
        let heard = match read {
            Ok(None) => true,
            Ok(Some(one)) => message.blocking_send(one).is_ok(),
            Err(answer) => answers.blocking_send(answer).is_ok(),
        };
        if !heard {
            return;
        }
    }
}

/// The message of a line, nothing where there is nothing to answer, or the answer to what is none.
fn read(line: &[u8]) -> Result<Option<ClientJsonRpcMessage>, Vec<u8>> {
    let line = line.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(line)
        .map_err(|why| error(&Value::Null, PARSE_ERROR, &format!("the line is no JSON: {why}")))?;
    let id = value.get("id").cloned();
    let is_id = id
        .as_ref()
        .is_some_and(|id| id.is_string() || id.is_i64() || id.is_u64());
    let answer_to = id.filter(|_| is_id).unwrap_or(Value::Null);
    if !value.is_object() {
        let why = "a message is one JSON object; batches are not part of the protocol";
        return Err(error(&answer_to, INVALID_REQUEST, why));
    }
    // What names a method and no id wants no answer, not even that it is wrong.
    let is_notification = value.get("method").is_some_and(Value::is_string) && value.get("id").is_none();
    match serde_json::from_value(value) {
        Ok(message) => Ok(Some(message)),
        Err(_) if is_notification => Ok(None),
        Err(_) => {
            let why = "the message is no request, response or notification of JSON-RPC 2.0: a request has `jsonrpc`: \"2.0\", an `id` that is a text or an integer, and a `method`";
            Err(error(&answer_to, INVALID_REQUEST, why))
        }
    }
}

fn error(id: &Value, code: i32, why: &str) -> Vec<u8> {
    let answer = json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": why}});
    format!("{answer}\n").into_bytes()
}

impl Transport<RoleServer> for Stdio {
    type Error = Gone;

    fn send(&mut self, item: ServerJsonRpcMessage) -> impl Future<Output = Result<(), Gone>> + Send + 'static {
        let said = self.said.clone();
        async move {
            let mut line = serde_json::to_vec(&item).map_err(|_| Gone)?;
            line.push(b'\n');
            said.ok_or(Gone)?.send(line).await.map_err(|_| Gone)
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            let message = self.heard.recv().await?;
            self.begun |= matches!(message, JsonRpcMessage::Request(_));
            if self.begun {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Gone> {
        self.said = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &[u8]) -> i64 {
        let answer: Value = serde_json::from_slice(&read(line).expect_err("an answer")).expect("JSON");
        answer["error"]["code"].as_i64().expect("a code")
    }

    #[test]
    fn what_is_no_message_is_answered() {
        for line in ["{", "nonsense", "\u{0}", "{\"jsonrpc\": }", "\u{feff}x"] {
            assert_eq!(code(line.as_bytes()), -32_700, "{line}");
        }
        assert_eq!(code(&[0xff, b'\n']), -32_700);
        assert_eq!(code("[".repeat(100_000).as_bytes()), -32_700);
        for line in [
            "[]",
            "3",
            "{}",
            "{\"jsonrpc\": \"2.0\", \"id\": {}, \"method\": \"ping\"}",
        ] {
            assert_eq!(code(line.as_bytes()), -32_600, "{line}");
        }
        assert!(read(b"\r\n").expect("nothing").is_none());
        let ping = read(b"{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}\r\n");
        assert!(matches!(ping, Ok(Some(JsonRpcMessage::Request(_)))));
    }

    #[test]
    fn what_is_too_long_is_skipped_and_what_follows_is_heard() {
        let (message, mut heard) = mpsc::channel(4);
        let (answers, mut answered) = mpsc::channel(4);
        let mut input = vec![b'x'; LONGEST + 10];
        input.extend_from_slice(b"\n{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}\n{\"jsonrpc\"");
        listen(&input[..], &message, &answers);
        let answer = answered.try_recv().expect("an answer");
        assert!(String::from_utf8_lossy(&answer).contains("longer than"));
        assert!(matches!(heard.try_recv(), Ok(JsonRpcMessage::Request(_))));
        // A line that breaks off is no message.
        assert!(answered.try_recv().is_ok());
    }
}
