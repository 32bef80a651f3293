//! Memory lies at the same addresses each time where that was asked for.

mod common;

use std::process::Command;

use common::{Ground, LIMIT};
use counterproof_sandbox::{Layer, launch};

/// Where the interpreter keeps `None`, once in each of some processes.
fn places(fixed: bool, without: &[Layer]) -> Vec<String> {
    let place = |_| {
        let ground = Ground::new();
        let mut policy = ground.policy();
        policy.without = without.to_vec();
        let mut spec = ground.spec_under("say(id(None))", policy);
        spec.fixed_addresses = fixed;
        let mut contained = launch(spec).expect("python starts");
        let pipes = contained.take_pipes().expect("nobody has them yet");
        let mut said = String::new();
        std::io::Read::read_to_string(&mut std::fs::File::from(pipes.control_out), &mut said).expect("it speaks");
        contained.wait(LIMIT).expect("it ends");
        said
    };
    (0..3).map(place).collect()
}

/// Whether this system lets a program have its addresses fixed: containers often do not.
fn can_be_fixed() -> bool {
    let there = Command::new("setarch").args(["-R", "true"]).status();
    there.is_ok_and(|status| status.success())
}

#[test]
fn addresses_are_fixed_where_asked_for_and_as_the_system_has_them_otherwise() {
    if !can_be_fixed() {
        return;
    }
    for without in [&[][..], &[Layer::Namespaces]] {
        let fixed = places(true, without);
        assert!(
            !fixed[0].is_empty() && fixed.iter().all(|place| *place == fixed[0]),
            "{fixed:?}"
        );
    }
    let random = std::fs::read_to_string("/proc/sys/kernel/randomize_va_space").is_ok_and(|on| on.trim() == "2");
    let free = places(false, &[]);
    assert!(!random || free.iter().any(|place| *place != free[0]), "{free:?}");
}
