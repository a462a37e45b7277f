//! What do programs cost that run in turn as children of this one?

use std::error::Error;
use std::ffi::OsStr;
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

pub(crate) type Failure = Box<dyn Error>;

/// With less CPU time than this, starting a process is a good part of it.
const LEAST_SECONDS: f64 = 0.05;

/// What a process has used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// User and system time, of all threads that there were.
    cpu_nanos: u64,
    peak_kib: u64,
    wall_micros: u64,
    pub(crate) lines: u64,
}

impl Cost {
    pub(crate) fn so_far(started: Instant, lines: u64) -> Result<Cost, Failure> {
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

    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.cpu_nanos as f64 / 1e9
    }

    pub(crate) fn print(&self) {
        println!("{} {} {} {}", self.cpu_nanos, self.peak_kib, self.wall_micros, self.lines);
    }

    pub(crate) fn read(text: &str) -> Result<Cost, Failure> {
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

/// How many rounds there are: `TWELVE_LINT_ROUNDS`, 7 where it says nothing.
pub(crate) fn rounds() -> Result<usize, Failure> {
    match env::var("TWELVE_LINT_ROUNDS") {
        Ok(text) => Ok(text.parse::<usize>()?.max(1)),
        Err(_) => Ok(7),
    }
}

/// What each program costs in each round. They run in turn; who is first changes from round to round.
pub(crate) fn in_turn(rounds: usize, programs: &[&[&OsStr]]) -> Result<Vec<Vec<Cost>>, Failure> {
    let mut costs = vec![Vec::new(); programs.len()];
    for round in 0..rounds {
        for turn in 0..programs.len() {
            let which = (round + turn) % programs.len();
            costs[which].push(Cost::read(&child(programs[which])?)?);
        }
    }
    Ok(costs)
}

/// How much CPU time one program takes against another, round by round; prints them, and gives the
/// one in the middle, or `None` where there is too little to do to say.
pub(crate) fn ratio(of: &str, costs: &[Cost], against: &[Cost]) -> Option<f64> {
    let pairs = against.iter().zip(costs);
    let ratios: Vec<f64> = pairs.map(|(a, c)| c.cpu_seconds() / a.cpu_seconds()).collect();
    let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    println!("{of}, pair by pair: {}", each.join(" "));
    let enough = median(against.iter().map(Cost::cpu_seconds).collect()) >= LEAST_SECONDS;
    enough.then(|| median(ratios))
}

/// Runs this program as another process on two threads, and gives what it prints.
pub(crate) fn child(args: &[&OsStr]) -> Result<String, Failure> {
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

/// What the columns of the rows are.
pub(crate) fn head() {
    println!("{:<12}{:>10}{:>10}{:>14}{:>12}", "", "cpu s", "wall s", "lines/s", "peak MiB");
}

pub(crate) fn row(name: &str, costs: &[Cost]) {
    let all = |of: fn(&Cost) -> f64| median(costs.iter().map(of).collect());
    let cpu = all(Cost::cpu_seconds);
    let wall = all(|cost| cost.wall_micros as f64 / 1e6);
    let speed = all(|cost| cost.lines as f64 * 1e6 / cost.wall_micros.max(1) as f64);
    println!("{name:<12}{cpu:>10.3}{wall:>10.3}{speed:>14.0}{:>12.1}", peak(costs));
}

/// The highest of all rounds: a limit that holds only in the middle is none.
pub(crate) fn peak(costs: &[Cost]) -> f64 {
    costs.iter().map(|cost| cost.peak_kib).max().unwrap_or(0) as f64 / 1024.0
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
