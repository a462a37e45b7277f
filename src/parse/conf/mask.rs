//! What of a template is left when what only rendering can tell is taken out, byte for byte?

/// Stands where a template would put what nobody can tell.
pub const HIDDEN: char = '\u{e000}';

/// A text whose actions `{{ .. }}` are hidden: those that stand alone on their lines, or put in
/// whole blocks, become blanks, the others a word. Every byte that stays, stays where it was.
pub(super) fn templates(text: &str) -> Option<String> {
    if !text.contains("{{") {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        masked.push_str(&rest[..at]);
        let action = &rest[at..];
        let Some(length) = length(action) else {
            masked.push_str(action);
            return Some(masked);
        };
        let action = &action[..length];
        let before = masked.rsplit('\n').next().unwrap_or_default();
        let after = rest[at + length..].split('\n').next().unwrap_or_default();
        let alone = blank(before) && only_actions(after);
        match alone || action.contains("indent") || action.contains('\n') {
            true => masked.extend(action.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' })),
            false => {
                masked.push(HIDDEN);
                masked.extend(std::iter::repeat_n('x', length - HIDDEN.len_utf8()));
            }
        }
        rest = &rest[at + length..];
    }
    masked.push_str(rest);
    Some(masked)
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Whether the rest of a line holds actions and nothing else.
fn only_actions(mut text: &str) -> bool {
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return true;
        }
        match text.starts_with("{{").then(|| length(text)).flatten() {
            Some(length) => text = &text[length..],
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
            ("{{- if .x }}\na: 1\n{{ end }}\n", "\na: 1\n\n"),
            ("a: \"{{ printf \"}}\" }}:{{ .y }}\"\n", "a: \"*:*\"\n"),
            ("a: {{- include \"x\" . | nindent 4 }}\nb: 1\n", "a:\nb: 1\n"),
            ("{{/* a: {{ }} */}}\nb: {{ x\n  y }}\n", "\nb:\n\n"),
            ("a: {{ open\n", "a: {{ open\n"),
        ];
        for (text, expected) in cases {
            let masked = templates(text).unwrap();
            assert_eq!(masked.len(), text.len());
            let shown: Vec<String> = masked
                .lines()
                .map(|line| {
                    let line = line.trim_end().replace('x', "");
                    line.replace(HIDDEN, "*")
                })
                .collect();
            assert_eq!(shown.join("\n") + "\n", expected, "{text}");
        }
        assert_eq!(templates("a: {b}"), None);
    }
}
