//! Working days, deadlines and opening hours, from data: published days off and make-up days. Years
//! without a notice count Monday to Friday and say so ("按基本工作日估算"). A person's age, too. No clock, no lunar
//! reckoning.

mod age;
mod deadline;
mod hours;
mod working_days;

pub use age::whole_years;
pub use deadline::{Light, Progress, Supervised};
pub use hours::{Opening, OpeningHours};
pub use working_days::{Calendar, Certainty, Due, Year};

#[cfg(test)]
mod tests;
