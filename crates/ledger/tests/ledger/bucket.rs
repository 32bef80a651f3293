//! Several writers on a bucket that nobody can lock, some of them slow.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterproof_ledger::{
    Bucket, Error, KeyKind, Ledger, NewRecord, Outcome, SigningKey, Storage, Verification, verify,
};

use crate::support::{ORIGIN, at, verdict};

/// A server of objects with versions. What a writer marked as slow asks for waits a little, by chance.
#[derive(Default)]
struct Server {
    objects: Mutex<HashMap<String, (u64, Vec<u8>)>>,
    requests: AtomicU64,
    /// Every so many requests that write are carried out and not answered.
    forgets: u64,
}

impl Server {
    fn start(forgets: u64) -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/bucket", listener.local_addr().unwrap());
        let server = Arc::new(Self {
            forgets,
            ..Self::default()
        });
        let serving = Arc::clone(&server);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let server = Arc::clone(&serving);
                std::thread::spawn(move || while server.serve(stream.as_ref().unwrap()).is_some() {});
            }
        });
        (server, address)
    }

    fn serve(&self, mut stream: &TcpStream) -> Option<()> {
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
        let header = |name: &str| {
            let mut found = lines.iter().filter_map(|line| line.split_once(": "));
            found
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        };
        let length = header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let is_slow = header("authorization").as_deref() == Some("Bearer slow");
        if is_slow && number.is_multiple_of(3) {
            std::thread::sleep(Duration::from_millis(number % 40));
        }
        let mut words = lines[0].split(' ');
        let (method, path) = (words.next()?, words.next()?);
        let (status, version, content) = self.answer(method, path, &header, body);
        if method == "PUT" && self.forgets > 0 && number % self.forgets == 1 {
            return None;
        }
        let length = content.len();
        let head = format!("HTTP/1.1 {status} x\r\nETag: \"{version}\"\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(&[head.as_bytes(), &content].concat()).ok()
    }

    fn answer(
        &self,
        method: &str,
        path: &str,
        header: &dyn Fn(&str) -> Option<String>,
        body: Vec<u8>,
    ) -> (u16, u64, Vec<u8>) {
        let mut objects = self.objects.lock().unwrap();
        let there = objects.get(path).cloned();
        let version = there.as_ref().map_or(0, |(version, _)| *version);
        match method {
            "GET" => there.map_or((404, 0, Vec::new()), |(version, content)| (200, version, content)),
            "DELETE" => {
                objects.remove(path);
                (204, 0, Vec::new())
            }
            "PUT" => {
                let expected = header("if-match");
                let is_absent = header("if-none-match").is_some() && there.is_none();
                if !is_absent && expected != Some(format!("\"{version}\"")) {
                    return (412, version, Vec::new());
                }
                objects.insert(path.to_owned(), (version + 1, body));
                (200, version + 1, Vec::new())
            }
            _ => (405, 0, Vec::new()),
        }
    }
}

fn open(address: &str, token: &str, key: &SigningKey) -> Ledger {
    let storage = Arc::new(Bucket::new(address, Some(token)));
    Ledger::open(storage, ORIGIN, &[key.verifying()])
        .unwrap()
        .with_signer(key.clone())
}

fn begun(address: &str) -> (SigningKey, Ledger) {
    let key = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    let storage = Arc::new(Bucket::new(address, None));
    let ledger = Ledger::create(storage, ORIGIN, key.clone(), at(0)).unwrap();
    (key, ledger)
}

fn verified(address: &str, key: &SigningKey) -> Outcome {
    let keys = [key.verifying()];
    let against = Verification {
        origin: ORIGIN,
        keys: &keys,
        ..Verification::default()
    };
    verify(&Bucket::new(address, None), &against).unwrap()
}

#[test]
fn eight_writers_append_everything_once() {
    let (_server, address) = Server::start(0);
    let (key, ledger) = begun(&address);
    std::thread::scope(|scope| {
        for writer in 0..8_u64 {
            let (address, key) = (&address, &key);
            scope.spawn(move || {
                let ledger = open(address, if writer < 3 { "slow" } else { "quick" }, key);
                for number in 0..12 {
                    let count = 1 + (number + writer) % 9;
                    let each = |at: u64| verdict(10_000 * writer + 100 * number + at, at == 0);
                    let records: Vec<NewRecord> = (0..count).map(each).collect();
                    let appended = ledger.append(&records, at(number)).unwrap();
                    assert_eq!(appended.len(), records.len());
                    for (appended, record) in appended.iter().zip(&records) {
                        assert_eq!(ledger.record(appended.index).unwrap().subject, record.subject);
                    }
                }
            });
        }
    });
    let expected: u64 = (0..8)
        .flat_map(|writer| (0..12).map(move |number| 1 + (number + writer) % 9))
        .sum();
    assert_eq!(ledger.size().unwrap(), 1 + expected);
    let commits: BTreeSet<_> = ledger
        .records(1..9999)
        .unwrap()
        .map(|each| each.unwrap().1.subject.commit)
        .collect();
    assert_eq!(commits.len() as u64, expected);
    let outcome = verified(&address, &key);
    assert!(matches!(outcome, Outcome::SelfConsistentOnly(_)), "{outcome:?}");
}

#[test]
fn a_server_that_forgets_to_answer_makes_errors_and_never_two_entries_of_one() {
    let (_server, address) = Server::start(17);
    // The very first requests are answered: those numbered 1, 18, 35, … are not, if they write.
    let storage = Arc::new(Bucket::new(&address, None));
    assert!(storage.read("nothing").unwrap().is_none() && storage.read("nothing").unwrap().is_none());
    let key = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    let ledger = Ledger::create(storage, ORIGIN, key.clone(), at(0)).unwrap();
    let mut accepted = 0;
    for number in 1..150 {
        match ledger.append(&[verdict(number, false)], at(number)) {
            Ok(_) => accepted += 1,
            Err(Error::Storage { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    let commits: Vec<_> = ledger
        .records(1..9999)
        .unwrap()
        .map(|each| each.unwrap().1.subject.commit)
        .collect();
    let different: BTreeSet<_> = commits.iter().collect();
    assert_eq!(different.len(), commits.len());
    assert!(
        accepted > 100 && commits.len() >= accepted,
        "{accepted}, {}",
        commits.len()
    );
    assert!(verified(&address, &key).tampering().is_none());
}

#[test]
fn what_a_crashed_writer_left_is_adopted_or_replaced() {
    let (server, address) = Server::start(0);
    let (key, ledger) = begun(&address);
    ledger.append(&[verdict(1, false)], at(1)).unwrap();
    let objects = || server.objects.lock().unwrap();
    let committed = objects()["/bucket/checkpoint"].clone();
    ledger.append(&[verdict(2, false)], at(2)).unwrap();
    // As if that writer had not come to the checkpoint: what it left extends what is committed.
    objects().insert("/bucket/checkpoint".to_owned(), committed);
    let other = open(&address, "quick", &key);
    assert_eq!(other.append(&[verdict(3, false)], at(3)).unwrap()[0].index, 3);
    assert_eq!(other.record(2).unwrap().subject, verdict(2, false).subject);
    // And something that does not.
    objects().insert("/bucket/tile/entries/000.p/5".to_owned(), (1, b"\0\x02{}".to_vec()));
    objects().insert("/bucket/tile/0/000.p/5".to_owned(), (1, b"rubbish".to_vec()));
    assert_eq!(other.append(&[verdict(4, false)], at(4)).unwrap()[0].index, 4);
    assert!(verified(&address, &key).tampering().is_none());
}

#[test]
fn keys_change_and_payloads_go_in_a_bucket_too() {
    let (_server, address) = Server::start(0);
    let (key, mut ledger) = begun(&address);
    ledger.append(&[verdict(1, true)], at(1)).unwrap();
    let stale = open(&address, "quick", &key);
    let next = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    ledger.rotate_key(next, at(2)).unwrap();
    assert!(matches!(
        stale.append(&[verdict(2, false)], at(3)),
        Err(Error::OtherKey { .. })
    ));
    ledger.redact(1, "k", b"asked for", at(4)).unwrap();
    assert_eq!(ledger.payload(1).unwrap(), None);
    let outcome = verified(&address, &key);
    assert!(
        matches!(&outcome, Outcome::SelfConsistentOnly(whole) if whole.redacted == 1),
        "{outcome:?}"
    );
}

#[test]
fn a_bucket_that_refuses_says_so() {
    let storage = Arc::new(Bucket::new("http://127.0.0.1:9/none", None));
    let error = Ledger::open(storage, ORIGIN, &[]).err().unwrap();
    assert!(
        error
            .to_string()
            .starts_with("failed to read http://127.0.0.1:9/none/checkpoint of the ledger"),
        "{error}"
    );
}
