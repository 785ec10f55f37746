//! Small OFD files as the wild writes them, and where their ink must lie.

use crate::{Colour, Document, Kind, Note, Raster, Refusal, document::shipped};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use std::io::{Cursor, Write};
use zeroize::Zeroizing;

const DPI: u16 = 72;

/// An OFD of one page: the objects given, a template with a line, and whatever more parts.
fn ofd(objects: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let page = format!(
        "<ofd:Page><ofd:Template TemplateID='9' ZOrder='Background'/><ofd:Content><ofd:Layer ID='2'>{objects}</ofd:Layer></ofd:Content></ofd:Page>"
    );
    let parts: Vec<(&str, Vec<u8>)> = vec![
        (
            "OFD.xml",
            b"<?xml version='1.0'?><ofd:OFD><ofd:DocBody><ofd:DocRoot>Doc_0\\Document.xml</ofd:DocRoot><ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>".to_vec(),
        ),
        (
            "Doc_0/Document.xml",
            b"<Document><CommonData><PageArea><PhysicalBox>0 0 100 50</PhysicalBox></PageArea><PublicRes>publicres.xml</PublicRes><DocumentRes>DocumentRes.xml</DocumentRes><TemplatePage ID='9' BaseLoc='Tpls/T.xml'/></CommonData><Pages><Page ID='1' BaseLoc='Pages/Page_0/Content.xml'/></Pages></Document>".to_vec(),
        ),
        (
            "Doc_0/PublicRes.xml",
            "<Res BaseLoc='Res'><Fonts><Font ID='3' FontName='仿宋_GB2312'/></Fonts><MultiMedias><MultiMedia ID='4' Type='Image'><MediaFile>dot.png</MediaFile></MultiMedia></MultiMedias><DrawParams><DrawParam ID='5' LineWidth='1'><StrokeColor Value='0 0 255'/></DrawParam><DrawParam ID='6' Relative='5'/></DrawParams></Res>".as_bytes().to_vec(),
        ),
        ("Doc_0/Pages/Page_0/Content.xml", page.into_bytes()),
        (
            "Doc_0/Tpls/T.xml",
            b"<Page><Content><Layer><PathObject Boundary='0 48 100 1' LineWidth='1'><AbbreviatedData>M 0 0.5 L 100 0.5</AbbreviatedData></PathObject></Layer></Content></Page>".to_vec(),
        ),
        ("Doc_0/Res/dot.png", red_png()),
    ];
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let more = more.iter().map(|(name, bytes)| (*name, bytes.to_vec()));
    for (name, bytes) in parts.into_iter().chain(more) {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn red_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&[255, 0, 0], 1, 1, ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn open(bytes: Vec<u8>) -> Result<Document, Refusal> {
    Document::open(Zeroizing::new(bytes), &shipped())
}

fn drawn(objects: &str) -> Raster {
    open(ofd(objects, &[])).unwrap().renderer().render(0, DPI, Colour::Rgb).unwrap()
}

/// Pixels in a rectangle of millimetres that fulfil something.
fn count(raster: &Raster, [x0, y0, x1, y1]: [f32; 4], wanted: impl Fn([u8; 3]) -> bool) -> usize {
    let pixel = |mm: f32| (mm / 25.4 * f32::from(DPI)) as usize;
    let mut found = 0;
    for y in pixel(y0)..pixel(y1).min(raster.height as usize) {
        for x in pixel(x0)..pixel(x1).min(raster.width as usize) {
            let at = (y * raster.width as usize + x) * 3;
            found += usize::from(wanted([raster.samples[at], raster.samples[at + 1], raster.samples[at + 2]]));
        }
    }
    found
}

fn dark([r, g, b]: [u8; 3]) -> bool {
    r < 128 && g < 128 && b < 128
}

fn red([r, g, b]: [u8; 3]) -> bool {
    r > 200 && g < 80 && b < 80
}

#[test]
fn text_of_a_font_that_is_not_there_is_drawn_with_the_shipped_one() {
    let document = open(ofd("", &[])).unwrap();
    assert_eq!((document.kind(), document.notes()), (Kind::Ofd, &[Note::FontsReplaced][..]));
    assert!((document.pages()[0].width_mm - 100.0).abs() < 0.01);
    let text = "<TextObject Boundary='10 10 60 10' Font='3' Size='8'><TextCode X='0' Y='7' DeltaX='g 3 10'>永永永永</TextCode></TextObject>";
    let raster = drawn(text);
    for number in 0..4_u8 {
        let x = 10.0 + 10.0 * f32::from(number);
        assert!(count(&raster, [x, 10.0, x + 8.0, 19.0], dark) > 20, "character {number}");
        assert_eq!(count(&raster, [x + 8.5, 10.0, x + 9.5, 19.0], dark), 0, "after character {number}");
    }
}

#[test]
fn paths_inherit_their_parameters_and_templates_lie_behind() {
    let path = "<PathObject Boundary='10 10 30 20' DrawParam='6'><AbbreviatedData>M 0 0 L 30 0 L 30 20 C</AbbreviatedData></PathObject>";
    let raster = drawn(path);
    assert!(count(&raster, [12.0, 9.0, 38.0, 11.0], |[r, g, b]| r < 100 && g < 100 && b > 200) > 20, "blue line");
    assert!(count(&raster, [0.0, 47.5, 100.0, 49.5], dark) > 100, "the template's line");
}

#[test]
fn pictures_fill_their_matrix_and_clips_cut_them() {
    let picture = "<ImageObject Boundary='20 10 40 20' CTM='40 0 0 20 0 0' ResourceID='4'/>";
    assert!(count(&drawn(picture), [21.0, 11.0, 59.0, 29.0], red) > 4_000);
    let clipped = "<ImageObject Boundary='20 10 40 20' CTM='40 0 0 20 0 0' ResourceID='4'><Clips><Clip><Area><Path Boundary='0 0 20 20' Fill='true'><AbbreviatedData>M 0 0 L 20 0 L 20 20 L 0 20 C</AbbreviatedData></Path></Area></Clip></Clips></ImageObject>";
    let raster = drawn(clipped);
    assert!(count(&raster, [21.0, 11.0, 39.0, 29.0], red) > 2_000);
    assert_eq!(count(&raster, [41.0, 11.0, 59.0, 29.0], red), 0);
}

#[test]
fn the_picture_of_a_seal_is_drawn_and_said_to_be_unverified() {
    let tlv = |tag: u8, body: &[u8]| [&[tag, 0x82, (body.len() >> 8) as u8, body.len() as u8], body].concat();
    let info = tlv(0x30, &[tlv(0x16, b"png"), tlv(0x04, &red_png()), tlv(2, &[40])].concat());
    let signature = b"<Signature><SignedInfo><StampAnnot ID='1' PageRef='1' Boundary='60 10 30 30'/></SignedInfo><SignedValue>SignedValue.dat</SignedValue></Signature>";
    let list = b"<Signatures><Signature ID='1' BaseLoc='Sign_0/Signature.xml'/></Signatures>";
    let parts: [(&str, &[u8]); 3] = [
        ("Doc_0/Signs/Signatures.xml", list),
        ("Doc_0/Signs/Sign_0/Signature.xml", signature),
        ("Doc_0/Signs/Sign_0/SignedValue.dat", &tlv(0x30, &info)),
    ];
    let document = open(ofd("", &parts)).unwrap();
    assert!(document.notes().contains(&Note::SealsNotVerified));
    let raster = document.renderer().render(0, DPI, Colour::Rgb).unwrap();
    assert!(count(&raster, [61.0, 11.0, 89.0, 39.0], red) > 5_000);
    assert_eq!(count(&raster, [0.0, 0.0, 59.0, 47.0], red), 0);
}

#[test]
fn composites_that_hold_themselves_end() {
    let resources = "<Res><CompositeGraphicUnits><CompositeGraphicUnit ID='7'><Content><CompositeObject ResourceID='7'/><CompositeObject ResourceID='7'/></Content></CompositeGraphicUnit></CompositeGraphicUnits></Res>";
    let page = "<CompositeObject Boundary='0 0 10 10' ResourceID='7'/>";
    let bytes = ofd(page, &[("Doc_0/documentres.xml", resources.as_bytes())]);
    assert!(open(bytes).unwrap().renderer().render(0, DPI, Colour::Grey).is_ok());
}

#[test]
fn what_is_no_ofd_inside_is_refused() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("OFD.xml", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(b"<OFD><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></OFD>").unwrap();
    assert_eq!(open(writer.finish().unwrap().into_inner()).err(), Some(Refusal::Damaged));
}
