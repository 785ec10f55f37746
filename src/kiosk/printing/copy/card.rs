//! Finds a card on the glass and cuts it out straight. The card differs from the lid in tone; of what differs the
//! largest piece is taken, its hull, and of the hull the smallest rectangle. A scan is at true size, so the size
//! of the cut is the card's and never measured from a blurred edge.

use super::{SHEET_DPI, pixels, turned};
use image::{RgbImage, imageops};

/// ISO/IEC 7810 ID-1.
pub const CARD_MM: (f32, f32) = (85.6, 54.0);
/// Kept around the card, so that its own edge shows.
const MARGIN_MM: f32 = 1.5;
/// The search runs at half the resolution.
const COARSE: u32 = 2;
/// Difference from the lid, of 255 in any colour, that is not its noise.
const DIFFERS: i32 = 14;
/// How much the rectangle's sides may differ from the card's.
const TOLERANCE_MM: f32 = 4.0;

/// One side of a card, straight, with a narrow margin. Where none is found: the corner of the glass at which a
/// card is laid.
#[must_use]
pub fn card_side(scan: &RgbImage) -> RgbImage {
    let size = (pixels(CARD_MM.0 + 2.0 * MARGIN_MM), pixels(CARD_MM.1 + 2.0 * MARGIN_MM));
    match find(scan) {
        Some(found) => turned(scan, found.middle, found.angle, size),
        None => turned(scan, (size.0 as f32 / 2.0, size.1 as f32 / 2.0), 0.0, size),
    }
}

/// Where the card lies, in pixels of the scan; the angle is that of its long side.
struct Found {
    middle: (f32, f32),
    angle: f32,
}

fn find(scan: &RgbImage) -> Option<Found> {
    let (width, height) = (scan.width() / COARSE, scan.height() / COARSE);
    if width < 16 || height < 16 {
        return None;
    }
    let coarse = imageops::thumbnail(scan, width, height);
    let mask = smoothed(&differs(&coarse), width as usize);
    let hull = hull(&largest_piece(&mask, width as usize)?);
    let rectangle = smallest_rectangle(&hull)?;
    let millimetres = |length: f32| length * COARSE as f32 * 25.4 / SHEET_DPI as f32;
    let (long, short) = (millimetres(rectangle.long), millimetres(rectangle.short));
    let fits = (long - CARD_MM.0).abs() <= TOLERANCE_MM && (short - CARD_MM.1).abs() <= TOLERANCE_MM;
    let scale = |(x, y): (f32, f32)| ((x + 0.5) * COARSE as f32 - 0.5, (y + 0.5) * COARSE as f32 - 0.5);
    fits.then(|| Found { middle: scale(rectangle.middle), angle: rectangle.angle })
}

/// Pixels that are not the lid. The lid's colour is the middle one along the far edges, where no card lies.
fn differs(picture: &RgbImage) -> Vec<bool> {
    let (width, height) = picture.dimensions();
    let far = (0..height).map(|y| (width - 2, y)).chain((0..width).map(|x| (x, height - 2)));
    let mut tones: [Vec<u8>; 3] = Default::default();
    for (x, y) in far {
        for (tones, tone) in tones.iter_mut().zip(picture.get_pixel(x, y).0) {
            tones.push(tone);
        }
    }
    let lid = tones.map(|mut tones| {
        tones.sort_unstable();
        i32::from(tones[tones.len() / 2])
    });
    let far_from =
        |pixel: &image::Rgb<u8>| pixel.0.iter().zip(lid).any(|(tone, lid)| (i32::from(*tone) - lid).abs() > DIFFERS);
    picture.pixels().map(far_from).collect()
}

/// Each pixel as most of its neighbourhood: dust and noise go.
fn smoothed(mask: &[bool], width: usize) -> Vec<bool> {
    let height = mask.len() / width;
    let mut out = vec![false; mask.len()];
    for y in 1..height.saturating_sub(1) {
        for x in 1..width - 1 {
            let around = (y - 1..=y + 1).flat_map(|row| (x - 1..=x + 1).map(move |column| row * width + column));
            out[y * width + x] = around.filter(|at| mask[*at]).count() >= 5;
        }
    }
    out
}

/// The pixels of the largest connected piece.
fn largest_piece(mask: &[bool], width: usize) -> Option<Vec<(f32, f32)>> {
    let mut seen = vec![false; mask.len()];
    let mut best: Vec<usize> = Vec::new();
    for start in 0..mask.len() {
        if !mask[start] || seen[start] {
            continue;
        }
        let (mut piece, mut next) = (Vec::new(), vec![start]);
        seen[start] = true;
        while let Some(at) = next.pop() {
            piece.push(at);
            let column = at % width;
            let left = (column > 0).then(|| at - 1);
            let right = (column + 1 < width).then_some(at + 1);
            let neighbours = [left, right, at.checked_sub(width), Some(at + width).filter(|at| *at < mask.len())];
            for neighbour in neighbours.into_iter().flatten() {
                if mask[neighbour] && !seen[neighbour] {
                    seen[neighbour] = true;
                    next.push(neighbour);
                }
            }
        }
        if piece.len() > best.len() {
            best = piece;
        }
    }
    (best.len() > 100).then(|| best.iter().map(|at| ((at % width) as f32, (at / width) as f32)).collect())
}

/// Convex hull, counter-clockwise (Andrew's monotone chain).
fn hull(points: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let turns_left =
        |a: (f32, f32), b: (f32, f32), c: (f32, f32)| (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0) > 0.0;
    let chain = |points: &mut dyn Iterator<Item = (f32, f32)>| {
        let mut chain: Vec<(f32, f32)> = Vec::new();
        for point in points {
            while chain.len() > 1 && !turns_left(chain[chain.len() - 2], chain[chain.len() - 1], point) {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = chain(&mut points.iter().copied());
    hull.extend(chain(&mut points.iter().rev().copied()));
    hull
}

struct Rectangle {
    middle: (f32, f32),
    long: f32,
    short: f32,
    angle: f32,
}

/// The rectangle of least area around a hull; one of its sides lies on one of the hull's.
fn smallest_rectangle(hull: &[(f32, f32)]) -> Option<Rectangle> {
    let mut best: Option<(f32, Rectangle)> = None;
    for (place, from) in hull.iter().enumerate() {
        let to = hull[(place + 1) % hull.len()];
        let angle = (to.1 - from.1).atan2(to.0 - from.0);
        let (sin, cos) = angle.sin_cos();
        let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for (x, y) in hull {
            let (u, v) = (x * cos + y * sin, y * cos - x * sin);
            low = (low.0.min(u), low.1.min(v));
            high = (high.0.max(u), high.1.max(v));
        }
        let (along, across) = (high.0 - low.0 + 1.0, high.1 - low.1 + 1.0);
        if best.as_ref().is_some_and(|(area, _)| *area <= along * across) {
            continue;
        }
        let (u, v) = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
        let middle = (u * cos - v * sin, u * sin + v * cos);
        let turned = if along >= across { angle } else { angle + std::f32::consts::FRAC_PI_2 };
        let rectangle = Rectangle { middle, long: along.max(across), short: along.min(across), angle: upright(turned) };
        best = Some((along * across, rectangle));
    }
    best.map(|(_, rectangle)| rectangle)
}

/// The same line's direction between −90° and 90°, so that a card is never turned upside down.
fn upright(angle: f32) -> f32 {
    use std::f32::consts::{FRAC_PI_2, PI};
    let mut angle = angle;
    while angle > FRAC_PI_2 {
        angle -= PI;
    }
    while angle <= -FRAC_PI_2 {
        angle += PI;
    }
    angle
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    const CARD: Rgb<u8> = Rgb([205, 215, 230]);
    const MARK: Rgb<u8> = Rgb([120, 20, 20]);

    /// A glass with a card of exact size, its middle and angle given; a mark stands at its upper left.
    fn glass(middle_mm: (f32, f32), degrees: f32) -> RgbImage {
        let angle = degrees.to_radians();
        let per_mm = SHEET_DPI as f32 / 25.4;
        RgbImage::from_fn(pixels(140.0), pixels(110.0), |x, y| {
            let (dx, dy) = (x as f32 / per_mm - middle_mm.0, y as f32 / per_mm - middle_mm.1);
            let (u, v) = (dx * angle.cos() + dy * angle.sin(), dy * angle.cos() - dx * angle.sin());
            let noise = ((x * 7 + y * 13) % 5) as u8;
            if u.abs() > CARD_MM.0 / 2.0 || v.abs() > CARD_MM.1 / 2.0 {
                Rgb([244 + noise, 244 + noise, 242 + noise])
            } else if (-35.0..-30.0).contains(&u) && (-20.0..-15.0).contains(&v) {
                MARK
            } else {
                CARD
            }
        })
    }

    /// Width and height of what is card colour, in millimetres, along the middle lines.
    fn measured(side: &RgbImage) -> (f32, f32) {
        let is_card = |pixel: &Rgb<u8>| pixel.0[0] < 225;
        let (across, down) = (side.height() / 2, side.width() / 2);
        let width = (0..side.width()).filter(|x| is_card(side.get_pixel(*x, across))).count();
        let height = (0..side.height()).filter(|y| is_card(side.get_pixel(down, *y))).count();
        let mm = |count: usize| count as f32 * 25.4 / SHEET_DPI as f32;
        (mm(width), mm(height))
    }

    #[test]
    fn a_card_is_cut_out_straight_and_at_true_size_wherever_it_lies() {
        for (middle, degrees) in [((50.0, 35.0), 0.0), ((60.0, 45.0), 4.0), ((62.0, 50.0), -7.5), ((70.0, 55.0), 15.0)]
        {
            let side = card_side(&glass(middle, degrees));
            let (width, height) = measured(&side);
            assert!(
                (width - CARD_MM.0).abs() < 0.4 && (height - CARD_MM.1).abs() < 0.4,
                "{degrees}: {width} × {height}"
            );
            let mark = side.get_pixel(pixels(1.5 + 42.8 - 32.5), pixels(1.5 + 27.0 - 17.5));
            assert!(mark.0[1] < 80, "{degrees}: the mark is at its place: {mark:?}");
        }
    }

    #[test]
    fn a_card_laid_upright_is_turned_to_lie() {
        let side = card_side(&glass((60.0, 55.0), 88.0));
        let (width, height) = measured(&side);
        assert!((width - CARD_MM.0).abs() < 0.4 && (height - CARD_MM.1).abs() < 0.4, "{width} × {height}");
    }

    #[test]
    fn without_a_card_the_corner_of_the_glass_is_copied() {
        let empty = RgbImage::from_pixel(pixels(140.0), pixels(110.0), Rgb([250, 250, 250]));
        assert_eq!(card_side(&empty).dimensions(), (pixels(88.6), pixels(57.0)));
        assert_eq!(card_side(&RgbImage::new(3, 3)).dimensions(), (pixels(88.6), pixels(57.0)));
    }
}
