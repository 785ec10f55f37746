//! The dev dock and the embedded hall.
