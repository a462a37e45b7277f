//! What of a template is left when what only rendering can tell is taken out, byte for byte?

use memchr::{memchr, memchr2_iter, memrchr};

/// Stands where a template would put what nobody can tell.
pub const HIDDEN: char = '\u{e000}';

/// Signs that begin and end what a template language does, and whether it puts a text there. Of two
/// that begin together, the longer one comes first.
const SIGNS: [(&str, &str, bool); 5] = [
    ("{{", "}}", true),
    ("{%", "%}", false),
    ("{#", "#}", false),
    ("<%=", "%>", true),
    ("<%", "%>", false),
];

/// A text whose actions such as `{{ .. }}` are hidden: those that stand alone on their lines, or put
/// in whole blocks, become blanks, the others a word. Every byte that stays, stays where it was;
/// blanks may be line breaks, which say nothing anywhere.
pub(super) fn templates(text: &str) -> Option<String> {
    let mut starts = memchr2_iter(b'{', b'<', text.as_bytes());
    if !starts.any(|at| ["{{", "{%", "<%"].iter().any(|sign| text[at..].starts_with(sign))) {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    let mut done = false;
    while let Some(Action { from, to, puts }) = next(text, at) {
        done = true;
        masked.push_str(&text[at..from]);
        let action = &text[from..to];
        let line = memrchr(b'\n', &text.as_bytes()[..from]).map_or(0, |at| at + 1);
        let before = memrchr(b'\n', masked.as_bytes()).map_or(0, |at| at + 1);
        let after = line_of(&text[to..]);
        let alone = masked[before..].trim().is_empty() && only_actions(after);
        // Of an action on one line, that line holds all.
        let rest = line_of(&text[line..]);
        if alone {
            // Blanks that are deeper than what follows would be a mistake in some places.
            let blanks = masked.len() - before;
            masked.truncate(before);
            masked.push_str(&"\n".repeat(blanks + action.len()));
        } else if action.contains('\n') || !puts || rest.contains("indent") {
            masked.extend(action.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
        } else {
            masked.push(HIDDEN);
            masked.push_str(&"x".repeat(action.len() - HIDDEN.len_utf8()));
        }
        at = to;
    }
    masked.push_str(&text[at..]);
    done.then_some(masked)
}

/// The first line of a text.
fn line_of(text: &str) -> &str {
    &text[..memchr(b'\n', text.as_bytes()).unwrap_or(text.len())]
}

/// What a template language does, and whether it puts a text there.
struct Action {
    from: usize,
    to: usize,
    puts: bool,
}

/// The next action from a place on; one that is not closed is none, and nothing behind it is.
fn next(text: &str, at: usize) -> Option<Action> {
    let bytes = text.as_bytes();
    let begins =
        |from: &usize| SIGNS.iter().find(|(sign, ..)| bytes[*from..].starts_with(sign.as_bytes()));
    // Most texts hold only a few of the signs, so all are looked for at once.
    let mut starts = memchr2_iter(b'{', b'<', &bytes[at..]).map(|found| at + found);
    let (from, (sign, end, puts)) = starts.find_map(|from| Some((from, begins(&from)?)))?;
    let length = match *sign {
        "{{" => length(&text[from..])?,
        _ => sign.len() + text[from + sign.len()..].find(end)? + end.len(),
    };
    // `{#` is also how a hash begins in other languages.
    if *sign == "{#" && text[from..from + length].contains('\n') {
        return Some(Action { from: from + 2, to: from + 2, puts: false });
    }
    Some(Action { from, to: from + length, puts: *puts })
}

/// Whether the rest of a line holds actions and nothing else.
fn only_actions(mut text: &str) -> bool {
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return true;
        }
        match next(text, 0).filter(|action| action.from == 0 && action.to > 0) {
            Some(action) => text = &text[action.to..],
            None => return false,
        }
    }
}

/// How long the action is that begins here; `}}` in its texts does not end it.
fn length(action: &str) -> Option<usize> {
    let body = action[2..].trim_start_matches('-').trim_start();
    if body.starts_with("/*") {
        let comment = action.find("*/")?;
        return action[comment..].find("}}").map(|end| comment + end + 2);
    }
    let bytes = action.as_bytes();
    let (mut at, mut open) = (2, 0u8);
    while at < bytes.len() {
        match (open, bytes[at]) {
            (0, quote @ (b'"' | b'`')) => open = quote,
            (b'"', b'\\') => at += 1,
            (quote, byte) if quote == byte => open = 0,
            (0, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_hidden_byte_for_byte() {
        let cases = [
            ("a: {{ .x }}\n", "a: *\n"),
            ("{{- if .x }}\na: 1\n  {{ end }}\n", "a: 1\n"),
            ("a: \"{{ printf \"}}\" }}:{{ .y }}\"\n", "a: \"*:*\"\n"),
            ("a: {{- include \"x\" . | nindent 4 }}\nb: 1\n", "a:\nb: 1\n"),
            ("a: {{ if .x }}{{ include \"x\" . | nindent 4 }}{{ end }}\n  - b\n", "a:\n  - b\n"),
            ("{{/* a: {{ }} */}}\nb: {{ x\n  y }}\n", "b:\n"),
            ("a: {{ open\n", "a: {{ open\n"),
            ("{% if x %}\na: {{ y }}{% endif %}{# z #}\n", "a: *\n"),
            ("<% if x %>\na: <%= y %>\n<% end %>\n", "a: *\n"),
        ];
        for (text, expected) in cases {
            let masked = templates(text).unwrap_or_else(|| text.to_string());
            assert_eq!(masked.len(), text.len());
            let lines = masked.lines().map(|line| line.trim_end().replace('x', ""));
            let shown: Vec<String> = lines
                .map(|line| line.replace(HIDDEN, "*"))
                .filter(|line| !line.is_empty())
                .collect();
            assert_eq!(shown.join("\n") + "\n", expected, "{text}");
        }
        assert_eq!(templates("a: {b}"), None);
    }

    #[test]
    fn any_text_is_masked_in_bounds() {
        let text = "ä: {{ \"é\" }}{% ü %}\n {# ö #}<%= é %>{{/* ä */}} {{ x\n ö }}{#\n<% ";
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            for part in [&text[..at], &text[at..]] {
                if let Some(masked) = templates(part) {
                    assert_eq!(masked.len(), part.len(), "{part}");
                }
            }
        }
    }
}
