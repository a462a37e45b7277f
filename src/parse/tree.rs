//! Our own small tree: what later stages may know of a file. Owned, `Send`, free of `syn`.
//!
//! Expressions and types live in one arena per file and name each other by index, so that a
//! service of half a million lines fits in memory. All spans are byte ranges in the file.

use rustc_hash::{FxHashMap, FxHashSet};

use super::macros::MacroDef;
use crate::diagnostic::Problem;
use crate::source::FileId;
use crate::symbol::Symbol;

mod pattern;

pub use pattern::{Pat, PatKind};

/// One file, lowered.
#[derive(Debug)]
pub struct Facts {
    pub file: FileId,
    pub items: Vec<Item>,
    pub exprs: Vec<Expr>,
    pub types: Vec<Ty>,
    /// Attributes of the file itself (`#![..]`).
    pub attrs: Vec<Attr>,
    pub problems: Vec<Problem>,
    /// Comment directives such as `// twelve-lint: allow(rule) reason = ".."`, unread.
    pub marks: Vec<Mark>,
    /// The `macro_rules!` of the file's modules, for other files of the program.
    pub macros: Vec<MacroDef>,
    /// Macros that the file calls and nobody here knows: `name`, or `krate::name`.
    pub called: FxHashSet<Box<str>>,
    /// Names, but those of methods and fields, in macros that are not seen through.
    pub mentioned: FxHashSet<Symbol>,
    /// Statements, arms and values that stand behind features, in bodies.
    pub behind: Vec<(Range, FeatureCfg)>,
    /// The patterns of `matches!(x, pattern)`.
    pub matches: FxHashMap<ExprId, Pat>,
    /// Lines of the file; what is counted where nothing else is kept.
    pub lines: u32,
}

/// A byte range in the file of the facts that hold it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Range {
    pub start: u32,
    pub end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TyId(pub u32);

/// A comment that speaks to this tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub at: Range,
    /// With its sign.
    pub text: String,
    /// Its own line, where something stands before it; else whatever comes next.
    pub next: Range,
}

/// When code is compiled, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cfg {
    /// No `cfg`, or one that is taken as on, such as `unix`.
    #[default]
    On,
    /// `test`, `doc`, `miri`: never part of a service.
    Off,
    /// On when the condition over cargo features holds.
    Features(FeatureCfg),
}

/// A condition over the package's features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeatureCfg {
    Feature(Box<str>),
    Not(Box<FeatureCfg>),
    All(Vec<FeatureCfg>),
    Any(Vec<FeatureCfg>),
    True,
    False,
}

/// An attribute that later stages may ask for; `cfg`, `doc`, `allow` and the like are not kept.
#[derive(Debug, Clone)]
pub struct Attr {
    /// `actix_web::get`, as written.
    pub path: Vec<Symbol>,
    pub at: Range,
    /// Everything between the parentheses, as written; empty without them.
    pub tokens: Box<str>,
    /// The first string literal among the tokens, such as the route of `#[get("/x")]`.
    pub text: Option<Symbol>,
    /// Names among the tokens that are set to a string literal: `default = "port"`.
    pub pairs: Box<[(Symbol, Symbol)]>,
}

/// A generic parameter and what is asked of it, in its list or in a `where` clause.
#[derive(Debug, Clone)]
pub struct Generic {
    pub name: Symbol,
    pub bounds: Vec<TyId>,
}

#[derive(Debug)]
pub struct Item {
    pub name: Symbol,
    /// The name.
    pub at: Range,
    /// The whole item, attributes included; documentation above it may be left out.
    pub whole: Range,
    pub public: bool,
    pub cfg: Cfg,
    pub attrs: Vec<Attr>,
    pub kind: ItemKind,
}

#[derive(Debug)]
pub enum ItemKind {
    /// `items` is `None` for `mod x;`; `path` is the text of `#[path = ".."]`.
    Mod {
        path: Option<Box<str>>,
        items: Option<Vec<Item>>,
    },
    /// One leaf of a `use` tree. The item's name is the name it binds (`_` for a glob).
    Use(Use),
    /// `extern crate name as alias;` with the item's name being the alias.
    ExternCrate {
        krate: Symbol,
    },
    /// A `static`, or one from a macro such as `thread_local!` or `lazy_static!`.
    Static {
        ty: TyId,
        init: Option<ExprId>,
        kept: StaticKind,
    },
    Const {
        ty: TyId,
        init: Option<ExprId>,
    },
    Fn(Function),
    /// `fields` of a tuple struct are named `0`, `1`, ..
    Struct {
        generics: Vec<Generic>,
        fields: Vec<Field>,
    },
    Enum {
        generics: Vec<Generic>,
        variants: Vec<Variant>,
    },
    Alias {
        generics: Vec<Generic>,
        ty: Option<TyId>,
    },
    /// `supers` are the supertraits.
    Trait {
        generics: Vec<Generic>,
        supers: Vec<TyId>,
        items: Vec<Item>,
    },
    /// The item's name is `_`. `of` is the trait.
    Impl {
        generics: Vec<Generic>,
        of: Option<TyId>,
        for_: TyId,
        items: Vec<Item>,
    },
    /// A macro called where an item stands, and not seen through; arguments where they parse.
    MacroCall {
        path: Vec<Symbol>,
        args: Vec<ExprId>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaticKind {
    Plain,
    /// `static mut`.
    Mut,
    /// One per thread.
    ThreadLocal,
    /// Filled on first use, by a macro; `ty` is the type inside.
    Lazy,
}

#[derive(Debug, Clone)]
pub struct Use {
    /// `a::b::c` of `use a::b::c as d`; of a glob, the path before `*`.
    pub path: Vec<Symbol>,
    /// Starts with `::`.
    pub absolute: bool,
    pub glob: bool,
}

#[derive(Debug)]
pub struct Function {
    pub generics: Vec<Generic>,
    /// What its `where` clause asks of the parameters of what is around it.
    pub asks: Vec<Generic>,
    /// Without `self`.
    pub params: Vec<Param>,
    pub receiver: Option<Receiver>,
    pub ret: Option<TyId>,
    pub body: Option<ExprId>,
    pub is_async: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    Value,
    Ref,
    RefMut,
    /// `self: Arc<Self>` and the like.
    Typed(TyId),
}

#[derive(Debug)]
pub struct Param {
    pub pat: Pat,
    pub ty: TyId,
}

#[derive(Debug)]
pub struct Field {
    pub name: Symbol,
    pub at: Range,
    pub ty: TyId,
    pub cfg: Cfg,
    pub attrs: Vec<Attr>,
}

#[derive(Debug)]
pub struct Variant {
    pub name: Symbol,
    /// Marked as what the enum is by default.
    pub is_default: bool,
    pub at: Range,
    pub cfg: Cfg,
    pub fields: Vec<Field>,
}

#[derive(Debug)]
pub struct Ty {
    pub at: Range,
    pub kind: TyKind,
}

#[derive(Debug)]
pub enum TyKind {
    /// `a::b::C<D, E>`; the arguments of the last segment that has any.
    Path(TyPath),
    /// `<T as Trait>::Name`.
    Projection {
        ty: TyId,
        of: Option<TyId>,
        name: Symbol,
    },
    /// `&T`, `&mut T`, `*const T`.
    Ref {
        ty: TyId,
        mutable: bool,
    },
    Tuple(Box<[TyId]>),
    /// `[T]` and `[T; N]`.
    Slice(TyId),
    /// `dyn A + B`.
    Dyn(Box<[TyId]>),
    /// `impl A + B`.
    Impl(Box<[TyId]>),
    /// `fn(A) -> B`, and `Fn(A) -> B` as a bound (then `path` is the name of the trait).
    Fn {
        path: Option<Symbol>,
        params: Box<[TyId]>,
        ret: Option<TyId>,
    },
    /// `_`, `!`, a macro, something newer than this tool.
    Unknown,
}

#[derive(Debug, Clone)]
pub struct TyPath {
    pub segments: Box<[Symbol]>,
    pub absolute: bool,
    /// Lifetimes and constants left out.
    pub args: Box<[TyId]>,
    /// `Item = T` of `Iterator<Item = T>`.
    pub bindings: Box<[(Symbol, TyId)]>,
}

#[derive(Debug)]
pub struct Expr {
    pub at: Range,
    pub kind: ExprKind,
}

#[derive(Debug)]
pub enum ExprKind {
    /// A path of one segment: `x`, `self`, `CONFIG`.
    Name(Symbol),
    /// `a::b::C`, `Vec::<u8>::new`, `None::<u8>`; `qself` is `T` of `<T as Trait>::f`.
    Path {
        path: Box<TyPath>,
        qself: Option<TyId>,
    },
    Str(Symbol),
    Int(u64),
    Bool(bool),
    /// Floats, chars, byte strings.
    Literal,
    Call {
        callee: ExprId,
        args: Box<[ExprId]>,
    },
    /// `name_at` is where the method's name starts; `turbofish` the first type in `::<..>`.
    Method {
        receiver: ExprId,
        name: Symbol,
        name_at: u32,
        turbofish: Option<TyId>,
        args: Box<[ExprId]>,
    },
    /// Tuple fields are named by their digits; `name_at` is where the name starts.
    Field {
        base: ExprId,
        name: Symbol,
        name_at: u32,
    },
    Index {
        base: ExprId,
        index: ExprId,
    },
    Ref {
        expr: ExprId,
        mutable: bool,
    },
    Deref(ExprId),
    Try(ExprId),
    Await(ExprId),
    Cast {
        expr: ExprId,
        ty: TyId,
    },
    /// `!x`, `-x`.
    Unary(ExprId),
    Binary {
        left: ExprId,
        right: ExprId,
        op: BinaryOp,
    },
    /// `left = right`.
    Assign {
        left: ExprId,
        right: ExprId,
    },
    /// `left += right`.
    AssignOp {
        left: ExprId,
        right: ExprId,
    },
    /// `let pat = expr` as a condition.
    Let {
        pat: Box<Pat>,
        expr: ExprId,
    },
    Block(Block),
    If {
        cond: ExprId,
        then: ExprId,
        other: Option<ExprId>,
    },
    Match {
        on: ExprId,
        arms: Box<[Arm]>,
    },
    /// `loop`, and `while` with its condition.
    Loop {
        cond: Option<ExprId>,
        body: ExprId,
    },
    For {
        pat: Box<Pat>,
        over: ExprId,
        body: ExprId,
    },
    Closure {
        params: Box<[(Pat, Option<TyId>)]>,
        body: ExprId,
        is_move: bool,
        is_async: bool,
    },
    Async {
        body: ExprId,
        is_move: bool,
    },
    Struct {
        path: Box<TyPath>,
        fields: Box<[(Symbol, ExprId)]>,
        rest: Option<ExprId>,
    },
    Tuple(Box<[ExprId]>),
    /// `[a, b]`, `vec![a, b]` has its own form in `Macro`.
    Array(Box<[ExprId]>),
    /// `[value; length]`.
    Repeat {
        value: ExprId,
        length: ExprId,
    },
    Return(Option<ExprId>),
    Break {
        value: Option<ExprId>,
        /// How many of `loop` and `while` it leaves.
        leaves: u8,
    },
    Continue {
        leaves: u8,
    },
    Range {
        from: Option<ExprId>,
        to: Option<ExprId>,
    },
    /// A macro by its path. `args` are the expressions among its tokens, in order; `text` is the
    /// first string literal (a format string, say).
    Macro {
        path: Box<[Symbol]>,
        args: Box<[ExprId]>,
        text: Option<Symbol>,
    },
    /// Something newer than this tool.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Add,
    Equal,
    Unequal,
    Less,
    More,
    /// `%`.
    Remainder,
    And,
    Or,
    Other,
}

#[derive(Debug)]
pub struct Block {
    pub statements: Box<[Statement]>,
    /// The expression whose value the block has.
    pub value: Option<ExprId>,
    /// Items declared in the block.
    pub items: Box<[Item]>,
}

#[derive(Debug)]
pub enum Statement {
    Let { pat: Pat, ty: Option<TyId>, init: Option<ExprId>, otherwise: Option<ExprId> },
    Expr(ExprId),
}

#[derive(Debug)]
pub struct Arm {
    pub pat: Pat,
    pub guard: Option<ExprId>,
    pub body: ExprId,
}
