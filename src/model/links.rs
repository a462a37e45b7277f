//! Which packages are part of one program? A call through a trait runs no impl of a package that the
//! program is not built from, and what such a package hands over says nothing of the program.

use rustc_hash::FxHashSet;

use crate::flow::{Callee, Flow, NodeId};
use crate::resolve::Names;

/// The programs that come to serve, by the packages that they are built from.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// For each package, the programs that it is a part of; nothing where no program is known.
    of: Vec<FxHashSet<usize>>,
    /// Some call could else run what its program is not built from.
    pub(super) parts: bool,
}

impl Links {
    /// Of the programs with these `main` functions, and of whatever else handlers are built into.
    pub(super) fn of(
        names: &Names<'_>,
        flow: &Flow,
        mains: impl Iterator<Item = NodeId>,
        handlers: impl Iterator<Item = NodeId>,
    ) -> Links {
        let package = |node: NodeId| names.units[names.def(flow.node(node).def).unit].package;
        let programs: FxHashSet<usize> = mains.map(package).collect();
        if programs.is_empty() {
            return Links::default();
        }
        let mut of = vec![FxHashSet::default(); names.project.packages.len()];
        let add = |program: usize, of: &mut Vec<FxHashSet<usize>>| {
            for package in names.project.linked_into(program) {
                of[package].insert(program);
            }
        };
        for program in programs {
            add(program, &mut of);
        }
        // A function in the cloud is a library; so is a service of which another tree makes one.
        let handlers: FxHashSet<usize> = handlers.map(package).collect();
        let apart: Vec<usize> = handlers.into_iter().filter(|one| of[*one].is_empty()).collect();
        for program in (0..of.len()).filter(|_| !apart.is_empty()) {
            let parts = names.project.linked_into(program);
            if parts.iter().any(|part| apart.contains(part)) {
                add(program, &mut of);
            }
        }
        let mut links = Links { of, parts: false };
        links.parts = flow.calls.iter().any(|call| match &call.callee {
            Callee::Defs(defs) if defs.len() > 1 => {
                let from = names.def(flow.node(call.node).def).unit;
                defs.iter().any(|def| !links.join(names, from, names.def(*def).unit))
            }
            _ => false,
        });
        links
    }

    /// Whether one program may have both units in it; of what no program has, nothing is known.
    pub(super) fn join(&self, names: &Names<'_>, from: usize, to: usize) -> bool {
        let package = |unit: usize| names.units[unit].package;
        let Some(from) = self.of.get(package(from)).filter(|of| !of.is_empty()) else {
            return true;
        };
        !from.is_disjoint(&self.of[package(to)])
    }

    /// Whether there are programs, and none of them has a unit in it.
    pub(super) fn leave_out(&self, names: &Names<'_>, unit: usize) -> bool {
        self.of.get(names.units[unit].package).is_some_and(FxHashSet::is_empty)
    }
}
