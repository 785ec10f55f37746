//! `AbbreviatedData` of an OFD path (GB/T 33190, table 37): S M L Q B A C and their numbers.

use hayro::kurbo::{Arc, Point, SvgArc, Vec2};
use tiny_skia::{Path, PathBuilder};

/// Words of one path.
const WORDS_MAX: usize = 2_000_000;
/// How far an arc's curves may lie beside it, in millimetres.
const ARC_TOLERANCE_MM: f64 = 0.01;

/// The path, as far as it makes sense; nothing where no segment does.
pub(super) fn path(data: &str) -> Option<Path> {
    let mut words = data.split([' ', ',', '\t', '\n', '\r']).filter(|word| !word.is_empty()).take(WORDS_MAX);
    let mut builder = PathBuilder::new();
    let mut at = (0.0, 0.0);
    while let Some(word) = words.next() {
        let step = match word {
            "S" | "M" => numbers(&mut words).map(|[x, y]| {
                builder.move_to(x, y);
                (x, y)
            }),
            "L" => numbers(&mut words).map(|[x, y]| {
                builder.line_to(x, y);
                (x, y)
            }),
            "Q" => numbers(&mut words).map(|[x1, y1, x, y]| {
                builder.quad_to(x1, y1, x, y);
                (x, y)
            }),
            "B" => numbers(&mut words).map(|[x1, y1, x2, y2, x, y]| {
                builder.cubic_to(x1, y1, x2, y2, x, y);
                (x, y)
            }),
            "A" => numbers(&mut words).map(|numbers| arc(&mut builder, at, numbers)),
            "C" => {
                builder.close();
                Some(at)
            }
            // A stray number or an unknown letter is passed over.
            _ => Some(at),
        };
        at = step?;
    }
    builder.finish()
}

fn numbers<'a, const N: usize>(words: &mut impl Iterator<Item = &'a str>) -> Option<[f32; N]> {
    let mut numbers = [0.0; N];
    for number in &mut numbers {
        *number = words.next()?.parse().ok().filter(|number: &f32| number.is_finite())?;
    }
    Some(numbers)
}

fn arc(builder: &mut PathBuilder, at: (f32, f32), [rx, ry, angle, large, sweep, x, y]: [f32; 7]) -> (f32, f32) {
    let point = |x: f32, y: f32| Point::new(f64::from(x), f64::from(y));
    let svg = SvgArc {
        from: point(at.0, at.1),
        to: point(x, y),
        radii: Vec2::new(f64::from(rx), f64::from(ry)),
        x_rotation: f64::from(angle).to_radians(),
        large_arc: large != 0.0,
        sweep: sweep != 0.0,
    };
    match Arc::from_svg_arc(&svg) {
        Some(arc) => arc.to_cubic_beziers(ARC_TOLERANCE_MM, |a, b, c| {
            builder.cubic_to(a.x as f32, a.y as f32, b.x as f32, b.y as f32, c.x as f32, c.y as f32);
        }),
        None => builder.line_to(x, y),
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_draws() {
        let drawn = path("S 0 0 M 0 0 L 10 0 Q 10 5 10 10 B 8 10 6 10 5 10 A 5 5 0 0 1 0 5 C").unwrap();
        let bounds = drawn.bounds();
        assert!((bounds.width() - 10.0).abs() < 0.1 && (bounds.height() - 10.0).abs() < 0.1, "{bounds:?}");
    }

    #[test]
    fn nonsense_draws_nothing_and_does_not_fail() {
        assert!(path("").is_none() && path("M 1").is_none() && path("L NaN inf").is_none());
        assert!(path("M 0 0 L 5 5 L 7").is_none());
    }
}
