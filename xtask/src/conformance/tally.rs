//! What an implementation made of the cases.

/// What an implementation is called, and what it did.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) ran: Ran,
}

/// What an implementation did.
#[derive(Debug)]
pub(super) enum Ran {
    /// The cases of these files.
    Files(Vec<Tally>),
    /// Nothing, since this is missing here.
    Missing(Vec<String>),
    /// Nothing, since it went wrong.
    Broken(String),
}

/// The cases of a file.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) file: &'static str,
    pub(super) passed: usize,
    pub(super) failed: Vec<Failed>,
}

/// A case that failed.
#[derive(Debug, PartialEq)]
pub(super) struct Failed {
    pub(super) name: String,
    pub(super) why: String,
}

impl Row {
    /// Whether nothing failed, and nothing is missing where nothing may be.
    pub(super) fn is_good(&self, needs_all: bool) -> bool {
        match &self.ran {
            Ran::Files(files) => files.iter().all(|file| file.failed.is_empty()),
            Ran::Missing(_) => !needs_all,
            Ran::Broken(_) => false,
        }
    }
}

impl Tally {
    /// Runs cases: each is done, or says why it is not.
    pub(super) fn of<C>(
        file: &'static str,
        cases: &[C],
        name: impl Fn(&C) -> &str,
        run: impl Fn(&C) -> Result<(), String>,
    ) -> Self {
        let mut tally = Self {
            file,
            passed: 0,
            failed: Vec::new(),
        };
        for case in cases {
            match run(case) {
                Ok(()) => tally.passed += 1,
                Err(why) => tally.failed.push(Failed {
                    name: name(case).to_owned(),
                    why,
                }),
            }
        }
        tally
    }

    pub(super) fn cases(&self) -> usize {
        self.passed + self.failed.len()
    }
}

/// Done where both are the same.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    got: T,
    expected: T,
) -> Result<(), String> {
    if got == expected {
        return Ok(());
    }
    Err(format!("{what} is {got:?} and has to be {expected:?}"))
}
