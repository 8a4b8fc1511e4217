//! Places, keepers, units and counters as small numbers, so that a million rows stay quick and small.

use std::marker::PhantomData;
use std::num::NonZeroU32;

use hashbrown::HashMap;

use crate::kernel::text;

/// A number that an [`Interner`] hands out, in the order names are first met.
pub trait Numbered: Copy {
    /// The number of the name at `index`, counted from zero.
    fn from_index(index: usize) -> Self;
    /// Counted from zero.
    fn index(self) -> usize;
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl Numbered for $name {
            fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).map_or(NonZeroU32::MAX, |i| NonZeroU32::MIN.saturating_add(i)))
            }

            fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }
    )*};
}

numbers! {
    /// A place, by the number its [`Interner`] gave it.
    PlaceNo
    /// A keeper (使用人), by the number its [`Interner`] gave it.
    KeeperNo
    /// A unit, by the number its [`Interner`] gave it.
    UnitNo
    /// A counter (盘点人), by the number its [`Interner`] gave it.
    CounterNo
    /// A thing that was expected or is booked elsewhere: its index in [`super::Input::items`].
    ItemNo
    /// A thing that no book knows: scans with the same number are of the same thing.
    ThingNo
}

/// Gives every name a small number. Two spellings with one [`text::key`] are one name; the first met is shown.
#[derive(Debug)]
pub struct Interner<N> {
    by_spelling: HashMap<Box<str>, u32>,
    by_key: HashMap<Box<str>, u32>,
    shown: Vec<Box<str>>,
    /// The spelling asked for last and its index: files name one room on many rows, one after another.
    last: Option<(String, u32)>,
    numbers: PhantomData<fn() -> N>,
}

impl<N> Default for Interner<N> {
    fn default() -> Self {
        Self {
            by_spelling: HashMap::default(),
            by_key: HashMap::default(),
            shown: Vec::new(),
            last: None,
            numbers: PhantomData,
        }
    }
}

impl<N: Numbered> Interner<N> {
    /// The number of a name, new or known; `None` for a blank.
    pub fn intern(&mut self, name: &str) -> Option<N> {
        if name.is_empty() {
            return None;
        }
        if let Some((last, index)) = &self.last
            && last == name
        {
            return Some(N::from_index(*index as usize));
        }
        let index = match self.by_spelling.get(name) {
            Some(&index) => index,
            None => self.intern_spelling(name)?,
        };
        match &mut self.last {
            Some((last, last_index)) => {
                name.clone_into(last);
                *last_index = index;
            }
            None => self.last = Some((name.to_owned(), index)),
        }
        Some(N::from_index(index as usize))
    }

    #[cold]
    fn intern_spelling(&mut self, name: &str) -> Option<u32> {
        let key = text::key(name);
        if key.is_empty() {
            return None;
        }
        let index = match self.by_key.get(key.as_ref()) {
            Some(&index) => index,
            None => {
                let index = u32::try_from(self.shown.len()).unwrap_or(u32::MAX);
                self.shown.push(name.trim().into());
                self.by_key.insert(key.into(), index);
                index
            }
        };
        self.by_spelling.insert(name.into(), index);
        Some(index)
    }

    /// The number of a name already met.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<N> {
        self.by_key.get(text::key(name).as_ref()).map(|&index| N::from_index(index as usize))
    }

    /// The name as first met; empty for a number of another interner.
    #[must_use]
    pub fn name(&self, number: N) -> &str {
        self.shown.get(number.index()).map_or("", |name| name)
    }

    /// The name as first met; empty for none.
    #[must_use]
    pub fn name_or_blank(&self, number: Option<N>) -> &str {
        number.map_or("", |number| self.name(number))
    }

    /// How many names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether no name was met yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Takes in the names of another interner, and gives for each of its numbers (by index) the number here.
    /// So that two readers can each have their own.
    pub fn absorb(&mut self, other: &Self) -> Vec<N> {
        other.shown.iter().filter_map(|name| self.intern(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_share_a_number_and_the_first_is_shown() {
        let mut places = Interner::<PlaceNo>::default();
        let first = places.intern("Ａ栋 302").unwrap();
        assert_eq!(places.intern("a栋302"), Some(first));
        assert_eq!(places.get("A 栋302"), Some(first));
        assert_eq!(places.name(first), "Ａ栋 302");
        assert_eq!(places.intern(" 　"), None);
        let second = places.intern("303").unwrap();
        assert_ne!(first, second);
        assert_eq!((first.index(), second.index(), places.len()), (0, 1, 2));
    }

    #[test]
    fn absorbing_translates_numbers() {
        let mut ours = Interner::<PlaceNo>::default();
        let a = ours.intern("a").unwrap();
        let mut theirs = Interner::<PlaceNo>::default();
        theirs.intern("b");
        theirs.intern("A");
        let translation = ours.absorb(&theirs);
        assert_eq!(translation.len(), 2);
        assert_eq!(translation[1], a);
        assert_eq!(ours.name(translation[0]), "b");
    }
}
