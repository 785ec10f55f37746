//! From finder patterns to a soft grid: which finders belong together, where the modules lie, how dark they are.

mod equalise;
mod map;
mod mesh;
mod pins;
mod place;
mod refine;
mod soft;
mod trace;
mod triple;

pub use map::Map;
pub use mesh::mesh;
pub use place::{Placed, place, place_pair};
pub use refine::{Sight, descend, pin};
pub use soft::{Samples, SoftGrid, Threshold};
pub use triple::{pairs, triples};

impl SoftGrid {
    /// A module; of a mirrored symbol rows and columns change places.
    pub fn at(&self, x: usize, y: usize, mirrored: bool) -> f32 {
        self.values[if mirrored { x * self.side + y } else { y * self.side + x }]
    }
}
