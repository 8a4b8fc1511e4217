//! Work on many pages at once, results in order, memory for one batch only.

use rayon::prelude::*;

use super::WriteError;

/// Does `work` on `0..count` in parallel, `size` at a time, each thread with a state of its own, and hands the
/// results to `take` in order. The first error ends it.
pub(crate) fn in_order<State, Out: Send>(
    count: usize,
    size: usize,
    state: impl Fn() -> State + Sync,
    work: impl Fn(&mut State, usize) -> Result<Out, WriteError> + Sync,
    mut take: impl FnMut(usize, Out) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    for first in (0..count).step_by(size.max(1)) {
        let numbers = first..count.min(first + size.max(1));
        let done: Vec<_> = numbers.clone().into_par_iter().map_init(&state, &work).collect();
        for (number, out) in numbers.zip(done) {
            take(number, out?)?;
        }
    }
    Ok(())
}
