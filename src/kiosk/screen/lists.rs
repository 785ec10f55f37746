//! Brings a model that the screen shows to a new list with as few notifications as possible, so that a
//! row that stays keeps its focus, its cursor and its place.

use slint::{Model, VecModel};

/// Sets what changed; rows are matched by place.
pub fn by_place<T: Clone + PartialEq + 'static>(model: &VecModel<T>, new: Vec<T>) {
    let common = model.row_count().min(new.len());
    while model.row_count() > new.len() {
        model.remove(model.row_count() - 1);
    }
    for (place, row) in new.into_iter().enumerate() {
        if place >= common {
            model.push(row);
        } else if model.row_data(place).as_ref() != Some(&row) {
            model.set_row_data(place, row);
        }
    }
}

/// What to do to the old keys, in order, to reach the new ones.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// The old row at this place goes.
    Remove(usize),
    /// The new row comes in at this place.
    Insert(usize),
}

/// The steps from `old` to `new`, rows matched by key and order.
pub fn by_key(old: &[&str], new: &[&str]) -> Vec<Step> {
    let mut now: Vec<&str> = old.to_vec();
    let mut steps = Vec::new();
    for (place, key) in new.iter().enumerate() {
        match now.iter().skip(place).position(|k| k == key) {
            Some(ahead) => {
                for _ in 0..ahead {
                    now.remove(place);
                    steps.push(Step::Remove(place));
                }
            }
            None => {
                now.insert(place, key);
                steps.push(Step::Insert(place));
            }
        }
    }
    while now.len() > new.len() {
        now.pop();
        steps.push(Step::Remove(now.len()));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_appears_leaves_the_others_alone() {
        assert_eq!(by_key(&["a", "b"], &["a", "x", "b"]), [Step::Insert(1)]);
        assert_eq!(by_key(&["a", "x", "b"], &["a", "b"]), [Step::Remove(1)]);
        assert_eq!(by_key(&["a", "b"], &["b", "c"]), [Step::Remove(0), Step::Insert(1)]);
        assert!(by_key(&["a"], &["a"]).is_empty());
    }

    #[test]
    fn rows_are_set_only_where_they_differ() {
        let model = VecModel::from(vec![1, 2, 3]);
        by_place(&model, vec![1, 5]);
        assert_eq!(model.iter().collect::<Vec<_>>(), [1, 5]);
        by_place(&model, vec![1, 5, 6]);
        assert_eq!(model.iter().collect::<Vec<_>>(), [1, 5, 6]);
    }
}
