use std::io::Write;
fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    args.retain(|a| a != "twelve-lint" && a != "--format" && a != "json");
    let human = args.iter().any(|a| a == "-h");
    args.retain(|a| a != "-h");
    let selection = twelve_lint::discover::Selection {
        paths: args.iter().map(Into::into).collect(),
        ..Default::default()
    };
    let report = twelve_lint::check(Default::default(), &selection);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let format = if human {
        twelve_lint::report::Format::Human(twelve_lint::report::human::Options { pedantic: true })
    } else {
        twelve_lint::report::Format::Json
    };
    twelve_lint::report::render(&report, &format, &mut out).unwrap();
    out.flush().unwrap();
    std::process::exit(if report.findings.is_empty() { 0 } else { 1 });
}
