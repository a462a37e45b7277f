//! How do facts look in a test? A line of Rust-like text for each item, expression, type, pattern.

use super::tree::*;
use crate::symbol::{Symbol, Symbols};

pub(super) struct Dump<'a> {
    pub(super) facts: &'a Facts,
    pub(super) symbols: &'a Symbols,
}

impl Dump<'_> {
    fn name(&self, symbol: Symbol) -> &str {
        self.symbols.text(symbol)
    }

    fn join<T>(&self, list: &[T], by: &str, show: impl Fn(&T) -> String) -> String {
        list.iter().map(show).collect::<Vec<_>>().join(by)
    }

    fn path(&self, path: &[Symbol]) -> String {
        self.join(path, "::", |name| self.name(*name).to_string())
    }

    pub(super) fn items(&self, items: &[Item]) -> String {
        self.join(items, "; ", |item| self.item(item))
    }

    fn attrs(&self, attrs: &[Attr]) -> String {
        attrs
            .iter()
            .map(|attr| {
                let text =
                    attr.text.map_or(String::new(), |text| format!(" {:?}", self.name(text)));
                format!("#[{}({}){text}] ", self.path(&attr.path), attr.tokens)
            })
            .collect()
    }

    fn cfg(&self, cfg: &Cfg) -> String {
        match cfg {
            Cfg::On => String::new(),
            Cfg::Off => "off ".into(),
            Cfg::Features(condition) => format!("[{}] ", feature(condition)),
        }
    }

    fn generics(&self, generics: &[Generic]) -> String {
        match generics {
            [] => String::new(),
            some => {
                let shown = self.join(some, ", ", |generic| {
                    let bounds = self.join(&generic.bounds, "+", |ty| self.ty(*ty));
                    format!("{}:{bounds}", self.name(generic.name))
                });
                format!("<{shown}>")
            }
        }
    }

    fn fields(&self, fields: &[Field]) -> String {
        self.join(fields, ", ", |field| {
            let (cfg, attrs) = (self.cfg(&field.cfg), self.attrs(&field.attrs));
            format!("{cfg}{attrs}{}: {}", self.name(field.name), self.ty(field.ty))
        })
    }

    fn item(&self, item: &Item) -> String {
        let name = self.name(item.name);
        let public = if item.public { "pub " } else { "" };
        let init = |init: &Option<ExprId>| {
            init.map_or(String::new(), |init| format!(" = {}", self.expr(init)))
        };
        let body = match &item.kind {
            ItemKind::Mod { path, items } => {
                let path = path.as_ref().map_or(String::new(), |path| format!(" at {path}"));
                let items = items.as_ref();
                let items = items.map_or(String::new(), |i| format!(" {{{}}}", self.items(i)));
                format!("mod {name}{path}{items}")
            }
            ItemKind::Use(of) => {
                let absolute = if of.absolute { "::" } else { "" };
                let glob = if of.glob { "::*" } else { "" };
                format!("use {absolute}{}{glob} as {name}", self.path(&of.path))
            }
            ItemKind::ExternCrate { krate } => format!("extern {} as {name}", self.name(*krate)),
            ItemKind::Static { ty, init: of, kept } => {
                format!("static {kept:?} {name}: {}{}", self.ty(*ty), init(of))
            }
            ItemKind::Const { ty, init: of } => {
                format!("const {name}: {}{}", self.ty(*ty), init(of))
            }
            ItemKind::Fn(of) => self.function(name, of),
            ItemKind::Struct { generics, fields } => {
                format!("struct {name}{} {{{}}}", self.generics(generics), self.fields(fields))
            }
            ItemKind::Enum { generics, variants } => {
                let variants = self.join(variants, ", ", |v| {
                    format!("{}{}({})", self.cfg(&v.cfg), self.name(v.name), self.fields(&v.fields))
                });
                format!("enum {name}{} {{{variants}}}", self.generics(generics))
            }
            ItemKind::Alias { generics, ty } => {
                let ty = ty.map_or(String::new(), |ty| format!(" = {}", self.ty(ty)));
                format!("type {name}{}{ty}", self.generics(generics))
            }
            ItemKind::Trait { generics, supers, items } => {
                let supers = self.join(supers, "+", |ty| self.ty(*ty));
                let items = self.items(items);
                format!("trait {name}{}:{supers} {{{items}}}", self.generics(generics))
            }
            ItemKind::Impl { generics, of, for_, items } => {
                let of = of.map_or(String::new(), |of| format!("{} for ", self.ty(of)));
                let (for_, items) = (self.ty(*for_), self.items(items));
                format!("impl{} {of}{for_} {{{items}}}", self.generics(generics))
            }
            ItemKind::MacroCall { path, args } => {
                format!("{}!({})", self.path(path), self.exprs(args))
            }
        };
        format!("{}{}{public}{body}", self.cfg(&item.cfg), self.attrs(&item.attrs))
    }

    fn function(&self, name: &str, of: &Function) -> String {
        let is_async = if of.is_async { "async " } else { "" };
        let receiver = match of.receiver {
            None => String::new(),
            Some(Receiver::Typed(ty)) => format!("self: {}; ", self.ty(ty)),
            Some(receiver) => format!("{receiver:?}; "),
        };
        let params = self.join(&of.params, ", ", |param| {
            format!("{}: {}", self.pat(&param.pat), self.ty(param.ty))
        });
        let ret = of.ret.map_or(String::new(), |ty| format!(" -> {}", self.ty(ty)));
        let body = of.body.map_or(String::new(), |body| format!(" {}", self.expr(body)));
        let generics = self.generics(&of.generics);
        format!("{is_async}fn {name}{generics}({receiver}{params}){ret}{body}")
    }

    fn types(&self, list: &[TyId]) -> String {
        self.join(list, ", ", |ty| self.ty(*ty))
    }

    fn ty_path(&self, path: &TyPath) -> String {
        let absolute = if path.absolute { "::" } else { "" };
        let mut args = self.types(&path.args);
        for (name, ty) in &path.bindings {
            args += &format!("{}={}", self.name(*name), self.ty(*ty));
        }
        let args = if args.is_empty() { args } else { format!("<{args}>") };
        format!("{absolute}{}{args}", self.path(&path.segments))
    }

    pub(super) fn ty(&self, id: TyId) -> String {
        match &self.facts.ty(id).kind {
            TyKind::Path(path) => self.ty_path(path),
            TyKind::Projection { ty, of, name } => {
                let of = of.map_or(String::new(), |of| format!(" as {}", self.ty(of)));
                format!("<{}{of}>::{}", self.ty(*ty), self.name(*name))
            }
            TyKind::Ref { ty, mutable: true } => format!("&mut {}", self.ty(*ty)),
            TyKind::Ref { ty, .. } => format!("&{}", self.ty(*ty)),
            TyKind::Tuple(parts) => format!("({})", self.types(parts)),
            TyKind::Slice(ty) => format!("[{}]", self.ty(*ty)),
            TyKind::Dyn(parts) => format!("dyn {}", self.join(parts, "+", |ty| self.ty(*ty))),
            TyKind::Impl(parts) => format!("impl {}", self.join(parts, "+", |ty| self.ty(*ty))),
            TyKind::Fn { params, ret, .. } => {
                let ret = ret.map_or(String::new(), |ty| format!(" -> {}", self.ty(ty)));
                format!("fn({}){ret}", self.types(params))
            }
            TyKind::Unknown => "?".into(),
        }
    }

    fn pats(&self, pats: &[Pat]) -> String {
        self.join(pats, ", ", |pat| self.pat(pat))
    }

    fn pat(&self, pat: &Pat) -> String {
        match &pat.kind {
            PatKind::Bind { name, sub: None, .. } => self.name(*name).to_string(),
            PatKind::Bind { name, sub: Some(sub), .. } => {
                format!("{} @ {}", self.name(*name), self.pat(sub))
            }
            PatKind::TupleStruct { path, pats } => {
                format!("{}({})", self.ty_path(path), self.pats(pats))
            }
            PatKind::Struct { path, fields } => {
                let fields = self.join(fields, ", ", |(name, pat)| {
                    format!("{}: {}", self.name(*name), self.pat(pat))
                });
                format!("{} {{{fields}}}", self.ty_path(path))
            }
            PatKind::Path(path) => self.ty_path(path),
            PatKind::Tuple(pats) => format!("({})", self.pats(pats)),
            PatKind::Slice(pats) => format!("[{}]", self.pats(pats)),
            PatKind::Or(pats) => self.join(pats, "|", |pat| self.pat(pat)),
            PatKind::Ref(pat) => format!("&{}", self.pat(pat)),
            PatKind::Typed(pat, ty) => format!("{}: {}", self.pat(pat), self.ty(*ty)),
            // What a text is says nothing of what a pattern binds.
            PatKind::Text(_) | PatKind::Bool(_) | PatKind::Int(_) | PatKind::Wild => "_".into(),
        }
    }

    fn exprs(&self, list: &[ExprId]) -> String {
        self.join(list, ", ", |id| self.expr(*id))
    }

    fn maybe(&self, before: &str, id: Option<ExprId>) -> String {
        id.map_or(String::new(), |id| format!("{before}{}", self.expr(id)))
    }

    pub(super) fn expr(&self, id: ExprId) -> String {
        let is_move = |is_move: bool| if is_move { "move " } else { "" };
        match &self.facts.expr(id).kind {
            ExprKind::Name(name) => self.name(*name).to_string(),
            ExprKind::Path { path, qself } => {
                let qself = qself.map_or(String::new(), |ty| format!("<{}>::", self.ty(ty)));
                format!("{qself}{}", self.ty_path(path))
            }
            ExprKind::Str(text) => format!("{:?}", self.name(*text)),
            ExprKind::Int(number) => number.to_string(),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Literal => "lit".into(),
            ExprKind::Call { callee, args } => {
                format!("{}({})", self.expr(*callee), self.exprs(args))
            }
            ExprKind::Method { receiver, name, turbofish, args, .. } => {
                let fish = turbofish.map_or(String::new(), |ty| format!("::<{}>", self.ty(ty)));
                let (receiver, name) = (self.expr(*receiver), self.name(*name));
                format!("{receiver}.{name}{fish}({})", self.exprs(args))
            }
            ExprKind::Field { base, name, .. } => {
                format!("{}.{}", self.expr(*base), self.name(*name))
            }
            ExprKind::Index { base, index } => {
                format!("{}[{}]", self.expr(*base), self.expr(*index))
            }
            ExprKind::Ref { expr, mutable: true } => format!("&mut {}", self.expr(*expr)),
            ExprKind::Ref { expr, .. } => format!("&{}", self.expr(*expr)),
            ExprKind::Deref(expr) => format!("*{}", self.expr(*expr)),
            ExprKind::Try(expr) => format!("{}?", self.expr(*expr)),
            ExprKind::Await(expr) => format!("{}.await", self.expr(*expr)),
            ExprKind::Cast { expr, ty } => format!("{} as {}", self.expr(*expr), self.ty(*ty)),
            ExprKind::Unary(expr) => format!("!{}", self.expr(*expr)),
            ExprKind::Binary { left, right, op } => {
                format!("({} {op:?} {})", self.expr(*left), self.expr(*right))
            }
            ExprKind::Assign { left, right } => {
                format!("{} = {}", self.expr(*left), self.expr(*right))
            }
            ExprKind::AssignOp { left, right } => {
                format!("{} op= {}", self.expr(*left), self.expr(*right))
            }
            ExprKind::Let { pat, expr } => format!("let {} = {}", self.pat(pat), self.expr(*expr)),
            ExprKind::Block(block) => self.block(block),
            ExprKind::If { cond, then, other } => {
                let other = self.maybe(" else ", *other);
                format!("if {} {}{other}", self.expr(*cond), self.expr(*then))
            }
            ExprKind::Match { on, arms } => {
                let arms = self.join(arms, ", ", |arm| {
                    let guard = self.maybe(" if ", arm.guard);
                    format!("{}{guard} => {}", self.pat(&arm.pat), self.expr(arm.body))
                });
                format!("match {} {{{arms}}}", self.expr(*on))
            }
            ExprKind::Loop { cond, body } => {
                format!("loop{} {}", self.maybe(" ", *cond), self.expr(*body))
            }
            ExprKind::For { pat, over, body } => {
                let (pat, over) = (self.pat(pat), self.expr(*over));
                format!("for {pat} in {over} {}", self.expr(*body))
            }
            ExprKind::Closure { params, body, is_move: moves, is_async } => {
                let is_async = if *is_async { "async " } else { "" };
                let params = self.join(params, ", ", |(pat, ty)| {
                    let ty = ty.map_or(String::new(), |ty| format!(": {}", self.ty(ty)));
                    format!("{}{ty}", self.pat(pat))
                });
                format!("{is_async}{}|{params}| {}", is_move(*moves), self.expr(*body))
            }
            ExprKind::Async { body, is_move: moves } => {
                format!("async {}{}", is_move(*moves), self.expr(*body))
            }
            ExprKind::Struct { path, fields, rest } => {
                let fields = self.join(fields, ", ", |(name, expr)| {
                    format!("{}: {}", self.name(*name), self.expr(*expr))
                });
                format!("{} {{{fields}{}}}", self.ty_path(path), self.maybe(" ..", *rest))
            }
            ExprKind::Tuple(parts) => format!("({})", self.exprs(parts)),
            ExprKind::Array(parts) => format!("[{}]", self.exprs(parts)),
            ExprKind::Repeat { value, length } => {
                format!("[{}; {}]", self.expr(*value), self.expr(*length))
            }
            ExprKind::Return(value) => format!("return{}", self.maybe(" ", *value)),
            ExprKind::Break { value, leaves } => {
                format!("break{}{}", left(*leaves, 1), self.maybe(" ", *value))
            }
            ExprKind::Continue { leaves } => format!("continue{}", left(*leaves, 0)),
            ExprKind::Range { from, to } => {
                format!("{}..{}", self.maybe("", *from), self.maybe("", *to))
            }
            ExprKind::Macro { path, args, text } => {
                let text = text.map_or(String::new(), |text| format!("{:?} ", self.name(text)));
                format!("{}!({text}{})", self.path(path), self.exprs(args))
            }
            ExprKind::Unknown => "?".into(),
        }
    }

    fn block(&self, block: &Block) -> String {
        let mut parts: Vec<String> = block.items.iter().map(|item| self.item(item)).collect();
        for statement in &block.statements {
            parts.push(match statement {
                Statement::Expr(expr) => format!("{};", self.expr(*expr)),
                Statement::Let { pat, ty, init, otherwise } => {
                    let ty = ty.map_or(String::new(), |ty| format!(": {}", self.ty(ty)));
                    let (init, other) =
                        (self.maybe(" = ", *init), self.maybe(" else ", *otherwise));
                    format!("let {}{ty}{init}{other};", self.pat(pat))
                }
            });
        }
        parts.extend(block.value.map(|value| self.expr(value)));
        format!("{{{}}}", parts.join(" "))
    }
}

fn feature(condition: &FeatureCfg) -> String {
    let list = |list: &[FeatureCfg]| list.iter().map(feature).collect::<Vec<_>>().join(",");
    match condition {
        FeatureCfg::Feature(name) => name.to_string(),
        FeatureCfg::Not(inner) => format!("not({})", feature(inner)),
        FeatureCfg::All(all) => format!("all({})", list(all)),
        FeatureCfg::Any(any) => format!("any({})", list(any)),
        FeatureCfg::True => "true".into(),
        FeatureCfg::False => "false".into(),
    }
}

/// How many loops are left, where that is not what one would think.
fn left(leaves: u8, usual: u8) -> String {
    if leaves == usual { String::new() } else { format!("^{leaves}") }
}
