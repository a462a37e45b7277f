//! What of a Rust text is code? Comments and what stands in quotes are blanked out.

/// The text with comments, strings and characters replaced by blanks; lines stay lines.
pub(crate) fn only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = match skipped(bytes, at) {
            Some(end) => end,
            None => {
                let next = text[at..].chars().next().map_or(1, char::len_utf8);
                kept.push_str(&text[at..at + next]);
                at += next;
                continue;
            }
        };
        let gone = text[at..end].chars();
        kept.extend(gone.map(|c| if c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    kept
}

/// Where the comment, string or character that starts at `at` ends.
fn skipped(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let fresh = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let end = match rest {
        [b'/', b'/', ..] => rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block(rest),
        [b'"', ..] => quoted(rest, b'"'),
        [b'b', b'"', ..] if fresh => 1 + quoted(&rest[1..], b'"'),
        [b'r', b'"' | b'#', ..] if fresh => raw(&rest[1..])? + 1,
        [b'b', b'r', b'"' | b'#', ..] if fresh => raw(&rest[2..])? + 2,
        [b'\'', b'\\', ..] => quoted(rest, b'\''),
        [b'\'', ..] => {
            // A lifetime has no closing quote after its first character.
            let text = std::str::from_utf8(&rest[1..rest.len().min(6)]);
            let valid = match &text {
                Ok(text) => text,
                Err(error) => std::str::from_utf8(&rest[1..1 + error.valid_up_to()]).unwrap_or(""),
            };
            let width = valid.chars().next().map_or(1, char::len_utf8);
            (rest.get(1 + width) == Some(&b'\'')).then_some(2 + width)?
        }
        _ => return None,
    };
    Some(at + end)
}

fn block(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at + 1 < rest.len() {
        match &rest[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw(rest: &[u8]) -> Option<usize> {
    let hashes = rest.iter().take_while(|b| **b == b'#').count();
    if rest.get(hashes) != Some(&b'"') {
        return None;
    }
    let mut end = vec![b'"'];
    end.extend(std::iter::repeat_n(b'#', hashes));
    let found = rest[hashes + 1..].windows(end.len()).position(|window| window == end);
    Some(found.map_or(rest.len(), |at| hashes + 1 + at + end.len()))
}

/// The part before the module of unit tests.
pub(crate) fn before_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text)
}

/// Lines, from 1, on which `name` stands as a whole word.
pub(crate) fn lines_with(code: &str, name: &str) -> Vec<usize> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let has = |line: &str| {
        line.match_indices(name).any(|(at, _)| {
            !line[..at].ends_with(word) && !line[at + name.len()..].starts_with(word)
        })
    };
    code.lines().enumerate().filter(|(_, line)| has(line)).map(|(at, _)| at + 1).collect()
}

#[test]
fn only_code_is_left() {
    let text = "let a = \"syn::x \\\" y\"; // syn\nlet b = r#\"syn \" \"#; /* syn /* syn */ */ c\n\
                let d = '\"'; let e: &'static str = 'ä'.into(); let f = b\"syn\"; f!(syn)";
    let kept = only(text);
    assert_eq!(lines_with(&kept, "syn"), [3]);
    assert!(kept.contains("c\n") && kept.contains("&'static str"), "{kept}");
    assert_eq!(kept.lines().count(), text.lines().count());
}
