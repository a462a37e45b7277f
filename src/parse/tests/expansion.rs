//! Are macros that the program defines seen through? Tables of a text and how its facts look.

use super::{bodies, read, shown, table};
use crate::parse::stack_bound;
use crate::parse::tree::ItemKind;

#[test]
fn items_of_macros() {
    table(&[
        (
            "macro_rules! m { ($n:ident, $t:ty) => { static $n: Mutex<$t> = Mutex::new(<$t>::new()); } } \
             m!(A, Vec<u8>); m! { B, u8 }",
            "static Plain A: Mutex<Vec<u8>> = Mutex::new(<Vec<u8>>::::new()); \
             static Plain B: Mutex<u8> = Mutex::new(<u8>::::new())",
        ),
        // Arms in order, separators, repetitions inside repetitions, a trailing comma.
        (
            "macro_rules! m { () => {}; ($($g:ident { $($n:ident : $t:ty = $d:expr),* $(,)? })+) => { \
             $(struct $g { $($n: $t),* } impl $g { $(fn $n(&self) -> $t { self.$n.or($d) })* })+ } } \
             m!{} m!{ A { x: u8 = 1, y: Vec<u8> = a + b, } B { } }",
            "struct A {x: u8, y: Vec<u8>}; impl A {fn x(Ref; ) -> u8 {self.x.or(1)}; \
             fn y(Ref; ) -> Vec<u8> {self.y.or((a Add b))}}; struct B {}; impl B {}",
        ),
        // A name that stays the same in each repetition; a list behind an operator.
        (
            "macro_rules! m { ($v:vis $s:ident => $($n:ident)|+) => { $($v fn $n() { $s::$n() })+ } } \
             m!(pub(crate) S => a | b); m!(T => c);",
            "fn a() {S::a()}; fn b() {S::b()}; fn c() {T::c()}",
        ),
        // One macro calls another, and itself.
        (
            "macro_rules! one { ($n:ident) => { static $n: u8 = 0; } } \
             macro_rules! all { ($h:ident $($t:tt)*) => { one!($h); all!($($t)*); }; () => {} } all!(A B C);",
            "static Plain A: u8 = 0; static Plain B: u8 = 0; static Plain C: u8 = 0",
        ),
        // A macro that defines a macro.
        (
            "macro_rules! m { ($n:ident) => { macro_rules! $n { ($x:ident) => { fn $x() {} } } } } \
             m!(k); k!(f);",
            "fn f() {}",
        ),
        // Attributes and texts of the call.
        (
            "macro_rules! m { ($(#[$m:meta])* $n:ident, $p:literal) => { $(#[$m])* #[get($p)] fn $n() {} } } \
             m!(#[a(1)] #[b = \"x\"] f, \"/f\");",
            "#[a(1)] #[b() \"x\"] #[get(\"/f\") \"/f\"] fn f() {}",
        ),
        (
            "macro_rules! m { ($l:lifetime, $i:item, $p:path) => { struct S<$l>(&$l $p); $i } } \
             m!('a, fn f() {}, a::b::C<u8>);",
            "struct S {0: &a::b::C<u8>}; fn f() {}",
        ),
        ("macro_rules! m { ($n:ident) => { mod $n; } } m!(a);", "mod a"),
        (
            "macro_rules! m { ($n:ident) => { lazy_static! { static ref $n: u8 = 1; } } } m!(A);",
            "static Lazy A: u8 = 1",
        ),
        (
            "macro_rules! m { ($n:ident) => { fn $n(&self) {} } } impl S { m!(f); } trait T { m!(g); }",
            "impl S {fn f(Ref; ) {}}; trait T: {pub fn g(Ref; ) {}}",
        ),
        (
            "macro_rules! opt { ($t:ty) => { Option<$t> } } struct S { a: opt!(u8) }",
            "struct S {a: Option<u8>}",
        ),
        ("macro_rules! m { () => { struct S; } } #[cfg(feature = \"x\")] m!();", "[x] struct S {}"),
        (
            "macro_rules! m { () => { $crate::a::f() } } static A: u8 = m!();",
            "static Plain A: u8 = crate::a::f()",
        ),
    ]);
}

#[test]
fn scopes_of_macros() {
    table(&[
        // Later ones hide earlier ones; a block or a module keeps its own.
        (
            "macro_rules! m { () => { 1 } } fn a() { m!() } macro_rules! m { () => { 2 } } fn b() { m!() }",
            "fn a() {1}; fn b() {2}",
        ),
        (
            "fn a() { macro_rules! m { () => { 1 } } m!() } fn b() { m!() }",
            "fn a() {1}; fn b() {m!()}",
        ),
        (
            "mod a { macro_rules! m { () => { 1 } } } #[macro_use] mod b { macro_rules! n { () => { 1 } } } \
             fn c() { m!(); n!() }",
            "mod a {}; #[macro_use()] mod b {}; fn c() {m!(); 1}",
        ),
        // The program's own one is meant, also where others have the name.
        ("macro_rules! vec { ($x:expr) => { f($x) } } fn a() { vec![1] }", "fn a() {f(1)}"),
        (
            "macro_rules! m { () => { 1 } } fn a() { crate::m!(); other::m!() }",
            "fn a() {1; other::m!()}",
        ),
        ("#[cfg(test)] macro_rules! m { () => { 1 } } fn a() { m!() }", "fn a() {m!()}"),
    ]);
}

#[test]
fn bodies_of_macros() {
    let with = |body: &str, rest: &str| format!("macro_rules! m {{ {body} }} {rest}");
    let rows = [
        // An argument stays one operand.
        (with("($a:expr) => { $a * 2 }", "m!(x + y)"), "((x Add y) Other 2)"),
        (
            with("($a:expr, $b:expr) => {{ let t = $a; t.f($b) }}", "m!(x?, y.await)"),
            "{let t = x?; t.f(y.await)}",
        ),
        // Statements are the block's own.
        (
            with("($n:ident, $e:expr) => { let $n = $e; g($n); }", "m!(a, b()); c(a)"),
            "let a = b(); g(a); c(a)",
        ),
        (with("($e:expr) => { return Err($e) }", "if a { m!(b); } c"), "if a {return Err(b);}; c"),
        (with("($e:expr) => { $e.f() }", "m!(a)"), "a.f()"),
        (with("($e:expr) => { $e.f() }", "m!(a);"), "a.f();"),
        (
            with(
                "($c:ident : $b:block) => { $c.run(move |$c| $b).await }",
                "m!(conn: { conn.f() })",
            ),
            "conn.run(move |conn| {conn.f()}).await",
        ),
        (
            with("($p:pat => $e:expr) => { if let $p = x { $e } }", "m!(Some(a) | Ok(a) => a.b())"),
            "if let Some(a)|Ok(a) = x {a.b()}",
        ),
        (with("($p:pat) => { $p }", "match a { m!(B(c)) => c }"), "match a {B(c) => c}"),
        (with("($($s:stmt;)*) => { $($s;)* }", "m!(let a = 1; f(a););"), "let a = 1; f(a);"),
        (
            with("($a:literal) => { f($a) }", "m!(-1); m!(\"s\"); m!(true)"),
            "f(!1); f(\"s\"); f(true)",
        ),
        // Operators of several signs are one token.
        (with("($($t:tt)=>*) => { f($($t),*) }", "m!(a => b)"), "f(a, b)"),
        (with("($a:tt $b:tt $c:tt) => { $a $b $c }", "m!(a && b)"), "(a And b)"),
        (with("($a:ident :: $b:ident) => { 1 }; ($a:ident : $b:ident) => { 2 }", "m!(a: b)"), "2"),
        // Named parts in any place, an optional part.
        (
            with(
                "(@$k:ident $e:expr) => { $k($e) }; ($e:expr $(, $n:ident)?) => { m!(@f g($e $(, $n)?)) }",
                "m!(a, b); m!(c)",
            ),
            "f(g(a, b)); f(g(c))",
        ),
        (
            with(
                "($($k:expr => $v:expr),* $(,)?) => {{ let mut t = Map::new(); $(t.insert($k, $v);)* t }}",
                "m!{ 1 => a, 2 => b, }",
            ),
            "{let t = Map::new(); t.insert(1, a); t.insert(2, b); t}",
        ),
        (
            with("($f:expr, $($a:tt)*) => { log(format!($f, $($a)*)) }", "m!(\"{x} {}\", y)"),
            "log(format!(\"{x} {}\" x, y))",
        ),
        // What fits no arm, or gives no Rust, is an unknown call as before.
        (with("(a) => { 1 }", "m!(b)"), "m!(b)"),
        (with("($a:expr) => { => }", "m!(b)"), "m!(b)"),
        (with("($($a:expr),*; $($b:expr),*) => { $(f($a, $b));* }", "m!(1, 2; 3)"), "m!()"),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(text, wanted)| (&**text, *wanted)).collect();
    bodies(&rows);
}

/// The text at the place of each static, and that of the whole item.
fn statics(text: &str) -> Vec<(&str, &str)> {
    let (facts, _) = read(text);
    let cut = |at: crate::parse::tree::Range| &text[at.start as usize..at.end as usize];
    let statics = facts.items.iter().filter(|item| matches!(item.kind, ItemKind::Static { .. }));
    statics.map(|item| (cut(item.at), cut(item.whole))).collect()
}

#[test]
fn places_of_what_a_macro_gives() {
    // The name of the call, for each call.
    assert_eq!(
        statics("macro_rules! m { ($n:ident) => { static $n: u8 = 0; } } m!(ä); m! { B }"),
        [("ä", "m!(ä)"), ("B", "m! { B }")]
    );
    // A definition that is called once is where its state lives ..
    assert_eq!(
        statics("macro_rules! m { () => { static A: u8 = 0; } } m!();"),
        [("A", "static A: u8 = 0;")]
    );
    // .. of one that is called twice, each call makes its own.
    assert_eq!(
        statics("macro_rules! m { ($t:ty) => { static A: $t = 0; } } m!(u8); fn f() { m!(u16); }"),
        [("m", "m!(u8)")]
    );
    for text in [
        "macro_rules! m { ($a:expr, $b:expr) => { f($b).g($a, h::<u8>(), $b + $a)[$a] } } fn f() { m!(ä.x, y.z) }",
        "macro_rules! m { ($a:ident, $t:ty) => { impl $t { fn $a(x: &$t) { $a::f(x as $t); } } } } m!(aé, B<u8>);",
        "macro_rules! m { ($a:ident) => { n!($a, c::D); } } macro_rules! n { ($a:ident, $t:path) => \
         { static $a: $t = <$t>::f(|ä: $t| $t { $a }); } } m!(S);",
    ] {
        let (facts, _) = read(text);
        let exprs = facts.exprs.iter().map(|expr| expr.at);
        let places = exprs.chain(facts.types.iter().map(|ty| ty.at));
        let places = places.chain(facts.items.iter().flat_map(|item| [item.at, item.whole]));
        for at in places {
            assert!(text.get(at.start as usize..at.end as usize).is_some(), "{text}: {at:?}");
        }
    }
}

#[test]
fn macros_end() {
    let long = "a,".repeat(4_000);
    for text in [
        // Endless, doubling, growing in depth.
        "macro_rules! m { ($($t:tt)*) => { m!($($t)* a) } } fn f() { m!() }".to_string(),
        "macro_rules! m { ($($t:tt)*) => { m!($($t)* $($t)* a); m!($($t)*); } } m!(a);".to_string(),
        "macro_rules! m { ($t:expr) => { m!((((((((($t))))))))) } } fn f() { m!(a) }".to_string(),
        "macro_rules! m { ($t:expr) => { m!($t + $t) } } fn f() { m!(a) }".to_string(),
        "macro_rules! m { ($($t:tt)*) => { f($(m!($($t)*)),*) } } fn f() { m!(a a a a a a) }".to_string(),
        "macro_rules! m { (a, $($t:tt)*) => { m!($($t)*) }; () => { 1 } } fn f() { m!(L) }"
            .replace('L', &long),
        "macro_rules! m { ($($a:expr),* ; b) => { 1 }; ($($a:expr),* ; c) => { 1 } } fn f() { m!(L) }"
            .replace('L', &long),
        // Odd definitions.
        "macro_rules! m { } m!(); macro_rules! n { () => } n!(); macro_rules! o(($a) => { $a }); o!(a);"
            .to_string(),
        "macro_rules! m { ($($a:ident)*) => { $($b)* $a } } m!(a b); fn f() { m!(c) }".to_string(),
        "macro_rules! m { ($a:odd) => {}; ($) => {} } m!(a); fn f() { m!() }".to_string(),
    ] {
        let stack = stack_bound(&text) + (1 << 20);
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(stack);
            let thread = thread.spawn_scoped(scope, || drop(shown(&text))).expect("a thread");
            thread.join().expect("no panic");
        });
    }
}
