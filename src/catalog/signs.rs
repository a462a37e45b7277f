//! Which of some texts occur in a large one? Most occur nowhere.

use aho_corasick::{Span, packed};

/// Texts that are looked for together, faster than an automaton reads.
#[derive(Debug, Clone)]
pub(super) struct Signs {
    searcher: packed::Searcher,
    /// Of each text that is looked for, all that may begin where it does: its number and itself.
    beginning: Vec<Vec<(usize, String)>>,
}

impl Signs {
    /// Looks for the texts of these numbers; `None` where the machine has no fast way.
    pub(super) fn new(texts: &[String], numbers: Vec<usize>) -> Option<Signs> {
        let searched = || numbers.iter().map(|number| &texts[*number]);
        let searcher = packed::Searcher::new(searched())?;
        let beginning = searched().map(|text| {
            let same = |number: &&usize| {
                let other = &texts[**number];
                other.starts_with(text.as_str()) || text.starts_with(other.as_str())
            };
            let same = numbers.iter().filter(same);
            same.map(|number| (*number, texts[*number].clone())).collect()
        });
        let beginning = beginning.collect();
        Some(Signs { searcher, beginning })
    }

    /// Notes by its number each text that occurs.
    pub(super) fn find(&self, text: &str, found: &mut [bool]) {
        let bytes = text.as_bytes();
        let mut rest = Span::from(0..bytes.len());
        // One text may begin inside of another.
        while let Some(hit) = self.searcher.find_in(bytes, rest) {
            for (number, sign) in &self.beginning[hit.pattern().as_usize()] {
                found[*number] |= bytes[hit.start()..].starts_with(sign.as_bytes());
            }
            rest.start = hit.start() + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_overlap_are_all_found() {
        let texts =
            ["path: /", "other", "a.docker:", "docker:", "ker: x", "path: "].map(String::from);
        let cases = [
            ("a.docker: x", vec![2, 3, 4]),
            ("path: 1", vec![5]),
            ("xpath: /other", vec![0, 5]),
            ("", vec![]),
        ];
        // The second is not looked for.
        let Some(signs) = Signs::new(&texts, vec![0, 2, 3, 4, 5]) else { return };
        for (text, expected) in cases {
            for text in [text.to_string(), format!("{0}{text}{0}", "-".repeat(100))] {
                let mut found = [false; 6];
                signs.find(&text, &mut found);
                let found: Vec<usize> = (0..6).filter(|number| found[*number]).collect();
                assert_eq!(found, expected, "{text}");
            }
        }
    }
}
