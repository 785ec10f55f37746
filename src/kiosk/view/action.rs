//! What a finger, a key or a screen reader can do. The screen reports it; the session decides.

use super::Language;

/// One act of the citizen on the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Any touch or key without another meaning: feeds the idle clock.
    Touched,
    /// Idle: "触摸屏幕开始".
    Start,
    /// First page: a tile by its id in the catalogue's menu.
    OpenTile(String),
    /// 上一步.
    Back,
    /// 退出; asked again where a form is open.
    Leave,
    /// The cover `LeaveAsked`: leave and erase.
    LeaveConfirmed,
    /// The page's one primary action (下一步, 提交申请, 完成 …).
    Next,
    /// 找工作人员.
    CallStaff,
    /// Closes the cover that is open (staff call, leave question); extends an idle warning.
    CloseCover,
    /// Language switch.
    SetLanguage(Language),
    /// Large type on or off.
    SetElder(bool),
    /// Service list: the search text now.
    Search(String),
    /// Service list: a filter chip by id.
    Filter(String),
    /// Service list: a row by item id. Notices: a row by notice id.
    OpenRow(String),
    /// Guide, result and other pages: a secondary button by what it does.
    Use(Tool),
    /// A choice of the page "给谁办" by id (`self`, `family`, `organisation`).
    ForWhom(String),
    /// A line's text now, unformatted. `field` may carry a part (`applicant_mobile#value`) or a row
    /// (`children.0.c_name`), just as the [`super::Field`] shown was keyed.
    Edit {
        /// Key of the field.
        field: String,
        /// Its whole text.
        text: String,
    },
    /// A line was left: its error may be said now.
    Left(String),
    /// A choice touched: sets a single choice, toggles one of many or a tick.
    Choose {
        /// Key of the field.
        field: String,
        /// Value of the choice.
        value: String,
    },
    /// Adds an empty row to a repeat group.
    AddRow(String),
    /// Removes a row, keyed `children.0`.
    RemoveRow(String),
    /// A pre-filled fact: 修改. Review: change the row with this id.
    Change(String),
    /// Materials: take pages for the material with this `order_num`.
    Capture(u32),
    /// Materials: lay pages for the material with this `order_num` on the scanner's glass.
    ScanPages(u32),
    /// Materials: drop a page.
    RemovePage {
        /// The material.
        order_num: u32,
        /// From 0.
        page: usize,
    },
    /// Materials: ask to hand it in later (容缺).
    Defer(u32),
    /// Review: 按住查看 pressed or released.
    Reveal(bool),
    /// Review: notice and declaration agreed to, or not.
    Agree(bool),
    /// Signature: one finished stroke, points in pad pixels.
    Stroke(Vec<(f32, f32)>),
}

/// Secondary buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Guide: apply for this service.
    Apply,
    /// Guide: print the material list.
    PrintMaterials,
    /// Guide: show the QR to take along.
    TakeAlong,
    /// Signature: 重写.
    ClearSignature,
    /// Signature: 不便签名.
    CannotSign,
    /// Result: 再打一张.
    PrintAgain,
    /// Card page: try the card again.
    TryAgain,
    /// Card page: type the absent person's number instead of the card.
    WithoutCard,
    /// Preview: choose all pages, or none.
    AllPages,
    /// Preview: one copy more.
    MoreCopies,
    /// Preview: one copy less.
    FewerCopies,
    /// Preview: both sides of the sheet, or one.
    TwoSided,
    /// Preview: colour or grey.
    Colour,
    /// Preview: fitted to A4, or true size.
    Fit,
    /// Preview of a copy: lighter.
    Lighter,
    /// Preview of a copy: darker.
    Darker,
    /// Copying: all pages in the feeder.
    Feeder,
    /// Copying: another page from the glass.
    AnotherPage,
    /// The printer works: 停止打印.
    StopPrinting,
    /// Printed: something else.
    PrintMore,
    /// Idle after an unclean end: print the slip of the stored submission after the same card.
    RecoverSlip,
}
