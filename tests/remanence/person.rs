//! A person drawn at random, so that nothing in the program or its data can hold the same words by chance.

use drivers::id_card_reader::simulator::{PlainCard, SimulatedCard};

const SURNAMES: [&str; 6] = ["欧阳", "上官", "皇甫", "尉迟", "澹台", "公孙"];
const GIVEN: [&str; 12] = ["霁", "珩", "翊", "昀", "砚", "榆", "泠", "岑", "溦", "垚", "骐", "翯"];

pub struct Person {
    pub name: String,
    pub id_no: String,
    /// Typed on the screen, not on the card.
    pub address: String,
    birth: String,
}

impl Person {
    pub fn new() -> Self {
        let mut random = [0u8; 16];
        getrandom::fill(&mut random).unwrap();
        let pick = |of: &[&str], at: usize| of[usize::from(random[at]) % of.len()].to_owned();
        let name = pick(&SURNAMES, 0) + &pick(&GIVEN, 1) + &pick(&GIVEN, 2);
        let birth = format!("19{:02}{:02}{:02}", 70 + random[3] % 25, 1 + random[4] % 12, 1 + random[5] % 28);
        let order = 100 + u32::from(random[6]) * 3;
        let body = format!("419999{birth}{order:03}");
        let digits = u64::from_be_bytes(random[8..].try_into().unwrap()) % 1_000_000_000;
        Self {
            id_no: format!("{body}{}", check(&body)),
            address: format!("项城市样板街{digits:09}号3单元"),
            name,
            birth,
        }
    }

    pub fn card(&self) -> SimulatedCard {
        let odd = self.id_no.as_bytes()[16] % 2 == 1;
        SimulatedCard::from_plain(&PlainCard {
            kind: "resident".into(),
            name: self.name.clone(),
            sex: if odd { "男" } else { "女" }.into(),
            nation: "汉族".into(),
            birth: self.birth.clone(),
            address: "示例省项城市样板街2号".into(),
            number: self.id_no.clone(),
            authority: "项城市公安局".into(),
            valid_from: "20200101".into(),
            valid_until: "20400101".into(),
            ..PlainCard::default()
        })
        .unwrap()
    }

    /// What must not be found, in every writing that the program uses.
    pub fn needles(&self) -> Vec<(&'static str, Vec<u8>)> {
        let wide = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        vec![
            ("name", self.name.as_bytes().to_vec()),
            ("name as the chip holds it", wide(&self.name, false)),
            ("name in the other order", wide(&self.name, true)),
            ("id number", self.id_no.as_bytes().to_vec()),
            ("id number as the chip holds it", wide(&self.id_no, false)),
            ("an answer", self.address.as_bytes().to_vec()),
        ]
    }
}

/// ISO 7064 MOD 11-2.
fn check(body: &str) -> char {
    let product = body.bytes().fold(0u32, |product, digit| (product + u32::from(digit - b'0')) * 2 % 11);
    match (12 - product) % 11 {
        10 => 'X',
        check => char::from_digit(check, 10).unwrap(),
    }
}
