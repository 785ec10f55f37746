//! Asks an ID-card reader who it is and reads one card; personal values are masked.

use crate::{Order, Outcome};
use drivers::id_card_reader::{IdCard, IdCardReader, SdtReader, connector};
use std::time::Duration;

pub fn probe(order: &Order) -> Outcome {
    let reader = SdtReader::new(order.recorded(connector(&order.uri))?);
    let mut reader = if order.uri.fingerprints { reader.with_fingerprints() } else { reader };
    println!("module {}", reader.self_test()?.sam_id);
    println!("put a card down (30 s)");
    match reader.read_card(Duration::from_secs(30))? {
        Some(card) => show(&card),
        None => println!("no card came"),
    }
    Ok(())
}

fn show(card: &IdCard) {
    let first: String = card.name.text.chars().take(1).collect();
    println!("kind {:?}", card.kind());
    println!("name {first}… ({} units)", card.name.raw.len());
    println!("unmapped characters {}, name may be cut {}", card.name.has_unmapped, card.name.may_be_cut);
    println!("number of {} characters", card.number.len());
    println!("photo of {} bytes", card.photo.bytes().len());
}
