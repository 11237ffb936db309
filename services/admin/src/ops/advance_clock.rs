//! AdvanceClock: moves the services' time forward, on a store that was made for it. The world's time, by which signatures are judged,
//! stays. What falls due on the way runs within a second.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{INSTALLATION, Installation};
use alcazar_store::Scope;
use wire_alcazar as wire;

use crate::model::{duration, guard, installation};

pub(crate) struct AdvanceClock;

impl Operation for AdvanceClock {
    type Shape = wire::AdvanceClock;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::ADVANCE_CLOCK, guard(view, "clock").await?, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        if !installation(call.view()).await?.movable_clock {
            let message = "This store was not created with --test-clock; its clock cannot be moved.";
            return Err(wire::ClockNotMovableException::new(message).into());
        }
        let by = duration(&call.input().duration).ok_or_else(|| {
            wire::ValidationException::new("The duration must be more than nothing and at most a century.")
        })?;
        let clock = call.clock();
        let wall = clock.wall();
        let mut ahead = None;
        let committed = call
            .commit(|tx, _| {
                let row = tx.get(&INSTALLATION, Scope::Installation, Installation::KEY)?;
                let mut row = row.map(|row| (*row).clone()).ok_or_else(|| {
                    wire::InternalServiceException::new("the store has no installation row")
                })?;
                let total = row.ahead() + by;
                row.ahead_millis = u64::try_from(total.as_millis()).unwrap_or(u64::MAX);
                tx.put(&INSTALLATION, Scope::Installation, Installation::KEY, &row)?;
                ahead = Some(total);
                Ok(wire::AdvanceClockResponse { now: Some(wall.plus(total)) })
            })
            .await?;
        // Only what is durable moves the clock; a restart reads the row.
        if let Some(ahead) = ahead {
            clock.set_ahead(ahead);
        }
        Ok(committed)
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"Duration": "400d"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn the_services_time_moves_and_the_next_call_still_signs() {
        let world = World::of(&[crate::SERVICE]).await;
        let _ = world.call("alcazar:AdvanceClock", r#"{"Duration": "400d"}"#).await.ok();
        let clock = world.call("alcazar:GetClock", "{}").await.ok().json();
        let (now, wall) = (clock["Now"].as_f64().unwrap(), clock["Wall"].as_f64().unwrap());
        assert!((now - wall - 400.0 * 86_400.0).abs() < 1e-6, "{clock}");
    }

    #[tokio::test]
    async fn a_duration_of_nothing_is_refused() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("alcazar:AdvanceClock", r#"{"Duration": "0s"}"#).await;
        assert_eq!((answer.status, answer.text("/__type")), (400, "ValidationException".to_owned()));
    }
}
