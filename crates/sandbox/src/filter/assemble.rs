//! Decision trees, and the instructions they become.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

/// One instruction: `struct sock_filter` of linux/filter.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub code: u16,
    pub jt: u8,
    pub jf: u8,
    pub k: u32,
}

// Of linux/bpf_common.h: load a word of the call's data, compare with a constant, return a constant.
pub const LOAD: u16 = 0x20;
pub const IF_EQUAL: u16 = 0x15;
pub const IF_AT_LEAST: u16 = 0x35;
pub const IF_ANY_BIT: u16 = 0x45;
pub const RETURN: u16 = 0x06;

// Offsets in `struct seccomp_data` of linux/seccomp.h.
const NUMBER: u32 = 0;
const MACHINE: u32 = 4;
const ARGUMENTS: u32 = 16;

/// First number of the x32 twins of x86-64's calls.
const TWINS: u32 = 0x4000_0000;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Allow,
    /// It fails with this error number.
    Refuse(i32),
    /// It ends the process.
    Kill,
}

impl Action {
    /// The kernel's number for it (`SECCOMP_RET_…`).
    pub const fn number(self) -> u32 {
        match self {
            Self::Allow => 0x7fff_0000,
            Self::Refuse(errno) => 0x0005_0000 | (errno as u32 & 0xffff),
            Self::Kill => 0x8000_0000,
        }
    }
}

/// One half of an argument.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    Low(u32),
    High(u32),
}

impl Word {
    const fn offset(self) -> u32 {
        // Both machines that are supported store the low half first.
        match self {
            Self::Low(argument) => ARGUMENTS + 8 * argument,
            Self::High(argument) => ARGUMENTS + 8 * argument + 4,
        }
    }
}

/// A test of a word.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    Is(u32),
    HasAnyOf(u32),
}

/// What is decided about one call.
#[derive(Clone, Debug)]
pub enum Tree {
    End(Action),
    If(Word, Test, Box<Tree>, Box<Tree>),
}

impl Tree {
    /// `then` where the word passes the test, else `otherwise`.
    pub fn when(word: Word, test: Test, then: Self, otherwise: Self) -> Self {
        Self::If(word, test, Box::new(then), Box::new(otherwise))
    }

    fn assemble(&self, into: &mut Vec<Instruction>) {
        match self {
            Self::End(action) => into.push(end(*action)),
            Self::If(word, test, then, otherwise) => {
                into.push(load(word.offset()));
                let at = into.len();
                let (code, k) = match *test {
                    Test::Is(value) => (IF_EQUAL, value),
                    Test::HasAnyOf(bits) => (IF_ANY_BIT, bits),
                };
                into.push(Instruction { code, jt: 0, jf: 0, k });
                then.assemble(into);
                into[at].jf = distance(at, into.len());
                otherwise.assemble(into);
            }
        }
    }
}

const fn load(offset: u32) -> Instruction {
    Instruction {
        code: LOAD,
        jt: 0,
        jf: 0,
        k: offset,
    }
}

const fn end(action: Action) -> Instruction {
    Instruction {
        code: RETURN,
        jt: 0,
        jf: 0,
        k: action.number(),
    }
}

/// How far a jump at `at` goes to reach `to`.
fn distance(at: usize, to: usize) -> u8 {
    u8::try_from(to - at - 1).expect("a tree is far shorter than a jump")
}

/// Assembles the decisions about calls by their numbers; all other calls are allowed. A call for another kind of
/// machine ends the process: its numbers mean other calls.
pub fn assemble(machine: u32, rules: &[(i64, Tree)], refused_twins: Action) -> Vec<Instruction> {
    let mut program = vec![
        load(MACHINE),
        Instruction {
            code: IF_EQUAL,
            jt: 1,
            jf: 0,
            k: machine,
        },
        end(Action::Kill),
        load(NUMBER),
        Instruction {
            code: IF_AT_LEAST,
            jt: 0,
            jf: 1,
            k: TWINS,
        },
        end(refused_twins),
    ];
    for (number, tree) in rules {
        let at = program.len();
        let number = u32::try_from(*number).expect("numbers of calls are small");
        program.push(Instruction {
            code: IF_EQUAL,
            jt: 0,
            jf: 0,
            k: number,
        });
        tree.assemble(&mut program);
        program[at].jf = distance(at, program.len());
    }
    program.push(end(Action::Allow));
    program
}

/// The instructions as they lie in memory.
pub fn bytes(program: &[Instruction]) -> Vec<u8> {
    let each = |at: &Instruction| {
        let [a, b] = at.code.to_ne_bytes();
        let [c, d, e, f] = at.k.to_ne_bytes();
        [a, b, at.jt, at.jf, c, d, e, f]
    };
    program.iter().flat_map(each).collect()
}
