use std::fmt;

use super::Function;

/// The median must stay below this many lines.
const MEDIAN_BELOW: usize = 10;
/// Nine functions in ten have at most this many lines.
const NINETIETH_AT_MOST: usize = 35;
/// No function has more lines.
const LONGEST_AT_MOST: usize = 60;
/// How many of the longest are named.
const NAMED: usize = 10;

/// How long functions are, in lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// How many functions there are.
    pub count: usize,
    /// Half of them are not longer.
    pub median: usize,
    /// Nine in ten are not longer.
    pub ninetieth: usize,
    /// The longest ten, longest first.
    pub longest: Vec<Function>,
}

impl Figures {
    /// The figures of these functions.
    #[must_use]
    pub fn of(mut functions: Vec<Function>) -> Self {
        functions.sort_by(|a, b| (b.lines, &a.file, a.line).cmp(&(a.lines, &b.file, b.line)));
        let lines: Vec<_> = functions.iter().rev().map(|function| function.lines).collect();
        let (median, ninetieth) = (percentile(&lines, 50), percentile(&lines, 90));
        let count = functions.len();
        functions.truncate(NAMED);
        Self { count, median, ninetieth, longest: functions }
    }

    /// The length of the longest.
    #[must_use]
    pub fn max(&self) -> usize {
        self.longest.first().map_or(0, |function| function.lines)
    }

    /// Whether all three are as short as the house rules want them.
    #[must_use]
    pub fn within_limits(&self) -> bool {
        self.median < MEDIAN_BELOW && self.ninetieth <= NINETIETH_AT_MOST && self.max() <= LONGEST_AT_MOST
    }
}

/// By nearest rank: the smallest value that at least `percent` of `sorted` do not exceed.
fn percentile(sorted: &[usize], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "functions          {:>5}", self.count)?;
        writeln!(f, "median length      {:>5}  (below {MEDIAN_BELOW})", self.median)?;
        writeln!(f, "90th percentile    {:>5}  (at most {NINETIETH_AT_MOST})", self.ninetieth)?;
        writeln!(f, "longest            {:>5}  (at most {LONGEST_AT_MOST})", self.max())?;
        self.longest.iter().try_for_each(|long| {
            writeln!(f, "  {:>5}  {}  {}:{}", long.lines, long.name, long.file.display(), long.line)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(lengths: impl IntoIterator<Item = usize>) -> Figures {
        let function = |lines| Function { name: format!("f{lines}"), file: "a.rs".into(), line: 1, lines };
        Figures::of(lengths.into_iter().map(function).collect())
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let found = figures(1..=20);
        assert_eq!((found.count, found.median, found.ninetieth, found.max()), (20, 10, 18, 20));
        assert_eq!(found.longest.len(), 10);
        assert_eq!(figures([]), Figures { count: 0, median: 0, ninetieth: 0, longest: Vec::new() });
    }

    #[test]
    fn each_limit_counts() {
        assert!(figures([9, 9, 35, 60].into_iter().chain([1; 30])).within_limits());
        assert!(!figures([10]).within_limits());
        assert!(!figures([1, 1, 1, 36]).within_limits());
        assert!(!figures([61].into_iter().chain([1; 30])).within_limits());
    }
}
