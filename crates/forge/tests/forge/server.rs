//! A server that answers from a table and remembers what it was asked.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub line: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Asked {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// What it answers.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub after: Duration,
}

pub fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        body: body.to_owned(),
        after: Duration::ZERO,
    }
}

pub fn ok(body: &str) -> Reply {
    reply(200, body)
}

impl Reply {
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// A server; what its table does not have is a 404. `[HERE]` in a header is its own address.
#[derive(Clone)]
pub struct Server {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start(table: &[(&str, Reply)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let table: HashMap<String, Reply> = table
            .iter()
            .map(|(line, reply)| ((*line).to_owned(), reply.clone()))
            .collect();
        let server = Self {
            address,
            asked: Arc::default(),
        };
        let serving = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (server, table) = (serving.clone(), table.clone());
                std::thread::spawn(move || while server.serve(&stream, &table).is_some() {});
            }
        });
        server
    }

    fn serve(&self, mut stream: &TcpStream, table: &HashMap<String, Reply>) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            (reader.read_line(&mut line).ok()? > 0).then_some(())?;
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let headers: HashMap<String, String> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().expect("a length"));
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let line = lines[0].trim_end_matches(" HTTP/1.1").to_owned();
        let reply = table
            .get(&line)
            .cloned()
            .unwrap_or_else(|| reply(404, r#"{"message": "Not Found"}"#));
        let body = String::from_utf8(body).expect("UTF-8");
        self.asked.lock().expect("a list").push(Asked { line, headers, body });
        std::thread::sleep(reply.after);
        let mut head = format!(
            "HTTP/1.1 {} x\r\nContent-Length: {}\r\n",
            reply.status,
            reply.body.len()
        );
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {}\r\n", value.replace("[HERE]", &self.address)));
        }
        stream.write_all(format!("{head}\r\n{}", reply.body).as_bytes()).ok()
    }

    /// All that it was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a list").clone()
    }

    /// Methods and paths of all that it was asked, in order.
    pub fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}
