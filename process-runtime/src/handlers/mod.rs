//! The handlers that are built in: programs, agents, messages to people.

#[cfg(unix)]
mod agent;
#[cfg(unix)]
mod child;
#[cfg(unix)]
mod command;
#[cfg(unix)]
mod context;
#[cfg(unix)]
mod gave;
#[cfg(unix)]
mod group;
mod notification;
#[cfg(unix)]
mod outputs;
#[cfg(unix)]
mod program;
mod reading;
mod secrets;
#[cfg(unix)]
mod task;
mod trial;

#[cfg(unix)]
pub use agent::{AgentCommand, AgentHandler, Told};
#[cfg(unix)]
pub use command::CommandHandler;
#[cfg(unix)]
pub(crate) use group::Group;
pub use notification::{Channels, EmailServer, EmailTls, NotificationHandler, TelegramBot};
#[cfg(unix)]
pub use program::Programs;
pub use secrets::{HIDDEN_BYTES_MIN, Masker, Missing, Secrets};
pub use trial::Trial;
