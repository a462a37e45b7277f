//! What may be done between two runs over one tree, and how is a run given up?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::kept::Kept;
use super::{Options, Run, judge, nothing, one};
use crate::diagnostic::Report;
use crate::discover::Selection;
use crate::source::Sources;

/// Says, from any thread, that nobody waits for a run any more.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the run to end as soon as it can.
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// `None` where the run is to end, for `?`.
    pub(super) fn goes_on(&self) -> Option<()> {
        (!self.asked()).then_some(())
    }
}

/// Runs over one tree that follow each other, as in an editor.
#[derive(Debug, Default)]
pub struct Session {
    kept: Kept,
}

impl Session {
    /// Lints as [`check_with`](super::check_with) does; `None` where `stop` was asked for before the
    /// end.
    pub fn check(
        &mut self,
        sources: Sources,
        selection: &Selection,
        options: &Options,
        stop: &Stop,
    ) -> Option<Report> {
        self.run(sources, selection, options, stop).map(|run| run.report)
    }

    pub(super) fn run(
        &mut self,
        mut sources: Sources,
        selection: &Selection,
        options: &Options,
        stop: &Stop,
    ) -> Option<Run> {
        self.kept.number(&mut sources);
        let kept = &mut self.kept;
        // Bodies nest as deeply as their files: what walks them needs the stack that parsing had.
        let run = std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(one::MOST_STACK);
            match builder.spawn_scoped(scope, || judge(sources, selection, options, kept, stop)) {
                Ok(thread) => thread.join(),
                Err(error) => {
                    let message = format!("no thread could be had: {error}");
                    Ok(Some(nothing(Sources::default(), &message)))
                }
            }
        });
        run.unwrap_or_else(|panic| {
            // What was to be kept may be half done.
            self.kept = Kept::default();
            std::panic::resume_unwind(panic)
        })
    }
}
