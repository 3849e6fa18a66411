//! Everything about one number.

mod page;

pub use self::page::OneNumber;
