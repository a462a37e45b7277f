//! As which kinds of process does a deployment run a program, and with which words as another?

use super::runs::Run;
use crate::diagnostic::Process;

/// The kind of process that a program is, where the deployment says it: one that is run in several
/// ways is what serves. What is only run by hand or once is that as long as it is given no command:
/// then the command is.
pub fn process<'r>(runs: impl Iterator<Item = &'r Run> + Clone) -> Option<Process> {
    let open = runs.clone().any(|run| run.process.is_none() && !run.only_image);
    let told = runs.filter_map(|run| Some((run.process?, run)));
    let (process, run) = told.min_by_key(|(process, _)| *process)?;
    match process {
        Process::Admin if run.commands().next().is_some() => None,
        Process::Web => Some(process),
        _ => (!open).then_some(process),
    }
}

/// The words with which a program is run as something else than without them.
pub fn commands<'r>(runs: impl Iterator<Item = &'r Run> + Clone) -> Vec<(String, Process)> {
    let mut found: Vec<(String, Process)> = Vec::new();
    for run in runs.clone() {
        let Some(process) = run.process.filter(|process| *process != Process::Web) else {
            continue;
        };
        let elsewhere = |word: &str| {
            let mut others = runs.clone().filter(|other| other.process != Some(process));
            others.any(|other| other.commands().any(|one| one == word))
        };
        // Of `queue work` beside `queue show`, the second word tells.
        if let Some(word) = run.commands().find(|word| !elsewhere(word)) {
            let one = (word.to_string(), process);
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

impl Run {
    /// The first words that a program is given, where they may be commands.
    fn commands(&self) -> impl Iterator<Item = &str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let is = move |word: &&str| {
            word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.chars().all(plain)
        };
        self.arguments.iter().map(String::as_str).take_while(is).take(2)
    }
}
