//! What rooms keep in memory about one database, a value a type: caches belong to the database they were read from,
//! not to the process, which may have several open.

use std::any::{Any, TypeId};
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;

/// Values by their type.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Memory {
    /// The one value of this type, made when it is first asked for.
    pub fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        // It stands under its own type.
        Arc::clone(value).downcast().unwrap_or_default()
    }
}
