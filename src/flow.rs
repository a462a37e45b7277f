//! Where does a value come from, and what is done with it? Every body of the tree, walked once.
//!
//! Each function, closure, `async` block and initialiser becomes a [`Node`]. Walking it gives the
//! calls it makes, what it does to values that may be shared ([`Touch`]), what it puts into fields
//! ([`Store`]) and what it makes an entry point ([`Registration`]). Values carry their type and
//! their origins; an origin that is a parameter or the result of a call is symbolic here and
//! followed by the model, which sees all callers.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::catalog::Work;
use crate::diagnostic::Process;
use crate::discover::TargetKind;
use crate::parse::tree::Range;
use crate::resolve::{DefId, Names, PathId, T, Unit};
use crate::source::{FileId, Span};
use crate::symbol::Symbol;

mod bodies;
mod branches;
mod callables;
mod callee;
mod calls;
mod coded;
mod deeds;
mod exports;
mod families;
mod fields;
mod fuller;
mod gates;
mod handed;
mod known;
mod methods;
mod narrowed;
mod noted;
mod numbers;
mod origins;
mod outside;
mod paths;
mod patterns;
mod retries;
mod routers;
mod routes;
mod ruled;
mod told;
mod touches;
mod tuples;
mod universal;
mod untold;
mod variables;
mod walk;
mod ways;

pub use branches::{Branch, Command, Guard};
pub use callee::{Callee, Used};
pub use coded::Said;
pub(crate) use deeds::swaps;
pub use fields::Making;
pub(crate) use fuller::is_told;
pub use known::{Const, Gate, Known, KnownId, Shape};
pub use origins::{Froms, Origin, OriginKind, Origins};
pub use routers::Offer;
pub use routes::Mount;
pub(crate) use ruled::{Ruled, is_ruled_out};
pub(crate) use walk::static_type;
pub use ways::{Fork, Way};

/// A body, by its number in [`Flow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    Function,
    Closure,
    Async,
    /// What a `loop` or `while` does in each turn, its condition included.
    Loop,
    /// Of a static or constant.
    Initialiser,
}

/// One body.
#[derive(Debug)]
pub struct Node {
    pub kind: NodeKind,
    /// The function, static or constant that it belongs to.
    pub def: DefId,
    /// The body that holds a closure or `async` block.
    pub parent: Option<NodeId>,
    pub file: FileId,
    /// The name of the function, or the whole closure.
    pub at: Range,
    /// Types of the parameters, the receiver first.
    pub params: Vec<T>,
    pub returns: Froms,
    /// Closures and `async` blocks that it gives back.
    pub gives: Vec<T>,
    /// Of a closure or `async` block: the type of what it gives.
    pub answer: T,
    /// Not run where it stands: it was registered or spawned.
    pub detached: bool,
}

/// A value, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Val {
    pub ty: T,
    pub from: Froms,
}

impl Val {
    pub const UNKNOWN: Val = Val { ty: T::UNKNOWN, from: Froms::NONE };
}

/// One call. Calls that leave the tree are kept only where the catalogue has something to say.
#[derive(Debug)]
pub struct Call {
    pub node: NodeId,
    pub at: Range,
    pub callee: Callee,
    /// The receiver of a method first.
    pub args: Box<[Val]>,
    pub method: bool,
    /// The way through its body that it stands on.
    pub way: Way,
    /// Runs later, elsewhere: its answer was spawned or registered.
    pub detached: bool,
    /// What becomes of the answer.
    pub used: Used,
    /// Its future is waited for where it stands.
    pub awaited: bool,
    /// Methods called on the builder before; of a function, the names of its type's parameters.
    pub flags: Box<[Symbol]>,
    /// What it opens was told afterwards that it only reads.
    pub only_reads: bool,
    /// Where the whole chain of calls begins.
    pub begins: u32,
}

/// A call, by its number in [`Flow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TouchKind {
    Read,
    Change,
    /// Changed only while it is being set up.
    Fill,
    /// Changed, and the answer numbers something.
    Count,
    /// A message is put into a channel.
    Send,
    /// A message is taken out of a channel.
    Receive,
    /// One more receiver is made of a channel.
    Subscribe,
}

/// Two values that are compared.
#[derive(Debug, Clone, Copy)]
pub struct Compare {
    pub node: NodeId,
    pub at: Range,
    pub sides: [Val; 2],
    /// Which is the greater, not whether they are the same.
    pub order: bool,
}

/// Something done to a value that may be shared.
#[derive(Debug, Clone)]
pub struct Touch {
    pub node: NodeId,
    pub at: Range,
    pub kind: TouchKind,
    pub what: Froms,
    /// The type on which it was done.
    pub on: T,
    /// The method; `None` for an assignment.
    pub method: Option<Symbol>,
    pub used: Used,
    /// Where what is put in comes from.
    pub value: Froms,
    /// The same of the last argument alone: what is put in without its key.
    pub last: Froms,
    /// A closure computes what is put in.
    pub computed: bool,
    /// What is put in is this number, or word of two, as it is written there.
    pub word: Option<u64>,
    /// Another value takes the place of the whole.
    pub replaces: bool,
    /// It only takes something out.
    pub takes: bool,
    /// And leaves nothing.
    pub empties: bool,
    /// Where the block around it ends.
    pub until: u32,
}

/// A value put into a field.
#[derive(Debug, Clone, Copy)]
pub struct Store {
    pub node: NodeId,
    pub of: DefId,
    pub field: Symbol,
    pub from: Froms,
    pub ty: T,
}

/// A call or attribute that makes something an entry point.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Where it is registered.
    pub node: NodeId,
    pub at: Range,
    /// The name of the call alone.
    pub head: Range,
    /// The catalogue path of the registering call.
    pub path: PathId,
    pub targets: Vec<T>,
    /// Calls whose (future) answer is registered.
    pub calls: Vec<CallId>,
    /// Parameters of bodies that are registered: whatever their callers hand over.
    pub given: Vec<(NodeId, u16)>,
    /// Parameters that bodies which are spawned here run.
    pub runs: Vec<(NodeId, u16)>,
    /// What becomes of the answer, such as the handle of a task.
    pub used: Used,
    /// What stands before it in a chain: filters that give the handler what it takes.
    pub on: Froms,
    /// The way on which it stands.
    pub way: Way,
    /// How often its answer is named, and the ways on which it is waited for.
    pub named: u32,
    pub awaited: Vec<(NodeId, Way)>,
    /// The parts of its route, in order.
    pub route: Vec<Symbol>,
    /// What says the verb, where the registering call does not.
    pub verb: Option<PathId>,
}

impl Registration {
    /// The parameters that are registered, or run by what is.
    pub fn takes(&self) -> impl Iterator<Item = (NodeId, u16)> + '_ {
        self.given.iter().chain(&self.runs).copied()
    }
}

/// A value handed to all handlers.
#[derive(Debug, Clone, Copy)]
pub struct Shared {
    pub node: NodeId,
    pub at: Range,
    pub path: PathId,
    pub val: Val,
}

/// A variable of one body that a closure or `async` block inside it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Capture {
    pub by: NodeId,
    pub declared: NodeId,
    pub val: Val,
}

/// Something asked of a store, a service or a program outside the process.
#[derive(Debug, Clone, Copy)]
pub struct Deed {
    pub node: NodeId,
    pub at: Range,
    pub work: Work,
    /// What it changes it may find changed already: how much it changed tells whether another did.
    pub swaps: bool,
    /// The store forgets after a while what it sets.
    pub fades: bool,
    /// Of what is added: what it is to add it once more, where something tells.
    pub again: Option<Work>,
}

/// A `loop` or `while`.
#[derive(Debug, Clone, Copy)]
pub struct Loop {
    pub node: NodeId,
    /// The keyword alone.
    pub head: Range,
    /// Each turn waits for the next element of a stream or the next message.
    pub driven: bool,
    /// It has a condition, and waits for nobody in it.
    pub conditional: bool,
    /// It goes on only so many times, or until it works: it has a condition and a way out besides.
    pub tries: bool,
    /// It may end: by its condition, or there is a `break` or a `return` in it.
    pub ends: bool,
    /// It ends where something in it fails: by a `?`.
    pub fails: bool,
}

/// Everything that the bodies of the tree do.
#[derive(Debug, Default)]
pub struct Flow {
    pub nodes: Vec<Node>,
    pub calls: Vec<Call>,
    pub touches: Vec<Touch>,
    pub stores: Vec<Store>,
    /// Functions and closures that were put into what a field keeps.
    pub runnable: Vec<Store>,
    pub registrations: Vec<Registration>,
    pub shared: Vec<Shared>,
    /// Bodies that take a field out of what its origin does not tell, and that.
    pub taken: FxHashMap<(DefId, Symbol), FxHashSet<NodeId>>,
    pub captures: IndexSet<Capture, FxBuildHasher>,
    pub mounts: Vec<Mount>,
    /// Functions that take a request, handed over as values.
    pub offers: Vec<Offer>,
    /// Requests from outside that are given to values which are called.
    pub dispatches: FxHashSet<PathId>,
    pub deeds: Vec<Deed>,
    pub loops: Vec<Loop>,
    /// What is done with one thing after another, in `for`, and in which body.
    pub rounds: Vec<(NodeId, Range)>,
    /// Where a body waits for a time.
    pub waits: Vec<(NodeId, Range)>,
    /// Where a body waits for something else, but no longer than a time; whether for a message.
    pub lapses: Vec<(NodeId, Range, bool)>,
    /// Where a body waits until all that it started is done.
    pub joins: Vec<(NodeId, Range)>,
    /// Where a body goes on until the process is told to end.
    pub stays: Vec<(NodeId, Range)>,
    /// Bodies that end the process, or have it end.
    pub ends: Vec<(NodeId, Range)>,
    /// Bodies that do something to what only controls this process: they wake up or stop what runs.
    pub signals: FxHashSet<NodeId>,
    /// Functions that are named without being called there: whoever has the value may call it.
    pub named: FxHashSet<DefId>,
    /// Names of values of which nobody knows what they mean.
    pub unclear: FxHashSet<Symbol>,
    /// Bodies that show a page to whoever runs the program.
    pub shows: Vec<NodeId>,
    /// The arms of each `select!`: what comes first, or at the same time as others.
    pub races: Vec<(NodeId, Box<[Range]>)>,
    /// Where a body lets go of a value before its block ends.
    pub drops: Vec<(NodeId, Range, Froms)>,
    /// Bodies that take the next connection or datagram.
    pub accepts: Vec<NodeId>,
    /// Bodies that take the next message or job.
    pub delivers: Vec<NodeId>,
    /// Where fields are named, or called on, by name: it is not always known whose they are.
    pub mentioned: FxHashMap<Symbol, Vec<(NodeId, u32)>>,
    /// Bodies that write measures out as Prometheus reads them.
    pub exposes: FxHashSet<NodeId>,
    /// Bodies that write all measures of this process into one text.
    pub encodes: FxHashSet<NodeId>,
    /// Bodies that are told when files have changed.
    pub watches: FxHashSet<NodeId>,
    /// Texts of constants that bodies name.
    pub mentions: Vec<(NodeId, Range, DefId)>,
    pub compares: Vec<Compare>,
    /// Calls that give another random value each time.
    pub random: FxHashSet<CallId>,
    /// What is handed to services that every replica shares.
    pub saved: IndexSet<Froms, FxBuildHasher>,
    /// What is handed to a service by a call that asks for more than an answer, or over a connection.
    pub sent: IndexSet<Froms, FxBuildHasher>,
    /// Bodies that wait for a future.
    pub awaiting: FxHashSet<NodeId>,
    /// Where a database inside this process is asked: the whole chain of calls.
    pub embedded: Vec<(NodeId, Range)>,
    /// Bodies that ask such a service.
    pub asking: FxHashSet<NodeId>,
    /// Bodies that ask over a bare connection, or hand a client to a method that nobody knows.
    pub consulting: FxHashSet<NodeId>,
    /// Where the process begins to serve.
    pub serves: Vec<CallId>,
    /// In order of the walks of their bodies, the outer ones last.
    pub branches: Vec<Branch>,
    /// Keys of deploy files that code sets.
    pub said: Vec<Said>,
    /// Branches that are taken at a word, where the deployment gives words to the program.
    pub commands: Vec<Command>,
    /// Where the answer to something that is waited for decides whether a body goes on.
    pub guards: Vec<Guard>,
    pub origins: Origins,
    pub known: known::Knowns,
    /// The node of a function's, static's or constant's own body.
    pub bodies: FxHashMap<DefId, NodeId>,
    /// The name under which a created value is first kept.
    pub bindings: FxHashMap<Origin, (Symbol, Range)>,
    /// Calls whose answers are let go of, and those by which more than the call is waited for.
    pub(crate) dropped: FxHashSet<CallId>,
    pub(crate) waited: FxHashSet<CallId>,
    /// Types of created values, where `bindings` names them.
    pub made: FxHashMap<Origin, T>,
    /// Every way but [`Way::WHOLE`].
    pub(crate) forks: Vec<Fork>,
    /// Where values of the tree's types are made; of an enum, each variant by itself as well.
    pub makes: FxHashMap<DefId, Vec<NodeId>>,
    /// The places where structs and variants are made.
    pub makings: FxHashMap<DefId, Vec<(NodeId, Range)>>,
    /// What structs that are made in place are made of.
    pub parts: FxHashMap<Origin, Froms>,
    tuples: tuples::Given,
    /// Calls that could not be told.
    pub unknown_calls: FxHashMap<NodeId, Vec<Symbol>>,
    /// What is called that is not of the tree, and where.
    pub abroad: Vec<(NodeId, u32, PathId)>,
    /// What bodies print, log or tell in an error.
    pub shown: FxHashSet<(NodeId, Froms)>,
    /// Types of what is put into texts that go on.
    pub told_as_text: FxHashSet<T>,
}

impl Flow {
    /// Walks every body of the tree.
    pub fn of(names: &Names<'_>) -> Flow {
        let mut flow = Flow::default();
        // What tests do, and what only helps them, does nothing for what serves.
        let tests = |unit: &Unit| {
            matches!(unit.kind, TargetKind::Test | TargetKind::Bench)
                || unit.process == Some(Process::Test)
        };
        let tests: Vec<bool> = names.units.iter().map(tests).collect();
        for id in names.ids().filter(|id| !tests[names.def(*id).unit]) {
            walk::definition(names, &mut flow, id);
        }
        let files = names.ids().map(|id| names.def(id)).filter(|def| !tests[def.unit]);
        flow.note_set(names, files.map(|def| def.file));
        flow.settle_numbers(names);
        flow.forget_returned();
        flow.tell_made(names);
        flow.tell_shared(names);
        flow.narrow(names);
        flow.note_runs(names);
        flow.detach_given(names);
        flow.run_kept(names);
        flow.run_handed(names);
        flow.leave_out_keeping_up();
        flow.leave_out_exports();
        flow
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn call(&self, id: CallId) -> &Call {
        &self.calls[id.0 as usize]
    }

    /// Whether the answer of a registering call is let go of, or waited for under a condition alone.
    pub fn is_forgotten(&self, index: usize) -> bool {
        let registration = &self.registrations[index];
        let here = registration.way;
        let aside = || match *registration.awaited {
            [(node, way)] if node == registration.node => way != here && self.is_within(way, here),
            _ => false,
        };
        let unasked = || {
            let handle = self.origins.find(OriginKind::Registered(index as u32));
            handle.is_some_and(|handle| self.bindings.contains_key(&handle))
        };
        let forgotten = registration.used == Used::No
            || registration.named == 0 && unasked()
            || registration.named == 1 && aside();
        // Whoever waits where it was started hands on what it gave.
        let at_once = registration.awaited.contains(&(registration.node, here));
        forgotten && !at_once && !self.is_joined(registration.node, registration.at)
    }

    /// Whether the function around a place waits later until all that it started is done.
    fn is_joined(&self, node: NodeId, started: Range) -> bool {
        let mut joins = self.joins.iter().filter(|(_, at)| started.end <= at.start);
        joins.any(|(waiting, _)| self.function_around(*waiting) == self.function_around(node))
    }

    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    pub fn span(&self, node: NodeId, at: Range) -> Span {
        Span::new(self.node(node).file, at.start, at.end)
    }

    /// The innermost `loop` or `while` around a place in a body, if it is run where it stands.
    pub fn loop_around(&self, id: NodeId) -> Option<NodeId> {
        let mut inside = self.enclosing(id).take_while(|node| !self.node(*node).detached);
        inside.find(|node| self.node(*node).kind == NodeKind::Loop)
    }

    /// The body of the function around a node.
    pub fn function_around(&self, id: NodeId) -> NodeId {
        self.enclosing(id).last().unwrap_or(id)
    }

    /// The bodies around a node, itself first.
    pub fn enclosing(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(id), |id| self.node(*id).parent)
    }
}
