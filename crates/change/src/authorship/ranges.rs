//! Lines with something said of them, where what is said later hides what was said before.

use std::collections::BTreeMap;

/// Ranges of lines, both ends included, each with the number of what is said of it; they may overlap.
pub(super) type Numbered = Vec<(u32, u32, usize)>;

/// Disjoint ranges of lines, sorted, with a value each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Painted<T> {
    runs: Vec<(u32, u32, T)>,
}

impl<T> Default for Painted<T> {
    fn default() -> Self {
        Self { runs: Vec::new() }
    }
}

impl<T: Copy> Painted<T> {
    /// Paints ranges, both ends included, from the last to the first; what is covered already stays as it is.
    ///
    /// Takes n log n steps for n ranges, however they overlap: what covers the lines is kept merged.
    pub fn from_last(ranges: impl IntoIterator<Item = (u32, u32, T)>) -> Self {
        let mut covered: BTreeMap<u32, u32> = BTreeMap::new();
        let mut runs = Vec::new();
        for (start, end, value) in ranges {
            // No file has so many lines, and what follows a line can be counted then.
            let end = end.min(u32::MAX - 1);
            if start > end {
                continue;
            }
            let before = covered.range(..=start).next_back().map(|(first, last)| (*first, *last));
            let mut merged = match before {
                Some((first, last)) if last >= start => (first, end.max(last)),
                _ => (start, end),
            };
            let mut at = match before {
                Some((_, last)) if last >= start => last + 1,
                _ => start,
            };
            let inside: Vec<(u32, u32)> = covered
                .range(start..=end)
                .map(|(first, last)| (*first, *last))
                .collect();
            for (first, last) in inside {
                if first > at {
                    runs.push((at, first - 1, value));
                }
                at = at.max(last + 1);
                merged = (merged.0.min(first), merged.1.max(last));
                covered.remove(&first);
            }
            if at <= end {
                runs.push((at, end, value));
            }
            covered.insert(merged.0, merged.1);
        }
        runs.sort_unstable_by_key(|(start, _, _)| *start);
        Self { runs }
    }

    /// What is said of a line.
    pub fn at(&self, line: u32) -> Option<T> {
        let after = self.runs.partition_point(|(start, _, _)| *start <= line);
        let (_, end, value) = self.runs.get(after.checked_sub(1)?)?;
        (line <= *end).then_some(*value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_line_has_what_was_painted_first(ranges in proptest::collection::vec((1..40u32, 0..20u32), 0..12)) {
            let ranges: Vec<(u32, u32, usize)> =
                ranges.iter().enumerate().map(|(at, (start, more))| (*start, start + more, at)).collect();
            let painted = Painted::from_last(ranges.iter().copied());
            for line in 0..70 {
                let expected = ranges.iter().find(|(start, end, _)| (*start..=*end).contains(&line));
                prop_assert_eq!(painted.at(line), expected.map(|(_, _, at)| *at), "{}", line);
            }
        }
    }

    #[test]
    fn the_greatest_number_is_no_line() {
        let painted = Painted::from_last([(5, u32::MAX, 'a'), (1, u32::MAX, 'b'), (u32::MAX, u32::MAX, 'c')]);
        assert_eq!(
            (painted.at(4), painted.at(u32::MAX - 1), painted.at(u32::MAX)),
            (Some('b'), Some('a'), None)
        );
    }
}
