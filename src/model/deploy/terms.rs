//! What does an expression of a configuration language come to, as far as names say?

/// What the names of an expression stand for.
pub(super) trait Names {
    /// What a name such as `var.sticky` comes to, and whether somebody else than its default says so.
    fn value(&self, name: &str, depth: usize) -> Option<Term>;
}

/// A value as text; of a list or a map, only whether it is empty: `[]`, `[..]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) text: String,
    /// Where it is said, if that is not where it is used.
    pub(super) at: Option<crate::source::Span>,
}

impl Term {
    pub(super) fn plain(text: &str) -> Term {
        Term { text: text.into(), at: None }
    }

    fn truth(truth: bool) -> Term {
        Term::plain(if truth { "true" } else { "false" })
    }
}

/// How many names and brackets an expression may lead through; people stay below ten.
pub(super) const MOST_DEPTH: usize = 24;

/// The value of an expression; `None` where something is not known.
pub(super) fn value(text: &str, names: &dyn Names, depth: usize) -> Option<Term> {
    let depth = depth.checked_sub(1)?;
    let text = text.trim();
    let inside = |open: &str, close: &str| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        is_balanced(inner).then_some(inner)
    };
    if let Some(at) = top(text, "?") {
        let rest = &text[at + 1..];
        let colon = top(rest, ":")?;
        let chosen = match &*value(&text[..at], names, depth)?.text {
            "true" => &rest[..colon],
            "false" => &rest[colon + 1..],
            _ => return None,
        };
        return value(chosen, names, depth);
    }
    for (sign, ends) in [("||", "true"), ("&&", "false")] {
        if let Some(at) = top(text, sign) {
            let (one, other) =
                (value(&text[..at], names, depth), value(&text[at + 2..], names, depth));
            let is = |side: &Option<Term>| side.as_ref().is_some_and(|term| term.text == ends);
            return match is(&one) || is(&other) {
                true => Some(Term::plain(ends)),
                false => one.and(other).map(|_| Term::truth(ends == "false")),
            };
        }
    }
    for (sign, same) in [("==", true), ("!=", false)] {
        if let Some(at) = top(text, sign) {
            let one = value(&text[..at], names, depth)?.text;
            let other = value(&text[at + 2..], names, depth)?.text;
            return Some(Term::truth((one == other) == same));
        }
    }
    if let Some(rest) = text.strip_prefix('!') {
        return match &*value(rest, names, depth)?.text {
            "true" => Some(Term::truth(false)),
            "false" => Some(Term::truth(true)),
            _ => None,
        };
    }
    if let Some(inner) = inside("${", "}").or_else(|| inside("(", ")")) {
        return value(inner, names, depth);
    }
    for quote in ["\"", "'"] {
        let inner = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            if !inner.contains("${") {
                return Some(Term::plain(inner));
            }
            let whole = inner.strip_prefix("${")?.strip_suffix('}')?;
            return is_balanced(whole).then(|| value(whole, names, depth)).flatten();
        }
    }
    if let Some(inner) = inside("[", "]") {
        return Some(Term::plain(if inner.trim().is_empty() { "[]" } else { "[..]" }));
    }
    if let Some(inner) = inside("{", "}") {
        return Some(Term::plain(if inner.trim().is_empty() { "{}" } else { "{..}" }));
    }
    if matches!(text, "true" | "false" | "null") || text.parse::<f64>().is_ok() {
        return Some(Term::plain(text));
    }
    if let Some((function, rest)) = text.split_once('(')
        && let Some(arguments) = rest.strip_suffix(')').filter(|rest| is_balanced(rest))
    {
        return called(function.trim(), arguments, names, depth);
    }
    let is_name = text.chars().all(|c| c.is_alphanumeric() || "._-[]\"".contains(c));
    is_name.then(|| names.value(text, depth)).flatten()
}

/// Functions that give one of their arguments.
fn called(function: &str, arguments: &str, names: &dyn Names, depth: usize) -> Option<Term> {
    let mut rest = Some(arguments);
    let mut parts = std::iter::from_fn(|| {
        let text = rest?;
        let at = top(text, ",");
        rest = at.map(|at| &text[at + 1..]);
        Some(&text[..at.unwrap_or(text.len())])
    });
    match function {
        "tobool" | "tostring" | "tonumber" | "toset" | "tolist" | "bool" | "string"
        | "nonsensitive" => value(parts.next()?, names, depth),
        "try" | "coalesce" => parts.find_map(|part| {
            value(part, names, depth).filter(|term| term.text != "null" && !term.text.is_empty())
        }),
        _ => None,
    }
}

/// Where a sign stands outside of quotes and brackets, the first time.
fn top(text: &str, sign: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0usize, None);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            _ if depth == 0 && bytes[at..].starts_with(sign.as_bytes()) => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether no bracket is closed that was not opened, and none is left open.
fn is_balanced(text: &str) -> bool {
    let (mut depth, mut quote) = (0isize, None);
    for byte in text.bytes() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Known;

    impl Names for Known {
        fn value(&self, name: &str, _: usize) -> Option<Term> {
            match name {
                "var.on" => Some(Term::plain("true")),
                "var.env" => Some(Term::plain("prod")),
                _ => None,
            }
        }
    }

    #[test]
    fn expressions_come_to_values() {
        let cases = [
            ("var.on", Some("true")),
            ("!var.on", Some("false")),
            ("var.env == \"prod\" ? \"a\" : \"b\"", Some("a")),
            ("var.env != \"prod\" ? [1] : []", Some("[]")),
            ("(var.on && var.x)", None),
            ("var.x || var.on", Some("true")),
            ("\"${var.on}\"", Some("true")),
            ("\"a-${var.on}\"", None),
            ("tobool(try(var.x, \"false\"))", Some("false")),
            ("var.x", None),
            ("{}", Some("{}")),
            ("'ä'", Some("ä")),
            ("f(var.on)", None),
            ("a ? b", None),
        ];
        for (text, expected) in cases {
            let found = value(text, &Known, MOST_DEPTH).map(|term| term.text);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        assert_eq!(value(&"(".repeat(50_000), &Known, MOST_DEPTH), None);
    }
}
