//! What may be done between two runs over one tree, and how is a run given up?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{judge, load, nothing};
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
pub struct Session {}

impl Session {
    /// Lints as [`check`](super::check) does; `None` where `stop` was asked for before the end.
    pub fn check(
        &mut self,
        sources: Sources,
        selection: &Selection,
        stop: &Stop,
    ) -> Option<Report> {
        // Bodies nest as deeply as their files: what walks them needs the stack that parsing had.
        std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(load::MOST_STACK);
            match builder.spawn_scoped(scope, || judge(sources, selection, stop)) {
                Ok(thread) => match thread.join() {
                    Ok(report) => report,
                    Err(panic) => std::panic::resume_unwind(panic),
                },
                Err(error) => {
                    let message = format!("no thread could be had: {error}");
                    Some(nothing(Sources::default(), &message))
                }
            }
        })
    }
}
