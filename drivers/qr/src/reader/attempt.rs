//! One attempt at a map: refine it as far as the stage wants, sample the modules, and try the thresholds and
//! sharpenings under which the function patterns agree best.

use crate::grid::{Map, Placed, Samples, Sight, SoftGrid, Threshold, descend, mesh, pin};
use crate::symbol::{Content, Layout, Version, content};
use std::sync::OnceLock;

/// How a map is tried: the content with the map under which it was read.
pub type Stage = fn(&Sight, &Placed) -> Option<(Content, Map)>;

/// The costly stages for a map, the likeliest first: where the timing patterns leave a straight map, the paper is bent.
pub fn stages(placed: &Placed) -> &'static [Stage] {
    const FLAT: &[Stage] = &[straightened, bowed, pinned, traced, meshed];
    const BENT: &[Stage] = &[traced, bowed, meshed, straightened, pinned];
    if placed.timing < BENT_TIMING { BENT } else { FLAT }
}

/// Timing patterns that alternate less than this under a straight map are taken to be bent.
const BENT_TIMING: f32 = 0.6;
/// Timing patterns below this agreement are not sampled at the first attempt.
const QUICK_TIMING_MIN: f32 = 0.3;
/// Function patterns below this agreement are no symbol's.
const AGREEMENT_MIN: f32 = 0.35;
/// Below this agreement only the best grid is decoded.
const AGREEMENT_GOOD: f32 = 0.6;
/// Grids that are decoded at an attempt, before and after their neighbours' light is taken out.
const QUICK_GRIDS: usize = 2;
const DEEP_GRIDS: usize = 4;

/// Symbols of more modules a side take so long that only one grid is equalised.
const LARGE_SIDE: usize = 90;

/// The map as it was placed, or with its pins where the symbol has many alignment patterns.
pub fn quick(sight: &Sight, placed: &Placed) -> Option<(Content, Map)> {
    if placed.timing < QUICK_TIMING_MIN {
        return None;
    }
    let layout = layout(placed.version);
    let map = if placed.version.number() >= 7 { pin(sight, &placed.map, layout) } else { placed.map.clone() };
    let content = decoded(sight, &map, layout, (&[0.0, 0.4], QUICK_GRIDS))?;
    Some((content, map))
}

fn straightened(sight: &Sight, placed: &Placed) -> Option<(Content, Map)> {
    let layout = layout(placed.version);
    deep(sight, descend(sight, &placed.map, layout, false), layout)
}

/// For curled paper: the bend that the timing patterns show, the far corner by the last alignment pattern, then both
/// together.
fn bowed(sight: &Sight, placed: &Placed) -> Option<(Content, Map)> {
    let layout = layout(placed.version);
    let mut map = sight.bowed(&placed.map);
    if placed.version.number() >= 2 {
        map = sight.anchored(&map);
    }
    deep(sight, descend(sight, &map, layout, true), layout)
}

fn pinned(sight: &Sight, placed: &Placed) -> Option<(Content, Map)> {
    let layout = layout(placed.version);
    if placed.version.number() < 7 {
        return None;
    }
    let map = sight.anchored(&sight.bowed(&placed.map));
    let map = descend(sight, &map, layout, true);
    deep(sight, pin(sight, &map, layout), layout)
}

/// For crumpled paper: the nodes of a mesh settle where the modules are decided.
fn meshed(sight: &Sight, placed: &Placed) -> Option<(Content, Map)> {
    let layout = layout(placed.version);
    let map = if placed.version.number() >= 2 { sight.anchored(&sight.bowed(&placed.map)) } else { placed.map.clone() };
    let map = descend(sight, &map, layout, true);
    let map = if placed.version.number() >= 7 { pin(sight, &map, layout) } else { map };
    deep(sight, mesh(sight, &map, layout), layout)
}

/// For paper bent too far for a quadratic: a mesh that begins with the timing patterns as they run.
fn traced(sight: &Sight, placed: &Placed) -> Option<(Content, Map)> {
    let layout = layout(placed.version);
    let mut map = sight.traced(&placed.map);
    if placed.version.number() >= 2 {
        map = sight.anchored(&map);
    }
    if placed.version.number() >= 7 {
        map = pin(sight, &map, layout);
    }
    deep(sight, mesh(sight, &map, layout), layout)
}

fn deep(sight: &Sight, map: Map, layout: &Layout) -> Option<(Content, Map)> {
    let content = decoded(sight, &map, layout, (&[0.0, 0.3, 0.7], DEEP_GRIDS))?;
    Some((content, map))
}

fn decoded(sight: &Sight, map: &Map, layout: &Layout, (sharpenings, count): (&[f32], usize)) -> Option<Content> {
    let samples = Samples::take(&sight.grey, map, sight.inverted);
    let mut grids: Vec<SoftGrid> = Vec::with_capacity(sharpenings.len() * 3);
    for &by in sharpenings {
        let sharpened = samples.sharpened(by);
        let thresholds = [Threshold::Planes, Threshold::Window(4), Threshold::Global];
        grids.extend(thresholds.map(|threshold| sharpened.soft(threshold, layout)));
    }
    grids.retain(|grid| grid.agreement > AGREEMENT_MIN);
    grids.sort_by(|a, b| b.agreement.total_cmp(&a.agreement));
    grids.truncate(if grids.first().is_some_and(|grid| grid.agreement > AGREEMENT_GOOD) { count } else { 1 });
    let is_time = |_: &&SoftGrid| !sight.clock.is_over();
    let (first, others) = grids.split_first()?;
    let read = content(first, layout, &sight.clock);
    let read = read.or_else(|| others.iter().take_while(is_time).find_map(|grid| content(grid, layout, &sight.clock)));
    read.or_else(|| {
        let count = if layout.version.side() > LARGE_SIDE { 1 } else { 2 };
        let equalised = grids.iter().take(count).take_while(is_time).filter_map(|grid| grid.equalised(layout));
        equalised.into_iter().find_map(|grid| content(&grid, layout, &sight.clock))
    })
}

/// The layout of a version, made once.
fn layout(version: Version) -> &'static Layout {
    static LAYOUTS: [OnceLock<Layout>; 40] = [const { OnceLock::new() }; 40];
    LAYOUTS[version.number() - 1].get_or_init(|| Layout::new(version))
}
