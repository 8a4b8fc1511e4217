//! Places, keepers, units and counters as small numbers, so that a million rows stay quick and small.

use std::hash::BuildHasher as _;
use std::marker::PhantomData;
use std::num::NonZeroU32;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::texts::TextColumn;
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
    shown: TextColumn,
    /// Names shown as their own key, as nearly all are: found by the text shown, which is kept once.
    plain: HashTable<u32>,
    /// Other spellings, and the keys of names that are not shown as their key.
    others: HashMap<Box<str>, u32>,
    hasher: DefaultHashBuilder,
    /// The spelling asked for last and its index: files name one room on many rows, one after another.
    last: (String, u32),
    numbers: PhantomData<fn() -> N>,
}

impl<N> Default for Interner<N> {
    fn default() -> Self {
        Self {
            shown: TextColumn::default(),
            plain: HashTable::new(),
            others: HashMap::default(),
            hasher: DefaultHashBuilder::default(),
            last: (String::new(), 0),
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
        if self.last.0 != name {
            let index = match self.find_spelling(name) {
                Some(index) => index,
                None => self.add_spelling(name)?,
            };
            name.clone_into(&mut self.last.0);
            self.last.1 = index;
        }
        Some(N::from_index(self.last.1 as usize))
    }

    fn find_spelling(&self, name: &str) -> Option<u32> {
        let shown = |index: &u32| self.shown.get(*index as usize) == name;
        let plain = self.plain.find(self.hasher.hash_one(name), shown);
        plain.or_else(|| if self.others.is_empty() { None } else { self.others.get(name) }).copied()
    }

    #[cold]
    fn add_spelling(&mut self, name: &str) -> Option<u32> {
        let key = text::key(name);
        if key.is_empty() {
            return None;
        }
        let known = if key == name { None } else { self.find_spelling(&key) };
        let index = known.unwrap_or_else(|| self.add_name(name.trim(), &key));
        if self.find_spelling(name).is_none() {
            self.others.insert(name.into(), index);
        }
        Some(index)
    }

    fn add_name(&mut self, name: &str, key: &str) -> u32 {
        let index = u32::try_from(self.shown.len()).unwrap_or(u32::MAX);
        self.shown.push(name);
        if name == key {
            let hash_of = |index: &u32| self.hasher.hash_one(self.shown.get(*index as usize));
            self.plain.insert_unique(self.hasher.hash_one(key), index, hash_of);
        } else {
            self.others.insert(key.into(), index);
        }
        index
    }

    /// The number of a name already met.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<N> {
        self.find_spelling(&text::key(name)).map(|index| N::from_index(index as usize))
    }

    /// The name as first met; empty for a number of another interner.
    #[must_use]
    pub fn name(&self, number: N) -> &str {
        self.shown.get(number.index())
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
        self.shown.len() == 0
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
        assert_eq!(places.intern(""), None);
        let second = places.intern("303").unwrap();
        assert_ne!(first, second);
        assert_eq!((first.index(), second.index(), places.len()), (0, 1, 2));
        let (plain, spaced, low) = (places.intern("B1"), places.intern(" B1"), places.intern("b1"));
        assert!(plain.is_some() && plain == spaced && spaced == low);
        assert_eq!((places.intern("ABC"), places.get("abc")), (places.intern("abc"), places.intern("ａｂｃ")));
        assert_eq!((places.get("nowhere"), places.len()), (None, 4));
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
