//! Who performs the steps of a project: its own programs, and handlers of the program that embeds us.

use process_runtime::{
    Team,
    drive::Slot,
    handlers::{
        self, AgentCommand, AgentHandler, CommandHandler, NotificationHandler, Programs, Secrets,
        Told,
    },
};
use tokio::sync::mpsc;

use crate::{
    config::{CONCURRENCY, CONCURRENCY_MAX, Config},
    config_channels::{Channels, EmailServer, EmailTls, TelegramBot},
    config_team::{Agent, AgentInput},
    desk::Desk,
    driving::{DriveOptions, Progress},
    error::{Error, ErrorKind},
    project::Procside,
};

/// What the configuration shows as its default is what a driver takes.
const _: () = assert!(CONCURRENCY == process_runtime::CONCURRENCY);

impl Procside {
    /// Returns the handlers of whoever embeds us, and behind them those of the configuration.
    pub(crate) fn team(
        &self,
        config: &Config,
        options: &DriveOptions,
        notifications: NotificationHandler,
    ) -> Result<Team, Error> {
        let limit = limit_of(config, options)?;
        let mut team = options.team.clone().map(|team| team.0).unwrap_or_default();
        if let Some(limit) = limit {
            team = team.with_limit(limit);
        }
        let programs = Programs::new(self.root());
        team = team
            .or(Slot::Command, CommandHandler::new(programs.clone()))
            .or(Slot::Notification, notifications);
        for (name, agent) in &config.agents {
            let slot = Slot::Agent(name.clone());
            let handler = AgentHandler::new(command_of(agent), programs.clone());
            team = team.or(slot.clone(), handler);
            if let Some(limit) = agent.limit {
                team = team.with_limit_of(&slot, limit);
            }
        }
        Ok(team)
    }
}

/// Returns how many attempts are performed at once; `None` for as many as usual.
pub(crate) fn limit_of(config: &Config, options: &DriveOptions) -> Result<Option<usize>, Error> {
    let limit = options.concurrency.or(config.concurrency);
    if limit.is_some_and(|limit| limit == 0 || limit > CONCURRENCY_MAX) {
        let message = format!("1 to {CONCURRENCY_MAX} attempts can be performed at once");
        return Err(Error::new(ErrorKind::Invalid, message));
    }
    Ok(limit)
}

/// Returns what tells people something, on the channels of the configuration.
pub(crate) fn notifications(
    config: &Config,
    desk: Option<Desk>,
    progress: mpsc::UnboundedSender<Progress>,
) -> NotificationHandler {
    NotificationHandler::new(
        channels_of(&config.channels),
        Secrets::from_environment(),
        move |line: &str| match &desk {
            Some(desk) => desk.note(),
            None => drop(progress.send(Progress::Said { line: line.to_owned() })),
        },
    )
}

fn command_of(agent: &Agent) -> AgentCommand {
    AgentCommand {
        command: agent.command.clone(),
        input: match agent.input {
            AgentInput::Argument => Told::Argument,
            AgentInput::Stdin => Told::Stdin,
        },
        env: agent.env.clone(),
        cwd: agent.cwd.clone(),
        timeout: agent.timeout,
    }
}

fn channels_of(channels: &Channels) -> handlers::Channels {
    handlers::Channels {
        webhook_url: channels.webhook_url.clone(),
        slack_url: channels.slack_url.clone(),
        telegram: channels.telegram.as_ref().map(telegram_of),
        email: channels.email.as_ref().map(email_of),
    }
}

fn telegram_of(bot: &TelegramBot) -> handlers::TelegramBot {
    handlers::TelegramBot {
        token: bot.token.clone(),
        chat_id: bot.chat_id.clone(),
        base_url: bot.base_url.clone(),
    }
}

fn email_of(server: &EmailServer) -> handlers::EmailServer {
    handlers::EmailServer {
        host: server.host.clone(),
        port: server.port,
        tls: match server.tls {
            EmailTls::Always => handlers::EmailTls::Always,
            EmailTls::Never => handlers::EmailTls::Never,
            EmailTls::StartTls => handlers::EmailTls::StartTls,
        },
        username: server.username.clone(),
        password: server.password.clone(),
        from: server.from.clone(),
    }
}
