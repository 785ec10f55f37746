//! What is said of a printer or scanner in trouble: what happened, what it means, what can be done now.

use crate::session::{PaperTrouble, ScanProblem, Surroundings};
use wire::catalogue::Text;

/// Why nothing can be printed now; `None` when it can.
pub(super) fn cannot_print(around: &Surroundings) -> Option<Text> {
    let paper = &around.can.paper;
    if paper.print {
        return None;
    }
    Some(if paper.finishing {
        Text::new(
            "打印机还在结束上一个人的打印，请稍等",
            "The printer is still ending the previous order; please wait a moment",
        )
    } else {
        Text::new("打印机暂时不能用，请到旁边的终端", "The printer does not work now; please use the next terminal")
    })
}

/// A number of pages with the verb that goes with it: "1 page is", "2 pages were".
pub(super) fn pages_en(count: u32, (one, more): (&str, &str)) -> String {
    if count == 1 { format!("1 page {one}") } else { format!("{count} pages {more}") }
}

/// What stopped the printer, for a citizen.
pub(super) fn trouble(trouble: PaperTrouble, around: &Surroundings) -> String {
    match trouble {
        PaperTrouble::PaperOut => around.say("打印纸用完了", "The paper has run out"),
        PaperTrouble::Jammed => around.say("打印机卡纸了", "The printer is jammed"),
        PaperTrouble::CoverOpen => around.say("打印机的盖子开着", "The printer's cover is open"),
        PaperTrouble::TonerOut => around.say("打印机没有墨粉了", "The printer has no toner"),
        PaperTrouble::NoAnswer => around.say("打印机没有应答", "The printer does not answer"),
        PaperTrouble::Refused => around.say("打印机不接受这个文件", "The printer does not take this file"),
        PaperTrouble::Fault => around.say("打印机出了故障", "The printer has a fault"),
        PaperTrouble::ByCitizen => around.say("已按您的要求停止打印", "Printing was stopped as you asked"),
        PaperTrouble::DayUsed => around.say("今天的免费页数不够", "Today's free pages do not last"),
        PaperTrouble::Busy => {
            around.say("打印机还在结束上一个人的打印", "The printer is still ending the previous order")
        }
    }
}

/// Why nothing was scanned.
pub(super) fn scan_problem(problem: ScanProblem, around: &Surroundings) -> String {
    match problem {
        ScanProblem::Nothing => {
            around.say("没有找到纸，请放好再试一次", "Nothing was found; lay it down and try again")
        }
        ScanProblem::Jammed => around
            .say("进纸器卡纸了，请找工作人员，或改放在玻璃板上", "The feeder is jammed; call staff, or use the glass"),
        ScanProblem::CoverOpen => around.say("请盖好扫描仪的盖子再试", "Close the scanner's lid and try again"),
        ScanProblem::NoAnswer => {
            around.say("扫描仪没有应答，请到旁边的终端", "The scanner does not answer; please use the next terminal")
        }
    }
}
