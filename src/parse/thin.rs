//! What of a text need not be read? Comments, and bodies that nobody is going to ask for: they are
//! about a third of it.
//!
//! They are cut before the text is parsed, with every line and column of the rest left where it
//! was. What they held would be dropped after parsing anyhow: a test is never part of a service, and
//! of a file that is only counted nothing but its modules and macros is looked for.

use std::borrow::Cow;
use std::ops::Range;

use super::scan::{Kind, tokens};

/// The text with nothing between the braces of each `#[cfg(test)] mod tests { .. }`, and without
/// the comments that end with their line.
///
/// A text whose delimiters do not match is left whole, as nobody knows where they end: its mistake
/// is then told. One inside a module that ends where it should is not; nothing there is judged.
pub(super) fn without_tests(text: &str) -> Cow<'_, str> {
    // `cfg(test)` or `cfg(all(test, ..))`; a comment costs less than a look for it, unless it is
    // documentation, of which the parser makes an attribute. Many texts have none of them.
    match ["(test", "///", "//!"].iter().any(|sign| text.contains(sign)) {
        true => without(text, tests(text)),
        false => Cow::Borrowed(text),
    }
}

/// The text with nothing between the braces of each function, and without the comments that end
/// with their line. One whose delimiters do not match is left whole.
pub(super) fn without_functions(text: &str) -> Cow<'_, str> {
    without(text, functions(text))
}

fn without(text: &str, cuts: Vec<Range<usize>>) -> Cow<'_, str> {
    if cuts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut thin = String::with_capacity(text.len());
    let mut at = 0;
    for cut in cuts {
        thin.push_str(&text[at..cut.start]);
        let (lines, last) = match text[cut.clone()].rsplit_once('\n') {
            Some((lines, last)) => (lines.bytes().filter(|b| *b == b'\n').count() + 1, last),
            None => (0, &text[cut.clone()]),
        };
        thin.extend(std::iter::repeat_n('\n', lines));
        at = cut.end;
        // At the end of its line nothing stands behind it that could move.
        if text.as_bytes().get(at).is_some_and(|next| *next != b'\n') {
            thin.extend(last.chars().map(|_| ' '));
        }
    }
    thin.push_str(&text[at..]);
    Cow::Owned(thin)
}

/// What is to be cut, found token by token.
#[derive(Debug, Default)]
struct Cuts {
    found: Vec<Range<usize>>,
    /// How many of them a word or an attribute follows, which may be what they speak of:
    /// documentation of nothing is a mistake, and stays to be told.
    settled: usize,
    /// What closes each delimiter that is open.
    open: Vec<u8>,
    mismatched: bool,
    /// The sign before, or `a` for anything else that is no comment.
    before: u8,
    /// `name!` came last.
    called: bool,
    /// How many delimiters are open around what a macro is given.
    given: Option<usize>,
}

impl Cuts {
    /// A macro may ask for the documentation that it is given.
    fn comment(&mut self, text: &str, start: usize, end: usize) {
        if self.given.is_none() && text[start..].starts_with("//") {
            self.found.push(start..end);
        }
    }

    /// A body, and with it what was to be cut inside.
    fn body(&mut self, body: Range<usize>) {
        while self.found.last().is_some_and(|cut| cut.start >= body.start) {
            self.found.pop();
        }
        self.found.push(body);
        self.settled = self.found.len();
    }

    /// What comes next does so after this sign, or after a word or text.
    fn pass(&mut self, sign: u8) {
        self.before = sign;
        self.settled = self.found.len();
    }

    /// How many delimiters are open around a sign: around a delimiter as many as around its other
    /// half.
    fn depth(&mut self, sign: u8) -> usize {
        let closes = matches!(sign, b')' | b']' | b'}');
        if closes {
            self.mismatched |= self.open.pop() != Some(sign);
        }
        if !matches!(sign, b'a' | b'#') {
            self.found.truncate(self.settled);
        }
        let here = self.open.len();
        // The name of a macro that is defined stands between.
        if sign != b'a' {
            let opens = matches!(sign, b'(' | b'[' | b'{');
            if opens && self.called && self.given.is_none() {
                self.given = Some(here);
            } else if closes && self.given == Some(here) {
                self.given = None;
            }
            self.called = sign == b'!' && self.before == b'a';
        }
        here
    }

    fn enter(&mut self, sign: u8) {
        match sign {
            b'(' => self.open.push(b')'),
            b'[' => self.open.push(b']'),
            b'{' => self.open.push(b'}'),
            _ => {}
        }
        self.pass(sign);
    }

    /// None where delimiters do not match.
    fn all(mut self) -> Vec<Range<usize>> {
        self.found.truncate(self.settled);
        match self.mismatched || !self.open.is_empty() {
            true => Vec::new(),
            false => self.found,
        }
    }
}

/// What the walk over a file that is only counted waits for next.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// `fn`, but not in what a macro is given: that may be items, and is read as it stands.
    Function,
    Name,
    Brace {
        depth: usize,
    },
    /// The end of a body that started there.
    End {
        depth: usize,
        start: usize,
    },
}

/// Comments, and the bodies of functions.
fn functions(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut cuts = Cuts::default();
    let mut next = Next::Function;
    tokens(text, |kind, start, end| {
        if kind == Kind::Comment {
            return cuts.comment(text, start, end);
        }
        let sign = if kind == Kind::Sign { bytes[start] } else { b'a' };
        let here = cuts.depth(sign);
        next = match next {
            Next::Function if cuts.given.is_none() && &bytes[start..end] == b"fn" => Next::Name,
            Next::Function => Next::Function,
            Next::Name if kind == Kind::Word => Next::Brace { depth: here },
            // The type of a function has no name.
            Next::Name => Next::Function,
            Next::Brace { depth } if here < depth || here == depth && sign == b';' => {
                Next::Function
            }
            Next::Brace { depth } if here == depth && sign == b'{' => {
                Next::End { depth, start: end }
            }
            Next::End { depth, start: body } if here == depth => {
                cuts.body(body..start);
                Next::Function
            }
            Next::Brace { .. } | Next::End { .. } => next,
        };
        cuts.enter(sign);
    });
    cuts.all()
}

/// What the walk over the tokens waits for next; each but the first knows its depth.
#[derive(Debug, Clone, Copy)]
enum Wait {
    /// `#[`.
    Attribute,
    /// What stands in the brackets; `armed` by an attribute before it.
    Condition {
        depth: usize,
        seen: Seen,
        armed: bool,
    },
    /// More attributes, `pub`, `mod`.
    Module {
        depth: usize,
    },
    Name {
        depth: usize,
    },
    Brace {
        depth: usize,
    },
    /// The end of a body that started there.
    End {
        depth: usize,
        start: usize,
    },
}

/// How much of `cfg(test)` or `cfg(all(test, ..))` was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Nothing,
    Cfg,
    Open,
    All,
    OpenAll,
    /// `test`, and whether inside `all`.
    Test(bool),
    Off,
    Other,
}

impl Seen {
    fn next(self, token: &[u8]) -> Seen {
        match (self, token) {
            (Seen::Off, _) => Seen::Off,
            (Seen::Nothing, b"cfg") => Seen::Cfg,
            (Seen::Cfg, b"(") => Seen::Open,
            (Seen::Open, b"all") => Seen::All,
            (Seen::All, b"(") => Seen::OpenAll,
            (Seen::Open, b"test") => Seen::Test(false),
            (Seen::OpenAll, b"test") => Seen::Test(true),
            (Seen::Test(_), b")") | (Seen::Test(true), b",") => Seen::Off,
            _ => Seen::Other,
        }
    }
}

/// Comments, and the bodies of test modules.
fn tests(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut cuts = Cuts::default();
    let mut wait = Wait::Attribute;
    tokens(text, |kind, start, end| {
        if kind == Kind::Comment {
            return cuts.comment(text, start, end);
        }
        // Most words and texts say nothing of where a test begins or ends.
        if kind != Kind::Sign && matches!(wait, Wait::Attribute | Wait::End { .. }) {
            cuts.pass(b'a');
            return;
        }
        let token = &bytes[start..end];
        let sign = if kind == Kind::Sign { token[0] } else { b'a' };
        let here = cuts.depth(sign);
        let attribute = sign == b'[' && cuts.before == b'#';
        wait = match wait {
            Wait::Attribute if attribute => {
                Wait::Condition { depth: here, seen: Seen::Nothing, armed: false }
            }
            Wait::Attribute => Wait::Attribute,
            Wait::Condition { depth, seen, armed } if here == depth => {
                match armed || seen == Seen::Off {
                    true => Wait::Module { depth },
                    false => Wait::Attribute,
                }
            }
            Wait::Condition { depth, seen, armed } => {
                Wait::Condition { depth, seen: seen.next(token), armed }
            }
            // What `pub(..)` holds.
            Wait::Module { depth } if here > depth => wait,
            Wait::Module { depth } => match token {
                b"mod" => Wait::Name { depth },
                b"#" | b"pub" | b"(" | b")" => wait,
                _ if attribute => Wait::Condition { depth, seen: Seen::Nothing, armed: true },
                _ => Wait::Attribute,
            },
            Wait::Name { depth } if kind == Kind::Word => Wait::Brace { depth },
            Wait::Brace { depth } if sign == b'{' => Wait::End { depth, start: end },
            Wait::Name { .. } | Wait::Brace { .. } => Wait::Attribute,
            Wait::End { depth, start: body } if here == depth => {
                cuts.body(body..start);
                Wait::Attribute
            }
            Wait::End { .. } => wait,
        };
        cuts.enter(sign);
    });
    cuts.all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is left of the body but where the rest stands.
    fn is_blanked(thin: &str, before: &str, body: &str, after: &str) {
        let blank = thin.strip_prefix(before).and_then(|thin| thin.strip_suffix(after));
        let blank = blank.unwrap_or_else(|| panic!("{thin}"));
        assert!(blank.bytes().all(|b| b == b' ' || b == b'\n'), "{thin}");
        assert_eq!(blank.split('\n').count(), body.split('\n').count(), "{thin}");
        let width = |text: &str| text.chars().rev().take_while(|c| *c != '\n').count();
        assert_eq!(width(blank), width(body), "{thin}");
    }

    #[test]
    fn only_the_bodies_of_test_modules_are_blanked() {
        for (before, body, after) in [
            ("#[cfg(test)] mod tests {", " fn f() { g(\"}\") } ", "} fn g() {}"),
            (
                "a(); #[cfg(test)]\nmod tests {",
                "\r\n// }\n  mod a {}\n\u{e4} /* */ ",
                "} fn g() {}",
            ),
            ("#[cfg(all(test, unix))] #[x(y)] pub(in a) mod b {", "'{'", "}"),
            ("#[x] #[cfg(test)] /** ] */\n#[path = \"]\"] pub mod b {", "b'{' 'a r#\"}\"#", "}"),
            ("mod a { #![x] #[cfg(test)  ] mod b {", "[{()}]", "} x }"),
        ] {
            let text = format!("{before}{body}{after}");
            is_blanked(&without_tests(&text), before, body, after);
        }
    }

    #[test]
    fn everything_else_is_left_as_it_is() {
        for text in [
            "#[cfg(test)] mod tests;",
            "#[cfg(test)] fn f() { g() }",
            "#[cfg(test)] use a::{b}; mod c { d }",
            "#[cfg(not(test))] mod a { b }",
            "#[cfg(any(test, a))] mod b { c } #[cfg(test_util)] mod d { e }",
            "#[cfg_attr(test, a)] mod b { cfg(test) }",
            "#![cfg(test)] mod a { b }",
            "/* #[cfg(test)] */ mod a { b } \"#[cfg(test)] // x\" mod c { d }",
            "#[cfg(test)] mod a { ( } #[cfg(test)] mod b { c }",
            "#[cfg(test)] mod a { b ",
        ] {
            assert_eq!(without_tests(text), text);
        }
    }

    #[test]
    fn comments_are_cut_to_the_end_of_their_line() {
        for (text, thin) in [
            ("//! a\n/// b\r\nfn f() {} // c\nmod d;", "\n\nfn f() {} \nmod d;"),
            (
                "x(\"///\", 'a', '\"'); /// \u{e4}\n#[y] /* /// */",
                "x(\"///\", 'a', '\"'); \n#[y] /* /// */",
            ),
            ("/// a\nx r#\"\"///\"#", "\nx r#\"\"///\"#"),
            ("/// a\n#[cfg(test)] mod b { // }\n c }", "\n#[cfg(test)] mod b {\n   }"),
        ] {
            assert_eq!(without_tests(text), thin);
        }
        let given =
            "a!(b) { } a! { /// b\n c } macro_rules! d { (/// e\n f) => { a::b!(/// f\n g) } } g";
        assert_eq!(without_tests(&format!("{given} {{ /// h\ni}}")), format!("{given} {{ \ni}}"));
        for text in [
            "// a\nmod b;",
            "/// a\nfn f(",
            "/// a\n) fn f(",
            "mod a { /// b\n}",
            "/// b",
            "a /// b\n+ c",
        ] {
            assert_eq!(without_tests(text), text);
        }
    }

    #[test]
    fn bodies_of_functions_are_cut() {
        for (before, body, after) in [
            ("pub async fn f<T>(a: [u8; { 1 }]) -> ! {", " g(|| { }, \"}\") ", "} mod b;"),
            ("impl A { const A: u8 = { 1 }; fn r#g() where A: B {", " x\n\u{e4} y ", "} }"),
            ("trait A { fn f(); type F = fn(); fn g() {", " /* { */ 1 ", "} }"),
        ] {
            let text = format!("{before}{body}{after}");
            is_blanked(&without_functions(&text), before, body, after);
        }
        for text in [
            "macro_rules! a { () => { fn f() { mod b; } } }",
            "a::b! { fn f() { 1 } } type F = fn() -> u8; struct S { f: fn(u8), g: A<{ 1 }> }",
            "const A: u8 = { 1 }; fn f() { 1 } ) mod b;",
            "fn f() { 1 ",
        ] {
            assert_eq!(without_functions(text), text);
        }
    }
}
