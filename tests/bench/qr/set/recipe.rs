//! The classes of the set and their parameters: what each class varies, and how far. Ranges are drawn evenly.
//! Written down before the decoder was tuned; change them only with a reason in the history.

/// Seed of the figures that are published.
pub const EVALUATION_SEED: u64 = 0x2026_0917_5eed_0001;
/// Seed that the decoder is tuned with; never used for a published figure.
pub const TUNING_SEED: u64 = 0x7e57_0000_ba5e_0002;
/// Seed of the hostile pictures.
pub const HOSTILE_SEED: u64 = 0x0bad_c0de_0000_0003;
/// Pictures a class in a published run.
pub const PICTURES_A_CLASS: usize = 200;

/// One way in which a code is hard to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Perspective,
    Rotated,
    Blur,
    Motion,
    Glare,
    Moire,
    LowContrast,
    UnevenLight,
    Noise,
    Inverted,
    Mirrored,
    SmallModules,
    Damage,
    Curled,
    Versions,
    StructuredAppend,
    HanziKanji,
    PhoneNear,
    PaperNear,
    PhoneFar,
    Several,
    /// No code at all: writing, tables, stripes, texture.
    Blank,
}

impl Class {
    pub const ALL: [Self; 22] = [
        Self::Perspective,
        Self::Rotated,
        Self::Blur,
        Self::Motion,
        Self::Glare,
        Self::Moire,
        Self::LowContrast,
        Self::UnevenLight,
        Self::Noise,
        Self::Inverted,
        Self::Mirrored,
        Self::SmallModules,
        Self::Damage,
        Self::Curled,
        Self::Versions,
        Self::StructuredAppend,
        Self::HanziKanji,
        Self::PhoneNear,
        Self::PaperNear,
        Self::PhoneFar,
        Self::Several,
        Self::Blank,
    ];
}

/// What a code stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    Paper,
    Phone,
    Any,
}

/// From, to.
pub type Range = (f32, f32);

/// The parameters of a class. Lengths in modules of the code unless said otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    pub versions: (usize, usize),
    pub codes: (usize, usize),
    /// Share of pictures of 1280×720; the others have 640×480.
    pub large: f32,
    /// Pixels a module.
    pub module: Range,
    pub tilt_degrees: Range,
    pub roll_degrees: Range,
    /// Deviation of a Gaussian.
    pub blur: Range,
    /// Length of a straight smear.
    pub motion: Range,
    /// Deviation of the sensor's noise, of 255.
    pub noise: Range,
    /// Between paper and ink, of full scale.
    pub contrast: Range,
    /// Share of the light that is left on the far side of the picture.
    pub light_left: Range,
    /// Spots of glare: how many, and their radius as a share of the code's side.
    pub glare: (usize, usize),
    pub glare_radius: Range,
    /// Depth of a screen's stripes.
    pub moire: Range,
    /// Share of the side by which a bent sheet's middle stands out.
    pub bend: Range,
    /// Blots, scratches and logos: how many, and the share of the code's side that one covers.
    pub blots: (usize, usize),
    pub blot_size: Range,
    pub quiet: (usize, usize),
    /// By how much ink spreads (above 0) or thins.
    pub spread: Range,
    pub inverted: f32,
    pub mirrored: f32,
    pub surface: Surface,
}

/// A code held well before a good camera.
const EASY: Recipe = Recipe {
    versions: (1, 10),
    codes: (1, 1),
    large: 0.5,
    module: (3.0, 8.0),
    tilt_degrees: (0.0, 18.0),
    roll_degrees: (-14.0, 14.0),
    blur: (0.08, 0.25),
    motion: (0.0, 0.2),
    noise: (1.0, 5.0),
    contrast: (0.45, 0.9),
    light_left: (0.6, 1.0),
    glare: (0, 0),
    glare_radius: (0.05, 0.1),
    moire: (0.0, 0.03),
    bend: (0.0, 0.0),
    blots: (0, 0),
    blot_size: (0.02, 0.06),
    quiet: (2, 5),
    spread: (-0.08, 0.12),
    inverted: 0.0,
    mirrored: 0.0,
    surface: Surface::Any,
};

impl Class {
    pub fn recipe(self) -> Recipe {
        match self {
            Self::Perspective => Recipe { tilt_degrees: (20.0, 62.0), roll_degrees: (-180.0, 180.0), ..EASY },
            Self::Rotated => Recipe { roll_degrees: (-180.0, 180.0), module: (2.4, 7.0), ..EASY },
            Self::Blur => Recipe { blur: (0.25, 0.72), ..EASY },
            Self::Motion => Recipe { motion: (0.6, 2.1), ..EASY },
            Self::Glare => Recipe { glare: (1, 3), glare_radius: (0.06, 0.2), ..EASY },
            Self::Moire => Recipe { moire: (0.1, 0.6), blur: (0.08, 0.3), surface: Surface::Phone, ..EASY },
            Self::LowContrast => Recipe { contrast: (0.05, 0.2), ..EASY },
            Self::UnevenLight => Recipe { light_left: (0.05, 0.3), ..EASY },
            Self::Noise => Recipe { noise: (10.0, 45.0), ..EASY },
            Self::Inverted => Recipe { inverted: 1.0, roll_degrees: (-180.0, 180.0), blur: (0.1, 0.4), ..EASY },
            Self::Mirrored => Recipe { mirrored: 1.0, roll_degrees: (-180.0, 180.0), blur: (0.1, 0.4), ..EASY },
            Self::SmallModules => Recipe {
                module: (1.4, 2.4),
                blur: (0.15, 0.35),
                noise: (1.0, 3.0),
                motion: (0.0, 0.1),
                roll_degrees: (-45.0, 45.0),
                ..EASY
            },
            Self::Damage => Recipe { versions: (2, 12), blots: (1, 4), blot_size: (0.04, 0.2), ..EASY },
            Self::Curled => Recipe {
                versions: (2, 14),
                bend: (0.02, 0.16),
                tilt_degrees: (0.0, 25.0),
                surface: Surface::Paper,
                ..EASY
            },
            Self::Versions => {
                Recipe { versions: (1, 40), large: 1.0, module: (3.0, 6.0), tilt_degrees: (0.0, 20.0), ..EASY }
            }
            Self::StructuredAppend | Self::HanziKanji => {
                Recipe { versions: (2, 14), roll_degrees: (-40.0, 40.0), blur: (0.1, 0.45), ..EASY }
            }
            Self::PhoneNear => Recipe { surface: Surface::Phone, ..near() },
            Self::PaperNear => Recipe { surface: Surface::Paper, bend: (0.0, 0.05), ..near() },
            Self::PhoneFar => Recipe { module: (2.2, 4.5), surface: Surface::Phone, motion: (0.0, 1.0), ..near() },
            Self::Several => Recipe { versions: (1, 6), codes: (2, 4), module: (2.5, 5.0), large: 0.7, ..EASY },
            Self::Blank => Recipe { codes: (0, 0), noise: (1.0, 12.0), ..EASY },
        }
    }
}

/// Held before the terminal's camera by a citizen: a little of everything.
fn near() -> Recipe {
    Recipe {
        versions: (3, 12),
        large: 1.0,
        module: (4.0, 8.0),
        tilt_degrees: (0.0, 28.0),
        roll_degrees: (-25.0, 25.0),
        blur: (0.1, 0.45),
        motion: (0.0, 1.4),
        noise: (2.0, 9.0),
        contrast: (0.2, 0.9),
        light_left: (0.35, 1.0),
        glare: (0, 2),
        glare_radius: (0.05, 0.14),
        moire: (0.0, 0.2),
        inverted: 0.05,
        ..EASY
    }
}
