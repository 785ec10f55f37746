//! The symbols of the set: what is written, in which mode, and the modules that come of it. Segments are laid
//! bit by bit (ISO/IEC 18004:2015, 7.4; Hanzi mode by GB/T 18284), because the encoder's own interface has
//! neither Hanzi nor structured append; check words, masks and function patterns are the crate `qrcode`'s.

use super::random::Random;
use qrcode::canvas::Canvas;
use qrcode::ec::construct_codewords;
use qrcode::types::{Color, EcLevel, Version};

/// Dark modules of a symbol without its quiet zone, row by row.
pub struct Symbol {
    pub side: usize,
    pub dark: Vec<bool>,
    /// What a reader must say.
    pub text: String,
    pub level: EcLevel,
}

/// What is written into a symbol.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Addresses, tokens, numbers, Chinese in UTF-8.
    Everyday,
    /// One of several symbols that belong together.
    StructuredAppend,
    /// Hanzi and Kanji mode, GB 18030 with and without ECI, UTF-8 with ECI.
    HanziKanji,
}

struct BitWriter {
    bits: Vec<bool>,
    version: usize,
}

impl BitWriter {
    fn put(&mut self, count: usize, value: usize) {
        self.bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    }

    /// The length of a count by version group.
    fn count(&mut self, widths: [usize; 3], value: usize) {
        let group = match self.version {
            ..=9 => 0,
            10..=26 => 1,
            _ => 2,
        };
        self.put(widths[group], value);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.put(4, 0b0100);
        self.count([8, 16, 16], bytes.len());
        bytes.iter().for_each(|&byte| self.put(8, byte.into()));
    }

    fn digits(&mut self, digits: &str) {
        self.put(4, 0b0001);
        self.count([10, 12, 14], digits.len());
        for group in digits.as_bytes().chunks(3) {
            let value = group.iter().fold(0, |value, digit| value * 10 + usize::from(digit - b'0'));
            self.put([4, 7, 10][group.len() - 1], value);
        }
    }

    fn alphanumeric(&mut self, text: &str) {
        const LETTERS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        let value = |letter: &u8| LETTERS.bytes().position(|other| other == *letter).unwrap();
        self.put(4, 0b0010);
        self.count([9, 11, 13], text.len());
        for pair in text.as_bytes().chunks(2) {
            match pair {
                [first, second] => self.put(11, value(first) * 45 + value(second)),
                _ => self.put(6, value(&pair[0])),
            }
        }
    }

    /// Two bytes a character; `base` and `row` as the mode packs them into 13 bits.
    fn double_bytes(&mut self, bytes: &[u8], pack: impl Fn(usize, usize) -> usize) {
        self.count([8, 10, 12], bytes.len() / 2);
        for pair in bytes.chunks(2) {
            self.put(13, pack(pair[0].into(), pair[1].into()));
        }
    }

    fn kanji(&mut self, shift_jis: &[u8]) {
        self.put(4, 0b1000);
        self.double_bytes(shift_jis, |high, low| {
            let code = high << 8 | low;
            let code = if code < 0xe040 { code - 0x8140 } else { code - 0xc140 };
            (code >> 8) * 0xc0 + (code & 0xff)
        });
    }

    fn hanzi(&mut self, gb2312: &[u8]) {
        self.put(4, 0b1101);
        self.put(4, 0b0001);
        self.double_bytes(gb2312, |high, low| {
            let base = if high < 0xb0 { 0xa1 } else { 0xa6 };
            (high - base) * 0x60 + (low - 0xa1)
        });
    }

    fn eci(&mut self, designator: usize) {
        self.put(4, 0b0111);
        self.put(8, designator);
    }
}

/// A symbol of a version, filled with `writing` to a share that differs.
pub fn symbol(random: &mut Random, version: usize, writing: Writing) -> Symbol {
    let level = *random.pick(&[EcLevel::L, EcLevel::M, EcLevel::M, EcLevel::M, EcLevel::Q, EcLevel::H]);
    let number = Version::Normal(version as i16);
    let room = qrcode::bits::Bits::new(number).max_len(level).unwrap() / 8 - 4;
    let mut bits = BitWriter { bits: Vec::new(), version };
    let text = match writing {
        Writing::Everyday => everyday(random, &mut bits, room),
        Writing::StructuredAppend => {
            let last = random.whole((1, 15));
            bits.put(4, 0b0011);
            bits.put(4, random.whole((0, last)));
            bits.put(4, last);
            bits.put(8, random.whole((0, 255)));
            everyday(random, &mut bits, room - 3)
        }
        Writing::HanziKanji => hanzi_kanji(random, &mut bits, room),
    };
    let capacity = qrcode::bits::Bits::new(number).max_len(level).unwrap();
    assert!(bits.bits.len() <= capacity, "a text fits into version {version}");
    bits.put((capacity - bits.bits.len()).min(4), 0);
    bits.put((8 - bits.bits.len() % 8) % 8, 0);
    for pad in [0xec, 0x11].into_iter().cycle().take((capacity - bits.bits.len()) / 8) {
        bits.put(8, pad);
    }
    let bytes: Vec<u8> =
        bits.bits.chunks(8).map(|byte| byte.iter().fold(0, |all, &bit| all << 1 | u8::from(bit))).collect();
    of_words(&bytes, version, level, text)
}

/// A faultless symbol of data words that are chance after a first mode that is one.
pub fn garbage(random: &mut Random, version: usize) -> Symbol {
    let level = *random.pick(&[EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H]);
    let count = qrcode::bits::Bits::new(Version::Normal(version as i16)).max_len(level).unwrap() / 8;
    let mut bytes: Vec<u8> = (0..count).map(|_| random.word() as u8).collect();
    bytes[0] = *random.pick(&[1, 2, 3, 4, 5, 7, 8, 9, 13, 15]) << 4 | bytes[0] & 15;
    of_words(&bytes, version, level, String::new())
}

fn of_words(bytes: &[u8], version: usize, level: EcLevel, text: String) -> Symbol {
    let number = Version::Normal(version as i16);
    let (data, check) = construct_codewords(bytes, number, level).unwrap();
    let mut canvas = Canvas::new(number, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &check);
    let colors = canvas.apply_best_mask().into_colors();
    Symbol { side: 17 + 4 * version, dark: colors.into_iter().map(|color| color == Color::Dark).collect(), text, level }
}

fn everyday(random: &mut Random, bits: &mut BitWriter, room: usize) -> String {
    const URL: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHKLMNPQRSTUVWXYZ/?=&%";
    const TOKEN: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-.:";
    let room = room.min(2300);
    let share = random.between((0.55, 1.0));
    let letters = |random: &mut Random, from: &[u8], count: usize| -> String {
        (0..count).map(|_| char::from(*random.pick(from))).collect()
    };
    match random.whole((0, 9)) {
        0..=4 => {
            let head = *random.pick(&["https://", "http://m.", "https://zwfw.", "weixin://"]);
            let count = ((room as f32 * share) as usize).saturating_sub(head.len()).max(1);
            let text = if room > head.len() {
                format!("{head}{}", letters(random, URL, count))
            } else {
                letters(random, URL, count)
            };
            let text = text[..text.len().min(room)].to_owned();
            bits.bytes(text.as_bytes());
            text
        }
        5..=6 => {
            let count = ((room as f32 * share) as usize).max(4);
            let text = letters(random, b"0123456789", count);
            bits.digits(&text);
            text
        }
        7 => {
            let count = ((room as f32 * share) as usize).max(4);
            let text = letters(random, TOKEN, count);
            bits.alphanumeric(&text);
            text
        }
        8 => {
            let text = chinese(random, ((room as f32 * share) as usize / 3).max(1));
            bits.bytes(text.as_bytes());
            text
        }
        _ => {
            // Two modes in one symbol, as everyday encoders mix them.
            let half = (room / 2).saturating_sub(2).max(2);
            let (head, tail) = (letters(random, URL, half), letters(random, b"0123456789", half));
            bits.bytes(head.as_bytes());
            bits.digits(&tail);
            head + &tail
        }
    }
}

fn chinese(random: &mut Random, count: usize) -> String {
    const WORDS: &[char] = &[
        '政', '务', '服', '大', '厅', '自', '助', '终', '端', '办', '事', '指', '南', '材', '料', '身', '份', '证',
        '预', '约', '取', '号', '窗', '口', '受', '理', '回', '执', '社', '保', '医', '疗', '公', '积', '金', '不',
        '动', '产', '登', '记', '企', '业', '税', '测', '试', '请', '出', '示', '二', '维', '码', '居', '民', '户',
        '籍', '北', '京', '上', '海', '广', '州', '，', '。',
    ];
    (0..count).map(|_| *random.pick(WORDS)).collect()
}

fn hanzi_kanji(random: &mut Random, bits: &mut BitWriter, room: usize) -> String {
    let most = (room / 2).saturating_sub(1).min(250);
    let count = ((most as f32 * random.between((0.5, 1.0))) as usize).max(3).min(most);
    match random.whole((0, 5)) {
        0 | 1 => {
            let text = chinese(random, count);
            bits.hanzi(&encoding_rs::GBK.encode(&text).0);
            text
        }
        2 | 3 => {
            const KANJI: &[char] = &[
                '東', '京', '都', '区', '市', '役', '所', '窓', '口', '証', '明', '書', '住', '民', '票', '番', '号',
                '日', '本', '人', '年', '月', '熙', '遙', '堯', '受', '付', 'の', 'ア', 'ン',
            ];
            let text: String = (0..count).map(|_| *random.pick(KANJI)).collect();
            bits.kanji(&encoding_rs::SHIFT_JIS.encode(&text).0);
            text
        }
        4 => {
            let text = chinese(random, count.saturating_sub(1).max(1));
            bits.eci(29);
            bits.bytes(&encoding_rs::GB18030.encode(&text).0);
            text
        }
        _ => {
            // Without ECI, as many domestic encoders write it; long enough that it cannot be taken for Latin.
            let text = chinese(random, count);
            bits.bytes(&encoding_rs::GB18030.encode(&text).0);
            text
        }
    }
}
