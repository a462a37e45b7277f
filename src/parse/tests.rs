//! Does the tree say what the text says? Tables of a text and how its facts look.

use std::path::Path;

use super::dump::Dump;
use super::tree::Facts;
use crate::catalog::Catalog;
use crate::source::{FileId, Lines};
use crate::symbol::{Interner, SharedSymbols, Symbols};

mod expansion;
mod places;

fn read(text: &str) -> (Facts, Symbols) {
    let symbols = SharedSymbols::default();
    let catalog = Catalog::builtin().expect("the catalogue is read");
    let path = Path::new("/src/a.rs");
    let mut names = Interner::new(&symbols);
    let facts = super::file(
        FileId(0),
        path,
        text,
        &Lines::of(text),
        catalog,
        &mut names,
        &Default::default(),
    );
    (facts, symbols.into_inner())
}

fn shown(text: &str) -> String {
    let (facts, symbols) = read(text);
    assert!(facts.problems.is_empty(), "{text}\n{:?}", facts.problems);
    Dump { facts: &facts, symbols: &symbols }.items(&facts.items)
}

/// All rows are tried, so that one run shows all that is wrong.
fn table(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(text, wanted)| (text, wanted, shown(text)))
        .filter(|(_, wanted, got)| **wanted != got)
        .map(|(text, wanted, got)| format!("text   {text}\nwanted {wanted}\ngot    {got}\n"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The same inside `fn f() { .. }`.
fn bodies(rows: &[(&str, &str)]) {
    let texts: Vec<(String, String)> = rows
        .iter()
        .map(|(text, wanted)| (format!("fn f() {{{text}}}"), format!("fn f() {{{wanted}}}")))
        .collect();
    let rows: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    table(&rows);
}

#[test]
fn items() {
    table(&[
        (
            "use a::{self, b as c, d::*, e::{self as f}};",
            "use a as a; use a::b as c; use a::d::* as _; use a::e as f",
        ),
        ("pub use ::a::b;", "pub use ::a::b as b"),
        ("extern crate a as b;", "extern a as b"),
        (
            "static A: u8 = 1; static mut B: u8 = 2; const C: [u8; 2] = [1, x];",
            "static Plain A: u8 = 1; static Mut B: u8 = 2; const C: [u8] = [x]",
        ),
        ("struct S<T: A>(pub T, u8) where T: B, Vec<T>: C;", "struct S<T:A+B> {0: T, 1: u8}"),
        ("enum E { A, B(u8), C { x: T } }", "enum E {A(), B(0: u8), C(x: T)}"),
        (
            "type A<T> = Arc<Mutex<HashMap<String, T>>>;",
            "type A<T:> = Arc<Mutex<HashMap<String, T>>>",
        ),
        (
            "trait T: A + B { type X; const N: u8 = 1; fn f(&self) -> Self::X { self.g() } }",
            "trait T:A+B {pub type X; pub const N: u8 = 1; pub fn f(Ref; ) -> Self::X {self.g()}}",
        ),
        (
            "impl<T> A<T> for B<T> { pub fn f(mut self: Arc<Self>, (a, b): (u8, &mut T)) {} }",
            "impl<T:> A<T> for B<T> {pub fn f(self: Arc<Self>; (a, b): (u8, &mut T)) {}}",
        ),
        (
            "async fn f(a: impl A + B, b: Box<dyn C>, c: fn(u8) -> X, d: <T as A>::B) -> impl D {}",
            "async fn f(a: impl A+B, b: Box<dyn C>, c: fn(u8) -> X, d: <T as A>::B) -> impl D {}",
        ),
        (
            "fn f(i: impl Iterator<Item = u8>, r#type: u8) {}",
            "fn f(i: impl Iterator<Item=u8>, type: u8) {}",
        ),
        (
            "#[path = \"x/y.rs\"] mod a; mod b { mod c; } #[cfg_attr(unix, path = \"u.rs\")] mod d; #[cfg_attr(not(feature = \"x\"), path = \"off.rs\")] mod e;",
            "mod a at x/y.rs; mod b {mod c}; mod d at u.rs; mod e",
        ),
    ]);
}

#[test]
fn attributes() {
    table(&[
        (
            "#[derive(Clone, FromRef)] #[doc = \"x\"] #[allow(unused)] struct S;",
            "#[derive(Clone, FromRef)] struct S {}",
        ),
        (
            "#[actix_web::get(\"/x/{id}\", name = \"n\")] async fn f() {}",
            "#[actix_web::get(\"/x/{id}\", name = \"n\") \"/x/{id}\"] async fn f() {}",
        ),
        (
            "struct S { #[serde(rename = \"b\")] a: u8 }",
            "struct S {#[serde(rename = \"b\") \"b\"] a: u8}",
        ),
        (
            "#[cfg_attr(test, a)] #[cfg_attr(feature = \"x\", b(1), c)] struct S;",
            "#[b(1)] #[c()] struct S {}",
        ),
        ("#[tokio::main] async fn main() {}", "#[tokio::main()] async fn main() {}"),
    ]);
}

#[test]
fn conditions() {
    table(&[
        ("#[cfg(test)] mod a { fn f() {} } #[cfg(test)] mod b; #[test] fn c() {}", "off mod b"),
        ("#[tokio::test] async fn a() {} #[sqlx::test(a)] fn b() {} #[bench] fn c() {}", ""),
        ("#[cfg(any(test, feature = \"x\"))] fn a() {}", "[any(x)] fn a() {}"),
        ("#[cfg(any(test, unix))] fn a() {} #[cfg(all(test, unix))] fn b() {}", "fn a() {}"),
        (
            "#[cfg(not(test))] fn a() {} #[cfg(loom)] fn b() {} #[cfg(not(loom))] fn b() {}",
            "fn a() {}; fn b() {}; fn b() {}",
        ),
        (
            "#[cfg(not(feature = \"x\"))] #[cfg(feature = \"y\")] fn a() {}",
            "[all(not(x),y)] fn a() {}",
        ),
        (
            "#[cfg(false)] fn a() {} #[cfg(all(true, doc))] fn b() {} #[cfg(not(false))] fn c() {}",
            "fn c() {}",
        ),
        (
            "struct S { #[cfg(test)] a: u8, #[cfg(feature = \"x\")] b: u8 } enum E { #[cfg(test)] A }",
            "struct S {[x] b: u8}; enum E {}",
        ),
        (
            "fn f(#[cfg(test)] a: u8, b: u8) { #[cfg(test)] let x = 1; #[cfg(test)] { g() } \
          #[cfg(test)] a.b = 1; match b { #[cfg(test)] 1 => 2, _ => [#[cfg(test)] a, b] } }",
            "fn f(b: u8) {match b {_ => [b]}}",
        ),
        (
            "impl S { #[cfg(test)] type A = u8; #[cfg(test)] fn f() {} } \
          trait T { #[cfg(test)] type A; #[cfg(test)] const B: u8; }",
            "impl S {}; trait T: {}",
        ),
    ]);
}

#[test]
fn expressions() {
    bodies(&[
        (
            "self.a.lock().unwrap().insert(k, 1)?; x.0.await",
            "self.a.lock().unwrap().insert(k, 1)?; x.0.await",
        ),
        (
            "a::<u8>::b(c::D, \"s\", true, -1, 'c', 1.5)",
            "a::b<u8>(c::D, \"s\", true, !1, lit, lit)",
        ),
        ("<T as A>::f(x.parse::<u8>())", "<T>::A::f(x.parse::<u8>())"),
        (
            "*a += &mut b % 2; c = a[0] as u64; d == e && !f",
            "*a op= (&mut b Remainder 2); c = a[0] as u64; ((d Equal e) And !f)",
        ),
        (
            "let Some(ref x @ (A::B | C { d, .. })) = y else { return };",
            "let Some(x @ A::B|C {d: d}) = y else {return};",
        ),
        (
            "if let Ok(x) = y && z { a } else if b { c } else { d }",
            "if (let Ok(x) = y And z) {a} else if b {c} else {d}",
        ),
        (
            "while let Some(x) = a.next() { continue } loop { break 1 }",
            "loop let Some(x) = a.next() {continue}; loop {break 1}",
        ),
        (
            "'a: while b { loop { continue 'a } loop { break 'a } for c in d { break } continue 'a }",
            "loop b {loop {continue^1}; loop {break^2}; for c in d {break^0}; continue}",
        ),
        (
            "loop { 'a: { loop { break 'a } break } for c in d { loop { break } continue } }",
            "loop {{loop {break}; break}; for c in d {loop {break}; continue}}",
        ),
        ("for (a, b) in 0..n { a }", "for (a, b) in 0..n {a}"),
        ("async move |a, b: u8| a + b", "async move |a, b: u8| (a Add b)"),
        ("spawn(async move { a.b().await })", "spawn(async move {a.b().await})"),
        ("A { b, c: 1, ..d() }", "A {b: b, c: 1 ..d()}"),
        (
            "match a { A::B(x) if x > 1 => x, &[a, ..] => 2, _ => unsafe { B } }",
            "match a {A::B(x) if (x More 1) => x, &[a, _] => 2, _ => {B}}",
        ),
        ("[0; 4]; (a, ()); [1, 2, 3, f()]", "[0; 4]; (a, ()); [f()]"),
        ("[\"a\", \"b\", 1]", "[\"a\", \"b\"]"),
        (
            "18446744073709551615; 18446744073709551616; b\"x\"; c\"y\"",
            "18446744073709551615; lit; lit; lit",
        ),
        (
            "fn g() {} use a::b; static S: u8 = 1; g()",
            "fn g() {} use a::b as b static Plain S: u8 = 1 g()",
        ),
    ]);
}

#[test]
fn every_expression_has_a_place() {
    let text = "fn f() { x = ..; b = _; y = ..=d; [e; 2]; -g; !h; i as u8; j()\n?; k!{l} }";
    let (facts, _) = read(text);
    let said: Vec<&str> = facts
        .exprs
        .iter()
        .map(|expr| &text[expr.at.start as usize..expr.at.end as usize])
        .collect();
    let wanted =
        ["x = ..", "b = _", "y = ..=d", "[e; 2]", "-g", "!h", "i as u8", "j()\n?", "k!{l}"];
    for wanted in wanted {
        assert!(said.contains(&wanted), "{wanted}: {said:?}");
    }
}

#[test]
fn macros_in_bodies() {
    bodies(&[
        ("vec![a, b(1)]; vec![x; n]", "vec!(a, b(1)); vec!(x, n)"),
        (
            "println!(\"{a} {b:?} {{c}} {0:>w$}\", d, e = f.g())",
            "println!(\"{a} {b:?} {{c}} {0:>w$}\" a, b, w, d, f.g())",
        ),
        (
            "tracing::info!(target: \"x\", user.id = %id, ?err, kind = \"db\", \"hi {y}\", z)",
            "tracing::info!(\"hi {y}\" \"x\", id, err, \"db\", y, z)",
        ),
        ("format!(\"{}/{name}\", dir)", "format!(\"{}/{name}\" dir, name)"),
        ("write!(f, \"{}\", self.x)?", "write!(\"{}\" f, self.x)?"),
        (
            "assert!(matches!(x.get(1), Some(A | B) if y), \"no {z}\")",
            "assert!(matches!(x.get(1)), \"no {z}\")",
        ),
        (
            "tokio::select! { biased; Some(m) = rx.recv(), if ok => { a(m) } _ = b => c, else => d }",
            "tokio::select!(match rx.recv().await {Some(m) if ok => {a(m)}}, match b.await {_ => c}, d)",
        ),
        (
            "select! { x = a.fuse() => b(x), default => {} complete => break, }",
            "select!(match a.fuse().await {x => b(x)}, {}, break)",
        ),
        (
            "select! { recv(rx) -> msg => f(msg), default(t) => g() }",
            "select!(match rx.recv() {msg => f(msg)}, t, g())",
        ),
        (
            "json!({\"a\": x.y(), \"b\": [1, f(z), {\"c\": &d}], e: null})",
            "json!(x.y(), f(z), &d, null)",
        ),
        (
            "my!(a.b(), c); my!(let x = 1; f(x)); my!(a => b); my!{}",
            "my!(a.b(), c); my!({let x = 1; f(x)}); my!(); my!()",
        ),
        (
            "cfg_if! { if #[cfg(test)] { a() } else if #[cfg(feature = \"x\")] { b() } else { c(); } }",
            "cfg_if!({b()}, {c();})",
        ),
        (
            "cfg_select! { test => { a() } feature = \"x\" => b(), true => { c(); } _ => d() }",
            "cfg_select!({b()}, {c();})",
        ),
        (
            "thread_local! { static A: u8 = const { 1 }; } lazy_static! { static ref B: u8 = 2; } A.x()",
            "static ThreadLocal A: u8 = {1} static Lazy B: u8 = 2 A.x()",
        ),
        ("macro_rules! m { () => { static X: u8 = 1; } } m!(); X", "static Plain X: u8 = 1 X"),
    ]);
}

#[test]
fn macros_between_items() {
    table(&[
        (
            "lazy_static! { /// doc\n pub static ref A: Mutex<u8> = Mutex::new(1); #[cfg(test)] static ref B: u8 = 2; }",
            "pub static Lazy A: Mutex<u8> = Mutex::new(1)",
        ),
        (
            "thread_local!(static A: Cell<u8> = const { Cell::new(1) }; pub(crate) static B: u8 = 2);",
            "static ThreadLocal A: Cell<u8> = {Cell::new(1)}; static ThreadLocal B: u8 = 2",
        ),
        (
            "cfg_if! { if #[cfg(test)] { fn a() {} } else if #[cfg(feature = \"x\")] { fn b() {} } else { mod c; } }",
            "[x] fn b() {}; [not(x)] mod c",
        ),
        (
            "cfg_select! { debug_assertions => { fn a() {} } all(unix, feature = \"x\") => { fn b() {} } _ => { mod c; } }",
            "[x] fn b() {}; [not(x)] mod c",
        ),
        ("macro_rules! m { () => { static X: u8 = 1; }; } m!();", "static Plain X: u8 = 1"),
        ("wrap! { fn a() { b() } struct C; }", "fn a() {b()}; struct C {}"),
        (
            "#[cfg(feature = \"x\")] wrap! { #[cfg(feature = \"y\")] fn a() {} }",
            "[all(x,y)] fn a() {}",
        ),
        ("register!(a::b, c());", "register!(a::b, c())"),
        ("odd!(=> => );", "odd!()"),
    ]);
}
