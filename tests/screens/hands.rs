//! Fingers and keys on the screen, and what the session hears of them.

use super::fixtures::{self, Scene};
use super::glass::Glass;
use i_slint_backend_testing::{AccessibleLiveness, ElementHandle, ElementRoot};
use kiosk::view::{Action, Control, Cover, Language, Page, Slip, Tool, View};
use slint::platform::{Key, WindowEvent};
use slint::{LogicalPosition, SharedString};
use std::ops::ControlFlow;

fn scene(name: &str) -> Scene {
    fixtures::scenes(Language::Zh, false).into_iter().find(|scene| scene.name == name).unwrap()
}

fn showing(name: &str) -> (Glass, Scene) {
    let (glass, scene) = (Glass::new(), scene(name));
    glass.turn(false);
    glass.screen.show(&scene.view);
    glass.settle();
    glass.actions.borrow_mut().clear();
    (glass, scene)
}

fn heard(glass: &Glass) -> Vec<Action> {
    glass.actions.borrow_mut().drain(..).collect()
}

fn value(glass: &Glass, label: &str) -> String {
    let mut found = ElementHandle::find_by_accessible_label(glass.screen.app(), label);
    found.find_map(|element| element.accessible_value()).unwrap_or_default().to_string()
}

fn key(glass: &Glass, text: impl Into<SharedString>) {
    let text = text.into();
    glass.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
    glass.window().dispatch_event(WindowEvent::KeyReleased { text });
    glass.settle();
}

#[test]
fn keys_of_the_screen_type_a_grouped_number_and_the_session_hears_the_plain_one() {
    let (glass, _) = showing("question-choice");
    glass.touch("手机号码");
    glass.touch("0");
    assert_eq!(value(&glass, "手机号码"), "138 0013 800");
    assert_eq!(heard(&glass).last(), Some(&Action::Edit { field: "contact#value".into(), text: "1380013800".into() }));
    glass.touch("删除一个字");
    glass.touch("删除一个字");
    glass.touch("删除一个字");
    glass.touch("删除一个字");
    assert_eq!(value(&glass, "手机号码"), "138 001", "a space goes with the digit before it");
    glass.touch("清空");
    assert_eq!(value(&glass, "手机号码"), "");
}

#[test]
fn a_hardware_keyboard_types_into_the_same_line() {
    let (glass, _) = showing("keys-text");
    glass.touch("通讯地址");
    key(&glass, "路");
    let last = heard(&glass).pop();
    assert_eq!(last, Some(Action::Edit { field: "address".into(), text: "河南省项城市水寨街道路".into() }));
}

#[test]
fn an_older_view_that_arrives_late_does_not_undo_what_was_typed_since() {
    let (glass, mut scene) = showing("question-choice");
    glass.touch("手机号码");
    glass.touch("1");
    glass.touch("2");
    set_text(&mut scene, "1380013801");
    glass.screen.show(&scene.view);
    glass.settle();
    assert_eq!(value(&glass, "手机号码"), "138 0013 8012");
    set_text(&mut scene, "13800138012");
    glass.screen.show(&scene.view);
    glass.settle();
    assert_eq!(value(&glass, "手机号码"), "138 0013 8012");
    // The session may also set a line by itself.
    set_text(&mut scene, "139");
    glass.screen.show(&scene.view);
    glass.settle();
    assert_eq!(value(&glass, "手机号码"), "139");
}

#[test]
fn a_view_that_knows_nothing_of_the_typing_yet_does_not_undo_it() {
    let (glass, mut scene) = showing("question-choice");
    glass.touch("手机号码");
    glass.touch("1");
    scene.view.frame.offline = true;
    glass.screen.show(&scene.view);
    glass.settle();
    assert_eq!(value(&glass, "手机号码"), "138 0013 801");
}

fn set_text(scene: &mut Scene, new: &str) {
    let Page::Question(question) = &mut scene.view.page else { panic!("not a question page") };
    for field in &mut question.fields {
        if let Control::Line { text, .. } = &mut field.control {
            *text = new.into();
        }
    }
}

#[test]
fn leaving_a_line_is_said_and_closes_the_keyboard() {
    let (glass, _) = showing("question-choice");
    glass.touch("手机号码");
    heard(&glass);
    glass.touch("收起键盘");
    assert!(heard(&glass).contains(&Action::Left("contact#value".into())));
    assert!(super::checks::middle(&glass, "删除一个字").is_none(), "the keyboard is gone");
}

#[test]
fn a_choice_of_a_list_is_chosen_on_its_own_page() {
    let (glass, _) = showing("question-lists");
    glass.touch("民族");
    glass.touch("回族");
    assert!(heard(&glass).contains(&Action::Choose { field: "nation".into(), value: "2".into() }));
    assert!(super::checks::middle(&glass, "经营范围").is_some(), "the page with the questions is back");
}

#[test]
fn a_list_is_narrowed_by_its_search() {
    let (glass, _) = showing("question-lists");
    glass.touch("民族");
    glass.touch("搜索选项");
    key(&glass, "苗");
    assert!(super::checks::middle(&glass, "苗族").is_some());
    assert!(super::checks::middle(&glass, "汉族").is_none());
}

#[test]
fn own_data_is_shown_in_full_only_while_a_finger_lies_on_the_button() {
    let (glass, _) = showing("review");
    let place = super::checks::middle(&glass, "按住查看全部").unwrap();
    glass.press(place);
    // What scrolls waits a moment to see whether the finger wants to push it.
    glass.settle();
    assert_eq!(heard(&glass), [Action::Reveal(true)]);
    glass.release(place);
    glass.settle();
    assert_eq!(heard(&glass), [Action::Reveal(false)]);
}

#[test]
fn a_signature_goes_up_stroke_by_stroke_in_pixels_of_the_pad() {
    let (glass, _) = showing("sign");
    let pad = ElementHandle::find_by_accessible_label(glass.screen.app(), "签名处").next().unwrap();
    let (at, size) = (pad.absolute_position(), pad.size());
    assert!(size.width >= 900.0 && size.height >= 420.0, "the pad is {} × {}", size.width, size.height);
    let place = |x: f32, y: f32| LogicalPosition::new(at.x + x, at.y + y);
    glass.press(place(100.0, 100.0));
    for step in 1..5 {
        let position = place(100.0 + step as f32 * 20.0, 100.0 + step as f32 * 10.0);
        glass.window().dispatch_event(WindowEvent::PointerMoved { position });
    }
    glass.release(place(180.0, 140.0));
    let Some(Action::Stroke(points)) = heard(&glass).pop() else { panic!("no stroke was heard") };
    assert_eq!(points.first(), Some(&(100.0, 100.0)));
    assert_eq!(points.last(), Some(&(180.0, 140.0)));
    assert!(points.len() >= 4);
}

#[test]
fn the_buttons_say_what_they_do() {
    let (glass, _) = showing("question-choice");
    for (label, action) in [
        ("下一步", Action::Next),
        ("上一步", Action::Back),
        ("找工作人员", Action::CallStaff),
        ("退出", Action::Leave),
        ("EN", Action::SetLanguage(Language::En)),
        ("大字", Action::SetElder(true)),
        ("座机", Action::Choose { field: "contact#kind".into(), value: "1".into() }),
    ] {
        glass.touch(label);
        assert!(heard(&glass).contains(&action), "{label}");
    }
}

/// What a short touch there is heard as.
fn tap(glass: &Glass, place: LogicalPosition) -> Vec<Action> {
    glass.press(place);
    glass.release(place);
    heard(glass)
}

/// Shows what answers a touch, and draws it; the second tap of two comes sooner than this plus 0.4 s.
fn answers_with(glass: &Glass, view: &View) {
    glass.screen.show(view);
    glass.pass(3);
}

fn there(glass: &Glass, label: &str) -> LogicalPosition {
    super::checks::middle(glass, label).unwrap()
}

#[test]
fn the_second_tap_of_two_does_not_pass_over_the_page_that_came_with_the_first() {
    let (glass, _) = showing("review");
    let place = there(&glass, "下一步：签名");
    assert!(tap(&glass, place).contains(&Action::Next));
    answers_with(&glass, &scene("outcome").view);
    let edge = LogicalPosition::new(place.x, place.y - 40.0);
    let at_rest = glass.colour(edge);
    glass.press(place);
    glass.pass(1);
    assert_eq!(glass.colour(edge), at_rest, "what takes no touch does not look pressed");
    glass.release(place);
    assert_eq!(heard(&glass), []);
    assert_eq!(tap(&glass, place), [], "nor a third one");
    glass.settle();
    glass.press(place);
    glass.pass(1);
    assert_ne!(glass.colour(edge), at_rest);
    glass.release(place);
    assert!(heard(&glass).contains(&Action::Next), "a touch that was meant is taken");
}

#[test]
fn the_pause_between_two_touches_begins_anew_with_each() {
    let (glass, _) = showing("question-choice");
    let _ = tap(&glass, there(&glass, "座机"));
    glass.pass(6);
    let place = there(&glass, "下一步");
    assert!(tap(&glass, place).contains(&Action::Next));
    answers_with(&glass, &scene("review").view);
    assert_eq!(tap(&glass, place), []);
}

#[test]
fn the_first_touch_of_a_page_that_came_by_itself_is_taken() {
    let (glass, _) = showing("waiting");
    answers_with(&glass, &scene("outcome").view);
    assert!(tap(&glass, there(&glass, "完成")).contains(&Action::Next));
}

#[test]
fn quick_taps_at_another_place_are_taken() {
    let (glass, _) = showing("review");
    assert!(tap(&glass, there(&glass, "下一步：签名")).contains(&Action::Next));
    answers_with(&glass, &scene("outcome").view);
    assert!(tap(&glass, there(&glass, "再打一张")).contains(&Action::Use(Tool::PrintAgain)));
}

#[test]
fn taps_in_a_row_on_the_footer_are_all_taken() {
    let (glass, _) = showing("review");
    let place = there(&glass, "上一步");
    assert!(tap(&glass, place).contains(&Action::Back));
    answers_with(&glass, &scene("question-choice").view);
    assert!(tap(&glass, place).contains(&Action::Back));
}

#[test]
fn the_second_tap_of_two_does_not_fall_on_what_a_cover_hid() {
    let (glass, scene) = showing("question-choice");
    let place = there(&glass, "下一步");
    let covered = View { cover: Some(Cover::Warning { seconds: 24, filling: true }), ..scene.view.clone() };
    glass.screen.show(&covered);
    glass.settle();
    assert!(tap(&glass, place).contains(&Action::CloseCover));
    answers_with(&glass, &scene.view);
    assert_eq!(tap(&glass, place), []);
    glass.settle();
    assert!(tap(&glass, place).contains(&Action::Next));
}

#[test]
fn the_second_tap_of_two_does_not_end_a_farewell_unread() {
    let (glass, _) = showing("cover-leave");
    let place = there(&glass, "退出并清除");
    assert!(tap(&glass, place).contains(&Action::LeaveConfirmed));
    answers_with(&glass, &scene("farewell").view);
    assert_eq!(tap(&glass, place), []);
    glass.settle();
    assert_eq!(tap(&glass, place), [Action::Touched]);
}

#[test]
fn a_touch_whose_page_went_away_beneath_it_is_none_of_the_next_page() {
    let (glass, _) = showing("question-choice");
    let place = there(&glass, "下一步");
    glass.press(place);
    answers_with(&glass, &scene("question-lists").view);
    glass.release(place);
    assert_eq!(heard(&glass), []);
}

#[test]
fn a_foreign_number_and_a_foreign_name_can_be_typed_on_the_screen() {
    let (glass, _) = showing("keys-text");
    glass.touch("通讯地址");
    let before = value(&glass, "通讯地址");
    for key in ["+", "'", "·"] {
        glass.touch(key);
    }
    assert_eq!(value(&glass, "通讯地址"), format!("{before}+'·"));
}

/// What a screen reader is told at once, without moving there.
fn said(glass: &Glass, how: AccessibleLiveness) -> Vec<String> {
    let mut said = Vec::new();
    ElementRoot::root_element(glass.screen.app()).visit_descendants(|element| {
        if element.accessible_live_region() == Some(how) {
            said.extend(element.accessible_label().map(String::from));
        }
        ControlFlow::<()>::Continue(())
    });
    said
}

#[test]
fn every_page_says_its_title_and_every_cover_is_said_at_once() {
    let glass = Glass::new();
    for scene in fixtures::scenes(Language::Zh, false) {
        glass.show(&scene);
        let titles = said(&glass, AccessibleLiveness::Polite);
        if scene.view.cover.is_none() {
            assert_eq!(titles.len(), 1, "{}: {titles:?}", scene.name);
        } else {
            assert_eq!(titles.len(), 0, "{}: {titles:?}", scene.name);
            assert!(!said(&glass, AccessibleLiveness::Assertive).is_empty(), "{}", scene.name);
        }
    }
}

#[test]
fn one_wrong_field_is_said_and_several_are_said_once() {
    let (glass, mut scene) = showing("question-choice");
    let Page::Question(question) = &mut scene.view.page else { panic!("not a question page") };
    question.errors.clear();
    for field in &mut question.fields {
        field.error.clear();
    }
    question.fields[0].error = "请选一项".into();
    glass.screen.show(&scene.view);
    glass.settle();
    let alone = said(&glass, AccessibleLiveness::Assertive);
    assert_eq!(alone.len(), 1, "{alone:?}");
    assert!(alone[0].ends_with(": 请选一项"), "{alone:?}");
    let Page::Question(question) = &mut scene.view.page else { panic!("not a question page") };
    question.errors = vec!["请选一项".into(), "请填号码".into()];
    glass.screen.show(&scene.view);
    glass.settle();
    let together = said(&glass, AccessibleLiveness::Assertive);
    assert_eq!(together.len(), 1, "{together:?}");
    assert!(together[0].starts_with("有 2 处要改"), "{together:?}");
}

#[test]
fn a_slip_that_did_not_come_is_said_at_once() {
    let (glass, scene) = showing("outcome-offline");
    let Page::Outcome(outcome) = &scene.view.page else { panic!("not an outcome") };
    let Slip::NotPrinted(why) = &outcome.slip else { panic!("the slip came") };
    assert_eq!(said(&glass, AccessibleLiveness::Assertive), std::slice::from_ref(why));
}

#[test]
fn the_middle_of_a_wheel_names_its_question() {
    let (glass, _) = showing("wheels");
    glass.touch("拨着选居住起始日期");
    assert!(super::checks::middle(&glass, "就选 居住起始日期 2026年").is_some());
}

#[test]
fn a_push_that_became_a_scroll_leaves_the_hold_button_to_keys_and_screen_readers() {
    let (glass, _) = showing("review");
    let place = there(&glass, "按住查看全部");
    let button = ElementHandle::find_by_accessible_label(glass.screen.app(), "按住查看全部").next().unwrap();
    glass.press(place);
    glass.pass(4);
    for step in 1..6 {
        let position = LogicalPosition::new(place.x, place.y - step as f32 * 40.0);
        glass.window().dispatch_event(WindowEvent::PointerMoved { position });
        glass.pass(1);
    }
    glass.release(LogicalPosition::new(place.x, place.y - 200.0));
    glass.settle();
    assert!(heard(&glass).contains(&Action::Reveal(false)), "the finger was taken away");
    button.invoke_accessible_default_action();
    assert_eq!(heard(&glass), [Action::Reveal(true)]);
}

#[test]
fn nobody_is_done_while_the_slip_is_printed() {
    let (glass, mut scene) = showing("outcome-printing");
    assert!(super::checks::middle(&glass, "完成").is_none());
    let Page::Outcome(outcome) = &mut scene.view.page else { panic!("not an outcome") };
    outcome.slip = Slip::Printed;
    glass.screen.show(&scene.view);
    glass.settle();
    glass.touch("完成");
    assert!(heard(&glass).contains(&Action::Next));
}

#[test]
fn a_character_that_the_font_lacks_is_shown_by_its_number() {
    let (glass, mut scene) = showing("review");
    let Page::Review(review) = &mut scene.view.page else { panic!("not a review") };
    review.rows[0].value = "王頔".into();
    glass.screen.show(&scene.view);
    glass.settle();
    let mut shown = false;
    ElementRoot::root_element(glass.screen.app()).visit_descendants(|element| {
        shown |= element.accessible_label().is_some_and(|label| label.ends_with(": 王〈U+9814〉"));
        ControlFlow::<()>::Continue(())
    });
    assert!(shown);
}

#[test]
fn another_slip_is_asked_for_by_its_button() {
    let (glass, _) = showing("outcome");
    glass.touch("再打一张");
    assert!(heard(&glass).contains(&Action::Use(Tool::PrintAgain)));
}

#[test]
fn all_can_be_reached_and_pressed_with_keys_alone() {
    let (glass, _) = showing("home");
    for _ in 0..3 {
        key(&glass, Key::Tab);
    }
    key(&glass, Key::Return);
    assert_eq!(heard(&glass), [Action::OpenTile("ticket".into())], "after EN and 大字 comes the first tile");
}

#[test]
fn the_first_wrong_field_comes_into_view_when_the_next_step_is_refused() {
    let (glass, scene) = showing("keys-text");
    glass.touch("通讯地址");
    glass.touch("收起键盘");
    glass.touch("下一步");
    let mut refused = scene;
    let Page::Question(question) = &mut refused.view.page else { panic!("not a question page") };
    question.fields[0].error = "应为 18 位，还差 4 位".into();
    glass.screen.show(&refused.view);
    glass.settle();
    assert!(super::checks::middle(&glass, "证件号码").is_some());
}
