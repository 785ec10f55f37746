//! The pages of printing and copying onto the globals, and the forgetting of what they showed.

use super::glyphs::legible;
use super::lists::by_place;
use super::{pages, pictures};
use crate::view::{self, FileState, Page};
use slint::{ComponentHandle, Image, ModelRc, SharedString, VecModel};
use std::collections::HashSet;
use std::rc::Rc;
use ui::{
    App, ChoiceView, Data, FileStep, FileView, PreviewView, PrintedView, PrintingView, ScanStep, ScanView, ThumbView,
    UploadView, WayView,
};

/// Side of the code that a phone scans from the screen.
const UPLOAD_QR_SIDE: usize = 480;

/// Models of these pages.
#[derive(Default)]
pub struct Models {
    ways: Rc<VecModel<WayView>>,
    files: Rc<VecModel<FileView>>,
    thumbs: Rc<VecModel<ThumbView>>,
    purposes: Rc<VecModel<ChoiceView>>,
    scans: Rc<VecModel<Image>>,
    trouble: Rc<VecModel<SharedString>>,
    printed: Rc<VecModel<SharedString>>,
}

impl Models {
    /// Hands the models to the screen.
    pub fn bind(&self, app: &App) {
        let data = app.global::<Data>();
        data.set_paper_ways(ModelRc::from(self.ways.clone()));
        data.set_files(ModelRc::from(self.files.clone()));
        data.set_thumbs(ModelRc::from(self.thumbs.clone()));
        data.set_purposes(ModelRc::from(self.purposes.clone()));
        data.set_scan_pages(ModelRc::from(self.scans.clone()));
        data.set_printing_trouble(ModelRc::from(self.trouble.clone()));
        data.set_printed_lines(ModelRc::from(self.printed.clone()));
    }

    /// Shows one of these pages; any other is not theirs.
    pub fn show(&self, app: &App, page: &Page) {
        let data = app.global::<Data>();
        match page {
            Page::PaperMenu(page) => {
                data.set_paper_quota(page.quota.as_str().into());
                by_place(&self.ways, page.ways.iter().map(way).collect());
            }
            Page::Upload(page) => {
                data.set_upload(upload(page));
                by_place(&self.files, files(&page.files));
            }
            Page::Files(page) => {
                data.set_files_title(legible(&page.title));
                data.set_files_note(page.note.as_str().into());
                data.set_files_again(page.again);
                by_place(&self.files, files(&page.files));
            }
            Page::Scanning(page) => {
                data.set_scan(scan(page));
                by_place(&self.scans, page.pages.iter().map(pictures::picture).collect());
            }
            Page::Preview(page) => {
                data.set_preview(preview(page));
                by_place(&self.thumbs, page.pages.iter().map(thumb).collect());
                by_place(&self.purposes, page.purposes.iter().map(purpose).collect());
            }
            Page::Printing(page) => {
                data.set_printing(printing(page));
                by_place(&self.trouble, pages::strings(&page.trouble));
            }
            Page::Printed(page) => {
                data.set_printed(PrintedView { whole: page.whole, title: page.title.as_str().into(), more: page.more });
                by_place(&self.printed, pages::strings(&page.lines));
            }
            _ => {}
        }
    }

    /// Lets go of names and pictures of a page that is left.
    pub fn forget(&self, app: &App, page: &Page) {
        let data = app.global::<Data>();
        match page {
            Page::Upload(_) | Page::Files(_) => {
                self.files.clear();
                data.set_files_title(SharedString::default());
                data.set_upload(UploadView::default());
            }
            Page::Scanning(_) => self.scans.clear(),
            Page::Preview(_) => {
                self.thumbs.clear();
                data.set_preview(PreviewView::default());
            }
            _ => {}
        }
    }
}

fn way(way: &view::PaperWay) -> WayView {
    WayView {
        id: way.id.as_str().into(),
        label: way.label.as_str().into(),
        hint: way.hint.as_str().into(),
        reason: way.reason.as_str().into(),
    }
}

fn upload(page: &view::Upload) -> UploadView {
    UploadView {
        has_qr: page.qr.is_some(),
        qr: page.qr.as_ref().map(|code| pictures::qr(code, UPLOAD_QR_SIDE)).unwrap_or_default(),
        error: page.error.as_str().into(),
        note: page.note.as_str().into(),
    }
}

/// Equal names are numbered: phones call every picture image.jpg, and each row must be told from the others.
fn files(rows: &[view::FileRow]) -> Vec<FileView> {
    let mut taken = HashSet::new();
    let mut out: Vec<FileView> = rows.iter().map(file).collect();
    for file in &mut out {
        let own = file.name.clone();
        let mut count = 1;
        while !taken.insert(file.name.clone()) {
            count += 1;
            file.name = slint::format!("{own}（{count}）");
        }
    }
    out
}

fn file(file: &view::FileRow) -> FileView {
    let mut view = FileView { id: file.id.as_str().into(), name: legible(&file.name), ..FileView::default() };
    view.step = match &file.state {
        FileState::There => FileStep::There,
        FileState::Folder => FileStep::Folder,
        FileState::Opening => FileStep::Opening,
        FileState::Ready { pages } => {
            view.pages = number(*pages);
            FileStep::Ready
        }
        FileState::Refused(why) => {
            view.reason = why.as_str().into();
            FileStep::Refused
        }
    };
    view
}

fn scan(page: &view::Scanning) -> ScanView {
    ScanView {
        card: page.card,
        step: match page.step {
            view::ScanStep::Lay => ScanStep::Lay,
            view::ScanStep::Turn => ScanStep::Turn,
            view::ScanStep::Scanning => ScanStep::Scanning,
            view::ScanStep::Done => ScanStep::Done,
        },
        feeder: page.feeder,
        error: page.error.as_str().into(),
        more: page.more,
        material: page.material,
    }
}

fn preview(page: &view::Preview) -> PreviewView {
    PreviewView {
        title: legible(&page.title),
        copies: number(page.copies),
        more: page.more,
        can_two_sided: page.two_sided.is_some(),
        two_sided: page.two_sided == Some(true),
        can_colour: page.colour.is_some(),
        colour: page.colour == Some(true),
        can_fit: page.fit.is_some(),
        fit: page.fit == Some(true),
        copy: page.brightness.is_some(),
        brightness: page.brightness.unwrap_or(0),
        cost: number(page.cost),
        quota: page.quota.as_str().into(),
        error: page.error.as_str().into(),
    }
}

fn thumb(page: &view::PageThumb) -> ThumbView {
    ThumbView {
        number: number(page.number),
        picture: page.picture.as_ref().map(pictures::picture).unwrap_or_default(),
        there: page.picture.is_some(),
        chosen: page.chosen,
    }
}

fn purpose(choice: &view::Choice) -> ChoiceView {
    ChoiceView {
        value: choice.value.as_str().into(),
        label: choice.label.as_str().into(),
        name: choice.label.as_str().into(),
        selected: choice.selected,
        ..ChoiceView::default()
    }
}

fn printing(page: &view::Printing) -> PrintingView {
    PrintingView {
        printed: number(page.printed),
        of: number(page.of),
        now: page.now.as_str().into(),
        can_stop: page.can_stop,
        stopped: !page.trouble.is_empty(),
    }
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_name_are_told_apart() {
        let row = |name: &str| view::FileRow { id: name.into(), name: name.into(), state: FileState::There };
        let rows: Vec<_> = ["image.jpg", "image.jpg（2）", "image.jpg", "证明.pdf", "image.jpg"].map(row).into();
        let names: Vec<_> = files(&rows).into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["image.jpg", "image.jpg（2）", "image.jpg（3）", "证明.pdf", "image.jpg（4）"]);
    }
}
