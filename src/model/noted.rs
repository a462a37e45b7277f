//! Which calls does the catalogue want told, who makes them, and what chooses them?

use super::roots::Root;
use super::states::Parts;
use super::{Lies, Noted, disk};
use crate::catalog::{CallFact, Doing, Passed};
use crate::diagnostic::Step;
use crate::flow::{Call, CallId, Callee, NodeId, Val};

impl Parts<'_, '_, '_> {
    /// Calls that leave the tree and that the catalogue knows, made by what serves or sets up.
    pub(super) fn known_calls(&self) -> impl Iterator<Item = (CallId, &Call, &CallFact)> {
        let known = self
            .flow
            .calls
            .iter()
            .enumerate()
            .filter_map(|(index, call)| Some((CallId(index as u32), call, self.fact(call)?)));
        known.filter(|(_, call, _)| self.runs(call.node))
    }

    /// The same, of those that do this.
    pub(super) fn doing(&self, does: Doing) -> impl Iterator<Item = (CallId, &Call, &CallFact)> {
        self.known_calls().filter(move |(_, _, fact)| fact.does == Some(does))
    }

    pub(super) fn fact(&self, call: &Call) -> Option<&CallFact> {
        let Callee::External(path) = call.callee else { return None };
        self.names.catalog.call(&self.names.externals.get(path).text)
    }

    /// Whether a body runs in what serves: before the first request or after.
    pub(super) fn runs(&self, node: NodeId) -> bool {
        self.reach.is_startup(node) || self.reach.is_serving(node)
    }

    /// Whether a body runs once, before the first request.
    pub(super) fn sets_up(&self, node: NodeId) -> bool {
        self.reach.is_startup(node) && !self.reach.is_serving(node)
    }

    pub(super) fn argument<'c>(&self, call: &'c Call, at: Option<usize>) -> Option<&'c Val> {
        match at {
            Some(at) => call.args.get(at + usize::from(call.method)),
            None => call.args.first(),
        }
    }

    pub(super) fn passed<'c>(&self, call: &'c Call, passed: Passed) -> Option<&'c Val> {
        match passed {
            Passed::Argument(at) => self.argument(call, Some(at)),
            Passed::Receiver(_) => call.args.first(),
        }
    }

    /// The calls whose answers a value is, or is made of.
    pub(super) fn noted(&self, val: Val) -> Vec<CallId> {
        let roots = self.places.path_roots(val.from).all;
        let calls = roots.into_iter().filter_map(|root| match root {
            Root::Answer(call) => Some(call),
            _ => None,
        });
        calls.collect()
    }

    pub(super) fn describe(&self, id: CallId, fact: Option<&CallFact>) -> Noted {
        let call = self.flow.call(id);
        let name = match &call.callee {
            Callee::External(path) => disk::short(&self.names.externals.get(*path).text),
            Callee::Defs(defs) => format!("`{}`", self.names.text(self.names.def(defs[0]).name)),
            _ => "a random value".to_string(),
        };
        let body = self.flow.node(call.node);
        Noted {
            at: self.flow.span(call.node, call.at),
            item: self.names.path(body.def),
            owner: self.reach.owner(body.def, Some(call.node)),
            access: self.reach.access(call.node, call.at, name.clone()),
            call: name,
            setting: None,
            besides: false,
            lies: Lies::default(),
            because: Vec::new(),
            why: fact.map_or(String::new(), |fact| fact.why.clone()),
            instead: fact.map_or(String::new(), |fact| fact.instead.clone()),
        }
    }

    /// What of the configuration is among roots, in words.
    pub(super) fn setting(&self, roots: &[Root]) -> Option<String> {
        roots.iter().find_map(|root| match root {
            Root::Field(of, name) => {
                let of = self.names.text(self.names.def(*of).name);
                Some(format!("`{of}::{}`", self.names.text(*name)))
            }
            Root::Asked(_, name) => Some(format!("`{}()`", self.names.text(*name))),
            Root::Outside(path) => {
                let external = self.names.externals.get(*path);
                let fact = self.names.catalog.call(&external.text);
                fact.is_some_and(|fact| fact.environment).then(|| "the environment".into())
            }
            _ => None,
        })
    }

    pub(super) fn step(&self, node: NodeId, at: crate::parse::tree::Range, text: &str) -> Step {
        Step::new(self.flow.span(node, at), text)
    }

    pub(super) fn selected(&self, id: CallId) -> bool {
        self.reach.selected(self.flow.node(self.flow.call(id).node).def)
    }
}
