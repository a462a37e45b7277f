//! Where do logs go? To files of this machine, to the standard output, or to both.

use rustc_hash::FxHashSet;

use super::roots::Root;
use super::states::Parts;
use super::{Lies, Model};
use crate::catalog::{DiskEffect, Doing, Role};
use crate::flow::{Call, CallId, NodeId, Val};
use crate::resolve::{DefId, T, Type};

/// Notes the files that logs go to; gives the calls that open them.
pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) -> FxHashSet<CallId> {
    let mut files: Vec<CallId> = parts.doing(Doing::LogFile).map(|(id, ..)| id).collect();
    let mut streams: Vec<(CallId, usize)> = Vec::new();
    for (id, call, _) in parts.doing(Doing::LogStream) {
        streams.push((id, parts.unit(call)));
    }
    for does in [Doing::LogTo, Doing::LogOnlyTo] {
        for (id, call, fact) in parts.doing(does) {
            let Some(writer) = parts.argument(call, fact.at) else { continue };
            let target = parts.target(*writer);
            if !target.files.is_empty() || target.standard || target.nowhere {
                // What was going to the standard output goes there now.
                let told = call.args.first().map(|on| parts.noted(*on)).unwrap_or_default();
                streams.retain(|(stream, _)| !told.contains(stream));
            }
            if target.standard && (does == Doing::LogTo || !target.files.is_empty()) {
                streams.push((id, parts.unit(call)));
            }
            files.extend(target.files);
        }
    }
    files.sort();
    files.dedup();
    for id in files.iter().filter(|id| parts.selected(**id)) {
        let call = parts.flow.call(*id);
        let fact = parts.fact(call);
        let mut deed = parts.describe(*id, fact);
        let path = parts.argument(call, fact.and_then(|fact| fact.at));
        let roots = path.map(|path| parts.places.path_roots(path.from)).unwrap_or_default();
        deed.setting = parts.setting(&roots.all);
        deed.lies = Lies::of(parts.names, &roots);
        let unit = parts.unit(call);
        if let Some((stream, _)) = streams.iter().find(|(_, of)| *of == unit) {
            deed.besides = true;
            let call = parts.flow.call(*stream);
            deed.because.push(parts.step(call.node, call.at, "goes to the standard output too"));
        }
        model.logs.push(deed);
    }
    files.into_iter().collect()
}

/// What a logger is made around is followed this far.
const FARTHEST: u8 = 2;

/// What a writer writes to.
#[derive(Default)]
struct Target {
    files: Vec<CallId>,
    standard: bool,
    nowhere: bool,
}

impl Parts<'_, '_, '_> {
    fn unit(&self, call: &Call) -> usize {
        self.names.def(self.flow.node(call.node).def).unit
    }

    fn target(&self, writer: Val) -> Target {
        let mut target = Target::default();
        self.written_to(writer, &mut target);
        let mut at = writer.ty;
        for _ in 0..4 {
            match &*self.names.types.get(at) {
                Type::Closure(node) => {
                    let from = self.flow.node(NodeId(*node)).returns;
                    self.written_to(Val { ty: T::UNKNOWN, from }, &mut target);
                    break;
                }
                Type::Local(of, _) => {
                    self.held_files(*of, &mut target, 0);
                    break;
                }
                Type::External(_, args) if !args.is_empty() => at = args[0],
                _ => break,
            }
        }
        target
    }

    fn written_to(&self, writer: Val, target: &mut Target) {
        for root in self.places.path_roots(writer.from).all {
            match root {
                Root::Answer(id) => {
                    let Some(fact) = self.fact(self.flow.call(id)) else { continue };
                    let opens = matches!(fact.disk, Some(DiskEffect::Open | DiskEffect::Write));
                    target.standard |= fact.does == Some(Doing::StandardOutput);
                    target.nowhere |= fact.does == Some(Doing::Nowhere);
                    if opens || fact.does == Some(Doing::LogFile) {
                        target.files.push(id);
                    }
                }
                Root::Outside(path) => {
                    let fact = self.names.catalog.call(&self.names.externals.get(path).text);
                    let does = fact.and_then(|fact| fact.does);
                    target.standard |= does == Some(Doing::StandardOutput);
                    target.nowhere |= does == Some(Doing::Nowhere);
                }
                _ => {}
            }
        }
    }

    /// Files in the fields of a writer or logger of the tree, or in what that is made around; and
    /// whether it writes to the standard output, too.
    fn held_files(&self, of: DefId, target: &mut Target, far: u8) {
        target.standard |= self.writes_out(of);
        for field in self.names.fields(of) {
            let ty = self.names.field_type(of, field, &[]);
            if self.is_file(ty, 0) {
                for from in self.places.stores.get(&(of, field.name)).into_iter().flatten() {
                    self.written_to(Val { ty, from: *from }, target);
                }
                continue;
            }
            match &*self.names.types.get(self.places.content(ty)) {
                Type::Local(inner, _) if far < FARTHEST => {
                    self.held_files(*inner, target, far + 1);
                }
                _ => {}
            }
        }
    }

    /// Whether a trait has a type write to the standard output.
    fn writes_out(&self, of: DefId) -> bool {
        let blocks = self.names.impls.for_type(of);
        let traits =
            |block: &DefId| self.names.impls.of(*block).is_some_and(|block| block.of.is_some());
        // What the facade of a logger calls is called by nobody here.
        self.flow.calls.iter().any(|call| {
            let owner = self.names.owner(self.flow.node(call.node).def);
            owner.is_some_and(|owner| blocks.contains(&owner) && traits(&owner))
                && self.fact(call).is_some_and(|fact| fact.does == Some(Doing::StandardOutput))
        })
    }

    fn is_file(&self, ty: T, depth: u8) -> bool {
        if self.places.role(ty) == Some(Role::File) {
            return true;
        }
        match &*self.names.types.get(ty) {
            Type::External(_, args) if depth < 5 => {
                args.iter().any(|arg| self.is_file(*arg, depth + 1))
            }
            _ => false,
        }
    }
}
