//! The step types with the keys that each one brings.

use super::keys::{Level, ROUTE, Shape, Type, key, required};

/// The step types, in the order of [`super::keys::STEP_TYPES`].
pub(super) static TYPES: [Type; 9] = [
    Type {
        name: "manual",
        spellings: &["todo", "task", "checklist", "human_task", "user_task", "manual_task"],
        level: &MANUAL,
    },
    Type {
        name: "agent_task",
        spellings: &["agent", "agenttask", "ai", "ai_task", "llm"],
        level: &AGENT_TASK,
    },
    Type {
        name: "command",
        spellings: &["cmd", "exec", "run", "shell", "script", "bash", "shell_command"],
        level: &COMMAND,
    },
    Type {
        name: "human_approval",
        spellings: &["approval", "approve", "human", "manual_approval", "user_approval"],
        level: &HUMAN_APPROVAL,
    },
    Type {
        name: "gateway",
        spellings: &[
            "branch",
            "decision",
            "switch",
            "exclusive_gateway",
            "parallel_gateway",
            "inclusive_gateway",
            "event_gateway",
            "xor",
            "xor_gateway",
        ],
        level: &GATEWAY,
    },
    Type {
        name: "timer",
        spellings: &["wait", "delay", "sleep", "wait_timer", "timer_event"],
        level: &TIMER,
    },
    Type { name: "notification", spellings: &["notify", "alert"], level: &NOTIFICATION },
    Type {
        name: "sub_process",
        spellings: &["subprocess", "call_process", "child_process", "call_activity", "process"],
        level: &SUB_PROCESS,
    },
    Type {
        name: "wait_for",
        spellings: &["message_event", "receive", "signal", "wait_for_event", "wait_for_message"],
        level: &WAIT_FOR,
    },
];

/// Returns the step type with this canonical name.
pub(super) fn step_type(name: &str) -> Option<&'static Type> {
    TYPES.iter().find(|kind| kind.name == name)
}

static MANUAL: Level = Level {
    keys: &[key("message", Shape::Text, "what is to be done")],
    spellings: &[("prompt", "message"), ("instruction", "message"), ("instructions", "message")],
};

static AGENT_TASK: Level = Level {
    keys: &[
        key("agent", Shape::Text, "the name of the agent; with `message`, or neither"),
        key("message", Shape::Text, "what it is told; with `agent`, or neither"),
        key("model", Shape::Text, "the model that it should use"),
        key("temperature", Shape::Number(1_000), "the temperature that it should use"),
    ],
    spellings: &[
        ("agent_name", "agent"),
        ("prompt", "message"),
        ("instruction", "message"),
        ("instructions", "message"),
    ],
};

static COMMAND: Level = Level {
    keys: &[
        required("run", Shape::Run, "the program and its arguments; with `shell` one text"),
        key("shell", Shape::Truth, "whether a shell reads the text"),
        key("env", Shape::Map, "variables of its environment"),
        key("cwd", Shape::Text, "the folder in which it runs"),
        key("stdin", Shape::Text, "what it reads"),
    ],
    spellings: &[
        ("command", "run"),
        ("cmd", "run"),
        ("script", "run"),
        ("argv", "run"),
        ("environment", "env"),
        ("working_directory", "cwd"),
        ("working_dir", "cwd"),
        ("workdir", "cwd"),
        ("dir", "cwd"),
    ],
};

static HUMAN_APPROVAL: Level = Level {
    keys: &[
        key("title", Shape::Text, "what it is about, in a line"),
        key("approvers", Shape::Texts, "who may decide; anybody when empty"),
        key("min_approvals", Shape::Whole, "how many approvals it takes; 1"),
        key("artifacts", Shape::Texts, "what is to be looked at"),
        key("on_timeout", Shape::One(ON_TIMEOUT), "what happens when its time is over; fail"),
        key("on_reject", Shape::One(ON_REJECT), "what a rejection does"),
        key("require_reason_on_reject", Shape::Truth, "whether a rejection needs a comment"),
    ],
    spellings: &[
        ("assignees", "approvers"),
        ("assignee", "approvers"),
        ("approver", "approvers"),
        ("reviewers", "approvers"),
        ("message", "description"),
        ("prompt", "description"),
        ("min_approvers", "min_approvals"),
        ("required_approvals", "min_approvals"),
        ("quorum", "min_approvals"),
        ("timeout_action", "on_timeout"),
        ("on_rejection", "on_reject"),
        ("on_rejected", "on_reject"),
        ("require_reason", "require_reason_on_reject"),
    ],
};

const ON_TIMEOUT: &[&str] = &["fail", "notify", "approve", "reject", "skip"];
const ON_REJECT: &[&str] = &["continue", "skip", "fail"];

static GATEWAY: Level = Level {
    keys: &[
        key("gateway_type", Shape::One(GATEWAY_TYPES), "how many routes it takes; exclusive"),
        required("routes", Shape::Objects(&ROUTE), "the routes"),
    ],
    spellings: &[
        ("conditions", "routes"),
        ("branches", "routes"),
        ("gateway_kind", "gateway_type"),
    ],
};

const GATEWAY_TYPES: &[&str] = &["exclusive", "parallel", "inclusive", "event"];

static TIMER: Level = Level {
    keys: &[
        key("delay", Shape::Text, "so much later, such as 1h30m"),
        key("wait_until", Shape::Text, "at a clock time such as 09:30, or at an instant"),
        key("timezone", Shape::Text, "the zone of a clock time; UTC"),
    ],
    spellings: &[
        ("duration", "delay"),
        ("wait", "delay"),
        ("sleep", "delay"),
        ("until", "wait_until"),
        ("at", "wait_until"),
        ("time_zone", "timezone"),
        ("tz", "timezone"),
    ],
};

/// What a notification has, as a step and at the end of a process.
pub(super) static NOTIFICATION: Level = Level {
    keys: &[
        key("channel", Shape::One(CHANNELS), "how it is told; log"),
        required("message", Shape::Text, "what is told"),
        key("recipients", Shape::Texts, "to whom"),
        key("url", Shape::Text, "the address of a webhook or of Slack"),
        key("subject", Shape::Text, "the subject of a mail"),
        key("headers", Shape::Map, "headers of a request"),
        key("method", Shape::Text, "the method of a request"),
        key("body", Shape::Any, "what a request carries in place of the message"),
        key("chat_id", Shape::Any, "the chat of a messenger"),
    ],
    spellings: &[
        ("text", "message"),
        ("content", "message"),
        ("recipient", "recipients"),
        ("to", "recipients"),
        ("webhook_url", "url"),
        ("webhook", "url"),
    ],
};

/// The keys of a notification that are for its channel alone.
pub(super) const OPTIONS: [&str; 5] = ["subject", "headers", "method", "body", "chat_id"];

const CHANNELS: &[&str] = &["log", "webhook", "slack", "email", "telegram"];

static SUB_PROCESS: Level = Level {
    keys: &[
        required("process", Shape::Text, "the name of the template"),
        key("version", Shape::Version, "the version of the template"),
        key("input", Shape::Map, "what it is given"),
        key("output_key", Shape::Text, "the key under which its outputs stand"),
        key("wait", Shape::Truth, "whether the step waits for its end; true"),
    ],
    spellings: &[
        ("process_name", "process"),
        ("template", "process"),
        ("input_mapping", "input"),
        ("wait_for_completion", "wait"),
    ],
};

static WAIT_FOR: Level = Level {
    keys: &[
        key("message", Shape::Text, "the name of a message"),
        key("correlation", Shape::Text, "the key of the message"),
        key("until", Shape::Expression, "what must hold"),
    ],
    spellings: &[
        ("message_name", "message"),
        ("event", "message"),
        ("signal", "message"),
        ("correlation_key", "correlation"),
        ("correlation_id", "correlation"),
    ],
};
