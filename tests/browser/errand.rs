//! One errand on the screen, by role and name: 办老年证 for oneself, up to the touch of 提交申请. The card is laid
//! down and taken away by the test.
// Each test uses its part.
#![allow(dead_code)]

use super::chromium::Chromium;
use super::page::Page;

/// From the idle page to the question for the card.
pub async fn asks_for_the_card(page: &Page, browser: &mut Chromium) {
    page.press(browser, "button", "触摸屏幕开始").await;
    page.press(browser, "button", "办事申请").await;
    page.press(browser, "button", "办老年证").await;
    page.press(browser, "button", "给自己办").await;
    page.reads(browser, "的身份证放在亮灯处").await;
}

/// From the card that was read to the touch that submits.
pub async fn fills_signs_and_submits(page: &Page, browser: &mut Chromium) {
    page.press(browser, "button", "下一步").await;
    page.press(browser, "radio", "我自己来查").await;
    page.press(browser, "button", "下一步").await;
    page.press(browser, "radio", "使用身份证照片").await;
    page.fill(browser, "紧急联系人", "张示范").await;
    page.fill(browser, "紧急联系电话", "13900000001").await;
    page.press(browser, "button", "下一步").await;
    page.reads(browser, "领取方式").await;
    page.press(browser, "radio", "窗口自取").await;
    page.press(browser, "button", "下一步").await;
    page.reads(browser, "准备这些材料").await;
    page.press(browser, "button", "放上材料，拍下来 · 近期免冠照片").await;
    page.reads(browser, "已拍好").await;
    page.press(browser, "button", "下一步").await;
    page.reads(browser, "请核对").await;
    page.press_below(browser, "checkbox", "我已看过，以上内容属实，同意提交").await;
    page.press(browser, "button", "下一步：签名").await;
    page.stroke(browser, "image", "签名处").await;
    page.sees(browser, "button", "重写").await;
    page.press(browser, "button", "提交申请").await;
}

/// From the outcome to the farewell; the idle page follows by itself.
pub async fn leaves(page: &Page, browser: &mut Chromium) {
    page.press(browser, "button", "完成").await;
    page.reads(browser, "本机已清除您的信息").await;
}

/// The submission number on the screen.
pub async fn number(page: &Page, browser: &mut Chromium) -> String {
    let lines = page.lines(browser).await;
    let at = lines.iter().position(|line| line == "提交编号").expect("a number on the screen");
    format!("{}{}", lines[at + 1], lines[at + 2])
}

/// What was typed, as the hall has it.
pub fn is_what_was_typed(answers: &serde_json::Value) {
    assert_eq!(answers["urgent_name"], "张示范");
    assert_eq!(answers["urgent_mobile"], "13900000001");
    assert_eq!(answers["applicant_mobile"]["kind"], "none");
}
