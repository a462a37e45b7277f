//! Where is the linting done while the editor is answered? On a thread of its own, one run after the
//! other.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use gen_lsp_types::Range;

use super::places::Places;
use super::recover::Moved;
use super::shown::{self, Files, View};
use crate::check::{self, Options, Session, Stop};
use crate::diagnostic::Problem;
use crate::discover::Selection;
use crate::source::Sources;

/// As much as a run itself may need: what is typed is looked at before.
const STACK: usize = 1 << 30;

/// What is to be linted, as it stands at one moment.
#[derive(Debug)]
pub(super) struct Job {
    /// The folders, each linted as the command line would.
    pub(super) roots: Vec<PathBuf>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) selection: Selection,
    pub(super) pedantic: Option<bool>,
    pub(super) view: View,
    pub(super) stop: Stop,
}

#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) path: PathBuf,
    pub(super) version: i32,
    pub(super) text: Arc<str>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) outcome: Outcome,
    /// The versions of the buffers that were looked at.
    pub(super) versions: HashMap<PathBuf, i32>,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Linted {
        files: Files,
        log: Vec<String>,
    },
    /// Nobody waits for it any more.
    Stopped,
    Failed(String),
}

/// The thread; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: Sender<Job>,
    pub(super) done: Receiver<Done>,
}

impl Worker {
    /// # Errors
    /// The machine gives no thread.
    pub(super) fn start() -> std::io::Result<Worker> {
        let (jobs, todo) = unbounded::<Job>();
        let (told, done) = unbounded();
        thread::Builder::new().name("lint".into()).stack_size(STACK).spawn(move || {
            let mut runs = Runs::default();
            for job in todo {
                let versions = job.buffers.iter().map(|b| (b.path.clone(), b.version)).collect();
                let outcome = catch_unwind(AssertUnwindSafe(|| runs.run(job)));
                let outcome = outcome.unwrap_or_else(|panic| {
                    // What was kept may be half done.
                    runs = Runs::default();
                    Outcome::Failed(said(&*panic))
                });
                if told.send(Done { outcome, versions }).is_err() {
                    break;
                }
            }
        })?;
        Ok(Worker { jobs, done })
    }

    pub(super) fn run(&self, job: Job) {
        // Where the thread is gone, the closed channel `done` says so.
        drop(self.jobs.send(job));
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("for no reason it gave").to_string()
}

/// What is kept from run to run.
#[derive(Default)]
struct Runs {
    sessions: HashMap<PathBuf, Session>,
    /// What each open buffer said when it could be read last.
    good: HashMap<PathBuf, Arc<str>>,
}

/// A buffer that cannot be read while somebody types in it.
struct Broken {
    problem: Problem,
    range: Range,
    /// What is read in its place, and where its lines are by now.
    instead: Option<(Arc<str>, Moved)>,
}

impl Runs {
    fn run(&mut self, job: Job) -> Outcome {
        self.good.retain(|path, _| job.buffers.iter().any(|buffer| buffer.path == *path));
        self.sessions.retain(|root, _| job.roots.contains(root));
        let broken = self.broken(&job);
        let (mut files, mut log) = (Files::default(), Vec::new());
        let mut moved = HashMap::new();
        let mut problems = Vec::new();
        for (path, broken) in broken {
            if let Some((text, lines)) = broken.instead {
                moved.insert(path.clone(), lines);
                problems.push((path, text, broken.problem, broken.range));
            }
        }
        for root in &job.roots {
            let mut sources = Sources::default();
            for buffer in &job.buffers {
                let instead = problems.iter().find(|(path, ..)| *path == buffer.path);
                let text = instead.map_or(&buffer.text, |(_, text, ..)| text);
                sources.overlay(buffer.path.clone(), text.clone());
            }
            let selection = Selection { paths: vec![root.clone()], ..job.selection.clone() };
            let session = self.sessions.entry(root.clone()).or_default();
            let options = Options { pedantic: job.pedantic, ..Options::default() };
            let Some(report) = session.check(sources, &selection, &options, &job.stop) else {
                return Outcome::Stopped;
            };
            // A buffer that is no part of the tree may say what it likes.
            let read = |path: &PathBuf| report.sources.find(path).is_some();
            for (path, _, problem, range) in problems.iter().filter(|(path, ..)| read(path)) {
                let shown = shown::marked(problem, *range);
                let known = files.entry(path.clone()).or_default();
                if !known.contains(&shown) {
                    known.push(shown);
                }
            }
            shown::add(&mut files, &mut log, &report, &job.view, &moved);
        }
        Outcome::Linted { files, log }
    }

    /// The buffers that cannot be read as they are.
    fn broken(&mut self, job: &Job) -> HashMap<PathBuf, Broken> {
        let mut broken = HashMap::new();
        for Buffer { path, text, .. } in &job.buffers {
            if self.good.get(path) == Some(text) {
                continue;
            }
            let Some(problem) = check::mistake(path, text) else {
                self.good.insert(path.clone(), text.clone());
                continue;
            };
            let places = Places::new(text, job.view.units);
            let range = problem.at.map_or_else(Range::default, |at| places.range(at));
            let good = self.good.get(path).cloned().or_else(|| on_disk(path));
            let instead = good.map(|good| {
                let moved = Moved::between(&good, text);
                (good, moved)
            });
            broken.insert(path.clone(), Broken { problem, range, instead });
        }
        broken
    }
}

/// What was saved, where that can be read.
fn on_disk(path: &Path) -> Option<Arc<str>> {
    let mut sources = Sources::default();
    let file = sources.load(path).ok()?;
    let text = sources.get(file).text.clone();
    check::mistake(path, &text).is_none().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::super::places::Units;
    use super::*;

    /// Has a folder linted; what came of it.
    fn outcome(worker: &Worker, folder: &Path, stop: &Stop) -> Outcome {
        let (units, related, pages) = (Units::Utf16, true, None);
        worker.run(Job {
            roots: vec![folder.to_path_buf()],
            buffers: Vec::new(),
            selection: Selection::default(),
            pedantic: None,
            view: View { units, related, pages, uris: HashMap::new() },
            stop: stop.clone(),
        });
        worker.done.recv().expect("the thread goes on").outcome
    }

    #[test]
    fn a_run_that_nobody_waits_for_is_given_up_and_the_next_one_is_whole() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let service = "apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { \
                       sessionAffinity: ClientIP }\n";
        std::fs::write(folder.path().join("web.yaml"), service).expect("a file");
        let worker = Worker::start().expect("a thread");
        let outcome = |stop: &Stop| outcome(&worker, folder.path(), stop);
        let outdated = Stop::default();
        outdated.now();
        assert!(matches!(outcome(&outdated), Outcome::Stopped));
        let found = |told: Outcome| match told {
            Outcome::Linted { files, .. } => files.values().map(Vec::len).sum::<usize>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(found(outcome(&Stop::default())), 1);
        // Asked for at any moment, it is one or the other.
        for _ in 0..20 {
            let stop = Stop::default();
            let asks = stop.clone();
            let asking = thread::spawn(move || asks.now());
            let told = outcome(&stop);
            assert!(matches!(told, Outcome::Stopped | Outcome::Linted { .. }), "{told:?}");
            asking.join().expect("it asked");
        }
        assert_eq!(found(outcome(&Stop::default())), 1);
    }
}
