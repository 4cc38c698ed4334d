//! The keys of the language, level by level: what reading, searching for the nearest key, and the JSON Schema share.

/// What a key holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// What is told at the end of a process.
    Announcements,
    /// Any value.
    Any,
    /// How a step is undone: a step type with its keys.
    Compensation,
    /// An amount of money, as text or number.
    Cost,
    /// A length of time.
    Duration,
    /// A condition.
    Expression,
    /// A step id.
    Id,
    /// Step ids.
    Ids,
    /// A map from names to inputs.
    Inputs,
    /// How many arcs a step waits for.
    Join,
    /// A map of any values.
    Map,
    /// A number from zero to this.
    Number(u32),
    /// A map with these keys.
    Object(&'static Level),
    /// A list of maps with these keys.
    Objects(&'static Level),
    /// What happens to a failure.
    OnError,
    /// One of these words.
    One(&'static [&'static str]),
    /// A program with its arguments.
    Run,
    /// The steps.
    Steps,
    /// Text.
    Text,
    /// A list of texts.
    Texts,
    /// The triggers.
    Triggers,
    /// True or false.
    Truth,
    /// A number or a text.
    Version,
    /// A whole number of one or more.
    Whole,
}

/// One key of a level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) is_required: bool,
    /// What it says, for editors.
    pub(super) about: &'static str,
}

/// The keys that one kind of map can have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) keys: &'static [Key],
    /// Keys that others write, and the key that they mean.
    pub(super) spellings: &'static [(&'static str, &'static str)],
}

/// One value of `type`, with the keys that it brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub(super) name: &'static str,
    /// Other names of it.
    pub(super) spellings: &'static [&'static str],
    pub(super) level: &'static Level,
}

pub(super) const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, is_required: false, about }
}

pub(super) const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, is_required: true, about }
}

impl Level {
    /// Returns the key with this name.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Returns the key that others write like this.
    pub(super) fn spelling(&self, name: &str) -> Option<&'static str> {
        self.spellings.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
    }
}

/// Keys of the root that belong to templates; a definition keeps them as they are.
pub(super) const KEPT: [&str; 7] =
    ["$schema", "id", "goal", "tags", "extends", "remove_steps", "risks"];

/// Keys of the root of a stored definition that a file may not have.
pub(super) const BACK_ROUTES: &str = "back_routes";

/// The root.
pub(super) static ROOT: Level = Level {
    keys: &[
        required("name", Shape::Text, "what people call it"),
        key("version", Shape::Version, "its version"),
        key("description", Shape::Text, "what it is for"),
        key("input", Shape::Inputs, "what it takes, by name"),
        key("budget", Shape::Object(&BUDGET), "what it may cost"),
        key("max_visits", Shape::Whole, "how often loops may visit a step; 100"),
        key("stop_grace", Shape::Duration, "how long running steps have to end; 10s"),
        key("triggers", Shape::Triggers, "what starts it"),
        required("steps", Shape::Steps, "its steps"),
        key("outputs", Shape::Objects(&OUTPUT), "what it gives"),
        key("on_success", Shape::Announcements, "who is told when it completes"),
        key("on_failure", Shape::Announcements, "who is told when it fails"),
    ],
    spellings: &[
        ("title", "name"),
        ("parameters", "input"),
        ("params", "input"),
        ("inputs", "input"),
        ("trigger", "triggers"),
        ("tasks", "steps"),
        ("nodes", "steps"),
        ("max_cost", "budget"),
        ("on_complete", "on_success"),
        ("on_completion", "on_success"),
        ("on_error", "on_failure"),
    ],
};

/// One input.
pub(super) static INPUT: Level = Level {
    keys: &[
        key("type", Shape::One(INPUT_TYPES), "what kind of value it is"),
        key("required", Shape::Truth, "whether it must be given"),
        key("default", Shape::Any, "its value when none is given"),
        key("description", Shape::Text, "what it is for"),
    ],
    spellings: &[("default_value", "default"), ("desc", "description")],
};

/// The kinds of an input.
pub(super) const INPUT_TYPES: &[&str] =
    &["string", "integer", "number", "boolean", "array", "object"];

/// What a process may cost.
pub(super) static BUDGET: Level = Level {
    keys: &[
        key("cost", Shape::Cost, "the most that may be spent"),
        key("on_exceed", Shape::One(ON_EXCEED), "what happens then; pause"),
    ],
    spellings: BUDGET_SPELLINGS,
};

/// What a step may cost.
pub(super) static STEP_BUDGET: Level = Level {
    keys: &[
        key("cost", Shape::Cost, "what is reserved for an attempt"),
        key("on_exceed", Shape::One(ON_EXCEED), "what happens when it could not be paid"),
    ],
    spellings: BUDGET_SPELLINGS,
};

const BUDGET_SPELLINGS: &[(&str, &str)] = &[
    ("reserve", "cost"),
    ("max_cost", "cost"),
    ("limit", "cost"),
    ("amount", "cost"),
    ("on_exceeded", "on_exceed"),
];

const ON_EXCEED: &[&str] = &["pause", "fail"];

/// The triggers.
pub(super) static TRIGGERS: [Type; 3] = [
    Type { name: "manual", spellings: &["by_hand"], level: &TRIGGER_MANUAL },
    Type { name: "schedule", spellings: &["cron", "scheduled", "timer"], level: &TRIGGER_SCHEDULE },
    Type { name: "webhook", spellings: &["http", "hook"], level: &TRIGGER_WEBHOOK },
];

static TRIGGER_MANUAL: Level = Level { keys: &[], spellings: &[] };

static TRIGGER_SCHEDULE: Level = Level {
    keys: &[
        key("id", Shape::Text, "what tells it apart"),
        required("cron", Shape::Text, "five fields: minute, hour, day, month, weekday"),
        key("timezone", Shape::Text, "the zone of the hours; UTC"),
    ],
    spellings: &[
        ("schedule", "cron"),
        ("expression", "cron"),
        ("pattern", "cron"),
        ("tz", "timezone"),
        ("time_zone", "timezone"),
    ],
};

static TRIGGER_WEBHOOK: Level = Level {
    keys: &[key("id", Shape::Text, "what tells it apart")],
    spellings: &[("webhook", "id"), ("name", "id")],
};

/// What every trigger has.
pub(super) static TRIGGER: Level = Level {
    keys: &[required("type", Shape::One(&["manual", "schedule", "webhook"]), "what starts it")],
    spellings: &[("kind", "type")],
};

/// One output.
pub(super) static OUTPUT: Level = Level {
    keys: &[
        required("name", Shape::Text, "its name"),
        required("value", Shape::Text, "its value"),
        key("description", Shape::Text, "what it is"),
    ],
    spellings: &[("source", "value"), ("expression", "value"), ("from", "value")],
};

/// Something that is told at the end.
pub(super) static ANNOUNCEMENT: Level = Level {
    keys: &[required("type", Shape::One(&["log", "notification"]), "how it is told")],
    spellings: &[("kind", "type")],
};

/// What every step can have.
pub(super) static STEP: Level = Level {
    keys: &[
        required("id", Shape::Id, "unique among the steps"),
        key("name", Shape::Text, "what people call it"),
        key("description", Shape::Text, "more about it"),
        key("type", Shape::One(STEP_TYPES), "what is to be done; manual"),
        key("depends_on", Shape::Ids, "the steps that it waits for"),
        key("join", Shape::Join, "how many of them: all, all_completed, any, each or a number"),
        key("condition", Shape::Expression, "what must hold for it to run"),
        key("foreach", Shape::Object(&FOREACH), "one visit for each item of a list"),
        key("repeat", Shape::Object(&REPEAT), "visits until something holds"),
        key("timeout", Shape::Duration, "how long an attempt, an approval or a wait may take"),
        key("retry", Shape::Object(&RETRY), "how often it is tried"),
        key("on_error", Shape::OnError, "what happens when it has failed; fail_process"),
        key("compensation", Shape::Compensation, "how it is undone"),
        key("mutex", Shape::Text, "steps with one name here never run at the same time"),
        key("cancels", Shape::Ids, "steps that are cancelled when this one completes"),
        key("heartbeat", Shape::Duration, "the longest silence of an attempt"),
        key("delivery", Shape::One(DELIVERY), "whether an attempt may be performed again"),
        key("budget", Shape::Object(&STEP_BUDGET), "what it may cost"),
        key("max_visits", Shape::Whole, "how often loops may visit it"),
        key("roles", Shape::Object(&ROLES), "who is told about it"),
        key("inputs", Shape::Texts, "what it takes, in words"),
        key("outputs", Shape::Texts, "what it gives, in words"),
        key("checks", Shape::Texts, "what must hold when it is done, in words"),
    ],
    spellings: &[
        ("step_id", "id"),
        ("kind", "type"),
        ("step_type", "type"),
        ("when", "condition"),
        ("if", "condition"),
        ("needs", "depends_on"),
        ("after", "depends_on"),
        ("depends", "depends_on"),
        ("dependencies", "depends_on"),
        ("requires", "depends_on"),
        ("for_each", "foreach"),
        ("retry_policy", "retry"),
        ("retries", "retry"),
        ("on_failure", "on_error"),
        ("on_fail", "on_error"),
        ("error_handling", "on_error"),
        ("compensate", "compensation"),
        ("rollback", "compensation"),
        ("max_cost", "budget"),
        ("lock", "mutex"),
        ("delivery_guarantee", "delivery"),
    ],
};

const DELIVERY: &[&str] = &["at_least_once", "at_most_once"];

/// The step types.
pub(super) const STEP_TYPES: &[&str] = &[
    "manual",
    "agent_task",
    "command",
    "human_approval",
    "gateway",
    "timer",
    "notification",
    "sub_process",
    "wait_for",
];

/// What a compensation has beside the keys of its type.
pub(super) static COMPENSATION: Level = Level {
    keys: &[
        required("type", Shape::One(COMPENSATION_TYPES), "what is to be done"),
        key("timeout", Shape::Duration, "how long an attempt may take"),
        key("retry", Shape::Object(&RETRY), "how often it is tried"),
    ],
    spellings: &[("kind", "type"), ("retry_policy", "retry"), ("retries", "retry")],
};

/// The step types that can undo something.
pub(super) const COMPENSATION_TYPES: &[&str] =
    &["manual", "agent_task", "command", "notification", "sub_process"];

/// One visit for each item.
pub(super) static FOREACH: Level = Level {
    keys: &[
        required("in", Shape::Any, "the list, or an expression that gives one"),
        key("as", Shape::Text, "a name for the item, beside `item`"),
        key("max_parallel", Shape::Whole, "how many visits run at once"),
        key("wait", Shape::Truth, "whether followers wait for the last item; true"),
    ],
    spellings: &[
        ("items", "in"),
        ("list", "in"),
        ("over", "in"),
        ("item", "as"),
        ("var", "as"),
        ("item_name", "as"),
        ("concurrency", "max_parallel"),
        ("parallel", "max_parallel"),
        ("max_concurrency", "max_parallel"),
    ],
};

/// Visits until something holds.
pub(super) static REPEAT: Level = Level {
    keys: &[
        required("until", Shape::Expression, "what must hold"),
        key("max", Shape::Whole, "the most turns; 100"),
        key("delay", Shape::Duration, "how long it is waited between turns"),
    ],
    spellings: &[
        ("condition", "until"),
        ("max_iterations", "max"),
        ("max_attempts", "max"),
        ("times", "max"),
        ("limit", "max"),
        ("interval", "delay"),
    ],
};

/// How often something is tried.
pub(super) static RETRY: Level = Level {
    keys: &[
        required("max_attempts", Shape::Whole, "the most attempts, the first included"),
        key("initial_delay", Shape::Duration, "the delay before the second attempt; 1s"),
        key("backoff", Shape::One(BACKOFF), "how the delay grows; exponential"),
        key("multiplier", Shape::Number(1_000), "the factor of an exponential delay; 2"),
        key("max_delay", Shape::Duration, "the longest delay"),
        key("jitter", Shape::Number(1), "how much of a delay is left to chance, 0 to 1"),
    ],
    spellings: &[
        ("attempts", "max_attempts"),
        ("max", "max_attempts"),
        ("max_tries", "max_attempts"),
        ("delay", "initial_delay"),
        ("interval", "initial_delay"),
        ("initial_interval", "initial_delay"),
        ("backoff_delay", "initial_delay"),
        ("backoff_type", "backoff"),
        ("strategy", "backoff"),
        ("backoff_rate", "multiplier"),
        ("backoff_multiplier", "multiplier"),
        ("backoff_coefficient", "multiplier"),
        ("factor", "multiplier"),
        ("max_interval", "max_delay"),
        ("max_backoff", "max_delay"),
    ],
};

const BACKOFF: &[&str] = &["fixed", "linear", "exponential"];

/// Who is told about a step.
pub(super) static ROLES: Level = Level {
    keys: &[
        key("monitors", Shape::Texts, "who is told about failures and ends"),
        key("informed", Shape::Texts, "who is told about the end"),
    ],
    spellings: &[("monitor", "monitors"), ("observers", "informed")],
};

/// A route of a gateway.
pub(super) static ROUTE: Level = Level {
    keys: &[
        key("condition", Shape::Expression, "what must hold for it to be taken"),
        key("default", Shape::Truth, "whether it is taken when no other is"),
        required("next", Shape::Id, "where it leads; null = nothing follows"),
    ],
    spellings: &[
        ("expression", "condition"),
        ("when", "condition"),
        ("if", "condition"),
        ("target", "next"),
        ("goto", "next"),
        ("to", "next"),
        ("step", "next"),
        ("is_default", "default"),
    ],
};
