//! A server on this machine that plays its part once and then is gone.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread::{self, JoinHandle},
    time::Duration,
};

/// A server that answers so many connections; what each of them said comes back at the end.
pub(crate) struct Server {
    pub(crate) port: u16,
    thread: JoinHandle<Vec<String>>,
}

impl Server {
    /// Answers as many connections as there are answers, each with the next.
    pub(crate) fn http(answers: Vec<String>) -> Self {
        Self::start(answers, |stream, answer| {
            let heard = request(&stream);
            // A client may have hung up already.
            let _ = (&stream).write_all(answer.as_bytes());
            heard
        })
    }

    /// Plays a mail server; each answer is said once, to greet, and to each command in turn.
    pub(crate) fn smtp(answers: &[&str]) -> Self {
        Self::start(vec![answers.join("\u{0}")], |stream, answers| dialogue(&stream, &answers))
    }

    fn start(
        answers: Vec<String>,
        serve: impl Fn(TcpStream, String) -> String + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = thread::spawn(move || {
            let serve = |answer| {
                let (stream, _) = listener.accept().unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                serve(stream, answer)
            };
            answers.into_iter().map(serve).collect()
        });
        Self { port, thread }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Waits until all answers were given, and returns what was heard.
    pub(crate) fn heard(self) -> Vec<String> {
        self.thread.join().unwrap()
    }
}

pub(crate) fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// Reads a request with its body.
fn request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    let mut length = 0;
    loop {
        let before = text.len();
        if reader.read_line(&mut text).unwrap_or(0) == 0 || text[before..].trim().is_empty() {
            break;
        }
        let line = text[before..].to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    text.push_str(&String::from_utf8_lossy(&body));
    text
}

/// Says an answer to each line; a mail is one line, up to its dot.
fn dialogue(stream: &TcpStream, answers: &str) -> String {
    let mut reader = BufReader::new(stream);
    let mut heard = String::new();
    let mut is_mail = false;
    for answer in answers.split('\0') {
        let _ = (&mut &*stream).write_all(format!("{answer}\r\n").as_bytes());
        loop {
            let before = heard.len();
            if reader.read_line(&mut heard).unwrap_or(0) == 0 {
                return heard;
            }
            if !is_mail || heard[before..].trim_end() == "." {
                break;
            }
        }
        is_mail = !is_mail && heard.ends_with("DATA\r\n");
    }
    heard
}
