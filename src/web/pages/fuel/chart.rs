//! A car's consumption drawn as SVG: each interval a point, the band in which most lie, what the check speaks of marked.
//! Colours are classes and presentation attributes, so that no inline style is needed; a table below says the same.

use std::fmt::Write as _;

use crate::kernel::Timestamp;
use crate::web::pages::view::Frame;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 30.0;
const DAY: i64 = 86_400_000;

/// A point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) at: Timestamp,
    pub(super) value: f64,
    /// What is said of it; blank when nothing is.
    pub(super) said: String,
    pub(super) href: String,
}

/// The drawing; nothing when there are fewer than two points.
pub(super) fn draw(frame: &Frame, label: &str, points: &[Point], band: Option<(f64, f64, f64)>) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    if points.len() < 2 || last.at.0 <= first.at.0 {
        return String::new();
    }
    let w = &frame.words.fuel.car;
    let scale = Scale::of(points, band);
    let mut svg = format!(
        r#"<svg viewBox="0 0 {WIDTH:.0} {HEIGHT:.0}" role="img" aria-label="{}" font-size="13" font-family="inherit">"#,
        escaped(label)
    );
    for value in scale.ticks() {
        let y = scale.y(value);
        let right = WIDTH - RIGHT;
        let _ = write!(
            svg,
            r#"<g class="text-secondary"><line x1="{LEFT}" x2="{right}" y1="{y:.1}" y2="{y:.1}" stroke="currentColor" stroke-opacity="0.18"/><text x="{:.1}" y="{:.1}" text-anchor="end" fill="currentColor">{value}</text></g>"#,
            LEFT - 6.0,
            y + 4.5
        );
    }
    for (x, name) in scale.months() {
        let y = HEIGHT - 10.0;
        let _ = write!(svg, r#"<text class="text-secondary" x="{x:.1}" y="{y}" fill="currentColor">{name}</text>"#);
    }
    if let Some((usual, low, high)) = band {
        let (top, bottom, middle, width) = (scale.y(high), scale.y(low), scale.y(usual), WIDTH - LEFT - RIGHT);
        let right = WIDTH - RIGHT;
        let _ = write!(
            svg,
            r#"<g class="text-primary"><rect x="{LEFT}" y="{top:.1}" width="{width}" height="{:.1}" fill="currentColor" fill-opacity="0.1"/><line x1="{LEFT}" x2="{right}" y1="{middle:.1}" y2="{middle:.1}" stroke="currentColor" stroke-dasharray="5 4" stroke-opacity="0.7"/><text x="{:.1}" y="{:.1}" text-anchor="end" fill="currentColor">{}</text></g>"#,
            bottom - top,
            right - 4.0,
            middle - 5.0,
            escaped(&w.usual_line.replace("{value}", &format!("{usual:.1}")))
        );
    }
    let line: Vec<String> =
        points.iter().map(|point| format!("{:.1},{:.1}", scale.x(point.at), scale.y(point.value))).collect();
    let _ = write!(
        svg,
        r#"<polyline class="text-secondary" points="{}" fill="none" stroke="currentColor" stroke-opacity="0.45"/>"#,
        line.join(" ")
    );
    points.iter().for_each(|point| dot(&mut svg, &scale, point));
    svg.push_str("</svg>");
    svg
}

fn dot(svg: &mut String, scale: &Scale, point: &Point) {
    let (x, y) = (scale.x(point.at), scale.y(point.value));
    let text = format!("{} {:.1} {}", point.at.day(), point.value, point.said);
    let text = escaped(text.trim_end());
    let shape = if point.said.is_empty() {
        format!(
            r#"<circle class="text-primary" cx="{x:.1}" cy="{y:.1}" r="4" fill="currentColor"><title>{text}</title></circle>"#
        )
    } else {
        // Another shape, not only another colour.
        format!(
            r#"<path class="text-danger" d="M{x:.1} {:.1}l7.5 7.5-7.5 7.5-7.5-7.5z" fill="currentColor"><title>{text}</title></path>"#,
            y - 7.5
        )
    };
    let _ = match point.href.as_str() {
        "" => write!(svg, "{shape}"),
        href => write!(svg, r#"<a href="{}" aria-label="{text}">{shape}</a>"#, escaped(href)),
    };
}

/// Where a day and a consumption stand.
struct Scale {
    from: i64,
    to: i64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(points: &[Point], band: Option<(f64, f64, f64)>) -> Self {
        let values =
            points.iter().map(|point| point.value).chain(band.map(|band| band.1)).chain(band.map(|band| band.2));
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let room = ((high - low) * 0.1).max(0.5);
        let at = |point: Option<&Point>| point.map_or(0, |point| point.at.0);
        Self {
            from: at(points.first()) - 2 * DAY,
            to: at(points.last()) + 2 * DAY,
            low: (low - room).max(0.0),
            high: high + room,
        }
    }

    fn x(&self, at: Timestamp) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few years in milliseconds")]
        let part = (at.0 - self.from) as f64 / (self.to - self.from) as f64;
        LEFT + part * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let part = (value - self.low) / (self.high - self.low);
        HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP)
    }

    /// Round values, four or so.
    fn ticks(&self) -> Vec<f64> {
        let span = self.high - self.low;
        let step = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(|step| span / step <= 6.0).unwrap_or(100.0);
        let mut value = (self.low / step).ceil() * step;
        let mut ticks = Vec::new();
        while value <= self.high {
            ticks.push(value);
            value += step;
        }
        ticks
    }

    /// Where each month begins, and its name; every second one when there are many.
    fn months(&self) -> Vec<(f64, String)> {
        use chrono::Datelike as _;
        let mut day = Timestamp(self.from).day();
        let mut found = Vec::new();
        while Timestamp::start_of_day(day).0 < self.to {
            if day.day() == 1 && Timestamp::start_of_day(day).0 >= self.from {
                found.push((self.x(Timestamp::start_of_day(day)), day.format("%Y-%m").to_string()));
            }
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
        let every = found.len().div_ceil(8).max(1);
        found.into_iter().step_by(every).filter(|(x, _)| *x < WIDTH - RIGHT - 48.0).collect()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
