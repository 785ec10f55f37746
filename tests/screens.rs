//! Every screen, drawn with the shipped fonts on a platform of the test's own: pictures in `target/screens`
//! for the eye, and checks by program: nothing clipped, nothing overlapping, targets large enough, contrast,
//! no Chinese in the fixed wording of the English screens, every phrase translated.
//!
//! `SCREENS=question,review SCREENS_SET=zh-standard-portrait cargo test --test screens` draws only these.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "screens/checks.rs"]
mod checks;
#[path = "screens/contrast.rs"]
mod contrast;
#[path = "screens/fixtures/mod.rs"]
mod fixtures;
#[path = "screens/glass.rs"]
mod glass;
#[path = "screens/hands.rs"]
mod hands;
#[path = "screens/paper.rs"]
mod paper;
#[path = "screens/tracking.rs"]
mod tracking;
#[path = "screens/words.rs"]
mod words;

use fixtures::Scene;
use glass::Glass;
use kiosk::view::Language;

/// One way of setting the screen.
#[derive(Clone, Copy, PartialEq)]
struct Setting {
    language: Language,
    elder: bool,
    landscape: bool,
}

impl Setting {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for language in [Language::Zh, Language::En] {
            for elder in [false, true] {
                for landscape in [false, true] {
                    all.push(Self { language, elder, landscape });
                }
            }
        }
        all
    }

    fn name(self) -> String {
        let language = if self.language == Language::En { "en" } else { "zh" };
        let size = if self.elder { "elder" } else { "standard" };
        let side = if self.landscape { "landscape" } else { "portrait" };
        format!("{language}-{size}-{side}")
    }
}

/// The folder of the workspace; the same file also runs as an example of the crate `ui`.
fn root() -> std::path::PathBuf {
    let start = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    start.ancestors().find(|folder| folder.join("Cargo.lock").is_file()).unwrap().to_path_buf()
}

fn wanted(variable: &str, name: &str) -> bool {
    std::env::var(variable).map_or(true, |list| list.split(',').any(|one| name == one || name.starts_with(one)))
}

/// Draws every scene in every setting and hands each to `look`.
fn every_screen(mut look: impl FnMut(&Glass, &Scene, Setting)) {
    let glass = Glass::new();
    for setting in Setting::all().into_iter().filter(|s| wanted("SCREENS_SET", &s.name())) {
        glass.turn(setting.landscape);
        for scene in fixtures::scenes(setting.language, setting.elder) {
            if wanted("SCREENS", scene.name) {
                glass.show(&scene);
                look(&glass, &scene, setting);
            }
        }
    }
}

#[test]
fn every_screen_is_drawn_and_nothing_is_clipped_small_or_in_the_way() {
    let folder = root().join("target/screens");
    std::fs::create_dir_all(&folder).unwrap();
    let (mut drawn, mut wrong) = (0, Vec::new());
    every_screen(|glass, scene, setting| {
        let name = format!("{}-{}", scene.name, setting.name());
        glass.save(&folder.join(format!("{name}.png")));
        drawn += 1;
        for problem in checks::all(glass, scene, setting.language) {
            wrong.push(format!("{name}: {problem}"));
        }
    });
    println!("{drawn} screens drawn, {} problems", wrong.len());
    assert!(wrong.is_empty(), "{} problems:\n{}", wrong.len(), wrong.join("\n"));
}
