//! What was worked out before, where it follows from objects of git alone.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A place that keeps answers from one run to the next. It may forget; it must not give what was kept under another key.
pub trait Memory: Send + Sync {
    /// What was kept under `key`.
    fn recall(&self, key: &str) -> Option<Vec<u8>>;
    /// Keeps an answer, where it can.
    fn remember(&self, key: &str, answer: &[u8]);
}

/// A memory, or none.
#[derive(Clone, Default)]
pub struct Remembered(Option<Arc<dyn Memory>>);

impl Remembered {
    /// What this memory knows.
    pub fn by(memory: Arc<dyn Memory>) -> Self {
        Self(Some(memory))
    }

    /// What was kept under `key`, or what is worked out now. What cannot be read back is worked out again.
    pub(crate) fn or_made<T: Serialize + DeserializeOwned, E>(
        &self,
        key: &str,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(memory) = &self.0 else {
            return make();
        };
        let known = memory.recall(key);
        if let Some(known) = known.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            return Ok(known);
        }
        let made = make()?;
        if let Ok(bytes) = serde_json::to_vec(&made) {
            memory.remember(key, &bytes);
        }
        Ok(made)
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "a memory" } else { "no memory" })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Map(Mutex<HashMap<String, Vec<u8>>>);

    impl Memory for Map {
        fn recall(&self, key: &str) -> Option<Vec<u8>> {
            self.0.lock().unwrap().get(key).cloned()
        }
        fn remember(&self, key: &str, answer: &[u8]) {
            self.0.lock().unwrap().insert(key.to_owned(), answer.to_vec());
        }
    }

    #[test]
    fn what_is_known_is_not_made_again_and_what_cannot_be_read_is() {
        let map = Arc::new(Map::default());
        let remembered = Remembered::by(map.clone());
        let made = |value: u32| remembered.or_made("key", || Ok::<u32, ()>(value));
        assert_eq!((made(1), made(2)), (Ok(1), Ok(1)));
        map.remember("key", b"nonsense");
        assert_eq!((made(3), made(4)), (Ok(3), Ok(3)));
        assert_eq!(remembered.or_made("other", || Err::<u32, _>("no")), Err("no"));
        assert_eq!(Remembered::default().or_made("key", || Ok::<u32, ()>(5)), Ok(5));
    }
}
