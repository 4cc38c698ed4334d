//! Notifications and notices: the log, and what is refused before anything is sent.

use std::sync::{Arc, Mutex};

#[cfg(feature = "http")]
use process_runtime::handlers::TelegramBot;
use process_runtime::handlers::{Channels, NotificationHandler};
use serde_json::{Value, json};

use super::support::{Tried, attempt, block_on, secrets};

pub(super) fn handler(channels: Channels) -> (NotificationHandler, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    let log = move |line: &str| log.lock().unwrap().push(line.to_owned());
    (NotificationHandler::new(channels, secrets(), log), lines)
}

pub(super) fn notify(channels: Channels, task: Value) -> Tried {
    attempt(&handler(channels).0, task)
}

#[cfg(feature = "http")]
fn bot() -> Channels {
    let bot = TelegramBot { token: "${TOKEN}".to_owned(), chat_id: None, base_url: None };
    Channels { telegram: Some(bot), ..Channels::default() }
}

#[test]
fn the_log_is_where_messages_go_that_name_no_channel() {
    let (handler, lines) = handler(Channels::default());
    let output = attempt(&handler, json!({"type": "notification", "message": "hi ${TOKEN}"}));
    assert_eq!(output.output(), json!({"channel": "log"}));
    attempt(&handler, json!({"type": "notification", "channel": "log", "message": 5})).output();
    assert_eq!(*lines.lock().unwrap(), ["hi ${TOKEN}", "5"]);
}

#[test]
fn a_notification_that_lacks_something_says_what() {
    let error = |task: Value| notify(Channels::default(), task).error();
    assert_eq!(error(json!({})), "the notification has no `message`");
    assert_eq!(
        error(json!({"channel": "pigeon", "message": "x"})),
        "channel `pigeon` is none of log, webhook, slack, email, telegram"
    );
    let long = "x".repeat(1024 * 1024 + 1);
    assert_eq!(error(json!({"message": long})), "the message has 1048577 bytes, more than 1048576");
    let many = vec!["a@example.org"; 101];
    assert_eq!(
        error(json!({"message": "x", "recipients": many})),
        "101 recipients are more than 100"
    );
}

#[cfg(feature = "email")]
#[test]
fn mail_without_a_server_or_recipients_says_so() {
    let error = |task: Value| notify(Channels::default(), task).error();
    assert_eq!(
        error(json!({"channel": "email", "message": "x", "recipients": ["a@example.org"]})),
        "no server is configured for the channel `email`"
    );
}

#[cfg(feature = "http")]
#[test]
fn a_request_that_lacks_something_says_what() {
    let error = |task: Value| notify(Channels::default(), task).error();
    for channel in ["webhook", "slack"] {
        assert_eq!(
            error(json!({"channel": channel, "message": "x"})),
            format!("channel `{channel}` needs a `url`")
        );
    }
    assert_eq!(
        error(json!({"channel": "telegram", "message": "x"})),
        "no bot is configured for the channel `telegram`"
    );
    assert_eq!(
        notify(bot(), json!({"channel": "telegram", "message": "x"})).error(),
        "`chat_id` is missing"
    );
    assert_eq!(
        notify(bot(), json!({"channel": "telegram", "message": "x".repeat(4_097)})).error(),
        "the message has 4097 characters, more than the 4096 of Telegram"
    );
    assert_eq!(
        error(json!({"channel": "slack", "message": "é".repeat(40_001)})),
        "the message has 40001 characters, more than the 40000 of Slack"
    );
    let webhook = |key: &str, value: Value| {
        let mut task = json!({"channel": "webhook", "message": "x", "url": "http://127.0.0.1:9/"});
        task[key] = value;
        error(task)
    };
    assert_eq!(webhook("method", json!("GET")), "`method` is none of POST, PUT, PATCH");
    assert_eq!(webhook("headers", json!([])), "`headers` is no map");
    assert_eq!(
        webhook("headers", json!({"a": "x\r\ny: ${TOKEN}"})),
        "a header has a name or value that HTTP does not allow"
    );
    assert_eq!(
        webhook("headers", json!({"a": "${GONE}"})),
        "secret `GONE` is not set in the environment"
    );
    assert_eq!(webhook("url", json!("file:///etc/passwd")), "`url` is no address");
    assert_eq!(
        webhook("url", json!("ftp://example.org/")),
        "`url` begins with neither `https://` nor `http://`"
    );
    assert_eq!(webhook("url", json!("no address")), "`url` is no address");
}

#[test]
fn notices_go_to_the_log_with_those_whom_they_are_for() {
    let (handler, lines) = handler(Channels::default());
    let notices = [
        json!({"type": "step", "role": "informed", "recipients": ["ada", "b@example.org"],
               "step": "draft", "status": "completed"}),
        json!({"type": "approval_overdue", "recipients": [], "step": "review", "title": "Release"}),
        json!({"type": "notification", "channel": "log", "message": "done"}),
    ];
    for notice in notices {
        block_on(handler.tell("proc-001/7", &notice)).unwrap();
    }
    let expected = [
        "step `draft` has ended: completed (for ada, b@example.org)",
        "approval `Release` of step `review` is late",
        "done",
    ];
    assert_eq!(*lines.lock().unwrap(), expected);
}

#[cfg(not(any(feature = "email", feature = "http")))]
#[test]
fn a_channel_that_was_not_built_in_says_so() {
    let error = |channel: &str| {
        notify(Channels::default(), json!({"channel": channel, "message": "x"})).error()
    };
    for channel in ["webhook", "slack", "telegram"] {
        let expected = "is not there: this program was built without `http`";
        assert_eq!(error(channel), format!("channel `{channel}` {expected}"));
    }
    assert_eq!(
        error("email"),
        "channel `email` is not there: this program was built without `email`"
    );
}
