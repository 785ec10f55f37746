//! The slips by their words and by their dots: drawn, printed on the simulator, and their codes read back.

use super::*;
use drivers::receipt_printer::{PrintOutcome, ReceiptPrinter, simulator};
use std::sync::LazyLock;

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::shipped().unwrap());

const LOOKUP: &str = "YIMEN:411681-20261123-007-00012-6:0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const TAKE_ALONG: &str =
    "打社保证明\n1. 申请人有效身份证件\n2. 授权委托书（代办时）\n3. 户口簿首页和本人页\n0394-0000108";

fn content() -> SlipContent {
    SlipContent {
        hall: "项城市市民之家行政服务中心(演示)".into(),
        terminal_no: "007".into(),
        task_name: "社会保险个人参保缴费证明查询打印".into(),
        name: "张*范".into(),
        number_small: "411681-20261123".into(),
        number_large: "007-00012-6".into(),
        query_code: "482913".into(),
        lookup: LOOKUP.into(),
        submitted_at: "2026年11月23日(周一) 10:42".into(),
        delivered: false,
        deemed_acceptance: false,
        ask_from: None,
        place: "社保医保公积金区B01 0394-0000108".into(),
        not_here: String::new(),
        english: false,
    }
}

/// Everything at once, in both languages, with a long name and a character that no font holds.
fn crowded() -> SlipContent {
    let mut content = content();
    content.name = "买*\u{30EDD}".into();
    content.task_name = "城乡居民基本养老保险待遇领取资格认证及丧葬补助金申领（含代办Applicant agent）".into();
    content.delivered = true;
    content.deemed_acceptance = true;
    content.submitted_at = "23 November 2026, 10:42".into();
    content.ask_from = Some(Text::new("2026年11月30日(周一)", "30 November 2026"));
    content.not_here = "本机暂不打印：申请表、登记表。需要的话请到窗口领取。".into();
    content.english = true;
    content
}

fn materials() -> MaterialList {
    MaterialList {
        hall: content().hall.clone(),
        service: "打社保证明".into(),
        date: "2026年11月23日(周一)".into(),
        lines: vec![
            "1. 申请人有效身份证件（在终端刷卡读取，无需另交复印件）".into(),
            "2. 授权委托书（代办时；原件 1 份）".into(),
            "3. 户口簿首页和本人页，可容缺".into(),
        ],
        place: "社保医保公积金区 B01\n市民之家行政服务中心(演示地址)2层东区\n0394-0000108".into(),
        code: TAKE_ALONG.into(),
        english: false,
    }
}

/// What a phone reads from a picture of the paper.
fn decode(paper: &Bitmap) -> Vec<String> {
    let (width, luma) = (paper.width(), paper.to_luma());
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, paper.height(), |x, y| luma[y * width + x]);
    picture.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
}

/// For the eye: `target/slips/NAME.png`.
fn keep(paper: &Bitmap, name: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/slips");
    std::fs::create_dir_all(folder).unwrap();
    let (width, height) = (paper.width() as u32, paper.height() as u32);
    let picture = image::GrayImage::from_raw(width, height, paper.to_luma()).unwrap();
    picture.save(format!("{folder}/{name}.png")).unwrap();
}

fn has_text(page: &Page, part: &str) -> bool {
    page.texts().iter().any(|text| text.contains(part))
}

#[test]
fn the_printed_code_carries_the_lookup_token() {
    let (mut printer, knobs) = simulator::in_memory();
    for (name, content) in [("offline", content()), ("crowded", crowded())] {
        let slip = submission_slip(&content, &FONTS);
        assert!(matches!(printer.print(&slip), PrintOutcome::Printed));
        let paper = knobs.take_slips().remove(0);
        assert_eq!(decode(&paper), [LOOKUP]);
        keep(&paper, name);
    }
    let slip = material_slip(&materials(), &FONTS);
    assert_eq!(decode(&slip), [TAKE_ALONG]);
    keep(&slip, "materials");
}

#[test]
fn an_undelivered_slip_says_submitted_not_accepted_and_not_yet_at_the_hall() {
    let page = submission_page(&content());
    for part in ["申请提交凭条", "已提交，尚未受理", "还没送到大厅", "007-00012-6", "482 913", "张*范", "请妥善保管"]
    {
        assert!(has_text(&page, part), "{part}");
    }
    assert!(!has_text(&page, "大厅已收到"));
}

#[test]
fn a_delivered_slip_is_received_and_still_not_accepted() {
    let mut content = content();
    content.delivered = true;
    let page = submission_page(&content);
    assert!(has_text(&page, "已提交，尚未受理") && has_text(&page, "大厅已收到"));
    assert!(!has_text(&page, "还没送到大厅"));
}

#[test]
fn what_holds_only_for_some_stands_only_on_theirs() {
    let deemed = "5 个工作日内没有一次性告知您补正的，自收到材料之日起即为受理";
    let (plain, all) = (submission_page(&content()), submission_page(&crowded()));
    assert!(has_text(&all, deemed) && has_text(&all, "请从2026年11月30日(周一)起") && has_text(&all, "暂不打印"));
    assert!(!has_text(&plain, deemed) && !has_text(&plain, "没有留联系方式"));
    assert!(has_text(&all, "not yet accepted") && !has_text(&plain, "not yet accepted"));
    assert!(has_text(&all, "come and ask from 30 November 2026") && !has_text(&plain, "November"));
}

#[test]
fn a_list_of_materials_numbers_each_once_and_says_where_to_bring_them() {
    let page = material_page(&materials());
    let numbered: Vec<&str> = page.texts().into_iter().filter(|text| text.contains(". ")).collect();
    assert_eq!(numbered, materials().lines);
    for part in ["在哪办", "社保医保公积金区 B01", "0394-0000108", "打印日期", "2026年11月23日(周一)"]
    {
        assert!(has_text(&page, part), "{part}");
    }
    assert!(page.blocks.iter().any(|block| matches!(block, Block::Code(code) if code == TAKE_ALONG)));
    assert!(!has_text(&page, "What to bring"));
}

#[test]
fn a_list_of_materials_for_a_visitor_is_headed_in_both_languages() {
    let mut list = materials();
    list.english = true;
    let page = material_page(&list);
    for part in ["材料清单", "What to bring", "在哪办 Where", "Scan to take this list along"] {
        assert!(has_text(&page, part), "{part}");
    }
    keep(&material_slip(&list, &FONTS), "materials-english");
}

#[test]
fn no_ink_touches_the_edges_of_the_paper() {
    let slips =
        [submission_slip(&content(), &FONTS), submission_slip(&crowded(), &FONTS), material_slip(&materials(), &FONTS)];
    for slip in slips {
        let width = slip.width();
        for y in 0..slip.height() {
            let edge = (0..12).chain(width - 12..width).any(|x| slip.get(x, y));
            assert!(!edge, "row {y}");
        }
        let ends = (0..6).chain(slip.height() - 6..slip.height());
        assert!(ends.into_iter().all(|y| (0..width).all(|x| !slip.get(x, y))), "top or bottom");
    }
}

#[test]
fn a_character_without_glyph_is_written_as_its_code_point() {
    if FONTS.holds('\u{30EDD}') {
        return;
    }
    let with = submission_slip(&crowded(), &FONTS);
    let mut other = crowded();
    other.name = "买*".into();
    assert_ne!(with.to_luma(), submission_slip(&other, &FONTS).to_luma());
}
