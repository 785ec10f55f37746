//! Colours, shadings and lines of an OFD (GB/T 33190, clauses 8.2 and 8.3) as tiny-skia paints them.

use super::resources::Resources;
use super::xml::Node;
use tiny_skia::{
    Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Point, RadialGradient, Shader, SpreadMode,
    Stroke, StrokeDash, Transform,
};

/// Line width where nothing is said, in millimetres: one point.
const LINE_WIDTH_MM: f32 = 0.353;
/// Stops of a shading.
const STOPS_MAX: usize = 256;

/// What an area or a line is filled with, in the coordinates of its object.
#[derive(Clone)]
pub(super) enum Ink {
    Plain(Color),
    Axial {
        from: Point,
        to: Point,
        stops: Vec<GradientStop>,
    },
    Radial {
        from: Point,
        to: Point,
        radius: f32,
        stops: Vec<GradientStop>,
    },
    /// What is not drawn: a pattern without a cell. Nothing is better than black.
    Nothing,
}

/// Parameters that objects inherit.
#[derive(Clone)]
pub(super) struct Style {
    pub(super) fill: Ink,
    pub(super) stroke: Ink,
    pub(super) line: Stroke,
}

impl Default for Style {
    fn default() -> Self {
        let line = Stroke { width: LINE_WIDTH_MM, ..Stroke::default() };
        Self { fill: Ink::Plain(Color::BLACK), stroke: Ink::Plain(Color::BLACK), line }
    }
}

impl Style {
    /// With the parameters of a node laid over it: a `DrawParam`, or an object.
    pub(super) fn over(mut self, node: &Node, resources: &Resources) -> Self {
        if let Some(colour) = node.child("FillColor") {
            self.fill = ink(colour, resources);
        }
        if let Some(colour) = node.child("StrokeColor") {
            self.stroke = ink(colour, resources);
        }
        let line = &mut self.line;
        line.width = node.number("LineWidth").filter(|width| *width > 0.0).unwrap_or(line.width);
        line.miter_limit = node.number("MiterLimit").unwrap_or(line.miter_limit);
        line.line_cap = match node.attribute("Cap") {
            Some("Round") => LineCap::Round,
            Some("Square") => LineCap::Square,
            Some(_) => LineCap::Butt,
            None => line.line_cap,
        };
        line.line_join = match node.attribute("Join") {
            Some("Round") => LineJoin::Round,
            Some("Bevel") => LineJoin::Bevel,
            Some(_) => LineJoin::Miter,
            None => line.line_join,
        };
        if let Some(mut dashes) = node.numbers("DashPattern") {
            if dashes.len() % 2 == 1 {
                dashes.extend_from_within(..);
            }
            line.dash = StrokeDash::new(dashes, node.number("DashOffset").unwrap_or(0.0));
        }
        self
    }

    /// With the drawing parameters of an identifier.
    pub(super) fn with_params(self, id: Option<&str>, resources: &Resources) -> Self {
        let params = id.map(|id| resources.params(id)).unwrap_or_default();
        params.into_iter().fold(self, |style, node| style.over(node, resources))
    }
}

impl Ink {
    /// As a shader whose coordinates are the object's, with the object's opacity.
    pub(super) fn shader(&self, alpha: f32, to_pixels: Transform) -> Option<Shader<'static>> {
        let faded = |stops: &[GradientStop]| stops.to_vec();
        match self {
            Self::Plain(colour) => {
                let mut colour = *colour;
                colour.apply_opacity(alpha);
                Some(Shader::SolidColor(colour))
            }
            Self::Axial { from, to, stops } => {
                LinearGradient::new(*from, *to, faded(stops), SpreadMode::Pad, to_pixels)
            }
            Self::Radial { from, to, radius, stops } => {
                RadialGradient::new(*from, 0.0, *to, *radius, faded(stops), SpreadMode::Pad, to_pixels)
            }
            Self::Nothing => None,
        }
    }
}

fn ink(node: &Node, resources: &Resources) -> Ink {
    let shading = ["AxialShd", "RadialShd"].iter().find_map(|name| node.child(name));
    if let Some(shading) = shading {
        return shaded(shading, resources).unwrap_or(Ink::Nothing);
    }
    if node.children.iter().any(|child| matches!(child.name.as_str(), "Pattern" | "GouraudShd" | "LaGourandShd")) {
        return Ink::Nothing;
    }
    Ink::Plain(colour(node, resources))
}

fn shaded(node: &Node, resources: &Resources) -> Option<Ink> {
    let point = |name: &str| match node.numbers(name)?[..] {
        [x, y, ..] => Some(Point::from_xy(x, y)),
        _ => None,
    };
    let (from, to) = (point("StartPoint")?, point("EndPoint")?);
    let segments: Vec<&Node> = node.all("Segment").take(STOPS_MAX).collect();
    let last = segments.len().saturating_sub(1).max(1) as f32;
    let stops: Vec<GradientStop> = segments
        .iter()
        .enumerate()
        .filter_map(|(number, segment)| {
            let place = segment.number("Position").unwrap_or(number as f32 / last);
            Some(GradientStop::new(place, colour(segment.child("Color")?, resources)))
        })
        .collect();
    if node.name == "AxialShd" {
        return Some(Ink::Axial { from, to, stops });
    }
    Some(Ink::Radial { from, to, radius: node.number("EndRadius")?, stops })
}

/// A `CT_Color`: channels by their count, of any depth, or a number in a palette.
fn colour(node: &Node, resources: &Resources) -> Color {
    let space = node.attribute("ColorSpace").and_then(|id| resources.spaces.get(id));
    let mut channels = node.attribute("Value").map(channels).unwrap_or_default();
    if let Some(index) = node.number("Index") {
        let entry = space.and_then(|space| space.palette.get(index as usize));
        channels = entry.cloned().unwrap_or(channels);
    }
    let largest = space.map_or(255.0, |space| space.largest.max(1.0));
    let share = |value: f32| (value / largest).clamp(0.0, 1.0);
    let alpha = (node.number("Alpha").unwrap_or(255.0) / 255.0).clamp(0.0, 1.0);
    let [r, g, b] = match channels[..] {
        [grey] => [share(grey); 3],
        [r, g, b] => [share(r), share(g), share(b)],
        [c, m, y, k, ..] => [c, m, y].map(|ink| (1.0 - share(ink)) * (1.0 - share(k))),
        _ => [0.0; 3],
    };
    Color::from_rgba(r, g, b, alpha).unwrap_or(Color::BLACK)
}

/// Decimal numbers, or hexadecimal ones after `#`.
fn channels(text: &str) -> Vec<f32> {
    if !text.contains('#') {
        return super::xml::numbers(text);
    }
    text.split_whitespace()
        .filter_map(|word| u32::from_str_radix(word.trim_start_matches('#'), 16).ok())
        .map(|value| value as f32)
        .collect()
}

/// The rule of a path's inside.
pub(super) fn rule(node: &Node) -> FillRule {
    match node.attribute("Rule") {
        Some("Even-Odd") => FillRule::EvenOdd,
        _ => FillRule::Winding,
    }
}
