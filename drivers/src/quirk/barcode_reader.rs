//! Serial reader modules: how each family is told to read, how it says that it was told, how it ends a code.

use super::{Evidence, Match, Quirk};
use crate::barcode_reader::{Framing, PayloadEncoding, gm65};

/// How a family of modules is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleFamily {
    /// Name, as configured by `module=…`.
    pub name: &'static str,
    /// Rate that it leaves the factory with.
    pub baud: u32,
    /// How it is told to read; `None` where it reads whatever is shown to it.
    pub trigger: Option<Trigger>,
    /// A question that it must answer, with the bytes that ask it.
    pub question: Option<&'static [u8]>,
    /// How its codes end.
    pub framing: Framing,
    /// How its text is laid into bytes.
    pub encoding: PayloadEncoding,
}

/// How a module is told to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Begins.
    pub start: &'static [u8],
    /// Gives up.
    pub stop: &'static [u8],
    /// Whether each command is acknowledged (GM65's `02 00 00 01 00 33 31`).
    pub is_acknowledged: bool,
    /// After how long the module gives up by itself and is told again.
    pub window_ms: u64,
}

const GM65: ModuleFamily = ModuleFamily {
    name: "gm65",
    baud: 9_600,
    trigger: Some(Trigger { start: gm65::START, stop: gm65::STOP, is_acknowledged: true, window_ms: 4_500 }),
    question: Some(gm65::ASK_MODE),
    framing: Framing::Lines,
    encoding: PayloadEncoding::Utf8OrGb18030,
};

const CONTINUOUS: ModuleFamily = ModuleFamily {
    name: "continuous",
    baud: 9_600,
    trigger: None,
    question: None,
    framing: Framing::Lines,
    encoding: PayloadEncoding::Utf8OrGb18030,
};

/// The module that is meant where neither the address nor the configuration names one.
pub const USUAL: &ModuleFamily = &GM65;

/// All families.
pub const MODULES: &[Quirk<ModuleFamily>] = &[
    Quirk {
        device: Match::Named("gm65"),
        change: GM65,
        story: "Single-read window of 5 s from the factory, after which it is silent until it is told again; each \
                command is acknowledged, before or behind a code that was read at once. The trigger goes without a \
                CRC, since clones compute it differently.",
        source: "Hangzhou Grow, GM65-S manual V1.3, appendix A; code in public for GM65 and GM812",
        evidence: Evidence::Documented,
    },
    Quirk {
        device: Match::Named("gm65-gbk"),
        change: ModuleFamily { name: "gm65-gbk", encoding: PayloadEncoding::Gb18030, ..GM65 },
        story: "Set to put Chinese out as GBK (the setting for Windows' Notepad): two short words such as 联通 are \
                then valid UTF-8 by accident and would be read as something else.",
        source: "GM65-S manual V1.3, output encoding",
        evidence: Evidence::Documented,
    },
    Quirk {
        device: Match::Named("gm65-counted"),
        change: ModuleFamily { name: "gm65-counted", framing: Framing::Counted, ..GM65 },
        story: "Set to output \"with protocol\": 03 and a length of two bytes stand before each code.",
        source: "GM65 manual V1.3 (2016), output with protocol",
        evidence: Evidence::Unverified,
    },
    Quirk {
        device: Match::Named("newland"),
        change: ModuleFamily {
            name: "newland",
            trigger: Some(Trigger {
                start: &[0x1B, 0x31],
                stop: &[0x1B, 0x30],
                is_acknowledged: false,
                window_ms: 2_500,
            }),
            ..CONTINUOUS
        },
        story: "EM and FM series: ESC 1 begins, ESC 0 ends; what they answer to it is not known, so a silent one \
                is not told from one before which nobody holds a code.",
        source: "programming manuals of the EM2000 family as quoted in public; no module was at hand",
        evidence: Evidence::Unverified,
    },
    Quirk {
        device: Match::Named("honeywell"),
        change: ModuleFamily {
            name: "honeywell",
            baud: 115_200,
            trigger: Some(Trigger {
                start: &[0x16, 0x54, 0x0D],
                stop: &[0x16, 0x55, 0x0D],
                is_acknowledged: false,
                window_ms: 25_000,
            }),
            ..CONTINUOUS
        },
        story: "SYN T CR begins, SYN U CR ends; gives up after 30 s from the factory. Datalogic 7000 takes the same.",
        source: "Datalogic 7000 reference, page 159",
        evidence: Evidence::Unverified,
    },
    Quirk {
        device: Match::Named("continuous"),
        change: CONTINUOUS,
        story: "Modules in continuous or induction mode read whatever is shown to them and take no command.",
        source: "GM60-S manual V1.1, section 4",
        evidence: Evidence::Documented,
    },
];

/// Modules that are known by what they are called on USB; the names are those of [`MODULES`].
pub const USB_NAMES: &[Quirk<&str>] = &[
    Quirk {
        device: Match::Usb(0x6666, 0x7777),
        change: "gm65",
        story: "GM65 set to USB virtual serial; its maker took numbers that nobody gave out.",
        source: "code in public that finds a GM65 by 26214 and 30583 (which is vendor and which product differs)",
        evidence: Evidence::Unverified,
    },
    Quirk {
        device: Match::Usb(0x7777, 0x6666),
        change: "gm65",
        story: "The same, with the numbers the other way round.",
        source: "code in public that finds a GM65 by 30583 and 26214",
        evidence: Evidence::Unverified,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quirk::{Facts, changes};

    #[test]
    fn every_family_is_found_by_its_name_and_every_usb_name_is_a_family() {
        for quirk in MODULES {
            let facts = Facts { name: Some(quirk.change.name), ..Facts::default() };
            assert_eq!(changes(MODULES, &facts).collect::<Vec<_>>(), [&quirk.change]);
        }
        assert!(USB_NAMES.iter().all(|usb| MODULES.iter().any(|family| family.change.name == usb.change)));
    }
}
