//! Why a document or a page is not printed: one word for the program, one sentence for the citizen in each language.

/// Why a document, or a page of it, cannot be printed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Refusal {
    /// No bytes at all.
    Empty = 1,
    /// Nothing that is printed here.
    UnknownKind = 2,
    /// A program, a script or a web page.
    Program = 3,
    /// An archive of files.
    Archive = 4,
    /// A password is needed to read it.
    Encrypted = 5,
    /// Cut off, or not what it says it is.
    Damaged = 6,
    /// More bytes than are taken, as it came or once inflated.
    TooLarge = 7,
    /// More pages than are opened.
    TooManyPages = 8,
    /// A page or picture of more pixels or millimetres than can be drawn.
    PageTooLarge = 9,
    /// No page has anything on it.
    NothingToPrint = 10,
    /// The page has content, but drawn it would be white.
    BlankPage = 11,
    /// A lawful kind whose inner coding is not read here.
    Unsupported = 12,
    /// An Office file, and no LibreOffice on this terminal.
    OfficeMissing = 13,
    /// LibreOffice could not convert it.
    OfficeFailed = 14,
    /// It took longer than a document may.
    TooSlow = 15,
    /// The process that read it died of it.
    Unprocessable = 16,
    /// The citizen, or the end of the session, stopped it.
    Cancelled = 17,
    /// There is no page of this number.
    NoSuchPage = 18,
    /// The terminal could not start the process that reads documents.
    NotStarted = 19,
}

/// Refusal, stable key, what the citizen reads in Chinese and in English.
type Row = (Refusal, &'static str, &'static str, &'static str);

const TABLE: &[Row] = &[
    (Refusal::Empty, "empty", "文件是空的，请重新发送。", "The file is empty. Please send it again."),
    (
        Refusal::UnknownKind,
        "unknown-kind",
        "这种文件不能打印。可以打印 PDF、OFD、图片（JPG、PNG、TIFF）和文本文件。",
        "This kind of file cannot be printed. PDF, OFD, pictures (JPG, PNG, TIFF) and plain text can.",
    ),
    (
        Refusal::Program,
        "program",
        "这是程序或网页，不能打印。请先存成 PDF 再发送。",
        "This is a program or a web page and is not printed. Save it as PDF first.",
    ),
    (
        Refusal::Archive,
        "archive",
        "这是压缩包。请先解压，再发送里面的文件。",
        "This is an archive. Unpack it and send the files inside.",
    ),
    (
        Refusal::Encrypted,
        "encrypted",
        "文件有密码保护，打不开。请去掉密码后再发送。",
        "The file is protected by a password. Remove the password and send it again.",
    ),
    (
        Refusal::Damaged,
        "damaged",
        "文件已损坏或不完整，打不开。请重新发送。",
        "The file is damaged or incomplete. Please send it again.",
    ),
    (
        Refusal::TooLarge,
        "too-large",
        "文件太大，不能在这里打印。请分成几份，或降低图片大小后再发送。",
        "The file is too large to print here. Divide it or make its pictures smaller.",
    ),
    (
        Refusal::TooManyPages,
        "too-many-pages",
        "文件页数太多，不能在这里打印。请只发送需要的几页。",
        "The file has too many pages to print here. Send only the pages you need.",
    ),
    (
        Refusal::PageTooLarge,
        "page-too-large",
        "页面或图片的尺寸太大，不能在这里打印。请缩小后再发送。",
        "A page or picture is too large to print here. Make it smaller and send it again.",
    ),
    (
        Refusal::NothingToPrint,
        "nothing-to-print",
        "文件里没有可打印的内容，每一页都是空白。",
        "There is nothing to print: every page is blank.",
    ),
    (
        Refusal::BlankPage,
        "blank-page",
        "这一页在本机显示为空白，打印出来也会是白纸，所以不打印。请存成带字体的 PDF 或图片再试。",
        "This page would come out blank on this terminal, so it is not printed. Save it as a PDF with its fonts, or as a picture.",
    ),
    (
        Refusal::Unsupported,
        "unsupported",
        "这个文件用了本机不支持的格式。请存成 PDF 或图片再发送。",
        "The file uses a coding that this terminal cannot read. Save it as PDF or as a picture.",
    ),
    (
        Refusal::OfficeMissing,
        "office-missing",
        "本机不能打印 Word、Excel、PPT 文件。请存成 PDF 再发送。",
        "This terminal cannot print Word, Excel or PowerPoint files. Save the file as PDF and send it again.",
    ),
    (
        Refusal::OfficeFailed,
        "office-failed",
        "这个 Office 文件转换不成功。请存成 PDF 再发送。",
        "This Office file could not be converted. Save it as PDF and send it again.",
    ),
    (
        Refusal::TooSlow,
        "too-slow",
        "文件太复杂，处理时间过长，已停止。请存成图片或简单的 PDF 再试。",
        "The file is too complex and took too long. Save it as a picture or a simpler PDF.",
    ),
    (
        Refusal::Unprocessable,
        "unprocessable",
        "文件处理不了，可能已损坏或过于复杂。请存成图片或简单的 PDF 再试。",
        "The file could not be processed; it may be damaged or too complex. Save it as a picture or a simpler PDF.",
    ),
    (Refusal::Cancelled, "cancelled", "已取消。", "Cancelled."),
    (Refusal::NoSuchPage, "no-such-page", "文件里没有这一页。", "The file has no such page."),
    (
        Refusal::NotStarted,
        "not-started",
        "本机暂时不能处理文件，请找工作人员。",
        "This terminal cannot process files at the moment. Please ask the staff.",
    ),
];

impl Refusal {
    fn row(self) -> &'static Row {
        // Every variant has a row: the test below goes through all of them.
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[0])
    }

    /// The stable word for logs and views.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.row().1
    }

    /// What the citizen reads, in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().2
    }

    /// What the citizen reads, in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().3
    }

    /// Whether the same file may succeed on a second try.
    #[must_use]
    pub fn retry(self) -> bool {
        matches!(self, Self::Cancelled | Self::NotStarted)
    }

    /// The number that goes over the worker's pipe.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// From the number on the worker's pipe.
    #[must_use]
    pub fn of_code(code: u8) -> Option<Self> {
        TABLE.iter().map(|row| row.0).find(|refusal| refusal.code() == code)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.en())
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_own_key_and_words() {
        for code in 1..=19 {
            let refusal = Refusal::of_code(code).unwrap();
            assert_eq!(refusal.row().0, refusal);
            assert_eq!(TABLE.iter().filter(|row| row.1 == refusal.key()).count(), 1, "{refusal:?}");
            assert!(refusal.zh().ends_with('。') && refusal.en().ends_with('.'), "{refusal:?}");
        }
        assert_eq!(TABLE.len(), 19);
        assert_eq!(Refusal::of_code(0), None);
    }
}
