//! The dynamic loader of a program: the kernel executes it, so it needs the right to be executed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use camino::{Utf8Path, Utf8PathBuf};

/// Program headers of this type name the loader (`PT_INTERP` in elf(5)).
const INTERPRETER: u32 = 3;
/// Longest path looked at.
const LONGEST: u64 = 4096;

/// The loader that `program` names, if it names one.
pub fn of(program: &Utf8Path) -> Option<Utf8PathBuf> {
    read(program).ok().flatten()
}

/// Reads it out of a 64-bit little-endian ELF file, which is what the supported machines run.
fn read(program: &Utf8Path) -> std::io::Result<Option<Utf8PathBuf>> {
    let mut file = File::open(program)?;
    let mut header = [0; 64];
    file.read_exact(&mut header)?;
    if &header[..6] != b"\x7fELF\x02\x01" {
        return Ok(None);
    }
    let (table, size, count) = (long(&header, 32), short(&header, 54), short(&header, 56));
    for index in 0..u64::from(count) {
        let mut entry = [0; 56];
        file.seek(SeekFrom::Start(table.saturating_add(index * u64::from(size))))?;
        file.read_exact(&mut entry)?;
        if u32::from(short(&entry, 0)) == INTERPRETER {
            let mut path = String::new();
            file.seek(SeekFrom::Start(long(&entry, 8)))?;
            file.take(long(&entry, 32).min(LONGEST)).read_to_string(&mut path)?;
            return Ok(Some(path.trim_end_matches('\0').into()));
        }
    }
    Ok(None)
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8]
        .iter()
        .rev()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_loader_of_this_very_test() {
        let program = Utf8PathBuf::try_from(std::env::current_exe().unwrap()).unwrap();
        let loader = of(&program).unwrap();
        assert!(loader.exists() && loader.as_str().contains("ld-"), "{loader}");
    }

    #[test]
    fn a_text_has_none() {
        assert_eq!(
            of(Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))),
            None
        );
    }
}
