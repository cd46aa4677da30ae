//! Values that views follow: one kind of signal for all types, since each type of a signal of its own brings the whole
//! machinery of signals into the wasm.

use core::any::Any;
use core::marker::PhantomData;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;

/// A value that those who read it follow. A handle, copied freely; it ends with the owner that it was made under.
pub struct Watched<T> {
    slot: StoredValue<Slot, LocalStorage>,
    of: PhantomData<fn() -> T>,
}

#[derive(Clone)]
struct Slot {
    /// A `RefCell<T>`.
    value: Rc<dyn Any>,
    changed: ArcTrigger,
}

impl<T> Clone for Watched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Watched<T> {}

fn slot_of(value: Rc<dyn Any>) -> StoredValue<Slot, LocalStorage> {
    StoredValue::new_local(Slot { value, changed: ArcTrigger::new() })
}

#[inline(never)]
fn read(slot: StoredValue<Slot, LocalStorage>, track: bool) -> Option<Rc<dyn Any>> {
    let slot = slot.try_get_value()?;
    if track {
        slot.changed.track();
    }
    Some(slot.value)
}

#[inline(never)]
fn tell(slot: StoredValue<Slot, LocalStorage>) {
    if let Some(slot) = slot.try_get_value() {
        slot.changed.notify();
    }
}

impl<T: 'static> Watched<T> {
    /// A value.
    pub fn new(value: T) -> Self {
        Self { slot: slot_of(Rc::new(RefCell::new(value))), of: PhantomData }
    }

    #[inline(never)]
    fn cell(self, track: bool) -> Option<Rc<RefCell<T>>> {
        Some(read(self.slot, track)?.downcast().expect("a slot holds what it was made with"))
    }

    fn here(self, track: bool) -> Rc<RefCell<T>> {
        self.cell(track).expect("nobody reads a value of an element that is gone")
    }

    /// Whether what it belongs to is still there.
    pub fn is_there(self) -> bool {
        self.cell(false).is_some()
    }

    /// Looks at the value, and follows it.
    pub fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.here(true).borrow())
    }

    /// Looks at the value as it is now.
    pub fn with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.here(false).borrow())
    }

    /// Changes the value. Nothing happens if the element is gone.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        if let Some(cell) = self.cell(false) {
            change(&mut cell.borrow_mut());
            tell(self.slot);
        }
    }

    /// Puts another value in its place.
    pub fn set(self, value: T) {
        self.update(|old| *old = value);
    }
}

impl<T: PartialEq + 'static> Watched<T> {
    /// Puts another value in its place, if it is another.
    pub fn set_if_new(self, value: T) {
        if self.cell(false).is_some_and(|cell| *cell.borrow() != value) {
            self.set(value);
        }
    }
}

impl<T: Clone + 'static> Watched<T> {
    /// The value, followed.
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    /// The value as it is now.
    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}
