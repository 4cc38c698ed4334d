//! Notifications and notices: each told once.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use super::events;
use crate::project::{Project, finish};

/// A server that answers each request by the next status, and keeps what it was sent.
fn server(statuses: &'static [&'static str]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = requests.clone();
    thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = String::new();
            let mut chunk = [0; 4096];
            while !text.contains("\r\n\r\n") || !text.ends_with('}') {
                let length = stream.read(&mut chunk).unwrap();
                text.push_str(&String::from_utf8_lossy(&chunk[..length]));
            }
            kept.lock().unwrap().push(text);
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (port, requests)
}

#[test]
fn a_webhook_is_tried_again_and_notices_are_told_once() {
    let (port, requests) = server(&["500 Oh", "204 Fine", "204 Fine"]);
    let text = format!(
        "name: F
steps:
  - {{id: log, type: notification, message: 'to the log'}}
  - {{id: send, type: notification, channel: webhook, url: 'http://127.0.0.1:{port}/${{TOKEN}}', message: hey, retry: {{max_attempts: 2, initial_delay: 50ms}}}}
on_success: [{{type: log, message: all is well}}, {{type: notification, channel: webhook, url: 'http://127.0.0.1:{port}/end', message: fine}}]
"
    );
    let project = Project::with_files(&[("f.yaml", &text)]);
    let run = |args: &[&str]| {
        let mut command = project.command(args);
        command.env("TOKEN", "a-secret-path");
        finish(command.spawn().unwrap(), "run")
    };
    let output = run(&["run", "f.yaml"]);
    assert_eq!(output.code, Some(0), "{output:#?}");
    assert!(output.stderr.contains("» to the log") && output.stderr.contains("» all is well"));
    assert!(!run(&["run", "proc-001"]).stderr.contains("all is well"), "it is told once");
    let requests = requests.lock().unwrap();
    assert_eq!(requests.len(), 3, "{requests:#?}");
    assert!(
        requests[0].starts_with("POST /a-secret-path ")
            && requests[0].ends_with("{\"message\":\"hey\"}")
    );
    assert!(requests[0].contains("proc-001/send/1/1") && requests[1].contains("proc-001/send/1/2"));
    assert!(requests[2].starts_with("POST /end "));
    assert!(
        project
            .content()
            .values()
            .all(|text| text.contains("id: send, type") || !text.contains("a-secret-path"))
    );
}

#[test]
fn a_notice_that_cannot_be_told_is_given_up_and_holds_up_nobody() {
    let text = "name: F
steps:
  - {id: log, type: notification, message: hi}
on_success: [{type: notification, channel: webhook, url: 'http://127.0.0.1:9/', message: fine}]
";
    let project = Project::with_files(&[("f.yaml", text)]);
    let output = project.ok(&["run", "f.yaml"]);
    assert_eq!(output.stderr.matches("cannot send to").count(), 3, "{output:#?}");
    let last = events(&project, "proc-001").pop().unwrap();
    assert_eq!(last["type"], "effect_settled");
}
