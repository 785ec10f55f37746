//! How much a document may ask for. What is beyond is refused with the reason, before memory is taken for it.

/// Bytes of a file as it arrives: what a phone or a stick may bring.
pub const BYTES_MAX: usize = 64 << 20;
/// Pages of a document that is still opened; what a session may print is the journey's rule.
pub const PAGES_MAX: usize = 2_000;
/// Longest side of a page: a little more than A0.
pub const PAGE_SIDE_MAX_MM: f32 = 1_300.0;
/// Pixels of a picture as decoded, and of a raster as asked for: a phone's largest photo, A3 at 600 dpi.
pub const PIXELS_MAX: u64 = 100_000_000;
/// Dots per inch that can be asked for.
pub const DPI_MIN: u16 = 10;
/// See [`DPI_MIN`].
pub const DPI_MAX: u16 = 600;
/// Bytes that a part inside an archive may have once inflated, and all parts of one document together.
pub(crate) const INFLATED_MAX: usize = 256 << 20;
/// Parts in an archive.
pub(crate) const PARTS_MAX: usize = 20_000;

/// Millimetres in an inch.
pub(crate) const INCH_MM: f32 = 25.4;
/// A4, upright.
pub(crate) const A4_MM: (f32, f32) = (210.0, 297.0);

/// The pixels of a side at a resolution, at least one.
pub(crate) fn pixels(side_mm: f32, dpi: u16) -> u32 {
    (side_mm / INCH_MM * f32::from(dpi)).round().max(1.0) as u32
}
