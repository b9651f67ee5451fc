//! Two clients of one mailbox act at random. CLIENTELE_ROUNDS makes a long run of it, CLIENTELE_SEED another one.

use crate::round::{self, Round, Told};
use rand::Rng as _;
use std::time::Duration;

async fn play(seed: u64, told: Told) {
    let mut round = Round::new(seed, told).await;
    for _ in 0..3 {
        for _ in 0..round.random.random_range(6..18) {
            match round.random.random_range(0..100) {
                0..40 => round.other_acts(true),
                40..75 => round.we_act().await,
                75..83 => {
                    round.sync().await;
                }
                83..91 => round.sync_meanwhile().await,
                91..94 => round.jump(),
                94..97 => {
                    round.say("restart".into());
                    round.stop().await;
                    round.start(false).await;
                }
                _ => watched(&mut round).await,
            }
        }
        round.settle().await;
    }
    round.stop().await;
}

/// The tasks of a window run for a while, and both sides act.
async fn watched(round: &mut Round) {
    round.say("tasks begin".into());
    round.stop().await;
    round.start(true).await;
    for _ in 0..round.random.random_range(2..8) {
        let wait = round.random.random_range(0..150);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        if round.random.random_bool(0.5) { round.other_acts(false) } else { round.we_act().await }
    }
    round.stop().await;
    round.start(false).await;
    round.say("tasks ended".into());
}

#[test]
fn two_clients_of_one_mailbox_agree_when_they_come_to_rest() {
    round::rounds("the model", 4, play);
}
