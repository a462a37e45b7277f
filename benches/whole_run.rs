//! What does a whole run cost against a program that only parses the same files?
//!
//! Both run as children of this program, in turn, on two threads with the default allocator; the
//! ratio is taken pair by pair, because a shared machine is never equally fast twice.
//!
//! `TWELVE_LINT_CORPUS` names the folder (default: this package and its fixtures),
//! `TWELVE_LINT_ROUNDS` the number of pairs (default 7).

use std::collections::HashSet;
use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs, io};

use rayon::prelude::*;
use syn::visit::{self, Visit};
use twelve_lint::discover::Selection;
use walkdir::WalkDir;

type Failure = Box<dyn Error>;

/// What a whole run may cost at most: CPU against parsing alone, and memory.
const MOST_RATIO: f64 = 1.5;
const MOST_MIB: f64 = 128.0;
/// With less CPU time than this, starting a process is a good part of it.
const LEAST_SECONDS: f64 = 0.05;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let result = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--files"] => files(),
        ["--whole"] => whole(),
        ["--parse-only", list] => parse_only(Path::new(list)),
        _ => compare(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("whole_run: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The folders that are linted.
fn corpus() -> Vec<PathBuf> {
    if let Some(folder) = env::var_os("TWELVE_LINT_CORPUS") {
        return vec![folder.into()];
    }
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let fixtures = package.join("fixtures");
    if fixtures.is_dir() { vec![package, fixtures] } else { vec![package] }
}

fn lint() -> twelve_lint::diagnostic::Report {
    let selection = Selection { paths: corpus(), ..Selection::default() };
    twelve_lint::check(Default::default(), &selection)
}

/// Prints the source files that a whole run reads, for the other program to read the same.
fn files() -> Result<(), Failure> {
    let report = lint();
    let rust = |path: &&Path| path.extension() == Some(OsStr::new("rs"));
    for path in report.sources.iter().map(|(_, file)| &*file.path).filter(rust) {
        println!("{}", path.display());
    }
    Ok(())
}

fn whole() -> Result<(), Failure> {
    let started = Instant::now();
    let report = lint();
    let lines =
        report.sources.iter().filter(|(_, file)| file.path.extension() == Some(OsStr::new("rs")));
    let lines = lines.map(|(_, file)| u64::from(file.lines.count())).sum();
    Cost::so_far(started, lines)?.print();
    Ok(())
}

/// Counts what it visits, so that nothing of the tree is left out.
#[derive(Default)]
struct Count(u64);

impl<'ast> Visit<'ast> for Count {
    fn visit_ident(&mut self, _: &'ast proc_macro2::Ident) {
        self.0 += 1;
    }

    fn visit_expr(&mut self, expr: &'ast syn::Expr) {
        self.0 += 1;
        visit::visit_expr(self, expr);
    }
}

fn parse_only(list: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    let list = fs::read_to_string(list)?;
    let wanted: HashSet<&Path> = list.lines().map(Path::new).collect();
    let skipped = |name: &OsStr| {
        [".git", "target", "node_modules", "vendor"].iter().any(|skipped| name == *skipped)
    };
    let mut paths = Vec::new();
    for folder in corpus() {
        let folder = std::path::absolute(folder)?;
        let walk = WalkDir::new(folder).into_iter();
        let walk = walk.filter_entry(|entry| entry.depth() == 0 || !skipped(entry.file_name()));
        let found = walk.flatten().map(walkdir::DirEntry::into_path);
        paths.extend(found.filter(|path| wanted.contains(&**path)));
    }
    paths.sort();
    paths.dedup();
    if paths.len() < wanted.len() {
        eprintln!(
            "whole_run: {} files lie elsewhere and are not parsed",
            wanted.len() - paths.len()
        );
    }
    // A stack for what people nest; it costs nothing until it is used.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(128 << 20).build()?;
    let one = |path: &PathBuf| -> Result<(u64, u64), io::Error> {
        let text = fs::read_to_string(path)?;
        let mut count = Count::default();
        if let Ok(file) = syn::parse_file(&text) {
            count.visit_file(&file);
        }
        proc_macro2::extra::invalidate_current_thread_spans();
        Ok((text.lines().count() as u64, count.0))
    };
    let read: Vec<(u64, u64)> =
        pool.install(|| paths.par_iter().map(one).collect::<Result<_, _>>())?;
    let (lines, nodes) = read.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    std::hint::black_box(nodes);
    Cost::so_far(started, lines)?.print();
    Ok(())
}

/// What a process has used.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// User and system time, of all threads that there were.
    cpu_nanos: u64,
    peak_kib: u64,
    wall_micros: u64,
    lines: u64,
}

impl Cost {
    fn so_far(started: Instant, lines: u64) -> Result<Cost, Failure> {
        let wall_micros = u64::try_from(started.elapsed().as_micros())?;
        let cpu_nanos = cpu_nanos()?;
        let status = fs::read_to_string("/proc/self/status")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|rest| rest.split_whitespace().next());
        Ok(Cost {
            cpu_nanos,
            peak_kib: peak.ok_or("/proc/self/status has no VmHWM")?.parse()?,
            wall_micros,
            lines,
        })
    }

    fn cpu_seconds(&self) -> f64 {
        self.cpu_nanos as f64 / 1e9
    }

    fn print(&self) {
        println!("{} {} {} {}", self.cpu_nanos, self.peak_kib, self.wall_micros, self.lines);
    }

    fn read(text: &str) -> Result<Cost, Failure> {
        let numbers: Vec<u64> =
            text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [cpu_nanos, peak_kib, wall_micros, lines] = numbers[..] else {
            return Err(format!("a child printed `{}`", text.trim()).into());
        };
        Ok(Cost { cpu_nanos, peak_kib, wall_micros, lines })
    }
}

/// What the kernel has charged this process with; `/proc/self/stat` says it in hundredths of a
/// second, which is too coarse for a few crates.
#[cfg(unix)]
fn cpu_nanos() -> Result<u64, Failure> {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Ok(u64::try_from(used.tv_sec)? * 1_000_000_000 + u64::try_from(used.tv_nsec)?)
}

#[cfg(not(unix))]
fn cpu_nanos() -> Result<u64, Failure> {
    Err("CPU time is only asked for on Unix".into())
}

/// Runs this program as another process on two threads, and gives what it prints.
fn child(args: &[&OsStr]) -> Result<String, Failure> {
    let output = Command::new(env::current_exe()?)
        .args(args)
        .env("RAYON_NUM_THREADS", "2")
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("a child ended with {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn compare() -> Result<(), Failure> {
    let rounds = match env::var("TWELVE_LINT_ROUNDS") {
        Ok(text) => text.parse::<usize>()?.max(1),
        Err(_) => 7,
    };
    let list = env::temp_dir().join(format!("whole-run-{}.txt", std::process::id()));
    let files = child(&["--files".as_ref()])?;
    fs::write(&list, &files)?;
    let measured = measure(rounds, &list);
    fs::remove_file(&list)?;
    let (parse, whole) = measured?;

    let folders: Vec<String> = corpus().iter().map(|path| path.display().to_string()).collect();
    let lines = whole.last().map_or(0, |cost| cost.lines);
    println!(
        "{}: {} files, {lines} lines, {rounds} rounds",
        folders.join(", "),
        files.lines().count()
    );
    println!("{:<12}{:>10}{:>10}{:>14}{:>12}", "", "cpu s", "wall s", "lines/s", "peak MiB");
    row("parse only", &parse);
    row("whole run", &whole);
    let pairs = parse.iter().zip(&whole);
    let ratios: Vec<f64> = pairs.map(|(p, w)| w.cpu_seconds() / p.cpu_seconds()).collect();
    let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    println!("cpu, pair by pair: {}", each.join(" "));
    let (ratio, peak) = (median(ratios), peak(&whole));
    let says = |held: bool| if held { "held" } else { "NOT held" };
    if median(parse.iter().map(Cost::cpu_seconds).collect()) < LEAST_SECONDS {
        println!("cpu ratio {ratio:.2}: too few files to say; name more by TWELVE_LINT_CORPUS");
    } else {
        println!("cpu ratio {ratio:.2}, at most {MOST_RATIO}: {}", says(ratio <= MOST_RATIO));
    }
    println!("peak {peak:.1} MiB, at most {MOST_MIB}: {}", says(peak <= MOST_MIB));
    Ok(())
}

/// Both programs in turn; who is first changes from round to round.
fn measure(rounds: usize, list: &Path) -> Result<(Vec<Cost>, Vec<Cost>), Failure> {
    let (mut parse, mut whole) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        for turn in 0..2 {
            if (round + turn) % 2 == 0 {
                let args = ["--parse-only".as_ref(), list.as_os_str()];
                parse.push(Cost::read(&child(&args)?)?);
            } else {
                whole.push(Cost::read(&child(&["--whole".as_ref()])?)?);
            }
        }
    }
    Ok((parse, whole))
}

fn row(name: &str, costs: &[Cost]) {
    let all = |of: fn(&Cost) -> f64| median(costs.iter().map(of).collect());
    let cpu = all(Cost::cpu_seconds);
    let wall = all(|cost| cost.wall_micros as f64 / 1e6);
    let speed = all(|cost| cost.lines as f64 * 1e6 / cost.wall_micros.max(1) as f64);
    println!("{name:<12}{cpu:>10.3}{wall:>10.3}{speed:>14.0}{:>12.1}", peak(costs));
}

/// The highest of all rounds: a limit that holds only in the middle is none.
fn peak(costs: &[Cost]) -> f64 {
    costs.iter().map(|cost| cost.peak_kib).max().unwrap_or(0) as f64 / 1024.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
