//! The question pages: what is shown, what 下一步 checks, and which page comes next. Errors appear on
//! 下一步 or when a field is left, never while typing; nothing typed is lost.

use super::{Apply, Stage, edit};
use crate::journeys::Turn;
use crate::session::{Effect, Surroundings};
use crate::view::{self, Action};
use std::collections::BTreeSet;
use wire::form::{Issue, validate, validate_fields, visible};

/// A question page.
#[derive(Debug, Default)]
pub(super) struct Questions {
    /// Index into the groups.
    pub(super) page: usize,
    /// What is wrong, as last checked.
    pub(super) issues: Vec<Issue>,
}

impl Apply {
    /// Opens the first question page.
    pub(super) fn open_questions(&mut self, around: &Surroundings) -> Turn {
        self.pages = self.groups(around);
        match self.shown_page_from(0, around) {
            Some(page) => {
                self.stage = Stage::Questions(Questions { page, issues: Vec::new() });
                Turn::stay()
            }
            None => self.after_questions(around),
        }
    }

    /// Back on the page from which another card was asked for.
    pub(super) fn back_to_page(&mut self, page: usize, around: &Surroundings) -> Turn {
        self.stage = Stage::Questions(Questions { page, issues: Vec::new() });
        self.regroup(around);
        Turn::doing(vec![Effect::StopReading])
    }

    pub(super) fn open_last_question(&mut self, around: &Surroundings) -> Turn {
        let last = (0..self.pages.len()).rev().find(|page| self.shows_anything(*page, around));
        self.stage = Stage::Questions(Questions { page: last.unwrap_or(0), issues: Vec::new() });
        Turn::stay()
    }

    pub(super) fn previous_page(&mut self, around: &Surroundings) {
        let Stage::Questions(questions) = &self.stage else { return };
        let before = (0..questions.page).rev().find(|page| self.shows_anything(*page, around));
        if let Some(page) = before {
            self.stage = Stage::Questions(Questions { page, issues: Vec::new() });
        }
    }

    pub(super) fn page_questions(&self, questions: &Questions, around: &Surroundings) -> view::Question {
        let title = self.pages.get(questions.page).map(|group| around.pick(&group.title)).unwrap_or_default();
        let fields = self.fields_shown(questions, around);
        let mut errors: Vec<String> = questions.issues.iter().map(|issue| around.pick(&issue.message)).collect();
        errors.dedup();
        if errors.len() == 1 && fields.iter().any(|field| !field.error.is_empty()) {
            errors.clear();
        }
        view::Question { title, fields, errors }
    }

    pub(super) fn act_questions(&mut self, action: Action, around: &Surroundings) -> Turn {
        match action {
            Action::Next => return self.next_page(around),
            Action::Edit { field, text } => self.edited(&field, text),
            Action::Choose { field, value } => self.chosen(&field, &value),
            Action::AddRow(field) => self.add_row(&field),
            Action::RemoveRow(row) => {
                edit::remove_row(&mut self.answers, &row);
                self.settle(&row);
            }
            Action::Left(field) => self.left(&field, around),
            Action::Change(field) => return self.change_fact(&field),
            _ => {}
        }
        Turn::stay()
    }

    /// The form's limit holds for a second touch in a hurry, too: the button went only with the first one.
    fn add_row(&mut self, key: &str) {
        let max = self.item().form.field(key).and_then(|field| field.max_rows);
        if max.is_none_or(|max| self.answers.rows(key) < max) {
            self.answers.add_row(key);
        }
    }

    fn edited(&mut self, field: &str, text: String) {
        let form = &self.content.items()[self.index].form;
        edit::line(&mut self.answers, form, field, text);
        self.mark_typed(field);
        self.follow_names();
        self.settle(field);
    }

    fn chosen(&mut self, field: &str, value: &str) {
        let form = &self.content.items()[self.index].form;
        edit::choice(&mut self.answers, form, field, value);
        self.mark_typed(field);
        self.settle(field);
    }

    fn mark_typed(&mut self, field: &str) {
        let key = edit::base(field).to_owned();
        if self.is_from_card(&key) {
            self.opened.insert(key.clone());
        }
        self.origins.insert(key, super::Origin::User);
    }

    /// What was said about a field is taken back as soon as it changes.
    fn settle(&mut self, field: &str) {
        let base = edit::base(field).to_owned();
        if let Stage::Questions(questions) = &mut self.stage {
            questions.issues.retain(|issue| !issue.fields.iter().any(|key| edit::base(key) == base || key == field));
        }
    }

    /// A field was left with something in it: say what is wrong with it alone.
    fn left(&mut self, field: &str, around: &Surroundings) {
        let base = edit::base(field).to_owned();
        if self.answers.get(&base).is_none() {
            return;
        }
        let found = validate_fields(&self.item().form, &self.answers, &self.context(around), &[base.as_str()]);
        self.settle(field);
        if let Stage::Questions(questions) = &mut self.stage {
            questions.issues.extend(found);
        }
    }

    /// A read-only fact changes by another card, any other by typing over it.
    fn change_fact(&mut self, field: &str) -> Turn {
        let Some(super::Origin::Card(role)) = self.origins.get(field).cloned() else { return Turn::stay() };
        if self.item().form.field(field).is_some_and(|f| f.readonly) {
            if let Stage::Questions(questions) = &self.stage
                && !self.to_review
            {
                self.asked_from = Some(questions.page);
            }
            return self.ask_card(role);
        }
        self.opened.insert(field.to_owned());
        Turn::stay()
    }

    fn next_page(&mut self, around: &Surroundings) -> Turn {
        let Stage::Questions(questions) = &self.stage else { return Turn::stay() };
        let page = questions.page;
        let issues = self.issues_of_page(page, around);
        if !issues.is_empty() {
            if let Stage::Questions(questions) = &mut self.stage {
                questions.issues = issues;
            }
            return Turn::stay();
        }
        if self.to_review {
            return self.open_review_or_gap(around);
        }
        match self.shown_page_from(page + 1, around) {
            Some(next) => {
                self.stage = Stage::Questions(Questions { page: next, issues: Vec::new() });
                Turn::stay()
            }
            None => self.after_questions(around),
        }
    }

    /// What is wrong with the fields of a page, and with rules over several fields that are all behind us.
    fn issues_of_page(&self, page: usize, around: &Surroundings) -> Vec<Issue> {
        let form = &self.item().form;
        let context = self.context(around);
        let shown = visible(form, &self.answers, &context);
        let keys: Vec<&str> =
            self.pages[page].keys.iter().filter(|key| shown.contains(*key)).map(String::as_str).collect();
        let mut issues = validate_fields(form, &self.answers, &context, &keys);
        if issues.is_empty() {
            let behind: BTreeSet<&str> =
                self.pages[..=page].iter().flat_map(|group| group.keys.iter().map(String::as_str)).collect();
            issues = validate(form, &self.answers, &context)
                .into_iter()
                .filter(|issue| issue.rule == "cross")
                .filter(|issue| issue.fields.iter().all(|key| behind.contains(key.as_str()) || self.is_fact(key)))
                .filter(|issue| issue.fields.iter().any(|key| keys.contains(&key.as_str())))
                .collect();
        }
        issues
    }

    fn after_questions(&mut self, around: &Surroundings) -> Turn {
        if self.has_materials_page(around) {
            self.stage = Stage::Materials { error: None, waiting_for: None };
            Turn::stay()
        } else {
            self.open_review()
        }
    }

    /// Back to the review, unless a change made another page necessary: then there first.
    pub(super) fn open_review_or_gap(&mut self, around: &Surroundings) -> Turn {
        let gap = (0..self.pages.len())
            .find(|page| self.shows_anything(*page, around) && !self.issues_of_page(*page, around).is_empty());
        match gap {
            Some(page) => {
                let issues = self.issues_of_page(page, around);
                self.stage = Stage::Questions(Questions { page, issues });
                Turn::stay()
            }
            None if !self.missing_materials(around).is_empty() => {
                self.stage = Stage::Materials { error: None, waiting_for: None };
                Turn::stay()
            }
            None => self.open_review(),
        }
    }

    /// Opens the page that holds a field, from the review.
    pub(super) fn open_question_of(&mut self, key: &str) {
        if let Some(page) = self.pages.iter().position(|group| group.keys.iter().any(|k| k == key)) {
            self.to_review = true;
            self.stage = Stage::Questions(Questions { page, issues: Vec::new() });
        }
    }

    fn shown_page_from(&self, from: usize, around: &Surroundings) -> Option<usize> {
        (from..self.pages.len()).find(|page| self.shows_anything(*page, around))
    }

    fn shows_anything(&self, page: usize, around: &Surroundings) -> bool {
        let shown = visible(&self.item().form, &self.answers, &self.context(around));
        self.pages.get(page).is_some_and(|group| group.keys.iter().any(|key| shown.contains(key)))
    }
}
