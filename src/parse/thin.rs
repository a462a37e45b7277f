//! What of a text need not be read? The bodies of test modules, which are about a third of it.
//!
//! They are blanked before the text is parsed, with every line and column of the rest left where it
//! was. What they held would be dropped after parsing anyhow: a test is never part of a service.

use std::borrow::Cow;
use std::ops::Range;

use super::scan::{Kind, tokens};

/// The text with nothing between the braces of each `#[cfg(test)] mod tests { .. }`.
///
/// A text whose delimiters do not match is left whole, as nobody knows where they end: its mistake
/// is then told. One inside a module that ends where it should is not; nothing there is judged.
pub(super) fn without_tests(text: &str) -> Cow<'_, str> {
    // `cfg(test)` or `cfg(all(test, ..))`; most texts have neither.
    if !text.contains("(test") {
        return Cow::Borrowed(text);
    }
    let bodies = bodies(text);
    if bodies.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut thin = String::with_capacity(text.len());
    let mut at = 0;
    for body in bodies {
        thin.push_str(&text[at..body.start]);
        let (lines, last) = match text[body.clone()].rsplit_once('\n') {
            Some((lines, last)) => (lines.bytes().filter(|b| *b == b'\n').count() + 1, last),
            None => (0, &text[body.clone()]),
        };
        thin.extend(std::iter::repeat_n('\n', lines));
        thin.extend(last.chars().map(|_| ' '));
        at = body.end;
    }
    thin.push_str(&text[at..]);
    Cow::Owned(thin)
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

/// Where the bodies of test modules lie; none where delimiters do not match.
fn bodies(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut bodies = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    let (mut wait, mut before, mut matched) = (Wait::Attribute, b' ', true);
    tokens(text, |kind, start, end| {
        if kind == Kind::Comment {
            return;
        }
        // Most words and texts say nothing of where a test begins or ends.
        if kind != Kind::Sign && matches!(wait, Wait::Attribute | Wait::End { .. }) {
            before = b'a';
            return;
        }
        let token = &bytes[start..end];
        let sign = if kind == Kind::Sign { token[0] } else { b'a' };
        if matches!(sign, b')' | b']' | b'}') {
            matched &= open.pop() == Some(sign);
        }
        let here = open.len();
        let attribute = sign == b'[' && before == b'#';
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
                bodies.push(body..start);
                Wait::Attribute
            }
            Wait::End { .. } => wait,
        };
        match sign {
            b'(' => open.push(b')'),
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            _ => {}
        }
        before = sign;
    });
    match matched && open.is_empty() {
        true => bodies,
        false => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("#[x] #[cfg(test)] /// ]\n#[path = \"]\"] pub mod b {", "b'{' 'a r#\"}\"#", "}"),
            ("mod a { #![x] #[cfg(test)  ] mod b {", "[{()}]", "} x }"),
        ] {
            let thin = without_tests(&format!("{before}{body}{after}")).into_owned();
            let blank = thin.strip_prefix(before).and_then(|thin| thin.strip_suffix(after));
            let blank = blank.unwrap_or_else(|| panic!("{thin}"));
            assert!(blank.bytes().all(|b| b == b' ' || b == b'\n'), "{thin}");
            assert_eq!(blank.split('\n').count(), body.split('\n').count(), "{thin}");
            let width = |text: &str| text.chars().rev().take_while(|c| *c != '\n').count();
            assert_eq!(width(blank), width(body), "{thin}");
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
            "// #[cfg(test)]\nmod a { b } \"#[cfg(test)]\" mod c { d }",
            "#[cfg(test)] mod a { ( } #[cfg(test)] mod b { c }",
            "#[cfg(test)] mod a { b ",
        ] {
            assert_eq!(without_tests(text), text);
        }
    }
}
