//! Comments that speak to this tool. `syn` drops comments, so they are looked for in the text.

use super::scan::{Kind, tokens};
use super::tree::{Mark, Range};

/// What a comment must say to be kept.
pub(super) const NAME: &str = "twelve-lint:";

/// Finds the comments that name this tool; strings that look like one are passed over.
pub(super) fn scan(text: &str) -> Vec<Mark> {
    if !text.contains(NAME) {
        return Vec::new();
    }
    let mut all: Vec<Token> = Vec::new();
    tokens(text, |kind, start, end| all.push(Token { kind, start, end }));
    let mut marks = Vec::new();
    for (index, token) in all.iter().enumerate() {
        let comment = &text[token.start..token.end];
        if token.kind != Kind::Comment || !comment.contains(NAME) || is_doc(comment) {
            continue;
        }
        let line = text[..token.start].rfind('\n').map_or(0, |at| at + 1);
        let next = match text[line..token.start].trim().is_empty() {
            true => logical_line(text, &all[index + 1..]),
            false => line..token.start,
        };
        marks.push(Mark {
            at: range(token.start..token.end),
            text: comment.trim_end().to_string(),
            next: range(next),
        });
    }
    marks
}

fn range(range: std::ops::Range<usize>) -> Range {
    Range { start: range.start as u32, end: range.end as u32 }
}

fn is_doc(comment: &str) -> bool {
    let doc = ["///", "//!", "/**", "/*!"].iter().any(|start| comment.starts_with(start));
    doc && !comment.starts_with("////") && !comment.starts_with("/***")
}

struct Token {
    kind: Kind,
    start: usize,
    end: usize,
}

/// The statement, field, argument or link of a chain that comes next, as far as its first brace;
/// of a macro that is called with braces, all that it holds. At least the whole line.
fn logical_line(text: &str, rest: &[Token]) -> std::ops::Range<usize> {
    let code: Vec<&Token> = rest.iter().filter(|token| token.kind != Kind::Comment).collect();
    let Some(first) = code.first() else { return text.len()..text.len() };
    let word = |token: &Token| &text[token.start..token.end];
    // Commas between the generics of a type end no declaration.
    let declares = ["let", "static", "const", "pub", "type"].contains(&word(first));
    let chained = word(first) == ".";
    let (mut depth, mut end, mut called) = (0usize, first.end, 0usize);
    for (index, token) in code.iter().enumerate() {
        let sign = if token.kind == Kind::Sign { word(token) } else { "" };
        let begins_line = || text[..token.start].trim_end_matches([' ', '\t']).ends_with('\n');
        match sign {
            "{" if depth == 0 => {
                let before = |back: usize| index.checked_sub(back).map(|at| word(code[at]));
                let named = before(2) == Some("!") && code[index - 1].kind == Kind::Word;
                if before(1) != Some("!") && !named {
                    break;
                }
                (depth, called) = (1, 1);
            }
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => break,
            ")" | "]" | "}" => depth -= 1,
            "." if depth == 0 && index > 0 && chained && begins_line() => break,
            _ => {}
        }
        end = token.end;
        let done = match sign {
            ";" => depth == 0,
            "," => depth == 0 && !declares,
            "}" => depth == 0 && called > 0,
            _ => false,
        };
        if done {
            break;
        }
    }
    let line = text[first.start..].find('\n').map_or(text.len(), |at| first.start + at);
    first.start..end.max(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_speaks_for_what_comes_next_or_for_its_line() {
        for (code, spoken) in [
            ("static A: M<K, V> =\n    M::new();\nx", "static A: M<K, V> =\n    M::new();"),
            ("let a = b\n    .c(d, e)\n    .f();\nx", "let a = b\n    .c(d, e)\n    .f();"),
            (".layer(\n    a(|| { b; c }),\n)\n.d();", ".layer(\n    a(|| { b; c }),\n)"),
            ("a: M<\n  K,\n>,\nb: c,", "a: M<\n  K,"),
            ("f(a,\n  b)\n}", "f(a,\n  b)"),
            ("if a {\n  b\n}", "if a {"),
            ("thread_local! {\n  static A: B = C;\n}\nx", "thread_local! {\n  static A: B = C;\n}"),
            ("macro_rules! a {\n  () => {};\n}\nx", "macro_rules! a {\n  () => {};\n}"),
            ("// other\n\n/* more */ a; b", "a; b"),
            ("", ""),
        ] {
            let text = format!("fn x() {{\n    // twelve-lint: a\n{code}");
            let marks = scan(&text);
            let [mark] = &marks[..] else { panic!("{text}: {marks:?}") };
            assert_eq!(&text[mark.next.start as usize..mark.next.end as usize], spoken, "{code}");
        }
        let text = "a();\n  b(\"//\"); // twelve-lint: a\nc();";
        let next = scan(text)[0].next;
        assert_eq!(&text[next.start as usize..next.end as usize], "  b(\"//\"); ");
    }
}
