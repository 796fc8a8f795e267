//! What holds for every history.

use std::collections::BTreeSet;

use claviger_policy::{Decision, Replays, Uses, decide};
use proptest::prelude::*;

use crate::fixture::{NOW, summary};
use crate::history::{
    PROBES, answers, applied, apply, final_states, history, history_and_order, switched_off,
};

proptest! {
    #[test]
    fn the_order_of_changes_does_not_matter((log, order) in history_and_order()) {
        let in_order = applied(&log);
        let shuffled = applied(order.iter().map(|place| &log[*place]));
        prop_assert_eq!(answers(&shuffled), answers(&in_order));
        prop_assert_eq!(shuffled.number(), in_order.number());
        prop_assert_eq!(shuffled.route_conflicts(), in_order.route_conflicts());
        prop_assert_eq!(shuffled.credentials(), in_order.credentials());
    }

    #[test]
    fn no_order_of_changes_lets_a_switched_off_credential_in((log, order) in history_and_order()) {
        let off = switched_off(&log);
        let snapshot = applied(order.iter().map(|place| &log[*place]));
        let uses = Uses::default();
        let replays = Replays::default();
        for probe in PROBES.iter().filter(|probe| off.contains(&probe.credential)) {
            let decision = decide(&snapshot, &probe.ask.request(&uses, &replays), NOW);
            prop_assert!(matches!(decision, Decision::Deny(_)), "{:?}", probe.ask);
        }
    }

    #[test]
    fn the_log_gives_what_a_fresh_load_gives(log in history()) {
        let states = final_states(&log);
        let mut loaded = applied(states.iter().rev());
        loaded.reached(log[log.len() - 1].number);
        let followed = applied(&log);
        prop_assert_eq!(answers(&followed), answers(&loaded));
        prop_assert_eq!(followed.number(), loaded.number());
        prop_assert_eq!(followed.route_conflicts(), loaded.route_conflicts());
        prop_assert_eq!(followed.credentials(), loaded.credentials());
        prop_assert_eq!(followed.accounts().count(), loaded.accounts().count());
    }

    #[test]
    fn later_changes_do_not_touch_an_earlier_clone(log in history(), at in any::<prop::sample::Index>()) {
        let (before, after) = log.split_at(at.index(log.len()));
        let mut snapshot = applied(before);
        let clone = snapshot.clone();
        let answered = answers(&clone);
        for change in after {
            apply(&mut snapshot, change);
        }
        prop_assert_eq!(answers(&clone), answered);
        prop_assert_eq!(clone.number().0, before.len() as u64);
        prop_assert_eq!(answers(&snapshot), answers(&applied(&log)));
    }

    #[test]
    fn a_decision_depends_on_its_arguments_alone(log in history()) {
        let snapshot = applied(&log);
        let uses = Uses::default();
        let replays = Replays::default();
        for probe in PROBES.iter() {
            let request = probe.ask.request(&uses, &replays);
            let answer = summary(&decide(&snapshot, &request, NOW));
            prop_assert_eq!(summary(&decide(&snapshot, &request, NOW)), answer.clone());
            prop_assert_eq!(summary(&decide(&snapshot.clone(), &request, NOW)), answer);
        }
    }
}

/// The properties would hold of histories in which nothing happens, too.
#[test]
fn histories_and_probes_reach_most_reasons() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut codes = BTreeSet::new();
    for _ in 0..64 {
        let log = history().new_tree(&mut runner).unwrap().current();
        let words =
            answers(&applied(&log)).into_iter().map(|answer| answer.split(' ').next().unwrap().to_owned());
        codes.extend(words);
    }
    for code in [
        "http://up/items",
        "address_not_allowed",
        "disabled",
        "expired",
        "insufficient_permission",
        "method_not_allowed",
        "not_yet_valid",
        "pending_activation",
        "revoked",
        "unknown_credential",
        "unknown_endpoint",
        "version_mixed",
        "wrong_api",
        "wrong_environment",
    ] {
        assert!(codes.contains(code), "{code} is not among {codes:?}");
    }
}
