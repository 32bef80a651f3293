//! Systems of a few linear equations.

/// Solves `matrix x = right`, a symmetric positive definite one, by Cholesky's decomposition; none where it is not.
pub(crate) fn solve(mut matrix: Vec<Vec<f64>>, right: &[f64]) -> Option<Vec<f64>> {
    let size = right.len();
    for row in 0..size {
        for column in 0..=row {
            let sum: f64 = (0..column).map(|at| matrix[row][at] * matrix[column][at]).sum();
            let rest = matrix[row][column] - sum;
            if row != column {
                matrix[row][column] = rest / matrix[column][column];
            } else if rest.is_finite() && rest > 0.0 {
                matrix[row][row] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut found = right.to_vec();
    for row in 0..size {
        let sum: f64 = (0..row).map(|at| matrix[row][at] * found[at]).sum();
        found[row] = (found[row] - sum) / matrix[row][row];
    }
    for row in (0..size).rev() {
        let sum: f64 = (row + 1..size).map(|at| matrix[at][row] * found[at]).sum();
        found[row] = (found[row] - sum) / matrix[row][row];
    }
    found.iter().all(|value| value.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_are_solved_where_they_can_be() {
        let found = solve(vec![vec![4.0, 2.0], vec![2.0, 3.0]], &[10.0, 9.0]).unwrap();
        assert!(
            (found[0] - 1.5).abs() < 1e-12 && (found[1] - 2.0).abs() < 1e-12,
            "{found:?}"
        );
        assert_eq!(solve(vec![vec![1.0, 2.0], vec![2.0, 4.0]], &[1.0, 1.0]), None);
        assert_eq!(solve(vec![vec![f64::NAN]], &[1.0]), None);
    }
}
