//! Mail, with a server on this machine that says its part.

use process_runtime::handlers::{Channels, EmailServer, EmailTls};
use serde_json::{Value, json};

use super::{
    notification::{handler, notify},
    server::Server,
    support::{TOKEN, block_on},
};

/// What a server says when all goes well: to greet, and to each command.
const WELL: [&str; 7] =
    ["220 here", "250 here", "250 ok", "250 ok", "354 go", "250 taken", "221 bye"];

fn channels(port: u16) -> Channels {
    let server = EmailServer {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: EmailTls::Never,
        username: None,
        password: None,
        from: "Process <procside@example.org>".to_owned(),
    };
    Channels { email: Some(server), ..Channels::default() }
}

fn mail(task: Value, answers: &[&str]) -> (Result<Value, String>, String) {
    let server = Server::smtp(answers);
    let mut task = task;
    task["channel"] = "email".into();
    let tried = notify(channels(server.port), task);
    let heard = server.heard().remove(0);
    (tried.result.map(|done| done.output).map_err(|failed| failed.error), heard)
}

#[test]
fn a_mail_goes_to_all_recipients_at_once() {
    let task = json!({
        "message": "It is done.\n.\nBye", "subject": "Gr\u{fc}\u{df}e\r\nBcc: evil@example.org",
        "recipients": ["ada@example.org", "Bob <bob@example.org>"],
    });
    let mut answers = WELL.to_vec();
    answers.insert(3, "250 ok");
    let (result, heard) = mail(task, &answers);
    assert_eq!(result, Ok(json!({"channel": "email"})));
    for line in [
        "MAIL FROM:<procside@example.org>",
        "RCPT TO:<ada@example.org>",
        "RCPT TO:<bob@example.org>",
        "It is done.\r\n..\r\nBye",
    ] {
        assert!(heard.contains(line), "{line}: {heard}");
    }
    assert!(!heard.contains("\nBcc:"), "{heard}");
}

#[test]
fn a_mail_without_a_subject_takes_its_first_line() {
    let task = json!({"message": "Late again\nmore", "recipients": ["ada@example.org"]});
    let (result, heard) = mail(task, &WELL);
    assert!(result.is_ok());
    assert!(heard.contains("Subject: Late again\r\n"), "{heard}");
}

#[test]
fn a_server_that_refuses_fails_the_attempt_with_its_words() {
    let task = json!({"message": "x", "recipients": ["ada@example.org"]});
    let (result, _) = mail(task.clone(), &["220 here", "250 here", "250 ok", "550 no such user"]);
    let error = result.unwrap_err();
    assert!(error.starts_with("cannot send mail by `127.0.0.1`: "), "{error}");
    assert!(error.contains("no such user"), "{error}");
    let (result, _) = mail(task, &["HTTP/1.1 400 Bad Request"]);
    assert!(result.is_err());
}

#[test]
fn a_password_goes_out_only_encrypted_and_is_told_to_nobody() {
    let task = json!({"channel": "email", "message": "x", "recipients": ["ada@example.org"]});
    let server = Server::smtp(&[
        "220 here",
        "250-here\r\n250 AUTH PLAIN LOGIN",
        "535 bad password sesame-open",
    ]);
    let mut known = channels(server.port);
    let email = known.email.as_mut().unwrap();
    email.username = Some("me".to_owned());
    email.password = Some("${TOKEN}".to_owned());
    let error = notify(known.clone(), task.clone()).error();
    server.heard();
    assert!(error.contains("bad password ***") && !error.contains(TOKEN), "{error}");

    let email = known.email.as_mut().unwrap();
    email.host = "mail.example.org".to_owned();
    assert_eq!(
        notify(known.clone(), task.clone()).error(),
        "a password goes to `mail.example.org` only encrypted"
    );
    known.email.as_mut().unwrap().tls = EmailTls::StartTls;
    known.email.as_mut().unwrap().host = "127.0.0.1".to_owned();
    let server = Server::smtp(&["220 here", "250 here", "221 bye"]);
    known.email.as_mut().unwrap().port = Some(server.port);
    let error = notify(known, task).error();
    let heard = server.heard().remove(0);
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
    assert!(error.starts_with("cannot send mail by `127.0.0.1`: "), "{error}");
}

#[test]
fn an_address_that_is_none_is_named() {
    let error = |recipients: Value| {
        let task = json!({"channel": "email", "message": "x", "recipients": recipients});
        notify(channels(9), task).error()
    };
    assert_eq!(error(json!([])), "`recipients` is empty");
    assert!(error(json!(["ada"])).starts_with("`ada` in `recipients` is no address: "));
    let injected = error(json!(["a@example.org\r\nBcc: b@example.org"]));
    assert!(injected.contains("is no address"), "{injected}");
}

#[test]
fn notices_go_by_mail_to_those_who_have_an_address() {
    let server = Server::smtp(&WELL);
    let (handler, lines) = handler(channels(server.port));
    let notice = json!({
        "type": "approval_overdue", "step": "review", "title": "Release",
        "recipients": ["manager@example.org", "ada"],
    });
    block_on(handler.tell("proc-001/7", &notice)).unwrap();
    let heard = server.heard().remove(0);
    assert!(heard.contains("RCPT TO:<manager@example.org>"), "{heard}");
    assert!(heard.contains("approval `Release` of step `review` is late"), "{heard}");
    assert_eq!(lines.lock().unwrap().len(), 1);
}
