//! Do the places say where in the file things stand?

use super::read;
use crate::parse::tree::{Item, ItemKind, Range};

/// The texts of the names of all items, fields and methods, as their places give them.
fn names(text: &str) -> Vec<String> {
    fn walk(items: &[Item], out: &mut Vec<Range>) {
        for item in items {
            out.push(item.at);
            match &item.kind {
                ItemKind::Struct { fields, .. } => out.extend(fields.iter().map(|f| f.at)),
                ItemKind::Impl { items, .. } | ItemKind::Mod { items: Some(items), .. } => {
                    walk(items, out);
                }
                _ => {}
            }
        }
    }
    let (facts, _) = read(text);
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    let mut places = Vec::new();
    walk(&facts.items, &mut places);
    places.iter().map(|at| text[at.start as usize..at.end as usize].to_string()).collect()
}

#[test]
fn places_are_bytes_of_the_file() {
    let code =
        "/* ä€😀 */ static ÄB: &str = \"ö\"; struct Ç { über: u8 }\r\n\r\nmod m { fn ß() {} }";
    let wanted = ["ÄB", "Ç", "über", "m", "ß"];
    for before in [
        "",
        "\u{feff}",
        "#!/usr/bin/env run-ü\n",
        "\u{feff}#!/usr/bin/env run\r\n",
        "#![allow(x)] ",
        "#[cfg(test)]\nmod tests {\n    // ö\r\n    fn ü() {}\n  ß! {} } ",
    ] {
        assert_eq!(names(&format!("{before}{code}")), wanted, "{before:?}");
    }
}

#[test]
fn an_item_reaches_from_its_attributes_to_its_end() {
    for text in [
        "#[derive(Clone)] pub(crate) struct S { a: u8 }",
        "struct S(u8);",
        "#[doc = \"x\"]\nunion S { a: u8 }",
        "pub enum S { A }",
        "#[tokio::main] pub async unsafe extern \"C\" fn f() { g() }",
        "static mut A: u8 = 1;",
        "pub const A: u8 = 1;",
        "pub(super) type A = u8;",
        "unsafe trait T { fn f(); }",
        "#[async_trait] unsafe impl A for B { }",
        "pub mod x;",
        "pub mod x { fn f() {} }",
        "pub use a::b;",
        "extern crate a as b;",
        "#[cfg(unix)] odd!(=>);",
    ] {
        let (facts, _) = read(text);
        let whole = facts.items[0].whole;
        assert_eq!(&text[whole.start as usize..whole.end as usize], text);
    }
}

#[test]
fn every_type_has_a_place() {
    let text = "struct S(dyn A, fn(u8) -> u8, &'a mut [u8], *const u8, !, <T as B>::C, [u8; 3], (u8, u8));";
    let wanted = [
        "dyn A",
        "fn(u8) -> u8",
        "&'a mut [u8]",
        "*const u8",
        "!",
        "<T as B>::C",
        "[u8; 3]",
        "(u8, u8)",
    ];
    assert_eq!(&names(text)[1..], wanted);
}

#[test]
fn what_is_not_rust_is_a_problem_with_its_place() {
    for (text, message, place) in [
        ("fn f() {}\nstatic A: u8 = 1\nfn g() {}", "expected `;`", "fn"),
        ("fn é() { let }", "expected", "}"),
        ("fn f() { (]", "unexpected `]`", "]"),
        ("fn f() {\n  g(", "this `(` is never closed", "("),
        ("static A: u8 = \"é", "this text is never closed", "\""),
        ("static A: u8 =", "unexpected end of input", ""),
    ] {
        let (facts, _) = read(text);
        let [problem] = &facts.problems[..] else { panic!("{text}: {:?}", facts.problems) };
        assert!(facts.items.is_empty());
        let said = problem.message.strip_prefix("this file is not valid Rust: ");
        assert!(said.is_some_and(|said| said.contains(message)), "{text}: {}", problem.message);
        let at = problem.at.expect("a place");
        assert_eq!(text.get(at.start as usize..at.end as usize), Some(place), "{text}: {at:?}");
    }
}

#[test]
fn comments_that_speak_to_the_tool() {
    let text = "// twelve-lint: a\nfn f() { let s = \"// twelve-lint: no\"; /* twelve-lint: b */ }\n\
        /// twelve-lint: no\nfn g() { let r = r#\"\"// twelve-lint: no\"#; let c = '\"'; } // twelve-lint: c\n\
        /** twelve-lint: no */ fn h<'a>() {} //// twelve-lint: d\n";
    let (facts, _) = read(text);
    let marks: Vec<&str> = facts.marks.iter().map(|mark| mark.text.as_str()).collect();
    assert_eq!(
        marks,
        ["// twelve-lint: a", "/* twelve-lint: b */", "// twelve-lint: c", "//// twelve-lint: d"]
    );
    for mark in &facts.marks {
        assert_eq!(&text[mark.at.start as usize..mark.at.end as usize], mark.text);
    }
    assert_eq!(facts.lines, 6);
}
