//! Driving a started process as far as it goes by itself, for who waits for the answer.

#[cfg(feature = "runtime")]
pub(super) use with_driver::{check, drive};
#[cfg(not(feature = "runtime"))]
pub(super) use without_driver::{check, drive};

#[cfg(feature = "runtime")]
mod with_driver {
    use process_core::event::Decided;

    use super::super::given::Given;
    use crate::{
        answer::Answered,
        answers,
        approvals::OpenApproval,
        driving::{DriveOptions, Progress},
        error::Error,
        outcome::Changed,
        run::{Attendant, Said},
    };

    /// Checks whether the project can be driven so, before anything is started.
    pub(in super::super) fn check(given: &Given) -> Result<(), Error> {
        given.project.check_drive(&options(given))
    }

    /// Drives what was started, and answers with its outcome.
    pub(in super::super) fn drive(given: &Given, started: Changed) -> Result<Answered, Error> {
        let mut attendant = Unattended { yes: given.flag("yes"), warnings: started.notices };
        let (project, id) = (&given.project, started.process.id);
        project.run(id, &options(given), &mut attendant)?;
        Ok(answers::outcome(&project.status(Some(id))?).with_notices(attendant.warnings))
    }

    fn options(given: &Given) -> DriveOptions {
        DriveOptions { concurrency: given.count("concurrency"), ..DriveOptions::default() }
    }

    /// Approves what waits when it was told to, and listens to nothing.
    struct Unattended {
        yes: bool,
        warnings: Vec<String>,
    }

    impl Attendant for Unattended {
        fn told(&mut self, _: &Progress) {}

        fn warned(&mut self, message: &str) {
            self.warnings.push(message.to_owned());
        }

        fn decides(&self) -> bool {
            self.yes
        }

        fn decide(&mut self, _: &OpenApproval, _: &str) -> Result<Option<Said>, Error> {
            Ok(Some(Said { decision: Decided::Approved, comment: None, via: "--yes".to_owned() }))
        }
    }
}

#[cfg(not(feature = "runtime"))]
mod without_driver {
    use serde_json::Value;

    use super::super::given::Given;
    use crate::{
        answer::Answered,
        error::{Error, ErrorKind},
        outcome::Changed,
    };

    /// Refuses: nothing here can drive a process.
    pub(in super::super) fn check(_: &Given) -> Result<(), Error> {
        let message = "cannot drive a process: this program is built without a driver";
        Err(Error::new(ErrorKind::Invalid, message)
            .with_hint("`detach` only starts it; or build this program with the feature `runtime`"))
    }

    /// Refuses as [`check`] does, before which nothing is started.
    pub(in super::super) fn drive(given: &Given, _: Changed) -> Result<Answered, Error> {
        check(given).map(|()| Answered::new(Value::Null))
    }
}
