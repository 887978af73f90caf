//! The command line.

use std::io;
use std::time::Duration;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Step through a program that has run, event by event, forwards and back.

cargo run --example stepper                      lists the stepper's own programs
cargo run --example stepper -- racing            steps one of them
cargo run --example stepper -- path/to/mine.rs   builds and runs a program of yours, and steps it
cargo run --example stepper -- echo_server       the same with an example of the package you are in
cargo run --example stepper -- run.jsonl         steps a recording from a file
cargo run --example stepper -- a.jsonl b.jsonl   steps the hosts of a simulation together, each from its
                                                 file; the name of a folder stands for all in it

mine.rs may be a program or an example of a cargo package. If it belongs to none, it needs only a
`main`, and may use the crates `runtime` and `server`. It is run with the environment variable
TREADLE_RECORD set, so each runtime that it builds is recorded. To record a program without the stepper,
build it with the feature `serde` of the crate `runtime`, and run
    TREADLE_RECORD=run.jsonl path/to/the/program
An old recording of that name is overwritten. The program's second runtime writes run-2.jsonl, and a
file ends after a million events. Each runtime has a clock of its own, which begins when the runtime is
built; so the stepper shows one runtime at a time.

options:
  --guess         ask before each event which of four it will be, and keep the score
  --plain         print every step, instead of a screen (the default if the output is not a terminal)
  --save FILE     write the recording to FILE, and show nothing; of several hosts, FILE is a folder; if a
                  program of yours builds several runtimes, the second of run.jsonl is run-2.jsonl
  --perfetto FILE write FILE for https://ui.perfetto.dev, and show nothing; each host, and each runtime, is
                  a process there
  --seed NUMBER   use another seed for what is random (the stepper's own programs)
  --watch         build, run and step again after each edit, at the same place (a program of yours)
  --runtime NUMBER
                  of several runtimes of a program of yours, take this one; 1 unless set
  --for SECONDS   end a program of yours after so long, if it has not ended by itself; 10 unless set
  --help          print this
On the screen, the key ? lists the keys.
";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The program, or files and folders with recordings.
    pub(crate) names: Vec<String>,
    pub(crate) help: bool,
    pub(crate) plain: bool,
    pub(crate) guess: bool,
    pub(crate) seed: Option<u64>,
    pub(crate) save: Option<String>,
    pub(crate) perfetto: Option<String>,
    pub(crate) watch: bool,
    pub(crate) patience: Option<Duration>,
    /// Counted from 1.
    pub(crate) runtime: Option<usize>,
}

/// What is stepped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One of the stepper's own programs.
    Own,
    /// The same, but built and run like a program of the reader's.
    OwnApart,
    /// A program of the reader's.
    Mine,
    Recordings,
}

impl Wanted {
    /// After how long a program of the reader's is ended.
    pub(crate) fn patience(&self) -> Duration {
        self.patience.unwrap_or(Duration::from_secs(10))
    }

    /// Whether every option means something for what is stepped.
    pub(crate) fn suits(&self, kind: Kind) -> io::Result<()> {
        let is_own = matches!(kind, Kind::Own | Kind::OwnApart);
        let is_built = matches!(kind, Kind::Mine | Kind::OwnApart);
        let problem = if self.seed.is_some() && !is_own {
            "--seed is for the stepper's own programs"
        } else if self.watch && kind != Kind::Mine {
            "--watch is for a program of yours: a file that ends in .rs, or an example"
        } else if self.patience.is_some() && !is_built {
            "--for is for a program of yours: a file that ends in .rs, or an example"
        } else if self.runtime.is_some() && !is_built {
            "--runtime is for a program of yours: a file that ends in .rs, or an example"
        } else {
            return Ok(());
        };
        Err(io::Error::other(problem))
    }
}

/// Reads the words after the program's name.
pub(crate) fn wanted(mut words: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted {
        names: Vec::new(),
        help: false,
        plain: false,
        guess: false,
        seed: None,
        save: None,
        perfetto: None,
        watch: false,
        patience: None,
        runtime: None,
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--help" | "-h" => wanted.help = true,
            "--guess" => wanted.guess = true,
            "--plain" => wanted.plain = true,
            "--watch" => wanted.watch = true,
            "--seed" => wanted.seed = Some(number("--seed", words.next())?),
            "--for" => wanted.patience = Some(Duration::from_secs(number("--for", words.next())?)),
            "--runtime" => wanted.runtime = Some(place("--runtime", words.next())?),
            "--save" => wanted.save = Some(file("--save", words.next())?),
            "--perfetto" => wanted.perfetto = Some(file("--perfetto", words.next())?),
            option if option.starts_with('-') => {
                return Err(format!("there is no option {option}; --help lists them"));
            }
            _ => wanted.names.push(word),
        }
    }
    Ok(wanted)
}

fn file(option: &str, word: Option<String>) -> Result<String, String> {
    word.ok_or_else(|| format!("{option} wants a file after it"))
}

fn number(option: &str, word: Option<String>) -> Result<u64, String> {
    let number = word.and_then(|word| word.parse().ok());
    number.ok_or_else(|| format!("{option} wants a number after it"))
}

/// A number from 1 on.
fn place(option: &str, word: Option<String>) -> Result<usize, String> {
    let place = word.and_then(|word| word.parse().ok());
    let place = place.filter(|place| *place > 0);
    place.ok_or_else(|| format!("{option} wants a number from 1 on after it"))
}
