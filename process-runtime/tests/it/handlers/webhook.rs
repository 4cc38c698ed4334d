//! Webhooks, Slack and Telegram, with servers on this machine.

use process_runtime::{
    Handler,
    handlers::{Channels, TelegramBot, Trial},
};
use serde_json::{Value, json};

use super::{
    notification::{handler, notify},
    server::{Server, answer},
    support::{TOKEN, block_on},
};

/// Sends a webhook with these options to a server that answers so.
fn webhook(options: Value, answer: String) -> (Result<Value, String>, String) {
    let server = Server::http(vec![answer]);
    let mut task = json!({"type": "notification", "channel": "webhook", "message": "hi"});
    for (key, value) in options.as_object().unwrap() {
        task[key] = value.clone();
    }
    let path = options["url"].as_str().unwrap_or("/hook");
    task["url"] = server.url(path).into();
    let tried = notify(Channels::default(), task);
    let heard = server.heard().remove(0);
    (tried.result.map(|done| done.output).map_err(|failed| failed.error), heard)
}

/// Splits a request into its lines but for the host, and its body.
fn parts(request: &str) -> (Vec<&str>, &str) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head.lines().filter(|line| !line.starts_with("host:")).collect(), body)
}

#[test]
fn a_webhook_carries_the_message_the_options_and_the_key() {
    let options = json!({
        "url": "/hook?key=${TOKEN}", "recipients": ["ada"], "severity": 3,
        "headers": {"Authorization": "Bearer ${TOKEN}"},
    });
    let (result, heard) = webhook(options, answer("200 OK", "thanks"));
    assert_eq!(result, Ok(json!({"channel": "webhook", "status": 200})));
    let (head, body) = parts(&heard);
    assert_eq!(head[0], format!("POST /hook?key={TOKEN} HTTP/1.1"));
    for line in [
        "content-type: application/json",
        "idempotency-key: proc-001/step/1/1",
        "authorization: Bearer sesame-open",
        concat!("user-agent: procside/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.contains(&line), "{line}: {head:?}");
    }
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, json!({"message": "hi", "recipients": ["ada"], "severity": 3}));
}

#[test]
fn a_webhook_may_carry_something_else_by_another_method() {
    let options =
        json!({"method": "put", "body": {"a": [1]}, "headers": {"Content-Type": "application/x"}});
    let (result, heard) = webhook(options, answer("204 No Content", ""));
    assert_eq!(result, Ok(json!({"channel": "webhook", "status": 204})));
    let (head, body) = parts(&heard);
    assert_eq!(head[0], "PUT /hook HTTP/1.1");
    assert!(head.contains(&"content-type: application/x"));
    assert_eq!(head.iter().filter(|line| line.starts_with("content-type")).count(), 1);
    assert_eq!(body, r#"{"a":[1]}"#);
}

#[test]
fn an_answer_that_is_no_success_fails_with_its_beginning_and_without_secrets() {
    let options = || json!({"url": "/${TOKEN}"});
    let (result, _) = webhook(options(), answer("500 Oops", "no route\nto /sesame-open"));
    assert_eq!(
        result,
        Err("`127.0.0.1` answered 500 Internal Server Error: no route to /***".to_owned())
    );
    let (result, _) = webhook(options(), answer("404 Not Found", ""));
    assert_eq!(result, Err("`127.0.0.1` answered 404 Not Found".to_owned()));
    let (result, _) = webhook(options(), answer("400 Bad Request", &"x".repeat(500_000)));
    let error = result.unwrap_err();
    assert!(error.len() < 400, "{}", error.len());
    // An answer that ends within a secret shows nothing of it.
    let cut = "HTTP/1.1 400 Bad Request\r\ncontent-length: 99\r\n\r\nbad sesame-op".to_owned();
    let (result, _) = webhook(options(), cut);
    assert_eq!(result, Err("`127.0.0.1` answered 400 Bad Request: bad".to_owned()));
}

#[test]
fn a_redirect_is_not_followed() {
    let moved = "HTTP/1.1 307 Moved\r\nlocation: http://evil.example/?q=sesame-open\r\ncontent-length: 0\r\n\r\n";
    let (result, _) = webhook(json!({"url": "/${TOKEN}"}), moved.to_owned());
    assert_eq!(
        result,
        Err("`127.0.0.1` answered 307 Temporary Redirect to `http://evil.example/?q=***`, which is \
             not followed"
            .to_owned())
    );
}

#[test]
fn a_server_that_speaks_no_http_or_is_not_there_fails_the_attempt() {
    let (result, _) = webhook(json!({}), "SSH-2.0-sesame\r\n".to_owned());
    assert!(result.unwrap_err().starts_with("cannot send to `127.0.0.1`: "));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let task = |scheme: &str, port: u16| {
        let url = format!("{scheme}://127.0.0.1:{port}/");
        json!({"channel": "webhook", "message": "x", "url": url})
    };
    let error = notify(Channels::default(), task("http", port)).error();
    assert!(error.starts_with("cannot send to `127.0.0.1`: "), "{error}");
    assert!(error.contains("refused"), "{error}");
    // Neither does one without encryption where there should be some.
    let server = Server::http(vec![answer("200 OK", "")]);
    let error = notify(Channels::default(), task("https", server.port)).error();
    server.heard();
    assert!(!error.is_empty());
}

#[test]
fn slack_gets_its_text() {
    let server = Server::http(vec![answer("200 OK", "ok")]);
    let channels =
        Channels { slack_url: Some(server.url("/services/${TOKEN}")), ..Channels::default() };
    let task = json!({"type": "notification", "channel": "slack", "message": "hi \"you\""});
    assert_eq!(notify(channels, task).output(), json!({"channel": "slack", "status": 200}));
    let heard = server.heard().remove(0);
    let (head, body) = parts(&heard);
    assert_eq!(head[0], "POST /services/sesame-open HTTP/1.1");
    assert_eq!(body, r#"{"text":"hi \"you\""}"#);
}

#[test]
fn telegram_tells_each_chat() {
    let tell = |task: Value, answers: Vec<String>| {
        let server = Server::http(answers);
        let bot = TelegramBot {
            token: "12:${TOKEN}".to_owned(),
            chat_id: Some("home".to_owned()),
            base_url: Some(server.url("/")),
        };
        let channels = Channels { telegram: Some(bot), ..Channels::default() };
        let mut task = task;
        task["channel"] = "telegram".into();
        task["message"] = "hi".into();
        let result = notify(channels, task).result;
        (result.map_err(|failed| failed.error), server.heard())
    };
    let ok = || answer("200 OK", "{\"ok\":true}");
    let (result, heard) = tell(json!({"recipients": ["a", "b"]}), vec![ok(), ok()]);
    assert!(result.is_ok());
    for (heard, chat) in heard.iter().zip(["a", "b"]) {
        assert!(heard.starts_with("POST /bot12:sesame-open/sendMessage HTTP/1.1"), "{heard}");
        assert!(heard.ends_with(&format!("{{\"chat_id\":\"{chat}\",\"text\":\"hi\"}}")), "{heard}");
    }
    let (_, heard) = tell(json!({"recipients": ["a"], "chat_id": -5}), vec![ok()]);
    assert!(heard[0].ends_with("{\"chat_id\":\"-5\",\"text\":\"hi\"}"), "{heard:?}");
    let (_, heard) = tell(json!({}), vec![ok()]);
    assert!(heard[0].contains("\"home\""));
    let bad = answer("401 Unauthorized", "{\"ok\":false,\"description\":\"no 12:sesame-open\"}");
    let (result, _) = tell(json!({}), vec![bad]);
    assert_eq!(
        result.unwrap_err(),
        "`127.0.0.1` answered 401 Unauthorized: {\"ok\":false,\"description\":\"no ***\"}"
    );
}

#[test]
fn a_message_that_is_being_sent_keeps_nobody_waiting() {
    // Nobody takes this connection, so there is no answer.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let (handler, _) = handler(Channels::default());
    let (work, trial) = Trial::new(json!({"channel": "webhook", "message": "x", "url": url}));
    trial.stop();
    let failed = block_on(handler.perform(work)).expect_err("it is stopped");
    assert_eq!(failed.error, "stopped while the message was sent, which may have arrived");
}
