//! Three finder patterns that may belong to one symbol.

use super::frame::Point;
use super::square::Square;

/// Modules between the middles of neighbouring patterns in version 1, the version of our labels.
pub(super) const LEG: f32 = 14.0;
/// Modules between them in version 10, as far as strangers' symbols are sought.
const LONG_LEG: f32 = 50.0;

/// Where a symbol may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Outer corners: top left, top right, bottom right, bottom left.
    pub(super) corners: [Point; 4],
    /// Pixels a module, roughly.
    pub(super) module: f32,
    /// How unlike a square this is; the best come first.
    pub(super) strain: f32,
}

/// Candidates for version 1, the squarest first.
pub(super) fn version_one(squares: &[Square]) -> Vec<Candidate> {
    triples(squares, 0.45 * LEG..1.6 * LEG, |corner, arms| {
        Candidate::new([corner.centre, arms[0].centre, arms[1].centre], LEG)
    })
}

/// Candidates for the larger versions, the squarest first.
pub(super) fn larger(squares: &[Square]) -> Vec<Candidate> {
    triples(squares, LEG..1.3 * LONG_LEG, |corner, arms| {
        let leg = |arm: &Square| distance(corner, arm) / ((corner.module() + arm.module()) / 2.0);
        let candidate =
            Candidate::new([corner.centre, arms[0].centre, arms[1].centre], (leg(arms[0]) + leg(arms[1])) / 2.0)?;
        (candidate.strain < 0.8).then_some(candidate)
    })
}

/// Every corner with every two arms at a distance in modules within `legs`.
fn triples(
    squares: &[Square],
    legs: std::ops::Range<f32>,
    make: impl Fn(&Square, [&Square; 2]) -> Option<Candidate>,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (i, corner) in squares.iter().enumerate() {
        let arms: Vec<&Square> = squares
            .iter()
            .enumerate()
            .filter(|&(j, arm)| {
                let (a, b) = (corner.module(), arm.module());
                j != i && a < 1.8 * b && b < 1.8 * a && legs.contains(&(distance(corner, arm) * 2.0 / (a + b)))
            })
            .map(|(_, arm)| arm)
            .collect();
        for (n, a) in arms.iter().enumerate() {
            found.extend(arms[n + 1..].iter().filter_map(|b| make(corner, [a, b])));
        }
    }
    found.sort_by(|a, b| a.strain.total_cmp(&b.strain));
    found
}

fn distance(a: &Square, b: &Square) -> f32 {
    (a.centre.0 - b.centre.0).hypot(a.centre.1 - b.centre.1)
}

impl Candidate {
    /// The symbol whose patterns have these middles, the corner first, `leg` modules apart.
    pub(super) fn new([corner, a, b]: [Point; 3], leg: f32) -> Option<Self> {
        let (p, q) = ((a.0 - corner.0, a.1 - corner.1), (b.0 - corner.0, b.1 - corner.1));
        let (p_length, q_length) = (p.0.hypot(p.1), q.0.hypot(q.1));
        let cross = p.0 * q.1 - p.1 * q.0;
        let sine = (cross / (p_length * q_length)).abs();
        let ratio = p_length.max(q_length) / p_length.min(q_length);
        // Not so for a NaN either.
        if !(sine > 0.55 && ratio < 2.2) {
            return None;
        }
        // With rows downwards, the way from the right arm to the lower one is clockwise.
        let (right, down) = if cross > 0.0 { (p, q) } else { (q, p) };
        let place = |u: f32, v: f32| {
            let (u, v) = ((u - 3.5) / leg, (v - 3.5) / leg);
            (corner.0 + u * right.0 + v * down.0, corner.1 + u * right.1 + v * down.1)
        };
        let end = leg + 7.0;
        Some(Self {
            corners: [place(0.0, 0.0), place(end, 0.0), place(end, end), place(0.0, end)],
            module: (p_length + q_length) / 2.0 / leg,
            strain: (ratio - 1.0) + 2.0 * (1.0 - sine),
        })
    }
}

/// Whether a point lies in a quadrilateral given clockwise.
pub(super) fn holds(corners: &[Point; 4], (x, y): Point) -> bool {
    (0..4).all(|i| {
        let ((ax, ay), (bx, by)) = (corners[i], corners[(i + 1) % 4]);
        (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0.0
    })
}
