//! Scenes of printing and copying, with the longest words each page holds.

use super::fixtures::Words;
use kiosk::view::*;
use std::sync::Arc;

/// One page and state each.
pub fn pages(words: &Words) -> Vec<(&'static str, Page)> {
    vec![
        ("paper-menu", Page::PaperMenu(menu(words, false))),
        ("paper-menu-closed", Page::PaperMenu(menu(words, true))),
        ("upload", Page::Upload(upload(words))),
        ("files", Page::Files(files(words))),
        ("files-none", Page::Files(no_files(words))),
        ("scanning-card", Page::Scanning(scanning(words, true, ScanStep::Turn))),
        ("scanning-done", Page::Scanning(scanning(words, false, ScanStep::Done))),
        ("scanning-material", Page::Scanning(Scanning { material: true, ..scanning(words, false, ScanStep::Done) })),
        ("preview-day", Page::Preview(preview_day(words))),
        ("preview", Page::Preview(preview(words, false))),
        ("preview-copy", Page::Preview(preview(words, true))),
        ("printing", Page::Printing(printing(words, false))),
        ("printing-stopped", Page::Printing(printing(words, true))),
        ("printed", Page::Printed(printed(words, true))),
        ("printed-not-certain", Page::Printed(printed(words, false))),
    ]
}

fn menu(words: &Words, closed: bool) -> PaperMenu {
    let reason = if closed {
        words.of(
            "打印机还在结束上一个人的打印，请稍等",
            "The printer is still ending the previous order; please wait a moment",
        )
    } else {
        String::new()
    };
    let way = |id: &str, zh: (&str, &str), en: (&str, &str)| PaperWay {
        id: id.into(),
        label: words.of(zh.0, en.0),
        hint: words.of(zh.1, en.1),
        reason: reason.clone(),
    };
    PaperMenu {
        ways: vec![
            way(
                "phone",
                ("用手机传文件", "扫码选文件或拍照，不用装软件"),
                ("Send a file from your phone", "Scan a code, choose a file or take a photo"),
            ),
            way(
                "stick",
                ("打印 U 盘里的文件", "只读取，不改动 U 盘"),
                ("Print from a USB stick", "It is only read, nothing is changed"),
            ),
            way(
                "code",
                ("用取件码打印", "窗口给您的取件码"),
                ("Print with a pick-up code", "The code you were given at a window"),
            ),
            way(
                "card",
                ("复印身份证", "正反面印在一张纸上，原大"),
                ("Copy an ID card", "Both sides on one sheet, true size"),
            ),
            way(
                "copy",
                ("复印材料", "放在玻璃板上，一页一页来"),
                ("Copy papers", "Lay them on the glass, page by page"),
            ),
        ],
        quota: words.of("免费，本次还可打印 10 页", "Free of charge; 10 more pages this time"),
    }
}

fn rows(words: &Words) -> Vec<FileRow> {
    let row = |id: &str, name: &str, state: FileState| FileRow { id: id.into(), name: name.into(), state };
    let refused = words.of(
        "文件有密码，请先在手机上去掉密码再传",
        "The file has a password: remove it on your phone and send it again",
    );
    vec![
        row("doc:1", "关于办理老年人优待证的…稿）.pdf", FileState::Ready { pages: 3 }),
        row("doc:2", "IMG_20261124_100512.jpg", FileState::Opening),
        row("doc:3", "合同.docx", FileState::Refused(refused)),
    ]
}

fn upload(words: &Words) -> Upload {
    let size = 45;
    let modules = (0..size * size).map(|at| (at * 7 + at / size * 3) % 5 < 2).collect();
    Upload {
        qr: Some(QrCode { size, modules: Arc::new(modules) }),
        error: String::new(),
        files: rows(words),
        note: words.of(
            "能打印 PDF、OFD、图片、文本和 Office 文件；每个不超过 30 MB。文件只在本次使用中保留，离开即清除。",
            "PDF, OFD, pictures, text and Office files, up to 30 MB each. They are kept only while you are here.",
        ),
    }
}

fn files(words: &Words) -> Files {
    let row = |id: &str, name: &str, state: FileState| FileRow { id: id.into(), name: name.into(), state };
    let large = words.of("超过 64 MB，本机打不开", "Larger than 64 MB; it cannot be opened here");
    Files {
        title: words.of("U 盘里的文件", "Files on the stick").into(),
        files: vec![
            row("entry:1", "二〇二六年材料", FileState::Folder),
            row("entry:2", "关于办理老年人优待证的…稿）.pdf", FileState::Ready { pages: 1 }),
            row("entry:3", "IMG_20261124_100512.jpg", FileState::There),
            row("entry:4", "合同.docx", FileState::Opening),
            row("entry:5", "规划图（全套）.pdf", FileState::Refused(large)),
        ],
        note: words.of(
            "点一个文件打开；只读取，不改动 U 盘",
            "Touch a file to open it; the stick is only read, nothing is changed",
        ),
        again: false,
    }
}

fn no_files(words: &Words) -> Files {
    Files {
        title: words.of("U 盘里的文件", "Files on the stick").into(),
        files: Vec::new(),
        note: words.of(
            "这个 U 盘是 NTFS 格式，本机读不了；请换 FAT32 或 exFAT 格式的 U 盘；也可以用手机传文件",
            "This stick has the format NTFS, which is not read here; use one with FAT32 or exFAT. You can also send it from your phone",
        ),
        again: true,
    }
}

fn picture() -> Picture {
    let (width, height) = (84u32, 119u32);
    let tone = |at: u32| if (at / width) % 12 < 3 && at % width > 10 { 90u8 } else { 245 };
    let rgb = (0..width * height).flat_map(|at| [tone(at); 3]).collect();
    Picture { width, height, rgb: Arc::new(rgb) }
}

fn scanning(words: &Words, card: bool, step: ScanStep) -> Scanning {
    let error = words.of("请盖好扫描仪的盖子再试", "Close the scanner's lid and try again");
    Scanning {
        card,
        step,
        pages: vec![picture(); if card { 1 } else { 2 }],
        feeder: !card,
        error: if card { error } else { String::new() },
        more: !card,
        material: false,
    }
}

fn preview(words: &Words, copy: bool) -> Preview {
    let purposes = [("不加字", "No mark"), ("办理政务服务", "Public services"), ("办理社会保险", "Social insurance")];
    let choice = |(place, (zh, en)): (usize, &(&str, &str))| Choice {
        value: (*zh).into(),
        label: words.of(zh, en),
        section: String::new(),
        selected: place == 1,
    };
    let error = words.of(
        "这次选了 12 页，最多还能打印 10 页；请少选几页，更多请到 1 号咨询台",
        "12 pages are chosen, 10 can be printed; choose fewer, or ask at desk 1 for more",
    );
    Preview {
        title: if copy {
            words.of("身份证复印件", "Copy of an ID card")
        } else {
            "关于办理老年人优待证的…稿）.pdf".to_owned()
        }
        .into(),
        pages: (1..=if copy { 1 } else { 6 })
            .map(|number| PageThumb { number, picture: (number != 5).then(picture), chosen: number != 2 })
            .collect(),
        copies: 2,
        more: true,
        two_sided: (!copy).then_some(true),
        colour: Some(false),
        fit: (!copy).then_some(true),
        brightness: copy.then_some(1),
        purposes: if copy { purposes.iter().enumerate().map(choice).collect() } else { Vec::new() },
        cost: 10,
        quota: words.of("免费，本次还可打印 10 页", "Free of charge; 10 more pages this time"),
        error: if copy { String::new() } else { error },
    }
}

/// A record, where the hall counts the day's pages and grants no more.
fn preview_day(words: &Words) -> Preview {
    Preview {
        title: words.of("社会保险个人参保缴费证明", "社会保险个人参保缴费证明").into(),
        quota: words
            .of("免费，本次还可打印 10 页，今天还可打印 0 页", "Free of charge; 10 more pages this time, 0 more today"),
        error: words.of(
            "您今天在终端可免费打印的页数已经用完，还要打印请到 1 号咨询台",
            "You have used today's free pages; for more please ask at desk 1",
        ),
        fit: None,
        ..preview(words, false)
    }
}

fn printing(words: &Words, stopped: bool) -> Printing {
    let trouble = [
        words.of("已打印 2 页，还有 3 页。", "2 pages are printed, 3 are left."),
        words.of(
            "处理好后自动继续。也可现在停止，未打印的不计入额度。",
            "It goes on by itself once this is put right. You can also stop now; pages not printed do not count.",
        ),
    ];
    Printing {
        printed: 2,
        of: 5,
        now: if stopped {
            words.of("打印纸用完了", "The paper has run out")
        } else {
            words.of("正在打印第 3 页，共 5 页", "Printing page 3 of 5")
        },
        trouble: if stopped { trouble.to_vec() } else { Vec::new() },
        can_stop: true,
    }
}

fn printed(words: &Words, whole: bool) -> Printed {
    if whole {
        let title = words.of("5 页已打印，请取走", "5 pages are printed; please take them");
        return Printed { whole, title, lines: Vec::new(), more: true };
    }
    Printed {
        whole,
        title: words.of("已打印 2 页，共 5 页", "2 of 5 pages are printed"),
        lines: vec![
            words.of("打印机卡纸了", "The printer is jammed"),
            words.of("2 页没有打印，不计入额度。", "2 pages were not printed and do not count."),
            words.of(
                "1 页不能确定：出故障时在打印机里。请看出纸口，不计入额度，也不会自动重打。",
                "1 pages are not certain: they were in the printer when it failed. Please look at the tray; they do not \
                 count and are not printed again by themselves.",
            ),
        ],
        more: true,
    }
}
