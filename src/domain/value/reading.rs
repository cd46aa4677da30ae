//! Reading: member by member, with the place of the first thing that is wrong.

use super::{Document, Misread, Value};
use crate::domain::map::Map;

/// Where a reader stands, and the first thing that was wrong.
#[derive(Default)]
pub struct Reading {
    pub(super) place: String,
    pub(super) wrong: Option<Misread>,
}

impl Reading {
    /// Here is something wrong.
    #[inline(never)]
    pub fn wrong(&mut self, reason: &'static str) {
        if self.wrong.is_none() {
            self.wrong = Some(Misread { place: self.place.clone(), reason });
        }
    }

    /// Goes into a part; returns where it stood.
    #[inline(never)]
    pub(super) fn enter(&mut self, part: &str) -> usize {
        let outside = self.place.len();
        if outside > 0 && !part.starts_with('[') {
            self.place.push('.');
        }
        self.place.push_str(part);
        outside
    }

    #[inline(never)]
    pub(super) fn enter_item(&mut self, at: usize) -> usize {
        self.enter(&["[", &at.to_string(), "]"].concat())
    }

    #[inline(never)]
    pub(super) fn leave(&mut self, outside: usize) {
        self.place.truncate(outside);
    }
}

const MISSING: &str = "is missing";

/// An object that is being read, member by member.
pub struct Members<'a> {
    pub(super) members: Map<String, Value>,
    pub(super) reading: &'a mut Reading,
}

impl<'a> Members<'a> {
    /// The members of `value`.
    #[inline(never)]
    pub fn of(value: Value, reading: &'a mut Reading) -> Self {
        let members = match value {
            Value::Object(members) => members,
            _ => {
                reading.wrong("must be an object");
                Map::default()
            }
        };
        Self { members, reading }
    }

    /// Something is wrong with the object.
    pub fn wrong(&mut self, reason: &'static str) {
        self.reading.wrong(reason);
    }

    /// Goes to the member `name`; null if it is missing.
    #[inline(never)]
    fn enter(&mut self, name: &str, optional: bool) -> (Value, usize) {
        let outside = self.reading.enter(name);
        let value = self.members.remove(name).unwrap_or(Value::Null);
        if !optional && value == Value::Null {
            self.reading.wrong(MISSING);
        }
        (value, outside)
    }

    /// The member `name`.
    pub fn take<T: Document>(&mut self, name: &str) -> T {
        let (value, outside) = self.enter(name, T::OPTIONAL);
        let read = T::read(value, self.reading);
        self.reading.leave(outside);
        read
    }

    /// The member `name`, or the type's default.
    pub fn take_or_default<T: Document + Default>(&mut self, name: &str) -> T {
        let (value, outside) = self.enter(name, true);
        let read = if value == Value::Null { T::default() } else { T::read(value, self.reading) };
        self.reading.leave(outside);
        read
    }

    /// Nothing else may be there.
    #[inline(never)]
    pub fn end(self) {
        let Some(name) = self.members.keys().next() else { return };
        // A name that is missing and one that is not known are one mistake, a misspelt name: the latter says more.
        let place = self.reading.place.as_str();
        let is_here = |wrong: &Misread| wrong.place.rsplit_once('.').map_or("", |(outside, _)| outside) == place;
        if self.reading.wrong.as_ref().is_some_and(|wrong| wrong.reason == MISSING && is_here(wrong)) {
            self.reading.wrong = None;
        }
        self.reading.enter(name);
        self.reading.wrong("is not known here");
    }
}
