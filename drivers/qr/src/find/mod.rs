//! Finder patterns in a picture: threshold by local means, scan by run lengths, fit to a fraction of a pixel.

mod finder;
mod scan;
mod threshold;

pub use finder::Finder;
pub use scan::{Bits, Rim, sightings};
pub use threshold::{Integral, noise};
