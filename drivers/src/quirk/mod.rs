//! What single devices do otherwise than their protocol says, as data: whom it concerns, what it changes, the
//! story behind it and where that is written. One file a class; the drivers ask here and hold no names of makes.

pub mod barcode_reader;
pub mod id_card_reader;
pub mod receipt_printer;

/// One peculiarity of one kind of device.
#[derive(Debug)]
pub struct Quirk<C: 'static> {
    /// Whom it concerns.
    pub device: Match,
    /// What the driver does otherwise.
    pub change: C,
    /// What was seen, and why the change is the answer to it.
    pub story: &'static str,
    /// Where that can be read.
    pub source: &'static str,
    /// How sure it is.
    pub evidence: Evidence,
}

/// Whom a quirk concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// A USB device with this `idVendor` and `idProduct`.
    Usb(u16, u16),
    /// A device whose own name of make and model begins so.
    MakeAndModel(&'static str),
    /// A device that is configured by this name.
    Named(&'static str),
    /// A device that gave this answer, in the protocol's own words.
    Answer(&'static str),
    /// Every device of the class: what none of them can be trusted with.
    Every,
}

/// How sure a quirk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Seen with a device, or with its simulator made after a recording.
    Seen,
    /// Written by the maker or in code in public that drives the device.
    Documented,
    /// Written somewhere, and met by nobody here.
    Unverified,
}

/// What is known of a device when its quirks are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// `idVendor` and `idProduct`.
    pub usb: Option<(u16, u16)>,
    /// Its own name.
    pub make_and_model: Option<&'a str>,
    /// The name that it is configured by.
    pub name: Option<&'a str>,
    /// What it answered, in the protocol's own words.
    pub answer: Option<&'a str>,
}

impl Match {
    /// Whether it concerns the device of which these facts are known.
    pub fn concerns(&self, facts: &Facts<'_>) -> bool {
        match *self {
            Self::Usb(vendor, product) => facts.usb == Some((vendor, product)),
            Self::MakeAndModel(start) => facts.make_and_model.is_some_and(|name| name.starts_with(start)),
            Self::Named(name) => facts.name == Some(name),
            Self::Answer(answer) => facts.answer == Some(answer),
            Self::Every => true,
        }
    }
}

/// What the table changes for a device, in the table's order.
pub fn changes<'t, C>(table: &'t [Quirk<C>], facts: &Facts<'_>) -> impl Iterator<Item = &'t C> {
    table.iter().filter(move |quirk| quirk.device.concerns(facts)).map(|quirk| &quirk.change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quirk_concerns_only_whom_it_names() {
        let facts = Facts { usb: Some((1, 2)), make_and_model: Some("HP OfficeJet 8500"), ..Facts::default() };
        assert!(Match::Usb(1, 2).concerns(&facts) && !Match::Usb(1, 3).concerns(&facts));
        assert!(Match::MakeAndModel("HP Office").concerns(&facts) && !Match::MakeAndModel("HP L").concerns(&facts));
        assert!(!Match::Named("gm65").concerns(&facts) && !Match::Answer("21").concerns(&facts));
        assert!(Match::Every.concerns(&Facts::default()));
    }
}
