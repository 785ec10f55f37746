//! Small PDFs written by hand: objects given, cross-reference table and trailer made to fit.
#![allow(dead_code)]

/// A PDF of these objects, numbered from 1; the first is the catalogue.
pub fn of_objects(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", index + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    places.iter().for_each(|place| file.extend(format!("{place:010} 00000 n \n").bytes()));
    file.extend(format!("trailer << /Size {} /Root 1 0 R >>\n", objects.len() + 1).bytes());
    file.extend(format!("startxref\n{table}\n%%EOF\n").bytes());
    file
}

/// A stream object.
pub fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<< {dictionary} /Length {} >>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// One page with this content, media box and more in the page and the catalogue.
pub fn one_page(content: &[u8], [media_box, page, catalogue]: [&str; 3], more: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalogue} >>").into_bytes(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [{media_box}] /Contents 4 0 R {page} >>").into_bytes(),
        stream("", content),
    ];
    objects.extend_from_slice(more);
    of_objects(&objects)
}

/// A page with a black square, and more in its catalogue.
pub fn drawing(catalogue: &str) -> Vec<u8> {
    one_page(b"100 100 200 200 re f", ["0 0 595 842", "", catalogue], &[])
}

/// Pages of a line in Helvetica, which is only named.
pub fn text_pages(count: usize) -> Vec<u8> {
    let kids: String = (0..count).map(|index| format!("{} 0 R ", 5 + index)).collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {count} /MediaBox [0 0 595 842] >>").into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
        stream("", b"BT /F 24 Tf 72 700 Td (Yimen) Tj ET"),
    ];
    let page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 3 0 R >> >> >>";
    objects.extend((0..count).map(|_| page.as_bytes().to_vec()));
    of_objects(&objects)
}

/// What official letters name without embedding it: font, coding, and 政务服务自助终端 in that coding.
const NAMED: &[(&str, &str, &str, &str)] = &[
    ("STSong-Light", "UniGB-UCS2-H", "GB1", "653F52A1670D52A181EA52A97EC87AEF"),
    ("FangSong_GB2312", "GBK-EUC-H", "GB1", "D5FECEF1B7FECEF1D7D4D6FAD6D5B6CB"),
    ("KaiTi", "GB-EUC-H", "GB1", "D5FECEF1B7FECEF1D7D4D6FAD6D5B6CB"),
    ("SimSun", "UniGB-UTF16-H", "GB1", "653F52A1670D52A181EA52A97EC87AEF"),
    ("SimHei", "GBKp-EUC-H", "GB1", "D5FECEF1B7FECEF1D7D4D6FAD6D5B6CB"),
    ("MSung-Light", "UniCNS-UCS2-H", "CNS1", "653F52D9670D52D981EA52A97D427AEF"),
    ("MingLiU", "ETen-B5-H", "CNS1", "AC46B0C8AA41B0C8A6DBA755B2D7BADD"),
];

/// A page for each of those fonts.
pub fn named_fonts() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    NAMED.iter().map(|(font, coding, collection, text)| (*font, named_font(font, coding, collection, text)))
}

fn named_font(font: &str, coding: &str, collection: &str, text: &str) -> Vec<u8> {
    let content = format!("BT /F 24 Tf 72 700 Td <{text}> Tj ET");
    let composite =
        format!("<< /Type /Font /Subtype /Type0 /BaseFont /{font} /Encoding /{coding} /DescendantFonts [6 0 R] >>");
    let inner = format!(
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{font} /DW 1000 /CIDSystemInfo << /Registry (Adobe) /Ordering ({collection}) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /{font} /Flags 4 >> >>"
    );
    let page = ["0 0 595 842", "/Resources << /Font << /F 5 0 R >> >>", ""];
    one_page(content.as_bytes(), page, &[composite.into_bytes(), inner.into_bytes()])
}

/// A page in the manner of an official letter: head, file number, body; three fonts that are only named.
pub fn official_letter() -> Vec<u8> {
    official_letters(1)
}

/// That page several times.
pub fn official_letters(count: usize) -> Vec<u8> {
    let line = |font: &str, size: u32, (x, y): (u32, u32), text: &str| {
        let hex: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        format!("BT /{font} {size} Tf {x} {y} Td <{hex}> Tj ET\n")
    };
    let mut content = line("H", 30, (130, 720), "大厅市政务服务局文件");
    content += &line("S", 16, (230, 670), "大政服〔2026〕12号");
    content += "1 0 0 RG 2 w 60 650 m 535 650 l S\n";
    let body = "为方便群众和企业办事，政务服务大厅的自助终端提供免费打印和复印，每人每天三十页。";
    let characters: Vec<char> = body.chars().collect();
    for (number, row) in characters.chunks(26).enumerate() {
        content += &line("F", 16, (80, 600 - 28 * number as u32), &row.iter().collect::<String>());
    }
    content += &line("S", 16, (350, 400), "二〇二六年十一月二十六日");
    let fonts = [("H", "STZhongsong"), ("F", "FangSong_GB2312"), ("S", "SimSun")];
    let mut objects =
        vec![b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), Vec::new(), Vec::new(), stream("", content.as_bytes())];
    let mut named = String::new();
    for (index, (key, font)) in fonts.iter().enumerate() {
        let (composite, inner) = (5 + 2 * index, 6 + 2 * index);
        named += &format!("/{key} {composite} 0 R ");
        objects.push(format!("<< /Type /Font /Subtype /Type0 /BaseFont /{font} /Encoding /UniGB-UTF16-H /DescendantFonts [{inner} 0 R] >>").into_bytes());
        objects.push(format!("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{font} /DW 1000 /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /{font} /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >> >>").into_bytes());
    }
    let page = format!("<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << {named} >> >> >>");
    let first = objects.len() + 1;
    let kids: String = (0..count).map(|index| format!("{} 0 R ", first + index)).collect();
    objects[1] = format!("<< /Type /Pages /Kids [{kids}] /Count {count} /MediaBox [0 0 595 842] >>").into_bytes();
    objects[2] = b"null".to_vec();
    objects.extend((0..count).map(|_| page.clone().into_bytes()));
    of_objects(&objects)
}

/// Pages that are a photo each: a JPEG that fills A4 at 150 dpi.
pub fn photo_pages(jpeg: &[u8], (width, height): (u32, u32), count: usize) -> Vec<u8> {
    let kids: String = (0..count).map(|index| format!("{} 0 R ", 5 + index)).collect();
    let image = format!(
        "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode"
    );
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {count} /MediaBox [0 0 595 842] >>").into_bytes(),
        stream(&image, jpeg),
        stream("", b"q 595 0 0 842 0 0 cm /X Do Q"),
    ];
    let page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 3 0 R >> >> >>";
    objects.extend((0..count).map(|_| page.as_bytes().to_vec()));
    of_objects(&objects)
}
