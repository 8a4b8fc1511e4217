//! Three finder patterns that may belong to one version-1 symbol.

use super::finder::Finder;
use super::frame::Point;

/// Modules between the middles of neighbouring finder patterns in version 1.
const LEG: f32 = 14.0;

/// Where a symbol may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Outer corners: top left, top right, bottom right, bottom left.
    pub(super) corners: [Point; 4],
    /// Pixels a module, roughly.
    pub(super) module: f32,
    /// The finder patterns used, by their place in the list.
    pub(super) finders: [usize; 3],
    /// How unlike a square this is; the best come first.
    pub(super) strain: f32,
}

/// All candidates, the squarest first.
pub(super) fn candidates(finders: &[Finder]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (i, corner) in finders.iter().enumerate() {
        let near: Vec<usize> = (0..finders.len()).filter(|&j| j != i && may_pair(corner, &finders[j])).collect();
        for (n, &a) in near.iter().enumerate() {
            for &b in &near[n + 1..] {
                if let Some(candidate) = candidate(finders, i, a, b) {
                    found.push(candidate);
                }
            }
        }
    }
    found.sort_by(|a, b| a.strain.total_cmp(&b.strain));
    found
}

fn may_pair(a: &Finder, b: &Finder) -> bool {
    let module = (a.module + b.module) / 2.0;
    let distance = (a.x - b.x).hypot(a.y - b.y);
    let alike = a.module < 1.8 * b.module && b.module < 1.8 * a.module;
    alike && distance > 0.45 * LEG * module && distance < 1.6 * LEG * module
}

fn candidate(finders: &[Finder], corner: usize, a: usize, b: usize) -> Option<Candidate> {
    let (o, p, q) = (&finders[corner], &finders[a], &finders[b]);
    let (px, py, qx, qy) = (p.x - o.x, p.y - o.y, q.x - o.x, q.y - o.y);
    let (lp, lq) = (px.hypot(py), qx.hypot(qy));
    let cross = px * qy - py * qx;
    let sine = cross / (lp * lq);
    let ratio = lp.max(lq) / lp.min(lq);
    if sine.abs() < 0.55 || ratio > 2.2 {
        return None;
    }
    // With y downwards the way from the right arm to the lower arm is clockwise.
    let (right, down, right_index, down_index) =
        if cross > 0.0 { ((px, py), (qx, qy), a, b) } else { ((qx, qy), (px, py), b, a) };
    let (ux, uy) = (right.0 / LEG, right.1 / LEG);
    let (vx, vy) = (down.0 / LEG, down.1 / LEG);
    let place = |u: f32, v: f32| (o.x + (u - 3.5) * ux + (v - 3.5) * vx, o.y + (u - 3.5) * uy + (v - 3.5) * vy);
    Some(Candidate {
        corners: [place(0.0, 0.0), place(21.0, 0.0), place(21.0, 21.0), place(0.0, 21.0)],
        module: (lp + lq) / 2.0 / LEG,
        finders: [corner, right_index, down_index],
        strain: (ratio - 1.0) + 2.0 * (1.0 - sine.abs()),
    })
}
